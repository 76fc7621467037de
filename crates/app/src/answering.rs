//! What people do about exceptions: answer, remediate, retest, withdraw.

use std::{fs, path::Path};

use jiff::civil::Date;
use serde::Deserialize;
use tickmark_domain::{
    Command, ExceptionId, ExceptionOrigin, ExceptionState, PersonId, ProposeWithdrawal, Refusal, RemediateException,
    RespondToException, Retest, RetestException, WithdrawException,
};

use crate::{Error, House, packaging::io_error, written::Written};

/// A filled file of responses.
pub const RESPONSES_EXAMPLE: &str = include_str!("../formats/responses.toml");

/// One of management's responses: to an exception, or to every standing one of a control test.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResponsePart {
    /// The exception.
    pub exception: Option<String>,
    /// The control test.
    pub test: Option<String>,
    /// Cause, effect, what will be done.
    pub text: String,
    /// Which role of the catalog sees to it.
    pub owner: Option<String>,
    /// By which day it is to be done.
    pub due_on: Option<Date>,
}

/// Which exceptions were answered.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Answered {
    /// Those answered.
    pub exceptions: Vec<String>,
    /// Exceptions and control tests of the file for which there was nothing to answer.
    pub nothing_to_answer: Vec<String>,
}

/// Why an exception is none.
#[derive(Debug, Clone)]
pub struct Withdrawal<'a> {
    /// The exception.
    pub exception: ExceptionId,
    /// The reason.
    pub reason: &'a str,
    /// The file that shows it.
    pub evidence: &'a Path,
}

impl House {
    /// Answers exceptions as a file says, all at once.
    pub fn respond_from_file(&mut self, author: &PersonId, path: &Path) -> Result<Answered, Error> {
        self.respond_as(author, &Written::read(path)?)
    }

    pub(crate) fn respond_as(&mut self, author: &PersonId, file: &Written) -> Result<Answered, Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            response: Vec<ResponsePart>,
        }
        let parts = file.parse::<File>()?.response;
        let (mut answered, mut texts) = (Answered::default(), Vec::new());
        for part in &parts {
            let text = self.response_text(part, file)?;
            let (named, ids) = match (&part.exception, &part.test) {
                (Some(exception), None) => (exception, vec![exception.parse()?]),
                (None, Some(test)) if self.catalog().tests.contains_key(test.as_str()) => {
                    (test, self.unanswered_of(test))
                }
                (None, Some(test)) => {
                    return Err(file.refuse(test, &format!("the catalog has no control test `{test}`")));
                }
                _ => return Err(file.refuse(&part.text, "a response names an exception or a control test, not both")),
            };
            if ids.is_empty() {
                answered.nothing_to_answer.push(named.clone());
            }
            texts.extend(ids.into_iter().map(|id| (id, text.clone())));
        }
        answered.exceptions = texts.iter().map(|(id, _): &(ExceptionId, String)| id.to_string()).collect();
        self.respond(author, &texts)?;
        Ok(answered)
    }

    /// The exceptions of a control test that an answer is open to.
    fn unanswered_of(&self, test: &str) -> Vec<ExceptionId> {
        let open = |state| matches!(state, ExceptionState::Open | ExceptionState::Responded);
        let is_of_test = |origin: &ExceptionOrigin| origin.control_test().is_some_and(|of| of.as_str() == test);
        let of_test = self.state().exceptions.iter().filter(|(_, e)| is_of_test(&e.origin) && open(e.state));
        of_test.map(|(id, _)| id.clone()).collect()
    }

    /// The text as it is kept and printed: with who sees to it and by when, where the file says so.
    fn response_text(&self, part: &ResponsePart, file: &Written) -> Result<String, Error> {
        let owner = match &part.owner {
            None => None,
            Some(role) => {
                let known = self.catalog().roles.get(role.as_str());
                let known = known.ok_or_else(|| file.refuse(role, &format!("the catalog has no role `{role}`")))?;
                Some(known.title.as_str())
            }
        };
        let text = part.text.trim_end();
        Ok(match (owner, part.due_on) {
            (None, None) => text.to_owned(),
            (Some(owner), None) => format!("{text} Seen to by: {owner}."),
            (None, Some(due_on)) => format!("{text} Due on {due_on}."),
            (Some(owner), Some(due_on)) => format!("{text} Seen to by: {owner}; due on {due_on}."),
        })
    }

    /// Answers exceptions, all at once.
    pub fn respond(&mut self, author: &PersonId, responses: &[(ExceptionId, String)]) -> Result<(), Error> {
        if responses.is_empty() {
            return Ok(());
        }
        let texts: Vec<&str> = responses.iter().map(|(_, text)| text.as_str()).collect();
        let texts = self.put_texts(&texts)?;
        let commands = responses.iter().zip(texts).map(|((exception, _), response)| {
            Command::RespondToException(RespondToException { exception: exception.clone(), response })
        });
        self.execute_all(author, commands.collect()).map(drop)
    }

    /// Says since which day the cause of an exception is right.
    pub fn remediate(
        &mut self,
        author: &PersonId,
        exception: ExceptionId,
        text: &str,
        remediated_on: Date,
    ) -> Result<(), Error> {
        let remediation = self.put_text(text)?;
        let command = RemediateException { exception, remediation, remediated_on };
        self.execute(author, Command::RemediateException(command)).map(drop)
    }

    /// Closes a remediated exception by a test over later days: the one named, or the newest run of its control test.
    pub fn retest(
        &mut self,
        author: &PersonId,
        exception: ExceptionId,
        retest: Option<Retest>,
    ) -> Result<Retest, Error> {
        let unknown = || Refusal::UnknownException(exception.clone());
        let origin = &self.state().exceptions.get(&exception).ok_or_else(unknown)?.origin;
        let results = || self.state().results.get(origin.control_test()?);
        let newest = || results()?.last().map(|result| Retest::Run(result.run.clone()));
        let missing = || Error::Unknown { kind: "run of control test", name: origin.to_string() };
        let retest = retest.or_else(newest).ok_or_else(missing)?;
        let command = RetestException { exception, retest: retest.clone() };
        self.execute(author, Command::RetestException(command))?;
        Ok(retest)
    }

    /// Proposes to withdraw what is no exception. The evidence is kept sealed, since it may be about people.
    pub fn propose_withdrawal(&mut self, author: &PersonId, withdrawal: &Withdrawal<'_>) -> Result<(), Error> {
        let path = withdrawal.evidence;
        let evidence = self.vault.put_sealed(&fs::read(path).map_err(io_error("read", path))?)?;
        let command = ProposeWithdrawal {
            exception: withdrawal.exception.clone(),
            reason: self.put_text(withdrawal.reason)?,
            evidence,
        };
        self.execute(author, Command::ProposeWithdrawal(command)).map(drop)
    }

    /// Withdraws an exception as a second person, on the proposal of the first.
    pub fn withdraw(&mut self, author: &PersonId, exception: ExceptionId) -> Result<(), Error> {
        self.execute(author, Command::WithdrawException(WithdrawException { exception })).map(drop)
    }
}

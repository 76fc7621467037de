//! The scope as lists: its items, the firm's comments and management's answers.

use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use tickmark_domain::{AnswerScopeComment, Command, CommentOnScope, EngagementId, PersonId};

use crate::{Error, House};

/// A filled scope: that of the sample company.
pub const SCOPE_EXAMPLE: &str = include_str!("../formats/scope.toml");

/// One line of the scope.
#[derive(Debug, Clone, Serialize)]
pub struct ScopeLine {
    /// The item.
    pub id: String,
    /// What kind of thing it is.
    pub kind: &'static str,
    /// What it is called.
    pub name: String,
    /// What is said of it.
    pub text: String,
    /// From which day the newest version is so.
    pub effective_on: Date,
    /// How many versions there are.
    pub versions: u64,
    /// The first day on which it is not in scope.
    pub retired_on: Option<Date>,
    /// The entry of the newest version.
    pub entry: u64,
}

/// A comment of the firm.
#[derive(Debug, Clone, Serialize)]
pub struct CommentLine {
    /// The engagement.
    pub engagement: String,
    /// Its number there.
    pub number: u32,
    /// The item that it is about.
    pub item: Option<String>,
    /// What the firm said.
    pub comment: String,
    /// Who said it.
    pub by: String,
    /// When.
    pub said_at: Timestamp,
    /// Whether it came before the period opened.
    pub before_the_period: bool,
    /// Management's answers, oldest first.
    pub answers: Vec<String>,
}

impl House {
    /// Every scope item, by kind and id.
    pub fn scope(&self) -> Result<Vec<ScopeLine>, Error> {
        let state = self.state();
        let newest = state.scope.iter().filter_map(|(id, record)| Some((id, record, record.versions.last()?)));
        let mut lines = newest
            .map(|(id, record, newest)| {
                Ok(ScopeLine {
                    id: id.to_string(),
                    kind: newest.item.facts.kind(),
                    name: self.text(&newest.item.name)?,
                    text: self.text(&newest.item.text)?,
                    effective_on: newest.effective_on,
                    versions: record.versions.len() as u64,
                    retired_on: record.retired().map(|retirement| retirement.retired_on),
                    entry: newest.entry,
                })
            })
            .collect::<Result<Vec<_>, Error>>()?;
        lines.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
        Ok(lines)
    }

    /// The firm's comments on the scope, of one engagement or of all.
    pub fn scope_comments(&self, only: Option<&EngagementId>) -> Result<Vec<CommentLine>, Error> {
        let state = self.state();
        let mut lines = Vec::new();
        for (id, engagement) in state.engagements.iter().filter(|(id, _)| only.is_none_or(|only| only == *id)) {
            for (number, comment) in &engagement.scope_comments {
                let said_on = state.local_date(comment.said_at);
                lines.push(CommentLine {
                    engagement: id.to_string(),
                    number: *number,
                    item: comment.item.as_ref().map(ToString::to_string),
                    comment: self.text(&comment.comment)?,
                    by: comment.by.to_string(),
                    said_at: comment.said_at,
                    before_the_period: said_on.is_some_and(|on| on < engagement.report_type.span().first),
                    answers: comment
                        .answers
                        .iter()
                        .map(|answer| self.text(&answer.answer))
                        .collect::<Result<_, Error>>()?,
                });
            }
        }
        Ok(lines)
    }

    /// The firm comments on the scope of an engagement.
    pub fn comment_on_scope(
        &mut self,
        author: &PersonId,
        engagement: EngagementId,
        item: Option<&str>,
        comment: &str,
    ) -> Result<(), Error> {
        let (item, comment) = (item.map(str::parse).transpose()?, self.put_text(comment)?);
        self.execute(author, Command::CommentOnScope(CommentOnScope { engagement, item, comment })).map(drop)
    }

    /// Management answers a comment of the firm.
    pub fn answer_scope_comment(
        &mut self,
        author: &PersonId,
        engagement: EngagementId,
        number: u32,
        answer: &str,
    ) -> Result<(), Error> {
        let answer = self.put_text(answer)?;
        let command = AnswerScopeComment { engagement, number, answer };
        self.execute(author, Command::AnswerScopeComment(command)).map(drop)
    }
}

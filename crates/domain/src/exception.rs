//! Exceptions: what management's tests returned, and what was done about it.
//!
//! An exception is one fact per control test and cause, or per management test; its items are followed over time by their
//! keys. Nothing is ever taken away: an exception fixed in time, or withdrawn because it was none, stays and shows.

use std::{collections::BTreeSet, fmt};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{
    Assessment, Author, CatalogIndex, ControlId, Event, ExceptionId, ManagementTestId, Outcome, PersonId, Recorded,
    Refusal, Role, RunId, Side, Sighting, Span, State, TestExtent, TestId, TestResult, TestStage,
    observed_days::day_after,
};

/// Where an exception stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ExceptionState {
    /// Nobody has answered it.
    Open,
    /// Its cause and effect were answered for.
    Responded,
    /// What caused it was put right.
    Remediated,
    /// A later run over days after the remediation found none.
    Retested,
    /// It was no exception: reason, evidence and a second person say so.
    Withdrawn,
}

impl fmt::Display for ExceptionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "OPEN",
            Self::Responded => "RESPONDED",
            Self::Remediated => "REMEDIATED",
            Self::Retested => "RETESTED",
            Self::Withdrawn => "WITHDRAWN",
        })
    }
}

/// A control test returned items for the first time over these days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExceptionRaised {
    /// The exception.
    pub exception: ExceptionId,
    /// The control test.
    pub test: TestId,
    /// The run.
    pub run: RunId,
    /// The days tested.
    pub span: Span,
    /// How many items.
    pub items: u64,
    /// Their keys (vault object: sorted HMACs).
    pub keys: Digest,
    /// Their rows (vault object).
    pub rows: Digest,
}

/// Items of a management test lack an attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttributeExceptionRaised {
    /// The exception.
    pub exception: ExceptionId,
    /// The management test.
    pub management_test: ManagementTestId,
    /// The control tested.
    pub control: ControlId,
    /// The days tested.
    pub span: Span,
    /// How many items.
    pub items: u64,
    /// Those among them that an earlier management test of the control found.
    pub seen_before: u64,
    /// Their keys (vault object: sorted HMACs).
    pub keys: Digest,
    /// The items tested with their answers (vault object, sealed).
    pub table: Digest,
}

/// Answer an exception: cause, effect, what will be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RespondToException {
    /// The exception.
    pub exception: ExceptionId,
    /// The response (vault text).
    pub response: Digest,
}

/// An exception was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExceptionResponded {
    /// The exception.
    pub exception: ExceptionId,
    /// The response (vault text).
    pub response: Digest,
}

/// Say that the cause was put right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemediateException {
    /// The exception.
    pub exception: ExceptionId,
    /// What was done (vault text).
    pub remediation: Digest,
    /// Since which day it is right.
    pub remediated_on: Date,
}

/// The cause was put right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExceptionRemediated {
    /// The exception.
    pub exception: ExceptionId,
    /// What was done (vault text).
    pub remediation: Digest,
    /// Since which day it is right.
    pub remediated_on: Date,
}

/// What tested again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Retest {
    /// A run of control tests.
    Run(RunId),
    /// A management test.
    ManagementTest(ManagementTestId),
}

/// Close a remediated exception by a test over days after the remediation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetestException {
    /// The exception.
    pub exception: ExceptionId,
    /// What tested again.
    pub retest: Retest,
}

/// A later run over days after the remediation found none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExceptionRetested {
    /// The exception.
    pub exception: ExceptionId,
    /// The run that tested again.
    pub run: RunId,
}

/// A later management test over days after the remediation found none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExceptionRetestedByManagementTest {
    /// The exception.
    pub exception: ExceptionId,
    /// The management test that tested again.
    pub management_test: ManagementTestId,
}

/// Propose that it was no exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposeWithdrawal {
    /// The exception.
    pub exception: ExceptionId,
    /// Why (vault text).
    pub reason: Digest,
    /// What shows it (vault object).
    pub evidence: Digest,
}

/// Somebody proposed that it was no exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WithdrawalProposed {
    /// The exception.
    pub exception: ExceptionId,
    /// Why (vault text).
    pub reason: Digest,
    /// What shows it (vault object).
    pub evidence: Digest,
}

/// Agree that it was no exception: the act of a second person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithdrawException {
    /// The exception.
    pub exception: ExceptionId,
}

/// It was no exception, says a second person; it stays visible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExceptionWithdrawn {
    /// The exception.
    pub exception: ExceptionId,
    /// Entry of the proposal that the second person agreed to.
    pub proposal: u64,
}

/// A proposal that it was no exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// Why (vault text).
    pub reason: Digest,
    /// What shows it (vault object).
    pub evidence: Digest,
    /// Who proposed it.
    pub proposed_by: PersonId,
    /// Entry of the proposal.
    pub entry: u64,
    /// Who agreed.
    pub agreed_by: Option<PersonId>,
}

/// What found an exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExceptionOrigin {
    /// A control test: its items are rows that came back.
    ControlTest(TestId),
    /// A management test: its items lack an attribute.
    ManagementTest {
        /// The management test.
        management_test: ManagementTestId,
        /// The control that it tested.
        control: ControlId,
    },
}

impl ExceptionOrigin {
    /// The control test, where one found it.
    pub fn control_test(&self) -> Option<&TestId> {
        match self {
            Self::ControlTest(test) => Some(test),
            Self::ManagementTest { .. } => None,
        }
    }

    /// The management test, where one found it.
    pub fn management_test(&self) -> Option<&ManagementTestId> {
        match self {
            Self::ManagementTest { management_test, .. } => Some(management_test),
            Self::ControlTest(_) => None,
        }
    }

    /// Whether a control is among those concerned.
    pub fn is_about(&self, control: &ControlId, catalog: &CatalogIndex) -> bool {
        match self {
            Self::ControlTest(test) => catalog.tests.get(test).is_some_and(|rule| rule.controls.contains(control)),
            Self::ManagementTest { control: tested, .. } => tested == control,
        }
    }

    /// The controls concerned: those that the control test is about, by the catalog in force, or the one tested.
    pub fn controls(&self, catalog: &CatalogIndex) -> BTreeSet<ControlId> {
        match self {
            Self::ControlTest(test) => catalog.tests.get(test).map(|rule| rule.controls.clone()).unwrap_or_default(),
            Self::ManagementTest { control, .. } => [control.clone()].into(),
        }
    }
}

impl fmt::Display for ExceptionOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ControlTest(test) => write!(f, "{test}"),
            Self::ManagementTest { management_test, .. } => write!(f, "{management_test}"),
        }
    }
}

/// An exception as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// What found it.
    pub origin: ExceptionOrigin,
    /// The days tested.
    pub span: Span,
    /// How many items the newest run returned.
    pub items: u64,
    /// Most items that any run returned.
    pub most_items: u64,
    /// Their keys (vault object: sorted HMACs).
    pub keys: Digest,
    /// Their rows (vault object); of a management test the table of all items tested.
    pub rows: Digest,
    /// Items that an earlier management test of the control had found.
    pub seen_before: u64,
    /// What it was seen with, oldest first: by the test that raised it, then by each run that saw other items than the one before.
    pub sightings: Vec<Sighting>,
    /// Entry of the test that saw it first.
    pub first_seen: u64,
    /// Entry of the test that saw it last with other items than before.
    pub last_seen: u64,
    /// Where it stands.
    pub state: ExceptionState,
    /// The states it went through, each with the entry that brought it there.
    pub history: Vec<(ExceptionState, u64)>,
    /// The newest response (vault text).
    pub response: Option<Digest>,
    /// The remediation (vault text) and the day since which it holds.
    pub remediation: Option<(Digest, Date)>,
    /// The test that found none after the remediation.
    pub retest: Option<Retest>,
    /// The newest assessment.
    pub assessment: Option<Assessment>,
    /// The newest proposal that it was none.
    pub withdrawal: Option<Withdrawal>,
}

impl Exception {
    fn raised(
        origin: ExceptionOrigin,
        span: Span,
        items: u64,
        keys: Digest,
        rows: Digest,
        recorded: &Recorded,
    ) -> Self {
        let entry = recorded.index;
        Self {
            origin,
            span,
            items,
            most_items: items,
            keys,
            rows,
            seen_before: 0,
            sightings: vec![Sighting::first(items, keys, rows, recorded)],
            first_seen: entry,
            last_seen: entry,
            state: ExceptionState::Open,
            history: vec![(ExceptionState::Open, entry)],
            response: None,
            remediation: None,
            retest: None,
            assessment: None,
            withdrawal: None,
        }
    }
}

pub(crate) fn decide_respond(
    state: &State,
    author: &Author,
    command: RespondToException,
) -> Result<Vec<Event>, Refusal> {
    state.require_one_of(author, &[Role::ControlOwner, Role::ComplianceLead])?;
    state.require_exception(&command.exception, &[ExceptionState::Open, ExceptionState::Responded])?;
    Ok(vec![Event::ExceptionResponded(ExceptionResponded { exception: command.exception, response: command.response })])
}

pub(crate) fn decide_remediate(
    state: &State,
    author: &Author,
    command: RemediateException,
) -> Result<Vec<Event>, Refusal> {
    state.require_one_of(author, &[Role::ControlOwner, Role::ComplianceLead])?;
    let exception = state.require_exception(&command.exception, &[ExceptionState::Responded])?;
    state.require_past(author, command.remediated_on)?;
    let first = exception.span.first;
    if command.remediated_on < first {
        return Err(Refusal::RemediatedBeforeException { exception: command.exception, first });
    }
    Ok(vec![Event::ExceptionRemediated(ExceptionRemediated {
        exception: command.exception,
        remediation: command.remediation,
        remediated_on: command.remediated_on,
    })])
}

pub(crate) fn decide_retest(
    state: &State,
    author: &Author,
    catalog: &CatalogIndex,
    command: RetestException,
) -> Result<Vec<Event>, Refusal> {
    state.require_one_of(author, &[Role::ComplianceLead, Role::ControlOwner])?;
    let RetestException { exception: id, retest } = command;
    let exception = state.require_exception(&id, &[ExceptionState::Remediated])?;
    let after_remediation = |span: Span| exception.remediation.is_none_or(|(_, on)| span.first > on);
    let left = state.days_to_retest(exception);
    let event = match retest {
        Retest::Run(run) => {
            require_run_retests(state, catalog, exception, &run, after_remediation, left)?;
            Event::ExceptionRetested(ExceptionRetested { exception: id.clone(), run })
        }
        Retest::ManagementTest(management_test) => {
            let test = state.reviewed_management_test(&management_test)?;
            let details = &test.details;
            let tests_again = details.stage == TestStage::Operation && details.items > 0;
            let of_control = exception.origin.controls(catalog).contains(&details.control);
            if !(tests_again && of_control && after_remediation(details.span)) {
                return Err(Refusal::RetestWithoutManagementTest(management_test));
            }
            if details.exceptions > 0 {
                return Err(Refusal::StillFound(details.exceptions));
            }
            require_reached(left, &[details.span])?;
            if let TestExtent::Sample(sample) = &details.extent {
                state.require_sample(sample, Side::Management, &details.control, details.items)?;
            }
            Event::ExceptionRetestedByManagementTest(ExceptionRetestedByManagementTest {
                exception: id.clone(),
                management_test,
            })
        }
    };
    state.require_none_since(&id, exception)?;
    Ok(vec![event])
}

/// A run tests again by the same control test, or where people had tested, by any about their control.
fn require_run_retests(
    state: &State,
    catalog: &CatalogIndex,
    exception: &Exception,
    run: &RunId,
    after_remediation: impl Fn(Span) -> bool,
    left: Option<Span>,
) -> Result<(), Refusal> {
    let is_retest = |test: &TestId| match &exception.origin {
        ExceptionOrigin::ControlTest(of) => test == of,
        ExceptionOrigin::ManagementTest { control, .. } => {
            catalog.tests.get(test).is_some_and(|rule| rule.controls.contains(control))
        }
    };
    let tests = state.results.iter().filter(|(test, _)| is_retest(test));
    let of_run = tests.filter_map(|(test, results)| {
        results.iter().rev().find(|result| result.run == *run).map(|result| (test, result))
    });
    let later: Vec<_> = of_run.filter(|(_, result)| after_remediation(result.span)).collect();
    if let Some((_, found)) = later.iter().find(|(_, result)| result.outcome == Outcome::Exceptions) {
        return Err(Refusal::StillFound(found.exceptions));
    }
    // A retest that could not look, or had nothing to look at, shows nothing.
    if later.is_empty() || later.iter().any(|(_, result)| result.outcome != Outcome::NoExceptions) {
        return Err(Refusal::RetestWithoutResult(run.clone()));
    }
    for (test, result) in &later {
        state.newest_result_at(test, result.entry)?;
    }
    let looked_at: Vec<Span> = later.iter().filter_map(|(_, result)| result.days_looked_at()).collect();
    require_reached(left, &looked_at)
}

/// Refuses a retest that leaves out days on which the exception may lie: one over a quiet week would close what came after it.
fn require_reached(left: Option<Span>, looked_at: &[Span]) -> Result<(), Refusal> {
    match left.and_then(|left| left.first_gap(looked_at.iter().copied())) {
        None => Ok(()),
        Some(Span { first, last }) => Err(Refusal::RetestLeavesDays { first, last }),
    }
}

const WITHDRAWN_FROM: [ExceptionState; 3] =
    [ExceptionState::Open, ExceptionState::Responded, ExceptionState::Remediated];

pub(crate) fn decide_propose(
    state: &State,
    author: &Author,
    command: ProposeWithdrawal,
) -> Result<Vec<Event>, Refusal> {
    state.require_one_of(author, &[Role::ControlOwner, Role::ComplianceLead])?;
    state.require_exception(&command.exception, &WITHDRAWN_FROM)?;
    let ProposeWithdrawal { exception, reason, evidence } = command;
    Ok(vec![Event::WithdrawalProposed(WithdrawalProposed { exception, reason, evidence })])
}

pub(crate) fn decide_withdraw(
    state: &State,
    author: &Author,
    command: WithdrawException,
) -> Result<Vec<Event>, Refusal> {
    state.require_one_of(author, &[Role::ComplianceLead, Role::Executive])?;
    let exception = state.require_exception(&command.exception, &WITHDRAWN_FROM)?;
    let proposed = exception.withdrawal.as_ref();
    let proposed = proposed.ok_or_else(|| Refusal::WithdrawalNotProposed(command.exception.clone()))?;
    if proposed.proposed_by == author.person {
        return Err(Refusal::SecondPersonMissing(author.person.clone()));
    }
    let proposal = proposed.entry;
    Ok(vec![Event::ExceptionWithdrawn(ExceptionWithdrawn { exception: command.exception, proposal })])
}

impl State {
    /// The exception of a control test over these days that still stands (was not withdrawn).
    pub fn standing_exception(&self, test: &TestId, span: Span) -> Option<(&ExceptionId, &Exception)> {
        self.exceptions.iter().find(|(_, exception)| {
            exception.origin.control_test() == Some(test)
                && exception.span == span
                && exception.state != ExceptionState::Withdrawn
        })
    }

    /// Refuses to close an exception while the same test, over days after the remediation, found what nobody put right yet: no
    /// quieter days beside them show that the cause is gone.
    fn require_none_since(&self, id: &ExceptionId, exception: &Exception) -> Result<(), Refusal> {
        let same_test = |other: &Exception| match (&exception.origin, &other.origin) {
            (ExceptionOrigin::ControlTest(of), ExceptionOrigin::ControlTest(test)) => of == test,
            (
                ExceptionOrigin::ManagementTest { control: of, .. },
                ExceptionOrigin::ManagementTest { control: tested, .. },
            ) => of == tested,
            (ExceptionOrigin::ControlTest(_), ExceptionOrigin::ManagementTest { .. })
            | (ExceptionOrigin::ManagementTest { .. }, ExceptionOrigin::ControlTest(_)) => false,
        };
        let since = |other: &Exception| exception.remediation.is_some_and(|(_, on)| other.span.first > on);
        let unanswered = |other: &Exception| matches!(other.state, ExceptionState::Open | ExceptionState::Responded);
        let mut others = self.exceptions.iter().filter(|(other, _)| *other != id);
        match others.find(|(_, other)| same_test(other) && since(other) && unanswered(other)) {
            None => Ok(()),
            Some((_, found)) => Err(Refusal::StillFound(found.items)),
        }
    }

    /// The days after the remediation on which items of an exception may lie: those up to the last that its test looked at.
    fn days_to_retest(&self, exception: &Exception) -> Option<Span> {
        let newest = exception.origin.control_test().and_then(|test| self.newest_result(test, exception.span));
        let last = newest.and_then(TestResult::days_looked_at).map_or(exception.span.last, |days| days.last);
        let (_, remediated_on) = exception.remediation?;
        let first = day_after(remediated_on);
        (first <= last).then_some(Span { first, last })
    }

    pub(crate) fn require_exception(&self, id: &ExceptionId, from: &[ExceptionState]) -> Result<&Exception, Refusal> {
        let exception = self.exceptions.get(id).ok_or_else(|| Refusal::UnknownException(id.clone()))?;
        if from.contains(&exception.state) {
            return Ok(exception);
        }
        Err(Refusal::ExceptionNotThere { exception: id.clone(), state: exception.state })
    }

    pub(crate) fn move_exception(&mut self, id: &ExceptionId, to: ExceptionState, recorded: &Recorded) {
        if let Some(exception) = self.exceptions.get_mut(id) {
            exception.state = to;
            exception.history.push((to, recorded.index));
        }
    }

    pub(crate) fn apply_exception_raised(&mut self, event: &ExceptionRaised, recorded: &Recorded) {
        let origin = ExceptionOrigin::ControlTest(event.test.clone());
        let raised = Exception::raised(origin, event.span, event.items, event.keys, event.rows, recorded);
        self.exceptions.insert(event.exception.clone(), raised);
    }

    pub(crate) fn apply_attribute_exception_raised(&mut self, event: &AttributeExceptionRaised, recorded: &Recorded) {
        let origin = ExceptionOrigin::ManagementTest {
            management_test: event.management_test.clone(),
            control: event.control.clone(),
        };
        let raised = Exception::raised(origin, event.span, event.items, event.keys, event.table, recorded);
        self.exceptions.insert(event.exception.clone(), Exception { seen_before: event.seen_before, ..raised });
    }

    pub(crate) fn apply_exception_responded(&mut self, event: &ExceptionResponded, recorded: &Recorded) {
        if let Some(exception) = self.exceptions.get_mut(&event.exception) {
            exception.response = Some(event.response);
        }
        self.move_exception(&event.exception, ExceptionState::Responded, recorded);
    }

    pub(crate) fn apply_exception_remediated(&mut self, event: &ExceptionRemediated, recorded: &Recorded) {
        if let Some(exception) = self.exceptions.get_mut(&event.exception) {
            exception.remediation = Some((event.remediation, event.remediated_on));
        }
        self.move_exception(&event.exception, ExceptionState::Remediated, recorded);
    }

    pub(crate) fn apply_exception_retested(&mut self, event: &ExceptionRetested, recorded: &Recorded) {
        self.close_exception(&event.exception, Retest::Run(event.run.clone()), recorded);
    }

    pub(crate) fn apply_exception_retested_by_management_test(
        &mut self,
        event: &ExceptionRetestedByManagementTest,
        recorded: &Recorded,
    ) {
        let retest = Retest::ManagementTest(event.management_test.clone());
        self.close_exception(&event.exception, retest, recorded);
    }

    fn close_exception(&mut self, id: &ExceptionId, retest: Retest, recorded: &Recorded) {
        if let Some(exception) = self.exceptions.get_mut(id) {
            exception.retest = Some(retest);
        }
        self.move_exception(id, ExceptionState::Retested, recorded);
    }

    pub(crate) fn apply_withdrawal_proposed(&mut self, event: &WithdrawalProposed, recorded: &Recorded) {
        if let Some(exception) = self.exceptions.get_mut(&event.exception) {
            exception.withdrawal = Some(Withdrawal {
                reason: event.reason,
                evidence: event.evidence,
                proposed_by: recorded.by.clone(),
                entry: recorded.index,
                agreed_by: None,
            });
        }
    }

    pub(crate) fn apply_exception_withdrawn(&mut self, event: &ExceptionWithdrawn, recorded: &Recorded) {
        let proposal = self.exceptions.get_mut(&event.exception).and_then(|exception| exception.withdrawal.as_mut());
        if let Some(proposal) = proposal {
            proposal.agreed_by = Some(recorded.by.clone());
        }
        self.move_exception(&event.exception, ExceptionState::Withdrawn, recorded);
    }
}

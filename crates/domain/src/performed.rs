//! Records of performance: a person shows by evidence that a control was performed on a day, and which occurrence that
//! answers.
//!
//! Invariant: a record is kept however late it comes, with the moment at which it came; one that was withdrawn stays and shows.
//! Invariant: what shows a performance is from its window or later, and shows no other occurrence unless the record says why.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{Author, ControlId, Event, Frequency, PersonId, Recorded, Refusal, Role, Span, State, occurrence::Window};

/// Show that an occurrence of a control was performed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PerformControl {
    /// The control.
    pub control: ControlId,
    /// The window of the occurrence that it answers; of a control per event the day of the occasion.
    pub window: Span,
    /// The occasion's item key (HMAC), of a control per event.
    pub item: Option<Digest>,
    /// The day on which it was performed.
    pub performed_on: Date,
    /// What shows it: documents and extracts of the ledger.
    pub evidence: BTreeSet<Digest>,
    /// Why evidence of another occurrence shows this one, too (vault text).
    pub shared: Option<Digest>,
    /// What there is to say about it (vault text).
    pub note: Option<Digest>,
}

/// An occurrence of a control was performed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlPerformed {
    /// The control.
    pub control: ControlId,
    /// The window of the occurrence that it answers; of a control per event the day of the occasion.
    pub window: Span,
    /// The occasion's item key (HMAC), of a control per event.
    pub item: Option<Digest>,
    /// The day on which it was performed.
    pub performed_on: Date,
    /// What shows it: documents and extracts of the ledger.
    pub evidence: BTreeSet<Digest>,
    /// Why evidence of another occurrence shows this one, too (vault text).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared: Option<Digest>,
    /// What there is to say about it (vault text).
    pub note: Option<Digest>,
}

/// Propose to withdraw a record of performance: what it says did not happen so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposePerformanceWithdrawal {
    /// The control.
    pub control: ControlId,
    /// Entry of the record.
    pub performance: u64,
    /// Why (vault text).
    pub reason: Digest,
}

/// It was proposed to withdraw a record of performance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerformanceWithdrawalProposed {
    /// The control.
    pub control: ControlId,
    /// Entry of the record.
    pub performance: u64,
    /// Why (vault text).
    pub reason: Digest,
}

/// Agree that a record of performance says what did not happen so: the act of a second person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithdrawPerformance {
    /// The control.
    pub control: ControlId,
    /// Entry of the record.
    pub performance: u64,
}

/// A record of performance shows nothing any more, says a second person; it stays visible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerformanceWithdrawn {
    /// The control.
    pub control: ControlId,
    /// Entry of the record.
    pub performance: u64,
    /// Entry of the proposal that the second person agreed to.
    pub proposal: u64,
}

/// A proposal to withdraw a record of performance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PerformanceWithdrawal {
    /// Why (vault text).
    pub reason: Digest,
    /// Who proposed it.
    pub proposed_by: PersonId,
    /// Entry of the proposal.
    pub entry: u64,
    /// Who agreed.
    pub agreed_by: Option<PersonId>,
}

/// A record of performance as the ledger knows it. The control is the key under which [`State`] holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PerformedControl {
    /// The window of the occurrence that it answers.
    pub window: Span,
    /// The occasion's item key (HMAC), of a control per event.
    pub item: Option<Digest>,
    /// The day on which it was performed.
    pub performed_on: Date,
    /// What shows it: documents and extracts of the ledger.
    pub evidence: BTreeSet<Digest>,
    /// Why evidence of another occurrence shows this one, too (vault text).
    pub shared: Option<Digest>,
    /// What there is to say about it (vault text).
    pub note: Option<Digest>,
    /// The newest proposal to withdraw it.
    pub withdrawal: Option<PerformanceWithdrawal>,
    /// Who recorded it.
    pub by: PersonId,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Entry that recorded it.
    pub entry: u64,
}

impl PerformedControl {
    /// Whether two people said that it shows nothing.
    pub fn is_withdrawn(&self) -> bool {
        self.withdrawal.as_ref().is_some_and(|withdrawal| withdrawal.agreed_by.is_some())
    }
}

/// A leap year, and what was left of another when the frequency changed.
const LONGEST_WINDOW_DAYS: u64 = 2 * 366;

/// Asked in this order: the control, who records it, not in the future, the control in force that day, the occurrence, not
/// before it began, evidence that the ledger holds, of which no document speaks of a later day, some is from the window or later,
/// and none shows another occurrence, unless the record says why.
pub(crate) fn decide_perform(state: &State, author: &Author, command: PerformControl) -> Result<Vec<Event>, Refusal> {
    let unknown = || Refusal::UnknownControl(command.control.clone());
    let control = state.controls.get(&command.control).ok_or_else(unknown)?;
    // A control that was dropped with an earlier date was performed until that was recorded.
    let in_force = control.version_on(command.performed_on).or_else(|| state.judging(control, command.performed_on));
    let person = state.people.get(&author.person).ok_or_else(|| Refusal::UnknownPerson(author.person.clone()))?;
    let owns = in_force.into_iter().chain(control.newest()).any(|version| version.owner == author.person);
    if !owns && !person.roles.contains(&Role::ComplianceLead) {
        return Err(Refusal::NotControlOwner { person: author.person.clone(), control: command.control });
    }
    let performed_on = command.performed_on;
    if let Some(today) = state.local_date(author.at).filter(|today| *today < performed_on) {
        return Err(Refusal::PerformedInTheFuture { performed_on, today });
    }
    if in_force.is_none() {
        return Err(Refusal::ControlNotInForce { control: command.control, on: performed_on });
    }
    state.require_occurrence(&command)?;
    if performed_on < command.window.first {
        return Err(Refusal::PerformedBeforeWindow { performed_on, first: command.window.first });
    }
    if command.evidence.is_empty() {
        return Err(Refusal::PerformedWithoutEvidence(command.control));
    }
    if let Some(unknown) = command.evidence.iter().find(|digest| !state.holds_evidence(digest)) {
        return Err(Refusal::UnknownEvidence(*unknown));
    }
    let documents = || state.documents.iter().filter(|document| command.evidence.contains(&document.document));
    let documents_on = documents().map(|document| document.dated_on).max();
    if let Some(evidence_on) = documents_on.filter(|on| *on > performed_on) {
        return Err(Refusal::PerformedBeforeEvidence { performed_on, evidence_on });
    }
    let first = command.window.first;
    let newest_on =
        state.extracts_named(&command.evidence).map(|extract| extract.covers.last).chain(documents_on).max();
    if let Some(newest_on) = newest_on.filter(|newest_on| *newest_on < first) {
        return Err(Refusal::EvidenceBeforeWindow { newest_on, first });
    }
    if command.shared.is_none() {
        require_shows_no_other(state, &command)?;
    }
    Ok(vec![Event::ControlPerformed(ControlPerformed {
        control: command.control,
        window: command.window,
        item: command.item,
        performed_on,
        evidence: command.evidence,
        shared: command.shared,
        note: command.note,
    })])
}

/// One document for a year of months shows one month at most, unless somebody says how it shows the others.
fn require_shows_no_other(state: &State, command: &PerformControl) -> Result<(), Refusal> {
    let standing = state.performed_of(&command.control).iter().filter(|record| !record.is_withdrawn());
    let others = standing.filter(|record| (record.window, record.item) != (command.window, command.item));
    let shown =
        others.filter_map(|record| Some((record.evidence.intersection(&command.evidence).next()?, record.entry)));
    match shown.min_by_key(|(_, entry)| *entry) {
        Some((evidence, entry)) => Err(Refusal::EvidenceShowsAnother { evidence: *evidence, entry }),
        None => Ok(()),
    }
}

/// Asked in this order: the control, who proposes it, the record, still standing.
pub(crate) fn decide_propose_withdrawal(
    state: &State,
    author: &Author,
    command: ProposePerformanceWithdrawal,
) -> Result<Vec<Event>, Refusal> {
    state.require_one_of(author, &[Role::ControlOwner, Role::ComplianceLead])?;
    let ProposePerformanceWithdrawal { control, performance, reason } = command;
    state.standing_performance(&control, performance)?;
    Ok(vec![Event::PerformanceWithdrawalProposed(PerformanceWithdrawalProposed { control, performance, reason })])
}

/// Asked in this order: the role, the record, still standing, the proposal, by somebody else.
pub(crate) fn decide_withdraw(
    state: &State,
    author: &Author,
    command: WithdrawPerformance,
) -> Result<Vec<Event>, Refusal> {
    state.require_one_of(author, &[Role::ComplianceLead, Role::Executive])?;
    let WithdrawPerformance { control, performance } = command;
    let proposed = state.standing_performance(&control, performance)?.withdrawal.as_ref();
    let proposed = proposed.ok_or(Refusal::PerformanceWithdrawalNotProposed(performance))?;
    if proposed.proposed_by == author.person {
        return Err(Refusal::SecondPersonMissing(author.person.clone()));
    }
    let proposal = proposed.entry;
    Ok(vec![Event::PerformanceWithdrawn(PerformanceWithdrawn { control, performance, proposal })])
}

impl State {
    /// The records of a control's performance, in the order in which they came.
    pub fn performed_of(&self, control: &ControlId) -> &[PerformedControl] {
        self.performed.get(control).map_or(&[], Vec::as_slice)
    }

    /// The window of a control's occurrence that a day lies in: what a record of performance names. None where the calendar
    /// sets none on that day.
    pub fn window_around(&self, control: &ControlId, day: Date) -> Option<Span> {
        let on = Span { first: day, last: day };
        let of_calendar = self.grid(on).windows(self.controls.get(control)?, on);
        let around = of_calendar.iter().find(|window| window.is_set).map(|window| window.days);
        around.or_else(|| self.is_per_event(control, day).then_some(on))
    }

    fn is_per_event(&self, control: &ControlId, day: Date) -> bool {
        let version = self.controls.get(control).and_then(|control| self.judging(control, day));
        version.is_some_and(|version| version.definition.frequency == Frequency::PerEvent)
    }

    fn require_occurrence(&self, command: &PerformControl) -> Result<(), Refusal> {
        let Span { first, last } = command.window;
        // No window is longer, and a longer span would be long to look through.
        let is_window = first <= last && command.window.length() <= LONGEST_WINDOW_DAYS;
        let per_event = first == last && self.is_per_event(&command.control, first);
        let set_by_calendar = || {
            let control = self.controls.get(&command.control).filter(|_| command.item.is_none());
            let is_named = |of: &Window| of.days == command.window && of.is_set;
            control.is_some_and(|control| {
                self.grids(command.window).any(|grid| grid.windows(control, command.window).iter().any(is_named))
            })
        };
        if is_window && (per_event || set_by_calendar()) {
            return Ok(());
        }
        Err(Refusal::NoSuchOccurrence { control: command.control.clone(), first, last })
    }

    pub(crate) fn apply_control_performed(&mut self, event: &ControlPerformed, recorded: &Recorded) {
        self.performed.entry(event.control.clone()).or_default().push(PerformedControl {
            window: event.window,
            item: event.item,
            performed_on: event.performed_on,
            evidence: event.evidence.clone(),
            shared: event.shared,
            note: event.note,
            withdrawal: None,
            by: recorded.by.clone(),
            recorded_at: recorded.at,
            entry: recorded.index,
        });
    }

    /// The record of performance of an entry, unless it was withdrawn.
    fn standing_performance(&self, control: &ControlId, entry: u64) -> Result<&PerformedControl, Refusal> {
        let record = self.performed_of(control).iter().find(|record| record.entry == entry);
        let record = record.ok_or_else(|| Refusal::UnknownPerformance { control: control.clone(), entry })?;
        if record.is_withdrawn() { Err(Refusal::PerformanceWithdrawn(entry)) } else { Ok(record) }
    }

    fn performance_mut(&mut self, control: &ControlId, entry: u64) -> Option<&mut PerformedControl> {
        self.performed.get_mut(control)?.iter_mut().find(|record| record.entry == entry)
    }

    pub(crate) fn apply_performance_withdrawal_proposed(
        &mut self,
        event: &PerformanceWithdrawalProposed,
        recorded: &Recorded,
    ) {
        if let Some(record) = self.performance_mut(&event.control, event.performance) {
            record.withdrawal = Some(PerformanceWithdrawal {
                reason: event.reason,
                proposed_by: recorded.by.clone(),
                entry: recorded.index,
                agreed_by: None,
            });
        }
    }

    pub(crate) fn apply_performance_withdrawn(&mut self, event: &PerformanceWithdrawn, recorded: &Recorded) {
        let record = self.performance_mut(&event.control, event.performance);
        if let Some(withdrawal) = record.and_then(|record| record.withdrawal.as_mut()) {
            withdrawal.agreed_by = Some(recorded.by.clone());
        }
    }
}

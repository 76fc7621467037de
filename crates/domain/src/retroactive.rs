//! Retroactive changes: facts that say they were true before they were recorded, and would have made other days due.
//!
//! They are kept and true from the day they say; what was over when they were recorded is judged as it was known then
//! (`occurrence/judged.rs`), and wherever the control calendar is told they are told with it.
//!
//! Invariant: nothing that counts from an earlier day goes untold.

use jiff::civil::Date;
use serde::Serialize;
use tickmark_canonical::Digest;

use crate::{CalendarId, Control, ControlId, Frequency, Span, State, observed_days::day_before};

/// A change that was recorded with an earlier date.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct RetroactiveChange {
    /// Entry that recorded it.
    pub entry: u64,
    /// What changed.
    pub what: Retroactive,
    /// From which day it is true, as it says.
    pub effective_on: Date,
    /// The day on which it was recorded.
    pub known_since: Date,
    /// Why (vault text).
    pub reason: Option<Digest>,
}

/// What was changed with an earlier date.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Retroactive {
    /// The wording or the frequency of a control.
    Wording(ControlId),
    /// A control was dropped.
    Drop(ControlId),
    /// The business calendar.
    BusinessCalendar(CalendarId),
}

impl RetroactiveChange {
    /// As a sentence.
    pub fn words(&self) -> String {
        let Self { entry, what, effective_on, known_since, .. } = self;
        let what = match what {
            Retroactive::Wording(control) => format!("{control} was changed from {effective_on} on"),
            Retroactive::Drop(control) => format!("{control} was dropped from {effective_on} on"),
            Retroactive::BusinessCalendar(calendar) => {
                format!("business calendar {calendar} was adopted from {effective_on} on")
            }
        };
        format!("{what}, recorded on {known_since} (entry {entry}): what was over by then is judged as before.")
    }
}

impl State {
    /// The changes that were recorded with an earlier date, of which one of the days before is among some days; by entry.
    pub fn retroactive_changes(&self, days: Span) -> Vec<RetroactiveChange> {
        let of_controls = self.controls.keys().flat_map(|control| self.retroactive_of_control(control, days));
        let mut all: Vec<RetroactiveChange> = of_controls.chain(self.retroactive_calendars(days)).collect();
        all.sort();
        all
    }

    /// Those that bear on when a control was due.
    pub(crate) fn retroactive_changes_of(&self, id: &ControlId, days: Span) -> Vec<RetroactiveChange> {
        let mut all = self.retroactive_of_control(id, days);
        let judged = self.controls.get(id).map(|control| self.judged_within(control, days)).unwrap_or_default();
        if judged.iter().any(|(version, _)| version.definition.frequency == Frequency::Daily) {
            all.extend(self.retroactive_calendars(days));
        }
        all.sort();
        all
    }

    fn retroactive_of_control(&self, id: &ControlId, days: Span) -> Vec<RetroactiveChange> {
        let Some(control) = self.controls.get(id) else { return Vec::new() };
        let wordings = rewordings(control).filter_map(|version| {
            let known_since = self.local_date(version.recorded_at)?;
            let (entry, reason, effective_on) = (version.entry, version.reason, version.effective_on);
            Some(RetroactiveChange { entry, what: Retroactive::Wording(id.clone()), effective_on, known_since, reason })
        });
        let drops = control.drops.iter().filter(|drop| drop.after > 0).filter_map(|drop| {
            let known_since = self.local_date(drop.recorded_at)?;
            let (entry, reason, effective_on) = (drop.entry, Some(drop.reason), drop.dropped_on);
            Some(RetroactiveChange { entry, what: Retroactive::Drop(id.clone()), effective_on, known_since, reason })
        });
        wordings.chain(drops).filter(|change| change.bears_on(days)).collect()
    }

    fn retroactive_calendars(&self, days: Span) -> impl Iterator<Item = RetroactiveChange> {
        // The first calendar is the one of the founding: there was none that it could have changed.
        let later = self.calendars.iter().skip(1).map(|adopted| RetroactiveChange {
            entry: adopted.entry,
            what: Retroactive::BusinessCalendar(adopted.calendar.clone()),
            effective_on: adopted.effective_on,
            known_since: adopted.recorded_on,
            reason: adopted.reason,
        });
        later.filter(move |change| change.bears_on(days))
    }
}

impl RetroactiveChange {
    /// Whether days for which it came too late are among some days.
    fn bears_on(&self, days: Span) -> bool {
        self.effective_on < self.known_since
            && days.meets(&Span { first: self.effective_on, last: day_before(self.known_since) })
    }
}

/// The versions that are tested otherwise than the one before, of a control that ran until they came.
fn rewordings(control: &Control) -> impl Iterator<Item = &crate::ControlVersion> {
    let pairs = control.versions.iter().zip(control.versions.iter().skip(1)).zip(1..);
    let dropped_before = |number: usize| control.drops.iter().any(|drop| drop.after == number);
    pairs.filter_map(move |((before, version), number)| {
        let differs = !version.definition.is_tested_as(&before.definition);
        (differs && !dropped_before(number)).then_some(version)
    })
}

//! A setting that holds at every moment: judged from the days on which it was observed, and from the source's own log of
//! changes between them.
//!
//! Invariant: a day is known if it was observed, or if it lies between two days on which the same was observed and the logs of every dataset
//! that the control test reads were collected over that time, complete, and hold no change. Every other day is unknown.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;

use crate::{
    CatalogIndex, Control, DatasetId, Frequency, ObservedDays, Outcome, Span, State, TestId,
    observed_days::{day_after, day_before},
};

use super::CalendarQuestion;

/// Days in a row of which the same is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SettingDays {
    /// The days.
    pub days: Span,
    /// Entry of the version under whose wording they are judged.
    pub version: u64,
    /// What is known.
    pub state: SettingState,
    /// The first and the last entry that show it.
    pub shown_by: Option<(u64, u64)>,
}

/// What is known of a setting on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SettingState {
    /// Observed: it held for the whole population.
    Held,
    /// Observed: it did not hold for some items.
    Exceptions,
    /// Observed: there was nothing to hold for.
    NoOccurrence,
    /// Not observed, but known: equal before and after, and the source's log has no change between.
    HeldByLog,
    /// Not observed, but known: the same exceptions before and after, and the source's log has no change between.
    ExceptionsByLog,
    /// Not known.
    Unknown,
}

impl SettingState {
    /// Whether a control test looked on that day and could tell.
    pub const fn is_observed(self) -> bool {
        match self {
            Self::Held | Self::Exceptions | Self::NoOccurrence => true,
            Self::HeldByLog | Self::ExceptionsByLog | Self::Unknown => false,
        }
    }

    /// Whether it is known what was so on that day.
    pub const fn is_known(self) -> bool {
        match self {
            Self::Held | Self::Exceptions | Self::NoOccurrence | Self::HeldByLog | Self::ExceptionsByLog => true,
            Self::Unknown => false,
        }
    }

    const fn has_exceptions(self) -> bool {
        match self {
            Self::Exceptions | Self::ExceptionsByLog => true,
            Self::Held | Self::NoOccurrence | Self::HeldByLog | Self::Unknown => false,
        }
    }
}

/// Of how many days a setting is known. "Observed on N of M days."
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct SettingTally {
    /// Days of the version in the period that are over.
    pub days: u64,
    /// Days on which a control test looked and could tell.
    pub observed: u64,
    /// Days that are known by the source's log of changes alone.
    pub known_by_log: u64,
    /// Known days with exceptions.
    pub with_exceptions: u64,
}

impl SettingTally {
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            days: self.days + other.days,
            observed: self.observed + other.observed,
            known_by_log: self.known_by_log + other.known_by_log,
            with_exceptions: self.with_exceptions + other.with_exceptions,
        }
    }

    pub(super) fn of(setting: &[SettingDays], version: u64) -> Self {
        let mut tally = Self::default();
        for part in setting.iter().filter(|part| part.version == version) {
            let days = part.days.length();
            tally.days += days;
            tally.observed += if part.state.is_observed() { days } else { 0 };
            tally.known_by_log += if part.state.is_known() && !part.state.is_observed() { days } else { 0 };
            tally.with_exceptions += if part.state.has_exceptions() { days } else { 0 };
        }
        tally
    }
}

/// What one or several control tests tell of one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Told {
    state: SettingState,
    shown_by: Option<(u64, u64)>,
}

/// The days on which the control was a setting, until the last that is over, with what is known of each.
pub(super) fn of_control(
    state: &State,
    question: &CalendarQuestion<'_>,
    control: &Control,
    tests: &BTreeSet<&TestId>,
    logs: &mut ChangeLogs<'_>,
) -> Vec<SettingDays> {
    let Span { first, last } = question.period;
    let over = Span { first, last: last.min(day_before(question.today)) };
    let mut all: Vec<SettingDays> = Vec::new();
    for (version, days) in state.judged_within(control, over) {
        if version.definition.frequency != Frequency::Continuous {
            continue;
        }
        let mut told = vec![None; usize::try_from(days.length()).unwrap_or(0)];
        for test in tests {
            as_observed(state.observed_days_of(test), days, &mut told);
        }
        for test in tests {
            by_log(state.observed_days_of(test), question.catalog, test, days, logs, &mut told);
        }
        let mut day = days.first;
        for told in told {
            let told = told.unwrap_or(Told { state: SettingState::Unknown, shown_by: None });
            join(&mut all, day, version.entry, told);
            day = day_after(day);
        }
    }
    all
}

/// Adds a day to the days before it, if the same is known of it.
fn join(all: &mut Vec<SettingDays>, day: Date, version: u64, told: Told) {
    let joins = |part: &&mut SettingDays| {
        part.version == version && part.state == told.state && day_after(part.days.last) == day
    };
    match all.last_mut().filter(joins) {
        Some(part) => {
            part.days.last = day;
            part.shown_by = both(part.shown_by, told.shown_by);
        }
        None => {
            let Told { state, shown_by } = told;
            all.push(SettingDays { days: Span { first: day, last: day }, version, state, shown_by });
        }
    }
}

fn both(one: Option<(u64, u64)>, other: Option<(u64, u64)>) -> Option<(u64, u64)> {
    match (one, other) {
        (Some(one), Some(other)) => Some((one.0.min(other.0), one.1.max(other.1))),
        (Some(one), None) | (None, Some(one)) => Some(one),
        (None, None) => None,
    }
}

/// The cells of the days that both have.
fn cells(told: &mut [Option<Told>], of: Span, days: Span) -> &mut [Option<Told>] {
    let Some(shared) = days.shared_with(&of) else { return &mut [] };
    let from = Span { first: of.first, last: shared.first }.length() - 1;
    let until = Span { first: of.first, last: shared.last }.length();
    let bounds = usize::try_from(from).ok().zip(usize::try_from(until).ok());
    let Some((from, until)) = bounds else { return &mut [] };
    told.get_mut(from..until).unwrap_or_default()
}

/// What control tests saw. Of several that looked on one day exceptions weigh most, then that one could not tell.
fn as_observed(observed: &[ObservedDays], days: Span, told: &mut [Option<Told>]) {
    for seen in observed {
        let state = match seen.outcome {
            Outcome::NoExceptions => SettingState::Held,
            Outcome::Exceptions => SettingState::Exceptions,
            Outcome::NoOccurrence => SettingState::NoOccurrence,
            Outcome::NotEvaluable | Outcome::Error => SettingState::Unknown,
        };
        let new = Told { state, shown_by: Some((seen.first_entry, seen.last_entry)) };
        for cell in cells(told, days, seen.days) {
            *cell = Some(match *cell {
                Some(known) if known.state == state => Told { state, shown_by: both(known.shown_by, new.shown_by) },
                Some(known) if weight(known.state) >= weight(state) => known,
                Some(_) | None => new,
            });
        }
    }
}

fn weight(state: SettingState) -> u8 {
    match state {
        SettingState::Exceptions | SettingState::ExceptionsByLog => 3,
        SettingState::Unknown => 2,
        SettingState::Held | SettingState::HeldByLog => 1,
        SettingState::NoOccurrence => 0,
    }
}

/// Days between two on which the same was observed that the source's logs of changes vouch for.
fn by_log(
    observed: &[ObservedDays],
    catalog: &CatalogIndex,
    test: &TestId,
    days: Span,
    logs: &mut ChangeLogs<'_>,
    told: &mut [Option<Told>],
) {
    let Some(kept) = logs_of(catalog, test) else { return };
    let mut earlier: Option<&ObservedDays> = None;
    for later in observed.iter().filter(|seen| seen.is_evaluable()) {
        let Some(before) = earlier.replace(later).filter(|before| before.equals(later)) else { continue };
        let state = match later.outcome {
            Outcome::NoExceptions => SettingState::HeldByLog,
            Outcome::Exceptions => SettingState::ExceptionsByLog,
            Outcome::NoOccurrence | Outcome::NotEvaluable | Outcome::Error => continue,
        };
        let between = Span { first: day_after(before.days.last), last: day_before(later.days.first) };
        if between.first > between.last || between.shared_with(&days).is_none() {
            continue;
        }
        // A change and its reversal may lie on the very days that were observed, after the one look and before the other.
        let gap = Span { first: before.days.last, last: later.days.first };
        if kept.iter().all(|log| logs.has_no_change(log, gap)) {
            let new = Told { state, shown_by: Some((before.last_entry, later.first_entry)) };
            for cell in
                cells(told, days, between).iter_mut().filter(|cell| cell.is_none_or(|known| !known.state.is_known()))
            {
                *cell = Some(new);
            }
        }
    }
}

/// The change logs of every dataset that a control test reads; none if one of them keeps no log.
fn logs_of<'a>(catalog: &'a CatalogIndex, test: &TestId) -> Option<BTreeSet<&'a DatasetId>> {
    let read = &catalog.tests.get(test)?.datasets;
    let logs = read.iter().map(|dataset| catalog.datasets.get(dataset)?.change_log.as_ref());
    logs.collect::<Option<BTreeSet<_>>>().filter(|logs| !logs.is_empty())
}

/// On which days change logs were collected and hold no change; each log is looked through once.
pub(super) struct ChangeLogs<'a> {
    state: &'a State,
    horizon: Span,
    quiet: BTreeMap<DatasetId, Vec<bool>>,
}

impl<'a> ChangeLogs<'a> {
    pub(super) fn new(state: &'a State, period: Span) -> Self {
        Self { state, horizon: period.widened(1), quiet: BTreeMap::new() }
    }

    /// Whether complete extracts of a log cover all the days, and none that covers one of them holds a row.
    fn has_no_change(&mut self, log: &DatasetId, days: Span) -> bool {
        if days.first < self.horizon.first || days.last > self.horizon.last {
            return false;
        }
        let (state, horizon) = (self.state, self.horizon);
        let quiet = self.quiet.entry(log.clone()).or_insert_with(|| quiet_days(state, log, horizon));
        let from = Span { first: horizon.first, last: days.first }.length() - 1;
        let until = Span { first: horizon.first, last: days.last }.length();
        let bounds = usize::try_from(from).ok().zip(usize::try_from(until).ok());
        bounds.and_then(|(from, until)| quiet.get(from..until)).is_some_and(|days| days.iter().all(|quiet| *quiet))
    }
}

fn quiet_days(state: &State, log: &DatasetId, horizon: Span) -> Vec<bool> {
    let mut covered = vec![false; usize::try_from(horizon.length()).unwrap_or(0)];
    let mut changed = covered.clone();
    for extract in state.counting_extracts(log, horizon.first).extracts {
        let Some(days) = extract.covers.shared_with(&horizon) else { continue };
        let from = Span { first: horizon.first, last: days.first }.length() - 1;
        let until = Span { first: horizon.first, last: days.last }.length();
        let Some((from, until)) = usize::try_from(from).ok().zip(usize::try_from(until).ok()) else { continue };
        let marked = if extract.rows == 0 && state.is_whole(log, extract) { &mut covered } else { &mut changed };
        if let Some(cells) = marked.get_mut(from..until) {
            cells.fill(true);
        }
    }
    covered.iter().zip(&changed).map(|(covered, changed)| *covered && !*changed).collect()
}

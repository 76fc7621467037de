//! Control occurrences: every time that a control was due in a period, and what the ledger shows of it. Cases:
//! `crates/domain/tests/it/occurrence_cases.md`; told for people in `docs/control-calendar.md`.
//!
//! Invariant: "unknown" is never filled in. What nobody observed, what only a control test counted and what only a document
//! suggests are told apart from what was shown to be done and from what is missing.
//! Invariant: every day of a period on which a control ran is under exactly one version's wording: the one known on that day.
//! Invariant: of several records of one occurrence the first that stands is the one that tells; none after it makes it better.
//! Invariant: a window that is not due in the period stands in the list and says why.

mod judged;
mod setting;
mod week;
mod window;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;
use tickmark_canonical::Digest;

use crate::{
    Automation, CatalogIndex, Control, ControlId, ControlVersion, Document, Frequency, Outcome, PerformedControl,
    PopulationId, PopulationStanding, RetroactiveChange, Side, Span, State, TestId, TestResult,
};

pub(crate) use self::window::{Window, whole_windows};
use self::{setting::ChangeLogs, window::Grid};
pub use self::{
    setting::{SettingDays, SettingState, SettingTally},
    week::{WeekMark, mondays},
};

/// What a control calendar is asked about.
#[derive(Debug, Clone, Copy)]
pub struct CalendarQuestion<'a> {
    /// The catalog in force.
    pub catalog: &'a CatalogIndex,
    /// The days.
    pub period: Span,
    /// The day that it is: what is not over by then is not missing.
    pub today: Date,
}

/// What the ledger shows of a control in a period, occurrence by occurrence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ControlOccurrences {
    /// The days asked about.
    pub period: Span,
    /// The day that it is.
    pub today: Date,
    /// The versions under whose wording it is judged, oldest first, each with its days and what they add up to.
    pub versions: Vec<JudgedVersion>,
    /// Every time it was due by the calendar, and every occasion that was shown, oldest first.
    pub occurrences: Vec<ControlOccurrence>,
    /// Of the days with a setting that holds at every moment: what was observed of it. Days in a row are one member.
    pub setting: Vec<SettingDays>,
    /// What control tests over just these days counted.
    pub counted: Vec<CountedByTest>,
    /// Of a control per event: how many occasions frozen populations hold, by their days.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub frozen: Vec<FrozenOccasions>,
    /// Entries of records of performance that answer no occurrence any more: a change of the control moved its windows.
    pub without_occurrence: Vec<u64>,
    /// Entries of records of performance that were withdrawn: they show nothing any more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub withdrawn: Vec<u64>,
    /// What was recorded with an earlier date, and would have made other days due: what was over by then is judged as it was.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub retroactive: Vec<RetroactiveChange>,
}

/// A version of a control within a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JudgedVersion {
    /// Its wording (vault text).
    pub statement: Digest,
    /// How often it acts.
    pub frequency: Frequency,
    /// The days of the period that are judged under it: it was true on them, and known.
    pub days: Span,
    /// How often it was due, and what came of it.
    pub due: DueTally,
    /// How many days of a setting were observed; none for other controls.
    pub setting: Option<SettingTally>,
    /// Since when the version is known, if it was recorded only after the day from which it is true.
    pub known_since: Option<Date>,
    /// Entry that recorded the version.
    pub entry: u64,
}

/// How often a control was due, and what came of it. What is not due is counted apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct DueTally {
    /// Done in time.
    pub done: u64,
    /// Done after its window.
    pub late: u64,
    /// Nothing shows it.
    pub missing: u64,
    /// It cannot be told.
    pub unknown: u64,
    /// Not due in the period.
    pub not_due: u64,
}

impl DueTally {
    /// How often it was due.
    pub fn due(&self) -> u64 {
        self.done + self.late + self.missing + self.unknown
    }

    fn add(&mut self, state: OccurrenceState) {
        let count = match state {
            OccurrenceState::Done { .. } => &mut self.done,
            OccurrenceState::Late { .. } => &mut self.late,
            OccurrenceState::Missing => &mut self.missing,
            OccurrenceState::Unknown { .. } => &mut self.unknown,
            OccurrenceState::NotDue { .. } => &mut self.not_due,
        };
        *count += 1;
    }
}

/// One time at which a control was due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ControlOccurrence {
    /// The days in which it had to be done; of a control per event the day of the occasion.
    pub window: Span,
    /// The occasion's item key (HMAC), of a control per event.
    pub item: Option<Digest>,
    /// The day on which the control's frequency changed within the window, which then reaches from the beginning of the one under the
    /// old frequency to the end of the one under the new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_on: Option<Date>,
    /// Entry of the version under whose wording it is judged: the one in force on the day it was done, but none later than
    /// the window's last day.
    pub version: u64,
    /// What the ledger shows of it.
    #[serde(flatten)]
    pub state: OccurrenceState,
    /// Entries that show it, oldest first; of several records the first tells.
    pub shown_by: Vec<u64>,
    /// Since when it is known, if that was recorded only after the window.
    pub known_since: Option<Date>,
    /// Whether evidence that is named for it is named for another occurrence as well.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub shared_evidence: bool,
}

/// What the ledger shows of an occurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum OccurrenceState {
    /// It was done in time.
    Done {
        /// On which day.
        on: Date,
    },
    /// It was done after its window.
    Late {
        /// On which day.
        on: Date,
        /// How many days after the window's last.
        days_late: u64,
    },
    /// Nothing shows it, and the window is over.
    Missing,
    /// It is not due in the period.
    NotDue {
        /// Why.
        because: NotDue,
    },
    /// It cannot be told.
    Unknown {
        /// Why.
        because: Unknown,
    },
}

impl OccurrenceState {
    /// In a word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done { .. } => "done",
            Self::Late { .. } => "late",
            Self::Missing => "missing",
            Self::NotDue { .. } => "not due",
            Self::Unknown { .. } => "unknown",
        }
    }

    /// Whether somebody showed that it was done, in time or not.
    pub const fn is_done(self) -> bool {
        match self {
            Self::Done { .. } | Self::Late { .. } => true,
            Self::Missing | Self::NotDue { .. } | Self::Unknown { .. } => false,
        }
    }

    /// Whether it was left out, or done after its window.
    pub const fn is_deviation(self) -> bool {
        match self {
            Self::Late { .. } | Self::Missing => true,
            Self::Done { .. } | Self::NotDue { .. } | Self::Unknown { .. } => false,
        }
    }

    /// Whether no business calendar knows its days, so that they stand together.
    pub(crate) fn is_without_calendar(self) -> bool {
        self == Self::Unknown { because: Unknown::NoBusinessCalendar }
    }
}

/// Why an occurrence is not due in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotDue {
    /// The control, or its frequency, began within the window.
    BeganWithin,
    /// The control, or its frequency, ended within the window.
    EndedWithin,
    /// The window ends after the period's last day.
    EndsAfterPeriod,
    /// The window is not over yet.
    NotOver,
}

impl NotDue {
    /// As a sentence's end.
    pub const fn words(self) -> &'static str {
        match self {
            Self::BeganWithin => "the control began to run so within the window",
            Self::EndedWithin => "the control ended or changed its frequency within the window",
            Self::EndsAfterPeriod => "the window ends after the period",
            Self::NotOver => "the window is not over",
        }
    }
}

/// Why an occurrence cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unknown {
    /// No business calendar that was adopted knows the days.
    NoBusinessCalendar,
    /// A document of that date is on file for the control, and nobody said that it shows the performance.
    DocumentOnly,
    /// A control test counted the whole population, and tells no occurrence from the other.
    CountedOnly,
    /// The control acts by itself, so nobody records it, and no control test looked.
    NobodyLooked,
}

impl Unknown {
    /// As a sentence's end.
    pub const fn words(self) -> &'static str {
        match self {
            Self::NoBusinessCalendar => "no adopted business calendar knows the day",
            Self::DocumentOnly => "a document of these days is on file, and nobody recorded what it shows",
            Self::CountedOnly => "a control test counted the whole population, not each occurrence",
            Self::NobodyLooked => "the control acts by itself, and no control test looked",
        }
    }
}

/// What a control test over the whole population counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CountedByTest {
    /// The control test.
    pub test: TestId,
    /// How its newest result over these days ended.
    pub outcome: Outcome,
    /// How many items the control applied to.
    pub population: u64,
    /// How many of them were not done as described: late and missing cannot be told apart here.
    pub exceptions: u64,
    /// Entry of the result.
    pub entry: u64,
}

/// How many occasions of a control per event a frozen population holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FrozenOccasions {
    /// The population: of several over the same days the newest.
    pub population: PopulationId,
    /// Its days.
    pub days: Span,
    /// How many items, and so occasions.
    pub items: u64,
    /// What management may rest on it.
    pub standing: PopulationStanding,
    /// Entry that froze it.
    pub entry: u64,
}

impl ControlOccurrences {
    /// How often the control was due in the period, and what came of it.
    pub fn due(&self) -> DueTally {
        let mut due = DueTally::default();
        self.occurrences.iter().for_each(|occurrence| due.add(occurrence.state));
        due
    }

    /// Of how many days of the period a setting is known; none if the control was none.
    pub fn setting_tally(&self) -> Option<SettingTally> {
        let tallies = self.versions.iter().filter_map(|version| version.setting);
        tallies.reduce(SettingTally::and)
    }
}

impl CountedByTest {
    fn of((test, result): (&TestId, &TestResult)) -> Self {
        let TestResult { outcome, population, exceptions, entry, .. } = *result;
        Self { test: test.clone(), outcome, population, exceptions, entry }
    }

    /// Whether it says anything about the control.
    pub fn is_evaluable(&self) -> bool {
        match self.outcome {
            Outcome::NoExceptions | Outcome::Exceptions | Outcome::NoOccurrence => true,
            Outcome::NotEvaluable | Outcome::Error => false,
        }
    }
}

impl State {
    /// The occurrences of controls in a period. A control that is not known here is left out.
    pub fn occurrences<'a>(
        &'a self,
        controls: impl IntoIterator<Item = &'a ControlId>,
        question: CalendarQuestion<'a>,
    ) -> BTreeMap<&'a ControlId, ControlOccurrences> {
        let mut documents: BTreeMap<&ControlId, Vec<&Document>> = BTreeMap::new();
        for document in &self.documents {
            if let Some(control) = &document.control {
                documents.entry(control).or_default().push(document);
            }
        }
        let mut tests: BTreeMap<&ControlId, BTreeSet<&TestId>> = BTreeMap::new();
        for (test, rule) in &question.catalog.tests {
            for control in self.controls_tested(rule, question.period) {
                tests.entry(control).or_default().insert(test);
            }
        }
        let mut logs = ChangeLogs::new(self, question.period);
        let grid = self.grid(question.period);
        let mut all = BTreeMap::new();
        for id in controls {
            let Some(control) = self.controls.get(id) else { continue };
            let documents = documents.get(id).map_or(&[][..], Vec::as_slice);
            let about = About { state: self, question, grid, id, control, documents };
            all.insert(id, about.occurrences(tests.get(id).unwrap_or(&BTreeSet::new()), &mut logs));
        }
        all
    }
}

/// One control, and what is asked about it.
struct About<'a> {
    state: &'a State,
    question: CalendarQuestion<'a>,
    grid: Grid<'a>,
    id: &'a ControlId,
    control: &'a Control,
    documents: &'a [&'a Document],
}

/// What records of performance answer.
struct Answers<'a> {
    /// For each window the records that answer it, oldest first.
    of_windows: Vec<Vec<&'a PerformedControl>>,
    /// By day and item key the records of occasions.
    occasions: BTreeMap<(Span, Option<Digest>), Vec<&'a PerformedControl>>,
    /// Entries of those that answer none.
    without: Vec<u64>,
    /// Entries of those that were withdrawn.
    withdrawn: Vec<u64>,
    /// Evidence that is named for several occurrences.
    shared: BTreeSet<Digest>,
}

impl Answers<'_> {
    /// Whether evidence of records is named for another occurrence as well.
    fn share(shared: &BTreeSet<Digest>, records: &[&PerformedControl]) -> bool {
        records.iter().any(|record| !record.evidence.is_disjoint(shared))
    }
}

impl About<'_> {
    fn occurrences(&self, tests: &BTreeSet<&TestId>, logs: &mut ChangeLogs<'_>) -> ControlOccurrences {
        let period = self.question.period;
        let results = tests.iter().filter_map(|test| Some((*test, self.state.newest_result(test, period)?)));
        let results: Vec<(&TestId, &TestResult)> = results.collect();
        let counted: Vec<CountedByTest> = results.iter().copied().map(CountedByTest::of).collect();
        let told = results.iter().zip(&counted).filter(|(_, counted)| counted.is_evaluable());
        let counted_until = told.filter_map(|((_, result), _)| result.days_looked_at()).map(|days| days.last).max();

        let windows = self.grid.windows(self.control, period);
        let Answers { of_windows, occasions, without, withdrawn, shared } = self.answers(&windows);
        let by_calendar = windows.iter().zip(&of_windows);
        let by_calendar = by_calendar.filter_map(|(window, records)| {
            let shared_evidence = Answers::share(&shared, records);
            let occurrence = self.by_calendar(window, records, counted_until)?;
            Some(ControlOccurrence { shared_evidence, ..occurrence })
        });
        let occasions = occasions.into_iter().filter_map(|((on, item), records)| {
            let shared_evidence = Answers::share(&shared, &records);
            Some(ControlOccurrence { shared_evidence, ..self.occasion(on, item, &records)? })
        });
        let mut occurrences: Vec<ControlOccurrence> = by_calendar.chain(occasions).collect();
        occurrences.sort_by_key(|occurrence| (occurrence.window, occurrence.item));
        let setting = setting::of_control(self.state, &self.question, self.control, tests, logs);
        let versions = self.state.judged_within(self.control, period).into_iter();
        let versions = versions.map(|(version, days)| {
            let recorded_on = self.state.local_date(version.recorded_at);
            let known_since = recorded_on.filter(|day| *day > version.effective_on);
            judged(version, days, known_since, &occurrences, &setting)
        });
        let versions = versions.collect();
        let today = self.question.today;
        let frozen = self.frozen_occasions();
        let retroactive = self.state.retroactive_changes_of(self.id, period);
        ControlOccurrences {
            period,
            today,
            versions,
            occurrences,
            setting,
            counted,
            frozen,
            without_occurrence: without,
            withdrawn,
            retroactive,
        }
    }

    /// Which records answer which window. A record names the window that there was when it was made; where a change of the control
    /// has moved it, it answers the window that holds the one it named, or else the day of the performance.
    fn answers(&self, windows: &[Window]) -> Answers<'_> {
        let numbers: BTreeMap<Span, usize> = windows.iter().zip(0..).map(|(window, at)| (window.days, at)).collect();
        let mut of_windows: Vec<Vec<&PerformedControl>> = vec![Vec::new(); windows.len()];
        let mut occasions: BTreeMap<(Span, Option<Digest>), Vec<&PerformedControl>> = BTreeMap::new();
        let (mut without, mut withdrawn) = (Vec::new(), Vec::new());
        let period = self.question.period;
        for record in self.state.performed_of(self.id) {
            let speaks_of_it = record.window.meets(&period) || period.holds(record.performed_on);
            if record.is_withdrawn() {
                withdrawn.extend(speaks_of_it.then_some(record.entry));
                continue;
            }
            let named = numbers.get(&record.window).filter(|_| record.item.is_none());
            if let Some(records) = named.and_then(|at| of_windows.get_mut(*at)) {
                records.push(record);
            } else if self.is_occasion(record) {
                occasions.entry((record.window, record.item)).or_default().push(record);
            } else if speaks_of_it && !self.is_window(record.window) {
                let holds_its_window = |window: &Window| window.days.covers(&record.window);
                let holds_its_day = |window: &Window| window.days.holds(record.performed_on);
                let at = windows.iter().position(holds_its_window).or_else(|| windows.iter().position(holds_its_day));
                match at.and_then(|at| of_windows.get_mut(at)) {
                    Some(records) => records.push(record),
                    None => without.push(record.entry),
                }
            }
        }
        // A record that answers a window by its day alone may have come before one that names it.
        of_windows.iter_mut().for_each(|records| records.sort_by_key(|record| record.entry));
        Answers { of_windows, occasions, without, withdrawn, shared: shared_evidence(self.state.performed_of(self.id)) }
    }

    /// Whether the calendar sets a window, in the period or beside it.
    fn is_window(&self, days: Span) -> bool {
        self.grid.windows(self.control, days).iter().any(|window| window.days == days)
    }

    /// Whether a record is of an occasion: on its day the control acted on events.
    fn is_occasion(&self, record: &PerformedControl) -> bool {
        let version = self.state.judging(self.control, record.window.first);
        version.is_some_and(|version| version.definition.frequency == Frequency::PerEvent)
    }

    /// What populations of the control hold that were frozen over days of the period, of days on which it acted on events.
    fn frozen_occasions(&self) -> Vec<FrozenOccasions> {
        let per_event = self.state.judged_within(self.control, self.question.period);
        if !per_event.iter().any(|(version, _)| version.definition.frequency == Frequency::PerEvent) {
            return Vec::new();
        }
        let of_control = self.state.populations.iter().filter(|(_, population)| {
            population.controls.contains(self.id) && self.question.period.covers(&population.span)
        });
        let mut by_days: BTreeMap<Span, FrozenOccasions> = BTreeMap::new();
        for (id, of) in of_control {
            let (items, standing) = (of.rows.items, of.standing(Side::Management));
            let frozen = FrozenOccasions { population: id.clone(), days: of.span, items, standing, entry: of.entry };
            let newest = by_days.entry(of.span).or_insert_with(|| frozen.clone());
            if newest.entry < frozen.entry {
                *newest = frozen;
            }
        }
        by_days.into_values().collect()
    }

    /// What the calendar sets; none for a window of which no version ran on any day.
    fn by_calendar(
        &self,
        window: &Window,
        records: &[&PerformedControl],
        counted_until: Option<Date>,
    ) -> Option<ControlOccurrence> {
        let first_done = records.first().map(|record| record.performed_on);
        let judged_on = first_done.map_or(window.days.last, |done| done.min(window.days.last));
        let version = self.state.judging(self.control, judged_on)?;
        let mut shown_by: Vec<u64> = records.iter().map(|record| record.entry).collect();
        let state = match first_done {
            Some(on) if on <= window.days.last => OccurrenceState::Done { on },
            Some(on) => {
                let days_late = Span { first: window.days.last, last: on }.length() - 1;
                OccurrenceState::Late { on, days_late }
            }
            None => {
                let on_file = self.documents.iter().filter(|document| window.days.holds(document.dated_on));
                shown_by = on_file.map(|document| document.entry).collect();
                self.not_recorded(window, version, !shown_by.is_empty(), counted_until)
            }
        };
        let in_time_until = first_done.map_or(window.days.last, |done| done.max(window.days.last));
        let known_since = self.known_since(records, in_time_until);
        let (version, changed_on) = (version.entry, window.changed_on);
        Some(ControlOccurrence {
            window: window.days,
            item: None,
            changed_on,
            version,
            state,
            shown_by,
            known_since,
            shared_evidence: false,
        })
    }

    /// What can be said of a window for which nobody recorded a performance.
    fn not_recorded(
        &self,
        window: &Window,
        version: &ControlVersion,
        document_on_file: bool,
        counted_until: Option<Date>,
    ) -> OccurrenceState {
        let CalendarQuestion { period, today, .. } = self.question;
        let not_due = |because| OccurrenceState::NotDue { because };
        let unknown = |because| OccurrenceState::Unknown { because };
        if window.days.first > window.unit.first {
            not_due(NotDue::BeganWithin)
        } else if window.days.last < window.unit.last {
            not_due(NotDue::EndedWithin)
        } else if window.unit.last > period.last {
            not_due(NotDue::EndsAfterPeriod)
        } else if window.unit.last >= today {
            not_due(NotDue::NotOver)
        } else if !window.is_set {
            unknown(Unknown::NoBusinessCalendar)
        } else if document_on_file {
            unknown(Unknown::DocumentOnly)
        } else if counted_until.is_some_and(|until| window.unit.last <= until) {
            unknown(Unknown::CountedOnly)
        } else {
            match version.definition.automation {
                Automation::Automated => unknown(Unknown::NobodyLooked),
                Automation::Manual | Automation::ItDependentManual => OccurrenceState::Missing,
            }
        }
    }

    /// An occasion that somebody showed; none if it was not in the period.
    fn occasion(&self, window: Span, item: Option<Digest>, records: &[&PerformedControl]) -> Option<ControlOccurrence> {
        let version = self.state.judging(self.control, window.first).filter(|_| window.meets(&self.question.period))?;
        let on = records.first()?.performed_on;
        let shown_by = records.iter().map(|record| record.entry).collect();
        let known_since = self.known_since(records, on);
        let (state, changed_on) = (OccurrenceState::Done { on }, None);
        let (version, shared_evidence) = (version.entry, false);
        Some(ControlOccurrence { window, item, changed_on, version, state, shown_by, known_since, shared_evidence })
    }

    /// When the first record came, if that was after the last day on which nobody would have missed it.
    fn known_since(&self, records: &[&PerformedControl], in_time_until: Date) -> Option<Date> {
        let first = records.first()?;
        self.state.local_date(first.recorded_at).filter(|day| *day > in_time_until)
    }
}

/// Evidence that records of several occurrences name.
fn shared_evidence(records: &[PerformedControl]) -> BTreeSet<Digest> {
    let (mut first, mut shared) = (BTreeMap::new(), BTreeSet::new());
    for record in records.iter().filter(|record| !record.is_withdrawn()) {
        let of = (record.window, record.item);
        for evidence in &record.evidence {
            if *first.entry(*evidence).or_insert(of) != of {
                shared.insert(*evidence);
            }
        }
    }
    shared
}

/// What the days of a version add up to.
fn judged(
    version: &ControlVersion,
    days: Span,
    known_since: Option<Date>,
    occurrences: &[ControlOccurrence],
    setting: &[SettingDays],
) -> JudgedVersion {
    let mut due = DueTally::default();
    for occurrence in occurrences.iter().filter(|occurrence| occurrence.version == version.entry) {
        due.add(occurrence.state);
    }
    let frequency = version.definition.frequency;
    let is_setting = frequency == Frequency::Continuous;
    JudgedVersion {
        statement: version.definition.statement,
        frequency,
        days,
        due,
        setting: is_setting.then(|| SettingTally::of(setting, version.entry)),
        known_since,
        entry: version.entry,
    }
}

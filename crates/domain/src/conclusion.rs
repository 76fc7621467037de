//! Conclusions: a person's judgment on the operation of a control in an engagement's period, over the tests that it names.
//!
//! The rules do not judge. They refuse a conclusion that the recorded facts contradict, when it is made and, since they are
//! asked again over newer facts, for as long as it stands: what they would refuse today makes it stale.
//!
//! Invariant: no conclusion is made by who owns the control, and none rests on a test that could not look.
//! Invariant: what deviated is assessed before anything is concluded beside it.
//! Invariant: no control operated beside an occurrence that its calendar has missing or late, and none had no occasion because
//! nobody looked.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{
    Author, CalendarQuestion, CatalogIndex, Control, ControlId, ControlOccurrence, ControlOccurrences, ControlVersion,
    EngagementId, Event, ExceptionId, ManagementTestId, OccurrenceState, PersonId, PopulationId, Recorded, Refusal,
    ReportType, Role, Side, Span, State, TestExtent, TestId, TestStage, observed_days::day_after,
    tests_of_operation::TestsOfOperation,
};

/// What a person concludes of a control in a period (domain reference, section 11.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ControlStatus {
    /// It operated.
    Operated,
    /// It operated but for the exceptions found.
    OperatedWithDeviations,
    /// Nothing happened to which it applies.
    DidNotOperate,
    /// The calendar set no occurrence in the period.
    NotDue,
    /// Another wording or another control took its place.
    Replaced {
        /// The first day on which it ran no more.
        on: Date,
    },
    /// It began to run.
    New {
        /// The first day on which it ran.
        on: Date,
    },
}

impl ControlStatus {
    /// What it says, without the day.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Operated => "operated",
            Self::OperatedWithDeviations => "operated with deviations",
            Self::DidNotOperate => "did not operate (no event)",
            Self::NotDue => "not due in the period",
            Self::Replaced { .. } => "replaced",
            Self::New { .. } => "new",
        }
    }
}

impl ControlStatus {
    /// Whether it says that the control ran as described, deviations or not.
    pub(crate) const fn says_it_operated(self) -> bool {
        match self {
            Self::Operated | Self::OperatedWithDeviations => true,
            Self::DidNotOperate | Self::NotDue | Self::Replaced { .. } | Self::New { .. } => false,
        }
    }
}

impl std::fmt::Display for ControlStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Replaced { on } | Self::New { on } => write!(f, "{} on {on}", self.kind()),
            Self::Operated | Self::OperatedWithDeviations | Self::DidNotOperate | Self::NotDue => {
                f.write_str(self.kind())
            }
        }
    }
}

/// Tests that a conclusion names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedTests {
    /// Entries of results, by control test.
    pub results: BTreeMap<TestId, BTreeSet<u64>>,
    /// Management tests.
    pub management_tests: BTreeSet<ManagementTestId>,
    /// Populations that are empty: they show on which days nothing happened.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub populations: BTreeSet<PopulationId>,
}

/// A person's judgment on a control's operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conclusion {
    /// What it says.
    pub status: ControlStatus,
    /// The tests of the control that it rests on.
    pub tests: NamedTests,
    /// An automated control: what shows how its setting changed between tests (documents, manifests of extracts).
    pub change_history: BTreeSet<Digest>,
    /// An automated control: tests of the IT general controls that keep its setting.
    pub itgc: NamedTests,
    /// Why (vault text).
    pub reason: Digest,
}

/// Conclude on a control's operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConcludeControl {
    /// The engagement.
    pub engagement: EngagementId,
    /// The control.
    pub control: ControlId,
    /// The judgment.
    pub conclusion: Conclusion,
}

/// A person concluded on a control's operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlConcluded {
    /// The engagement.
    pub engagement: EngagementId,
    /// The control.
    pub control: ControlId,
    /// The judgment.
    pub conclusion: Conclusion,
}

/// A conclusion as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedConclusion {
    /// The judgment.
    pub conclusion: Conclusion,
    /// Whose it is.
    pub by: PersonId,
    /// Entry that recorded it.
    pub entry: u64,
}

/// Asked in this order: role, engagement and scope, the control's owner, then whether the facts bear it out.
pub(crate) fn decide_conclude(
    state: &State,
    author: &Author,
    catalog: &CatalogIndex,
    command: ConcludeControl,
) -> Result<Vec<Event>, Refusal> {
    state.require_role(author, Role::ComplianceLead)?;
    state.require_catalog(catalog)?;
    let ConcludeControl { engagement, control, conclusion } = command;
    let period = state.engagement(&engagement)?.report_type.span();
    if state.controls.get(&control).is_some_and(|known| known.is_owned_by(&author.person, period)) {
        return Err(Refusal::ConcludesOnOwn { person: author.person.clone(), control });
    }
    state.require_borne_out(catalog, &engagement, &control, &conclusion)?;
    Ok(vec![Event::ControlConcluded(ControlConcluded { engagement, control, conclusion })])
}

/// What the rules look at when they ask whether a conclusion is borne out.
pub(crate) struct Facts<'a> {
    pub(crate) control: &'a Control,
    pub(crate) period: Span,
    /// The control calendar of the period, as it is when the last day is over: before, nothing can be concluded of every day.
    pub(crate) calendar: ControlOccurrences,
    /// The tests that the conclusion names.
    named: TestsOfOperation<'a>,
    /// Every test of the control's operation whose days lie within the period, named or not.
    all: TestsOfOperation<'a>,
    /// Exceptions of the control that stand over these days.
    exceptions: u64,
    /// Of those, the days and items of each that was assessed as it is now.
    assessed: Vec<(Span, u64)>,
    /// Of those, the ones that nobody assessed as they are now.
    unassessed: Vec<&'a ExceptionId>,
}

impl State {
    /// Refuses a conclusion that the facts recorded so far contradict.
    pub(crate) fn require_borne_out(
        &self,
        catalog: &CatalogIndex,
        engagement: &EngagementId,
        id: &ControlId,
        conclusion: &Conclusion,
    ) -> Result<(), Refusal> {
        let facts = self.require_tests_bear_out(catalog, engagement, id, conclusion)?;
        if conclusion.status.says_it_operated() {
            self.require_automated(catalog, engagement, id, &facts, conclusion)?;
        }
        Ok(())
    }

    /// The same, but for what an automated control takes beside its tests.
    pub(crate) fn require_tests_bear_out<'a>(
        &'a self,
        catalog: &'a CatalogIndex,
        engagement: &EngagementId,
        id: &'a ControlId,
        conclusion: &'a Conclusion,
    ) -> Result<Facts<'a>, Refusal> {
        let facts = self.facts_of(catalog, engagement, id, conclusion)?;
        let Facts { control, period, .. } = &facts;
        match conclusion.status {
            ControlStatus::Operated => facts.require_no_deviation(id).and_then(|()| facts.require_tested(id)),
            ControlStatus::OperatedWithDeviations => {
                facts.require_deviations_assessed(id).and_then(|()| facts.require_tested(id))
            }
            ControlStatus::DidNotOperate => facts.require_no_occurrence(id),
            ControlStatus::NotDue => facts.require_not_due(id),
            ControlStatus::Replaced { on } => {
                let replaced = facts.ends_on(on)
                    || control.wordings_within(*period).iter().skip(1).any(|(_, days)| days.first == on);
                facts.require_change(id, on, replaced)
            }
            ControlStatus::New { on } => {
                let begins = control.wordings_within(*period).first().map(|(_, days)| days.first);
                facts.require_change(id, on, begins == Some(on) && on > period.first)
            }
        }?;
        Ok(facts)
    }

    fn facts_of<'a>(
        &'a self,
        catalog: &'a CatalogIndex,
        engagement: &EngagementId,
        id: &'a ControlId,
        conclusion: &'a Conclusion,
    ) -> Result<Facts<'a>, Refusal> {
        let of = self.engagement(engagement)?;
        let stated = of.controls(self, catalog).contains_key(id);
        let out_of_scope = || Refusal::ControlOutOfScope(id.clone());
        let control = self.controls.get(id).filter(|_| stated).ok_or_else(out_of_scope)?;
        let ReportType::Type2(period) = of.report_type else {
            return Err(Refusal::SaysNothingOfOperation(engagement.clone()));
        };
        let within = |tested: Span| period.covers(&tested);
        let exceptions: Vec<_> = self.exceptions_of(catalog, id, within).collect();
        let (assessed, unassessed): (Vec<_>, Vec<_>) =
            exceptions.iter().partition(|(_, exception)| exception.is_assessed());
        let question = CalendarQuestion { catalog, period, today: day_after(period.last) };
        let calendar = self.occurrences([id], question).remove(id).ok_or_else(out_of_scope)?;
        Ok(Facts {
            control,
            period,
            calendar,
            named: self.named(catalog, engagement, id, period, &conclusion.tests)?,
            all: self.tests_of_operation(catalog, id, within),
            exceptions: exceptions.len() as u64,
            assessed: assessed.iter().map(|(_, exception)| (exception.span, exception.most_items)).collect(),
            unassessed: unassessed.iter().map(|(id, _)| *id).collect(),
        })
    }

    /// Why a conclusion is stale: what the rules would say of it over all facts recorded since. None while they bear it out.
    pub fn stale_because(
        &self,
        catalog: &CatalogIndex,
        engagement: &EngagementId,
        control: &ControlId,
        conclusion: &Conclusion,
    ) -> Option<Refusal> {
        self.require_borne_out(catalog, engagement, control, conclusion).err()
    }

    /// What a conclusion says, with what the calendar has missing or late, and with the days for which it rests on nothing
    /// having happened. Of one that is stale the status alone.
    pub fn conclusion_in_words(
        &self,
        catalog: &CatalogIndex,
        engagement: &EngagementId,
        control: &ControlId,
        conclusion: &Conclusion,
    ) -> String {
        let mut says = conclusion.status.to_string();
        let Ok(facts) = self.require_tests_bear_out(catalog, engagement, control, conclusion) else { return says };
        let due = facts.calendar.due();
        let missed = [(due.missing, "missing"), (due.late, "late")];
        let missed = missed.iter().filter(|(times, _)| *times > 0).map(|(times, how)| format!("{times} {how}"));
        let missed: Vec<String> = missed.collect();
        if !missed.is_empty() {
            says.push_str(&format!("; by the calendar {}", missed.join(", ")));
        }
        for Span { first, last } in facts.days_without_occurrence() {
            says.push_str(&format!("; no occurrence from {first} to {last}"));
        }
        says
    }

    /// The newest conclusion on a control in an engagement.
    pub fn conclusion(&self, engagement: &EngagementId, control: &ControlId) -> Option<&RecordedConclusion> {
        self.engagements.get(engagement)?.conclusions.get(control)?.last()
    }

    /// The tests that a conclusion names: each stands, is about the control and lies within the period.
    fn named<'a>(
        &'a self,
        catalog: &'a CatalogIndex,
        engagement: &EngagementId,
        control: &ControlId,
        period: Span,
        named: &'a NamedTests,
    ) -> Result<TestsOfOperation<'a>, Refusal> {
        let mut tests = TestsOfOperation::default();
        for (test, entries) in &named.results {
            self.require_about(catalog, test, control)?;
            for entry in entries {
                let result = self.newest_result_at(test, *entry)?;
                require_within(period, result.span, test.as_str())?;
                tests.results.push((test, result));
            }
        }
        for id in &named.management_tests {
            let test = self.reviewed_management_test(id)?;
            let details = &test.details;
            if details.control != *control {
                return Err(Refusal::OfOtherControl { test: id.to_string(), control: control.clone() });
            }
            require_within(period, details.span, id.as_str())?;
            // Nothing rests on a sample that was voided, or extended, after its items were tested.
            if let TestExtent::Sample(sample) = &details.extent {
                self.require_sample(sample, Side::Management, control, details.items)?;
            }
            if details.stage == TestStage::Operation {
                tests.management_tests.push((id, test));
            }
        }
        for id in &named.populations {
            tests.without_occurrence.push(self.days_shown_empty(engagement, control, id)?);
        }
        Ok(tests)
    }

    pub(crate) fn apply_control_concluded(&mut self, event: &ControlConcluded, recorded: &Recorded) {
        if let Some(engagement) = self.engagements.get_mut(&event.engagement) {
            engagement.conclusions.entry(event.control.clone()).or_default().push(RecordedConclusion {
                conclusion: event.conclusion.clone(),
                by: recorded.by.clone(),
                entry: recorded.index,
            });
        }
    }
}

pub(crate) fn require_within(period: Span, tested: Span, test: &str) -> Result<(), Refusal> {
    if period.covers(&tested) { Ok(()) } else { Err(Refusal::OfOtherDays(test.to_owned())) }
}

impl Facts<'_> {
    /// No exception stands, and by the calendar nothing was left out or came late.
    fn require_no_deviation(&self, id: &ControlId) -> Result<(), Refusal> {
        if self.exceptions > 0 {
            return Err(Refusal::ExceptionsStand(self.exceptions));
        }
        let due = self.calendar.due();
        match due.missing + due.late {
            0 => Ok(()),
            _ => Err(Refusal::OccurrencesMissed { control: id.clone(), missing: due.missing, late: due.late }),
        }
    }

    /// Each exception was assessed: what deviated is not weighed before somebody said why it came about, how far it reaches and
    /// what it means.
    fn require_exceptions_assessed(&self) -> Result<(), Refusal> {
        match self.unassessed.as_slice() {
            [] => Ok(()),
            [first, ..] => {
                Err(Refusal::ExceptionsUnassessed { exceptions: self.unassessed.len() as u64, first: (*first).clone() })
            }
        }
    }

    /// Something deviated; every exception was assessed, and what the calendar has missing or late is among their items.
    fn require_deviations_assessed(&self, id: &ControlId) -> Result<(), Refusal> {
        let missed = self.calendar.occurrences.iter().filter(|occurrence| occurrence.state.is_deviation());
        let mut missed: Vec<(Span, OccurrenceState)> = missed.map(|missed| (missed.window, missed.state)).collect();
        if missed.is_empty() && self.exceptions == 0 {
            return Err(Refusal::NoExceptionStands);
        }
        self.require_exceptions_assessed()?;
        // Each item stands for one occurrence; what fell due first takes one of the exception that ends first.
        let mut left = self.assessed.clone();
        left.sort_by_key(|(days, _)| days.last);
        missed.sort_by_key(|(window, _)| window.last);
        for (Span { first, last }, state) in missed {
            match left.iter_mut().find(|(days, items)| *items > 0 && days.holds(last)) {
                Some((_, items)) => *items -= 1,
                None => {
                    let (control, state) = (id.clone(), state.word());
                    return Err(Refusal::OccurrenceUnassessed { control, first, last, state });
                }
            }
        }
        Ok(())
    }

    /// Tests that looked at items cover every day on which the control ran, under the wording of that day: an interim test
    /// has its roll-forward, and a control that changed was tested before and after. Days on which nothing happened have
    /// nothing to test, once that is shown.
    fn require_tested(&self, id: &ControlId) -> Result<(), Refusal> {
        if self.named.is_empty() {
            return Err(Refusal::ConclusionWithoutTest(id.clone()));
        }
        if self.named.spans_that_looked().next().is_none() {
            return Err(Refusal::NothingWasTested);
        }
        self.require_nothing_happened(id)?;
        for (version, days) in self.control.wordings_within(self.period) {
            if self.calendar_sets_none(version, days) {
                continue;
            }
            let by_rows = self.named.results.iter().filter(|(_, result)| result.entry > version.entry);
            let by_people = self
                .named
                .management_tests
                .iter()
                .filter(|(_, test)| self.control.is_tested_on(test.version, test.details.span.first));
            let bound = TestsOfOperation {
                results: by_rows.filter(|(_, result)| days.covers(&result.span)).copied().collect(),
                management_tests: by_people.filter(|(_, test)| days.covers(&test.details.span)).copied().collect(),
                without_occurrence: self.named.without_occurrence.clone(),
            };
            let spoken_of = bound.spans_that_looked().chain(bound.without_occurrence.iter().copied());
            if let Some(gap) = days.first_gap(spoken_of) {
                return Err(Refusal::DaysUntested { control: id.clone(), first: gap.first, last: gap.last });
            }
        }
        Ok(())
    }

    /// Whether the calendar sets the control, but no occurrence on the days of this wording: it was changed too late in a window to be
    /// performed again, or no window ended. What was due before a change with an earlier date was recorded stays due on its day.
    fn calendar_sets_none(&self, version: &ControlVersion, days: Span) -> bool {
        let judged_on = |occurrence: &ControlOccurrence| match occurrence.state {
            OccurrenceState::NotDue { .. } => None,
            OccurrenceState::Done { on } => Some(on.min(occurrence.window.last)),
            OccurrenceState::Late { .. } | OccurrenceState::Missing | OccurrenceState::Unknown { .. } => {
                Some(occurrence.window.last)
            }
        };
        let mut judged_on = self.calendar.occurrences.iter().filter_map(judged_on);
        version.definition.frequency.is_set_by_calendar() && !judged_on.any(|day| days.holds(day))
    }

    /// The days for which the conclusion rests on nothing having happened, oldest first, where it speaks of others as well: those
    /// of empty populations, and of wordings under which the calendar set no occurrence.
    fn days_without_occurrence(&self) -> Vec<Span> {
        if self.named.spans_that_looked().next().is_none() {
            return Vec::new();
        }
        let wordings = self.control.wordings_within(self.period);
        let none_set = wordings.into_iter().filter(|(version, days)| self.calendar_sets_none(version, *days));
        let mut days: Vec<Span> = none_set.map(|(_, days)| days).collect();
        days.extend(&self.named.without_occurrence);
        days.sort();
        days
    }

    /// On the days of the populations that are named as empty no test found an item, and nobody recorded a performance.
    fn require_nothing_happened(&self, id: &ControlId) -> Result<(), Refusal> {
        for days in &self.named.without_occurrence {
            if let items @ 1.. = self.all.within(*days).items() {
                return Err(Refusal::ItemsWereTested { control: id.clone(), items });
            }
            let done = self.calendar.occurrences.iter().filter(|occurrence| occurrence.state.is_done());
            if let times @ 1.. = done.filter(|done| days.covers(&done.window)).count() as u64 {
                return Err(Refusal::FellDue { control: id.clone(), times });
            }
        }
        Ok(())
    }

    /// Nothing happened, as populations show that were frozen, checked and are empty; no test found that something had, and the
    /// calendar agrees.
    fn require_no_occurrence(&self, id: &ControlId) -> Result<(), Refusal> {
        self.require_none_due(id)?;
        self.require_untouched(id)?;
        for (_, days) in self.control.wordings_within(self.period) {
            if let Some(Span { first, last }) = days.first_gap(self.named.without_occurrence.iter().copied()) {
                return Err(Refusal::NoOccurrenceUnshown { control: id.clone(), first, last });
            }
        }
        Ok(())
    }

    /// The calendar set no day for it, and no test found that it ran.
    fn require_not_due(&self, id: &ControlId) -> Result<(), Refusal> {
        let by_calendar = self
            .control
            .wordings_within(self.period)
            .iter()
            .all(|(version, days)| version.definition.frequency.due_within(*days).is_some());
        // Nor did it by what was known before a change with an earlier date.
        if !by_calendar || self.calendar.versions.iter().any(|judged| !judged.frequency.is_set_by_calendar()) {
            return Err(Refusal::DueByEvent(id.clone()));
        }
        self.require_none_due(id)?;
        self.require_untouched(id)
    }

    /// A control that fell due, or of which somebody recorded a performance, either operated or did not: it had its occasion.
    fn require_none_due(&self, id: &ControlId) -> Result<(), Refusal> {
        let wordings = self.control.wordings_within(self.period);
        let at_least: u64 =
            wordings.iter().filter_map(|(version, days)| version.definition.frequency.due_within(*days)).sum();
        match at_least.max(self.calendar.due().due()) {
            0 => Ok(()),
            times => Err(Refusal::FellDue { control: id.clone(), times }),
        }
    }

    fn require_untouched(&self, id: &ControlId) -> Result<(), Refusal> {
        match self.all.items() {
            0 => Ok(()),
            items => Err(Refusal::ItemsWereTested { control: id.clone(), items }),
        }
    }

    /// The control changed on the day; the days on which it ran were tested all the same.
    fn require_change(&self, id: &ControlId, on: Date, changed: bool) -> Result<(), Refusal> {
        if !changed {
            return Err(Refusal::NoSuchChange { control: id.clone(), on });
        }
        self.require_exceptions_assessed()?;
        self.require_tested(id)
    }

    /// Whether the control ran until the day before.
    fn ends_on(&self, on: Date) -> bool {
        let last = self.control.ended_within(self.period);
        last.is_some_and(|last| last.saturating_add(jiff::Span::new().days(1)) == on)
    }
}

//! Conclusions: a person's judgment on the operation of a control in an engagement's period, over the tests that it names.
//!
//! The rules do not judge. They refuse a conclusion that the recorded facts contradict, when it is made and, since they are
//! asked again over newer facts, for as long as it stands: what they would refuse today makes it stale.
//!
//! Invariant: no conclusion is made by who owns the control, and none rests on a test that could not look.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{
    Author, Automation, CatalogIndex, Control, ControlId, EngagementId, Event, ManagementTestId, PersonId, Recorded,
    Refusal, ReportType, Role, Side, Span, State, TestExtent, TestId, TestStage, tests_of_operation::TestsOfOperation,
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
}

impl NamedTests {
    /// Whether it names none.
    pub fn is_empty(&self) -> bool {
        self.results.is_empty() && self.management_tests.is_empty()
    }
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
struct Facts<'a> {
    control: &'a Control,
    period: Span,
    /// The tests that the conclusion names.
    named: TestsOfOperation<'a>,
    /// Every test of the control's operation whose days lie within the period, named or not.
    all: TestsOfOperation<'a>,
    /// Exceptions of the control that stand over these days.
    exceptions: u64,
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
        let of = self.engagement(engagement)?;
        let stated = of.controls(self, catalog).contains_key(id);
        let control = self.controls.get(id).filter(|_| stated);
        let control = control.ok_or_else(|| Refusal::ControlOutOfScope(id.clone()))?;
        let ReportType::Type2(period) = of.report_type else {
            return Err(Refusal::SaysNothingOfOperation(engagement.clone()));
        };
        let within = |tested: Span| period.covers(&tested);
        let facts = Facts {
            control,
            period,
            named: self.named(catalog, id, period, &conclusion.tests)?,
            all: self.tests_of_operation(catalog, id, within),
            exceptions: self.exceptions_of(catalog, id, within).count() as u64,
        };
        match conclusion.status {
            ControlStatus::Operated if facts.exceptions > 0 => Err(Refusal::ExceptionsStand(facts.exceptions)),
            ControlStatus::OperatedWithDeviations if facts.exceptions == 0 => Err(Refusal::NoExceptionStands),
            ControlStatus::Operated | ControlStatus::OperatedWithDeviations => {
                facts.require_tested(id)?;
                self.require_automated(catalog, id, &facts, conclusion)
            }
            ControlStatus::DidNotOperate => facts.require_no_occurrence(id),
            ControlStatus::NotDue => facts.require_not_due(id),
            ControlStatus::Replaced { on } => {
                let replaced = facts.ends_on(on)
                    || control.wordings_within(period).iter().skip(1).any(|(_, days)| days.first == on);
                facts.require_change(id, on, replaced)
            }
            ControlStatus::New { on } => {
                let begins = control.wordings_within(period).first().map(|(_, days)| days.first);
                facts.require_change(id, on, begins == Some(on) && on > period.first)
            }
        }
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

    /// The newest conclusion on a control in an engagement.
    pub fn conclusion(&self, engagement: &EngagementId, control: &ControlId) -> Option<&RecordedConclusion> {
        self.engagements.get(engagement)?.conclusions.get(control)?.last()
    }

    /// The tests that a conclusion names: each stands, is about the control and lies within the period.
    fn named<'a>(
        &'a self,
        catalog: &'a CatalogIndex,
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
        Ok(tests)
    }

    /// An automated control acts the same each time as long as its setting stays: so beside a test of it stand the history of
    /// its changes and tests of the IT general controls that keep it (domain reference, section 9).
    fn require_automated(
        &self,
        catalog: &CatalogIndex,
        id: &ControlId,
        facts: &Facts<'_>,
        conclusion: &Conclusion,
    ) -> Result<(), Refusal> {
        let stated = facts.control.version_for(facts.period);
        if stated.is_none_or(|version| version.definition.automation != Automation::Automated) {
            return Ok(());
        }
        let lacks = |what| Err(Refusal::AutomatedControlLacks { control: id.clone(), what });
        if conclusion.change_history.is_empty() {
            return lacks("the history of changes of its setting");
        }
        if let Some(unknown) = conclusion.change_history.iter().find(|digest| self.evidence_day(digest).is_none()) {
            return Err(Refusal::UnknownEvidence(*unknown));
        }
        let Conclusion { itgc, .. } = conclusion;
        let mut looked = false;
        for (test, entries) in &itgc.results {
            if self.require_about(catalog, test, id).is_ok() {
                return lacks("tests of other controls: its own are no IT general controls");
            }
            for entry in entries {
                let result = self.newest_result_at(test, *entry)?;
                require_within(facts.period, result.span, test.as_str())?;
                let only = TestsOfOperation { results: vec![(test, result)], management_tests: Vec::new() };
                looked |= only.spans_that_looked().next().is_some();
            }
        }
        for test in &itgc.management_tests {
            let details = &self.reviewed_management_test(test)?.details;
            require_within(facts.period, details.span, test.as_str())?;
            looked |= details.control != *id && details.stage == TestStage::Operation && details.items > 0;
        }
        if looked { Ok(()) } else { lacks("a test of the IT general controls that keep its setting") }
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

fn require_within(period: Span, tested: Span, test: &str) -> Result<(), Refusal> {
    if period.covers(&tested) { Ok(()) } else { Err(Refusal::OfOtherDays(test.to_owned())) }
}

impl Facts<'_> {
    /// Tests that looked at items cover every day on which the control ran, under the wording of that day: an interim test
    /// has its roll-forward, and a control that changed was tested before and after.
    fn require_tested(&self, id: &ControlId) -> Result<(), Refusal> {
        if self.named.is_empty() {
            return Err(Refusal::ConclusionWithoutTest(id.clone()));
        }
        if self.named.spans_that_looked().next().is_none() {
            return Err(Refusal::NothingWasTested);
        }
        for (version, days) in self.control.wordings_within(self.period) {
            let by_rows = self.named.results.iter().filter(|(_, result)| result.entry > version.entry);
            let by_people = self
                .named
                .management_tests
                .iter()
                .filter(|(_, test)| self.control.is_tested_on(test.version, test.details.span.first));
            let bound = TestsOfOperation {
                results: by_rows.filter(|(_, result)| days.covers(&result.span)).copied().collect(),
                management_tests: by_people.filter(|(_, test)| days.covers(&test.details.span)).copied().collect(),
            };
            if let Some(gap) = days.first_gap(bound.spans_that_looked()) {
                return Err(Refusal::DaysUntested { control: id.clone(), first: gap.first, last: gap.last });
            }
        }
        Ok(())
    }

    /// Nothing happened, as a test shows, and no test found that something had.
    fn require_no_occurrence(&self, id: &ControlId) -> Result<(), Refusal> {
        self.require_none_due(id)?;
        self.require_untouched(id)?;
        if self.named.shows_no_occurrence() { Ok(()) } else { Err(Refusal::NoOccurrenceUnshown(id.clone())) }
    }

    /// The calendar set no day for it, and no test found that it ran.
    fn require_not_due(&self, id: &ControlId) -> Result<(), Refusal> {
        let by_calendar = self
            .control
            .wordings_within(self.period)
            .iter()
            .all(|(version, days)| version.definition.frequency.due_within(*days).is_some());
        if !by_calendar {
            return Err(Refusal::DueByEvent(id.clone()));
        }
        self.require_none_due(id)?;
        self.require_untouched(id)
    }

    /// A control that the calendar sets, and that fell due, either operated or did not: it had its occasion.
    fn require_none_due(&self, id: &ControlId) -> Result<(), Refusal> {
        let wordings = self.control.wordings_within(self.period);
        let due: u64 =
            wordings.iter().filter_map(|(version, days)| version.definition.frequency.due_within(*days)).sum();
        if due > 0 { Err(Refusal::FellDue { control: id.clone(), times: due }) } else { Ok(()) }
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
        self.require_tested(id)
    }

    /// Whether the control ran until the day before.
    fn ends_on(&self, on: Date) -> bool {
        let last = self.control.ended_within(self.period);
        last.is_some_and(|last| last.saturating_add(jiff::Span::new().days(1)) == on)
    }
}

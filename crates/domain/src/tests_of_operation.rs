//! What tests say of a control's operation, whether a control test or people performed them.
//!
//! Invariant: a result that a later run over the same days replaced, and a test that could not look, say nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    CatalogIndex, ControlId, EngagementId, Exception, ExceptionId, ExceptionState, ManagementTest, ManagementTestId,
    Outcome, Population, PopulationId, PopulationStanding, Refusal, Side, Span, State, TestExtent, TestId, TestResult,
    TestRule, TestStage,
};

/// Tests of one control's operation.
#[derive(Debug, Default)]
pub(crate) struct TestsOfOperation<'a> {
    /// Results of control tests, each the newest over its days.
    pub(crate) results: Vec<(&'a TestId, &'a TestResult)>,
    /// Management tests.
    pub(crate) management_tests: Vec<(&'a ManagementTestId, &'a ManagementTest)>,
    /// The days of populations that show that nothing happened to which the control applies.
    pub(crate) without_occurrence: Vec<Span>,
}

impl<'a> TestsOfOperation<'a> {
    /// The days over which a test looked at items.
    pub(crate) fn spans_that_looked(&self) -> impl Iterator<Item = Span> {
        let results = self.results.iter().filter(|(_, result)| looked(result.outcome));
        let results = results.filter_map(|(_, result)| result.days_looked_at());
        let by_people = self.management_tests.iter().filter(|(_, test)| test.review.is_some());
        let by_people = by_people.filter(|(_, test)| test.details.looked_at_items()).map(|(_, test)| test.details.span);
        results.chain(by_people)
    }

    /// The items that tests looked at; those of a control test count once, also where people took its result over.
    pub(crate) fn items(&self) -> u64 {
        let by_rows = self.results.iter().filter(|(_, result)| looked(result.outcome)).map(|(_, r)| r.population);
        let own = self.management_tests.iter().filter(|(_, test)| match test.details.extent {
            TestExtent::WholePopulation { .. } => false,
            TestExtent::Sample(_) | TestExtent::Chosen { .. } => true,
        });
        by_rows.chain(own.map(|(_, test)| test.details.items)).sum()
    }

    /// Those over days that all lie within some days.
    pub(crate) fn within(&self, days: Span) -> TestsOfOperation<'a> {
        let results = self.results.iter().filter(|(_, result)| days.covers(&result.span));
        let by_people = self.management_tests.iter().filter(|(_, test)| days.covers(&test.details.span));
        TestsOfOperation {
            results: results.copied().collect(),
            management_tests: by_people.copied().collect(),
            without_occurrence: Vec::new(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.results.is_empty() && self.management_tests.is_empty()
    }
}

impl TestResult {
    /// The days of those tested that the result looked at: a run within a period knows nothing of the days after it.
    pub(crate) fn days_looked_at(&self) -> Option<Span> {
        let days = Span { first: self.span.first, last: self.span.last.min(self.on) };
        (days.first <= days.last).then_some(days)
    }
}

/// Whether a control test looked at items.
fn looked(outcome: Outcome) -> bool {
    match outcome {
        Outcome::NoExceptions | Outcome::Exceptions => true,
        Outcome::NoOccurrence | Outcome::NotEvaluable | Outcome::Error => false,
    }
}

impl State {
    /// The controls that a control test is about over some days. One that reads what an industry processes says something of
    /// shared controls where that industry's own ran as well, and nothing anywhere else. One that reads what not every
    /// organization has says nothing until that was collected: a company without buckets has no test of buckets that fails.
    pub fn controls_tested<'a>(&self, rule: &'a TestRule, days: Span) -> &'a BTreeSet<ControlId> {
        const NONE: &BTreeSet<ControlId> = &BTreeSet::new();
        if !rule.once_collected.iter().all(|dataset| self.was_collected(dataset)) {
            return NONE;
        }
        let ran = |id: &ControlId| self.controls.get(id).is_some_and(|control| control.version_for(days).is_some());
        match rule.of_industry.iter().any(ran) {
            false if !rule.of_industry.is_empty() => &rule.of_industry,
            true | false => &rule.controls,
        }
    }

    /// The tests of a control's operation over the days that `over` takes.
    pub(crate) fn tests_of_operation<'a>(
        &'a self,
        catalog: &'a CatalogIndex,
        control: &'a ControlId,
        over: impl Fn(Span) -> bool,
    ) -> TestsOfOperation<'a> {
        let mut results = Vec::new();
        for (test, _) in catalog.tests.iter().filter(|(_, rule)| rule.controls.contains(control)) {
            let Some((test, of_test)) = self.results.get_key_value(test) else { continue };
            let newest: BTreeMap<Span, &TestResult> =
                of_test.iter().filter(|result| over(result.span)).map(|result| (result.span, result)).collect();
            results.extend(newest.into_values().map(|result| (test, result)));
        }
        let of_operation = self
            .management_tests_of(control)
            .filter(|(_, test)| test.details.stage == TestStage::Operation && over(test.details.span));
        TestsOfOperation { results, management_tests: of_operation.collect(), without_occurrence: Vec::new() }
    }

    /// The exceptions that tests of a control found over the days that `over` takes, whatever became of them since, but for
    /// those withdrawn.
    pub(crate) fn exceptions_of<'a>(
        &'a self,
        catalog: &'a CatalogIndex,
        control: &'a ControlId,
        over: impl Fn(Span) -> bool,
    ) -> impl Iterator<Item = (&'a ExceptionId, &'a Exception)> {
        self.exceptions.iter().filter(move |(_, exception)| {
            exception.state != ExceptionState::Withdrawn
                && over(exception.span)
                && exception.origin.is_about(control, catalog)
        })
    }

    /// The days over which a population of a control shows that nothing happened: it is empty, its check passed, no second
    /// source has an item, and no other freeze of the control's population within these days has one either.
    pub(crate) fn days_shown_empty(
        &self,
        engagement: &EngagementId,
        control: &ControlId,
        id: &PopulationId,
    ) -> Result<Span, Refusal> {
        let population = self.population(id)?;
        let is_about =
            |population: &Population| population.engagement == *engagement && population.controls.contains(control);
        if !is_about(population) {
            return Err(Refusal::OfOtherControl { test: id.to_string(), control: control.clone() });
        }
        let standing = self.population_standing(population, Side::Management);
        if standing == PopulationStanding::Outdated {
            return Err(self.outdated(id, population, Side::Management));
        }
        if standing != PopulationStanding::NoOccurrence {
            return Err(Refusal::PopulationNotShownEmpty { population: id.clone(), standing });
        }
        let contradicts =
            |other: &Population| other.rows.items > 0 && is_about(other) && population.span.covers(&other.span);
        match self.populations.iter().find(|(_, other)| contradicts(other)) {
            None => Ok(population.span),
            Some((other, of)) => Err(Refusal::OccasionsFrozen { population: other.clone(), items: of.rows.items }),
        }
    }

    /// A result of a control test, which no later run over the same days replaced.
    pub(crate) fn newest_result_at(&self, test: &TestId, entry: u64) -> Result<&TestResult, Refusal> {
        let results = self.results.get(test).map_or(&[][..], Vec::as_slice);
        let result = results.iter().find(|result| result.entry == entry);
        let result = result.ok_or_else(|| Refusal::UnknownResult { test: test.clone(), entry })?;
        match self.newest_result(test, result.span) {
            Some(newest) if newest.entry != entry => {
                Err(Refusal::ResultReplaced { test: test.clone(), entry, by: newest.entry })
            }
            Some(_) | None => Ok(result),
        }
    }

    /// Refuses a control test that is about other controls.
    pub(crate) fn require_about(
        &self,
        catalog: &CatalogIndex,
        test: &TestId,
        control: &ControlId,
    ) -> Result<(), Refusal> {
        let rule = catalog.tests.get(test).ok_or_else(|| Refusal::UnknownTest(test.clone()))?;
        if rule.controls.contains(control) {
            return Ok(());
        }
        Err(Refusal::OfOtherControl { test: test.to_string(), control: control.clone() })
    }

    /// A management test that a second person reviewed: nothing rests on another.
    pub(crate) fn reviewed_management_test(&self, id: &ManagementTestId) -> Result<&ManagementTest, Refusal> {
        let test = self.management_tests.get(id).ok_or_else(|| Refusal::UnknownManagementTest(id.clone()))?;
        if test.review.is_none() {
            return Err(Refusal::NotReviewed(id.clone()));
        }
        Ok(test)
    }
}

//! The schedule: which control tests and collections are due, which runs were missed, which evidence is stale.
//!
//! A control test is due once for each stretch of days that its schedule closes (a day, a week, a month …) and once more for
//! an engagement's last day; it looks at the engagement's days as they stand on the last day that is over.
//!
//! Invariant: a missed run is a fact; what is run later covers its days and does not take its place.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    Author, CatalogIndex, DatasetId, Engagement, Event, Evidence, Frequency, Outcome, Recorded, Refusal, Role,
    SourceId, Span, State, TestId, TestRule,
};

/// How many days a collection of events reads again at the least, so that rows that a source books late are found: payroll
/// and human resources enter corrections within the week.
const LOOKBACK_DAYS: i64 = 7;

/// The most days on which business may rest at one time: a calendar that never ends its holidays moves nothing further.
const LONGEST_REST: usize = 14;

/// How many control tests one fact of missed runs names: ids of 64 bytes each, well within an entry.
const TESTS_A_FACT: usize = 64;

/// What is due.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Due {
    /// Control tests, in the order of the days tested and of their ids.
    pub tests: Vec<DueTest>,
    /// Collections that they rest on, by dataset.
    pub collections: Vec<DueCollection>,
}

/// A control test that is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DueTest {
    /// The control test.
    pub test: TestId,
    /// How often it is due.
    pub every: Frequency,
    /// The days tested: those of an engagement.
    pub span: Span,
    /// The day as of which it looks at them: the last that is over.
    pub on: Date,
    /// The day since which it is due.
    pub since: Date,
    /// Days on which it was due and not run before it was due again.
    pub missed: Vec<Date>,
}

/// A collection that is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DueCollection {
    /// The dataset.
    pub dataset: DatasetId,
    /// Days to collect: of events those that are not covered yet, with some read again; of a state the day it is of. None
    /// if nothing was collected yet.
    pub days: Option<Span>,
    /// The last day needed.
    pub until: Date,
}

/// A dataset whose newest state is too old for a control test.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct StaleInput {
    /// The control test that rests on it.
    pub test: TestId,
    /// The dataset.
    pub dataset: DatasetId,
    /// The day that the newest state is of.
    pub newest_on: Date,
    /// The first day on which it was too old.
    pub stale_since: Date,
}

/// Record runs of control tests that were due and not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordMissedRuns {
    /// The control tests.
    pub tests: BTreeSet<TestId>,
    /// The first day on which they were due.
    pub first_on: Date,
    /// The last.
    pub last_on: Date,
    /// On how many days.
    pub count: u64,
}

/// Runs of control tests were due and not made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunsMissed {
    /// The control tests.
    pub tests: BTreeSet<TestId>,
    /// The first day on which they were due.
    pub first_on: Date,
    /// The last.
    pub last_on: Date,
    /// On how many days.
    pub count: u64,
}

impl Due {
    /// Whether nothing is due.
    pub fn is_empty(&self) -> bool {
        self.tests.is_empty()
    }

    /// The facts of missed runs to record: one for all control tests that missed the same days.
    pub fn missed_runs(&self) -> Vec<RecordMissedRuns> {
        let mut of_test: BTreeMap<&TestId, BTreeSet<Date>> = BTreeMap::new();
        for due in self.tests.iter().filter(|due| !due.missed.is_empty()) {
            of_test.entry(&due.test).or_default().extend(&due.missed);
        }
        let mut alike: BTreeMap<BTreeSet<Date>, Vec<TestId>> = BTreeMap::new();
        for (test, days) in of_test {
            alike.entry(days).or_default().push(test.clone());
        }
        let facts = alike.into_iter().filter_map(|(days, tests)| {
            let (first_on, last_on, count) = (*days.first()?, *days.last()?, days.len() as u64);
            let fact = move |tests: &[TestId]| RecordMissedRuns {
                tests: tests.iter().cloned().collect(),
                first_on,
                last_on,
                count,
            };
            Some(tests.chunks(TESTS_A_FACT).map(fact).collect::<Vec<_>>())
        });
        facts.flatten().collect()
    }
}

impl Frequency {
    /// Whether what is done so often closes with a day. Settings and events are looked at daily.
    fn closes_with(self, day: Date) -> bool {
        let month_ends = day == day.last_of_month();
        match self {
            Self::Continuous | Self::PerEvent | Self::Daily => true,
            Self::Weekly => day.weekday() == jiff::civil::Weekday::Sunday,
            Self::SemiMonthly => day.day() == 15 || month_ends,
            Self::Monthly => month_ends,
            Self::Quarterly => month_ends && day.month() % 3 == 0,
            Self::SemiAnnual => month_ends && day.month() % 6 == 0,
            Self::Annual => month_ends && day.month() == 12,
        }
    }
}

pub(crate) fn decide_missed(
    state: &State,
    author: &Author,
    catalog: &CatalogIndex,
    command: RecordMissedRuns,
) -> Result<Vec<Event>, Refusal> {
    state.require_one_of(author, &[Role::ComplianceLead, Role::ControlOwner, Role::Administrator])?;
    state.require_catalog(catalog)?;
    if let Some(unknown) = command.tests.iter().find(|test| !catalog.tests.contains_key(*test)) {
        return Err(Refusal::UnknownTest(unknown.clone()));
    }
    let RecordMissedRuns { tests, first_on, last_on, count } = command;
    let days = Span { first: first_on, last: last_on }.length();
    if tests.is_empty() || count == 0 || count > days {
        return Err(Refusal::MissedRunsDisagree);
    }
    state.require_past(author, last_on)?;
    if let Some(known) = tests.iter().find(|test| state.last_missed_run(test).is_some_and(|last| last >= first_on)) {
        return Err(Refusal::MissedRunsRecorded(known.clone()));
    }
    Ok(vec![Event::RunsMissed(RunsMissed { tests, first_on, last_on, count })])
}

/// The days of engagements that management has not signed for, and what is asked of them.
struct Series<'a> {
    span: Span,
    /// When the first of these engagements was opened.
    opened_at: Timestamp,
    /// Control tests about controls in scope, each with how often it is due.
    tests: BTreeMap<&'a TestId, (&'a TestRule, Frequency)>,
}

impl State {
    /// Which control tests and which collections are due at an instant, in the organization's zone. `rests_on` says on which
    /// days its business rests: a run that falls due on one may wait for the next business day.
    pub fn due(&self, catalog: &CatalogIndex, rests_on: &dyn Fn(Date) -> bool, now: Timestamp) -> Due {
        let Some(today) = self.local_date(now) else { return Due::default() };
        let mut due = Due::default();
        let mut needed: BTreeMap<&DatasetId, Date> = BTreeMap::new();
        for series in self.series(catalog) {
            let on = before(today).min(series.span.last);
            if on < series.span.first {
                continue;
            }
            for (test, (rule, every)) in &series.tests {
                let Some(found) = self.due_test(test, rule, *every, &series, on, today, rests_on) else { continue };
                due.tests.push(found);
                for dataset in &rule.datasets {
                    let needed = needed.entry(dataset).or_insert(on);
                    *needed = on.max(*needed);
                }
            }
        }
        for (dataset, until) in needed {
            due.collections.extend(self.due_collection(catalog, dataset, until));
        }
        due
    }

    #[expect(clippy::too_many_arguments, reason = "what a control test is, where it stands, and the calendar")]
    fn due_test(
        &self,
        test: &TestId,
        rule: &TestRule,
        every: Frequency,
        series: &Series<'_>,
        on: Date,
        today: Date,
        rests_on: &dyn Fn(Date) -> bool,
    ) -> Option<DueTest> {
        let span = series.span;
        let newest = self.newest_result(test, span);
        // Who has no result yet could be run since the engagement and the catalog are there.
        let begins = self.local_date(series.opened_at.max(self.catalog_in_force()?.adopted_at))?;
        let from = newest.map_or(span.first, |result| after(result.on));
        let closed = days(from, on).filter(|day| every.closes_with(*day) || *day == span.last);
        let closed: Vec<Date> = closed.collect();
        let Some(first) = closed.first() else {
            // What could not be evaluated is tried again on the next day, or when there is new evidence.
            let again = newest.filter(|result| matches!(result.outcome, Outcome::NotEvaluable | Outcome::Error))?;
            let seen = |dataset: &DatasetId| self.evidence_of(dataset).last().is_some_and(|e| e.entry > again.entry);
            let is_due = again.on < on || rule.datasets.iter().any(seen);
            return is_due.then(|| {
                let since = after(again.on.min(on));
                DueTest { test: test.clone(), every, span, on, since, missed: Vec::new() }
            });
        };
        let since = if newest.is_some() { after(*first) } else { after(*first).max(begins) };
        let counted = closed.iter().filter(|day| newest.is_some() || **day >= begins);
        let moments: BTreeSet<Date> =
            counted.map(|day| due_on(*day, rests_on)).filter(|moment| *moment <= today).collect();
        let known = self.last_missed_run(test);
        let overtaken = moments.iter().rev().skip(1).rev();
        let missed = overtaken.copied().filter(|moment| known.is_none_or(|known| *moment > known)).collect();
        Some(DueTest { test: test.clone(), every, span, on, since, missed })
    }

    fn due_collection(&self, catalog: &CatalogIndex, dataset: &DatasetId, until: Date) -> Option<DueCollection> {
        // A state that was read while its day lasted does not say how the day ended.
        let is_over = |e: &&Evidence| self.require_over(e.extracted_at, e.covers.last).is_ok();
        let complete = |of: &[&'_ Evidence]| -> Vec<Span> {
            let whole = of.iter().copied().filter(|evidence| self.is_whole(dataset, evidence)).filter(is_over);
            whole.map(|evidence| evidence.covers).collect()
        };
        let by_source: Vec<Vec<Span>> =
            self.by_source(catalog, dataset).into_values().map(|of| complete(&of)).collect();
        let due = |days| Some(DueCollection { dataset: dataset.clone(), days, until });
        if catalog.is_state(dataset) {
            let is_there = |of: &Vec<Span>| of.iter().any(|covers| covers.last >= until);
            let all_there = !by_source.is_empty() && by_source.iter().all(is_there);
            return if all_there { None } else { due(Some(Span { first: until, last: until })) };
        }
        let covered: Option<Vec<Date>> = by_source.into_iter().map(covered_until).collect();
        let Some(covered) = covered.and_then(|covered| covered.into_iter().min()) else { return due(None) };
        // Whole months, since extracts are cut by them: an extract that is read again in part would leave no sum of rows.
        let first = after(covered).saturating_sub(jiff::Span::new().days(LOOKBACK_DAYS)).first_of_month();
        if covered >= until { None } else { due(Some(Span { first, last: until })) }
    }

    /// The days of engagements that management has not signed for, each with its control tests.
    fn series<'a>(&self, catalog: &'a CatalogIndex) -> Vec<Series<'a>> {
        let mut all: BTreeMap<Span, Series<'a>> = BTreeMap::new();
        for engagement in self.engagements.values().filter(|engagement| engagement.assertion.is_none()) {
            let span = engagement.report_type.span();
            let opened_at = engagement.opened_at;
            let series = all.entry(span).or_insert_with(|| Series { span, opened_at, tests: BTreeMap::new() });
            series.opened_at = series.opened_at.min(opened_at);
            for (test, rule, every) in self.scheduled(engagement, catalog) {
                let known = series.tests.entry(test).or_insert((rule, every));
                known.1 = known.1.min(every);
            }
        }
        all.into_values().collect()
    }

    /// The control tests of an engagement, and how often each is due: as the catalog says, else as often as the control that
    /// acts most often among those that it is about.
    fn scheduled<'a>(
        &self,
        engagement: &Engagement,
        catalog: &'a CatalogIndex,
    ) -> Vec<(&'a TestId, &'a TestRule, Frequency)> {
        let in_scope = engagement.controls(self, catalog);
        let of_test = catalog.tests.iter().filter_map(|(test, rule)| {
            let tested = self.controls_tested(rule, engagement.report_type.span());
            let about = tested.iter().filter_map(|control| in_scope.get(control));
            let most_often = about.map(|version| version.definition.frequency).min()?;
            Some((test, rule, rule.every.unwrap_or(most_often)))
        });
        of_test.collect()
    }

    /// The control tests whose newest evidence of a state is too old for the last day that is over, or for the last day of an
    /// engagement that ended.
    pub fn stale_inputs(&self, catalog: &CatalogIndex, today: Date) -> BTreeSet<StaleInput> {
        let mut stale = BTreeSet::new();
        for series in self.series(catalog) {
            let day = before(today).min(series.span.last);
            if day < series.span.first {
                continue;
            }
            let mut known: BTreeMap<&DatasetId, Option<(Date, Date)>> = BTreeMap::new();
            for (test, (rule, _)) in &series.tests {
                for dataset in &rule.datasets {
                    let too_old = known.entry(dataset).or_insert_with(|| self.too_old(catalog, dataset, day));
                    let Some((newest_on, stale_since)) = *too_old else { continue };
                    let (test, dataset) = ((*test).clone(), dataset.clone());
                    stale.insert(StaleInput { test, dataset, newest_on, stale_since });
                }
            }
        }
        stale
    }

    /// The day of a dataset's newest state and the first day on which that was too old, if it is on `day`; of several sources
    /// that of the oldest.
    fn too_old(&self, catalog: &CatalogIndex, dataset: &DatasetId, day: Date) -> Option<(Date, Date)> {
        let most = catalog.datasets.get(dataset)?.stale_after_days?;
        let newest = |of: Vec<&Evidence>| {
            let complete = of.into_iter().filter(|e| e.complete && e.covers.last <= day);
            complete.map(|evidence| evidence.covers.last).max()
        };
        let newest_on = self.by_source(catalog, dataset).into_values().filter_map(newest).min()?;
        let stale_since = newest_on.saturating_add(jiff::Span::new().days(i64::from(most) + 1));
        (day >= stale_since).then_some((newest_on, stale_since))
    }

    /// The extracts of a dataset by their source, where each has rows of its own; else all of them together, since one source
    /// takes over from another.
    fn by_source(&self, catalog: &CatalogIndex, dataset: &DatasetId) -> BTreeMap<Option<&SourceId>, Vec<&Evidence>> {
        let apart = catalog.datasets.get(dataset).is_some_and(|rule| rule.several_sources);
        let mut by_source: BTreeMap<_, Vec<&Evidence>> = BTreeMap::new();
        for extract in self.evidence_of(dataset) {
            by_source.entry(apart.then_some(&extract.source)).or_default().push(extract);
        }
        by_source
    }

    /// The last day on which a run of a control test is known to have been missed.
    fn last_missed_run(&self, test: &TestId) -> Option<Date> {
        let of_test = self.missed_runs.iter().filter(|(missed, _)| missed.tests.contains(test));
        of_test.map(|(missed, _)| missed.last_on).max()
    }

    pub(crate) fn apply_runs_missed(&mut self, event: &RunsMissed, recorded: &Recorded) {
        self.missed_runs.push((event.clone(), recorded.index));
    }
}

/// The last day up to which extracts follow on each other without a gap, from the first one's first day on.
fn covered_until(mut covers: Vec<Span>) -> Option<Date> {
    covers.sort_unstable();
    covers.into_iter().fold(None, |until, next| match until {
        None => Some(next.last),
        Some(until) if next.first <= after(until) => Some(next.last.max(until)),
        Some(until) => Some(until),
    })
}

/// The day on which what closed with a day is due: the next business day.
fn due_on(closed: Date, rests_on: &dyn Fn(Date) -> bool) -> Date {
    let next = after(closed);
    days(next, Date::MAX).take(LONGEST_REST).find(|day| !rests_on(*day)).unwrap_or(next)
}

fn days(first: Date, last: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(first), |day| day.tomorrow().ok()).take_while(move |day| *day <= last)
}

fn before(day: Date) -> Date {
    day.yesterday().unwrap_or(day)
}

fn after(day: Date) -> Date {
    day.tomorrow().unwrap_or(day)
}

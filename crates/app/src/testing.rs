//! Running control tests over what the vault holds, and recording how each ended.
//!
//! Invariant: evidence that is missing, incomplete or failed to be collected is named to the engine; nothing here turns
//! it into rows.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::civil::Date;
use serde::Serialize;
use tickmark_canonical::{Digest, RowDigestKey};
use tickmark_catalog::{Catalog, ControlTest};
use tickmark_domain::{
    CatalogIndex, Command, DatasetId, EngagementId, Evidence, ItemChange, NewResult, Outcome, PersonId, RecordTestRun,
    Refusal, Series, SourceId, Span, State, TestId,
};
use tickmark_examine::{Job, Limits, TableInput, TestOutcome};

use crate::{Error, House, Progress, items};

/// Which control tests to run over which days.
#[derive(Debug, Clone)]
pub struct TestRequest {
    /// Only this control test; those of adopted controls by default.
    pub test: Option<String>,
    /// The days tested; table names mean their state on the last that is over.
    pub span: Span,
    /// Within what the run has to end.
    pub limits: Limits,
}

/// How a run ended.
#[derive(Debug, Clone, Serialize)]
pub struct TestRun {
    /// The run.
    pub run: String,
    /// The days tested.
    pub span: Span,
    /// One line a control test, by id.
    pub results: Vec<ResultLine>,
}

/// How one control test ended.
#[derive(Debug, Clone, Serialize)]
pub struct ResultLine {
    /// The control test.
    pub test: String,
    /// Its title.
    pub title: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Items in the population.
    pub population: u64,
    /// Items with exceptions.
    pub exceptions: u64,
    /// Why it is not evaluable, or which error it was.
    pub reason: Option<String>,
    /// How long it took.
    pub millis: u64,
}

impl TestRun {
    /// Whether every control test could be evaluated.
    pub fn is_evaluable(&self) -> bool {
        self.results.iter().all(|line| !matches!(line.outcome, Outcome::NotEvaluable | Outcome::Error))
    }
}

/// The days of each engagement that control tests run over. An as-of date within another engagement's days has none of its own:
/// a Type 1 states no tests, and the populations of one day say nothing of what was tested over the period around it.
pub(crate) fn days_of_tests(state: &State) -> impl Iterator<Item = (&EngagementId, Span)> {
    let spans = || state.engagements.iter().map(|(id, engagement)| (id, engagement.report_type.span()));
    spans().filter(move |(_, span)| {
        span.first != span.last || !spans().any(|(_, around)| around != *span && around.covers(span))
    })
}

impl House {
    /// Runs control tests and records the run.
    pub fn test(
        &mut self,
        person: &PersonId,
        request: &TestRequest,
        progress: &dyn Progress,
    ) -> Result<TestRun, Error> {
        let catalog = Arc::clone(&self.catalog);
        let tests: Vec<ControlTest> = catalog
            .tests
            .values()
            .filter(|test| match &request.test {
                Some(id) => **id == *test.id,
                None => self.is_about_an_adopted_control(test, request.span),
            })
            .cloned()
            .collect();
        if tests.is_empty() {
            let unknown = |name| Error::Unknown { kind: "control test", name };
            return Err(request.test.clone().map_or(Error::NothingToTest, unknown));
        }
        let on = self.last_day_over(request.span)?;
        self.perform(person, tests, request.span, on, request.limits.clone(), progress)
    }

    /// The days that engagements test, as far as they have begun: one span each, without repeats. Days within another engagement's
    /// are a span of their own, since results and reports are of just the days tested.
    pub fn spans_to_test(&self) -> Result<Vec<Span>, Error> {
        let spans: BTreeSet<Span> = days_of_tests(self.state()).map(|(_, span)| span).collect();
        let first = spans.first().copied().ok_or(Error::NoEngagement)?;
        let begun: Vec<Span> = spans.into_iter().filter(|span| self.last_day_over(*span).is_ok()).collect();
        if begun.is_empty() { Err(Refusal::DayNotOver { day: first.first }.into()) } else { Ok(begun) }
    }

    /// Runs these control tests over days as they stand on one of them, and records the run.
    pub(crate) fn perform(
        &mut self,
        person: &PersonId,
        tests: Vec<ControlTest>,
        span: Span,
        on: Date,
        limits: Limits,
        progress: &dyn Progress,
    ) -> Result<TestRun, Error> {
        progress.step("testing", tests.len() as u64);
        let job = self.job(self.state(), (&self.catalog, &self.index), tests, span, on, limits)?;
        let outcomes = tickmark_examine::run_in_child(&job, &self.vault, &self.vault_root);
        progress.advance(job.tests.len() as u64);
        self.record(person, &job, &outcomes)
    }

    /// The last of some days that is over.
    fn last_day_over(&self, span: Span) -> Result<Date, Refusal> {
        let over = self.state().last_day_over(self.now()).unwrap_or(span.last);
        if over < span.first { Err(Refusal::DayNotOver { day: span.first }) } else { Ok(over.min(span.last)) }
    }

    /// A control that the organization did not adopt is none of its own, and so is not tested by itself.
    fn is_about_an_adopted_control(&self, test: &ControlTest, span: Span) -> bool {
        let state = self.state();
        let rule = test.id.parse::<TestId>().ok().and_then(|id| self.index.tests.get(&id));
        rule.is_some_and(|rule| {
            state.controls_tested(rule, span).iter().any(|control| state.controls.contains_key(control))
        })
    }

    /// The job that examines what a state knows of, by the rules of a catalog.
    pub(crate) fn job(
        &self,
        state: &State,
        (catalog, index): (&Catalog, &CatalogIndex),
        tests: Vec<ControlTest>,
        span: Span,
        on: Date,
        limits: Limits,
    ) -> Result<Job, Error> {
        let wanted: BTreeSet<DatasetId> = tests
            .iter()
            .filter_map(|test| test.id.parse::<TestId>().ok())
            .filter_map(|id| index.tests.get(&id))
            .flat_map(|rule| rule.datasets.iter().cloned())
            .collect();
        Ok(Job { tests, ..self.job_over(state, catalog, wanted, span, on, limits)? })
    }

    /// A job over what a state knows of these datasets, which asks nothing yet.
    pub(crate) fn job_over(
        &self,
        state: &State,
        catalog: &Catalog,
        wanted: BTreeSet<DatasetId>,
        span: Span,
        on: Date,
        limits: Limits,
    ) -> Result<Job, Error> {
        // Where days end is the organization's word; nothing is tested by a zone that nobody chose.
        let zone = state.organization.as_ref().ok_or(Refusal::NotFounded)?.zone.clone();
        let mut tables = Vec::new();
        for id in wanted {
            let Some(dataset) = catalog.datasets.get(id.as_str()) else { continue };
            let manifests = state
                .evidence_of(&id)
                .iter()
                .map(|evidence| Ok((evidence.manifest, self.vault.manifest(&evidence.manifest)?)))
                .collect::<Result<_, Error>>()?;
            let incomplete = state.evidence_of(&id).iter().filter(|extract| !extract.complete);
            let to_connect = dataset.once_collected && !state.was_collected(&id);
            tables.push(TableInput {
                dataset: dataset.clone(),
                manifests,
                incomplete: self
                    .failures(state, &id)?
                    .into_iter()
                    .chain(to_connect.then(|| crate::connectors::connect(catalog, id.as_str())))
                    .chain(if dataset.several_sources { None } else { two_sources(state, &id) })
                    .chain(self.unreconciled(state, &id)?)
                    .collect(),
                incomplete_extracts: incomplete.map(|e| (e.manifest, incomplete_sentence(state, e))).collect(),
            });
        }
        Ok(Job {
            tables,
            tests: Vec::new(),
            populations: Vec::new(),
            on,
            period_start: span.first,
            period_end: span.last,
            calendars: catalog.calendars.values().cloned().collect(),
            zone,
            at: self.now(),
            limits,
        })
    }

    /// The collections of a dataset that failed, unless later extracts of the same days made up for them.
    fn failures(&self, state: &State, dataset: &DatasetId) -> Result<Vec<String>, Error> {
        let mut failures = Vec::new();
        for (failure, entry) in state.failed_collections.iter().filter(|(f, _)| f.dataset.as_ref() == Some(dataset)) {
            let Span { first, last } = failure.covers;
            let mut later = state.evidence_of(dataset).iter().filter(|e| e.entry > *entry && e.complete).peekable();
            // A later state makes up for any earlier one that failed; events are made up for by the same days only.
            let later_state = first == last && later.peek().is_some();
            if !later_state && failure.covers.first_gap(later.map(|extract| extract.covers)).is_some() {
                failures.push(format!("collecting {first} to {last} failed: {}", self.text(&failure.message)?));
            }
        }
        Ok(failures)
    }

    /// The series that do not reconcile and that hold an extract which still counts for a day.
    fn unreconciled(&self, state: &State, dataset: &DatasetId) -> Result<Vec<String>, Error> {
        let counting = state.counting_extracts(dataset, Date::MIN).extracts;
        let series: BTreeMap<u64, &Series> = counting
            .into_iter()
            .filter_map(|extract| state.unreconciled_series(dataset, extract))
            .map(|series| (series.entry, series))
            .collect();
        let sentence =
            |Series { source, covers: Span { first, last }, differs_because, .. }: &Series| -> Result<_, Error> {
                let because = differs_because.as_ref().map(|text| self.text(text)).transpose()?.unwrap_or_default();
                Ok(format!(
                    "the series of `{dataset}` from `{source}` of {first} to {last} does not reconcile: {because}"
                ))
            };
        series.into_values().map(sentence).collect()
    }

    fn record(&mut self, person: &PersonId, job: &Job, outcomes: &[TestOutcome]) -> Result<TestRun, Error> {
        let span = Span { first: job.period_start, last: job.period_end };
        let run = crate::house::new_id("run")?;
        let mut results = Vec::new();
        let mut lines = Vec::new();
        for outcome in outcomes {
            let result = self.new_result(outcome, span)?;
            let title = self.catalog.tests.get(outcome.test.as_str()).map_or("", |test| test.title.as_str());
            lines.push(ResultLine {
                test: outcome.test.clone(),
                title: title.to_owned(),
                outcome: result.outcome,
                population: result.population,
                exceptions: result.exceptions,
                reason: reason_of(outcome).map(ToOwned::to_owned),
                millis: outcome.millis,
            });
            results.push(result);
        }
        let engine = outcomes.first().map(|outcome| outcome.engine.clone()).unwrap_or_default();
        let command = RecordTestRun { run: run.parse()?, on: job.on, span, engine, results };
        self.execute(person, Command::RecordTestRun(command))?;
        Ok(TestRun { run, span, results: lines })
    }

    fn new_result(&self, outcome: &TestOutcome, span: Span) -> Result<NewResult, Error> {
        let test: TestId = outcome.test.parse()?;
        let key = RowDigestKey::of(&self.item_keys);
        let (kind, population) = match &outcome.outcome {
            tickmark_examine::Outcome::NoExceptions { population } => (Outcome::NoExceptions, *population),
            tickmark_examine::Outcome::Exceptions { population, .. } => (Outcome::Exceptions, *population),
            tickmark_examine::Outcome::NoOccurrence => (Outcome::NoOccurrence, 0),
            tickmark_examine::Outcome::NotEvaluable { .. } => (Outcome::NotEvaluable, 0),
            tickmark_examine::Outcome::Error { .. } => (Outcome::Error, 0),
        };
        let items = match (kind, outcome.rows) {
            (Outcome::Exceptions, Some(rows)) => {
                let keys = items::keys_of_rows(&self.vault, &self.item_keys, &rows, &outcome.item)?;
                Some(self.item_change(&test, span, &keys)?)
            }
            // Where it looked and found none, the items that were there are gone.
            (Outcome::NoExceptions | Outcome::NoOccurrence, _)
                if self.state().standing_exception(&test, span).is_some_and(|(_, exception)| exception.items > 0) =>
            {
                Some(self.item_change(&test, span, &BTreeSet::new())?)
            }
            (
                Outcome::Exceptions
                | Outcome::NoExceptions
                | Outcome::NoOccurrence
                | Outcome::NotEvaluable
                | Outcome::Error,
                _,
            ) => None,
        };
        Ok(NewResult {
            outcome: kind,
            population,
            population_digest: outcome.population_digest.map(|digest| key.seal(&digest)),
            exceptions: if kind == Outcome::Exceptions { outcome.items } else { 0 },
            rows: outcome.rows,
            rows_digest: outcome.rows_digest.map(|digest| key.seal(&digest)),
            sql: outcome.sql_digest,
            inputs: self.put_json(&outcome.inputs)?,
            manifests: outcome.inputs.clone(),
            reason: reason_of(outcome).map(|reason| self.put_text(reason)).transpose()?,
            late: outcome.late.len() as u64,
            canaries: outcome.canaries_caught,
            items,
            test,
        })
    }

    /// The keys of the items that came back, and how they differ from the last run's over the same days.
    fn item_change(&self, test: &TestId, span: Span, keys: &BTreeSet<Digest>) -> Result<ItemChange, Error> {
        let standing = self.state().standing_exception(test, span).map(|(_, exception)| exception);
        let last = standing.map(|e| items::read(&self.vault, &e.keys)).transpose()?.unwrap_or_default();
        let mut ever = last.clone();
        for earlier in standing.map_or(&[][..], |exception| &exception.sightings) {
            ever.extend(items::read(&self.vault, &earlier.keys)?);
        }
        Ok(ItemChange {
            keys: items::write(&self.vault, keys)?,
            appeared: keys.difference(&ever).count() as u64,
            gone: last.difference(keys).count() as u64,
            back: keys.iter().filter(|key| !last.contains(*key) && ever.contains(*key)).count() as u64,
        })
    }
}

/// That two sources deliver one dataset for the same days. Of each day the newest extract counts, so that one would hide
/// the rows of the other, whichever was read last.
fn two_sources(state: &State, dataset: &DatasetId) -> Option<String> {
    let mut reach: BTreeMap<&SourceId, Span> = BTreeMap::new();
    for Evidence { source, covers, .. } in state.evidence_of(dataset) {
        let of = reach.entry(source).or_insert(*covers);
        *of = Span { first: of.first.min(covers.first), last: of.last.max(covers.last) };
    }
    let reach: Vec<_> = reach.into_iter().collect();
    let pairs = reach.iter().enumerate().flat_map(|(at, one)| reach.iter().skip(at + 1).map(move |other| (one, other)));
    let both = |one: &Span, other: &Span| Span { first: one.first.max(other.first), last: one.last.min(other.last) };
    pairs.map(|((one, of_one), (other, of_other))| (one, other, both(of_one, of_other))).find_map(|(one, other, days)| {
        let Span { first, last } = days;
        (first <= last).then(|| {
            format!("the sources `{one}` and `{other}` both deliver `{dataset}` for {first} to {last}: the newer would hide the rows of the other")
        })
    })
}

fn incomplete_sentence(state: &State, evidence: &Evidence) -> String {
    let Span { first, last } = evidence.covers;
    let why = match evidence.source_rows {
        Some(source) if source != evidence.rows => {
            format!("{} rows stored, the source says {source} rows", evidence.rows)
        }
        _ if state.local_date(evidence.extracted_at).is_some_and(|day| day <= last) => {
            format!("{last} was not over when the rows were read")
        }
        Some(_) => "the source gives other sums, or none".to_owned(),
        None => format!("{} rows stored, the source says no count", evidence.rows),
    };
    format!("the extract of {first} to {last} is not complete: {why}")
}

fn reason_of(outcome: &TestOutcome) -> Option<&str> {
    match &outcome.outcome {
        tickmark_examine::Outcome::NotEvaluable { reason } => Some(reason),
        tickmark_examine::Outcome::Error { message } => Some(message),
        tickmark_examine::Outcome::NoExceptions { .. }
        | tickmark_examine::Outcome::Exceptions { .. }
        | tickmark_examine::Outcome::NoOccurrence => None,
    }
}

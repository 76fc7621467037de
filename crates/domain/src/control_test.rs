//! Runs of control tests and their results: management's testing over whole populations.
//!
//! Invariant: "we don't know" is never folded into "no exceptions": each outcome has its own variant, and a result that
//! claims no exceptions names a population above zero and evidence that the ledger holds.

use std::{collections::BTreeSet, fmt};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{
    Author, CatalogIndex, Event, ExceptionId, ExceptionRaised, ExceptionSeen, Recorded, Refusal, Role, RunId, Span,
    State, TestId,
};

/// How a control test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The whole population was tested and no row came back.
    NoExceptions,
    /// Rows came back.
    Exceptions,
    /// Nothing happened to which the control should have applied.
    NoOccurrence,
    /// Evidence is missing, incomplete or stale.
    NotEvaluable,
    /// The test itself failed: SQL, limits, or a canary not caught.
    Error,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoExceptions => "no exceptions",
            Self::Exceptions => "exceptions",
            Self::NoOccurrence => "no occurrence",
            Self::NotEvaluable => "not evaluable",
            Self::Error => "error",
        })
    }
}

/// Record a run of control tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordTestRun {
    /// The run.
    pub run: RunId,
    /// Effective day for which table names meant their state.
    pub on: Date,
    /// The days tested.
    pub span: Span,
    /// Name and version of the engine.
    pub engine: String,
    /// One result a test, in the order of test ids.
    pub results: Vec<NewResult>,
}

/// A result as the run found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewResult {
    /// The control test.
    pub test: TestId,
    /// How it ended.
    pub outcome: Outcome,
    /// Items in the population.
    pub population: u64,
    /// Digest of the population's canonical rows, sealed by the organization's row digest key.
    pub population_digest: Option<Digest>,
    /// Items that came back.
    pub exceptions: u64,
    /// Manifest of the rows that came back (vault object).
    pub rows: Option<Digest>,
    /// Digest of the canonical rows that came back, sealed by the organization's row digest key.
    pub rows_digest: Option<Digest>,
    /// Digest of the SQL texts and parameters.
    pub sql: Digest,
    /// Vault object that lists the manifests read.
    pub inputs: Digest,
    /// Manifests read.
    pub manifests: Vec<Digest>,
    /// Why it is not evaluable, or which error it was (vault text).
    pub reason: Option<Digest>,
    /// Extracts that were made only after the day tested.
    pub late: u64,
    /// Canaries that the test caught before it ran.
    pub canaries: u64,
    /// The item keys that came back (vault object: sorted HMACs), and how they compare with the last run over the same days.
    pub items: Option<ItemChange>,
}

/// How the items of an exception changed between two runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemChange {
    /// The item keys (vault object: sorted HMACs).
    pub keys: Digest,
    /// Items not seen in the run before.
    pub appeared: u64,
    /// Items of the run before that are gone.
    pub gone: u64,
    /// Items that were gone before and are back.
    pub back: u64,
}

/// A control test gave a result that differs from its last one over the same days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestResultRecorded {
    /// The run.
    pub run: RunId,
    /// The control test.
    pub test: TestId,
    /// Effective day for which table names meant their state.
    pub on: Date,
    /// The days tested.
    pub span: Span,
    /// How it ended.
    pub outcome: Outcome,
    /// Items in the population.
    pub population: u64,
    /// Digest of the population's canonical rows, sealed by the organization's row digest key.
    pub population_digest: Option<Digest>,
    /// Items that came back.
    pub exceptions: u64,
    /// Manifest of the rows that came back (vault object).
    pub rows: Option<Digest>,
    /// Digest of the canonical rows that came back, sealed by the organization's row digest key.
    pub rows_digest: Option<Digest>,
    /// Digest of the SQL texts and parameters.
    pub sql: Digest,
    /// Vault object that lists the manifests read.
    pub inputs: Digest,
    /// Why it is not evaluable, or which error it was (vault text).
    pub reason: Option<Digest>,
    /// Extracts that were made only after the day tested.
    pub late: u64,
    /// Canaries that the test caught before it ran.
    pub canaries: u64,
    /// The catalog in force.
    pub catalog: Digest,
    /// Name and version of the engine.
    pub engine: String,
}

/// A run of control tests ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestRunRecorded {
    /// The run.
    pub run: RunId,
    /// Effective day for which table names meant their state.
    pub on: Date,
    /// The days tested.
    pub span: Span,
    /// Results recorded with this run because they differ from the last ones.
    pub changed: u64,
    /// Results equal to the last ones over the same days.
    pub unchanged: u64,
    /// The control tests of these results, sorted. Runs of earlier versions only count them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unchanged_tests: Vec<TestId>,
    /// The catalog in force.
    pub catalog: Digest,
    /// Name and version of the engine.
    pub engine: String,
}

/// A run as the ledger knows it. What it observed stands with each control test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestRun {
    /// Effective day for which table names meant their state.
    pub on: Date,
    /// The days tested.
    pub span: Span,
    /// Results recorded with this run because they differ from the last ones.
    pub changed: u64,
    /// Results equal to the last ones over the same days.
    pub unchanged: u64,
    /// The catalog that was in force.
    pub catalog: Digest,
    /// Name and version of the engine.
    pub engine: String,
    /// Entry that recorded it.
    pub entry: u64,
}

/// A result as the ledger knows it. The test is the key under which [`State`] holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestResult {
    /// The run.
    pub run: RunId,
    /// Effective day for which table names meant their state.
    pub on: Date,
    /// The days tested.
    pub span: Span,
    /// How it ended.
    pub outcome: Outcome,
    /// Items in the population.
    pub population: u64,
    /// Digest of the population's canonical rows, sealed by the organization's row digest key.
    pub population_digest: Option<Digest>,
    /// Items that came back.
    pub exceptions: u64,
    /// Manifest of the rows that came back (vault object).
    pub rows: Option<Digest>,
    /// Digest of the canonical rows that came back, sealed by the organization's row digest key.
    pub rows_digest: Option<Digest>,
    /// Digest of the SQL texts and parameters.
    pub sql: Digest,
    /// Vault object that lists the manifests read.
    pub inputs: Digest,
    /// Why it is not evaluable, or which error it was (vault text).
    pub reason: Option<Digest>,
    /// Extracts that were made only after the day tested.
    pub late: u64,
    /// Canaries that the test caught before it ran.
    pub canaries: u64,
    /// The catalog that was in force.
    pub catalog: Digest,
    /// Name and version of the engine.
    pub engine: String,
    /// Entry that recorded it.
    pub entry: u64,
}

impl TestResult {
    /// Whether nothing showed that the test can find what it looks for: it ended in an error before its canaries were caught.
    /// Such a result is never "no exceptions".
    pub fn is_unproven(&self) -> bool {
        self.outcome == Outcome::Error && self.canaries == 0
    }

    fn says_the_same_as(&self, new: &NewResult, on: Date, span: Span) -> bool {
        self.on == on
            && self.span == span
            && self.outcome == new.outcome
            && self.population == new.population
            && self.population_digest == new.population_digest
            && self.exceptions == new.exceptions
            && self.rows_digest == new.rows_digest
            && self.sql == new.sql
            && self.inputs == new.inputs
            && self.reason == new.reason
            && self.late == new.late
    }
}

/// How many bytes of an entry, which has 8 KiB at most, a run may take to list unchanged control tests. Those beyond it are
/// recorded as if they had changed: that says the same.
const MOST_LISTED_BYTES: usize = 6 * 1024;

/// Quotation marks and a comma.
const BYTES_ABOUT_A_LISTED_ID: usize = 3;

pub(crate) fn decide_record(
    state: &State,
    author: &Author,
    catalog: &CatalogIndex,
    command: RecordTestRun,
) -> Result<Vec<Event>, Refusal> {
    state.require_one_of(author, &[Role::ComplianceLead, Role::ControlOwner, Role::Administrator])?;
    state.require_catalog(catalog)?;
    if state.runs.contains_key(&command.run) {
        return Err(Refusal::RunRecorded(command.run));
    }
    state.require_over(author.at, command.on)?;
    let mut events = Vec::new();
    let (mut changed, mut unchanged) = (0, BTreeSet::new());
    let mut listed_bytes = 0;
    for result in &command.results {
        require_sound(state, catalog, result)?;
        let last = state.newest_result(&result.test, command.span);
        let listed = result.test.as_str().len() + BYTES_ABOUT_A_LISTED_ID;
        if last.is_some_and(|last| last.says_the_same_as(result, command.on, command.span))
            && listed_bytes + listed <= MOST_LISTED_BYTES
        {
            listed_bytes += listed;
            unchanged.insert(result.test.clone());
            continue;
        }
        changed += 1;
        events.push(Event::TestResultRecorded(TestResultRecorded {
            run: command.run.clone(),
            test: result.test.clone(),
            on: command.on,
            span: command.span,
            outcome: result.outcome,
            population: result.population,
            population_digest: result.population_digest,
            exceptions: result.exceptions,
            rows: result.rows,
            rows_digest: result.rows_digest,
            sql: result.sql,
            inputs: result.inputs,
            reason: result.reason,
            late: result.late,
            canaries: result.canaries,
            catalog: catalog.catalog,
            engine: command.engine.clone(),
        }));
        events.extend(exception_event(state, &command, result));
    }
    events.push(Event::TestRunRecorded(TestRunRecorded {
        run: command.run,
        on: command.on,
        span: command.span,
        changed,
        unchanged: unchanged.len() as u64,
        unchanged_tests: unchanged.into_iter().collect(),
        catalog: catalog.catalog,
        engine: command.engine,
    }));
    Ok(events)
}

/// Refuses a result that claims what its own figures, the catalog or the ledger do not bear out.
fn require_sound(state: &State, catalog: &CatalogIndex, result: &NewResult) -> Result<(), Refusal> {
    let rule = catalog.tests.get(&result.test).ok_or_else(|| Refusal::UnknownTest(result.test.clone()))?;
    let contradicts = |why| Err(Refusal::ResultContradictsItself { test: result.test.clone(), why });
    if rule.sql != result.sql {
        return contradicts("its SQL is not the SQL of the catalog in force");
    }
    let rows_are_named = result.rows.is_some() && result.rows_digest.is_some() && result.items.is_some();
    match result.outcome {
        Outcome::NoExceptions | Outcome::Exceptions if result.canaries == 0 => {
            contradicts("no canary shows that it can find what it looks for")
        }
        Outcome::NoExceptions if result.population == 0 => contradicts("no exceptions in a population of none"),
        Outcome::NoExceptions | Outcome::NoOccurrence if result.exceptions > 0 => {
            contradicts("it counts exceptions that its outcome denies")
        }
        Outcome::NoExceptions | Outcome::Exceptions if result.population_digest.is_none() => {
            contradicts("its population has no digest")
        }
        Outcome::NoExceptions if result.rows_digest.is_none() => contradicts("no digest of the rows it did not find"),
        Outcome::Exceptions if result.exceptions == 0 || !rows_are_named => {
            contradicts("exceptions without their rows")
        }
        Outcome::NoOccurrence if result.population > 0 => contradicts("no occurrence in a population that has items"),
        Outcome::NotEvaluable | Outcome::Error if result.reason.is_none() => contradicts("it gives no reason"),
        Outcome::NotEvaluable | Outcome::Error => Ok(()),
        Outcome::NoExceptions | Outcome::Exceptions | Outcome::NoOccurrence => {
            let to_rest_on = rule.datasets.iter().flat_map(|dataset| state.extracts_to_rest_on(dataset));
            let recorded: BTreeSet<Digest> = to_rest_on.map(|extract| extract.manifest).collect();
            if result.manifests.is_empty() || !result.manifests.iter().all(|manifest| recorded.contains(manifest)) {
                return Err(Refusal::ResultWithoutEvidence(result.test.clone()));
            }
            Ok(())
        }
    }
}

/// The exception that a changed result raises, confirms or sees go.
fn exception_event(state: &State, command: &RecordTestRun, result: &NewResult) -> Option<Event> {
    let standing = state.standing_exception(&result.test, command.span);
    match (standing, result.items) {
        (Some((id, exception)), Some(items))
            if exception.keys != items.keys || exception.items != result.exceptions =>
        {
            Some(Event::ExceptionSeen(ExceptionSeen {
                exception: id.clone(),
                run: command.run.clone(),
                items: result.exceptions,
                appeared: items.appeared,
                gone: items.gone,
                back: items.back,
                keys: items.keys,
                rows: result.rows.unwrap_or(exception.rows),
            }))
        }
        (None, Some(items)) if result.outcome == Outcome::Exceptions => {
            let ordinal = 1 + state
                .exceptions
                .values()
                .filter(|exception| exception.origin.control_test() == Some(&result.test))
                .count();
            Some(Event::ExceptionRaised(ExceptionRaised {
                exception: format!("{}:{ordinal}", result.test).parse::<ExceptionId>().ok()?,
                test: result.test.clone(),
                run: command.run.clone(),
                span: command.span,
                items: result.exceptions,
                keys: items.keys,
                rows: result.rows?,
            }))
        }
        _ => None,
    }
}

impl State {
    /// The newest result of a control test over just these days.
    pub fn newest_result(&self, test: &TestId, span: Span) -> Option<&TestResult> {
        self.results.get(test)?.iter().rev().find(|result| result.span == span)
    }

    pub(crate) fn apply_test_result_recorded(&mut self, event: &TestResultRecorded, recorded: &Recorded) {
        self.results.entry(event.test.clone()).or_default().push(TestResult {
            run: event.run.clone(),
            on: event.on,
            span: event.span,
            outcome: event.outcome,
            population: event.population,
            population_digest: event.population_digest,
            exceptions: event.exceptions,
            rows: event.rows,
            rows_digest: event.rows_digest,
            sql: event.sql,
            inputs: event.inputs,
            reason: event.reason,
            late: event.late,
            canaries: event.canaries,
            catalog: event.catalog,
            engine: event.engine.clone(),
            entry: recorded.index,
        });
        let (day, rows) = (self.day_observed(event.on, recorded), event.rows_digest);
        self.observe(&event.test, day, event.outcome, rows, recorded.index);
    }

    pub(crate) fn apply_test_run_recorded(&mut self, event: &TestRunRecorded, recorded: &Recorded) {
        let day = self.day_observed(event.on, recorded);
        for test in &event.unchanged_tests {
            if let Some((outcome, rows)) =
                self.newest_result(test, event.span).map(|last| (last.outcome, last.rows_digest))
            {
                self.observe(test, day, outcome, rows, recorded.index);
            }
        }
        self.runs.insert(
            event.run.clone(),
            TestRun {
                on: event.on,
                span: event.span,
                changed: event.changed,
                unchanged: event.unchanged,
                catalog: event.catalog,
                engine: event.engine.clone(),
                entry: recorded.index,
            },
        );
    }
}

//! Control tests of an examination package performed again, for people to follow: population, SQL, what was recorded, what comes
//! back now, and the rows.
//!
//! Invariant: every control test of the engagement is listed; one that cannot be performed says why, and is not passed over.

use std::{collections::BTreeMap, fs::File, path::Path};

use jiff::civil::Date;
use serde::Serialize;
use tickmark_canonical::Digest;
use tickmark_catalog::Catalog;
use tickmark_domain::{Outcome, Span, TestFigures, TestId};
use tickmark_examine::TestOutcome;
use tickmark_report::seal::read_header;
use tickmark_vault::Vault;

use crate::{
    Error, Progress, VerifyRequest,
    firms::{Agreement, PerformedTest},
    opened_package::{Opened, SaysOfItself, Unpacked, open_sealed, perform_again},
    packaging::io_error,
    verifying::performed_test,
};

/// What came of it.
#[derive(Debug, Clone, Serialize)]
pub struct Reperformed {
    /// The organization.
    pub organization: String,
    /// The engagement.
    pub engagement: String,
    /// The days that it speaks of.
    pub span: Span,
    /// The ledger size of the package.
    pub ledger_size: u64,
    /// The control tests, by their ids.
    pub tests: Vec<ReperformedTest>,
}

/// A control test performed again.
#[derive(Debug, Clone, Serialize)]
pub struct ReperformedTest {
    /// The control test.
    pub test: String,
    /// What must hold.
    pub title: String,
    /// The controls in scope that it is about.
    pub controls: Vec<String>,
    /// The SQL that gives the population.
    pub population_sql: String,
    /// The SQL that gives the exceptions.
    pub test_sql: String,
    /// The extracts that it reads.
    pub inputs: Vec<ReperformedInput>,
    /// What the ledger records; none if it never ran over these days.
    pub recorded: Option<RecordedResult>,
    /// What came back now; none if it was not performed.
    pub found: Option<FoundResult>,
    /// How the two compare.
    pub agreement: Agreement,
    /// Names of the columns of its rows.
    pub columns: Vec<String>,
    /// The first of its rows.
    pub rows: Vec<Vec<String>>,
    /// How many rows there are.
    pub rows_in_all: u64,
}

/// An extract that a control test reads.
#[derive(Debug, Clone, Serialize)]
pub struct ReperformedInput {
    /// The dataset.
    pub dataset: String,
    /// The source.
    pub source: String,
    /// First day it covers.
    pub first: Option<Date>,
    /// Last day it covers; of a state the day it is of.
    pub last: Option<Date>,
    /// Rows stored.
    pub rows: u64,
    /// The source's own count.
    pub source_rows: Option<u64>,
    /// Its manifest.
    pub manifest: Digest,
}

/// A result in the ledger.
#[derive(Debug, Clone, Serialize)]
pub struct RecordedResult {
    /// How it ended.
    pub outcome: Outcome,
    /// Items in the population.
    pub population: u64,
    /// Items with exceptions.
    pub exceptions: u64,
    /// Digest of the population, sealed.
    pub population_digest: Option<Digest>,
    /// Digest of the rows, sealed.
    pub rows_digest: Option<Digest>,
    /// Why it is not evaluable, where the package holds the words.
    pub reason: Option<String>,
    /// The day as of which it looked.
    pub on: Date,
    /// Its entry.
    pub entry: u64,
}

/// What came back now.
#[derive(Debug, Clone, Serialize)]
pub struct FoundResult {
    /// How it ended.
    pub outcome: Outcome,
    /// Items in the population.
    pub population: u64,
    /// Items with exceptions.
    pub exceptions: u64,
    /// Digest of the population, sealed.
    pub population_digest: Option<Digest>,
    /// Digest of the rows, sealed.
    pub rows_digest: Option<Digest>,
    /// Why it could not be told.
    pub reason: Option<String>,
    /// The engine and its version.
    pub engine: String,
}

impl Reperformed {
    /// Whether a control test gave another population or other rows.
    pub fn differs(&self) -> bool {
        self.tests.iter().any(|test| test.agreement == Agreement::OtherRows)
    }

    /// Whether every control test that management could evaluate was performed.
    pub fn is_whole(&self) -> bool {
        self.tests.iter().all(|test| test.agreement != Agreement::NotPerformed)
    }
}

/// Performs the control tests of a package's control again, or all of them, and reads at most `most` rows of each.
pub fn reperform(
    path: &Path,
    control: Option<&str>,
    most: usize,
    request: &VerifyRequest<'_>,
    progress: &dyn Progress,
) -> Result<Reperformed, Error> {
    let file = File::open(path).map_err(io_error("read", path))?;
    let Ok(header) = read_header(file) else { return Err(Error::HoldsNoEvidence) };
    let key = request.firm_key.ok_or_else(|| Error::FirmKeyNeeded { recipient: header.recipient.to_string() })?;
    let mut says = SaysOfItself::default();
    let mut opened = open_sealed(path, key, &request.reliance, progress, &mut says)?;
    let figures = opened.state.figures(&opened.index, &opened.engagement)?;
    if let Some(control) = control
        && !figures.controls.keys().any(|known| known.as_str() == control)
    {
        return Err(Error::Unknown { kind: "control", name: control.to_owned() });
    }
    let is_asked = |of: &TestFigures| control.is_none_or(|name| of.controls.iter().any(|id| id.as_str() == name));
    let asked: BTreeMap<&TestId, &TestFigures> = figures.tests.iter().filter(|(_, of)| is_asked(of)).collect();
    // What was not evaluable for management is no better here, and there is nothing to compare it with.
    let is_answered = |of: &TestFigures| !matches!(of.outcome, None | Some(Outcome::NotEvaluable | Outcome::Error));
    let wanted = |test: &str| asked.iter().any(|(id, of)| id.as_str() == test && is_answered(of));
    let unpacked = Unpacked::of(&mut opened)?;
    progress.step("performing again", 1);
    let again = perform_again(&mut opened, &unpacked, &request.limits, &wanted, most)?;
    progress.advance(1);
    let what = opened.reperformance()?;
    let mut tests = Vec::new();
    for (test, of) in asked {
        let manifests = what.tests.get(test.as_str()).map(Vec::as_slice).unwrap_or_default();
        let outcome = again.outcomes.iter().find(|outcome| outcome.test == test.as_str());
        let shown = Shown { opened: &opened, vault: &unpacked.vault, catalog: &again.catalog };
        let mut line = shown.test(test, of, manifests, outcome)?;
        if let Some(read) = again.rows.get(test.as_str()) {
            line.columns.clone_from(&read.columns);
            line.rows.clone_from(&read.rows);
            line.rows_in_all = read.total;
        }
        tests.push(line);
    }
    Ok(Reperformed {
        organization: says.organization,
        engagement: says.engagement,
        span: opened.span()?,
        ledger_size: opened.verified.size,
        tests,
    })
}

/// What lines are made of.
struct Shown<'a> {
    opened: &'a Opened,
    vault: &'a Vault,
    catalog: &'a Catalog,
}

impl Shown<'_> {
    fn test(
        &self,
        test: &TestId,
        of: &TestFigures,
        manifests: &[Digest],
        outcome: Option<&TestOutcome>,
    ) -> Result<ReperformedTest, Error> {
        let span = self.opened.span()?;
        let unknown = || Error::Unknown { kind: "control test", name: test.to_string() };
        let rule = self.catalog.tests.get(test.as_str()).ok_or_else(unknown)?;
        let recorded = self.opened.state.newest_result(test, span);
        let mut inputs: Vec<ReperformedInput> =
            manifests.iter().map(|manifest| self.input(manifest)).collect::<Result<_, _>>()?;
        inputs.sort_by(|a, b| {
            (&a.dataset, &a.source, a.first, a.last, a.manifest)
                .cmp(&(&b.dataset, &b.source, b.first, b.last, b.manifest))
        });
        let performed = outcome.map(|outcome| performed_test(outcome, &self.opened.state, span)).transpose()?;
        Ok(ReperformedTest {
            test: test.to_string(),
            title: rule.title.clone(),
            controls: of.controls.iter().map(ToString::to_string).collect(),
            population_sql: rule.population_sql.clone(),
            test_sql: rule.test_sql.clone(),
            inputs,
            recorded: recorded.map(|result| RecordedResult {
                outcome: result.outcome,
                population: result.population,
                exceptions: result.exceptions,
                population_digest: result.population_digest,
                rows_digest: result.rows_digest,
                reason: result.reason.and_then(|text| self.text(&text)),
                on: result.on,
                entry: result.entry,
            }),
            agreement: performed.as_ref().map_or(Agreement::NothingToAdopt, |performed| performed.beside_managements),
            found: performed.zip(outcome).map(|(performed, outcome)| found(performed, outcome)),
            columns: Vec::new(),
            rows: Vec::new(),
            rows_in_all: 0,
        })
    }

    fn input(&self, digest: &Digest) -> Result<ReperformedInput, Error> {
        let manifest = self.vault.manifest(digest)?;
        Ok(ReperformedInput {
            first: manifest.period.map(|period| period.first).or(manifest.effective_on),
            last: manifest.period.map(|period| period.last).or(manifest.effective_on),
            dataset: manifest.dataset,
            source: manifest.source,
            rows: manifest.rows,
            source_rows: manifest.source_count,
            manifest: *digest,
        })
    }

    /// Words that the package may or may not hold.
    fn text(&self, digest: &Digest) -> Option<String> {
        self.vault.get(digest).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }
}

fn found(performed: PerformedTest, outcome: &TestOutcome) -> FoundResult {
    let reason = match &outcome.outcome {
        tickmark_examine::Outcome::NotEvaluable { reason } => Some(reason.clone()),
        tickmark_examine::Outcome::Error { message } => Some(message.clone()),
        tickmark_examine::Outcome::NoExceptions { .. }
        | tickmark_examine::Outcome::Exceptions { .. }
        | tickmark_examine::Outcome::NoOccurrence => None,
    };
    FoundResult {
        outcome: performed.outcome,
        population: performed.population,
        exceptions: performed.exceptions,
        population_digest: performed.population_digest,
        rows_digest: performed.rows_digest,
        reason,
        engine: performed.engine,
    }
}

//! Back-tests: a new version of a control test beside the one in force, over the evidence that its last result read.

use std::{collections::BTreeSet, sync::Arc};

use jiff::civil::Date;
use serde::Serialize;
use tickmark_canonical::{Digest, RowDigestKey};
use tickmark_catalog::{Catalog, ControlTest};
use tickmark_domain::{
    BackTestSide, CatalogIndex, Command, EngagementId, PersonId, RecordBackTest, Span, State, TestId, TestResult,
};
use tickmark_examine::{Limits, TestOutcome};

use crate::{Error, House, Progress, catalog_index::index_of, items};

/// What to compare.
#[derive(Debug, Clone)]
pub struct BackTestRequest {
    /// The control test.
    pub test: String,
    /// The catalog with the new version.
    pub candidate: Arc<Catalog>,
    /// The engagement whose days are tested; by default that of the newest result.
    pub engagement: Option<String>,
    /// Within what each version has to end.
    pub limits: Limits,
}

/// What came of it.
#[derive(Debug, Clone, Serialize)]
pub struct BackTested {
    /// The control test.
    pub test: String,
    /// The days tested.
    pub span: Span,
    /// The day as of which both looked.
    pub on: Date,
    /// Extracts that the last result read.
    pub extracts: u64,
    /// The version in force.
    pub old: VersionLine,
    /// The new version.
    pub new: VersionLine,
    /// Whether both have the same items in their populations.
    pub same_population: bool,
    /// Items that both found.
    pub both: u64,
    /// Items that only the version in force found: the values of the columns that name them.
    pub only_old: Vec<Vec<String>>,
    /// Items that only the new version found.
    pub only_new: Vec<Vec<String>>,
    /// Cases of the new version that do not hold, and predicates that no case of it protects.
    pub unproven: Vec<String>,
    /// The entry that recorded it.
    pub entry: u64,
}

/// What one version gave.
#[derive(Debug, Clone, Serialize)]
pub struct VersionLine {
    /// Digest of the SQL texts and parameters.
    pub sql: Digest,
    /// Items in the population.
    pub population: u64,
    /// Items that came back.
    pub exceptions: u64,
}

/// One version's outcome with the keys of the items that came back.
struct Ran {
    side: BackTestSide,
    keys: BTreeSet<Digest>,
    canaries: u64,
    engine: String,
}

impl House {
    /// Runs both versions of a control test over the same evidence, records the difference and shows it.
    pub fn back_test(
        &mut self,
        person: &PersonId,
        request: &BackTestRequest,
        progress: &dyn Progress,
    ) -> Result<BackTested, Error> {
        let unknown = || Error::Unknown { kind: "control test", name: request.test.clone() };
        let old = self.catalog.tests.get(request.test.as_str()).ok_or_else(unknown)?.clone();
        let new = request.candidate.tests.get(request.test.as_str()).ok_or_else(unknown)?.clone();
        let test: TestId = request.test.parse()?;
        let result = self.result_to_compare(&test, request.engagement.as_deref())?.clone();
        let extracts = serde_json::from_slice::<BTreeSet<Digest>>(&self.vault.get(&result.inputs)?)
            .map_err(|source| Error::ObjectUnreadable { digest: result.inputs, source })?;
        // What was known when the result was recorded: nothing that came later bears on the difference.
        let frozen = self.state_at(result.entry)?;
        progress.step("back-testing", 2);
        let (catalog, candidate) = (Arc::clone(&self.catalog), Arc::clone(&request.candidate));
        let before =
            self.ran((&catalog, &self.index), &frozen, &old, &result, &request.limits, "the version in force")?;
        progress.advance(1);
        let index = index_of(&candidate)?;
        let after = self.ran((&candidate, &index), &frozen, &new, &result, &request.limits, "the new version")?;
        progress.advance(1);
        let shown = BackTested {
            test: request.test.clone(),
            span: result.span,
            on: result.on,
            extracts: extracts.len() as u64,
            old: before.line(),
            new: after.line(),
            same_population: before.side.population_digest == after.side.population_digest,
            both: before.keys.intersection(&after.keys).count() as u64,
            only_old: self.items_without(&before, &old.item, &after.keys)?,
            only_new: self.items_without(&after, &new.item, &before.keys)?,
            unproven: unproven(&new, &candidate)?,
            entry: 0,
        };
        let command = RecordBackTest {
            test,
            span: result.span,
            on: result.on,
            old: before.side,
            new: after.side,
            both: shown.both,
            canaries: after.canaries,
            engine: after.engine,
        };
        let receipt = self.execute(person, Command::RecordBackTest(command))?;
        Ok(BackTested { entry: receipt.first, ..shown })
    }

    /// The newest result of a control test over the days of an engagement.
    fn result_to_compare(&self, test: &TestId, engagement: Option<&str>) -> Result<&TestResult, Error> {
        let none = || Error::NoResult(test.to_string());
        let state = self.state();
        let spans: BTreeSet<Span> = match engagement {
            Some(id) => {
                let id: EngagementId = id.parse()?;
                let known = state.engagements.get(&id);
                let known = known.ok_or(tickmark_domain::Refusal::UnknownEngagement(id))?;
                [known.report_type.span()].into()
            }
            None => state.engagements.values().map(|engagement| engagement.report_type.span()).collect(),
        };
        let mut newest_first = state.results.get(test).into_iter().flatten().rev();
        newest_first.find(|result| spans.contains(&result.span)).ok_or_else(none)
    }

    fn ran(
        &self,
        rules: (&Catalog, &CatalogIndex),
        frozen: &State,
        test: &ControlTest,
        result: &TestResult,
        limits: &Limits,
        version: &'static str,
    ) -> Result<Ran, Error> {
        let job = self.job(frozen, rules, vec![test.clone()], result.span, result.on, limits.clone())?;
        let outcomes = tickmark_examine::run_in_child(&job, &self.vault, &self.vault_root);
        let failed =
            |reason: &str| Error::BackTestFailed { test: test.id.to_string(), version, reason: reason.to_owned() };
        let outcome: &TestOutcome = outcomes.first().ok_or_else(|| failed("it did not run"))?;
        let population = match &outcome.outcome {
            tickmark_examine::Outcome::NoExceptions { population }
            | tickmark_examine::Outcome::Exceptions { population, .. } => *population,
            tickmark_examine::Outcome::NoOccurrence => 0,
            tickmark_examine::Outcome::NotEvaluable { reason } => return Err(failed(reason)),
            tickmark_examine::Outcome::Error { message } => return Err(failed(message)),
        };
        let digests = outcome.population_digest.zip(outcome.rows_digest);
        let (population_digest, rows_digest) = digests.ok_or_else(|| failed("it left no digest"))?;
        let key = RowDigestKey::of(&self.item_keys);
        let keys = match &outcome.rows {
            Some(rows) => items::keys_of_rows(&self.vault, &self.item_keys, rows, &outcome.item)?,
            None => BTreeSet::new(),
        };
        let side = BackTestSide {
            sql: outcome.sql_digest,
            population,
            population_digest: key.seal(&population_digest),
            exceptions: keys.len() as u64,
            rows: outcome.rows,
            rows_digest: key.seal(&rows_digest),
        };
        Ok(Ran { side, keys, canaries: outcome.canaries_caught, engine: outcome.engine.clone() })
    }

    /// The items that one version found and the other did not.
    fn items_without(&self, ran: &Ran, item: &[String], other: &BTreeSet<Digest>) -> Result<Vec<Vec<String>>, Error> {
        let Some(rows) = &ran.side.rows else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for item in tickmark_examine::exception_items(&self.vault, rows, item)? {
            let item = item?;
            let parts: Vec<&str> = item.iter().map(String::as_str).collect();
            if !other.contains(&self.item_keys.item_key(&parts)) {
                found.push(item);
            }
        }
        Ok(found)
    }
}

impl Ran {
    fn line(&self) -> VersionLine {
        let BackTestSide { sql, population, exceptions, .. } = self.side;
        VersionLine { sql, population, exceptions }
    }
}

/// What the cases of a control test do not prove.
fn unproven(test: &ControlTest, catalog: &Catalog) -> Result<Vec<String>, Error> {
    let mut unproven = Vec::new();
    for report in tickmark_examine::check_cases_in_child(&[test], catalog) {
        let failing = report.cases.iter().filter(|case| case.failure.is_some());
        unproven.extend(failing.map(|case| format!("cases.md, line {}: {} does not hold", case.line, case.case)));
        unproven.extend(report.findings.iter().map(ToString::to_string));
        unproven.extend(report.not_run.map(|why| format!("cases.md could not be run: {why}")));
    }
    if !unproven.is_empty() {
        return Ok(unproven);
    }
    let mutations = tickmark_examine::mutate_cases_in_child(test, catalog)?;
    let places: BTreeSet<(u64, u64, &str)> =
        mutations.unprotected.iter().map(|u| (u.line, u.column, u.predicate.as_str())).collect();
    let said =
        |(line, column, predicate)| format!("test.sql, line {line}, column {column}: no case needs `{predicate}`");
    unproven.extend(places.into_iter().map(said));
    Ok(unproven)
}

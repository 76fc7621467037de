//! Populations: freezing what a query returns, checking it beside a second source, and comparing it with today's evidence.
//!
//! Invariant: a population rests on evidence that is recorded, complete and free of gaps; anything else is told, not frozen.

use std::{collections::BTreeSet, sync::Arc};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tickmark_canonical::{Digest, RowDigestKey};
use tickmark_catalog::{ControlTest, Dataset};
use tickmark_domain::{
    CheckPopulation, Command, ControlId, DatasetId, EngagementId, FreezePopulation, FrozenRows, KeysCompared, PersonId,
    Population, PopulationDefinition, PopulationId, Refusal, SecondSource, Span, TestId,
};
use tickmark_examine::{
    Changed, Comparison, Job, KeysBeside, Limits, PopulationOutcome, PopulationQuery, PopulationRows,
};

use crate::{Error, House, Progress};

/// A query of a person's own, as the vault keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnQuery {
    /// The SQL. It may name `$on`, `$period_start` and `$period_end`.
    pub sql: String,
    /// The columns that name an item: the first that it returns.
    pub item: Vec<String>,
    /// The column that is summed, if there is one.
    pub total: Option<String>,
}

impl OwnQuery {
    fn asked(&self) -> PopulationQuery {
        PopulationQuery {
            name: "the query".to_owned(),
            sql: self.sql.clone(),
            item: self.item.clone(),
            total: self.total.clone(),
            parameters: Default::default(),
        }
    }
}

/// Which query says what the items are.
#[derive(Debug, Clone)]
pub enum Asked {
    /// The population of a control test.
    Test(String),
    /// A query of a person's own.
    Own(OwnQuery),
}

/// How many keys of each side are kept by name: enough to follow up, and few enough to read.
const KEYS_KEPT: usize = 20;

/// The first keys that stand on one side only, as the vault keeps them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OneSidedKeys {
    /// Of the population.
    pub(crate) here: Vec<Vec<String>>,
    /// Of the second source.
    pub(crate) there: Vec<Vec<String>>,
}

/// A population to freeze.
#[derive(Debug, Clone)]
pub struct FreezeRequest {
    /// Its id.
    pub population: PopulationId,
    /// The engagement.
    pub engagement: EngagementId,
    /// Which query says what the items are.
    pub asked: Asked,
    /// The controls that should have applied; those of the control test that are in scope by default.
    pub controls: BTreeSet<ControlId>,
    /// The days; the engagement's by default.
    pub span: Option<Span>,
    /// Why it is frozen once more.
    pub reason: Option<String>,
    /// Within what the query has to end.
    pub limits: Limits,
}

/// A check to record.
#[derive(Debug, Clone)]
pub struct CheckRequest {
    /// The population.
    pub population: PopulationId,
    /// Whether it is complete and accurate.
    pub passed: bool,
    /// What was done and seen.
    pub note: String,
    /// A query over an independent second source.
    pub second: Option<OwnQuery>,
    /// Why the second source differs, or why there is no item.
    pub explanation: Option<String>,
    /// Within what the query has to end.
    pub limits: Limits,
}

impl House {
    /// Freezes a population: runs its query, keeps every row, records what it is.
    pub fn freeze_population(
        &mut self,
        author: &PersonId,
        request: &FreezeRequest,
        progress: &dyn Progress,
    ) -> Result<(), Error> {
        progress.step("freezing", 1);
        let unknown = || Refusal::UnknownEngagement(request.engagement.clone());
        let engagement = self.state().engagements.get(&request.engagement).ok_or_else(unknown)?;
        let span = request.span.unwrap_or_else(|| engagement.report_type.span());
        let (definition, query, digest, mut controls) = match &request.asked {
            Asked::Test(id) => {
                let test = self.control_test(id)?;
                let in_scope = engagement.controls(self.state(), &self.index);
                let of_test = self.index.tests.get(&test.id.parse::<TestId>()?).map(|rule| rule.controls.clone());
                let controls: BTreeSet<ControlId> =
                    of_test.unwrap_or_default().into_iter().filter(|control| in_scope.contains_key(control)).collect();
                let query = PopulationQuery::of_test(test);
                let digest = tickmark_examine::sql_digest(test);
                (PopulationDefinition::Test(test.id.parse()?), query, digest, controls)
            }
            Asked::Own(own) => {
                let query = own.asked();
                let digest = query.digest();
                (PopulationDefinition::Own(self.put_json(own)?), query, digest, BTreeSet::new())
            }
        };
        if !request.controls.is_empty() {
            controls.clone_from(&request.controls);
        }
        let reason = request.reason.as_deref().map(|reason| self.put_text(reason)).transpose()?;
        let command = |rows, manifests| {
            Command::FreezePopulation(FreezePopulation {
                population: request.population.clone(),
                engagement: request.engagement.clone(),
                controls: controls.clone(),
                definition: definition.clone(),
                span,
                rows,
                manifests,
                reason,
            })
        };
        // What would be refused is refused before the query runs; what it rests on is known only after.
        match self.first_refused(author, &[command(not_read_yet(digest), Vec::new())]) {
            Some((_, Error::Refused(Refusal::PopulationWithoutEvidence))) | None => {}
            Some((_, error)) => return Err(error),
        }
        let (rows, manifests) = self.rows(&query, digest, span, request.limits.clone())?;
        progress.advance(1);
        self.execute(author, command(rows, manifests)).map(drop)
    }

    /// Records a check of a population's completeness and accuracy, beside a second source if one is asked.
    pub fn check_population(
        &mut self,
        author: &PersonId,
        request: &CheckRequest,
        progress: &dyn Progress,
    ) -> Result<(), Error> {
        progress.step("checking", 1);
        let span = self.population(&request.population)?.span;
        let (second_source, manifests) = match &request.second {
            None => (None, Vec::new()),
            Some(own) => {
                let query = own.asked();
                let (rows, manifests) = self.rows(&query, query.digest(), span, request.limits.clone())?;
                let keys = self.keys_beside(&request.population, &rows)?;
                (Some(SecondSource { definition: self.put_json(own)?, rows, keys }), manifests)
            }
        };
        progress.advance(1);
        let command = CheckPopulation {
            population: request.population.clone(),
            passed: request.passed,
            note: self.put_text(&request.note)?,
            second_source,
            manifests,
            explanation: request.explanation.as_deref().map(|text| self.put_text(text)).transpose()?,
        };
        self.execute(author, Command::CheckPopulation(command)).map(drop)
    }

    /// The keys of a population beside those of a second source. Which stand on one side only is kept sealed, the first of them
    /// by name: they lead to people.
    fn keys_beside(&self, id: &PopulationId, second: &FrozenRows) -> Result<Option<KeysCompared>, Error> {
        let here = self.population(id)?.rows.rows;
        let Some(KeysBeside { both, here, there }) = tickmark_examine::compare_keys(&self.vault, &here, &second.rows)?
        else {
            return Ok(None);
        };
        let differs = here.count + there.count > 0;
        let first = |changed: Changed| changed.items.into_iter().take(KEYS_KEPT).collect();
        let one_sided = OneSidedKeys { here: first(here), there: first(there) };
        let one_sided = differs.then(|| self.put_sealed_json(&one_sided)).transpose()?;
        Ok(Some(KeysCompared { both, one_sided }))
    }

    /// A frozen population beside what its query returns over today's evidence.
    pub fn compare_population(&self, id: &PopulationId, limits: Limits) -> Result<Comparison, Error> {
        let population = self.population(id)?;
        let query = self.query_of(population)?;
        let job = self.job_of(&query, population.span, limits)?;
        let compared = tickmark_examine::compare_in_child(&job, &self.vault, &self.vault_root, &population.rows.rows)?;
        compared.map_err(|outcome| not_read(&query, &outcome))
    }

    pub(crate) fn population(&self, id: &PopulationId) -> Result<&Population, Error> {
        let unknown = || Error::from(Refusal::UnknownPopulation(id.clone()));
        self.state().populations.get(id).ok_or_else(unknown)
    }

    fn control_test(&self, id: &str) -> Result<&ControlTest, Error> {
        let unknown = || Error::Unknown { kind: "control test", name: id.to_owned() };
        self.catalog.tests.get(id).ok_or_else(unknown)
    }

    /// The query that a population was frozen by; that of a control test as the catalog had it then.
    pub(crate) fn query_of(&self, population: &Population) -> Result<PopulationQuery, Error> {
        match &population.definition {
            PopulationDefinition::Own(object) => Ok(self.json::<OwnQuery>(object)?.asked()),
            PopulationDefinition::Test(test) if population.catalog == self.catalog.digest() => {
                Ok(PopulationQuery::of_test(self.control_test(test.as_str())?))
            }
            PopulationDefinition::Test(test) => {
                let unknown = || Error::Unknown { kind: "control test", name: test.to_string() };
                let adopted = self.state().catalogs.iter().find(|adopted| adopted.catalog == population.catalog);
                let files = self.vault.get(&adopted.ok_or_else(unknown)?.files)?;
                let catalog = crate::adopting::catalog_from_object(&files)?;
                Ok(PopulationQuery::of_test(catalog.tests.get(test.as_str()).ok_or_else(unknown)?))
            }
        }
    }

    fn job_of(&self, query: &PopulationQuery, span: Span, limits: Limits) -> Result<Job, Error> {
        let datasets: Vec<Arc<Dataset>> = self.catalog.datasets.values().cloned().map(Arc::new).collect();
        let wanted = tickmark_examine::datasets_of_population(query, &datasets)?;
        let wanted = wanted.iter().map(|id| id.parse()).collect::<Result<BTreeSet<DatasetId>, _>>()?;
        let job = self.job_over(self.state(), &self.catalog, wanted, span, span.last, limits)?;
        Ok(Job { populations: vec![query.clone()], ..job })
    }

    /// What a query returns, kept in the vault, and the manifests that it read.
    fn rows(
        &self,
        query: &PopulationQuery,
        digest: Digest,
        span: Span,
        limits: Limits,
    ) -> Result<(FrozenRows, Vec<Digest>), Error> {
        let job = self.job_of(query, span, limits)?;
        let mut read = tickmark_examine::freeze_in_child(&job, &self.vault, &self.vault_root);
        let Some(PopulationRows { outcome, datasets, inputs, engine, .. }) = read.pop() else {
            return Err(Error::Query { of: query.name.clone(), message: "it was not run".to_owned() });
        };
        let PopulationOutcome::Read { items, rows_digest, rows: Some(rows) } = outcome else {
            return Err(not_read(query, &outcome));
        };
        let datasets = datasets.iter().map(|id| id.parse()).collect::<Result<_, _>>()?;
        let rows = FrozenRows {
            query: digest,
            datasets,
            // These two follow from the evidence; the rule fills them in.
            sources: BTreeSet::new(),
            extracted_at: job.at,
            inputs: self.put_json(&inputs)?,
            items,
            control_total: self.control_total(&rows)?,
            rows,
            rows_digest: RowDigestKey::of(&self.item_keys).seal(&rows_digest),
            engine,
        };
        Ok((rows, inputs))
    }

    /// The sum over the column that is summed, as the vault computed it when the rows were written.
    fn control_total(&self, rows: &Digest) -> Result<Option<Decimal>, Error> {
        let Some(total) = self.vault.manifest(rows)?.control_totals.into_iter().next() else { return Ok(None) };
        let unreadable = |_| Error::Query { of: total.column, message: "its sum has more than 28 digits".to_owned() };
        total.stored.parse().map(Some).map_err(unreadable)
    }
}

/// What is known of rows before their query runs.
fn not_read_yet(query: Digest) -> FrozenRows {
    FrozenRows {
        query,
        datasets: BTreeSet::new(),
        sources: BTreeSet::new(),
        inputs: query,
        extracted_at: jiff::Timestamp::UNIX_EPOCH,
        items: 0,
        control_total: None,
        rows: query,
        rows_digest: query,
        engine: String::new(),
    }
}

/// Why a query has no rows to freeze or to compare with.
fn not_read(query: &PopulationQuery, outcome: &PopulationOutcome) -> Error {
    let of = query.name.clone();
    match outcome {
        PopulationOutcome::Repeated { repeated } => Refusal::DuplicateKeys { repeated: *repeated }.into(),
        PopulationOutcome::NotEvaluable { reason } => Error::NotEvaluable { of, reason: reason.clone() },
        PopulationOutcome::Error { message } => Error::Query { of, message: message.clone() },
        PopulationOutcome::Read { .. } => Error::Query { of, message: "its rows were not kept".to_owned() },
    }
}

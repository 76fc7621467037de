//! Populations as they are read: every row of a query kept, in one order, each item once.
//!
//! Rows are ordered by all their columns, the columns that name an item first; so an item that stands twice is seen without
//! keeping one, and the same rows have the same digest.
//!
//! Invariant: a population whose evidence is missing, incomplete or broken has no rows.
//! Invariant: an item that stands twice is told, never counted once.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use datafusion::{arrow::datatypes::Schema, physical_plan::execute_stream, sql::sqlparser::ast::Statement};
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;
use tickmark_catalog::{ControlTest, Dataset, Parameter};
use tickmark_vault::Vault;

use crate::{
    Error, Finding, Job, Rule, compiled,
    compiled::Named,
    item::{self, Keys},
    plan,
    result_rows::{ResultRows, RowsSink, VaultSink},
    run::{Ground, Running, Stopped, sorted},
    session, sql,
    stop::Stop,
};

/// A query whose rows are kept: a population to freeze, or what a second source says of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PopulationQuery {
    /// Names it in messages.
    pub name: String,
    /// The query.
    pub sql: String,
    /// The columns that name an item: the first that it returns.
    pub item: Vec<String>,
    /// The column that is summed, if there is one.
    pub total: Option<String>,
    /// Parameters beside the day and the period.
    pub parameters: BTreeMap<String, Parameter>,
}

impl PopulationQuery {
    /// The population of a control test.
    pub fn of_test(test: &ControlTest) -> Self {
        Self {
            name: compiled::file(test, "population.sql"),
            sql: test.population_sql.clone(),
            item: test.item.clone(),
            total: None,
            parameters: test.parameters.clone(),
        }
    }

    /// The digest of what it asks. The day and the period are the job's and stand beside it.
    pub fn digest(&self) -> Digest {
        let mut parts: Vec<Vec<u8>> =
            vec![self.sql.clone().into_bytes(), self.total.clone().unwrap_or_default().into_bytes()];
        parts.extend(self.item.iter().map(|column| column.clone().into_bytes()));
        for (name, parameter) in &self.parameters {
            parts.extend([name.clone(), parameter.kind.to_string(), parameter.value.clone()].map(String::into_bytes));
        }
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        Digest::of_parts(&parts)
    }
}

/// How a query whose rows are kept ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PopulationRows {
    /// The query's name.
    pub name: String,
    /// How it ended.
    pub outcome: PopulationOutcome,
    /// The datasets read, by id.
    pub datasets: Vec<String>,
    /// The manifests read, sorted.
    pub inputs: Vec<Digest>,
    /// The program and its version.
    pub engine: String,
    /// How long it took. No part of any digest.
    pub millis: u64,
}

/// The ways to end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum PopulationOutcome {
    /// Every row was read; each is an item.
    Read {
        /// How many.
        items: u64,
        /// The digest of the rows.
        rows_digest: Digest,
        /// Their manifest in the vault, unless none was to be kept.
        rows: Option<Digest>,
    },
    /// Items stand more than once.
    Repeated {
        /// Rows more than items.
        repeated: u64,
    },
    /// Evidence is missing, incomplete or stale.
    NotEvaluable {
        /// Which, and why.
        reason: String,
    },
    /// The query could not be run.
    Error {
        /// What happened.
        message: String,
    },
}

/// How a query ended that was not run.
pub(crate) fn failed(query: &PopulationQuery, message: &str) -> PopulationRows {
    PopulationRows {
        name: query.name.clone(),
        outcome: PopulationOutcome::Error { message: message.to_owned() },
        datasets: Vec::new(),
        inputs: Vec::new(),
        engine: session::version(),
        millis: 0,
    }
}

/// The datasets that a population query reads, by id; why its SQL breaks a rule, if it does.
pub fn datasets_of_population(query: &PopulationQuery, datasets: &[Arc<Dataset>]) -> Result<Vec<String>, Error> {
    compile(query, datasets).map(|(_, named)| named.datasets.into_iter().collect())
}

/// Runs the population queries of a job in this process; every row becomes part of a sealed dataset of the vault. Gives one
/// outcome for each, in the order of the job. Use [`crate::freeze_in_child`] for SQL that somebody else wrote.
pub fn freeze(job: &Job, vault: &Vault) -> Vec<PopulationRows> {
    let ended = Mutex::new(BTreeMap::new());
    freeze_into(job, vault, &VaultSink(vault), &|rows| {
        ended.lock().unwrap_or_else(PoisonError::into_inner).insert(rows.name.clone(), rows.clone());
    });
    let mut ended = ended.into_inner().unwrap_or_else(PoisonError::into_inner);
    let of = |query: &PopulationQuery| ended.remove(&query.name).unwrap_or_else(|| failed(query, "it did not end"));
    job.populations.iter().map(of).collect()
}

/// Runs the population queries of a job, with rows to any sink; `ended` hears of each as soon as it is known.
pub(crate) fn freeze_into(job: &Job, vault: &Vault, sink: &dyn RowsSink, ended: &(dyn Fn(&PopulationRows) + Sync)) {
    if let Err(error) = freeze_all(job, vault, sink, ended) {
        let message = error.with_causes();
        job.populations.iter().for_each(|query| ended(&failed(query, &message)));
    }
}

fn freeze_all(
    job: &Job,
    vault: &Vault,
    sink: &dyn RowsSink,
    ended: &(dyn Fn(&PopulationRows) + Sync),
) -> Result<(), Error> {
    let datasets = job.datasets();
    let compiled: Vec<Result<(Statement, Named), Error>> =
        job.populations.iter().map(|query| compile(query, &datasets)).collect();
    let needed = |id: &str| compiled.iter().flatten().any(|(_, named)| named.datasets.contains(id));
    let ground = Ground::open(job, vault, needed)?;
    let running = ground.running(job, &datasets, sink);
    let tasks = job.populations.iter().zip(compiled).map(|(query, compiled)| one(&running, query, compiled, ended));
    ground.threads.all(tasks.collect()).map(drop)
}

fn compile(query: &PopulationQuery, datasets: &[Arc<Dataset>]) -> Result<(Statement, Named), Error> {
    let names = compiled::names(datasets, &query.parameters);
    match crate::lint::check(&query.name, &query.sql, &names) {
        (Some(statement), found) if found.is_empty() => {
            let named = Named::by(sql::table_names(&statement), datasets);
            Ok((statement, named))
        }
        (_, found) => Err(match found.into_iter().next() {
            Some(finding) => Error::Rule(finding),
            None => Error::Job(format!("{} could not be read", query.name)),
        }),
    }
}

async fn one(
    running: &Running<'_>,
    query: &PopulationQuery,
    compiled: Result<(Statement, Named), Error>,
    ended: &(dyn Fn(&PopulationRows) + Sync),
) {
    let began = Instant::now();
    let mut rows = failed(query, "the query was not run");
    running.sink.starts(&query.name);
    let outcome = match compiled {
        Ok((statement, named)) => read(running, query, statement, &named, &mut rows).await,
        Err(error) => Err(Stopped::from(error)),
    };
    rows.outcome = outcome.unwrap_or_else(|stopped| match stopped {
        Stopped::NotEvaluable(reason) => PopulationOutcome::NotEvaluable { reason },
        Stopped::Error(message) => PopulationOutcome::Error { message },
    });
    rows.millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    ended(&rows);
}

async fn read(
    running: &Running<'_>,
    query: &PopulationQuery,
    statement: Statement,
    named: &Named,
    rows: &mut PopulationRows,
) -> Result<PopulationOutcome, Stopped> {
    rows.datasets = named.datasets.iter().cloned().collect();
    let evidence = running.evidence(named)?;
    rows.inputs = evidence.inputs;
    evidence.sound?;
    let parameters = compiled::parameters(&query.parameters, running.job.given());
    let plan =
        plan::checked(running.session, &query.name, sql::with_parameters(statement.clone(), &parameters)).await?;
    running.told(named, &query.name, &plan)?;
    let stop = Stop::default();
    Ok(running.limited(query.name.clone(), &stop, kept(running, query, statement, &stop)).await??)
}

/// Runs a query and hands on every row that it returns.
async fn kept(
    running: &Running<'_>,
    query: &PopulationQuery,
    statement: Statement,
    stop: &Stop,
) -> Result<PopulationOutcome, Error> {
    let (job, of) = (running.job, &query.name);
    let parameters = compiled::parameters(&query.parameters, job.given());
    let plan = plan::checked(running.session, of, sql::with_parameters(statement, &parameters)).await?;
    let returned = plan.schema().as_arrow().clone();
    require_columns(query, &returned)?;
    let result = ResultRows::of_population(job, query, &returned)?;
    let sorted = sorted(plan).map_err(Error::engine(format!("order {of}")))?;
    let physical = running.physical(of, sorted, stop).await?;
    let context = running.session.task_ctx();
    let mut stream = execute_stream(physical, context).map_err(Error::engine(format!("run {of}")))?;
    let mut digest = result.digest();
    // An empty population is kept as well: that there was nothing is what its rows show.
    let mut writer = running.sink.begin(&result)?;
    let (mut item, mut last, mut repeated) = (Vec::new(), Vec::new(), 0_u64);
    while let Some(batch) = stream.try_next().await.map_err(Error::engine(format!("run {of}")))? {
        let keys = Keys::new(&batch, query.item.len(), of)?;
        for row in 0..batch.num_rows() {
            item.clear();
            keys.push(row, &mut item);
            // No key has no bytes, so the first item is no repetition.
            repeated += u64::from(item == last);
            std::mem::swap(&mut last, &mut item);
        }
        let stored = result.stored(&batch)?;
        digest.update(&stored).map_err(Error::vault(format!("digest the rows of {of}")))?;
        writer.write(&stored)?;
    }
    if repeated > 0 {
        return Ok(PopulationOutcome::Repeated { repeated });
    }
    let items = digest.rows();
    Ok(PopulationOutcome::Read { items, rows_digest: digest.finish(), rows: writer.finish()? })
}

/// Refuses columns among which the item columns do not come first, or cannot name an item.
fn require_columns(query: &PopulationQuery, returned: &Schema) -> Result<(), Error> {
    let refuse = |message: String| Err(Error::Rule(Finding::whole(&query.name, Rule::ItemColumns, message)));
    let names: Vec<&String> = returned.fields().iter().map(|field| field.name()).collect();
    if query.item.is_empty() || !names.iter().map(|name| name.as_str()).take(query.item.len()).eq(query.item.iter()) {
        let returned = returned.fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>().join(", ");
        return refuse(format!("returns {returned}; expected {} first", query.item.join(", ")));
    }
    let of_key = returned.fields().iter().take(query.item.len());
    if let Some(field) = of_key.into_iter().find(|field| !item::may_be_key(field.data_type())) {
        return refuse(format!("`{}` is a {} and cannot name an item", field.name(), field.data_type()));
    }
    match &query.total {
        Some(total) => match returned.field_with_name(total).map(|field| field.data_type()) {
            Ok(kind) if kind.is_integer() || kind.is_decimal() => Ok(()),
            Ok(kind) => refuse(format!("`{total}` is a {kind} and cannot be summed")),
            Err(_) => refuse(format!("returns no column `{total}` to sum")),
        },
        None => Ok(()),
    }
}

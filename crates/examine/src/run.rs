//! Running control tests over the vault: from rules and canaries to an outcome.
//!
//! Invariant: "no exceptions" is written in one place, at the end of a road on which rules held, canaries were caught,
//! every input was complete, the population is above zero and every query ended well.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use datafusion::{
    execution::SessionState,
    logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, SortExpr},
    physical_plan::{ExecutionPlan, execute_stream},
};
use futures::TryStreamExt;
use tickmark_canonical::Digest;
use tickmark_catalog::{ControlTest, Dataset};
use tickmark_vault::Vault;
use tokio::sync::OnceCell;

use crate::{
    Error, Job, Late, Outcome, TestOutcome,
    cases::Bench,
    compiled::{self, Compiled, Named, file},
    item::Keys,
    plan,
    population::Population,
    result_rows::{NoRows, ResultRows, RowsSink, VaultSink},
    session::{self, Engine},
    sql,
    stop::{self, Stop},
    table::{ChunkCache, OpenTables, Problem},
    threads::Threads,
};

/// Runs the tests of a job in this process; result rows become sealed datasets of the vault. Gives one outcome for each
/// test, in the order of the job; what goes wrong is an outcome too.
///
/// Blocks. Use [`crate::run_in_child`] for SQL that somebody else wrote: only a process of its own bounds all memory.
pub fn run(job: &Job, vault: &Vault) -> Vec<TestOutcome> {
    run_into(job, vault, &VaultSink(vault), &|_| ())
}

/// The same over a vault that may be open for reading only: no rows are kept, only their digests.
pub fn run_again(job: &Job, vault: &Vault) -> Vec<TestOutcome> {
    run_into(job, vault, &NoRows, &|_| ())
}

/// The same, with rows to any sink; `ended` hears of each outcome as soon as it is known.
pub(crate) fn run_into(
    job: &Job,
    vault: &Vault,
    sink: &dyn RowsSink,
    ended: &(dyn Fn(&TestOutcome) + Sync),
) -> Vec<TestOutcome> {
    match run_all(job, vault, sink, ended) {
        Ok(outcomes) => outcomes,
        Err(error) => {
            let message = error.with_causes();
            let outcomes: Vec<TestOutcome> = job.tests.iter().map(|test| failed(test, &message)).collect();
            outcomes.iter().for_each(ended);
            outcomes
        }
    }
}

/// The outcome of a test that ended with an error before anything was read.
pub(crate) fn failed(test: &ControlTest, message: &str) -> TestOutcome {
    TestOutcome {
        test: test.id.to_string(),
        outcome: Outcome::Error { message: message.to_owned() },
        population_digest: None,
        rows: None,
        rows_digest: None,
        items: 0,
        item: test.item.clone(),
        sql_digest: compiled::sql_digest(test),
        inputs: Vec::new(),
        engine: session::version(),
        canaries_caught: 0,
        late: Vec::new(),
        millis: 0,
    }
}

/// A population that several tests may share: the same query over the same parameters and item columns.
type Shared = Arc<OnceCell<Result<Arc<Population>, String>>>;

fn run_all(
    job: &Job,
    vault: &Vault,
    sink: &dyn RowsSink,
    ended: &(dyn Fn(&TestOutcome) + Sync),
) -> Result<Vec<TestOutcome>, Error> {
    let datasets = job.datasets();
    let compiled: Vec<Result<Compiled, Error>> = job
        .tests
        .iter()
        .map(|test| {
            Compiled::new(test, &datasets).map_err(|findings| match findings.into_iter().next() {
                Some(finding) => Error::Rule(finding),
                None => Error::Job(format!("the SQL of {} could not be read", test.id)),
            })
        })
        .collect();
    let needed = |id: &str| compiled.iter().flatten().any(|compiled| compiled.named.datasets.contains(id));
    let ground = Ground::open(job, vault, needed)?;
    let running = ground.running(job, &datasets, sink);
    let mut populations: BTreeMap<String, Shared> = BTreeMap::new();
    let mut tasks = Vec::new();
    for (test, compiled) in job.tests.iter().zip(compiled) {
        let key = format!("{}\0{}\0{:?}", test.population_sql, test.item.join("\0"), test.parameters);
        let shared = Arc::clone(populations.entry(key).or_default());
        tasks.push(running.test(test, compiled, shared, ended));
    }
    // A population is let go of with the last test that holds it.
    drop(populations);
    ground.threads.all(tasks)
}

/// What the queries of a job run on.
pub(crate) struct Ground {
    pub(crate) threads: Threads,
    engine: Engine,
    tables: OpenTables,
    session: SessionState,
}

impl Ground {
    /// Opens the datasets of a job that are `needed`.
    pub(crate) fn open(job: &Job, vault: &Vault, needed: impl Fn(&str) -> bool + Send + Sync) -> Result<Self, Error> {
        let threads = Threads::new(job.limits.threads)?;
        let engine = Engine::new(&job.calendars, &job.limits)?;
        let cache = Arc::new(ChunkCache::new(job.limits.cache_bytes()));
        let tables = threads.block_on(OpenTables::open(&engine, job, vault, &cache, needed))??;
        let session = engine.session(tables.providers(), job.limits.threads.max(1))?;
        Ok(Self { threads, engine, tables, session })
    }

    pub(crate) fn running<'a>(
        &'a self,
        job: &'a Job,
        datasets: &'a [Arc<Dataset>],
        sink: &'a dyn RowsSink,
    ) -> Running<'a> {
        Running { job, engine: &self.engine, datasets, tables: &self.tables, session: &self.session, sink }
    }
}

pub(crate) struct Running<'a> {
    pub(crate) job: &'a Job,
    engine: &'a Engine,
    datasets: &'a [Arc<Dataset>],
    tables: &'a OpenTables,
    pub(crate) session: &'a SessionState,
    pub(crate) sink: &'a dyn RowsSink,
}

/// What a query rests on.
pub(crate) struct Evidence {
    /// The manifests read, sorted.
    pub(crate) inputs: Vec<Digest>,
    late: Vec<Late>,
    /// Whether every dataset is there, whole and for the period.
    pub(crate) sound: Result<(), Stopped>,
}

/// Why a test ended without a tested population.
pub(crate) enum Stopped {
    NotEvaluable(String),
    Error(String),
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Error(error.with_causes())
    }
}

impl Running<'_> {
    async fn test(
        &self,
        test: &ControlTest,
        compiled: Result<Compiled, Error>,
        shared: Shared,
        ended: &(dyn Fn(&TestOutcome) + Sync),
    ) -> TestOutcome {
        let began = Instant::now();
        let mut outcome = failed(test, "the test was not run");
        self.sink.starts(test.id.as_str());
        let stopped = match compiled {
            Ok(compiled) => self.examine(test, &compiled, shared, &mut outcome).await.err(),
            Err(error) => Some(Stopped::from(error)),
        };
        match stopped {
            None => {}
            Some(Stopped::NotEvaluable(reason)) => outcome.outcome = Outcome::NotEvaluable { reason },
            Some(Stopped::Error(message)) => outcome.outcome = Outcome::Error { message },
        }
        outcome.millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        ended(&outcome);
        outcome
    }

    async fn examine(
        &self,
        test: &ControlTest,
        compiled: &Compiled,
        shared: Shared,
        outcome: &mut TestOutcome,
    ) -> Result<(), Stopped> {
        let bench = Bench::new(self.engine, self.datasets.to_vec())?;
        let mut prepared = bench
            .prepare(test, compiled)
            .await
            .map_err(|findings| Stopped::Error(findings.first().map_or_else(String::new, ToString::to_string)))?;
        let canaries = bench.canaries(test, &mut prepared.exceptions);
        let canaries = self.limited(format!("the canaries of {}", test.id), &Stop::default(), canaries).await?;
        outcome.canaries_caught = canaries.map_err(Stopped::Error)?;
        let evidence = self.evidence(&compiled.named)?;
        outcome.inputs = evidence.inputs;
        outcome.late = evidence.late;
        evidence.sound?;
        for (of, statement) in [("population.sql", &compiled.population), ("test.sql", &compiled.exceptions)] {
            let of = file(test, of);
            let plan = self.plan(test, &of, statement.clone()).await?;
            self.told(&compiled.named, &of, &plan)?;
        }

        let population = shared.get_or_init(|| self.population(test, compiled)).await;
        let population = population.as_ref().map_err(|message| Stopped::Error(message.clone()))?;
        outcome.population_digest = Some(population.digest());
        let stop = Stop::default();
        let exceptions = self.exceptions(test, compiled, population, &stop, outcome);
        let count = self.limited(file(test, "test.sql"), &stop, exceptions).await??;
        outcome.outcome = match (population.count(), count) {
            (0, 0) if test.allow_empty => Outcome::NoOccurrence,
            (0, 0) => {
                let reason = "the population is empty, and the test does not say that it may be".to_owned();
                return Err(Stopped::NotEvaluable(reason));
            }
            (population, 0) => Outcome::NoExceptions { population },
            (population, count) => Outcome::Exceptions { population, count },
        };
        Ok(())
    }

    /// What a query rests on.
    pub(crate) fn evidence(&self, named: &Named) -> Result<Evidence, Stopped> {
        let mut evidence: Vec<String> = Vec::new();
        let mut inputs: Vec<Digest> = Vec::new();
        let mut late: Vec<Late> = Vec::new();
        for id in &named.datasets {
            let Some(table) = self.tables.0.get(id) else {
                evidence.push(format!("the job has no dataset `{id}`"));
                continue;
            };
            let of_history = named.histories.contains(id);
            let problems = table.problems.iter().chain(table.history_problems.iter().filter(|_| of_history));
            for problem in problems {
                match problem {
                    Problem::Broken(message) => return Err(Stopped::Error(message.clone())),
                    Problem::Evidence(reason) => evidence.push(reason.clone()),
                }
            }
            inputs.extend(if of_history { &table.history_inputs } else { &table.state_inputs });
            late.extend(table.late.iter().cloned());
        }
        inputs.sort();
        inputs.dedup();
        late.sort();
        let sound = if evidence.is_empty() { Ok(()) } else { Err(Stopped::NotEvaluable(evidence.join("; "))) };
        Ok(Evidence { inputs, late, sound })
    }

    /// Refuses to conclude from a column of which the source has nothing: what nobody told is not "no".
    pub(crate) fn told(&self, named: &Named, of: &str, plan: &LogicalPlan) -> Result<(), Stopped> {
        let untold = || {
            let tables = named.datasets.iter().filter_map(|id| Some((id, self.tables.0.get(id)?)));
            tables.flat_map(|(id, table)| {
                table.cannot_tell.iter().map(move |(column, (source, why))| (id, column, source, why))
            })
        };
        let columns: BTreeSet<String> = untold().map(|(_, column, ..)| column.clone()).collect();
        if columns.is_empty() {
            return Ok(());
        }
        let Some(weighed) = plan::weighed(of, plan, &columns)? else { return Ok(()) };
        // One that goes by another name there is one of these.
        let (dataset, column, source, why) =
            match untold().find(|(_, column, ..)| **column == weighed).or_else(|| untold().next()) {
                Some(found) => found,
                None => return Ok(()),
            };
        Err(Stopped::NotEvaluable(format!("the source `{source}` of `{dataset}` has nothing of `{column}`: {why}")))
    }

    async fn population(&self, test: &ControlTest, compiled: &Compiled) -> Result<Arc<Population>, String> {
        let of = file(test, "population.sql");
        let stop = Stop::default();
        let collected = async {
            let plan = self.plan(test, &of, compiled.population.clone()).await?;
            let physical = self.physical(&of, plan, &stop).await?;
            Population::collect(physical, self.session.task_ctx(), &test.item, &of).await
        };
        match self.limited(of.clone(), &stop, collected).await {
            Ok(Ok(population)) => Ok(Arc::new(population)),
            Ok(Err(error)) | Err(error) => Err(error.with_causes()),
        }
    }

    /// Runs the test's query and stores what it returns; gives the number of rows.
    async fn exceptions(
        &self,
        test: &ControlTest,
        compiled: &Compiled,
        population: &Population,
        stop: &Stop,
        outcome: &mut TestOutcome,
    ) -> Result<u64, Error> {
        let of = file(test, "test.sql");
        let plan = self.plan(test, &of, compiled.exceptions.clone()).await?;
        let parameters = self.parameters(test);
        let rows = ResultRows::new(self.job, test, plan.schema().as_arrow(), compiled::texts(&parameters))?;
        let sorted = sorted(plan).map_err(Error::engine(format!("order {of}")))?;
        let physical = self.physical(&of, sorted, stop).await?;
        let mut stream =
            execute_stream(physical, self.session.task_ctx()).map_err(Error::engine(format!("run {of}")))?;
        let mut digest = rows.digest();
        let mut writer = None;
        let (mut count, mut items) = (0_u64, 0_u64);
        let (mut item, mut last) = (Vec::new(), Vec::new());
        while let Some(batch) = stream.try_next().await.map_err(Error::engine(format!("run {of}")))? {
            let keys = Keys::new(&batch, test.item.len(), &of)?;
            for row in 0..batch.num_rows() {
                item.clear();
                keys.push(row, &mut item);
                // Rows of one item stand together.
                if last != item {
                    if !population.contains(&item) {
                        return Err(Error::Rows(format!("{of} returned an item that is not in the population")));
                    }
                    items += 1;
                    std::mem::swap(&mut last, &mut item);
                }
            }
            count += batch.num_rows() as u64;
            let stored = rows.stored(&batch)?;
            digest.update(&stored).map_err(Error::vault(format!("digest the rows of {of}")))?;
            if writer.is_none() && stored.num_rows() > 0 {
                writer = Some(self.sink.begin(&rows)?);
            }
            if let Some(writer) = &mut writer {
                writer.write(&stored)?;
            }
        }
        outcome.rows = match writer {
            Some(writer) => writer.finish()?,
            None => None,
        };
        outcome.rows_digest = Some(digest.finish());
        outcome.items = items;
        Ok(count)
    }

    fn parameters(&self, test: &ControlTest) -> sql::Parameters {
        compiled::parameters(&test.parameters, self.job.given())
    }

    async fn plan(
        &self,
        test: &ControlTest,
        of: &str,
        statement: datafusion::sql::sqlparser::ast::Statement,
    ) -> Result<LogicalPlan, Error> {
        plan::checked(self.session, of, sql::with_parameters(statement, &self.parameters(test))).await
    }

    pub(crate) async fn physical(
        &self,
        of: &str,
        plan: LogicalPlan,
        stop: &Stop,
    ) -> Result<Arc<dyn ExecutionPlan>, Error> {
        let doing = || format!("plan {of}");
        let guarded = stop.guard(plan).map_err(Error::engine(doing()))?;
        let physical = self.session.query_planner().create_physical_plan(&guarded, self.session).await;
        physical.and_then(stop::cooperative).map_err(Error::engine(doing()))
    }

    /// Ends what takes longer than the limit.
    pub(crate) async fn limited<T>(
        &self,
        doing: String,
        stop: &Stop,
        future: impl Future<Output = T>,
    ) -> Result<T, Error> {
        let seconds = self.job.limits.seconds;
        let ended = tokio::time::timeout(Duration::from_secs(seconds), future).await;
        ended.map_err(|_| {
            stop.now();
            Error::Time { doing, seconds }
        })
    }
}

/// A plan whose rows are ordered by all columns from the first: one order for one set of rows.
pub(crate) fn sorted(plan: LogicalPlan) -> datafusion::common::Result<LogicalPlan> {
    let order: Vec<SortExpr> =
        plan.schema().columns().into_iter().map(|column| Expr::Column(column).sort(true, true)).collect();
    LogicalPlanBuilder::from(plan).sort(order)?.build()
}

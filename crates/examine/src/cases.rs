//! Cases: given rows, the population they make, and the exceptions they hold.
//!
//! Invariant: a case runs through the planning that a real run uses, over tables of the same columns and types; only the
//! rows come from memory.

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

use datafusion::{
    arrow::{
        array::RecordBatch,
        datatypes::{Schema, SchemaRef},
    },
    execution::SessionState,
    logical_expr::LogicalPlan,
    physical_plan::collect,
};
use serde::{Deserialize, Serialize};
use tickmark_catalog::{Case, CaseKind, Catalog, ControlTest, Dataset, Expect, Rows};

use crate::{
    Error, Finding, Limits, compiled,
    compiled::{Compiled, file},
    item::Keys,
    plan,
    population::Population,
    session::Engine,
    shown,
    sql::{self, Parameters},
    table::{CaseRows, CaseTables, Slot},
};

/// How one case ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseReport {
    /// The test's id.
    pub test: String,
    /// The case's name.
    pub case: String,
    /// Whether it is a canary.
    pub canary: bool,
    /// Its line in `cases.md`.
    pub line: usize,
    /// What differs from what the case expects; nothing if it holds.
    pub failure: Option<String>,
}

/// How all cases of a test ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CasesReport {
    /// The test's id.
    pub test: String,
    /// Rules that its SQL breaks; then no case was run.
    pub findings: Vec<Finding>,
    /// Why its cases could not be run, if they could not.
    pub not_run: Option<String>,
    /// The cases in the order of the file.
    pub cases: Vec<CaseReport>,
}

impl CasesReport {
    fn of(test: &ControlTest) -> Self {
        Self { test: test.id.to_string(), findings: Vec::new(), not_run: None, cases: Vec::new() }
    }

    pub(crate) fn not_run(test: &ControlTest, why: String) -> Self {
        Self { not_run: Some(why), ..Self::of(test) }
    }

    /// Whether no rule is broken, there are cases, and every case holds.
    pub fn holds(&self) -> bool {
        self.findings.is_empty()
            && self.not_run.is_none()
            && !self.cases.is_empty()
            && self.cases.iter().all(|case| case.failure.is_none())
    }
}

/// Checks a test's SQL against all rules, and runs all its cases.
pub fn check_cases(test: &ControlTest, catalog: &Catalog) -> Result<CasesReport, Error> {
    let bench = Bench::of_catalog(catalog)?;
    crate::threads::block_on(1, bench.check(test))?
}

/// Checks a test's SQL against all rules.
pub fn lint(test: &ControlTest, catalog: &Catalog) -> Result<Vec<Finding>, Error> {
    let bench = Bench::of_catalog(catalog)?;
    crate::threads::block_on(1, async {
        match Compiled::new(test, &bench.datasets) {
            Err(findings) => Ok(findings),
            Ok(compiled) => Ok(bench.prepare(test, &compiled).await.err().unwrap_or_default()),
        }
    })?
}

/// Where cases run: all datasets as tables in memory.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) datasets: Vec<Arc<Dataset>>,
    slot: Slot,
    session: SessionState,
}

impl Bench {
    pub(crate) fn of_catalog(catalog: &Catalog) -> Result<Self, Error> {
        let calendars: Vec<_> = catalog.calendars.values().cloned().collect();
        let engine = Engine::new(&calendars, &Limits::default())?;
        Self::new(&engine, catalog.datasets.values().cloned().map(Arc::new).collect())
    }

    /// A bench of its own slot: cases of one test do not see those of another.
    pub(crate) fn new(engine: &Engine, datasets: Vec<Arc<Dataset>>) -> Result<Self, Error> {
        let slot = Slot::default();
        // A case has a handful of rows: one partition, and nothing to exchange between threads.
        let session = engine.session(CaseTables::over(&datasets, &slot), 1)?;
        Ok(Self { datasets, slot, session })
    }

    pub(crate) async fn check(&self, test: &ControlTest) -> Result<CasesReport, Error> {
        let mut report = CasesReport::of(test);
        let compiled = match Compiled::new(test, &self.datasets) {
            Ok(compiled) => compiled,
            Err(findings) => {
                report.findings = findings;
                return Ok(report);
            }
        };
        let Prepared { mut population, mut exceptions } = match self.prepare(test, &compiled).await {
            Ok(prepared) => prepared,
            Err(findings) => {
                report.findings = findings;
                return Ok(report);
            }
        };
        for case in &test.cases {
            let failure = self.run(test, case, &mut population, &mut exceptions).await.err();
            report.cases.push(CaseReport {
                test: test.id.to_string(),
                case: case.name.clone(),
                canary: case.kind == CaseKind::Canary,
                line: case.line,
                failure,
            });
        }
        Ok(report)
    }

    /// Plans both queries as its first case does, and gives everything that is wrong with them; the plans are kept for the
    /// cases.
    pub(crate) async fn prepare<'a>(
        &'a self,
        test: &ControlTest,
        compiled: &'a Compiled,
    ) -> Result<Prepared<'a>, Vec<Finding>> {
        let parameters = first_parameters(test);
        let mut found = Vec::new();
        let mut prepared = Prepared {
            population: Plans::new(self, file(test, "population.sql"), &compiled.population, true),
            exceptions: Plans::new(self, file(test, "test.sql"), &compiled.exceptions, true),
        };
        let mut schemas = Vec::new();
        for plans in [&mut prepared.population, &mut prepared.exceptions] {
            let statement = sql::with_parameters(plans.statement.clone(), &parameters);
            match plan::linted(&self.session, &plans.file, statement).await {
                Ok(plan) => {
                    schemas.push(plan.schema().as_arrow().clone());
                    plans.made.insert(parameters.clone(), plan);
                }
                Err(findings) => found.extend(findings),
            }
        }
        if let [population, exceptions] = schemas.as_slice() {
            found.extend(compiled::column_findings(test, population, exceptions));
        }
        if found.is_empty() { Ok(prepared) } else { Err(found) }
    }

    /// Runs one case; the error says what differs.
    async fn run(
        &self,
        test: &ControlTest,
        case: &Case,
        populations: &mut Plans<'_>,
        exceptions: &mut Plans<'_>,
    ) -> Result<(), String> {
        let parameters = self.show(test, case)?;
        let plan = populations.plan(&parameters).await?;
        let physical = self.session.query_planner().create_physical_plan(&plan, &self.session).await;
        let physical = physical.map_err(|error| error.strip_backtrace())?;
        let context = self.session.task_ctx();
        let of = file(test, "population.sql");
        let population =
            Population::collect(physical, context, &test.item, &of).await.map_err(|error| error.with_causes())?;
        if population.count() != case.expect_population {
            return Err(format!("expected a population of {}, found {}", case.expect_population, population.count()));
        }
        let found = self.exceptions(exceptions, &parameters).await?;
        for batch in &found.batches {
            let keys = Keys::new(batch, test.item.len(), &file(test, "test.sql")).map_err(|error| error.to_string())?;
            let mut buffer = Vec::new();
            for row in 0..batch.num_rows() {
                buffer.clear();
                keys.push(row, &mut buffer);
                if !population.contains(&buffer) {
                    return Err(format!("the exception {} is not in the population", keys.texts(row).join(", ")));
                }
            }
        }
        compare(case, &found)
    }

    /// Runs the canaries of a test; gives how many were caught, or says which was not.
    pub(crate) async fn canaries(&self, test: &ControlTest, plans: &mut Plans<'_>) -> Result<u64, String> {
        let mut caught = 0;
        for case in test.cases.iter().filter(|case| case.kind == CaseKind::Canary) {
            self.caught(test, case, plans)
                .await
                .map_err(|failure| format!("the canary `{}` was not caught: {failure}", case.name))?;
            caught += 1;
        }
        if caught == 0 { Err("the test has no canary".to_owned()) } else { Ok(caught) }
    }

    /// Whether the exceptions of a case are those it expects.
    pub(crate) async fn caught(&self, test: &ControlTest, case: &Case, plans: &mut Plans<'_>) -> Result<(), String> {
        let parameters = self.show(test, case)?;
        compare(case, &self.exceptions(plans, &parameters).await?)
    }

    /// Puts a case's rows into the tables; gives its parameters.
    fn show(&self, test: &ControlTest, case: &Case) -> Result<Parameters, String> {
        let (on, parameters) = case_parameters(test, case)?;
        self.slot.show(Arc::new(CaseRows::build(&self.datasets, &case.given, on)?));
        Ok(parameters)
    }

    async fn exceptions(&self, plans: &mut Plans<'_>, parameters: &Parameters) -> Result<Found, String> {
        let plan = plans.plan(parameters).await?;
        let schema: SchemaRef = Arc::new(plan.schema().as_arrow().clone());
        let physical = self.session.query_planner().create_physical_plan(&plan, &self.session).await;
        let physical = physical.map_err(|error| error.strip_backtrace())?;
        let batches = collect(physical, self.session.task_ctx()).await.map_err(|error| error.strip_backtrace())?;
        Ok(Found { schema, batches })
    }
}

/// The parameters of a test's first case, so that its plans are those that are checked; any day if it has none.
fn first_parameters(test: &ControlTest) -> Parameters {
    let any = jiff::civil::Date::constant(2026, 1, 1);
    match test.cases.first().map(|case| case_parameters(test, case)) {
        Some(Ok((_, parameters))) => parameters,
        Some(Err(_)) | None => compiled::parameters(&test.parameters, any, any, any),
    }
}

/// The day of a case, and the values of all parameters in it.
fn case_parameters(test: &ControlTest, case: &Case) -> Result<(jiff::civil::Date, Parameters), String> {
    let date = |name: &str| {
        let text = case.parameters.get(name).map(String::as_str).unwrap_or_default();
        text.parse::<jiff::civil::Date>().map_err(|_| format!("the parameter `{name}` is no date: `{text}`"))
    };
    let (on, start, end) = (date("on")?, date("period_start")?, date("period_end")?);
    let mut parameters = compiled::parameters(&test.parameters, on, start, end);
    for (name, text) in &case.parameters {
        let Some((kind, value)) = parameters.get_mut(name) else {
            return Err(format!("the test has no parameter `{name}`"));
        };
        if !kind.accepts(text) {
            return Err(format!("the parameter `{name}` is no {kind}: `{text}`"));
        }
        value.clone_from(text);
    }
    Ok((on, parameters))
}

/// Both queries of a test, planned and checked over the tables of cases.
pub(crate) struct Prepared<'a> {
    pub(crate) population: Plans<'a>,
    pub(crate) exceptions: Plans<'a>,
}

/// The plans of one query, one for each set of parameters that cases use.
pub(crate) struct Plans<'a> {
    bench: &'a Bench,
    file: String,
    statement: &'a datafusion::sql::sqlparser::ast::Statement,
    checked: bool,
    made: BTreeMap<Parameters, LogicalPlan>,
}

impl<'a> Plans<'a> {
    /// Plans of a statement. A mutant's plan need not be `checked`: only its rows matter.
    pub(crate) fn new(
        bench: &'a Bench,
        file: String,
        statement: &'a datafusion::sql::sqlparser::ast::Statement,
        checked: bool,
    ) -> Self {
        Self { bench, file, statement, checked, made: BTreeMap::new() }
    }

    async fn plan(&mut self, parameters: &Parameters) -> Result<LogicalPlan, String> {
        if let Some(plan) = self.made.get(parameters) {
            return Ok(plan.clone());
        }
        let statement = sql::with_parameters(self.statement.clone(), parameters);
        let session = &self.bench.session;
        let plan = if self.checked {
            plan::checked(session, &self.file, statement).await
        } else {
            plan::unchecked(session, &self.file, statement).await
        };
        let plan = plan.map_err(|error| error.with_causes())?;
        self.made.insert(parameters.clone(), plan.clone());
        Ok(plan)
    }
}

/// Rows that a query returned.
struct Found {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

impl Found {
    /// The rows on some columns, sorted.
    fn on(&self, columns: &[usize]) -> Result<Vec<TextRow>, String> {
        let mut rows = Vec::new();
        for batch in &self.batches {
            for row in 0..batch.num_rows() {
                let mut cells = Vec::new();
                for column in columns {
                    let array = batch.columns().get(*column).ok_or("a column is missing")?;
                    let value = shown::value(array, row).map_err(|error| error.strip_backtrace())?;
                    cells.push(value.map(|text| shown::normal(array.data_type(), &text)));
                }
                rows.push(cells);
            }
        }
        rows.sort();
        Ok(rows)
    }

    fn all(&self) -> Vec<usize> {
        (0..self.schema.fields().len()).collect()
    }
}

type TextRow = Vec<Option<String>>;

/// Compares what was found with what a case expects.
fn compare(case: &Case, found: &Found) -> Result<(), String> {
    match &case.expect {
        Expect::NoExceptions => {
            let rows = found.on(&found.all())?;
            if rows.is_empty() {
                return Ok(());
            }
            let names: Vec<String> = found.schema.fields().iter().map(|field| field.name().clone()).collect();
            Err(format!("expected no exceptions, found\n{}", table(&names, &rows)))
        }
        Expect::Exceptions(expected) => {
            let columns = places(expected, &found.schema)?;
            let mut wanted: Vec<TextRow> =
                expected.rows.iter().map(|row| normal_row(row, &columns, &found.schema)).collect();
            wanted.sort();
            let rows = found.on(&columns)?;
            if rows == wanted {
                return Ok(());
            }
            Err(difference(&expected.columns, wanted, rows))
        }
    }
}

fn places(expected: &Rows, schema: &Schema) -> Result<Vec<usize>, String> {
    expected
        .columns
        .iter()
        .map(|name| {
            schema.index_of(name).map_err(|_| format!("line {}: test.sql returns no column `{name}`", expected.line))
        })
        .collect()
}

fn normal_row(row: &[Option<String>], columns: &[usize], schema: &Schema) -> TextRow {
    row.iter()
        .zip(columns)
        .map(|(cell, column)| {
            let kind = schema.fields().get(*column)?.data_type();
            cell.as_ref().map(|text| shown::normal(kind, text))
        })
        .collect()
}

/// What is missing and what is too many.
fn difference(columns: &[String], wanted: Vec<TextRow>, mut found: Vec<TextRow>) -> String {
    let mut missing = Vec::new();
    for row in wanted {
        match found.iter().position(|other| *other == row) {
            Some(place) => {
                found.swap_remove(place);
            }
            None => missing.push(row),
        }
    }
    found.sort();
    let mut text = String::new();
    if !missing.is_empty() {
        let _ = write!(text, "expected, and not found\n{}", table(columns, &missing));
    }
    if !found.is_empty() {
        let _ = write!(text, "found, and not expected\n{}", table(columns, &found));
    }
    text
}

/// Rows as a Markdown table.
fn table(columns: &[String], rows: &[TextRow]) -> String {
    let mut text = format!("| {} |\n", columns.join(" | "));
    for row in rows {
        let cells: Vec<&str> = row.iter().map(|cell| cell.as_deref().unwrap_or_default()).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text
}

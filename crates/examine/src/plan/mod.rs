//! From a syntax tree to a plan that may run: planned, typed, checked, optimized.
//!
//! Invariant: a plan that leaves here reads declared datasets only, has no floating-point number in it, and cannot wrap
//! an integer or a sum in silence.

mod currency;
mod equalities;
mod exact;
mod joins;
mod nodes;
mod reads;

use datafusion::{
    execution::{SessionState, context::SQLOptions},
    logical_expr::LogicalPlan,
    sql::{parser::Statement as Wrapped, sqlparser::ast::Statement},
};

pub(crate) use reads::weighed;

use crate::{Error, Finding, lint::Rule};

/// Plans a query, checks it and optimizes it; gives everything that is wrong with it. `file` names the query in findings.
pub(crate) async fn linted(
    state: &SessionState,
    file: &str,
    statement: Statement,
) -> Result<LogicalPlan, Vec<Finding>> {
    let unplanned = |error: Error| vec![Finding::whole(file, Rule::Plan, error.with_causes())];
    let analyzed = analyzed(state, file, statement).await.map_err(unplanned)?;
    let found = findings(file, &analyzed).map_err(unplanned)?;
    if !found.is_empty() {
        return Err(found);
    }
    let optimized = optimized(state, file, analyzed).map_err(unplanned)?;
    match joins::check(file, &optimized) {
        Some(finding) => Err(vec![finding]),
        None => Ok(optimized),
    }
}

/// The same; the first finding is the error.
pub(crate) async fn checked(state: &SessionState, file: &str, statement: Statement) -> Result<LogicalPlan, Error> {
    linted(state, file, statement).await.map_err(|findings| match findings.into_iter().next() {
        Some(finding) => Error::Rule(finding),
        None => Error::Job(format!("{file} could not be planned")),
    })
}

/// Plans a query and optimizes it without the checks: for a mutant of a query that was checked.
pub(crate) async fn unchecked(state: &SessionState, file: &str, statement: Statement) -> Result<LogicalPlan, Error> {
    let analyzed = analyzed(state, file, statement).await?;
    optimized(state, file, analyzed)
}

fn optimized(state: &SessionState, file: &str, analyzed: LogicalPlan) -> Result<LogicalPlan, Error> {
    state.optimizer().optimize(analyzed, state, |_, _| {}).map_err(Error::engine(format!("optimize {file}")))
}

async fn analyzed(state: &SessionState, file: &str, statement: Statement) -> Result<LogicalPlan, Error> {
    let doing = || format!("plan {file}");
    let plan =
        state.statement_to_plan(Wrapped::Statement(Box::new(statement))).await.map_err(Error::engine(doing()))?;
    SQLOptions::new()
        .with_allow_ddl(false)
        .with_allow_dml(false)
        .with_allow_statements(false)
        .verify_plan(&plan)
        .map_err(Error::engine(doing()))?;
    state.analyzer().execute_and_check(plan, state.config_options(), |_, _| {}).map_err(Error::engine(doing()))
}

fn findings(file: &str, analyzed: &LogicalPlan) -> Result<Vec<Finding>, Error> {
    let mut found = nodes::check(file, analyzed).map_err(Error::engine(format!("check the plan of {file}")))?;
    found.extend(exact::check(file, analyzed).map_err(Error::engine(format!("check the types of {file}")))?);
    found.extend(currency::check(file, analyzed).map_err(Error::engine(format!("check the sums of {file}")))?);
    found.sort();
    found.dedup();
    Ok(found)
}

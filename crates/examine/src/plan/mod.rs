//! From a syntax tree to a plan that may run: planned, typed, checked, optimized.
//!
//! Invariant: a plan that leaves here reads declared datasets only, has no floating-point number in it, and cannot wrap
//! an integer or a sum in silence.

mod currency;
mod exact;
mod joins;
mod lineage;
mod nodes;

use datafusion::{
    execution::{SessionState, context::SQLOptions},
    logical_expr::LogicalPlan,
    sql::{parser::Statement as Wrapped, sqlparser::ast::Statement},
};

use crate::{Error, Finding, lint::Rule};

/// Plans a query, checks it and optimizes it. `file` names the query in findings.
pub(crate) async fn checked(state: &SessionState, file: &str, statement: Statement) -> Result<LogicalPlan, Error> {
    let analyzed = analyzed(state, file, statement).await?;
    if let Some(finding) = findings(file, &analyzed)?.into_iter().next() {
        return Err(Error::Rule(finding));
    }
    let optimized =
        state.optimizer().optimize(analyzed, state, |_, _| {}).map_err(Error::engine(format!("optimize {file}")))?;
    match joins::check(file, &optimized) {
        Some(finding) => Err(Error::Rule(finding)),
        None => Ok(optimized),
    }
}

/// Plans a query and optimizes it without the checks: for a mutant of a query that was checked.
pub(crate) async fn unchecked(state: &SessionState, file: &str, statement: Statement) -> Result<LogicalPlan, Error> {
    let analyzed = analyzed(state, file, statement).await?;
    state.optimizer().optimize(analyzed, state, |_, _| {}).map_err(Error::engine(format!("optimize {file}")))
}

/// Everything that is wrong with a query's plan; a query that does not plan at all is one finding.
pub(crate) async fn lint(state: &SessionState, file: &str, statement: Statement) -> Vec<Finding> {
    let analyzed = match analyzed(state, file, statement).await {
        Ok(analyzed) => analyzed,
        Err(error) => return vec![Finding::whole(file, Rule::Plan, error.with_causes())],
    };
    findings(file, &analyzed).unwrap_or_else(|error| vec![Finding::whole(file, Rule::Plan, error.with_causes())])
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

//! Where the columns of a plan come from.

use std::collections::BTreeSet;

use datafusion::{
    common::{
        Column, Result,
        tree_node::{TreeNode, TreeNodeRecursion},
    },
    logical_expr::{Distinct, Expr, LogicalPlan, TableScan},
};

use crate::table;

/// A declared column that a value was made of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Origin {
    /// The dataset's id.
    pub(super) dataset: String,
    /// The column's name.
    pub(super) column: String,
}

/// The declared columns that an expression over `plan`'s output is made of.
pub(super) fn of_expr(plan: &LogicalPlan, expr: &Expr) -> Result<BTreeSet<Origin>> {
    let mut found = BTreeSet::new();
    expr.apply(|part| {
        if let Expr::Column(column) = part {
            found.extend(of_column(plan, column)?);
        }
        if let Expr::ScalarSubquery(subquery) = part {
            for column in subquery.subquery.schema().columns() {
                found.extend(of_column(&subquery.subquery, &column)?);
            }
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(found)
}

/// The declared columns that a column of `plan`'s output is made of.
#[expect(clippy::wildcard_enum_match_arm, reason = "nodes that only pass their input on need no arm of their own")]
fn of_column(plan: &LogicalPlan, column: &Column) -> Result<BTreeSet<Origin>> {
    let Some(index) = plan.schema().maybe_index_of_column(column) else { return Ok(BTreeSet::new()) };
    match plan {
        LogicalPlan::TableScan(scan) => Ok(of_scan(scan, &column.name)),
        LogicalPlan::SubqueryAlias(alias) => at(&alias.input, index),
        LogicalPlan::Projection(projection) => match projection.expr.get(index) {
            Some(expr) => of_expr(&projection.input, expr),
            None => Ok(BTreeSet::new()),
        },
        LogicalPlan::Aggregate(aggregate) => match aggregate.group_expr.iter().chain(&aggregate.aggr_expr).nth(index) {
            Some(expr) => of_expr(&aggregate.input, expr),
            None => Ok(BTreeSet::new()),
        },
        LogicalPlan::Window(window) => {
            let passed = window.input.schema().fields().len();
            match index.checked_sub(passed).and_then(|index| window.window_expr.get(index)) {
                Some(expr) => of_expr(&window.input, expr),
                None => at(&window.input, index),
            }
        }
        LogicalPlan::Union(union) => {
            let mut found = BTreeSet::new();
            for input in &union.inputs {
                found.extend(at(input, index)?);
            }
            Ok(found)
        }
        LogicalPlan::Join(join) => {
            let mut found = BTreeSet::new();
            for side in [&join.left, &join.right] {
                if side.schema().maybe_index_of_column(column).is_some() {
                    found.extend(of_column(side, column)?);
                }
            }
            Ok(found)
        }
        LogicalPlan::Distinct(Distinct::All(input)) => at(input, index),
        other => match other.inputs().as_slice() {
            [input] => at(input, index),
            _ => Ok(BTreeSet::new()),
        },
    }
}

fn at(plan: &LogicalPlan, index: usize) -> Result<BTreeSet<Origin>> {
    match plan.schema().columns().get(index) {
        Some(column) => of_column(plan, column),
        None => Ok(BTreeSet::new()),
    }
}

fn of_scan(scan: &TableScan, column: &str) -> BTreeSet<Origin> {
    match table::dataset_of(scan) {
        Some(dataset) if dataset.column(column).is_some() => {
            [Origin { dataset: dataset.id.to_string(), column: column.to_owned() }].into()
        }
        Some(_) | None => BTreeSet::new(),
    }
}

//! Two large tables are not joined without a condition.
//!
//! A query that pairs every row with every row ends by the limits of time and memory; this check ends it before it
//! starts, with a clearer word. It judges the optimized plan, in which a condition of WHERE has become the join's.

use datafusion::{
    common::tree_node::{TreeNode, TreeNodeRecursion},
    logical_expr::{LogicalPlan, TableScan},
};

use crate::{Finding, lint::Rule, table};

/// Every day of a year with every one of a hundred thousand items; a hundred million pairs take some seconds.
const MOST_PAIRS: u128 = 100_000_000;

pub(super) fn check(file: &str, plan: &LogicalPlan) -> Option<Finding> {
    let mut found = None;
    let walked = plan.apply(|node| {
        if let LogicalPlan::Join(join) = node
            && join.on.is_empty()
            && join.filter.is_none()
        {
            let pairs = rows(&join.left).saturating_mul(rows(&join.right));
            if pairs > MOST_PAIRS {
                let message = format!("two tables are joined without a condition: up to {pairs} pairs of rows");
                found = Some(Finding::whole(file, Rule::JoinCondition, message));
                return Ok(TreeNodeRecursion::Stop);
            }
        }
        Ok(TreeNodeRecursion::Continue)
    });
    // The closure above never fails.
    walked.ok().and(found)
}

/// About the most rows that a plan gives. A join on columns may give more; the limits of time and memory end that.
#[expect(clippy::wildcard_enum_match_arm, reason = "nodes that give at most the rows of their inputs share one arm")]
fn rows(plan: &LogicalPlan) -> u128 {
    match plan {
        LogicalPlan::TableScan(TableScan { source, .. }) => table::rows_of(source).map_or(0, u128::from),
        LogicalPlan::Aggregate(aggregate) if aggregate.group_expr.is_empty() => 1,
        LogicalPlan::EmptyRelation(_) => 1,
        LogicalPlan::Values(values) => values.values.len() as u128,
        LogicalPlan::Union(union) => union.inputs.iter().map(|input| rows(input)).sum(),
        LogicalPlan::Join(join) if join.on.is_empty() && join.filter.is_none() => {
            rows(&join.left).saturating_mul(rows(&join.right))
        }
        other => other.inputs().into_iter().map(rows).max().unwrap_or(0),
    }
}

//! Whether the rows of a plan depend on given columns, other than by showing them.

use std::collections::BTreeSet;

use datafusion::{
    common::{
        Column,
        tree_node::{TreeNode as _, TreeNodeRecursion},
    },
    logical_expr::{Expr, LogicalPlan},
};

use crate::Error;

/// The first of some columns, by name, that decides which rows an optimized plan returns: one that is compared, joined by, counted or
/// calculated with. A column that is only shown decides nothing, and grouping by one that has no value anywhere changes no group.
///
/// Names are compared without their tables, so that a column of the same name elsewhere counts too: that can only be too careful.
pub(crate) fn weighed(file: &str, plan: &LogicalPlan, columns: &BTreeSet<String>) -> Result<Option<String>, Error> {
    let mut known = columns.clone();
    // A column that is given another name is still itself; names are given from the tables upwards, over several projections.
    loop {
        let before = known.len();
        plan.apply_with_subqueries(|node| {
            if let LogicalPlan::Projection(projection) = node {
                for (expr, field) in projection.expr.iter().zip(projection.schema.fields()) {
                    if bare(expr).is_some_and(|column| known.contains(&column.name)) {
                        known.insert(field.name().clone());
                    }
                }
            }
            Ok(TreeNodeRecursion::Continue)
        })
        .map_err(Error::engine(format!("read the plan of {file}")))?;
        if known.len() == before {
            break;
        }
    }
    let mut found = None;
    plan.apply_with_subqueries(|node| {
        node.apply_expressions(|expr| {
            let only_shown =
                matches!(node, LogicalPlan::Projection(_) | LogicalPlan::Aggregate(_) | LogicalPlan::Sort(_))
                    && bare(expr).is_some();
            if !only_shown {
                expr.apply(|part| {
                    if let Expr::Column(column) = part
                        && known.contains(&column.name)
                    {
                        found.get_or_insert_with(|| column.name.clone());
                    }
                    Ok(TreeNodeRecursion::Continue)
                })?;
            }
            Ok(TreeNodeRecursion::Continue)
        })
    })
    .map_err(Error::engine(format!("read the plan of {file}")))?;
    Ok(found)
}

/// The column that an expression is, if it is nothing more.
fn bare(expr: &Expr) -> Option<&Column> {
    if let Expr::Alias(alias) = expr {
        return bare(&alias.expr);
    }
    if let Expr::Column(column) = expr { Some(column) } else { None }
}

//! Sums of money stay within one currency.
//!
//! Money is a decimal of 18 digits or more in a dataset that has a `currency` column. SUM and AVG over it need one of:
//! the dataset's `currency` among the groups (or one that a join or filter sets equal to it), a filter that sets
//! `currency` to a literal, or the whole key of the dataset among the groups.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::{
    common::{
        Result,
        tree_node::{TreeNode, TreeNodeRecursion},
    },
    logical_expr::{Expr, LogicalPlan, Operator, WindowFunctionDefinition, utils::split_conjunction},
};
use tickmark_catalog::{ColumnType, Dataset};

use super::lineage::{self, Origin};
use crate::{Finding, lint::Rule, table};

/// Columns of money have at least as many digits; hours and counts have fewer.
const DIGITS_OF_MONEY: u8 = 18;

const CURRENCY: &str = "currency";

pub(super) fn check(file: &str, plan: &LogicalPlan) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    plan.apply_with_subqueries(|node| {
        let input = match node.inputs().as_slice() {
            [input] => *input,
            _ => return Ok(TreeNodeRecursion::Continue),
        };
        let groups: &[Expr] = if let LogicalPlan::Aggregate(aggregate) = node { &aggregate.group_expr } else { &[] };
        let mut sums = Vec::new();
        node.apply_expressions(|expr| {
            expr.apply(|expr| {
                if let Some((arguments, partition)) = summed(expr) {
                    let groups: Vec<Expr> = partition.unwrap_or(groups).to_vec();
                    sums.push((expr.to_string(), arguments.to_vec(), groups));
                }
                Ok(TreeNodeRecursion::Continue)
            })
        })?;
        for (shown, arguments, groups) in sums {
            if let Some(dataset) = mixes(input, &arguments, &groups)? {
                let message = format!(
                    "`{shown}` may add amounts of several currencies of `{dataset}`: group by its `currency`, or filter on one"
                );
                found.push(Finding::whole(file, Rule::OneCurrency, message));
            }
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(found)
}

/// The arguments of a SUM or AVG, and its partition if it is a window function.
fn summed(expr: &Expr) -> Option<(&[Expr], Option<&[Expr]>)> {
    if let Expr::AggregateFunction(call) = expr {
        return matches!(call.func.name(), "sum" | "avg").then_some((call.params.args.as_slice(), None));
    }
    if let Expr::WindowFunction(call) = expr
        && let WindowFunctionDefinition::AggregateUDF(function) = &call.fun
        && matches!(function.name(), "sum" | "avg")
    {
        return Some((&call.params.args, Some(&call.params.partition_by)));
    }
    None
}

/// The dataset whose currencies a sum may mix, if there is one.
fn mixes(input: &LogicalPlan, arguments: &[Expr], groups: &[Expr]) -> Result<Option<String>> {
    let datasets = datasets(input)?;
    let mut amounts = BTreeSet::new();
    for argument in arguments {
        amounts.extend(lineage::of_expr(input, argument)?);
    }
    let needed: BTreeSet<&str> = amounts
        .iter()
        .filter(|origin| datasets.get(&origin.dataset).is_some_and(|dataset| is_money(dataset, &origin.column)))
        .map(|origin| origin.dataset.as_str())
        .collect();
    if needed.is_empty() {
        return Ok(None);
    }
    let mut grouped = BTreeSet::new();
    for group in groups {
        // Only a bare column keeps apart what it groups; `lower(currency)` or a CASE may not.
        if let Expr::Column(_) = unaliased(group) {
            grouped.extend(lineage::of_expr(input, group)?);
        }
    }
    let one = one_currency(input, &grouped)?;
    for name in needed {
        let Some(dataset) = datasets.get(name) else { continue };
        let has_key = dataset
            .key
            .iter()
            .all(|column| grouped.contains(&Origin { dataset: name.to_owned(), column: column.clone() }));
        if !has_key && !one.contains(name) {
            return Ok(Some(name.to_owned()));
        }
    }
    Ok(None)
}

/// The datasets whose currency is one within each group: grouped by, filtered to a literal, or equal to such a one.
fn one_currency(input: &LogicalPlan, grouped: &BTreeSet<Origin>) -> Result<BTreeSet<String>> {
    let mut one: BTreeSet<String> =
        grouped.iter().filter(|origin| origin.column == CURRENCY).map(|origin| origin.dataset.clone()).collect();
    let mut equal: Vec<(String, String)> = Vec::new();
    input.apply_with_subqueries(|node| {
        if let LogicalPlan::Filter(filter) = node {
            for part in split_conjunction(&filter.predicate) {
                equality(&filter.input, part, &mut one, &mut equal)?;
            }
        }
        if let LogicalPlan::Join(join) = node {
            for (left, right) in &join.on {
                if let (Some(a), Some(b)) = (currency_of(&join.left, left)?, currency_of(&join.right, right)?) {
                    equal.push((a, b));
                }
            }
            for part in join.filter.iter().flat_map(split_conjunction) {
                if let Expr::BinaryExpr(binary) = part
                    && binary.op == Operator::Eq
                {
                    let either = |expr: &Expr| -> Result<Option<String>> {
                        Ok(match currency_of(&join.left, expr)? {
                            Some(found) => Some(found),
                            None => currency_of(&join.right, expr)?,
                        })
                    };
                    if let (Some(a), Some(b)) = (either(&binary.left)?, either(&binary.right)?) {
                        equal.push((a, b));
                    }
                }
            }
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    // What is equal to one currency is one currency; repeated until nothing is added.
    loop {
        let before = one.len();
        for (a, b) in &equal {
            if one.contains(a) || one.contains(b) {
                one.insert(a.clone());
                one.insert(b.clone());
            }
        }
        if one.len() == before {
            return Ok(one);
        }
    }
}

fn equality(
    input: &LogicalPlan,
    part: &Expr,
    one: &mut BTreeSet<String>,
    equal: &mut Vec<(String, String)>,
) -> Result<()> {
    let Expr::BinaryExpr(binary) = part else { return Ok(()) };
    if binary.op != Operator::Eq {
        return Ok(());
    }
    let (left, right) = (currency_of(input, &binary.left)?, currency_of(input, &binary.right)?);
    let is_literal = |expr: &Expr| matches!(uncast(expr), Expr::Literal(..));
    match (left, right) {
        (Some(a), Some(b)) => equal.push((a, b)),
        (Some(a), None) if is_literal(&binary.right) => {
            one.insert(a);
        }
        (None, Some(b)) if is_literal(&binary.left) => {
            one.insert(b);
        }
        (Some(_), None) | (None, Some(_)) | (None, None) => {}
    }
    Ok(())
}

/// The dataset whose `currency` column an expression is, and nothing else.
fn currency_of(input: &LogicalPlan, expr: &Expr) -> Result<Option<String>> {
    if !matches!(uncast(expr), Expr::Column(_)) {
        return Ok(None);
    }
    let origins = lineage::of_expr(input, expr)?;
    let mut origins = origins.into_iter();
    Ok(match (origins.next(), origins.next()) {
        (Some(origin), None) if origin.column == CURRENCY => Some(origin.dataset),
        _ => None,
    })
}

fn unaliased(expr: &Expr) -> &Expr {
    if let Expr::Alias(alias) = expr { unaliased(&alias.expr) } else { expr }
}

fn uncast(expr: &Expr) -> &Expr {
    if let Expr::Cast(cast) = expr { uncast(&cast.expr) } else { expr }
}

fn is_money(dataset: &Dataset, column: &str) -> bool {
    let is_wide = dataset.column(column).is_some_and(
        |column| matches!(column.kind, ColumnType::Decimal { precision, .. } if precision >= DIGITS_OF_MONEY),
    );
    is_wide && dataset.column(CURRENCY).is_some()
}

/// The datasets that a plan reads.
fn datasets(plan: &LogicalPlan) -> Result<BTreeMap<String, Dataset>> {
    let mut found = BTreeMap::new();
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node
            && let Some(dataset) = table::dataset_of(scan)
        {
            found.insert(dataset.id.to_string(), dataset.clone());
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(found)
}

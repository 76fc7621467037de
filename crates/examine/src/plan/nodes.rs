//! A plan reads declared datasets, and does nothing but read.

use datafusion::{
    common::{Result, tree_node::TreeNodeRecursion},
    logical_expr::LogicalPlan,
};

use crate::{Finding, lint::Rule, table};

pub(super) fn check(file: &str, plan: &LogicalPlan) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    plan.apply_with_subqueries(|node| {
        let refused = match node {
            LogicalPlan::Projection(_)
            | LogicalPlan::Filter(_)
            | LogicalPlan::Window(_)
            | LogicalPlan::Aggregate(_)
            | LogicalPlan::Sort(_)
            | LogicalPlan::Join(_)
            | LogicalPlan::Union(_)
            | LogicalPlan::EmptyRelation(_)
            | LogicalPlan::Subquery(_)
            | LogicalPlan::SubqueryAlias(_)
            | LogicalPlan::Values(_)
            | LogicalPlan::Distinct(_) => None,
            LogicalPlan::TableScan(scan) if table::dataset_of(scan).is_some() => None,
            LogicalPlan::TableScan(scan) => {
                Some((Rule::TableNotDeclared, format!("`{}` is not a declared dataset", scan.table_name)))
            }
            LogicalPlan::Limit(_) => Some((Rule::NoLimit, "a limit hides rows".to_owned())),
            LogicalPlan::Unnest(_) | LogicalPlan::RecursiveQuery(_) => {
                Some((Rule::NoTableFunction, "only datasets and subqueries may stand in FROM".to_owned()))
            }
            LogicalPlan::Repartition(_)
            | LogicalPlan::Statement(_)
            | LogicalPlan::Explain(_)
            | LogicalPlan::Analyze(_)
            | LogicalPlan::Extension(_)
            | LogicalPlan::Dml(_)
            | LogicalPlan::Ddl(_)
            | LogicalPlan::Copy(_)
            | LogicalPlan::DescribeTable(_) => {
                Some((Rule::OneQuery, format!("a control test only reads: `{}`", node.display())))
            }
        };
        if let Some((rule, message)) = refused {
            found.push(Finding::whole(file, rule, message));
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(found)
}

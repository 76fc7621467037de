//! Which columns of which datasets a plan reads.

use std::collections::BTreeSet;

use datafusion::{
    common::tree_node::{TreeNode as _, TreeNodeRecursion},
    logical_expr::LogicalPlan,
};

use crate::{Error, table};

/// Datasets with the columns that an optimized plan reads of them.
pub(crate) fn columns_read(file: &str, plan: &LogicalPlan) -> Result<BTreeSet<(String, String)>, Error> {
    let mut read = BTreeSet::new();
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node
            && let Some(dataset) = table::dataset_of(scan)
        {
            let mut take = |column: &str| {
                read.insert((dataset.id.to_string(), column.to_owned()));
            };
            scan.projected_schema.fields().iter().for_each(|field| take(field.name()));
            for filter in &scan.filters {
                filter.apply(|expr| {
                    if let datafusion::logical_expr::Expr::Column(column) = expr {
                        take(&column.name);
                    }
                    Ok(TreeNodeRecursion::Continue)
                })?;
            }
        }
        Ok(TreeNodeRecursion::Continue)
    })
    .map_err(Error::engine(format!("read the plan of {file}")))?;
    Ok(read)
}

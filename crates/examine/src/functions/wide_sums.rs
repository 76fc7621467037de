//! Sums of integers that cannot wrap.
//!
//! DataFusion's SUM over BIGINT wraps in silence. Before types are coerced, this rule lets SUM read integers as
//! DECIMAL(20, 0): the sum is then a DECIMAL(30, 0), which ten thousand million rows cannot overflow.

use datafusion::{
    arrow::datatypes::DataType,
    common::{
        DFSchema, Result,
        config::ConfigOptions,
        tree_node::{Transformed, TreeNode},
    },
    logical_expr::{
        Cast, Expr, ExprSchemable, LogicalPlan, WindowFunctionDefinition, expr_rewriter::NamePreserver,
        utils::merge_schema,
    },
    optimizer::AnalyzerRule,
};

/// Every 64-bit integer, signed or not, has at most 20 digits.
const AS_DECIMAL: DataType = DataType::Decimal128(20, 0);

/// The rule that widens integer arguments of SUM.
#[derive(Debug)]
pub(crate) struct WideSums;

impl AnalyzerRule for WideSums {
    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        let rewritten = plan.transform_up_with_subqueries(|plan| {
            let schema = merge_schema(&plan.inputs());
            let names = NamePreserver::new(&plan);
            plan.map_expressions(|expr| {
                let name = names.save(&expr);
                let expr = expr.transform_up(|expr| widen(expr, &schema))?;
                Ok(expr.update_data(|expr| name.restore(expr)))
            })?
            .map_data(LogicalPlan::recompute_schema)
        })?;
        Ok(rewritten.data)
    }

    fn name(&self) -> &str {
        "wide_sums"
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the rule is about two of many expressions")]
fn widen(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    match expr {
        Expr::AggregateFunction(mut call) if call.func.name() == "sum" => {
            let changed = widen_arguments(&mut call.params.args, schema)?;
            Ok(Transformed::new_transformed(Expr::AggregateFunction(call), changed))
        }
        Expr::WindowFunction(mut call) => {
            let is_sum = matches!(&call.fun, WindowFunctionDefinition::AggregateUDF(f) if f.name() == "sum");
            let changed = is_sum && widen_arguments(&mut call.params.args, schema)?;
            Ok(Transformed::new_transformed(Expr::WindowFunction(call), changed))
        }
        other => Ok(Transformed::no(other)),
    }
}

fn widen_arguments(arguments: &mut [Expr], schema: &DFSchema) -> Result<bool> {
    let mut changed = false;
    for argument in arguments {
        if argument.get_type(schema)?.is_integer() {
            let inner = std::mem::take(argument);
            *argument = Expr::Cast(Cast::new(Box::new(inner), AS_DECIMAL));
            changed = true;
        }
    }
    Ok(changed)
}

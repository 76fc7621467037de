//! Numbers stay exact: no floating point, no rounding or remainder dropped in silence, no sum that could wrap.

use datafusion::{
    arrow::datatypes::DataType,
    common::{
        DFSchema, Result,
        tree_node::{TreeNode, TreeNodeRecursion},
    },
    logical_expr::{Expr, ExprSchemable, LogicalPlan, Operator, WindowFunctionDefinition, utils::merge_schema},
};

use crate::{Finding, lint::Rule};

/// The most digits a decimal may have to be summed. SUM adds ten digits to its argument's type, up to 38 in all, and
/// checks nothing; with 28 the ten are there, and ten thousand million rows cannot overflow them.
const MOST_DIGITS_TO_SUM: u8 = 28;

pub(super) fn check(file: &str, plan: &LogicalPlan) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    plan.apply_with_subqueries(|node| {
        let mut schema = merge_schema(&node.inputs());
        if node.inputs().is_empty() {
            schema.merge(node.schema());
        }
        node.apply_expressions(|expr| {
            expr.apply(|expr| {
                if let Some((rule, message)) = refused(expr, &schema) {
                    found.push(Finding::whole(file, rule, message));
                    return Ok(TreeNodeRecursion::Jump);
                }
                Ok(TreeNodeRecursion::Continue)
            })
        })?;
        for field in node.schema().fields() {
            if field.data_type().is_floating() {
                let message = format!("the column `{}` is a floating-point number", field.name());
                found.push(Finding::whole(file, Rule::NoFloat, message));
            }
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(found)
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the rules are about these of many expressions")]
fn refused(expr: &Expr, schema: &DFSchema) -> Option<(Rule, String)> {
    match expr {
        Expr::BinaryExpr(binary) if binary.op == Operator::Divide => {
            let whole = |side: &Expr| side.get_type(schema).is_ok_and(|kind| kind.is_integer());
            if whole(&binary.left) && whole(&binary.right) {
                let message = format!("`{expr}` drops the remainder in silence: use div_scale(a, b, scale)");
                return Some((Rule::IntegerDivision, message));
            }
            if [&binary.left, &binary.right]
                .into_iter()
                .any(|side| side.get_type(schema).is_ok_and(|kind| kind.is_decimal()))
            {
                let message = format!("`{expr}` rounds where nobody said: use div_scale(a, b, scale)");
                return Some((Rule::SilentRounding, message));
            }
        }
        Expr::Cast(cast)
            if cast.expr.get_type(schema).is_ok_and(|from| drops_digits(&from, cast.field.data_type())) =>
        {
            let message =
                format!("`{expr}` drops digits after the point in silence: use round_half_up(x, scale) first");
            return Some((Rule::SilentRounding, message));
        }
        Expr::TryCast(_) => {
            return Some((Rule::NoTryCast, format!("`{expr}` turns a wrong value into NULL: use CAST")));
        }
        Expr::AggregateFunction(call) if matches!(call.func.name(), "sum" | "avg") => {
            if let Some(refused) = sum_could_wrap(expr, &call.params.args, schema) {
                return Some(refused);
            }
        }
        Expr::WindowFunction(call) => {
            if let WindowFunctionDefinition::AggregateUDF(function) = &call.fun
                && matches!(function.name(), "sum" | "avg")
                && let Some(refused) = sum_could_wrap(expr, &call.params.args, schema)
            {
                return Some(refused);
            }
        }
        _ => {}
    }
    // An expression whose type is unknown here (a subquery's outer column) is checked where it is known.
    match expr.get_type(schema) {
        Ok(kind) if kind.is_floating() => {
            let message = format!("`{expr}` is a floating-point number: cast its parts to DECIMAL(p, s)");
            Some((Rule::NoFloat, message))
        }
        _ => None,
    }
}

/// Whether a cast keeps fewer digits after the point than there are.
fn drops_digits(from: &DataType, to: &DataType) -> bool {
    let DataType::Decimal128(_, had) = from else { return false };
    if let DataType::Decimal128(_, kept) = to { kept < had } else { to.is_integer() && *had > 0 }
}

fn sum_could_wrap(expr: &Expr, arguments: &[Expr], schema: &DFSchema) -> Option<(Rule, String)> {
    for argument in arguments {
        if let Ok(DataType::Decimal128(precision, scale)) = argument.get_type(schema)
            && precision > MOST_DIGITS_TO_SUM
        {
            let message = format!(
                "`{expr}` sums a DECIMAL({precision}, {scale}) and could wrap: cast it to DECIMAL({MOST_DIGITS_TO_SUM}, {scale}) first"
            );
            return Some((Rule::SumCannotWrap, message));
        }
    }
    None
}

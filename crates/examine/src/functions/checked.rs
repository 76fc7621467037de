//! Integer arithmetic that ends in an error instead of wrapping.
//!
//! DataFusion's `+`, `-` and `*` on integers wrap in silence (9223372036854775807 * 2 is -2). After types are coerced,
//! this rule replaces each of them by a function that checks.

use std::sync::Arc;

use datafusion::{
    arrow::{
        array::{ArrayRef, Datum},
        compute::kernels::numeric,
        datatypes::DataType,
        error::ArrowError,
    },
    common::{
        Result, ScalarValue,
        config::ConfigOptions,
        exec_err,
        tree_node::{Transformed, TreeNode},
    },
    logical_expr::{
        BinaryExpr, ColumnarValue, Expr, ExprSchemable, LogicalPlan, Operator, ScalarFunctionArgs, ScalarUDF,
        ScalarUDFImpl, Signature, Volatility, expr_rewriter::NamePreserver,
    },
    optimizer::AnalyzerRule,
};

/// The rule that puts checked functions in the place of integer `+`, `-`, `*` and unary minus.
#[derive(Debug)]
pub(crate) struct CheckedIntegers {
    add: Arc<ScalarUDF>,
    subtract: Arc<ScalarUDF>,
    multiply: Arc<ScalarUDF>,
}

impl CheckedIntegers {
    pub(crate) fn new() -> Self {
        let function = |operation| Arc::new(ScalarUDF::from(Checked::new(operation)));
        Self {
            add: function(Operation::Add),
            subtract: function(Operation::Subtract),
            multiply: function(Operation::Multiply),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the rule is about these of many expressions and operators")]
    fn rewrite(&self, expr: Expr, schema: &datafusion::common::DFSchema) -> Result<Transformed<Expr>> {
        match expr {
            Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
                let function = match op {
                    Operator::Plus => &self.add,
                    Operator::Minus => &self.subtract,
                    Operator::Multiply => &self.multiply,
                    _ => return Ok(Transformed::no(Expr::BinaryExpr(BinaryExpr { left, op, right }))),
                };
                if left.get_type(schema)?.is_integer() && right.get_type(schema)?.is_integer() {
                    Ok(Transformed::yes(function.call(vec![*left, *right])))
                } else {
                    Ok(Transformed::no(Expr::BinaryExpr(BinaryExpr { left, op, right })))
                }
            }
            Expr::Negative(inner) => {
                let kind = inner.get_type(schema)?;
                if kind.is_integer() {
                    let zero = ScalarValue::new_zero(&kind)?;
                    Ok(Transformed::yes(self.subtract.call(vec![Expr::Literal(zero, None), *inner])))
                } else {
                    Ok(Transformed::no(Expr::Negative(inner)))
                }
            }
            other => Ok(Transformed::no(other)),
        }
    }
}

impl AnalyzerRule for CheckedIntegers {
    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        let rewritten = plan.transform_up_with_subqueries(|plan| {
            let mut schema = datafusion::logical_expr::utils::merge_schema(&plan.inputs());
            // Filters pushed into a scan, and values, see the schema of their own node.
            if plan.inputs().is_empty() {
                schema.merge(plan.schema());
            }
            let names = NamePreserver::new(&plan);
            plan.map_expressions(|expr| {
                let name = names.save(&expr);
                let expr = expr.transform_up(|expr| self.rewrite(expr, &schema))?;
                Ok(expr.update_data(|expr| name.restore(expr)))
            })?
            .map_data(LogicalPlan::recompute_schema)
        })?;
        Ok(rewritten.data)
    }

    fn name(&self) -> &str {
        "checked_integers"
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Operation {
    Add,
    Subtract,
    Multiply,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Checked {
    signature: Signature,
    operation: Operation,
}

impl Checked {
    fn new(operation: Operation) -> Self {
        // Types were coerced before, so both arguments have one type and nothing is left to coerce.
        Self { signature: Signature::any(2, Volatility::Immutable), operation }
    }

    fn apply(&self, left: &dyn Datum, right: &dyn Datum) -> Result<ArrayRef, ArrowError> {
        match self.operation {
            Operation::Add => numeric::add(left, right),
            Operation::Subtract => numeric::sub(left, right),
            Operation::Multiply => numeric::mul(left, right),
        }
    }
}

impl ScalarUDFImpl for Checked {
    fn name(&self) -> &str {
        match self.operation {
            Operation::Add => "checked_add",
            Operation::Subtract => "checked_subtract",
            Operation::Multiply => "checked_multiply",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, kinds: &[DataType]) -> Result<DataType> {
        match kinds {
            [left, right] if left == right => Ok(left.clone()),
            _ => exec_err!("{} takes two integers of one type, not {kinds:?}", self.name()),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [left, right] = args.args.as_slice() else {
            return exec_err!("{} takes two arguments", self.name());
        };
        let array = match (left, right) {
            (ColumnarValue::Array(left), ColumnarValue::Array(right)) => self.apply(left, right)?,
            (ColumnarValue::Array(left), ColumnarValue::Scalar(right)) => self.apply(left, &right.to_scalar()?)?,
            (ColumnarValue::Scalar(left), ColumnarValue::Array(right)) => self.apply(&left.to_scalar()?, right)?,
            (ColumnarValue::Scalar(left), ColumnarValue::Scalar(right)) => {
                let array = self.apply(&left.to_array()?, &right.to_array()?)?;
                return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&array, 0)?));
            }
        };
        Ok(ColumnarValue::Array(array))
    }
}

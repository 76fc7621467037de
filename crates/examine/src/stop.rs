//! Ending a query whose time is up, also in the middle of a join that gives no row.
//!
//! A future is dropped between two polls, and a join may pair millions of rows in one poll. So each join asks, with each
//! batch of pairs it judges, whether it may go on; and what reads a join lets go of the thread now and then.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use datafusion::{
    arrow::datatypes::DataType,
    common::{
        Result, ScalarValue, exec_err,
        tree_node::{Transformed, TransformedResult, TreeNode},
    },
    logical_expr::{ColumnarValue, LogicalPlan, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility},
    physical_plan::{
        ExecutionPlan,
        coop::CooperativeExec,
        joins::{CrossJoinExec, HashJoinExec, NestedLoopJoinExec, SortMergeJoinExec},
    },
};

/// Whether one query has to end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Ends the query at its next batch of pairs.
    pub(crate) fn now(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// The plan with the question in each join's condition. Apply it to an optimized plan: no rule may move it.
    pub(crate) fn guard(&self, plan: LogicalPlan) -> Result<LogicalPlan> {
        let question =
            ScalarUDF::from(MayGoOn { signature: Signature::nullary(Volatility::Volatile), stop: self.clone() });
        let question = question.call(Vec::new());
        plan.transform_up_with_subqueries(|node| {
            let LogicalPlan::Join(mut join) = node else { return Ok(Transformed::no(node)) };
            // First, because AND does not look at its right side when the left is false throughout.
            join.filter = join.filter.map(|filter| question.clone().and(filter));
            Ok(Transformed::yes(LogicalPlan::Join(join)))
        })
        .data()
    }
}

/// The plan with a point to let go of the thread above each join.
pub(crate) fn cooperative(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    plan.transform_up(|node| {
        let any = node.as_ref();
        let joins = any.is::<HashJoinExec>()
            || any.is::<NestedLoopJoinExec>()
            || any.is::<CrossJoinExec>()
            || any.is::<SortMergeJoinExec>();
        if joins {
            Ok(Transformed::yes(Arc::new(CooperativeExec::new(node)) as Arc<dyn ExecutionPlan>))
        } else {
            Ok(Transformed::no(node))
        }
    })
    .data()
}

/// Always true, or the end of the query.
#[derive(Debug)]
struct MayGoOn {
    signature: Signature,
    stop: Stop,
}

impl PartialEq for MayGoOn {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.stop.0, &other.stop.0)
    }
}

impl Eq for MayGoOn {}

impl std::hash::Hash for MayGoOn {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl ScalarUDFImpl for MayGoOn {
    fn name(&self) -> &str {
        "may_go_on"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        if self.stop.0.load(Ordering::Relaxed) {
            return exec_err!("the time of the query is up");
        }
        Ok(ColumnarValue::Scalar(ScalarValue::Boolean(Some(true))))
    }
}

//! The functions that control tests may call: our own, and the named few of DataFusion.
//!
//! Invariant: a session knows no other function, so SQL that calls one does not plan.
//! Invariant: every function is a pure function of its arguments and the job's calendars; none reads a clock or chance.

mod allowed;
mod arguments;
mod business_days;
mod calendar;
mod checked;
mod rounding;
mod wide_sums;
mod zoned;

use std::sync::Arc;

use datafusion::logical_expr::ScalarUDF;
use tickmark_catalog::Calendar;

pub(crate) use allowed::{AGGREGATES, SCALARS, WINDOWS, aggregate_functions, scalar_functions, window_functions};
pub(crate) use checked::CheckedIntegers;
pub(crate) use wide_sums::WideSums;
pub(crate) use zoned::zone;

/// Our functions by the names SQL uses.
pub(crate) const OURS: [&str; 7] =
    ["add_business_days", "business_days", "div_scale", "end_of_day", "local_date", "round_half_even", "round_half_up"];

/// Our functions over these business calendars.
pub(crate) fn our_functions(calendars: &[Calendar]) -> Vec<Arc<ScalarUDF>> {
    let days = Arc::new(calendar::Calendars::of(calendars));
    vec![
        Arc::new(ScalarUDF::from(business_days::BusinessDays::new(Arc::clone(&days)))),
        Arc::new(ScalarUDF::from(business_days::AddBusinessDays::new(days))),
        Arc::new(ScalarUDF::from(zoned::LocalDate::new())),
        Arc::new(ScalarUDF::from(zoned::EndOfDay::new())),
        Arc::new(ScalarUDF::from(rounding::Round::half_up())),
        Arc::new(ScalarUDF::from(rounding::Round::half_even())),
        Arc::new(ScalarUDF::from(rounding::DivScale::new())),
    ]
}

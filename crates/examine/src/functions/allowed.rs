//! The functions of DataFusion that control tests may call.
//!
//! A function stands here when it is exact, immutable and does not depend on the order of rows it cannot see. What
//! returns a floating-point number (`sqrt`, `power`, `stddev`), reads the clock (`now`), draws chance (`random`, `uuid`),
//! casts at will (`arrow_cast`, `try_cast`), rounds through binary fractions (`round`) or makes a text as long as a number
//! says (`repeat`, `lpad`, `rpad`) does not.

use std::sync::Arc;

use datafusion::{
    functions, functions_aggregate, functions_window,
    logical_expr::{AggregateUDF, ScalarUDF, WindowUDF},
};

/// Scalar functions, sorted.
pub(crate) const SCALARS: [&str; 33] = [
    "abs",
    "btrim",
    "character_length",
    "coalesce",
    "concat",
    "concat_ws",
    "contains",
    "date_part",
    "date_trunc",
    "ends_with",
    "greatest",
    "initcap",
    "least",
    "left",
    "lower",
    "ltrim",
    "make_date",
    "nullif",
    "nvl",
    "nvl2",
    "octet_length",
    "overlay",
    "regexp_like",
    "regexp_replace",
    "replace",
    "reverse",
    "right",
    "rtrim",
    "split_part",
    "starts_with",
    "strpos",
    "substr",
    "upper",
];

/// Aggregate functions, sorted. `string_agg`, `first_value` and `last_value` need an `ORDER BY` of their own (see `lint`).
pub(crate) const AGGREGATES: [&str; 10] =
    ["avg", "bool_and", "bool_or", "count", "first_value", "last_value", "max", "min", "string_agg", "sum"];

/// Window functions, sorted. Each needs an `ORDER BY` in its window (see `lint`).
pub(crate) const WINDOWS: [&str; 6] = ["dense_rank", "lag", "lead", "nth_value", "rank", "row_number"];

/// The scalar functions that are on the list.
pub(crate) fn scalar_functions() -> Vec<Arc<ScalarUDF>> {
    functions::all_default_functions().into_iter().filter(|f| SCALARS.contains(&f.name())).collect()
}

/// The aggregate functions that are on the list.
pub(crate) fn aggregate_functions() -> Vec<Arc<AggregateUDF>> {
    functions_aggregate::all_default_aggregate_functions()
        .into_iter()
        .filter(|f| AGGREGATES.contains(&f.name()))
        .collect()
}

/// The window functions that are on the list.
pub(crate) fn window_functions() -> Vec<Arc<WindowUDF>> {
    functions_window::all_default_window_functions().into_iter().filter(|f| WINDOWS.contains(&f.name())).collect()
}

#[cfg(test)]
mod tests {
    use datafusion::logical_expr::Volatility;

    use super::*;

    #[test]
    fn every_name_on_the_lists_exists_and_is_immutable() {
        let scalars = scalar_functions();
        for name in SCALARS {
            let found = scalars.iter().find(|f| f.name() == name);
            let found = found.unwrap_or_else(|| panic!("no scalar function `{name}`"));
            assert_eq!(found.signature().volatility, Volatility::Immutable, "{name}");
        }
        let aggregates = aggregate_functions();
        for name in AGGREGATES {
            assert!(aggregates.iter().any(|f| f.name() == name), "no aggregate function `{name}`");
        }
        let windows = window_functions();
        for name in WINDOWS {
            assert!(windows.iter().any(|f| f.name() == name), "no window function `{name}`");
        }
    }
}

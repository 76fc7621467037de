//! Values as text, in the one spelling that cases are written in.

use datafusion::{
    arrow::{
        array::{Array, ArrayRef, AsArray},
        datatypes::{
            DataType, Date32Type, Decimal128Type, TimeUnit, TimestampMicrosecondType, TimestampNanosecondType,
        },
        util::display::{ArrayFormatter, FormatOptions},
    },
    common::Result,
};
use jiff::Timestamp;

/// The value of a row as text; `None` for NULL.
#[expect(clippy::wildcard_enum_match_arm, reason = "other types print as Arrow prints them")]
pub(crate) fn value(array: &ArrayRef, row: usize) -> Result<Option<String>> {
    if array.is_null(row) || *array.data_type() == DataType::Null {
        return Ok(None);
    }
    let shown = match array.data_type() {
        DataType::Date32 => {
            tickmark_calendar::civil(array.as_primitive::<Date32Type>().value(row)).map(|day| day.to_string())
        }
        DataType::Decimal128(_, scale) => {
            Some(decimal(array.as_primitive::<Decimal128Type>().value(row), usize::try_from(*scale).unwrap_or(0)))
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            Timestamp::from_microsecond(array.as_primitive::<TimestampMicrosecondType>().value(row))
                .ok()
                .map(|instant| instant.to_string())
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            let nanos = array.as_primitive::<TimestampNanosecondType>().value(row);
            Timestamp::from_nanosecond(i128::from(nanos)).ok().map(|instant| instant.to_string())
        }
        _ => None,
    };
    match shown {
        Some(shown) => Ok(Some(shown)),
        None => {
            let formatter = ArrayFormatter::try_new(array, &FormatOptions::default())?;
            Ok(Some(formatter.value(row).try_to_string()?))
        }
    }
}

/// -1250 with scale 2 is `-12.50`.
fn decimal(unscaled: i128, scale: usize) -> String {
    let digits = format!("{:0>width$}", unscaled.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let sign = if unscaled < 0 { "-" } else { "" };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// The spelling in which two texts of one value are equal: `12.50` and `12.5`, and an instant with and without a fraction.
pub(crate) fn normal(kind: &DataType, text: &str) -> String {
    if matches!(kind, DataType::Decimal128(..) | DataType::Decimal256(..)) || kind.is_integer() {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let fraction = fraction.trim_end_matches('0');
        let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
        let digits = match digits.trim_start_matches('0') {
            "" => "0",
            digits => digits,
        };
        let sign = if digits == "0" && fraction.is_empty() { "" } else { sign };
        return if fraction.is_empty() { format!("{sign}{digits}") } else { format!("{sign}{digits}.{fraction}") };
    }
    if matches!(kind, DataType::Timestamp(..))
        && let Ok(instant) = text.parse::<Timestamp>()
    {
        return instant.to_string();
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_print_with_their_scale_and_compare_without() {
        for (unscaled, scale, text) in
            [(-1_250, 2, "-12.50"), (5, 2, "0.05"), (-5, 2, "-0.05"), (7, 0, "7"), (0, 2, "0.00")]
        {
            assert_eq!(decimal(unscaled, scale), text);
        }
        let kind = DataType::Decimal128(18, 2);
        for (one, two) in [("12.50", "12.5"), ("-0.00", "0"), ("007", "7.0")] {
            assert_eq!(normal(&kind, one), normal(&kind, two), "{one} {two}");
        }
        assert_ne!(normal(&kind, "12.50"), normal(&kind, "12.05"));
        assert_eq!(normal(&DataType::Utf8, "007"), "007");
    }
}

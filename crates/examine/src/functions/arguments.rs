//! Reading the arguments of our functions.

use std::sync::Arc;

use datafusion::{
    arrow::{
        array::{ArrayRef, AsArray, PrimitiveArray},
        datatypes::{ArrowPrimitiveType, DataType},
    },
    common::{Result, ScalarValue, exec_err, plan_err},
    logical_expr::ColumnarValue,
};

/// The argument at `index` as an array of `rows` rows.
pub(super) fn array(args: &[ColumnarValue], index: usize, rows: usize) -> Result<ArrayRef> {
    match args.get(index) {
        Some(value) => value.to_array(rows),
        None => exec_err!("argument {} is missing", index + 1),
    }
}

/// The argument at `index` as a primitive array of `rows` rows.
pub(super) fn primitive<T: ArrowPrimitiveType>(
    args: &[ColumnarValue],
    index: usize,
    rows: usize,
) -> Result<PrimitiveArray<T>> {
    let array = array(args, index, rows)?;
    match array.as_primitive_opt::<T>() {
        Some(array) => Ok(array.clone()),
        None => exec_err!("argument {} has type {}", index + 1, array.data_type()),
    }
}

/// The text argument at `index`, which has to be one literal for all rows; `None` when it is NULL.
pub(super) fn literal_text<'a>(function: &str, args: &'a [ColumnarValue], index: usize) -> Result<Option<&'a str>> {
    match args.get(index) {
        Some(ColumnarValue::Scalar(
            ScalarValue::Utf8(text) | ScalarValue::Utf8View(text) | ScalarValue::LargeUtf8(text),
        )) => Ok(text.as_deref()),
        _ => exec_err!("argument {} of {function} must be a text literal", index + 1),
    }
}

/// The scale argument of a rounding function: an integer literal from 0 to 38.
pub(super) fn literal_scale(function: &str, literal: Option<&ScalarValue>) -> Result<i8> {
    let scale = match literal {
        Some(ScalarValue::Int64(Some(scale))) => i8::try_from(*scale).ok(),
        _ => None,
    };
    match scale.filter(|scale| (0..=38).contains(scale)) {
        Some(scale) => Ok(scale),
        None => plan_err!("the scale of {function} must be an integer literal from 0 to 38"),
    }
}

/// The decimal type that an argument is read as; integers of 64 bits have at most 19 digits.
#[expect(clippy::wildcard_enum_match_arm, reason = "what is not listed is no exact number")]
pub(super) fn as_decimal(function: &str, kind: &DataType) -> Result<DataType> {
    match kind {
        DataType::Decimal128(precision, scale) => Ok(DataType::Decimal128(*precision, *scale)),
        DataType::Decimal32(precision, scale) | DataType::Decimal64(precision, scale) => {
            Ok(DataType::Decimal128(*precision, *scale))
        }
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => Ok(DataType::Decimal128(19, 0)),
        DataType::UInt8 | DataType::UInt16 | DataType::UInt32 | DataType::UInt64 => Ok(DataType::Decimal128(20, 0)),
        DataType::Null => Ok(DataType::Decimal128(1, 0)),
        other => plan_err!("{function} takes decimals and integers, not {other}"),
    }
}

/// Whether a text type, or NULL.
pub(super) fn is_text(kind: &DataType) -> bool {
    matches!(kind, DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8 | DataType::Null)
}

/// A primitive array as a result.
pub(super) fn column<T: ArrowPrimitiveType>(array: PrimitiveArray<T>) -> ColumnarValue {
    ColumnarValue::Array(Arc::new(array))
}

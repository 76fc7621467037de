//! Rows of a query engine as rows of ours: the same values in the few types a dataset may have.
//!
//! Invariant: no value changes. A type that could only be brought over by rounding, cutting or guessing is refused.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, RecordBatch},
    compute::{CastOptions, cast_with_options},
    datatypes::{DataType, Field, Schema, TimeUnit},
};

use crate::{Column, ColumnType, Error, arrow_schema};

/// The columns that hold the rows of a query with this schema; none is required, for a result may lack any value.
pub fn result_columns(name: &str, schema: &Schema) -> Result<Vec<Column>, Error> {
    schema
        .fields()
        .iter()
        .map(|field| {
            let kind = exact_type(field.data_type()).ok_or_else(|| refuse(name, field, "a type without rounding"))?;
            Ok(Column::new(field.name(), kind, false))
        })
        .collect()
}

/// Brings a batch into the Arrow types of `columns`, which are its own by name and order.
pub fn conform(name: &str, columns: &[Column], batch: &RecordBatch) -> Result<RecordBatch, Error> {
    let schema = batch.schema_ref();
    if schema.fields().len() != columns.len() {
        let problem = format!("{} columns declared, {} in the rows", columns.len(), schema.fields().len());
        return Err(Error::Declaration { dataset: name.to_owned(), problem });
    }
    // Without `safe` a value that does not fit is an error; with it, it would become a missing value.
    let options = CastOptions { safe: false, ..CastOptions::default() };
    let arrays = columns
        .iter()
        .zip(schema.fields())
        .zip(batch.columns())
        .map(|((column, field), array)| {
            let wanted = column.kind.arrow_type();
            if *field.data_type() == wanted {
                return Ok(array.clone());
            }
            let fits = *field.name() == column.name
                && exact_type(field.data_type()).is_some_and(|found| widens(found, column.kind));
            if !fits {
                return Err(refuse(name, field, &format!("`{}` {}", column.name, column.kind)));
            }
            cast_with_options(array, &wanted, &options)
                .map_err(Error::arrow(format!("bring column `{}` of `{name}` into {}", column.name, column.kind)))
        })
        .collect::<Result<Vec<ArrayRef>, Error>>()?;
    RecordBatch::try_new(arrow_schema(columns), arrays).map_err(Error::arrow(format!("gather rows of `{name}`")))
}

/// The type of ours that holds every value of an Arrow type exactly.
fn exact_type(kind: &DataType) -> Option<ColumnType> {
    if let Some(exact) = ColumnType::of_arrow(kind) {
        return Some(exact);
    }
    if let DataType::Dictionary(_, values) = kind {
        return exact_type(values).filter(|kind| *kind == ColumnType::Text);
    }
    let text = [DataType::LargeUtf8, DataType::Utf8View];
    let integers = [
        DataType::Int8,
        DataType::Int16,
        DataType::Int32,
        DataType::UInt8,
        DataType::UInt16,
        DataType::UInt32,
        // Counts and row numbers; one past 2^63 is an error of the cast, never a negative number.
        DataType::UInt64,
    ];
    let instants =
        [TimeUnit::Second, TimeUnit::Millisecond].map(|unit| DataType::Timestamp(unit, Some(Arc::from("UTC"))));
    if text.contains(kind) {
        Some(ColumnType::Text)
    } else if integers.contains(kind) {
        Some(ColumnType::Int)
    } else if instants.contains(kind) {
        Some(ColumnType::Timestamp)
    } else {
        None
    }
}

/// Whether every value of `from` is a value of `to`.
fn widens(from: ColumnType, to: ColumnType) -> bool {
    if let (
        ColumnType::Decimal { precision: from_precision, scale: from_scale },
        ColumnType::Decimal { precision: to_precision, scale: to_scale },
    ) = (from, to)
    {
        return to_scale >= from_scale && to_precision - to_scale >= from_precision.saturating_sub(from_scale);
    }
    from == to
}

fn refuse(name: &str, field: &Field, expected: &str) -> Error {
    Error::Column {
        dataset: name.to_owned(),
        column: field.name().clone(),
        expected: expected.to_owned(),
        found: field.data_type().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{Decimal128Array, Float64Array, Int32Array, StringViewArray, UInt64Array};

    use super::*;

    fn batch(arrays: Vec<(&str, ArrayRef)>) -> RecordBatch {
        RecordBatch::try_from_iter(arrays).unwrap()
    }

    #[test]
    fn other_spellings_of_our_types_keep_their_values() {
        let rows = batch(vec![
            ("text", Arc::new(StringViewArray::from(vec![Some("00123"), None]))),
            ("count", Arc::new(UInt64Array::from(vec![1, 2]))),
            ("small", Arc::new(Int32Array::from(vec![-1, 2]))),
            ("money", Arc::new(Decimal128Array::from(vec![100, -1]).with_precision_and_scale(10, 2).unwrap())),
        ]);
        let mut columns = result_columns("result", &rows.schema()).unwrap();
        let kinds: Vec<String> = columns.iter().map(|column| column.kind.to_string()).collect();
        assert_eq!(kinds, ["text", "int", "int", "decimal(10, 2)"]);
        columns[3].kind = ColumnType::Decimal { precision: 18, scale: 4 };
        let conformed = conform("result", &columns, &rows).unwrap();
        assert_eq!(conformed.schema(), arrow_schema(&columns));
        let money = Decimal128Array::from(vec![10_000, -100]).with_precision_and_scale(18, 4).unwrap();
        assert_eq!(conformed.column(3).as_ref(), &money as &dyn arrow::array::Array);
    }

    #[test]
    fn what_would_round_or_overflow_is_refused() {
        let float = batch(vec![("amount", Arc::new(Float64Array::from(vec![0.1])))]);
        assert!(result_columns("result", &float.schema()).is_err());
        let large = batch(vec![("count", Arc::new(UInt64Array::from(vec![u64::MAX])))]);
        let columns = result_columns("result", &large.schema()).unwrap();
        assert!(conform("result", &columns, &large).is_err());
        let money: ArrayRef = Arc::new(Decimal128Array::from(vec![1]).with_precision_and_scale(18, 4).unwrap());
        let narrower = [Column::new("money", ColumnType::Decimal { precision: 18, scale: 2 }, false)];
        assert!(conform("result", &narrower, &batch(vec![("money", money)])).is_err());
    }
}

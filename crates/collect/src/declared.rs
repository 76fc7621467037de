//! The catalog's columns in the words of the vault and of Arrow.

use arrow::datatypes::{DataType, Field, TimeUnit};
use tickmark_catalog::{Column, ColumnType, Dataset};

/// The Arrow field of a declared column.
pub(crate) fn field(column: &Column) -> Field {
    let kind = match column.kind {
        ColumnType::Text => DataType::Utf8,
        ColumnType::Int => DataType::Int64,
        ColumnType::Bool => DataType::Boolean,
        ColumnType::Date => DataType::Date32,
        ColumnType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        ColumnType::Decimal { precision, scale } => DataType::Decimal128(precision, scale),
    };
    Field::new(column.name.clone(), kind, !column.required)
}

/// A declared column in the vault's words.
pub(crate) fn vault_column(column: &Column) -> tickmark_vault::Column {
    let kind = match column.kind {
        ColumnType::Text => tickmark_vault::ColumnType::Text,
        ColumnType::Int => tickmark_vault::ColumnType::Int,
        ColumnType::Bool => tickmark_vault::ColumnType::Bool,
        ColumnType::Date => tickmark_vault::ColumnType::Date,
        ColumnType::Timestamp => tickmark_vault::ColumnType::Timestamp,
        ColumnType::Decimal { precision, scale } => {
            tickmark_vault::ColumnType::Decimal { precision, scale: scale.unsigned_abs() }
        }
    };
    tickmark_vault::Column::new(column.name.clone(), kind, column.required)
}

/// The positions of named columns.
pub(crate) fn positions<'a>(dataset: &Dataset, names: impl IntoIterator<Item = &'a String>) -> Vec<usize> {
    names.into_iter().filter_map(|name| dataset.columns.iter().position(|column| column.name == *name)).collect()
}

/// Digits after the point of a column that is summed; an integer has none.
pub(crate) fn scale(column: &Column) -> u32 {
    match column.kind {
        ColumnType::Decimal { scale, .. } => u32::from(scale.unsigned_abs()),
        ColumnType::Text | ColumnType::Int | ColumnType::Bool | ColumnType::Date | ColumnType::Timestamp => 0,
    }
}

//! How a column is encoded in Parquet: decided once for each part, from a sample of its rows.

use std::{collections::HashSet, hash::Hash};

use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch},
    datatypes::{Decimal128Type, Int64Type, TimestampMicrosecondType},
};
use parquet::{
    basic::{Compression, Encoding, ZstdLevel},
    file::properties::{EnabledStatistics, WriterProperties},
    schema::types::ColumnPath,
};

use crate::{Column, ColumnType, Error, rows_digest::LARGEST_SMALL_PRECISION};

/// A dictionary of texts pays when each occurs in three rows or more of the sample; with fewer it outgrows its page and is
/// thrown away after all its hashing was paid for.
const TEXT_ROWS_A_VALUE: usize = 3;

/// Numbers pack well without: on payslips packed amounts are smaller, and faster to write and to read, than a dictionary of
/// them, unless there are very few.
const NUMBER_ROWS_A_VALUE: usize = 50;

/// The properties of a part whose first rows are `sample`.
pub(crate) fn properties(columns: &[Column], sample: &[RecordBatch]) -> Result<WriterProperties, Error> {
    // Level 1: on payslips level 3 writes a quarter slower and saves a twentieth of the bytes (examples/ingest_bench).
    let level = ZstdLevel::try_new(1).map_err(Error::parquet("choose a compression level"))?;
    let mut builder = WriterProperties::builder()
        .set_created_by("tickmark".to_owned())
        .set_compression(Compression::ZSTD(level))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        // A chunk is read and checked whole, so an index of its pages would never be used.
        .set_offset_index_disabled(true)
        .set_max_row_group_row_count(None);
    for (index, column) in columns.iter().enumerate() {
        let path = ColumnPath::new(vec![column.name.clone()]);
        let arrays: Vec<&ArrayRef> = sample.iter().filter_map(|batch| batch.columns().get(index)).collect();
        if column.kind == ColumnType::Bool {
            builder = builder.set_column_dictionary_enabled(path, false);
            continue;
        }
        let dictionary = repeats(column.kind, &arrays);
        builder = builder.set_column_dictionary_enabled(path.clone(), dictionary);
        if !dictionary {
            builder = builder.set_column_encoding(path, encoding(column.kind));
        }
    }
    Ok(builder.build())
}

/// The encoding of a column whose values hardly repeat.
fn encoding(kind: ColumnType) -> Encoding {
    match kind {
        // Numbers and instants that count up shrink to their steps, amounts to the bits they need. Packed amounts are
        // smaller than plain ones under zstd, and faster to write and to read.
        ColumnType::Int | ColumnType::Timestamp | ColumnType::Date => Encoding::DELTA_BINARY_PACKED,
        // Parquet stores decimals of up to 18 digits as integers, wider ones as bytes (Parquet format, "DECIMAL").
        ColumnType::Decimal { precision, .. } if precision <= LARGEST_SMALL_PRECISION => Encoding::DELTA_BINARY_PACKED,
        ColumnType::Text | ColumnType::Bool | ColumnType::Decimal { .. } => Encoding::PLAIN,
    }
}

/// Whether the values of a column repeat often enough for a dictionary.
fn repeats(kind: ColumnType, arrays: &[&ArrayRef]) -> bool {
    let rows: usize = arrays.iter().map(|array| array.len()).sum();
    let rows_a_value = if kind == ColumnType::Text { TEXT_ROWS_A_VALUE } else { NUMBER_ROWS_A_VALUE };
    let most = rows / rows_a_value;
    let arrays = arrays.iter();
    match kind {
        ColumnType::Text => distinct_at_most(arrays.flat_map(|array| array.as_string::<i32>().iter().flatten()), most),
        ColumnType::Int => {
            distinct_at_most(arrays.flat_map(|array| array.as_primitive::<Int64Type>().iter().flatten()), most)
        }
        ColumnType::Timestamp => distinct_at_most(
            arrays.flat_map(|array| array.as_primitive::<TimestampMicrosecondType>().iter().flatten()),
            most,
        ),
        ColumnType::Decimal { .. } => {
            distinct_at_most(arrays.flat_map(|array| array.as_primitive::<Decimal128Type>().iter().flatten()), most)
        }
        // A day repeats in any table large enough for encodings to matter.
        ColumnType::Date => true,
        ColumnType::Bool => false,
    }
}

/// Whether at most so many values are distinct. It stops at the first one too many: of a column of keys most are never hashed.
fn distinct_at_most<T: Eq + Hash>(mut values: impl Iterator<Item = T>, most: usize) -> bool {
    let mut seen = HashSet::with_hasher(foldhash::fast::FixedState::default());
    values.all(|value| {
        seen.insert(value);
        seen.len() <= most
    })
}

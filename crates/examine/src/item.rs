//! Items: the things a population is made of, by the columns that name them.
//!
//! The key of an item is its key columns in order: text as its length (4 bytes, big endian) and UTF-8, int as 8 bytes,
//! date as 4 bytes (days since 1970-01-01) and timestamp as 8 bytes (microseconds since 1970-01-01 UTC), all big endian
//! two's complement. Keys are ordered as bytes, so a shorter text comes before a longer one: `E9` before `E10`.
//!
//! Invariant: two items have one key only if every key column is equal; a key column is never NULL; no key is the
//! beginning of another.

use datafusion::arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch},
    datatypes::{
        DataType, Date32Type, Int8Type, Int16Type, Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType, UInt8Type,
        UInt16Type, UInt32Type, UInt64Type,
    },
};
use jiff::Timestamp;

use crate::Error;

/// Whether a column of this type may be part of an item's key.
pub(crate) fn may_be_key(kind: &DataType) -> bool {
    is_text(kind) || kind.is_integer() || *kind == DataType::Date32 || is_instant(kind)
}

fn is_text(kind: &DataType) -> bool {
    matches!(kind, DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8)
}

fn is_instant(kind: &DataType) -> bool {
    matches!(kind, DataType::Timestamp(TimeUnit::Microsecond, Some(_)))
}

/// The key columns of a batch, ready to be read row by row.
pub(crate) struct Keys<'a>(Vec<Column<'a>>);

enum Column<'a> {
    Text(&'a datafusion::arrow::array::StringArray),
    View(&'a datafusion::arrow::array::StringViewArray),
    Int(Vec<i64>),
    Date(&'a [i32]),
    Instant(&'a [i64]),
}

impl<'a> Keys<'a> {
    /// The first `columns` columns of a batch; refuses a NULL among them. `of` names the query in errors.
    pub(crate) fn new(batch: &'a RecordBatch, columns: usize, of: &str) -> Result<Self, Error> {
        let mut keys = Vec::with_capacity(columns);
        for (array, field) in batch.columns().iter().take(columns).zip(batch.schema_ref().fields()) {
            if array.null_count() > 0 {
                return Err(Error::Rows(format!("{of} returned an item without a value in `{}`", field.name())));
            }
            keys.push(column(array).ok_or_else(|| {
                Error::Rows(format!("{of}: `{}` is a {} and cannot name an item", field.name(), array.data_type()))
            })?);
        }
        Ok(Self(keys))
    }

    /// Appends the key of the item of a row.
    pub(crate) fn push(&self, row: usize, key: &mut Vec<u8>) {
        for column in &self.0 {
            match column {
                Column::Text(texts) => push_text(key, texts.value(row)),
                Column::View(texts) => push_text(key, texts.value(row)),
                Column::Int(numbers) => push_number(key, numbers.get(row)),
                Column::Date(days) => key.extend_from_slice(&days.get(row).copied().unwrap_or_default().to_be_bytes()),
                Column::Instant(micros) => push_number(key, micros.get(row)),
            }
        }
    }

    /// How the columns lie in a key.
    pub(crate) fn shapes(&self) -> Vec<Shape> {
        self.0
            .iter()
            .map(|column| match column {
                Column::Text(_) | Column::View(_) => Shape::Counted,
                Column::Int(_) | Column::Instant(_) => Shape::Bytes(8),
                Column::Date(_) => Shape::Bytes(4),
            })
            .collect()
    }

    /// The item of a row as texts, in the order of its columns: what an item key is an HMAC of.
    pub(crate) fn texts(&self, row: usize) -> Vec<String> {
        self.0
            .iter()
            .map(|column| match column {
                Column::Text(texts) => texts.value(row).to_owned(),
                Column::View(texts) => texts.value(row).to_owned(),
                Column::Int(numbers) => numbers.get(row).copied().unwrap_or_default().to_string(),
                Column::Instant(micros) => micros
                    .get(row)
                    .and_then(|micros| Timestamp::from_microsecond(*micros).ok())
                    .map_or_else(String::new, |instant| instant.to_string()),
                Column::Date(days) => days
                    .get(row)
                    .and_then(|day| tickmark_calendar::civil(*day))
                    .map_or_else(String::new, |day| day.to_string()),
            })
            .collect()
    }
}

/// How one column lies in a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Four bytes of length, then as many bytes.
    Counted,
    /// So many bytes.
    Bytes(usize),
}

/// The length of the key that `bytes` begin with.
#[inline]
pub(crate) fn key_length(shapes: &[Shape], bytes: &[u8]) -> usize {
    let mut length = 0;
    for shape in shapes {
        length += match shape {
            Shape::Bytes(bytes) => *bytes,
            Shape::Counted => {
                let counted = bytes.get(length..).and_then(|rest| rest.first_chunk::<4>());
                4 + counted.map_or(0, |counted| u32::from_be_bytes(*counted) as usize)
            }
        };
    }
    length
}

fn push_number(key: &mut Vec<u8>, number: Option<&i64>) {
    key.extend_from_slice(&number.copied().unwrap_or_default().to_be_bytes());
}

fn push_text(buffer: &mut Vec<u8>, text: &str) {
    buffer.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
    buffer.extend_from_slice(text.as_bytes());
}

#[expect(clippy::wildcard_enum_match_arm, reason = "only these types may name an item")]
fn column(array: &ArrayRef) -> Option<Column<'_>> {
    macro_rules! widened {
        ($kind:ty) => {
            array
                .as_primitive_opt::<$kind>()?
                .values()
                .iter()
                .map(|number| i64::try_from(*number).ok())
                .collect::<Option<Vec<i64>>>()
                .map(Column::Int)
        };
    }
    match array.data_type() {
        DataType::Utf8 => array.as_string_opt::<i32>().map(Column::Text),
        DataType::Utf8View => array.as_string_view_opt().map(Column::View),
        DataType::Int8 => widened!(Int8Type),
        DataType::Int16 => widened!(Int16Type),
        DataType::Int32 => widened!(Int32Type),
        DataType::Int64 => widened!(Int64Type),
        DataType::UInt8 => widened!(UInt8Type),
        DataType::UInt16 => widened!(UInt16Type),
        DataType::UInt32 => widened!(UInt32Type),
        DataType::UInt64 => widened!(UInt64Type),
        DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => {
            array.as_primitive_opt::<TimestampMicrosecondType>().map(|micros| Column::Instant(micros.values()))
        }
        DataType::Date32 => array.as_primitive_opt::<Date32Type>().map(|days| Column::Date(days.values())),
        _ => None,
    }
}

//! The digest of rows: what two extracts or two engines have to agree on when they say "the same rows".
//!
//! SHA-256 (FIPS 180-4) over these bytes, all numbers big endian:
//!
//! 1. `tickmark/rows/1` and a zero byte;
//! 2. the number of columns (4 bytes), then for each column in declared order the length of its name (4 bytes), its name,
//!    the length of its type (4 bytes), its type as [`ColumnType`] writes it;
//! 3. each row in stored order: a bitmap of `ceil(columns / 8)` bytes in which bit `i % 8` (lowest first) of byte `i / 8`
//!    is set if column `i` has no value, then the values of the other columns in order:
//!    text: length in bytes (4 bytes), UTF-8; int: 8 bytes; bool: one byte, 0 or 1; date: days since 1970-01-01 (4 bytes);
//!    timestamp: microseconds since 1970-01-01 UTC (8 bytes); decimal: the unscaled number, 8 bytes if the precision is at
//!    most 18 and 16 bytes if it is more;
//! 4. the number of rows (8 bytes).
//!
//! Invariant: equal rows of equally declared columns give equal digests, whatever the batches, files, row groups,
//! encodings or compression that held them.

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, StringArray},
    buffer::NullBuffer,
    datatypes::{Date32Type, Decimal128Type, Int64Type, TimestampMicrosecondType},
};
use sha2::{Digest as _, Sha256};
use tickmark_canonical::Digest;

use crate::{Column, ColumnType, Error};

/// Bytes gathered before they are hashed: stays in the second-level cache.
const HASH_AT_ONCE: usize = 128 * 1024;

/// The largest precision whose every number fits 8 bytes.
pub(crate) const LARGEST_SMALL_PRECISION: u8 = 18;

/// Computes a rows digest batch by batch.
#[derive(Debug, Clone)]
pub struct RowsDigest {
    dataset: String,
    columns: Vec<Column>,
    hasher: Sha256,
    pending: Vec<u8>,
    rows: u64,
}

impl RowsDigest {
    /// Begins a digest of rows with these columns; `dataset` only names them in errors.
    pub fn new(dataset: &str, columns: &[Column]) -> Self {
        let mut pending = Vec::with_capacity(HASH_AT_ONCE + 4096);
        pending.extend_from_slice(b"tickmark/rows/1\0");
        pending.extend_from_slice(&length(columns.len()));
        for column in columns {
            push_text(&mut pending, &column.name);
            push_text(&mut pending, &column.kind.to_string());
        }
        Self { dataset: dataset.to_owned(), columns: columns.to_vec(), hasher: Sha256::new(), pending, rows: 0 }
    }

    /// Adds the rows of a batch whose columns have the declared names and types, in order.
    pub fn update(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        check_types(&self.dataset, &self.columns, batch)?;
        let views: Vec<View<'_>> =
            self.columns.iter().zip(batch.columns()).map(|(column, array)| View::new(column.kind, array)).collect();
        let any_nulls = views.iter().any(|view| view.nulls.is_some());
        let zeros = vec![0_u8; self.columns.len().div_ceil(8)];
        for row in 0..batch.num_rows() {
            if any_nulls {
                push_bitmap(&mut self.pending, &views, row);
            } else {
                self.pending.extend_from_slice(&zeros);
            }
            for (index, view) in views.iter().enumerate() {
                if !view.push(&mut self.pending, row) {
                    return Err(self.too_large(index));
                }
            }
            if self.pending.len() >= HASH_AT_ONCE {
                self.hasher.update(&self.pending);
                self.pending.clear();
            }
        }
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    /// Rows so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The digest of all rows added.
    pub fn finish(mut self) -> Digest {
        self.pending.extend_from_slice(&self.rows.to_be_bytes());
        self.hasher.update(&self.pending);
        Digest::from_bytes(self.hasher.finalize().into())
    }

    fn too_large(&self, index: usize) -> Error {
        let column = self.columns.get(index);
        Error::Column {
            dataset: self.dataset.clone(),
            column: column.map(|column| column.name.clone()).unwrap_or_default(),
            expected: column.map(|column| column.kind.to_string()).unwrap_or_default(),
            found: "a value with more digits".to_owned(),
        }
    }
}

/// The digest of the rows of some batches with these columns.
pub fn rows_digest<'a>(
    columns: &[Column],
    batches: impl IntoIterator<Item = &'a RecordBatch>,
) -> Result<Digest, Error> {
    let mut digest = RowsDigest::new("rows", columns);
    for batch in batches {
        digest.update(batch)?;
    }
    Ok(digest.finish())
}

/// Refuses a batch whose columns are not the declared ones.
pub(crate) fn check_types(dataset: &str, columns: &[Column], batch: &RecordBatch) -> Result<(), Error> {
    let schema = batch.schema_ref();
    let refuse = |column: &str, expected: String, found: String| Error::Column {
        dataset: dataset.to_owned(),
        column: column.to_owned(),
        expected,
        found,
    };
    for (index, column) in columns.iter().enumerate() {
        let Some(field) = schema.fields().get(index) else {
            return Err(refuse(&column.name, column.kind.to_string(), "no such column".to_owned()));
        };
        if *field.name() != column.name {
            let place = format!("in place {}", index + 1);
            return Err(refuse(&column.name, place, format!("`{}` there", field.name())));
        }
        if *field.data_type() != column.kind.arrow_type() {
            return Err(refuse(&column.name, column.kind.to_string(), field.data_type().to_string()));
        }
    }
    match schema.fields().get(columns.len()) {
        Some(field) => Err(refuse(field.name(), "no such column".to_owned(), field.data_type().to_string())),
        None => Ok(()),
    }
}

fn length(len: usize) -> [u8; 4] {
    // Arrow's text offsets are 32 bits, so a longer value cannot exist; saturating would still be one fixed reading.
    u32::try_from(len).unwrap_or(u32::MAX).to_be_bytes()
}

fn push_text(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(&length(text.len()));
    out.extend_from_slice(text.as_bytes());
}

/// One column of a batch, ready to be read by row.
struct View<'a> {
    values: Values<'a>,
    nulls: Option<&'a NullBuffer>,
}

enum Values<'a> {
    Text(&'a StringArray),
    Int(&'a [i64]),
    Bool(&'a BooleanArray),
    Date(&'a [i32]),
    Small(&'a [i128]),
    Wide(&'a [i128]),
}

impl<'a> View<'a> {
    fn new(kind: ColumnType, array: &'a ArrayRef) -> Self {
        // The types were checked before, so none of these casts can fail.
        let values = match kind {
            ColumnType::Text => Values::Text(array.as_string()),
            ColumnType::Int => Values::Int(array.as_primitive::<Int64Type>().values()),
            ColumnType::Bool => Values::Bool(array.as_boolean()),
            ColumnType::Date => Values::Date(array.as_primitive::<Date32Type>().values()),
            ColumnType::Timestamp => Values::Int(array.as_primitive::<TimestampMicrosecondType>().values()),
            ColumnType::Decimal { precision, .. } if precision <= LARGEST_SMALL_PRECISION => {
                Values::Small(array.as_primitive::<Decimal128Type>().values())
            }
            ColumnType::Decimal { .. } => Values::Wide(array.as_primitive::<Decimal128Type>().values()),
        };
        Self { values, nulls: array.nulls().filter(|nulls| nulls.null_count() > 0) }
    }

    fn is_null(&self, row: usize) -> bool {
        self.nulls.is_some_and(|nulls| nulls.is_null(row))
    }

    /// Appends the value of a row; says whether it fits its type.
    #[inline]
    fn push(&self, out: &mut Vec<u8>, row: usize) -> bool {
        if self.is_null(row) {
            return true;
        }
        match &self.values {
            Values::Text(array) => push_text(out, array.value(row)),
            Values::Int(values) => {
                out.extend_from_slice(&values.get(row).copied().unwrap_or_default().to_be_bytes());
            }
            Values::Bool(array) => out.push(u8::from(array.value(row))),
            Values::Date(values) => {
                out.extend_from_slice(&values.get(row).copied().unwrap_or_default().to_be_bytes());
            }
            Values::Small(values) => match i64::try_from(values.get(row).copied().unwrap_or_default()) {
                Ok(value) => out.extend_from_slice(&value.to_be_bytes()),
                Err(_) => return false,
            },
            Values::Wide(values) => {
                out.extend_from_slice(&values.get(row).copied().unwrap_or_default().to_be_bytes());
            }
        }
        true
    }
}

fn push_bitmap(out: &mut Vec<u8>, views: &[View<'_>], row: usize) {
    for eight in views.chunks(8) {
        let byte = eight.iter().enumerate().fold(0_u8, |byte, (bit, view)| byte | (u8::from(view.is_null(row)) << bit));
        out.push(byte);
    }
}

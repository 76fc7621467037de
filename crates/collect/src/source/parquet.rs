//! Apache Parquet files.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Seek},
    sync::Arc,
};

use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch},
    compute::cast,
    datatypes::{
        DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType,
    },
};
use parquet::arrow::{ProjectionMask, arrow_reader::ParquetRecordBatchReaderBuilder};

use super::{
    encoding::Digesting,
    files::{FileTold, unreadable},
};
use crate::{Error, rows::Rows, value::Cell};

/// Reads a file. Its footer counts its rows: that is the file's own count.
pub(super) fn read(rows: &mut Rows<'_>, of: &str, mut file: File) -> Result<FileTold, Error> {
    let malformed = |cause: &dyn std::fmt::Display| Error::Malformed {
        of: of.to_owned(),
        line: None,
        problem: format!("is not a whole Parquet file: {cause}"),
    };
    let failed = |cause| unreadable(of, cause);
    let before = file.metadata().and_then(|about| Ok((about.len(), about.modified()?))).map_err(failed)?;
    // The digest needs every byte in order and the reader needs the end first, so the file is gone through twice.
    let (digest, bytes) = Digesting::new(&mut file).finish().map_err(failed)?;
    file.rewind().map_err(failed)?;
    let again = file.try_clone().map_err(failed)?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|cause| malformed(&cause))?;
    let names: Vec<String> = builder.schema().fields().iter().map(|field| field.name().clone()).collect();
    rows.part(of, &names, 1)?;
    let wanted: Vec<usize> = (0..names.len()).filter(|at| rows.is_wanted(*at)).collect();
    let mask = ProjectionMask::roots(builder.parquet_schema(), wanted.iter().copied());
    let count = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or_default();
    let batches = builder.with_projection(mask).build().map_err(|cause| malformed(&cause))?;
    for batch in batches {
        let batch: RecordBatch = batch.map_err(|cause| malformed(&cause))?;
        // The reader keeps the file's order of columns, as `wanted` does.
        let columns: Vec<(usize, Column)> = wanted
            .iter()
            .zip(batch.columns())
            .map(|(field, array)| Ok((*field, Column::new(array)?)))
            .collect::<Result<_, arrow::error::ArrowError>>()
            .map_err(|cause| malformed(&cause))?;
        for row in 0..batch.num_rows() {
            for (field, column) in &columns {
                rows.field(*field, column.cell(row))?;
            }
            rows.end_row()?;
        }
    }
    let after = again.metadata().and_then(|about| Ok((about.len(), about.modified()?))).map_err(failed)?;
    if before != after {
        return Err(failed(io::Error::new(io::ErrorKind::InvalidData, "changed while it was read")));
    }
    Ok(FileTold { digest, bytes, count: Some(count), totals: BTreeMap::new(), note: None })
}

/// A column of a batch, its type looked at once.
enum Column {
    Text(ArrayRef),
    Int(ArrayRef),
    Bool(ArrayRef),
    Date(ArrayRef),
    Instant(ArrayRef),
    Local(ArrayRef),
    Decimal(ArrayRef, u32),
    Float(ArrayRef),
    Other(ArrayRef, &'static str),
}

impl Column {
    #[expect(clippy::wildcard_enum_match_arm, reason = "Arrow has forty types; all others are refused alike")]
    fn new(array: &ArrayRef) -> Result<Self, arrow::error::ArrowError> {
        let to = |kind: &DataType| cast(array, kind);
        Ok(match array.data_type() {
            DataType::Utf8 => Self::Text(Arc::clone(array)),
            DataType::LargeUtf8 | DataType::Utf8View => Self::Text(to(&DataType::Utf8)?),
            DataType::Dictionary(_, value) if matches!(**value, DataType::Utf8 | DataType::LargeUtf8) => {
                Self::Text(to(&DataType::Utf8)?)
            }
            DataType::Int64 => Self::Int(Arc::clone(array)),
            DataType::Int8
            | DataType::Int16
            | DataType::Int32
            | DataType::UInt8
            | DataType::UInt16
            | DataType::UInt32 => Self::Int(to(&DataType::Int64)?),
            DataType::UInt64 => Self::Decimal(to(&DataType::Decimal128(20, 0))?, 0),
            DataType::Boolean => Self::Bool(Arc::clone(array)),
            DataType::Date32 => Self::Date(Arc::clone(array)),
            DataType::Date64 => Self::Date(to(&DataType::Date32)?),
            DataType::Timestamp(_, Some(_)) => {
                Self::Instant(to(&DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())))?)
            }
            DataType::Timestamp(_, None) => Self::Local(to(&DataType::Timestamp(TimeUnit::Microsecond, None))?),
            DataType::Decimal128(_, scale) if *scale >= 0 => {
                Self::Decimal(Arc::clone(array), u32::from(scale.unsigned_abs()))
            }
            DataType::Decimal32(precision, scale) | DataType::Decimal64(precision, scale) if *scale >= 0 => {
                Self::Decimal(to(&DataType::Decimal128(*precision, *scale))?, u32::from(scale.unsigned_abs()))
            }
            DataType::Float64 | DataType::Float32 => Self::Float(Arc::clone(array)),
            DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
                Self::Other(Arc::clone(array), "binary data")
            }
            _ => Self::Other(Arc::clone(array), "a value of a type that datasets do not have"),
        })
    }

    fn cell(&self, row: usize) -> Cell<'_> {
        if self.array().is_null(row) {
            return Cell::Null;
        }
        match self {
            Self::Text(array) => Cell::Text(array.as_string::<i32>().value(row).as_bytes()),
            Self::Int(array) => Cell::Int(array.as_primitive::<Int64Type>().value(row)),
            Self::Bool(array) => Cell::Bool(array.as_boolean().value(row)),
            Self::Date(array) => Cell::Date(array.as_primitive::<Date32Type>().value(row)),
            Self::Instant(array) => Cell::Instant(array.as_primitive::<TimestampMicrosecondType>().value(row)),
            Self::Local(array) => Cell::Local(array.as_primitive::<TimestampMicrosecondType>().value(row)),
            Self::Decimal(array, scale) => {
                Cell::Decimal { unscaled: array.as_primitive::<Decimal128Type>().value(row), scale: *scale }
            }
            Self::Float(array) => match array.as_primitive_opt::<Float32Type>() {
                // Through its own shortest text: as a wider float it would show digits nobody wrote.
                Some(narrow) => Cell::Float(narrow.value(row).to_string().parse().unwrap_or(f64::NAN)),
                None => Cell::Float(array.as_primitive::<Float64Type>().value(row)),
            },
            Self::Other(_, kind) => Cell::Other(kind),
        }
    }

    fn array(&self) -> &ArrayRef {
        match self {
            Self::Text(array)
            | Self::Int(array)
            | Self::Bool(array)
            | Self::Date(array)
            | Self::Instant(array)
            | Self::Local(array)
            | Self::Decimal(array, _)
            | Self::Float(array)
            | Self::Other(array, _) => array,
        }
    }
}

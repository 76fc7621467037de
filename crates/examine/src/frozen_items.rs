//! The items of frozen rows, one by one, for a draw: a batch of the columns that it needs, never all of them.

use datafusion::arrow::{
    array::{Array, ArrayRef, AsArray, StringArray},
    datatypes::{Date32Type, Decimal128Type, Int64Type},
};
use jiff::{Timestamp, civil::Date};
use tickmark_vault::{ColumnType, Manifest, Vault};

use crate::{Error, item::Keys};

/// An item of a frozen population, in the frozen order.
#[derive(Debug, Clone, Copy)]
pub struct FrozenItem<'a> {
    /// Its key: its key columns as bytes.
    pub key: &'a [u8],
    /// What the column asked for says of it.
    pub says: Says<'a>,
}

/// What a column says of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says<'a> {
    /// Nothing, or nothing was asked for.
    Nothing,
    /// A text, such as a system or a site.
    Text(&'a str),
    /// A number in its smallest units, such as cents.
    Units(i128),
    /// A day.
    Day(Date),
}

/// Visits the items of frozen rows in their order, each with what `column` says of it.
pub fn each_frozen_item<E: From<Error>>(
    vault: &Vault,
    manifest: &Manifest,
    column: Option<&str>,
    visit: &mut dyn FnMut(FrozenItem<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let of = &manifest.dataset;
    let wanted: Vec<&str> = manifest.key.iter().map(String::as_str).chain(column).collect();
    let reader = vault.read_dataset(manifest, Some(&wanted)).map_err(Error::vault("read frozen rows"))?;
    let mut key = Vec::new();
    for batch in reader {
        let batch = batch.map_err(Error::vault("read frozen rows"))?;
        let keys = Keys::new(&batch, manifest.key.len(), of)?;
        let array = column.and_then(|name| batch.column_by_name(name));
        let said = Said::of(array, column.unwrap_or_default())?;
        for row in 0..batch.num_rows() {
            key.clear();
            keys.push(row, &mut key);
            visit(FrozenItem { key: &key, says: said.at(row) })?;
        }
    }
    Ok(())
}

/// A column that was asked for.
enum Said<'a> {
    Nothing,
    Texts(&'a StringArray),
    Ints(&'a datafusion::arrow::array::Int64Array),
    Decimals(&'a datafusion::arrow::array::Decimal128Array),
    Days(&'a datafusion::arrow::array::Date32Array),
}

impl<'a> Said<'a> {
    fn of(array: Option<&'a ArrayRef>, name: &str) -> Result<Self, Error> {
        let Some(array) = array else { return Ok(Self::Nothing) };
        let texts = array.as_string_opt::<i32>().map(Self::Texts);
        texts
            .or_else(|| array.as_primitive_opt::<Int64Type>().map(Self::Ints))
            .or_else(|| array.as_primitive_opt::<Decimal128Type>().map(Self::Decimals))
            .or_else(|| array.as_primitive_opt::<Date32Type>().map(Self::Days))
            .ok_or_else(|| Error::Rows(format!("`{name}` is a {}: neither text, number nor date", array.data_type())))
    }

    fn at(&self, row: usize) -> Says<'a> {
        match self {
            Self::Nothing => Says::Nothing,
            Self::Texts(texts) if texts.is_valid(row) => Says::Text(texts.value(row)),
            Self::Ints(ints) if ints.is_valid(row) => Says::Units(ints.value(row).into()),
            Self::Decimals(decimals) if decimals.is_valid(row) => Says::Units(decimals.value(row)),
            Self::Days(days) if days.is_valid(row) => {
                tickmark_calendar::civil(days.value(row)).map_or(Says::Nothing, Says::Day)
            }
            Self::Texts(_) | Self::Ints(_) | Self::Decimals(_) | Self::Days(_) => Says::Nothing,
        }
    }
}

/// The values of an item's key columns as texts, from its key; none if the bytes are no key of such columns.
pub fn item_texts(manifest: &Manifest, key: &[u8]) -> Option<Vec<String>> {
    let mut rest = key;
    let mut texts = Vec::new();
    for column in manifest.columns.iter().take(manifest.key.len()) {
        texts.push(match column.kind {
            ColumnType::Text => {
                let length = usize::try_from(u32::from_be_bytes(*taken::<4>(&mut rest)?)).ok()?;
                let (text, after) = rest.split_at_checked(length)?;
                rest = after;
                String::from_utf8(text.to_vec()).ok()?
            }
            ColumnType::Int => i64::from_be_bytes(*taken::<8>(&mut rest)?).to_string(),
            ColumnType::Timestamp => {
                Timestamp::from_microsecond(i64::from_be_bytes(*taken::<8>(&mut rest)?)).ok()?.to_string()
            }
            ColumnType::Date => tickmark_calendar::civil(i32::from_be_bytes(*taken::<4>(&mut rest)?))?.to_string(),
            ColumnType::Bool | ColumnType::Decimal { .. } => return None,
        });
    }
    rest.is_empty().then_some(texts)
}

fn taken<'a, const N: usize>(rest: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (taken, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(taken)
}

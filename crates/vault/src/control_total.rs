//! Exact sums over columns.

use arrow::{
    array::{Array, AsArray, RecordBatch},
    datatypes::{Decimal128Type, Int64Type, i256},
};

use crate::{ColumnType, ControlTotal, Error, dataset_schema::DatasetSchema};

/// The running sum of one column. Invariant: exact, or an error.
#[derive(Debug)]
pub(crate) struct Total {
    column: String,
    index: usize,
    scale: u8,
    sum: i256,
}

impl Total {
    /// A sum over column `name`, which has to be an int or a decimal.
    pub(crate) fn new(schema: &DatasetSchema, name: &str) -> Result<Self, Error> {
        let refuse = |problem: String| Error::Declaration { dataset: schema.dataset.clone(), problem };
        let (index, column) = schema
            .columns
            .iter()
            .enumerate()
            .find(|(_, column)| column.name == name)
            .ok_or_else(|| refuse(format!("control total over `{name}`, which is not a column")))?;
        let scale = match column.kind {
            ColumnType::Int => 0,
            ColumnType::Decimal { scale, .. } => scale,
            ColumnType::Text | ColumnType::Bool | ColumnType::Date | ColumnType::Timestamp => {
                return Err(refuse(format!("control total over `{name}`, which is {}", column.kind)));
            }
        };
        Ok(Self { column: name.to_owned(), index, scale, sum: i256::ZERO })
    }

    /// Adds the values of a batch whose types were checked. Rows without a value add nothing.
    pub(crate) fn add(&mut self, dataset: &str, batch: &RecordBatch) -> Result<(), Error> {
        let refuse = || Error::ControlTotal { dataset: dataset.to_owned(), column: self.column.clone() };
        let array = batch.columns().get(self.index).ok_or_else(refuse)?;
        let sum = if let Some(ints) = array.as_primitive_opt::<Int64Type>() {
            sum_small(ints.iter().flatten().map(i128::from))
        } else if let Some(decimals) = array.as_primitive_opt::<Decimal128Type>() {
            if decimals.null_count() == 0 {
                sum_small(decimals.values().iter().copied())
            } else {
                sum_small(decimals.iter().flatten())
            }
        } else {
            None
        };
        self.sum = sum.and_then(|sum| self.sum.checked_add(sum)).ok_or_else(refuse)?;
        Ok(())
    }

    /// The sum as a decimal number with the column's scale.
    pub(crate) fn finish(&self, source: Option<String>) -> ControlTotal {
        ControlTotal { column: self.column.clone(), stored: decimal_text(&self.sum.to_string(), self.scale), source }
    }
}

/// Sums in 128 bits and spills into 256 only when that overflows: the wide addition is several times slower.
fn sum_small(values: impl Iterator<Item = i128>) -> Option<i256> {
    let mut wide = i256::ZERO;
    let mut sum = 0_i128;
    for value in values {
        match sum.checked_add(value) {
            Some(next) => sum = next,
            None => {
                wide = wide.checked_add(i256::from_i128(sum))?;
                sum = value;
            }
        }
    }
    wide.checked_add(i256::from_i128(sum))
}

/// Writes an unscaled number with a point before its last `scale` digits.
fn decimal_text(unscaled: &str, scale: u8) -> String {
    let (sign, digits) = unscaled.strip_prefix('-').map_or(("", unscaled), |digits| ("-", digits));
    let scale = usize::from(scale);
    if scale == 0 {
        return unscaled.to_owned();
    }
    let padded = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = padded.split_at(padded.len() - scale);
    format!("{sign}{whole}.{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_scale_and_sign() {
        for (unscaled, scale, text) in [
            ("0", 2, "0.00"),
            ("5", 2, "0.05"),
            ("-5", 2, "-0.05"),
            ("12345", 2, "123.45"),
            ("-7", 0, "-7"),
            ("10", 1, "1.0"),
        ] {
            assert_eq!(decimal_text(unscaled, scale), text);
        }
    }

    #[test]
    fn sums_past_128_bits_stay_exact() {
        let values = [i128::MAX, i128::MAX, i128::MIN, 1];
        let expected = i256::from_i128(i128::MAX).checked_sub(i256::ZERO).unwrap();
        assert_eq!(sum_small(values.into_iter()), Some(expected));
    }
}

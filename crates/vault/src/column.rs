//! Columns of a dataset: names, types as text, and the Arrow types they mean.

use std::{fmt, str::FromStr, sync::Arc};

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One declared column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// The type of its values.
    #[serde(rename = "type")]
    pub kind: ColumnType,
    /// Whether every row has a value.
    pub required: bool,
}

impl Column {
    /// A column of this name and type.
    pub fn new(name: impl Into<String>, kind: ColumnType, required: bool) -> Self {
        Self { name: name.into(), kind, required }
    }
}

/// The type of a column's values. There is no floating-point type: money and hours are decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ColumnType {
    /// Unicode text.
    Text,
    /// A signed integer of 64 bits.
    Int,
    /// True or false.
    Bool,
    /// A calendar date.
    Date,
    /// An instant in microseconds, UTC.
    Timestamp,
    /// An exact decimal.
    Decimal {
        /// Digits in all, 1 to 38.
        precision: u8,
        /// Digits after the point, at most `precision`.
        scale: u8,
    },
}

/// The most digits of Arrow's 128-bit decimal.
const LARGEST_PRECISION: u8 = 38;

impl ColumnType {
    /// The Arrow type that holds it.
    pub fn arrow_type(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Int => DataType::Int64,
            Self::Bool => DataType::Boolean,
            Self::Date => DataType::Date32,
            Self::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some(Arc::from("UTC"))),
            // A checked scale is at most 38, so it fits the signed byte.
            Self::Decimal { precision, scale } => {
                DataType::Decimal128(precision, i8::try_from(scale).unwrap_or(i8::MAX))
            }
        }
    }

    /// The type that an Arrow type means, if it is exactly one of ours.
    pub fn of_arrow(kind: &DataType) -> Option<Self> {
        if let DataType::Decimal128(precision, scale) = kind {
            let scale = u8::try_from(*scale).ok()?;
            return (scale <= *precision).then_some(Self::Decimal { precision: *precision, scale });
        }
        let plain = [Self::Text, Self::Int, Self::Bool, Self::Date, Self::Timestamp];
        plain.into_iter().find(|ours| ours.arrow_type() == *kind)
    }
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => f.write_str("text"),
            Self::Int => f.write_str("int"),
            Self::Bool => f.write_str("bool"),
            Self::Date => f.write_str("date"),
            Self::Timestamp => f.write_str("timestamp"),
            Self::Decimal { precision, scale } => write!(f, "decimal({precision}, {scale})"),
        }
    }
}

/// The text names no type of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no column type: text, int, bool, date, timestamp or decimal(p, s) with 1 <= p <= 38, s <= p")]
pub struct ColumnTypeError(String);

impl FromStr for ColumnType {
    type Err = ColumnTypeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = || ColumnTypeError(text.chars().take(80).collect());
        match text {
            "text" => Ok(Self::Text),
            "int" => Ok(Self::Int),
            "bool" => Ok(Self::Bool),
            "date" => Ok(Self::Date),
            "timestamp" => Ok(Self::Timestamp),
            decimal => {
                let inner =
                    decimal.strip_prefix("decimal(").and_then(|rest| rest.strip_suffix(')')).ok_or_else(refuse)?;
                let (precision, scale) = inner.split_once(", ").ok_or_else(refuse)?;
                let precision: u8 = precision.parse().map_err(|_| refuse())?;
                let scale: u8 = scale.parse().map_err(|_| refuse())?;
                let kind = Self::Decimal { precision, scale };
                let sound = (1..=LARGEST_PRECISION).contains(&precision) && scale <= precision;
                // Writing it back refuses second spellings such as `decimal(018, 2)`: one type, one text.
                if sound && kind.to_string() == text { Ok(kind) } else { Err(refuse()) }
            }
        }
    }
}

impl Serialize for ColumnType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ColumnType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The Arrow schema of declared columns.
pub fn arrow_schema(columns: &[Column]) -> SchemaRef {
    let fields: Vec<Field> =
        columns.iter().map(|column| Field::new(&column.name, column.kind.arrow_type(), !column.required)).collect();
    Arc::new(Schema::new(fields))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_read_back_from_their_one_spelling() {
        let decimal = ColumnType::Decimal { precision: 18, scale: 2 };
        for kind in
            [ColumnType::Text, ColumnType::Int, ColumnType::Bool, ColumnType::Date, ColumnType::Timestamp, decimal]
        {
            assert_eq!(kind.to_string().parse(), Ok(kind));
            assert_eq!(ColumnType::of_arrow(&kind.arrow_type()), Some(kind));
        }
        for bad in ["", "float", "decimal(18,2)", "decimal(0, 0)", "decimal(39, 2)", "decimal(2, 3)", "decimal(018, 2)"]
        {
            assert!(bad.parse::<ColumnType>().is_err(), "{bad}");
        }
    }
}

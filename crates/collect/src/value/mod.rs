//! One value on its way from a source to a typed column.
//!
//! Invariant: a value that cannot become what the dataset declares is an error; it never turns into NULL.
//! Invariant: no floating-point arithmetic; a float is only ever read by its shortest decimal text, and only where allowed.

mod civil;
mod column;
mod number;
mod rule;
mod text;

pub(crate) use civil::{date_from_days, days_from_date, days_from_date as days_of, micros_from_datetime as micros_of};
pub(crate) use column::ColumnBuilder;
pub(crate) use number::{decimal_of, decimal_text, integer_of as integer};
pub(crate) use rule::{Ambiguous, DayEdge, Empty, Epoch, NumberStyle, Rule};

use crate::error::shortened;

/// A day written `YYYY-MM-DD`.
pub(crate) fn day_of(text: &[u8]) -> Option<jiff::civil::Date> {
    civil::date(text).and_then(date_from_days)
}

/// A value as a source gives it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cell<'a> {
    /// No value.
    Null,
    /// Text, not yet known to be UTF-8.
    Text(&'a [u8]),
    /// An integer.
    Int(i64),
    /// An exact decimal: `unscaled` divided by ten to the power `scale`.
    Decimal { unscaled: i128, scale: u32 },
    /// A binary floating-point number.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970-01-01T00:00:00Z.
    Instant(i64),
    /// Microseconds since 1970-01-01T00:00:00 on a clock whose zone the source does not say.
    Local(i64),
    /// What no column takes, by its kind: binary data, a JSON array.
    Other(&'static str),
}

impl Cell<'_> {
    /// The word for this kind of value in an error.
    fn kind(&self) -> &'static str {
        match self {
            Self::Null => "no value",
            Self::Text(_) => "text",
            Self::Int(_) => "an integer",
            Self::Decimal { .. } => "a decimal number",
            Self::Float(_) => "a floating-point number",
            Self::Bool(_) => "true or false",
            Self::Date(_) => "a date",
            Self::Instant(_) => "an instant",
            Self::Local(_) => "a date and time without a zone",
            Self::Other(kind) => kind,
        }
    }

    /// The value as an error shows it.
    fn shown(&self) -> String {
        match self {
            Self::Null => "NULL".into(),
            Self::Text(bytes) => shortened(&String::from_utf8_lossy(bytes)),
            Self::Int(value) => value.to_string(),
            Self::Decimal { unscaled, scale } => number::decimal_text(*unscaled, *scale),
            Self::Float(value) => value.to_string(),
            Self::Bool(value) => value.to_string(),
            Self::Date(days) => date_from_days(*days).map_or_else(|| days.to_string(), |date| date.to_string()),
            Self::Instant(micros) => {
                jiff::Timestamp::from_microsecond(*micros).map_or_else(|_| micros.to_string(), |at| at.to_string())
            }
            Self::Local(micros) => {
                civil::datetime_from_micros(*micros).map_or_else(|| micros.to_string(), |at| at.to_string())
            }
            Self::Other(_) => "…".into(),
        }
    }
}

/// Why a value cannot become what its column declares.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CellProblem {
    /// The column is required and the source has no value.
    #[error("has no value, and the dataset requires one")]
    Required,
    /// An empty field where the mapping says that an empty field is refused.
    #[error("is empty, and the mapping refuses empty fields")]
    Empty,
    /// The text is not UTF-8.
    #[error("`{0}` is not UTF-8; say the file's `encoding` in the source")]
    NotUtf8(String),
    /// A NUL byte in a text.
    #[error("`{0}` has a NUL byte")]
    NulByte(String),
    /// The text is not a value of the column's type.
    #[error("`{value}` is not {expected}")]
    NotA {
        /// The value, shortened.
        value: String,
        /// What was expected.
        expected: String,
    },
    /// The source's type does not become the column's type by itself.
    #[error("`{value}` is {found}, not {expected}{}", Hint(hint))]
    OtherType {
        /// The value, shortened.
        value: String,
        /// What the source gives.
        found: &'static str,
        /// What the dataset declares.
        expected: String,
        /// The mapping that would allow it, if any.
        hint: &'static str,
    },
    /// More digits than the column holds: nothing is rounded.
    #[error("`{value}` does not fit decimal({precision}, {scale}) without rounding")]
    DoesNotFit {
        /// The value, shortened.
        value: String,
        /// All digits of the column.
        precision: u8,
        /// Digits after the point.
        scale: u8,
    },
    /// A word that the mapping's list does not know.
    #[error("`{value}` is none of the words {known}")]
    UnknownWord {
        /// The value, shortened.
        value: String,
        /// The words of the mapping.
        known: String,
    },
    /// A local time that the zone's clock shows twice, or never.
    #[error("`{value}` {when} in {zone}; say `ambiguous` in the mapping")]
    Ambiguous {
        /// The value, shortened.
        value: String,
        /// Whether it happens twice or never.
        when: &'static str,
        /// The zone.
        zone: String,
    },
}

struct Hint<'a>(&'a str);

impl std::fmt::Display for Hint<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, "; {}", self.0) }
    }
}

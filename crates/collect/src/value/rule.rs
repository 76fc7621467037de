//! How one column's values are read: the mapping of a source joined with the dataset's declaration.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde::Deserialize;
use tickmark_catalog::ColumnType;

/// What an empty text means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Empty {
    /// No value: NULL in an optional column, an error in a required one.
    Null,
    /// The empty text itself.
    Text,
    /// An error.
    Refuse,
}

/// How a source writes numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NumberStyle {
    /// `-1234.50`.
    #[default]
    Plain,
    /// `1,234.50`, `$1,234.50`, and a negative as `-1,234.50` or `(1,234.50)`.
    Us,
    /// `1.234,50` and `-1.234,50`.
    European,
}

/// What to do with a local time that the zone's clock shows twice (autumn) or never (spring).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ambiguous {
    /// Refuse it.
    #[default]
    Refuse,
    /// Take the earlier instant.
    Earlier,
    /// Take the later instant.
    Later,
}

/// The unit of a number that counts from 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Epoch {
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
    /// Microseconds.
    Microseconds,
}

/// Which instant of a day stands for the whole day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DayEdge {
    /// Its first instant in the mapping's zone.
    Start,
    /// Its last microsecond in the mapping's zone.
    End,
}

/// How one column's values are read.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub kind: ColumnType,
    pub required: bool,
    pub empty: Empty,
    pub trim: bool,
    pub lower: bool,
    pub null_words: Vec<String>,
    /// The source's word → the dataset's value as text. A word that is not here is an error.
    pub words: Option<BTreeMap<String, String>>,
    /// An integer is the unscaled value of the decimal, as cents are: `12345` at scale 2 is `123.45`.
    pub unscaled: bool,
    pub number: NumberStyle,
    /// A float may be read by its shortest decimal text.
    pub float: bool,
    pub format: Option<String>,
    pub zone: Option<TimeZone>,
    pub ambiguous: Ambiguous,
    pub epoch: Option<Epoch>,
    pub day: Option<DayEdge>,
    /// A number may become text, digit by digit.
    pub integer_to_text: bool,
}

impl Rule {
    /// A rule that changes nothing.
    pub fn plain(kind: ColumnType, required: bool, empty: Empty) -> Self {
        Self {
            kind,
            required,
            empty,
            trim: false,
            lower: false,
            null_words: Vec::new(),
            words: None,
            unscaled: false,
            number: NumberStyle::Plain,
            float: false,
            format: None,
            zone: None,
            ambiguous: Ambiguous::Refuse,
            epoch: None,
            day: None,
            integer_to_text: false,
        }
    }

    /// Whether a text must be prepared before it is read as its type.
    pub fn prepares(&self) -> bool {
        self.trim || self.lower || self.words.is_some() || !self.null_words.is_empty()
    }

    /// What a value must be, for an error.
    pub fn expected(&self) -> String {
        if let Some(format) = &self.format {
            return format!("a {} written as `{format}`", self.kind);
        }
        match self.kind {
            ColumnType::Text => "text".into(),
            ColumnType::Int => "an integer".into(),
            ColumnType::Bool => "`true` or `false`".into(),
            ColumnType::Date => "a date as `YYYY-MM-DD`".into(),
            ColumnType::Timestamp if self.zone.is_none() => "an instant with its offset from UTC".into(),
            ColumnType::Timestamp => "a date and time as `YYYY-MM-DD hh:mm:ss`".into(),
            ColumnType::Decimal { precision, scale } => format!("decimal({precision}, {scale})"),
        }
    }
}

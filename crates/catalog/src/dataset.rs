//! Datasets: the declared tables that sources deliver and control tests read.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::Id;

/// A table with declared columns, its key and the way it is collected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dataset {
    /// The name of the table in SQL and of the file.
    pub id: Id,
    /// What the rows are, in a few words.
    pub title: String,
    /// What a reader must know to use the columns rightly.
    pub note: Option<String>,
    /// How it is collected.
    pub kind: DatasetKind,
    /// Snapshots only: a state older than so many days before the day tested is stale, and nothing can be concluded from
    /// it.
    pub stale_after_days: Option<u32>,
    /// Columns that name one row.
    pub key: Vec<String>,
    /// Events only: the date column by which the source books a row, and by which windows are cut.
    pub booked: Option<String>,
    /// Snapshots only: the dataset of events in which the source logs every change of such rows. Where its extracts cover the
    /// days between two equal states and hold no change, the state is known on those days, too.
    pub change_log: Option<Id>,
    /// Whether each of several sources has rows of its own, as accounts stand in several products: the state is that of all of
    /// them together, and no key stands in two.
    #[serde(default)]
    pub several_sources: bool,
    /// Whether it is of systems that not every organization has: control tests that read it are the organization's from its
    /// first collection on.
    #[serde(default)]
    pub once_collected: bool,
    /// Whether the rows hold personal data, so that the vault seals them.
    pub personal: bool,
    /// Columns whose sum the source must confirm.
    #[serde(default)]
    pub control_totals: Vec<String>,
    /// Columns in declared order.
    #[serde(deserialize_with = "columns_in_order")]
    pub columns: Vec<Column>,
}

impl Dataset {
    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// What is wrong with the declaration itself, each with the word of the file it is about.
    pub(crate) fn problems(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut must = |holds: bool, word: &str, what: String| {
            if !holds {
                found.push((word.to_owned(), what));
            }
        };
        must(!self.columns.is_empty(), "columns", "has no columns".into());
        must(!self.key.is_empty(), "key", "has no key".into());
        for name in &self.key {
            match self.column(name) {
                None => must(false, "key", format!("key column `{name}` is not declared")),
                Some(column) => must(column.required, name, format!("key column `{name}` must be required (`!`)")),
            }
        }
        match (self.kind, &self.booked) {
            (DatasetKind::Events, None) => must(false, "kind", "events need a `booked` column".into()),
            (DatasetKind::Snapshot, Some(_)) => must(false, "booked", "a snapshot has no `booked` column".into()),
            (DatasetKind::Snapshot, None) => {}
            (DatasetKind::Events, Some(name)) => must(
                self.column(name).is_some_and(|c| c.kind == ColumnType::Date && c.required),
                "booked",
                format!("`booked` column `{name}` must be declared as `date!`"),
            ),
        }
        match (self.kind, self.stale_after_days) {
            (DatasetKind::Snapshot, None) => {
                must(false, "kind", "a snapshot says when it is stale: `stale_after_days`".into());
            }
            (DatasetKind::Events, Some(_)) => {
                must(false, "stale_after_days", "events do not get stale: their windows have gaps".into());
            }
            (DatasetKind::Snapshot, Some(_)) | (DatasetKind::Events, None) => {}
        }
        if self.change_log.is_some() && self.kind == DatasetKind::Events {
            must(false, "change_log", "events are their own log: only a snapshot has a `change_log`".into());
        }
        for name in &self.control_totals {
            let sums = matches!(
                self.column(name).map(|column| column.kind),
                Some(ColumnType::Int | ColumnType::Decimal { .. })
            );
            must(sums, name, format!("control total `{name}` must be a declared int or decimal column"));
        }
        found
    }
}

/// How a dataset is collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DatasetKind {
    /// Rows that happen on a day and are collected in windows by their booking date.
    Events,
    /// The whole state at the time of extraction.
    Snapshot,
}

/// One declared column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name in SQL.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: ColumnType,
    /// Whether a row without a value is an error of collection.
    pub required: bool,
}

/// The types a column may have. Money is always a decimal; there is no floating point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ColumnType {
    /// UTF-8 text.
    Text,
    /// A signed integer of 64 bits.
    Int,
    /// True or false.
    Bool,
    /// A day of the Gregorian calendar.
    Date,
    /// An instant in UTC with microseconds.
    Timestamp,
    /// An exact decimal number.
    Decimal {
        /// All digits, 1 to 38.
        precision: u8,
        /// Digits after the point, at most `precision`.
        scale: i8,
    },
}

impl ColumnType {
    /// Whether `text` is a value of this type as cases and parameters write it: `true` or `false`, `2026-09-30`,
    /// `2026-09-30T21:05:00Z`, `-12.50`.
    pub fn accepts(self, text: &str) -> bool {
        match self {
            Self::Text => true,
            Self::Int => text.parse::<i64>().is_ok(),
            Self::Bool => matches!(text, "true" | "false"),
            Self::Date => text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok(),
            Self::Timestamp => text.ends_with('Z') && text.parse::<jiff::Timestamp>().is_ok(),
            Self::Decimal { precision, scale } => is_decimal(text, precision, scale),
        }
    }
}

/// Whether `text` is a plain decimal that fits without rounding.
fn is_decimal(text: &str, precision: u8, scale: i8) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((_, "")) => return false,
        Some(parts) => parts,
        None => (unsigned, ""),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let Ok(scale) = usize::try_from(scale) else { return false };
    let room = usize::from(precision).saturating_sub(scale);
    let leading = whole.trim_start_matches('0').len();
    !whole.is_empty() && digits(whole) && digits(fraction) && fraction.len() <= scale && leading <= room
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

/// The text names no column type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a column type: expected text, int, bool, date, timestamp or decimal(precision, scale)")]
pub struct TypeParseError(String);

impl FromStr for ColumnType {
    type Err = TypeParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "text" => Ok(Self::Text),
            "int" => Ok(Self::Int),
            "bool" => Ok(Self::Bool),
            "date" => Ok(Self::Date),
            "timestamp" => Ok(Self::Timestamp),
            other => decimal(other).ok_or_else(|| TypeParseError(other.to_owned())),
        }
    }
}

/// Reads `decimal(18, 2)`.
fn decimal(text: &str) -> Option<ColumnType> {
    let inner = text.strip_prefix("decimal(")?.strip_suffix(')')?;
    let (precision, scale) = inner.split_once(',')?;
    let precision: u8 = precision.trim().parse().ok()?;
    let scale: i8 = scale.trim().parse().ok()?;
    let fits = (1..=38).contains(&precision) && scale >= 0 && scale.unsigned_abs() <= precision;
    fits.then_some(ColumnType::Decimal { precision, scale })
}

impl Serialize for ColumnType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ColumnType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// What stands after a column's name.
pub(crate) struct Declared {
    pub(crate) kind: ColumnType,
    pub(crate) required: bool,
}

/// Reads a column's type, with `!` after that of a required column.
pub(crate) fn column<E: de::Error>(name: &str, declared: &str) -> Result<Declared, E> {
    let (kind, required) = match declared.strip_suffix('!') {
        Some(kind) => (kind, true),
        None => (declared, false),
    };
    let kind = kind.parse().map_err(|cause| E::custom(format!("column `{name}`: {cause}")))?;
    Ok(Declared { kind, required })
}

/// Reads the `[columns]` table: `name = "type"`, with `!` after the type of a required column.
fn columns_in_order<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Column>, D::Error> {
    struct InOrder;

    impl<'de> de::Visitor<'de> for InOrder {
        type Value = Vec<Column>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a table of column names and types")
        }

        fn visit_map<M: de::MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
            let mut columns = Vec::new();
            while let Some((name, declared)) = map.next_entry::<String, String>()? {
                let Declared { kind, required } = column(&name, &declared)?;
                columns.push(Column { name, kind, required });
            }
            Ok(columns)
        }
    }

    deserializer.deserialize_map(InOrder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_read_and_print_alike() {
        for text in ["text", "int", "bool", "date", "timestamp", "decimal(18, 2)"] {
            assert_eq!(text.parse::<ColumnType>().unwrap().to_string(), text);
        }
        for text in ["float", "decimal(39, 2)", "decimal(4, 5)", "decimal(18)", "Text", ""] {
            assert!(text.parse::<ColumnType>().is_err(), "{text}");
        }
    }

    #[test]
    fn columns_keep_the_order_of_their_file() {
        let dataset: Dataset = toml::from_str(
            "id = \"t\"\ntitle = \"T\"\nkind = \"snapshot\"\nstale_after_days = 31\nkey = [\"z\"]\npersonal = false\n[columns]\nz = \"text!\"\na = \"int\"\nm = \"decimal(9, 2)\"",
        )
        .unwrap();
        let names: Vec<_> = dataset.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["z", "a", "m"]);
        assert!(dataset.problems().is_empty());
    }

    #[test]
    fn values_are_accepted_only_in_their_type() {
        let money = ColumnType::Decimal { precision: 5, scale: 2 };
        for good in ["0", "1.5", "-999.99", "001.10"] {
            assert!(money.accepts(good), "{good}");
        }
        for bad in ["1000.00", "1.234", "1e2", "", "-", ".5", "1.", "+1"] {
            assert!(!money.accepts(bad), "{bad}");
        }
        assert!(ColumnType::Date.accepts("2026-02-28") && !ColumnType::Date.accepts("2026-02-29"));
        assert!(ColumnType::Timestamp.accepts("2026-02-28T04:59:59Z"));
        assert!(!ColumnType::Timestamp.accepts("2026-02-28T04:59:59"));
    }
}

//! From the source's column names and ways of writing to the dataset's columns.

use std::{collections::BTreeMap, fmt};

use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, de};
use tickmark_catalog::{Column, ColumnType, Dataset};

use crate::{
    error::ColumnsProblem,
    value::{Ambiguous, DayEdge, Empty, Epoch, NumberStyle, Rule},
};

/// How one column of a dataset comes about. As text it is the source's column name; as a table it says more.
/// A dataset's column that a mapping does not mention is the source's column of the same name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnMapping {
    /// What is said about it.
    said: Said,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    /// The source's column, or a JSON pointer such as `/profile/email`.
    from: Option<String>,
    /// The same value for every row.
    constant: Option<String>,
    #[serde(default)]
    unscaled: bool,
    empty: Option<Empty>,
    /// JSON only: a row without this member has no value, instead of being refused.
    #[serde(default)]
    may_be_absent: bool,
    #[serde(default)]
    trim: bool,
    #[serde(default)]
    lower: bool,
    #[serde(default)]
    null_words: Vec<String>,
    words: Option<BTreeMap<String, String>>,
    #[serde(default)]
    number: NumberStyle,
    float: Option<FloatText>,
    format: Option<String>,
    zone: Option<String>,
    #[serde(default)]
    ambiguous: Ambiguous,
    epoch: Option<Epoch>,
    day: Option<DayEdge>,
    #[serde(default)]
    integer_to_text: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum FloatText {
    Shortest,
}

impl<'de> Deserialize<'de> for ColumnMapping {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameOrTable;

        impl<'de> de::Visitor<'de> for NameOrTable {
            type Value = ColumnMapping;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a column name of the source, or a table such as { from = \"name\", trim = true }")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Self::Value, E> {
                Ok(ColumnMapping { said: Said { from: Some(name.to_owned()), ..Said::default() } })
            }

            fn visit_map<M: de::MapAccess<'de>>(self, map: M) -> Result<Self::Value, M::Error> {
                let said = Said::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(ColumnMapping { said })
            }
        }

        deserializer.deserialize_any(NameOrTable)
    }
}

impl ColumnMapping {
    /// The source's column, if another than that of the dataset's name is said.
    pub(crate) fn from(&self) -> Option<&str> {
        self.said.from.as_deref()
    }

    /// Whether a row may be without it.
    pub(crate) fn may_be_absent(&self) -> bool {
        self.said.may_be_absent
    }

    /// What is wrong with the mapping of a column, whatever the data will be.
    pub(crate) fn problem(&self) -> Option<String> {
        let said = &self.said;
        if said.from.is_some() && said.constant.is_some() {
            return Some("says both `from` and `constant`".into());
        }
        if let Some(name) = &said.zone
            && TimeZone::get(name).is_err()
        {
            return Some(format!("`{name}` is not a time zone of the IANA database"));
        }
        if said.day.is_some() && said.zone.is_none() {
            return Some("`day` needs `zone`".into());
        }
        if said.format.is_some() && said.epoch.is_some() {
            return Some("says both `format` and `epoch`".into());
        }
        None
    }

    fn rule(&self, column: &Column, defaults: Defaults) -> Rule {
        let said = &self.said;
        let mut rule = Rule::plain(column.kind, column.required, said.empty.unwrap_or(defaults.empty(column.kind)));
        rule.unscaled = said.unscaled;
        rule.trim = said.trim;
        rule.lower = said.lower;
        rule.null_words.clone_from(&said.null_words);
        rule.words.clone_from(&said.words);
        rule.number = said.number;
        rule.float = said.float.is_some() || defaults.float;
        rule.format.clone_from(&said.format);
        // A zone that does not exist was refused when the source was read.
        rule.zone = said.zone.as_deref().and_then(|name| TimeZone::get(name).ok());
        rule.ambiguous = said.ambiguous;
        rule.epoch = said.epoch;
        rule.day = said.day;
        rule.integer_to_text = said.integer_to_text;
        rule
    }
}

/// What a kind of source means where a mapping is silent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Defaults {
    /// Text files have no way to write NULL but the empty field; databases have, so there an empty text is a text.
    pub empty_is_null: bool,
    /// Workbooks keep every number as a float, so there its shortest decimal text is the number that was typed.
    pub float: bool,
}

impl Defaults {
    /// CSV and the like.
    pub const TEXT: Self = Self { empty_is_null: true, float: false };
    /// Sources with values of their own types.
    pub const TYPED: Self = Self { empty_is_null: false, float: false };
    /// Workbooks.
    pub const WORKBOOK: Self = Self { empty_is_null: true, float: true };

    fn empty(self, kind: ColumnType) -> Empty {
        match (self.empty_is_null, kind) {
            (true, _) => Empty::Null,
            (false, ColumnType::Text) => Empty::Text,
            // An empty text is no number and no date: it falls through to the reader of the type, which refuses it.
            (false, _) => Empty::Refuse,
        }
    }
}

/// A dataset's columns joined with a source's mapping of them.
pub(crate) struct Mapping<'a> {
    pub dataset: &'a Dataset,
    pub columns: &'a BTreeMap<String, ColumnMapping>,
    pub ignore: &'a [String],
}

/// Where a dataset's column gets its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The source's column of that name.
    Column(String),
    /// One value for all rows.
    Constant(String),
}

/// One dataset column, ready to be filled.
pub(crate) struct Planned {
    pub column: Column,
    pub origin: Origin,
    pub rule: Rule,
    pub may_be_absent: bool,
}

impl Mapping<'_> {
    /// Every column of the dataset with its origin and rule, in declared order. Names of mapped columns that the dataset
    /// does not declare are returned as the error.
    pub fn planned(&self, defaults: Defaults) -> Result<Vec<Planned>, String> {
        for name in self.columns.keys() {
            if self.dataset.column(name).is_none() {
                return Err(format!(
                    "maps the column `{name}`, which the dataset `{}` does not declare",
                    self.dataset.id
                ));
            }
        }
        let silent = ColumnMapping::default();
        let plan = |column: &Column| {
            let mapping = self.columns.get(&column.name).unwrap_or(&silent);
            let origin = match (&mapping.said.constant, &mapping.said.from) {
                (Some(constant), _) => Origin::Constant(constant.clone()),
                (None, Some(from)) => Origin::Column(from.clone()),
                (None, None) => Origin::Column(column.name.clone()),
            };
            let rule = mapping.rule(column, defaults);
            Planned { column: column.clone(), origin, rule, may_be_absent: mapping.said.may_be_absent }
        };
        Ok(self.dataset.columns.iter().map(plan).collect())
    }

    /// Compares the columns that arrived with the planned ones.
    pub fn compare(&self, planned: &[Planned], arrived: &[String]) -> ColumnsProblem {
        let mut problem = ColumnsProblem::default();
        let mut seen = std::collections::BTreeSet::new();
        for name in arrived {
            if !seen.insert(name.as_str()) && !problem.duplicate.contains(name) {
                problem.duplicate.push(name.clone());
            }
        }
        let wanted: std::collections::BTreeSet<&str> = planned
            .iter()
            .filter_map(|column| match &column.origin {
                Origin::Column(name) => Some(name.as_str()),
                Origin::Constant(_) => None,
            })
            .collect();
        problem.missing.extend(wanted.iter().filter(|name| !seen.contains(*name)).map(|name| (*name).to_owned()));
        let known = |name: &str| wanted.contains(name) || self.ignore.iter().any(|ignored| ignored == name);
        problem.unknown.extend(seen.iter().filter(|name| !known(name)).map(|name| (*name).to_owned()));
        problem
    }
}

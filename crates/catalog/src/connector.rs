//! Connectors: how the tables of one vendor's product are collected, in data.
//!
//! Invariant: a connector's table is a dataset like any other. What is asked for it, `collect` reads from the same text.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer, de};

use crate::{
    Column, Dataset, DatasetKind, Id,
    dataset::{Declared, column},
};

/// A connector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connector {
    /// Its name, which those of its tables begin with.
    pub id: Id,
    /// Whose product it reads.
    pub title: String,
    /// `connector.toml` as it stands: `collect` reads and checks the requests in it.
    pub text: String,
    /// `recording.toml` as it stands: what the product answered, with made-up data, and the rows that come of it.
    pub recording: String,
    /// Its tables, in the order of the file.
    pub tables: Vec<Id>,
    /// Datasets that are made of its tables, in the order of the file.
    pub derived: Vec<Derived>,
}

/// A dataset that is made of a connector's tables, so that one control test reads the products of many vendors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derived {
    /// The dataset.
    pub dataset: Id,
    /// The table of which each row becomes one row.
    pub rows_of: Id,
    /// Columns that the product has nothing of, each with the reason: they have no value, and what reads them cannot be evaluated.
    pub cannot_tell: BTreeMap<String, String>,
    /// The query: rows of the dataset in its own columns, out of the connector's tables.
    pub sql: String,
}

/// What the catalog itself reads of `connector.toml`. Other keys are for `collect`, which knows every one.
#[derive(Deserialize)]
pub(crate) struct ConnectorFile {
    pub(crate) id: Id,
    pub(crate) title: String,
    pub(crate) tables: Vec<TableFile>,
    #[serde(default)]
    pub(crate) derived: Vec<DerivedFile>,
}

/// A dataset made of a connector's tables; its query stands beside, in `DATASET.sql`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DerivedFile {
    pub(crate) dataset: Id,
    pub(crate) rows_of: Id,
    #[serde(default)]
    pub(crate) cannot_tell: BTreeMap<String, String>,
}

/// A table of a connector.
#[derive(Deserialize)]
pub(crate) struct TableFile {
    table: Id,
    title: String,
    note: Option<String>,
    kind: DatasetKind,
    stale_after_days: Option<u32>,
    key: Vec<String>,
    booked: Option<String>,
    personal: bool,
    #[serde(deserialize_with = "columns_in_order")]
    columns: Vec<Column>,
}

impl TableFile {
    /// The table as the dataset that it is.
    pub(crate) fn dataset(self) -> Dataset {
        Dataset {
            id: self.table,
            title: self.title,
            note: self.note,
            kind: self.kind,
            stale_after_days: self.stale_after_days,
            key: self.key,
            booked: self.booked,
            change_log: None,
            several_sources: true,
            once_collected: true,
            personal: self.personal,
            control_totals: Vec::new(),
            columns: self.columns,
        }
    }
}

/// Reads `name = "type"` and `name = { type = "type", … }`.
fn columns_in_order<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Column>, D::Error> {
    struct InOrder;

    impl<'de> de::Visitor<'de> for InOrder {
        type Value = Vec<Column>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a table of column names with their types")
        }

        fn visit_map<M: de::MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
            let mut columns = Vec::new();
            while let Some((name, declared)) = map.next_entry::<String, TypeOrTable>()? {
                let Declared { kind, required } = match declared {
                    TypeOrTable::Type(kind) | TypeOrTable::Table { kind } => column(&name, &kind)?,
                };
                columns.push(Column { name, kind, required });
            }
            Ok(columns)
        }
    }

    deserializer.deserialize_map(InOrder)
}

#[derive(Deserialize)]
#[serde(untagged)]
enum TypeOrTable {
    Type(String),
    Table {
        #[serde(rename = "type")]
        kind: String,
    },
}

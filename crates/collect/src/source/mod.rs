//! The kinds of sources: each reads rows into [`Rows`](crate::rows::Rows) and tells what it read and how it counted.
//!
//! Invariant: no source writes anywhere; databases are asked in read-only transactions, files are opened for reading.

mod command;
mod control;
mod csv;
pub(crate) mod documents;
pub(crate) mod encoding;
mod files;
pub(crate) mod folder;
mod git;
pub(crate) mod http;
mod json;
mod mysql;
mod parquet;
mod pattern;
mod postgres;
mod process;
mod query;
mod server;
mod sqlite;
pub(crate) mod xlsx;

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use tickmark_canonical::Digest;
use tickmark_catalog::{Column, ColumnType, Dataset};
use tickmark_vault::Vault;

pub use files::states;
pub use process::{GUARD_SUBCOMMAND, guard_commands_with, guard_main};

use crate::{
    Error, SourceConfig, Window,
    config::SourceKind,
    declared,
    error::CellError,
    rows::Sink,
    value::{Cell, ColumnBuilder, Rule},
};

/// One extract to be made.
pub(crate) struct Extract<'a> {
    pub source: &'a SourceConfig,
    pub dataset: &'a Dataset,
    pub window: Window,
    pub clock: Timestamp,
}

impl Extract<'_> {
    /// Its name in errors.
    pub fn of(&self) -> String {
        format!("source `{}`, dataset `{}`", self.source.id, self.dataset.id)
    }

    fn not_delivered(&self) -> Error {
        Error::NotDelivered { source_id: self.source.id.clone(), dataset: self.dataset.id.to_string() }
    }
}

/// How many rows the source says there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SourceCount {
    /// This many.
    Known(u64),
    /// It does not say, for this reason.
    Unknown(String),
}

/// What a source tells about an extract beside its rows.
pub(crate) struct Told {
    /// Query, paths with digests, or argument list.
    pub request: String,
    /// Parameters of the request, and what else a reader needs to make it again.
    pub parameters: BTreeMap<String, String>,
    pub count: SourceCount,
    /// Dataset column → the source's own sum, unscaled at the column's scale.
    pub totals: BTreeMap<String, i128>,
    /// Why other sums are not to be had, if the settings say so.
    pub no_totals: Option<String>,
    /// Why the extract is not the whole, as the source itself says.
    pub incomplete: Vec<String>,
    /// Objects with the original bytes.
    pub originals: Vec<Digest>,
}

impl Told {
    /// Nothing told but the request.
    pub fn new(request: String) -> Self {
        Self {
            request,
            parameters: BTreeMap::new(),
            count: SourceCount::Unknown(String::new()),
            totals: BTreeMap::new(),
            no_totals: None,
            incomplete: Vec::new(),
            originals: Vec::new(),
        }
    }

    pub fn parameter(&mut self, name: &str, value: impl ToString) {
        self.parameters.insert(name.to_owned(), value.to_string());
    }
}

/// Reads all rows of an extract into the sink. Original bytes, where they are kept, go to the vault.
pub(crate) fn read(extract: &Extract<'_>, vault: &Vault, sink: Sink) -> Result<Told, Error> {
    let missing = || extract.not_delivered();
    let wanted = |id: &str| id == extract.dataset.id.as_str();
    match &extract.source.kind {
        SourceKind::Files(source) => {
            let entry = source.datasets.iter().find(|entry| wanted(&entry.dataset)).ok_or_else(missing)?;
            files::read(extract, vault, source, entry, sink)
        }
        SourceKind::Documents(_) => Err(missing()),
        SourceKind::Sqlite(source) => {
            let entry = source.datasets.iter().find(|entry| wanted(&entry.dataset)).ok_or_else(missing)?;
            sqlite::read(extract, source, entry, sink)
        }
        SourceKind::Postgres(source) => {
            let entry = source.datasets.iter().find(|entry| wanted(&entry.dataset)).ok_or_else(missing)?;
            postgres::read(extract, source, entry, sink)
        }
        SourceKind::Mysql(source) => {
            let entry = source.datasets.iter().find(|entry| wanted(&entry.dataset)).ok_or_else(missing)?;
            mysql::read(extract, source, entry, sink)
        }
        SourceKind::Git(source) => {
            let entry = source.datasets.iter().find(|entry| wanted(&entry.dataset)).ok_or_else(missing)?;
            git::read(extract, source, entry, sink)
        }
        SourceKind::Exec(source) => {
            let entry = source.datasets.iter().find(|entry| wanted(&entry.dataset)).ok_or_else(missing)?;
            command::read(extract, entry, sink)
        }
        SourceKind::Connector(source) => {
            let table = source.connector.table(extract.dataset.id.as_str()).ok_or_else(missing)?;
            http::read(extract, vault, source, table, sink)
        }
    }
}

/// The day whose end the source shows when it is not asked for one: the last that was over when it was copied, or on the day of
/// the reading. What changes later on that day is not in it.
pub fn present_day(source: &SourceConfig, read_on: Date) -> Date {
    let taken_on = source.copied_on().unwrap_or(read_on);
    taken_on.yesterday().unwrap_or(taken_on)
}

/// Whether the source is asked for the state of a given day, so that it need not be its state of now.
pub fn asks_for_a_day(source: &SourceConfig, dataset: &Dataset) -> bool {
    let id = dataset.id.as_str();
    let by_query = |entries: &[crate::config::QueryEntry]| {
        entries.iter().any(|entry| entry.dataset == id && query::names(&entry.query, "on"))
    };
    match &source.kind {
        SourceKind::Sqlite(source) => by_query(&source.datasets),
        SourceKind::Postgres(source) | SourceKind::Mysql(source) => by_query(&source.datasets),
        SourceKind::Exec(source) => source
            .datasets
            .iter()
            .any(|entry| entry.dataset == id && entry.argv.iter().any(|word| word.contains("{on}"))),
        SourceKind::Files(_) | SourceKind::Documents(_) | SourceKind::Git(_) | SourceKind::Connector(_) => false,
    }
}

/// What a source counts of a window, apart from any extract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowCount {
    /// Rows.
    pub rows: u64,
    /// Dataset column → its sum, as an exact decimal with the column's scale; those that the source sums.
    pub totals: BTreeMap<String, String>,
}

/// Counts the rows of a window at the source and sums them up, apart from any extract: taken once after a period's last day, it
/// is what the period's windows together are reconciled with. Only databases can be asked.
pub fn count(
    source: &SourceConfig,
    dataset: &Dataset,
    window: Window,
    clock: Timestamp,
) -> Result<Option<WindowCount>, Error> {
    let extract = Extract { source, dataset, window, clock };
    let missing = || extract.not_delivered();
    let wanted = |entry: &&crate::config::QueryEntry| entry.dataset == dataset.id.as_str();
    let counted = match &source.kind {
        SourceKind::Sqlite(database) => {
            let entry = database.datasets.iter().find(wanted).ok_or_else(missing)?;
            sqlite::count(&extract, database, entry)?
        }
        SourceKind::Postgres(server) => {
            let entry = server.datasets.iter().find(wanted).ok_or_else(missing)?;
            postgres::count(&extract, server, entry)?
        }
        SourceKind::Mysql(server) => {
            let entry = server.datasets.iter().find(wanted).ok_or_else(missing)?;
            mysql::count(&extract, server, entry)?
        }
        SourceKind::Files(_)
        | SourceKind::Documents(_)
        | SourceKind::Git(_)
        | SourceKind::Exec(_)
        | SourceKind::Connector(_) => return Ok(None),
    };
    Ok(Some(counted.of_window(&extract)))
}

/// The source's own sum of a column, read as the column's values are. `of` and `what` name the place in an error.
fn total(column: &Column, rule: &Rule, cell: Cell<'_>, of: &str, what: &str) -> Result<i128, Error> {
    // A sum needs room that one value does not; a sum over no rows is NULL in SQL, and that means nothing was summed.
    if let Cell::Null = cell {
        return Ok(0);
    }
    let scale = declared::scale(column);
    let mut rule = rule.clone();
    rule.kind = ColumnType::Decimal { precision: 38, scale: i8::try_from(scale).unwrap_or(0) };
    let refused = |problem| {
        let (of, column, dataset_column) = (of.to_owned(), what.to_owned(), column.name.clone());
        Error::Cell(Box::new(CellError { of, row: 1, column, dataset_column, problem }))
    };
    let mut builder = ColumnBuilder::new(rule, 1).map_err(|cause| Error::Rows { of: of.to_owned(), cause })?;
    builder.push(cell).map_err(refused)?;
    let array = builder.finish().map_err(|cause| Error::Rows { of: of.to_owned(), cause })?;
    let array = arrow::array::AsArray::as_primitive_opt::<arrow::datatypes::Decimal128Type>(&array);
    Ok(array.map_or(0, |array| if array.is_empty() { 0 } else { array.value(0) }))
}

//! SQLite databases: count, sums and rows in one read transaction.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, Statement, types::ValueRef};

use super::{Extract, SourceCount, Told, query};
use crate::{
    Error,
    config::{Defaults, Mapping, QueryEntry, SqliteSource},
    rows::{Rows, Sink},
    value::Cell,
};

/// How long a writer of the database may keep it locked before collection gives up.
const BUSY: std::time::Duration = std::time::Duration::from_secs(30);

/// An open database with a read transaction.
struct Database {
    connection: Connection,
    of: String,
}

impl Database {
    fn open(path: &Path) -> Result<Self, Error> {
        let of = format!("the database `{}`", path.display());
        let failed = |cause| Error::Database { doing: "opening", of: of.clone(), cause: Box::new(cause) };
        // Read-only, and never `immutable`: that would read past a writer's log and locks.
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
        connection.busy_timeout(BUSY).map_err(failed)?;
        for pragma in ["query_only = ON", "trusted_schema = OFF"] {
            connection.execute_batch(&format!("PRAGMA {pragma}")).map_err(failed)?;
        }
        connection.execute_batch("BEGIN").map_err(failed)?;
        Ok(Self { connection, of })
    }

    fn failed(&self, doing: &'static str, cause: rusqlite::Error) -> Error {
        Error::Database { doing, of: self.of.clone(), cause: Box::new(cause) }
    }

    /// A statement with the window's days bound.
    fn prepare(&self, extract: &Extract<'_>, sql: &str) -> Result<Statement<'_>, Error> {
        let mut statement =
            self.connection.prepare(sql).map_err(|cause| self.failed("preparing a query for", cause))?;
        if !statement.readonly() {
            return Err(Error::Config {
                file: extract.source.file.clone(),
                line: None,
                problem: format!("the query of `{}` writes; a source is only read", extract.dataset.id),
            });
        }
        for at in 1..=statement.parameter_count() {
            let name = statement.parameter_name(at).unwrap_or("?").trim_start_matches(':').to_owned();
            let day = query::day(&name, extract.window).ok_or_else(|| query::unknown(extract, &name))?;
            statement
                .raw_bind_parameter(at, day.to_string())
                .map_err(|cause| self.failed("binding a parameter for", cause))?;
        }
        Ok(statement)
    }

    /// The one value of a query.
    fn value<T>(
        &self,
        extract: &Extract<'_>,
        sql: &str,
        take: impl FnOnce(ValueRef<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut statement = self.prepare(extract, sql)?;
        let columns = statement.column_count();
        let mut rows = statement.raw_query();
        let failed = |cause| self.failed("counting rows of", cause);
        let taken = match rows.next().map_err(failed)? {
            Some(row) if columns == 1 => take(row.get_ref(0).map_err(failed)?)?,
            Some(_) | None => return Err(self.not_one_value()),
        };
        if rows.next().map_err(failed)?.is_some() { Err(self.not_one_value()) } else { Ok(taken) }
    }

    fn not_one_value(&self) -> Error {
        Error::Malformed {
            of: self.of.clone(),
            line: None,
            problem: "a query for a count or a sum gives one row with one column".into(),
        }
    }

    fn count(&self, extract: &Extract<'_>, sql: &str) -> Result<u64, Error> {
        self.value(extract, sql, |value| {
            value.as_i64().ok().and_then(|count| u64::try_from(count).ok()).ok_or_else(|| self.not_one_value())
        })
    }
}

/// Reads one entry.
pub(super) fn read(
    extract: &Extract<'_>,
    source: &SqliteSource,
    entry: &QueryEntry,
    sink: Sink,
) -> Result<Told, Error> {
    let path = extract.source.path(&source.file);
    let database = Database::open(&path)?;
    let of = format!("query of `{}` on `{}`", entry.dataset, path.display());
    let mapping = Mapping { dataset: extract.dataset, columns: &entry.columns, ignore: &entry.ignore };
    let mut rows = Rows::new(mapping, Defaults::TYPED, extract, sink)?;
    let mut told = Told::new(entry.query.clone());
    told.parameter("database", source.file.display());
    told.parameter("sqlite", rusqlite::version());
    told.parameter("count", &entry.count);
    told.count = SourceCount::Known(database.count(extract, &entry.count)?);
    for (column, sql) in &entry.totals {
        let (declared, rule) = query::control_total(extract, &rows, column)?;
        let total = database.value(extract, sql, |value| {
            super::total(declared, rule, cell(value), &format!("sum of `{column}` on `{}`", path.display()), "sum")
        })?;
        told.parameter(&format!("sum of {column}"), sql);
        told.totals.insert(column.clone(), total);
    }
    let mut statement = database.prepare(extract, &entry.query)?;
    let names: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
    rows.part(&of, &names, 1)?;
    let wanted: Vec<usize> = (0..names.len()).filter(|at| rows.is_wanted(*at)).collect();
    let failed = |cause| database.failed("reading", cause);
    let mut results = statement.raw_query();
    while let Some(row) = results.next().map_err(failed)? {
        for &at in &wanted {
            rows.field(at, cell(row.get_ref(at).map_err(failed)?))?;
        }
        rows.end_row()?;
    }
    drop(results);
    rows.finish()?;
    Ok(told)
}

/// Counts the rows of a window, apart from any extract.
pub(super) fn count(extract: &Extract<'_>, source: &SqliteSource, entry: &QueryEntry) -> Result<u64, Error> {
    Database::open(&extract.source.path(&source.file))?.count(extract, &entry.count)
}

fn cell(value: ValueRef<'_>) -> Cell<'_> {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(value) => Cell::Int(value),
        ValueRef::Real(value) => Cell::Float(value),
        ValueRef::Text(text) => Cell::Text(text),
        ValueRef::Blob(_) => Cell::Other("binary data"),
    }
}

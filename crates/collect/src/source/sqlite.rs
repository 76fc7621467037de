//! SQLite databases: count, sums and rows in one read transaction.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, Statement, types::ValueRef};

use super::{
    Extract, Told,
    query::{self, Counted},
};
use crate::{
    Error,
    config::{Defaults, Mapping, Planned, QueryEntry, SqliteSource},
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

    /// The number of rows, and the sums that stand beside it.
    fn count(&self, extract: &Extract<'_>, planned: &[Planned], sql: &str) -> Result<Counted, Error> {
        let mut statement = self.prepare(extract, sql)?;
        let names: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
        let mut results = statement.raw_query();
        let failed = |cause| self.failed("counting rows of", cause);
        let Some(row) = results.next().map_err(failed)? else { return Err(query::not_one_row(&self.of)) };
        let mut counted = Counted::new(cell(row.get_ref(0).map_err(failed)?), &self.of)?;
        for (at, name) in names.iter().enumerate().skip(1) {
            counted.sum(extract, planned, name, cell(row.get_ref(at).map_err(failed)?), &self.of)?;
        }
        if results.next().map_err(failed)?.is_some() { Err(query::not_one_row(&self.of)) } else { Ok(counted) }
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
    database.count(extract, rows.planned(), &entry.count)?.tell(&mut told);
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

/// Counts the rows of a window and sums them up, apart from any extract.
pub(super) fn count(extract: &Extract<'_>, source: &SqliteSource, entry: &QueryEntry) -> Result<Counted, Error> {
    let planned = query::planned(extract, entry)?;
    Database::open(&extract.source.path(&source.file))?.count(extract, &planned, &entry.count)
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

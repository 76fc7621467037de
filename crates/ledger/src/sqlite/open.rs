//! Opening a database file so that what is acknowledged survives a power cut.
//!
//! Invariant: every pragma the promises rest on is asserted on every connection, never only set.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, TransactionBehavior};

use crate::error::Error;

/// Marks the file as ours (`file(1)` shows it): the letters TKMK.
pub(crate) const APPLICATION_ID: i64 = 0x544b_4d4b;

/// Version of the tables. A later version brings its own step from the one before.
pub(crate) const SCHEMA_VERSION: i64 = 1;

/// How long a writer waits for another one. An append holds the lock for milliseconds; ten seconds is a stuck machine.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Bytes of a page. Bundles and full tiles span pages; larger pages make their chains shorter.
const PAGE_SIZE: i64 = 8192;

const SCHEMA: &str = include_str!("schema.sql");

/// Opens a connection, making file and tables if there are none.
pub(crate) fn open(path: &Path) -> Result<Connection, Error> {
    let failed = |doing: &str| {
        let doing = doing.to_owned();
        move |source| Error::Sqlite { doing, path: path.to_owned(), source }
    };
    let mut connection = Connection::open(path).map_err(failed("open"))?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed("set the busy timeout"))?;
    // The page size takes effect only before the first page is written; an existing file keeps its own.
    connection.pragma_update(None, "page_size", PAGE_SIZE).map_err(failed("set the page size"))?;
    connection
        .query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0))
        .map_err(failed("set the journal mode"))?;
    connection.pragma_update(None, "synchronous", "FULL").map_err(failed("set synchronous"))?;
    connection.pragma_update(None, "foreign_keys", true).map_err(failed("set foreign keys"))?;
    connection.pragma_update(None, "trusted_schema", false).map_err(failed("distrust the schema"))?;
    connection.set_prepared_statement_cache_capacity(64);
    make_tables(&mut connection, path)?;
    assert_pragmas(&connection, path)?;
    Ok(connection)
}

fn make_tables(connection: &mut Connection, path: &Path) -> Result<(), Error> {
    let failed = |source| Error::Sqlite { doing: "make the ledger tables".to_owned(), path: path.to_owned(), source };
    if read_integer(connection, path, "user_version")? == SCHEMA_VERSION {
        return Ok(());
    }
    // Immediate: of two processes that open a new file, the second finds the tables made.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let version = read_integer(&transaction, path, "user_version")?;
    let application = read_integer(&transaction, path, "application_id")?;
    let tables: i64 =
        transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(failed)?;
    if version == 0 && application == 0 && tables == 0 {
        transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(failed)?;
        transaction.pragma_update(None, "user_version", SCHEMA_VERSION).map_err(failed)?;
        transaction.execute_batch(SCHEMA).map_err(failed)?;
        transaction.commit().map_err(failed)?;
    }
    Ok(())
}

/// Refuses a connection on which a promise would not hold.
pub(crate) fn assert_pragmas(connection: &Connection, path: &Path) -> Result<(), Error> {
    let expected: [(&'static str, String); 6] = [
        ("application_id", APPLICATION_ID.to_string()),
        ("user_version", SCHEMA_VERSION.to_string()),
        ("journal_mode", "wal".to_owned()),
        // 2 is FULL: every commit waits until the log is on the disk.
        ("synchronous", "2".to_owned()),
        ("foreign_keys", "1".to_owned()),
        ("busy_timeout", BUSY_TIMEOUT.as_millis().to_string()),
    ];
    for (name, expected) in expected {
        let found = read(connection, path, name)?;
        if found != expected {
            return Err(Error::Pragma { path: path.to_owned(), name, expected, found });
        }
    }
    Ok(())
}

fn read(connection: &Connection, path: &Path, name: &'static str) -> Result<String, Error> {
    use rusqlite::types::Value;
    connection
        .pragma_query_value(None, name, |row| row.get::<_, Value>(0))
        .map(|value| match value {
            Value::Null => String::new(),
            Value::Integer(number) => number.to_string(),
            Value::Real(number) => number.to_string(),
            Value::Text(text) => text,
            Value::Blob(bytes) => hex::encode(bytes),
        })
        .map_err(|source| Error::Sqlite { doing: format!("read pragma {name}"), path: path.to_owned(), source })
}

fn read_integer(connection: &Connection, path: &Path, name: &'static str) -> Result<i64, Error> {
    connection.pragma_query_value(None, name, |row| row.get(0)).map_err(|source| Error::Sqlite {
        doing: format!("read pragma {name}"),
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pragmas_hold_on_a_new_and_on_a_reopened_file() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("ledger.db");
        for _ in 0..2 {
            let connection = open(&path).expect("opens");
            let text = |name: &'static str| read(&connection, &path, name).expect("reads");
            assert_eq!(text("journal_mode"), "wal");
            assert_eq!(text("synchronous"), "2");
            assert_eq!(text("foreign_keys"), "1");
            assert_eq!(text("busy_timeout"), "10000");
            assert_eq!(text("application_id"), "1414221131");
            assert_eq!(text("user_version"), "1");
            assert_eq!(text("page_size"), "8192");
        }
    }

    #[test]
    fn a_foreign_database_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("other.db");
        Connection::open(&path).and_then(|other| other.execute_batch("CREATE TABLE t (x)")).expect("made");
        assert!(matches!(open(&path), Err(Error::Pragma { name: "application_id", .. })));
        let tables: i64 = Connection::open(&path)
            .and_then(|other| other.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)))
            .expect("counts");
        assert_eq!(tables, 1);
    }

    #[test]
    fn a_database_of_a_later_version_is_refused() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("ledger.db");
        open(&path)
            .and_then(|connection| {
                connection.pragma_update(None, "user_version", 2).map_err(|source| Error::Sqlite {
                    doing: String::new(),
                    path: path.clone(),
                    source,
                })
            })
            .expect("made");
        assert!(matches!(open(&path), Err(Error::Pragma { name: "user_version", .. })));
    }
}

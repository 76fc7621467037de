//! Reading: one read transaction on a connection of its own.

use std::{ops::Range, sync::Arc};

use rusqlite::{Connection, OptionalExtension as _, params};
use tickmark_canonical::Digest;

use super::{IDLE_READERS, Shared, locked, open, tables};
use crate::{
    anchor::Anchor,
    bundle,
    checkpoint::SignedCheckpoint,
    error::{Corrupt, Error, chain},
    store::{BundleVisitor, CommandPlace, Head, Reader, Snapshot, StreamHead},
    tile::{TILE_WIDTH, Tile},
};

/// One consistent view of the database. What is committed after it began is not seen.
pub struct SqliteReader {
    shared: Arc<Shared>,
    connection: Option<Connection>,
}

impl SqliteReader {
    pub(super) fn begin(shared: Arc<Shared>) -> Result<Self, Error> {
        let idle = locked(&shared.idle).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => open::open(&shared.path)?,
        };
        connection.execute_batch("BEGIN").map_err(shared.failed("begin to read"))?;
        // A deferred transaction begins with its first read: read now, so that the view is that of this moment.
        connection
            .query_row("SELECT count(*) FROM ledger_book", [], |row| row.get::<_, i64>(0))
            .map_err(shared.failed("begin to read"))?;
        Ok(Self { shared, connection: Some(connection) })
    }

    /// The connection, for the application's own tables. It is within a read transaction.
    pub fn connection(&self) -> Result<&Connection, Error> {
        // The connection is taken away only when the reader goes.
        self.connection.as_ref().ok_or_else(|| Error::Sqlite {
            doing: "read".to_owned(),
            path: self.shared.path.clone(),
            source: rusqlite::Error::InvalidQuery,
        })
    }

    fn failed(&self, doing: &str) -> impl FnOnce(rusqlite::Error) -> Error {
        self.shared.failed(doing)
    }

    fn book(&self, origin: &str) -> Result<Book, Error> {
        book(self.connection()?, origin)
            .map_err(self.failed("read the book of ledgers"))?
            .ok_or_else(|| Error::NoLedger { origin: origin.to_owned() })
    }
}

impl Drop for SqliteReader {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        // A connection that cannot end its transaction is closed instead of kept.
        if connection.execute_batch("ROLLBACK").is_ok() {
            let mut idle = locked(&self.shared.idle);
            if idle.len() < IDLE_READERS {
                idle.push(connection);
            }
        }
    }
}

/// One ledger's row.
pub(super) struct Book {
    pub(super) id: i64,
    pub(super) size: u64,
    pub(super) vkey: String,
    pub(super) recovery_vkey: String,
}

pub(super) fn book(connection: &Connection, origin: &str) -> rusqlite::Result<Option<Book>> {
    connection
        .prepare_cached("SELECT id, size, vkey, recovery_vkey FROM ledger_book WHERE origin = ?1")?
        .query_row([origin], |row| {
            Ok(Book { id: row.get(0)?, size: row.get(1)?, vkey: row.get(2)?, recovery_vkey: row.get(3)? })
        })
        .optional()
}

pub(super) fn tile(connection: &Connection, ledger: i64, level: u32, index: u64) -> rusqlite::Result<Option<Vec<u8>>> {
    connection
        .prepare_cached("SELECT hashes FROM ledger_tile WHERE ledger = ?1 AND level = ?2 AND number = ?3")?
        .query_row(params![ledger, level, index], |row| row.get(0))
        .optional()
}

pub(super) fn command_place(
    connection: &Connection,
    ledger: i64,
    command: &str,
) -> rusqlite::Result<Option<CommandPlace>> {
    connection
        .prepare_cached("SELECT first, count FROM ledger_command WHERE ledger = ?1 AND command = ?2")?
        .query_row(params![ledger, command], |row| {
            Ok(CommandPlace { command: command.to_owned(), first: row.get(0)?, count: row.get(1)? })
        })
        .optional()
}

/// The entries of `range`, in bundles, read with `connection`.
pub(super) fn scan_bundles(
    connection: &Connection,
    failed: &dyn Fn(&str, rusqlite::Error) -> Error,
    book: &Book,
    range: Range<u64>,
    visit: &mut BundleVisitor<'_>,
) -> Result<(), Error> {
    let range = range.start..range.end.min(book.size);
    if range.is_empty() {
        return Ok(());
    }
    let fail = |source| failed("read entries", source);
    let whole = book.size / TILE_WIDTH;
    let (from, to) = (range.start / TILE_WIDTH, range.end.div_ceil(TILE_WIDTH).min(whole));
    let mut statement = connection
        .prepare_cached("SELECT number, bytes FROM ledger_bundle WHERE ledger = ?1 AND number >= ?2 AND number < ?3 ORDER BY number")
        .map_err(fail)?;
    let mut rows = statement.query(params![book.id, from, to]).map_err(fail)?;
    let mut expected = from;
    while let Some(row) = rows.next().map_err(fail)? {
        let number: u64 = row.get(0).map_err(fail)?;
        if number != expected {
            break;
        }
        visit(number * TILE_WIDTH, row.get_ref(1).map_err(fail)?.as_blob().map_err(|error| fail(error.into()))?)?;
        expected += 1;
    }
    if expected < to {
        let first = expected * TILE_WIDTH;
        return Err(Corrupt::new(format!("entry {first}"), "an entry", "no bundle that holds it").into());
    }
    let tail = (whole * TILE_WIDTH).max(from * TILE_WIDTH);
    if range.end <= tail {
        return Ok(());
    }
    let mut statement = connection
        .prepare_cached(
            "SELECT place, bytes FROM ledger_tail WHERE ledger = ?1 AND place >= ?2 AND place < ?3 ORDER BY place",
        )
        .map_err(fail)?;
    let mut rows = statement.query(params![book.id, tail, book.size]).map_err(fail)?;
    let (mut bytes, mut expected) = (Vec::new(), tail);
    while let Some(row) = rows.next().map_err(fail)? {
        let place: u64 = row.get(0).map_err(fail)?;
        if place != expected {
            break;
        }
        bundle::push(&mut bytes, row.get_ref(1).map_err(fail)?.as_blob().map_err(|error| fail(error.into()))?);
        expected += 1;
    }
    if expected < range.end {
        return Err(Corrupt::new(format!("entry {expected}"), "an entry", "nothing").into());
    }
    visit(tail, &bytes)
}

impl Reader for SqliteReader {
    fn origins(&self) -> Result<Vec<String>, Error> {
        let failed = || self.failed("list ledgers");
        let mut statement =
            self.connection()?.prepare_cached("SELECT origin FROM ledger_book ORDER BY origin").map_err(failed())?;
        let rows = statement.query_map([], |row| row.get(0)).map_err(failed())?;
        rows.collect::<Result<_, _>>().map_err(failed())
    }

    fn head(&self, origin: &str) -> Result<Head, Error> {
        let book = self.book(origin)?;
        let checkpoint = self.checkpoint_from(origin, book.size)?.ok_or_else(|| {
            Corrupt::new(
                format!("the newest checkpoint of ledger `{origin}`"),
                format!("one at size {}", book.size),
                "none",
            )
        })?;
        let key = |what: &str, text: &str| {
            text.parse().map_err(|error| {
                Corrupt::new(format!("the {what} of ledger `{origin}`"), "a verifier key", chain(&error))
            })
        };
        Ok(Head {
            size: book.size,
            vkey: key("key", &book.vkey)?,
            recovery_vkey: key("recovery key", &book.recovery_vkey)?,
            checkpoint,
        })
    }

    fn scan_bundles(&self, origin: &str, range: Range<u64>, visit: &mut BundleVisitor<'_>) -> Result<(), Error> {
        let book = self.book(origin)?;
        scan_bundles(self.connection()?, &|doing, source| self.failed(doing)(source), &book, range, visit)
    }

    fn check_tables(&self, origin: &str) -> Result<(), Error> {
        let book = self.book(origin)?;
        tables::check(self.connection()?, &|doing, source| self.failed(doing)(source), &book)
    }

    fn positions(&self, origin: &str, stream: &str, range: Range<u64>, limit: usize) -> Result<Vec<u64>, Error> {
        let failed = || self.failed("read the index of streams");
        let book = self.book(origin)?;
        let mut statement = self
            .connection()?
            .prepare_cached(
                "SELECT place FROM ledger_position WHERE place >= ?3 AND place < ?4
                 AND stream = (SELECT id FROM ledger_stream WHERE ledger = ?1 AND name = ?2) ORDER BY place LIMIT ?5",
            )
            .map_err(failed())?;
        let end = range.end.min(book.size);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement
            .query_map(params![book.id, stream, range.start, end, limit], |row| row.get(0))
            .map_err(failed())?;
        rows.collect::<Result<_, _>>().map_err(failed())
    }

    fn streams(&self, origin: &str) -> Result<Vec<StreamHead>, Error> {
        let failed = || self.failed("read the streams");
        let book = self.book(origin)?;
        let mut statement = self
            .connection()?
            .prepare_cached("SELECT name, head, count FROM ledger_stream WHERE ledger = ?1 ORDER BY name")
            .map_err(failed())?;
        let rows = statement
            .query_map([book.id], |row| Ok(StreamHead { stream: row.get(0)?, head: row.get(1)?, count: row.get(2)? }))
            .map_err(failed())?;
        rows.collect::<Result<_, _>>().map_err(failed())
    }

    fn commands(&self, origin: &str, range: Range<u64>) -> Result<Vec<CommandPlace>, Error> {
        let failed = || self.failed("read the index of commands");
        let book = self.book(origin)?;
        let mut statement = self
            .connection()?
            .prepare_cached(
                "SELECT command, first, count FROM ledger_command WHERE ledger = ?1 AND first >= ?2 AND first < ?3
                 ORDER BY first",
            )
            .map_err(failed())?;
        let rows = statement
            .query_map(params![book.id, range.start, range.end.min(book.size)], |row| {
                Ok(CommandPlace { command: row.get(0)?, first: row.get(1)?, count: row.get(2)? })
            })
            .map_err(failed())?;
        rows.collect::<Result<_, _>>().map_err(failed())
    }

    fn command(&self, origin: &str, command: &str) -> Result<Option<CommandPlace>, Error> {
        let book = self.book(origin)?;
        command_place(self.connection()?, book.id, command).map_err(self.failed("look up a command"))
    }

    fn tile(&self, origin: &str, level: u32, index: u64) -> Result<Tile, Error> {
        let book = self.book(origin)?;
        let bytes = tile(self.connection()?, book.id, level, index).map_err(self.failed("read a tile"))?;
        let bytes = bytes.ok_or_else(|| Error::NotFound {
            origin: origin.to_owned(),
            what: format!("tile {index} of level {level}"),
        })?;
        read_tile(level, index, &bytes)
    }

    fn tile_places(&self, origin: &str) -> Result<Vec<(u32, u64)>, Error> {
        let failed = || self.failed("read tiles");
        let book = self.book(origin)?;
        let mut statement = self
            .connection()?
            .prepare_cached("SELECT level, number FROM ledger_tile WHERE ledger = ?1 ORDER BY level, number")
            .map_err(failed())?;
        let rows = statement.query_map([book.id], |row| Ok((row.get(0)?, row.get(1)?))).map_err(failed())?;
        rows.collect::<Result<_, _>>().map_err(failed())
    }

    fn checkpoint_from(&self, origin: &str, size: u64) -> Result<Option<SignedCheckpoint>, Error> {
        let book = self.book(origin)?;
        let note: Option<String> = self
            .connection()?
            .prepare_cached("SELECT note FROM ledger_checkpoint WHERE ledger = ?1 AND size >= ?2 ORDER BY size LIMIT 1")
            .and_then(|mut statement| {
                statement.query_row(params![book.id, storable(size)], |row| note_in(row, 0)).optional()
            })
            .map_err(self.failed("read a checkpoint"))?;
        note.map(|note| read_checkpoint(size, &note)).transpose()
    }

    fn checkpoint_notes(&self, origin: &str, range: Range<u64>, limit: usize) -> Result<Vec<(u64, String)>, Error> {
        let failed = || self.failed("read checkpoints");
        let book = self.book(origin)?;
        let mut statement = self
            .connection()?
            .prepare_cached(
                "SELECT size, note FROM ledger_checkpoint WHERE ledger = ?1 AND size >= ?2 AND size < ?3
                 ORDER BY size LIMIT ?4",
            )
            .map_err(failed())?;
        let (start, end) = (storable(range.start), storable(range.end));
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = statement.query(params![book.id, start, end, limit]).map_err(failed())?;
        let mut notes = Vec::new();
        while let Some(row) = rows.next().map_err(failed())? {
            let size: u64 = row.get(0).map_err(failed())?;
            let note = row.get_ref(1).and_then(|note| Ok(note.as_bytes()?.to_vec())).map_err(failed())?;
            let note = String::from_utf8(note)
                .map_err(|error| Corrupt::new(format!("the checkpoint at size {size}"), "text", error))?;
            notes.push((size, note));
        }
        Ok(notes)
    }

    fn anchors(&self, origin: &str) -> Result<Vec<Anchor>, Error> {
        let failed = || self.failed("read anchors");
        let book = self.book(origin)?;
        let mut statement = self
            .connection()?
            .prepare_cached("SELECT size, record FROM ledger_anchor WHERE ledger = ?1 ORDER BY size, kind, id")
            .map_err(failed())?;
        let mut rows = statement.query([book.id]).map_err(failed())?;
        let mut anchors = Vec::new();
        while let Some(row) = rows.next().map_err(failed())? {
            let (size, record): (u64, Vec<u8>) = (row.get(0).map_err(failed())?, row.get(1).map_err(failed())?);
            let anchor = serde_json::from_slice(&record)
                .map_err(|error| Corrupt::new(format!("an anchor at size {size}"), "an anchor record", error))?;
            anchors.push(anchor);
        }
        Ok(anchors)
    }

    fn snapshot(&self, origin: &str, rules: u32, size: u64) -> Result<Option<Snapshot>, Error> {
        let book = self.book(origin)?;
        let found: Option<(u64, String, Vec<u8>)> = self
            .connection()?
            .prepare_cached(
                "SELECT size, digest, state FROM ledger_snapshot WHERE ledger = ?1 AND rules = ?2 AND size <= ?3
                 ORDER BY size DESC LIMIT 1",
            )
            .and_then(|mut statement| {
                statement
                    .query_row(params![book.id, rules, size.min(book.size)], |row| {
                        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                    })
                    .optional()
            })
            .map_err(self.failed("read a snapshot"))?;
        let Some((size, digest, state)) = found else { return Ok(None) };
        let computed = Digest::of(&state).to_string();
        if computed != digest {
            return Err(Corrupt::new(format!("the snapshot at size {size}"), digest, computed).into());
        }
        Ok(Some(Snapshot { size, rules, state }))
    }
}

/// SQLite's integers end at 2^63 - 1; no ledger gets that long, so a larger bound means the same.
fn storable(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn read_tile(level: u32, index: u64, bytes: &[u8]) -> Result<Tile, Error> {
    Tile::from_bytes(bytes)
        .map_err(|error| Corrupt::new(format!("tile {index} of level {level}"), "1 to 256 hashes", error).into())
}

/// The note in a column. Bytes that are no UTF-8 are damage like any other: with marks in their place the note is none, or
/// its signature does not fit.
pub(super) fn note_in(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<String> {
    Ok(String::from_utf8_lossy(row.get_ref(column)?.as_bytes()?).into_owned())
}

fn read_checkpoint(size: u64, note: &str) -> Result<SignedCheckpoint, Error> {
    SignedCheckpoint::parse(note).map_err(|error| {
        Corrupt::new(format!("the checkpoint at or after size {size}"), "a signed checkpoint", error).into()
    })
}

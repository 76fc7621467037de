//! What only the database can tell of itself: trees and indexes that agree, references that lead somewhere, no row past the end.
//!
//! Indexes are no facts, but what a command finds by them is taken for the ledger: an index that has lost a row hides an entry,
//! and a row past the end would be taken for one as soon as the ledger is that long again.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::read::Book;
use crate::{
    error::{Corrupt, Error},
    tile::TILE_WIDTH,
};

/// The first row that names a place which the ledger does not have. ?1 is the ledger, ?2 its size, ?3 its whole bundles and ?4
/// the entries in them. A snapshot that a ledger cut short has left behind would be believed over the entries of another history.
const PAST_THE_END: &str = "
    SELECT 'ledger_bundle', number FROM ledger_bundle WHERE ledger = ?1 AND (number < 0 OR number >= ?3)
    UNION ALL
    SELECT 'ledger_tail', place FROM ledger_tail WHERE ledger = ?1 AND (place < ?4 OR place >= ?2)
    UNION ALL
    SELECT 'ledger_command', first FROM ledger_command
    WHERE ledger = ?1 AND (first < 0 OR count < 1 OR first + count > ?2)
    UNION ALL
    SELECT 'ledger_stream', head FROM ledger_stream WHERE ledger = ?1 AND (head < 0 OR head >= ?2)
    UNION ALL
    SELECT 'ledger_position', place FROM ledger_position JOIN ledger_stream ON ledger_stream.id = stream
    WHERE ledger = ?1 AND (place < 0 OR place >= ?2)
    UNION ALL
    SELECT 'ledger_snapshot', size FROM ledger_snapshot WHERE ledger = ?1 AND (size < 1 OR size > ?2)
    LIMIT 1";

pub(super) fn check(
    connection: &Connection,
    failed: &dyn Fn(&str, rusqlite::Error) -> Error,
    book: &Book,
) -> Result<(), Error> {
    let fail = |source| failed("check the tables", source);
    let whole = book.size / TILE_WIDTH;
    let stray: Option<(String, i64)> = connection
        .query_row(PAST_THE_END, params![book.id, book.size, whole, whole * TILE_WIDTH], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()
        .map_err(fail)?;
    if let Some((table, place)) = stray {
        let expected = format!("rows within the ledger's {} entries", book.size);
        return Err(Corrupt::new(format!("table `{table}`"), expected, format!("a row at {place}")).into());
    }
    let dangling: Option<String> =
        connection.query_row("PRAGMA foreign_key_check", [], |row| row.get(0)).optional().map_err(fail)?;
    if let Some(table) = dangling {
        let found = "a row that refers to none";
        return Err(Corrupt::new(format!("table `{table}`"), "rows that refer to rows which exist", found).into());
    }
    let verdict: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(fail)?;
    if verdict == "ok" {
        Ok(())
    } else {
        Err(Corrupt::new("the database's own structure", "trees and indexes that agree", format!("`{verdict}`")).into())
    }
}

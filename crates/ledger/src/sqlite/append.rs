//! Writing: each of these is one immediate transaction, and so one wait for the disk.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use tickmark_canonical::Digest;

use super::{
    SqliteStore, locked,
    read::{Book, book, command_place, note_in, read_tile, scan_bundles, tile},
};
use crate::{
    bundle,
    checkpoint::SignedCheckpoint,
    command::{Command, NewEntry, Receipt},
    control::{Control, KeyRotation, StreamMark},
    entry::{Entry, LEDGER_STREAM},
    error::{Corrupt, Error},
    hash::leaf_hash,
    key::{Signer, VerifierKey},
    name::check_origin,
    plan::{Before, Planned, plan},
    store::{CommandPlace, Found, Mark, Opening, Rotation, changed_entry, visit_whole},
    tile::{TILE_WIDTH, Tile, TileEdge},
};

/// What the book says after an append, when keys changed.
struct Keys<'a> {
    vkey: &'a VerifierKey,
    recovery_vkey: &'a VerifierKey,
}

impl SqliteStore {
    pub(super) fn create_ledger(&self, opening: &Opening<'_>) -> Result<Receipt, Error> {
        let origin = opening.origin;
        check_origin(origin)?;
        let (vkey, recovery_vkey) = (opening.signer.verifier(), opening.recovery_vkey);
        if vkey.name() != origin || recovery_vkey.name() != origin || vkey == recovery_vkey {
            return Err(Error::RotationRefused { reason: format!("the keys are not two keys of the name `{origin}`") });
        }
        let control = Control::LedgerOpened {
            origin: origin.to_owned(),
            vkey: vkey.clone(),
            recovery_vkey: recovery_vkey.clone(),
        };
        let command = Command {
            id: opening.command.to_owned(),
            author: opening.author.to_owned(),
            recorded_at: opening.recorded_at,
            entries: vec![NewEntry { stream: LEDGER_STREAM.to_owned(), body: control.to_body()? }],
        };
        let before = Before { origin: origin.to_owned(), edge: TileEdge::default(), heads: BTreeMap::new() };
        let planned = plan(before, &command, opening.signer)?;
        let mut writer = locked(&self.shared.writer);
        let transaction = self.shared.immediate(&mut writer)?;
        if let Some(existing) = book(&transaction, origin).map_err(self.failed("look up a ledger"))? {
            let same = self.recorded(&transaction, &existing, &command)?;
            return same.ok_or_else(|| Error::LedgerExists { origin: origin.to_owned() });
        }
        transaction
            .execute(
                "INSERT INTO ledger_book (origin, size, vkey, recovery_vkey) VALUES (?1, 1, ?2, ?3)",
                params![origin, vkey.to_string(), recovery_vkey.to_string()],
            )
            .map_err(self.failed("open a ledger"))?;
        let book = Book {
            id: transaction.last_insert_rowid(),
            size: 0,
            vkey: vkey.to_string(),
            recovery_vkey: recovery_vkey.to_string(),
        };
        let receipt = self.write_planned(&transaction, &book, &command.id, planned, None)?;
        self.shared.commit(transaction)?;
        Ok(receipt)
    }

    pub(super) fn append_in_transaction(
        &self,
        origin: &str,
        expected_size: u64,
        command: &Command,
        signer: &Signer,
        also: impl FnOnce(&Transaction<'_>, &Receipt) -> Result<(), Box<dyn std::error::Error + Send + Sync>>,
    ) -> Result<Receipt, Error> {
        command.check()?;
        let mut writer = locked(&self.shared.writer);
        let transaction = self.shared.immediate(&mut writer)?;
        let book = self.book_of(&transaction, origin)?;
        if let Some(receipt) = self.recorded(&transaction, &book, command)? {
            return Ok(receipt);
        }
        self.expect(&book, origin, expected_size, signer.verifier())?;
        let before = self.before(&transaction, &book, origin, command)?;
        let planned = plan(before, command, signer)?;
        let receipt = self.write_planned(&transaction, &book, &command.id, planned, None)?;
        also(&transaction, &receipt).map_err(Error::Caller)?;
        self.shared.commit(transaction)?;
        Ok(receipt)
    }

    pub(super) fn rotate_key(
        &self,
        origin: &str,
        expected_size: u64,
        rotation: &Rotation<'_>,
    ) -> Result<Receipt, Error> {
        let mut writer = locked(&self.shared.writer);
        let transaction = self.shared.immediate(&mut writer)?;
        let book = self.book_of(&transaction, origin)?;
        if let Some(place) = self.place(&transaction, &book, rotation.command)? {
            let entries = self.recorded_entries(&transaction, &book, &place)?;
            let same = matches!(entries.as_slice(), [(_, entry)] if matches!(Control::from_body(&entry.body),
                Ok(Control::KeyRotated(recorded)) if recorded.new_vkey == *rotation.new.verifier()));
            return if same { self.receipt(&transaction, &book, &place, &entries) } else { Err(reused(&place)) };
        }
        let (old_vkey, recovery): (VerifierKey, VerifierKey) = (book.vkey.parse()?, book.recovery_vkey.parse()?);
        self.expect(&book, origin, expected_size, &old_vkey)?;
        let edge = self.edge(&transaction, &book)?;
        let new_recovery = rotation.recovery_vkey.unwrap_or(&recovery);
        let mut body = KeyRotation {
            reason: rotation.reason,
            old_vkey: old_vkey.clone(),
            new_vkey: rotation.new.verifier().clone(),
            recovery_vkey: new_recovery.clone(),
            untrusted_from: rotation.untrusted_from,
            size: book.size,
            root: edge.root(),
            signatures: Vec::new(),
        };
        body.sign(origin, rotation.by);
        body.sign(origin, rotation.new);
        body.check(origin, &old_vkey, &recovery)?;
        let command = Command {
            id: rotation.command.to_owned(),
            author: rotation.author.to_owned(),
            recorded_at: rotation.recorded_at,
            entries: vec![NewEntry {
                stream: LEDGER_STREAM.to_owned(),
                body: Control::KeyRotated(Box::new(body)).to_body()?,
            }],
        };
        let before = self.before(&transaction, &book, origin, &command)?;
        let planned = plan(before, &command, rotation.new)?;
        let keys = Keys { vkey: rotation.new.verifier(), recovery_vkey: new_recovery };
        let receipt = self.write_planned(&transaction, &book, &command.id, planned, Some(keys))?;
        self.shared.commit(transaction)?;
        Ok(receipt)
    }

    pub(super) fn mark_streams(
        &self,
        origin: &str,
        expected_size: u64,
        mark: &Mark<'_>,
        signer: &Signer,
    ) -> Result<Receipt, Error> {
        let mut writer = locked(&self.shared.writer);
        let transaction = self.shared.immediate(&mut writer)?;
        let book = self.book_of(&transaction, origin)?;
        let streams: BTreeSet<&str> = mark.streams.iter().copied().filter(|stream| *stream != LEDGER_STREAM).collect();
        if let Some(place) = self.place(&transaction, &book, mark.command)? {
            let entries = self.recorded_entries(&transaction, &book, &place)?;
            let mut marked = BTreeSet::new();
            for (_, entry) in &entries {
                if let Ok(Control::StreamsMarked { heads }) = Control::from_body(&entry.body) {
                    marked.extend(heads.into_iter().map(|mark| mark.stream));
                }
            }
            let same = marked.iter().map(String::as_str).eq(streams.iter().copied());
            return if same { self.receipt(&transaction, &book, &place, &entries) } else { Err(reused(&place)) };
        }
        self.expect(&book, origin, expected_size, signer.verifier())?;
        let mut heads = Vec::new();
        for stream in streams {
            crate::name::check_name("stream", stream)?;
            let head = self.stream(&transaction, &book, stream)?.map(|(_, head)| head);
            heads.push(StreamMark { stream: stream.to_owned(), head });
        }
        // A mark of 32 streams with the longest names fits into one entry with room to spare.
        let marks = heads.chunks(32).map(|heads| {
            let body = Control::StreamsMarked { heads: heads.to_vec() }.to_body()?;
            Ok(NewEntry { stream: LEDGER_STREAM.to_owned(), body })
        });
        let command = Command {
            id: mark.command.to_owned(),
            author: mark.author.to_owned(),
            recorded_at: mark.recorded_at,
            entries: marks.collect::<Result<_, Error>>()?,
        };
        if command.entries.is_empty() {
            return Err(crate::error::InvalidEntry::EmptyCommand { command: command.id }.into());
        }
        let before = self.before(&transaction, &book, origin, &command)?;
        let planned = plan(before, &command, signer)?;
        let receipt = self.write_planned(&transaction, &book, &command.id, planned, None)?;
        self.shared.commit(transaction)?;
        Ok(receipt)
    }

    fn failed(&self, doing: &str) -> impl FnOnce(rusqlite::Error) -> Error {
        self.shared.failed(doing)
    }

    pub(super) fn book_of(&self, connection: &Connection, origin: &str) -> Result<Book, Error> {
        book(connection, origin)
            .map_err(self.failed("look up a ledger"))?
            .ok_or_else(|| Error::NoLedger { origin: origin.to_owned() })
    }

    fn expect(&self, book: &Book, origin: &str, expected_size: u64, vkey: &VerifierKey) -> Result<(), Error> {
        if book.size != expected_size {
            return Err(Error::Conflict { origin: origin.to_owned(), expected: expected_size, found: book.size });
        }
        if book.vkey != vkey.to_string() {
            return Err(Error::WrongKey {
                origin: origin.to_owned(),
                expected: book.vkey.clone(),
                found: vkey.to_string(),
            });
        }
        Ok(())
    }

    fn place(&self, connection: &Connection, book: &Book, command: &str) -> Result<Option<CommandPlace>, Error> {
        command_place(connection, book.id, command).map_err(self.failed("look up a command"))
    }

    /// The first receipt of a command that is recorded already; an error when its entries differ.
    fn recorded(&self, connection: &Connection, book: &Book, command: &Command) -> Result<Option<Receipt>, Error> {
        let Some(place) = self.place(connection, book, &command.id)? else { return Ok(None) };
        let entries = self.recorded_entries(connection, book, &place)?;
        // Everything but the time, the place and the chain, which a second attempt cannot repeat.
        let same = entries.len() == command.entries.len()
            && entries.iter().zip(&command.entries).all(|((_, recorded), new)| {
                recorded.author == command.author && recorded.stream == new.stream && recorded.body == new.body
            });
        if same { self.receipt(connection, book, &place, &entries).map(Some) } else { Err(reused(&place)) }
    }

    fn recorded_entries(
        &self,
        connection: &Connection,
        book: &Book,
        place: &CommandPlace,
    ) -> Result<Vec<(Digest, Entry)>, Error> {
        let range = place.first..place.first + place.count;
        let mut entries = Vec::new();
        scan_bundles(
            connection,
            &|doing, source| self.failed(doing)(source),
            book,
            range.clone(),
            &mut |first, bytes| {
                let tile = self.whole_tile(connection, book, 0, first / TILE_WIDTH)?;
                visit_whole(first, bytes, &tile, &range, &mut |index, entry| {
                    entries.push((leaf_hash(entry), crate::store::stored(index, entry)?.entry));
                    Ok(())
                })
                .map_err(|found| match found {
                    Found::Changed { index, computed, stored } => changed_entry(index, &computed, &stored).into(),
                    Found::Error(error) => error,
                })
            },
        )?;
        Ok(entries)
    }

    fn receipt(
        &self,
        connection: &Connection,
        book: &Book,
        place: &CommandPlace,
        entries: &[(Digest, Entry)],
    ) -> Result<Receipt, Error> {
        let size = place.first + place.count;
        let note: Option<String> = connection
            .query_row(
                "SELECT note FROM ledger_checkpoint WHERE ledger = ?1 AND size = ?2",
                params![book.id, size],
                |row| note_in(row, 0),
            )
            .optional()
            .map_err(self.failed("read a checkpoint"))?;
        let what = || format!("the checkpoint at size {size}");
        let note = note.ok_or_else(|| Corrupt::new(what(), "a checkpoint", "none"))?;
        let checkpoint = SignedCheckpoint::parse(&note).map_err(|error| Corrupt::new(what(), "a checkpoint", error))?;
        Ok(Receipt {
            first: place.first,
            count: place.count,
            leaf_hashes: entries.iter().map(|(hash, _)| *hash).collect(),
            checkpoint,
            repeated: true,
        })
    }

    fn edge(&self, connection: &Connection, book: &Book) -> Result<TileEdge, Error> {
        TileEdge::load(book.size, |level, index, width| {
            let tile = self.whole_tile(connection, book, level, index)?;
            if tile.hashes.len() as u64 == width {
                Ok(tile)
            } else {
                let (expected, found) = (format!("{width} hashes"), format!("{} hashes", tile.hashes.len()));
                Err(Corrupt::new(format!("tile {index} of level {level}"), expected, found).into())
            }
        })
    }

    fn whole_tile(&self, connection: &Connection, book: &Book, level: u32, index: u64) -> Result<Tile, Error> {
        let bytes = tile(connection, book.id, level, index).map_err(self.failed("read a tile"))?;
        let what = || format!("tile {index} of level {level}");
        read_tile(level, index, &bytes.ok_or_else(|| Corrupt::new(what(), "the hashes of stored entries", "no tile"))?)
    }

    fn before(&self, connection: &Connection, book: &Book, origin: &str, command: &Command) -> Result<Before, Error> {
        let mut heads = BTreeMap::new();
        for new in &command.entries {
            if !heads.contains_key(&new.stream)
                && let Some((_, head)) = self.stream(connection, book, &new.stream)?
            {
                heads.insert(new.stream.clone(), head);
            }
        }
        Ok(Before { origin: origin.to_owned(), edge: self.edge(connection, book)?, heads })
    }

    /// Id and last entry of a stream.
    fn stream(&self, connection: &Connection, book: &Book, stream: &str) -> Result<Option<(i64, u64)>, Error> {
        connection
            .prepare_cached("SELECT id, head FROM ledger_stream WHERE ledger = ?1 AND name = ?2")
            .and_then(|mut statement| {
                statement.query_row(params![book.id, stream], |row| Ok((row.get(0)?, row.get(1)?))).optional()
            })
            .map_err(self.failed("look up a stream"))
    }

    fn write_planned(
        &self,
        transaction: &Transaction<'_>,
        book: &Book,
        command: &str,
        planned: Planned,
        keys: Option<Keys<'_>>,
    ) -> Result<Receipt, Error> {
        let Planned { entries, tiles, checkpoint } = planned;
        let (first, count, size) = (book.size, entries.len() as u64, checkpoint.size());
        write(transaction, book, command, &checkpoint, &entries, &tiles)
            .and_then(|()| match keys {
                Some(keys) => transaction.execute(
                    "UPDATE ledger_book SET size = ?2, vkey = ?3, recovery_vkey = ?4 WHERE id = ?1",
                    params![book.id, size, keys.vkey.to_string(), keys.recovery_vkey.to_string()],
                ),
                None => transaction
                    .prepare_cached("UPDATE ledger_book SET size = ?2 WHERE id = ?1")?
                    .execute(params![book.id, size]),
            })
            .map_err(self.failed("append"))?;
        let leaf_hashes = entries.iter().map(|entry| entry.leaf_hash).collect();
        Ok(Receipt { first, count, leaf_hashes, checkpoint, repeated: false })
    }
}

fn reused(place: &CommandPlace) -> Error {
    Error::CommandReused { command: place.command.clone(), first: place.first }
}

fn write(
    transaction: &Transaction<'_>,
    book: &Book,
    command: &str,
    checkpoint: &SignedCheckpoint,
    entries: &[crate::plan::PlannedEntry],
    tiles: &[crate::tile::TileWrite],
) -> rusqlite::Result<()> {
    write_entries(transaction, book, entries)?;
    write_positions(transaction, book, entries)?;
    let mut statement = transaction.prepare_cached(
        "INSERT INTO ledger_tile (ledger, level, number, hashes) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (ledger, level, number) DO UPDATE SET hashes = excluded.hashes",
    )?;
    for write in tiles {
        statement.execute(params![book.id, write.level, write.index, write.tile.to_bytes()])?;
    }
    transaction
        .prepare_cached("INSERT INTO ledger_command (ledger, command, first, count) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![book.id, command, book.size, entries.len()])?;
    transaction
        .prepare_cached("INSERT INTO ledger_checkpoint (ledger, size, note) VALUES (?1, ?2, ?3)")?
        .execute(params![book.id, checkpoint.size(), checkpoint.to_note()])?;
    Ok(())
}

/// Whole bundles go to `ledger_bundle`, what remains to `ledger_tail`.
fn write_entries(
    transaction: &Transaction<'_>,
    book: &Book,
    entries: &[crate::plan::PlannedEntry],
) -> rusqlite::Result<()> {
    let whole_before = book.size / TILE_WIDTH;
    let whole_after = (book.size + entries.len() as u64) / TILE_WIDTH;
    let mut rest = entries;
    if whole_after > whole_before {
        let mut bytes = Vec::new();
        let mut held = 0;
        {
            let mut tail =
                transaction.prepare_cached("SELECT bytes FROM ledger_tail WHERE ledger = ?1 ORDER BY place")?;
            let mut rows = tail.query([book.id])?;
            while let Some(row) = rows.next()? {
                bundle::push(&mut bytes, row.get_ref(0)?.as_blob()?);
                held += 1;
            }
        }
        transaction.prepare_cached("DELETE FROM ledger_tail WHERE ledger = ?1")?.execute([book.id])?;
        let mut insert =
            transaction.prepare_cached("INSERT INTO ledger_bundle (ledger, number, bytes) VALUES (?1, ?2, ?3)")?;
        for number in whole_before..whole_after {
            let room = (TILE_WIDTH as usize).saturating_sub(held);
            let (taken, left) = rest.split_at_checked(room).unwrap_or((rest, &[]));
            taken.iter().for_each(|entry| bundle::push(&mut bytes, &entry.bytes));
            insert.execute(params![book.id, number, bytes])?;
            bytes.clear();
            held = 0;
            rest = left;
        }
    }
    let mut insert =
        transaction.prepare_cached("INSERT INTO ledger_tail (ledger, place, bytes) VALUES (?1, ?2, ?3)")?;
    for entry in rest {
        insert.execute(params![book.id, entry.index, entry.bytes])?;
    }
    Ok(())
}

fn write_positions(
    transaction: &Transaction<'_>,
    book: &Book,
    entries: &[crate::plan::PlannedEntry],
) -> rusqlite::Result<()> {
    let mut streams: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for entry in entries {
        let (head, count) = streams.entry(&entry.stream).or_default();
        *head = entry.index;
        *count += 1;
    }
    let mut ids: BTreeMap<&str, i64> = BTreeMap::new();
    let mut upsert = transaction.prepare_cached(
        "INSERT INTO ledger_stream (ledger, name, head, count) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (ledger, name) DO UPDATE SET head = excluded.head, count = count + excluded.count RETURNING id",
    )?;
    for (stream, (head, count)) in streams {
        let id = upsert.query_row(params![book.id, stream, head, count], |row| row.get(0))?;
        ids.insert(stream, id);
    }
    let mut insert = transaction.prepare_cached("INSERT INTO ledger_position (stream, place) VALUES (?1, ?2)")?;
    for entry in entries {
        insert.execute(params![ids.get(entry.stream.as_str()), entry.index])?;
    }
    Ok(())
}

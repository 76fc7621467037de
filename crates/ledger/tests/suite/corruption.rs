//! One flipped bit anywhere, a ledger cut short, an index that lies: found, and the right thing named.

use std::{fs, path::Path};

use crate::support::{Ledger, ORIGIN, check_store, open_and_check};
use proptest::prelude::*;
use rusqlite::{Connection, params};
use tickmark_ledger::{Reader as _, SqliteStore, Store as _, Trust};

/// A filled ledger's file with everything in the main file, so that copies are whole.
fn settled() -> (tempfile::TempDir, Vec<u8>) {
    let ledger = Ledger::filled();
    let path = ledger.path();
    let Ledger { folder, store, .. } = ledger;
    drop(store);
    let connection = Connection::open(&path).expect("opens");
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("settled");
    drop(connection);
    (folder, fs::read(&path).expect("reads"))
}

fn tampered(bytes: &[u8], change: impl FnOnce(&Connection)) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("ledger.db");
    fs::write(&path, bytes).expect("writes");
    let connection = Connection::open(&path).expect("opens");
    connection.execute_batch("PRAGMA foreign_keys = OFF").expect("off");
    // Whoever tampers with a file is not stopped by its triggers.
    let triggers: Vec<String> = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
        .and_then(|mut statement| statement.query_map([], |row| row.get(0))?.collect())
        .expect("lists");
    for trigger in triggers {
        connection.execute_batch(&format!("DROP TRIGGER {trigger}")).expect("dropped");
    }
    change(&connection);
    drop(connection);
    (folder, path)
}

fn found(path: &Path) -> String {
    open_and_check(path).map(|_| "nothing".to_owned()).unwrap_or_else(|error| error.to_string())
}

#[test]
fn an_intact_ledger_passes() {
    let ledger = Ledger::filled();
    let report = ledger.check(&Trust::default()).expect("passes");
    assert_eq!(report.size, 1 + 600 + 1 + 1 + 2);
    assert_eq!(report.checkpoints, 1 + 30 + 1 + 1 + 1);
    assert_eq!(report.keys.periods().count(), 2);
    let entries = report.entries.expect("everything was read");
    assert_eq!((entries.streams, entries.commands, entries.clock_set_back), (4, 34, 0));
}

#[test]
fn a_clock_that_was_set_back_is_counted() {
    let ledger = Ledger::new();
    for (id, second) in [("a", 100), ("b", 200), ("back", 150), ("still", 150), ("c", 300), ("again", 299)] {
        ledger.append(id, second, &[("stream", 1)]);
    }
    let entries = ledger.check(&Trust::default()).expect("passes").entries.expect("everything was read");
    assert_eq!(entries.clock_set_back, 3, "`back` and `still` say a time before `b`, `again` one before `c`");
}

#[test]
fn table_of_tampering() {
    let (_folder, bytes) = settled();
    type Change = (&'static str, &'static str, &'static str);
    let changes: [Change; 29] = [
        (
            "an entry of a bundle",
            "UPDATE ledger_bundle SET bytes = CAST(replace(CAST(bytes AS TEXT), '\"number\":7', '\"number\":8') AS BLOB) WHERE number = 1",
            "entry 269 is wrong",
        ),
        (
            "an entry of the tail",
            "UPDATE ledger_tail SET bytes = CAST(replace(CAST(bytes AS TEXT), 'fact', 'fake') AS BLOB) WHERE place = 604",
            "entry 604",
        ),
        ("a bundle gone", "DELETE FROM ledger_bundle WHERE number = 0", "entry 0"),
        ("the last entry gone", "DELETE FROM ledger_tail WHERE place = 604", "entry 604"),
        ("a tail entry in between gone", "DELETE FROM ledger_tail WHERE place = 600", "entry 600"),
        (
            "two entries swapped",
            "UPDATE ledger_tail SET place = CASE place WHEN 520 THEN -1 ELSE place END; UPDATE ledger_tail SET place = 520 WHERE place = 521; UPDATE ledger_tail SET place = 521 WHERE place = -1",
            "entry 520",
        ),
        (
            "the newest checkpoint, which is no text any more",
            "UPDATE ledger_checkpoint SET note = CAST(X'FF' || CAST(note AS BLOB) AS TEXT) WHERE size = (SELECT max(size) FROM ledger_checkpoint)",
            "checkpoint",
        ),
        ("the size in the book", "UPDATE ledger_book SET size = size - 1", "newest checkpoint"),
        ("the key in the book", "UPDATE ledger_book SET vkey = recovery_vkey", "newest checkpoint"),
        ("the recovery key in the book", "UPDATE ledger_book SET recovery_vkey = vkey", "recovery key"),
        ("a tile gone", "DELETE FROM ledger_tile WHERE level = 0 AND number = 1", "tile 1 of level 0"),
        (
            "a tile too many",
            "INSERT INTO ledger_tile (ledger, level, number, hashes) SELECT ledger, 7, 0, hashes FROM ledger_tile LIMIT 1",
            "the tiles",
        ),
        (
            "an old checkpoint's note",
            "UPDATE ledger_checkpoint SET note = (SELECT note FROM ledger_checkpoint WHERE size = 21) WHERE size = 41",
            "the checkpoint at size 41",
        ),
        (
            "an old checkpoint under the other key",
            "UPDATE ledger_checkpoint SET note = replace(note, char(10) || char(10), char(10) || 'more' || char(10) || char(10)) WHERE size = 41",
            "the checkpoint at size 41",
        ),
        ("an old checkpoint gone", "DELETE FROM ledger_checkpoint WHERE size = 41", "the checkpoint at size 41"),
        ("the newest checkpoint gone", "DELETE FROM ledger_checkpoint WHERE size = 605", "newest checkpoint"),
        ("a command's place", "UPDATE ledger_command SET first = first + 1 WHERE command = 'c3'", "index of commands"),
        ("a command gone", "DELETE FROM ledger_command WHERE command = 'c3'", "index of commands"),
        ("a place in a stream gone", "DELETE FROM ledger_position WHERE place = 100", "index of stream"),
        (
            "a stream's head",
            "UPDATE ledger_stream SET head = head - 1 WHERE name = 'engagement/2'",
            "index of stream `engagement/2`",
        ),
        (
            "a stream renamed",
            "UPDATE ledger_stream SET name = 'engagement/9' WHERE name = 'engagement/2'",
            "index of streams",
        ),
        (
            "a place in a stream past the end",
            "INSERT INTO ledger_position (stream, place) SELECT stream, 605 FROM ledger_position LIMIT 1",
            "table `ledger_position`",
        ),
        (
            "a command past the end",
            "INSERT INTO ledger_command (ledger, command, first, count) SELECT ledger, 'later', 605, 1 FROM ledger_command LIMIT 1",
            "table `ledger_command`",
        ),
        (
            "an entry past the end",
            "INSERT INTO ledger_tail (ledger, place, bytes) SELECT ledger, 605, bytes FROM ledger_tail WHERE place = 604",
            "table `ledger_tail`",
        ),
        (
            "an entry of a bundle kept a second time",
            "INSERT INTO ledger_tail (ledger, place, bytes) SELECT ledger, 7, bytes FROM ledger_tail WHERE place = 604",
            "table `ledger_tail`",
        ),
        (
            "a bundle past the end",
            "INSERT INTO ledger_bundle (ledger, number, bytes) SELECT ledger, 2, bytes FROM ledger_bundle WHERE number = 1",
            "table `ledger_bundle`",
        ),
        (
            "a snapshot of a longer history",
            "INSERT INTO ledger_snapshot (ledger, rules, size, digest, state) SELECT id, 1, 606, '', X'00' FROM ledger_book",
            "table `ledger_snapshot`",
        ),
        (
            "a place in a stream that there is not",
            "INSERT INTO ledger_position (stream, place) VALUES (99, 100)",
            "table `ledger_position` is wrong: expected rows that refer to rows which exist",
        ),
        (
            "an index that has lost its rows",
            "PRAGMA writable_schema = ON; \
             UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_ledger_anchor_1') \
             WHERE name = 'sqlite_autoindex_ledger_snapshot_1'",
            "the database's own structure",
        ),
    ];
    for (why, sql, expected) in changes {
        let (_folder, path) = tampered(&bytes, |connection| connection.execute_batch(sql).expect(why));
        let found = found(&path);
        assert!(found.contains(expected), "{why}: expected `{expected}` in `{found}`");
    }
    let (_folder, path) = tampered(&bytes, |_| ());
    assert_eq!(found(&path), "nothing");
}

/// Flips one bit of a blob or text column.
fn flip(connection: &Connection, table: &str, column: &str, pick: usize, bit: usize) -> String {
    let count: usize =
        connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).expect("count");
    let key = if table == "ledger_checkpoint" { "size" } else { "id" };
    let (id, mut bytes): (i64, Vec<u8>) = connection
        .query_row(
            &format!("SELECT {key}, CAST({column} AS BLOB) FROM {table} ORDER BY {key} LIMIT 1 OFFSET ?1"),
            [pick % count],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .expect("reads");
    let bit = bit % (bytes.len() * 8);
    bytes[bit / 8] ^= 1 << (bit % 8);
    let kind = if column == "note" { "TEXT" } else { "BLOB" };
    connection
        .execute(&format!("UPDATE {table} SET {column} = CAST(?1 AS {kind}) WHERE {key} = ?2"), params![bytes, id])
        .expect("writes");
    format!("bit {bit} of {table}.{column} in {id}")
}

/// An entry is compared with its leaf hash before anybody decodes it, so no change of its words is told as words of another
/// version, and nobody who reads it without a check is given them.
#[test]
fn whoever_reads_a_changed_entry_is_told_of_damage() {
    let (_folder, bytes) = settled();
    let changes = [
        (
            300,
            "UPDATE ledger_bundle SET bytes = CAST(replace(CAST(bytes AS TEXT), '\"fact\"', '\"fbct\"') AS BLOB) WHERE number = 1",
        ),
        (
            604,
            "UPDATE ledger_tail SET bytes = CAST(replace(CAST(bytes AS TEXT), 'fact', 'fbct') AS BLOB) WHERE place = 604",
        ),
    ];
    for (index, sql) in changes {
        let (_folder, path) = tampered(&bytes, |connection| connection.execute_batch(sql).expect("changed"));
        let reader = SqliteStore::open(&path).expect("opens").view().expect("view");
        let stream = reader.streams(ORIGIN).expect("streams").remove(0).stream;
        let told = [
            reader.entry(ORIGIN, index).map(|_| ()),
            reader.entries(ORIGIN, 0..605).map(|_| ()),
            reader.scan(ORIGIN, index..index + 1, &mut |_, _| Ok(())),
            reader.entries_of_stream(ORIGIN, &stream, 0..605, usize::MAX).map(|_| ()),
        ];
        for error in told.map(|result| result.expect_err("damaged")) {
            let corrupt = error.corrupt().expect("damage");
            assert!(corrupt.what.starts_with("entry "), "{corrupt}");
            assert!(corrupt.expected.starts_with("bytes with leaf hash"), "{corrupt}");
        }
        reader.entry(ORIGIN, 3).expect("another entry is as it was");
    }
    let (_folder, path) = tampered(&bytes, |connection| {
        connection
            .execute_batch("UPDATE ledger_tile SET hashes = zeroblob(length(hashes)) WHERE level = 0 AND number = 0")
            .expect("changed");
    });
    let reader = SqliteStore::open(&path).expect("opens").view().expect("view");
    let error = reader.entry(ORIGIN, 92).expect_err("the tile is damaged").to_string();
    assert!(error.starts_with("hash 92 of tile 0 of level 0"), "the tile is blamed, not the entry: {error}");
}

#[test]
fn a_command_that_comes_again_is_not_answered_from_a_changed_entry() {
    let (_folder, bytes) = settled();
    let (_folder, path) = tampered(&bytes, |connection| {
        connection
            .execute_batch("UPDATE ledger_tail SET bytes = CAST(replace(CAST(bytes AS TEXT), 'fact', 'fbct') AS BLOB) WHERE place = 604")
            .expect("changed");
    });
    let store = SqliteStore::open(&path).expect("opens");
    let again = crate::support::command("last", 50, &[("organization", 1), ("engagement/2", 2)]);
    let error = store.append(ORIGIN, 605, &again, &crate::support::key(3)).expect_err("damaged");
    assert!(error.corrupt().is_some(), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn one_flipped_bit_in_any_fact_is_found(kind in 0_usize..4, pick in any::<usize>(), bit in any::<usize>()) {
        static SETTLED: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(|| settled().1);
        let (table, column) = [
            ("ledger_bundle", "bytes"), ("ledger_tail", "bytes"), ("ledger_tile", "hashes"), ("ledger_checkpoint", "note"),
        ][kind];
        let mut what = String::new();
        let (_folder, path) = tampered(&SETTLED, |connection| what = flip(connection, table, column, pick, bit));
        let error = open_and_check(&path).expect_err(&what);
        prop_assert!(error.corrupt().is_some(), "{}: {:?}", what, error);
    }

    #[test]
    fn one_flipped_bit_anywhere_in_the_file_is_found_or_harms_no_fact(place in any::<usize>(), bit in 0_u8..8) {
        static SETTLED: std::sync::LazyLock<(Vec<u8>, tickmark_canonical::Digest)> = std::sync::LazyLock::new(|| {
            let bytes = settled().1;
            let (_folder, path) = tampered(&bytes, |_| ());
            let root = open_and_check(&path).expect("intact").root;
            (bytes, root)
        });
        let (bytes, root) = &*SETTLED;
        let mut changed = bytes.clone();
        let place = place % changed.len();
        changed[place] ^= 1 << bit;
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("ledger.db");
        fs::write(&path, &changed).expect("writes");
        if let Ok(report) = open_and_check(&path) {
            prop_assert_eq!(report.root, *root);
            let store = SqliteStore::open(&path).expect("opens");
            let reader = store.view().expect("view");
            for stream in reader.streams(ORIGIN).expect("streams") {
                let entries = reader.entries_of_stream(ORIGIN, &stream.stream, 0..report.size, usize::MAX).expect("entries");
                prop_assert_eq!(entries.len() as u64, stream.count);
            }
        }
    }
}

#[test]
fn a_ledger_put_back_to_an_earlier_copy_is_found_by_its_anchor() {
    use tickmark_ledger::anchor::cosignature;
    let ledger = Ledger::new();
    ledger.append("a", 1, &[("s", 1)]);
    let copy = tempfile::tempdir().expect("folder");
    let earlier = copy.path().join("ledger.db");
    let connection = Connection::open(ledger.path()).expect("opens");
    connection.execute("VACUUM INTO ?1", [earlier.to_str().expect("text")]).expect("copied");
    let receipt = ledger.append("b", 2, &[("s", 2)]);

    let witness = tickmark_ledger::Signer::generate_cosigner("witness.example").expect("key");
    let line = cosignature::cosign(&witness, &receipt.checkpoint, crate::support::at(3)).expect("cosigned");
    let anchor =
        cosignature::anchor(tickmark_ledger::AnchorKind::Witness, &receipt.checkpoint, &line, witness.verifier())
            .expect("anchor");
    let trust =
        Trust { witnesses: vec![witness.verifier().clone()], anchors: vec![anchor.clone()], ..Trust::default() };
    ledger.check(&trust).expect("the ledger as it is agrees");

    // The copy is consistent in itself: only the anchor tells.
    let store = SqliteStore::open(&earlier).expect("opens");
    check_store(&store, &Trust::default()).expect("consistent in itself");
    let error = check_store(&store, &trust).expect_err("cut short").to_string();
    assert!(error.contains("cut short"), "{error}");

    // Rebuilt with other content and signed with the right key: again only the anchor tells.
    store.append(ORIGIN, 2, &crate::support::command("c", 2, &[("s", 3)]), &crate::support::key(1)).expect("rewritten");
    check_store(&store, &Trust::default()).expect("consistent in itself");
    let error = check_store(&store, &trust).expect_err("rewritten").to_string();
    assert!(error.contains("history was rewritten"), "{error}");
    store.put_anchor(ORIGIN, &anchor).expect("kept");
    let error = check_store(&store, &Trust::default()).expect_err("kept anchors are compared too").to_string();
    assert!(error.contains("history was rewritten"), "{error}");
}

#[test]
fn a_ledger_signed_again_with_another_key_is_found_by_its_anchor() {
    use tickmark_ledger::{AnchorKind, anchor::cosignature};
    let ledger = Ledger::new();
    let receipt = ledger.append("a", 1, &[("s", 1)]);
    let witness = tickmark_ledger::Signer::generate_cosigner("witness.example").expect("key");
    let line = cosignature::cosign(&witness, &receipt.checkpoint, crate::support::at(3)).expect("cosigned");
    let anchor =
        cosignature::anchor(AnchorKind::Witness, &receipt.checkpoint, &line, witness.verifier()).expect("anchor");
    let folder = tempfile::tempdir().expect("folder");
    let store = SqliteStore::open(&folder.path().join("ledger.db")).expect("opens");
    store
        .create(&tickmark_ledger::Opening {
            origin: ORIGIN,
            signer: &crate::support::key(7),
            recovery_vkey: crate::support::key(8).verifier(),
            author: "person/1",
            command: "open",
            recorded_at: crate::support::at(0),
        })
        .expect("created");
    store.append(ORIGIN, 1, &crate::support::command("a", 1, &[("s", 1)]), &crate::support::key(7)).expect("appended");
    let error =
        check_store(&store, &Trust { anchors: vec![anchor], ..Trust::default() }).expect_err("found").to_string();
    assert!(error.contains("signed by none of its keys"), "{error}");
}

//! The store's promises, one test each.

use jiff::Timestamp;
use serde_json::json;

use super::*;
use crate::{
    command::NewEntry, control::RotationReason, hash::leaf_hash, key::KeyUse, key_chain::KeyChain, proof,
    store::Reader as _,
};

const ORIGIN: &str = "example.com/ledger";

pub(crate) fn signer(seed: u8) -> Signer {
    Signer::from_seed(ORIGIN, KeyUse::Note, &[seed; 32]).expect("key")
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).expect("instant")
}

fn command(id: &str, entries: &[(&str, u64)]) -> Command {
    Command {
        id: id.to_owned(),
        author: "person/1".to_owned(),
        recorded_at: at(1),
        entries: entries
            .iter()
            .map(|(stream, number)| NewEntry { stream: (*stream).to_owned(), body: json!({"number": number}) })
            .collect(),
    }
}

fn opened() -> (tempfile::TempDir, SqliteStore) {
    let folder = tempfile::tempdir().expect("folder");
    let store = SqliteStore::open(&folder.path().join("ledger.db")).expect("opens");
    let (signer, recovery) = (signer(1), signer(2));
    store
        .create(&Opening {
            origin: ORIGIN,
            signer: &signer,
            recovery_vkey: recovery.verifier(),
            author: "person/1",
            command: "open",
            recorded_at: at(0),
        })
        .expect("created");
    (folder, store)
}

#[test]
fn what_is_appended_reads_back_with_proofs() {
    let (_folder, store) = opened();
    let mut size = 1;
    for n in 0..20_u64 {
        let many: Vec<_> = (0..=n * 3).map(|k| (if k % 3 == 0 { "organization" } else { "engagement/1" }, k)).collect();
        let receipt = store.append(ORIGIN, size, &command(&format!("c{n}"), &many), &signer(1)).expect("appended");
        assert_eq!((receipt.first, receipt.count, receipt.repeated), (size, many.len() as u64, false));
        size = receipt.size();
        receipt.checkpoint.verify(signer(1).verifier()).expect("signed");
    }
    let reader = store.view().expect("view");
    let head = reader.head(ORIGIN).expect("head");
    assert_eq!(head.size, size);
    assert!(size > 512, "whole bundles and a tail: {size}");
    let entries = reader.entries(ORIGIN, 0..size).expect("entries");
    assert_eq!(entries.len() as u64, size);
    let hashes = reader.leaf_hashes(ORIGIN, 0..size).expect("hashes");
    for entry in &entries {
        assert_eq!(entry.leaf_hash(), hashes[entry.index as usize]);
        assert_eq!(reader.entry(ORIGIN, entry.index).expect("entry"), *entry);
        let path = reader.inclusion_proof(ORIGIN, entry.index, size).expect("proof");
        proof::verify_inclusion(&leaf_hash(&entry.bytes), entry.index, size, &path, head.checkpoint.root())
            .expect("in");
    }
    let first = reader.checkpoint(ORIGIN, 1).expect("checkpoint");
    let path = reader.consistency_proof(ORIGIN, 1, size).expect("proof");
    proof::verify_consistency(1, size, first.root(), head.checkpoint.root(), &path).expect("consistent");
    for stream in reader.streams(ORIGIN).expect("streams") {
        let of_stream = reader.entries_of_stream(ORIGIN, &stream.stream, 0..size, usize::MAX).expect("stream");
        assert_eq!(of_stream.len() as u64, stream.count);
        assert_eq!(of_stream.last().map(|entry| entry.index), Some(stream.head));
        let expected: Vec<_> = entries.iter().filter(|entry| entry.entry.stream == stream.stream).cloned().collect();
        assert_eq!(of_stream, expected);
        let page = reader.entries_of_stream(ORIGIN, &stream.stream, 100..size, 7).expect("page");
        assert_eq!(page, expected.into_iter().filter(|entry| entry.index >= 100).take(7).collect::<Vec<_>>());
    }
    assert!(matches!(reader.entry(ORIGIN, size), Err(Error::NotFound { .. })));
    drop(reader);
    SqliteStore::open(store.path()).expect("opens again");
}

#[test]
fn a_writer_that_lost_is_told() {
    let (_folder, store) = opened();
    store.append(ORIGIN, 1, &command("a", &[("s", 1)]), &signer(1)).expect("first");
    let lost = store.append(ORIGIN, 1, &command("b", &[("s", 2)]), &signer(1));
    assert!(matches!(lost, Err(Error::Conflict { expected: 1, found: 2, .. })));
    assert_eq!(store.view().and_then(|reader| reader.size(ORIGIN)).expect("size"), 2);
}

#[test]
fn a_command_counts_once() {
    let (_folder, store) = opened();
    let first = store.append(ORIGIN, 1, &command("a", &[("s", 1), ("s", 2)]), &signer(1)).expect("first");
    store.append(ORIGIN, 3, &command("b", &[("s", 3)]), &signer(1)).expect("second");
    let mut later = command("a", &[("s", 1), ("s", 2)]);
    later.recorded_at = at(99);
    let again = store.append(ORIGIN, 1, &later, &signer(1)).expect("again");
    assert_eq!(again, Receipt { repeated: true, ..first });
    let other = store.append(ORIGIN, 4, &command("a", &[("s", 1)]), &signer(1));
    assert!(matches!(other, Err(Error::CommandReused { first: 1, .. })));
    assert_eq!(store.view().and_then(|reader| reader.size(ORIGIN)).expect("size"), 4);
}

#[test]
fn what_must_not_be_written_is_refused_whole() {
    let (_folder, store) = opened();
    let mut float = command("f", &[("s", 1)]);
    float.entries.push(NewEntry { stream: "s".into(), body: json!(0.5) });
    for bad in [command("e", &[]), command("l", &[("ledger", 1)]), command("n", &[("two words", 1)]), float] {
        assert!(matches!(store.append(ORIGIN, 1, &bad, &signer(1)), Err(Error::InvalidEntry(_))), "{bad:?}");
    }
    let wrong = store.append(ORIGIN, 1, &command("a", &[("s", 1)]), &signer(9));
    assert!(matches!(wrong, Err(Error::WrongKey { .. })));
    let none = store.append("example.com/none", 1, &command("a", &[("s", 1)]), &signer(1));
    assert!(matches!(none, Err(Error::NoLedger { .. })));
    assert_eq!(store.view().and_then(|reader| reader.size(ORIGIN)).expect("size"), 1);
}

#[test]
fn one_file_holds_many_ledgers() {
    let (_folder, store) = opened();
    let other = "example.com/other";
    let key = |seed| Signer::from_seed(other, KeyUse::Note, &[seed; 32]).expect("key");
    let (first_key, recovery, other_recovery) = (key(3), key(4), key(5));
    let opening = Opening {
        origin: other,
        signer: &first_key,
        recovery_vkey: recovery.verifier(),
        author: "person/1",
        command: "open",
        recorded_at: at(0),
    };
    let first = store.create(&opening).expect("created");
    assert_eq!(store.create(&opening).expect("again"), Receipt { repeated: true, ..first });
    let different = store.create(&Opening { recovery_vkey: other_recovery.verifier(), ..opening });
    assert!(matches!(different, Err(Error::CommandReused { .. })));
    store.append(other, 1, &command("a", &[("s", 1)]), &key(3)).expect("appended");
    let reader = store.view().expect("view");
    assert_eq!(reader.origins().expect("origins"), [ORIGIN, other]);
    assert_eq!((reader.size(ORIGIN).expect("size"), reader.size(other).expect("size")), (1, 2));
}

#[test]
fn the_applications_tables_change_with_the_append_or_not_at_all() {
    let (_folder, store) = opened();
    store.write(|transaction| transaction.execute_batch("CREATE TABLE outbox (first INTEGER) STRICT")).expect("made");
    let count = |store: &SqliteStore| {
        let reader = store.view().expect("view");
        let connection = reader.connection().expect("connection");
        connection.query_row("SELECT count(*) FROM outbox", [], |row| row.get::<_, i64>(0)).expect("count")
    };
    store
        .append_with(ORIGIN, 1, &command("a", &[("s", 1)]), &signer(1), |transaction, receipt| {
            transaction.execute("INSERT INTO outbox VALUES (?1)", [receipt.first])?;
            Ok(())
        })
        .expect("appended");
    assert_eq!(count(&store), 1);
    let failed = store.append_with(ORIGIN, 2, &command("b", &[("s", 2)]), &signer(1), |transaction, receipt| {
        transaction.execute("INSERT INTO outbox VALUES (?1)", [receipt.first])?;
        Err("the caller changed its mind".into())
    });
    assert!(matches!(failed, Err(Error::Caller(_))));
    assert_eq!(count(&store), 1);
    assert_eq!(store.view().and_then(|reader| reader.size(ORIGIN)).expect("size"), 2);
}

#[test]
fn a_reader_sees_one_moment() {
    let (_folder, store) = opened();
    let reader = store.view().expect("view");
    store.append(ORIGIN, 1, &command("a", &[("s", 1)]), &signer(1)).expect("appended");
    assert_eq!(reader.size(ORIGIN).expect("size"), 1);
    assert_eq!(store.view().and_then(|later| later.size(ORIGIN)).expect("size"), 2);
}

#[test]
fn snapshots_are_found_by_size_and_rules_and_pruned() {
    let (_folder, store) = opened();
    for n in 1..10 {
        store.append(ORIGIN, n, &command(&format!("c{n}"), &[("s", n)]), &signer(1)).expect("appended");
    }
    for (size, rules) in [(2, 1), (5, 1), (8, 1), (6, 2)] {
        store.put_snapshot(ORIGIN, &Snapshot { size, rules, state: vec![size as u8; 3] }).expect("kept");
    }
    let newest = |rules, size| store.view().and_then(|reader| reader.snapshot(ORIGIN, rules, size)).expect("reads");
    assert_eq!(newest(1, 7).map(|snapshot| snapshot.size), Some(5));
    assert_eq!(newest(1, u64::MAX), Some(Snapshot { size: 8, rules: 1, state: vec![8; 3] }));
    assert_eq!(newest(1, 1), None);
    assert_eq!(newest(3, 9), None);
    store.prune_snapshots(ORIGIN, 1).expect("pruned");
    assert_eq!(newest(1, 7), None);
    assert_eq!(newest(2, 9).map(|snapshot| snapshot.size), Some(6));
}

fn rotation<'a>(reason: RotationReason, by: &'a Signer, new: &'a Signer, command: &'a str) -> Rotation<'a> {
    Rotation {
        reason,
        by,
        new,
        recovery_vkey: None,
        untrusted_from: None,
        author: "person/1",
        command,
        recorded_at: at(5),
    }
}

#[test]
fn keys_rotate_by_the_rules_only() {
    let (_folder, store) = opened();
    let (old, recovery, new, newer, newest, thief) =
        (signer(1), signer(2), signer(3), signer(4), signer(5), signer(66));
    use RotationReason::{Compromise, Loss, Routine};
    let refused = |rotation: Rotation<'_>, size: u64| {
        let result = store.rotate(ORIGIN, size, &rotation);
        assert!(matches!(result, Err(Error::RotationRefused { .. })), "{rotation:?}: {result:?}");
    };
    refused(rotation(Routine, &thief, &new, "r"), 1);
    refused(rotation(Routine, &recovery, &new, "r"), 1);
    refused(rotation(Loss, &old, &new, "r"), 1);
    refused(rotation(Compromise, &recovery, &new, "r"), 1);
    refused(Rotation { untrusted_from: Some(2), ..rotation(Compromise, &recovery, &new, "r") }, 1);
    refused(Rotation { untrusted_from: Some(1), ..rotation(Routine, &old, &new, "r") }, 1);
    refused(Rotation { recovery_vkey: Some(thief.verifier()), ..rotation(Routine, &old, &new, "r") }, 1);
    refused(rotation(Routine, &old, &recovery, "r"), 1);
    refused(rotation(Routine, &old, &old, "r"), 1);

    let receipt = store.rotate(ORIGIN, 1, &rotation(Routine, &old, &new, "r1")).expect("rotated");
    receipt.checkpoint.verify(new.verifier()).expect("signed by the new key");
    let again = store.rotate(ORIGIN, 1, &rotation(Routine, &old, &new, "r1")).expect("again");
    assert!(again.repeated);
    let stale = store.append(ORIGIN, 2, &command("a", &[("s", 1)]), &old);
    assert!(matches!(stale, Err(Error::WrongKey { .. })));
    store.append(ORIGIN, 2, &command("a", &[("s", 1)]), &new).expect("appended");
    store.rotate(ORIGIN, 3, &rotation(Loss, &recovery, &newer, "r2")).expect("rotated");
    store.append(ORIGIN, 4, &command("b", &[("s", 2)]), &newer).expect("appended");
    let recovery_after = signer(7);
    let compromise = Rotation {
        untrusted_from: Some(4),
        recovery_vkey: Some(recovery_after.verifier()),
        ..rotation(Compromise, &recovery, &newest, "r3")
    };
    store.rotate(ORIGIN, 5, &compromise).expect("rotated");
    refused(rotation(Loss, &recovery, &signer(8), "r4"), 6);

    let reader = store.view().expect("view");
    let mut chain = KeyChain::open(ORIGIN, &reader.entry(ORIGIN, 0).expect("entry").entry).expect("opens");
    for entry in reader.entries_of_stream(ORIGIN, "ledger", 1..6, usize::MAX).expect("entries") {
        chain.follow(entry.index, &entry.entry, || reader.root(ORIGIN, entry.index)).expect("follows");
    }
    let periods: Vec<_> =
        chain.periods().map(|period| (period.vkey.clone(), period.from_size, period.untrusted_from)).collect();
    let key = |signer: &Signer| signer.verifier().clone();
    assert_eq!(
        periods,
        [(key(&old), 1, None), (key(&new), 2, None), (key(&newer), 4, Some(4)), (key(&newest), 6, None)]
    );
    assert_eq!(chain.recovery_vkey(), recovery_after.verifier());
    assert_eq!(chain.at(3).vkey, key(&new));
    for size in 1..=6 {
        reader.checkpoint(ORIGIN, size).expect("checkpoint").verify(&chain.at(size).vkey).expect("signed");
    }
}

#[test]
fn a_mark_names_where_streams_end() {
    let (_folder, store) = opened();
    store.append(ORIGIN, 1, &command("a", &[("x", 1), ("y", 1), ("x", 2)]), &signer(1)).expect("appended");
    let mark = Mark { streams: &["y", "x", "none", "ledger"], author: "person/1", command: "m", recorded_at: at(3) };
    let receipt = store.mark(ORIGIN, 4, &mark, &signer(1)).expect("marked");
    let entry = store.view().and_then(|reader| reader.entry(ORIGIN, receipt.first)).expect("entry");
    assert_eq!(
        entry.entry.body,
        json!({"kind": "streams_marked", "heads": [
            {"stream": "none", "head": null}, {"stream": "x", "head": 3}, {"stream": "y", "head": 2}]})
    );
    assert!(store.mark(ORIGIN, 4, &mark, &signer(1)).expect("again").repeated);
}

#[test]
fn two_threads_cannot_fork() {
    let (_folder, store) = opened();
    std::thread::scope(|scope| {
        for writer in 0..2 {
            let store = &store;
            scope.spawn(move || {
                for n in 0..40 {
                    let command = command(&format!("w{writer}-{n}"), &[("s", n)]);
                    loop {
                        let size = store.view().and_then(|reader| reader.size(ORIGIN)).expect("size");
                        match store.append(ORIGIN, size, &command, &signer(1)) {
                            Ok(receipt) => break assert_eq!(receipt.first, size),
                            Err(Error::Conflict { .. }) => {}
                            Err(error) => panic!("{error}"),
                        }
                    }
                }
            });
        }
    });
    let reader = store.view().expect("view");
    assert_eq!(reader.size(ORIGIN).expect("size"), 81);
    assert_eq!(reader.entries_of_stream(ORIGIN, "s", 0..81, usize::MAX).expect("entries").len(), 80);
}

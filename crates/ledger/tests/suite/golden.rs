//! Bytes that version 1 wrote, and that every later version must write and read. The files are append-only.

use std::fmt::Write as _;

use crate::support::{Ledger, ORIGIN, key};
use tickmark_ledger::{
    AnchorKind, Disclosure, Entry, KeyUse, Reader as _, Reliance, RotationReason, SignedCheckpoint, Signer, Store as _,
    Trust, anchor::cosignature,
};

const LEDGER: &str = include_str!("../golden/ledger-1.txt");
const DISCLOSURE: &str = include_str!("../golden/disclosure-1.json");

fn witness() -> Signer {
    Signer::from_seed("witness.example", KeyUse::Cosignature, &[9; 32]).expect("key")
}

/// A ledger with every kind of entry that the ledger itself writes, under fixed keys and times.
fn scripted() -> Ledger {
    let mut ledger = Ledger::new();
    ledger.append("c1", 1, &[("organization", 1), ("engagement/1", 2)]);
    ledger.rotate(RotationReason::Routine, 1, 3, None);
    ledger.rotate(RotationReason::Loss, 2, 4, None);
    ledger.append("c2", 2, &[("organization", 3)]);
    ledger.rotate(RotationReason::Compromise, 2, 5, Some(5));
    ledger.mark(3, &["organization", "engagement/none"]);
    let witness = witness();
    let head = ledger.store.view().and_then(|reader| reader.head(ORIGIN)).expect("head").checkpoint;
    let line = cosignature::cosign(&witness, &head, crate::support::at(4)).expect("cosigned");
    let anchor = cosignature::anchor(AnchorKind::Witness, &head, &line, witness.verifier()).expect("anchor");
    ledger.store.put_anchor(ORIGIN, &anchor).expect("kept");
    ledger
}

/// Entries and checkpoints as text, one after the other.
fn written(ledger: &Ledger) -> String {
    let reader = ledger.store.view().expect("view");
    let mut text = String::new();
    reader
        .scan(ORIGIN, 0..u64::MAX, &mut |index, bytes| {
            writeln!(text, "entry {index} {}", std::str::from_utf8(bytes).expect("text")).expect("written");
            Ok(())
        })
        .expect("read");
    for (size, note) in reader.checkpoint_notes(ORIGIN, 0..u64::MAX, usize::MAX).expect("read") {
        write!(text, "checkpoint {size}\n{note}").expect("written");
    }
    text
}

#[test]
fn the_same_facts_give_the_same_bytes() {
    let ledger = scripted();
    assert_eq!(written(&ledger), LEDGER);
    let reader = ledger.store.view().expect("view");
    let size = reader.size(ORIGIN).expect("size");
    let disclosure = Disclosure::of(&reader, ORIGIN, size, &["organization"]).expect("disclosed");
    assert_eq!(serde_json::to_string_pretty(&disclosure).expect("text") + "\n", DISCLOSURE);
}

#[test]
fn what_version_1_wrote_is_read() {
    let entries = LEDGER.lines().filter_map(|line| line.strip_prefix("entry ")?.split_once(' '));
    let mut count = 0;
    for (index, bytes) in entries {
        let entry = Entry::decode(bytes.as_bytes()).unwrap_or_else(|error| panic!("entry {index}: {error}"));
        assert_eq!(entry.encode().expect("encodes"), bytes.as_bytes());
        count += 1;
    }
    assert_eq!(count, 8);
    for note in LEDGER.split("checkpoint ").skip(1) {
        SignedCheckpoint::parse(note.split_once('\n').expect("a size line").1).expect("a checkpoint");
    }
    let disclosure: Disclosure = serde_json::from_str(DISCLOSURE).expect("reads");
    let trust = Trust { witnesses: vec![witness().verifier().clone()], ..Trust::default() };
    let reliance = Reliance { vkey: Some(key(1).verifier().clone()), trust, ..Reliance::default() };
    let verified = disclosure.verify(&reliance).expect("verifies");
    assert_eq!((verified.size, verified.keys.periods().count()), (8, 4));
    assert!(verified.anchors.iter().all(|finding| finding.verdict.is_proven()));
}

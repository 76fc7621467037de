//! What an outsider sees: chosen streams whole, the rest as hashes, and no entry left out unseen.

use crate::support::{Ledger, ORIGIN, at, key};
use tickmark_ledger::{
    AnchorKind, Disclosure, Error, Reader as _, Reliance, Revoked, RotationReason, Signer, Store as _, Trust,
    Unanchored, anchor::cosignature, checkpoint::SignedCheckpoint, disclosure::DisclosedEntry,
};

fn of(ledger: &Ledger, size: u64, streams: &[&str]) -> Result<Disclosure, Error> {
    let reader = ledger.store.view()?;
    Disclosure::of(&reader, ORIGIN, size, streams)
}

fn marked() -> (Ledger, Disclosure) {
    let ledger = Ledger::filled();
    let size = ledger.mark(60, &["organization", "engagement/1"]).size();
    let disclosure = of(&ledger, size, &["organization", "engagement/1"]).expect("disclosed");
    (ledger, disclosure)
}

#[test]
fn a_disclosure_travels_and_verifies() {
    let (ledger, disclosure) = marked();
    let text = serde_json::to_string(&disclosure).expect("text");
    let read: Disclosure = serde_json::from_str(&text).expect("reads");
    assert_eq!(read, disclosure);
    let verified =
        read.verify(&Reliance { vkey: Some(key(1).verifier().clone()), ..Reliance::default() }).expect("verifies");
    assert!(verified.key_known);
    assert_eq!(verified.streams.keys().collect::<Vec<_>>(), ["engagement/1", "ledger", "organization"]);
    let reader = ledger.store.view().expect("view");
    for (stream, entries) in &verified.streams {
        assert_eq!(*entries, reader.entries_of_stream(ORIGIN, stream, 0..verified.size, usize::MAX).expect("entries"));
    }
    assert_eq!(verified.unanchored, Unanchored::OwnKeyOnly);
    assert!(!text.contains("engagement/2"), "nothing of other streams is given away");
    let other = Reliance { vkey: Some(key(9).verifier().clone()), ..Reliance::default() };
    assert!(matches!(disclosure.verify(&other), Err(Error::BadSignature { .. })));
}

#[test]
fn what_is_not_marked_is_not_given_out() {
    let ledger = Ledger::filled();
    let error = of(&ledger, ledger.size(), &["engagement/1"]).expect_err("not marked").to_string();
    assert!(error.contains("the end of stream"), "{error}");
    let size = ledger.mark(60, &["organization"]).size();
    of(&ledger, size, &["organization"]).expect("marked");
    assert!(of(&ledger, size, &["organization", "engagement/1"]).is_err(), "the other stream is not");
    // A stream without any entry can be shown to have none.
    let size = ledger.mark(61, &["engagement/none"]).size();
    let verified =
        of(&ledger, size, &["engagement/none"]).and_then(|it| it.verify(&Reliance::default())).expect("marked");
    assert!(verified.streams["engagement/none"].is_empty());
    // A whole small ledger needs no mark.
    let small = Ledger::new();
    small.append("a", 1, &[("s", 1)]);
    of(&small, 2, &["s"]).expect("all entries are disclosed");
}

/// Makes the disclosure say what it must not; tells what must be named.
type Change = (&'static str, fn(&mut Disclosure), &'static str);

fn position(disclosure: &Disclosure, stream: &str, last: bool) -> usize {
    // The stream is the last field; a mark names streams within its body.
    let needle = format!("\"stream\":\"{stream}\"}}");
    let mut places =
        disclosure.entries.iter().enumerate().filter(|(_, entry)| entry.entry.ends_with(&needle)).map(|(n, _)| n);
    if last { places.next_back() } else { places.nth(3) }.expect("an entry")
}

#[test]
fn table_of_forgeries() {
    let changes: [Change; 13] = [
        (
            "an entry changed",
            |d| d.entries[5].entry = d.entries[5].entry.replace("fact", "fake"),
            "bytes with leaf hash",
        ),
        (
            "an entry of a stream left out",
            |d| {
                d.entries.remove(position(d, "organization", false));
            },
            "previous entry of stream `organization`",
        ),
        (
            "the last entry of a stream left out",
            |d| {
                d.entries.remove(position(d, "organization", true));
            },
            "the end of stream `organization`",
        ),
        (
            "the last entry of another stream left out",
            |d| {
                d.entries.remove(position(d, "engagement/1", true));
            },
            "the end of stream `engagement/1`",
        ),
        (
            "a whole stream left out",
            |d| d.entries.retain(|e| !e.entry.ends_with("\"stream\":\"organization\"}")),
            "the end of stream `organization`",
        ),
        ("a stream not listed", |d| d.streams.retain(|s| s != "organization"), "an entry of a disclosed stream"),
        (
            "the mark left out",
            |d| {
                d.entries.pop();
            },
            "the end of stream",
        ),
        (
            "the opening entry left out",
            |d| {
                d.entries.remove(0);
            },
            "previous entry of stream `ledger`",
        ),
        ("two entries swapped", |d| d.entries.swap(3, 4), "ascending index"),
        ("a leaf hash changed", |d| d.leaf_hashes[40] ^= 1, "the root of the"),
        ("a leaf hash cut off", |d| d.leaf_hashes.truncate(d.leaf_hashes.len() - 32), "the leaf hashes"),
        (
            "an entry beyond the size",
            |d| {
                let last = d.entries.len() - 1;
                d.entries[last].index += 1;
            },
            "an index below the size",
        ),
        (
            "an entry twice",
            |d| {
                let entry = d.entries[3].clone();
                d.entries.insert(3, DisclosedEntry { ..entry });
            },
            "ascending index",
        ),
    ];
    let (_ledger, disclosure) = marked();
    for (why, change, expected) in changes {
        let mut forged = disclosure.clone();
        change(&mut forged);
        let error = forged.verify(&Reliance::default()).expect_err(why).to_string();
        assert!(error.contains(expected), "{why}: expected `{expected}` in `{error}`");
    }
    // Another key's signature over the right root.
    let mut forged = disclosure.clone();
    forged.checkpoint = disclosure.checkpoint.checkpoint().clone().sign(&key(9));
    assert!(forged.verify(&Reliance::default()).expect_err("another key").to_string().contains("signed by"));
    // The old key's signature where the rotated key must sign.
    forged.checkpoint = disclosure.checkpoint.checkpoint().clone().sign(&key(1));
    assert!(forged.verify(&Reliance::default()).expect_err("the old key").to_string().contains("signed by"));
    let text = disclosure.checkpoint.to_note().replacen("\n606\n", "\n605\n", 1);
    if let Ok(smaller) = SignedCheckpoint::parse(&text) {
        forged.checkpoint = smaller;
        assert!(forged.verify(&Reliance::default()).is_err());
    }
}

fn cosigned(ledger: &Ledger, checkpoint: &SignedCheckpoint, witness: &Signer) -> Trust {
    let line = cosignature::cosign(witness, checkpoint, at(70)).expect("cosigned");
    let anchor = cosignature::anchor(AnchorKind::Witness, checkpoint, &line, witness.verifier()).expect("anchor");
    ledger.store.put_anchor(ORIGIN, &anchor).expect("kept");
    Trust { witnesses: vec![witness.verifier().clone()], ..Trust::default() }
}

#[test]
fn a_checkpoint_under_a_stolen_key_needs_an_anchor() {
    let ledger = Ledger::filled();
    let receipt = ledger.mark(60, &["organization"]);
    let size = receipt.size();
    let disclosure = of(&ledger, size, &["organization"]).expect("disclosed");
    let revoked = |untrusted_from| vec![Revoked { vkey: key(3).verifier().clone(), untrusted_from }];
    let reliance =
        |untrusted_from, trust: &Trust| Reliance { revoked: revoked(untrusted_from), trust: trust.clone(), vkey: None };
    disclosure.verify(&reliance(size + 1, &Trust::default())).expect("signed before the theft");
    let doubtful = disclosure.verify(&reliance(size, &Trust::default()));
    assert!(matches!(doubtful, Err(Error::NeedsAnchor { .. })), "{doubtful:?}");
    let witness = Signer::generate_cosigner("witness.example").expect("key");
    let trust = cosigned(&ledger, &receipt.checkpoint, &witness);
    let anchored = of(&ledger, size, &["organization"]).expect("disclosed");
    let verified = anchored.verify(&reliance(size, &trust)).expect("anchored");
    assert!(matches!(verified.unanchored, Unanchored::Longest { .. }));
    assert!(
        anchored.verify(&reliance(size, &Trust::default())).is_err(),
        "an anchor nobody trusted vouches for nothing"
    );
}

#[test]
fn after_a_compromise_the_check_names_what_needs_an_anchor() {
    let mut ledger = Ledger::new();
    ledger.append("a", 1, &[("s", 1)]);
    ledger.append("b", 2, &[("s", 2)]);
    let middle = ledger.append("c", 3, &[("s", 3)]);
    ledger.append("d", 4, &[("s", 4)]);
    // Stolen some time after size 2; found out at size 5.
    ledger.rotate(RotationReason::Compromise, 2, 5, Some(3));
    ledger.append("e", 5, &[("s", 5)]);
    let open = |trust: &Trust| {
        let report = ledger.check(trust).expect("passes");
        report.needs_anchor.iter().map(|stretch| (stretch.from_size, stretch.to_size)).collect::<Vec<_>>()
    };
    assert_eq!(open(&Trust::default()), [(3, 5)]);
    let witness = Signer::generate_cosigner("witness.example").expect("key");
    let trust = cosigned(&ledger, &middle.checkpoint, &witness);
    assert_eq!(open(&trust), [(5, 5)]);
    assert_eq!(open(&Trust::default()), [(3, 5)]);
}

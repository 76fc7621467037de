//! The second installation and the witness: what extends is kept and cosigned, a fork is refused and its evidence kept.

use crate::support::{Ledger, ORIGIN, at, key};
use tickmark_ledger::{
    AnchorKind, AnchorVerdict, Error, Observation, Reader as _, Signer, SqliteStore, Store as _, Trust,
    anchor::{
        cosignature,
        witness::{AddCheckpoint, answer},
    },
    checkpoint::SignedCheckpoint,
};

fn installation() -> (tempfile::TempDir, SqliteStore) {
    let folder = tempfile::tempdir().expect("folder");
    let store = SqliteStore::open(&folder.path().join("other.db")).expect("opens");
    store.trust_foreign(key(1).verifier(), at(0)).expect("trusted");
    (folder, store)
}

fn request(ledger: &Ledger, old_size: u64, checkpoint: &SignedCheckpoint) -> AddCheckpoint {
    let proof = ledger.store.view().and_then(|reader| reader.consistency_proof(ORIGIN, old_size, checkpoint.size()));
    AddCheckpoint { old_size, proof: proof.expect("proof"), checkpoint: checkpoint.clone() }
}

#[test]
fn a_second_installation_refuses_a_fork_and_keeps_the_evidence() {
    let (_folder, other) = installation();
    let (one, two) = (Ledger::new(), Ledger::new());
    let first = one.append("a", 1, &[("s", 1)]).checkpoint;
    assert_eq!(other.observe(&first, 0, &[], at(5)).expect("kept"), Observation::Kept);
    assert_eq!(other.observe(&first, 2, &[], at(6)).expect("the same again"), Observation::Kept);
    assert_eq!(
        other.observed(ORIGIN).expect("read").map(|seen| (seen.checkpoint, seen.seen_at)),
        Some((first.clone(), at(5)))
    );

    let second = one.append("b", 2, &[("s", 2), ("s", 3)]).checkpoint;
    assert_eq!(other.observe(&second, 0, &[], at(7)).expect("answered"), Observation::Stale { held: 2 });
    let proof = request(&one, 2, &second).proof;
    assert_eq!(other.observe(&second, 2, &proof, at(8)).expect("kept"), Observation::Kept);

    // The same key signs another history of the same sizes.
    let fork = two.append("a", 1, &[("s", 9)]).checkpoint;
    let longer = two.append("b", 2, &[("s", 2), ("s", 3), ("s", 4)]).checkpoint;
    assert!(matches!(other.observe(&fork, 4, &[], at(9)), Err(Error::Malformed { .. })));
    assert!(matches!(other.observe(&fork, 0, &[], at(9)), Err(Error::Fork { .. })));
    assert!(matches!(other.observe(&fork, 0, &[], at(9)), Err(Error::Fork { .. })));
    let forks = other.observed_forks(ORIGIN).expect("read");
    assert_eq!(forks.len(), 1, "kept once");
    assert_eq!((&forks[0].seen, &forks[0].offered), (&first, &fork));
    let proof = request(&two, 2, &longer).proof;
    assert!(matches!(other.observe(&longer, 4, &proof, at(9)), Err(Error::BadProof { .. })));
    assert_eq!(other.observed(ORIGIN).expect("read").map(|seen| seen.checkpoint), Some(second));
}

#[test]
fn a_foreign_key_must_be_trusted_first() {
    let (_folder, other) = installation();
    let mut ledger = Ledger::new();
    let rotated = ledger.rotate(tickmark_ledger::RotationReason::Routine, 1, 3, None).checkpoint;
    assert!(matches!(other.observe(&rotated, 0, &[], at(5)), Err(Error::BadSignature { .. })));
    other.trust_foreign(key(3).verifier(), at(6)).expect("trusted");
    assert_eq!(other.observe(&rotated, 0, &[], at(7)).expect("kept"), Observation::Kept);
    let stranger = Signer::generate("example.com/stranger").expect("key");
    let unknown = tickmark_ledger::Checkpoint {
        origin: "example.com/stranger".into(),
        size: 1,
        root: *rotated.root(),
        extensions: Vec::new(),
    };
    assert!(matches!(other.observe(&unknown.sign(&stranger), 0, &[], at(8)), Err(Error::NoLedger { .. })));
}

#[test]
fn a_witness_answers_as_the_specification_says() {
    let (_folder, other) = installation();
    let witness = Signer::generate_cosigner("witness.example").expect("key");
    let (ledger, fork) = (Ledger::new(), Ledger::new());
    let first = ledger.append("a", 1, &[("s", 1)]).checkpoint;
    let second = ledger.append("b", 2, &[("s", 2), ("s", 3)]).checkpoint;
    let other_first = fork.append("a", 1, &[("s", 7)]).checkpoint;
    let ask = |text: &str| answer(&other, &witness, text, at(100)).expect("answered");

    let add = request(&ledger, 0, &first);
    assert_eq!(AddCheckpoint::parse(&add.to_text()).expect("reads"), add);
    let granted = ask(&add.to_text());
    assert_eq!((granted.status, granted.held_size()), (200, None));
    let anchor = add.accept(&granted, witness.verifier()).expect("cosigned");
    assert_eq!((anchor.at, anchor.size), (at(100), 2));

    let stale = ask(&request(&ledger, 0, &second).to_text());
    assert_eq!((stale.status, stale.content_type, stale.held_size()), (409, "text/x.tlog.size", Some(2)));
    let add = request(&ledger, 2, &second);
    assert_eq!(ask(&add.to_text()).status, 200);
    assert_eq!(ask(&request(&fork, 2, &other_first).to_text()).status, 409);

    let third = ledger.append("c", 3, &[("s", 4)]).checkpoint;
    let mut broken = request(&ledger, 4, &third);
    broken.proof.push(*third.root());
    assert_eq!(ask(&broken.to_text()).status, 422);
    let unsigned = request(&ledger, 4, &third).to_text().replacen("\n5\n", "\n6\n", 1);
    assert_eq!(ask(&unsigned).status, 403);
    let unknown = request(&ledger, 4, &third).to_text().replace(ORIGIN, "example.com/unknown");
    assert_eq!(ask(&unknown).status, 404);
    for bad in ["", "old 1\n", "old x\n\n", "old 01\n\nnote", "old 9\n\nnote\n", "new 1\n\n"] {
        assert_eq!(ask(bad).status, 400, "{bad:?}");
    }
    let too_old = AddCheckpoint { old_size: 99, ..request(&ledger, 4, &third) };
    assert_eq!(ask(&too_old.to_text()).status, 400);

    ledger.store.put_anchor(ORIGIN, &anchor).expect("kept");
    let trust = Trust { witnesses: vec![witness.verifier().clone()], ..Trust::default() };
    let report = ledger.check(&trust).expect("passes");
    assert_eq!(report.anchors[0].verdict, AnchorVerdict::Proven { by: "witness.example".into() });
    let elsewhere = Trust { installations: vec![witness.verifier().clone()], ..Trust::default() };
    let report = ledger.check(&elsewhere).expect("passes");
    assert!(!report.anchors[0].verdict.is_proven(), "a witness is no installation");
    let line = cosignature::cosign(&witness, &third, at(101)).expect("cosigned");
    let anchor = cosignature::anchor(AnchorKind::Installation, &third, &line, witness.verifier()).expect("anchor");
    ledger.store.put_anchor(ORIGIN, &anchor).expect("kept");
    assert!(ledger.check(&elsewhere).expect("passes").anchors[1].verdict.is_proven());
}

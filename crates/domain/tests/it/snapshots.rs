use tickmark_domain::*;

use crate::house::*;

#[test]
fn a_snapshot_reads_back_to_the_same_state() {
    let mut house = House::engaged();
    house.act("lea", run("run-1", year(), 2));
    let snapshot = Snapshot::of(house.state.clone(), 42);
    let bytes = snapshot.to_bytes().unwrap();
    assert_eq!(Snapshot::from_bytes(&bytes).unwrap(), snapshot);
}

#[test]
fn a_damaged_or_older_snapshot_is_not_used() {
    let bytes = Snapshot::of(House::engaged().state, 42).to_bytes().unwrap();
    for at in [0, 40, bytes.len() - 1] {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        assert!(matches!(Snapshot::from_bytes(&damaged), Err(SnapshotUnreadable::Damaged)), "byte {at}");
    }
    assert!(Snapshot::from_bytes(&bytes[..20]).is_err());
    let mut other = bytes;
    other[35] = 99;
    let digest = tickmark_canonical::Digest::of(&other[32..]);
    other[..32].copy_from_slice(digest.as_bytes());
    assert!(matches!(Snapshot::from_bytes(&other), Err(SnapshotUnreadable::OtherRules(99))));
}

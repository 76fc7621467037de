use tickmark_domain::*;

use crate::house::*;

#[test]
fn a_snapshot_reads_back_to_the_same_state() {
    let mut house = House::engaged();
    house.act("lea", run("run-1", year(), 2));
    let snapshot = Snapshot::of(house.state.clone(), 42);
    assert_eq!(Snapshot::read(&mut written(&snapshot).as_slice()).unwrap(), snapshot);
}

#[test]
fn a_shortened_or_older_snapshot_is_not_used() {
    let bytes = written(&Snapshot::of(House::engaged().state, 42));
    for length in [0, 3, 20, bytes.len() - 1] {
        let read = Snapshot::read(&mut &bytes[..length]);
        assert!(matches!(read, Err(SnapshotUnreadable::Damaged)), "{length} bytes");
    }
    let other = [&[0, 0, 0, 99], &bytes[4..]].concat();
    assert!(matches!(Snapshot::read(&mut other.as_slice()), Err(SnapshotUnreadable::OtherRules(99))));
}

fn written(snapshot: &Snapshot) -> Vec<u8> {
    let mut bytes = Vec::new();
    snapshot.write(&mut bytes).unwrap();
    bytes
}

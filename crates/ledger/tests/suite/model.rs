//! Any series of commands: the store says what a list of entries in memory says, and passes its own check.

use proptest::prelude::*;

use crate::support::{Ledger, ORIGIN};
use tickmark_ledger::{Reader as _, Trust, frontier::root_of, proof};

const STREAMS: [&str; 3] = ["organization", "engagement/1", "engagement/2"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn the_store_agrees_with_a_list(
        commands in proptest::collection::vec(
            prop_oneof![
                proptest::collection::vec(0_usize..3, 1..6),
                // Long ones end on, before and after the borders of bundles and tiles.
                (250_usize..262, 0_usize..3).prop_map(|(length, stream)| vec![stream; length]),
            ],
            1..8,
        ),
        old in any::<prop::sample::Index>(),
    ) {
        let ledger = Ledger::new();
        let mut model: Vec<(usize, u64)> = Vec::new();
        for (n, streams) in commands.iter().enumerate() {
            let entries: Vec<_> = streams.iter().enumerate().map(|(k, stream)| (STREAMS[*stream], k as u64)).collect();
            let receipt = ledger.append(&format!("c{n}"), n as i64, &entries);
            prop_assert_eq!(receipt.first, model.len() as u64 + 1);
            model.extend(streams.iter().enumerate().map(|(k, stream)| (*stream, k as u64)));
        }
        let report = ledger.check(&Trust::default()).expect("passes");
        prop_assert_eq!(report.size, model.len() as u64 + 1);
        let reader = ledger.store.view().expect("view");
        let entries = reader.entries(ORIGIN, 0..report.size).expect("entries");
        let hashes: Vec<_> = entries.iter().map(|entry| entry.leaf_hash()).collect();
        prop_assert_eq!(root_of(hashes.iter().copied()), report.root);
        let mut heads = [None; 3];
        for (entry, (stream, number)) in entries[1..].iter().zip(&model) {
            prop_assert_eq!((&*entry.entry.stream, entry.entry.prev), (STREAMS[*stream], heads[*stream]));
            prop_assert_eq!(&entry.entry.body["number"], &serde_json::json!(number));
            heads[*stream] = Some(entry.index);
        }
        let old = old.index(hashes.len()) as u64 + 1;
        let before = reader.root(ORIGIN, old).expect("root");
        prop_assert_eq!(before, root_of(hashes[..old as usize].iter().copied()));
        let path = reader.consistency_proof(ORIGIN, old, report.size).expect("proof");
        prop_assert!(proof::verify_consistency(old, report.size, &before, &report.root, &path).is_ok());
    }
}

//! The history of many snapshots in one rebuildable file.

use std::fs;

use arrow::{array::AsArray, datatypes::Int64Type};
use tickmark_canonical::Digest;
use tickmark_vault::{Error, Provenance, StagedDataset, Vault, WriteOptions};

use crate::sample::{provenance, rows, schema, vault};

/// Thirty daily snapshots, the n-th with rows n.. of its own.
fn snapshots(vault: &Vault, sealed: bool) -> Vec<Digest> {
    let staged: Vec<StagedDataset> = (0..30_usize)
        .map(|day| {
            let mut writer = vault.writer(&schema(), WriteOptions::new(sealed)).unwrap();
            writer.write(&rows(day * 10, 100 + day)).unwrap();
            let on = format!("2026-06-{:02}", day + 1).parse().unwrap();
            writer.stage(Provenance { effective_on: Some(on), period: None, ..provenance() }).unwrap()
        })
        .collect();
    vault.commit(staged).unwrap().into_iter().map(|(digest, _)| digest).collect()
}

#[test]
fn a_month_of_snapshots_is_one_file_with_their_rows() {
    for sealed in [false, true] {
        let (_folder, vault) = vault();
        let manifests = snapshots(&vault, sealed);
        assert!(vault.check(&mut |_| {}).unwrap().is_sound());
        let compaction = vault.compact(&manifests).unwrap();
        assert_eq!((compaction.rows, compaction.parts.len()), (30 * 100 + 29 * 30 / 2, 1));
        assert_eq!(compaction.sealed, sealed);
        assert_eq!(vault.compactions("payslip").unwrap(), std::slice::from_ref(&compaction));
        assert!(vault.compactions("other").unwrap().is_empty());
        vault.check_compaction(&compaction).unwrap();

        let mut per_extract = [0_usize; 31];
        for batch in vault.read_compaction(&compaction, Some(&["id", "_extract"])).unwrap() {
            for number in batch.unwrap().column(1).as_primitive::<Int64Type>().values() {
                per_extract[*number as usize] += 1;
            }
        }
        assert!((1..=30).all(|number| per_extract[number] == 99 + number));
        vault.open_compacted_part(&compaction, 0).unwrap().read_chunk(0, 0).unwrap();

        // It is no evidence: nothing that takes evidence takes it.
        assert!(matches!(vault.get(&compaction.parts[0].object), Err(Error::Missing { .. })));
        let check = vault.check(&mut |_| {}).unwrap();
        assert!(check.is_sound());
        assert_eq!((check.datasets, check.unfinished), (30, 0));
        vault.discard(&compaction).unwrap();
        vault.discard(&compaction).unwrap();
        assert!(vault.compactions("payslip").unwrap().is_empty());
        assert!(vault.read_compaction(&compaction, None).is_err());
        vault.compact(&manifests).unwrap();
    }
}

#[test]
fn a_child_reads_a_sealed_compaction_with_its_keys() {
    let (folder, vault) = vault();
    let compaction = vault.compact(&snapshots(&vault, true)).unwrap();
    let keys = vault.object_keys(&[compaction.parts[0].object]).unwrap();
    let child = Vault::open_read_only_with_keys(folder.path(), "acme", keys).unwrap();
    let rows: usize = child.read_compaction(&compaction, None).unwrap().map(|batch| batch.unwrap().num_rows()).sum();
    assert_eq!(rows as u64, compaction.rows);
}

#[test]
fn erasing_a_source_discards_its_compactions() {
    let (folder, vault) = vault();
    let manifests = snapshots(&vault, true);
    let compaction = vault.compact(&manifests).unwrap();
    let now = "2026-07-01T00:00:00Z".parse().unwrap();
    vault.erase_dataset(&manifests[3], "request 17", now).unwrap();
    assert!(vault.compactions("payslip").unwrap().is_empty());
    assert!(vault.read_compaction(&compaction, None).is_err());
    let left = walk(&folder.path().join("acme/derived"));
    assert_eq!(left, 0, "files of a discarded compaction");
    assert!(matches!(vault.compact(&manifests), Err(Error::Erased { .. })));
    assert!(vault.check(&mut |_| {}).unwrap().is_sound());
}

fn walk(folder: &std::path::Path) -> usize {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() { walk(&path) } else { 1 }
        })
        .sum()
}

#[test]
fn a_compaction_that_is_not_its_sources_is_found() {
    let (folder, vault) = vault();
    let manifests = snapshots(&vault, false);
    let compaction = vault.compact(&manifests).unwrap();
    let mut swapped = compaction.clone();
    swapped.sources.swap(3, 4);
    assert!(matches!(vault.check_compaction(&swapped), Err(Error::Corrupt(_))));
    let mut short = compaction.clone();
    short.sources.pop();
    assert!(matches!(vault.check_compaction(&short), Err(Error::Corrupt(_))));

    // A damaged one is thrown away when it is looked for, and made again.
    let path = folder.path().join("acme/derived").join(compaction.parts[0].object.to_string());
    let mut bytes = fs::read(&path).unwrap();
    bytes[500] ^= 1;
    fs::write(&path, bytes).unwrap();
    assert!(matches!(vault.check_compaction(&compaction), Err(Error::Corrupt(_))));
    vault.discard(&compaction).unwrap();
    vault.check_compaction(&vault.compact(&manifests).unwrap()).unwrap();
}

#[test]
fn extracts_that_do_not_belong_together_are_refused() {
    let (_folder, vault) = vault();
    let mut manifests = snapshots(&vault, false);
    assert!(matches!(vault.compact(&[]), Err(Error::Compaction { .. })));
    let mut other = schema();
    other.dataset = "other".into();
    manifests.push(vault.writer(&other, WriteOptions::new(false)).unwrap().finish(provenance()).unwrap().0);
    assert!(matches!(vault.compact(&manifests), Err(Error::Compaction { .. })));
    let mut narrow = schema();
    narrow.columns.pop();
    manifests.pop();
    manifests.push(vault.writer(&narrow, WriteOptions::new(false)).unwrap().finish(provenance()).unwrap().0);
    assert!(matches!(vault.compact(&manifests), Err(Error::Compaction { .. })));
}

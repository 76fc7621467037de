//! Power cuts, full disks and failing disks, after each operation there is.
//!
//! The rules: what was acknowledged is there afterwards, whole; what was not is there whole or not at all; and the vault
//! goes on working.

use std::{collections::BTreeMap, io, sync::Arc};

use tempfile::TempDir;
use tickmark_canonical::Digest;
use tickmark_vault::{
    Error, SealingKey, Vault, WriteOptions,
    testing::{FaultFiles, PowerCut},
};

use crate::sample::{folder, provenance, rows, schema};

struct Machine {
    folder: TempDir,
    files: FaultFiles,
    key: SealingKey,
}

impl Machine {
    fn new() -> Self {
        let folder = folder();
        let files = FaultFiles::new(folder.path());
        Self { folder, files, key: SealingKey::new([3; 32]) }
    }

    fn create(&self) -> Result<Vault, Error> {
        Vault::create_on(Arc::new(self.files.clone()), self.folder.path(), "acme", &self.key)
    }

    fn open(&self) -> Result<Vault, Error> {
        Vault::open_on(Arc::new(self.files.clone()), self.folder.path(), "acme", &self.key)
    }
}

fn now() -> jiff::Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

/// What a run was told, in the order it was told.
#[derive(Default)]
struct Told {
    objects: BTreeMap<Digest, Vec<u8>>,
    datasets: Vec<Digest>,
    erased: Vec<Digest>,
}

/// A little of everything. Stops at the first error, as a process would.
fn work(vault: &Vault, told: &mut Told) -> Result<(), Error> {
    let long = vec![5_u8; 150_000];
    told.objects.insert(vault.put(b"one")?, b"one".to_vec());
    told.objects.insert(vault.put(&long)?, long.clone());
    told.objects.insert(vault.put(b"one")?, b"one".to_vec());
    told.objects.insert(vault.put_sealed(&long)?, long.clone());
    let doomed = vault.put_sealed(b"doomed")?;
    told.objects.insert(doomed, b"doomed".to_vec());
    for (digest, bytes) in vault.put_all(&[b"two", b"few"])?.into_iter().zip([b"two", b"few"]) {
        told.objects.insert(digest, bytes.to_vec());
    }
    for sealed in [false, true] {
        let options = WriteOptions { sealed, row_group_rows: 500, row_group_bytes: 1 << 20, part_bytes: 30_000 };
        let mut writer = vault.writer(&schema(), options)?;
        writer.write(&rows(0, 2000))?;
        told.datasets.push(writer.finish(provenance())?.0);
    }
    // From here on either answer is right until the erasure is acknowledged.
    told.objects.remove(&doomed);
    vault.erase(&doomed, "request 17", now())?;
    told.erased.push(doomed);
    told.objects.insert(vault.put(b"last")?, b"last".to_vec());
    Ok(())
}

/// Everything told is true, and nothing visible is broken.
fn examine(vault: &Vault, told: &Told, story: &str) {
    for (digest, bytes) in &told.objects {
        assert_eq!(vault.get(digest).unwrap(), *bytes, "{story}");
    }
    for digest in &told.datasets {
        let manifest = vault.check_dataset(digest).unwrap();
        vault.check_rows(&manifest).unwrap();
    }
    for digest in &told.erased {
        assert!(matches!(vault.get(digest), Err(Error::Erased { .. })), "{story}");
    }
    let check = vault.check(&mut |_| {}).unwrap();
    assert!(check.is_sound(), "{story}: {check:?}");
    assert!(check.strays.is_empty(), "{story}: {check:?}");
}

#[test]
fn a_power_cut_at_any_operation_loses_nothing_acknowledged() {
    let machine = Machine::new();
    let vault = machine.create().unwrap();
    let before = machine.files.operations();
    work(&vault, &mut Told::default()).unwrap();
    let operations = machine.files.operations() - before;
    assert!(operations > 60, "{:?}", machine.files.log());
    let mut cut_short = 0;
    for cut_at in 0..=operations {
        for cut in [PowerCut::LosesAll, PowerCut::KeepsAll, PowerCut::Mixed(cut_at * 7919 + 13)] {
            let machine = Machine::new();
            let vault = machine.create().unwrap();
            machine.files.cut_power_after(cut_at);
            let mut told = Told::default();
            let outcome = work(&vault, &mut told);
            cut_short += u64::from(outcome.is_err());
            drop(vault);
            machine.files.restart(cut);
            let story = format!("power cut at operation {cut_at} of {operations}, {cut:?}");
            let vault = machine.open().unwrap_or_else(|error| panic!("{story}: {error}"));
            examine(&vault, &told, &story);
            // The same work done again finds and completes what was begun.
            let mut again = Told::default();
            work(&vault, &mut again).unwrap_or_else(|error| panic!("{story}: {error}"));
            examine(&vault, &told, &story);
            examine(&vault, &again, &story);
        }
    }
    // All but the cut after the very last operation hit something; removing a leftover may fail unseen.
    assert!(cut_short > operations * 2, "{cut_short} of {operations}");
}

#[test]
fn a_power_cut_while_a_namespace_is_made_leaves_nothing_or_all() {
    let machine = Machine::new();
    machine.create().unwrap();
    let operations = machine.files.operations();
    for cut_at in (0..operations).step_by(37).chain(operations - 6..=operations) {
        for cut in [PowerCut::LosesAll, PowerCut::Mixed(cut_at + 1)] {
            let machine = Machine::new();
            machine.files.cut_power_after(cut_at);
            let told = machine.create().is_ok();
            machine.files.restart(cut);
            let vault = match machine.open() {
                Ok(vault) => vault,
                Err(Error::UnknownNamespace { .. }) if !told => machine.create().unwrap(),
                Err(error) => panic!("cut at {cut_at}: {error}"),
            };
            let digest = vault.put(b"bytes").unwrap();
            machine.files.restart(PowerCut::LosesAll);
            assert_eq!(machine.open().unwrap().get(&digest).unwrap(), b"bytes");
        }
    }
}

#[test]
fn a_full_or_failing_disk_is_a_clear_error_and_loses_nothing() {
    let machine = Machine::new();
    let vault = machine.create().unwrap();
    let before = machine.files.operations();
    work(&vault, &mut Told::default()).unwrap();
    let operations = machine.files.operations() - before;
    let mut failed = 0;
    for fail_at in 0..operations {
        for kind in [io::ErrorKind::StorageFull, io::ErrorKind::Other] {
            let machine = Machine::new();
            let vault = machine.create().unwrap();
            machine.files.fail_after(fail_at, kind);
            let mut told = Told::default();
            let outcome = work(&vault, &mut told);
            let story = format!("{kind:?} at operation {fail_at}");
            match outcome {
                Ok(()) => {}
                Err(Error::Io { ref source, ref path, .. }) => {
                    failed += 1;
                    assert_eq!(source.kind(), kind, "{story}");
                    assert!(path.starts_with(machine.folder.path()), "{story}");
                    assert_eq!(outcome.unwrap_err().is_storage_full(), kind == io::ErrorKind::StorageFull);
                }
                Err(other) => panic!("{story}: {other}"),
            }
            // The same process goes on once there is room again, and so does the next after a power cut.
            examine(&vault, &told, &story);
            let mut again = Told::default();
            work(&vault, &mut again).unwrap_or_else(|error| panic!("{story}: {error}"));
            drop(vault);
            machine.files.restart(PowerCut::LosesAll);
            let vault = machine.open().unwrap();
            examine(&vault, &told, &story);
            examine(&vault, &again, &story);
        }
    }
    assert!(failed > operations, "{failed} of {operations}");
}

/// The tests above would prove nothing if the disk kept what it should lose.
#[test]
fn the_disk_of_these_tests_loses_what_was_not_made_durable() {
    use tickmark_vault::files::Files;
    let folder = tempfile::tempdir().unwrap();
    let files = FaultFiles::new(folder.path());
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    let mut file = files.create(&one).unwrap();
    file.write_all(b"bytes").unwrap();
    files.sync_dir(folder.path()).unwrap();
    files.link(&one, &two).unwrap();
    drop(file);
    files.restart(PowerCut::LosesAll);
    assert_eq!(files.list(folder.path()).unwrap(), ["one"]);
    assert_eq!(files.open(&one).unwrap().size().unwrap(), 0);
}

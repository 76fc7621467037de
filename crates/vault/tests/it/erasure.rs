//! Keys destroyed, tombstones, legal holds, and a new sealing key.

use std::fs;

use jiff::Timestamp;
use tickmark_vault::{Error, SealingKey, Vault, WriteOptions};

use crate::sample::{provenance, rows, schema, vault};

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

#[test]
fn an_erased_object_is_gone_and_says_so() {
    let (folder, vault) = vault();
    let secret = b"Ms. Example, 12 Harbor Lane".repeat(10);
    let digest = vault.put_sealed(&secret).unwrap();
    let other = vault.put_sealed(&secret).unwrap();
    let path = vault.object_path(&digest).unwrap();
    let before = fs::read(&path).unwrap();
    vault.erase(&digest, "request 17", now()).unwrap();
    vault.erase(&digest, "another reason", now()).unwrap();
    let erased = |vault: &Vault| {
        matches!(vault.get(&digest), Err(Error::Erased { erased_at, ref reason, .. })
            if erased_at == now() && reason == "request 17")
    };
    assert!(erased(&vault));
    assert!(!path.exists());
    assert!(!vault.contains(&digest).unwrap());
    assert_eq!(vault.get(&other).unwrap(), secret);
    assert!(vault.object_keys(&[digest]).is_err());

    // A backup that brings the ciphertext back brings nothing back.
    fs::write(&path, &before).unwrap();
    assert!(erased(&vault));
    let again = Vault::open(folder.path(), "acme", &SealingKey::new([7; 32])).unwrap();
    assert!(erased(&again));
    let check = again.check(&mut |_| {}).unwrap();
    assert!(check.is_sound(), "{check:?}");
    assert_eq!(check.erased, 1);
}

/// The wrapped key must not be found in any byte of the key store's files.
#[test]
fn the_key_leaves_no_trace_in_the_key_store() {
    let (folder, vault) = vault();
    let digest = vault.put_sealed(b"secret").unwrap();
    for _ in 0..50 {
        vault.put_sealed(b"others").unwrap();
    }
    let database = rusqlite::Connection::open(folder.path().join("acme/keys.db")).unwrap();
    let wrapped: Vec<u8> = database
        .query_row("SELECT wrapped FROM object_key WHERE digest = ?1", [digest.as_bytes()], |row| row.get(0))
        .unwrap();
    drop(database);
    let found = || {
        ["keys.db", "keys.db-wal"].iter().any(|name| {
            let bytes = fs::read(folder.path().join("acme").join(name)).unwrap_or_default();
            bytes.windows(wrapped.len()).any(|window| window == wrapped)
        })
    };
    assert!(found(), "the test looks in the wrong place");
    vault.erase(&digest, "request 17", now()).unwrap();
    assert!(!found());
}

#[test]
fn a_legal_hold_refuses_until_its_last_reason_is_released() {
    let (_folder, vault) = vault();
    let digest = vault.put_sealed(b"secret").unwrap();
    vault.hold(&digest, "matter 1").unwrap();
    vault.hold(&digest, "matter 1").unwrap();
    vault.hold(&digest, "matter 2").unwrap();
    assert_eq!(vault.holds(&digest).unwrap(), ["matter 1", "matter 2"]);
    assert!(matches!(vault.erase(&digest, "x", now()), Err(Error::Held { reason, .. }) if reason == "matter 1"));
    assert!(vault.release_hold(&digest, "matter 1").unwrap());
    assert!(!vault.release_hold(&digest, "matter 1").unwrap());
    assert!(matches!(vault.erase(&digest, "x", now()), Err(Error::Held { reason, .. }) if reason == "matter 2"));
    assert_eq!(vault.get(&digest).unwrap(), b"secret");
    assert!(vault.release_hold(&digest, "matter 2").unwrap());
    vault.erase(&digest, "x", now()).unwrap();
    assert!(matches!(vault.hold(&digest, "late"), Err(Error::Erased { .. })));
}

#[test]
fn only_sealed_objects_can_be_erased() {
    let (_folder, vault) = vault();
    let plain = vault.put(b"plain").unwrap();
    assert!(matches!(vault.erase(&plain, "x", now()), Err(Error::NotSealed { .. })));
    let absent = tickmark_canonical::Digest::of(b"absent");
    assert!(matches!(vault.erase(&absent, "x", now()), Err(Error::Missing { .. })));
    assert_eq!(vault.get(&plain).unwrap(), b"plain");
}

#[test]
fn a_dataset_is_erased_whole_or_not_at_all() {
    let (_folder, vault) = vault();
    let mut digests = Vec::new();
    for _ in 0..2 {
        let mut writer = vault.writer(&schema(), WriteOptions::new(true)).unwrap();
        writer.write(&rows(0, 100)).unwrap();
        digests.push(writer.finish(provenance()).unwrap());
    }
    let (held, gone) = (&digests[0], &digests[1]);
    vault.hold(&held.1.parts[0].object, "matter 1").unwrap();
    assert!(matches!(vault.erase_dataset(&held.0, "x", now()), Err(Error::Held { .. })));
    vault.check_dataset(&held.0).unwrap();
    vault.erase_dataset(&gone.0, "x", now()).unwrap();
    vault.erase_dataset(&gone.0, "x", now()).unwrap();
    assert!(matches!(vault.manifest(&gone.0), Err(Error::Erased { .. })));
    assert!(matches!(vault.read_dataset(&gone.1, None), Err(Error::Erased { .. })));
    let check = vault.check(&mut |_| {}).unwrap();
    assert!(check.is_sound(), "{check:?}");
    assert_eq!((check.datasets, check.erased, check.held), (1, 2, 1));
}

#[test]
fn a_new_sealing_key_opens_everything_and_the_old_one_nothing() {
    let (folder, vault) = vault();
    let old = SealingKey::new([7; 32]);
    let new = SealingKey::random().unwrap();
    let kept = vault.put_sealed(b"kept").unwrap();
    let gone = vault.put_sealed(b"gone").unwrap();
    vault.erase(&gone, "request 17", now()).unwrap();
    vault.hold(&kept, "matter 1").unwrap();
    let elsewhere = Vault::open(folder.path(), "acme", &old).unwrap();
    assert_eq!(vault.rotate(&new).unwrap(), 1);

    let after = vault.put_sealed(b"after").unwrap();
    for vault in [vault, Vault::open(folder.path(), "acme", &new).unwrap()] {
        assert_eq!(vault.get(&kept).unwrap(), b"kept");
        assert_eq!(vault.get(&after).unwrap(), b"after");
        assert!(matches!(vault.get(&gone), Err(Error::Erased { .. })));
        assert_eq!(vault.holds(&kept).unwrap(), ["matter 1"]);
        assert!(vault.check(&mut |_| {}).unwrap().is_sound());
    }
    assert!(matches!(Vault::open(folder.path(), "acme", &old), Err(Error::WrongSealingKey { .. })));
    // A process that still has the old key neither reads wrongly nor writes what nobody could read.
    assert!(matches!(elsewhere.get(&kept), Err(Error::WrongSealingKey { .. })));
    assert!(matches!(elsewhere.put_sealed(b"x"), Err(Error::WrongSealingKey { .. })));
    assert!(matches!(elsewhere.erase(&after, "x", now()), Err(Error::WrongSealingKey { .. })));
}

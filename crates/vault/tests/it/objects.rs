//! Objects by digest on the machine's own files.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, sync::Barrier};

use tickmark_canonical::Digest;
use tickmark_vault::{Error, ObjectKeys, SealingKey, Vault};

use crate::sample::vault;

#[test]
fn bytes_come_back_under_their_digest() {
    let (_folder, vault) = vault();
    for bytes in [&b""[..], b"a", &[9; 300_000]] {
        let digest = vault.put(bytes).unwrap();
        assert_eq!(digest, Digest::of(bytes));
        assert_eq!(vault.put(bytes).unwrap(), digest);
        assert_eq!(vault.get(&digest).unwrap(), bytes);
        assert!(!vault.is_sealed(&digest).unwrap());
        let sealed = vault.put_sealed(bytes).unwrap();
        assert_eq!(vault.get(&sealed).unwrap(), bytes);
        assert!(vault.is_sealed(&sealed).unwrap());
        assert_ne!(vault.put_sealed(bytes).unwrap(), sealed, "equal plaintexts show as equal");
        let file = fs::read(vault.object_path(&sealed).unwrap()).unwrap();
        assert_eq!(Digest::of(&file), sealed);
    }
    let many: Vec<Vec<u8>> = (0..600_u32).map(|number| number.to_be_bytes().to_vec()).collect();
    for digests in [vault.put_all(&many).unwrap(), vault.put_all_sealed(&many).unwrap(), vault.put_all(&many).unwrap()]
    {
        for (digest, bytes) in digests.iter().zip(&many) {
            assert_eq!(vault.get(digest).unwrap(), *bytes);
        }
    }
    let absent = Digest::of(b"absent");
    assert!(matches!(vault.get(&absent), Err(Error::Missing { digest }) if digest == absent));
    assert!(!vault.contains(&absent).unwrap());
}

#[test]
fn only_the_owner_may_read() {
    let (folder, vault) = vault();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for digest in [vault.put(b"plain").unwrap(), vault.put_sealed(b"sealed").unwrap()] {
        let path = vault.object_path(&digest).unwrap();
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
    }
    let namespace = folder.path().join("acme");
    assert_eq!(mode(&namespace), 0o700);
    for name in ["keys.db", "keys.db-wal", "keys.db-shm"] {
        assert_eq!(mode(&namespace.join(name)), 0o600, "{name}");
    }
}

#[test]
fn namespaces_are_made_once_and_opened_by_the_right_key() {
    let folder = tempfile::tempdir().unwrap();
    let (key, other) = (SealingKey::new([1; 32]), SealingKey::new([2; 32]));
    assert!(matches!(Vault::open(folder.path(), "acme", &key), Err(Error::UnknownNamespace { .. })));
    assert!(matches!(Vault::create(folder.path(), "../acme", &key), Err(Error::NamespaceName { .. })));
    let vault = Vault::create(&folder.path().join("vault"), "acme", &key).unwrap();
    let root = folder.path().join("vault");
    let digest = vault.put_sealed(b"secret").unwrap();
    assert!(matches!(Vault::create(&root, "acme", &key), Err(Error::NamespaceExists { .. })));
    assert!(matches!(Vault::open(&root, "acme", &other), Err(Error::WrongSealingKey { .. })));
    assert!(matches!(Vault::open(&root, "other", &key), Err(Error::UnknownNamespace { .. })));
    assert_eq!(Vault::open(&root, "acme", &key).unwrap().get(&digest).unwrap(), b"secret");

    // Another organization of the same installation has the same sealing key, and still nothing of this one.
    let neighbor = Vault::create(&root, "neighbor", &key).unwrap();
    assert!(matches!(neighbor.get(&digest), Err(Error::Missing { .. })));
    let name = digest.to_string();
    let place = |namespace: &str| root.join(namespace).join("objects").join(&name[..2]).join(format!("{name}.sealed"));
    fs::copy(place("acme"), place("neighbor")).unwrap();
    assert!(matches!(neighbor.get(&digest), Err(Error::Corrupt(_))));
}

#[test]
fn an_interrupted_creation_can_be_finished() {
    let folder = tempfile::tempdir().unwrap();
    let key = SealingKey::new([1; 32]);
    fs::create_dir_all(folder.path().join("acme/objects/00")).unwrap();
    fs::write(folder.path().join("acme/keys.db"), b"").unwrap();
    assert!(matches!(Vault::open(folder.path(), "acme", &key), Err(Error::UnknownNamespace { .. })));
    let vault = Vault::create(folder.path(), "acme", &key).unwrap();
    vault.put(b"bytes").unwrap();
}

#[test]
fn two_writers_of_the_same_object_are_fine() {
    let folder = tempfile::tempdir().unwrap();
    let key = SealingKey::new([1; 32]);
    Vault::create(folder.path(), "acme", &key).unwrap();
    let barrier = Barrier::new(8);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let vault = Vault::open(folder.path(), "acme", &key).unwrap();
                barrier.wait();
                for number in 0..20_u32 {
                    let bytes = number.to_be_bytes().repeat(5000);
                    let digest = vault.put(&bytes).unwrap();
                    assert_eq!(vault.get(&digest).unwrap(), bytes);
                    let sealed = vault.put_sealed(&bytes).unwrap();
                    assert_eq!(vault.get(&sealed).unwrap(), bytes);
                }
            });
        }
    });
    let check = Vault::open(folder.path(), "acme", &key).unwrap().check(&mut |_| {}).unwrap();
    assert!(check.is_sound());
    assert_eq!((check.objects, check.sealed, check.strays.len()), (20 + 160, 160, 0));
}

#[test]
fn leftovers_of_dead_writers_go_and_files_of_living_ones_stay() {
    let folder = tempfile::tempdir().unwrap();
    let key = SealingKey::new([1; 32]);
    let vault = Vault::create(folder.path(), "acme", &key).unwrap();
    fs::write(folder.path().join("acme/incoming/left"), b"half").unwrap();
    let mut writer = vault.writer(&crate::sample::schema(), tickmark_vault::WriteOptions::new(true)).unwrap();
    writer.write(&crate::sample::rows(0, 40_000)).unwrap();
    Vault::open(folder.path(), "acme", &key).unwrap();
    assert!(!folder.path().join("acme/incoming/left").exists());
    let (digest, _) = writer.finish(crate::sample::provenance()).unwrap();
    vault.check_dataset(&digest).unwrap();
}

#[test]
fn a_symbolic_link_in_the_vault_is_not_followed() {
    let (folder, vault) = vault();
    let outside = folder.path().join("outside");
    fs::write(&outside, b"outside").unwrap();
    let digest = Digest::of(b"outside");
    let name = digest.to_string();
    std::os::unix::fs::symlink(&outside, folder.path().join("acme/objects").join(&name[..2]).join(&name)).unwrap();
    assert!(matches!(vault.get(&digest), Err(Error::Io { .. })));
    assert_eq!(vault.check(&mut |_| {}).unwrap().problems, 1);
}

#[test]
fn a_vault_may_lie_behind_a_link_but_its_keys_may_not_be_one() {
    let (folder, vault) = vault();
    let digest = vault.put_sealed(b"sealed").unwrap();
    drop(vault);
    let elsewhere = tempfile::tempdir().unwrap();
    let link = elsewhere.path().join("link");
    std::os::unix::fs::symlink(folder.path(), &link).unwrap();
    let key = SealingKey::new([7; 32]);
    assert_eq!(Vault::open(&link, "acme", &key).unwrap().get(&digest).unwrap(), b"sealed");
    let (keys, moved) = (folder.path().join("acme/keys.db"), folder.path().join("keys.db"));
    fs::rename(&keys, &moved).unwrap();
    std::os::unix::fs::symlink(&moved, &keys).unwrap();
    Vault::open(folder.path(), "acme", &key).unwrap_err();
}

#[test]
fn a_child_opens_what_it_was_given_the_keys_of_and_writes_nothing() {
    let (folder, vault) = vault();
    let plain = vault.put(b"plain").unwrap();
    let given = vault.put_sealed(b"given").unwrap();
    let kept = vault.put_sealed(b"kept").unwrap();
    let keys = vault.object_keys(&[plain, given]).unwrap();
    assert_eq!(keys.len(), 1);
    let keys = ObjectKeys::from_bytes(&keys.to_bytes()).unwrap();
    let child = Vault::open_read_only_with_keys(folder.path(), "acme", keys).unwrap();
    assert_eq!(child.get(&plain).unwrap(), b"plain");
    assert_eq!(child.get(&given).unwrap(), b"given");
    assert!(matches!(child.get(&kept), Err(Error::NoKey { .. })));
    assert!(matches!(child.get(&Digest::of(b"absent")), Err(Error::Missing { .. })));
    assert!(matches!(child.put(b"x"), Err(Error::ReadOnly { .. })));
    assert!(matches!(child.put_sealed(b"x"), Err(Error::ReadOnly { .. })));
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    assert!(matches!(child.erase(&given, "x", now), Err(Error::ReadOnly { .. })));
    assert!(matches!(
        Vault::open_read_only_with_keys(folder.path(), "other", ObjectKeys::default()),
        Err(Error::UnknownNamespace { .. })
    ));
}

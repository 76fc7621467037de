//! Flipped bits, cut files and lost files: named, never handed out.

use std::{fs, path::Path};

use tickmark_canonical::Digest;
use tickmark_vault::{Error, Manifest, SealingKey, Vault, WriteOptions};

use crate::sample::{provenance, rows, schema, vault};

fn flip(path: &Path, byte: u64) {
    let mut bytes = fs::read(path).unwrap();
    bytes[byte as usize] ^= 0x10;
    fs::write(path, bytes).unwrap();
}

fn dataset(vault: &Vault, sealed: bool) -> (Digest, Manifest) {
    let options = WriteOptions { row_group_rows: 10_000, ..WriteOptions::new(sealed) };
    let mut writer = vault.writer(&schema(), options).unwrap();
    writer.write(&rows(0, 30_000)).unwrap();
    writer.finish(provenance()).unwrap()
}

/// A check finds something wrong and its first problem names `part`.
fn check_names(vault: &Vault, part: &str) {
    let check = vault.check(&mut |_| {}).unwrap();
    assert!(check.problems > 0);
    let problem = check.first_problem.unwrap();
    assert!(problem.to_string().contains(part), "`{problem}` does not name {part}");
}

#[test]
fn a_flipped_bit_in_an_object_is_found_by_every_read() {
    for sealed in [false, true] {
        let (_folder, vault) = vault();
        let bytes = vec![1_u8; 200_000];
        let digest = if sealed { vault.put_sealed(&bytes).unwrap() } else { vault.put(&bytes).unwrap() };
        flip(&vault.object_path(&digest).unwrap(), 100_000);
        assert!(matches!(vault.get(&digest), Err(Error::Corrupt(_))));
        check_names(&vault, &digest.to_string());
        if !sealed {
            assert!(matches!(vault.put(&bytes), Err(Error::Corrupt(_))), "acknowledged bytes that are not there");
        }
    }
}

#[test]
fn a_flipped_bit_in_a_chunk_is_found_by_reads_of_that_column_only() {
    for sealed in [false, true] {
        let (_folder, vault) = vault();
        let (digest, manifest) = dataset(&vault, sealed);
        let part = &manifest.parts[0];
        let chunk = &part.row_groups[1].chunks[6];
        // A sealed file has 16 bytes of header and 16 of tag after each 64 KiB before the same place.
        let at = chunk.offset + chunk.length / 2;
        let at = if sealed { 16 + at + at / 65_536 * 16 } else { at };
        flip(&vault.object_path(&part.object).unwrap(), at);
        let reader = vault.open_part(&manifest, 0).unwrap();
        if !sealed {
            reader.read_chunk(1, 5).unwrap();
            let other: Result<Vec<_>, _> = vault.read_dataset(&manifest, Some(&["id", "wide"])).unwrap().collect();
            other.unwrap();
        }
        let error = reader.read_chunk(1, 6).unwrap_err().to_string();
        let named = if sealed { "segment" } else { "column `gross`" };
        assert!(error.contains(named) && error.contains(&part.object.to_string()), "{error}");
        let mut batches = vault.read_dataset(&manifest, Some(&["gross"])).unwrap();
        let read: Vec<_> = batches.by_ref().collect();
        assert!(matches!(read.last(), Some(Err(Error::Corrupt(_)))));
        assert!(batches.next().is_none(), "rows after a damage");
        assert!(vault.check_dataset(&digest).is_err());
        check_names(&vault, &part.object.to_string());
    }
}

#[test]
fn a_flipped_bit_in_a_footer_is_found_at_opening() {
    for sealed in [false, true] {
        let (_folder, vault) = vault();
        let (_, manifest) = dataset(&vault, sealed);
        let part = &manifest.parts[0];
        let path = vault.object_path(&part.object).unwrap();
        let end = fs::metadata(&path).unwrap().len();
        flip(&path, end - 40);
        assert!(matches!(vault.open_part(&manifest, 0), Err(Error::Corrupt(_))));
        check_names(&vault, &part.object.to_string());
    }
}

#[test]
fn a_truncated_part_is_found_at_opening() {
    for sealed in [false, true] {
        let (_folder, vault) = vault();
        let (_, manifest) = dataset(&vault, sealed);
        let path = vault.object_path(&manifest.parts[0].object).unwrap();
        let bytes = fs::read(&path).unwrap();
        for keep in [bytes.len() - 1, bytes.len() / 2, 20, 4, 0] {
            fs::write(&path, &bytes[..keep]).unwrap();
            let error = vault.open_part(&manifest, 0).unwrap_err();
            assert!(matches!(error, Error::Corrupt(_)), "{keep}: {error}");
        }
        check_names(&vault, &manifest.parts[0].object.to_string());
        fs::remove_file(&path).unwrap();
        assert!(matches!(vault.open_part(&manifest, 0), Err(Error::Missing { .. })));
        assert!(!vault.check(&mut |_| {}).unwrap().is_sound());
    }
}

#[test]
fn a_flipped_bit_in_a_manifest_is_found() {
    for sealed in [false, true] {
        let (_folder, vault) = vault();
        let (digest, _) = dataset(&vault, sealed);
        flip(&vault.object_path(&digest).unwrap(), 300);
        assert!(matches!(vault.manifest(&digest), Err(Error::Corrupt(_))));
        check_names(&vault, &digest.to_string());
    }
}

#[test]
fn a_changed_row_of_the_key_store_is_found() {
    let (folder, vault) = vault();
    let digest = vault.put_sealed(b"secret").unwrap();
    let erased = vault.put_sealed(b"erased").unwrap();
    vault.erase(&erased, "request 17", "2026-03-01T12:00:00Z".parse().unwrap()).unwrap();
    vault.hold(&digest, "matter 1").unwrap();
    let database = rusqlite::Connection::open(folder.path().join("acme/keys.db")).unwrap();
    let change = |sql: &str| database.execute(sql, []).unwrap();

    change("UPDATE hold SET reason = 'matter 2'");
    assert!(matches!(vault.holds(&digest), Err(Error::Corrupt(_))));
    let now = "2026-03-01T12:00:00Z".parse().unwrap();
    assert!(matches!(vault.erase(&digest, "x", now), Err(Error::Corrupt(_))), "a damaged hold does not hold");
    check_names(&vault, "the hold");
    change("UPDATE hold SET reason = 'matter 1'");

    change("UPDATE tombstone SET reason = 'request 18'");
    assert!(matches!(vault.get(&erased), Err(Error::Corrupt(_))));
    check_names(&vault, "tombstone");
    change("UPDATE tombstone SET reason = 'request 17'");

    change("UPDATE object_key SET wrapped = zeroblob(60)");
    assert!(matches!(vault.get(&digest), Err(Error::Corrupt(_))));
    check_names(&vault, &digest.to_string());
    change("DELETE FROM object_key");
    assert!(matches!(vault.get(&digest), Err(Error::Corrupt(_))), "the ciphertext must not pass for the object");
    check_names(&vault, &digest.to_string());
}

#[test]
fn a_key_store_that_is_no_database_is_refused() {
    let (folder, vault) = vault();
    vault.put_sealed(b"secret").unwrap();
    drop(vault);
    let path = folder.path().join("acme/keys.db");
    fs::write(&path, b"not a database, but long enough to look like one to a careless reader").unwrap();
    let error = Vault::open(folder.path(), "acme", &SealingKey::new([7; 32])).unwrap_err();
    assert!(matches!(error, Error::Keys { .. }), "{error}");
}

#[test]
fn a_file_that_is_not_the_vaults_is_a_stray_and_no_damage() {
    let (folder, vault) = vault();
    vault.put(b"bytes").unwrap();
    fs::write(folder.path().join("acme/objects/00/notes.txt"), b"x").unwrap();
    let check = vault.check(&mut |_| {}).unwrap();
    assert!(check.is_sound());
    assert_eq!((check.objects, check.strays.len()), (1, 1));
}

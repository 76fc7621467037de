//! Sealed packages: the firm's key opens them, no other does.

use std::io::Cursor;

use tickmark_report::{
    Error,
    package::{Limits, PackageHead, PackageKind, Reader, Writer},
    seal::{FirmPublicKey, FirmSecretKey, open_with_firm_key, read_header, seal_for_firm},
};

fn inner() -> Vec<u8> {
    let mut writer = Writer::new(PackageHead {
        kind: PackageKind::Examination,
        organization: "harbor-lane".into(),
        engagement: "soc1-2026".into(),
        checkpoint: "c".into(),
    });
    writer.add_bytes("populations/payslip.parquet", (0..70_000_u32).flat_map(u32::to_le_bytes).collect()).unwrap();
    writer.finish(Cursor::new(Vec::new())).unwrap().1.into_inner()
}

fn sealed(key: &FirmPublicKey, inner: &[u8]) -> Vec<u8> {
    seal_for_firm(key, "harbor-lane", "soc1-2026", inner.len() as u64, inner, Cursor::new(Vec::new()))
        .unwrap()
        .1
        .into_inner()
}

fn opened(key: &FirmSecretKey, sealed: &[u8]) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    open_with_firm_key(key, Cursor::new(sealed), &mut out).map(|_| out)
}

#[test]
fn the_firm_opens_what_was_sealed_to_it() {
    let key = FirmSecretKey::generate();
    let inner = inner();
    let sealed = sealed(&key.public(), &inner);
    assert!(!sealed.windows(32).any(|window| inner.windows(32).next() == Some(window)));
    let header = read_header(Cursor::new(&sealed)).unwrap();
    assert_eq!((header.organization.as_str(), header.size), ("harbor-lane", inner.len() as u64));
    let out = opened(&key, &sealed).unwrap();
    assert_eq!(out, inner);
    let mut reader = Reader::open(Cursor::new(out), Limits::EXAMINATION).unwrap();
    assert_eq!(reader.manifest().kind, PackageKind::Examination);
    reader.check(&mut |_, _| {}).unwrap();
}

#[test]
fn another_key_is_told_so() {
    let (key, other) = (FirmSecretKey::generate(), FirmSecretKey::generate());
    let error = opened(&other, &sealed(&key.public(), &inner())).unwrap_err();
    assert!(matches!(&error, Error::WrongFirmKey { sealed_to, given }
        if *sealed_to == key.public().id().to_string() && *given == other.public().id().to_string()));
}

#[test]
fn a_report_package_is_no_sealed_package() {
    let error = read_header(Cursor::new(inner())).unwrap_err().to_string();
    assert!(error.contains("`header.json` and `sealed.bin`"), "{error}");
}

#[test]
fn a_changed_byte_is_noticed() {
    let key = FirmSecretKey::generate();
    let inner = inner();
    let good = sealed(&key.public(), &inner);
    for at in (0..good.len()).step_by(good.len() / 41) {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        if let Ok(out) = opened(&key, &bad) {
            assert_eq!(out, inner, "byte {at}");
        }
    }
}

#[test]
fn a_size_that_lies_is_noticed() {
    let key = FirmSecretKey::generate();
    let result = seal_for_firm(&key.public(), "o", "e", 10, &b"123"[..], Cursor::new(Vec::new()));
    assert!(matches!(result, Err(Error::Corrupt(_))));
}

//! Packages: what is written can be read, and whatever was touched is named.

use std::io::{Cursor, Write as _};

use tickmark_report::{
    Error, Renderer,
    lint::{Severity, lint_package},
    package::{
        DocumentVerdict, Limits, PackageHead, PackageKind, Reader, Writer, add_document, add_renderer, compare,
        read_documents, read_renderer,
    },
};
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

fn head() -> PackageHead {
    PackageHead {
        kind: PackageKind::Report,
        organization: "harbor-lane".into(),
        engagement: "soc1-2026".into(),
        checkpoint: "harbor-lane.example/tickmark\n9184\nroot\n\n— key sig\n".into(),
    }
}

fn files() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("documents/report.pdf", b"%PDF-1.7 report".to_vec()),
        ("figures.json", br#"[{"tick":1}]"#.repeat(400)),
        ("ledger/entries.jsonl", b"{}\n".repeat(2_000)),
    ]
}

fn package(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut writer = Writer::new(head());
    for (path, bytes) in files {
        writer.add_bytes(path, bytes.clone()).unwrap();
    }
    writer.finish(Cursor::new(Vec::new())).unwrap().1.into_inner()
}

fn open(bytes: &[u8]) -> Result<Reader<Cursor<&[u8]>>, Error> {
    Reader::open(Cursor::new(bytes), Limits::REPORT)
}

/// Opens and checks everything.
fn verdict(bytes: &[u8]) -> String {
    match open(bytes).and_then(|mut reader| reader.check(&mut |_, _| {})) {
        Ok(()) => "good".to_owned(),
        Err(error) => error.to_string(),
    }
}

/// A zip of anything, as a forger would make it.
fn forged(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default());
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn manifest(files: &str) -> Vec<u8> {
    format!(r#"{{"checkpoint":"c","engagement":"e","files":{{{files}}},"format":"tickmark-package-1","kind":"report","organization":"o"}}"#).into_bytes()
}

const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

#[test]
fn what_is_written_is_read() {
    let files = files();
    let bytes = package(&files);
    let mut reader = open(&bytes).unwrap();
    assert_eq!(reader.manifest().kind, PackageKind::Report);
    assert_eq!(reader.manifest().files.len(), 3);
    for (path, content) in &files {
        assert_eq!(&reader.read(path).unwrap(), content);
    }
    let mut seen = Vec::new();
    reader.check(&mut |done, total| seen.push((done, total))).unwrap();
    assert_eq!(seen.last().map(|(done, total)| done == total), Some(true));
    assert!(reader.read("documents/other.pdf").is_err());
    assert!(reader.read("../etc/passwd").is_err());
}

#[test]
fn order_of_adding_does_not_matter() {
    let mut reversed = files();
    reversed.reverse();
    assert!(package(&files()) == package(&reversed));
}

#[test]
fn a_writer_refuses_names_and_sizes_that_lie() {
    let mut writer = Writer::new(head());
    writer.add_bytes("a/B.json", vec![]).unwrap();
    for path in ["a/B.json", "a/b.json", "../a", "/a", "package.json"] {
        assert!(writer.add_bytes(path, vec![]).is_err(), "{path}");
    }
    writer.add_reader("short.bin", 10, Cursor::new(b"123")).unwrap();
    let error = writer.finish(Cursor::new(Vec::new())).unwrap_err().to_string();
    assert!(error.contains("`short.bin`") && error.contains("10 bytes"), "{error}");
}

#[test]
fn one_flipped_bit_anywhere_is_noticed() {
    let good = package(&files());
    assert_eq!(verdict(&good), "good");
    // Bits that mean nothing to anybody: the version that made an entry, its time and its permissions are not content.
    let mut unnoticed = Vec::new();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        if verdict(&bad) == "good" {
            unnoticed.push(at);
        }
    }
    let original = open(&good).unwrap();
    for at in unnoticed {
        let mut bad = good.clone();
        bad[at] ^= 1;
        let mut reader = open(&bad).unwrap();
        assert_eq!(reader.digest(), original.digest(), "byte {at}");
        for (path, content) in files() {
            assert_eq!(reader.read(path).unwrap(), content, "byte {at}");
        }
    }
}

#[test]
fn what_was_touched_is_named() {
    let good = package(&files());
    let mut appended = good.clone();
    appended.extend_from_slice(b"more");
    let mut prefixed = b"#!/bin/sh\n".to_vec();
    prefixed.extend_from_slice(&good);
    let one = format!(r#""a.txt":{{"digest":"{EMPTY}","size":0}}"#);
    let listed = |size: u64| format!(r#""a.txt":{{"digest":"{EMPTY}","size":{size}}}"#);
    let bomb = vec![0_u8; 1 << 20];
    for (what, bytes, expected) in [
        ("nothing at all", b"not a zip".to_vec(), "shorter than the shortest zip"),
        ("no zip", vec![7; 4096], "does not end as a zip"),
        ("cut short", good[..good.len() - 10].to_vec(), "does not end as a zip"),
        ("appended", appended, "does not end as a zip"),
        ("prefixed", prefixed, "bytes outside its entries"),
        ("no list", forged(&[("a.txt", b"")]), "holds no `package.json`"),
        ("list is no JSON", forged(&[("package.json", b"{")]), "is not JSON"),
        ("no format", forged(&[("package.json", b"{}")]), "names no format"),
        ("later format", forged(&[("package.json", br#"{"format":"tickmark-package-9"}"#)]), "`tickmark-package-9`"),
        (
            "not canonical",
            forged(&[("a.txt", b""), ("package.json", &[b" ", manifest(&one).as_slice()].concat())]),
            "canonical",
        ),
        (
            "unlisted entry",
            forged(&[("a.txt", b""), ("b.txt", b""), ("package.json", &manifest(&one))]),
            "the entry `b.txt`",
        ),
        ("missing file", forged(&[("package.json", &manifest(&one))]), "the listed file `a.txt`"),
        ("wrong digest", forged(&[("a.txt", b"x"), ("package.json", &manifest(&listed(1)))]), "`a.txt` is corrupt"),
        ("wrong size", forged(&[("a.txt", b"x"), ("package.json", &manifest(&listed(2)))]), "2 bytes, found 1 bytes"),
        ("bomb", forged(&[("a.txt", &bomb), ("package.json", &manifest(&listed(4)))]), "4 bytes"),
        ("claims too much", forged(&[("a.txt", b""), ("package.json", &manifest(&listed(1 << 40)))]), "more than the"),
        ("climbs out", forged(&[("../a.txt", b""), ("package.json", &manifest(&one))]), "`../a.txt`"),
        ("absolute", forged(&[("/etc/a", b""), ("package.json", &manifest(&one))]), "`/etc/a`"),
        ("backslash", forged(&[("a\\b", b""), ("package.json", &manifest(&one))]), "may not stand in a package"),
        ("folder", forged(&[("a/", b""), ("package.json", &manifest(&one))]), "a folder"),
    ] {
        let verdict = verdict(&bytes);
        assert!(verdict.contains(expected), "{what}: {verdict}");
    }
}

#[test]
fn two_entries_of_one_name_are_refused() {
    let one = format!(r#""a.txt":{{"digest":"{EMPTY}","size":0}}"#);
    // The writer refuses duplicates, so the second name is patched in afterwards, in both of its places.
    let mut bytes = forged(&[("a.txt", b""), ("b.txt", b""), ("package.json", &manifest(&one))]);
    let places: Vec<usize> = bytes.windows(5).enumerate().filter(|(_, w)| *w == b"b.txt").map(|(at, _)| at).collect();
    assert_eq!(places.len(), 2);
    for at in places {
        bytes[at] = b'a';
    }
    assert!(verdict(&bytes).contains("two entries of one name"), "{}", verdict(&bytes));
}

#[test]
fn limits_hold_before_anything_is_read() {
    let bytes = package(&files());
    let small = Limits { total_bytes: 100, ..Limits::REPORT };
    let error = Reader::open(Cursor::new(bytes.as_slice()), small).err().unwrap();
    assert!(matches!(error, Error::TooLarge { .. }), "{error}");
    let few = Limits { files: 2, ..Limits::REPORT };
    assert!(matches!(Reader::open(Cursor::new(bytes.as_slice()), few), Err(Error::TooLarge { .. })));
    let memory = Limits { in_memory_bytes: 10, ..Limits::REPORT };
    let mut reader = Reader::open(Cursor::new(bytes.as_slice()), memory).unwrap();
    assert!(matches!(reader.read("figures.json"), Err(Error::TooLarge { .. })));
    let mut out = Vec::new();
    reader.copy("figures.json", &mut out).unwrap();
    assert_eq!(out, files()[1].1);
}

#[test]
fn documents_travel_with_their_data() {
    let documents = ["soc1-type2", "management-testing"];
    let mut writer = Writer::new(head());
    for name in documents {
        let document = crate::views::document(name);
        let rendered = tickmark_report::render(&document).unwrap();
        add_document(&mut writer, name, &document, rendered).unwrap();
    }
    add_renderer(&mut writer).unwrap();
    let bytes = writer.finish(Cursor::new(Vec::new())).unwrap().1.into_inner();
    let mut reader = open(&bytes).unwrap();
    let stored = read_documents(&mut reader).unwrap();
    assert_eq!(stored.keys().map(String::as_str).collect::<Vec<_>>(), ["management-testing", "soc1-type2"]);
    let by = read_renderer(&mut reader).unwrap();
    let one = &stored["soc1-type2"];
    assert!(matches!(compare(one, &by).unwrap(), DocumentVerdict::SameBytes { pages: 1.. }));
    let mut other = one.clone();
    other.pdf.push(b'\n');
    assert_eq!(compare(&other, &by).unwrap(), DocumentVerdict::OtherBytes);
    let later = Renderer { engine: "typst 9.9.9".into(), ..by };
    assert_eq!(compare(one, &later).unwrap(), DocumentVerdict::NotRendered { by: later });
    let findings = lint_package(&mut reader).unwrap();
    assert!(findings.iter().all(|finding| finding.severity == Severity::Warning), "{findings:#?}");
}

#[test]
fn a_figure_changed_beside_its_view_is_found() {
    let document = crate::views::document("exceptions");
    let mut rendered = tickmark_report::render(&document).unwrap();
    rendered.figures_json = String::from_utf8(rendered.figures_json).unwrap().replacen("41", "14", 1).into_bytes();
    let mut writer = Writer::new(head());
    add_document(&mut writer, "exceptions", &document, rendered).unwrap();
    writer.add_bytes("populations/payslip.parquet", vec![1]).unwrap();
    let bytes = writer.finish(Cursor::new(Vec::new())).unwrap().1.into_inner();
    let rules: Vec<_> =
        lint_package(&mut open(&bytes).unwrap()).unwrap().into_iter().map(|finding| finding.rule).collect();
    assert!(rules.contains(&"PKG-01") && rules.contains(&"PKG-03"), "{rules:?}");
}

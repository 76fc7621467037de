//! OSCAL from outside: what is exported is valid by NIST's schema and read by compliance-trestle, and reads back byte for byte.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use crate::command_line::demo;

fn tickmark(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tickmark")).args(arguments).output().unwrap()
}

fn done(arguments: &[&str]) -> String {
    let output = tickmark(arguments);
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{arguments:?}\n{told}\n{}", String::from_utf8_lossy(&output.stderr));
    told
}

/// What is exported of the sample company.
fn exported(folder: &Path) -> Vec<PathBuf> {
    let out = folder.join("oscal");
    done(&["oscal", "--dir", demo().to_str().unwrap(), "export", out.to_str().unwrap()]);
    let mut files: Vec<PathBuf> = std::fs::read_dir(out).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn every_file_is_valid_and_read_by_trestle() {
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map_or_else(|| PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache"), PathBuf::from);
    let python = cache.join("tickmark/python");
    let folder = tempfile::tempdir().unwrap();
    let files = exported(folder.path());
    assert_eq!(
        files.len(),
        24,
        "two catalogs, the control set, two files for each of six engagements, three of tests: {files:?}"
    );
    let check = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/oscal/check.py");
    let checked = Command::new(python.join("bin/python"))
        .arg(check)
        .arg(python.join("oscal_complete_schema.json"))
        .args(&files)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&checked.stdout).into_owned() + &String::from_utf8_lossy(&checked.stderr);
    assert!(checked.status.success(), "{told}\n(`tests/install` installs what this test needs)");
}

#[test]
fn a_file_reads_back_byte_for_byte() {
    let folder = tempfile::tempdir().unwrap();
    let (first, again) = (exported(folder.path()), exported(folder.path()));
    assert_eq!(first, again);
    for file in &first {
        let kept = folder.path().join("kept.json");
        let read =
            done(&["--format", "json", "oscal", "import", file.to_str().unwrap(), "--kept", kept.to_str().unwrap()]);
        let read: serde_json::Value = serde_json::from_str(&read).unwrap();
        assert_eq!(read["not_kept"], serde_json::json!([]), "{file:?}");
        assert!(!read["controls"].as_array().unwrap().is_empty(), "{file:?}");
        assert!(std::fs::read(file).unwrap() == std::fs::read(&kept).unwrap(), "{file:?}");
    }
}

/// A catalog that is not ours: parameters are rendered, choices told, and what is not kept is listed.
#[test]
fn a_foreign_catalog_becomes_a_list_to_review() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/oscal/foreign-catalog.json");
    insta::assert_snapshot!(done(&["oscal", "import", file.to_str().unwrap()]));
}

#[test]
fn broken_files_are_refused_with_place_and_reason() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("broken.json");
    for (text, expected) in [
        ("{\"catalog\": {\n  \"uuid\": \"x\",,\n}}", "broken.json: line 2, column 15: key must be a string"),
        ("<catalog/>", "broken.json: line 1: this is XML; OSCAL is read as JSON"),
        ("[]", "broken.json: line 1: an OSCAL file is an object"),
        ("{\"catalog\": {}, \"profile\": {}}", "one model stands at the top of an OSCAL file; here are 2"),
        ("{\"mapping-collection\": {}}", "broken.json: mapping-collection: is no model that is read here"),
        ("{\"catalog\": {\n  \"uuid\": \"x\"\n}}", "broken.json: line 3, column 1: missing field `metadata`"),
        (
            "{\"catalog\": {\"uuid\": \"8bb80b1e-4a3c-4e0b-9d1e-2b2f3f6f0a11\", \"metadata\": {\"title\": \"t\", \"last-modified\": \"\", \"version\": \"1\", \
             \"oscal-version\": \"1.1.2\"}, \"controls\": [{\"id\": \"a\", \"title\": \"A\"}, {\"id\": \"a\", \"title\": \"B\"}]}}",
            "broken.json: control `a`: its id stands twice in the catalog",
        ),
        (
            "{\"catalog\": {\"uuid\": \"8bb80b1e-4a3c-4e0b-9d1e-2b2f3f6f0a11\", \"metadata\": {\"title\": \"t\", \"last-modified\": \"\", \"version\": \"1\", \
             \"oscal-version\": \"2.0.0\"}}}",
            "broken.json: metadata.oscal-version: `2.0.0` is no version 1 of OSCAL",
        ),
        (
            "{\"catalog\": {\"uuid\": \"8bb80b1e-4a3c-1e0b-9d1e-2b2f3f6f0a11\", \"metadata\": {\"title\": \"t\", \"last-modified\": \"\", \"version\": \"1\", \
             \"oscal-version\": \"1.1.2\"}}}",
            "broken.json: catalog.uuid: `8bb80b1e-4a3c-1e0b-9d1e-2b2f3f6f0a11` is no UUID of version 4 or 5",
        ),
    ] {
        std::fs::write(&file, text).unwrap();
        let refused = tickmark(&["oscal", "import", file.to_str().unwrap()]);
        let told = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(1), "{told}");
        assert!(told.contains(expected), "expected {expected}\nfound {told}");
    }
}

/// Files that are small and ask for more than any memory holds, or go deeper than anybody writes.
#[test]
fn absurd_files_are_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("absurd.json");
    let catalog = |inside: serde_json::Value| {
        let mut catalog = serde_json::json!({"uuid": "8bb80b1e-4a3c-4e0b-9d1e-2b2f3f6f0a11", "metadata": {
            "title": "t", "last-modified": "", "version": "1", "oscal-version": "1.1.2"}});
        catalog.as_object_mut().unwrap().extend(inside.as_object().unwrap().clone());
        serde_json::json!({"catalog": catalog}).to_string()
    };
    let twice = |number: i32| {
        let choice = format!("{{{{ insert: param, p{number} }}}}{{{{ insert: param, p{number} }}}}");
        serde_json::json!({"id": format!("p{}", number - 1), "select": {"choice": [choice]}})
    };
    let parameters: Vec<_> = (1..60).map(twice).collect();
    let statement = serde_json::json!([{"name": "statement", "prose": "{{ insert: param, p0 }}"}]);
    let laughs = serde_json::json!({"controls": [{"id": "a", "title": "A", "params": parameters, "parts": statement}]});
    let deep = (0..40).fold(serde_json::json!([]), |inside, _| serde_json::json!([{"title": "G", "groups": inside}]));
    for (text, expected) in [
        (catalog(laughs), "absurd.json: parameters: they add more than 16 MiB of text where they stand"),
        (catalog(serde_json::json!({"groups": deep})), "absurd.json: G: stands deeper than 32 groups or controls"),
        ("{\"catalog\":".repeat(100_000), "recursion limit exceeded"),
        (
            catalog(
                serde_json::json!({"controls": [{"id": "../../a", "title": "A"}, {"id": "../../a", "title": "A"}]}),
            ),
            "absurd.json: control `../../a`: its id stands twice in the catalog",
        ),
    ] {
        std::fs::write(&file, text).unwrap();
        let refused = tickmark(&["oscal", "import", file.to_str().unwrap()]);
        let told = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(1), "{told}");
        assert!(told.contains(expected), "expected {expected}\nfound {told}");
    }
}

//! The command line as a person meets it: a small demo, and what every command says of it.

use std::{
    path::Path,
    process::{Command, Output},
    sync::OnceLock,
};

fn tickmark(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tickmark")).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A demo of one percent, made once for all tests of this process.
pub fn demo() -> &'static Path {
    static DEMO: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = DEMO.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("demo");
        let made = tickmark(&["demo", "--dir", dir.to_str().unwrap(), "--scale", "2"]);
        assert!(made.status.success(), "{}\n{}", text(&made.stdout), text(&made.stderr));
        folder
    });
    Box::leak(folder.path().join("demo").into_boxed_path())
}

#[test]
fn a_demo_leaves_packages_that_verify() {
    let dir = demo();
    for (package, with_key) in [
        ("soc1-report.zip", false),
        ("soc2-report.zip", false),
        ("soc1-examination.zip", true),
        ("soc2-examination.zip", true),
    ] {
        let package = dir.join("packages").join(package);
        let key = dir.join("firm/firm.key");
        let mut arguments = vec!["verify", package.to_str().unwrap()];
        if with_key {
            arguments.extend(["--firm-key", key.to_str().unwrap()]);
        }
        let verified = tickmark(&arguments);
        assert_eq!(verified.status.code(), Some(0), "{}\n{}", text(&verified.stdout), text(&verified.stderr));
    }
}

/// Figures of a PDF, as attached to it.
fn figures(pdf: &Path) -> Vec<serde_json::Value> {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("figures.json");
    let detached = Command::new("pdfdetach").args(["-save", "1", "-o"]).args([&out, pdf]).output().unwrap();
    assert!(detached.status.success(), "{}", text(&detached.stderr));
    serde_json::from_slice(&std::fs::read(out).unwrap()).unwrap()
}

#[test]
fn only_what_counts_facts_of_the_ledger_has_no_digest_behind_it() {
    let counts_facts = ["controls ", "datasets ", "not assessed: ", "differing results of "];
    for report in ["soc1", "soc2"] {
        for (document, of_the_firm) in [("report", true), ("management-testing", false)] {
            let figures = figures(&demo().join(format!("packages/{report}-{document}.pdf")));
            assert!(figures.len() > 50, "{report}-{document} has {} figures", figures.len());
            let counts = |figure: &serde_json::Value| figure["counts"].as_str().unwrap().to_owned();
            let bare: Vec<String> = figures.iter().filter(|f| f.get("digest").is_none()).map(counts).collect();
            let other: Vec<&String> =
                bare.iter().filter(|bare| of_the_firm || !counts_facts.iter().any(|c| bare.starts_with(c))).collect();
            assert!(other.is_empty(), "{report}-{document}: {other:?}");
        }
    }
}

#[test]
fn one_of_a_thing_is_told_in_the_singular() {
    let dir = demo().to_str().unwrap().to_owned();
    let checked = text(&tickmark(&["ledger", "check", "--dir", &dir]).stdout);
    assert!(checked.contains(" 1 outside anchor;"), "{checked}");
    let status = text(&tickmark(&["status", "--dir", &dir]).stdout);
    assert!(status.contains("longest stretch without an outside anchor: 1 day."), "{status}");
    let report = demo().join("packages/soc1-report.pdf");
    let pages = text(&Command::new("pdftotext").arg(report).arg("-").output().unwrap().stdout);
    let words: Vec<&str> = pages.split_whitespace().collect();
    assert!(words.join(" ").contains(" 1 checkpoint held by "), "the appendix");
}

#[test]
fn a_changed_byte_in_a_package_is_found_and_named() {
    let package = demo().join("packages/soc1-report.zip");
    let mut bytes = std::fs::read(&package).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let folder = tempfile::tempdir().unwrap();
    let changed = folder.path().join("changed.zip");
    std::fs::write(&changed, bytes).unwrap();
    let verified = tickmark(&["verify", changed.to_str().unwrap()]);
    assert_eq!(verified.status.code(), Some(4), "{}", text(&verified.stdout));
    assert!(text(&verified.stdout).contains("DIFFERS"), "{}", text(&verified.stdout));
}

#[test]
fn another_key_does_not_open_the_examination_package() {
    let package = demo().join("packages/soc1-examination.zip");
    let without = tickmark(&["verify", package.to_str().unwrap()]);
    assert_eq!(without.status.code(), Some(1));
    assert!(text(&without.stderr).contains("--firm-key"), "{}", text(&without.stderr));
}

#[test]
fn ledger_and_vault_of_the_demo_check() {
    let dir = demo().to_str().unwrap();
    for arguments in [&["ledger", "--dir", dir, "check"][..], &["vault", "--dir", dir, "check"]] {
        let checked = tickmark(arguments);
        assert_eq!(checked.status.code(), Some(0), "{}\n{}", text(&checked.stdout), text(&checked.stderr));
    }
}

#[test]
fn the_past_can_be_asked_for() {
    let dir = demo().to_str().unwrap();
    let now: serde_json::Value = json(&["--format", "json", "exceptions", "--dir", dir]);
    let before: serde_json::Value = json(&["--format", "json", "exceptions", "--dir", dir, "--at", "3"]);
    assert!(now.as_array().unwrap().len() > 10);
    assert_eq!(before.as_array().unwrap().len(), 0);
}

fn json(arguments: &[&str]) -> serde_json::Value {
    let output = tickmark(arguments);
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn errors_say_what_and_what_next() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().to_str().unwrap();
    let output = tickmark(&["status", "--dir", dir]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr).replace(dir, "DIR");
    insta::assert_snapshot!(said, @r"
    error: DIR holds no installation of Tickmark
    hint: make one with `tickmark init`, or see one with `tickmark demo --dir DIR`
    ");
    let output = tickmark(&["demo", "--dir", demo().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("is not empty"), "{}", text(&output.stderr));
}

#[test]
fn a_fresh_installation_starts_from_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("acme");
    let dir = dir.to_str().unwrap();
    let made = tickmark(&[
        "init",
        "--dir",
        dir,
        "--organization",
        "acme",
        "--name",
        "Acme, Inc.",
        "--zone",
        "Europe/Berlin",
        "--administrator",
        "Ada",
        "--mail",
        "ada@acme.example",
    ]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    assert!(tickmark(&["status", "--dir", dir]).status.success());
    assert!(tickmark(&["ledger", "--dir", dir, "check"]).status.success());
    assert!(tickmark(&["upgrade", "--dir", dir, "--check"]).status.success());
}

//! The command line as a person meets it: a small demo, and what every command says of it.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::OnceLock,
    time::SystemTime,
};

fn tickmark(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tickmark")).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A demo of two percent that tests read and never change. The first process that asks makes it for all of a run; a program that
/// was built anew, or another day, makes one anew.
pub fn demo() -> &'static Path {
    static DEMO: OnceLock<PathBuf> = OnceLock::new();
    DEMO.get_or_init(|| {
        let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo");
        std::fs::create_dir_all(&place).unwrap();
        let lock = std::fs::File::create(place.join("lock")).unwrap();
        lock.lock().unwrap();
        let built = std::fs::metadata(env!("CARGO_BIN_EXE_tickmark")).unwrap().modified().unwrap();
        let seconds = |at: SystemTime| at.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        let name = format!("{}-{}", seconds(built), seconds(SystemTime::now()) / 86_400);
        let made = place.join(name);
        if !made.exists() {
            for entry in std::fs::read_dir(&place).unwrap() {
                let old = entry.unwrap().path();
                if old.is_dir() {
                    std::fs::remove_dir_all(old).unwrap();
                }
            }
            let making = place.join("making");
            let output = tickmark(&["demo", "--dir", making.to_str().unwrap(), "--scale", "2"]);
            assert!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
            std::fs::rename(making, &made).unwrap();
        }
        made
    })
}

#[test]
fn a_demo_leaves_packages_that_verify() {
    let dir = demo();
    let packages = REPORTS.iter().flat_map(|report| [(report, "report", false), (report, "examination", true)]);
    for (report, kind, with_key) in packages {
        let package = dir.join(format!("packages/{report}-{kind}.zip"));
        let key = dir.join("firm/firm.key");
        let mut arguments = vec!["verify", package.to_str().unwrap()];
        if with_key {
            arguments.extend(["--firm-key", key.to_str().unwrap()]);
        }
        let verified = tickmark(&arguments);
        assert_eq!(verified.status.code(), Some(0), "{}\n{}", text(&verified.stdout), text(&verified.stderr));
    }
}

/// The reports of the sample company.
const REPORTS: [&str; 6] = ["soc1", "soc2", "soc1-type1", "soc2-type1", "soc3", "isae3402"];

/// The words of a report of the demo, page by page without where lines break.
fn words_of(report: &str) -> String {
    let report = demo().join(format!("packages/{report}-report.pdf"));
    let pages = text(&Command::new("pdftotext").arg("-raw").arg(report).arg("-").output().unwrap().stdout);
    pages.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn each_report_has_what_its_kind_has_and_no_more() {
    let tested = ["Section IV: Tests of controls and results", "No deviations noted.", "throughout the period"];
    let controls = ["PAY-5-C2", "Control objectives and related controls"];
    let criteria = ["LA-02", "Criteria and related controls"];
    let public = ["General use", "Attachment A", "Attachment B"];
    let isae = ["Statement by the service organization", "Independent service auditor’s assurance report"];
    for (report, said, unsaid) in [
        ("soc1", [&tested[..], &controls].concat(), [&criteria[1..], &public].concat()),
        ("soc2", [&tested[..], &criteria].concat(), [&controls[1..], &public].concat()),
        ("soc1-type1", [&controls[..], &["as of September 30, 2026"]].concat(), [&tested[..], &public].concat()),
        ("soc2-type1", [&criteria[..], &["as of September 30, 2026"]].concat(), [&tested[..], &public].concat()),
        ("soc3", public.to_vec(), [&tested[..2], &controls, &criteria].concat()),
        ("isae3402", [&tested[..], &controls, &isae].concat(), vec!["SOC 1", "AT-C", "Management’s assertion"]),
    ] {
        let words = words_of(report);
        for said in said {
            assert!(words.contains(said), "{report} does not say `{said}`");
        }
        for unsaid in unsaid {
            assert!(!words.contains(unsaid), "{report} says `{unsaid}`");
        }
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
    for report in ["soc1", "soc2", "isae3402"] {
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
    let folder = tempfile::tempdir().unwrap();
    let changed = folder.path().join("changed.zip");
    for report in REPORTS {
        let mut bytes = std::fs::read(demo().join(format!("packages/{report}-report.zip"))).unwrap();
        // Within the report: its name stands before its bytes, which are the largest of the package.
        let name = b"documents/report.pdf";
        let at = bytes.windows(name.len()).position(|window| window == name).unwrap() + 2_000;
        bytes[at] ^= 1;
        std::fs::write(&changed, bytes).unwrap();
        let verified = tickmark(&["verify", changed.to_str().unwrap()]);
        let said = text(&verified.stdout);
        assert_eq!(verified.status.code(), Some(4), "{report}: {said}");
        assert!(said.contains("DIFFERS") && said.contains("documents/report.pdf"), "{report}: {said}");
    }
}

#[test]
fn another_key_does_not_open_the_examination_package() {
    let package = demo().join("packages/soc1-examination.zip");
    let without = tickmark(&["verify", package.to_str().unwrap()]);
    assert_eq!(without.status.code(), Some(1));
    assert!(text(&without.stderr).contains("--firm-key"), "{}", text(&without.stderr));
}

#[test]
fn control_tests_are_performed_again_from_the_examination_package() {
    let (package, key) = (demo().join("packages/soc2-examination.zip"), demo().join("firm/firm.key"));
    let (package, key) = (package.to_str().unwrap(), key.to_str().unwrap());
    let done = tickmark(&["--format", "json", "reperform", package, "LA-02", "--firm-key", key, "--limit", "1"]);
    assert_eq!(done.status.code(), Some(0), "{}\n{}", text(&done.stdout), text(&done.stderr));
    let shown: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    let tests = shown["tests"].as_array().unwrap();
    assert!(tests.iter().any(|test| test["test"] == "leaver-access"), "{shown}");
    for test in tests {
        assert!(test["controls"].as_array().unwrap().iter().any(|control| control == "LA-02"), "{test}");
        assert_eq!(test["agreement"], "same-rows", "{test}");
        assert_eq!(test["recorded"]["rows_digest"], test["found"]["rows_digest"], "{test}");
        assert!(!test["inputs"].as_array().unwrap().is_empty(), "{test}");
        let rows = test["rows"].as_array().unwrap();
        assert_eq!(rows.len() as u64, test["rows_in_all"].as_u64().unwrap().min(1), "{test}");
    }
    let told = text(&tickmark(&["reperform", package, "LA-02", "--firm-key", key]).stdout);
    assert!(told.contains("test.sql") && told.contains("same rows"), "{told}");
}

#[test]
fn an_examination_package_is_laid_open_for_other_tools() {
    let (package, key) = (demo().join("packages/soc2-examination.zip"), demo().join("firm/firm.key"));
    let (package, key) = (package.to_str().unwrap(), key.to_str().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("open");
    let open = |package: &str| tickmark(&["firm", "open", package, "--firm-key", key, "--out", out.to_str().unwrap()]);
    let report = demo().join("packages/soc2-report.zip");
    assert_eq!(open(report.to_str().unwrap()).status.code(), Some(1));
    assert!(!out.exists(), "nothing is left of what could not be opened");
    let opened = open(package);
    assert_eq!(opened.status.code(), Some(0), "{}", text(&opened.stderr));
    assert!(text(&opened.stdout).contains("check.py"), "{}", text(&opened.stdout));
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&out).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o700, "what was sealed is for its owner alone");
    for file in [
        "README.md",
        "sql/tables.sql",
        "sql/leaver-access/test.sql",
        "package/package.json",
        "rows/account/0000-0.parquet",
    ] {
        assert!(out.join(file).is_file(), "{file}");
    }
    let again = open(package);
    assert_eq!(again.status.code(), Some(1), "what lies there is not mixed with another package");
    let checked = Command::new(python()).arg(out.join("check.py")).args(["leaver-access", "mfa-on"]).output().unwrap();
    let said = text(&checked.stdout);
    assert_eq!(checked.status.code(), Some(0), "{said}\n{}", text(&checked.stderr));
    assert!(said.contains("leaver-access: ") && said.ends_with("everything agrees\n"), "{said}");
    // SQL of a package that reads files of the firm's machine.
    std::fs::write(out.join("sql/mfa-on/test.sql"), "SELECT content AS account_id FROM read_text('README.md')")
        .unwrap();
    let checked = Command::new(python()).arg(out.join("check.py")).arg("mfa-on").output().unwrap();
    assert_eq!(checked.status.code(), Some(1), "{}", text(&checked.stdout));
    assert!(text(&checked.stderr).contains("Permission Error"), "{}", text(&checked.stderr));
}

/// Python with the packages that `tests/install` installs.
fn python() -> PathBuf {
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache");
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(home, PathBuf::from);
    cache.join("tickmark/python/bin/python")
}

#[test]
fn what_cannot_be_performed_again_says_why() {
    let (package, key) = (demo().join("packages/soc2-examination.zip"), demo().join("firm/firm.key"));
    let (package, key) = (package.to_str().unwrap(), key.to_str().unwrap());
    let unknown = tickmark(&["reperform", package, "NO-99\u{1b}[2J", "--firm-key", key]);
    assert_ne!(unknown.status.code(), Some(0));
    assert!(!unknown.stderr.contains(&0x1b), "a terminal would obey: {}", text(&unknown.stderr));
    let report = demo().join("packages/soc2-report.zip");
    let report = tickmark(&["reperform", report.to_str().unwrap(), "--firm-key", key]);
    assert_eq!(report.status.code(), Some(1));
    assert!(text(&report.stderr).contains("holds no evidence"), "{}", text(&report.stderr));
    let without = tickmark(&["reperform", package]);
    assert_eq!(without.status.code(), Some(1));
    assert!(text(&without.stderr).contains("--firm-key"), "{}", text(&without.stderr));
    // One byte in the middle of the sealed rows.
    let folder = tempfile::tempdir().unwrap();
    let changed = folder.path().join("changed.zip");
    let mut bytes = std::fs::read(package).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&changed, bytes).unwrap();
    let changed = tickmark(&["reperform", changed.to_str().unwrap(), "--firm-key", key]);
    assert!(matches!(changed.status.code(), Some(1 | 4)), "{}", text(&changed.stderr));
    assert!(changed.stdout.is_empty(), "nothing is shown of it");
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
fn init_says_where_the_sealing_key_lies() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let init = |name: &str, elsewhere: Option<&str>| {
        let dir = root.join(name);
        let mut command = Command::new(env!("CARGO_BIN_EXE_tickmark"));
        command.args([
            "init",
            "--organization",
            "acme",
            "--name",
            "Acme",
            "--administrator",
            "Ada",
            "--mail",
            "a@acme.example",
        ]);
        command.arg("--dir").arg(&dir);
        if let Some(key) = elsewhere {
            command.env("TICKMARK_SEALING_KEY_FILE", root.join(key));
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        let mode = std::fs::metadata(dir.join("keys")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "others can look into `keys/`");
        text(&output.stdout).replace(root.to_str().unwrap(), "ROOT")
    };
    let beside = init("one", None);
    assert!(beside.contains("ROOT/one/keys/sealing.key\n  It lies beside what it seals"), "{beside}");
    assert!(beside.contains("TICKMARK_SEALING_KEY_FILE"), "{beside}");
    let elsewhere = init("two", Some("medium/sealing.key"));
    assert!(elsewhere.contains("ROOT/medium/sealing.key\n  Keep a second copy"), "{elsewhere}");
    assert!(!root.join("two/keys/sealing.key").exists());
}

/// What does not fit is told as every other error is: one line of JSON, with a code and the documented exit code.
#[test]
fn arguments_that_do_not_fit_are_told_in_the_format_asked_for() {
    let mut told = String::new();
    for words in [
        &["status", "--no-such-option", "--format", "json"][..],
        &["--format=json", "collect", "--first", "2026-02-30"],
        &["--format", "json"],
        &["--format", "json", "nothing"],
    ] {
        let output = tickmark(words);
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        assert!(output.stdout.is_empty(), "{words:?}");
        let lines = text(&output.stderr);
        let error: serde_json::Value = serde_json::from_str(&lines).unwrap_or_else(|_| panic!("{words:?}: {lines}"));
        assert_eq!(error["code"], "usage", "{lines}");
        told.push_str(&format!("{}: {}\n", words.join(" "), error["error"].as_str().unwrap().lines().next().unwrap()));
    }
    insta::assert_snapshot!(told);
    // People are told in clap's words, and what was only asked for is no error.
    let output = tickmark(&["status", "--no-such-option"]);
    assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(2), true));
    assert!(text(&output.stderr).starts_with("error: unexpected argument"), "{}", text(&output.stderr));
    let output = tickmark(&["--format", "json", "--version"]);
    assert_eq!((output.status.code(), output.stderr.is_empty()), (Some(0), true));
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

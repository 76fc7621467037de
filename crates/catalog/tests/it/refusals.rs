//! What the loader refuses: each slip alone in an otherwise sound catalog, named with its file and line.

use std::collections::BTreeMap;

use tickmark_catalog::{Catalog, CatalogError};

type Files = BTreeMap<String, Vec<u8>>;

fn sound() -> Files {
    Catalog::embedded().unwrap().files().clone()
}

/// Replaces the first `from` in a file and loads; the replaced text must be there.
fn with(path: &str, from: &str, to: &str) -> Vec<CatalogError> {
    let mut files = sound();
    let text = String::from_utf8(files[path].clone()).unwrap();
    assert!(text.contains(from), "{path} has no `{from}`");
    files.insert(path.to_owned(), text.replacen(from, to, 1).into_bytes());
    Catalog::from_files(files).unwrap_err()
}

/// Some problem must stand in that file (with a line, if asked) and say that.
fn says(problems: &[CatalogError], file: &str, line: Option<usize>, what: &str) {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let found = problems.iter().any(|problem| {
        problem.file == file && problem.to_string().contains(what) && (line.is_none() || problem.line == line)
    });
    assert!(found, "no problem of `{file}` says `{what}` at {line:?}:\n{}", lines.join("\n"));
}

#[test]
fn unknown_and_missing_keys() {
    let problems = with("controls/LA-02.toml", "owner = \"it\"\n", "owner = \"it\"\ncolor = \"red\"\n");
    says(&problems, "controls/LA-02.toml", Some(5), "unknown field `color`");
    let problems = with("controls/LA-02.toml", "owner = \"it\"\n", "");
    says(&problems, "controls/LA-02.toml", None, "missing field `owner`");
    let problems = with("datasets/client.toml", "name = \"text!\"", "name = \"float\"");
    says(&problems, "datasets/client.toml", None, "`float` is not a column type");
    let problems = with("tests/leaver-access/test.toml", "severity = \"high\"", "severity = \"huge\"");
    says(&problems, "tests/leaver-access/test.toml", Some(4), "huge");
}

#[test]
fn dangling_ids() {
    let problems = with("controls/LA-02.toml", "\"CC6.2\"", "\"CC6.12\"");
    says(&problems, "controls/LA-02.toml", Some(11), "names criterion `CC6.12`, which does not exist");
    let problems = with("tests/leaver-access/test.toml", "\"LA-02\"", "\"LA-99\"");
    says(&problems, "tests/leaver-access/test.toml", Some(3), "names control `LA-99`, which does not exist");
    let problems = with("risks/logical-access.toml", "\"ITGC-LA\"", "\"ITGC-XX\"");
    says(&problems, "risks/logical-access.toml", None, "names objective or criterion `ITGC-XX`");
    let problems = with("controls/LA-02.toml", "owner = \"it\"", "owner = \"nobody\"");
    says(&problems, "controls/LA-02.toml", Some(4), "names role `nobody`");
}

#[test]
fn duplicates_and_names() {
    let mut files = sound();
    let twin = files["controls/LA-02.toml"].clone();
    files.insert("controls/LA-99.toml".into(), twin);
    let problems = Catalog::from_files(files).unwrap_err();
    says(&problems, "controls/LA-99.toml", Some(1), "`LA-02` is declared twice, before in `controls/LA-02.toml`");
    says(&problems, "controls/LA-99.toml", Some(1), "has the id `LA-02` but its name says `LA-99`");
}

#[test]
fn what_nothing_covers() {
    let mut files = sound();
    files.remove("controls/PRV-01.toml");
    let problems = Catalog::from_files(files).unwrap_err();
    says(&problems, "criteria/P1.toml", None, "has no control and no `uncovered_because`");
    says(&problems, "risks/privacy.toml", None, "names control `PRV-01`, which does not exist");

    let mut files = sound();
    files.remove("risks/people.toml");
    let problems = Catalog::from_files(files).unwrap_err();
    says(&problems, "controls/HR-03.toml", Some(1), "no risk says what it stands against");

    let problems = with("risks/vendors.toml", "[\"VEN-01\", \"VEN-02\"]", "[]");
    says(&problems, "risks/vendors.toml", None, "no control stands against it");
}

#[test]
fn files_of_a_test() {
    let mut files = sound();
    files.remove("tests/mfa-on/test.sql");
    let problems = Catalog::from_files(files).unwrap_err();
    says(&problems, "tests/mfa-on/test.toml", Some(1), "`tests/mfa-on/test.sql` is missing");

    let mut files = sound();
    files.insert("tests/mfa-on/notes.txt".into(), b"x".to_vec());
    files.insert("tests/nothing/test.sql".into(), b"SELECT 1".to_vec());
    let problems = Catalog::from_files(files).unwrap_err();
    says(&problems, "tests/mfa-on/notes.txt", None, "is not a file the catalog knows");
    says(&problems, "tests/nothing/test.sql", None, "is not a file the catalog knows");

    let mut files = sound();
    files.insert("tests/mfa-on/test.sql".into(), vec![0xff, 0xfe]);
    let problems = Catalog::from_files(files).unwrap_err();
    says(&problems, "tests/mfa-on/test.sql", None, "is not UTF-8");
}

#[test]
fn cases_that_do_not_hold_together() {
    let cases = "tests/mfa-on/cases.md";
    let problems = with(cases, "Expect population 2", "Expect population two");
    says(&problems, cases, Some(24), "Expect population <number>");
    let problems = with(cases, "## Operated", "## Worked");
    says(&problems, "tests/mfa-on/test.toml", None, "its cases lack a section `Operated`");
    let problems = with(cases, "Given `account`:", "Given `acount`:");
    says(&problems, cases, Some(17), "the table `acount` is not a dataset");
    let problems = with(cases, "Given `account`:", "Given `person`:");
    says(&problems, cases, Some(17), "no query of the test reads it");
    let problems = with(cases, "| mfa ", "| mfo ");
    says(&problems, cases, Some(17), "`account` has no column `mfo`");
    let problems = with(cases, "| true  |", "| maybe |");
    says(&problems, cases, Some(17), "`maybe` in `account`.`mfa` is not a value of type bool");
}

#[test]
fn policies_that_do_not_hold_together() {
    let access = "policies/access.md";
    let problems = with(access, "\"LA-01\"", "\"LA-99\"");
    says(&problems, access, Some(6), "names control `LA-99`, which does not exist");
    let problems = with(access, "owner = \"it\"", "owner = \"nobody\"");
    says(&problems, access, Some(3), "names role `nobody`, which does not exist");
    let problems = with(access, "title = \"Access\"", "title = \"Backup\"");
    says(&problems, "policies/backup.md", Some(2), "is the title of `policies/access.md` as well");
    let problems = with(access, "The system that holds requests", "A system that holds requests");
    let what = "`ticket_system` is declared otherwise in `policies/access.md`";
    says(&problems, "policies/change-management.md", None, what);
    let problems = with(access, "2. The IT team grants", "2. The IT team promptly grants");
    says(&problems, access, None, "`promptly` cannot be tested");

    let mut files = sound();
    files.insert("policies/notes.txt".into(), b"x".to_vec());
    let problems = Catalog::from_files(files).unwrap_err();
    says(&problems, "policies/notes.txt", None, "is not a file the catalog knows");
}

#[test]
fn all_problems_come_at_once_and_in_order() {
    let mut files = sound();
    for path in ["controls/LA-01.toml", "datasets/client.toml", "tests/mfa-on/cases.md"] {
        files.insert(path.into(), b"= nonsense".to_vec());
    }
    let problems = Catalog::from_files(files).unwrap_err();
    says(&problems, "controls/LA-01.toml", Some(1), "");
    says(&problems, "datasets/client.toml", Some(1), "");
    says(&problems, "tests/mfa-on/cases.md", Some(1), "there is no case");
    assert!(problems.windows(2).all(|pair| pair[0].file <= pair[1].file));
}

#[test]
fn the_digest_covers_paths_and_bytes() {
    let first = Catalog::embedded().unwrap();
    let mut files = sound();
    files.entry("README.md".into()).or_default().push(b'\n');
    let second = Catalog::from_files(files).unwrap();
    assert_ne!(first.digest(), second.digest());
}

#[cfg(unix)]
#[test]
fn a_link_in_the_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/etc/hostname", folder.path().join("roles.toml")).unwrap();
    let problems = Catalog::load(folder.path()).unwrap_err();
    says(&problems, "roles.toml", None, "neither a file nor a folder");
    let problems = Catalog::load(&folder.path().join("nowhere")).unwrap_err();
    assert!(problems[0].to_string().contains("cannot be read"), "{}", problems[0]);
}

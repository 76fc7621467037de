//! The generated company from outside: the same twice, every kind of fault, nothing overwritten, nothing marked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tickmark_sample::{DEFAULT_SEED, Error, Options, Summary, generate};

/// One percent is the smallest company.
const SMALL: u32 = 1;

fn make(dir: &Path, seed: u64) -> Result<Summary, Error> {
    generate(&Options { seed, scale: SMALL, dir }, &mut |_, _, _| {})
}

fn read_all(dir: &Path) -> std::io::Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(dir).unwrap_or(&path).to_owned(), std::fs::read(&path)?);
            }
        }
    }
    Ok(found)
}

#[test]
fn equal_seeds_give_equal_bytes() {
    let (first, second, other) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    make(first.path(), 7).unwrap();
    make(second.path(), 7).unwrap();
    make(other.path(), 8).unwrap();
    let (left, right) = (read_all(first.path()).unwrap(), read_all(second.path()).unwrap());
    assert_eq!(left.keys().collect::<Vec<_>>(), right.keys().collect::<Vec<_>>());
    for (path, bytes) in &left {
        assert!(right.get(path) == Some(bytes), "`{}` differs between two runs of one seed", path.display());
    }
    let database = Path::new("systems/payroll/payroll.db");
    assert_ne!(left.get(database), read_all(other.path()).unwrap().get(database));
}

#[test]
fn the_default_seed_has_faults_for_all_control_tests_but_two() {
    let dir = tempfile::tempdir().unwrap();
    let summary = make(dir.path(), DEFAULT_SEED).unwrap();
    let without: Vec<&String> = summary.faults.iter().filter(|(_, count)| **count == 0).map(|(test, _)| test).collect();
    assert_eq!(without, ["deployed-commit-on-main", "time-import-counts"]);
    assert_eq!(summary.faults.len(), 40);
    assert!(summary.payslips > 8_000 && summary.bank_lines > 8_000);
}

#[test]
fn no_reference_of_the_payroll_database_leads_nowhere() {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path(), DEFAULT_SEED).unwrap();
    let database = rusqlite::Connection::open(dir.path().join("systems/payroll/payroll.db")).unwrap();
    let count = |sql: &str| -> i64 { database.query_row(sql, [], |row| row.get(0)).unwrap() };
    assert!(count("SELECT count(*) FROM pragma_foreign_key_list('payslip')") > 0);
    assert_eq!(count("SELECT count(*) FROM pragma_foreign_key_check()"), 0);
}

#[test]
fn nothing_is_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path(), 1).unwrap();
    let before = read_all(dir.path()).unwrap();
    assert!(matches!(make(dir.path(), 2), Err(Error::NotEmpty(path)) if path.ends_with("systems")));
    assert_eq!(before, read_all(dir.path()).unwrap());
}

#[test]
fn no_system_marks_a_fault() {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path(), DEFAULT_SEED).unwrap();
    let truth = std::fs::read_to_string(dir.path().join("truth/truth.json")).unwrap();
    let truth: serde_json::Value = serde_json::from_str(&truth).unwrap();
    let mut kinds = std::collections::BTreeSet::new();
    for test in truth["tests"].as_object().unwrap().values() {
        for entry in test["exceptions"].as_array().unwrap() {
            kinds.extend(entry["kinds"].as_array().unwrap().iter().map(|kind| kind.as_str().unwrap().to_owned()));
        }
    }
    assert!(kinds.len() > 80, "{} kinds", kinds.len());
    for (path, bytes) in read_all(&dir.path().join("systems")).unwrap() {
        let text = String::from_utf8_lossy(&bytes);
        // Kinds of one word ("never") are ordinary language.
        for kind in kinds.iter().filter(|kind| kind.split(' ').count() > 3) {
            assert!(!text.contains(kind.as_str()), "`{}` contains the name of a fault: {kind}", path.display());
        }
    }
}

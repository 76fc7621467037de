//! Days that are collected once more: of each day the newest extract counts, and rows that changed are told.

use std::{
    path::Path,
    process::{Command, Output},
};

use crate::{command_line::demo, everyday::copy};

fn tickmark(dir: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tickmark"));
    command.args(arguments).args(["--dir", dir.to_str().unwrap()]).output().unwrap()
}

/// What management's testing of a SOC 1 engagement that is not closed prints of its populations, but for digests and entries.
fn populations(dir: &Path) -> String {
    let reported = tickmark(dir, &["report", "--engagement", "isae3402", "--as", "P-005796"]);
    assert!(reported.status.success(), "{}", String::from_utf8_lossy(&reported.stderr));
    let pdf = dir.join("packages/isae3402-management-testing.pdf");
    let text = Command::new("pdftotext").args(["-layout", pdf.to_str().unwrap(), "-"]).output().unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    let (_, from) = text.split_once("Populations and their completeness").unwrap();
    let payslips =
        from.lines().map(str::trim).filter(|line| line.starts_with("Payslips") || line.contains("Read again"));
    // The marks that number figures are of the whole document.
    let is_mark = |word: &&str| word.starts_with('✓') && word.ends_with(|last: char| last.is_ascii_digit());
    let words = |line: &str| line.split_whitespace().filter(|word| !is_mark(word)).collect::<Vec<_>>().join(" ");
    payslips.map(|line| words(line) + "\n").collect()
}

fn collect(dir: &Path) -> serde_json::Value {
    let collected = tickmark(dir, &["collect", "--source", "payroll", "--format", "json"]);
    assert!(collected.status.success(), "{}", String::from_utf8_lossy(&collected.stderr));
    serde_json::from_slice(&collected.stdout).unwrap()
}

/// Rows late, restated and vanished among the payslips of a collection.
fn changes(collection: &serde_json::Value) -> [u64; 3] {
    let extracts = collection["extracts"].as_array().unwrap().iter();
    let payslips: Vec<_> = extracts.filter(|extract| extract["dataset"] == "payslip").collect();
    let sum = |what: &str| payslips.iter().map(|extract| extract["read_again"][what].as_u64().unwrap()).sum();
    ["late", "restated", "vanished"].map(sum)
}

#[test]
fn what_is_collected_once_more_counts_once() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("demo");
    copy(demo(), &dir);
    let before = populations(&dir);
    assert!(before.contains("Payslips") && !before.contains("Read again"), "{before}");

    let again = collect(&dir);
    assert_eq!(changes(&again), [0, 0, 0]);
    let reconciled = again["reconciled"].as_array().unwrap().iter();
    let payslips: Vec<_> = reconciled.filter(|series| series["dataset"] == "payslip").collect();
    assert!(payslips.iter().all(|series| series["rows"] == series["counted"]) && payslips.len() == 1, "{payslips:?}");
    let after = populations(&dir);
    let same: String =
        after.lines().filter(|line| !line.contains("Read again")).map(|line| format!("{line}\n")).collect();
    assert_eq!(same, before);
    let extracts = before.split(' ').nth(1).unwrap();
    assert!(after.contains(&format!("Read again: {extracts} extracts")), "{after}");

    // Two payslips are changed and one is gone; a fact says so, and whoever collects.
    let database = rusqlite::Connection::open(dir.join("systems/payroll/payroll.db")).unwrap();
    let march = "SELECT p.id FROM payslip p JOIN pay_run r ON r.id = p.pay_run_id
                 WHERE r.pay_on BETWEEN '2026-03-01' AND '2026-03-31' ORDER BY p.id";
    let changed = format!("UPDATE payslip SET rate_e4 = rate_e4 + 1 WHERE id IN ({march} LIMIT 2)");
    assert_eq!(database.execute(&changed, ()).unwrap(), 2);
    let gone = format!("DELETE FROM payslip WHERE id IN ({march} LIMIT 1 OFFSET 5)");
    assert_eq!(database.execute(&gone, ()).unwrap(), 1);
    drop(database);
    let told = tickmark(&dir, &["collect", "--source", "payroll"]);
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(told.contains("rows 0 late, 2 restated, 1 vanished"), "{told}");
    assert_eq!(changes(&collect(&dir)), [0, 0, 0]);
    let verified = tickmark(&dir, &["ledger", "check"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}

#[test]
fn two_sources_of_one_dataset_are_not_taken_for_one() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("demo");
    copy(demo(), &dir);
    let settings = std::fs::read_to_string(dir.join("sources/code.toml")).unwrap();
    let other = settings.replacen("id = \"code\"", "id = \"code-too\"", 1);
    assert_ne!(settings, other);
    std::fs::write(dir.join("sources/code-too.toml"), other).unwrap();
    let collected = tickmark(&dir, &["collect", "--source", "code-too", "--approve", "--as", "P-007643"]);
    assert!(collected.status.success(), "{}", String::from_utf8_lossy(&collected.stderr));
    let tested = tickmark(&dir, &["test", "--test", "change-reviewed", "--as", "P-005796"]);
    let said = String::from_utf8_lossy(&tested.stdout);
    assert_eq!(tested.status.code(), Some(5), "{said}");
    let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("the sources `code` and `code-too` both deliver"), "{said}");
}

//! Windows that leave out a day at each of their borders: every extract agrees with its own count, all of them together do not.

use std::{
    path::Path,
    process::{Command, Output},
};

use crate::{command_line::demo, everyday::copy};

const ADMINISTRATOR: &str = "P-007643";
const LEAD: &str = "P-005796";

fn tickmark(dir: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tickmark"));
    let Output { status, stdout, stderr } =
        command.args(arguments).args(["--dir", dir.to_str().unwrap()]).output().unwrap();
    (status.code().unwrap(), String::from_utf8([stdout, stderr].concat()).unwrap())
}

/// One line, with single spaces, so that it does not matter where it was wrapped.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The settings of the payroll with the last day of each window left out of its payslips, in query and count.
fn short_of_a_day(settings: &str) -> String {
    let (before, payslip) = settings.split_once("dataset = \"payslip\"").unwrap();
    let (payslip, after) = payslip.split_once("[[datasets]]").unwrap();
    let short = payslip.replace("BETWEEN :first AND :last", ">= :first AND r.pay_on < :last");
    assert_eq!(short.matches("< :last").count(), 2, "{payslip}");
    format!("{before}dataset = \"payslip\"{short}[[datasets]]{after}")
}

#[test]
fn a_series_that_does_not_reconcile_bears_no_result_and_no_population() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("demo");
    copy(demo(), &dir);
    let source = dir.join("sources/payroll.toml");
    let settings = std::fs::read_to_string(&source).unwrap();
    std::fs::write(&source, short_of_a_day(&settings)).unwrap();

    let (code, said) =
        tickmark(&dir, &["collect", "--source", "payroll", "--approve", "--as", ADMINISTRATOR, "--format", "json"]);
    assert_eq!(code, 5, "{said}");
    let collection: serde_json::Value = serde_json::from_str(&said).unwrap();
    let of = |list: &str| {
        let all = collection[list].as_array().unwrap().iter();
        all.filter(|line| line["dataset"] == "payslip").cloned().collect::<Vec<_>>()
    };
    assert!(
        of("extracts").iter().all(|extract| extract["rows"] == extract["source_rows"]),
        "each agrees with its own count"
    );
    let [series] = &of("reconciled")[..] else { panic!("{said}") };
    assert!(series["counted"].as_u64() > series["rows"].as_u64(), "{series}");
    let because = series["differs_because"].as_str().unwrap();
    for said in ["rows over the whole period", "the sum of gross over the whole period", "the sum of net over"] {
        assert!(because.contains(said), "{because}");
    }

    // It stays, whoever looks and whenever: what is told on a terminal only is gone with it.
    let (code, said) = tickmark(&dir, &["test", "--test", "pay-net-recomputed", "--as", LEAD]);
    let said = words(&said);
    assert_eq!(code, 5, "{said}");
    assert!(said.contains("pay-net-recomputed not evaluable"), "{said}");
    assert!(said.contains("the series of `payslip` from `payroll` of 2025-10-01 to"), "{said}");
    assert!(said.contains("does not reconcile: the source counts"), "{said}");
    let freeze =
        ["population", "freeze", "short", "--engagement", "soc1", "--test", "pay-net-recomputed", "--as", LEAD];
    let (code, said) = tickmark(&dir, &freeze);
    assert_eq!(code, 5, "{said}");
    assert!(words(&said).contains("does not reconcile"), "{said}");

    // The same days once more, whole.
    std::fs::write(&source, &settings).unwrap();
    let (code, said) = tickmark(&dir, &["collect", "--source", "payroll", "--approve", "--as", ADMINISTRATOR]);
    assert_eq!(code, 0, "{said}");
    let (_, said) = tickmark(&dir, &["test", "--test", "pay-net-recomputed", "--as", LEAD]);
    assert!(!said.contains("not evaluable"), "{said}");
    let (code, said) = tickmark(&dir, &freeze);
    assert_eq!(code, 0, "{said}");
    let (code, said) = tickmark(&dir, &["ledger", "check"]);
    assert_eq!(code, 0, "{said}");
}

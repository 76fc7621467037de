//! Cases in a process of their own: what the cases of one control test do to it costs no other anything.

use std::{path::Path, process::Command};

use tickmark_catalog::Catalog;
use tickmark_examine::{CasesReport, check_cases, check_cases_in_child_with};

fn catalog() -> Catalog {
    Catalog::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog")).unwrap()
}

fn said(report: &CasesReport) -> String {
    match &report.not_run {
        Some(why) => format!("{} could not be run: {why}", report.test),
        None => format!("{} holds: {}", report.test, report.holds()),
    }
}

#[test]
fn a_case_that_takes_all_memory_costs_its_own_control_test_only() {
    let catalog = catalog();
    let [first, second] = ["leaver-access", "mfa-on"].map(|id| &catalog.tests[id]);
    let longer = "x".repeat(170);
    let text = (0..4).fold("concat(account_id, 'x')".to_owned(), |text, _| format!("replace({text}, 'x', '{longer}')"));
    let mut bomb = second.clone();
    bomb.test_sql = format!("{}  AND {text} <> 'x'\n", bomb.test_sql);
    let program = || Ok(Command::new(env!("CARGO_BIN_EXE_examine-worker")));
    let reports = check_cases_in_child_with(&[first, &bomb, second], &catalog, &program);
    let said: Vec<String> = reports.iter().map(said).collect();
    assert_eq!(said[0], "leaver-access holds: true");
    assert!(said[1].starts_with("mfa-on could not be run: the examining process: ended with signal: 6"), "{}", said[1]);
    assert_eq!(said[2], "mfa-on holds: true");
    assert_eq!(reports[0], check_cases(first, &catalog).unwrap());
}

#[test]
fn cases_that_nobody_reports_on_were_not_run() {
    let catalog = catalog();
    let test = &catalog.tests["mfa-on"];
    let with = |script: &'static str| {
        let program = move || {
            let mut command = Command::new("/bin/sh");
            command.args(["-c", script]);
            Ok(command)
        };
        said(&check_cases_in_child_with(&[test], &catalog, &program)[0])
    };
    assert!(with("echo '\"done\"'").ends_with("left the cases out"));
    assert!(with("echo hello").contains("said what cannot be understood"));
    assert!(with("echo 'out of luck' >&2; exit 3").ends_with("exit status: 3: out of luck"));
}

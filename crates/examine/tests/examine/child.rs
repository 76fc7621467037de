//! A job in a process of its own: the same results, and an end to whatever goes wrong there.

use std::process::Command;

use crate::support::*;
use tickmark_catalog::{ControlTest, Id};
use tickmark_examine::{Job, TestOutcome, exception_items, run, run_in_child_with};
use tickmark_vault::WriteOptions;

const YEAR: (&str, &str) = ("2026-01-01", "2026-12-31");

fn worker() -> Command {
    Command::new(env!("CARGO_BIN_EXE_examine-worker"))
}

fn in_child(job: &Job, office: &Office) -> TestOutcome {
    run_in_child_with(job, &office.vault, &office.root(), worker()).remove(0)
}

fn slips(count: usize) -> Vec<(String, i128)> {
    (0..count).map(|n| (format!("P{n:05}"), if n % 3 == 0 { -1 } else { 1 })).collect()
}

#[test]
fn a_child_gives_what_this_process_gives() {
    let office = Office::new();
    let slips = slips(30_000);
    let slips: Vec<Slip<'_>> = slips.iter().map(|(id, net)| (id.as_str(), "E", "2026-05-05", 1, *net, "USD")).collect();
    let extract = office.payslips(YEAR, "2026-12-31", &slips, WriteOptions::new(true));
    let job = job(vec![input(PAYSLIP, vec![extract])], vec![slip_test(NEGATIVE)]);
    let here = run(&job, &office.vault).remove(0);
    let there = in_child(&job, &office);
    assert_eq!(said(&there), "10000 exceptions in 30000");
    assert_eq!(
        TestOutcome { millis: 0, rows: None, ..here.clone() },
        TestOutcome { millis: 0, rows: None, ..there.clone() }
    );
    let items = |outcome: &TestOutcome| {
        let rows = outcome.rows.unwrap();
        let items = exception_items(&office.vault, &rows, &outcome.item).unwrap();
        items.map(Result::unwrap).collect::<Vec<_>>()
    };
    assert_eq!(items(&here), items(&there));
}

#[test]
fn erased_evidence_is_not_evaluable_in_a_child_too() {
    let office = Office::new();
    let extract =
        office.payslips(YEAR, "2026-12-31", &[("P1", "E", "2026-05-05", 1, 1, "USD")], WriteOptions::new(true));
    office.vault.erase(&extract.1.parts[0].object, "request 7", "2027-01-01T00:00:00Z".parse().unwrap()).unwrap();
    let outcome = in_child(&job(vec![input(PAYSLIP, vec![extract])], vec![slip_test(NEGATIVE)]), &office);
    assert!(
        said(&outcome).starts_with("not evaluable: ") && said(&outcome).contains("request 7"),
        "{}",
        said(&outcome)
    );
}

#[test]
fn a_child_that_takes_too_much_memory_is_an_error() {
    let office = Office::new();
    // Each row becomes a text of some megabytes, which no pool counts before it is there.
    let slips = slips(3_000);
    let slips: Vec<Slip<'_>> = slips.iter().map(|(id, _)| (id.as_str(), "E", "2026-05-05", 1, 1, "USD")).collect();
    let extract = office.payslips(YEAR, "2026-12-31", &slips, WriteOptions::new(true));
    let longer = "x".repeat(170);
    let text = (0..3).fold("concat(payslip_id, 'x')".to_owned(), |text, _| format!("replace({text}, 'x', '{longer}')"));
    let sql = format!("SELECT payslip_id FROM payslip WHERE net < 0 OR {text} = 'x'");
    let outcome = in_child(&job(vec![input(PAYSLIP, vec![extract])], vec![slip_test(&sql)]), &office);
    assert!(said(&outcome).starts_with("error: the examining process"), "{}", said(&outcome));
}

/// Two run at a time: whatever runs beside the one that kills their process, or waits for its turn, has its result.
#[test]
fn a_control_test_that_kills_its_child_costs_no_other_its_result() {
    let office = Office::new();
    let slips = slips(3_000);
    let slips: Vec<Slip<'_>> = slips.iter().map(|(id, net)| (id.as_str(), "E", "2026-05-05", 1, *net, "USD")).collect();
    let extract = office.payslips(YEAR, "2026-12-31", &slips, WriteOptions::new(true));
    let longer = "x".repeat(170);
    let text = (0..3).fold("concat(payslip_id, 'x')".to_owned(), |text, _| format!("replace({text}, 'x', '{longer}')"));
    let greedy = format!("SELECT payslip_id FROM payslip WHERE net < 0 OR {text} = 'x'");
    let named = |id: &str, sql: &str| ControlTest { id: Id::new(id).unwrap(), ..slip_test(sql) };
    let tests =
        [("before", NEGATIVE), ("greedy", &greedy), ("beside", NEGATIVE), ("greedy-too", &greedy), ("after", NEGATIVE)];
    let tests = tests.map(|(id, sql)| named(id, sql)).to_vec();
    let job = job(vec![input(PAYSLIP, vec![extract])], tests);
    let outcomes = run_in_child_with(&job, &office.vault, &office.root(), worker());
    let table: Vec<String> = outcomes
        .iter()
        .map(|outcome| {
            let said = said(outcome);
            let killed = said.starts_with("error: the examining process ended with signal: ")
                && said.ends_with("; as it did before");
            format!("{}: {}", outcome.test, if killed { "error: killed its process, twice" } else { &said })
        })
        .collect();
    assert_eq!(
        table,
        [
            "before: 1000 exceptions in 3000",
            "greedy: error: killed its process, twice",
            "beside: 1000 exceptions in 3000",
            "greedy-too: error: killed its process, twice",
            "after: 1000 exceptions in 3000",
        ]
    );
}

#[test]
fn a_child_that_dies_or_talks_nonsense_is_an_error() {
    let office = Office::new();
    let extract =
        office.payslips(YEAR, "2026-12-31", &[("P1", "E", "2026-05-05", 1, 1, "USD")], WriteOptions::new(true));
    let job = job(vec![input(PAYSLIP, vec![extract])], vec![slip_test(NEGATIVE)]);
    let with = |script: &str| {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        said(&run_in_child_with(&job, &office.vault, &office.root(), command)[0])
    };
    let died = with("echo 'out of luck' >&2; exit 3");
    assert!(died.starts_with("error: the examining process ended with") && died.contains("out of luck"), "{died}");
    assert!(with("kill -9 $$").contains("signal: 9"));
    assert!(with("echo hello").starts_with("error: the examining process: said what cannot be understood"));
    assert!(with("echo '\"done\"'").starts_with("error: the examining process left the query out"));
    let missing = Command::new("/nowhere/examine-worker");
    let missing = said(&run_in_child_with(&job, &office.vault, &office.root(), missing)[0]);
    assert!(missing.starts_with("error: the examining process: could not be started"), "{missing}");
}

#[test]
fn a_child_that_hangs_is_ended() {
    let office = Office::new();
    let extract =
        office.payslips(YEAR, "2026-12-31", &[("P1", "E", "2026-05-05", 1, 1, "USD")], WriteOptions::new(true));
    let mut job = job(vec![input(PAYSLIP, vec![extract])], vec![slip_test(NEGATIVE)]);
    job.limits.job_seconds = Some(1);
    let mut command = Command::new("/bin/sleep");
    command.arg("60");
    let outcome = said(&run_in_child_with(&job, &office.vault, &office.root(), command)[0]);
    assert!(outcome.contains("took longer than the limit of 1 s"), "{outcome}");
}

#[test]
fn another_persons_rows_are_refused() {
    let office = Office::new();
    let extract =
        office.payslips(YEAR, "2026-12-31", &[("P1", "E", "2026-05-05", 1, 1, "USD")], WriteOptions::new(true));
    let job = job(vec![input(PAYSLIP, vec![extract])], vec![slip_test(NEGATIVE)]);
    let honest = in_child(&job, &office);
    assert_eq!(said(&honest), "no exceptions in 1");
    // An outcome with exceptions whose rows never came.
    let mut claimed = serde_json::to_value(&honest).unwrap();
    claimed["outcome"] = serde_json::json!({"kind": "exceptions", "population": 1, "count": 1});
    let line = serde_json::json!({"ended": claimed}).to_string();
    let mut command = Command::new("/bin/echo");
    command.arg(line);
    let outcome = said(&run_in_child_with(&job, &office.vault, &office.root(), command)[0]);
    assert_eq!(outcome, "error: the examining process sent no rows for its exceptions");
}

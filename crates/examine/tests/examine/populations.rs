//! Freezing populations, reading them back item by item, and comparing one with what its query returns later.

use std::{collections::BTreeMap, process::Command};

use tickmark_examine::{
    Error, Job, PopulationOutcome, PopulationQuery, Says, compare_in_child_with, each_frozen_item, freeze,
    freeze_in_child_with, item_texts,
};
use tickmark_vault::WriteOptions;

use crate::support::*;

const YEAR: (&str, &str) = ("2026-01-01", "2026-12-31");

fn worker() -> Command {
    Command::new(env!("CARGO_BIN_EXE_examine-worker"))
}

fn query(sql: &str) -> PopulationQuery {
    PopulationQuery {
        name: "the query".to_owned(),
        sql: sql.to_owned(),
        item: vec!["payslip_id".to_owned()],
        total: None,
        parameters: BTreeMap::new(),
    }
}

const SLIPS: [Slip<'_>; 3] = [
    ("P3", "E1", "2026-02-27", 3, 250, "USD"),
    ("P1", "E1", "2026-01-30", 1, 100, "USD"),
    ("P2", "E2", "2026-01-30", 2, -50, "USD"),
];

/// A job over one extract of payslips for each window given.
fn job_over(office: &Office, extracts: &[((&str, &str), &str, &[Slip<'_>])], asked: PopulationQuery) -> Job {
    let extracts = extracts
        .iter()
        .map(|(window, made_on, slips)| office.payslips(*window, made_on, slips, WriteOptions::new(true)))
        .collect();
    Job { populations: vec![asked], ..job(vec![input(PAYSLIP, extracts)], Vec::new()) }
}

fn told(outcome: &PopulationOutcome) -> String {
    match outcome {
        PopulationOutcome::Read { items, .. } => format!("{items} items"),
        PopulationOutcome::Repeated { repeated } => format!("repeated: {repeated}"),
        PopulationOutcome::NotEvaluable { reason } => format!("not evaluable: {reason}"),
        PopulationOutcome::Error { message } => format!("error: {message}"),
    }
}

/// Each query that cannot be a population, and what is said of it.
#[test]
fn what_is_no_population_says_so() {
    let office = Office::new();
    let all = "SELECT payslip_id, net FROM payslip";
    let with = |sql: &str, change: &dyn Fn(&mut PopulationQuery)| {
        let mut asked = query(sql);
        change(&mut asked);
        told(&freeze(&job_over(&office, &[(YEAR, "2026-12-31", &SLIPS)], asked), &office.vault)[0].outcome)
    };
    for (sql, expected) in [
        (all, "3 items"),
        ("SELECT payslip_id FROM payslip WHERE pay_on < $period_start", "0 items"),
        ("SELECT p.payslip_id FROM payslip p JOIN payslip o ON o.currency = p.currency", "repeated: 6"),
        ("SELECT net, payslip_id FROM payslip", "expected payslip_id first [item-columns]"),
        ("SELECT * FROM payslip", "[no-star]"),
        ("SELECT payslip_id FROM payslip LIMIT 1", "[no-limit]"),
        ("SELECT payslip_id FROM employee", "[table-not-declared]"),
        ("SELECT NULLIF(payslip_id, 'P1') AS payslip_id FROM payslip", "an item without a value in `payslip_id`"),
    ] {
        let said = with(sql, &|_| ());
        assert!(said.ends_with(expected), "{sql}: {said}");
    }
    assert_eq!(with(all, &|asked| asked.total = Some("net".to_owned())), "3 items");
    assert!(with(all, &|asked| asked.total = Some("payslip_id".to_owned())).contains("cannot be summed"));
    assert!(with(all, &|asked| asked.total = Some("gross".to_owned())).contains("no column `gross` to sum"));
    assert!(with(all, &|asked| asked.item.clear()).contains("[item-columns]"));
    // A gap between extracts is no population of less, and no evidence is no empty population.
    let gap = job_over(&office, &[(("2026-01-01", "2026-06-30"), "2026-12-31", &SLIPS)], query(all));
    let none = job_over(&office, &[], query(all));
    for job in [gap, none] {
        let said = told(&freeze(&job, &office.vault)[0].outcome);
        assert!(said.starts_with("not evaluable: "), "{said}");
    }
}

#[test]
fn frozen_rows_are_read_back_item_by_item() {
    let office = Office::new();
    let asked = PopulationQuery {
        total: Some("net".to_owned()),
        ..query("SELECT payslip_id, pay_on AS occurred_on, net FROM payslip")
    };
    let job = job_over(&office, &[(YEAR, "2026-12-31", &SLIPS)], asked);
    let here = freeze(&job, &office.vault).remove(0);
    let there = freeze_in_child_with(&job, &office.vault, &office.root(), worker()).remove(0);
    let PopulationOutcome::Read { items: 3, rows_digest, rows: Some(rows) } = there.outcome else {
        panic!("{there:?}")
    };
    assert!(matches!(here.outcome, PopulationOutcome::Read { rows_digest: digest, .. } if digest == rows_digest));
    assert_eq!((&there.datasets, &there.inputs), (&vec!["payslip".to_owned()], &here.inputs));
    let manifest = office.vault.manifest(&rows).unwrap();
    assert!(manifest.sealed);
    assert_eq!(manifest.control_totals[0].stored, "3.00");
    let read = |column: Option<&str>| {
        let mut seen = String::new();
        each_frozen_item::<Error>(&office.vault, &manifest, column, &mut |item| {
            let says = match item.says {
                Says::Nothing => String::new(),
                Says::Text(text) => text.to_owned(),
                Says::Units(units) => units.to_string(),
                Says::Day(day) => day.to_string(),
            };
            seen.push_str(&format!("{} {says}\n", item_texts(&manifest, item.key).unwrap().join(" ")));
            Ok(())
        })
        .unwrap();
        seen
    };
    assert_eq!(read(None), "P1 \nP2 \nP3 \n");
    assert_eq!(read(Some("net")), "P1 100\nP2 -50\nP3 250\n");
    assert_eq!(read(Some("occurred_on")), "P1 2026-01-30\nP2 2026-01-30\nP3 2026-02-27\n");
}

/// January is extracted again: one slip came late, one says something else, one is gone.
#[test]
fn what_changed_since_the_freeze_is_told_apart() {
    let office = Office::new();
    let asked = || query("SELECT payslip_id, net FROM payslip");
    let job = job_over(&office, &[(YEAR, "2026-12-31", &SLIPS)], asked());
    let PopulationOutcome::Read { rows: Some(frozen), .. } = freeze(&job, &office.vault).remove(0).outcome else {
        panic!()
    };
    let compare = |job: &Job| compare_in_child_with(job, &office.vault, &office.root(), &frozen, worker()).unwrap();
    let same = compare(&job).unwrap();
    assert!(same.is_same() && same.same == 3);
    let january: [Slip<'_>; 2] = [("P0", "E9", "2026-01-30", 9, 900, "USD"), ("P1", "E1", "2026-01-30", 1, 101, "USD")];
    let later = job_over(
        &office,
        &[(YEAR, "2026-12-31", &SLIPS), (("2026-01-01", "2026-01-31"), "2027-01-02", &january)],
        asked(),
    );
    let changed = compare(&later).unwrap();
    let items = |of: &tickmark_examine::Changed| of.items.concat().join(" ");
    assert_eq!(changed.same, 1);
    assert_eq!(
        (items(&changed.late), items(&changed.restated), items(&changed.vanished)),
        ("P0".into(), "P1".into(), "P2".into())
    );
    // What cannot be answered is not "the same", and other columns are no comparison.
    assert!(compare(&job_over(&office, &[], asked())).is_err());
    let other = job_over(&office, &[(YEAR, "2026-12-31", &SLIPS)], query("SELECT payslip_id FROM payslip"));
    assert!(compare(&other).is_err());
}

//! The record of a population on paper.

use std::collections::BTreeMap;

use jiff::civil::date;
use tickmark_report::{
    render_population,
    view::{ExtractRead, KeysView, PopulationCheckView, PopulationView, RowsView, SecondSourceView},
};

fn rows(source: &str, items: u64) -> RowsView {
    RowsView {
        sources: vec![source.to_owned()],
        items,
        control_total: Some(("net".to_owned(), "1234567.80".to_owned())),
        extracted_at: "2026-10-01T06:00:00Z".to_owned(),
        extracts: vec![ExtractRead {
            dataset: "payslip".to_owned(),
            source: source.to_owned(),
            method: "csv".to_owned(),
            first: date(2026, 9, 1),
            last: date(2026, 9, 30),
            rows: items,
            source_rows: Some(items),
            extracted_at: "2026-10-01T06:00:00Z".to_owned(),
            manifest: "ab".repeat(32),
        }],
        query: "cd".repeat(32),
        rows_digest: "ef".repeat(32),
        manifest: "01".repeat(32),
        engine: "engine 1".to_owned(),
    }
}

fn view() -> PopulationView {
    let second = SecondSourceView {
        sql: "SELECT line_id FROM bank_line -- “quoted” *not* #markup".to_owned(),
        rows: rows("bank", 103),
        items_difference: "+3".to_owned(),
        total_difference: Some("0.10".to_owned()),
        keys: Some(KeysView {
            both: 99,
            only_here: 1,
            only_there: 4,
            first_here: vec!["P-17".to_owned()],
            first_there: ["L-1", "L-2", "L-3", "L-4"].map(str::to_owned).into(),
        }),
    };
    PopulationView {
        organization: "Harbor Lane Payroll, Inc.".to_owned(),
        engagement: "soc1".to_owned(),
        population: "slips".to_owned(),
        controls: vec![("PAY-4-C2".to_owned(), "Net pay is recomputed".to_owned())],
        definition: "those of a query of management's own".to_owned(),
        sql: "SELECT payslip_id, net\nFROM payslip\nWHERE pay_on BETWEEN $period_start AND $period_end".to_owned(),
        item: vec!["payslip_id".to_owned()],
        parameters: BTreeMap::from([("on".to_owned(), "2026-09-30".to_owned())]),
        first: date(2025, 10, 1),
        last: date(2026, 9, 30),
        rows: rows("payroll", 100),
        rows_stored: 100,
        frozen_by: "Cora Lund".to_owned(),
        frozen_at: "2026-10-02T15:00:00Z".to_owned(),
        reason: None,
        beside: Vec::new(),
        catalog: "23".repeat(32),
        checks: vec![PopulationCheckView {
            side: "management".to_owned(),
            passed: true,
            by: "Ben Ray".to_owned(),
            at: "2026-10-03T15:00:00Z".to_owned(),
            note: "Compared with the bank's file.".to_owned(),
            second: Some(second),
            explanation: Some("Three lines of September 30 are of the next run.".to_owned()),
            entry: 41,
        }],
        for_management: "checked".to_owned(),
        for_firm: "checked".to_owned(),
        samples: vec![("s-1".to_owned(), "the firm".to_owned(), 25)],
        entry: 40,
        ledger_size: 50,
    }
}

#[test]
fn a_record_is_printed_the_same_each_time() {
    let first = render_population(&view()).unwrap();
    assert!(first.pages <= 2, "{}", first.pages);
    assert!(first.pdf == render_population(&view()).unwrap().pdf);
}

#[test]
fn a_record_without_checks_and_one_frozen_again_print_too() {
    let unchecked = PopulationView {
        checks: Vec::new(),
        samples: Vec::new(),
        reason: Some("A late file came.".to_owned()),
        beside: vec!["slips-1".to_owned()],
        ..view()
    };
    assert!(render_population(&unchecked).unwrap().pages >= 1);
}

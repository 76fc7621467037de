//! The matrices as a spreadsheet reads them, and the two texts for whoever checks.

use std::io::Cursor;

use calamine::{DataType as _, Reader as _, Xlsx};
use serde_json::json;
use tickmark_report::{
    Document, for_auditors, how_to_check, report_workbook, testing_workbook,
    view::{ManagementTestingView, ReportView},
};

use crate::views::{changed, document};

fn report(document: Document) -> ReportView {
    match document {
        Document::Report(view) => *view,
        Document::ManagementTesting(_) | Document::Exceptions(_) => panic!("another document"),
    }
}

fn testing(document: Document) -> ManagementTestingView {
    match document {
        Document::ManagementTesting(view) => *view,
        Document::Report(_) | Document::Exceptions(_) => panic!("another document"),
    }
}

/// Each sheet: its name, how many rows, and its first rows' first cells.
fn outline(bytes: &[u8]) -> String {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    let mut out = String::new();
    for name in book.sheet_names() {
        assert!(book.worksheet_formula(&name).unwrap().is_empty(), "{name} computes something");
        let sheet = book.worksheet_range(&name).unwrap();
        let (rows, columns) = sheet.get_size();
        out.push_str(&format!("{name}: {} rows\n", rows - 1));
        for row in sheet.rows().take(3) {
            assert_eq!(row.len(), columns);
            let cells: Vec<String> =
                row.iter().map(|cell| cell.as_string().unwrap_or_default().chars().take(24).collect()).collect();
            out.push_str(&format!("  {}\n", cells.join(" | ")));
        }
    }
    out
}

#[test]
fn the_matrices_of_a_report() {
    insta::assert_snapshot!(outline(&report_workbook(&report(document("soc2-type2"))).unwrap()));
}

#[test]
fn a_type_1_has_no_matrix_of_tests() {
    let outline = outline(&report_workbook(&report(document("soc1-type1"))).unwrap());
    assert!(outline.contains("Controls: ") && !outline.contains("Tests and results"), "{outline}");
}

#[test]
fn the_matrices_of_managements_testing() {
    insta::assert_snapshot!(outline(&testing_workbook(&testing(document("management-testing"))).unwrap()));
}

#[test]
fn the_same_view_gives_the_same_bytes_and_no_text_computes() {
    let hostile = changed("management-testing", "/view/controls/0/title", json!("=HYPERLINK(\"http://x\")"));
    let view = testing(hostile);
    assert!(testing_workbook(&view).unwrap() == testing_workbook(&view).unwrap());
    assert!(outline(&testing_workbook(&view).unwrap()).contains("=HYPERLINK"));
    let view = report(document("soc1-type2"));
    assert!(report_workbook(&view).unwrap() == report_workbook(&view).unwrap());
}

#[test]
fn what_a_firm_is_told_to_test() {
    insta::assert_snapshot!(for_auditors(&testing(document("management-testing"))));
}

#[test]
fn how_anybody_checks() {
    let hostile = changed("management-testing", "/view/engagement/organization/name", json!("{ledger} | <b> `x`"));
    let view = testing(hostile);
    let text = how_to_check(&view.engagement, &view.provenance, &[]);
    assert!(text.contains("of {ledger} \\| \\<b\\> \\`x\\`, the figures"), "{text}");
    assert!(text.lines().count() < 60, "one page");
}

#[test]
fn what_was_overruled_stands_in_the_package() {
    let overruled = json!([{
        "rule": "RPT-13", "place": "report: description", "says": "30 percent of its words stand so in a template",
        "reason": "our own | words", "by": "Lea Lindgren", "on": "2026-10-19", "entry": 7000
    }]);
    let view = report(changed("soc1-type2", "/view/overruled", overruled));
    let text = how_to_check(&view.engagement, &view.provenance, &view.overruled);
    let line = "| RPT-13 | report: description | 30 percent of its words stand so in a template | our own \\| words | Lea Lindgren | 2026-10-19 | 7000 |";
    assert!(text.contains(line), "{text}");
    let without = how_to_check(&view.engagement, &view.provenance, &[]);
    assert!(!without.contains("overruled") && text.starts_with(&without), "{without}");
}

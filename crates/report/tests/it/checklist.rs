//! The checklist as a workbook and on paper.

use std::io::Read as _;

use calamine::{Data, Reader, open_workbook_from_rs};
use jiff::civil::date;
use tickmark_report::{
    checklist_workbook, render_checklist,
    view::{ChecklistLine, ChecklistSection, ChecklistView},
};

fn line(control: &str, evidence: &[&str], objectives: &[&str], criteria: &[&str]) -> ChecklistLine {
    let owned = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
    ChecklistLine {
        control: control.to_owned(),
        title: "Leavers lose access".to_owned(),
        have_in_place: "The IT team disables all access of leavers by the end of the next business day.".to_owned(),
        evidence: owned(evidence),
        owner: "IT".to_owned(),
        how_often: "each time".to_owned(),
        objectives: owned(objectives),
        criteria: owned(criteria),
        ledger_shows: None,
    }
}

fn view() -> ChecklistView {
    ChecklistView {
        organization: None,
        made_on: date(2026, 1, 2),
        scope: vec!["SOC 1: Payroll".to_owned(), "SOC 2: Security".to_owned()],
        soc1: true,
        soc2: true,
        catalog: "00".repeat(32),
        ledger_size: None,
        sections: vec![ChecklistSection {
            title: "Logical access".to_owned(),
            lines: vec![
                line("LA-01", &["Request"], &[], &["CC6.1"]),
                line("LA-02", &["Leaver list", "Tickets"], &["ITGC-LA"], &["CC6.2", "CC6.3"]),
                line("PAY-1-C1", &["Checklist"], &["PAY-1"], &[]),
            ],
        }],
    }
}

fn rows(bytes: &[u8], sheet: &str) -> Vec<Vec<String>> {
    let mut workbook: calamine::Xlsx<_> = open_workbook_from_rs(std::io::Cursor::new(bytes)).unwrap();
    let range = workbook.worksheet_range(sheet).unwrap();
    range.rows().map(|row| row.iter().map(Data::to_string).collect()).collect()
}

#[test]
fn each_report_has_its_sheet_and_both_hold_a_shared_control_once() {
    let bytes = checklist_workbook(&view()).unwrap();
    let controls = |sheet| rows(&bytes, sheet).into_iter().skip(1).map(|row| row[0].clone()).collect::<Vec<_>>();
    assert_eq!(controls("Both"), ["LA-01", "LA-02", "LA-02", "PAY-1-C1"]);
    assert_eq!(controls("SOC 1"), ["LA-02", "LA-02", "PAY-1-C1"]);
    assert_eq!(controls("SOC 2"), ["LA-01", "LA-02", "LA-02"]);
    let both = rows(&bytes, "Both");
    assert_eq!(both[0][4..6], ["Evidence that satisfies it", "Have it"]);
    assert_eq!(both[2][4..6], ["Leaver list", "☐"]);
    assert_eq!(both[2][8], "SOC 1 and SOC 2: ITGC-LA CC6.2 CC6.3");
    // The second item of evidence: id and owner for filters, the words only once.
    assert_eq!([&both[3][0], &both[3][3], &both[3][4], &both[3][6]], ["LA-02", "", "Tickets", "IT"]);
    assert!(bytes == checklist_workbook(&view()).unwrap());
}

#[test]
fn one_report_has_one_sheet() {
    let bytes = checklist_workbook(&ChecklistView { soc2: false, ..view() }).unwrap();
    let workbook: calamine::Xlsx<_> = open_workbook_from_rs(std::io::Cursor::new(&bytes)).unwrap();
    assert_eq!(workbook.sheet_names(), ["SOC 1", "About"]);
}

/// What makes it usable by hand: states to choose from, boxes, filters, a header that stays and is printed on every page.
#[test]
fn a_sheet_can_be_worked_with() {
    let bytes = checklist_workbook(&view()).unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut text = |name: &str| {
        let mut text = String::new();
        archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    let sheet = text("xl/worksheets/sheet1.xml");
    for part in [
        "\"Not started,In progress,In place,Does not apply\"",
        "sqref=\"J2:J5\"",
        "\"☐,☑\"",
        "sqref=\"F2:F5\"",
        "<autoFilter ref=\"A1:K5\"",
        "state=\"frozen\"",
        "orientation=\"landscape\"",
        "fitToHeight=\"0\"",
        "Page &amp;P of &amp;N",
    ] {
        assert!(sheet.contains(part), "{part}\n{sheet}");
    }
    assert!(text("xl/workbook.xml").contains("_xlnm.Print_Titles"));
}

#[test]
fn on_paper_it_is_the_same_each_time() {
    let first = render_checklist(&view()).unwrap();
    assert_eq!(first.pages, 1);
    assert!(first.pdf == render_checklist(&view()).unwrap().pdf);
    let mut long = view();
    let lines = long.sections[0].lines.clone();
    long.sections[0].lines = std::iter::repeat_n(lines, 20).flatten().collect();
    assert!(render_checklist(&long).unwrap().pages > 3);
}

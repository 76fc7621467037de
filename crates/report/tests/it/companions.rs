//! What stands beside a report, on paper and as Markdown.

use jiff::civil::date;
use tickmark_report::{
    companion_markdown, render_companion,
    view::{CompanionPart, CompanionSignatory, CompanionView},
};

fn view() -> CompanionView {
    CompanionView {
        organization: "Ray | Sons, Inc.".to_owned(),
        kind: "Bridge letter".to_owned(),
        title: "2025-04-01 to 2025-04-30".to_owned(),
        dated: date(2025, 5, 2),
        facts: vec![("From".to_owned(), "Ray | Sons, Inc.".to_owned())],
        parts: vec![
            CompanionPart::Heading("Changes".to_owned()),
            CompanionPart::Notice { title: "Longer".to_owned(), text: "It is *long*.".to_owned() },
            CompanionPart::Points(vec!["2025-04-02: control `LA-02` reads <b>otherwise</b>".to_owned()]),
            CompanionPart::Numbered(vec!["one".to_owned(), "two".to_owned()]),
            CompanionPart::table(&[("Control", 1), ("", 3)], vec![vec!["LA-02".to_owned(), "a | b".to_owned()]]),
        ],
        signatories: vec![CompanionSignatory { name: "Ann".to_owned(), title: "President".to_owned() }],
        foot: "Management's letter.".to_owned(),
    }
}

#[test]
fn names_end_no_cell_and_begin_no_mark() {
    insta::assert_snapshot!(companion_markdown(&view()));
}

#[test]
fn it_prints_the_same_bytes_each_time() {
    let first = render_companion(&view()).unwrap();
    assert_eq!(first.pages, 1);
    assert!(first.pdf == render_companion(&view()).unwrap().pdf);
}

#[test]
fn a_table_of_a_thousand_rows_and_a_cell_of_a_page_go_on() {
    let mut long = view();
    let rows = (0..1000).map(|row| vec![format!("C-{row}"), "words ".repeat(20)]).collect();
    long.parts.push(CompanionPart::table(&[("Control", 1), ("What", 3)], rows));
    assert!(render_companion(&long).unwrap().pages > 30);
}

//! The workbook as a spreadsheet reads it.

use std::io::Cursor;

use calamine::{Data, DataType as _, Reader as _, Xlsx};
use tickmark_report::exceptions_workbook;

use crate::views::exceptions;

#[test]
fn dates_are_dates_and_counts_are_numbers() {
    let view = exceptions();
    let bytes = exceptions_workbook(&view).unwrap();
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(&bytes)).unwrap();
    assert_eq!(workbook.sheet_names(), ["Exceptions", "Figures", "About"]);
    let sheet = workbook.worksheet_range("Exceptions").unwrap();
    assert_eq!(sheet.height(), view.exceptions.len() + 1);
    let first = &view.exceptions[0];
    assert_eq!(sheet.get((1, 0)).unwrap().as_string().as_deref(), Some(first.id.as_str()));
    assert_eq!(sheet.get((1, 6)).unwrap().as_f64(), first.items.as_count().map(|count| count as f64));
    assert!(matches!(sheet.get((1, 8)), Some(Data::DateTime(_))), "{:?}", sheet.get((1, 8)));
    assert_eq!(sheet.get((1, 15)).unwrap().as_string(), Some(first.rows.to_string()));
}

#[test]
fn the_same_view_gives_the_same_workbook() {
    let view = exceptions();
    assert!(exceptions_workbook(&view).unwrap() == exceptions_workbook(&view).unwrap());
}

#[test]
fn text_that_looks_like_a_formula_stays_text() {
    let mut view = exceptions();
    view.exceptions[0].found = "=HYPERLINK(\"http://example.org\")".to_owned();
    let bytes = exceptions_workbook(&view).unwrap();
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(&bytes)).unwrap();
    assert!(workbook.worksheet_formula("Exceptions").unwrap().is_empty());
}

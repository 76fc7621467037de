//! Tables for whoever sorts, filters and prints them: as a workbook, or one of them as CSV.
//!
//! Invariant: dates are dates and counts are numbers; no cell is a formula, whatever its text begins with. In CSV, which has
//! no types, an apostrophe goes before a text that a program of worksheets would compute.

use jiff::civil::Date;
use rust_xlsxwriter::{Color, DocProperties, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};

use crate::{
    Error,
    workbook::{excel_date, failed},
};

/// A table with a head that stays in sight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Its name on the tab.
    pub name: &'static str,
    /// Its columns, each with its width in characters.
    pub columns: Vec<(&'static str, u32)>,
    /// Its rows, a cell a column.
    pub rows: Vec<Vec<Cell>>,
}

/// What a cell holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A number of things.
    Count(u64),
    /// A day.
    Day(Date),
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u64> for Cell {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl From<Date> for Cell {
    fn from(day: Date) -> Self {
        Self::Day(day)
    }
}

/// What stands on every page of a workbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkbookTitle {
    /// What it is.
    pub title: String,
    /// Whose it is.
    pub organization: String,
    /// The day that it was made; no clock is read, so equal tables give equal bytes.
    pub made_on: Date,
}

/// Writes tables as a workbook.
pub fn sheets_workbook(title: &WorkbookTitle, sheets: &[Sheet]) -> Result<Vec<u8>, Error> {
    let mut workbook = Workbook::new();
    let created = excel_date(title.made_on).map_err(failed("the workbook"))?;
    workbook.set_properties(
        &DocProperties::new().set_title(&title.title).set_author(&title.organization).set_creation_datetime(&created),
    );
    let styles = Styles::new();
    for sheet in sheets {
        write(workbook.add_worksheet(), sheet, title, &styles).map_err(failed(sheet.name))?;
    }
    workbook.save_to_buffer().map_err(failed("the workbook"))
}

/// Without it a spreadsheet program takes UTF-8 for the letters of its own country.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Writes one table as CSV (RFC 4180) for people's spreadsheets, its head first.
pub fn sheet_csv(sheet: &Sheet) -> Result<Vec<u8>, Error> {
    let begun = BYTE_ORDER_MARK.as_bytes().to_vec();
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(begun);
    let failed = |source: csv::Error| Error::Csv { sheet: sheet.name.to_owned(), source: Box::new(source) };
    writer.write_record(sheet.columns.iter().map(|(title, _)| *title)).map_err(failed)?;
    for row in &sheet.rows {
        let cells = row.iter().map(|cell| match cell {
            Cell::Text(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) => format!("'{text}"),
            Cell::Text(text) => text.clone(),
            Cell::Count(count) => count.to_string(),
            Cell::Day(day) => day.to_string(),
        });
        writer.write_record(cells).map_err(failed)?;
    }
    writer.into_inner().map_err(|error| failed(error.into_error().into()))
}

/// Sizes of paper by their number in the file format.
const LETTER: u8 = 1;
const TABLOID: u8 = 3;

/// Characters over which a row on letter paper would be too small to read.
const WIDEST_ON_LETTER: u32 = 240;

/// Points of a line of text, and of the tallest row that the file format knows.
const LINE_HEIGHT: u32 = 14;
const TALLEST: u32 = 409;

/// The height that a row needs: not every program works it out when it opens a workbook.
fn height_of(row: &[Cell], columns: &[(&'static str, u32)]) -> f64 {
    let lines = row.iter().zip(columns).map(|(cell, (_, width))| match cell {
        Cell::Text(text) => text.split('\n').map(|line| wrapped(line, *width as usize)).sum(),
        Cell::Count(_) | Cell::Day(_) => 1,
    });
    let lines = u32::try_from(lines.max().unwrap_or(1)).unwrap_or(u32::MAX);
    f64::from(lines.saturating_mul(LINE_HEIGHT).clamp(LINE_HEIGHT, TALLEST))
}

/// How many lines a text takes, broken between words.
fn wrapped(text: &str, width: usize) -> usize {
    let (mut lines, mut used) = (1, 0);
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > width {
            lines += 1;
            used = 0;
        }
        used += length + usize::from(used > 0);
        // A word longer than the column goes on below.
        while used > width.max(1) {
            lines += 1;
            used -= width.max(1);
        }
    }
    lines
}

struct Styles {
    head: Format,
    text: Format,
    count: Format,
    day: Format,
}

impl Styles {
    fn new() -> Self {
        let cell = Format::new()
            .set_align(FormatAlign::Top)
            .set_border_bottom(FormatBorder::Hair)
            .set_border_color(Color::RGB(0x00B5_C4BD));
        Self {
            head: Format::new()
                .set_bold()
                .set_align(FormatAlign::Bottom)
                .set_font_color(Color::RGB(0x0015_503E))
                .set_background_color(Color::RGB(0x00EA_F1EE))
                .set_border_bottom(FormatBorder::Thin)
                .set_text_wrap(),
            text: cell.clone().set_align(FormatAlign::Left).set_text_wrap().set_indent(1),
            count: cell.clone().set_num_format("#,##0"),
            day: cell.set_num_format("yyyy-mm-dd"),
        }
    }
}

fn write(page: &mut Worksheet, sheet: &Sheet, title: &WorkbookTitle, styles: &Styles) -> Result<(), XlsxError> {
    page.set_name(sheet.name)?;
    for (column, (name, width)) in (0_u16..).zip(&sheet.columns) {
        page.write_string_with_format(0, column, *name, &styles.head)?;
        page.set_column_width(column, *width)?;
    }
    for (line, row) in (1_u32..).zip(&sheet.rows) {
        page.set_row_height(line, height_of(row, &sheet.columns))?;
        for (column, cell) in (0_u16..).zip(row) {
            match cell {
                Cell::Text(text) => page.write_string_with_format(line, column, text, &styles.text)?,
                Cell::Count(count) => page.write_number_with_format(line, column, *count as f64, &styles.count)?,
                Cell::Day(day) => page.write_datetime_with_format(line, column, &excel_date(*day)?, &styles.day)?,
            };
        }
    }
    page.set_freeze_panes(1, 1)?;
    let (rows, columns) = (u32::try_from(sheet.rows.len()), u16::try_from(sheet.columns.len()));
    if let (Ok(rows), Ok(columns)) = (rows, columns) {
        page.autofilter(0, 0, rows, columns.saturating_sub(1))?;
    }
    page.set_repeat_rows(0, 0)?;
    page.set_landscape();
    page.set_print_fit_to_pages(1, 0);
    let width: u32 = sheet.columns.iter().map(|(_, width)| width).sum();
    page.set_paper_size(if width > WIDEST_ON_LETTER { TABLOID } else { LETTER });
    page.set_margins(0.4, 0.4, 0.7, 0.6, 0.3, 0.3);
    // An ampersand begins a code in headers and footers.
    let plain = |text: &str| text.replace('&', "&&");
    page.set_header(format!("&L&8{}&R&8{}", plain(&title.organization), plain(&title.title)));
    page.set_footer(format!("&L&8{}, {}&R&8Page &P of &N", sheet.name, title.made_on));
    Ok(())
}

#[cfg(test)]
mod tests {
    use calamine::{Data, Reader, Xlsx};
    use jiff::civil::date;

    use super::*;

    fn sheet() -> Sheet {
        let row = |text: &str| vec![Cell::from(text), 1_234_u64.into(), date(2026, 9, 30).into()];
        let rows = vec![
            row("=1+1"),
            row("-2"),
            row("+3"),
            row("@SUM(A1)"),
            row("\t=4"),
            row("\r=5"),
            row("a=b"),
            row("a, \"b\"\nc"),
            row("plain"),
        ];
        Sheet { name: "Rows", columns: vec![("What", 20), ("How many", 10), ("On", 12)], rows }
    }

    fn title() -> WorkbookTitle {
        let (title, organization) = ("Risks & controls".to_owned(), "Harbor Lane".to_owned());
        WorkbookTitle { title, organization, made_on: date(2026, 10, 1) }
    }

    #[test]
    fn a_workbook_holds_words_numbers_and_days_and_no_formula() {
        let bytes = sheets_workbook(&title(), &[sheet()]).unwrap();
        assert_eq!(bytes, sheets_workbook(&title(), &[sheet()]).unwrap(), "equal tables give equal bytes");
        let mut book: Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(bytes)).unwrap();
        let cells = book.worksheet_range("Rows").unwrap();
        assert_eq!(cells.get((0, 0)), Some(&Data::String("What".to_owned())));
        assert_eq!(cells.get((1, 0)), Some(&Data::String("=1+1".to_owned())));
        assert_eq!(cells.get((1, 1)), Some(&Data::Float(1234.0)));
        assert!(matches!(cells.get((1, 2)), Some(Data::DateTime(_))));
        assert!(book.worksheet_formula("Rows").unwrap().is_empty());
    }

    #[test]
    fn csv_quotes_what_it_must_and_no_text_of_it_is_a_formula() {
        let csv = String::from_utf8(sheet_csv(&sheet()).unwrap()).unwrap();
        let cells = ["'=1+1", "'-2", "'+3", "'@SUM(A1)", "'\t=4", "\"'\r=5\"", "a=b", "\"a, \"\"b\"\"\nc\"", "plain"];
        let rows = cells.map(|cell| format!("{cell},1234,2026-09-30\r\n"));
        assert_eq!(csv, format!("\u{feff}What,How many,On\r\n{}", rows.concat()));
    }

    #[test]
    fn a_row_is_as_tall_as_its_longest_cell() {
        for (text, width, lines) in [("", 10, 1), ("one two", 10, 1), ("one two three", 8, 2), ("abcdefghij", 4, 3)] {
            assert_eq!(wrapped(text, width), lines, "{text}");
        }
    }
}

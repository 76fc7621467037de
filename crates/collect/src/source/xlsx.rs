//! Office Open XML workbooks: one sheet, one header row, one table.
//!
//! A formula's value is what the program that saved the workbook last made of other cells; nobody typed it and nothing
//! here can check it. So formulas are refused unless the declaration allows them, and then told. Cells with an error,
//! merged cells and gaps in the table are always refused.

use std::io::{Cursor, Read};

use calamine::{Data, ExcelDateTime, Range, Reader, Xlsx};

use super::Extract;
use crate::{
    Error,
    config::FileEntry,
    rows::Rows,
    value::{Cell, micros_of},
};

/// Unpacked bytes of a workbook that is read: the reader holds all of them, and its cells beside. A sheet of a million
/// rows, the most there can be, with twenty columns stays below.
const MOST_INFLATED: u64 = 512 << 20;

/// How many bytes a workbook has when it is unpacked, counted by unpacking; counts no further than one past the limit.
fn inflated_size(bytes: &[u8]) -> Result<u64, zip::result::ZipError> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes))?;
    let mut inflated = 0;
    for at in 0..archive.len() {
        let left = (MOST_INFLATED + 1).saturating_sub(inflated);
        inflated += std::io::copy(&mut archive.by_index(at)?.take(left), &mut std::io::sink())?;
    }
    Ok(inflated)
}

/// Says what is wrong with a workbook that cannot be unpacked, or not within the limit.
pub(crate) fn require_inflated_size(bytes: &[u8]) -> Result<(), String> {
    let inflated = inflated_size(bytes).map_err(|cause| format!("is not a whole XLSX workbook: {cause}"))?;
    if inflated > MOST_INFLATED {
        let limit = MOST_INFLATED >> 20;
        return Err(format!("holds more than {limit} MiB when it is unpacked: export the table as CSV"));
    }
    Ok(())
}

/// Places between the first and the last cell of a sheet that evidence comes from: the reader holds one for each, filled or not,
/// so that two cells far apart would take all memory. A sheet of a million rows with thirty columns stays below.
const MOST_PLACES: u64 = 32 << 20;

/// Says what is wrong with a sheet whose cells lie further apart than a table's do. Cells are counted by reading them: what a
/// workbook says of its own size need not be so.
pub(crate) fn require_extent<R: Read + std::io::Seek>(
    workbook: &mut Xlsx<R>,
    sheet: &str,
    most: u64,
) -> Result<(), String> {
    let broken = |cause: calamine::XlsxError| format!("is not a whole XLSX workbook: {cause}");
    let mut cells = match workbook.worksheet_cells_reader(sheet) {
        Ok(cells) => cells,
        // A chart has no cells.
        Err(calamine::XlsxError::NotAWorksheet(_)) => return Ok(()),
        Err(cause) => return Err(broken(cause)),
    };
    let mut extent: Option<[(u32, u32); 2]> = None;
    while let Some(cell) = cells.next_cell().map_err(broken)? {
        let (row, column) = cell.get_position();
        let [from, to] = extent.unwrap_or([(row, column); 2]);
        let (from, to) = ((from.0.min(row), from.1.min(column)), (to.0.max(row), to.1.max(column)));
        let places = (u64::from(to.0 - from.0) + 1).saturating_mul(u64::from(to.1 - from.1) + 1);
        if places > most {
            let (from, to) = (reference(from.0, from.1), reference(to.0, to.1));
            return Err(format!("has cells from {from} to {to}, {places} places; at most {most} are read"));
        }
        extent = Some([from, to]);
    }
    Ok(())
}

/// Reads the sheet of a workbook; tells of formulas whose values were taken.
pub(super) fn read(
    rows: &mut Rows<'_>,
    of: &str,
    bytes: Vec<u8>,
    entry: &FileEntry,
    extract: &Extract<'_>,
) -> Result<Option<String>, Error> {
    let malformed = |problem: String| Error::Malformed { of: of.to_owned(), line: None, problem };
    let broken = |cause: calamine::XlsxError| malformed(format!("is not a whole XLSX workbook: {cause}"));
    require_inflated_size(&bytes).map_err(malformed)?;
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let sheets = workbook.sheet_names();
    let sheet = match (&entry.sheet, sheets.as_slice()) {
        (Some(sheet), _) if sheets.contains(sheet) => sheet.clone(),
        (Some(sheet), _) => return Err(malformed(format!("has no sheet `{sheet}`; it has {}", quoted(&sheets)))),
        (None, [only]) => only.clone(),
        (None, _) => {
            return Err(Error::Config {
                file: extract.source.file.clone(),
                line: None,
                problem: format!("`{of}` has the sheets {}; say which with `sheet`", quoted(&sheets)),
            });
        }
    };
    let of = format!("{of}, sheet `{sheet}`");
    let malformed = |problem: String| Error::Malformed { of: of.clone(), line: None, problem };
    let broken = |cause: calamine::XlsxError| malformed(format!("cannot be read: {cause}"));
    require_extent(&mut workbook, &sheet, MOST_PLACES).map_err(malformed)?;
    let cells = workbook.worksheet_range(&sheet).map_err(broken)?;
    let formulas = workbook.worksheet_formula(&sheet).map_err(broken)?;
    let merged = workbook.merge_cells_by_sheet_name(&sheet).map_err(broken)?;
    let Some(start) = cells.start() else {
        return Err(malformed("is empty; even a table without rows has a header".into()));
    };
    let header_row = entry.header_row.map_or(start.0, |row| row - 1);
    let table = Table::new(&cells, header_row, &malformed)?;
    if let Some(merge) = merged.iter().find(|merge| merge.end.0 >= header_row) {
        return Err(malformed(format!(
            "the cells {} to {} are merged, so it is not said which row they belong to",
            reference(merge.start.0, merge.start.1),
            reference(merge.end.0, merge.end.1)
        )));
    }
    let in_table = |row: u32, column: u32| row > header_row && table.columns.iter().any(|(at, _)| *at == column);
    let formula = places(&formulas).find(|(row, column, _)| in_table(*row, *column));
    let uncomputed = without_value(&cells, &formulas).find(|(row, column, _)| in_table(*row, *column));
    let note = match formula {
        Some((row, column, text)) if !entry.formulas => {
            return Err(malformed(format!(
                "{} is the formula `={}`; say `formulas = true` to take the value it had when the workbook was saved",
                reference(row, column),
                crate::error::shortened(text)
            )));
        }
        Some(_) => Some("values of formulas were taken as the workbook was saved with them".to_owned()),
        None => None,
    };
    // Nobody knows what it says; an empty cell would be another answer.
    if let Some((row, column, text)) = uncomputed {
        return Err(malformed(format!(
            "{} is the formula `={}`, and the workbook was saved without its value; open it in a spreadsheet program and save it",
            reference(row, column),
            crate::error::shortened(text)
        )));
    }
    let names: Vec<String> = table.columns.iter().map(|(_, name)| name.clone()).collect();
    rows.part(&of, &names, u64::from(header_row) + 2)?;
    let last = cells.end().map_or(header_row, |end| end.0);
    let mut gap = None;
    for row in header_row + 1..=last {
        let value = |column: u32| cells.get_value((row, column)).unwrap_or(&Data::Empty);
        if table.columns.iter().all(|(column, _)| *value(*column) == Data::Empty) {
            gap.get_or_insert(row);
            continue;
        }
        if let Some(gap) = gap {
            return Err(malformed(format!("row {} is empty, and rows follow it", gap + 1)));
        }
        for (field, (column, _)) in table.columns.iter().enumerate() {
            let value = value(*column);
            if let Data::Error(error) = value {
                return Err(malformed(format!("{} holds the error {error}", reference(row, *column))));
            }
            rows.field(field, cell(value))?;
        }
        rows.end_row()?;
    }
    Ok(note)
}

/// The formulas of a sheet, each with its row and column from 0.
fn places(formulas: &Range<String>) -> impl Iterator<Item = (u32, u32, &str)> {
    let (row, column) = formulas.start().unwrap_or_default();
    let places = formulas.used_cells().map(move |(r, c, text)| (row + offset(r), column + offset(c), text.as_str()));
    places.filter(|(.., text)| !text.is_empty())
}

/// The formulas that were saved without a value, as programs do that write workbooks and compute nothing.
pub(crate) fn without_value<'a>(
    cells: &'a Range<Data>,
    formulas: &'a Range<String>,
) -> impl Iterator<Item = (u32, u32, &'a str)> {
    places(formulas).filter(|(row, column, _)| matches!(cells.get_value((*row, *column)), None | Some(Data::Empty)))
}

/// Where the table's columns are.
struct Table {
    /// Position in the sheet and name.
    columns: Vec<(u32, String)>,
}

impl Table {
    fn new(cells: &Range<Data>, header_row: u32, malformed: &dyn Fn(String) -> Error) -> Result<Self, Error> {
        let (Some(start), Some(end)) = (cells.start(), cells.end()) else { return Ok(Self { columns: Vec::new() }) };
        let mut columns = Vec::new();
        for column in start.1..=end.1 {
            let header = cells.get_value((header_row, column)).unwrap_or(&Data::Empty);
            if let Data::String(name) = header
                && !name.is_empty()
            {
                columns.push((column, name.clone()));
                continue;
            }
            if !matches!(header, Data::Empty | Data::String(_)) {
                let problem = format!("the header {} is not text: `{header}`", reference(header_row, column));
                return Err(malformed(problem));
            }
            let filled = (header_row + 1..=end.0)
                .find(|row| cells.get_value((*row, column)).is_some_and(|value| *value != Data::Empty));
            if let Some(row) = filled {
                let problem = format!("{} has a value, and its column has no header", reference(row, column));
                return Err(malformed(problem));
            }
        }
        Ok(Self { columns })
    }
}

fn cell(value: &Data) -> Cell<'_> {
    match value {
        Data::Int(value) => Cell::Int(*value),
        Data::Float(value) => Cell::Float(*value),
        Data::String(text) | Data::DateTimeIso(text) => Cell::Text(text.as_bytes()),
        Data::Bool(value) => Cell::Bool(*value),
        Data::DateTime(at) => date_time(at),
        Data::DurationIso(_) => Cell::Other("a duration"),
        Data::Error(_) => Cell::Other("an error"),
        Data::Empty => Cell::Null,
    }
}

/// A cell with a date format. Workbooks keep no zone, so it is a clock's reading.
fn date_time(at: &ExcelDateTime) -> Cell<'static> {
    if !at.is_datetime() {
        return Cell::Other("a duration");
    }
    let (year, month, day, hour, minute, second, milli) = at.to_ymd_hms_milli();
    let small = |part: u8| i8::try_from(part).unwrap_or(-1);
    let date = i16::try_from(year).ok().and_then(|year| jiff::civil::Date::new(year, small(month), small(day)).ok());
    let nanos = i32::from(milli) * 1_000_000;
    let time = jiff::civil::Time::new(small(hour), small(minute), small(second), nanos).ok();
    match date.zip(time) {
        Some((date, time)) => Cell::Local(micros_of(date.to_datetime(time))),
        None => Cell::Other("a date that does not exist"),
    }
}

/// `D17`, from positions counted from 0.
pub(crate) fn reference(row: u32, column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column.saturating_add(1);
    while rest > 0 {
        let letter = (rest - 1) % 26;
        letters.push(char::from(b'A' + u8::try_from(letter).unwrap_or_default()));
        rest = (rest - 1) / 26;
    }
    let letters: String = letters.iter().rev().collect();
    format!("{letters}{}", u64::from(row) + 1)
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_without_a_value_is_not_one_whose_value_is_empty() {
        let placed = |row, text: &str| calamine::Cell::new((row, 0), Data::String(text.to_owned()));
        let cells = Range::from_sparse(vec![placed(0, "id"), placed(1, "")]);
        let formulas = (0_u32..3).map(|row| calamine::Cell::new((row, 0), format!("A{}", row + 1)));
        let formulas = Range::from_sparse(formulas.collect());
        assert_eq!(places(&formulas).count(), 3);
        assert_eq!(without_value(&cells, &formulas).collect::<Vec<_>>(), [(2, 0, "A3")]);
    }

    #[test]
    fn cells_are_named_as_people_name_them() {
        for (at, name) in [((0, 0), "A1"), ((16, 3), "D17"), ((0, 25), "Z1"), ((0, 26), "AA1"), ((9, 701), "ZZ10")] {
            assert_eq!(reference(at.0, at.1), name);
        }
    }
}

//! Tables as people keep them, in workbooks and CSV files: cells of text with their rows, nothing typed and nothing stored.
//!
//! For lists that a person reviews before anything comes of them. Evidence is collected by declaration (`source/`).

use std::{
    collections::HashMap,
    fs,
    io::{Cursor, Read as _},
    path::Path,
};

use calamine::{Data, Reader, Xlsx};

use crate::{
    Error,
    source::{encoding::Text, xlsx},
};

/// One sheet of a workbook, or a CSV file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Its name; the file's for CSV.
    pub name: String,
    /// Rows that say something, with their number in the sheet from 1; in a CSV file that of their line. A merged cell says the
    /// same in all of its rows.
    pub rows: Vec<(u32, Vec<String>)>,
}

/// A file larger than this is no list that a person keeps.
const LARGEST_FILE: u64 = 64 << 20;

/// Places between the first and the last cell of a sheet: a hundred thousand rows of twenty columns.
const MOST_PLACES: u64 = 2 << 20;

/// Reads every sheet of an XLSX workbook, or a CSV file with commas, semicolons, tabs or bars.
pub fn sheets(path: &Path) -> Result<Vec<Sheet>, Error> {
    let of = path.display().to_string();
    let io = |cause| Error::Io { doing: "reading", path: path.to_owned(), cause };
    let malformed = |problem: String| Error::Malformed { of: of.clone(), line: None, problem };
    let about = fs::metadata(path).map_err(io)?;
    if !about.is_file() || about.len() > LARGEST_FILE {
        return Err(malformed(format!("is no regular file of at most {} MiB", LARGEST_FILE >> 20)));
    }
    let bytes = fs::read(path).map_err(io)?;
    if bytes.starts_with(b"PK") {
        xlsx::require_inflated_size(&bytes).map_err(&malformed)?;
        return workbook(bytes).map_err(malformed);
    }
    let mut text = String::new();
    let not_utf8 = || malformed("is no text in UTF-8: save it as UTF-8, or as XLSX".to_owned());
    Text::new(bytes.as_slice(), None).and_then(|mut all| all.read_to_string(&mut text)).map_err(|_| not_utf8())?;
    // UTF-16 without its mark reads as letters with NUL bytes between them.
    if text.contains('\0') {
        return Err(not_utf8());
    }
    let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    // The reader counts a line before its line feed, which would be off by one behind a carriage return.
    let text = text.replace("\r\n", "\n");
    Ok(vec![Sheet { name, rows: delimited(&text).map_err(|cause| malformed(cause.to_string()))? }])
}

fn workbook(bytes: Vec<u8>) -> Result<Vec<Sheet>, String> {
    let broken = |cause: calamine::XlsxError| format!("is not a whole XLSX workbook: {cause}");
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let mut sheets = Vec::new();
    for name in workbook.sheet_names() {
        xlsx::require_extent(&mut workbook, &name, MOST_PLACES)
            .map_err(|problem| format!("sheet `{name}` {problem}"))?;
        let cells = workbook.worksheet_range(&name).map_err(broken)?;
        let merged = workbook.merge_cells_by_sheet_name(&name).map_err(broken)?;
        let (Some(start), Some(end)) = (cells.start(), cells.end()) else { continue };
        let mut covering: HashMap<(u32, u32), (u32, u32)> = HashMap::new();
        for merge in &merged {
            for row in merge.start.0.max(start.0)..=merge.end.0.min(end.0) {
                for column in merge.start.1.max(start.1)..=merge.end.1.min(end.1) {
                    if covering.insert((row, column), merge.start).is_some() {
                        return Err(format!("sheet `{name}` has merged cells that overlap"));
                    }
                }
            }
        }
        let formulas = workbook.worksheet_formula(&name).map_err(broken)?;
        if let Some((row, column, formula)) = xlsx::without_value(&cells, &formulas).next() {
            return Err(format!(
                "sheet `{name}` has a formula without a value in {} (`={formula}`): open the workbook in a spreadsheet program and save it",
                xlsx::reference(row, column)
            ));
        }
        let value = |row: u32, column: u32| {
            let (row, column) = covering.get(&(row, column)).copied().unwrap_or((row, column));
            match cells.get_value((row, column)) {
                None | Some(Data::Empty) => String::new(),
                Some(value) => value.to_string().trim().to_owned(),
            }
        };
        let rows = (start.0..=end.0)
            .map(|row| (row + 1, (start.1..=end.1).map(|column| value(row, column)).collect::<Vec<_>>()))
            .filter(|(_, cells)| cells.iter().any(|cell| !cell.is_empty()));
        sheets.push(Sheet { rows: rows.collect(), name });
    }
    Ok(sheets)
}

/// The delimiter is the one that stands most often in the first line.
fn delimited(text: &str) -> Result<Vec<(u32, Vec<String>)>, csv::Error> {
    let first = text.lines().next().unwrap_or_default();
    let delimiter =
        *b",;\t|".iter().rev().max_by_key(|mark| first.bytes().filter(|byte| byte == *mark).count()).unwrap_or(&b',');
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    // Rows are counted as a spreadsheet counts them: a cell of two lines makes its row no longer, and an empty line is a row.
    let mut below = 0;
    for record in reader.records() {
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line).saturating_sub(below);
        below += record.iter().map(|cell| cell.matches('\n').count() as u64).sum::<u64>();
        let cells: Vec<String> = record.iter().map(|cell| cell.trim().to_owned()).collect();
        if cells.iter().any(|cell| !cell.is_empty()) {
            rows.push((u32::try_from(line).unwrap_or(u32::MAX), cells));
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(sheets: &[Sheet]) -> String {
        let row = |(row, cells): &(u32, Vec<String>)| format!("  {row}: {}\n", cells.join(" | "));
        sheets
            .iter()
            .map(|sheet| format!("{}\n{}", sheet.name, sheet.rows.iter().map(row).collect::<String>()))
            .collect()
    }

    #[test]
    fn a_list_in_another_encoding_asks_for_utf_8() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.csv");
        let told = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            sheets(&path)
                .map_or_else(|error| error.to_string().replace(&path.display().to_string(), "list.csv"), |of| said(&of))
        };
        let utf16: Vec<u8> = "id,café\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let save_as = "list.csv: is no text in UTF-8: save it as UTF-8, or as XLSX";
        assert_eq!(told(b"id,caf\xe9\n"), save_as);
        assert_eq!(told(&utf16), save_as);
        assert_eq!(told(&[&[0xff, 0xfe], utf16.as_slice()].concat()), "list\n  1: id | café\n");
        assert_eq!(told("id,café\n".as_bytes()), "list\n  1: id | café\n");
    }

    #[test]
    fn a_merged_cell_says_the_same_in_all_of_its_rows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rcm.xlsx");
        let mut book = rust_xlsxwriter::Workbook::new();
        book.add_worksheet().set_name("Notes").unwrap();
        let sheet = book.add_worksheet().set_name("RCM").unwrap();
        sheet.write_row(1, 0, ["Risk", "Control"]).unwrap();
        let plain = rust_xlsxwriter::Format::new();
        sheet.merge_range(2, 0, 3, 0, "Prices change unseen", &plain).unwrap();
        sheet.write(2, 1, "C-1").unwrap();
        sheet.write(3, 1, "C-2").unwrap();
        sheet.write(5, 1, 3.5).unwrap();
        book.save(&path).unwrap();
        assert_eq!(
            said(&sheets(&path).unwrap()),
            "RCM\n  2: Risk | Control\n  3: Prices change unseen | C-1\n  4: Prices change unseen | C-2\n  6:  | 3.5\n"
        );
    }

    #[test]
    fn csv_with_any_delimiter_and_a_mark_in_front() {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in [
            ("commas", &b"\xef\xbb\xbfa,b\n1,\"x, y\"\n"[..]),
            ("semicolons", b"a;b\r\n1;x, y\r\n"),
            ("tabs", b"a\tb\n1\tx, y\n"),
            ("utf-16", b"\xff\xfea\0;\0b\0\n\x001\0;\0x\0,\0 \0y\0"),
        ] {
            let path = folder.path().join(format!("{name}.csv"));
            fs::write(&path, bytes).unwrap();
            assert_eq!(said(&sheets(&path).unwrap()), format!("{name}\n  1: a | b\n  2: 1 | x, y\n"), "{name}");
        }
    }

    #[test]
    fn two_cells_far_apart_do_not_take_all_memory() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("far.xlsx");
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet().set_name("RCM").unwrap();
        sheet.write(0, 0, "Control ID").unwrap();
        sheet.write(1_048_575, 16_383, "far").unwrap();
        book.save(&path).unwrap();
        let refused = sheets(&path).unwrap_err().to_string();
        let problem = "sheet `RCM` has cells from A1 to XFD1048576, 17179869184 places; at most 2097152 are read";
        assert!(refused.contains(problem), "{refused}");
    }

    #[test]
    fn what_is_no_list_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in [("half.xlsx", &b"PK\x03\x04 half"[..]), ("bytes.csv", b"\x80\x81\xff\n")] {
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            assert!(sheets(&path).is_err(), "{name}");
        }
    }
}

//! The table of bad inputs: one file a case in tests/bad, and beside it what people are told.
//!
//! A case begins with a sentence, then come sections. `=== dataset` and `=== source` declare; without them the usual item in
//! `rows.csv` is meant. `=== file NAME` has bytes with Rust's escapes, `=== workbook NAME` cells, `=== parquet NAME` typed
//! columns, `=== sqlite NAME` SQL, `=== link NAME` where it leads, `=== program NAME` a script. `=== window` says a month.
//! `=== later file NAME` is written after a first collection, which must succeed; then the second is told about.
//! `TICKMARK_BLESS=1` writes what is told now.

use std::{fs, path::Path, sync::Arc};

use arrow::{
    array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray},
    datatypes::{Field, Schema},
};
use tickmark_collect::{Connectors, SourceConfig, collect};

use crate::case::{self, ITEM, Place, chain, clock};

const SOURCE: &str = r#"
id = "test"
title = "Test"
kind = "files"
folder = "."

[[datasets]]
dataset = "item"
files = "rows.csv"
format = "csv"
count.none = "a test"
"#;

#[test]
fn bad_inputs_are_told_as_the_table_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad");
    let bless = std::env::var_os("TICKMARK_BLESS").is_some();
    let mut names: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.retain(|path| path.extension().is_some_and(|extension| extension == "case"));
    names.sort();
    assert!(names.len() >= 40, "the table has {} cases only", names.len());
    let (place, mut wrong) = (Place::new(), Vec::new());
    for path in names {
        let told = tell(&fs::read_to_string(&path).unwrap(), &place.another());
        let beside = path.with_extension("told");
        if bless {
            fs::write(&beside, format!("{told}\n")).unwrap();
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        if expected.trim_end() != told {
            wrong.push(format!("{}\n  expected {}\n  told     {told}", path.display(), expected.trim_end()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn tell(text: &str, place: &Place) -> String {
    let mut dataset = ITEM.to_owned();
    let mut source = SOURCE.to_owned();
    let mut window = case::yesterday();
    let mut later: Vec<(String, String)> = Vec::new();
    let sections: Vec<&str> = text.split("\n=== ").skip(1).collect();
    for (at, section) in sections.iter().enumerate() {
        let (head, body) = section.split_once('\n').unwrap_or((section, ""));
        // The line end before the next section is the body's own.
        let ended = if at + 1 < sections.len() && !body.is_empty() { format!("{body}\n") } else { body.to_owned() };
        let body = ended.as_str();
        let words: Vec<&str> = head.split(' ').collect();
        match words.as_slice() {
            ["dataset"] => dataset = body.to_owned(),
            ["event"] => dataset = case::EVENT.to_owned(),
            ["source"] => source = body.replace("DIR", &place.path().display().to_string()),
            ["window", month] => {
                let (year, month) = month.split_once('-').unwrap();
                window = case::month(year.parse().unwrap(), month.parse().unwrap());
            }
            ["file", name] => place.write(name, unescaped(body)),
            ["later", "file", name] => later.push(((*name).to_owned(), body.to_owned())),
            ["link", name] => std::os::unix::fs::symlink(body.trim(), place.path().join(name)).unwrap(),
            ["outside", name] => fs::write(place.path().join("..").join(name), unescaped(body)).unwrap(),
            ["workbook", name] => workbook(&place.path().join(name), body),
            ["parquet", name] => parquet(&place.path().join(name), body, None),
            ["parquet", name, "cut"] => parquet(&place.path().join(name), body, Some(40)),
            ["sqlite", name] => sqlite(&place.path().join(name), body),
            ["program", name] => place.program(name, body),
            _ => panic!("no section is called {head}"),
        }
    }
    // The digest of a program stands in its settings, and every case writes its program anew.
    if let Ok(bytes) = fs::read(place.path().join("run.sh")) {
        source = source.replace("SHA256", &tickmark_canonical::Digest::of(&bytes).to_string());
    }
    let run = || {
        let source = SourceConfig::parse("source.toml", &source, place.path(), &Connectors::default())?;
        collect(&source, &case::dataset(&dataset), window, &place.vault, clock(), &())
    };
    if !later.is_empty() {
        let first = run().unwrap_or_else(|error| panic!("the first collection failed: {}", chain(&error)));
        assert!(first.complete, "{:?}", first.incomplete_because);
        for (name, body) in &later {
            place.write(name, unescaped(body));
        }
    }
    let before = place.vault.manifests().unwrap().len();
    let told = match run() {
        Ok(collected) => {
            let because = collected.incomplete_because.unwrap_or_else(|| "complete".into());
            format!("{} rows stored: {because}", collected.manifest.rows)
        }
        Err(error) => {
            assert_eq!(place.vault.manifests().unwrap().len(), before, "an error left a manifest");
            chain(&error)
        }
    };
    told.replace(&place.path().display().to_string(), "DIR")
}

/// Bytes with `\n` at line ends as they stand, and the escapes `\0 \r \t \\ \xHH \u{…}`; a backslash at a line's end joins
/// it to the next, so the last one leaves the file without a line end.
fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if c != '\\' {
            bytes.extend_from_slice(c.to_string().as_bytes());
            continue;
        }
        let escape = rest.chars().next().unwrap();
        rest = &rest[1..];
        match escape {
            '0' => bytes.push(0),
            'r' => bytes.push(b'\r'),
            't' => bytes.push(b'\t'),
            '\\' => bytes.push(b'\\'),
            '\n' => {}
            'x' => {
                bytes.push(u8::from_str_radix(&rest[..2], 16).unwrap());
                rest = &rest[2..];
            }
            other => panic!("no escape \\{other}"),
        }
    }
    bytes
}

/// Lines of `A1 kind value`; `merge A1:B2` merges.
fn workbook(path: &Path, text: &str) {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("Items").unwrap();
    for line in text.lines().filter(|line| !line.is_empty()) {
        let mut words = line.splitn(3, ' ');
        let (at, kind, value) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap_or_default());
        let place = |at: &str| {
            let column = u16::from(at.as_bytes()[0] - b'A');
            (at[1..].parse::<u32>().unwrap() - 1, column)
        };
        if at == "merge" {
            let (from, to) = kind.split_once(':').unwrap();
            let ((r1, c1), (r2, c2)) = (place(from), place(to));
            sheet.merge_range(r1, c1, r2, c2, value, &rust_xlsxwriter::Format::new()).unwrap();
            continue;
        }
        let (row, column) = place(at);
        match kind {
            "text" => sheet.write_string(row, column, value).unwrap(),
            "number" => sheet.write_number(row, column, value.parse::<f64>().unwrap()).unwrap(),
            "formula" => {
                sheet.write_formula(row, column, rust_xlsxwriter::Formula::new(value).set_result("3")).unwrap()
            }
            "error" => {
                sheet.write_formula(row, column, rust_xlsxwriter::Formula::new("=1/0").set_result(value)).unwrap()
            }
            other => panic!("no cell is {other}"),
        };
    }
    book.save(path).unwrap();
}

/// A first line of `name:type`, then rows; types are text, int and float.
fn parquet(path: &Path, text: &str, cut: Option<usize>) {
    let mut lines = text.lines().filter(|line| !line.is_empty());
    let header: Vec<(&str, &str)> =
        lines.next().unwrap().split(',').map(|name| name.split_once(':').unwrap()).collect();
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    let column = |at: usize, kind: &str| -> ArrayRef {
        let cells = rows.iter().map(|row| row[at]);
        match kind {
            "text" => Arc::new(cells.map(Some).collect::<StringArray>()),
            "int" => Arc::new(cells.map(|cell| cell.parse::<i64>().ok()).collect::<Int64Array>()),
            "float" => Arc::new(cells.map(|cell| cell.parse::<f64>().ok()).collect::<Float64Array>()),
            other => panic!("no column is {other}"),
        }
    };
    let columns: Vec<ArrayRef> = header.iter().enumerate().map(|(at, (_, kind))| column(at, kind)).collect();
    let fields: Vec<Field> = header
        .iter()
        .zip(&columns)
        .map(|((name, _), array)| Field::new(*name, arrow::array::Array::data_type(array).clone(), true))
        .collect();
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap();
    let mut bytes = Vec::new();
    let mut writer = ::parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    if let Some(cut) = cut {
        bytes.truncate(bytes.len() - cut);
    }
    fs::write(path, bytes).unwrap();
}

fn sqlite(path: &Path, sql: &str) {
    rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

//! Files: what well-formed ones give, whatever their format, and what is told about them.

use tickmark_canonical::Digest;
use tickmark_collect::{Window, states};

use crate::case::{EVENT, ITEM, Place, month, yesterday};

const ROWS: [&str; 2] = ["id=a amount=1234.50 day=2026-09-30 at=2026-09-30T16:00:00Z flag=true n=-7", "id=b"];

fn source(entry: &str) -> String {
    format!("id = \"s\"\ntitle = \"S\"\nkind = \"files\"\nfolder = \".\"\n[[datasets]]\ndataset = \"item\"\n{entry}")
}

const CSV: &str = "files = \"rows.csv\"\nformat = \"csv\"\ncount.none = \"a test\"\n";

#[test]
fn every_format_gives_the_same_rows() {
    let text = "id,amount,day,at,flag,n\na,1234.50,2026-09-30,2026-09-30T12:00:00-04:00,true,-7\nb,,,,,\n";
    let utf16: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases: [(&str, Vec<u8>, &str); 7] = [
        ("rows.csv", text.into(), CSV),
        ("rows.csv", format!("\u{feff}{}", text.replace('\n', "\r\n")).into(), CSV),
        ("rows.csv", utf16, CSV),
        ("rows.tsv", text.replace(',', "\t").into(), "files = \"*.tsv\"\nformat = \"tsv\"\ncount.none = \"a test\"\n"),
        (
            "rows.txt",
            "a;\"1.234,50\";30.09.2026;2026-09-30 12:00;ja;-7\r\nb;;;;;".into(),
            r#"
files = "rows.txt"
format = "csv"
delimiter = ";"
header = ["id", "amount", "day", "at", "flag", "n"]
open_end = true
count.declared = 2
columns.amount = { number = "european" }
columns.day = { format = "%d.%m.%Y" }
columns.at = { zone = "America/New_York" }
columns.flag = { words = { ja = "true", nein = "false" } }
"#,
        ),
        (
            "rows.json",
            br#"{"total": 2, "rows": [{"id": "a", "money": {"amount": 1234.50}, "day": "2026-09-30", "at": 1790784000, "flag": true,
                "n": -7, "x": [1, {}]}, {"id": "b", "money": null, "day": null, "at": null, "flag": null, "n": null}]}"#
                .into(),
            r#"
files = "rows.json"
format = "json"
rows = "/rows"
count.pointer = "/total"
ignore = ["x"]
columns.amount = { from = "/money/amount", may_be_absent = true }
columns.at = { epoch = "seconds" }
"#,
        ),
        (
            "rows.jsonl",
            br#"{"id": "a", "amount": "1234.5", "day": "2026-09-30", "at": "2026-09-30T16:00:00Z", "flag": true, "n": -7}
{"id": "\u0062", "amount": null, "day": null, "at": null, "flag": null, "n": null}
"#
            .into(),
            "files = \"rows.jsonl\"\nformat = \"jsonl\"\ncount.none = \"a test\"\n",
        ),
    ];
    let first = Place::new();
    for (name, bytes, entry) in cases {
        let place = first.another();
        place.write(name, &bytes);
        let collected =
            place.collect(&source(entry), ITEM, yesterday()).unwrap_or_else(|error| panic!("{entry}: {error}"));
        assert_eq!(place.rows(&collected), ROWS, "{entry}");
        assert!(collected.complete, "{entry}: {:?}", collected.incomplete_because);
        let line = format!("{}  {name}", Digest::of(&bytes));
        assert!(collected.manifest.request.contains(&line), "{}", collected.manifest.request);
    }
}

#[test]
fn a_mark_and_an_encoding_are_told() {
    let place = Place::new();
    place.write("rows.csv", "\u{feff}id,amount,day,at,flag,n\n");
    let collected = place.collect(&source(CSV), ITEM, yesterday()).unwrap();
    let told = collected.manifest.parameters.get("encoding of rows.csv");
    assert_eq!(told.map(String::as_str), Some("UTF-8 with a byte-order mark"));
}

#[test]
fn a_workbook_gives_typed_cells() {
    let place = Place::new();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("Items").unwrap();
    sheet.write_string(0, 0, "A title above the table").unwrap();
    for (column, name) in ["id", "amount", "day", "at", "flag", "n"].into_iter().enumerate() {
        sheet.write_string(2, u16::try_from(column).unwrap(), name).unwrap();
    }
    let day = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
    let time = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd hh:mm");
    sheet.write_string(3, 0, "a").unwrap();
    sheet.write_number(3, 1, 1234.5).unwrap();
    sheet
        .write_datetime_with_format(3, 2, rust_xlsxwriter::ExcelDateTime::from_ymd(2026, 9, 30).unwrap(), &day)
        .unwrap();
    let noon = rust_xlsxwriter::ExcelDateTime::from_ymd(2026, 9, 30).unwrap().and_hms(12, 0, 0).unwrap();
    sheet.write_datetime_with_format(3, 3, noon, &time).unwrap();
    sheet.write_boolean(3, 4, true).unwrap();
    sheet.write_number(3, 5, -7).unwrap();
    sheet.write_string(4, 0, "b").unwrap();
    book.save(place.path().join("rows.xlsx")).unwrap();
    let entry = r#"
files = "rows.xlsx"
format = "xlsx"
sheet = "Items"
header_row = 3
count.none = "a test"
columns.at = { zone = "America/New_York" }
"#;
    let collected = place.collect(&source(entry), ITEM, yesterday()).unwrap();
    assert_eq!(place.rows(&collected), ROWS);
}

#[test]
fn allowed_formulas_are_taken_and_told() {
    let place = Place::new();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, name) in ["id", "amount", "day", "at", "flag", "n"].into_iter().enumerate() {
        sheet.write_string(0, u16::try_from(column).unwrap(), name).unwrap();
    }
    sheet.write_string(1, 0, "a").unwrap();
    sheet.write_formula(1, 5, rust_xlsxwriter::Formula::new("=3+4").set_result("7")).unwrap();
    book.save(place.path().join("rows.xlsx")).unwrap();
    let entry = "files = \"rows.xlsx\"\nformat = \"xlsx\"\nformulas = true\ncount.none = \"a test\"\n";
    let collected = place.collect(&source(entry), ITEM, yesterday()).unwrap();
    assert_eq!(place.rows(&collected), ["id=a n=7"]);
    assert!(collected.manifest.parameters["encoding of rows.xlsx"].contains("formulas"));
}

#[test]
fn files_are_read_by_name_and_by_day() {
    let place = Place::new();
    for (day, rows) in [("2026-08-31", "a,1,,,,\n"), ("2026-09-30", "a,2,,,,\nb,3,,,,\n")] {
        place.write(&format!("out/items-{day}.csv"), format!("id,amount,day,at,flag,n\n{rows}"));
    }
    let text = source("files = \"out/items-{date}.csv\"\nformat = \"csv\"\ncount.none = \"a test\"\n");
    let days: Vec<String> = states(&place.source(&text), "item").unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(days, ["2026-08-31", "2026-09-30"]);
    let august = Window::State { effective_on: jiff::civil::date(2026, 8, 31) };
    let collected = place.collect(&text, ITEM, august).unwrap();
    assert_eq!(place.rows(&collected), ["id=a amount=1.00"]);
    assert_eq!(collected.manifest.effective_on, Some(jiff::civil::date(2026, 8, 31)));
}

#[test]
fn one_file_is_cut_into_windows_and_its_count_and_sum_still_agree() {
    let place = Place::new();
    place.write("e.csv", "id,amount,day\na,1.00,2026-08-31\nb,2.50,2026-09-01\nc,4.00,2026-09-30\nEND,3,7.50\n");
    let text = source(
        r#"
files = "e.csv"
format = "csv"
outside = "skip"
count.trailer = { first_field = "END", count_field = 2, total_fields = { amount = 3 } }
"#,
    )
    .replace("item", "event");
    for (window, rows, sum) in [(month(2026, 8), 1, "1.00"), (month(2026, 9), 2, "6.50"), (month(2026, 7), 0, "0.00")] {
        let collected = place.collect(&text, EVENT, window).unwrap();
        assert!(collected.complete, "{:?}", collected.incomplete_because);
        assert_eq!((collected.manifest.rows, collected.manifest.source_count), (rows, Some(rows)));
        let total = &collected.manifest.control_totals[0];
        assert_eq!((total.stored.as_str(), total.source.as_deref()), (sum, Some(sum)));
    }
}

#[test]
fn control_files_confirm_every_file() {
    let place = Place::new();
    place.write("pay/p-2026-09-04.csv", "id,amount,day\na,1.00,2026-09-04\n");
    place.write("pay/p-2026-09-18.csv", "id,amount,day\nb,2.00,2026-09-18\nc,3.00,2026-09-18\n");
    place.write("pay/p-2026-10-01.csv", "id,amount,day\nd,9.00,2026-10-01\n");
    place.write(
        "control.csv",
        "file,rows,sum,when\np-2026-09-04.csv,1,1.00,x\np-2026-09-18.csv,2,5.00,x\np-2026-10-01.csv,1,9.00,x\n",
    );
    let text = source(
        r#"
files = "pay/p-{date}.csv"
format = "csv"
count.control = { file = "control.csv", file_column = "file", count_column = "rows", total_columns = { amount = "sum" } }
"#,
    )
    .replace("item", "event");
    let collected = place.collect(&text, EVENT, month(2026, 9)).unwrap();
    assert!(collected.complete, "{:?}", collected.incomplete_because);
    assert_eq!(collected.manifest.source_count, Some(3));
    assert_eq!(collected.manifest.control_totals[0].source.as_deref(), Some("6.00"));
    assert!(collected.manifest.request.ends_with("  control.csv"), "{}", collected.manifest.request);
    // A month without a payment is a month without a file, as the control file confirms.
    let none = place.collect(&text, EVENT, month(2026, 7)).unwrap();
    assert!(none.complete && none.manifest.rows == 0);
}

#[test]
fn a_window_that_is_not_over_is_not_complete() {
    let place = Place::new();
    place.write("e.csv", "id,amount,day\nd,9.00,2026-10-01\n");
    let text = source("files = \"e.csv\"\nformat = \"csv\"\ncount.declared = 1\n").replace("item", "event");
    let collected = place.collect(&text, EVENT, month(2026, 10)).unwrap();
    let because = collected.incomplete_because.unwrap();
    assert_eq!(because, "the source gives no sum of amount; 2026-10-31 was not over when the rows were read");
}

#[test]
fn a_source_that_sums_nothing_says_why() {
    let place = Place::new();
    place.write("e.csv", "id,amount,day\nd,9.00,2026-09-01\n");
    let settings = |totals: &str| {
        let head = "files = \"e.csv\"\nformat = \"csv\"\ncount.declared = 1\n";
        source(&format!("{head}{totals}")).replace("item", "event")
    };
    let silent = place.collect(&settings(""), EVENT, month(2026, 9)).unwrap();
    assert_eq!(silent.incomplete_because.unwrap(), "the source gives no sum of amount");
    let said =
        place.collect(&settings("totals.none = \"the export has a count alone\"\n"), EVENT, month(2026, 9)).unwrap();
    assert_eq!(said.incomplete_because, None);
    assert_eq!(said.manifest.parameters["no_source_totals"], "the export has a count alone");
}

#[test]
fn the_original_is_kept_and_sealed_if_it_is_personal() {
    let place = Place::new();
    let bytes = "id,amount,day,at,flag,n\na,1.00,,,,\n";
    place.write("rows.csv", bytes);
    let text = source(&format!("{CSV}keep_original = true\n"));
    let collected = place.collect(&text, ITEM, yesterday()).unwrap();
    assert_eq!(collected.originals, [Digest::of(bytes.as_bytes())]);
    assert_eq!(place.vault.get(&collected.originals[0]).unwrap(), bytes.as_bytes());
    let collected = place.collect(&text, &ITEM.replace("personal = false", "personal = true"), yesterday()).unwrap();
    assert!(collected.manifest.sealed && place.vault.is_sealed(&collected.originals[0]).unwrap());
    assert_eq!(place.vault.get(&collected.originals[0]).unwrap(), bytes.as_bytes());
}

#[test]
fn mappings_say_how_values_are_written() {
    let place = Place::new();
    place.write(
        "rows.csv",
        "No.,Cents,Since,Left,Active,Count\n  K-17 ,123450,9/30/26,2026-09-30,ACTIVE,\"1,234\"\nk-18,-5,n/a,,INACTIVE,(7)\n",
    );
    let text = source(&format!(
        r#"{CSV}
columns.id = {{ from = "No.", trim = true, lower = true }}
columns.amount = {{ from = "Cents", unscaled = true }}
columns.day = {{ from = "Since", format = "%m/%d/%y", null_words = ["n/a"] }}
columns.at = {{ from = "Left", day = "end", zone = "America/New_York" }}
columns.flag = {{ from = "Active", words = {{ ACTIVE = "true", INACTIVE = "false" }} }}
columns.n = {{ from = "Count", number = "us" }}
"#
    ));
    let collected = place.collect(&text, ITEM, yesterday()).unwrap();
    assert_eq!(
        place.rows(&collected),
        [
            "id=k-17 amount=1234.50 day=2026-09-30 at=2026-10-01T03:59:59.999999Z flag=true n=1234",
            "id=k-18 amount=-0.05 flag=false n=-7",
        ]
    );
}

#[test]
fn one_column_may_fill_two_and_a_day_is_a_day_somewhere() {
    let place = Place::new();
    place.write("rows.csv", "id,t\na,2026-10-01T03:59:59Z\n");
    let text = source(&format!(
        r#"{CSV}
columns.day = {{ from = "t", zone = "America/New_York" }}
columns.at = "t"
columns.amount = {{ constant = "2.5" }}
columns.flag = {{ constant = "false" }}
columns.n = {{ constant = "0" }}
"#
    ));
    let collected = place.collect(&text, ITEM, yesterday()).unwrap();
    assert_eq!(place.rows(&collected), ["id=a amount=2.50 day=2026-09-30 at=2026-10-01T03:59:59Z flag=false n=0"]);
}

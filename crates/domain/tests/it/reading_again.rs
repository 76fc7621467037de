//! Which extracts count: of each day the newest, so that no row is counted twice.

use std::fmt::Write;

use tickmark_domain::*;

use crate::house::*;

/// The figures of `person` after each of these extracts of ten rows: (days, complete).
fn after_each(extracts: &[(&str, &str, bool)]) -> String {
    let mut house = House::engaged();
    let mut table = String::new();
    let mut extracted_at: jiff::Timestamp = "2026-10-15T08:00:00Z".parse().unwrap();
    for (number, (first, last, complete)) in extracts.iter().enumerate() {
        let what = format!("extract {number}");
        let Command::RecordEvidence(taken) = evidence("person", &what, span(first, last)) else { unreachable!() };
        extracted_at += jiff::SignedDuration::from_secs(1);
        let source_rows = Some(if *complete { 10 } else { 11 });
        let taken = RecordEvidence { extracted_at, source_rows, complete: *complete, ..taken };
        house.act("otto", Command::RecordEvidence(taken));
        let figures = house.state.figures(&house.catalog, &id("soc1")).unwrap();
        let person = figures.tests[&id::<TestId>("leaver-access")].inputs[&id::<DatasetId>("person")];
        let sum = |rows: Option<u64>| rows.map_or("no sum".to_owned(), |rows| rows.to_string());
        let _ = writeln!(
            table,
            "{first} to {last}: {} extracts, rows {}, counted by source {}, incomplete {}, read again {}, in part {}, quality {} of {}",
            person.extracts,
            sum(person.rows),
            sum(person.source_rows),
            person.incomplete,
            person.read_again,
            person.in_part,
            figures.evidence_quality.holds,
            figures.evidence_quality.holds + figures.evidence_quality.does_not,
        );
    }
    table
}

#[test]
fn of_each_day_the_newest_extract_counts() {
    // Before these the house has one extract of the whole year.
    let table = after_each(&[
        ("2025-10-01", "2026-09-30", true),
        ("2025-10-01", "2026-09-30", false),
        ("2025-10-01", "2026-03-31", true),
        ("2026-04-01", "2026-09-30", true),
        ("2026-09-20", "2026-10-14", true),
        ("2026-04-01", "2026-09-19", true),
        ("2024-11-01", "2024-11-30", true),
    ]);
    insta::assert_snapshot!(table, @r"
    2025-10-01 to 2026-09-30: 1 extracts, rows 10, counted by source 10, incomplete 0, read again 1, in part 0, quality 1 of 1
    2025-10-01 to 2026-09-30: 1 extracts, rows 10, counted by source 11, incomplete 1, read again 2, in part 0, quality 0 of 1
    2025-10-01 to 2026-03-31: 2 extracts, rows no sum, counted by source no sum, incomplete 1, read again 2, in part 1, quality 0 of 1
    2026-04-01 to 2026-09-30: 2 extracts, rows 20, counted by source 20, incomplete 0, read again 3, in part 0, quality 1 of 1
    2026-09-20 to 2026-10-14: 3 extracts, rows no sum, counted by source no sum, incomplete 0, read again 3, in part 1, quality 1 of 1
    2026-04-01 to 2026-09-19: 3 extracts, rows 30, counted by source 30, incomplete 0, read again 4, in part 0, quality 1 of 1
    2024-11-01 to 2024-11-30: 3 extracts, rows 30, counted by source 30, incomplete 0, read again 4, in part 0, quality 1 of 1
    ");
}

#[test]
fn what_is_not_read_again_is_in_the_bytes_as_before() {
    let mut house = House::engaged();
    let bytes = |house: &House| {
        let figures = house.state.figures(&house.catalog, &id("soc1")).unwrap();
        String::from_utf8(tickmark_canonical::to_canonical(&figures).unwrap()).unwrap()
    };
    let inputs = r#""inputs":{"person":{"counted":1,"extracts":1,"incomplete":0,"rows":10,"source_rows":10}}"#;
    assert!(bytes(&house).contains(inputs), "{}", bytes(&house));
    house.act("otto", evidence("person", "manifest-2", year()));
    let inputs =
        r#""inputs":{"person":{"counted":1,"extracts":1,"incomplete":0,"read_again":1,"rows":10,"source_rows":10}}"#;
    assert!(bytes(&house).contains(inputs), "{}", bytes(&house));
}

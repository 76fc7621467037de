//! Each rule with a view that breaks it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tickmark_report::{
    Document,
    lint::{Finding, Library, Severity, lint_boilerplate, lint_document, lint_documents},
    view::ReportView,
};

use crate::views::{ALL, changed, document};

fn rules(document: &Document) -> Vec<&'static str> {
    lint_document(document).unwrap().iter().map(|finding| finding.rule).collect()
}

#[test]
fn the_fixtures_have_no_errors() {
    for name in ALL {
        let findings = lint_document(&document(name)).unwrap();
        let errors: Vec<_> = findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}");
    }
}

#[test]
fn a_report_under_isae_3402_has_no_errors() {
    let findings = lint_document(&document("isae3402")).unwrap();
    let errors: Vec<_> = findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

/// The documents of a row by name, with one place of one of them changed.
fn of_row(name: &str, change: Option<(&str, &str)>) -> BTreeMap<String, Document> {
    let (names, changed_one) = match name {
        "both: report" => (vec!["soc1-type2", "management-testing"], 0),
        "both: testing" => (vec!["soc1-type2", "management-testing"], 1),
        "testing" => (vec!["management-testing"], 0),
        name => (vec![name], 0),
    };
    let documents = names.iter().enumerate().map(|(at, name)| {
        let document = match change.filter(|_| at == changed_one) {
            Some((place, becomes)) => changed(name, place, value(name, place, becomes)),
            None => document(name),
        };
        ((*name).to_owned(), document)
    });
    documents.collect()
}

/// What a place becomes: JSON, or its text with words taken out or added.
fn value(name: &str, place: &str, becomes: &str) -> Value {
    let text = || crate::views::json(name).pointer(place).unwrap().as_str().unwrap().to_owned();
    if let Some(words) = becomes.strip_prefix("- ") {
        let (whole, pattern) = (text(), words.to_lowercase());
        let (mut left, mut rest) = (String::new(), whole.as_str());
        while let Some(at) = rest.to_lowercase().find(&pattern) {
            left.push_str(&rest[..at]);
            rest = &rest[at + pattern.len()..];
        }
        assert!(rest.len() < whole.len(), "{name} {place} has no `{words}`");
        return json!(left + rest);
    }
    match becomes.strip_prefix("+ ") {
        Some(words) => json!(format!("{} {words}", text())),
        None => serde_json::from_str(becomes).unwrap_or_else(|error| panic!("{name} {place}: {error}")),
    }
}

#[test]
fn each_broken_rule_is_found_and_no_other() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/lint_cases.md");
    let cases = std::fs::read_to_string(path).unwrap();
    let all = |documents| lint_documents(&documents).unwrap().into_iter().collect::<BTreeSet<_>>();
    let mut before: BTreeMap<String, BTreeSet<Finding>> = BTreeMap::new();
    let mut seen = String::new();
    for line in cases.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let ["", name, place, becomes, _, ""] = cells.as_slice() else {
            seen.push_str(&format!("{line}\n"));
            continue;
        };
        let (Some(place), Some(becomes)) = (unquoted(place), unquoted(becomes)) else {
            seen.push_str(&format!("{line}\n"));
            continue;
        };
        let sound = before.entry((*name).to_owned()).or_insert_with(|| all(of_row(name, None)));
        let broken = all(of_row(name, Some((place, becomes))));
        let rules: BTreeSet<&str> = broken.difference(sound).map(|finding| finding.rule).collect();
        let rules: Vec<&str> = rules.into_iter().collect();
        seen.push_str(&format!("| {name} | `{place}` | `{becomes}` | {} |\n", rules.join(" ")));
    }
    if std::env::var_os("TICKMARK_BLESS").is_some() {
        std::fs::write(path, &seen).unwrap();
        return;
    }
    let differs: Vec<_> = cases.lines().zip(seen.lines()).filter(|(expected, seen)| expected != seen).collect();
    assert!(differs.is_empty(), "{differs:#?}");
}

fn unquoted(cell: &str) -> Option<&str> {
    cell.strip_prefix('`')?.strip_suffix('`')
}

#[test]
fn what_a_control_test_may_not_claim() {
    let control = (0..).find(|index| {
        let pointer = format!("/view/controls/{index}/tests/0/outcome/no_exceptions");
        crate::views::json("management-testing").pointer(&pointer).is_some()
    });
    let test = format!("/view/controls/{}/tests/0", control.unwrap());
    for (pointer, value) in [
        ("outcome/no_exceptions/population/figure/count", json!(0)),
        ("canaries/figure/count", json!(0)),
        ("exceptions", json!(["EX-0001"])),
        ("outcome", json!({"not_evaluable": {"reason": " "}})),
        ("outcome", json!({"no_occurrence": {"population": {"figure": {"count": 4}, "counts": "x", "entry": 1}}})),
    ] {
        let found = rules(&changed("management-testing", &format!("{test}/{pointer}"), value));
        assert!(found.contains(&"MGT-02"), "{pointer}: {found:?}");
    }
}

#[test]
fn documents_are_held_against_each_other() {
    let testing = document("management-testing");
    let pair = |report: Document| {
        let documents = BTreeMap::from([("report".to_owned(), report), ("testing".to_owned(), testing.clone())]);
        lint_documents(&documents).unwrap().into_iter().map(|finding| finding.rule).collect::<Vec<_>>()
    };
    assert!(
        pair(changed("soc1-type2", "/view/engagement/coverage/period/first", json!("2025-10-02"))).contains(&"DAT-02")
    );
    assert!(pair(changed("soc1-type2", "/view/engagement/system", json!("Payroll"))).contains(&"RPT-03"));
    assert!(
        pair(changed("soc1-type2", "/view/description/controls/0/statement", json!("Otherwise."))).contains(&"RPT-01")
    );
    let adopted = json!({"control": "PAY-4-C2", "tests": [{"id": "AF-1", "procedures": ["reperformance"], "description": {"prose": "x"},
        "extent": "single", "result": "no_deviations", "authority": {"adopted": {"control_test": "pay-gross-recomputed", "on": "2026-10-08",
        "sql": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "entry": 7}}}]});
    assert!(pair(changed("soc1-type2", "/view/tests_of_controls/controls", json!([adopted]))).contains(&"TST-10"));
}

#[test]
fn text_that_a_library_wrote_is_told_by_its_share() {
    let of = |changed: &dyn Fn(&mut Library, &ReportView)| {
        let Document::Report(view) = document("soc1-type2") else { panic!("another document") };
        let mut library = Library::default();
        changed(&mut library, &view);
        lint_boilerplate(&view, &library).into_iter().map(|finding| finding.rule).collect::<Vec<_>>()
    };
    assert!(of(&|_, _| {}).is_empty());
    assert_eq!(
        of(&|library, view| {
            library.add_prose(&view.description.overview.prose);
            library.add_prose(&view.description.boundary.prose);
            view.description.internal_control.iter().for_each(|part| library.add_prose(&part.text.prose));
        }),
        ["RPT-13"]
    );
    let half = |library: &mut Library, view: &ReportView, more: usize| {
        let controls = &view.description.controls;
        controls[..controls.len() / 2 + more].iter().for_each(|control| library.add_statement(&control.statement));
    };
    assert!(of(&|library, view| half(library, view, 0)).is_empty());
    assert_eq!(of(&|library, view| half(library, view, 1)), ["CRT-01"]);
}

/// What is found in management's testing, some places of it changed, and in the SOC 1 Type 2 beside it.
fn beside(changes: &[(&str, Value)]) -> Vec<&'static str> {
    let mut json = crate::views::json("management-testing");
    for (place, value) in changes {
        *json.pointer_mut(place).unwrap_or_else(|| panic!("no {place}")) = value.clone();
    }
    let testing: Document = serde_json::from_value(json).unwrap();
    let documents = BTreeMap::from([("report".to_owned(), document("soc1-type2")), ("testing".to_owned(), testing)]);
    lint_documents(&documents).unwrap().into_iter().map(|finding| finding.rule).collect()
}

/// A management test over the whole period that was performed on a day.
fn by_people(id: &str, performed_on: &str, exceptions: u64) -> Value {
    let figure = |count: u64, counts: &str| json!({"figure": {"count": count}, "counts": format!("{counts} `{id}`"), "entry": 9});
    json!({"id": id, "stage": "operation", "procedures": ["inspection"], "first": "2025-10-01", "last": "2026-09-30",
        "version": 1, "extent": {"chosen": {"prose": "All."}}, "items": figure(4, "items tested by"),
        "exceptions": figure(exceptions, "items failed in"), "procedure": {"prose": "Read."},
        "finding": {"prose": "None."}, "performed_on": performed_on, "tester": "T", "entry": 6000})
}

/// The first control of the fixture with these management tests and this conclusion.
fn control_with(management_tests: Value, conclusion: Value) -> Value {
    let mut control = crate::views::json("management-testing")["view"]["controls"][0].clone();
    control["management_tests"] = management_tests;
    if !conclusion.is_null() {
        control["conclusion"] = conclusion;
    }
    control
}

#[test]
fn what_critics_look_for() {
    let found = |changes: &[(&str, Value)], rule: &str| beside(changes).contains(&rule);
    // Conclusions and tests before what they rest on.
    let tests = |on: &str| ("/view/controls/0", control_with(json!([by_people("mt-1", on, 0)]), Value::Null));
    assert!(!found(&[tests("2026-10-02")], "RPT-14"));
    assert!(found(&[tests("2026-09-29")], "RPT-14"));
    let concluded = |on: &str, entry: u64| {
        let conclusion =
            json!({"text": {"prose": "It operated."}, "tests": ["mt-1"], "by": "L", "on": on, "entry": entry});
        ("/view/controls/0", control_with(json!([by_people("mt-1", "2026-10-02", 0)]), conclusion))
    };
    assert!(!found(&[concluded("2026-10-02", 6001)], "CRT-03"));
    assert!(found(&[concluded("2026-10-01", 6001)], "CRT-03"));
    assert!(found(&[concluded("2026-10-02", 5999)], "CRT-03"));
    // Ten tests and nothing found; one exception anywhere is enough.
    let many = |exceptions: u64, count: u64| {
        let tests: Vec<Value> = (0..count).map(|n| by_people(&format!("mt-{n}"), "2026-10-02", exceptions)).collect();
        vec![("/view/controls", json!([control_with(json!(tests), Value::Null)])), ("/view/exceptions", json!([]))]
    };
    assert!(found(&many(0, 10), "CRT-02"));
    assert!(!found(&many(0, 9), "CRT-02"));
    assert!(!found(&many(1, 10), "CRT-02"));
    assert!(!found(&[], "CRT-02"));
    // A control that neither management nor the firm tested.
    let untested = |changes: &[(&str, Value)]| beside(changes).iter().filter(|rule| **rule == "CRT-04").count();
    assert_eq!(untested(&[]), untested(&[tests("2026-10-02")]) + 1);
    // Of PAY-2-C1, PAY-4-C2, PAY-5-C2 and PAY-6-C1 the firm's tests found nothing, and management's something.
    let unlike = |changes: &[(&str, Value)]| beside(changes).iter().filter(|rule| **rule == "CRT-05").count();
    assert_eq!(unlike(&[]), 4);
    assert_eq!(unlike(&[("/view/controls/4/tests", json!([]))]), 3);
}

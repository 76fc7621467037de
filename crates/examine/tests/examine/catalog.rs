//! Every control test of the catalog keeps the rules, holds in all its cases, and has cases that protect every predicate.

use std::{fmt::Write as _, path::Path, sync::Mutex, thread};

use tickmark_catalog::{Catalog, ControlTest};
use tickmark_examine::{Mutation, check_cases, mutate_cases};

#[test]
fn every_control_test_holds_in_its_cases() {
    each("cases", |test, catalog| {
        let report = check_cases(test, catalog).map_err(|error| error.with_causes())?;
        if report.holds() {
            return Ok(format!("{} cases", report.cases.len()));
        }
        let mut text = String::new();
        for finding in &report.findings {
            let _ = writeln!(text, "  {finding}");
        }
        for case in &report.cases {
            if let Some(failure) = &case.failure {
                let failure = failure.replace('\n', "\n    ");
                let _ = writeln!(text, "  {}/cases.md:{} `{}`\n    {failure}", test.id, case.line, case.case);
            }
        }
        Err(text)
    });
}

#[test]
fn every_predicate_is_protected_by_a_case() {
    each("mutations", |test, catalog| {
        let report = mutate_cases(test, catalog).map_err(|error| error.with_causes())?;
        if report.unprotected.is_empty() {
            return Ok(format!("{} predicates, {} mutants", report.predicates, report.mutants));
        }
        let mut text = String::new();
        for found in &report.unprotected {
            let mutation = match found.mutation {
                Mutation::True => "true",
                Mutation::False => "false",
                Mutation::Negated => "its contrary",
            };
            let _ = writeln!(
                text,
                "  {}/test.sql:{}:{} no case notices that `{}` is replaced by {mutation}",
                test.id, found.line, found.column, found.predicate
            );
        }
        Err(text)
    });
}

/// Runs a check on every control test, on two threads, and prints one table of what failed.
fn each(what: &str, check: impl Fn(&ControlTest, &Catalog) -> Result<String, String> + Sync) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog");
    let catalog = Catalog::load(&folder).unwrap_or_else(|errors| {
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        panic!("the catalog does not load:\n{}", errors.join("\n"));
    });
    let waiting = Mutex::new(catalog.tests.values().collect::<Vec<_>>());
    let ended = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some(test) = waiting.lock().unwrap().pop() else { return };
                    let result = check(test, &catalog);
                    ended.lock().unwrap().push((test.id.to_string(), result));
                }
            });
        }
    });
    let mut ended = ended.into_inner().unwrap();
    ended.sort();
    assert!(!ended.is_empty(), "the catalog has no control test");
    let mut failures = String::new();
    for (test, result) in &ended {
        match result {
            Ok(what) => println!("{test:<32} {what}"),
            Err(why) => {
                let _ = writeln!(failures, "{test}\n{why}");
            }
        }
    }
    assert!(failures.is_empty(), "{what}:\n{failures}");
}

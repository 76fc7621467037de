//! Checks control tests of a catalog folder: rules, cases, mutations. `catalog_check FOLDER [TEST…]`

use std::{path::Path, process::ExitCode};

use tickmark_catalog::{Catalog, ControlTest};
use tickmark_examine::{check_cases, mutate_cases};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(folder) = arguments.next() else {
        eprintln!("usage: catalog_check FOLDER [TEST…]");
        return ExitCode::FAILURE;
    };
    let catalog = match Catalog::load(Path::new(&folder)) {
        Ok(catalog) => catalog,
        Err(errors) => {
            errors.iter().for_each(|error| eprintln!("{error}"));
            return ExitCode::FAILURE;
        }
    };
    let wanted: Vec<String> = arguments.collect();
    let mut sound = true;
    for test in catalog.tests.values().filter(|test| wanted.is_empty() || wanted.contains(&test.id.to_string())) {
        sound &= check(test, &catalog);
    }
    if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Prints what is wrong with one test; says whether nothing is.
fn check(test: &ControlTest, catalog: &Catalog) -> bool {
    let report = match check_cases(test, catalog) {
        Ok(report) => report,
        Err(error) => {
            println!("{}: {}", test.id, error.with_causes());
            return false;
        }
    };
    report.findings.iter().for_each(|finding| println!("{finding}"));
    for case in &report.cases {
        if let Some(failure) = &case.failure {
            println!("{}/cases.md:{} `{}`: {failure}", test.id, case.line, case.case);
        }
    }
    if !report.holds() {
        return false;
    }
    match mutate_cases(test, catalog) {
        Err(error) => {
            println!("{}: {}", test.id, error.with_causes());
            false
        }
        Ok(mutations) => {
            for found in &mutations.unprotected {
                println!(
                    "{}/test.sql:{}:{} no case notices `{}` replaced ({:?})",
                    test.id, found.line, found.column, found.predicate, found.mutation
                );
            }
            println!("{:<32} {} cases, {} mutants", test.id, report.cases.len(), mutations.mutants);
            mutations.unprotected.is_empty()
        }
    }
}

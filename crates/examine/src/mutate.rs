//! Proving that the cases protect every predicate: a query with one predicate replaced must break at least one case.
//!
//! A predicate that can be replaced unseen is one that nobody would miss, such as the half of a condition that a parser
//! drops.

use serde::{Deserialize, Serialize};
use tickmark_catalog::{Catalog, ControlTest};

use crate::{
    Error, Mutation,
    cases::{Bench, Plans},
    compiled::{Compiled, file},
    predicate::{self, MUTATIONS},
    threads,
};

/// What the cases of a test protect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MutationReport {
    /// The test's id.
    pub test: String,
    /// How many predicates its query has.
    pub predicates: usize,
    /// How many mutants were run.
    pub mutants: usize,
    /// The mutants that no case broke.
    pub unprotected: Vec<Unprotected>,
}

/// A predicate that can be replaced without breaking a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unprotected {
    /// Its line in `test.sql`, from 1.
    pub line: u64,
    /// Its column, from 1.
    pub column: u64,
    /// As it is written.
    pub predicate: String,
    /// What it was replaced by.
    pub mutation: Mutation,
}

/// Mutates each predicate of a test's query in three ways and names those that no case protects.
pub fn mutate_cases(test: &ControlTest, catalog: &Catalog) -> Result<MutationReport, Error> {
    let bench = Bench::of_catalog(catalog)?;
    threads::block_on(1, mutate(test, &bench))?
}

pub(crate) async fn mutate(test: &ControlTest, bench: &Bench) -> Result<MutationReport, Error> {
    let compiled = Compiled::new(test, &bench.datasets).map_err(|findings| match findings.into_iter().next() {
        Some(finding) => Error::Rule(finding),
        None => Error::Job(format!("the SQL of {} could not be read", test.id)),
    })?;
    let predicates = predicate::predicates(&compiled.exceptions);
    let mut report =
        MutationReport { test: test.id.to_string(), predicates: predicates.len(), mutants: 0, unprotected: Vec::new() };
    for (number, predicate) in predicates.iter().enumerate() {
        for mutation in MUTATIONS {
            let mutant = predicate::mutant(&compiled.exceptions, number, mutation);
            report.mutants += 1;
            let mut plans = Plans::new(bench, file(test, "test.sql"), &mutant, false);
            let mut broken = false;
            for case in &test.cases {
                if bench.caught(test, case, &mut plans).await.is_err() {
                    broken = true;
                    break;
                }
            }
            if !broken {
                report.unprotected.push(Unprotected {
                    line: predicate.span.start.line,
                    column: predicate.span.start.column,
                    predicate: predicate.text.clone(),
                    mutation,
                });
            }
        }
    }
    Ok(report)
}

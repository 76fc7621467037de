//! Control tests in SQL over whole populations, run by DataFusion over the vault's Parquet.
//!
//! Invariant: no error, missing row or uncaught canary ever becomes "no exceptions".
//! Invariant: every byte a query reads was checked against the digest its manifest names.
//! Invariant: SQL reaches declared datasets only; no clock, chance, file, network or write is known to a session.

mod cases;
mod cases_child;
mod child;
mod compare;
mod compiled;
mod error;
mod exception_items;
mod freeze;
mod frozen_items;
mod functions;
mod item;
mod job;
mod lint;
mod mutate;
mod plan;
mod population;
mod predicate;
mod read_rows;
mod result_rows;
mod rows;
mod run;
mod session;
mod shown;
mod sql;
mod stop;
mod table;
mod threads;
mod wire;
mod worker;

pub use cases::{CaseReport, CasesReport, check_cases, lint};
pub use cases_child::{check_cases_in_child, check_cases_in_child_with, mutate_cases_in_child};
pub use child::{
    WORKER_SUBCOMMAND, freeze_in_child, freeze_in_child_with, run_again_in_child, run_in_child, run_in_child_with,
};
pub use compare::{Changed, Comparison, KeysBeside, compare_in_child, compare_in_child_with, compare_keys};
pub use compiled::{datasets_of, sql_digest};
pub use error::Error;
pub use exception_items::{ExceptionItems, exception_items};
pub use freeze::{PopulationOutcome, PopulationQuery, PopulationRows, datasets_of_population, freeze};
pub use frozen_items::{FrozenItem, Says, each_frozen_item, item_texts};
pub use job::{Job, Late, Limits, Outcome, TableInput, TestOutcome};
pub use lint::{Finding, Rule};
pub use mutate::{MutationReport, Unprotected, mutate_cases};
pub use predicate::Mutation;
pub use read_rows::ReadRows;
pub use rows::rows_in_child;
pub use run::{run, run_again};
pub use worker::worker_main;

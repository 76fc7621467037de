//! The domain's rules as transcripts: who asked for what, and the facts or the refusal that came of it.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod adoption;
mod advisor_cases;
mod advisor_fuzz;
mod advisor_properties;
mod assessments;
mod closings;
mod conclusions;
mod consistency;
mod coverage;
mod exceptions;
mod firm_and_management;
mod golden;
mod histories;
mod house;
mod lint_rules;
mod management_tests;
mod occurrence;
mod overruling;
mod people_and_scope;
mod performed;
mod populations;
mod readiness;
mod reading_again;
mod retention;
mod samples;
mod sampling_cases;
mod sampling_draws;
mod sampling_outside;
mod schedule;
mod scope;
mod series;
mod snapshots;
mod vendor_report;
mod wording_cases;

//! The binary from outside, and the house rules that no compiler checks.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]

mod advisor;
mod calendar;
mod clocks;
mod command_line;
mod connectors;
mod everyday;
mod ledger_keys;
mod lint;
mod oscal;
mod past;
mod populations;
mod program;
mod readiness;
mod reading_again;
mod sampling;
mod schedule;
mod series;
mod tests_of_controls;
mod tidy;
mod web;
mod year;

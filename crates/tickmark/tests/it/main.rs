//! The binary from outside, and the house rules that no compiler checks.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]

mod advisor;
mod command_line;
mod everyday;
mod ledger_keys;
mod oscal;
mod past;
mod program;
mod readiness;
mod schedule;
mod tidy;
mod web;

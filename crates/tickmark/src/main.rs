//! The binary: command line and web.
//!
//! Invariant: no rule is decided here; commands go through the house.

use std::process::ExitCode;

mod cli;
mod web;

fn main() -> ExitCode {
    cli::run()
}

//! The reading process by itself, for the tests of this crate; the program has it as a hidden subcommand.

use std::process::ExitCode;

fn main() -> ExitCode {
    tickmark_pdf_text::worker_main()
}

//! `--example`: a filled file of the kind that a command reads.

use super::{Outcome, exit::Exit, print::Printer};

/// Prints an example.
pub fn print(text: &str, printer: &Printer) -> Outcome {
    printer.result(&serde_json::json!({ "example": text }), || text.to_owned());
    Ok(Exit::Done)
}

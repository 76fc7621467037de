//! What commands print: text for people, JSON for programs, errors with hints on lines of their own.

use std::{ffi::OsString, io::Write};

use serde::Serialize;
use tickmark_app::Error;

use super::{arguments::Format, exit::Exit};

/// Prints in the format that was asked for.
#[derive(Debug, Clone, Copy)]
pub struct Printer {
    format: Format,
}

impl Printer {
    /// A printer for a format.
    pub fn new(format: Format) -> Self {
        Self { format }
    }

    /// Whether people read along, so that progress may be shown.
    pub fn is_for_people(self) -> bool {
        self.format == Format::Text
    }

    /// Prints a result: `text` for people, `value` for programs.
    pub fn result<T: Serialize>(self, value: &T, text: impl FnOnce() -> String) {
        let printed = match self.format {
            Format::Text => text(),
            Format::Json => {
                serde_json::to_string_pretty(value).unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}"))
            }
        };
        // A reader that closed the pipe early has what it wanted.
        let _ = writeln!(std::io::stdout(), "{}", harmless(printed.trim_end()));
    }

    /// Prints an error with its causes and a hint, and says how to end.
    pub fn error(self, error: &Error) -> Exit {
        let causes: Vec<String> = std::iter::successors(std::error::Error::source(error), |cause| cause.source())
            .map(ToString::to_string)
            .collect();
        let (code, exit) = (error.code(), exit_of(error));
        match self.format {
            Format::Text => {
                let rule = if exit == Exit::Refused { format!(" [{code}]") } else { String::new() };
                let _ = writeln!(std::io::stderr(), "error{rule}: {}", harmless(&error.to_string()));
                let mut last = error.to_string();
                for cause in causes.into_iter().filter(|cause| !last_holds(&mut last, cause)) {
                    let _ = writeln!(std::io::stderr(), "  because: {}", harmless(&cause));
                }
                if let Some(hint) = error.hint() {
                    let _ = writeln!(std::io::stderr(), "hint: {hint}");
                }
            }
            Format::Json => {
                let value = serde_json::json!({
                    "error": error.to_string(), "code": code, "causes": causes, "hint": error.hint(),
                });
                let _ = writeln!(std::io::stderr(), "{value}");
            }
        }
        exit
    }
}

/// Prints why arguments do not fit, or the help or version that was asked for, and says how to end. Arguments that do not fit
/// name no format that could be trusted but the one that stands there by itself.
pub fn arguments(error: &clap::Error, words: impl Iterator<Item = OsString>) -> Exit {
    if !error.use_stderr() || !asks_for_json(words) {
        // What cannot be printed has no reader.
        let _ = error.print();
        return if error.use_stderr() { Exit::Usage } else { Exit::Done };
    }
    let said = error.render().to_string();
    let (what, then) = said.split_once("\n\n").unwrap_or((&said, ""));
    let what = what.strip_prefix("error: ").unwrap_or(what).trim_end();
    let value = serde_json::json!({
        "error": what, "code": "usage", "causes": [], "hint": (!then.is_empty()).then(|| then.trim_end()),
    });
    let _ = writeln!(std::io::stderr(), "{value}");
    Exit::Usage
}

fn asks_for_json(words: impl Iterator<Item = OsString>) -> bool {
    let words: Vec<OsString> = words.take_while(|word| word != "--").collect();
    let beside =
        words.windows(2).any(|pair| matches!(pair, [option, value] if option == "--format" && value == "json"));
    beside || words.iter().any(|word| word == "--format=json")
}

/// Text without what a terminal would obey: names and paths in packages and sources are other people's.
fn harmless(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\t' => shown.push(character),
            other if other.is_control() => shown.extend(other.escape_unicode()),
            other => shown.push(other),
        }
    }
    shown
}

/// Whether the line before already says what this cause says; no cause is printed twice.
fn last_holds(last: &mut String, cause: &str) -> bool {
    let holds = last.contains(cause);
    cause.clone_into(last);
    holds
}

fn exit_of(error: &Error) -> Exit {
    if matches!(error, Error::Refused(_) | Error::RefusedAt { .. } | Error::HoldsItemKeys { .. }) {
        return Exit::Refused;
    }
    if matches!(error, Error::NotEvaluable { .. }) {
        return Exit::Incomplete;
    }
    if error.is_corrupt() { Exit::Corrupt } else { Exit::Failed }
}

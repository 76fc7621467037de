//! Commands that print rows.
//!
//! What may run is what the declaration lists, word by word, with an absolute path; only days are filled in. A command's
//! output is read to its end and its exit code is seen before a single row of it counts.

use std::{collections::BTreeMap, path::Path, time::Duration};

use tickmark_canonical::Digest;

use super::{
    Extract, SourceCount, Told,
    csv::Csv,
    files::table,
    json,
    process::{Ended, Program, shown},
};
use crate::{
    Error, Window,
    config::{CommandCount, CommandEntry, CommandFormat, Defaults, Mapping},
    error::shortened,
    rows::{Rows, Sink},
};

/// Runs the command of one entry and reads what it printed.
pub(super) fn read(extract: &Extract<'_>, entry: &CommandEntry, sink: Sink) -> Result<Told, Error> {
    let argv: Vec<String> = entry.argv.iter().map(|word| filled(word, extract.window)).collect();
    let of = format!("output of `{}`", shown(&argv));
    let defaults = match entry.format {
        CommandFormat::Csv => Defaults::TEXT,
        CommandFormat::Json | CommandFormat::Jsonl => Defaults::TYPED,
    };
    let mapping = Mapping { dataset: extract.dataset, columns: &entry.columns, ignore: &entry.ignore };
    let mut rows = Rows::new(mapping, defaults, extract, sink)?;
    let folder =
        entry.folder.as_deref().map_or_else(|| extract.source.base.clone(), |folder| extract.source.path(folder));
    let ended = run(entry, &argv, &folder)?;
    let output = ended.output.as_slice();
    let mut told = Told::new(serde_json::to_string(&argv).unwrap_or_else(|_| argv.join(" ")));
    told.no_totals = entry.totals.as_ref().map(|totals| totals.none.clone());
    told.parameter("program", entry.sha256);
    told.parameter("output", Digest::of(output));
    told.parameter("output_bytes", output.len());
    for (name, value) in &entry.environment {
        told.parameter(&format!("environment {name}"), value);
    }
    let is_of_lines = matches!(entry.format, CommandFormat::Csv | CommandFormat::Jsonl);
    if is_of_lines && output.last().is_some_and(|byte| *byte != b'\n') {
        let problem = "its last line has no end; it may be cut short".to_owned();
        return Err(Error::Malformed { of, line: None, problem });
    }
    match entry.format {
        CommandFormat::Csv => {
            table(&mut rows, &of, &mut Csv::new(output, b','), None, None)?;
        }
        CommandFormat::Jsonl => json::lines(&mut rows, &of, output)?,
        CommandFormat::Json => json::document(&mut rows, &of, entry.rows.as_deref().unwrap_or_default(), output)?,
    }
    rows.finish()?;
    told.count = match &entry.count {
        CommandCount::Pointer(pointer) => SourceCount::Known(json::stated_count(&of, pointer, output)?),
        CommandCount::Arguments(arguments) => {
            let words = argv.iter().take(1).cloned();
            let counting: Vec<String> =
                words.chain(arguments.iter().map(|word| filled(word, extract.window))).collect();
            let count = SourceCount::Known(printed_count(&counting, &run(entry, &counting, &folder)?)?);
            told.parameter("count", serde_json::to_string(&counting).unwrap_or_else(|_| counting.join(" ")));
            count
        }
        CommandCount::None(why) => SourceCount::Unknown(why.clone()),
    };
    Ok(told)
}

/// Runs the entry's program with these words, if it is the one that was declared.
fn run(entry: &CommandEntry, argv: &[String], folder: &Path) -> Result<Ended, Error> {
    require_declared(entry, argv)?;
    Program {
        argv,
        environment: &entry.environment,
        folder,
        timeout: Duration::from_secs(entry.timeout_seconds),
        max_bytes: entry.max_bytes,
        input: None,
    }
    .run()
}

/// The number of rows that a program printed, alone on its line.
fn printed_count(argv: &[String], ended: &Ended) -> Result<u64, Error> {
    let text = String::from_utf8_lossy(&ended.output);
    let digits = text.strip_suffix('\n').unwrap_or(&text);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number).ok_or_else(|| Error::Command {
        command: shown(argv),
        problem: format!("printed `{}` where the number of rows was asked for", shortened(digits)),
    })
}

/// Compares the digest of the program's file with the declared one. It is what runs but for a change in the moment between;
/// scripts name their interpreter, which is not digested.
fn require_declared(entry: &CommandEntry, argv: &[String]) -> Result<(), Error> {
    let failed = |problem: String| Error::Command { command: shown(argv), problem };
    let path = argv.first().map(String::as_str).unwrap_or_default();
    let bytes = std::fs::read(path).map_err(|cause| failed(format!("cannot be read: {cause}")))?;
    let digest = Digest::of(&bytes);
    if digest == entry.sha256 {
        return Ok(());
    }
    Err(failed(format!("was not run: its file has the SHA-256 {digest}, the source declares {}", entry.sha256)))
}

/// A word of the argument list with its days.
fn filled(word: &str, window: Window) -> String {
    let days: BTreeMap<&str, String> = match window {
        Window::Booked { first, last } => [("{first}", first.to_string()), ("{last}", last.to_string())].into(),
        Window::State { effective_on } => [("{on}", effective_on.to_string())].into(),
    };
    days.iter().fold(word.to_owned(), |word, (name, day)| word.replace(name, day))
}

//! Commands that print rows.
//!
//! What may run is what the declaration lists, word by word, with an absolute path; only days are filled in. A command's
//! output is read to its end and its exit code is seen before a single row of it counts.

use std::{collections::BTreeMap, time::Duration};

use tickmark_canonical::Digest;

use super::{
    Extract, SourceCount, Told,
    csv::Csv,
    files::table,
    json,
    process::{Program, shown},
};
use crate::{
    Error, Window,
    config::{CommandEntry, CommandFormat, Defaults, Mapping},
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
    let program = program_digest(entry, &argv)?;
    let folder =
        entry.folder.as_deref().map_or_else(|| extract.source.base.clone(), |folder| extract.source.path(folder));
    let ended = Program {
        argv: &argv,
        environment: &entry.environment,
        folder: &folder,
        timeout: Duration::from_secs(entry.timeout_seconds),
        max_bytes: entry.max_bytes,
        input: None,
    }
    .run()?;
    let output = ended.output.as_slice();
    let mut told = Told::new(serde_json::to_string(&argv).unwrap_or_else(|_| argv.join(" ")));
    told.no_totals = entry.totals.as_ref().map(|totals| totals.none.clone());
    told.parameter("program", program);
    told.parameter("output", Digest::of(output));
    told.parameter("output_bytes", output.len());
    for (name, value) in &entry.environment {
        told.parameter(&format!("environment {name}"), value);
    }
    match entry.format {
        CommandFormat::Csv => {
            table(&mut rows, &of, &mut Csv::new(output, b','), None, None)?;
        }
        CommandFormat::Jsonl => {
            if output.last().is_some_and(|byte| *byte != b'\n') {
                let problem = "its last line has no end; it may be cut short".to_owned();
                return Err(Error::Malformed { of, line: None, problem });
            }
            json::lines(&mut rows, &of, output)?;
        }
        CommandFormat::Json => json::document(&mut rows, &of, entry.rows.as_deref().unwrap_or_default(), output)?,
    }
    rows.finish()?;
    told.count = match &entry.count {
        Some(pointer) if entry.format == CommandFormat::Json => {
            SourceCount::Known(json::stated_count(&of, pointer, output)?)
        }
        Some(_) | None => SourceCount::Unknown("the command states no number of rows".into()),
    };
    Ok(told)
}

/// The digest of the program's file, compared with the declared one. It is what ran but for a change in the moment
/// between; scripts name their interpreter, which is not digested.
fn program_digest(entry: &CommandEntry, argv: &[String]) -> Result<String, Error> {
    let failed = |problem: String| Error::Command { command: shown(argv), problem };
    let path = argv.first().map(String::as_str).unwrap_or_default();
    let bytes = std::fs::read(path).map_err(|cause| failed(format!("cannot be read: {cause}")))?;
    let digest = Digest::of(&bytes);
    match entry.sha256 {
        Some(declared) if declared != digest => {
            Err(failed(format!("its file has the SHA-256 {digest}, the source declares {declared}")))
        }
        Some(_) | None => Ok(digest.to_string()),
    }
}

/// A word of the argument list with its days.
fn filled(word: &str, window: Window) -> String {
    let days: BTreeMap<&str, String> = match window {
        Window::Booked { first, last } => [("{first}", first.to_string()), ("{last}", last.to_string())].into(),
        Window::State { effective_on } => [("{on}", effective_on.to_string())].into(),
    };
    days.iter().fold(word.to_owned(), |word, (name, day)| word.replace(name, day))
}

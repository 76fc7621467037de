//! `tickmark run --due`: what the schedule asks for.

use std::fmt::Write;

use clap::Args;
use tickmark_app::{Due, DueRun, FlipLine, Limits, MissedLine, counted};

use super::{
    Outcome,
    arguments::{Acting, Folder},
    collect,
    exit::Exit,
    next::and_next,
    outside,
    print::Printer,
    progress::ProgressLine,
    table::Table,
    test,
};

#[derive(Debug, Args)]
pub struct Run {
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub acting: Acting,
    /// Run control tests whose turn it is, after collecting what they rest on (docs/schedule.md).
    #[arg(long, required = true)]
    pub due: bool,
    /// Say what is due, and run nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Seconds after which a query of a control test is ended.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    pub seconds: u64,
}

pub fn run(command: &Run, printer: &Printer) -> Outcome {
    let (installation, mut house) = outside::house(&command.folder)?;
    if command.dry_run {
        let due = house.due();
        printer.result(&due, || due_text(&due));
        return Ok(Exit::Done);
    }
    let person = house.acting(command.acting.person.as_deref())?;
    let lease = installation.lease()?;
    // Another process may have run what was due until it gave the lease back.
    house.refresh()?;
    let limits = Limits { seconds: command.seconds, ..Limits::default() };
    let progress = ProgressLine::new(printer);
    let run = house.run_due(&person, &installation, &lease, &limits, &progress, &|| true)?;
    drop(progress);
    printer.result(&run, || and_next(&house, &text(&run)));
    Ok(if run.is_complete() { Exit::Done } else { Exit::Incomplete })
}

/// What is due, in lines.
pub fn due_text(due: &Due) -> String {
    if due.is_empty() {
        return "Nothing is due.".to_owned();
    }
    let mut table = Table::new(&["control test", "every", "days tested", "as of", "due since", "#missed"]);
    for test in &due.tests {
        table.row([
            test.test.to_string(),
            test.every.label().to_owned(),
            format!("{} to {}", test.span.first, test.span.last),
            test.on.to_string(),
            test.since.to_string(),
            test.missed.len().to_string(),
        ]);
    }
    let mut text = table.text();
    for collection in &due.collections {
        let days = match collection.days {
            Some(days) if days.first == days.last => format!("of {}", days.last),
            Some(days) => format!("{} to {}", days.first, days.last),
            None => format!("from the beginning to {}", collection.until),
        };
        let _ = writeln!(text, "collect {}: {days}", collection.dataset);
    }
    text
}

/// Runs that were missed, a line each.
pub fn missed_text(missed: &[MissedLine]) -> String {
    let mut text = String::new();
    for MissedLine { tests, first_on, last_on, count, entry } in missed {
        let days = if first_on == last_on { first_on.to_string() } else { format!("{first_on} to {last_on}") };
        let _ = writeln!(
            text,
            "missed: {} of {}, due {days} (entry {entry})",
            counted(*count, "run", "runs"),
            named(tests)
        );
    }
    text
}

/// Flips, a line each.
pub fn flips_text(flips: &[FlipLine]) -> String {
    let mut text = String::new();
    for FlipLine { test, before, after, on, entry, .. } in flips {
        let _ = writeln!(text, "flip: {test}: {before} -> {after}, as of {on} (entry {entry})");
    }
    text
}

/// A few names, and how many more.
pub fn named(names: &[String]) -> String {
    const SHOWN: usize = 3;
    let shown = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn text(run: &DueRun) -> String {
    if run.due.is_empty() {
        return "Nothing is due.".to_owned();
    }
    let mut text = missed_text(&run.missed);
    if !run.collection.extracts.is_empty() || !run.collection.failures.is_empty() {
        text.push_str(&collect::text(&run.collection));
    }
    for not in &run.not_collected {
        let _ = writeln!(text, "not collected: {}: {}", not.source, not.because);
    }
    for dataset in &run.without_source {
        let _ = writeln!(text, "not collected: no source delivers {dataset}");
    }
    text.push('\n');
    text.push_str(&run.runs.iter().map(test::text).collect::<String>());
    text.push_str(&flips_text(&run.flips));
    text
}

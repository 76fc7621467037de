//! `tickmark test backtest`: a new version of a control test beside the one in force.

use std::{fmt::Write, path::PathBuf, sync::Arc};

use clap::{Args, Subcommand};
use tickmark_app::{BackTestRequest, BackTested, Limits, VersionLine};

use super::{
    Outcome, arguments, catalog,
    exit::Exit,
    next::and_next,
    outside,
    print::Printer,
    progress::ProgressLine,
    table::{Table, grouped},
};

/// Items of each side that are printed; JSON has them all.
const SHOWN: usize = 20;

/// What else to do about control tests.
#[derive(Debug, Subcommand)]
pub enum TestAct {
    /// Run the version in force and that of a catalog folder over the same evidence, and record the difference.
    Backtest(BackTest),
}

#[derive(Debug, Args)]
pub struct BackTest {
    /// The control test.
    pub test: String,
    /// Catalog folder with the new version.
    #[arg(long, value_name = "DIR")]
    pub catalog: PathBuf,
    /// The engagement over whose days both run; that of the newest result by default.
    #[arg(long)]
    pub engagement: Option<String>,
}

pub fn run(command: &arguments::Test, act: &BackTest, printer: &Printer) -> Outcome {
    let (_, mut house) = outside::house(&command.folder)?;
    let person = house.acting(command.acting.person.as_deref())?;
    let request = BackTestRequest {
        test: act.test.clone(),
        candidate: Arc::new(catalog::load(Some(&act.catalog))?),
        engagement: act.engagement.clone(),
        limits: Limits { seconds: command.seconds, ..Limits::default() },
    };
    let progress = ProgressLine::new(printer);
    let tested = house.back_test(&person, &request, &progress)?;
    drop(progress);
    printer.result(&tested, || and_next(&house, &text(&tested)));
    Ok(if tested.unproven.is_empty() { Exit::Done } else { Exit::Incomplete })
}

fn text(tested: &BackTested) -> String {
    let BackTested { test, span, on, extracts, entry, .. } = tested;
    let mut text = format!(
        "{test}, {} to {} as of {on}, over the {} extracts of its last result (entry {entry})\n\n",
        span.first,
        span.last,
        grouped(*extracts)
    );
    let mut table = Table::new(&["version", "#exceptions", "#found by it alone", "#by both", "#population"]);
    let mut row = |name: &str, line: &VersionLine, alone: usize| {
        let (exceptions, both) = (grouped(line.exceptions), grouped(tested.both));
        table.row([name.to_owned(), exceptions, grouped(alone as u64), both, grouped(line.population)]);
    };
    row("in force", &tested.old, tested.only_old.len());
    row("new", &tested.new, tested.only_new.len());
    text.push_str(&table.text());
    let populations = if tested.same_population { "the same items" } else { "not the same items" };
    let _ = writeln!(text, "Both populations have {populations}.");
    for (whose, items) in [("in force", &tested.only_old), ("new", &tested.only_new)] {
        for item in items.iter().take(SHOWN) {
            let _ = writeln!(text, "found by the version {whose} alone: {}", item.join(", "));
        }
        if let Some(more) = items.len().checked_sub(SHOWN + 1) {
            let _ = writeln!(text, "… and {} more", grouped(more as u64 + 1));
        }
    }
    for line in &tested.unproven {
        let _ = writeln!(text, "unproven: {line}");
    }
    text
}

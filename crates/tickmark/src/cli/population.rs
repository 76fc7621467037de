//! `tickmark population …`: freezing populations, checking them, comparing them with what evidence says today.

use std::{collections::BTreeSet, path::PathBuf};

use clap::{Args, Subcommand};
use jiff::civil::Date;
use tickmark_app::{
    Asked, Changed, CheckRequest, Comparison, Error, FreezeRequest, House, KeysView, Limits, OwnQuery, PopulationId,
    PopulationLine, PopulationView, Span, write_population_pdf,
};

use super::{
    Outcome,
    arguments::{Acting, Folder},
    exit::Exit,
    outside,
    print::Printer,
    progress::ProgressLine,
    table::{Table, grouped, many},
};

#[derive(Debug, Args)]
pub struct Population {
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub acting: Acting,
    #[command(subcommand)]
    pub act: PopulationAct,
}

/// What to do about populations.
#[derive(Debug, Subcommand)]
pub enum PopulationAct {
    /// Run a query over the engagement's days and keep every row for good (compliance lead or control owner).
    Freeze(Freeze),
    /// Record a check of completeness and accuracy, of management or of the firm; not by an owner of the control.
    Check(Check),
    /// Show the record of a population: source, query, parameters, counts, digests, checks.
    Show {
        /// The population.
        population: String,
        /// Also write it for paper.
        #[arg(long, value_name = "FILE.pdf")]
        pdf: Option<PathBuf>,
    },
    /// Show which items are late, restated or gone beside what the query returns today. Exit code 5 if any is.
    Compare {
        /// The population.
        population: String,
        #[command(flatten)]
        within: Within,
    },
    /// List populations.
    List,
}

/// Within what a query has to end.
#[derive(Debug, Args)]
pub struct Within {
    /// Seconds after which the query is ended.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    pub seconds: u64,
    /// Memory for the query.
    #[arg(long, value_name = "MIB", default_value_t = 1024, value_parser = clap::value_parser!(u64).range(64..))]
    pub memory: u64,
}

impl Within {
    fn limits(&self) -> Limits {
        Limits { seconds: self.seconds, memory_bytes: self.memory << 20, ..Limits::default() }
    }
}

#[derive(Debug, Args)]
pub struct Freeze {
    /// Id of the population.
    pub population: String,
    /// The engagement.
    #[arg(long)]
    pub engagement: String,
    /// The population of this control test of the catalog.
    #[arg(long, required_unless_present = "sql", conflicts_with = "sql")]
    pub test: Option<String>,
    /// A file with a query of your own, which may name `$period_start`, `$period_end` and `$on`.
    #[arg(long, value_name = "FILE.sql", requires = "key", requires = "control")]
    pub sql: Option<PathBuf>,
    /// The columns that name an item, which the query returns first.
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',', requires = "sql")]
    pub key: Vec<String>,
    /// The column to sum as control total.
    #[arg(long, value_name = "COLUMN", requires = "sql")]
    pub total: Option<String>,
    /// The control that should have applied to the items; may stand several times.
    #[arg(long)]
    pub control: Vec<String>,
    /// First day; that of the engagement by default.
    #[arg(long, value_name = "DATE", requires = "last")]
    pub first: Option<Date>,
    /// Last day.
    #[arg(long, value_name = "DATE", requires = "first")]
    pub last: Option<Date>,
    /// Why it is frozen once more, if days of it were frozen before.
    #[arg(long)]
    pub reason: Option<String>,
    #[command(flatten)]
    pub within: Within,
}

#[derive(Debug, Args)]
pub struct Check {
    /// The population.
    pub population: String,
    /// It is complete and accurate.
    #[arg(long, required_unless_present = "failed", conflicts_with = "failed")]
    pub passed: bool,
    /// It is not, or that could not be shown.
    #[arg(long)]
    pub failed: bool,
    /// What was done and seen.
    #[arg(long)]
    pub note: String,
    /// A file with a query over an independent second source, over the same days.
    #[arg(long, value_name = "FILE.sql", requires = "key")]
    pub second: Option<PathBuf>,
    /// The columns that name an item there, which the query returns first: keys are compared one by one if they are of the
    /// kinds of the population's, in its order.
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',', requires = "second")]
    pub key: Vec<String>,
    /// The column to sum there.
    #[arg(long, value_name = "COLUMN", requires = "second")]
    pub total: Option<String>,
    /// Why the second source differs; of an empty population without one, why there was nothing.
    #[arg(long, value_name = "REASON")]
    pub explained: Option<String>,
    #[command(flatten)]
    pub within: Within,
}

pub fn run(command: &Population, printer: &Printer) -> Outcome {
    let (_, mut house) = outside::house(&command.folder)?;
    let author = || house.acting(command.acting.person.as_deref());
    match &command.act {
        PopulationAct::Freeze(freeze) => {
            let (author, request) = (author()?, request_of(freeze)?);
            let progress = ProgressLine::new(printer);
            house.freeze_population(&author, &request, &progress)?;
            drop(progress);
            show(&house, &request.population, printer)?;
        }
        PopulationAct::Check(check) => {
            let author = author()?;
            let request = CheckRequest {
                population: check.population.parse()?,
                passed: check.passed,
                note: check.note.clone(),
                second: own_query(check.second.as_ref(), &check.key, check.total.as_ref())?,
                explanation: check.explained.clone(),
                limits: check.within.limits(),
            };
            let progress = ProgressLine::new(printer);
            house.check_population(&author, &request, &progress)?;
            drop(progress);
            show(&house, &request.population, printer)?;
        }
        PopulationAct::Show { population, pdf } => {
            let view = house.population_view(&population.parse()?)?;
            let written = pdf.as_ref().map(|path| Ok::<_, Error>((path, write_population_pdf(&view, path)?)));
            let written = written.transpose()?;
            printer.result(&view, || {
                let mut text = record(&view);
                if let Some((path, pages)) = written {
                    text.push_str(&format!("\n{} written, {pages} pages.", path.display()));
                }
                text
            });
        }
        PopulationAct::Compare { population, within } => {
            let comparison = house.compare_population(&population.parse()?, within.limits())?;
            printer.result(&comparison, || compared(&comparison));
            return Ok(if comparison.is_same() { Exit::Done } else { Exit::Incomplete });
        }
        PopulationAct::List => {
            let list = house.populations()?;
            printer.result(&list, || table(&list));
        }
    }
    Ok(Exit::Done)
}

fn request_of(freeze: &Freeze) -> Result<FreezeRequest, Error> {
    let own = own_query(freeze.sql.as_ref(), &freeze.key, freeze.total.as_ref())?;
    let asked = match (own, &freeze.test) {
        (Some(own), _) => Asked::Own(own),
        (None, test) => Asked::Test(test.clone().unwrap_or_default()),
    };
    Ok(FreezeRequest {
        population: freeze.population.parse()?,
        engagement: freeze.engagement.parse()?,
        asked,
        controls: freeze.control.iter().map(|id| id.parse()).collect::<Result<BTreeSet<_>, _>>()?,
        span: freeze.first.zip(freeze.last).map(|(first, last)| Span { first, last }),
        reason: freeze.reason.clone(),
        limits: freeze.within.limits(),
    })
}

fn own_query(sql: Option<&PathBuf>, item: &[String], total: Option<&String>) -> Result<Option<OwnQuery>, Error> {
    let Some(path) = sql else { return Ok(None) };
    Ok(Some(OwnQuery { sql: outside::text(path)?, item: item.to_vec(), total: total.cloned() }))
}

fn show(house: &House, id: &PopulationId, printer: &Printer) -> Result<(), Error> {
    let view = house.population_view(id)?;
    printer.result(&view, || record(&view));
    Ok(())
}

/// The record as text.
fn record(view: &PopulationView) -> String {
    let controls: Vec<&str> = view.controls.iter().map(|(id, _)| id.as_str()).collect();
    let mut text = format!(
        "Population {} of {}, {} to {}: {} items, {}\n",
        view.population,
        controls.join(" "),
        view.first,
        view.last,
        grouped(view.rows.items),
        view.definition
    );
    let mut fact = |name: &str, value: &str| text.push_str(&format!("  {name:<16}{value}\n"));
    fact("engagement", &view.engagement);
    if let Some((column, sum)) = &view.rows.control_total {
        fact("control total", &format!("{sum} (sum of {column})"));
    }
    fact("sources", &view.rows.sources.join(", "));
    fact("extracts", &format!("{}, the newest made on {}", view.rows.extracts.len(), day(&view.rows.extracted_at)));
    fact("frozen", &format!("by {} on {}, entry {}", view.frozen_by, day(&view.frozen_at), view.entry));
    if let Some(reason) = &view.reason {
        fact("frozen again", reason);
    }
    if !view.beside.is_empty() {
        fact("other freezes", &view.beside.join(", "));
    }
    fact("query", &view.rows.query);
    fact("rows", &view.rows.rows_digest);
    for check in &view.checks {
        let passed = if check.passed { "passed" } else { "NOT PASSED" };
        fact("check", &format!("{passed}, by {} for {}: {}", check.by, check.side, check.note));
        if let Some(second) = &check.second {
            let total = second.total_difference.as_ref().map(|total| format!(", control total {total}"));
            let says = format!(
                "{} items in {}: {} items{}",
                grouped(second.rows.items),
                second.rows.sources.join(", "),
                second.items_difference,
                total.unwrap_or_default()
            );
            fact("second source", &says);
            fact("keys", &keys_compared(second.keys.as_ref()));
            for (only, keys) in
                second.keys.iter().flat_map(|keys| [("only here", &keys.first_here), ("only there", &keys.first_there)])
            {
                if !keys.is_empty() {
                    fact(only, &keys.join(", "));
                }
            }
        }
        if let Some(explanation) = &check.explanation {
            fact("explained", explanation);
        }
    }
    for (sample, side, items) in &view.samples {
        fact("sample", &format!("{sample}, of {side}: {} items", grouped(*items)));
    }
    fact("for management", &view.for_management);
    fact("for the firm", &view.for_firm);
    text
}

/// What stands on which side; said also where it could not be compared.
fn keys_compared(keys: Option<&KeysView>) -> String {
    let Some(KeysView { both, only_here, only_there, .. }) = keys else {
        return "counts only: the two name items by other columns".to_owned();
    };
    let (both, here, there) = (grouped(*both), grouped(*only_here), grouped(*only_there));
    format!("{both} on both sides, {here} only here, {there} only in the second source")
}

/// The day (UTC) of an instant; JSON and paper have all of it.
pub(super) fn day(instant: &str) -> &str {
    instant.split_once('T').map_or(instant, |(day, _)| day)
}

fn compared(comparison: &Comparison) -> String {
    let Comparison { same, late, restated, vanished } = comparison;
    let mut text = format!("{} items are as they were frozen.\n", grouped(*same));
    for (changed, says) in [
        (late, "late: not there when the population was frozen"),
        (restated, "restated: something else is said now"),
        (vanished, "vanished: not there now"),
    ] {
        text.push_str(&differing(changed, says));
    }
    if !comparison.is_same() {
        text.push_str("The frozen population stays as it is. Freezing once more needs a reason, and both show.\n");
    }
    text
}

fn differing(changed: &Changed, says: &str) -> String {
    if changed.count == 0 {
        return String::new();
    }
    let mut text = format!("{} {says}\n", many(changed.count, "item"));
    for item in &changed.items {
        text.push_str(&format!("  {}\n", item.join(" ")));
    }
    let more = changed.count - changed.items.len() as u64;
    if more > 0 {
        text.push_str(&format!("  and {} more\n", grouped(more)));
    }
    text
}

fn table(list: &[PopulationLine]) -> String {
    if list.is_empty() {
        return "No population was frozen.".to_owned();
    }
    let mut table = Table::new(&[
        "population",
        "engagement",
        "controls",
        "days",
        "#items",
        "for management",
        "for the firm",
        "#samples",
        "frozen again",
    ]);
    for line in list {
        table.row([
            line.population.clone(),
            line.engagement.clone(),
            line.controls.join(" "),
            format!("{} to {}", line.days.0, line.days.1),
            grouped(line.items),
            line.management.clone(),
            line.firm.clone(),
            grouped(line.samples),
            if line.again { "yes, with a reason" } else { "" }.to_owned(),
        ]);
    }
    table.text()
}

//! `tickmark advise`: which report clients need, and what follows. It needs no installation.

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::civil::Date;
use tickmark_app::{
    Catalog, Clock, Error, MachineClock, PROFILE_EXAMPLE, advised,
    advisor::{Profile, ProfilesCompared, compare_profiles},
    decision_to_toml, profile_from_file, profile_schema, profile_to_toml, proposal, write_memo,
};

use super::{
    Outcome, advice_text,
    arguments::{Acting, Folder},
    asking, example,
    exit::Exit,
    next::and_next,
    outside,
    print::Printer,
    table::Table,
    wrap,
};

#[derive(Debug, Args)]
pub struct Advise {
    /// File with the answers (TOML, or JSON if its name ends in .json; docs/advisor.md); without it they are asked for in
    /// the terminal.
    #[arg(long, value_name = "FILE")]
    pub profile: Option<PathBuf>,
    /// Compare with the answers in this file: which differ, and what is advised otherwise.
    #[arg(long, value_name = "FILE", requires = "profile", conflicts_with_all = ["memo", "save"])]
    pub compare: Option<PathBuf>,
    /// Write a memo of two pages for a board, as PDF.
    #[arg(long, value_name = "FILE.pdf")]
    pub memo: Option<PathBuf>,
    /// Write the answers given in the terminal to a file that `--profile` reads.
    #[arg(long, value_name = "FILE.toml", conflicts_with = "profile")]
    pub save: Option<PathBuf>,
    /// Print every change of an answer that would change the advice, not the weightiest only.
    #[arg(long)]
    pub all: bool,
    /// The day from which dates are counted; today (UTC) by default.
    #[arg(long, value_name = "DATE")]
    pub today: Option<Date>,
    /// Name of the system, as reports will print it; for `--proposal` and `--accept`.
    #[arg(long, value_name = "NAME")]
    pub system: Option<String>,
    /// Write what the advice proposes to decide, engagement by engagement, to a file that `--accept` reads.
    #[arg(long, value_name = "FILE.toml", requires = "system", conflicts_with_all = ["accept", "memo", "compare"])]
    pub proposal: Option<PathBuf>,
    /// Open the engagements that the advice proposes, or those of the decision in a file, and record the advice with them
    /// (compliance lead; in an installation).
    #[arg(long, value_name = "DECISION", num_args = 0..=1, conflicts_with_all = ["memo", "compare"])]
    pub accept: Option<Option<PathBuf>>,
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub acting: Acting,
    /// Print a filled profile.
    #[arg(long, exclusive = true)]
    pub example: bool,
    /// Print the JSON schema of a profile.
    #[arg(long, exclusive = true)]
    pub schema: bool,
}

pub fn run(command: &Advise, printer: &Printer) -> Outcome {
    if command.example {
        return example::print(PROFILE_EXAMPLE, printer);
    }
    if command.schema {
        let schema = profile_schema();
        printer.result(&schema, || serde_json::to_string_pretty(&schema).unwrap_or_default());
        return Ok(Exit::Done);
    }
    command.folder.require_present()?;
    let today = command.today.unwrap_or_else(|| MachineClock.now().to_zoned(jiff::tz::TimeZone::UTC).date());
    if let (Some(first), Some(second)) = (&command.profile, &command.compare) {
        let (a, b) = (profile_from_file(first)?, profile_from_file(second)?);
        let compared = compare_profiles(&a, &b, today);
        let names = (first.display().to_string(), second.display().to_string());
        printer.result(&compared, || comparison(&compared, &names));
        return Ok(Exit::Done);
    }
    let profile = profile(command)?;
    if let Some(file) = &command.save {
        write(file, &profile_to_toml(&profile)?)?;
    }
    if let Some(decision) = &command.accept {
        return accept(command, profile, today, decision.as_deref(), printer);
    }
    let advised = advised(profile, today, &Catalog::embedded().map_err(Error::Catalog)?);
    if let (Some(file), Some(system)) = (&command.proposal, &command.system) {
        let proposed = proposal(&advised, system);
        write(file, &decision_to_toml(&proposed)?)?;
        printer.result(&proposed, || {
            let engagements = proposed.engagement.len();
            format!("A decision with {engagements} engagements is in {0}; change what you want otherwise, say why, and accept it:\n  tickmark advise --profile FILE --accept {0} --as PERSON", file.display())
        });
        return Ok(Exit::Done);
    }
    if let Some(file) = &command.memo {
        let pages = write_memo(&advised, file)?;
        printer.result(&serde_json::json!({ "memo": file, "pages": pages }), || {
            format!("A memo of {pages} pages is in {}.", file.display())
        });
        return Ok(Exit::Done);
    }
    printer.result(&advised, || advice_text::text(&advised, command.all));
    Ok(Exit::Done)
}

fn write(file: &Path, text: &str) -> Result<(), Error> {
    std::fs::write(file, text).map_err(|source| Error::Io { doing: "write", path: file.to_owned(), source })
}

fn accept(command: &Advise, profile: Profile, today: Date, decision: Option<&Path>, printer: &Printer) -> Outcome {
    let (_, mut house) = outside::house(&command.folder)?;
    let author = house.acting(command.acting.person.as_deref())?;
    let advised = advised(profile, today, house.catalog());
    let accepted = house.accept_advice(&author, &advised, decision, command.system.as_deref())?;
    printer.result(&accepted, || {
        let mut text = format!("The advice is recorded as entry {}.\n", accepted.entry);
        for engagement in &accepted.engagements {
            text.push_str(&format!("engagement {engagement} is open\n"));
        }
        for departure in &accepted.departures {
            let says = format!(
                "{} is otherwise than advised ({}): {}",
                departure.engagement, departure.what, departure.because
            );
            text.push_str(&wrap::hanging("-  ", &says));
        }
        and_next(&house, &text)
    });
    Ok(Exit::Done)
}

fn profile(command: &Advise) -> Result<Profile, Error> {
    match &command.profile {
        Some(file) => profile_from_file(file),
        None => asking::profile(&mut std::io::stdin().lock(), &mut std::io::stderr()).map_err(|source| Error::Io {
            doing: "read the answers from",
            path: "standard input".into(),
            source,
        }),
    }
}

fn comparison(compared: &ProfilesCompared, (first, second): &(String, String)) -> String {
    if compared.answers.is_empty() {
        return format!("{first} and {second} give the same answers.");
    }
    let mut text = format!("first   {first}\nsecond  {second}\n\nAnswers that differ\n");
    let mut table = Table::new(&["question", "first", "second"]);
    for line in &compared.answers {
        table.row([format!("{} {}", line.question, line.question.key()), line.first.clone(), line.second.clone()]);
    }
    text.push_str(&table.text());
    text.push_str("\nAdvised otherwise\n");
    if compared.conclusions.is_empty() {
        text.push_str("Nothing: the same is advised.\n");
        return text;
    }
    let mut table = Table::new(&["about", "first", "second"]);
    for line in &compared.conclusions {
        table.row([line.about.clone(), line.first.clone(), line.second.clone()]);
    }
    text.push_str(&table.text());
    text
}

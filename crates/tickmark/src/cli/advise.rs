//! `tickmark advise`: which report clients need, and what follows. It needs no installation.

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::civil::Date;
use tickmark_app::{
    Advised, Catalog, Clock, Error, MachineClock, PROFILE_EXAMPLE, advised,
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
    /// Write the answers given in the terminal to this file, which `--profile` reads; `profile.toml` by default, or the next
    /// name that is free.
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
    let (profile, file) = profile(command, today)?;
    let file = file.as_deref();
    if let Some(decision) = &command.accept {
        return accept(command, profile, today, decision.as_deref(), printer);
    }
    let advised = advised(profile, today, &Catalog::embedded().map_err(Error::Catalog)?);
    if let (Some(decision), Some(system)) = (&command.proposal, &command.system) {
        let proposed = proposal(&advised, system);
        write(decision, &decision_to_toml(&proposed)?)?;
        printer.result(&proposed, || {
            let engagements = match proposed.engagement.len() {
                1 => "one engagement".to_owned(),
                many => format!("{many} engagements"),
            };
            let says = format!(
                "A decision with {engagements} is in {}; change what you want otherwise, and say why.",
                decision.display()
            );
            let told = advice_text::text(&advised, command.all);
            format!("{told}\n{}{}", wrap::hanging("", &says), follow_ups(command, &advised, file))
        });
        return Ok(Exit::Done);
    }
    if let Some(memo) = &command.memo {
        let pages = write_memo(&advised, memo)?;
        printer.result(&serde_json::json!({ "memo": memo, "pages": pages }), || {
            format!("A memo of {pages} pages is in {}.\n{}", memo.display(), follow_ups(command, &advised, file))
        });
        return Ok(Exit::Done);
    }
    printer.result(&advised, || {
        format!("{}{}", advice_text::text(&advised, command.all), follow_ups(command, &advised, file))
    });
    Ok(Exit::Done)
}

/// What to do with the advice: the commands that come next, with the names of the files.
fn follow_ups(command: &Advise, advised: &Advised, profile: Option<&Path>) -> String {
    let saved = profile.filter(|_| command.profile.is_none());
    let saved = saved.map(|file| format!("\nYour answers are in {}.\n", file.display())).unwrap_or_default();
    let mut text = format!("{saved}\nNext\n");
    let name = |file: &Path| quoted(&file.display().to_string());
    let profile = profile.map_or_else(|| "FILE".to_owned(), name);
    let today = command.today.map(|today| format!(" --today {today}")).unwrap_or_default();
    let mut then = |what: &str, arguments: String| {
        text.push_str(&wrap::hanging("  ", what));
        text.push_str(&format!("    tickmark advise --profile {profile}{today} {arguments}\n"));
    };
    let proposed = proposal(advised, "");
    let engagements = proposed.engagement.len();
    let decision = command.proposal.as_deref().map_or_else(|| "decision.toml".to_owned(), name);
    if command.memo.is_none() {
        then("For the board, two pages:", "--memo memo.pdf".to_owned());
    }
    if engagements > 0 && command.proposal.is_none() {
        let system = quoted(command.system.as_deref().unwrap_or("NAME"));
        then(
            "What there is to decide, as a file to change (NAME is the system's, as reports print it):",
            format!("--system {system} --proposal {decision}"),
        );
    }
    if engagements > 0 {
        then(
            "In an installation (`tickmark init` makes one), open those engagements and keep the advice:",
            format!("--accept {decision} --as PERSON"),
        );
    }
    for left in &proposed.left_out {
        text.push_str(&wrap::hanging("  ", &format!("{} is not proposed: {}", left.id, left.because)));
    }
    if engagements == 0 && proposed.left_out.is_empty() {
        let says = "No engagement is proposed: nobody waits for a report that could be opened now.";
        text.push_str(&wrap::hanging("  ", says));
    }
    text
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = word.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_./".contains(letter));
    if plain { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
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
        for engagement in &accepted.met {
            let said = format!("engagement {engagement} was open already, for the same report and days");
            let otherwise = if accepted.met_otherwise.contains(engagement) {
                "; its scope is otherwise than decided and stays so: change it in `engagements.toml` (`tickmark export DIR`)"
            } else {
                ""
            };
            text.push_str(&wrap::hanging("", &format!("{said}{otherwise}")));
        }
        if !accepted.scope.is_empty() {
            let items = accepted.scope.join(", ");
            text.push_str(&wrap::hanging("", &format!("in scope now: {items} (`tickmark scope list`)")));
        }
        for departure in &accepted.departures {
            let says =
                format!("{} is otherwise than advised ({}): {}", departure.of, departure.what, departure.because);
            text.push_str(&wrap::hanging("-  ", &says));
        }
        and_next(&house, &text)
    });
    Ok(Exit::Done)
}

/// The answers, and the file they are in.
fn profile(command: &Advise, today: Date) -> Result<(Profile, Option<PathBuf>), Error> {
    if let Some(file) = &command.profile {
        return Ok((profile_from_file(file)?, Some(file.clone())));
    }
    let profile = asking::profile(today, &mut std::io::stdin().lock(), &mut std::io::stderr())
        .map_err(|source| Error::Io { doing: "read the answers from", path: "standard input".into(), source })?;
    let toml = profile_to_toml(&profile)?;
    if let Some(file) = &command.save {
        write(file, &toml)?;
        return Ok((profile, Some(file.clone())));
    }
    // What was answered is not lost, and nothing that is there is written over; where nothing can be written, the advice is
    // given all the same.
    let saved = write_new(&toml).inspect_err(|error| eprintln!("the answers are not saved: {error}")).ok();
    Ok((profile, saved))
}

/// Writes answers to the first name that is free: `profile.toml`, `profile-2.toml`, …
fn write_new(toml: &str) -> std::io::Result<PathBuf> {
    let mut number = 1_u32;
    loop {
        let name = if number == 1 { "profile.toml".to_owned() } else { format!("profile-{number}.toml") };
        match std::fs::File::create_new(&name) {
            Ok(mut file) => {
                std::io::Write::write_all(&mut file, toml.as_bytes())?;
                return Ok(PathBuf::from(name));
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(error),
        }
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
    text.push_str(&table.prose());
    text.push_str("\nAdvised otherwise\n");
    if compared.conclusions.is_empty() {
        text.push_str("Nothing: the same is advised.\n");
        return text;
    }
    let mut table = Table::new(&["about", "first", "second"]);
    for line in &compared.conclusions {
        table.row([line.about.clone(), line.first.clone(), line.second.clone()]);
    }
    text.push_str(&table.prose());
    text
}

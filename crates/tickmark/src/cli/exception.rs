//! `tickmark exception …`: what people do about an exception; the list is `tickmark exceptions`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::civil::Date;
use tickmark_app::{
    Answered, ExceptionShown, House, NewAssessment, RESPONSES_EXAMPLE, Reach, Retest, Withdrawal, compensation_in_words,
};

use super::{
    Outcome,
    arguments::{Acting, Folder},
    example,
    exit::Exit,
    next::and_next,
    outside,
    print::Printer,
    table::{grouped, many},
    wrap,
};

#[derive(Debug, Args)]
pub struct Exception {
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub acting: Acting,
    #[command(subcommand)]
    pub act: ExceptionAct,
}

/// What to do about an exception.
#[derive(Debug, Subcommand)]
pub enum ExceptionAct {
    /// Answer an exception, or those that a file names (control owner or compliance lead).
    Respond {
        /// The exception.
        #[arg(required_unless_present_any = ["file", "example"], conflicts_with = "file")]
        exception: Option<String>,
        /// Cause, effect, what will be done.
        #[arg(long, requires = "exception", required_unless_present_any = ["file", "example"])]
        text: Option<String>,
        /// A file of `[[response]]` tables instead.
        #[arg(long)]
        file: Option<PathBuf>,
        /// Print a filled file.
        #[arg(long, exclusive = true)]
        example: bool,
    },
    /// Say since which day the cause of an answered exception is right (control owner or compliance lead).
    Remediate {
        /// The exception.
        exception: String,
        /// What was done.
        #[arg(long)]
        text: String,
        /// Since which day it is right.
        #[arg(long, value_name = "DATE")]
        on: Date,
    },
    /// Show an exception with all that is known of it; `tickmark exceptions EXCEPTION` shows its rows.
    Show {
        /// The exception.
        exception: String,
    },
    /// Say what an exception's cause and effect are, as management sees it (control owner or compliance lead).
    Assess(Assess),
    /// Close a remediated exception by a test over days after the remediation (control owner or compliance lead).
    Retest {
        /// The exception.
        exception: String,
        /// The run; the newest that tested it by default.
        #[arg(long, conflicts_with = "management_test")]
        run: Option<String>,
        /// The management test that tested again, instead of a run.
        #[arg(long, value_name = "TEST")]
        management_test: Option<String>,
    },
    /// Propose to withdraw what is no exception (control owner or compliance lead).
    Withdraw {
        /// The exception.
        exception: String,
        /// Why it is none.
        #[arg(long)]
        reason: String,
        /// The file that shows it.
        #[arg(long, value_name = "FILE")]
        evidence: PathBuf,
    },
    /// Agree to a proposed withdrawal as a second person (compliance lead or executive). The exception stays visible.
    Agree {
        /// The exception.
        exception: String,
    },
}

#[derive(Debug, Args)]
pub struct Assess {
    /// The exception.
    pub exception: String,
    /// Why it came about.
    #[arg(long)]
    pub cause: String,
    /// The cause explains these items and no others.
    #[arg(long, required_unless_present = "systematic", conflicts_with = "systematic")]
    pub isolated: bool,
    /// The cause can have touched other items as well.
    #[arg(long)]
    pub systematic: bool,
    /// What it means for what the control serves.
    #[arg(long)]
    pub effect: String,
    /// The control objectives and criteria that it bears on.
    #[arg(long, value_delimiter = ',', value_name = "ID,…")]
    pub on: Vec<String>,
    /// Controls that meet the same aim; whether they were tested is looked up.
    #[arg(long, value_delimiter = ',', value_name = "CONTROL,…")]
    pub compensating: Vec<String>,
}

pub fn run(command: &Exception, printer: &Printer) -> Outcome {
    if let ExceptionAct::Respond { example: true, .. } = command.act {
        return example::print(RESPONSES_EXAMPLE, printer);
    }
    let (_, mut house) = outside::house(&command.folder)?;
    if let ExceptionAct::Show { exception } = &command.act {
        let shown = house.exception(&exception.parse()?)?;
        printer.result(&shown, || in_full(&shown));
        return Ok(Exit::Done);
    }
    let author = house.acting(command.acting.person.as_deref())?;
    match &command.act {
        // Done above: who only looks need not say who they are.
        ExceptionAct::Show { .. } => {}
        ExceptionAct::Assess(assess) => {
            let new = NewAssessment {
                exception: assess.exception.parse()?,
                cause: &assess.cause,
                reach: if assess.systematic { Reach::Systematic } else { Reach::Isolated },
                effect: &assess.effect,
                on: &assess.on,
                compensating: &assess.compensating,
            };
            house.assess(&author, &new)?;
            let shown = house.exception(&new.exception)?;
            printer.result(&shown, || and_next(&house, &in_full(&shown)));
        }
        ExceptionAct::Respond { exception, text, file, .. } => {
            let answered = match (file, exception, text) {
                (Some(file), ..) => house.respond_from_file(&author, file)?,
                (None, Some(exception), Some(text)) => {
                    house.respond(&author, &[(exception.parse()?, text.clone())])?;
                    Answered { exceptions: vec![exception.clone()], nothing_to_answer: Vec::new() }
                }
                _ => Answered::default(),
            };
            printer.result(&answered, || {
                let mut text = format!("Answered: {}.", listed(&answered.exceptions));
                if !answered.nothing_to_answer.is_empty() {
                    text.push_str(&format!("\nNothing to answer: {}.", listed(&answered.nothing_to_answer)));
                }
                and_next(&house, &text)
            });
        }
        ExceptionAct::Remediate { exception, text, on } => {
            house.remediate(&author, exception.parse()?, text, *on)?;
            done(&house, exception, &format!("remediated since {on}; test days after it, then retest"), printer);
        }
        ExceptionAct::Retest { exception, run, management_test } => {
            let retest = match (run, management_test) {
                (_, Some(test)) => Some(Retest::ManagementTest(test.parse()?)),
                (Some(run), None) => Some(Retest::Run(run.parse()?)),
                (None, None) => None,
            };
            let by = match house.retest(&author, exception.parse()?, retest)? {
                Retest::Run(run) => run.to_string(),
                Retest::ManagementTest(test) => format!("management test {test}"),
            };
            done(&house, exception, &format!("retested by {by}, which found none"), printer);
        }
        ExceptionAct::Withdraw { exception, reason, evidence } => {
            let withdrawal = Withdrawal { exception: exception.parse()?, reason, evidence };
            house.propose_withdrawal(&author, &withdrawal)?;
            let proposed = "its withdrawal is proposed; a second person agrees with `tickmark exception agree`";
            done(&house, exception, proposed, printer);
        }
        ExceptionAct::Agree { exception } => {
            let id: tickmark_app::ExceptionId = exception.parse()?;
            house.withdraw(&author, id.clone())?;
            let withdrawal = house.state().exceptions.get(&id).and_then(|exception| exception.withdrawal.as_ref());
            let first = withdrawal.map(|withdrawal| house.name_of(&withdrawal.proposed_by)).unwrap_or_default();
            let done_by = format!("withdrawn by {first} and {}; it stays visible", house.name_of(&author));
            done(&house, exception, &done_by, printer);
        }
    }
    Ok(Exit::Done)
}

/// An exception with all that is known of it.
fn in_full(shown: &ExceptionShown) -> String {
    let mut text = format!("{} is {}: found by {}", shown.exception, shown.state, shown.found_by);
    text.push_str(&format!(" over {} to {}\n", shown.span.first, shown.span.last));
    text.push_str(&format!("controls: {}\n", shown.controls.join(" ")));
    text.push_str(&format!("items: {} now, {} at the most", grouped(shown.items), grouped(shown.most_items)));
    if shown.seen_before > 0 {
        text.push_str(&format!(", {} of them found by an earlier management test", grouped(shown.seen_before)));
    }
    text.push('\n');
    text.push_str(&over_time(shown));
    if let Some(rate) = &shown.rate {
        let (exceptions, of) = (grouped(rate.exceptions), grouped(rate.of));
        text.push_str(&format!("rate: {exceptions} of {of}, {} % {}\n", rate.percent, rate.extent.label()));
    }
    if let Some(support) = &shown.support {
        text.push_str(&format!("rate of the population: {}\n", support.words()));
    }
    if let Some(assessment) = &shown.assessment {
        text.push_str(&wrap::hanging(&format!("cause ({}): ", assessment.reach.label()), &assessment.cause));
        text.push_str(&wrap::hanging("effect: ", &assessment.effect));
        text.push_str(&format!("bears on: {}\n", listed(&assessment.on)));
        for (control, tested) in &assessment.compensating {
            text.push_str(&format!("compensating {control}: {}\n", compensation_in_words(*tested)));
        }
        if assessment.stale {
            text.push_str("Other items have come since it was assessed.\n");
        }
        text.push_str(&format!("assessed by {}, entry {}\n", assessment.by, assessment.entry));
    }
    if let Some(response) = &shown.response {
        text.push_str(&wrap::hanging("response: ", response));
    }
    if let Some((remediation, on)) = &shown.remediation {
        text.push_str(&wrap::hanging(&format!("remediated since {on}: "), remediation));
    }
    if let Some(retest) = &shown.retest {
        text.push_str(&format!("retested by {retest}\n"));
    }
    text
}

/// Items that changed are listed up to here; JSON has all.
const CHANGED_ITEMS_SHOWN: usize = 20;

/// What each run saw that saw other items than the one before, and which items came or went.
fn over_time(shown: &ExceptionShown) -> String {
    if shown.sightings.len() < 2 {
        return String::new();
    }
    let mut text = String::new();
    for seen in &shown.sightings {
        let on = seen.on.map(|on| format!(" on {on}")).unwrap_or_default();
        let (items, change, entry) = (many(seen.items, "item"), &seen.change, seen.entry);
        text.push_str(&format!("seen{on}, entry {entry}: {items}, {change}\n"));
    }
    for changed in shown.changed_items.iter().take(CHANGED_ITEMS_SHOWN) {
        let item = changed.item.as_deref().unwrap_or("an item whose rows were erased");
        text.push_str(&format!("  {item}: first seen in entry {}", changed.first_seen));
        if !changed.gone.is_empty() {
            text.push_str(&format!(", {}", changed.since_in_words()));
        }
        text.push('\n');
    }
    let more = shown.changed_items.len().saturating_sub(CHANGED_ITEMS_SHOWN);
    if more > 0 {
        text.push_str(&format!("  and {more} more; `--format json` has all\n"));
    }
    text
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn done(house: &House, exception: &str, what: &str, printer: &Printer) {
    let state = exception.parse().ok().and_then(|id| house.state().exceptions.get(&id)).map(|e| e.state.to_string());
    let shown = serde_json::json!({ "exception": exception, "state": state });
    printer.result(&shown, || and_next(house, &format!("Exception {exception}: {what}.")));
}

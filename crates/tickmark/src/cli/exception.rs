//! `tickmark exception …`: what people do about an exception; the list is `tickmark exceptions`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::civil::Date;
use tickmark_app::{Answered, House, RESPONSES_EXAMPLE, Withdrawal};

use super::{
    Outcome,
    arguments::{Acting, Folder},
    example,
    exit::Exit,
    next::and_next,
    outside,
    print::Printer,
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
    /// Close a remediated exception by a run over days after the remediation (control owner or compliance lead).
    Retest {
        /// The exception.
        exception: String,
        /// The run; the newest that tested it by default.
        #[arg(long)]
        run: Option<String>,
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

pub fn run(command: &Exception, printer: &Printer) -> Outcome {
    if let ExceptionAct::Respond { example: true, .. } = command.act {
        return example::print(RESPONSES_EXAMPLE, printer);
    }
    let (_, mut house) = outside::house(&command.folder)?;
    let author = house.acting(command.acting.person.as_deref())?;
    match &command.act {
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
        ExceptionAct::Retest { exception, run } => {
            let run = run.as_deref().map(str::parse).transpose()?;
            let run = house.retest(&author, exception.parse()?, run)?;
            done(&house, exception, &format!("retested by {run}, which found none"), printer);
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

fn listed(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn done(house: &House, exception: &str, what: &str, printer: &Printer) {
    let state = exception.parse().ok().and_then(|id| house.state().exceptions.get(&id)).map(|e| e.state.to_string());
    let shown = serde_json::json!({ "exception": exception, "state": state });
    printer.result(&shown, || and_next(house, &format!("Exception {exception}: {what}.")));
}

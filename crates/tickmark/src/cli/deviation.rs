//! `tickmark deviation …`: what the firm noted, and what management answers.

use clap::{Args, Subcommand};
use jiff::civil::Date;
use tickmark_app::{DeviationLine, EngagementId};

use super::{
    Outcome,
    arguments::{Acting, Folder},
    exit::Exit,
    next::and_next,
    outside,
    print::Printer,
    table::many,
    wrap,
};

#[derive(Debug, Args)]
pub struct Deviation {
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub acting: Acting,
    #[command(subcommand)]
    pub act: DeviationAct,
}

/// What to do about the firm's deviations.
#[derive(Debug, Subcommand)]
pub enum DeviationAct {
    /// List the deviations that the firm noted, each with management's response.
    List {
        /// The engagement.
        engagement: String,
    },
    /// Answer a deviation of the firm's own test; Section V prints it (control owner or compliance lead).
    Respond {
        /// The engagement.
        engagement: String,
        /// The deviation, as the report names it.
        deviation: String,
        /// Cause, correction, what was looked at besides.
        #[arg(long)]
        text: String,
        /// The day on which the correction took or takes effect.
        #[arg(long, value_name = "DATE")]
        effective_on: Option<Date>,
    },
}

pub fn run(command: &Deviation, printer: &Printer) -> Outcome {
    let (_, mut house) = outside::house(&command.folder)?;
    match &command.act {
        DeviationAct::List { engagement } => {
            let deviations = house.deviations(&engagement.parse()?)?;
            printer.result(&deviations, || listed(engagement, &deviations));
        }
        DeviationAct::Respond { engagement, deviation, text, effective_on } => {
            let author = house.acting(command.acting.person.as_deref())?;
            let engagement: EngagementId = engagement.parse()?;
            house.respond_to_deviation(&author, &engagement, deviation, text, *effective_on)?;
            let result = serde_json::json!({ "engagement": engagement, "deviation": deviation });
            printer.result(&result, || and_next(&house, &format!("Deviation {deviation} is answered.")));
        }
    }
    Ok(Exit::Done)
}

fn listed(engagement: &str, deviations: &[DeviationLine]) -> String {
    if deviations.is_empty() {
        return "The firm noted no deviation.".to_owned();
    }
    let unanswered = deviations.iter().filter(|line| line.response.is_none()).count() as u64;
    let mut text = format!(
        "{} noted by the firm; without a response: {unanswered}.\n",
        many(deviations.len() as u64, "deviation")
    );
    for line in deviations {
        text.push_str(&format!(
            "\n{} · {} · {} of {}\n",
            line.deviation, line.control, line.deviations, line.items_tested
        ));
        text.push_str(&wrap::hanging("  found: ", &line.finding));
        match (&line.response, &line.exception) {
            (Some(response), Some(exception)) => {
                text.push_str(&wrap::hanging(&format!("  response to {exception}: "), response));
            }
            (Some(response), None) => text.push_str(&wrap::hanging("  response: ", response)),
            (None, Some(exception)) => text.push_str(&wrap::hanging(
                "  no response yet: ",
                &format!("`tickmark exception respond {exception} --text TEXT`"),
            )),
            (None, None) => text.push_str(&wrap::hanging(
                "  no response yet: ",
                &format!("`tickmark deviation respond {engagement} {} --text TEXT`", line.deviation),
            )),
        }
    }
    text.trim_end().to_owned()
}

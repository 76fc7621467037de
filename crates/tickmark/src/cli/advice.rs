//! `tickmark advice …`: advice that was accepted and kept, what was decided of it, and what it would be today.

use clap::{Args, Subcommand};
use tickmark_app::{KeptAdvice, KeptAdviceLine, advisor::Question};

use super::{Outcome, arguments::Folder, exit::Exit, outside, print::Printer, table::Table, wrap};

#[derive(Debug, Args)]
pub struct Advice {
    #[command(flatten)]
    pub folder: Folder,
    #[command(subcommand)]
    pub act: AdviceAct,
}

/// What to show of advice that was kept.
#[derive(Debug, Subcommand)]
pub enum AdviceAct {
    /// List the advice that was accepted; the newest stands last.
    List,
    /// Show an advice: answers, what was advised and decided, reasons of departures, and what is otherwise today.
    Show {
        /// Its number in the list; the newest by default.
        number: Option<usize>,
    },
}

pub fn run(command: &Advice, printer: &Printer) -> Outcome {
    let (_, house) = outside::house(&command.folder)?;
    match &command.act {
        AdviceAct::List => {
            let kept = house.kept_advice();
            printer.result(&kept, || list(&kept));
        }
        AdviceAct::Show { number } => {
            let kept = house.kept_advice_of(*number)?;
            printer.result(&kept, || text(&kept));
        }
    }
    Ok(Exit::Done)
}

fn list(kept: &[KeptAdviceLine]) -> String {
    if kept.is_empty() {
        return "No advice was accepted yet: `tickmark advise` gives it, `--accept` keeps it.".to_owned();
    }
    let mut table = Table::new(&["#no", "given on", "SOC 1", "SOC 2", "engagements", "#departures", "#entry"]);
    for line in kept {
        table.row([
            line.number.to_string(),
            line.given_on.to_string(),
            line.soc1.to_string(),
            line.soc2.to_string(),
            if line.engagements.is_empty() { "none new".to_owned() } else { line.engagements.join(", ") },
            line.departures.to_string(),
            line.entry.to_string(),
        ]);
    }
    table.text()
}

fn text(kept: &KeptAdvice) -> String {
    let line = &kept.line;
    let mut text = format!("Advice {} of {}, kept as entry {}\n\n", line.number, line.given_on, line.entry);
    for sentence in kept.sentences() {
        text.push_str(&wrap::hanging("", sentence));
    }
    text.push_str("\nAdvised\n");
    let mut table = Table::new(&["about", "says"]);
    for (about, says) in kept.concluded() {
        table.row([about, says]);
    }
    text.push_str(&table.prose());
    text.push_str("\nAnswers\n");
    let mut table = Table::new(&["question", "answer"]);
    for question in Question::all().filter(|question| question.is_answered(&kept.profile)) {
        table.row([format!("{question} {}", question.key()), question.answer_in(&kept.profile)]);
    }
    text.push_str(&table.prose());
    let opened = if line.engagements.is_empty() { "no engagement".to_owned() } else { line.engagements.join(", ") };
    text.push_str(&format!("\nDecided\n{}", wrap::hanging("opened: ", &opened)));
    for departed in &kept.departed {
        text.push_str(&wrap::hanging(
            "-  ",
            &format!("{} is otherwise than advised: {}", departed.of, departed.because),
        ));
    }
    text.push_str("\nThe same answers today\n");
    if kept.again.is_empty() {
        text.push_str("The same is advised.\n");
    } else {
        let mut table = Table::new(&["about", "then", "today"]);
        for line in &kept.again {
            table.row([line.about.clone(), line.then.clone(), line.today.clone()]);
        }
        text.push_str(&table.prose());
    }
    if !kept.changes.is_empty() {
        text.push_str("\nWhat it did not know yet\n");
        for change in &kept.changes {
            text.push_str(&wrap::hanging("-  ", &change.to_string()));
        }
        text.push_str(&wrap::hanging("", "Ask again with answers that tell of it: `tickmark advise --profile FILE`"));
    }
    text
}

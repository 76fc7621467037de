//! `tickmark apply`: show how a folder differs from the ledger, and record it.

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;
use tickmark_app::{Applied, ApplyRequest, Change, ChangeKind};

use super::{
    Outcome,
    arguments::{Acting, Folder},
    control::findings_text,
    exit::Exit,
    next::and_next,
    outside,
    print::Printer,
    wrap::hanging,
};

/// What a folder says otherwise becomes facts, all of it or nothing (compliance lead).
#[derive(Debug, Args)]
pub struct Apply {
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub acting: Acting,
    /// The folder; `tickmark export` writes one.
    pub program: PathBuf,
    /// Only show the difference; the rules are asked all the same.
    #[arg(long)]
    pub dry_run: bool,
    /// The folder adds to what is there; of what is not in it, it says nothing.
    #[arg(long)]
    pub partial: bool,
    /// From which day changes are so, where the files do not say it.
    #[arg(long, value_name = "DATE")]
    pub effective: Option<Date>,
    /// Why things change, where the files do not say it.
    #[arg(long)]
    pub reason: Option<String>,
}

pub fn run(command: &Apply, printer: &Printer) -> Outcome {
    let (_, mut house) = outside::house(&command.folder)?;
    let author = house.acting(command.acting.person.as_deref())?;
    let request = ApplyRequest {
        dir: command.program.clone(),
        effective_on: command.effective,
        reason: command.reason.clone(),
        dry_run: command.dry_run,
        partial: command.partial,
    };
    let applied = house.apply(&author, &request)?;
    printer.result(&applied, || {
        let text = text(&applied);
        if command.dry_run { text } else { and_next(&house, &text) }
    });
    Ok(Exit::Done)
}

fn text(applied: &Applied) -> String {
    if applied.changes.is_empty() {
        return "The ledger says the same: nothing to record.".to_owned();
    }
    let mut text: String = applied.changes.iter().map(shown).collect();
    for worded in &applied.warnings {
        text.push_str(&format!("! {} {}: a reader could not test\n{}", worded.kind, worded.id, findings_text(worded)));
    }
    let changes = match applied.changes.len() {
        1 => "1 change".to_owned(),
        many => format!("{many} changes"),
    };
    text.push_str(&match applied.entry {
        Some(entry) => format!("\n{changes} recorded from entry {entry} on."),
        None => format!("\n{changes}; nothing was recorded."),
    });
    text
}

/// A change: what it is about, then each field with what it said and says.
fn shown(change: &Change) -> String {
    let mark = match change.what {
        ChangeKind::Added => "+",
        ChangeKind::Changed => "~",
        ChangeKind::Ended => "-",
        ChangeKind::BegunAgain => "^",
    };
    let since = change.effective_on.map(|on| format!(" from {on}")).unwrap_or_default();
    let why = change.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let mut text = format!("{mark} {} {}{since}{why}\n", change.kind.name(), change.id);
    if change.what == ChangeKind::Added {
        let name = change.fields.iter().find(|field| matches!(&*field.field, "title" | "name" | "statement"));
        if let Some(name) = name.and_then(|field| field.after.as_ref()) {
            text.push_str(&format!("    {}\n", name.lines().next().unwrap_or_default()));
        }
        return text;
    }
    for field in &change.fields {
        text.push_str(&format!("    {}\n", field.field));
        for (mark, said) in [("-", &field.before), ("+", &field.after)] {
            if let Some(said) = said {
                text.push_str(&hanging(&format!("      {mark} "), said));
            }
        }
    }
    text
}

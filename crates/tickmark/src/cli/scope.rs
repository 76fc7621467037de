//! `tickmark scope …`: what is in scope, and what the firm says of it.

use clap::{Args, Subcommand};
use tickmark_app::{CommentLine, SCOPE_EXAMPLE, ScopeLine};

use super::{
    Outcome,
    arguments::{Acting, Folder},
    example,
    exit::Exit,
    outside,
    print::Printer,
    table::Table,
    wrap::hanging,
};

#[derive(Debug, Args)]
pub struct Scope {
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub acting: Acting,
    #[command(subcommand)]
    pub act: ScopeAct,
}

/// What to do about the scope. It is written in a file, `scope.toml`, and recorded with `tickmark apply`.
#[derive(Debug, Subcommand)]
pub enum ScopeAct {
    /// List what is in scope.
    List {
        /// Only this kind, such as `service` or `user entity`.
        #[arg(long)]
        kind: Option<String>,
    },
    /// Print a filled `scope.toml`.
    Example,
    /// Comment on the scope of an engagement (people of the appointed firm).
    Comment {
        /// The engagement.
        engagement: String,
        /// The item that it is about; the scope as a whole by default.
        #[arg(long)]
        item: Option<String>,
        /// What the firm says.
        #[arg(long)]
        text: String,
    },
    /// Answer a comment of the firm (compliance lead).
    Answer {
        /// The engagement.
        engagement: String,
        /// Number of the comment.
        number: u32,
        /// What management says.
        #[arg(long)]
        text: String,
    },
    /// List the firm's comments with management's answers.
    Comments {
        /// Only this engagement's.
        engagement: Option<String>,
    },
}

pub fn run(command: &Scope, printer: &Printer) -> Outcome {
    if matches!(command.act, ScopeAct::Example) {
        command.folder.require_present()?;
        return example::print(SCOPE_EXAMPLE, printer);
    }
    let (_, mut house) = outside::house(&command.folder)?;
    match &command.act {
        ScopeAct::Example => {}
        ScopeAct::List { kind } => {
            let mut lines = house.scope()?;
            lines.retain(|line| kind.as_ref().is_none_or(|kind| kind.replace('-', " ") == line.kind));
            printer.result(&lines, || listed(&lines));
        }
        ScopeAct::Comment { engagement, item, text } => {
            let author = house.acting(command.acting.person.as_deref())?;
            house.comment_on_scope(&author, engagement.parse()?, item.as_deref(), text)?;
            let comments = house.scope_comments(Some(&engagement.parse()?))?;
            printer.result(&comments, || said(&comments));
        }
        ScopeAct::Answer { engagement, number, text } => {
            let author = house.acting(command.acting.person.as_deref())?;
            house.answer_scope_comment(&author, engagement.parse()?, *number, text)?;
            let comments = house.scope_comments(Some(&engagement.parse()?))?;
            printer.result(&comments, || said(&comments));
        }
        ScopeAct::Comments { engagement } => {
            let engagement = engagement.as_deref().map(str::parse).transpose()?;
            let comments = house.scope_comments(engagement.as_ref())?;
            printer.result(&comments, || said(&comments));
        }
    }
    Ok(Exit::Done)
}

fn listed(lines: &[ScopeLine]) -> String {
    if lines.is_empty() {
        return "Nothing is in scope yet: write `scope.toml` (`tickmark scope example` shows one), then `tickmark apply DIR`."
            .to_owned();
    }
    let mut table = Table::new(&["kind", "item", "name", "since", "until", "#versions", "#entry"]);
    for line in lines {
        table.row([
            line.kind.to_owned(),
            line.id.clone(),
            line.name.clone(),
            line.effective_on.to_string(),
            line.retired_on.map(|on| on.to_string()).unwrap_or_default(),
            line.versions.to_string(),
            line.entry.to_string(),
        ]);
    }
    table.text()
}

fn said(comments: &[CommentLine]) -> String {
    if comments.is_empty() {
        return "The firm made no comment.".to_owned();
    }
    let mut text = String::new();
    for comment in comments {
        let about = comment.item.as_ref().map(|item| format!(" on {item}")).unwrap_or_default();
        let when = if comment.before_the_period { ", before the period" } else { "" };
        text.push_str(&format!("{} {}{about}, by {}{when}\n", comment.engagement, comment.number, comment.by));
        text.push_str(&hanging("  ", &comment.comment));
        for answer in &comment.answers {
            text.push_str(&hanging("  Management: ", answer));
        }
        if comment.answers.is_empty() {
            text.push_str("  Not answered.\n");
        }
    }
    text
}

//! `tickmark lint`: every rule over an engagement's facts, wording and documents; overruling what only warns.

use std::fmt::Write;

use clap::{Args, builder::NonEmptyStringValueParser};
use tickmark_app::{EngagementId, LintFinding, LintRule, LintView, OverruledLine};

use super::{
    Outcome,
    arguments::{Acting, Folder},
    exit::Exit,
    next::next_text,
    outside,
    print::Printer,
    table::{grouped, many},
    wrap,
};

#[derive(Debug, Args)]
pub struct Lint {
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub acting: Acting,
    /// The engagement.
    pub engagement: String,
    /// Overrule the warnings of this rule, as they read now (compliance lead).
    #[arg(long, value_name = "RULE", requires = "because")]
    pub overrule: Option<String>,
    /// Only the warning at this place, as it is printed.
    #[arg(long, requires = "overrule")]
    pub place: Option<String>,
    /// Why it stays as it is.
    #[arg(long, value_name = "REASON", requires = "overrule", value_parser = NonEmptyStringValueParser::new())]
    pub because: Option<String>,
}

/// Exit code 5 while there are errors: documents that a firm signed cannot be issued then.
pub fn run(command: &Lint, printer: &Printer) -> Outcome {
    let (_, mut house) = outside::house(&command.folder)?;
    let engagement: EngagementId = command.engagement.parse()?;
    if let (Some(rule), Some(because)) = (&command.overrule, &command.because) {
        let author = house.acting(command.acting.person.as_deref())?;
        let overruled = house.overrule(&author, &engagement, rule, command.place.as_deref(), because)?;
        printer.result(&overruled, || overruled_text(&overruled));
        return Ok(Exit::Done);
    }
    let view = house.lint(&engagement)?;
    printer.result(&view, || text(&view));
    Ok(if view.errors.is_empty() { Exit::Done } else { Exit::Incomplete })
}

fn overruled_text(overruled: &[LintFinding]) -> String {
    let mut text = format!("overruled: {}, as they read now\n", many(overruled.len() as u64, "warning"));
    for finding in overruled {
        text.push_str(&wrap::hanging("  - ", &format!("{} {}: {}", finding.rule, finding.place, finding.says)));
    }
    text
}

fn text(view: &LintView) -> String {
    let mut text = format!("{} ({}) at ledger size {}\n", view.engagement, view.report, grouped(view.ledger_size));
    let _ = writeln!(
        text,
        "{}, {}, {} overruled, {} for a person",
        many(view.errors.len() as u64, "error"),
        many(view.warnings.len() as u64, "warning"),
        view.overruled.len(),
        many(view.for_a_person.len() as u64, "question")
    );
    text.push_str(&findings("Errors: documents that the firm signed cannot be issued so", &view.errors));
    text.push_str(&findings("Warnings: correct them, or overrule them with a reason", &view.warnings));
    text.push_str(&overruled(view));
    text.push_str(&questions(&view.for_a_person));
    if let Some(next) = &view.next {
        let _ = write!(text, "\n{}", next_text(next));
    }
    text
}

/// Findings by rule; those that say the same of several places stand together.
fn findings(title: &str, all: &[LintFinding]) -> String {
    if all.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{title}\n");
    let mut rule = None;
    for alike in all.chunk_by(|a, b| (a.rule, &a.says, &a.act) == (b.rule, &b.says, &b.act)) {
        let Some(finding) = alike.first() else { continue };
        if rule != Some(finding.rule) {
            rule = Some(finding.rule);
            let asks = LintRule::by_id(finding.rule).map_or("", |rule| rule.asks);
            let _ = write!(text, "\n{}", wrap::hanging(&format!("{}  ", finding.rule), asks));
        }
        let places: Vec<&str> = alike.iter().map(|finding| finding.place.as_str()).collect();
        text.push_str(&wrap::hanging("  - ", &format!("{}: {}", places.join(", "), finding.says)));
        text.push_str(&wrap::hanging("    → ", &finding.act));
    }
    text
}

fn overruled(view: &LintView) -> String {
    let mut text = String::new();
    if !view.overruled.is_empty() {
        text.push_str("\nOverruled: they stand in each package with their reason\n\n");
    }
    for OverruledLine { finding, reason, by, on, entry } in &view.overruled {
        text.push_str(&wrap::hanging("  - ", &format!("{} {}: {}", finding.rule, finding.place, finding.says)));
        text.push_str(&wrap::hanging("    ", &format!("{by} on {on} (entry {entry}): {reason}")));
    }
    if view.lapsed > 0 {
        let _ =
            writeln!(text, "\n{} is of a finding that is gone or reads otherwise now.", counted_lapsed(view.lapsed));
    }
    text
}

fn questions(rules: &[&LintRule]) -> String {
    if rules.is_empty() {
        return String::new();
    }
    let mut text = "\nFor a person: no rule answers these\n\n".to_owned();
    for rule in rules {
        text.push_str(&wrap::hanging(&format!("{}  ", rule.id), rule.asks));
    }
    text
}

fn counted_lapsed(count: u64) -> String {
    if count == 1 { "1 overruling".to_owned() } else { format!("Each of {count} overrulings") }
}

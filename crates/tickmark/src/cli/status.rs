//! `tickmark status`: where every engagement stands.

use std::fmt::Write;

use tickmark_app::{Score, Status};

use super::{
    Outcome, arguments,
    exit::Exit,
    outside,
    print::Printer,
    table::{Table, grouped},
};

pub fn run(command: &arguments::Status, printer: &Printer) -> Outcome {
    let (_, house) = outside::house(&command.folder)?;
    let status = house.status(command.at.size(&house)?)?;
    printer.result(&status, || text(&status));
    Ok(Exit::Done)
}

fn text(status: &Status) -> String {
    let mut text = format!("{} at ledger size {}\n", status.organization, grouped(status.ledger_size));
    let _ = writeln!(text, "{}\n", status.anchoring);
    for engagement in &status.engagements {
        let _ = writeln!(
            text,
            "{} ({}), {} to {}: {} controls in scope",
            engagement.engagement, engagement.report, engagement.span.first, engagement.span.last, engagement.controls
        );
        let mut table = Table::new(&["score", "#holds", "#does not", "#not assessed", "#of"]);
        for (name, score) in &engagement.scores {
            table.row(score_row(name, score));
        }
        text.push_str(&table.text());
        let results: Vec<String> =
            engagement.results.iter().map(|(outcome, count)| format!("{count} {outcome}")).collect();
        let _ = writeln!(text, "control tests: {}", results.join(", "));
        let exceptions: Vec<String> =
            engagement.exceptions.iter().map(|(state, count)| format!("{count} {state}")).collect();
        let _ = writeln!(
            text,
            "exceptions: {}",
            if exceptions.is_empty() { "none".to_owned() } else { exceptions.join(", ") }
        );
        if engagement.management_tests > 0 {
            let _ = writeln!(text, "management tests: {}", engagement.management_tests);
        }
        let conclusions: Vec<String> =
            engagement.conclusions.iter().map(|(status, count)| format!("{count} {status}")).collect();
        if !conclusions.is_empty() {
            let _ = writeln!(text, "conclusions: {}", conclusions.join(", "));
        }
        if !engagement.stale_conclusions.is_empty() {
            let _ = writeln!(text, "conclusions that are STALE: {}", engagement.stale_conclusions.join(", "));
        }
        let _ = writeln!(
            text,
            "firm: {} tests of controls recorded; report {}\n",
            engagement.firm_tests, engagement.auditors_report
        );
    }
    if let Some(next) = &status.next {
        let _ = writeln!(text, "Next: {}\n  tickmark {}", next.says, next.command);
    }
    text
}

fn score_row(name: &str, score: &Score) -> [String; 5] {
    [
        name.to_owned(),
        score.holds.to_string(),
        score.does_not.to_string(),
        score.untested.to_string(),
        score.denominator().to_string(),
    ]
}

//! `tickmark status`: where every engagement stands.

use std::fmt::Write;

use tickmark_app::{At, House, ScheduleStatus, Score, Status, counted};

use super::{
    Outcome, arguments,
    exit::Exit,
    next::next_text,
    outside,
    print::Printer,
    run::{flips_text, missed_text},
    table::{Table, grouped, many},
};

pub fn run(command: &arguments::Status, printer: &Printer) -> Outcome {
    let (_, house) = outside::house(&command.folder)?;
    if command.flips {
        return flips(&house, command, printer);
    }
    let status = house.status()?;
    printer.result(&status, || text(&status));
    Ok(Exit::Done)
}

fn flips(house: &House, command: &arguments::Status, printer: &Printer) -> Outcome {
    let since = command.since.unwrap_or(At::Size(0));
    let flips = house.flips(house.size_at(&since)?);
    printer.result(&flips, || match flips.as_slice() {
        [] => "No control test ended otherwise than before.".to_owned(),
        flips => flips_text(flips),
    });
    Ok(Exit::Done)
}

/// What the schedule has to say; nothing while it is kept and every control test is proven.
fn schedule(schedule: &ScheduleStatus) -> String {
    let mut text = String::new();
    if let Some(since) = schedule.due.tests.iter().map(|test| test.since).min() {
        let tests = many(schedule.due.tests.len() as u64, "control test");
        let _ = writeln!(text, "due: {tests} since {since}; `tickmark run --due` runs what is due");
    }
    text.push_str(&missed_text(&schedule.missed));
    for stale in &schedule.stale {
        let _ = writeln!(
            text,
            "stale: {} rests on {} of {}, too old since {}",
            stale.test, stale.dataset, stale.newest_on, stale.stale_since
        );
    }
    for test in &schedule.unproven {
        let _ = writeln!(text, "unproven: {test} ended before its canaries were caught");
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

fn text(status: &Status) -> String {
    let mut text = format!("{} at ledger size {}\n", status.organization, grouped(status.ledger_size));
    let _ = writeln!(text, "{}\n", status.anchoring);
    if let Some(back) = status.clock_set_back {
        let entries = counted(back.entries, "entry", "entries");
        let _ = writeln!(
            text,
            "clock: set back. {entries} ({} to {}) with a time before that of an entry before; they count as recorded at that one's\n",
            back.first_entry, back.last_entry
        );
    }
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
        for change in &engagement.retroactive {
            let _ = writeln!(text, "retroactive: {change}");
        }
        if let Some(closing) = &engagement.closing {
            let _ = writeln!(text, "closing: {closing}");
        }
        let _ = writeln!(
            text,
            "firm: {} tests of controls recorded; report {}\n",
            engagement.firm_tests, engagement.auditors_report
        );
    }
    text.push_str(&schedule(&status.schedule));
    if let Some(next) = &status.next {
        let _ = writeln!(text, "{}", next_text(next));
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

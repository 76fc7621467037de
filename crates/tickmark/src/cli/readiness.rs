//! `tickmark readiness`: where an engagement stands, what is lacking and in which order to close it.

use std::{fmt::Write, path::PathBuf};

use clap::Args;
use tickmark_app::{EngagementReadiness, GapKind, ReadinessView, Score, Severity, besides};

use super::{
    Outcome,
    arguments::Folder,
    coverage::cut,
    exit::Exit,
    next::{next_text, since_advice_text},
    outside,
    print::Printer,
    table::{Table, grouped},
    wrap,
};

#[derive(Debug, Args)]
pub struct Readiness {
    #[command(flatten)]
    pub folder: Folder,
    /// The engagement; by default all that no other follows on.
    #[arg(value_name = "ENGAGEMENT")]
    pub one: Option<String>,
    /// Only these engagements, as sister commands name them.
    #[arg(long, value_delimiter = ',', value_name = "ENGAGEMENT,…", conflicts_with = "one")]
    pub engagement: Vec<String>,
    /// Also write gaps, scores and what each type lacks to a workbook.
    #[arg(long, value_name = "FILE.xlsx")]
    pub xlsx: Option<PathBuf>,
    /// How many gaps to print of each engagement; JSON and the workbook have all.
    #[arg(long, default_value_t = 15)]
    pub limit: usize,
}

pub fn run(command: &Readiness, printer: &Printer) -> Outcome {
    let (_, house) = outside::house(&command.folder)?;
    let engagements: Vec<String> = command.one.iter().chain(&command.engagement).cloned().collect();
    let view = house.readiness(&engagements)?;
    if let Some(file) = &command.xlsx {
        outside::write(file, &house.readiness_workbook(&view)?)?;
    }
    printer.result(&view, || text(&view, command.limit));
    Ok(Exit::Done)
}

fn text(view: &ReadinessView, limit: usize) -> String {
    let mut text = format!(
        "{} at ledger size {}\nInternal readiness: what is lacking before a firm comes. No opinion and no assurance.\n",
        view.organization,
        grouped(view.ledger_size)
    );
    for engagement in &view.engagements {
        text.push_str(&of_engagement(engagement, limit));
    }
    if let Some(since) = &view.since_advice {
        let _ = write!(text, "\n{}", since_advice_text(since));
    }
    if let Some(next) = &view.next {
        let _ = writeln!(text, "\nThere is no engagement yet.\n{}", next_text(next));
    }
    text
}

fn of_engagement(of: &EngagementReadiness, limit: usize) -> String {
    let readiness = &of.readiness;
    let span = readiness.report_type.span();
    let mut text = format!("\n{} ({}), {} to {}\n", readiness.engagement, of.report, span.first, span.last);
    let mut scores = Table::new(&["score", "#holds", "#does not", "#not assessed", "#of"]);
    for (name, score) in readiness.scores.named() {
        scores.row([
            name.to_owned(),
            score.holds.to_string(),
            score.does_not.to_string(),
            score.untested.to_string(),
            score.denominator().to_string(),
        ]);
    }
    text.push_str(&scores.text());
    let mut measures = Table::new(&[
        "",
        "title",
        "#controls",
        "#design",
        "#implementation",
        "#operation",
        "#evidence quality",
        "#gaps",
    ]);
    for (measure, stands) in &readiness.measures {
        let [design, implementation, operation, evidence] = stands.scores.named().map(|(_, score)| held(score));
        measures.row([
            measure.to_string(),
            cut(of.titles.get(measure.as_str()).map_or("", String::as_str)),
            stands.controls.to_string(),
            design,
            implementation,
            operation,
            evidence,
            stands.gaps.to_string(),
        ]);
    }
    let _ = writeln!(text, "\n{}holds / of; after `?`, how many nobody has looked at", measures.text());
    text.push_str(&gaps(of, limit));
    text.push_str(&types(of));
    let _ = writeln!(text, "\nEarliest start\n{}", wrap::hanging("  ", &of.start_in_words()).trim_end());
    text
}

fn held(score: Score) -> String {
    let untested = if score.untested == 0 { String::new() } else { format!(" ?{}", score.untested) };
    format!("{}/{}{untested}", score.holds, score.denominator())
}

fn gaps(of: &EngagementReadiness, limit: usize) -> String {
    let all = &of.readiness.gaps;
    if all.is_empty() {
        return "\nGaps: none found in what is recorded.\n".to_owned();
    }
    let mut kinds = Table::new(&["gaps", "#high", "#medium", "#low", "#all"]);
    for kind in GapKind::ALL {
        let count = |severity: Option<Severity>| {
            let of_kind = all.iter().filter(|gap| gap.kind == kind);
            of_kind.filter(|gap| severity.is_none_or(|severity| gap.severity == severity)).count().to_string()
        };
        let by_severity = [Severity::High, Severity::Medium, Severity::Low].map(|severity| count(Some(severity)));
        let [high, medium, low] = by_severity;
        kinds.row([kind.to_string(), high, medium, low, count(None)]);
    }
    let mut text = format!("\n{}\nIn the order in which to close them: by severity, then by effort\n", kinds.text());
    for (rank, gap) in (1..).zip(all).take(limit) {
        let measures: Vec<String> = gap.measures.iter().map(ToString::to_string).collect();
        let measures = measures.join(" ");
        let about = gap.control.as_ref().map_or(measures.clone(), |control| format!("{control} ({measures})"));
        let head = format!("{}, {}, {} effort: {about}", gap.severity, gap.kind, gap.effort);
        text.push_str(&wrap::hanging(&format!("{rank:>4}  "), &head));
        text.push_str(&wrap::hanging("      ", &format!("{} ({})", gap.found, gap.because)));
        text.push_str(&wrap::hanging("      → ", &gap.next));
    }
    if all.len() > limit {
        let _ =
            writeln!(text, "      … and {} more: `--limit {}`, or `--xlsx FILE.xlsx`", all.len() - limit, all.len());
    }
    text
}

fn types(of: &EngagementReadiness) -> String {
    let readiness = &of.readiness;
    let mut text = String::new();
    let told = |lacking: Vec<&str>, warnings: &[String], none: &str| {
        let mut told = if lacking.is_empty() { format!("  {none}\n") } else { String::new() };
        for line in lacking {
            told.push_str(&wrap::hanging("  - ", line));
        }
        for warning in warnings {
            told.push_str(&wrap::hanging("  ! ", warning));
        }
        told
    };
    let ready = |is_ready: bool| if is_ready { "ready" } else { "not ready" };
    let type1 = &readiness.type1;
    let lacking: Vec<&str> = type1.lacking.iter().map(String::as_str).collect();
    let _ = write!(
        text,
        "\nType 1: {}\n{}",
        ready(type1.is_ready()),
        told(lacking, &type1.warnings, "Nothing that is recorded here lacks.")
    );
    if let Some(type2) = &readiness.type2 {
        let none = if type2.is_ready() {
            "Nothing that is recorded here lacks."
        } else {
            "Nothing besides what a Type 1 lacks."
        };
        let _ = write!(
            text,
            "\nType 2, besides: {}\n{}",
            ready(type2.is_ready()),
            told(besides(type2, type1), &type2.warnings, none)
        );
    }
    text
}

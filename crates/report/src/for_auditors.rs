//! Two texts for whoever relies on a package: `for-auditors.md`, what a firm must test before it relies on what this
//! software put out, and `how-to-check.md`, one page on checking the package. Both are functions of the views beside them.
//!
//! Invariant: neither says that anything was tested by the firm, and neither proposes what to conclude.

use std::collections::BTreeMap;

use crate::{
    counted,
    view::{
        ControlTesting, EngagementView, ManagementTestingView, Outcome, OverruledFinding, Provenance, ReportKind,
        ReportType, ReportView, SourceView,
    },
};

const FOR_AUDITORS: &str = include_str!("../templates/for-auditors.md");
const FOR_AUDITORS_WITHOUT_TESTS: &str = include_str!("../templates/for-auditors-without-tests.md");
const HOW_TO_CHECK: &str = include_str!("../templates/how-to-check.md");

/// What a firm must test to rely on the output as information produced by the entity: for this engagement's sources and
/// control tests, by name and digest.
pub fn for_auditors(view: &ManagementTestingView) -> String {
    let sources: Vec<String> = view.sources.iter().map(source_row).collect();
    let mut tests: BTreeMap<&str, (&ControlTesting, Vec<&str>)> = BTreeMap::new();
    for control in &view.controls {
        for test in &control.tests {
            tests.entry(test.id.as_str()).or_insert((test, Vec::new())).1.push(&control.id);
        }
    }
    let tests: Vec<String> = tests.values().map(|(test, controls)| test_row(test, controls)).collect();
    filled(
        FOR_AUDITORS,
        &view.engagement,
        &view.provenance,
        &[("sources", sources.join("\n")), ("tests", tests.join("\n"))],
    )
}

/// The same of a package whose documents state no test: that of a Type 1 or of a SOC 3.
pub fn for_auditors_without_tests(view: &ReportView) -> String {
    let states = match view.engagement.report {
        ReportKind::Soc3 => {
            "A SOC 3: management's assertion with the system's boundary and its principal commitments. It names no control. It rests on an \
             examination of the whole system by the same criteria; what the firm tests for that, it tests for a SOC 2 too."
        }
        ReportKind::Soc1 | ReportKind::Soc2 => {
            "A Type 1: management's assertion, the description of the system and the controls as designed and in place on one day. What \
             shows a control in place (a document, a walkthrough, a run of a control test) is named in the ledger by its digest; the \
             firm looks at the thing itself. Nothing here says how a control operated."
        }
    };
    let parameters = match view.engagement.report_type {
        ReportType::Type1 => {
            "The one parameter is the as-of date on the cover: lists, wording and owners are those in force on that day. A version that \
             was recorded later with an earlier date is told as known since then."
        }
        ReportType::Type2 => {
            "The one parameter is the period on the cover: lists and wording are those in force in it, and what changed within it is told \
             with its days."
        }
    };
    let own = [("states", states.to_owned()), ("parameters", parameters.to_owned())];
    filled(FOR_AUDITORS_WITHOUT_TESTS, &view.engagement, &view.provenance, &own)
}

/// One page on how anybody checks a package; what management overruled of a lint's warnings stands at its end.
pub fn how_to_check(engagement: &EngagementView, provenance: &Provenance, overruled: &[OverruledFinding]) -> String {
    let mut text = filled(HOW_TO_CHECK, engagement, provenance, &[]);
    if !overruled.is_empty() {
        text.push_str(OVERRULED);
        text.extend(overruled.iter().map(|of| {
            let OverruledFinding { rule, place, says, reason, by, on, entry } = of;
            let [rule, place, says, reason, by] = [rule, place, says, reason, by].map(|cell| line(cell));
            format!("| {rule} | {place} | {says} | {reason} | {by} | {on} | {entry} |\n")
        }));
    }
    text
}

/// The heading over what was overruled.
const OVERRULED: &str = "
## Warnings that management overruled

A lint reads these documents before they are issued (`docs/lint.md`). Its errors cannot be overruled; these warnings were, as they
read then.

| rule | place | finding | reason | by | on | entry |
|---|---|---|---|---|---|---|
";

/// A template with each name in braces replaced once; what stands in the values is not looked at again.
fn filled(template: &str, engagement: &EngagementView, provenance: &Provenance, own: &[(&str, String)]) -> String {
    let mut values = BTreeMap::from([
        ("organization", line(&engagement.organization.name)),
        ("engagement", line(&engagement.id)),
        ("prepared_on", engagement.prepared_on.to_string()),
        ("entries", counted(provenance.ledger_size, "", "").trim().to_owned()),
        ("ledger", provenance.origin.replace('`', "'")),
    ]);
    values.extend(own.iter().map(|(name, value)| (*name, value.clone())));
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        match after.split_once('}').and_then(|(name, after)| Some((values.get(name)?, after))) {
            Some((value, after)) => {
                text.push_str(value);
                rest = after;
            }
            None => {
                text.push('{');
                rest = after;
            }
        }
    }
    text + rest
}

fn test_row(test: &ControlTesting, controls: &[&str]) -> String {
    let none = || "–".to_owned();
    let (outcome, population, exceptions) = match &test.outcome {
        Outcome::NoExceptions { population } => ("no exceptions", population.figure.shown(), "0".to_owned()),
        Outcome::Exceptions { population, exceptions } => {
            ("exceptions", population.figure.shown(), exceptions.figure.shown())
        }
        Outcome::NoOccurrence { population } => ("no occurrence", population.figure.shown(), none()),
        Outcome::NotEvaluable { .. } => ("not evaluable", none(), none()),
        Outcome::Error { .. } => ("error", none(), none()),
    };
    format!(
        "| {} | {} | {} | {outcome} | {population} | {exceptions} | {} | {} | {} |",
        line(&test.id),
        line(&controls.join(", ")),
        line(&test.datasets.join(", ")),
        test.canaries.figure.shown(),
        test.sql,
        test.entry.map_or_else(none, |entry| entry.to_string()),
    )
}

fn source_row(source: &SourceView) -> String {
    let shown = |figure: Option<&crate::Figure>| figure.map_or("none".to_owned(), |figure| figure.figure.shown());
    if source.extracts.as_count() == Some(0) {
        let (dataset, record) = (line(&source.dataset), line(source.completeness()));
        return format!("| {dataset} | – | – | 0 | – | – | {record} | – |");
    }
    format!(
        "| {} | {}, {} | {} to {} | {} | {} | {} | {} | {} |",
        line(&source.dataset),
        line(&source.system),
        line(&source.method),
        source.first,
        source.last,
        source.extracts.figure.shown(),
        shown(source.rows.as_ref()),
        shown(source.source_count.as_ref()),
        line(source.completeness()),
        source.manifest,
    )
}

/// A name within a line of Markdown: nothing in it ends the cell or begins a mark.
pub(crate) fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '|' | '\\' | '`' | '*' | '[' | ']' | '<' | '>' => out.extend(['\\', character]),
            character if character.is_control() => out.push(' '),
            character => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_do_not_break_a_table() {
        assert_eq!(line("a|b\n<c> `d`"), "a\\|b \\<c\\> \\`d\\`");
    }
}

//! The cases of the wording lint: every row of `src/wording/cases.md` is given to it, and its findings must come out.

use std::collections::BTreeSet;

use tickmark_domain::{ControlWording, WordingFinding, WordingRule, lint_control, lint_cuec, lint_objective};

const CASES: &str = include_str!("../../src/wording/cases.md");

/// Rows under a heading: the line's number and its cells.
fn table(heading: &str, columns: usize) -> Vec<(usize, Vec<&'static str>)> {
    let lines = CASES.lines().enumerate().skip_while(|(_, line)| *line != format!("## {heading}")).skip(1);
    let rows = lines.take_while(|(_, line)| !line.starts_with("## ")).filter(|(_, line)| line.starts_with('|')).skip(2);
    let rows: Vec<_> =
        rows.map(|(at, line)| (at + 1, line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>())).collect();
    assert!(!rows.is_empty(), "no table under `{heading}`");
    for (line, cells) in &rows {
        assert_eq!(cells.len(), columns, "line {line}");
    }
    rows
}

fn told(findings: &[WordingFinding]) -> String {
    let one =
        |f: &WordingFinding| if f.words.is_empty() { f.rule.to_owned() } else { format!("{} `{}`", f.rule, f.words) };
    match findings {
        [] => "–".to_owned(),
        some => some.iter().map(one).collect::<Vec<_>>().join("; "),
    }
}

/// Compares row by row and tells all that differ at once.
fn compare(rows: impl Iterator<Item = (usize, Vec<WordingFinding>, &'static str)>) {
    let differ: Vec<String> = rows
        .filter(|(_, found, expected)| told(found) != *expected)
        .map(|(line, found, expected)| format!("line {line}: expected {expected}, found {}", told(&found)))
        .collect();
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

/// A cell: the usual value if it is empty, nothing if it is a dash.
fn cell(text: &'static str, usual: &'static str) -> Option<&'static str> {
    match text {
        "" => Some(usual),
        "–" => None,
        given => Some(given),
    }
}

#[test]
fn controls() {
    compare(table("Controls", 6).into_iter().map(|(line, cells)| {
        let [statement, frequency, evidence, owner, performed, expected] = cells[..] else { unreachable!() };
        assert!(["", "automated", "it-dependent"].contains(&performed), "line {line}: `{performed}`");
        let control = ControlWording {
            statement,
            frequency: cell(frequency, "quarterly"),
            evidence: cell(evidence, "Signed record").into_iter().collect(),
            owner_role: cell(owner, "it"),
            automated: performed == "automated",
            it_dependent: performed == "it-dependent",
            reports: Vec::new(),
        };
        (line, lint_control(&control), expected)
    }));
}

#[test]
fn objectives() {
    compare(table("Objectives", 2).into_iter().map(|(line, cells)| (line, lint_objective(cells[0]), cells[1])));
}

#[test]
fn complementary_user_entity_controls() {
    let rows = table("Complementary user entity controls", 2);
    compare(rows.into_iter().map(|(line, cells)| (line, lint_cuec(cells[0], false), cells[1])));
}

/// In a list of what user entities do, the imperative has its actor.
#[test]
fn a_listed_imperative_has_its_actor() {
    assert_eq!(lint_cuec("Approve payroll totals before each run", true), []);
    assert_eq!(told(&lint_cuec("Payroll totals", true)), "CUEC-01 `Payroll totals`");
}

/// A report that is recorded elsewhere is named.
#[test]
fn a_recorded_report_is_named() {
    let control = ControlWording {
        statement: "Operations balances invoices with usage before the bill run.",
        frequency: Some("per-event"),
        evidence: vec!["Signed record"],
        owner_role: Some("operations"),
        it_dependent: true,
        reports: vec!["Usage"],
        ..ControlWording::default()
    };
    assert_eq!(lint_control(&control), []);
}

/// Each rule has a row that breaks it.
#[test]
fn every_rule_has_a_case() {
    let broken: BTreeSet<&str> = WordingRule::ALL
        .iter()
        .map(|rule| rule.code())
        .filter(|code| {
            CASES
                .lines()
                .any(|line| line.starts_with('|') && line.rsplit('|').nth(1).is_some_and(|cell| cell.contains(code)))
        })
        .collect();
    assert_eq!(broken.len(), WordingRule::ALL.len());
}

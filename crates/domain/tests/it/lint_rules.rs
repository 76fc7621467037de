//! The rules of the lint: each once, each checked where it says, all of them in `docs/lint.md`. With `TICKMARK_BLESS=1` the test
//! writes the page's table.

use std::{collections::BTreeSet, fs, path::PathBuf};

use tickmark_domain::*;

fn repository() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The rules of the domain reference: a group, and how many it has.
const REFERENCE: &[(&str, u32)] =
    &[("AUD-", 17), ("ASR-", 9), ("S1D-", 14), ("OBJ-", 6), ("DC", 9), ("TST-", 11), ("RPT-", 14), ("DAT-", 10)];

#[test]
fn every_rule_of_the_domain_reference_stands_here_once() {
    let ids: BTreeSet<&str> = LintRule::ALL.iter().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), LintRule::ALL.len(), "a rule stands twice");
    for (group, count) in REFERENCE {
        let expected = (1..=*count).map(|number| match *group {
            "DC" => format!("DC{number}"),
            group => format!("{group}{number:02}"),
        });
        let missing: Vec<String> = expected.filter(|id| !ids.contains(id.as_str())).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}

#[test]
fn every_rule_is_checked_where_it_says() {
    for rule in LintRule::ALL {
        let file = fs::read_to_string(repository().join(rule.checked_in));
        let file = file.unwrap_or_else(|error| panic!("{}: {}: {error}", rule.id, rule.checked_in));
        assert!(file.contains(rule.id), "{} does not name {}", rule.checked_in, rule.id);
    }
}

#[test]
fn what_facts_and_wording_break_are_rules_that_say_how_bad_it_is() {
    for rule in ConsistencyRule::ALL {
        let of = LintRule::by_id(rule.code()).unwrap_or_else(|| panic!("{} is no rule of the lint", rule.code()));
        let fits = match of.weight {
            RuleWeight::Error => rule.is_error(),
            RuleWeight::Warning => !rule.is_error(),
            RuleWeight::ErrorOrWarning => true,
            RuleWeight::Refused | RuleWeight::BuiltIn | RuleWeight::Person => false,
        };
        assert!(fits, "{}: {:?}", of.id, of.weight);
    }
    for rule in WordingRule::ALL {
        assert!(LintRule::by_id(rule.code()).is_some_and(|of| of.weight.can_warn()), "{}", rule.code());
    }
}

#[test]
fn the_page_lists_every_rule() {
    let path = repository().join("docs/lint.md");
    let page = fs::read_to_string(&path).unwrap();
    let mut table =
        "| rule | breaking it | asked of | source | asks | checked in |\n|---|---|---|---|---|---|\n".to_owned();
    for LintRule { id, weight, asks, source, asked_of, checked_in } in LintRule::ALL {
        let (weight, asked_of) = (weight.label(), asked_of.label());
        table.push_str(&format!("| {id} | {weight} | {asked_of} | {source} | {asks} | `{checked_in}` |\n"));
    }
    let (before, rest) = page.split_once("| rule | breaking it |").unwrap();
    let (_, after) = rest.split_once("\n\n").unwrap();
    let expected = format!("{before}{table}\n{after}");
    if std::env::var_os("TICKMARK_BLESS").is_some() {
        fs::write(&path, &expected).unwrap();
        return;
    }
    assert!(page == expected, "docs/lint.md differs from the rules; TICKMARK_BLESS=1 writes its table");
}

//! The policies of this repository: every control stands in one, and each says what its controls say.

use std::collections::{BTreeMap, BTreeSet};

use tickmark_catalog::{Frequency, Policy};

use crate::tidy::catalog;

/// Controls that no policy needs to back, each with its reason. Today there is none.
const WITHOUT_POLICY: [(&str, &str); 0] = [];

/// How a duty begins: who carries it out.
const ACTORS: [&str; 76] = [
    "A ",
    "An accountant",
    "An automated test",
    "Architects and the security team",
    "Automated checks",
    "Automated tests",
    "Client implementation",
    "Coders",
    "Customer support",
    "Data owners",
    "Detection tools",
    "Engineering",
    "Engineers, operators",
    "Every employee and contractor",
    "Executive management",
    "Facilities",
    "Finance",
    "Human resources",
    "Internal audit",
    "Legal",
    "Managers",
    "Monitors",
    "Named operators",
    "Nobody",
    "One accountant",
    "Only operations leads",
    "Only {{pipeline}}",
    "Operations",
    "Owners of",
    "Procurement",
    "Reception",
    "Servers",
    "System owners",
    "Tax operations",
    "Testers",
    "The CFO",
    "The IT team",
    "The accountant",
    "The board secretary",
    "The change's owner",
    "The client",
    "The control owner",
    "The controller",
    "The customer",
    "The data owner",
    "The engineer",
    "The executive",
    "The finding's owner",
    "The head of",
    "The hiring executive",
    "The implementer",
    "The incident's owner",
    "The manager",
    "The on-call engineer",
    "The outgoing shift",
    "The owner",
    "The person who",
    "The plan sponsor",
    "The policy's owner",
    "The preparer",
    "The privacy office",
    "The product",
    "The project lead",
    "The quality team",
    "The risk team",
    "The security team",
    "The payroll specialist",
    "Payroll specialists",
    "The system",
    "The vendor's owner",
    "The {{oversight_body}}",
    "Tools",
    "Treasury",
    "Two finance managers",
    "Underwriting",
    "Operations management",
];

/// Words that bind a duty to an occasion or a limit of time.
const OCCASIONS: [&str; 21] = [
    "after",
    "before",
    "continuously",
    "daily",
    "day",
    "days",
    "each",
    "every",
    "hour",
    "never",
    "nightly",
    "nobody",
    "once",
    "only",
    "same",
    "twice",
    "unless",
    "until",
    "when",
    "whenever",
    "within",
];

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// The text as a reader with the example values sees it, on one line.
fn as_read(policy: &Policy) -> String {
    policy.fill(&policy.examples()).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What the policy requires, without the numbers of its items, and with the bounds of its variables.
fn as_required(policy: &Policy) -> String {
    let text = policy.fill(&policy.examples()).unwrap();
    let unnumbered = text.lines().map(|line| match line.split_once(". ") {
        Some((number, rest)) if number.bytes().all(|byte| byte.is_ascii_digit()) => rest,
        _ => line.trim(),
    });
    let bounds = policy.variables.values().flat_map(|variable| [variable.at_least, variable.at_most]).flatten();
    let bounds: Vec<String> = bounds.map(|bound| bound.to_string()).collect();
    format!("{} {}", unnumbered.collect::<Vec<_>>().join(" "), bounds.join("; "))
}

/// The numbers of a text, such as `20%` or `25,000.00`, each with its unit of time where one follows.
fn numbers(text: &str) -> Vec<(&str, &str)> {
    let units = ["minute", "hour", "day", "business day", "month", "year"];
    let words: Vec<&str> = text.split(' ').collect();
    let mut found = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let number = word.trim_matches(|c: char| !c.is_ascii_digit() && c != '%');
        if !number.starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        let next = |offset: usize| words.get(index + offset).copied().unwrap_or_default();
        let follows = format!("{} {}", next(1), next(2));
        let unit = units.into_iter().find(|unit| follows.starts_with(unit)).unwrap_or_default();
        found.push((number, unit));
    }
    found
}

#[test]
fn every_control_stands_in_a_policy() {
    let catalog = catalog();
    assert_eq!(catalog.policies.len(), 44);
    let without: Vec<&str> =
        catalog.controls.keys().filter(|id| catalog.policies_of_control(id).next().is_none()).map(|id| &**id).collect();
    let excluded: Vec<&str> = WITHOUT_POLICY.iter().map(|(id, _)| *id).collect();
    assert_eq!(without, excluded, "controls that no policy names under `satisfies`");
}

/// A control that changes its limit changes its policies with it.
#[test]
fn policies_say_the_limits_of_their_controls() {
    let often = [
        "once a year",
        "once a quarter",
        "twice a year",
        "once a month",
        "once a day",
        "each month",
        "each quarter",
        "each week",
        "each year",
        "each calendar year",
        "every business day",
        "every day",
        "every month",
        "nightly",
    ];
    let catalog = catalog();
    let mut lacking = Vec::new();
    for policy in catalog.policies.values() {
        let text = as_required(policy);
        let said = numbers(&text);
        for control in policy.satisfies.iter().map(|id| &catalog.controls[id]) {
            for (number, unit) in numbers(&control.statement) {
                // "Within 15 days, others within 30": a unit is said once.
                let agrees = |(n, u): &(&str, &str)| *n == number && (*u == unit || u.is_empty() || unit.is_empty());
                if !said.iter().any(agrees) {
                    lacking.push(format!("{}: {} says `{number} {unit}`", policy.id, control.id));
                }
            }
            for phrase in often.iter().filter(|phrase| control.statement.contains(**phrase)) {
                if !text.contains(phrase) {
                    lacking.push(format!("{}: {} says `{phrase}`", policy.id, control.id));
                }
            }
        }
        // Two controls with one limit: a policy that changed only one of them would still say the number.
        let of_controls = policy.satisfies.iter().flat_map(|id| numbers(&catalog.controls[id].statement));
        let mut needed: BTreeMap<&str, usize> = BTreeMap::new();
        for (number, _) in of_controls {
            *needed.entry(number).or_default() += 1;
        }
        for (number, count) in needed {
            let times = said.iter().filter(|(n, _)| *n == number).count();
            if times < count {
                lacking.push(format!("{}: says `{number}` {times} times, its controls {count}", policy.id));
            }
        }
    }
    assert!(lacking.is_empty(), "limits of controls that their policies lack:\n{}", lacking.join("\n"));
}

#[test]
fn every_requirement_names_an_actor_and_an_occasion() {
    let catalog = catalog();
    let mut lacking = Vec::new();
    for policy in catalog.policies.values() {
        for requirement in &policy.requirements {
            let duty = &requirement.duty;
            let place = format!("policies/{}.md, line {}: {duty}", policy.id, requirement.line);
            if !ACTORS.iter().any(|actor| duty.starts_with(actor)) {
                lacking.push(format!("no actor: {place}"));
            }
            let limited = duty.contains(|c: char| c.is_ascii_digit())
                || words(duty).any(|word| OCCASIONS.contains(&&*word.to_lowercase()));
            if !limited {
                lacking.push(format!("no occasion or limit: {place}"));
            }
        }
    }
    assert!(lacking.is_empty(), "{}", lacking.join("\n"));
}

#[test]
fn every_policy_is_short_and_kept_by_somebody_it_concerns() {
    let catalog = catalog();
    for policy in catalog.policies.values() {
        let text = as_read(policy);
        let count = text.split(' ').count();
        // A printed page holds about 450 words.
        assert!((200..=900).contains(&count), "{}: {count} words", policy.id);
        assert!(!text.contains(['{', '}']), "{}: a placeholder is left", policy.id);
        for section in ["## Purpose", "## Scope"] {
            assert!(text.contains(section), "{}: no `{section}`", policy.id);
        }
        // GOV-07 has each policy reviewed once a year.
        assert_eq!(policy.review, Frequency::Annual, "{}", policy.id);
        let concerned = policy.satisfies.iter().any(|id| catalog.controls[id].owner == policy.owner);
        assert!(concerned, "{}: its owner `{}` owns none of its controls", policy.id, policy.owner);
    }
}

/// The policies of this repository emphasize titles of policies and nothing else.
#[test]
fn policies_refer_to_each_other_by_their_titles() {
    let catalog = catalog();
    let titles: BTreeSet<&str> = catalog.policies.values().map(|policy| policy.title.as_str()).collect();
    let mut references = 0;
    for policy in catalog.policies.values() {
        let text = as_read(policy);
        for title in text.split('*').skip(1).step_by(2) {
            assert!(titles.contains(title), "policies/{}.md: there is no policy `{title}`", policy.id);
            assert_ne!(title, policy.title, "policies/{}.md refers to itself", policy.id);
            references += 1;
        }
    }
    assert!(references > 20, "{references}");
}

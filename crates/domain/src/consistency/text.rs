//! What prose promises and names, held against frequencies, dated documents and the inventory.
//!
//! Each check rests on words that can mean one thing only, so that it stays silent where prose is merely loose:
//! - **How often.** `every month`, `twice a year` always count; `monthly` counts before an act (`monthly access review`) or at the
//!   end of what it says (`are reconciled monthly by …`), not before a thing (`monthly statements`). Of several promises in one
//!   text the least frequent counts. A sentence of the description is about a control if it names its id or its whole title.
//! - **How many records.** Documents count by their dates, and only where there are two dates or more: a single document may be the
//!   register of the whole period. A control with a control test is shown by rows, not by these.
//! - **How many places.** A number directly before `regions`, `data centers` or `offices`, with at most two words between; it is
//!   wrong only if the inventory has fewer places of any kind. Sentences about clients and user entities do not count.
//! - **Which places.** A region's code of a cloud provider, such as `us-east-1`, and the names of items that were retired.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{ConsistencyRule as Rule, Inconsistency, ProgramTexts};
use crate::{CatalogIndex, Control, Engagement, EngagementId, Frequency, ScopeFacts, Span, State, SystemPart};

/// Words that are a frequency in themselves.
const PHRASES: [(&[&str], Frequency); 27] = [
    (&["every", "day"], Frequency::Daily),
    (&["each", "day"], Frequency::Daily),
    (&["every", "night"], Frequency::Daily),
    (&["each", "night"], Frequency::Daily),
    (&["nightly"], Frequency::Daily),
    (&["every", "business", "day"], Frequency::Daily),
    (&["each", "business", "day"], Frequency::Daily),
    (&["every", "week"], Frequency::Weekly),
    (&["each", "week"], Frequency::Weekly),
    (&["twice", "a", "month"], Frequency::SemiMonthly),
    (&["every", "two", "weeks"], Frequency::SemiMonthly),
    (&["every", "month"], Frequency::Monthly),
    (&["each", "month"], Frequency::Monthly),
    (&["once", "a", "month"], Frequency::Monthly),
    (&["every", "quarter"], Frequency::Quarterly),
    (&["each", "quarter"], Frequency::Quarterly),
    (&["once", "a", "quarter"], Frequency::Quarterly),
    (&["every", "three", "months"], Frequency::Quarterly),
    (&["twice", "a", "year"], Frequency::SemiAnnual),
    (&["every", "six", "months"], Frequency::SemiAnnual),
    (&["semi-annually"], Frequency::SemiAnnual),
    (&["every", "year"], Frequency::Annual),
    (&["each", "year"], Frequency::Annual),
    (&["once", "a", "year"], Frequency::Annual),
    (&["every", "twelve", "months"], Frequency::Annual),
    (&["annually"], Frequency::Annual),
    (&["yearly"], Frequency::Annual),
];

/// Words that are a frequency before an act or at the end of what they say.
const ADJECTIVES: [(&str, Frequency); 7] = [
    ("daily", Frequency::Daily),
    ("weekly", Frequency::Weekly),
    ("semi-monthly", Frequency::SemiMonthly),
    ("monthly", Frequency::Monthly),
    ("quarterly", Frequency::Quarterly),
    ("semi-annual", Frequency::SemiAnnual),
    ("annual", Frequency::Annual),
];

/// What people do at a frequency.
const ACTS: [&str; 24] = [
    "review",
    "reviews",
    "reconciliation",
    "reconciliations",
    "test",
    "tests",
    "check",
    "checks",
    "scan",
    "scans",
    "assessment",
    "assessments",
    "recertification",
    "recertifications",
    "restore",
    "restores",
    "meeting",
    "meetings",
    "exercise",
    "exercises",
    "comparison",
    "comparisons",
    "inspection",
    "inspections",
];

/// Words that come after an adverb, not after an adjective.
const AFTER_ADVERB: [&str; 18] = [
    "by", "and", "on", "at", "in", "for", "with", "to", "using", "against", "from", "that", "or", "after", "before",
    "within", "until", "of",
];

const NUMBERS: [(&str, usize); 11] = [
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
];

const OF_OTHERS: [&str; 10] =
    ["client", "clients", "customer", "customers", "user", "users", "entity", "entities", "prospects", "employees'"];

const DIRECTIONS: [&str; 9] =
    ["north", "south", "east", "west", "central", "northeast", "southeast", "northwest", "southwest"];

impl State {
    pub(super) fn frequency_findings(
        &self,
        catalog: &CatalogIndex,
        id: &EngagementId,
        engagement: &Engagement,
        texts: &ProgramTexts,
        today: Date,
    ) -> Vec<Inconsistency> {
        let mut found = Vec::new();
        let described = texts.descriptions.get(id).map(|prose| sentences(prose)).unwrap_or_default();
        let described: Vec<(String, String)> =
            described.into_iter().map(|sentence| (sentence.to_owned(), folded(sentence))).collect();
        let documents = self.documents_within(engagement.report_type.span());
        for (control, version) in engagement.controls(self, catalog) {
            let definition = &version.definition;
            let stated = promised(texts.of(&definition.statement));
            let title = folded(texts.of(&definition.title));
            let about = described.iter().filter(|(_, folded_sentence)| {
                names(folded_sentence, &folded(control.as_str()))
                    || (is_telling(&title) && names(folded_sentence, &title))
            });
            let promises =
                stated.map(|promise| (promise, "its statement".to_owned())).into_iter().chain(about.filter_map(
                    |(sentence, _)| Some((promised(sentence)?, format!("the description (`{sentence}`)"))),
                ));
            for (promise, place) in promises {
                if promise < definition.frequency && calendar(definition.frequency) {
                    let says =
                        format!("{place} says {}, its frequency is {}", promise.label(), definition.frequency.label());
                    let act = "say in both what is done; a report is held to its words";
                    found.push(Rule::FrequencyStated.broken(control, None, says, act));
                }
            }
            let days = engagement.report_type.span();
            let is_tested = catalog.tests.values().any(|rule| self.controls_tested(rule, days).contains(control));
            let of_control = self.controls.get(control).filter(|_| !is_tested);
            let promise = stated.filter(|promise| calendar(*promise)).unwrap_or(definition.frequency);
            found.extend(of_control.and_then(|of_control| {
                let days = days_run(of_control, engagement.report_type.span(), today)?;
                let dated = documents.get(control).into_iter().flatten();
                let dates: BTreeSet<Date> =
                    dated.filter(|on| days.first <= **on && **on <= days.last).copied().collect();
                let due = promise.due_within(days)?;
                (dates.len() >= 2 && (dates.len() as u64) < due).then(|| {
                    let says = format!(
                        "{} makes {due} from {} to {}, and documents are of {} dates",
                        promise.label(),
                        days.first,
                        days.last,
                        dates.len()
                    );
                    let act = "bring the records that are missing, or change from when on which frequency is true";
                    Rule::FrequencyShown.broken(control, Some(id), says, act)
                })
            }));
        }
        found
    }

    pub(super) fn described_findings(
        &self,
        id: &EngagementId,
        engagement: &Engagement,
        texts: &ProgramTexts,
    ) -> Vec<Inconsistency> {
        let Some(prose) = texts.descriptions.get(id) else { return Vec::new() };
        let folded_prose = folded(prose);
        let mut found = Vec::new();
        let items: Vec<_> = self.items_of(engagement.report).collect();
        let name_of = |item| self.scope.get(item).and_then(|record| record.versions.last()).map(|v| &v.item);
        let mut known = String::new();
        for (item, _) in &items {
            if let Some(words) = name_of(*item) {
                known.push_str(&folded(texts.of(&words.name)));
                known.push_str(" . ");
                known.push_str(&folded(texts.of(&words.text)));
                known.push_str(" . ");
            }
        }
        for (item, facts) in &items {
            let is_to_be_named = if let ScopeFacts::Component(component) = facts {
                matches!(component.part, SystemPart::Infrastructure | SystemPart::Software)
            } else {
                matches!(facts, ScopeFacts::Location(_) | ScopeFacts::SubserviceOrganization(_))
            };
            let name = name_of(*item).map(|words| texts.of(&words.name)).unwrap_or_default();
            let plain = folded(name.split(" (").next().unwrap_or(name));
            if is_to_be_named && !plain.is_empty() && !names(&folded_prose, &plain) {
                let says = format!("the description does not name {} `{name}`", facts.kind());
                let act = "name it there in the same words, or take it out of the scope of this report";
                found.push(Rule::NamedAlike.broken(*item, Some(id), says, act));
            }
        }
        for code in region_codes(&folded_prose) {
            if !names(&known, &code) {
                let says = format!("the description names the region {code}, and no item in scope does");
                found.push(Rule::PlacesKnown.broken(
                    id,
                    Some(id),
                    says,
                    "record it as a location, or correct the text",
                ));
            }
        }
        for (item, record) in &self.scope {
            let (Some(retirement), Some(version)) = (record.retired(), record.versions.last()) else { continue };
            let retired_on = retirement.retired_on;
            let name = folded(texts.of(&version.item.name));
            let gone = retired_on <= engagement.report_type.span().first;
            if gone && is_telling(&name) && names(&folded_prose, &name) && !names(&known, &name) {
                let says = format!("the description names `{name}`, which is out of scope since {retired_on}");
                found.push(Rule::PlacesKnown.broken(item, Some(id), says, "correct the text, or record it again"));
            }
        }
        let places = items.iter().filter(|(_, facts)| matches!(facts, ScopeFacts::Location(_))).count();
        for sentence in sentences(prose) {
            if let Some((number, kind)) = counted_places(sentence).filter(|(number, _)| *number > places) {
                let has = if places == 1 { "1 location".to_owned() } else { format!("{places} locations") };
                let says = format!("the description counts {number} {kind}, the inventory has {has}");
                found.push(Rule::PlacesCounted.broken(id, Some(id), says, "record each location, or correct the text"));
            }
        }
        found
    }
}

/// The days of a span on which a control ran and that are over.
fn days_run(control: &Control, span: Span, today: Date) -> Option<Span> {
    let yesterday = today.saturating_sub(jiff::Span::new().days(1));
    let runs =
        control.versions_within(span).map(|(_, days)| days).reduce(|all, days| Span { last: days.last, ..all })?;
    runs.shared_with(&Span { first: runs.first, last: yesterday })
}

fn calendar(frequency: Frequency) -> bool {
    !matches!(frequency, Frequency::Continuous | Frequency::PerEvent)
}

/// How often a text promises, by its least frequent promise.
fn promised(text: &str) -> Option<Frequency> {
    sentences(text).into_iter().flat_map(promises_of).max()
}

fn promises_of(sentence: &str) -> Vec<Frequency> {
    let lower = sentence.to_lowercase();
    let clauses = lower.split([',', '(', ')', ':']);
    let mut found = Vec::new();
    for clause in clauses {
        let words: Vec<&str> = clause.split_whitespace().map(trimmed).filter(|word| !word.is_empty()).collect();
        for at in 0..words.len() {
            let rest = words.get(at..).unwrap_or_default();
            found.extend(PHRASES.iter().filter(|(phrase, _)| rest.starts_with(phrase)).map(|(_, often)| *often));
            let Some((word, after)) = rest.split_first() else { continue };
            let Some((_, often)) = ADJECTIVES.iter().find(|(adjective, _)| adjective == word) else { continue };
            let ends = after.first().is_none_or(|next| AFTER_ADVERB.contains(next));
            if ends || after.iter().take(3).any(|next| ACTS.contains(next)) {
                found.push(*often);
            }
        }
    }
    found
}

fn counted_places(sentence: &str) -> Option<(usize, &'static str)> {
    let lower = sentence.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().map(trimmed).collect();
    if words.iter().any(|word| OF_OTHERS.contains(word)) {
        return None;
    }
    let kind_at = |at: usize| match (words.get(at).copied(), words.get(at + 1).copied()) {
        (Some("regions"), _) => Some("regions"),
        (Some("offices"), _) => Some("offices"),
        (Some("data"), Some("centers" | "centres")) => Some("data centers"),
        _ => None,
    };
    words.iter().enumerate().find_map(|(at, word)| {
        let spelled = NUMBERS.iter().find(|(spelled, _)| spelled == word).map(|(_, number)| *number);
        let number = spelled.or_else(|| word.parse().ok().filter(|number| (2..=99).contains(number)))?;
        (at + 1..=at + 3).find_map(kind_at).map(|kind| (number, kind))
    })
}

/// Codes of cloud regions: `us-east-1`, `us-gov-west-1`, `europe-west4`; a zone's letter at the end belongs to its region.
fn region_codes(folded: &str) -> Vec<String> {
    let mut codes: Vec<String> = folded.split_whitespace().filter_map(region_code).collect();
    codes.sort();
    codes.dedup();
    codes
}

fn region_code(word: &str) -> Option<String> {
    let parts: Vec<&str> = word.split('-').collect();
    let (area, rest) = parts.split_first()?;
    let is_area = (2..=12).contains(&area.len()) && area.bytes().all(|byte| byte.is_ascii_lowercase());
    let direction = |text: &str| DIRECTIONS.contains(&text);
    let number = |text: &str| (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let without_zone = |text: &str| text.trim_end_matches(|c: char| c.is_ascii_lowercase()).to_owned();
    let rest: Vec<&str> = rest.iter().copied().filter(|part| *part != "gov" && *part != "iso").collect();
    let is_code = match rest.as_slice() {
        [towards, numbered] => direction(towards) && number(&without_zone(numbered)),
        [both] => {
            let (towards, numbered) = both.split_at(both.find(|c: char| c.is_ascii_digit())?);
            direction(towards) && number(numbered)
        }
        _ => false,
    };
    let zone_letters = word.len() - word.trim_end_matches(|c: char| c.is_ascii_lowercase()).len();
    (is_area && is_code && zone_letters <= 1).then(|| without_zone(word))
}

/// Whether a name can mean one thing only: two words, or one with a digit or a dash.
fn is_telling(name: &str) -> bool {
    name.contains(' ') || name.contains('-') || name.bytes().any(|byte| byte.is_ascii_digit())
}

/// Whether folded prose names something, as whole words.
fn names(folded_prose: &str, folded_name: &str) -> bool {
    let is_edge = |edge: Option<char>| edge.is_none_or(|character| character == ' ');
    !folded_name.is_empty()
        && folded_prose.match_indices(folded_name).any(|(at, _)| {
            let (before, after) = folded_prose.split_at(at);
            is_edge(before.chars().next_back()) && is_edge(after.chars().nth(folded_name.chars().count()))
        })
}

/// Small letters, one space between words, no punctuation around them.
fn folded(text: &str) -> String {
    let lower = text.to_lowercase();
    let spaced = lower.replace(['/', ',', ';', '(', ')', '"', '`', '\u{201c}', '\u{201d}'], " ");
    let words: Vec<&str> = spaced.split_whitespace().map(trimmed).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

fn trimmed(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric()).trim_end_matches("'s").trim_end_matches("\u{2019}s")
}

fn sentences(text: &str) -> Vec<&str> {
    let ends = |text: &str| -> Option<usize> {
        let dot = text.find(". ").map(|at| at + 1);
        let mark = text.find([';', '!', '?']);
        // A line that is only wrapped goes on; a paragraph and an item of a list end.
        let line = ["\n\n", "\n- ", "\n| "].iter().filter_map(|end| text.find(end)).min();
        [dot, mark, line].into_iter().flatten().min()
    };
    let mut rest = text;
    let mut found = Vec::new();
    while let Some(at) = ends(rest) {
        let (sentence, after) = rest.split_at(at);
        found.push(sentence.trim());
        let mut characters = after.chars();
        characters.next();
        rest = characters.as_str();
    }
    found.push(rest.trim());
    found.retain(|sentence| !sentence.is_empty());
    found
}

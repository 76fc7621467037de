//! What prose promises and names, held against frequencies, dated documents and the inventory.
//!
//! Each check rests on words that can mean one thing only, so that it stays silent where prose is merely loose:
//! - **How often.** What [`cadences`] reads. Of several promises in one text the least frequent counts. A sentence of the description
//!   is about a control if it names its id or its whole title.
//! - **How many records.** Documents count by their dates, and only where there are two dates or more: a single document may be the
//!   register of the whole period. A control with a control test is shown by rows, not by these.
//! - **How many places.** A number directly before `regions`, `data centers` or `offices`, with at most two words between; it is
//!   wrong if the inventory has fewer locations whose words say this kind, or no kind. Places of clients and user entities do not
//!   count.
//! - **Which places.** A region's code of a cloud provider, such as `us-east-1`, and the names of items that were retired.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{ConsistencyRule as Rule, Described, Inconsistency, ProgramTexts};
use crate::{
    CatalogIndex, Control, Engagement, EngagementId, Frequency, ScopeFacts, Span, State, SystemPart,
    cadence::{Word, cadences},
};

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
        let described = texts.descriptions.get(id).map(|described| sentences(&described.prose)).unwrap_or_default();
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
                let due = self.times_due_at(promise, days)?;
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
        let Some(Described { prose, .. }) = texts.descriptions.get(id) else { return Vec::new() };
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
        let locations = items.iter().filter(|(_, facts)| matches!(facts, ScopeFacts::Location(_)));
        let kinds: Vec<_> = locations
            .map(|(item, _)| {
                let words = name_of(*item).map(|words| [texts.of(&words.name), texts.of(&words.text)].map(folded));
                kinds_said(&words.unwrap_or_default().join(" . "))
            })
            .collect();
        for (number, kind) in sentences(prose).into_iter().flat_map(counted_places) {
            let places = kinds.iter().filter(|said| said.is_empty() || said.contains(&kind)).count();
            if number > places {
                let one = kind.trim_end_matches('s');
                let has = if places == 1 { format!("1 {one}") } else { format!("{places} {kind}") };
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
    let mut raw = lower.split_whitespace().peekable();
    let mut words = Vec::new();
    while let Some(written) = raw.next() {
        let bare = written.trim_matches(|c: char| !c.is_alphanumeric());
        let opens = raw.peek().is_some_and(|next| next.starts_with('('));
        let ends = written.ends_with([',', ';', ':', '.', '?', '!', ')']) || opens || raw.peek().is_none();
        if !bare.is_empty() {
            words.push(Word { word: trimmed(bare), owns: trimmed(bare) != bare, ends });
        }
    }
    cadences(&words).into_iter().map(|cadence| cadence.frequency).collect()
}

/// Kinds of places that prose counts, in its words.
const PLACES: [&str; 3] = ["regions", "offices", "data centers"];

/// The kinds that a location says it is of; none if its words do not say.
fn kinds_said(folded_words: &str) -> Vec<&'static str> {
    let says = |one: &str| names(folded_words, one);
    let is_region = says("region") || !region_codes(folded_words).is_empty();
    let is_data_center = ["data center", "data centre", "datacenter"].into_iter().any(says);
    let said = [is_region, says("office"), is_data_center];
    PLACES.into_iter().zip(said).filter_map(|(kind, is_said)| is_said.then_some(kind)).collect()
}

/// Every number of places that a sentence counts, but those of others: `40 client offices`, `clients with 40 offices`, `offices of
/// our clients`.
fn counted_places(sentence: &str) -> Vec<(usize, &'static str)> {
    let lower = sentence.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().map(trimmed).collect();
    let word = |at: usize| words.get(at).copied();
    let kind_at = |at: usize| match (word(at), word(at + 1)) {
        (Some("regions"), _) => Some((at, PLACES[0])),
        (Some("offices"), _) => Some((at, PLACES[1])),
        (Some("data"), Some("centers" | "centres")) => Some((at + 1, PLACES[2])),
        (Some("datacenters" | "datacentres"), _) => Some((at, PLACES[2])),
        _ => None,
    };
    let of_others = |from: usize, to: usize| {
        words.get(from..to.min(words.len())).unwrap_or_default().iter().any(|word| OF_OTHERS.contains(word))
    };
    let counted = words.iter().enumerate().filter_map(|(at, number)| {
        let spelled = NUMBERS.iter().find(|(spelled, _)| spelled == number).map(|(_, number)| *number);
        let number = spelled.or_else(|| number.parse().ok().filter(|number| (2..=99).contains(number)))?;
        let (last, kind) = (at + 1..=at + 3).find_map(kind_at)?;
        let owned =
            of_others(at.saturating_sub(3), last) || (word(last + 1) == Some("of") && of_others(last + 2, last + 5));
        (!owned).then_some((number, kind))
    });
    counted.collect()
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
pub(super) fn names(folded_prose: &str, folded_name: &str) -> bool {
    let is_edge = |edge: Option<char>| edge.is_none_or(|character| character == ' ');
    !folded_name.is_empty()
        && folded_prose.match_indices(folded_name).any(|(at, _)| {
            let (before, after) = folded_prose.split_at(at);
            is_edge(before.chars().next_back()) && is_edge(after.chars().nth(folded_name.chars().count()))
        })
}

/// Small letters, one space between words, no punctuation around them.
pub(super) fn folded(text: &str) -> String {
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

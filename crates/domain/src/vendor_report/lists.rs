//! Lists: subservice organizations, deviations, complementary user entity controls.

use std::collections::BTreeSet;

use super::{
    Found, ListedCuec, ListedDeviation,
    text::{Line, Text},
};
use crate::SubserviceMethod;

/// No report lists more of a kind; a text that seems to is something else.
const MOST: usize = 500;

/// A deviation is told in about so many bytes.
const DEVIATION_BYTES: usize = 400;

/// Words that say one was found, in small letters.
const NOTED: [&str; 10] = [
    "deviation noted",
    "deviations noted",
    "exception noted",
    "exceptions noted",
    "deviation was noted",
    "deviations were noted",
    "exception was noted",
    "exceptions were noted",
    "deviation identified",
    "exception identified",
];

/// Words before these that say none was found, or speak of any.
const NOT_NOTED: [&str; 9] = ["no", "any", "without", "if", "zero", "including", "relevant", "the", "of"];

/// The heading of the list of complementary user entity controls, in small letters.
const CUEC_HEADINGS: [&str; 4] = [
    "complementary user entity control",
    "complementary user-entity control",
    "complementary controls at user entities",
    "user entity control considerations",
];

/// Headings after it.
const AFTER_CUECS: [&str; 8] = [
    "complementary subservice",
    "subservice organization",
    "section ",
    "tests of controls",
    "other information",
    "trust services criteria",
    "user entity responsibilities",
    "control objectives and related",
];

/// What names of companies end in, after a comma or before a full stop.
const COMPANY_ENDINGS: [&str; 11] = ["inc", "llc", "ltd", "corp", "co", "l.p", "lp", "gmbh", "ag", "s.a", "n.a"];

/// The method in which subservice organizations are told of.
pub(super) fn subservice_method(text: &Text) -> Option<Found<SubserviceMethod>> {
    let carved = [
        "carve-out method",
        "carve out method",
        "carveout method",
        "carved out",
        "carved-out",
        "excludes the controls of",
    ];
    let included = ["inclusive method"];
    let carved = text.find_any(&carved, 0).map(|at| (at, SubserviceMethod::CarveOut));
    let included = text.find_any(&included, 0).map(|at| (at, SubserviceMethod::Inclusive));
    let (at, value) = carved.into_iter().chain(included).min_by_key(|(at, _)| *at)?;
    Some(Found { value, page: text.page(at), words: text.words(at) })
}

/// Names in sentences such as "Vendor uses Northgate, a subservice organization, to host" or "Vendor uses the subservice
/// organization Northgate", and in tables headed so.
pub(super) fn subservice_organizations(text: &Text) -> Vec<Found<String>> {
    let mut found: Vec<Found<String>> = Vec::new();
    let mut add = |name: &str, page: u32, words: String| {
        let name = name.trim().trim_end_matches([',', ';', ':']).trim();
        let is_name = (3..=80).contains(&name.len())
            && name.starts_with(char::is_uppercase)
            && !name.to_ascii_lowercase().contains("subservice")
            && !["The", "A", "An", "Its", "These", "This", "Certain"]
                .contains(&name.split(' ').next().unwrap_or_default());
        if is_name && found.len() < MOST && !found.iter().any(|known| known.value == name) {
            found.push(Found { value: name.to_owned(), page, words });
        }
    };
    let phrases = ["subservice organization", "subservice organizations"];
    for (at, phrase) in phrases.into_iter().flat_map(|phrase| text.places(phrase).map(move |at| (at, phrase))) {
        let before = text.between(at.saturating_sub(260), at);
        let sentence = last_sentence(before);
        let verbs = [" uses ", " utilizes ", " engages ", " relies on ", " outsources to "];
        let verb = verbs.iter().filter_map(|verb| Some(sentence.rfind(verb)? + verb.len())).max();
        let Some(named) = verb.and_then(|verb| sentence.get(verb..)) else { continue };
        let ends = [" to ", " for ", " as ", " which", ", a ", " that "];
        if ["", "the"].contains(&named.trim()) {
            let after = first_sentence(text.between(at + phrase.len(), at + phrase.len() + 260));
            let end = [" to ", " which", " that "].iter().filter_map(|end| after.find(end)).min();
            for name in split_names(after.get(..end.unwrap_or(after.len())).unwrap_or_default()) {
                add(&name, text.page(at), text.words(at));
            }
            continue;
        }
        let end = ends.iter().filter_map(|end| named.find(end)).min().unwrap_or(named.len());
        for name in split_names(named.get(..end).unwrap_or_default()) {
            add(&name, text.page(at), text.words(at));
        }
    }
    let mut in_table = false;
    for line in text.lines.iter().filter(|line| !line.is_of_contents()) {
        let (first, has_cells) = (line.text.split('\t').next().unwrap_or_default(), line.text.contains('\t'));
        if has_cells && first.to_ascii_lowercase().starts_with("subservice organization") {
            in_table = true;
        } else if in_table && has_cells {
            add(first, line.page, line.text.replace('\t', " "));
        } else if in_table && line.text.ends_with('.') && line.text.len() > 100 {
            in_table = false;
        }
    }
    found
}

/// What follows the last full stop that ends no abbreviation of a company's form.
fn last_sentence(text: &str) -> &str {
    let dot = text.rmatch_indices(". ").map(|(dot, _)| dot).find(|dot| ends_sentence(text, *dot));
    dot.and_then(|dot| text.get(dot + 1..)).unwrap_or(text)
}

/// What stands before the first full stop that ends no abbreviation of a company's form.
fn first_sentence(text: &str) -> &str {
    let dot = text.match_indices(". ").map(|(dot, _)| dot).find(|dot| ends_sentence(text, *dot));
    dot.and_then(|dot| text.get(..dot)).unwrap_or(text)
}

fn ends_sentence(text: &str, dot: usize) -> bool {
    let word = text.get(..dot).unwrap_or_default().rsplit([' ', ',']).next().unwrap_or_default();
    !COMPANY_ENDINGS.contains(&word.to_ascii_lowercase().as_str())
}

/// "Northgate, Inc. (NG), Meridian and Hudson Ltd." as three names.
fn split_names(named: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for part in named.replace(", and ", ", ").replace(" and ", ", ").split(", ") {
        let part = part.split(" (").next().unwrap_or_default().trim();
        let is_ending = COMPANY_ENDINGS.contains(&part.trim_end_matches('.').to_ascii_lowercase().as_str());
        match names.last_mut() {
            Some(before) if is_ending => before.push_str(&format!(", {part}")),
            Some(_) | None if part.is_empty() => {}
            Some(_) | None => names.push(part.to_owned()),
        }
    }
    names
}

/// Deviations, each with the control whose id stands last before it.
pub(super) fn deviations(text: &Text) -> Vec<Found<ListedDeviation>> {
    let mut places: Vec<usize> = NOTED.iter().flat_map(|phrase| text.places(phrase)).collect();
    places.sort_unstable();
    places.dedup();
    let mut found: Vec<Found<ListedDeviation>> = Vec::new();
    for at in places {
        let before = text.lower_between(at.saturating_sub(24), at);
        let word = before.split_whitespace().next_back().unwrap_or_default();
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        let two = before.contains("no relevant") || before.contains("no other") || before.contains("not any");
        if NOT_NOTED.contains(&word) || two || found.len() >= MOST {
            continue;
        }
        let page = text.page(at);
        let told = text.between(at, at + DEVIATION_BYTES);
        // The words and the next sentence or two, which say how many and why; not the next control's test.
        let end = told
            .match_indices(". ")
            .nth(1)
            .or_else(|| told.match_indices(". ").next())
            .map_or(told.len(), |(dot, _)| dot + 1);
        let told = told.get(..end).unwrap_or(told).trim().to_owned();
        let line = text.lines.partition_point(|line| line.at <= at);
        let above = text.lines.get(..line).unwrap_or_default().iter().rev();
        let above = above.take_while(|line| page - line.page.min(page) <= 2);
        let control = above.filter_map(|line| control_id(&line.text)).next();
        found.push(Found { value: ListedDeviation { control, text: told }, page, words: text.words(at) });
    }
    found
}

/// A control's id at the head of a line or cell: a short word of letters, digits and marks with a digit in it, such as `CC6.1`,
/// `LA-02` or `1.04`.
fn control_id(line: &str) -> Option<String> {
    line.split('\t').find_map(|cell| {
        let word = cell.split_whitespace().next()?.trim_end_matches([':', '.', ')']);
        let has = |wanted: fn(char) -> bool| word.chars().any(wanted);
        let fits = word.len() <= 14
            && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
            && has(|c| c.is_ascii_digit())
            && (has(|c| c.is_ascii_uppercase())
                || word.split_once('.').is_some_and(|(a, b)| a.len() <= 2 && !b.is_empty()))
            && !has(|c| c.is_ascii_lowercase());
        fits.then(|| word.to_owned())
    })
}

/// The controls that the report asks of its users.
pub(super) fn cuecs(text: &Text) -> Vec<Found<ListedCuec>> {
    let headings = text.lines.iter().enumerate().filter(|(_, line)| is_heading(line, &CUEC_HEADINGS));
    // A report names the list before it gives it: the heading with the longest list is it.
    headings.map(|(number, _)| listed(text, number + 1)).max_by_key(Vec::len).unwrap_or_default()
}

fn is_heading(line: &Line, phrases: &[&str]) -> bool {
    let lower = line.lower();
    let from_letter = lower.trim_start_matches(|c: char| !c.is_alphabetic());
    let begins = phrases.iter().any(|phrase| {
        from_letter.starts_with(phrase)
            || from_letter
                .split_once(' ')
                .is_some_and(|(_, rest)| rest.trim_start_matches(|c: char| !c.is_alphabetic()).starts_with(phrase))
    });
    begins && lower.len() <= 90 && !line.is_of_contents() && !lower.ends_with('.') && !lower.ends_with(',')
}

fn listed(text: &Text, from: usize) -> Vec<Found<ListedCuec>> {
    let mut found: Vec<Found<ListedCuec>> = Vec::new();
    // Heads of a table's columns, which stand again on its next page.
    let mut heads: BTreeSet<&str> = BTreeSet::new();
    for line in text.lines.iter().skip(from) {
        let first_id = found.first().map(|first| first.value.id.as_str());
        if heads.contains(&*line.text) || first_id.is_some_and(|first| is_of_another_column(&line.text, first)) {
            continue;
        }
        if (is_heading(line, &AFTER_CUECS) && !line.text.contains('\t')) || found.len() >= MOST {
            break;
        }
        if let Some((id, rest)) = item(&line.text) {
            let id = id.unwrap_or_else(|| format!("CUEC-{}", found.len() + 1));
            if found.iter().any(|known| known.value.id == id) {
                continue;
            }
            let rest = without_ids(&rest);
            found.push(Found { value: ListedCuec { id, text: rest.clone() }, page: line.page, words: rest });
        } else if let Some(last) = found.last_mut() {
            // A paragraph that goes on. One that begins after a whole sentence on another page is no part of the item.
            let is_done = last.value.text.ends_with('.') && line.page != last.page;
            if is_done {
                break;
            }
            let more = without_ids(&line.text);
            last.value.text = format!("{} {more}", last.value.text).trim().to_owned();
            last.words.clone_from(&last.value.text);
        } else {
            heads.insert(&line.text);
        }
    }
    found.retain(|control| !control.value.text.is_empty());
    found
}

/// Whether a line has ids only, and of other things than a list whose first item has this id: the measures that a control helps meet.
fn is_of_another_column(line: &str, first_id: &str) -> bool {
    let letters = |id: &str| id.chars().take_while(char::is_ascii_alphabetic).collect::<String>();
    are_ids(line) && letters(line.trim()) != letters(first_id)
}

/// The cells of a line as one text, without those that have ids only.
fn without_ids(line: &str) -> String {
    line.split('\t').filter(|cell| !are_ids(cell)).collect::<Vec<_>>().join(" ")
}

/// Whether a cell has ids only: `PAY-2, ITGC-LA`.
fn are_ids(cell: &str) -> bool {
    let is_id = |word: &str| {
        word.len() <= 14
            && word.starts_with(|c: char| c.is_ascii_uppercase())
            && word.contains(|c: char| c.is_ascii_digit() || c == '-')
            && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, '.' | '-'))
    };
    let mut words = cell.split([',', ' ', '\t']).filter(|word| !word.is_empty()).peekable();
    words.peek().is_some() && words.all(is_id)
}

/// An item of a list: its id, if it has one, and its first words.
fn item(line: &str) -> Option<(Option<String>, String)> {
    let line = line.trim();
    if let Some(rest) = line.strip_prefix(['•', '●', '▪', '◦', '‣', '\u{f0b7}', '○']) {
        return Some((None, rest.trim().to_owned()));
    }
    if let Some(rest) = line.strip_prefix("- ") {
        return Some((None, rest.trim().to_owned()));
    }
    let (word, rest) = line.split_once([' ', '\t']).unwrap_or((line, ""));
    let id = word.trim_end_matches(['.', ')', ':']);
    let is_number = !id.is_empty() && id.len() <= 3 && id.chars().all(|c| c.is_ascii_digit()) && id != word;
    if is_number {
        return Some((Some(id.to_owned()), rest.trim().to_owned()));
    }
    // "CUEC 4" is one id in two words.
    if matches!(word, "CUEC" | "UEC" | "UE")
        && let Some((number, rest)) = rest.split_once([' ', '\t']).or(Some((rest, "")))
        && number.trim_end_matches([':', '.']).parse::<u16>().is_ok()
    {
        return Some((Some(format!("{word}-{}", number.trim_end_matches([':', '.']))), rest.trim().to_owned()));
    }
    let is_id = control_id(word).is_some() && id.chars().any(|c| c.is_ascii_uppercase() || c == '.');
    is_id.then(|| (Some(id.to_owned()), rest.trim().to_owned()))
}

//! Dates and periods in English prose. Dates of digits alone, such as 7/1/2025, are read in no order: which is the month?

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Found, text::Text};
use crate::{ReportType, Span};

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// What stands between the first and the last day of a period.
const JOINS: [&str; 10] =
    ["to", "through", "thru", "until", "-", "and", "up to", "to and including", "and ending", "and ended"];

/// A day that a text names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Named {
    first: usize,
    end: usize,
    month: i8,
    day: i8,
    /// None where the year stands with the last day only: "January 1 to December 31, 2025".
    year: Option<i16>,
}

impl Named {
    fn date(self) -> Option<Date> {
        Date::new(self.year?, self.month, self.day).ok()
    }
}

/// Every day that a text names, in its order.
pub(super) fn named(text: &str) -> Vec<Named> {
    let mut words: Vec<(usize, usize, String)> = Vec::new();
    let mut start = None;
    for (at, char) in text.char_indices().chain([(text.len(), ' ')]) {
        match (char.is_alphanumeric() || (char == '-' && start.is_some()), start) {
            (true, None) => start = Some(at),
            (false, Some(first)) => {
                words.push((first, at, text.get(first..at).unwrap_or_default().to_ascii_lowercase()));
                start = None;
            }
            (true, Some(_)) | (false, None) => {}
        }
    }
    let mut found: Vec<Named> = Vec::new();
    for (number, (first, end, word)) in words.iter().enumerate() {
        let (first, end) = (*first, *end);
        if let Ok(date) = word.parse::<Date>() {
            found.push(Named { first, end, month: date.month(), day: date.day(), year: Some(date.year()) });
            continue;
        }
        let Some(month) = month(word) else { continue };
        let before = number.checked_sub(1).and_then(|before| words.get(before));
        let (after, later) = (words.get(number + 1), words.get(number + 2));
        if let Some((begins, _, day)) = before.and_then(|(first, end, word)| Some((*first, *end, day(word)?)))
            && let Some((_, end, year)) = after.and_then(|(first, end, word)| Some((*first, *end, year(word)?)))
        {
            found.push(Named { first: begins, end, month, day, year: Some(year) });
        } else if let Some((_, ends, day)) = after.and_then(|(first, end, word)| Some((*first, *end, day(word)?))) {
            let year = later.and_then(|(_, end, word)| Some((*end, year(word)?)));
            let end = year.map_or(ends, |(end, _)| end);
            found.push(Named { first, end, month, day, year: year.map(|(_, year)| year) });
        }
    }
    found
}

fn month(word: &str) -> Option<i8> {
    let number =
        MONTHS.iter().position(|name| *name == word || (word.len() >= 3 && word.len() <= 4 && name.starts_with(word)));
    i8::try_from(number? + 1).ok()
}

fn day(word: &str) -> Option<i8> {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let rest = word.get(digits.len()..)?;
    let is_ordinal = matches!(rest, "" | "st" | "nd" | "rd" | "th");
    digits.parse().ok().filter(|day| is_ordinal && (1..=31).contains(day))
}

fn year(word: &str) -> Option<i16> {
    word.parse().ok().filter(|year| word.len() == 4 && (1990..2100).contains(year))
}

/// Every period that the text names, with its place.
fn periods(text: &Text) -> Vec<(usize, Span)> {
    let days = named(text.all());
    let pairs = days.iter().zip(days.iter().skip(1));
    let found = pairs.filter_map(|(first, last)| {
        let between = text.lower_between(first.end, last.first);
        let join = between.trim().trim_matches([',', '(', ')']).trim();
        let last_day = last.date()?;
        let first_day = match first.date() {
            Some(day) => day,
            None => {
                let same = Date::new(last_day.year(), first.month, first.day).ok()?;
                if same < last_day { same } else { Date::new(last_day.year() - 1, first.month, first.day).ok()? }
            }
        };
        let span = Span { first: first_day, last: last_day };
        // A period of a report has some weeks at least and two years at most; other pairs are of something else.
        (JOINS.contains(&join) && first_day < last_day && (27..=800).contains(&span.length()))
            .then_some((first.first, span))
    });
    found.collect()
}

/// Periods that are called so, or all if none is.
fn stated_periods(text: &Text) -> Vec<(usize, Span)> {
    let all = periods(text);
    let called = |at: usize| {
        let before = text.lower_between(at.saturating_sub(40), at);
        before.contains("period") || before.contains("throughout")
    };
    let stated: Vec<_> = all.iter().copied().filter(|(at, _)| called(*at)).collect();
    if stated.is_empty() { all } else { stated }
}

/// What is named most often, with its first place.
fn most_named<T: Copy + Ord>(named: &[(usize, T)]) -> Option<(usize, T)> {
    let mut counts: BTreeMap<T, usize> = BTreeMap::new();
    named.iter().for_each(|(_, value)| *counts.entry(*value).or_default() += 1);
    let most = counts.values().max().copied()?;
    named.iter().copied().find(|(_, value)| counts.get(value) == Some(&most))
}

/// Type and date or period.
pub(super) fn report_type(text: &Text) -> Option<Found<ReportType>> {
    let first_of = |phrases: &[&str]| phrases.iter().filter_map(|phrase| text.places(phrase).next()).min();
    let (one, two) = (first_of(&["type 1", "type i"]), first_of(&["type 2", "type ii"]));
    let period = most_named(&stated_periods(text));
    let as_of: Vec<(usize, Date)> = named(text.all())
        .into_iter()
        .filter(|day| {
            let before = text.lower_between(day.first.saturating_sub(12), day.first);
            before.trim_end().ends_with("as of") || before.trim_end().ends_with("as at")
        })
        .filter_map(|day| Some((day.first, day.date()?)))
        .collect();
    let as_of = most_named(&as_of);
    let is_type_1 = match (one, two) {
        (Some(one), Some(two)) => one < two,
        (Some(_), None) => true,
        (None, Some(_)) => false,
        // A SOC 3 names no type.
        (None, None) => period.is_none(),
    };
    let (at, value) = if is_type_1 {
        as_of.map(|(at, as_of_on)| (at, ReportType::Type1 { as_of_on }))?
    } else {
        period.map(|(at, span)| (at, ReportType::Type2(span)))?
    };
    Some(Found { value, page: text.page(at), words: text.words(at) })
}

/// Other periods that the report calls its period: cover, opinion and assertion have to agree (DAT-02).
pub(super) fn other_periods(text: &Text, read: Option<ReportType>) -> Vec<String> {
    let Some(ReportType::Type2(span)) = read else { return Vec::new() };
    let mut others: Vec<(Span, u32)> = Vec::new();
    for (at, other) in stated_periods(text) {
        if other != span && !others.iter().any(|(known, _)| *known == other) {
            others.push((other, text.page(at)));
        }
    }
    let said = others.into_iter().take(5);
    said.map(|(span, page)| format!("page {page} speaks of another period: {} to {}", span.first, span.last)).collect()
}

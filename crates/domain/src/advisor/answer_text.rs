//! Answers as a person types them in one line, and shown the same way.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    choice::{Month, NamedReport, NamedType, Opinion, OwnReport, Segment, YesNo},
    profile::{Contract, EarlierReport, Provider, Size},
    question::{Kind, Question},
    word::{NONE, UNKNOWN, Word, read},
};

/// One thing that an answer can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// The word in files.
    pub id: &'static str,
    /// What it means.
    pub means: &'static str,
}

/// Separates the parts of an answer that has several.
const PARTS: char = ';';

pub(crate) fn choices<T: Word>() -> Vec<Choice> {
    T::ALL.iter().map(|word| Choice { id: word.id(), means: word.means() }).collect()
}

/// A word by its id, or by its place in the list that people are shown.
fn word<T: Word>(text: &str) -> Result<T, String> {
    let by_place = text.parse::<usize>().ok().and_then(|place| T::ALL.get(place.checked_sub(1)?).copied());
    by_place.map_or_else(|| read(text), Ok)
}

pub(crate) fn one<T: Word>(line: Option<&str>) -> Result<Option<T>, String> {
    line.map(word).transpose()
}

pub(crate) fn set<T: Word>(line: Option<&str>) -> Result<Option<BTreeSet<T>>, String> {
    let Some(line) = line else { return Ok(None) };
    if line == NONE {
        return Ok(Some(BTreeSet::new()));
    }
    let words = line.split([',', ' ']).filter(|part| !part.is_empty());
    words.map(word).collect::<Result<_, _>>().map(Some)
}

pub(crate) fn of_one<T: Word>(answer: Option<T>) -> Option<String> {
    answer.map(|word| word.id().to_owned())
}

pub(crate) fn of_set<T: Word>(answer: Option<&BTreeSet<T>>) -> Option<String> {
    answer.map(|words| or_none(words.iter().map(|word| word.id().to_owned()).collect(), ", "))
}

/// Parts of the answer to a question in words, for readers who do not type them.
pub(crate) fn said(question: Question, answer: &str) -> String {
    let (choices, nothing) = match question.kind() {
        Kind::One(choices) => (choices, None),
        Kind::Some(choices) => (choices, Some("none of them")),
        Kind::Line(_) => (line_words(), Some(NONE)),
    };
    match (answer, nothing) {
        (UNKNOWN, _) => "not known".to_owned(),
        (NONE, Some(nothing)) => nothing.to_owned(),
        _ => answer.split(' ').map(|word| in_words(word, &choices)).collect::<Vec<_>>().join(" "),
    }
}

/// A word by what it means, if it is one of these; what separates it from the next stays.
fn in_words(word: &str, choices: &[Choice]) -> String {
    let bare = word.trim_end_matches([',', PARTS]);
    let after = word.strip_prefix(bare).unwrap_or_default();
    let means = choices.iter().find(|choice| choice.id == bare).map_or(bare, |choice| choice.means);
    format!("{means}{after}")
}

/// The words in lines that have a form of their own.
fn line_words() -> Vec<Choice> {
    let said = |id, means| Choice { id, means };
    let own = [said("vendor", "not needed for any report"), said("not-yet", "not yet")];
    [
        choices::<NamedReport>(),
        choices::<NamedType>(),
        choices::<OwnReport>(),
        choices::<Opinion>(),
        choices::<Month>(),
        choices::<Segment>(),
        own.to_vec(),
    ]
    .concat()
}

fn or_none(parts: Vec<String>, between: &str) -> String {
    if parts.is_empty() { NONE.to_owned() } else { parts.join(between) }
}

fn parts(line: &str) -> impl Iterator<Item = &str> {
    line.split(PARTS).map(str::trim).filter(|part| !part.is_empty() && *part != NONE)
}

pub(crate) fn contracts(line: &str) -> Result<Vec<Contract>, String> {
    parts(line).map(contract).collect()
}

fn contract(part: &str) -> Result<Contract, String> {
    let mut words = part.split_whitespace().peekable();
    let report = read(words.next().unwrap_or_default())?;
    let report_type = words.peek().and_then(|word| NamedType::of(word));
    if report_type.is_some() {
        words.next();
    }
    let due_on = words.peek().and_then(|word| word.parse().ok());
    if due_on.is_some() {
        words.next();
    }
    let client = words.collect::<Vec<_>>().join(" ");
    Ok(Contract { report, report_type, due_on, client: (!client.is_empty()).then_some(client) })
}

pub(crate) fn of_contracts(contracts: &[Contract]) -> String {
    let told = contracts.iter().map(|contract| {
        let report_type = contract.report_type.map(|named| named.id().to_owned());
        let due_on = contract.due_on.map(|date| date.to_string());
        let parts = [Some(contract.report.id().to_owned()), report_type, due_on, contract.client.clone()];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    });
    or_none(told.collect(), "; ")
}

pub(crate) fn providers(line: &str) -> Result<Vec<Provider>, String> {
    parts(line).map(provider).collect()
}

fn provider(part: &str) -> Result<Provider, String> {
    let (name, rest) = part
        .split_once(':')
        .ok_or_else(|| format!("`{part}` names no function; write NAME: FUNCTION, and what else is known"))?;
    let mut words = rest.split(',').map(str::trim);
    let function = words.next().unwrap_or_default().to_owned();
    let mut provider = Provider {
        name: name.trim().to_owned(),
        function,
        needed_for: None,
        own_report: None,
        takes_part: None,
        own_controls_suffice: None,
    };
    for word in words {
        match word {
            "vendor" => provider.needed_for = Some(BTreeSet::new()),
            "takes part" | "takes-part" => provider.takes_part = Some(YesNo::Yes),
            "takes no part" | "stays-out" => provider.takes_part = Some(YesNo::No),
            "own controls suffice" | "own-controls-suffice" => provider.own_controls_suffice = Some(YesNo::Yes),
            other => match (OwnReport::of(other), NamedReport::of(other)) {
                (Some(own), _) => provider.own_report = Some(own),
                (None, Some(report)) => {
                    provider.needed_for.get_or_insert_default().insert(report);
                }
                (None, None) => return Err(format!("`{other}` says nothing of a provider")),
            },
        }
    }
    Ok(provider)
}

pub(crate) fn of_providers(providers: &[Provider]) -> String {
    let told = providers.iter().map(|provider| {
        let mut words = vec![format!("{}: {}", provider.name, provider.function)];
        match &provider.needed_for {
            Some(reports) if reports.is_empty() => words.push("vendor".to_owned()),
            Some(reports) => words.extend(reports.iter().map(|report| report.id().to_owned())),
            None => {}
        }
        words.extend(provider.own_report.map(|own| own.id().to_owned()));
        words.extend(provider.takes_part.map(|takes| match takes {
            YesNo::Yes => "takes part".to_owned(),
            YesNo::No => "takes no part".to_owned(),
        }));
        if provider.own_controls_suffice == Some(YesNo::Yes) {
            words.push("own controls suffice".to_owned());
        }
        words.join(", ")
    });
    or_none(told.collect(), "; ")
}

pub(crate) fn year_ends(line: &str) -> Result<BTreeMap<Month, u32>, String> {
    let mut counts = BTreeMap::new();
    for part in line.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (month, count) = part.split_once(' ').unwrap_or((part, "1"));
        let month: Month = read(month)?;
        let count: u32 = count.trim().parse().map_err(|_| format!("`{count}` is no number of user entities"))?;
        counts.insert(month, count);
    }
    Ok(counts)
}

pub(crate) fn of_year_ends(counts: &BTreeMap<Month, u32>) -> String {
    or_none(counts.iter().map(|(month, count)| format!("{} {count}", month.id())).collect(), ", ")
}

pub(crate) fn reports(line: &str) -> Result<Vec<EarlierReport>, String> {
    parts(line).map(report).collect()
}

fn report(part: &str) -> Result<EarlierReport, String> {
    let mut words = part.split_whitespace().peekable();
    let report = read(words.next().unwrap_or_default())?;
    let report_type = read(words.next().unwrap_or_default())?;
    let mut dates = Vec::new();
    while let Some(date) = words.peek().and_then(|word| word.parse().ok()) {
        dates.push(date);
        words.next();
    }
    let (first, last) = match dates.as_slice() {
        [last] => (None, *last),
        [first, last] if first < last => (Some(*first), *last),
        [_, _] => return Err(format!("`{part}` ends before it begins")),
        _ => return Err(format!("`{part}` needs its first and last day, or the date of a Type 1")),
    };
    let opinion = words.next().map(read::<Opinion>).transpose()?;
    Ok(EarlierReport { report, report_type, first, last, opinion })
}

pub(crate) fn of_reports(reports: &[EarlierReport]) -> String {
    let told = reports.iter().map(|report| {
        let parts = [
            Some(report.report.id().to_owned()),
            Some(report.report_type.id().to_owned()),
            report.first.map(|date| date.to_string()),
            Some(report.last.to_string()),
            report.opinion.map(|opinion| opinion.id().to_owned()),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    });
    or_none(told.collect(), "; ")
}

pub(crate) fn size(line: &str) -> Result<Size, String> {
    let mut size = Size::default();
    for part in line.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let Some((count, of)) = part.split_once(' ') else {
            size.segments.get_or_insert_default().insert(read::<Segment>(part)?);
            continue;
        };
        let count = count.parse().map_err(|_| format!("`{count}` is no number of {of}"))?;
        match of.trim() {
            "people" => size.people = Some(count),
            "customers" => size.customers = Some(count),
            "systems" => size.systems = Some(count),
            other => return Err(format!("`{other}` is not counted; people, customers and systems are")),
        }
    }
    Ok(size)
}

pub(crate) fn of_size(size: &Size) -> String {
    let mut parts = Vec::new();
    for (count, of) in [(size.people, "people"), (size.customers, "customers"), (size.systems, "systems")] {
        parts.extend(count.map(|count| format!("{count} {of}")));
    }
    parts.extend(size.segments.iter().flatten().map(|segment| segment.id().to_owned()));
    or_none(parts, ", ")
}

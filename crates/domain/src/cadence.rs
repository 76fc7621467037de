//! How often by the calendar a text says that something happens. The rules of wording and those of consistency read it here, so
//! that they never differ about what a sentence promises.
//!
//! It rests on words that can mean one thing only, and stays silent where prose is merely loose: `every month`, `twice a year` and
//! `nightly` always count; `monthly` counts before an act (`monthly access review`, `on a monthly basis`), after `at least`, and at
//! the end of what it says (`are reconciled monthly by …`), not before a thing (`monthly statements`). A possessive (`each
//! quarter's run`) tells whose, not how often.

use crate::Frequency;

/// A word of a sentence.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Word<'a> {
    /// In lower case, without punctuation and without the ending of a possessive.
    pub(crate) word: &'a str,
    /// Whether it is a possessive.
    pub(crate) owns: bool,
    /// Whether a mark or the end of the sentence follows it.
    pub(crate) ends: bool,
}

/// A frequency that stands in a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cadence {
    /// How often.
    pub(crate) frequency: Frequency,
    /// The word at which it begins.
    pub(crate) at: usize,
    /// How many words it takes.
    pub(crate) words: usize,
}

/// What people do at a frequency.
const ACTS: [&str; 25] = [
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
    "basis",
];

/// Words that come after an adverb, not after an adjective.
const AFTER_ADVERB: [&str; 18] = [
    "by", "and", "on", "at", "in", "for", "with", "to", "using", "against", "from", "that", "or", "after", "before",
    "within", "until", "of",
];

/// The frequencies of a sentence, in its order; of words that overlap the longest count.
pub(crate) fn cadences(words: &[Word<'_>]) -> Vec<Cadence> {
    let mut found = Vec::new();
    let mut at = 0;
    while let (before, rest @ [_, ..]) = words.split_at(at.min(words.len())) {
        let Some((frequency, length)) = phrase(rest).or_else(|| adjective(before, rest)) else {
            at += 1;
            continue;
        };
        if !rest.get(length - 1).is_some_and(|last| last.owns) {
            found.push(Cadence { frequency, at, words: length });
        }
        at += length;
    }
    found
}

/// Words that are a frequency whatever follows, and how many.
fn phrase(rest: &[Word<'_>]) -> Option<(Frequency, usize)> {
    let through_mark = rest.iter().position(|word| word.ends).map_or(rest.len(), |at| at + 1);
    let words: Vec<&str> = rest.iter().take(through_mark.min(4)).map(|word| word.word).collect();
    let (times, unit, length) = match *words.as_slice() {
        [times @ ("once" | "twice"), "a" | "an" | "each" | "every" | "per", "business" | "calendar", unit, ..] => {
            (times, unit, 4)
        }
        [times @ ("once" | "twice"), "a" | "an" | "each" | "every" | "per", unit, ..] => (times, unit, 3),
        ["every", "other" | "second", "week", ..] | ["every", "two" | "2", "weeks", ..] => {
            return Some((Frequency::SemiMonthly, 3));
        }
        ["every", "three" | "3", "months", ..] => return Some((Frequency::Quarterly, 3)),
        ["every", "six" | "6", "months", ..] => return Some((Frequency::SemiAnnual, 3)),
        ["every", "twelve" | "12", "months", ..] => return Some((Frequency::Annual, 3)),
        ["each" | "every", "business" | "calendar", unit, ..] => ("once", unit, 3),
        ["each" | "every", unit, ..] => ("once", unit, 2),
        ["nightly", ..] => return Some((Frequency::Daily, 1)),
        ["semi-annually" | "semiannually", ..] => return Some((Frequency::SemiAnnual, 1)),
        ["annually", ..] => return Some((Frequency::Annual, 1)),
        _ => return None,
    };
    let frequency = match (times, unit) {
        (_, "day" | "night") => Frequency::Daily,
        (_, "week") => Frequency::Weekly,
        ("twice", "month") => Frequency::SemiMonthly,
        (_, "month") => Frequency::Monthly,
        (_, "quarter") => Frequency::Quarterly,
        ("twice", "year") | (_, "half-year") => Frequency::SemiAnnual,
        (_, "year") => Frequency::Annual,
        _ => return None,
    };
    Some((frequency, length))
}

/// A word that is a frequency only where it does not say of which kind a thing is.
fn adjective(before: &[Word<'_>], rest: &[Word<'_>]) -> Option<(Frequency, usize)> {
    let (first, after) = rest.split_first()?;
    let frequency = match first.word {
        "daily" => Frequency::Daily,
        "weekly" => Frequency::Weekly,
        "semi-monthly" => Frequency::SemiMonthly,
        "monthly" => Frequency::Monthly,
        "quarterly" => Frequency::Quarterly,
        "semi-annual" | "semiannual" | "half-yearly" => Frequency::SemiAnnual,
        "annual" | "yearly" => Frequency::Annual,
        _ => return None,
    };
    let ends = first.ends || after.first().is_none_or(|next| AFTER_ADVERB.contains(&next.word));
    let through_mark = after.iter().position(|word| word.ends).map_or(after.len(), |at| at + 1);
    let of_an_act = || after.iter().take(through_mark.min(3)).any(|next| ACTS.contains(&next.word));
    let at_least = matches!(before, [.., at, least] if at.word == "at" && least.word == "least");
    (ends || at_least || of_an_act()).then_some((frequency, 1))
}

//! The service auditor's opinion: as a whole and on each part.

use super::{Found, OpinionPart, text::Text};
use crate::StatedOpinion;

/// An opinion paragraph with its parts is shorter than this.
const PARAGRAPH_BYTES: usize = 4_000;

/// The heading of a modified opinion and its basis stand at most so far before it.
const BASIS_BYTES: usize = 5_000;

/// Where the opinion paragraph ends.
const AFTER: [&str; 4] = ["restricted use", "intended solely", "other matter", "description of tests of controls"];

/// Words that each part's clause has.
const PARTS: [(OpinionPart, &[&str]); 3] = [
    (
        OpinionPart::Description,
        &["fairly present", "presents fairly", "description presents", "presents the", "present fairly"],
    ),
    (OpinionPart::Design, &["suitably designed", "suitability of the design"]),
    (
        OpinionPart::Operation,
        &["operated effectively", "operate effectively", "operating effectively", "were effective throughout"],
    ),
];

/// Where the opinion begins.
pub(super) fn place(text: &Text) -> Option<usize> {
    let states = |at: &usize| {
        let said = text.lower_between(*at, at + 1_200);
        ["material respects", "except for", "because of", "not "].iter().any(|word| said.contains(word))
    };
    text.places("in our opinion").find(states)
}

/// The words of the opinion paragraph, with its place.
fn paragraph(text: &Text) -> Option<(usize, usize)> {
    let first = place(text)?;
    let most = (first + PARAGRAPH_BYTES).min(text.len());
    Some((first, text.find_any(&AFTER, first).map_or(most, |end| end.min(most))))
}

/// The place of "we do not express an opinion" for lack of evidence; a Type 1 says the same words of operation alone, and every
/// report of what it did not examine.
fn disclaimer(text: &Text) -> Option<usize> {
    let heading = ["disclaimer of opinion", "basis for disclaimer"];
    let said = ["do not express an opinion on the description", "do not express an opinion on whether"];
    let lacks = ["unable to obtain sufficient", "not able to obtain sufficient", "not been able to obtain sufficient"];
    let at = text.find_any(&said, 0).or_else(|| text.find("we do not express an opinion", 0))?;
    let near = text.lower_between(at.saturating_sub(BASIS_BYTES), at + 600);
    heading.iter().chain(&lacks).any(|phrase| near.contains(phrase)).then_some(at)
}

/// The opinion as a whole.
pub(super) fn whole(text: &Text) -> Option<Found<StatedOpinion>> {
    let found = |value, at: usize| Some(Found { value, page: text.page(at), words: text.words(at) });
    if let Some(at) = disclaimer(text) {
        return found(StatedOpinion::Disclaimer, at);
    }
    let (first, end) = paragraph(text)?;
    let said = text.lower_between(first, end);
    let from = first.saturating_sub(BASIS_BYTES);
    let heading = |phrase: &str| {
        let before = text.lower_between(from, end);
        before.match_indices(phrase).any(|(at, _)| !before.get(..at).unwrap_or_default().ends_with("un"))
    };
    if heading("adverse opinion") {
        return found(StatedOpinion::Adverse, first);
    }
    if let Some(except) = said.find("except for").or_else(|| heading("qualified opinion").then_some(0)) {
        return found(StatedOpinion::Qualified, first + except);
    }
    if PARTS.iter().any(|(_, phrases)| is_denied(said, phrases)) {
        return found(StatedOpinion::Adverse, first);
    }
    if said.contains("material respects") { found(StatedOpinion::Unmodified, first) } else { None }
}

/// Whether a clause says that something is not so.
fn is_denied(clause: &str, phrases: &[&str]) -> bool {
    let denies = ["not ", "do not ", "does not "];
    phrases.iter().any(|phrase| {
        clause.match_indices(phrase).any(|(at, _)| {
            let before = clause.get(..at).unwrap_or_default();
            denies.iter().any(|no| before.ends_with(no)) || before.ends_with("not been ")
        }) || (phrase.starts_with("operate") && clause.contains("did not operate"))
            || (phrase.starts_with("present") && clause.contains("not present"))
    })
}

/// The opinion on each part that the paragraph speaks of. An exception before the first part is one of all parts.
pub(super) fn parts(text: &Text) -> Vec<Found<(OpinionPart, StatedOpinion)>> {
    let (Some((first, end)), Some(whole)) = (paragraph(text), whole(text)) else { return Vec::new() };
    if whole.value == StatedOpinion::Disclaimer {
        return Vec::new();
    }
    let said = text.lower_between(first, end);
    let starts: Vec<(OpinionPart, &[&str], usize)> = PARTS
        .iter()
        .filter_map(|(part, phrases)| Some((*part, *phrases, phrases.iter().filter_map(|of| said.find(of)).min()?)))
        .collect();
    let opens = starts.iter().map(|(_, _, at)| *at).min().unwrap_or_default();
    let of_all = said.get(..opens).is_some_and(|before| before.contains("except for"));
    // An adverse opinion that names no part by a "not" is one on all of them.
    let names_none = !starts.iter().any(|(_, phrases, _)| is_denied(said, phrases));
    let parts = starts.into_iter().map(|(part, phrases, at)| {
        let before = said.get(..at).unwrap_or_default();
        let begins =
            before.rfind([';', '•']).map_or(0, |mark| mark + 1).max(before.rfind(". ").map_or(0, |dot| dot + 2));
        let after = said.get(at..).unwrap_or_default();
        let ends = at + after.find([';', '•']).unwrap_or(after.len()).min(after.find(". ").unwrap_or(after.len()));
        let clause = said.get(begins..ends).unwrap_or_default();
        let value = match whole.value {
            StatedOpinion::Adverse if names_none || is_denied(clause, phrases) => StatedOpinion::Adverse,
            StatedOpinion::Qualified if of_all || clause.contains("except for") => StatedOpinion::Qualified,
            StatedOpinion::Adverse
            | StatedOpinion::Qualified
            | StatedOpinion::Unmodified
            | StatedOpinion::Disclaimer => StatedOpinion::Unmodified,
        };
        let at = first + at;
        Found { value: (part, value), page: text.page(at), words: text.words(at) }
    });
    parts.collect()
}

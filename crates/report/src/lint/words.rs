//! Words that no document may use, because no document of this kind can mean them (RPT-07, RPT-08, RPT-10, NEV-02); characters that
//! no font draws (RPT-15).

use super::{Findings, texts::Text};
use crate::{
    render::fonts::draws,
    view::{EngagementView, ReportKind, ReportType},
};

/// Each with what can be said instead.
const NEVER: &[(&str, &str)] = &[
    ("compliant", "say what was examined, against which criteria, over which time"),
    ("certified", "a report is received, not a certificate"),
    ("certification", "a report is received, not a certificate"),
    ("passed the audit", "say that a report was received, for which period"),
    ("passed the examination", "say that a report was received, for which period"),
    ("passed soc", "say that a report was received, for which period"),
    ("guarantee", "an examination gives reasonable assurance, and controls can fail"),
    ("guarantees", "an examination gives reasonable assurance, and controls can fail"),
    ("guaranteed", "an examination gives reasonable assurance, and controls can fail"),
    ("fully secure", "say which controls protect what"),
];

/// Terms of a trade, in which the word is a person's title, a file's name or a bank's instrument.
const TRADE: &[&str] = &[
    "certified public accountant",
    "certified coder",
    "certified investment report",
    "certified mail",
    "certified payroll",
    "signature guarantee",
    "medallion guarantee",
];

pub(super) fn words(engagement: &EngagementView, texts: &[Text], findings: &mut Findings) {
    for text in texts {
        let lower = text.text.to_lowercase();
        // It is printed by its number, so that nobody takes a box for it; the reader still cannot read it.
        if let Some(character) = text.text.chars().find(|character| !draws(*character)) {
            let number = u32::from(character);
            say(text, "RPT-15", format!("no font of the documents draws `{character}` (U+{number:04X})"), findings);
        }
        for (word, instead) in never_said(&lower) {
            say(text, "RPT-10", format!("`{word}` is never said: {instead}"), findings);
        }
        if engagement.report_type == ReportType::Type1 {
            for words in ["operated effectively", "throughout the period", "during the period"] {
                if lower.contains(words) {
                    say(text, "RPT-07", format!("a Type 1 says nothing of operation: `{words}`"), findings);
                }
            }
        }
        match engagement.report {
            ReportKind::Soc1 => {
                if let Some(id) = criterion_id(&text.text) {
                    say(text, "RPT-08", format!("a SOC 1 does not use trust services criteria: `{id}`"), findings);
                }
            }
            ReportKind::Soc2 | ReportKind::Soc3 => {
                // A control shared with a SOC 1 may well speak of control objectives; only a person can tell.
                if has_word(&lower, "control objective") || has_word(&lower, "control objectives") {
                    findings.warn("RPT-08", text.place.clone(), "a SOC 2 has criteria, not control objectives");
                }
            }
        }
    }
}

/// The words of a text in small letters that are never said, each with what can be said instead.
fn never_said(lower: &str) -> Vec<(&'static str, &'static str)> {
    let rest = TRADE.iter().fold(lower.to_owned(), |rest, term| rest.replace(term, ""));
    NEVER.iter().filter(|(word, _)| has_word(&rest, word)).copied().collect()
}

fn say(text: &Text, rule: &'static str, message: String, findings: &mut Findings) {
    if text.is_the_firms() {
        findings.warn(rule, text.place.clone(), message);
    } else {
        findings.error(rule, text.place.clone(), message);
    }
}

/// Whether `words` stand in `text` with no letter before or after them.
pub(super) fn has_word(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(at, found)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + found.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

/// A criterion id such as `CC6.1` standing as a word of its own.
fn criterion_id(text: &str) -> Option<&str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '.').map(|word| word.trim_end_matches('.')).find(|word| {
        let rest = ["CC", "PI", "A", "C", "P"].iter().find_map(|prefix| word.strip_prefix(prefix));
        let Some((series, number)) = rest.and_then(|rest| rest.split_once('.')) else { return false };
        let digits = |part: &str| part.len() == 1 && part.bytes().all(|byte| byte.is_ascii_digit());
        digits(series) && digits(number)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole_words() {
        assert!(has_word("is compliant.", "compliant"));
        assert!(!has_word("is noncompliant.", "compliant"));
        assert!(has_word("soc 2 certified", "certified"));
        assert!(!has_word("certifiedness", "certified"));
    }

    #[test]
    fn terms_of_a_trade_are_no_claims() {
        assert!(never_said("certified coders code; a signature guarantee or call-back; by certified mail").is_empty());
        assert_eq!(never_said("certified coders of a certified system").len(), 1);
        assert_eq!(never_said("we guarantee it").len(), 1);
    }

    /// What the catalog words can be issued.
    #[test]
    fn the_catalog_says_none_of_them() {
        let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalog"))];
        let mut said = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if let Ok(text) = std::fs::read_to_string(&path) {
                    said.extend(never_said(&text.to_lowercase()).iter().map(|(word, _)| format!("{path:?}: {word}")));
                }
            }
        }
        assert!(said.is_empty(), "{said:#?}");
    }

    #[test]
    fn criterion_ids_are_told_from_versions_and_prices() {
        for (text, found) in [
            ("serves CC6.1.", Some("CC6.1")),
            ("(A1.2)", Some("A1.2")),
            ("PI1.3, x", Some("PI1.3")),
            ("version 6.1", None),
            ("Form A10.25", None),
            ("PAY-1", None),
        ] {
            assert_eq!(criterion_id(text), found, "{text}");
        }
    }
}

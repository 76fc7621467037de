//! Text that a library wrote (RPT-13, CRT-01): how much of what management says is word for word what came with the product.
//!
//! Shares are counted in words of whole sentences, so that a phrase which any description has is no copy.

use std::collections::BTreeSet;

use super::{Finding, Findings, sorted};
use crate::view::{Description, ReportKind, ReportView};

/// RPT-13: from this share of its words on, a description is a template's. Sentences that law or custom words alike (who is
/// responsible, what a control cannot do) stay well below it.
pub const PROSE_PERCENT: usize = 25;

/// CRT-01: above this share of controls worded as the catalog words them, a reader sees the catalog and not the organization.
pub const CONTROLS_PERCENT: usize = 50;

/// Sentences that come with the product: statements of the catalog's controls, and the texts that its templates offer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Library {
    statements: BTreeSet<String>,
    sentences: BTreeSet<String>,
}

impl Library {
    /// Adds the statement of a control.
    pub fn add_statement(&mut self, text: &str) {
        self.statements.insert(plain(text));
        self.add_prose(text);
    }

    /// Adds a text that management may take over, sentence by sentence.
    pub fn add_prose(&mut self, text: &str) {
        self.sentences.extend(sentences(text).map(|sentence| plain(&sentence)));
    }
}

/// How much of a report the library wrote.
pub fn lint_boilerplate(view: &ReportView, library: &Library) -> Vec<Finding> {
    let mut findings = Findings::default();
    let (mut copied, mut all) = (0, 0);
    for sentence in prose(&view.description).into_iter().flat_map(sentences) {
        let words = sentence.split_whitespace().count();
        all += words;
        if library.sentences.contains(&plain(&sentence)) {
            copied += words;
        }
    }
    if let Some(percent) = (copied * 100).checked_div(all).filter(|percent| *percent >= PROSE_PERCENT) {
        findings.warn(
            "RPT-13",
            "description",
            format!(
                "{percent} percent of its words stand so in a template or in the catalog ({PROSE_PERCENT} or more warn)"
            ),
        );
    }
    let controls = &view.description.controls;
    let as_catalog = controls.iter().filter(|control| library.statements.contains(&plain(&control.statement))).count();
    if view.engagement.report != ReportKind::Soc3 && as_catalog * 100 > controls.len() * CONTROLS_PERCENT {
        findings.warn(
            "CRT-01",
            "description.controls",
            format!(
                "{as_catalog} of {} controls are worded as the catalog words them (more than {CONTROLS_PERCENT} percent warn)",
                controls.len()
            ),
        );
    }
    sorted(findings)
}

/// What management writes of a description; controls and measures come from elsewhere.
fn prose(description: &Description) -> Vec<&str> {
    let sections = description.services.iter().chain(&description.procedures).chain(&description.internal_control);
    [&description.overview, &description.boundary]
        .into_iter()
        .chain(sections.map(|section| &section.text))
        .chain(description.transaction_classes.iter().map(|class| &class.text))
        .chain(description.key_reports.iter().map(|report| &report.text))
        .chain(description.components.iter().map(|component| &component.text))
        .map(|text| text.prose.as_str())
        .collect()
}

/// The sentences of a text; a line of a list or a heading is one.
fn sentences(text: &str) -> impl Iterator<Item = String> {
    let joined = text.replace("\r\n", "\n");
    let paragraphs: Vec<String> = joined.split("\n\n").map(|lines| lines.replace('\n', " ")).collect();
    let sentences = paragraphs.into_iter().flat_map(|paragraph| {
        paragraph.split_inclusive(". ").map(|sentence| sentence.trim().to_owned()).collect::<Vec<_>>()
    });
    sentences.filter(|sentence| !sentence.is_empty())
}

/// A sentence without what layout adds: one space between words, no capitals, no stop at its end.
fn plain(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").trim_end_matches('.').to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_the_same_however_it_is_laid_out() {
        let mut library = Library::default();
        library.add_prose("Access is granted\nby managers. Backups run each night.");
        for (text, known) in [
            ("Access is granted by managers", true),
            ("backups  run each night.", true),
            ("Backups run each hour.", false),
        ] {
            assert_eq!(library.sentences.contains(&plain(text)), known, "{text}");
        }
    }
}

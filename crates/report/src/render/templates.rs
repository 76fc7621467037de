//! The templates compiled into the binary, each under the virtual path by which others import it.

use tickmark_canonical::Digest;

use crate::Document;

macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        &[$((concat!("/", $name), include_str!(concat!("../../templates/", $name)))),*]
    };
}

/// Path and text of each template; those of other formats than PDF stand here for the digest.
pub(crate) const TEMPLATES: &[(&str, &str)] = templates![
    "advice-memo.typ",
    "checklist.typ",
    "companion.typ",
    "control-calendar.typ",
    "controls.typ",
    "cover.typ",
    "description.typ",
    "docx/font-table.xml",
    "docx/styles.xml",
    "docx/theme.xml",
    "docx/watermark.xml",
    "exceptions.typ",
    "exceptions-table.typ",
    "figure.typ",
    "for-auditors.md",
    "for-auditors-without-tests.md",
    "how-to-check.md",
    "management-testing.typ",
    "population.typ",
    "prose.typ",
    "report.typ",
    "standing.typ",
    "style.typ",
    "tests-of-controls.typ",
    "tick-marks.typ",
];

/// The template of the advisor's memo.
pub(crate) const ADVICE_MEMO: &str = "/advice-memo.typ";

/// The template of what stands beside a report.
pub(crate) const COMPANION: &str = "/companion.typ";

/// The template of a checklist of controls.
pub(crate) const CHECKLIST: &str = "/checklist.typ";

/// The template of the record of a population.
pub(crate) const POPULATION: &str = "/population.typ";
/// The template of a control calendar.
pub(crate) const CONTROL_CALENDAR: &str = "/control-calendar.typ";

/// The template a document starts from.
pub(crate) fn main(document: &Document) -> &'static str {
    match document {
        Document::Report(_) => "/report.typ",
        Document::ManagementTesting(_) => "/management-testing.typ",
        Document::Exceptions(_) => "/exceptions.typ",
    }
}

/// The digest over paths and texts.
pub(crate) fn digest() -> Digest {
    let parts: Vec<&[u8]> = TEMPLATES.iter().flat_map(|(path, text)| [path.as_bytes(), text.as_bytes()]).collect();
    Digest::of_parts(&parts)
}

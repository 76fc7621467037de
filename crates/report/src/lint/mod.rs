//! Lint: what a careful reader would send back, found before the reader does.
//!
//! Invariant: lint reads views only and changes nothing; a rule it cannot decide from the data stays silent.
//! Invariant: nothing here judges a control or proposes an opinion.
//!
//! Rule ids: RPT whole report, DAT dates, S1D description of a SOC 1 (AT-C 320), DC description of a SOC 2 (DC section
//! 200), SOC3 what a SOC 3 attaches and leaves out, OBJ and CTL wording of objectives and controls, ASR assertion, AUD the firm's report, TST section IV, RSP
//! management's responses, CRT what critics look for, IPE populations, MGT management's testing, EXC exceptions, FIG figures, PKG packages.

mod across;
mod assertion;
mod auditors_report;
mod boilerplate;
mod critics;
mod dates;
mod description;
mod exceptions;
mod figures;
mod management_testing;
mod measures;
mod package;
mod report;
mod tests_of_controls;
mod texts;
mod words;

use serde::Serialize;

use crate::{Document, Error, view::ReportView};

pub use across::lint_documents;
pub use boilerplate::{CONTROLS_PERCENT, Library, PROSE_PERCENT, lint_boilerplate};
pub use critics::MANY_TESTS;
pub use package::lint_package;

/// Something to correct or to look at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// The rule.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Where, as a path into the view: `description.controls[3].statement`.
    pub place: String,
    /// What is wrong and what would be right.
    pub message: String,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The document must not be issued so.
    Error,
    /// Somebody should look.
    Warning,
}

/// Findings as rules collect them.
#[derive(Default)]
pub(crate) struct Findings(Vec<Finding>);

impl Findings {
    pub(crate) fn error(&mut self, rule: &'static str, place: impl Into<String>, message: impl Into<String>) {
        self.push(rule, Severity::Error, place.into(), message.into());
    }

    pub(crate) fn warn(&mut self, rule: &'static str, place: impl Into<String>, message: impl Into<String>) {
        self.push(rule, Severity::Warning, place.into(), message.into());
    }

    fn push(&mut self, rule: &'static str, severity: Severity, place: String, message: String) {
        self.0.push(Finding { rule, severity, place, message });
    }
}

/// Everything to say about one document, errors first, then by rule and place.
pub fn lint_document(document: &Document) -> Result<Vec<Finding>, Error> {
    let mut findings = Findings::default();
    dates::engagement(document.engagement(), &mut findings);
    match document {
        Document::Report(view) => lint_report(view, &mut findings),
        Document::ManagementTesting(view) => {
            management_testing::management_testing(view, &mut findings);
            critics::testing(view, &mut findings);
            exceptions::exceptions(&view.exceptions, &mut findings);
        }
        Document::Exceptions(view) => exceptions::exceptions(&view.exceptions, &mut findings),
    }
    let texts = texts::texts(document)?;
    words::words(document.engagement(), &texts, &mut findings);
    figures::figures(document, &mut findings)?;
    Ok(sorted(findings))
}

fn lint_report(view: &ReportView, findings: &mut Findings) {
    dates::report(view, findings);
    report::report(view, findings);
    description::description(&view.engagement, &view.description, findings);
    measures::measures(&view.engagement, &view.description, findings);
    assertion::assertion(view, findings);
    auditors_report::auditors_report(view, findings);
    tests_of_controls::tests_of_controls(view, findings);
}

fn sorted(findings: Findings) -> Vec<Finding> {
    let mut findings = findings.0;
    findings
        .sort_by(|a, b| (a.severity, a.rule, &a.place, &a.message).cmp(&(b.severity, b.rule, &b.place, &b.message)));
    findings.dedup();
    findings
}

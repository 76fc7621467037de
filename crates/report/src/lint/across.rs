//! What several documents of one engagement say of the same thing (RPT-01, RPT-03, DAT-02, TST-10).

use std::collections::BTreeMap;

use super::{Finding, Findings, critics, lint_document, sorted};
use crate::{
    Document, Error,
    view::{Authority, EngagementView, ManagementTestingView, ReportView},
};

/// Everything to say about the documents of a package: about each, and about each against the others. A place begins
/// with the document's name.
pub fn lint_documents(documents: &BTreeMap<String, Document>) -> Result<Vec<Finding>, Error> {
    let mut findings = Findings::default();
    for (name, document) in documents {
        for finding in lint_document(document)? {
            findings.0.push(Finding { place: format!("{name}: {}", finding.place), ..finding });
        }
    }
    let mut by_engagement: BTreeMap<&str, Vec<(&str, &Document)>> = BTreeMap::new();
    for (name, document) in documents {
        by_engagement.entry(document.engagement().id.as_str()).or_default().push((name, document));
    }
    for group in by_engagement.values() {
        if let Some(((first_name, first), rest)) = group.split_first() {
            for (name, document) in rest {
                same_engagement(first_name, first.engagement(), name, document.engagement(), &mut findings);
            }
        }
        let reports = group.iter().filter_map(|(name, document)| match document {
            Document::Report(view) => Some((*name, view.as_ref())),
            Document::ManagementTesting(_) | Document::Exceptions(_) => None,
        });
        let testing: Vec<(&str, &ManagementTestingView)> = group
            .iter()
            .filter_map(|(name, document)| match document {
                Document::ManagementTesting(view) => Some((*name, view.as_ref())),
                Document::Report(_) | Document::Exceptions(_) => None,
            })
            .collect();
        for (name, report) in reports {
            for (other, view) in &testing {
                same_controls(name, report, other, view, &mut findings);
                adopted_tests(name, report, other, view, &mut findings);
                critics::report(name, report, view, &mut findings);
            }
        }
    }
    Ok(sorted(findings))
}

fn same_engagement(a_name: &str, a: &EngagementView, b_name: &str, b: &EngagementView, findings: &mut Findings) {
    if a.coverage != b.coverage || a.report_type != b.report_type {
        findings.error(
            "DAT-02",
            format!("{b_name}: engagement.coverage"),
            format!("`{a_name}` and `{b_name}` speak of other times"),
        );
    }
    let names_agree =
        a.organization == b.organization && a.system == b.system && a.firm == b.firm && a.report == b.report;
    if !names_agree {
        findings.error(
            "RPT-03",
            format!("{b_name}: engagement"),
            format!("`{a_name}` and `{b_name}` name the organization, system, firm or report differently"),
        );
    }
}

fn same_controls(name: &str, report: &ReportView, other: &str, view: &ManagementTestingView, findings: &mut Findings) {
    let tested: BTreeMap<&str, &str> = view.controls.iter().map(|c| (c.id.as_str(), c.statement.as_str())).collect();
    for control in &report.description.controls {
        match tested.get(control.id.as_str()) {
            None => findings.error(
                "RPT-01",
                format!("{other}: controls"),
                format!("control `{}` of `{name}` is missing", control.id),
            ),
            Some(statement) if *statement != control.statement => {
                findings.error(
                    "RPT-01",
                    format!("{other}: controls"),
                    format!("control `{}` is worded otherwise than in `{name}`", control.id),
                );
            }
            Some(_) => {}
        }
    }
}

/// What the firm adopted must be the SQL that management ran, or the adoption is of something else.
fn adopted_tests(name: &str, report: &ReportView, other: &str, view: &ManagementTestingView, findings: &mut Findings) {
    let run: BTreeMap<&str, tickmark_canonical::Digest> =
        view.controls.iter().flat_map(|c| c.tests.iter().map(|t| (t.id.as_str(), t.sql))).collect();
    let tests = report.tests_of_controls.iter().flat_map(|tests| &tests.controls).flat_map(|results| &results.tests);
    for test in tests {
        let Authority::Adopted(adoption) = &test.authority else { continue };
        match run.get(adoption.control_test.as_str()) {
            None => findings.error(
                "TST-10",
                format!("{name}: tests_of_controls"),
                format!("test `{}` adopts `{}`, which `{other}` does not show", test.id, adoption.control_test),
            ),
            Some(sql) if *sql != adoption.sql => findings.error(
                "TST-10",
                format!("{name}: tests_of_controls"),
                format!("test `{}` adopts other SQL of `{}` than `{other}` shows", test.id, adoption.control_test),
            ),
            Some(_) => {}
        }
    }
}

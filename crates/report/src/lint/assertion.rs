//! Management's assertion (ASR).

use super::{Findings, auditors_report::is_modified};
use crate::view::{AuditorReport, Coverage, EngagementView, Method, ReportKind, ReportType, ReportView};

pub(super) fn assertion(view: &ReportView, findings: &mut Findings) {
    let engagement = &view.engagement;
    let text = view.assertion.text.prose.to_lowercase();
    if text.trim().is_empty() {
        findings.error("ASR-01", "assertion.text", "management has written no assertion");
        return;
    }
    if !text.contains(&engagement.system.to_lowercase()) {
        findings.error("ASR-01", "assertion.text", format!("the system `{}` is not named", engagement.system));
    }
    let cites_dc = text.contains("dc section 200") || text.contains("dc 200");
    match engagement.report {
        ReportKind::Soc3 if cites_dc => {
            findings.error(
                "ASR-02",
                "assertion.text",
                "a SOC 3 has no description that DC section 200 would be the criteria of",
            );
        }
        ReportKind::Soc1 if cites_dc => {
            findings.error(
                "ASR-02",
                "assertion.text",
                "the criteria for the description of a SOC 1 are in AT-C section 320, not in DC section 200",
            );
        }
        ReportKind::Soc2 if !cites_dc => {
            findings.error(
                "ASR-02",
                "assertion.text",
                "the criteria for the description of a SOC 2 (DC section 200) are not cited",
            );
        }
        ReportKind::Soc1 | ReportKind::Soc2 | ReportKind::Soc3 => {}
    }
    standard(engagement, &text, findings);
    let is_soc3 = engagement.report == ReportKind::Soc3;
    if !is_soc3 && !text.contains("suitably designed") {
        findings.warn("ASR-03", "assertion.text", "nothing is said of the design of controls");
    }
    let asserts_operation = text.contains("operated effectively") || (is_soc3 && text.contains("were effective"));
    if engagement.report_type == ReportType::Type2 && !asserts_operation {
        findings.error("ASR-04", "assertion.text", "operation over the period is asserted, and nothing is said of it");
    }
    coverage(engagement, &text, findings);
    let has_complementary = !view.description.complementary_user_entity_controls.is_empty()
        || !view.description.complementary_subservice_organization_controls.is_empty();
    if has_complementary && !text.contains("complementary") {
        findings.error(
            "ASR-05",
            "assertion.text",
            "the complementary controls that the description assumes are not mentioned",
        );
    }
    for organization in &view.description.subservice_organizations {
        let word = match organization.method {
            Method::CarveOut => "carve-out",
            Method::Inclusive => "inclusive",
        };
        if !text.contains(word) {
            findings.warn(
                "RPT-05",
                "assertion.text",
                format!("the {word} method, by which `{}` is treated, is not named", organization.name),
            );
        }
        let asserts = view.subservice_assertions.iter().any(|assertion| assertion.organization == organization.name);
        if organization.method == Method::Inclusive && !asserts {
            findings.error(
                "ASR-08",
                "subservice_assertions",
                format!("`{}` is inclusive and has given no assertion", organization.name),
            );
        }
    }
    if let AuditorReport::Issued { text: opinion, .. } = &view.auditor_report
        && is_modified(&opinion.prose.to_lowercase())
        && !text.contains("except for")
    {
        findings.warn(
            "ASR-07",
            "assertion.text",
            "the opinion is modified, and the assertion names no exception from what it claims",
        );
    }
    if view.assertion.signed_on.is_some() && view.assertion.signatories.is_empty() {
        findings.error("ASR-01", "assertion.signatories", "the assertion is signed by nobody");
    }
}

/// ASR-06: a SOC 1 names the standard whose criteria it uses, and under ISAE 3402 alone no other.
fn standard(engagement: &EngagementView, text: &str, findings: &mut Findings) {
    if engagement.report != ReportKind::Soc1 {
        return;
    }
    let (isae, at_c) = (text.contains("isae 3402"), text.contains("at-c section 320") || text.contains("at-c 320"));
    if engagement.is_isae_alone() && (at_c || !isae) {
        findings.error("ASR-06", "assertion.text", "the criteria of a report under ISAE 3402 are cited from there");
    }
    if !engagement.is_isae_alone() && !at_c {
        findings.warn("ASR-06", "assertion.text", "AT-C section 320, where the criteria are, is not cited");
    }
    if engagement.standards.len() > 1 && !isae {
        findings.warn("ASR-06", "assertion.text", "the report names ISAE 3402 too, and the assertion does not");
    }
}

/// ASR-01: the as-of date, or the first and the last day, as the report gives them.
fn coverage(engagement: &EngagementView, text: &str, findings: &mut Findings) {
    let days = match engagement.coverage {
        Coverage::AsOf { on } => vec![on],
        Coverage::Period { first, last } => vec![first, last],
    };
    for day in days {
        let written = day.strftime("%B %-d, %Y").to_string().to_lowercase();
        if !text.contains(&written) && !text.contains(&day.to_string()) {
            findings.warn("ASR-01", "assertion.text", format!("{day} is not named, and the report speaks of it"));
        }
    }
}

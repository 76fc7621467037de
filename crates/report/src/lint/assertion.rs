//! Management's assertion (ASR) and, as hints to the firm only, the firm's report (AUD).

use super::Findings;
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
    if view.assertion.signed_on.is_some() && view.assertion.signatories.is_empty() {
        findings.error("ASR-01", "assertion.signatories", "the assertion is signed by nobody");
    }
    auditor_report(view, findings);
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

/// The firm's words are the firm's: these only warn, and only about what readers look for.
fn auditor_report(view: &ReportView, findings: &mut Findings) {
    let AuditorReport::Issued { text, city, signed_by, .. } = &view.auditor_report else { return };
    let lower = text.prose.to_lowercase();
    let mut hint = |rule: &'static str, is_missing: bool, message: &str| {
        if is_missing {
            findings.warn(rule, "auditor_report.text", message);
        }
    };
    hint("AUD-02", !lower.trim_start().starts_with("to "), "no addressee is found");
    hint("AUD-03", !lower.contains(&view.engagement.system.to_lowercase()), "the system is not named");
    if view.engagement.is_isae_alone() {
        hint("AUD-08", !lower.contains("isae 3402"), "ISAE 3402 is not mentioned");
    } else {
        hint("AUD-08", !lower.contains("attestation standards"), "the attestation standards are not mentioned");
    }
    hint("AUD-08", !lower.contains("independent"), "independence is not mentioned");
    hint("AUD-10", !lower.contains("inherent limitations"), "the inherent limitations are not mentioned");
    hint("AUD-13", !lower.contains("opinion"), "no opinion is found");
    let is_general = view.engagement.report == ReportKind::Soc3;
    // ISAE 3402 asks for the intended users and the purpose; AT-C 205 for a restriction.
    let restricts = ["intended solely", "intended only"].iter().any(|words| lower.contains(words));
    hint("AUD-15", !is_general && !restricts, "no restriction of use is found");
    let tested = view.tests_of_controls.is_some();
    hint(
        "AUD-11",
        tested && !lower.contains("section iv"),
        "the section with the tests and their results is not named",
    );
    let is_type_1 = view.engagement.report_type == ReportType::Type1;
    hint(
        "AUD-12",
        is_type_1 && !lower.contains("operating effectiveness"),
        "that operation was not tested is not said",
    );
    let has_section_five = view.other_information.is_some();
    hint("AUD-04", has_section_five && !lower.contains("section v"), "Section V exists and is not excluded");
    let carved_out = view.description.subservice_organizations.iter().filter(|o| o.method == Method::CarveOut);
    for organization in carved_out {
        hint(
            "AUD-05",
            !lower.contains(&organization.name.to_lowercase()),
            "a carved-out subservice organization is not named",
        );
    }
    hint("AUD-16", city.trim().is_empty() || signed_by.trim().is_empty(), "the firm's name or city is missing");
}

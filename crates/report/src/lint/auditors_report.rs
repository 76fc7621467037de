//! The service auditor's report (AUD): hints to the firm, which writes it.

use std::collections::BTreeSet;

use super::Findings;
use crate::view::{AuditorReport, Method, ReportKind, ReportType, ReportView};

/// The firm's words are the firm's: these only warn, and only about what readers look for.
pub(super) fn auditors_report(view: &ReportView, findings: &mut Findings) {
    let AuditorReport::Issued { text, city, signed_by, .. } = &view.auditor_report else { return };
    let lower = text.prose.to_lowercase();
    let mut hint = |rule: &'static str, is_missing: bool, message: &str| {
        if is_missing {
            findings.warn(rule, "auditor_report.text", message);
        }
    };
    hint("AUD-02", !lower.lines().any(|line| line.trim_start().starts_with("to ")), "no addressee is found");
    hint("AUD-03", !lower.contains(&view.engagement.system.to_lowercase()), "the system is not named");
    if view.engagement.is_isae_alone() {
        hint("AUD-08", !lower.contains("isae 3402"), "ISAE 3402 is not mentioned");
    } else {
        hint("AUD-08", !lower.contains("attestation standards"), "the attestation standards are not mentioned");
    }
    hint("AUD-08", !lower.contains("independent"), "independence is not mentioned");
    let says_responsible = lower.contains("responsibilit") || lower.contains("responsible");
    hint("AUD-07", !says_responsible, "what the service organization is responsible for is not said");
    let says_involves = lower.contains("involve") || lower.contains("performing procedures");
    hint("AUD-09", !says_involves, "what an examination involves is not said");
    let assumes = !view.description.complementary_user_entity_controls.is_empty();
    hint(
        "AUD-06",
        assumes && !lower.contains("complementary"),
        "the complementary user entity controls that the description assumes are not mentioned",
    );
    hint(
        "AUD-14",
        is_modified(&lower) && !lower.contains("basis for"),
        "the opinion is modified, and its basis is not found before it",
    );
    for measure in idle_measures(view).filter(|measure| !lower.contains(&measure.to_lowercase())) {
        hint("AUD-17", true, &format!("no control of `{measure}` operated, and it is not named"));
    }
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

/// Whether the words of a modified opinion stand in a text in small letters. What it says of what is for the firm and its
/// readers to judge (RPT-11).
pub(super) fn is_modified(lower: &str) -> bool {
    let without_clean = lower.replace("unqualified opinion", "");
    ["qualified opinion", "adverse opinion", "disclaimer of opinion", "except for the"]
        .iter()
        .any(|words| without_clean.contains(words))
}

/// Control objectives and criteria of which the firm says that no control operated.
fn idle_measures(view: &ReportView) -> impl Iterator<Item = &str> {
    let of_firm = view.tests_of_controls.iter().flat_map(|tests| &tests.controls);
    let idle: BTreeSet<&str> =
        of_firm.filter(|of| of.did_not_operate.is_some()).map(|of| of.control.as_str()).collect();
    let measures = view.description.measures.iter().filter(|measure| !measure.controls.is_empty());
    measures
        .filter(move |measure| measure.controls.iter().all(|control| idle.contains(control.as_str())))
        .map(|measure| measure.id.as_str())
}

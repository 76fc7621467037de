//! The checklists of a description (S1D for SOC 1, DC for SOC 2, SOC3 for what a SOC 3 attaches), as far as data can tell. Whether
//! a SOC 1 leaves out or distorts nothing (S1D-12) is for a person.

use std::collections::BTreeSet;

use super::Findings;
use crate::view::{
    ChangeDisclosure, ComponentKind, Description, EngagementView, IncidentDisclosure, Method, ReportKind, ReportType,
    SubserviceOrganization,
};

pub(super) fn description(engagement: &EngagementView, description: &Description, findings: &mut Findings) {
    match engagement.report {
        ReportKind::Soc1 => soc1(engagement, description, findings),
        ReportKind::Soc2 => soc2(engagement, description, findings),
        ReportKind::Soc3 => return soc3(engagement, description, findings),
    }
    subservice(engagement, description, findings);
}

/// What a SOC 3 attaches to management's assertion, and what it keeps for those who may read the SOC 2.
fn soc3(engagement: &EngagementView, description: &Description, findings: &mut Findings) {
    let complementary =
        [&description.complementary_user_entity_controls, &description.complementary_subservice_organization_controls];
    let names_controls = |organization: &SubserviceOrganization| {
        !(organization.monitoring_controls.is_empty() && organization.measures.is_empty())
    };
    for (place, is_shown) in [
        ("measures", !description.measures.is_empty()),
        ("controls", !description.controls.is_empty()),
        ("transaction_classes", !description.transaction_classes.is_empty()),
        ("procedures", !description.procedures.is_empty()),
        ("key_reports", !description.key_reports.is_empty()),
        ("internal_control", !description.internal_control.is_empty()),
        ("incidents", description.incidents.is_some()),
        ("changes", description.changes.is_some()),
        ("complementary_user_entity_controls", complementary.iter().any(|controls| !controls.is_empty())),
        ("subservice_organizations", description.subservice_organizations.iter().any(names_controls)),
    ] {
        if is_shown {
            findings.error(
                "SOC3-01",
                format!("description.{place}"),
                "a SOC 3 attaches the boundary of the system and the principal commitments, and shows no control",
            );
        }
    }
    if description.boundary.is_empty() {
        findings.error("SOC3-02", "description.boundary", "the boundary of the system is missing");
    }
    commitments(engagement, description, "SOC3-02", findings);
}

/// Each category in scope has a principal commitment, and each commitment what the system must do to keep it.
fn commitments(engagement: &EngagementView, description: &Description, rule: &'static str, findings: &mut Findings) {
    for category in &engagement.categories {
        if !description.commitments.iter().any(|commitment| commitment.category == *category) {
            let message = format!("the category `{category}` has no commitment");
            findings.error(rule, "description.commitments", message);
        }
    }
    for (index, commitment) in description.commitments.iter().enumerate() {
        if commitment.requirement.trim().is_empty() {
            let place = format!("description.commitments[{index}]");
            findings.error(rule, place, "the commitment has no system requirement");
        }
    }
}

fn soc1(engagement: &EngagementView, description: &Description, findings: &mut Findings) {
    let mut need = |rule: &'static str, place: &str, is_missing: bool, message: &str| {
        if is_missing {
            findings.error(rule, format!("description.{place}"), message);
        }
    };
    need("S1D-01", "services", description.services.is_empty(), "the kinds of service are missing");
    need(
        "S1D-01",
        "transaction_classes",
        description.transaction_classes.is_empty(),
        "the classes of transactions are missing",
    );
    need(
        "S1D-02",
        "procedures",
        description.procedures.is_empty(),
        "the procedures by which transactions are processed are missing",
    );
    need(
        "S1D-05",
        "key_reports",
        description.key_reports.is_empty(),
        "the reports and files given to user entities are missing",
    );
    need("S1D-07", "measures", description.measures.is_empty(), "the control objectives are missing");
    need(
        "S1D-10",
        "internal_control",
        description.internal_control.len() < 4,
        "control environment, risk assessment, information and communication, and monitoring are each described",
    );
    need(
        "S1D-14",
        "boundary",
        description.boundary.is_empty(),
        "what the description covers and leaves out is missing",
    );
    need("S1D-06", "commitments", !description.commitments.is_empty(), "service commitments belong to a SOC 2");
    for (index, report) in description.key_reports.iter().enumerate() {
        need(
            "S1D-05",
            &format!("key_reports[{index}]"),
            report.controls.is_empty(),
            "no control keeps this report complete and accurate",
        );
    }
    if description.complementary_user_entity_controls.is_empty() {
        findings.warn(
            "S1D-08",
            "description.complementary_user_entity_controls",
            "a SOC 1 without complementary user entity controls is rare",
        );
    }
    // Words that no such procedure does without; whether they say enough is for a reader.
    let told: String = description.procedures.iter().map(|of| format!("{} {} ", of.title, of.text.prose)).collect();
    let told = told.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| told.contains(word));
    for (rule, is_missing, message) in [
        ("S1D-03", !says(&["correct", "adjust"]), "how wrong information is corrected is not told"),
        (
            "S1D-04",
            !says(&["event", "condition"]),
            "how events and conditions other than transactions are dealt with is not told",
        ),
    ] {
        if is_missing && !description.procedures.is_empty() {
            findings.warn(rule, "description.procedures", message);
        }
    }
    changes("S1D-11", engagement, description, findings);
}

fn soc2(engagement: &EngagementView, description: &Description, findings: &mut Findings) {
    let mut need = |rule: &'static str, place: &str, is_missing: bool, message: &str| {
        if is_missing {
            findings.error(rule, format!("description.{place}"), message);
        }
    };
    need("DC1", "services", description.services.is_empty(), "the kinds of service are missing");
    need("DC3", "boundary", description.boundary.is_empty(), "the boundary of the system is missing");
    let described: BTreeSet<ComponentKind> =
        description.components.iter().filter(|c| !c.text.is_empty()).map(|c| c.kind).collect();
    need(
        "DC3",
        "components",
        described.len() < 5,
        "infrastructure, software, people, procedures and data are each described",
    );
    commitments(engagement, description, "DC2", findings);
    match &description.incidents {
        None | Some(IncidentDisclosure::NotAnswered) => {
            findings.error("DC4", "description.incidents", "whether incidents must be disclosed is not answered");
        }
        Some(IncidentDisclosure::Disclosed(incidents)) => {
            for (index, incident) in incidents.iter().enumerate() {
                let parts = [&incident.nature, &incident.timing, &incident.effect, &incident.outcome];
                if parts.iter().any(|part| part.trim().is_empty()) {
                    findings.error(
                        "DC4",
                        format!("description.incidents[{index}]"),
                        "an incident has nature, timing, effect and outcome",
                    );
                }
            }
        }
        Some(IncidentDisclosure::None { .. }) => {}
    }
    changes("DC9", engagement, description, findings);
}

fn changes(rule: &'static str, engagement: &EngagementView, description: &Description, findings: &mut Findings) {
    let place = "description.changes";
    match (engagement.report_type, &description.changes) {
        (ReportType::Type1, Some(_)) => {
            findings.error(rule, place, "a Type 1 has no period in which something changed")
        }
        (ReportType::Type2, None | Some(ChangeDisclosure::NotAnswered)) => {
            findings.error(rule, place, "whether the system changed in the period is not answered");
        }
        (ReportType::Type2, Some(ChangeDisclosure::Disclosed(changes))) => {
            for (index, change) in changes.iter().enumerate() {
                if !covers(engagement, change.on) {
                    findings.warn(rule, format!("{place}[{index}]"), format!("{} lies outside the period", change.on));
                }
            }
        }
        (ReportType::Type1, None) | (ReportType::Type2, Some(ChangeDisclosure::None { .. })) => {}
    }
}

fn covers(engagement: &EngagementView, on: jiff::civil::Date) -> bool {
    match engagement.coverage {
        crate::view::Coverage::AsOf { .. } => true,
        crate::view::Coverage::Period { first, last } => first <= on && on <= last,
    }
}

fn subservice(engagement: &EngagementView, description: &Description, findings: &mut Findings) {
    let rule = if engagement.report == ReportKind::Soc1 { "S1D-09" } else { "DC7" };
    for (index, organization) in description.subservice_organizations.iter().enumerate() {
        let place = format!("description.subservice_organizations[{index}]");
        let has_control = description
            .complementary_subservice_organization_controls
            .iter()
            .any(|control| control.run_by.as_deref() == Some(organization.name.as_str()));
        if organization.method == Method::CarveOut && !has_control {
            findings.error(
                rule,
                &place,
                format!("`{}` is carved out and no complementary control of it is assumed", organization.name),
            );
        }
        if organization.monitoring_controls.is_empty() {
            findings.error(rule, &place, format!("no control monitors `{}`", organization.name));
        }
        if organization.measures.is_empty() {
            findings.error(
                "RPT-04",
                &place,
                format!("`{}` helps to meet no objective or criterion in scope", organization.name),
            );
        }
    }
}

//! The report as a whole (RPT-01 to RPT-09).

use std::collections::{BTreeMap, BTreeSet};

use super::Findings;
use crate::view::{Complementary, Method, ReportKind, ReportType, ReportView};

pub(super) fn report(view: &ReportView, findings: &mut Findings) {
    let description = &view.description;
    let mut described = BTreeMap::new();
    for (index, control) in description.controls.iter().enumerate() {
        let place = format!("description.controls[{index}]");
        if described.insert(control.id.as_str(), control).is_some() {
            findings.error("RPT-01", &place, format!("control `{}` is described twice", control.id));
        }
        if control.implemented == Some(false) {
            let says =
                format!("control `{}` is described, and what was looked at shows that it is not in place", control.id);
            // A Type 2 states what was found of it, as deviations; of a Type 1 being in place is the subject.
            match view.engagement.report_type {
                ReportType::Type1 => findings.error("RPT-06", &place, says),
                ReportType::Type2 => findings.warn("RPT-06", &place, says),
            }
        }
    }
    let unshown: Vec<&str> =
        description.controls.iter().filter(|control| control.implemented.is_none()).map(|c| c.id.as_str()).collect();
    if let [first, more @ ..] = unshown.as_slice() {
        let which = if more.is_empty() { String::new() } else { format!(" and {} more controls are", more.len()) };
        let says = format!("nothing shows that `{first}`{} in place", if which.is_empty() { " is" } else { &which });
        findings.warn("RPT-06", "description.controls", says);
    }
    let mut headed = BTreeSet::new();
    let mut named = BTreeSet::new();
    for (index, measure) in description.measures.iter().enumerate() {
        let place = format!("description.measures[{index}]");
        if !headed.insert(measure.id.as_str()) {
            findings.error("RPT-02", &place, format!("`{}` appears twice as a heading", measure.id));
        }
        for control in &measure.controls {
            named.insert(control.as_str());
            if !described.contains_key(control.as_str()) {
                findings.error(
                    "RPT-01",
                    &place,
                    format!("`{}` names control `{control}`, which Section III does not state", measure.id),
                );
            }
        }
    }
    for control in described.keys().filter(|id| !named.contains(*id)) {
        findings.error(
            "RPT-01",
            "description.controls",
            format!("control `{control}` serves no objective or criterion in scope"),
        );
    }
    if let Some(tests) = &view.tests_of_controls {
        for (index, results) in tests.controls.iter().enumerate() {
            if !described.contains_key(results.control.as_str()) {
                findings.error(
                    "RPT-01",
                    format!("tests_of_controls.controls[{index}]"),
                    format!("control `{}` is tested and not stated in Section III", results.control),
                );
            }
        }
    }
    complementary(view, &headed, findings);
    if !view.is_signed() {
        findings.warn("RPT-09", "auditor_report", "the firm has not signed: every page is marked as a draft");
    }
}

fn complementary(view: &ReportView, headed: &BTreeSet<&str>, findings: &mut Findings) {
    let description = &view.description;
    let organizations: BTreeMap<&str, Method> =
        description.subservice_organizations.iter().map(|o| (o.name.as_str(), o.method)).collect();
    let users = ("description.complementary_user_entity_controls", &description.complementary_user_entity_controls);
    let subservice = (
        "description.complementary_subservice_organization_controls",
        &description.complementary_subservice_organization_controls,
    );
    for (list, controls) in [users, subservice] {
        for (index, control) in controls.iter().enumerate() {
            // Of a SOC 2, DC6 asks it of user entities' controls.
            let is_of_users = control.run_by.is_none() && view.engagement.report == ReportKind::Soc2;
            let rule = if is_of_users { "DC6" } else { "RPT-04" };
            tied(rule, &format!("{list}[{index}]"), control, headed, findings);
        }
    }
    for (index, control) in subservice.1.iter().enumerate() {
        let place = format!("{}[{index}].run_by", subservice.0);
        match control.run_by.as_deref().map(|name| (name, organizations.get(name))) {
            None => findings.error("RPT-03", place, format!("`{}` names no subservice organization", control.id)),
            Some((name, None)) => {
                findings.error("RPT-03", place, format!("`{name}` is not listed as a subservice organization"));
            }
            Some((name, Some(Method::Inclusive))) => {
                findings.error(
                    "RPT-05",
                    place,
                    format!("`{name}` is treated by the inclusive method and has no complementary controls"),
                );
            }
            Some((_, Some(Method::CarveOut))) => {}
        }
    }
    for (index, organization) in description.subservice_organizations.iter().enumerate() {
        for measure in organization.measures.iter().filter(|id| !headed.contains(id.as_str())) {
            findings.error(
                "RPT-04",
                format!("description.subservice_organizations[{index}]"),
                format!("`{}` is tied to `{measure}`, which is not in scope", organization.name),
            );
        }
    }
}

fn tied(
    to_nothing: &'static str,
    place: &str,
    control: &Complementary,
    headed: &BTreeSet<&str>,
    findings: &mut Findings,
) {
    if control.measures.is_empty() {
        findings.error(to_nothing, place, format!("`{}` is tied to no objective or criterion", control.id));
    }
    for measure in control.measures.iter().filter(|id| !headed.contains(id.as_str())) {
        findings.error("RPT-04", place, format!("`{}` is tied to `{measure}`, which is not in scope", control.id));
    }
}

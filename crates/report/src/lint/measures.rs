//! Objectives, criteria and the wording of controls (OBJ-01 to OBJ-06, DC 5, DC 8, CTL-02, CTL-08).

use std::collections::BTreeSet;

use super::{Findings, words::has_word};
use crate::view::{Description, EngagementView, ReportKind};

pub(super) fn measures(engagement: &EngagementView, description: &Description, findings: &mut Findings) {
    for (index, measure) in description.measures.iter().enumerate() {
        let place = format!("description.measures[{index}]");
        match engagement.report {
            ReportKind::Soc1 => {
                if measure.controls.is_empty() {
                    findings.error("OBJ-01", &place, format!("objective `{}` has no control", measure.id));
                }
                if measure.financial_statement_assertions.is_empty() {
                    findings.warn(
                        "OBJ-02",
                        &place,
                        format!("objective `{}` names no assertion of user entities' financial statements", measure.id),
                    );
                }
                if measure.not_relevant.is_some() {
                    findings.error(
                        "OBJ-01",
                        &place,
                        format!("objective `{}` cannot be left out as not relevant", measure.id),
                    );
                }
            }
            ReportKind::Soc2 | ReportKind::Soc3 => criterion(
                &place,
                measure.id.as_str(),
                measure.controls.is_empty(),
                measure.not_relevant.as_ref().map(crate::Prose::is_empty),
                findings,
            ),
        }
    }
    if engagement.report == ReportKind::Soc1 {
        let touched: BTreeSet<&str> =
            description.measures.iter().flat_map(|m| m.transaction_classes.iter().map(String::as_str)).collect();
        let known: BTreeSet<&str> = description.transaction_classes.iter().map(|class| class.name.as_str()).collect();
        for class in known.difference(&touched) {
            findings.error(
                "OBJ-03",
                "description.transaction_classes",
                format!("no objective touches the class `{class}`"),
            );
        }
        for class in touched.difference(&known) {
            findings.error(
                "OBJ-03",
                "description.measures",
                format!("an objective touches the class `{class}`, which is not described"),
            );
        }
    }
    for (index, control) in description.controls.iter().enumerate() {
        let lower = control.statement.to_lowercase();
        let place = format!("description.controls[{index}].statement");
        for vague in ["periodically", "as needed", "as necessary", "timely", "from time to time"] {
            if has_word(&lower, vague) {
                findings.warn(
                    "CTL-02",
                    &place,
                    format!("control `{}` says `{vague}`: say how often, or within what time", control.id),
                );
            }
        }
        for weak in ["should", "may", "might"] {
            if has_word(&lower, weak) {
                findings.warn(
                    "CTL-08",
                    &place,
                    format!("control `{}` says `{weak}`: a control is what is done", control.id),
                );
            }
        }
    }
}

fn criterion(place: &str, id: &str, has_no_control: bool, reason_is_empty: Option<bool>, findings: &mut Findings) {
    match (has_no_control, reason_is_empty) {
        (true, None) => findings.error(
            "DC5",
            place,
            format!("criterion `{id}` has no control and no reason why it is not relevant"),
        ),
        (false, Some(_)) => {
            findings.error("DC8", place, format!("criterion `{id}` is called not relevant and has controls"))
        }
        (true, Some(true)) => {
            findings.error("DC8", place, format!("criterion `{id}` is called not relevant without a reason"))
        }
        (true, Some(false)) => {
            let entity_level = ["CC1.", "CC2.", "CC3.", "CC4.", "CC5."].iter().any(|series| id.starts_with(series));
            if entity_level {
                findings.error("DC8", place, format!("criterion `{id}` is relevant to every system"));
            }
        }
        (false, None) => {}
    }
}

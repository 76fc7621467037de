//! The wording lint over the organization's control set and over a catalog.

use serde::Serialize;
use tickmark_catalog::Catalog;
use tickmark_domain::{
    Automation, ControlWording, Frequency, ScopeFacts, WordingFinding, lint_control, lint_cuec, lint_objective,
};

use crate::{Error, House, WrittenControl};

/// What was read for wording, and what of it a reader could not test.
#[derive(Debug, Clone, Serialize)]
pub struct WordingCheck {
    /// Controls read.
    pub controls: usize,
    /// Control objectives read.
    pub objectives: usize,
    /// Complementary user entity controls read.
    pub cuecs: usize,
    /// Those with findings.
    pub worded: Vec<Worded>,
}

/// A text with findings.
#[derive(Debug, Clone, Serialize)]
pub struct Worded {
    /// `control`, `objective` or `complementary user entity control`.
    pub kind: &'static str,
    /// Its id; of a complementary user entity control the industry that names it.
    pub id: String,
    /// What it says.
    pub statement: String,
    /// What a reader could not test.
    pub findings: Vec<WordingFinding>,
}

impl WordingCheck {
    /// Whether nothing was found.
    pub fn is_clean(&self) -> bool {
        self.worded.is_empty()
    }
}

/// The wording of every control, objective and complementary user entity control of a catalog.
pub fn check_wording(catalog: &Catalog) -> Result<WordingCheck, Error> {
    let mut found = Vec::new();
    for control in catalog.controls.values() {
        found.extend(of_control(&control.id, &WrittenControl::of_catalog(catalog, control)?, &[]));
    }
    for objective in catalog.objectives.values() {
        found.extend(worded("objective", &objective.id, &objective.statement, lint_objective(&objective.statement)));
    }
    for industry in catalog.industries.values() {
        let listed = |text: &String| worded(CUEC, &industry.id, text, lint_cuec(text, true));
        found.extend(industry.typical_cuecs.iter().filter_map(listed));
    }
    Ok(WordingCheck {
        controls: catalog.controls.len(),
        objectives: catalog.objectives.len(),
        cuecs: catalog.industries.values().map(|industry| industry.typical_cuecs.len()).sum(),
        worded: found,
    })
}

impl House {
    /// The wording of the control set, of the organization's own control objectives and of its complementary user entity
    /// controls.
    pub fn check_wording(&self) -> Result<WordingCheck, Error> {
        let state = self.state();
        let mut found = Vec::new();
        let mut controls = 0;
        for (id, control) in &state.controls {
            let Some(newest) = control.newest().filter(|_| control.dropped().is_none()) else { continue };
            controls += 1;
            let mut reports = Vec::new();
            for (_, version) in state.standing_scope() {
                if let ScopeFacts::KeyReport(report) = &version.item.facts
                    && report.controls.contains(id)
                {
                    reports.push(self.text(&version.item.name)?);
                }
            }
            let written = WrittenControl::of(&newest.definition, |digest| self.text(digest))?;
            found.extend(of_control(id.as_str(), &written, &reports));
        }
        for (id, own) in &state.objectives {
            let statement = self.text(&own.definition.statement)?;
            found.extend(of_objective(id.as_str(), &statement));
        }
        let mut cuecs = 0;
        for (id, version) in state.standing_scope() {
            if let ScopeFacts::ComplementaryUserEntityControl(_) = version.item.facts {
                cuecs += 1;
                let text = self.text(&version.item.text)?;
                found.extend(of_cuec(id.as_str(), &text));
            }
        }
        Ok(WordingCheck { controls, objectives: state.objectives.len(), cuecs, worded: found })
    }
}

const CUEC: &str = "complementary user entity control";

fn worded(kind: &'static str, id: &str, statement: &str, findings: Vec<WordingFinding>) -> Option<Worded> {
    (!findings.is_empty()).then(|| Worded { kind, id: id.to_owned(), statement: statement.to_owned(), findings })
}

/// What a reader could not test in a control objective.
pub(crate) fn of_objective(id: &str, statement: &str) -> Option<Worded> {
    worded("objective", id, statement, lint_objective(statement))
}

/// What a reader could not test in a complementary user entity control.
pub(crate) fn of_cuec(id: &str, text: &str) -> Option<Worded> {
    worded(CUEC, id, text, lint_cuec(text, false))
}

/// What a reader could not test in a control; `reports` are the key reports that feed it.
pub(crate) fn of_control(id: &str, written: &WrittenControl, reports: &[String]) -> Option<Worded> {
    let wording = ControlWording {
        statement: &written.statement,
        frequency: Some(frequency_word(written.frequency)),
        evidence: written.evidence.iter().map(String::as_str).collect(),
        owner_role: Some(written.owner_role.as_str()),
        automated: written.automation == Automation::Automated,
        it_dependent: written.automation == Automation::ItDependentManual,
        reports: reports.iter().map(String::as_str).collect(),
    };
    worded("control", id, &written.statement, lint_control(&wording))
}

/// How often, in the word that files use.
pub(crate) fn frequency_word(frequency: Frequency) -> &'static str {
    match frequency {
        Frequency::Continuous => "continuous",
        Frequency::PerEvent => "per-event",
        Frequency::Daily => "daily",
        Frequency::Weekly => "weekly",
        Frequency::SemiMonthly => "semi-monthly",
        Frequency::Monthly => "monthly",
        Frequency::Quarterly => "quarterly",
        Frequency::SemiAnnual => "semi-annual",
        Frequency::Annual => "annual",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalog_of_this_repository_is_worded_so_that_it_can_be_tested() {
        let check = check_wording(&Catalog::embedded().unwrap()).unwrap();
        let told = |w: &Worded| {
            let of: Vec<String> = w.findings.iter().map(|f| format!("{} `{}`", f.rule, f.words)).collect();
            format!("{} {}: {} | {}", w.kind, w.id, of.join("; "), w.statement)
        };
        let lines: Vec<String> = check.worded.iter().map(told).collect();
        assert!(lines.is_empty(), "{}", lines.join("\n"));
        assert!(check.controls > 400 && check.objectives > 90 && check.cuecs > 40);
    }
}

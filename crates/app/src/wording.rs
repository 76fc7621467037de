//! The wording lint over the organization's control set and over a catalog.

use serde::Serialize;
use tickmark_catalog::{Automation, Catalog, Control, Frequency};
use tickmark_domain::{ControlWording, WordingFinding, lint_control, lint_cuec, lint_objective};

use crate::{Error, House, recorded_time::At};

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
pub fn check_wording(catalog: &Catalog) -> WordingCheck {
    let controls = catalog.controls.values().map(|control| {
        worded("control", &control.id, &control.statement, lint_control(&wording(control, &control.statement)))
    });
    let objectives = catalog.objectives.values().map(|objective| {
        worded("objective", &objective.id, &objective.statement, lint_objective(&objective.statement))
    });
    let cuecs = catalog.industries.values().flat_map(|industry| {
        let text = |text| worded("complementary user entity control", &industry.id, text, lint_cuec(text, true));
        industry.typical_cuecs.iter().map(move |cuec| text(cuec))
    });
    WordingCheck {
        controls: catalog.controls.len(),
        objectives: catalog.objectives.len(),
        cuecs: catalog.industries.values().map(|industry| industry.typical_cuecs.len()).sum(),
        worded: controls.chain(objectives).chain(cuecs).flatten().collect(),
    }
}

impl House {
    /// The wording of the control set, now or at an earlier moment.
    pub fn check_wording(&self, at: &At) -> Result<WordingCheck, Error> {
        let lines = self.controls(at)?;
        let worded = lines.iter().filter_map(|line| {
            let control = self.catalog().controls.get(line.control.as_str());
            let said = control.map_or_else(
                || ControlWording { statement: &line.statement, ..ControlWording::default() },
                |control| wording(control, &line.statement),
            );
            worded("control", &line.control, &line.statement, lint_control(&said))
        });
        Ok(WordingCheck { worded: worded.collect(), controls: lines.len(), objectives: 0, cuecs: 0 })
    }
}

fn worded(kind: &'static str, id: &str, statement: &str, findings: Vec<WordingFinding>) -> Option<Worded> {
    (!findings.is_empty()).then(|| Worded { kind, id: id.to_owned(), statement: statement.to_owned(), findings })
}

/// What a control of the catalog says, with the statement that the organization gave it.
fn wording<'a>(control: &'a Control, statement: &'a str) -> ControlWording<'a> {
    ControlWording {
        statement,
        frequency: Some(frequency_word(control.frequency)),
        evidence: control.evidence.iter().map(String::as_str).collect(),
        owner_role: Some(&control.owner),
        automated: control.automation == Automation::Automated,
        it_dependent: control.automation == Automation::ItDependentManual,
        reports: Vec::new(),
    }
}

/// How often, in the word that files use.
pub(crate) fn frequency_word(frequency: Frequency) -> &'static str {
    match frequency {
        Frequency::Continuous => "continuous",
        Frequency::PerEvent => "per-event",
        Frequency::Daily => "daily",
        Frequency::Weekly => "weekly",
        Frequency::Monthly => "monthly",
        Frequency::Quarterly => "quarterly",
        Frequency::SemiAnnual => "semi-annual",
        Frequency::Annual => "annual",
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

    use super::*;

    #[test]
    fn the_catalog_of_this_repository_is_worded_so_that_it_can_be_tested() {
        let check = check_wording(&Catalog::embedded().unwrap());
        let told = |w: &Worded| {
            let of: Vec<String> = w.findings.iter().map(|f| format!("{} `{}`", f.rule, f.words)).collect();
            format!("{} {}: {} | {}", w.kind, w.id, of.join("; "), w.statement)
        };
        let lines: Vec<String> = check.worded.iter().map(told).collect();
        assert!(lines.is_empty(), "{}", lines.join("\n"));
        assert!(check.controls > 400 && check.objectives > 90 && check.cuecs > 50);
    }
}

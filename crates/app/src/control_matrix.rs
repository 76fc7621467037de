//! The risk-and-control matrix: a row for each criterion or control objective, risk and control, for a firm to review.

use std::collections::BTreeSet;

use serde::Serialize;
use tickmark_domain::{ControlId, CoverageMatrix, Measure, RiskId, State};
use tickmark_report::{Cell, Sheet, sheet_csv, sheets_workbook};

use crate::{Error, House, WrittenControl, coverage::listed};

/// One row of the matrix.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MatrixRow {
    /// The criterion or control objective.
    pub measure: String,
    /// Its title.
    pub measure_title: String,
    /// What it asks: a control objective's whole sentence, a criterion in our own words.
    pub measure_statement: String,
    /// The assertions in user entities' financial statements that a control objective bears on.
    pub assertions: String,
    /// The risk; empty where none is recorded, or where the control addresses none of them.
    pub risk: String,
    /// Its statement.
    pub risk_statement: String,
    /// The control; empty where none answers.
    pub control: String,
    /// What it is, in words.
    pub written: Option<WrittenControl>,
    /// The title of the role that answers for it.
    pub owner: String,
    /// Control tests about it.
    pub tests: String,
    /// Engagements that hold controls against the criterion or control objective.
    pub engagements: String,
    /// What is missing.
    pub missing: String,
}

impl House {
    /// The rows of the matrix for the given engagements; by itself for those that no other follows on.
    pub fn control_matrix(&self, engagements: &[String]) -> Result<Vec<MatrixRow>, Error> {
        let state = self.state();
        let chosen = self.chosen_engagements(state, engagements)?;
        let matrix = state.coverage(self.catalog_index(), &self.catalog_offer(state)?, &chosen)?;
        let mut rows = Vec::new();
        for (measure, covered) in &matrix.measures {
            let row = |risk, control, missing: &str| self.row(state, &matrix, measure, risk, control, missing);
            let mut answering: BTreeSet<&ControlId> = BTreeSet::new();
            for (risk, controls) in &covered.risks {
                let (serving, others): (Vec<_>, Vec<_>) =
                    controls.iter().partition(|id| covered.controls.contains(*id));
                answering.extend(&serving);
                for control in &serving {
                    rows.push(row(Some(risk), Some(control), "")?);
                }
                if serving.is_empty() && others.is_empty() {
                    rows.push(row(Some(risk), None, "no control addresses this risk")?);
                }
                if serving.is_empty() {
                    for control in others {
                        rows.push(row(
                            Some(risk),
                            Some(control),
                            "the control serves other criteria or objectives only",
                        )?);
                    }
                }
            }
            for control in covered.controls.iter().filter(|id| !answering.contains(*id)) {
                rows.push(row(
                    None,
                    Some(control),
                    "the control addresses none of the risks recorded against this criterion or objective",
                )?);
            }
            if covered.risks.is_empty() && covered.controls.is_empty() {
                rows.push(row(None, None, "no recorded risk and no control")?);
            }
        }
        Ok(rows)
    }

    fn row(
        &self,
        state: &State,
        matrix: &CoverageMatrix,
        measure: &Measure,
        risk: Option<&RiskId>,
        control: Option<&ControlId>,
        missing: &str,
    ) -> Result<MatrixRow, Error> {
        let recorded = risk.and_then(|id| state.risks.get(id));
        let placed = control.and_then(|id| matrix.controls.get(id));
        let latest =
            placed.into_iter().flat_map(|placed| &placed.engagements).filter_map(|id| state.engagements.get(id));
        let days = latest.map(|engagement| engagement.report_type.span()).max_by_key(|span| span.last);
        let version = control.and_then(|id| state.controls.get(id)?.version_for(days?));
        let written =
            version.map(|version| WrittenControl::of(&version.definition, |digest| self.text(digest))).transpose()?;
        let owner = written.as_ref().map_or_else(String::new, |written| {
            let role = self.catalog.roles.get(written.owner_role.as_str());
            role.map_or_else(|| written.owner_role.to_string(), |role| role.title.clone())
        });
        let (measure_statement, assertions) = self.asked_by(state, measure)?;
        Ok(MatrixRow {
            measure: measure.to_string(),
            measure_title: self.title_of_measure(state, measure)?,
            measure_statement,
            assertions,
            risk: risk.map(ToString::to_string).unwrap_or_default(),
            risk_statement: recorded.map(|risk| self.text(&risk.statement)).transpose()?.unwrap_or_default(),
            control: control.map(ToString::to_string).unwrap_or_default(),
            written,
            owner,
            tests: placed.map(|placed| listed(&placed.tests)).unwrap_or_default(),
            engagements: matrix.measures.get(measure).map(|of| listed(&of.engagements)).unwrap_or_default(),
            missing: missing.to_owned(),
        })
    }

    /// What a criterion or control objective asks, and the assertions that it bears on.
    fn asked_by(&self, state: &State, measure: &Measure) -> Result<(String, String), Error> {
        let joined = |labels: Vec<&'static str>| labels.join(", ");
        Ok(match measure {
            Measure::Criterion(id) => {
                let criterion = self.catalog.criteria.get(id.as_str());
                (criterion.map(|criterion| criterion.meaning.clone()).unwrap_or_default(), String::new())
            }
            Measure::Objective(id) => match state.objectives.get(id) {
                Some(own) => {
                    let labels = own.definition.assertions.iter().map(|assertion| assertion.label()).collect();
                    (self.text(&own.definition.statement)?, joined(labels))
                }
                None => self.catalog.objectives.get(id.as_str()).map_or_else(Default::default, |objective| {
                    (objective.text(), joined(objective.assertions.iter().map(|assertion| assertion.label()).collect()))
                }),
            },
        })
    }

    /// The matrix as a workbook.
    pub fn control_matrix_workbook(&self, rows: &[MatrixRow]) -> Result<Vec<u8>, Error> {
        let title = self.workbook_title(self.state(), "Risk-and-control matrix")?;
        Ok(sheets_workbook(&title, &[sheet(rows)])?)
    }

    /// The matrix as CSV.
    pub fn control_matrix_csv(&self, rows: &[MatrixRow]) -> Result<Vec<u8>, Error> {
        Ok(sheet_csv(&sheet(rows))?)
    }
}

fn sheet(rows: &[MatrixRow]) -> Sheet {
    let columns = vec![
        ("Criterion or objective", 12),
        ("Title", 28),
        ("What it asks", 44),
        ("Assertions", 18),
        ("Risk", 11),
        ("Risk statement", 40),
        ("Control", 11),
        ("Control title", 26),
        ("Control statement", 56),
        ("Owner", 20),
        ("Frequency", 12),
        ("Nature", 11),
        ("Automation", 13),
        ("Key", 6),
        ("Evidence", 36),
        ("Control tests", 28),
        ("Engagements", 12),
        ("What is missing", 24),
    ];
    let cells = |row: &MatrixRow| -> Vec<Cell> {
        let of = |words: fn(&WrittenControl) -> String| row.written.as_ref().map(words).unwrap_or_default().into();
        vec![
            row.measure.as_str().into(),
            row.measure_title.as_str().into(),
            row.measure_statement.as_str().into(),
            row.assertions.as_str().into(),
            row.risk.as_str().into(),
            row.risk_statement.as_str().into(),
            row.control.as_str().into(),
            of(|written| written.title.clone()),
            of(|written| written.statement.clone()),
            row.owner.as_str().into(),
            of(|written| written.frequency.label().to_owned()),
            of(|written| written.nature.label().to_owned()),
            of(|written| written.automation.label().to_owned()),
            of(|written| if written.is_key { "yes" } else { "no" }.to_owned()),
            of(|written| written.evidence.join("\n")),
            row.tests.as_str().into(),
            row.engagements.as_str().into(),
            row.missing.as_str().into(),
        ]
    };
    Sheet { name: "Risks and controls", columns, rows: rows.iter().map(cells).collect() }
}

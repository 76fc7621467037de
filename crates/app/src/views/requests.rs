//! What a firm will ask the organization for (PBC): a starting list out of what controls and control tests rest on, with what the
//! ledger already holds. It is a proposal; the firm's own list is the firm's.

use tickmark_report::{
    Cell, Figure, Sheet, counted,
    view::{ManagementTestingView, SourceView, TestedControl},
};

use super::Scene;
use crate::{Error, WrittenControl};

impl Scene<'_> {
    /// The list: populations first, then what shows each control.
    pub(crate) fn requests(&self, testing: &ManagementTestingView) -> Result<Sheet, Error> {
        let mut rows: Vec<Vec<Cell>> = testing.sources.iter().map(|source| population(testing, source)).collect();
        for control in &testing.controls {
            rows.extend(self.documents(control)?);
        }
        let columns = vec![
            ("Request", 18),
            ("Kind", 14),
            ("What is asked for", 60),
            ("Controls", 26),
            ("From", 12),
            ("To", 12),
            ("Who answers", 22),
            ("What the ledger holds", 44),
        ];
        Ok(Sheet { name: "Requests", columns, rows })
    }

    /// What shows a control, each item by itself.
    fn documents(&self, control: &TestedControl) -> Result<Vec<Vec<Cell>>, Error> {
        let id = control.id.parse()?;
        let definition = &self.control(&id)?.definition;
        let written = WrittenControl::of(definition, |digest| self.house.text(digest))?;
        let recorded = self.figures.controls.get(&id).map_or(0, |figures| figures.documents);
        let tested = control.tests.iter().map(|test| test.id.as_str()).collect::<Vec<_>>().join(", ");
        let holds = match (recorded, tested.is_empty()) {
            (0, true) => "nothing yet".to_owned(),
            (0, false) => format!("rows, read by {tested}"),
            (documents, true) => counted(documents, "document", "documents"),
            (documents, false) => format!("{}; rows, read by {tested}", counted(documents, "document", "documents")),
        };
        let span = self.figures.span;
        let rows = (1..).zip(&written.evidence).map(|(number, evidence): (u32, &String)| -> Vec<Cell> {
            vec![
                format!("{}-{number}", control.id).into(),
                "evidence".into(),
                format!("{evidence} ({})", control.frequency).into(),
                control.id.as_str().into(),
                span.first.into(),
                span.last.into(),
                control.owner.as_str().into(),
                holds.as_str().into(),
            ]
        });
        Ok(rows.collect())
    }
}

/// A population that control tests read.
fn population(testing: &ManagementTestingView, source: &SourceView) -> Vec<Cell> {
    let reads = |control: &&TestedControl| control.tests.iter().any(|test| test.datasets.contains(&source.dataset));
    let controls: Vec<&str> = testing.controls.iter().filter(reads).map(|control| control.id.as_str()).collect();
    let shown = |figure: &Figure| figure.figure.shown();
    let complete = source.completeness();
    let rows = source.rows.as_ref().map_or("rows not counted".to_owned(), |rows| format!("{} rows", shown(rows)));
    vec![
        source.dataset.as_str().into(),
        "population".into(),
        format!(
            "{}: every row of {} over the days, with the query or export settings and the source's own count",
            source.title, source.system
        )
        .into(),
        controls.join(", ").into(),
        source.first.into(),
        source.last.into(),
        source.system.as_str().into(),
        format!("{} extracts, {rows}; {complete}", shown(&source.extracts)).into(),
    ]
}

//! What a firm will ask the organization for (PBC): a starting list out of what controls and control tests rest on, with what the
//! ledger already holds. It is a proposal; the firm's own list is the firm's.

use tickmark_domain::{ReportKind, ScopeFacts, ScopeItemId, ScopeVersion};
use tickmark_report::{
    Cell, Figure, Sheet, counted,
    view::{ManagementTestingView, SourceView, TestedControl},
};

use super::Scene;
use crate::{Error, WrittenControl};

impl Scene<'_> {
    /// The list: what is asked about the organization, then populations, then what shows each control.
    pub(crate) fn requests(&self, testing: &ManagementTestingView) -> Result<Sheet, Error> {
        let mut rows = self.general();
        if self.engagement.report == ReportKind::Soc1 {
            rows.extend(self.of_transactions()?);
        }
        rows.extend(testing.sources.iter().map(|source| population(testing, source)));
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

    /// What a firm asks of every organization.
    fn general(&self) -> Vec<Vec<Cell>> {
        let in_scope = |is: fn(&ScopeFacts) -> bool| self.in_scope(is).len() as u64;
        let components = in_scope(|facts| matches!(facts, ScopeFacts::Component(_)));
        let locations = in_scope(|facts| matches!(facts, ScopeFacts::Location(_)));
        let commitments = in_scope(|facts| matches!(facts, ScopeFacts::Commitment(_)));
        let providers = in_scope(|facts| matches!(facts, ScopeFacts::SubserviceOrganization(_)));
        let on_file = in_scope(|facts| matches!(facts, ScopeFacts::SubserviceReport(_)));
        let held = |count: u64, one: &str, many: &str| match count {
            0 => "nothing yet".to_owned(),
            count => format!("{} in scope", counted(count, one, many)),
        };
        let nothing = || "nothing yet".to_owned();
        let follows = self.engagement.follows.as_ref();
        let asked: [(&str, String); 15] = [
            ("Organization chart, with who answers for which controls", nothing()),
            (
                "Systems, locations and people in scope",
                format!(
                    "{}, {}",
                    held(components, "component", "components"),
                    held(locations, "location", "locations")
                ),
            ),
            ("Contracts with customers, and service levels", held(commitments, "commitment", "commitments")),
            (
                "Policies in force, with who approved them and when",
                format!(
                    "{} (`tickmark policy list`)",
                    counted(self.house.catalog.policies.len() as u64, "template", "templates")
                ),
            ),
            (
                "Risk assessment of the period",
                counted(self.state.risks.len() as u64, "risk recorded", "risks recorded"),
            ),
            ("Minutes of the board and of those who oversee risk and security", nothing()),
            (
                "Draft of the description of the system",
                self.engagement
                    .description
                    .as_ref()
                    .map_or_else(nothing, |adopted| format!("ledger entry {}", adopted.entry)),
            ),
            (
                "The last report, and what became of its deviations",
                follows.map_or_else(nothing, |id| format!("engagement {id}")),
            ),
            (
                "Reports of subservice organizations, and bridge letters",
                format!(
                    "{}, {}",
                    held(on_file, "report", "reports"),
                    held(providers, "subservice organization", "subservice organizations")
                ),
            ),
            ("Insurance that covers the services", nothing()),
            ("Incident register of the period, also where it is empty", nothing()),
            ("Summary of changes to the system, its people and its providers in the period", nothing()),
            ("Legal and regulatory matters, open or settled in the period", nothing()),
            ("Reports of internal audit, and of others who examined the controls", nothing()),
            ("Reports of penetration tests, and what was done about them", nothing()),
        ];
        let span = self.figures.span;
        let row = |(number, (text, holds)): (u32, (&str, String))| -> Vec<Cell> {
            vec![
                format!("GENERAL-{number}").into(),
                "document".into(),
                text.into(),
                "".into(),
                span.first.into(),
                span.last.into(),
                "compliance lead".into(),
                holds.into(),
            ]
        };
        (1..).zip(asked).map(row).collect()
    }

    /// What a firm asks besides for a SOC 1: a transaction of each class walked through, each key report, reconciliations.
    fn of_transactions(&self) -> Result<Vec<Vec<Cell>>, Error> {
        let span = self.figures.span;
        let mut rows = Vec::new();
        let mut ask = |id: String, kind: &str, text: String, controls: String, who: String| {
            let nothing = "nothing yet";
            let row: Vec<Cell> = vec![
                id.into(),
                kind.into(),
                text.into(),
                controls.into(),
                span.first.into(),
                span.last.into(),
                who.into(),
                nothing.into(),
            ];
            rows.push(row);
        };
        for (id, version) in self.in_scope(|facts| matches!(facts, ScopeFacts::TransactionClass(_))) {
            let name = self.house.text(&version.item.name)?;
            let text = format!(
                "{name}: one transaction, from its start to what the user entity receives, with every record on its way"
            );
            ask(format!("WALK-{id}"), "walkthrough", text, String::new(), "control owners".to_owned());
        }
        for (id, version) in self.in_scope(|facts| matches!(facts, ScopeFacts::KeyReport(_))) {
            let ScopeFacts::KeyReport(report) = &version.item.facts else { continue };
            let name = self.house.text(&version.item.name)?;
            let controls: Vec<String> = report.controls.iter().map(ToString::to_string).collect();
            let text = format!(
                "{name}: who answers for it, its logic or settings, when that changed last, and a run of the period"
            );
            ask(format!("REPORT-{id}"), "key report", text, controls.join(", "), report.owner_role.to_string());
        }
        let text = "Reconciliations of bank and control accounts for each month of the period, with who reviewed them"
            .to_owned();
        ask("RECONCILIATIONS".to_owned(), "document", text, String::new(), "control owners".to_owned());
        Ok(rows)
    }

    /// The items of a kind in scope on the last day.
    fn in_scope(&self, is: fn(&ScopeFacts) -> bool) -> Vec<(&ScopeItemId, &ScopeVersion)> {
        self.state.scope_on(self.figures.span.last).into_iter().filter(|(_, version)| is(&version.item.facts)).collect()
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

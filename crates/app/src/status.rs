//! Where every engagement stands, and the lists behind the numbers.

use std::collections::BTreeMap;

use serde::Serialize;
use tickmark_domain::{ExceptionOrigin, Outcome, Score, Span, State};
use tickmark_ledger::Store;

use tickmark_report::counted;

use crate::{
    AttributeTable, Error, House, NextStep, TestedItem, anchoring, assessing::rate_of, items::cell_text,
    opening::report_in_words,
};

/// Where an organization stands at a ledger size.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// The organization's name.
    pub organization: String,
    /// The ledger size shown.
    pub ledger_size: u64,
    /// Who outside holds the ledger, and for how long nobody did.
    pub anchoring: String,
    /// One element an engagement.
    pub engagements: Vec<EngagementStatus>,
    /// What to do next; none when the past is shown.
    pub next: Option<NextStep>,
}

/// Where an engagement stands.
#[derive(Debug, Clone, Serialize)]
pub struct EngagementStatus {
    /// The engagement.
    pub engagement: String,
    /// Report and type, in words.
    pub report: String,
    /// The days it speaks of.
    pub span: Span,
    /// Controls in scope.
    pub controls: u64,
    /// The four scores, never one.
    pub scores: Vec<(&'static str, Score)>,
    /// How the newest results over the days ended.
    pub results: BTreeMap<String, u64>,
    /// Exceptions by state.
    pub exceptions: BTreeMap<String, u64>,
    /// Management tests over days within these.
    pub management_tests: u64,
    /// Conclusions that stand, by what they say.
    pub conclusions: BTreeMap<String, u64>,
    /// Controls whose conclusion newer facts contradict.
    pub stale_conclusions: Vec<String>,
    /// Tests of controls that the firm recorded.
    pub firm_tests: u64,
    /// Whether the firm recorded its report.
    pub auditors_report: String,
}

/// One line of the list of exceptions.
#[derive(Debug, Clone, Serialize)]
pub struct ExceptionLine {
    /// The exception.
    pub exception: String,
    /// Where it stands.
    pub state: String,
    /// The days tested.
    pub span: Span,
    /// Items now.
    pub items: u64,
    /// Items in the population.
    pub population: u64,
    /// Controls concerned.
    pub controls: Vec<String>,
    /// The control test's title.
    pub title: String,
}

/// Rows behind an exception.
#[derive(Debug, Clone, Serialize)]
pub struct ExceptionRows {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// The first rows, as texts.
    pub rows: Vec<Vec<String>>,
    /// How many rows there are.
    pub total: u64,
}

impl House {
    /// Where every engagement stands, now or at an earlier ledger size.
    pub fn status(&self, at: Option<u64>) -> Result<Status, Error> {
        let past;
        let state = match at {
            Some(size) => {
                past = self.state_at(size)?;
                &past
            }
            None => self.state(),
        };
        let reader = self.store.reader()?;
        let anchoring = anchoring::stretch(&*reader, &self.origin)?.map_or_else(
            || "Vouched for by the organization's own key only: no checkpoint has left the house.".to_owned(),
            |stretch| {
                format!(
                    "Held by {}; longest stretch without an outside anchor: {}.",
                    stretch.holders.join(", "),
                    counted(stretch.longest_days, "day", "days")
                )
            },
        );
        let name = state.organization.as_ref().map(|o| self.text(&o.name)).transpose()?;
        let engagements =
            state.engagements.keys().map(|id| self.engagement_status(state, id)).collect::<Result<_, _>>()?;
        Ok(Status {
            organization: name.unwrap_or_default(),
            ledger_size: at.unwrap_or(self.size()),
            anchoring,
            engagements,
            next: at.is_none().then(|| self.next_step()),
        })
    }

    fn engagement_status(&self, state: &State, id: &tickmark_domain::EngagementId) -> Result<EngagementStatus, Error> {
        let figures = state.figures(&self.index, id)?;
        let unknown = || tickmark_domain::Refusal::UnknownEngagement(id.clone());
        let engagement = state.engagements.get(id).ok_or_else(unknown)?;
        let mut results: BTreeMap<String, u64> = BTreeMap::new();
        let mut exceptions: BTreeMap<String, u64> = BTreeMap::new();
        for test in figures.tests.values() {
            let ended = test.outcome.map_or_else(|| "not run".to_owned(), |outcome: Outcome| outcome.to_string());
            *results.entry(ended).or_default() += 1;
        }
        for (_, (exception_state, _)) in figures.raised() {
            *exceptions.entry(exception_state.to_string()).or_default() += 1;
        }
        let concluded = figures.controls.iter().filter_map(|(id, control)| Some((id, control.conclusion.as_ref()?)));
        let mut conclusions: BTreeMap<String, u64> = BTreeMap::new();
        for (_, conclusion) in concluded.clone().filter(|(_, conclusion)| conclusion.stale_because.is_none()) {
            *conclusions.entry(conclusion.status.kind().to_owned()).or_default() += 1;
        }
        let stale = concluded.filter(|(_, conclusion)| conclusion.stale_because.is_some());
        Ok(EngagementStatus {
            engagement: id.to_string(),
            report: report_in_words(engagement.report, &engagement.report_type),
            span: figures.span,
            controls: figures.controls.len() as u64,
            scores: vec![
                ("design", figures.design),
                ("implementation", figures.implementation),
                ("operation", figures.operation),
                ("evidence quality", figures.evidence_quality),
            ],
            results,
            exceptions,
            management_tests: figures.controls.values().map(|control| control.management_tests.len() as u64).sum(),
            conclusions,
            stale_conclusions: stale.map(|(id, _)| id.to_string()).collect(),
            firm_tests: engagement.firm_tests.len() as u64,
            auditors_report: engagement
                .auditors_report
                .as_ref()
                .map_or_else(|| "not recorded".to_owned(), |report| format!("recorded, dated {}", report.dated_on)),
        })
    }

    /// All exceptions, now or at an earlier ledger size.
    pub fn exceptions(&self, at: Option<u64>) -> Result<Vec<ExceptionLine>, Error> {
        let past;
        let state = match at {
            Some(size) => {
                past = self.state_at(size)?;
                &past
            }
            None => self.state(),
        };
        let lines = state.exceptions.iter().map(|(id, exception)| ExceptionLine {
            exception: id.to_string(),
            state: exception.state.to_string(),
            span: exception.span,
            items: exception.items,
            population: rate_of(state, exception).map_or(0, |rate| rate.of),
            controls: exception.origin.controls(&self.index).iter().map(ToString::to_string).collect(),
            title: title_of(&self.catalog, &exception.origin).unwrap_or_default(),
        });
        Ok(lines.collect())
    }

    /// The first rows behind an exception, read from the vault in bounded memory.
    pub fn exception_rows(&self, exception: &str, limit: usize) -> Result<ExceptionRows, Error> {
        let unknown = || Error::Unknown { kind: "exception", name: exception.to_owned() };
        let found = self.state().exceptions.get(&exception.parse()?).ok_or_else(unknown)?;
        if found.origin.management_test().is_some() {
            let table: AttributeTable = self.json(&found.rows)?;
            let (columns, rows) = (table.columns(), table.exceptions().take(limit).map(TestedItem::cells).collect());
            return Ok(ExceptionRows { columns, rows, total: found.items });
        }
        let manifest = self.vault.manifest(&found.rows)?;
        let columns = manifest.columns.iter().map(|column| column.name.clone()).collect();
        let mut rows = Vec::new();
        for batch in self.vault.read_dataset(&manifest, None)? {
            let batch = batch?;
            for row in 0..batch.num_rows() {
                if rows.len() == limit {
                    return Ok(ExceptionRows { columns, rows, total: manifest.rows });
                }
                let cells = batch.columns().iter().map(|column| cell_text(column, row)).collect::<Result<_, _>>()?;
                rows.push(cells);
            }
        }
        Ok(ExceptionRows { columns, rows, total: manifest.rows })
    }

    /// The catalog in force, the binary's own, and the files that differ.
    pub fn catalog_changes(
        &self,
    ) -> Result<(tickmark_canonical::Digest, tickmark_canonical::Digest, Vec<String>), Error> {
        let own = tickmark_catalog::Catalog::embedded().map_err(Error::Catalog)?;
        let mut changed: Vec<String> = own
            .files()
            .iter()
            .filter(|(path, bytes)| self.catalog.files().get(*path) != Some(*bytes))
            .map(|(path, _)| path.clone())
            .collect();
        changed.extend(self.catalog.files().keys().filter(|path| !own.files().contains_key(*path)).cloned());
        changed.sort();
        Ok((self.catalog.digest(), own.digest(), changed))
    }

    /// Puts the binary's own catalog in force.
    pub fn adopt_own_catalog(&mut self, person: &tickmark_domain::PersonId) -> Result<(), Error> {
        let own = tickmark_catalog::Catalog::embedded().map_err(Error::Catalog)?;
        self.adopt_catalog(person, std::sync::Arc::new(own))
    }
}

/// The title of what found an exception; none if the catalog no longer has the control test.
pub(crate) fn title_of(catalog: &tickmark_catalog::Catalog, origin: &ExceptionOrigin) -> Option<String> {
    match origin {
        ExceptionOrigin::ControlTest(test) => catalog.tests.get(test.as_str()).map(|test| test.title.clone()),
        ExceptionOrigin::ManagementTest { management_test, .. } => {
            Some(format!("Items that lack an attribute of management test {management_test}"))
        }
    }
}

/// How the cases of a control test ended.
#[derive(Debug, Clone, Serialize)]
pub struct CasesLine {
    /// The control test.
    pub test: String,
    /// Its cases.
    pub cases: u64,
    /// How many hold.
    pub hold: u64,
    /// The first that does not, or the first rule that its SQL breaks.
    pub first_that_does_not: Option<String>,
}

/// Checks the cases of one control test, or of all.
pub fn check_cases(catalog: &tickmark_catalog::Catalog, only: Option<&str>) -> Result<Vec<CasesLine>, Error> {
    let chosen: Vec<_> = catalog.tests.values().filter(|test| only.is_none_or(|id| id == &*test.id)).collect();
    if let (Some(id), true) = (only, chosen.is_empty()) {
        return Err(Error::Unknown { kind: "control test", name: id.to_owned() });
    }
    chosen
        .into_iter()
        .map(|test| {
            let report = tickmark_examine::check_cases(test, catalog)?;
            let failing = report
                .cases
                .iter()
                .find_map(|case| case.failure.as_ref().map(|why| format!("line {}, {}: {why}", case.line, case.case)));
            Ok(CasesLine {
                test: report.test.clone(),
                cases: report.cases.len() as u64,
                hold: report.cases.iter().filter(|case| case.failure.is_none()).count() as u64,
                first_that_does_not: report.findings.first().map(ToString::to_string).or(failing),
            })
        })
        .collect()
}

//! Control tests as pages show them: the list with the newest results, and one test with all that it rests on.

use tickmark_canonical::Digest;
use tickmark_catalog::{ControlTest, Severity};
use tickmark_domain::{ControlId, Outcome, Span, TestId, TestResult};

use super::{ListedExtract, Moment};
use crate::{Error, connectors::connect};

/// A control test over the days of an engagement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedControlTest {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How much an exception matters.
    pub severity: &'static str,
    /// The engagement.
    pub engagement: String,
    /// The controls in scope that it is about.
    pub controls: Vec<String>,
    /// How the newest result over the engagement's days ended; none if it never ran.
    pub outcome: Option<Outcome>,
    /// Items in the population.
    pub population: u64,
    /// Items that came back.
    pub exceptions: u64,
    /// Canaries that it caught before it ran.
    pub canaries: u64,
    /// Entry of the result.
    pub entry: Option<u64>,
}

impl ListedControlTest {
    /// Whether nothing showed that the test can find what it looks for.
    pub fn is_unproven(&self) -> bool {
        self.outcome == Some(Outcome::Error) && self.canaries == 0
    }
}

/// A control test with its results and inputs.
#[derive(Debug, Clone)]
pub struct ControlTestView<'a> {
    /// As the catalog in force has it.
    pub test: &'a ControlTest,
    /// How much an exception matters.
    pub severity: &'static str,
    /// All results, newest first.
    pub results: Vec<&'a TestResult>,
    /// Why the newest result is not evaluable, or which error it was.
    pub reason: Option<String>,
    /// The extracts that the newest result read.
    pub inputs: Vec<ListedExtract>,
    /// Digest of the SQL texts and parameters, as the newest result names it.
    pub sql: Option<Digest>,
    /// What to connect before it can run, if nobody ever collected what it reads.
    pub to_connect: Vec<String>,
}

/// A control test that the catalog offers for a control, once a system is connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedControlTest {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What to connect, a part of a sentence each.
    pub to_connect: Vec<String>,
}

/// A severity as a word.
pub(crate) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
    }
}

impl Moment {
    /// The control tests of every engagement, each with its newest result over the engagement's days.
    pub fn control_tests(&self) -> Vec<ListedControlTest> {
        let mut listed = Vec::new();
        for (engagement, figures) in self.figures() {
            for (id, of_test) in &figures.tests {
                let test = self.catalog.tests.get(id.as_str());
                listed.push(ListedControlTest {
                    id: id.to_string(),
                    title: test.map_or_else(String::new, |test| test.title.clone()),
                    severity: test.map_or("", |test| severity(test.severity)),
                    engagement: engagement.to_string(),
                    controls: of_test.controls.iter().map(ToString::to_string).collect(),
                    outcome: of_test.outcome,
                    population: of_test.population,
                    exceptions: of_test.exceptions,
                    canaries: of_test.canaries,
                    entry: of_test.entry,
                });
            }
        }
        listed
    }

    /// One control test.
    pub fn control_test(&self, id: &str) -> Result<ControlTestView<'_>, Error> {
        let unknown = || Error::Unknown { kind: "control test", name: id.to_owned() };
        let test = self.catalog.tests.get(id).ok_or_else(unknown)?;
        let parsed: TestId = id.parse().map_err(|_| unknown())?;
        let results: Vec<&TestResult> =
            self.state.results.get(&parsed).map(|results| results.iter().rev().collect()).unwrap_or_default();
        let newest = results.first();
        let reason = newest.and_then(|result| result.reason.as_ref()).map(|reason| self.text(reason)).transpose()?;
        let inputs = match newest {
            Some(result) => self.inputs_of(result)?,
            None => Vec::new(),
        };
        Ok(ControlTestView {
            test,
            severity: severity(test.severity),
            sql: newest.map(|result| result.sql),
            to_connect: self.to_connect(&parsed),
            reason,
            inputs,
            results,
        })
    }

    /// What to connect before a control test can run; nothing if all that it reads was collected, or need be.
    fn to_connect(&self, test: &TestId) -> Vec<String> {
        let read = self.index.tests.get(test).into_iter().flat_map(|rule| &rule.once_collected);
        let missing = read.filter(|dataset| !self.state.was_collected(dataset));
        missing.map(|dataset| connect(&self.catalog, dataset.as_str())).collect()
    }

    /// The control tests that the catalog has for a control and that wait for a system to be connected.
    pub(crate) fn offered(&self, control: &ControlId) -> Vec<OfferedControlTest> {
        let about = self.index.tests.iter().filter(|(_, rule)| rule.controls.contains(control));
        let offered = about.map(|(id, _)| OfferedControlTest {
            id: id.to_string(),
            title: self.catalog.tests.get(id.as_str()).map_or_else(String::new, |test| test.title.clone()),
            to_connect: self.to_connect(id),
        });
        offered.filter(|test| !test.to_connect.is_empty()).collect()
    }

    /// The extracts that a result read.
    pub(crate) fn inputs_of(&self, result: &TestResult) -> Result<Vec<ListedExtract>, Error> {
        let bytes = self.vault.get(&result.inputs)?;
        let manifests: std::collections::BTreeSet<Digest> = serde_json::from_slice(&bytes)
            .map_err(|source| Error::ObjectUnreadable { digest: result.inputs, source })?;
        Ok(self.extracts().into_iter().filter(|extract| manifests.contains(&extract.manifest)).collect())
    }

    /// The engagements that speak of these very days.
    pub fn engagements_of(&self, span: Span) -> Vec<String> {
        let figures = self.figures().iter();
        figures.filter(|(_, figures)| figures.span == span).map(|(id, _)| id.to_string()).collect()
    }
}

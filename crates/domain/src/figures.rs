//! Figures of an engagement, computed from state alone: what reports print and what a reader recomputes from the
//! disclosed entries.
//!
//! Invariant: four scores, never one; each has its denominator and its untested remainder beside it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{
    CatalogIndex, ControlId, ControlStatus, ControlVersion, DatasetId, EngagementId, ExceptionId, ExceptionOrigin,
    ExceptionState, FirmTestId, ManagementTestId, Outcome, Refusal, Span, State, TestId, TestStage,
};

/// All figures of an engagement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngagementFigures {
    /// The engagement.
    pub engagement: EngagementId,
    /// The days it speaks of.
    pub span: Span,
    /// Controls in scope.
    pub controls: BTreeMap<ControlId, ControlFigures>,
    /// Control tests over the controls in scope.
    pub tests: BTreeMap<TestId, TestFigures>,
    /// Whether people tested the design of controls and found nothing, and a recorded risk stands behind each.
    pub design: Score,
    /// Whether controls are in place: what their control tests found, else a document or a walkthrough.
    pub implementation: Score,
    /// Whether tests over the whole period came back without exceptions. Not a conclusion: that is a person's.
    pub operation: Score,
    /// Whether the evidence that tests read is complete.
    pub evidence_quality: Score,
}

/// A score with what it is out of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// How many hold.
    pub holds: u64,
    /// How many do not.
    pub does_not: u64,
    /// How many nobody has looked at.
    pub untested: u64,
}

impl Score {
    /// What it is out of.
    pub fn denominator(&self) -> u64 {
        self.holds + self.does_not + self.untested
    }

    fn count(&mut self, holds: Option<bool>) {
        match holds {
            Some(true) => self.holds += 1,
            Some(false) => self.does_not += 1,
            None => self.untested += 1,
        }
    }
}

/// The four scores, never one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Scores {
    /// Whether people tested the design of controls and found nothing, and a recorded risk stands behind each.
    pub design: Score,
    /// Whether controls are in place: what their control tests found, else a document or a walkthrough.
    pub implementation: Score,
    /// Whether tests over the whole period came back without exceptions. Not a conclusion: that is a person's.
    pub operation: Score,
    /// Whether the evidence that tests read is complete.
    pub evidence_quality: Score,
}

impl Scores {
    /// The four with their names, in the order in which they are shown.
    pub fn named(&self) -> [(&'static str, Score); 4] {
        [
            ("design", self.design),
            ("implementation", self.implementation),
            ("operation", self.operation),
            ("evidence quality", self.evidence_quality),
        ]
    }
}

/// A control's figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlFigures {
    /// Its statement at the last day (vault text).
    pub statement: Digest,
    /// Versions that were true within the days.
    pub versions: u64,
    /// Entry of the version at the last day.
    pub entry: u64,
    /// Control tests about it.
    pub tests: Vec<TestId>,
    /// Documents that are evidence for it.
    pub documents: u64,
    /// Whether the newest walkthrough (management test of the stage implementation) found it in place, none if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub walked_through: Option<bool>,
    /// Tests of controls that the firm recorded.
    pub firm_tests: Vec<FirmTestId>,
    /// Management tests over days within these.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub management_tests: BTreeMap<ManagementTestId, ManagementTestFigures>,
    /// Exceptions that management tests raised over days within these, with their state and items.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub raised: BTreeMap<ExceptionId, (ExceptionState, u64)>,
    /// The newest conclusion on its operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conclusion: Option<ConclusionFigures>,
}

/// A management test's figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManagementTestFigures {
    /// Items tested.
    pub items: u64,
    /// Items that lack an attribute.
    pub exceptions: u64,
    /// Whether a second person reviewed it.
    pub reviewed: bool,
    /// Entry that recorded it.
    pub entry: u64,
}

/// A conclusion's figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConclusionFigures {
    /// What it says.
    pub status: ControlStatus,
    /// The code of the rule by which newer facts contradict it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale_because: Option<String>,
    /// Entry that recorded it.
    pub entry: u64,
}

/// A control test's figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestFigures {
    /// Controls it is about, in scope.
    pub controls: Vec<ControlId>,
    /// The newest outcome over just these days; none if it never ran.
    pub outcome: Option<Outcome>,
    /// Items in the population.
    pub population: u64,
    /// Digest of the population's canonical rows, sealed by the organization's row digest key.
    pub population_digest: Option<Digest>,
    /// Items that came back.
    pub exceptions: u64,
    /// Digest of the canonical rows that came back, sealed by the organization's row digest key.
    pub rows_digest: Option<Digest>,
    /// Digest of the SQL texts and parameters.
    pub sql: Option<Digest>,
    /// Extracts that were made only after the day tested.
    pub late: u64,
    /// Canaries that the test caught before it ran.
    pub canaries: u64,
    /// Entry of the result.
    pub entry: Option<u64>,
    /// Name and version of the engine.
    pub engine: Option<String>,
    /// Exceptions over these days, with their state and items.
    pub raised: BTreeMap<ExceptionId, (ExceptionState, u64)>,
    /// Extracts that its datasets have over these days: rows stored and the source's own count.
    pub inputs: BTreeMap<DatasetId, InputFigures>,
}

/// What the ledger holds of a dataset over the days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputFigures {
    /// Extracts that count: of each day the newest.
    pub extracts: u64,
    /// Rows stored; none if extracts overlap in part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Rows by the source's own count, over the extracts that have one; none if extracts overlap in part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_rows: Option<u64>,
    /// Extracts for which the source gives a count.
    pub counted: u64,
    /// Extracts that are not complete.
    pub incomplete: u64,
    /// Extracts that do not count, since all their days were read again.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub read_again: u64,
    /// Extracts that count for some of their days only.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub in_part: u64,
}

impl EngagementFigures {
    /// Every exception over the days, of control tests first, with its state and items.
    pub fn raised(&self) -> impl Iterator<Item = (&ExceptionId, &(ExceptionState, u64))> {
        let by_control_tests = self.tests.values().flat_map(|test| &test.raised);
        by_control_tests.chain(self.controls.values().flat_map(|control| &control.raised))
    }

    /// Whether a control is in place, none if nothing shows it: what the score of implementation counts.
    pub fn is_in_place(&self, control: &ControlFigures) -> Option<bool> {
        implemented(control, &self.tests)
    }

    /// Whether every test of a control came back without exceptions, none if not all have looked: what the score of
    /// operation counts.
    pub fn came_back_empty(&self, control: &ControlFigures) -> Option<bool> {
        came_back_empty(control, &self.tests)
    }
}

impl TestFigures {
    /// Whether it could be evaluated, and there were items.
    fn looked_at_items(&self) -> bool {
        matches!(self.outcome, Some(Outcome::NoExceptions | Outcome::Exceptions)) && self.population > 0
    }

    /// Whether nothing showed that the test can find what it looks for ([`crate::TestResult::is_unproven`]).
    pub fn is_unproven(&self) -> bool {
        self.outcome == Some(Outcome::Error) && self.canaries == 0
    }
}

impl InputFigures {
    /// Whether there are extracts and all are complete, none if there is no extract: what the score of evidence quality
    /// counts.
    pub fn is_complete(&self) -> Option<bool> {
        (self.extracts > 0).then_some(self.incomplete == 0)
    }
}

impl State {
    /// Computes an engagement's figures.
    pub fn figures(&self, catalog: &CatalogIndex, id: &EngagementId) -> Result<EngagementFigures, Refusal> {
        let engagement = self.engagement(id)?;
        let span = engagement.report_type.span();
        let in_scope = engagement.controls(self, catalog);
        let mut inputs: BTreeMap<&DatasetId, InputFigures> = BTreeMap::new();
        let mut tests: BTreeMap<TestId, TestFigures> = BTreeMap::new();
        for (test, rule) in &catalog.tests {
            let controls: Vec<ControlId> =
                self.controls_tested(rule, span).iter().filter(|id| in_scope.contains_key(id)).cloned().collect();
            if controls.is_empty() {
                continue;
            }
            let read = rule.datasets.iter().map(|dataset| {
                let of = inputs.entry(dataset).or_insert_with(|| self.input_figures(dataset, span));
                (dataset.clone(), *of)
            });
            let read = read.collect();
            tests.insert(test.clone(), self.test_figures(test, controls, read, span));
        }
        let mut documents: BTreeMap<&ControlId, u64> = BTreeMap::new();
        // A policy or a plan of the year up to the last day speaks of the period, however short it is.
        let year_before = span.last.saturating_sub(jiff::Span::new().years(1));
        let of_the_days = |on: Date| on <= span.last && (on >= span.first || on > year_before);
        for document in self.documents.iter().filter(|document| of_the_days(document.dated_on)) {
            if let Some(control) = &document.control {
                *documents.entry(control).or_default() += 1;
            }
        }
        let mut figures = EngagementFigures {
            engagement: id.clone(),
            span,
            controls: BTreeMap::new(),
            tests,
            design: Score::default(),
            implementation: Score::default(),
            operation: Score::default(),
            evidence_quality: Score::default(),
        };
        for (control, version) in in_scope {
            let of_control = ControlFigures {
                statement: version.definition.statement,
                versions: self.controls.get(control).map_or(0, |c| c.versions_within(span).count()) as u64,
                entry: version.entry,
                tests: figures
                    .tests
                    .iter()
                    .filter(|(_, t)| t.controls.contains(control))
                    .map(|(id, _)| id.clone())
                    .collect(),
                documents: documents.get(control).copied().unwrap_or(0),
                walked_through: self.walked_through(control, version, span),
                firm_tests: engagement
                    .firm_tests
                    .iter()
                    .filter(|(_, test)| test.control == *control)
                    .map(|(id, _)| id.clone())
                    .collect(),
                management_tests: self.management_test_figures(control, span),
                raised: self.raised_by_people(control, span),
                conclusion: self.conclusion_figures(catalog, id, control),
            };
            figures.controls.insert(control.clone(), of_control);
        }
        let Scores { design, implementation, operation, evidence_quality } = self.scores_of(&figures, |_| true);
        figures = EngagementFigures { design, implementation, operation, evidence_quality, ..figures };
        Ok(figures)
    }

    /// The four scores over the controls of an engagement that `of` names: those of a criterion, say.
    pub fn scores_of(&self, figures: &EngagementFigures, of: impl Fn(&ControlId) -> bool) -> Scores {
        let mut scores = Scores::default();
        let mut inputs: BTreeMap<&DatasetId, &InputFigures> = BTreeMap::new();
        for (id, control) in figures.controls.iter().filter(|(id, _)| of(id)) {
            let version = self.controls.get(id).and_then(|control| control.version_for(figures.span));
            scores.design.count(version.and_then(|version| self.is_well_designed(id, version)));
            scores.implementation.count(implemented(control, &figures.tests));
            scores.operation.count(came_back_empty(control, &figures.tests));
            inputs.extend(control.tests.iter().filter_map(|id| figures.tests.get(id)).flat_map(|test| &test.inputs));
        }
        for input in inputs.values() {
            scores.evidence_quality.count(input.is_complete());
        }
        scores
    }

    /// Whether a control's design holds, none if nobody assessed it: what the score of design counts. It does not without a
    /// recorded risk behind it, or where a test of its design found something; it does where the newest test of the wording
    /// in force, or a walkthrough, was reviewed and found nothing.
    pub fn is_well_designed(&self, id: &ControlId, stated: &ControlVersion) -> Option<bool> {
        if !stated.definition.risks.iter().any(|risk| self.risks.contains_key(risk)) {
            return Some(false);
        }
        let control = self.controls.get(id)?;
        let of_wording = self.management_tests_of(id).map(|(_, test)| test);
        let mut tests: Vec<_> = of_wording.filter(|test| control.is_tested_like(test.version, stated)).collect();
        tests.sort_by_key(|test| test.entry);
        tests.into_iter().fold(None, |held, test| match (test.details.stage, test.details.exceptions) {
            (TestStage::Design, 1..) => Some(false),
            (TestStage::Design | TestStage::Implementation, 0) if test.review.is_some() && test.details.items > 0 => {
                Some(true)
            }
            (TestStage::Design | TestStage::Implementation | TestStage::Operation, _) => held,
        })
    }

    fn test_figures(
        &self,
        test: &TestId,
        controls: Vec<ControlId>,
        inputs: BTreeMap<DatasetId, InputFigures>,
        span: Span,
    ) -> TestFigures {
        let result = self.newest_result(test, span);
        TestFigures {
            controls,
            outcome: result.map(|r| r.outcome),
            population: result.map_or(0, |r| r.population),
            population_digest: result.and_then(|r| r.population_digest),
            exceptions: result.map_or(0, |r| r.exceptions),
            rows_digest: result.and_then(|r| r.rows_digest),
            sql: result.map(|r| r.sql),
            late: result.map_or(0, |r| r.late),
            canaries: result.map_or(0, |r| r.canaries),
            entry: result.map(|r| r.entry),
            engine: result.map(|r| r.engine.clone()),
            raised: self
                .exceptions
                .iter()
                .filter(|(_, exception)| exception.origin.control_test() == Some(test) && exception.span == span)
                .map(|(id, exception)| (id.clone(), (exception.state, exception.items)))
                .collect(),
            inputs,
        }
    }

    fn management_test_figures(
        &self,
        control: &ControlId,
        span: Span,
    ) -> BTreeMap<ManagementTestId, ManagementTestFigures> {
        let within = self.management_tests_of(control).filter(|(_, test)| span.covers(&test.details.span));
        let figures = within.map(|(id, test)| {
            let figures = ManagementTestFigures {
                items: test.details.items,
                exceptions: test.details.exceptions,
                reviewed: test.review.is_some(),
                entry: test.entry,
            };
            (id.clone(), figures)
        });
        figures.collect()
    }

    /// What the newest walkthrough of a control as it is worded says; one that found nothing counts once it was reviewed.
    fn walked_through(&self, control: &ControlId, stated: &ControlVersion, span: Span) -> Option<bool> {
        let of_wording = |version: u64| self.controls.get(control).is_some_and(|c| c.is_tested_like(version, stated));
        let walkthroughs = self.management_tests_of(control).map(|(_, test)| test).filter(|test| {
            test.details.stage == TestStage::Implementation
                && span.covers(&test.details.span)
                && of_wording(test.version)
                && (test.details.exceptions > 0 || (test.review.is_some() && test.details.items > 0))
        });
        walkthroughs.max_by_key(|test| test.entry).map(|test| test.details.exceptions == 0)
    }

    fn raised_by_people(&self, control: &ControlId, span: Span) -> BTreeMap<ExceptionId, (ExceptionState, u64)> {
        let raised = self.exceptions.iter().filter(|(_, exception)| match &exception.origin {
            ExceptionOrigin::ManagementTest { control: tested, .. } => {
                tested == control && span.covers(&exception.span)
            }
            ExceptionOrigin::ControlTest(_) => false,
        });
        raised.map(|(id, exception)| (id.clone(), (exception.state, exception.items))).collect()
    }

    fn conclusion_figures(
        &self,
        catalog: &CatalogIndex,
        engagement: &EngagementId,
        control: &ControlId,
    ) -> Option<ConclusionFigures> {
        let recorded = self.conclusion(engagement, control)?;
        let contradicted = self.stale_because(catalog, engagement, control, &recorded.conclusion);
        Some(ConclusionFigures {
            status: recorded.conclusion.status,
            stale_because: contradicted.map(|refusal| refusal.code().to_owned()),
            entry: recorded.entry,
        })
    }

    fn input_figures(&self, dataset: &DatasetId, span: Span) -> InputFigures {
        let counting = self.counting_extracts(dataset, span.first);
        let extracts = || counting.extracts.iter();
        let rows = counting.rows();
        InputFigures {
            extracts: extracts().count() as u64,
            rows,
            source_rows: rows.map(|_| extracts().filter_map(|extract| extract.source_rows).sum()),
            counted: extracts().filter(|extract| extract.source_rows.is_some()).count() as u64,
            incomplete: extracts().filter(|extract| !self.is_whole(dataset, extract)).count() as u64,
            read_again: counting.read_again,
            in_part: counting.in_part,
        }
    }
}

/// As serde asks it: by reference.
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Whether a control is in place, by what its control tests found: it is if any item conforms, for how often it is performed
/// is a matter of its operation; it is not if every item of every population came back, whatever a document says. Where no
/// test found an item to look at, a walkthrough says it, and a document of the days shows it; else nobody knows.
fn implemented(control: &ControlFigures, tests: &BTreeMap<TestId, TestFigures>) -> Option<bool> {
    let looked = control.tests.iter().filter_map(|id| tests.get(id)).filter(|test| test.looked_at_items());
    let conforms: Vec<bool> = looked.map(|test| test.exceptions < test.population).collect();
    if conforms.is_empty() {
        return control.walked_through.or((control.documents > 0).then_some(true));
    }
    Some(conforms.contains(&true))
}

/// Whether every test of the control came back without exceptions; none if no test has looked.
fn came_back_empty(control: &ControlFigures, tests: &BTreeMap<TestId, TestFigures>) -> Option<bool> {
    let outcomes: Vec<Outcome> =
        control.tests.iter().filter_map(|id| tests.get(id)).filter_map(|test| test.outcome).collect();
    if outcomes.contains(&Outcome::Exceptions) {
        return Some(false);
    }
    let all_looked = outcomes.len() == control.tests.len() && !outcomes.is_empty();
    (all_looked && outcomes.iter().all(|outcome| *outcome == Outcome::NoExceptions)).then_some(true)
}

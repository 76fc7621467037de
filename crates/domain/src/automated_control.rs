//! What an automated control takes beside a test of it: the history of its setting over every day, and IT general controls that
//! operated (domain reference, section 9). It acts the same each time as long as its setting stays.
//!
//! Invariant: what does not say which days it covers shows no history.
//! Invariant: no setting is kept by an IT general control on whose operation nobody concluded, or of which an exception stands
//! that nobody assessed.

use std::collections::BTreeSet;

use tickmark_canonical::Digest;

use crate::{
    Automation, CatalogIndex, Conclusion, ControlId, DatasetId, EngagementId, Evidence, Exception, ExceptionState,
    RecordedConclusion, Refusal, Span, State, TestStage,
    conclusion::{Facts, require_within},
    tests_of_operation::TestsOfOperation,
};

impl Exception {
    /// Whether somebody said what it means, or a test over later days found none.
    fn is_settled(&self) -> bool {
        self.is_assessed() || self.state == ExceptionState::Retested
    }
}

impl State {
    /// Asked in this order: the setting's history, then the IT general controls that keep it.
    pub(crate) fn require_automated(
        &self,
        catalog: &CatalogIndex,
        engagement: &EngagementId,
        id: &ControlId,
        facts: &Facts<'_>,
        conclusion: &Conclusion,
    ) -> Result<(), Refusal> {
        let stated = facts.control.version_for(facts.period);
        if stated.is_none_or(|version| version.definition.automation != Automation::Automated) {
            return Ok(());
        }
        self.require_history(catalog, id, facts, &conclusion.change_history)?;
        self.require_itgc(catalog, engagement, id, facts.period, conclusion)
    }

    /// The setting is known on every day on which the control ran: by control tests that looked and the source's log between
    /// them, or by extracts of a log of its changes that cover these days.
    fn require_history(
        &self,
        catalog: &CatalogIndex,
        id: &ControlId,
        facts: &Facts<'_>,
        history: &BTreeSet<Digest>,
    ) -> Result<(), Refusal> {
        let observed = facts.calendar.setting_tally();
        if observed.is_some_and(|tally| tally.observed + tally.known_by_log == tally.days) && history.is_empty() {
            return Ok(());
        }
        if history.is_empty() {
            return Err(Refusal::AutomatedControlLacks {
                control: id.clone(),
                what: "the history of changes of its setting",
            });
        }
        let logs = self.change_logs_of(catalog, id, facts.period);
        let mut covered = Vec::new();
        for digest in history {
            let (dataset, extract) = self.extract_to_rest_on(digest)?;
            if !logs.is_empty() && !logs.contains(dataset) {
                return Err(Refusal::HistoryOfOtherSetting { control: id.clone(), dataset: dataset.clone() });
            }
            covered.push(extract.covers);
        }
        for (_, days) in facts.control.wordings_within(facts.period) {
            if let Some(Span { first, last }) = days.first_gap(covered.iter().copied()) {
                return Err(Refusal::SettingHistoryGap { control: id.clone(), first, last });
            }
        }
        Ok(())
    }

    /// The logs of changes of what the control's own tests read, as the catalog declares them.
    fn change_logs_of<'a>(&self, catalog: &'a CatalogIndex, id: &ControlId, days: Span) -> BTreeSet<&'a DatasetId> {
        let own = catalog.tests.values().filter(|rule| self.controls_tested(rule, days).contains(id));
        let read = own.flat_map(|rule| &rule.datasets).filter_map(|dataset| catalog.datasets.get(dataset));
        read.filter_map(|rule| rule.change_log.as_ref()).collect()
    }

    /// An extract on which a result may rest, by its manifest.
    fn extract_to_rest_on(&self, manifest: &Digest) -> Result<(&DatasetId, &Evidence), Refusal> {
        if self.documents.iter().any(|document| document.document == *manifest) {
            return Err(Refusal::HistoryIsNoExtract(*manifest));
        }
        let unknown = || Refusal::UnknownEvidence(*manifest);
        let mut of_datasets = self.evidence.keys();
        let found = of_datasets.find_map(|dataset| {
            let extract = self.extracts_to_rest_on(dataset).find(|extract| extract.manifest == *manifest)?;
            Some((dataset, extract))
        });
        found.ok_or_else(unknown)
    }

    /// Tests of IT general controls that looked at items, each of a control that operated by a conclusion that stands.
    fn require_itgc(
        &self,
        catalog: &CatalogIndex,
        engagement: &EngagementId,
        id: &ControlId,
        period: Span,
        Conclusion { itgc, .. }: &Conclusion,
    ) -> Result<(), Refusal> {
        let lacks = |what| Err(Refusal::AutomatedControlLacks { control: id.clone(), what });
        let mut looked = false;
        for (test, entries) in &itgc.results {
            if self.require_about(catalog, test, id).is_ok() {
                return lacks("tests of other controls: its own are no IT general controls");
            }
            for entry in entries {
                let result = self.newest_result_at(test, *entry)?;
                require_within(period, result.span, test.as_str())?;
                let only = TestsOfOperation { results: vec![(test, result)], ..TestsOfOperation::default() };
                looked |= only.spans_that_looked().next().is_some();
            }
            let about = catalog.tests.get(test).map(|rule| self.controls_tested(rule, period));
            self.require_concluded(catalog, engagement, test.as_str(), about.into_iter().flatten(), period)?;
        }
        for test in &itgc.management_tests {
            let details = &self.reviewed_management_test(test)?.details;
            require_within(period, details.span, test.as_str())?;
            if details.control == *id {
                return lacks("tests of other controls: its own are no IT general controls");
            }
            looked |= details.stage == TestStage::Operation && details.items > 0;
            self.require_concluded(catalog, engagement, test.as_str(), [&details.control], period)?;
        }
        if looked { Ok(()) } else { lacks("a test of the IT general controls that keep its setting") }
    }

    /// One of the controls that a test is about operated, by a conclusion that stands, and none has an exception of which
    /// nobody said what it means.
    fn require_concluded<'a>(
        &'a self,
        catalog: &'a CatalogIndex,
        engagement: &EngagementId,
        test: &str,
        controls: impl IntoIterator<Item = &'a ControlId>,
        period: Span,
    ) -> Result<(), Refusal> {
        let mut concluded = false;
        for control in controls {
            let mut exceptions = self.exceptions_of(catalog, control, |tested| period.covers(&tested));
            if let Some((exception, _)) = exceptions.find(|(_, exception)| !exception.is_settled()) {
                let (control, exception) = (control.clone(), exception.clone());
                return Err(Refusal::ItgcExceptionOpen { control, exception });
            }
            // Two automated controls may lean on each other: here only the tests of the other one are asked again.
            concluded |=
                self.conclusion(engagement, control).is_some_and(|RecordedConclusion { conclusion, .. }| {
                    conclusion.status.says_it_operated()
                        && self.require_tests_bear_out(catalog, engagement, control, conclusion).is_ok()
                });
        }
        if concluded { Ok(()) } else { Err(Refusal::ItgcNotConcluded(test.to_owned())) }
    }
}

//! Conclusions on the operation of controls: a person's, over the tests that they name; and what contradicts one since.

use std::collections::BTreeSet;

use serde::Serialize;
use tickmark_canonical::Digest;
use tickmark_domain::{
    Command, ConcludeControl, Conclusion, ControlId, ControlStatus, DatasetId, EngagementId, NamedTests, PersonId,
    Refusal, Span, State, TestId,
};

use crate::{Error, House, NamedEvidence};

/// A conclusion to record.
#[derive(Debug, Clone)]
pub struct NewConclusion<'a> {
    /// The engagement.
    pub engagement: EngagementId,
    /// The control.
    pub control: ControlId,
    /// What it says.
    pub status: ControlStatus,
    /// The control tests and management tests that it rests on: of a control test every newest result over days within the
    /// period; and populations that are empty.
    pub over: &'a [String],
    /// An automated control: what shows how its setting changed; a dataset stands for its extracts over days of the period.
    pub change_history: &'a [NamedEvidence],
    /// An automated control: tests of the IT general controls that keep its setting.
    pub itgc: &'a [String],
    /// Why.
    pub reason: &'a str,
}

/// A conclusion in a list: the newest on a control in an engagement.
#[derive(Debug, Clone, Serialize)]
pub struct ConclusionLine {
    /// The engagement.
    pub engagement: String,
    /// The control.
    pub control: String,
    /// What it says.
    pub status: String,
    /// The tests that it rests on.
    pub over: Vec<String>,
    /// Why.
    pub reason: String,
    /// Whose it is.
    pub by: String,
    /// How many were made before it.
    pub earlier: u64,
    /// What newer facts say against it.
    pub stale_because: Option<String>,
    /// Entry that recorded it.
    pub entry: u64,
}

impl House {
    /// Records a person's conclusion on a control's operation.
    pub fn conclude(&mut self, author: &PersonId, new: &NewConclusion<'_>) -> Result<ConclusionLine, Error> {
        let conclusion = Conclusion {
            status: new.status,
            tests: self.named_tests(&new.engagement, new.over)?,
            change_history: self.history_named(&new.engagement, new.change_history)?,
            itgc: self.named_tests(&new.engagement, new.itgc)?,
            reason: self.put_text(new.reason)?,
        };
        let (engagement, control) = (new.engagement.clone(), new.control.clone());
        self.execute(author, Command::ConcludeControl(ConcludeControl { engagement, control, conclusion }))?;
        let lines = self.conclusions(Some(&new.engagement))?;
        let made = lines.into_iter().find(|line| line.control == new.control.as_str());
        made.ok_or_else(|| Error::Unknown { kind: "control", name: new.control.to_string() })
    }

    /// What shows the history of a setting, by name: a dataset stands for its extracts that cover days of the period.
    fn history_named(&self, engagement: &EngagementId, names: &[NamedEvidence]) -> Result<BTreeSet<Digest>, Error> {
        let period = self.period_of(engagement)?;
        let mut history = BTreeSet::new();
        for named in names {
            let dataset = match named {
                NamedEvidence::Digest(name) => name.parse::<DatasetId>().ok(),
                NamedEvidence::Entry(_) => None,
            };
            match dataset.filter(|dataset| self.state().evidence.contains_key(dataset)) {
                Some(dataset) => {
                    let counting = self.state().counting_extracts(&dataset, period.first).extracts;
                    let of_period = counting.into_iter().filter(|extract| extract.covers.meets(&period));
                    history.extend(of_period.map(|extract| extract.manifest));
                }
                None => drop(history.insert(self.evidence_named(named)?)),
            }
        }
        Ok(history)
    }

    fn period_of(&self, engagement: &EngagementId) -> Result<Span, Error> {
        let unknown = || Refusal::UnknownEngagement(engagement.clone());
        Ok(self.state().engagements.get(engagement).ok_or_else(unknown)?.report_type.span())
    }

    /// Tests by name: a control test stands for its newest results over days within the period. What is no test and is a
    /// population is one.
    fn named_tests(&self, engagement: &EngagementId, names: &[String]) -> Result<NamedTests, Error> {
        let state = self.state();
        let period = self.period_of(engagement)?;
        let mut named = NamedTests::default();
        for name in names {
            let test: TestId = name.parse()?;
            let Some(results) = state.results.get(&test) else {
                if self.catalog().tests.contains_key(name.as_str()) {
                    return Err(Error::Unknown { kind: "result of control test", name: name.clone() });
                }
                let (test, population) = (name.parse()?, name.parse()?);
                if state.populations.contains_key(&population) && !state.management_tests.contains_key(&test) {
                    named.populations.insert(population);
                } else {
                    named.management_tests.insert(test);
                }
                continue;
            };
            let within = results.iter().filter(|result| period.covers(&result.span));
            let newest = within.filter(|result| {
                state.newest_result(&test, result.span).is_some_and(|newest| newest.entry == result.entry)
            });
            let entries: BTreeSet<u64> = newest.map(|result| result.entry).collect();
            if entries.is_empty() {
                return Err(Error::Unknown {
                    kind: "result over days of the period, of control test",
                    name: name.clone(),
                });
            }
            named.results.insert(test, entries);
        }
        Ok(named)
    }

    /// The newest conclusion on each control.
    pub fn conclusions(&self, only: Option<&EngagementId>) -> Result<Vec<ConclusionLine>, Error> {
        let state = self.state();
        if let Some(unknown) = only.filter(|id| !state.engagements.contains_key(*id)) {
            return Err(Refusal::UnknownEngagement(unknown.clone()).into());
        }
        let engagements = state.engagements.iter().filter(|(id, _)| only.is_none_or(|only| only == *id));
        let controls = engagements.flat_map(|(id, engagement)| engagement.conclusions.keys().map(move |of| (id, of)));
        controls.map(|(engagement, control)| self.conclusion_line(state, engagement, control)).collect()
    }

    fn conclusion_line(
        &self,
        state: &State,
        engagement: &EngagementId,
        control: &ControlId,
    ) -> Result<ConclusionLine, Error> {
        let of_control = state.engagements.get(engagement).and_then(|known| known.conclusions.get(control));
        let recorded = of_control.and_then(|recorded| recorded.last());
        let recorded = recorded.ok_or_else(|| Error::Unknown { kind: "conclusion on", name: control.to_string() })?;
        let conclusion = &recorded.conclusion;
        let contradicted = state.stale_because(self.catalog_index(), engagement, control, conclusion);
        Ok(ConclusionLine {
            engagement: engagement.to_string(),
            control: control.to_string(),
            status: state.conclusion_in_words(self.catalog_index(), engagement, control, conclusion),
            over: tests_in_words(&conclusion.tests),
            reason: self.text(&conclusion.reason)?,
            by: self.name_in(state, &recorded.by),
            earlier: of_control.map_or(0, |recorded| recorded.len() as u64).saturating_sub(1),
            stale_because: contradicted.map(|refusal| refusal.to_string()),
            entry: recorded.entry,
        })
    }
}

/// Tests, and populations that are empty, as a conclusion names them.
pub(crate) fn tests_in_words(tests: &NamedTests) -> Vec<String> {
    let results = tests.results.keys().map(ToString::to_string);
    let by_people = tests.management_tests.iter().map(ToString::to_string);
    results.chain(by_people).chain(tests.populations.iter().map(ToString::to_string)).collect()
}

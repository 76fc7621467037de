//! The earliest day on which a period could begin: no control that is needed was not running yet, and no dataset that its
//! control tests read has its first evidence later.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;

use super::Looked;
use crate::{ControlId, DatasetId, Outcome, TestId};

/// The earliest defensible first day of a period.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct EarliestStart {
    /// The day; none while no control that is needed runs.
    pub on: Option<Date>,
    /// What decides it: everything that is no earlier.
    pub decided_by: Vec<StartDecider>,
    /// Datasets of needed controls that have no complete extract: while one is without, no day can be defended.
    pub without_evidence: BTreeSet<DatasetId>,
}

impl EarliestStart {
    /// Whether the day can be defended with what is recorded.
    pub fn is_defensible(&self) -> bool {
        self.on.is_some() && self.without_evidence.is_empty()
    }
}

/// What keeps a period from beginning earlier.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StartDecider {
    /// A control runs since that day.
    Control(ControlId),
    /// The first evidence of a dataset is of that day.
    Dataset(DatasetId),
}

impl std::fmt::Display for StartDecider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Control(id) => write!(f, "control {id} runs since that day"),
            Self::Dataset(id) => write!(f, "the first evidence of dataset `{id}` is of that day"),
        }
    }
}

impl Looked<'_> {
    pub(crate) fn earliest_start(&self) -> EarliestStart {
        let needed = self.needed();
        let mut days: Vec<(Date, StartDecider)> = Vec::new();
        let mut first_extracts: BTreeMap<&DatasetId, Option<Date>> = BTreeMap::new();
        let mut without_evidence = BTreeSet::new();
        for id in &needed {
            let control = self.state.controls.get(*id);
            let since = control.and_then(|control| control.runs_since(self.span));
            days.extend(since.map(|since| (since, StartDecider::Control((*id).clone()))));
        }
        let of_needed = |test: &&TestId| {
            self.figures.tests.get(*test).is_some_and(|test| test.controls.iter().any(|id| needed.contains(id)))
        };
        for test in self.figures.tests.keys().filter(of_needed) {
            for dataset in self.catalog.tests.get(test).into_iter().flat_map(|rule| &rule.datasets) {
                let first = *first_extracts.entry(dataset).or_insert_with(|| {
                    let complete =
                        self.state.evidence_of(dataset).iter().filter(|extract| self.state.is_whole(dataset, extract));
                    complete.map(|extract| extract.covers.first).min()
                });
                match first.map(|first| self.first_tested(test).map_or(first, |tested| tested.min(first))) {
                    Some(on) => days.push((on, StartDecider::Dataset(dataset.clone()))),
                    None => drop(without_evidence.insert(dataset.clone())),
                }
            }
        }
        let on = days.iter().map(|(day, _)| *day).max();
        let deciding: BTreeSet<StartDecider> =
            days.into_iter().filter(|(day, _)| Some(*day) == on).map(|(_, decider)| decider).collect();
        EarliestStart { on, decided_by: deciding.into_iter().collect(), without_evidence }
    }

    /// The first day over which a control test ran with a result: a state that was read later can show what was true before.
    fn first_tested(&self, test: &TestId) -> Option<Date> {
        let results = self.state.results.get(test)?.iter();
        let evaluated = results.filter(|result| !matches!(result.outcome, Outcome::NotEvaluable | Outcome::Error));
        evaluated.map(|result| result.span.first).min()
    }
}

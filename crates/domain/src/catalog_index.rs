//! What the rules need to know of the catalog in force: ids and how they hang together, no text and no SQL.
//!
//! The index travels in report packages, so that a reader can recompute figures without the control tests' SQL.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{ControlId, CriterionId, DatasetId, Frequency, ObjectiveId, RiskId, TestId};

/// The catalog in force, as far as rules and figures need it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogIndex {
    /// Digest over all files of the catalog.
    pub catalog: Digest,
    /// Trust services categories and the criteria that each brings into scope.
    pub categories: BTreeMap<String, BTreeSet<CriterionId>>,
    /// Control objectives.
    pub objectives: BTreeMap<ObjectiveId, ObjectiveRule>,
    /// Controls.
    pub controls: BTreeMap<ControlId, ControlRule>,
    /// Control tests.
    pub tests: BTreeMap<TestId, TestRule>,
    /// Datasets.
    pub datasets: BTreeMap<DatasetId, DatasetRule>,
    /// Risks of the catalog.
    pub risks: BTreeSet<RiskId>,
}

impl CatalogIndex {
    /// Whether a dataset is a state. Only a state gets stale: a dataset of events has windows, and gaps between them.
    pub fn is_state(&self, dataset: &DatasetId) -> bool {
        self.datasets.get(dataset).is_some_and(|rule| rule.stale_after_days.is_some())
    }
}

/// A control objective's place in the catalog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectiveRule {
    /// Controls that serve the objective.
    pub controls: BTreeSet<ControlId>,
}

/// A control's place in the catalog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlRule {
    /// Criteria that the control serves.
    pub criteria: BTreeSet<CriterionId>,
    /// Control objectives that the control serves.
    pub objectives: BTreeSet<ObjectiveId>,
    /// Risks that the control addresses.
    pub risks: BTreeSet<RiskId>,
}

/// A control test's place in the catalog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestRule {
    /// Controls that the test is about.
    pub controls: BTreeSet<ControlId>,
    /// Those among them that are an industry's. Where there are some, its rows are that industry's as well, and it is about the
    /// others only where one of these is in the control set ([`crate::State::controls_tested`]).
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub of_industry: BTreeSet<ControlId>,
    /// Datasets that its SQL reads.
    pub datasets: BTreeSet<DatasetId>,
    /// Those among them that not every organization has: it is about nothing until each of them was collected or tried to.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub once_collected: BTreeSet<DatasetId>,
    /// Digest of its two SQL texts and parameters.
    pub sql: Digest,
    /// How often it is due, where the catalog says so itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<Frequency>,
}

/// A dataset's place in the catalog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatasetRule {
    /// Whether its rows are personal data, so that its objects are encrypted under a key each.
    pub personal: bool,
    /// The dataset in which the source logs every change of such rows, if it keeps one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change_log: Option<DatasetId>,
    /// After how many days a state is stale; none for events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale_after_days: Option<u32>,
    /// Whether each of several sources has rows of its own: the state is that of all of them together.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub several_sources: bool,
}

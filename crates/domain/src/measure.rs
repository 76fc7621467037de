//! Measures: what controls are held against, so that criteria and control objectives stand side by side.

use std::{collections::BTreeSet, fmt};

use serde::{Serialize, Serializer};

use crate::{CatalogIndex, ControlDefinition, ControlRule, CriterionId, Engagement, ObjectiveId, Risk};

/// A control objective (SOC 1) or a criterion (SOC 2).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// A control objective.
    Objective(ObjectiveId),
    /// A criterion.
    Criterion(CriterionId),
}

impl Measure {
    /// Its id.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Objective(id) => id.as_str(),
            Self::Criterion(id) => id.as_str(),
        }
    }

    /// What it is, in words.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Objective(_) => "control objective",
            Self::Criterion(_) => "criterion",
        }
    }

    /// Whether it is among these.
    fn is_of(&self, criteria: &BTreeSet<CriterionId>, objectives: &BTreeSet<ObjectiveId>) -> bool {
        match self {
            Self::Objective(id) => objectives.contains(id),
            Self::Criterion(id) => criteria.contains(id),
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Measure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Engagement {
    /// What the engagement holds controls against: its control objectives, and its criteria but for those that are not
    /// relevant to the system.
    pub fn measures(&self, catalog: &CatalogIndex) -> BTreeSet<Measure> {
        let criteria = self.relevant_criteria(catalog).into_iter().map(Measure::Criterion);
        self.objectives.iter().cloned().map(Measure::Objective).chain(criteria).collect()
    }
}

impl ControlDefinition {
    /// Whether the control serves a measure.
    pub fn serves(&self, measure: &Measure) -> bool {
        measure.is_of(&self.criteria, &self.objectives)
    }
}

impl ControlRule {
    /// Whether the control serves a measure, as the catalog has it.
    pub fn serves(&self, measure: &Measure) -> bool {
        measure.is_of(&self.criteria, &self.objectives)
    }
}

impl Risk {
    /// Whether the risk threatens a measure.
    pub fn threatens(&self, measure: &Measure) -> bool {
        measure.is_of(&self.criteria, &self.objectives)
    }
}

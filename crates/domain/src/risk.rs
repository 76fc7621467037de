//! Risks that threaten criteria or control objectives, as the organization assessed them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{
    Author, CatalogIndex, CriterionId, Event, ObjectiveId, Recorded, Refusal, RiskId, Role, State,
    id::require_own_letters,
};

/// Record a risk and what it threatens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRisk {
    /// The risk.
    pub risk: RiskId,
    /// Its statement (vault text).
    pub statement: Digest,
    /// Criteria that it threatens.
    pub criteria: BTreeSet<CriterionId>,
    /// Control objectives that it threatens.
    pub objectives: BTreeSet<ObjectiveId>,
}

/// A risk was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskRecorded {
    /// The risk.
    pub risk: RiskId,
    /// Its statement (vault text).
    pub statement: Digest,
    /// Criteria that it threatens.
    pub criteria: BTreeSet<CriterionId>,
    /// Control objectives that it threatens.
    pub objectives: BTreeSet<ObjectiveId>,
}

/// A risk as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Risk {
    /// Its statement (vault text).
    pub statement: Digest,
    /// Criteria that it threatens.
    pub criteria: BTreeSet<CriterionId>,
    /// Control objectives that it threatens.
    pub objectives: BTreeSet<ObjectiveId>,
    /// Entry that recorded it last.
    pub entry: u64,
}

pub(crate) fn decide_record(
    state: &State,
    author: &Author,
    catalog: &CatalogIndex,
    command: RecordRisk,
) -> Result<Vec<Event>, Refusal> {
    state.require_role(author, Role::ComplianceLead)?;
    state.require_catalog(catalog)?;
    require_own_letters(&command.risk, state.risks.keys().chain(&catalog.risks))?;
    if command.criteria.is_empty() && command.objectives.is_empty() {
        return Err(Refusal::RiskThreatensNothing);
    }
    state.require_served(catalog, &command.objectives, &command.criteria)?;
    Ok(vec![Event::RiskRecorded(RiskRecorded {
        risk: command.risk,
        statement: command.statement,
        criteria: command.criteria,
        objectives: command.objectives,
    })])
}

impl State {
    pub(crate) fn apply_risk_recorded(&mut self, event: &RiskRecorded, recorded: &Recorded) {
        self.risks.insert(
            event.risk.clone(),
            Risk {
                statement: event.statement,
                criteria: event.criteria.clone(),
                objectives: event.objectives.clone(),
                entry: recorded.index,
            },
        );
    }
}

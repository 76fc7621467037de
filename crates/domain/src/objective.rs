//! Control objectives of the organization's own: management chooses and owns objectives, and those of the catalog are where
//! it starts from.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{
    Author, CatalogIndex, CriterionId, Event, ObjectiveId, Recorded, Refusal, Role, State, id::require_own_letters,
};

/// A control objective as management words it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectiveDefinition {
    /// What kind of objective it is.
    pub kind: ObjectiveKind,
    /// A few words (vault text).
    pub title: Digest,
    /// The whole sentence, as a report prints it (vault text).
    pub statement: Digest,
    /// Assertions in user entities' financial statements that it bears on.
    pub assertions: BTreeSet<FinancialStatementAssertion>,
    /// Criteria that the same controls can serve.
    pub criteria: BTreeSet<CriterionId>,
    /// Who set it, if it was not management: a law, a user group, a body (vault text; AT-C 320's description criteria).
    pub set_by: Option<Digest>,
}

/// Kinds of control objectives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ObjectiveKind {
    /// About the processing of transactions.
    Business,
    /// About the IT general controls that processing stands on.
    Itgc,
    /// About the organization as a whole; usually described, not tested, in SOC 1.
    Entity,
}

/// What a line of a financial statement claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the field's own words; the glossary has the term")]
pub enum FinancialStatementAssertion {
    Completeness,
    Accuracy,
    Occurrence,
    Existence,
    CutOff,
    Valuation,
    RightsObligations,
    Classification,
    Presentation,
}

impl FinancialStatementAssertion {
    /// As an auditor writes it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Completeness => "completeness",
            Self::Accuracy => "accuracy",
            Self::Occurrence => "occurrence",
            Self::Existence => "existence",
            Self::CutOff => "cut-off",
            Self::Valuation => "valuation",
            Self::RightsObligations => "rights and obligations",
            Self::Classification => "classification",
            Self::Presentation => "presentation",
        }
    }
}

/// Record a control objective, or word one otherwise. One of the catalog that is recorded under its id is the
/// organization's own from then on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordObjective {
    /// The objective.
    pub objective: ObjectiveId,
    /// What it is.
    pub definition: ObjectiveDefinition,
}

/// A control objective was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectiveRecorded {
    /// The objective.
    pub objective: ObjectiveId,
    /// What it is.
    pub definition: ObjectiveDefinition,
}

/// A control objective of the organization's own, as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objective {
    /// What it is.
    pub definition: ObjectiveDefinition,
    /// Entry that recorded it last.
    pub entry: u64,
}

/// Asked in this order: role, catalog, an id of its own, OBJ-02, criteria that exist.
pub(crate) fn decide_record(
    state: &State,
    author: &Author,
    catalog: &CatalogIndex,
    command: RecordObjective,
) -> Result<Vec<Event>, Refusal> {
    state.require_role(author, Role::ComplianceLead)?;
    state.require_catalog(catalog)?;
    let RecordObjective { objective, definition } = command;
    require_own_letters(&objective, state.objectives.keys().chain(catalog.objectives.keys()))?;
    if definition.assertions.is_empty() && definition.kind != ObjectiveKind::Itgc {
        return Err(Refusal::ObjectiveBearsOnNothing(objective));
    }
    state.require_served(catalog, &BTreeSet::new(), &definition.criteria)?;
    Ok(vec![Event::ObjectiveRecorded(ObjectiveRecorded { objective, definition })])
}

impl State {
    /// Whether an objective is in the catalog or the organization's own.
    pub fn knows_objective(&self, catalog: &CatalogIndex, id: &ObjectiveId) -> bool {
        self.objectives.contains_key(id) || catalog.objectives.contains_key(id)
    }

    /// Refuses objectives and criteria that do not exist.
    pub(crate) fn require_served(
        &self,
        catalog: &CatalogIndex,
        objectives: &BTreeSet<ObjectiveId>,
        criteria: &BTreeSet<CriterionId>,
    ) -> Result<(), Refusal> {
        if let Some(unknown) = objectives.iter().find(|id| !self.knows_objective(catalog, id)) {
            return Err(Refusal::UnknownObjective(unknown.clone()));
        }
        match criteria.iter().find(|id| !catalog.categories.values().any(|of| of.contains(*id))) {
            Some(unknown) => Err(Refusal::UnknownCriterion(unknown.clone())),
            None => Ok(()),
        }
    }

    pub(crate) fn apply_objective_recorded(&mut self, event: &ObjectiveRecorded, recorded: &Recorded) {
        let objective = Objective { definition: event.definition.clone(), entry: recorded.index };
        self.objectives.insert(event.objective.clone(), objective);
    }
}

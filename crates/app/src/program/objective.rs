//! A control objective as people write and read it, and the definition that the ledger holds of it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;
use tickmark_domain::{
    CriterionId, FinancialStatementAssertion, ObjectiveDefinition, ObjectiveId, ObjectiveKind, State,
};

use crate::{Error, House};

/// A control objective in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenObjective {
    /// What kind of objective it is.
    pub kind: ObjectiveKind,
    /// A few words.
    pub title: String,
    /// The whole sentence, as a report prints it.
    pub statement: String,
    /// Assertions in user entities' financial statements that it bears on.
    #[serde(default)]
    pub assertions: BTreeSet<FinancialStatementAssertion>,
    /// Criteria that the same controls can serve.
    #[serde(default)]
    pub criteria: BTreeSet<CriterionId>,
    /// Who set it, if it was not management.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_by: Option<String>,
}

impl WrittenObjective {
    /// The definition; `put` gives the digest of a text.
    pub(crate) fn definition(&self, mut put: impl FnMut(&str) -> Digest) -> ObjectiveDefinition {
        ObjectiveDefinition {
            kind: self.kind,
            title: put(&self.title),
            statement: put(&self.statement),
            assertions: self.assertions.clone(),
            criteria: self.criteria.clone(),
            set_by: self.set_by.as_ref().map(|text| put(text)),
        }
    }

    fn of_catalog(objective: &tickmark_catalog::Objective) -> Result<Self, Error> {
        Ok(Self {
            kind: match objective.kind {
                tickmark_catalog::ObjectiveKind::Business => ObjectiveKind::Business,
                tickmark_catalog::ObjectiveKind::Itgc => ObjectiveKind::Itgc,
                tickmark_catalog::ObjectiveKind::Entity => ObjectiveKind::Entity,
            },
            title: objective.title.clone(),
            statement: objective.text(),
            assertions: objective.assertions.iter().map(|assertion| assertion_of(*assertion)).collect(),
            criteria: objective.criteria.iter().map(|id| id.parse()).collect::<Result<_, _>>()?,
            set_by: None,
        })
    }
}

fn assertion_of(assertion: tickmark_catalog::Assertion) -> FinancialStatementAssertion {
    match assertion {
        tickmark_catalog::Assertion::Completeness => FinancialStatementAssertion::Completeness,
        tickmark_catalog::Assertion::Accuracy => FinancialStatementAssertion::Accuracy,
        tickmark_catalog::Assertion::Occurrence => FinancialStatementAssertion::Occurrence,
        tickmark_catalog::Assertion::Existence => FinancialStatementAssertion::Existence,
        tickmark_catalog::Assertion::CutOff => FinancialStatementAssertion::CutOff,
        tickmark_catalog::Assertion::Valuation => FinancialStatementAssertion::Valuation,
        tickmark_catalog::Assertion::RightsObligations => FinancialStatementAssertion::RightsObligations,
        tickmark_catalog::Assertion::Classification => FinancialStatementAssertion::Classification,
        tickmark_catalog::Assertion::Presentation => FinancialStatementAssertion::Presentation,
    }
}

impl House {
    /// A control objective in words: the organization's own, else the catalog's.
    pub(crate) fn objective(&self, state: &State, id: &ObjectiveId) -> Result<WrittenObjective, Error> {
        if let Some(own) = state.objectives.get(id) {
            let definition = &own.definition;
            return Ok(WrittenObjective {
                kind: definition.kind,
                title: self.text(&definition.title)?,
                statement: self.text(&definition.statement)?,
                assertions: definition.assertions.clone(),
                criteria: definition.criteria.clone(),
                set_by: definition.set_by.map(|text| self.text(&text)).transpose()?,
            });
        }
        let of_catalog = self.catalog.objectives.get(id.as_str());
        let unknown = || Error::Unknown { kind: "control objective", name: id.to_string() };
        WrittenObjective::of_catalog(of_catalog.ok_or_else(unknown)?)
    }
}

//! Assessments: what management says of an exception's cause, extent and effect, and what the ledger says of the controls
//! that are to compensate for it.
//!
//! Invariant: that a compensating control was tested, over which days and with what result, is computed and never claimed.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{
    Author, CatalogIndex, ControlId, CriterionId, Event, Exception, ExceptionId, ExceptionState, ObjectiveId, PersonId,
    Recorded, Refusal, Role, Span, State,
};

/// Whether the cause reaches beyond the items found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// It explains these items and no others.
    Isolated,
    /// It can have touched others as well.
    Systematic,
}

impl Reach {
    /// As an auditor writes it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Isolated => "isolated",
            Self::Systematic => "systematic",
        }
    }
}

/// What management says of an exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssessmentDetails {
    /// Why it came about (vault text).
    pub cause: Digest,
    /// Whether the cause reaches beyond the items found.
    pub reach: Reach,
    /// What it means for what the control serves (vault text).
    pub effect: Digest,
    /// Control objectives that it bears on.
    pub objectives: BTreeSet<ObjectiveId>,
    /// Criteria that it bears on.
    pub criteria: BTreeSet<CriterionId>,
    /// Controls that meet the same aim.
    pub compensating: BTreeSet<ControlId>,
}

/// Assess an exception: cause, extent, effect, compensating controls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssessException {
    /// The exception.
    pub exception: ExceptionId,
    /// What management says of it.
    pub details: AssessmentDetails,
}

/// Management assessed an exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExceptionAssessed {
    /// The exception.
    pub exception: ExceptionId,
    /// What management says of it.
    pub details: AssessmentDetails,
}

/// An assessment as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// What management says of it.
    pub details: AssessmentDetails,
    /// The keys of the items that it speaks of.
    pub keys: Digest,
    /// Who assessed.
    pub by: PersonId,
    /// Entry that recorded it.
    pub entry: u64,
}

impl Exception {
    /// Whether the assessment speaks of every item that the exception has now: none came after it.
    pub fn is_assessed(&self) -> bool {
        let came = |entry| self.sightings.iter().any(|seen| seen.entry > entry && seen.has_newcomers());
        self.assessment.as_ref().is_some_and(|assessment| !came(assessment.entry))
    }
}

/// What tests say of a compensating control over the days of the exception.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compensation {
    /// No test of its operation over these days.
    NotTested,
    /// Tests looked at some of the days; on these, none did.
    TestedInPart {
        /// First day without a test.
        first: Date,
        /// Last day of that stretch.
        last: Date,
    },
    /// Tests that cover the days found nothing.
    NoExceptions {
        /// Items that they tested.
        items: u64,
    },
    /// Tests found exceptions of its own.
    Exceptions {
        /// Exceptions that stand.
        exceptions: u64,
    },
}

pub(crate) fn decide_assess(
    state: &State,
    author: &Author,
    catalog: &CatalogIndex,
    command: AssessException,
) -> Result<Vec<Event>, Refusal> {
    state.require_one_of(author, &[Role::ControlOwner, Role::ComplianceLead])?;
    state.require_catalog(catalog)?;
    let AssessException { exception: id, details } = command;
    let assessed_in =
        [ExceptionState::Open, ExceptionState::Responded, ExceptionState::Remediated, ExceptionState::Retested];
    let exception = state.require_exception(&id, &assessed_in)?;
    let controls = exception.origin.controls(catalog);
    state.require_served(catalog, &details.objectives, &details.criteria)?;
    let served = controls.iter().filter_map(|control| state.controls.get(control)?.version_for(exception.span));
    let (mut objectives, mut criteria) = (BTreeSet::<&ObjectiveId>::new(), BTreeSet::<&CriterionId>::new());
    for version in served {
        objectives.extend(&version.definition.objectives);
        criteria.extend(&version.definition.criteria);
    }
    let beyond = details.objectives.iter().find(|id| !objectives.contains(id)).map(ToString::to_string);
    let beyond = beyond.or_else(|| details.criteria.iter().find(|id| !criteria.contains(id)).map(ToString::to_string));
    if let Some(measure) = beyond {
        return Err(Refusal::NotServed { exception: id, measure });
    }
    for compensating in &details.compensating {
        if !state.controls.contains_key(compensating) {
            return Err(Refusal::UnknownControl(compensating.clone()));
        }
        if controls.contains(compensating) {
            return Err(Refusal::CompensatesItself(compensating.clone()));
        }
    }
    Ok(vec![Event::ExceptionAssessed(ExceptionAssessed { exception: id, details })])
}

impl State {
    /// Whether a control was tested over all of these days, and what came of it.
    pub fn compensation(&self, catalog: &CatalogIndex, control: &ControlId, days: Span) -> Compensation {
        let tests = self.tests_of_operation(catalog, control, |tested| days.meets(&tested));
        let exceptions = self.exceptions_of(catalog, control, |tested| days.meets(&tested)).count() as u64;
        if exceptions > 0 {
            return Compensation::Exceptions { exceptions };
        }
        match days.first_gap(tests.spans_that_looked()) {
            Some(gap) if gap == days => Compensation::NotTested,
            Some(Span { first, last }) => Compensation::TestedInPart { first, last },
            None => Compensation::NoExceptions { items: tests.items() },
        }
    }

    pub(crate) fn apply_exception_assessed(&mut self, event: &ExceptionAssessed, recorded: &Recorded) {
        if let Some(exception) = self.exceptions.get_mut(&event.exception) {
            exception.assessment = Some(Assessment {
                details: event.details.clone(),
                keys: exception.keys,
                by: recorded.by.clone(),
                entry: recorded.index,
            });
        }
    }
}

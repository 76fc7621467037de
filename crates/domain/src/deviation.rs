//! Deviations: what the firm found, and what management answers in Section V.
//!
//! Invariant: a deviation of a result that the firm adopted is answered where management's own exception is answered, so that one
//! matter has one answer.
//! Invariant: nobody of the organization changes what the firm found.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{
    Author, Authority, EngagementId, Event, FirmTest, FirmTestId, PersonId, Recorded, Refusal, Role, Span, State,
};

/// Answer a deviation that the firm noted (control owner or compliance lead).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RespondToDeviation {
    /// The engagement.
    pub engagement: EngagementId,
    /// The firm's test that noted it.
    pub firm_test: FirmTestId,
    /// Cause, correction, what was looked at besides (vault text).
    pub response: Digest,
    /// The day on which the correction took or takes effect, if there is one.
    pub effective_on: Option<Date>,
}

/// Management answered a deviation that the firm noted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviationResponded {
    /// The engagement.
    pub engagement: EngagementId,
    /// The firm's test that noted it.
    pub firm_test: FirmTestId,
    /// The response (vault text).
    pub response: Digest,
    /// The day on which the correction took or takes effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_on: Option<Date>,
}

/// Management's response as the ledger knows it; the newest stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviationResponse {
    /// The response (vault text).
    pub response: Digest,
    /// The day on which the correction took or takes effect.
    pub effective_on: Option<Date>,
    /// Who answered.
    pub by: PersonId,
    /// Entry that recorded it.
    pub entry: u64,
}

/// Asked in this order: a role, the firm's test, a deviation, no exception of management's over the same result.
pub(crate) fn decide_respond(
    state: &State,
    author: &Author,
    command: RespondToDeviation,
) -> Result<Vec<Event>, Refusal> {
    state.require_one_of(author, &[Role::ControlOwner, Role::ComplianceLead])?;
    let RespondToDeviation { engagement, firm_test, response, effective_on } = command;
    let of = state.engagement(&engagement)?;
    let test = of.firm_tests.get(&firm_test).ok_or_else(|| Refusal::UnknownFirmTest(firm_test.clone()))?;
    if test.deviations == 0 {
        return Err(Refusal::NoDeviation(firm_test));
    }
    if let Authority::Adopted { test: control_test, .. } = &test.authority
        && let Some((exception, _)) = state.standing_exception(control_test, of.report_type.span())
    {
        return Err(Refusal::DeviationOfException { firm_test, exception: exception.clone() });
    }
    Ok(vec![Event::DeviationResponded(DeviationResponded { engagement, firm_test, response, effective_on })])
}

/// What management answers to a deviation, wherever it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviationAnswer {
    /// The response (vault text).
    pub response: Digest,
    /// The day on which the correction took or takes effect.
    pub effective_on: Option<Date>,
    /// Entry that recorded it, or what came after it.
    pub entry: u64,
}

impl State {
    /// What management answers to the deviations of a firm's test over some days: its response to the exception over the same result,
    /// else its response to the deviation.
    pub fn answer_to(&self, test: &FirmTest, days: Span) -> Option<DeviationAnswer> {
        let standing = match &test.authority {
            Authority::Adopted { test, .. } => self.standing_exception(test, days),
            Authority::Own => None,
        };
        let Some((_, exception)) = standing else {
            return test.response.as_ref().map(|given| DeviationAnswer {
                response: given.response,
                effective_on: given.effective_on,
                entry: given.entry,
            });
        };
        Some(DeviationAnswer {
            response: exception.response?,
            effective_on: exception.remediation.map(|(_, on)| on),
            entry: exception.history.last().map(|(_, entry)| *entry)?,
        })
    }

    pub(crate) fn apply_deviation_responded(&mut self, event: &DeviationResponded, recorded: &Recorded) {
        let engagement = self.engagements.get_mut(&event.engagement);
        if let Some(test) = engagement.and_then(|engagement| engagement.firm_tests.get_mut(&event.firm_test)) {
            test.response = Some(DeviationResponse {
                response: event.response,
                effective_on: event.effective_on,
                by: recorded.by.clone(),
                entry: recorded.index,
            });
        }
    }
}

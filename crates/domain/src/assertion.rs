//! Management's assertion: signed by an executive, after the period, on management's own testing as its basis.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{Author, EngagementId, Event, PersonId, Recorded, Refusal, Role, State};

/// Sign management's assertion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignManagementAssertion {
    /// The engagement.
    pub engagement: EngagementId,
    /// The text (vault object).
    pub text: Digest,
    /// The date on it.
    pub signed_on: Date,
}

/// Management signed its assertion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManagementAssertionSigned {
    /// The engagement.
    pub engagement: EngagementId,
    /// The text (vault object).
    pub text: Digest,
    /// The date on it.
    pub signed_on: Date,
}

/// Management's assertion as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagementAssertion {
    /// The text (vault object).
    pub text: Digest,
    /// The date on it.
    pub signed_on: Date,
    /// Who signed.
    pub signed_by: PersonId,
    /// Entry that recorded it.
    pub entry: u64,
}

pub(crate) fn decide_sign(
    state: &State,
    author: &Author,
    command: SignManagementAssertion,
) -> Result<Vec<Event>, Refusal> {
    state.require_role(author, Role::Executive)?;
    // DAT-03: the as-of date or the last day comes first.
    let not_before = state.engagement(&command.engagement)?.report_type.span().last;
    if command.signed_on < not_before {
        return Err(Refusal::DatedTooEarly { dated_on: command.signed_on, not_before });
    }
    state.require_past(author, command.signed_on)?;
    Ok(vec![Event::ManagementAssertionSigned(ManagementAssertionSigned {
        engagement: command.engagement,
        text: command.text,
        signed_on: command.signed_on,
    })])
}

impl State {
    pub(crate) fn apply_management_assertion_signed(&mut self, event: &ManagementAssertionSigned, recorded: &Recorded) {
        if let Some(engagement) = self.engagements.get_mut(&event.engagement) {
            engagement.assertion = Some(ManagementAssertion {
                text: event.text,
                signed_on: event.signed_on,
                signed_by: recorded.by.clone(),
                entry: recorded.index,
            });
        }
    }
}

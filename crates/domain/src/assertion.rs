//! Management's assertion: signed by an executive, after the period, on management's own testing as its basis; and beside it
//! that of each subservice organization which the report includes.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{
    Author, EngagementId, Event, PersonId, Recorded, Refusal, Role, ScopeFacts, ScopeItemId, State, SubserviceMethod,
};

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

/// Record the assertion that a subservice organization gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordSubserviceAssertion {
    /// The engagement.
    pub engagement: EngagementId,
    /// The subservice organization.
    pub organization: ScopeItemId,
    /// The text with who signed it (vault object).
    pub text: Digest,
    /// The date on it.
    pub signed_on: Date,
}

/// A subservice organization gave its assertion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubserviceAssertionRecorded {
    /// The engagement.
    pub engagement: EngagementId,
    /// The subservice organization.
    pub organization: ScopeItemId,
    /// The text with who signed it (vault object).
    pub text: Digest,
    /// The date on it.
    pub signed_on: Date,
}

/// The assertion of a subservice organization as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubserviceAssertion {
    /// The organization's name (vault text).
    pub name: Digest,
    /// The text with who signed it (vault object).
    pub text: Digest,
    /// The date on it.
    pub signed_on: Date,
    /// Entry that recorded it.
    pub entry: u64,
}

/// Asked in this order: role, engagement, a subservice organization that the report includes, dates.
pub(crate) fn decide_record(
    state: &State,
    author: &Author,
    command: RecordSubserviceAssertion,
) -> Result<Vec<Event>, Refusal> {
    state.require_role(author, Role::ComplianceLead)?;
    let engagement = state.engagement(&command.engagement)?;
    let item = command.organization;
    let standing = state.scope.get(&item).and_then(|record| record.standing());
    let facts = standing.map(|version| &version.item.facts).ok_or_else(|| Refusal::UnknownScopeItem(item.clone()))?;
    let is_included = matches!(facts, ScopeFacts::SubserviceOrganization(organization)
        if organization.method.get(&engagement.report.scoped_as()) == Some(&SubserviceMethod::Inclusive));
    if !is_included {
        return Err(Refusal::NotIncluded(item));
    }
    // ASR-08, DAT-10: it matches management's, over the same days.
    let not_before = engagement.report_type.span().last;
    if command.signed_on < not_before {
        return Err(Refusal::DatedTooEarly { dated_on: command.signed_on, not_before });
    }
    state.require_past(author, command.signed_on)?;
    Ok(vec![Event::SubserviceAssertionRecorded(SubserviceAssertionRecorded {
        engagement: command.engagement,
        organization: item,
        text: command.text,
        signed_on: command.signed_on,
    })])
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
    pub(crate) fn apply_subservice_assertion_recorded(
        &mut self,
        event: &SubserviceAssertionRecorded,
        recorded: &Recorded,
    ) {
        let named = self.scope.get(&event.organization).and_then(|record| record.standing());
        let name = named.map(|version| version.item.name);
        if let (Some(engagement), Some(name)) = (self.engagements.get_mut(&event.engagement), name) {
            let assertion =
                SubserviceAssertion { name, text: event.text, signed_on: event.signed_on, entry: recorded.index };
            engagement.subservice_assertions.insert(event.organization.clone(), assertion);
        }
    }

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

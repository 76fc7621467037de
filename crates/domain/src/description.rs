//! The system description: management's own, held as vault text.

use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{Author, EngagementId, Event, Recorded, Refusal, Role, State};

/// Adopt a text as the system description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdoptSystemDescription {
    /// The engagement.
    pub engagement: EngagementId,
    /// The text (vault object).
    pub text: Digest,
}

/// A text was adopted as the system description.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SystemDescriptionAdopted {
    /// The engagement.
    pub engagement: EngagementId,
    /// The text (vault object).
    pub text: Digest,
}

/// The system description as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemDescription {
    /// The text (vault object).
    pub text: Digest,
    /// Entry that recorded it.
    pub entry: u64,
}

pub(crate) fn decide_adopt(
    state: &State,
    author: &Author,
    command: AdoptSystemDescription,
) -> Result<Vec<Event>, Refusal> {
    state.require_role(author, Role::ComplianceLead)?;
    state.engagement(&command.engagement)?;
    Ok(vec![Event::SystemDescriptionAdopted(SystemDescriptionAdopted {
        engagement: command.engagement,
        text: command.text,
    })])
}

impl State {
    pub(crate) fn apply_system_description_adopted(&mut self, event: &SystemDescriptionAdopted, recorded: &Recorded) {
        if let Some(engagement) = self.engagements.get_mut(&event.engagement) {
            engagement.description = Some(SystemDescription { text: event.text, entry: recorded.index });
        }
    }
}

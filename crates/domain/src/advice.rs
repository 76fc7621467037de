//! Recorded advice: which answers stood behind which advice, and what management decided of it.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{Author, EngagementId, Event, Recorded, Refusal, Role, State, advisor::Level};

/// Record an advice with what was decided of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordAdvice {
    /// The day from which the advice counted its dates.
    pub given_on: Date,
    /// The answers (vault object; sealed, since people write free text there).
    pub profile: Digest,
    /// The advice (vault object; sealed, since it repeats answers).
    pub advice: Digest,
    /// The decision: engagements, and the reason of each departure from the advice (vault object; sealed).
    pub decision: Digest,
    /// How strongly a SOC 1 was advised.
    pub soc1: Level,
    /// How strongly a SOC 2 was advised.
    pub soc2: Level,
    /// The engagements that were opened by the decision.
    pub engagements: BTreeSet<EngagementId>,
    /// In how many respects the decision departs from the advice; each has its reason in the decision.
    pub departures: u32,
}

/// An advice was recorded with what was decided of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdviceRecorded {
    /// The day from which the advice counted its dates.
    pub given_on: Date,
    /// The answers (vault object).
    pub profile: Digest,
    /// The advice (vault object).
    pub advice: Digest,
    /// The decision (vault object).
    pub decision: Digest,
    /// How strongly a SOC 1 was advised.
    pub soc1: Level,
    /// How strongly a SOC 2 was advised.
    pub soc2: Level,
    /// The engagements that were opened by the decision.
    pub engagements: BTreeSet<EngagementId>,
    /// In how many respects the decision departs from the advice.
    pub departures: u32,
}

/// A recorded advice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedAdvice {
    /// What was recorded.
    pub recorded: AdviceRecorded,
    /// Entry that recorded it.
    pub entry: u64,
}

/// Asked in this order: role, engagements that exist.
pub(crate) fn decide_record(state: &State, author: &Author, command: RecordAdvice) -> Result<Vec<Event>, Refusal> {
    state.require_role(author, Role::ComplianceLead)?;
    for engagement in &command.engagements {
        state.engagement(engagement)?;
    }
    Ok(vec![Event::AdviceRecorded(AdviceRecorded {
        given_on: command.given_on,
        profile: command.profile,
        advice: command.advice,
        decision: command.decision,
        soc1: command.soc1,
        soc2: command.soc2,
        engagements: command.engagements,
        departures: command.departures,
    })])
}

impl State {
    pub(crate) fn apply_advice_recorded(&mut self, event: &AdviceRecorded, recorded: &Recorded) {
        self.advice.push(RecordedAdvice { recorded: event.clone(), entry: recorded.index });
    }
}

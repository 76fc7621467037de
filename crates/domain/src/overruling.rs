//! Overruling what a lint warns of: the compliance lead says why a finding stays as it is, and the reason stays with it.
//!
//! Invariant: an error is never overruled.
//! Invariant: an overruling holds for one finding as it reads, by the digest of its words and its place; what reads otherwise
//! is a finding that nobody overruled.

use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{Author, EngagementId, Event, LintRule, LintRuleId, PersonId, Recorded, Refusal, Role, State};

/// Overrule a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverruleFinding {
    /// The engagement whose documents it is about.
    pub engagement: EngagementId,
    /// The rule.
    pub rule: LintRuleId,
    /// The finding with its place and words (vault object).
    pub finding: Digest,
    /// Whether it is an error.
    pub is_error: bool,
    /// Why it stays as it is (vault text).
    pub reason: Digest,
}

/// A finding was overruled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingOverruled {
    /// The engagement whose documents it is about.
    pub engagement: EngagementId,
    /// The rule.
    pub rule: LintRuleId,
    /// The finding with its place and words (vault object).
    pub finding: Digest,
    /// Why it stays as it is (vault text).
    pub reason: Digest,
}

/// An overruling as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overruling {
    /// The rule.
    pub rule: LintRuleId,
    /// Why (vault text).
    pub reason: Digest,
    /// Who overruled.
    pub by: PersonId,
    /// Entry that recorded it.
    pub entry: u64,
}

/// Asked in this order: role, engagement, a rule that there is, a warning, not overruled before.
pub(crate) fn decide_overrule(state: &State, author: &Author, command: OverruleFinding) -> Result<Vec<Event>, Refusal> {
    state.require_role(author, Role::ComplianceLead)?;
    let OverruleFinding { engagement, rule, finding, is_error, reason } = command;
    let of = state.engagement(&engagement)?;
    let known = LintRule::by_id(rule.as_str()).ok_or_else(|| Refusal::UnknownLintRule(rule.clone()))?;
    if is_error || !known.weight.can_warn() {
        return Err(Refusal::NotAWarning(rule));
    }
    if let Some(before) = of.overrulings.get(&finding) {
        return Err(Refusal::OverruledBefore { rule, entry: before.entry });
    }
    Ok(vec![Event::FindingOverruled(FindingOverruled { engagement, rule, finding, reason })])
}

impl State {
    pub(crate) fn apply_finding_overruled(&mut self, event: &FindingOverruled, recorded: &Recorded) {
        if let Some(engagement) = self.engagements.get_mut(&event.engagement) {
            let overruling = Overruling {
                rule: event.rule.clone(),
                reason: event.reason,
                by: recorded.by.clone(),
                entry: recorded.index,
            };
            engagement.overrulings.insert(event.finding, overruling);
        }
    }
}

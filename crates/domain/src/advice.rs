//! Recorded advice: which answers stood behind which advice, and what management decided of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{Author, EngagementId, Event, Recorded, Refusal, Role, ScopeFacts, ScopeRecord, State, advisor::Level};

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

/// Something that bears on an advice and is otherwise than when the advisor was asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct AdviceChange {
    /// What kind of thing it is, such as a demand or a service.
    pub what: &'static str,
    /// What came of it, such as `new`.
    pub how: &'static str,
    /// Their ids.
    pub ids: Vec<String>,
}

impl fmt::Display for AdviceChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// So many ids tell what it is about; the lists have the others.
        const SHOWN: usize = 5;
        let shown: Vec<&str> = self.ids.iter().take(SHOWN).map(String::as_str).collect();
        let others = self.ids.len().saturating_sub(SHOWN);
        let more = if others == 0 { String::new() } else { format!(" and {others} more") };
        write!(f, "{} {}{more}: {}", self.what, shown.join(", "), self.how)
    }
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

/// Whether a profile tells of things of this kind, so that an advice rests on them.
fn bears_on_advice(facts: &ScopeFacts) -> bool {
    match facts {
        ScopeFacts::Service(_)
        | ScopeFacts::TransactionClass(_)
        | ScopeFacts::UserEntity(_)
        | ScopeFacts::SubserviceOrganization(_) => true,
        ScopeFacts::Location(_)
        | ScopeFacts::Component(_)
        | ScopeFacts::Commitment(_)
        | ScopeFacts::KeyReport(_)
        | ScopeFacts::SubserviceReport(_)
        | ScopeFacts::ComplementaryUserEntityControl(_)
        | ScopeFacts::ComplementarySubserviceOrganizationControl(_)
        | ScopeFacts::Exclusion(_) => false,
    }
}

impl State {
    /// What bears on the newest advice and changed after it was given: demands for reports, and what of the scope a profile
    /// tells of. None while nobody asked for advice.
    pub fn changes_since_advice(&self) -> Option<Vec<AdviceChange>> {
        let advice = self.advice.last()?;
        let told =
            |record: &&ScopeRecord| record.versions.last().is_some_and(|newest| bears_on_advice(&newest.item.facts));
        let first_entry = |record: &ScopeRecord| record.versions.first().map(|first| first.entry);
        // A scope that is first written down after the advice says what the profile told: only what begins later is new then. Of
        // a kind that was recorded with the advice, whatever is recorded after it is new.
        let had_scope = self.scope.values().filter(told).any(|record| first_entry(record) < Some(advice.entry));
        let with_advice = self.scope.values().filter(|record| first_entry(record) == Some(advice.entry));
        let recorded: BTreeSet<&str> =
            with_advice.filter_map(|record| record.versions.last()).map(|version| version.item.facts.kind()).collect();
        let is_later = |entry: u64, on: Date, kind: &str| {
            entry > advice.entry && (had_scope || recorded.contains(kind) || on > advice.recorded.given_on)
        };
        let mut changes: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
        for (id, _) in self.demands.iter().filter(|(_, demand)| demand.entry > advice.entry) {
            changes.entry(("demand", "asked for a report")).or_default().push(id.to_string());
        }
        for (id, record) in self.scope.iter().filter(|(_, record)| told(record)) {
            let Some(newest) = record.versions.last() else { continue };
            let kind = newest.item.facts.kind();
            let is_changed = is_later(newest.entry, newest.effective_on, kind);
            let how = match record.retired() {
                Some(retirement) if is_later(retirement.entry, retirement.retired_on, kind) => "out of scope",
                None if is_changed && first_entry(record) > Some(advice.entry) => "new",
                None if is_changed => "changed",
                Some(_) | None => continue,
            };
            changes.entry((kind, how)).or_default().push(id.to_string());
        }
        Some(changes.into_iter().map(|((what, how), ids)| AdviceChange { what, how, ids }).collect())
    }

    pub(crate) fn apply_advice_recorded(&mut self, event: &AdviceRecorded, recorded: &Recorded) {
        self.advice.push(RecordedAdvice { recorded: event.clone(), entry: recorded.index });
    }
}

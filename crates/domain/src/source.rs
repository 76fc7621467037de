//! Sources of evidence and the approval of their settings: where rows come from, by which request.

use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{Author, Event, Recorded, Refusal, Role, SourceId, State};

/// Approve a source with the settings it has now: location, query or request, mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApproveSource {
    /// The source.
    pub source: SourceId,
    /// Its settings (vault object). Other settings need another approval, so a tuned query shows.
    pub settings: Digest,
}

/// A source was approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceApproved {
    /// The source.
    pub source: SourceId,
    /// Its settings (vault object).
    pub settings: Digest,
}

/// A source as it is and was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Approved settings and the entry that approved them, oldest first.
    pub approvals: Vec<(Digest, u64)>,
}

impl Source {
    /// The settings in force.
    pub fn settings(&self) -> Option<Digest> {
        self.approvals.last().map(|(settings, _)| *settings)
    }
}

pub(crate) fn decide_approve(state: &State, author: &Author, command: ApproveSource) -> Result<Vec<Event>, Refusal> {
    state.require_role(author, Role::Administrator)?;
    if state.sources.get(&command.source).and_then(Source::settings) == Some(command.settings) {
        return Err(Refusal::SourceApproved(command.source));
    }
    Ok(vec![Event::SourceApproved(SourceApproved { source: command.source, settings: command.settings })])
}

impl State {
    /// Refuses unless the source is approved with just these settings.
    pub fn require_source(&self, source: &SourceId, settings: Digest) -> Result<(), Refusal> {
        let approved = self.sources.get(source).ok_or_else(|| Refusal::SourceNotApproved(source.clone()))?;
        if approved.settings() == Some(settings) { Ok(()) } else { Err(Refusal::SourceChanged(source.clone())) }
    }

    pub(crate) fn apply_source_approved(&mut self, event: &SourceApproved, recorded: &Recorded) {
        self.sources
            .entry(event.source.clone())
            .or_insert_with(|| Source { approvals: Vec::new() })
            .approvals
            .push((event.settings, recorded.index));
    }
}

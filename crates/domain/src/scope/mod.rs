//! Scope: what the system is, who it serves, whom it rests on, and what is left out; a list of items with versions, shared by
//! all engagements and read by each through its report.
//!
//! Invariant: an item that others name is not retired, and no item names one that is not there.

mod comment;
mod facts;
mod rules;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

pub use comment::{
    AnswerScopeComment, CommentOnScope, ScopeComment, ScopeCommentAnswer, ScopeCommentAnswered, ScopeCommented,
};
pub use facts::{
    Commitment, CommitmentKind, ComplementarySubserviceOrganizationControl, ComplementaryUserEntityControl, Component,
    Exclusion, KeyReport, Location, MonthDay, ReportLogic, ScopeFacts, Service, StatedOpinion, SubserviceMethod,
    SubserviceOrganization, SubserviceReport, SystemPart, TransactionClass, UserEntity,
};

pub(crate) use comment::{decide_answer, decide_comment};

use crate::{
    Author, CatalogIndex, ControlId, Event, Recorded, Refusal, Role, ScopeItemId, State, id::require_own_letters,
};

/// One thing in scope, as it is from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeItem {
    /// What it is called (vault text).
    pub name: Digest,
    /// What is said of it: a description, the words that users read, the reason (vault text).
    pub text: Digest,
    /// What rules need of it, by its kind.
    pub facts: ScopeFacts,
}

/// Record a scope item, or change one from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordScopeItem {
    /// The item.
    pub id: ScopeItemId,
    /// What it is.
    pub item: ScopeItem,
    /// From which day it is so.
    pub effective_on: Date,
    /// Why it changes (vault text); none the first time.
    pub reason: Option<Digest>,
}

/// A scope item was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeItemRecorded {
    /// The item.
    pub id: ScopeItemId,
    /// What it is.
    pub item: ScopeItem,
    /// From which day it is so.
    pub effective_on: Date,
    /// Why it changes (vault text); none the first time.
    pub reason: Option<Digest>,
}

/// Take an item out of scope from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetireScopeItem {
    /// The item.
    pub id: ScopeItemId,
    /// The first day on which it is not in scope.
    pub retired_on: Date,
    /// Why (vault text).
    pub reason: Digest,
}

/// An item is not in scope from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeItemRetired {
    /// The item.
    pub id: ScopeItemId,
    /// The first day on which it is not in scope.
    pub retired_on: Date,
    /// Why (vault text).
    pub reason: Digest,
}

/// A scope item as it is and was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeRecord {
    /// Versions, oldest first, each effective after the one before.
    pub versions: Vec<ScopeVersion>,
    /// When it was retired, oldest first; a version of a later entry is in scope again.
    pub retirements: Vec<ScopeRetirement>,
}

/// That an item is not in scope from a day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeRetirement {
    /// The first day on which it is not in scope.
    pub retired_on: Date,
    /// Why (vault text).
    pub reason: Digest,
    /// How many versions there were when it was retired; a version after these is in scope again.
    pub after: usize,
    /// Entry that recorded it.
    pub entry: u64,
}

/// One version of a scope item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeVersion {
    /// What it was.
    pub item: ScopeItem,
    /// From which day it was so.
    pub effective_on: Date,
    /// Why it replaced the one before (vault text).
    pub reason: Option<Digest>,
    /// Entry that recorded it.
    pub entry: u64,
}

impl ScopeRecord {
    /// The newest version of an item that was not retired.
    pub fn standing(&self) -> Option<&ScopeVersion> {
        self.versions.last().filter(|_| self.retired().is_none())
    }

    /// The retirement that stands: none while the item is in scope or is about to be.
    pub fn retired(&self) -> Option<&ScopeRetirement> {
        self.retirements.last().filter(|retirement| retirement.after == self.versions.len())
    }

    /// The version that was so on `day`.
    pub fn version_on(&self, day: Date) -> Option<&ScopeVersion> {
        let number = self.versions.iter().rposition(|version| version.effective_on <= day)?;
        let retired = self.retirements.iter().find(|retirement| retirement.after > number);
        self.versions.get(number).filter(|_| retired.is_none_or(|retirement| retirement.retired_on > day))
    }
}

/// Asked in this order: role, catalog, an id of its own, order of dates, a reason for a change, the kind's own rules.
pub(crate) fn decide_record(
    state: &State,
    author: &Author,
    catalog: &CatalogIndex,
    command: RecordScopeItem,
) -> Result<Vec<Event>, Refusal> {
    state.require_role(author, Role::ComplianceLead)?;
    state.require_catalog(catalog)?;
    let RecordScopeItem { id, item, effective_on, reason } = command;
    require_own_letters(&id, state.scope.keys())?;
    if let Some(before) = state.scope.get(&id) {
        let newest_on = before.versions.last().map(|version| version.effective_on);
        let retired_on = before.retired().map(|retirement| retirement.retired_on);
        if let Some(not_before) = newest_on.max(retired_on).filter(|on| *on >= effective_on) {
            return Err(Refusal::ScopeNotForward { item: id, effective_on, not_before });
        }
        if reason.is_none() {
            return Err(Refusal::ChangeWithoutReason(id));
        }
        let kind_before = before.versions.last().map(|version| std::mem::discriminant(&version.item.facts));
        if kind_before.is_some_and(|kind| kind != std::mem::discriminant(&item.facts)) {
            return Err(Refusal::ScopeKindChanged(id));
        }
    }
    rules::require(state, catalog, &id, &item.facts)?;
    Ok(vec![Event::ScopeItemRecorded(ScopeItemRecorded { id, item, effective_on, reason })])
}

/// Asked in this order: role, an item that stands, order of dates, no item that names it.
pub(crate) fn decide_retire(state: &State, author: &Author, command: RetireScopeItem) -> Result<Vec<Event>, Refusal> {
    state.require_role(author, Role::ComplianceLead)?;
    let RetireScopeItem { id, retired_on, reason } = command;
    let standing = state.scope.get(&id).and_then(ScopeRecord::standing);
    let standing = standing.ok_or_else(|| Refusal::UnknownScopeItem(id.clone()))?;
    if retired_on < standing.effective_on {
        let not_before = standing.effective_on;
        return Err(Refusal::ScopeNotForward { item: id, effective_on: retired_on, not_before });
    }
    let mut others = state.standing_scope().filter(|(other, _)| **other != id);
    if let Some((by, _)) = others.find(|(_, version)| rules::names(&version.item.facts).contains(&&id)) {
        return Err(Refusal::ScopeItemNamed { item: id, by: by.clone() });
    }
    Ok(vec![Event::ScopeItemRetired(ScopeItemRetired { id, retired_on, reason })])
}

impl State {
    /// The items that are in scope now or from a later day on, each in its newest version.
    pub fn standing_scope(&self) -> impl Iterator<Item = (&ScopeItemId, &ScopeVersion)> {
        self.scope.iter().filter_map(|(id, record)| Some((id, record.standing()?)))
    }

    /// The items in scope on a day.
    pub fn scope_on(&self, day: Date) -> BTreeMap<&ScopeItemId, &ScopeVersion> {
        self.scope.iter().filter_map(|(id, record)| Some((id, record.version_on(day)?))).collect()
    }

    /// The items in scope that name a control of ours.
    pub fn items_naming(&self, control: &ControlId) -> impl Iterator<Item = (&ScopeItemId, &ScopeVersion)> {
        self.standing_scope().filter(move |(_, version)| version.item.facts.controls().any(|named| named == control))
    }

    pub(crate) fn apply_scope_item_recorded(&mut self, event: &ScopeItemRecorded, recorded: &Recorded) {
        let version = ScopeVersion {
            item: event.item.clone(),
            effective_on: event.effective_on,
            reason: event.reason,
            entry: recorded.index,
        };
        let record = self.scope.entry(event.id.clone());
        let record = record.or_insert_with(|| ScopeRecord { versions: Vec::new(), retirements: Vec::new() });
        record.versions.push(version);
    }

    pub(crate) fn apply_scope_item_retired(&mut self, event: &ScopeItemRetired, recorded: &Recorded) {
        if let Some(record) = self.scope.get_mut(&event.id) {
            record.retirements.push(ScopeRetirement {
                retired_on: event.retired_on,
                reason: event.reason,
                after: record.versions.len(),
                entry: recorded.index,
            });
        }
    }
}

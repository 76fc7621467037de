//! What may be erased: personal data can be, facts cannot. A legal hold on an object forbids it.
//!
//! Erasing destroys the object's key; the ledger keeps that it happened, when, by whom and why. Each fact comes before
//! the act it tells of, so a crash between them leaves an erasure to finish, never one that nobody recorded.
//!
//! Invariant: an object under a hold is not erased; holds stand beside each other, and each is released by itself.

use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{Author, Event, PersonId, Recorded, Refusal, Role, State};

/// Forbid that an object is erased until the hold is released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetLegalHold {
    /// The object.
    pub object: Digest,
    /// Why (vault text).
    pub reason: Digest,
}

/// An object was put under a legal hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegalHoldSet {
    /// The object.
    pub object: Digest,
    /// Why (vault text).
    pub reason: Digest,
}

/// End a legal hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseLegalHold {
    /// The object.
    pub object: Digest,
    /// Entry that set the hold.
    pub hold: u64,
    /// Why it ends (vault text).
    pub reason: Digest,
}

/// A legal hold ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegalHoldReleased {
    /// The object.
    pub object: Digest,
    /// Entry that set the hold.
    pub hold: u64,
    /// Why it ended (vault text).
    pub reason: Digest,
}

/// Erase an object with personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EraseObject {
    /// The object.
    pub object: Digest,
    /// Under which duty or right (vault text).
    pub reason: Digest,
}

/// An object was erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectErased {
    /// The object.
    pub object: Digest,
    /// Under which duty or right (vault text).
    pub reason: Digest,
}

/// A legal hold that stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegalHold {
    /// Why (vault text).
    pub reason: Digest,
    /// Who set it.
    pub set_by: PersonId,
}

/// An erasure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// Under which duty or right (vault text).
    pub reason: Digest,
    /// Entry that recorded it.
    pub entry: u64,
}

pub(crate) fn decide_set(state: &State, author: &Author, command: SetLegalHold) -> Result<Vec<Event>, Refusal> {
    state.require_role(author, Role::Administrator)?;
    state.require_not_erased(&command.object)?;
    Ok(vec![Event::LegalHoldSet(LegalHoldSet { object: command.object, reason: command.reason })])
}

pub(crate) fn decide_release(state: &State, author: &Author, command: ReleaseLegalHold) -> Result<Vec<Event>, Refusal> {
    state.require_role(author, Role::Administrator)?;
    if !state.holds.get(&command.object).is_some_and(|holds| holds.contains_key(&command.hold)) {
        return Err(Refusal::UnknownHold { object: command.object, hold: command.hold });
    }
    Ok(vec![Event::LegalHoldReleased(LegalHoldReleased {
        object: command.object,
        hold: command.hold,
        reason: command.reason,
    })])
}

pub(crate) fn decide_erase(state: &State, author: &Author, command: EraseObject) -> Result<Vec<Event>, Refusal> {
    state.require_role(author, Role::Administrator)?;
    state.require_not_erased(&command.object)?;
    if let Some((hold, _)) = state.holds.get(&command.object).and_then(|holds| holds.first_key_value()) {
        return Err(Refusal::UnderLegalHold { object: command.object, hold: *hold });
    }
    Ok(vec![Event::ObjectErased(ObjectErased { object: command.object, reason: command.reason })])
}

impl State {
    fn require_not_erased(&self, object: &Digest) -> Result<(), Refusal> {
        match self.erasures.get(object) {
            Some(erasure) => Err(Refusal::Erased { object: *object, entry: erasure.entry }),
            None => Ok(()),
        }
    }

    pub(crate) fn apply_legal_hold_set(&mut self, event: &LegalHoldSet, recorded: &Recorded) {
        let hold = LegalHold { reason: event.reason, set_by: recorded.by.clone() };
        self.holds.entry(event.object).or_default().insert(recorded.index, hold);
    }

    pub(crate) fn apply_legal_hold_released(&mut self, event: &LegalHoldReleased) {
        if let Some(holds) = self.holds.get_mut(&event.object) {
            holds.remove(&event.hold);
            if holds.is_empty() {
                self.holds.remove(&event.object);
            }
        }
    }

    pub(crate) fn apply_object_erased(&mut self, event: &ObjectErased, recorded: &Recorded) {
        self.erasures.insert(event.object, Erasure { reason: event.reason, entry: recorded.index });
    }
}

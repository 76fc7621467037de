//! Sightings: with which items tests saw an exception, one after the other.
//!
//! Invariant: each run that saw other items than the one before is kept, also one that found none.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{Exception, ExceptionId, ExceptionState, Recorded, RunId, State};

/// A later run saw other items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExceptionSeen {
    /// The exception.
    pub exception: ExceptionId,
    /// The run.
    pub run: RunId,
    /// How many items now.
    pub items: u64,
    /// Items not seen in the run before.
    pub appeared: u64,
    /// Items of the run before that are gone.
    pub gone: u64,
    /// Items that were gone before and are back.
    pub back: u64,
    /// The keys now (vault object: sorted HMACs).
    pub keys: Digest,
    /// The rows now (vault object); where no item is left, those of the run before.
    pub rows: Digest,
}

/// The items with which a test saw an exception, and how they differ from those that were seen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// How many items.
    pub items: u64,
    /// Items never seen before.
    pub appeared: u64,
    /// Items of the sighting before that are gone.
    pub gone: u64,
    /// Items that were gone before and are back.
    pub back: u64,
    /// Their keys (vault object: sorted HMACs).
    pub keys: Digest,
    /// Their rows (vault object).
    pub rows: Digest,
    /// When it was recorded.
    pub at: Timestamp,
    /// Entry that recorded it.
    pub entry: u64,
}

impl Sighting {
    /// The one that raised the exception.
    pub(crate) fn first(items: u64, keys: Digest, rows: Digest, recorded: &Recorded) -> Self {
        let (at, entry) = (recorded.at, recorded.index);
        Self { items, appeared: items, gone: 0, back: 0, keys, rows, at, entry }
    }

    fn of(event: &ExceptionSeen, recorded: &Recorded) -> Self {
        let ExceptionSeen { items, appeared, gone, back, keys, rows, .. } = *event;
        Self { items, appeared, gone, back, keys, rows, at: recorded.at, entry: recorded.index }
    }

    /// Whether it had items that the one before had not.
    pub fn has_newcomers(&self) -> bool {
        self.appeared + self.back > 0
    }

    /// How the items differ, in words: "3 new, 2 gone, 1 back".
    pub fn change_in_words(&self) -> String {
        let counts = [(self.appeared, "new"), (self.gone, "gone"), (self.back, "back")];
        let told = counts.iter().filter(|(items, _)| *items > 0).map(|(items, how)| format!("{items} {how}"));
        let told: Vec<String> = told.collect();
        if told.is_empty() { "the same".to_owned() } else { told.join(", ") }
    }
}

impl Exception {
    fn see(&mut self, sighting: Sighting) {
        self.items = sighting.items;
        self.most_items = self.most_items.max(sighting.items);
        self.keys = sighting.keys;
        self.rows = sighting.rows;
        self.last_seen = sighting.entry;
        self.sightings.push(sighting);
    }
}

impl State {
    pub(crate) fn apply_exception_seen(&mut self, event: &ExceptionSeen, recorded: &Recorded) {
        let Some(exception) = self.exceptions.get_mut(&event.exception) else { return };
        let sighting = Sighting::of(event, recorded);
        exception.see(sighting);
        // Items that come to an exception already answered for were not part of that answer, nor of a proposal to withdraw.
        if sighting.has_newcomers() {
            exception.withdrawal = None;
            if exception.state != ExceptionState::Open {
                self.move_exception(&event.exception, ExceptionState::Open, recorded);
            }
        }
    }
}

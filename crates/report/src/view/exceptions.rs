//! The list of exceptions: what management's control tests returned, and what became of it.
//!
//! Invariant: a withdrawn or corrected exception stays in the list with its dates.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use super::{EngagementView, Provenance, Severity};
use crate::{Figure, Prose};

/// Everything the list prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExceptionsView {
    /// Cover and running head.
    pub engagement: EngagementView,
    /// The exceptions in the order they print.
    pub exceptions: Vec<ExceptionRow>,
    /// Where the facts come from.
    pub provenance: Provenance,
}

/// One fact per control test and cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExceptionRow {
    /// Its id.
    pub id: String,
    /// The control.
    pub control: String,
    /// The control test that returned it.
    pub control_test: String,
    /// The test's title.
    pub title: String,
    /// How much it matters.
    pub severity: Severity,
    /// What the control test looks for, in the product's words; never a name or an item key.
    pub found: String,
    /// How many items.
    pub items: Figure,
    /// Of how many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub population: Option<Figure>,
    /// The effective day it was first seen.
    pub first_seen: Date,
    /// The effective day it was last seen.
    pub last_seen: Date,
    /// Since when its items are no longer returned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone_on: Option<Date>,
    /// Its state now.
    pub state: ExceptionState,
    /// How it came there, oldest first, with the day each state took effect.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<StateChange>,
    /// Management's response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<Prose>,
    /// The result rows.
    pub rows: Digest,
    /// The ledger entry that records it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
}

/// The states people already know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ExceptionState {
    /// Nobody has answered it.
    Open,
    /// Management answered.
    Responded,
    /// Management corrected it.
    Remediated,
    /// The test ran again over the corrected items.
    Retested,
    /// Not an exception: reason, evidence, second person; it stays visible.
    Withdrawn,
}

/// A state and the day it took effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateChange {
    /// The state.
    pub state: ExceptionState,
    /// The day.
    pub on: Date,
    /// The ledger entry that records it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
}

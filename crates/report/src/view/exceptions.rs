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
    /// The control test that returned it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control_test: Option<String>,
    /// The management test whose items lack an attribute, if it was found by people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub management_test: Option<String>,
    /// The test's title.
    pub title: String,
    /// How much it matters, by the control test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
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
    /// What management says of its cause and effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assessment: Option<AssessmentView>,
    /// The result rows.
    pub rows: Digest,
    /// The ledger entry that records it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
}

/// Management's assessment of an exception.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssessmentView {
    /// Why it came about.
    pub cause: Prose,
    /// "isolated" or "systematic".
    pub reach: String,
    /// What it means for what the control serves.
    pub effect: Prose,
    /// The ids of the objectives or criteria that it bears on.
    pub measures: Vec<String>,
    /// Controls that meet the same aim.
    pub compensating: Vec<CompensatingControl>,
    /// Whether other items have come since.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stale: bool,
    /// The ledger entry that records it.
    pub entry: u64,
}

/// A compensating control, and what the ledger's tests say of it over the same days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompensatingControl {
    /// Its id.
    pub id: String,
    /// As a sentence goes on: "not tested over these days".
    pub tested: String,
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

//! Where a document's facts come from, and how far a reader can rely on their order in time.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

/// The ledger position a document was made at and what anchors it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// The number of ledger entries the view was computed from.
    pub ledger_size: u64,
    /// The ledger's root hash at that size.
    pub root: Digest,
    /// The origin line of the checkpoint (C2SP signed note).
    pub origin: String,
    /// When the checkpoint was signed.
    pub signed_at: Timestamp,
    /// The catalog in force.
    pub catalog: Digest,
    /// Who outside the organization held checkpoints.
    pub anchoring: Anchoring,
}

/// The longest time in which the organization alone held its history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Anchoring {
    /// No checkpoint left the house.
    OwnKeyOnly,
    /// Checkpoints left the house.
    Outside {
        /// The holders: "witness example.org", "RFC 3161 authority …", "the firm's installation".
        holders: Vec<String>,
        /// The number of checkpoints that left.
        checkpoints: u64,
        /// The longest stretch without an outside anchor, in days.
        longest_gap_days: u64,
        /// The day that stretch began.
        longest_gap_from: Date,
    },
}

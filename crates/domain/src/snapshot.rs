//! Snapshots: state at a ledger size in few bytes, so that opening a long ledger need not replay it.
//!
//! Invariant: a snapshot is derived and disposable; it is used only for the same ledger size and the same rules version,
//! and its bytes carry a digest so that a damaged one is replayed, never trusted.

use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{RULES_VERSION, State};

/// State at a ledger size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Version of the rules that gave the state.
    pub rules_version: u32,
    /// The ledger size.
    pub size: u64,
    /// The state.
    pub state: State,
}

/// The bytes are no snapshot of these rules: replay instead.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotUnreadable {
    /// The bytes are damaged.
    #[error("the snapshot is damaged")]
    Damaged,
    /// Another version of the rules wrote it.
    #[error("the snapshot is of rules version {0}, these are version {RULES_VERSION}")]
    OtherRules(u32),
    /// The state cannot be encoded.
    #[error("the state cannot be encoded: {0}")]
    Encode(#[from] postcard::Error),
}

impl Snapshot {
    /// Takes a snapshot of `state` at `size`.
    pub fn of(state: State, size: u64) -> Self {
        Self { rules_version: RULES_VERSION, size, state }
    }

    /// Bytes: SHA-256 of the rest, then postcard.
    pub fn to_bytes(&self) -> Result<Vec<u8>, SnapshotUnreadable> {
        let encoded = postcard::to_extend(self, vec![0_u8; 32])?;
        let mut bytes = encoded;
        let (digest, body) = bytes.split_at_mut_checked(32).ok_or(SnapshotUnreadable::Damaged)?;
        digest.copy_from_slice(Digest::of(body).as_bytes());
        Ok(bytes)
    }

    /// Reads a snapshot back.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SnapshotUnreadable> {
        let (digest, body) = bytes.split_at_checked(32).ok_or(SnapshotUnreadable::Damaged)?;
        if Digest::of(body).as_bytes() != digest {
            return Err(SnapshotUnreadable::Damaged);
        }
        // The version comes first, so that a snapshot of other rules is told apart before its shape matters.
        let (rules_version, _) = postcard::take_from_bytes::<u32>(body).map_err(|_| SnapshotUnreadable::Damaged)?;
        if rules_version != RULES_VERSION {
            return Err(SnapshotUnreadable::OtherRules(rules_version));
        }
        postcard::from_bytes(body).map_err(|_| SnapshotUnreadable::Damaged)
    }
}

//! Snapshots: state at a ledger size as bytes, so that opening a long ledger need not replay it.
//!
//! Invariant: a snapshot is derived and disposable; it is used only for the same ledger size and the same rules version,
//! and its bytes carry a digest so that a damaged one is replayed, never trusted.

use tickmark_canonical::Digest;

use crate::{RULES_VERSION, State};

/// State at a ledger size.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    Encode(#[from] serde_json::Error),
}

impl Snapshot {
    /// Takes a snapshot of `state` at `size`.
    pub fn of(state: State, size: u64) -> Self {
        Self { rules_version: RULES_VERSION, size, state }
    }

    /// Bytes: SHA-256 of the rest, the rules version in four bytes, then JSON.
    ///
    /// JSON, since facts and with them parts of the state are written for it: a format that does not say which field comes
    /// next would read a field that is left out when it is empty as the one after it.
    pub fn to_bytes(&self) -> Result<Vec<u8>, SnapshotUnreadable> {
        let mut bytes = vec![0_u8; 32];
        bytes.extend(self.rules_version.to_be_bytes());
        serde_json::to_writer(&mut bytes, &(self.size, &self.state))?;
        let (digest, body) = bytes.split_at_mut_checked(32).ok_or(SnapshotUnreadable::Damaged)?;
        digest.copy_from_slice(Digest::of(body).as_bytes());
        Ok(bytes)
    }

    /// Reads a snapshot back.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SnapshotUnreadable> {
        let (digest, body) = bytes.split_first_chunk::<32>().ok_or(SnapshotUnreadable::Damaged)?;
        if Digest::of(body).as_bytes() != digest {
            return Err(SnapshotUnreadable::Damaged);
        }
        // The version comes first, so that a snapshot of other rules is told apart before its shape matters.
        let (version, body) = body.split_first_chunk().ok_or(SnapshotUnreadable::Damaged)?;
        let rules_version = u32::from_be_bytes(*version);
        if rules_version != RULES_VERSION {
            return Err(SnapshotUnreadable::OtherRules(rules_version));
        }
        let (size, state) = serde_json::from_slice(body).map_err(|_| SnapshotUnreadable::Damaged)?;
        Ok(Self { rules_version, size, state })
    }
}

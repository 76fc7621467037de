//! Snapshots: state at a ledger size as bytes, so that opening a long ledger need not replay it.
//!
//! Invariant: a snapshot is derived and disposable; it is used only for the same ledger size and the same rules version.
//! Whoever keeps its bytes sees to it that they are the ones that were written.

use std::io::{BufReader, BufWriter, Read, Write};

use serde::{Deserialize as _, Serialize as _};

use crate::{RULES_VERSION, State};

/// Bytes that are read or written at once.
const BUFFERED: usize = 1 << 16;

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
    Encode(#[from] rmp_serde::encode::Error),
    /// What it is written to refuses.
    #[error("the snapshot cannot be written: {0}")]
    Write(#[from] std::io::Error),
}

impl Snapshot {
    /// Takes a snapshot of `state` at `size`.
    pub fn of(state: State, size: u64) -> Self {
        Self { rules_version: RULES_VERSION, size, state }
    }

    /// Writes it: the rules version in four bytes, big endian, then MessagePack with the names of fields.
    ///
    /// With their names, since facts and with them parts of the state are written for JSON: a format that does not say which
    /// field comes next would read a field that is left out when it is empty as the one after it.
    pub fn write(&self, out: &mut dyn Write) -> Result<(), SnapshotUnreadable> {
        let mut out = BufWriter::with_capacity(BUFFERED, out);
        out.write_all(&self.rules_version.to_be_bytes())?;
        (self.size, &self.state).serialize(&mut rmp_serde::Serializer::new(&mut out).with_struct_map())?;
        Ok(out.flush()?)
    }

    /// Reads a snapshot back.
    pub fn read(from: &mut dyn Read) -> Result<Self, SnapshotUnreadable> {
        let mut from = BufReader::with_capacity(BUFFERED, from);
        // The version comes first, so that a snapshot of other rules is told apart before its shape matters.
        let mut version = [0; 4];
        from.read_exact(&mut version).map_err(|_| SnapshotUnreadable::Damaged)?;
        let rules_version = u32::from_be_bytes(version);
        if rules_version != RULES_VERSION {
            return Err(SnapshotUnreadable::OtherRules(rules_version));
        }
        let mut deserializer = rmp_serde::Deserializer::new(from);
        let (size, state) = <(u64, State)>::deserialize(&mut deserializer).map_err(|_| SnapshotUnreadable::Damaged)?;
        Ok(Self { rules_version, size, state })
    }
}

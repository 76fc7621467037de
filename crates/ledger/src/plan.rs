//! What an append writes, worked out from what stands before it. Pure: stores only read before and write after.
//!
//! Invariant: the same command on the same ledger under the same key gives the same bytes in every store.

use std::collections::BTreeMap;

use tickmark_canonical::Digest;

use crate::{
    checkpoint::{Checkpoint, SignedCheckpoint},
    command::Command,
    entry::{Entry, FORMAT},
    error::InvalidEntry,
    hash::leaf_hash,
    key::Signer,
    recorded_at,
    tile::{TileEdge, TileWrite},
};

/// What stands before the append.
#[derive(Debug)]
pub struct Before {
    /// Name of the ledger.
    pub origin: String,
    /// The right edge of its tree.
    pub edge: TileEdge,
    /// Index of the last entry of each stream the command writes; absent for a new stream.
    pub heads: BTreeMap<String, u64>,
}

/// One entry to write.
#[derive(Debug, Clone)]
pub struct PlannedEntry {
    /// Its place.
    pub index: u64,
    /// Its stream.
    pub stream: String,
    /// Its canonical bytes.
    pub bytes: Vec<u8>,
    /// Its leaf hash.
    pub leaf_hash: Digest,
}

/// What the append writes.
#[derive(Debug)]
pub struct Planned {
    /// The entries, in order.
    pub entries: Vec<PlannedEntry>,
    /// Tiles that are new or grew.
    pub tiles: Vec<TileWrite>,
    /// The checkpoint after the last entry.
    pub checkpoint: SignedCheckpoint,
}

/// Plans the append of `command`, signed by `signer`.
pub fn plan(before: Before, command: &Command, signer: &Signer) -> Result<Planned, InvalidEntry> {
    let Before { origin, mut edge, mut heads } = before;
    let mut entries = Vec::with_capacity(command.entries.len());
    for new in &command.entries {
        let index = edge.size();
        let entry = Entry {
            format: FORMAT,
            stream: new.stream.clone(),
            prev: heads.get(&new.stream).copied(),
            recorded_at: recorded_at::truncated(command.recorded_at),
            author: command.author.clone(),
            command: command.id.clone(),
            body: new.body.clone(),
        };
        let bytes = entry.encode()?;
        let leaf_hash = leaf_hash(&bytes);
        edge.push(leaf_hash);
        heads.insert(entry.stream.clone(), index);
        entries.push(PlannedEntry { index, stream: entry.stream, bytes, leaf_hash });
    }
    let checkpoint = Checkpoint { origin, size: edge.size(), root: edge.root(), extensions: Vec::new() };
    Ok(Planned { entries, checkpoint: checkpoint.sign(signer), tiles: edge.writes() })
}

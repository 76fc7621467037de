//! Where ledgers are kept: what every store gives and keeps.
//!
//! Invariant: an append is one transaction: entries, tiles, indexes and signed checkpoint, or nothing.
//! Invariant: an append MUST NOT return before the entries would survive a power cut.
//! Invariant: two writers never both extend a ledger of the same size; the second gets `Error::Conflict`.

use std::ops::Range;

use jiff::Timestamp;
use tickmark_canonical::Digest;

use crate::{
    anchor::Anchor,
    checkpoint::SignedCheckpoint,
    command::{Command, Receipt},
    control::RotationReason,
    entry::StoredEntry,
    error::{Corrupt, Error, as_corrupt},
    key::{Signer, VerifierKey},
    proof,
    tile::{Tile, TileNodes},
};

/// Where a ledger stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Number of entries.
    pub size: u64,
    /// The key in force.
    pub vkey: VerifierKey,
    /// The recovery key in force.
    pub recovery_vkey: VerifierKey,
    /// The newest signed checkpoint, at `size`.
    pub checkpoint: SignedCheckpoint,
}

/// A stream and how far it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamHead {
    /// Its name.
    pub stream: String,
    /// Index of its last entry.
    pub head: u64,
    /// Number of its entries.
    pub count: u64,
}

/// Where a command's entries stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandPlace {
    /// The command's id.
    pub command: String,
    /// Index of its first entry.
    pub first: u64,
    /// Number of its entries.
    pub count: u64,
}

/// A state kept for speed; can be thrown away at any time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Size of the ledger it is the state of.
    pub size: u64,
    /// Version of the rules that computed it.
    pub rules: u32,
    /// The state's bytes, as the caller gave them.
    pub state: Vec<u8>,
}

/// Who opens a ledger, and under which keys.
#[derive(Debug)]
pub struct Opening<'a> {
    /// Name of the ledger.
    pub origin: &'a str,
    /// The key that signs from now on.
    pub signer: &'a Signer,
    /// The offline key's public side.
    pub recovery_vkey: &'a VerifierKey,
    /// Opaque id of who opens it.
    pub author: &'a str,
    /// Opaque id of the command.
    pub command: &'a str,
    /// The recording machine's clock.
    pub recorded_at: Timestamp,
}

/// A key rotation that is asked for.
#[derive(Debug)]
pub struct Rotation<'a> {
    /// Why.
    pub reason: RotationReason,
    /// Who allows it: the old key (routine), or the recovery key.
    pub by: &'a Signer,
    /// The key from now on.
    pub new: &'a Signer,
    /// The recovery key from now on; `None` keeps the one in force.
    pub recovery_vkey: Option<&'a VerifierKey>,
    /// Size from which on the old key is not trusted (compromise only).
    pub untrusted_from: Option<u64>,
    /// Opaque id of who asks.
    pub author: &'a str,
    /// Opaque id of the command.
    pub command: &'a str,
    /// The recording machine's clock.
    pub recorded_at: Timestamp,
}

/// A mark of streams that is asked for.
#[derive(Debug)]
pub struct Mark<'a> {
    /// The streams; their last entries are looked up within the transaction.
    pub streams: &'a [&'a str],
    /// Opaque id of who asks.
    pub author: &'a str,
    /// Opaque id of the command.
    pub command: &'a str,
    /// The recording machine's clock.
    pub recorded_at: Timestamp,
}

/// Called with index and bytes of each entry.
pub type EntryVisitor<'a> = dyn FnMut(u64, &[u8]) -> Result<(), Error> + 'a;

/// Called with the index of a bundle's first entry and the bundle's bytes.
pub type BundleVisitor<'a> = dyn FnMut(u64, &[u8]) -> Result<(), Error> + 'a;

/// One consistent view of the store: whatever is appended meanwhile is not seen.
pub trait Reader {
    /// Names of the ledgers, sorted.
    fn origins(&self) -> Result<Vec<String>, Error>;

    /// Where a ledger stands.
    fn head(&self, origin: &str) -> Result<Head, Error>;

    /// Gives every entry bundle that holds entries of `range`, in order; the last may be partial.
    fn scan_bundles(&self, origin: &str, range: Range<u64>, visit: &mut BundleVisitor<'_>) -> Result<(), Error>;

    /// Indexes of a stream's entries within `range`, ascending, at most `limit`.
    fn positions(&self, origin: &str, stream: &str, range: Range<u64>, limit: usize) -> Result<Vec<u64>, Error>;

    /// The streams of a ledger, sorted by name.
    fn streams(&self, origin: &str) -> Result<Vec<StreamHead>, Error>;

    /// Where the entries of commands stand whose first entry is in `range`, by first index.
    fn commands(&self, origin: &str, range: Range<u64>) -> Result<Vec<CommandPlace>, Error>;

    /// Where a command's entries stand.
    fn command(&self, origin: &str, command: &str) -> Result<Option<CommandPlace>, Error>;

    /// A tile, with as many hashes as there are; an error when there is none.
    fn tile(&self, origin: &str, level: u32, index: u64) -> Result<Tile, Error>;

    /// Level and index of every stored tile, in order.
    fn tile_places(&self, origin: &str) -> Result<Vec<(u32, u64)>, Error>;

    /// The first stored checkpoint with at least `size` entries.
    fn checkpoint_from(&self, origin: &str, size: u64) -> Result<Option<SignedCheckpoint>, Error>;

    /// Size and note, as stored, of the checkpoints whose size is in `range`, by size, at most `limit`.
    fn checkpoint_notes(&self, origin: &str, range: Range<u64>, limit: usize) -> Result<Vec<(u64, String)>, Error>;

    /// The outside anchors kept, by size and kind.
    fn anchors(&self, origin: &str) -> Result<Vec<Anchor>, Error>;

    /// The newest snapshot for these rules that is no newer than `size`.
    fn snapshot(&self, origin: &str, rules: u32, size: u64) -> Result<Option<Snapshot>, Error>;

    /// Number of entries.
    fn size(&self, origin: &str) -> Result<u64, Error> {
        Ok(self.head(origin)?.size)
    }

    /// The stored checkpoint at exactly `size`.
    fn checkpoint(&self, origin: &str, size: u64) -> Result<SignedCheckpoint, Error> {
        self.checkpoint_from(origin, size)?
            .filter(|checkpoint| checkpoint.size() == size)
            .ok_or_else(|| Error::NotFound { origin: origin.to_owned(), what: format!("checkpoint at size {size}") })
    }

    /// Gives the bytes of every entry of `range`, in order, each compared with its leaf hash before anybody decodes it: a
    /// changed entry is damage, whatever its bytes may still say.
    fn scan(&self, origin: &str, range: Range<u64>, visit: &mut EntryVisitor<'_>) -> Result<(), Error> {
        self.scan_bundles(origin, range.clone(), &mut |first, bundle| {
            let place = first / crate::tile::TILE_WIDTH;
            let tile = self.tile(origin, 0, place).map_err(|error| {
                as_corrupt(&format!("tile {place} of level 0"), "the leaf hashes of stored entries", error)
            })?;
            visit_whole(first, bundle, &tile, &range, visit).map_err(|found| match found {
                Found::Changed { index, computed, stored } => {
                    wrong_leaf(self, origin, index, &computed, &stored).into()
                }
                Found::Error(error) => error,
            })
        })
    }

    /// What only the store can see: that its own structure is whole, and that nothing is kept outside the ledger's entries.
    fn check_tables(&self, origin: &str) -> Result<(), Error>;

    /// The entries of `range`, decoded.
    fn entries(&self, origin: &str, range: Range<u64>) -> Result<Vec<StoredEntry>, Error> {
        let mut entries = Vec::new();
        self.scan(origin, range, &mut |index, bytes| {
            entries.push(stored(index, bytes)?);
            Ok(())
        })?;
        Ok(entries)
    }

    /// One entry.
    fn entry(&self, origin: &str, index: u64) -> Result<StoredEntry, Error> {
        let entry = self.entries(origin, index..index.saturating_add(1))?.pop();
        entry.ok_or_else(|| Error::NotFound { origin: origin.to_owned(), what: format!("entry {index}") })
    }

    /// The entries of a stream within `range`, ascending, at most `limit`. The chain of `prev` between them is checked,
    /// so an entry that the index has lost is found.
    fn entries_of_stream(
        &self,
        origin: &str,
        stream: &str,
        range: Range<u64>,
        limit: usize,
    ) -> Result<Vec<StoredEntry>, Error> {
        let positions = self.positions(origin, stream, range, limit)?;
        let mut entries: Vec<StoredEntry> = Vec::with_capacity(positions.len());
        let mut wanted = positions.iter().copied().peekable();
        while let Some(first) = wanted.peek().copied() {
            // One bundle at a time, so entries that lie together are read once.
            let end = (first / crate::tile::TILE_WIDTH + 1) * crate::tile::TILE_WIDTH;
            self.scan(origin, first..end, &mut |index, bytes| {
                if wanted.next_if_eq(&index).is_some() {
                    entries.push(stored(index, bytes)?);
                }
                Ok(())
            })?;
            if wanted.peek() == Some(&first) {
                return Err(Corrupt::new(
                    format!("index of stream `{stream}`"),
                    "entries that exist",
                    format!("entry {first}"),
                )
                .into());
            }
        }
        let mut before: Option<u64> = None;
        for entry in &entries {
            if entry.entry.stream != stream {
                let found = format!("an entry of stream `{}`", entry.entry.stream);
                return Err(Corrupt::new(
                    format!("entry {}", entry.index),
                    format!("an entry of stream `{stream}`"),
                    found,
                )
                .into());
            }
            if before.is_some() && entry.entry.prev != before {
                return Err(broken_chain(entry, before).into());
            }
            before = Some(entry.index);
        }
        Ok(entries)
    }

    /// The leaf hashes of `range`, from the tiles.
    fn leaf_hashes(&self, origin: &str, range: Range<u64>) -> Result<Vec<Digest>, Error> {
        let mut hashes = Vec::new();
        let mut next = range.start;
        while next < range.end {
            let (index, start) = (next / crate::tile::TILE_WIDTH, next % crate::tile::TILE_WIDTH);
            let end = range.end.min((index + 1) * crate::tile::TILE_WIDTH);
            let tile = self.tile(origin, 0, index)?;
            let wanted = tile.hashes.get(start as usize..(end - index * crate::tile::TILE_WIDTH) as usize);
            let wanted = wanted
                .ok_or_else(|| Error::NotFound { origin: origin.to_owned(), what: format!("leaf {}", end - 1) })?;
            hashes.extend_from_slice(wanted);
            next = end;
        }
        Ok(hashes)
    }

    /// Root of the tree of the first `size` entries, from the tiles.
    fn root(&self, origin: &str, size: u64) -> Result<Digest, Error> {
        proof::root(&TileNodes::new(|level, index| self.tile(origin, level, index)), size)
    }

    /// Proof that entry `index` is in the tree of `size` entries.
    fn inclusion_proof(&self, origin: &str, index: u64, size: u64) -> Result<Vec<Digest>, Error> {
        proof::inclusion(&TileNodes::new(|level, index| self.tile(origin, level, index)), index, size)
    }

    /// Proof that the tree of `old` entries is a prefix of the tree of `new` entries.
    fn consistency_proof(&self, origin: &str, old: u64, new: u64) -> Result<Vec<Digest>, Error> {
        proof::consistency(&TileNodes::new(|level, index| self.tile(origin, level, index)), old, new)
    }
}

/// A store of ledgers.
pub trait Store: Send + Sync {
    /// One consistent view.
    fn reader(&self) -> Result<Box<dyn Reader + '_>, Error>;

    /// Opens a ledger with its first entry.
    fn create(&self, opening: &Opening<'_>) -> Result<Receipt, Error>;

    /// Records a command that was decided when the ledger had `expected_size` entries.
    ///
    /// MUST be durable on return. A command id that is already recorded with the same entries gives its first receipt
    /// again (whatever `expected_size` says), with other entries it is refused.
    fn append(&self, origin: &str, expected_size: u64, command: &Command, signer: &Signer) -> Result<Receipt, Error>;

    /// Replaces the signing key; the entry and the first checkpoint under the new key are one transaction.
    fn rotate(&self, origin: &str, expected_size: u64, rotation: &Rotation<'_>) -> Result<Receipt, Error>;

    /// Records where the named streams end, so that a disclosure at the size after it can be seen to be whole.
    fn mark(&self, origin: &str, expected_size: u64, mark: &Mark<'_>, signer: &Signer) -> Result<Receipt, Error>;

    /// Keeps an outside anchor. The caller verified it; `check` verifies it again.
    fn put_anchor(&self, origin: &str, anchor: &Anchor) -> Result<(), Error>;

    /// Keeps a snapshot; an older one for the same size and rules is replaced.
    fn put_snapshot(&self, origin: &str, snapshot: &Snapshot) -> Result<(), Error>;

    /// Throws away all snapshots but the newest `keep` of each version of the rules.
    fn prune_snapshots(&self, origin: &str, keep: usize) -> Result<(), Error>;
}

/// Why the entries of a bundle were not all given.
pub(crate) enum Found {
    /// The bytes of an entry do not have the leaf hash that the tile holds.
    Changed {
        /// Which entry.
        index: u64,
        /// The leaf hash of its bytes.
        computed: Digest,
        /// The leaf hash in the tile.
        stored: Digest,
    },
    /// Anything else.
    Error(Error),
}

/// Gives the entries of `range` that a bundle holds, each compared with its leaf hash in the tile of the same place.
pub(crate) fn visit_whole(
    first: u64,
    bundle: &[u8],
    tile: &Tile,
    range: &Range<u64>,
    visit: &mut EntryVisitor<'_>,
) -> Result<(), Found> {
    let mut entries = crate::bundle::entries(bundle);
    for (index, stored) in (first..).zip(&tile.hashes) {
        let entry = entries.next().ok_or_else(|| {
            Found::Error(Corrupt::new(format!("entry {index}"), "an entry", "the end of its bundle").into())
        })?;
        if !range.contains(&index) {
            continue;
        }
        let entry = entry.map_err(Found::Error)?;
        let computed = crate::hash::leaf_hash(entry);
        if computed != *stored {
            return Err(Found::Changed { index, computed, stored: *stored });
        }
        visit(index, entry).map_err(Found::Error)?;
    }
    if entries.next().is_some() {
        let beyond = first + tile.hashes.len() as u64;
        return Err(Found::Error(Corrupt::new(format!("entry {beyond}"), "a leaf hash in its tile", "none").into()));
    }
    Ok(())
}

/// An entry and its leaf hash in the tile differ: if the tile's leads to the signed root, the entry was changed, else the tile was.
pub(crate) fn wrong_leaf<R: Reader + ?Sized>(
    reader: &R,
    origin: &str,
    index: u64,
    computed: &Digest,
    stored: &Digest,
) -> Corrupt {
    let leads_to_root = || {
        let head = reader.head(origin)?;
        let path = reader.inclusion_proof(origin, index, head.size)?;
        proof::verify_inclusion(stored, index, head.size, &path, head.checkpoint.root())
    };
    if leads_to_root().is_ok() {
        return changed_entry(index, computed, stored);
    }
    let (tile, place) = (index / crate::tile::TILE_WIDTH, index % crate::tile::TILE_WIDTH);
    Corrupt::new(format!("hash {place} of tile {tile} of level 0"), computed, stored)
}

pub(crate) fn changed_entry(index: u64, computed: &Digest, stored: &Digest) -> Corrupt {
    let bytes = |hash: &Digest| format!("bytes with leaf hash {hash}");
    Corrupt::new(format!("entry {index}"), bytes(stored), bytes(computed))
}

pub(crate) fn stored(index: u64, bytes: &[u8]) -> Result<StoredEntry, Error> {
    let entry = crate::entry::Entry::decode(bytes).map_err(|error| {
        Corrupt::new(format!("entry {index}"), "canonical bytes of an entry", crate::error::chain(&error))
    })?;
    Ok(StoredEntry { index, bytes: bytes.to_vec(), entry })
}

pub(crate) fn broken_chain(entry: &StoredEntry, expected: Option<u64>) -> Corrupt {
    let name = |index: Option<u64>| index.map_or_else(|| "none".to_owned(), |index| format!("entry {index}"));
    Corrupt::new(
        format!("the previous entry of stream `{}` named by entry {}", entry.entry.stream, entry.index),
        name(expected),
        name(entry.entry.prev),
    )
}

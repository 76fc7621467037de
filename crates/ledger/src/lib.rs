//! A tamper-evident order of bytes: an RFC 6962 Merkle tree with C2SP checkpoints, tiles, proofs and outside anchors.
//!
//! Life of an entry: a caller decides on a ledger of some size and hands a [`Command`] to [`Store::append`]; `plan`
//! works out entries, tiles and signed checkpoint; the store writes them in one durable transaction and returns a
//! [`Receipt`]. `check` reads everything again; a [`Disclosure`] lets an outsider do so without the rest.
//!
//! Invariant: no audit word and nothing of this product's other crates but canonical bytes is known here.
//! Invariant: bytes that a released version wrote are read by every later version.
//! Invariant: nothing that is wrong is repaired; the first wrong thing is named ([`Corrupt`]).

pub mod anchor;
mod base64_text;
pub mod bundle;
pub mod check;
pub mod checkpoint;
mod command;
pub mod control;
pub mod disclosure;
mod entry;
mod entry_view;
mod error;
pub mod frontier;
pub mod hash;
pub mod key;
pub mod key_chain;
mod name;
pub mod note;
pub mod plan;
pub mod proof;
mod recorded_at;
pub mod seal;
mod sqlite;
mod store;
pub mod tile;

pub use anchor::{Anchor, AnchorKind, CheckpointTime, Trust, Unanchored, longest_unanchored_stretch};
pub use check::{
    AnchorFinding, AnchorVerdict, CheckReport, Depth, EntryReport, check, check_head, key_chain, key_chain_at,
};
pub use checkpoint::{Checkpoint, SignedCheckpoint};
pub use command::{Command, NewEntry, Receipt};
pub use control::{Control, RotationReason};
pub use disclosure::{Disclosure, Reliance, Revoked, Verified};
pub use entry::{Entry, FORMAT, LEDGER_STREAM, MAX_BODY_DEPTH, MAX_ENTRY_BYTES, StoredEntry};
pub use error::{Corrupt, Error, InvalidEntry};
pub use key::{KeyUse, Signer, VerifierKey};
pub use key_chain::{KeyChain, KeyPeriod};
pub use name::MAX_NAME_BYTES;
pub use seal::{SealedKey, SealingKey};
pub use sqlite::{Observation, Observed, ObservedFork, SqliteReader, SqliteStore};
pub use store::{
    BundleVisitor, CommandPlace, EntryVisitor, Head, Mark, Opening, Reader, Rotation, Snapshot, Store, StreamHead,
};

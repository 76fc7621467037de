//! What a caller asks to record, and the receipt for it.

use jiff::Timestamp;
use serde_json::Value;
use tickmark_canonical::Digest;

use crate::{checkpoint::SignedCheckpoint, entry::LEDGER_STREAM, error::InvalidEntry};

/// One fact to record: which stream, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// Opaque name of the stream; `ledger` is the ledger's own.
    pub stream: String,
    /// What it says.
    pub body: Value,
}

/// The entries of one command: all are recorded, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Opaque id. Coming again with the same entries it gives the first receipt; with others it is refused.
    pub id: String,
    /// Opaque id of who recorded it.
    pub author: String,
    /// The recording machine's clock; cut to the microsecond.
    pub recorded_at: Timestamp,
    /// At least one.
    pub entries: Vec<NewEntry>,
}

impl Command {
    /// Refuses a command without entries, or one that writes the ledger's own stream.
    pub(crate) fn check(&self) -> Result<(), InvalidEntry> {
        if self.entries.is_empty() {
            return Err(InvalidEntry::EmptyCommand { command: self.id.chars().take(40).collect() });
        }
        if self.entries.iter().any(|entry| entry.stream == LEDGER_STREAM) {
            return Err(InvalidEntry::ReservedStream { stream: LEDGER_STREAM.to_owned() });
        }
        Ok(())
    }
}

/// Proof for the caller that its entries are durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Index of the command's first entry.
    pub first: u64,
    /// Number of the command's entries.
    pub count: u64,
    /// Leaf hashes of the command's entries, in order.
    pub leaf_hashes: Vec<Digest>,
    /// The signed checkpoint right after the command: its size is `first + count`.
    pub checkpoint: SignedCheckpoint,
    /// True when the command had been recorded before and nothing was written now.
    pub repeated: bool,
}

impl Receipt {
    /// Size of the ledger right after the command.
    pub const fn size(&self) -> u64 {
        self.first + self.count
    }
}

//! Entries of the ledger as pages show them: the list, and one with its place in the tree and its neighbors.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tickmark_canonical::Digest;
use tickmark_ledger::{Entry, LEDGER_STREAM, Store, StoredEntry, hash::leaf_hash, proof::verify_inclusion};

use super::Moment;
use crate::{Error, anchoring};

/// Entries on a page: each holds up to 8 KiB of events, which are read to be named.
pub const ENTRIES_ON_PAGE: u64 = 25;

/// An entry in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedEntry {
    /// Its index.
    pub index: u64,
    /// When it was recorded.
    pub at: Timestamp,
    /// Who recorded it.
    pub by: String,
    /// Its stream.
    pub stream: String,
    /// Its events by type, with how many there are of each.
    pub events: BTreeMap<String, u64>,
}

/// An entry with its proof.
#[derive(Debug, Clone)]
pub struct EntryView {
    /// As in the list.
    pub listed: ListedEntry,
    /// As recorded.
    pub entry: Entry,
    /// The bytes that are hashed.
    pub text: String,
    /// Hash of the bytes.
    pub leaf: Digest,
    /// The hashes that lead from the leaf to the root.
    pub path: Vec<Digest>,
    /// Root of the tree.
    pub root: Digest,
    /// Number of entries of that tree.
    pub size: u64,
    /// Whether the path was followed just now and led to the root.
    pub leads_to_root: bool,
    /// The stream's next entry.
    pub next: Option<u64>,
    /// Size and note of the first signed checkpoint that contains the entry.
    pub checkpoint: Option<(u64, String)>,
    /// The first outside anchor that covers the entry: holder, its time, size of the checkpoint.
    pub anchor: Option<(String, Timestamp, u64)>,
}

/// An outside anchor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedAnchor {
    /// Who holds it.
    pub holder: String,
    /// Size of the checkpoint.
    pub size: u64,
    /// Root of the checkpoint.
    pub root: Digest,
    /// The outside holder's time.
    pub at: Timestamp,
}

impl Moment {
    /// Entries on a page, newest first; pages are counted from 1.
    pub fn entries(&self, page: u64) -> Result<Vec<ListedEntry>, Error> {
        let end = self.size.saturating_sub(page.saturating_sub(1).saturating_mul(ENTRIES_ON_PAGE));
        let entries = self.store.reader()?.entries(&self.origin, end.saturating_sub(ENTRIES_ON_PAGE)..end)?;
        // A name is unsealed once a page, and never kept: it can be erased.
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        let mut name = |author: &str| names.entry(author.to_owned()).or_insert_with(|| self.author(author)).clone();
        Ok(entries.iter().rev().map(|stored| listed(stored, name(&stored.entry.author))).collect())
    }

    /// Who recorded an entry, by name.
    pub(crate) fn author(&self, author: &str) -> String {
        author.parse().map_or_else(|_| author.to_owned(), |person| self.name_of(&person))
    }

    /// One entry.
    pub fn entry(&self, index: &str) -> Result<EntryView, Error> {
        let unknown = || Error::Unknown { kind: "entry", name: index.to_owned() };
        let number: u64 = index.parse().map_err(|_| unknown())?;
        if number >= self.size {
            return Err(unknown());
        }
        let reader = self.store.reader()?;
        let stored = reader.entry(&self.origin, number)?;
        let leaf = leaf_hash(&stored.bytes);
        let path = reader.inclusion_proof(&self.origin, number, self.size)?;
        let root = reader.root(&self.origin, self.size)?;
        let leads_to_root = verify_inclusion(&leaf, number, self.size, &path, &root).is_ok();
        let next = reader.positions(&self.origin, &stored.entry.stream, number + 1..self.size, 1)?.first().copied();
        let checkpoint = reader.checkpoint_from(&self.origin, number + 1)?;
        let checkpoint = checkpoint.filter(|checkpoint| checkpoint.size() <= self.size);
        let anchors = self.anchors_until(&*reader)?;
        let anchor = anchors.iter().filter(|anchor| anchor.size > number).min_by_key(|anchor| anchor.at);
        Ok(EntryView {
            listed: listed(&stored, self.author(&stored.entry.author)),
            text: String::from_utf8_lossy(&stored.bytes).into_owned(),
            entry: stored.entry,
            leaf,
            path,
            root,
            size: self.size,
            leads_to_root,
            next,
            checkpoint: checkpoint.map(|checkpoint| (checkpoint.size(), checkpoint.to_note())),
            anchor: anchor.map(|anchor| (anchoring::holder(anchor.kind), anchor.at, anchor.size)),
        })
    }

    /// The outside anchors, newest first.
    pub fn anchors(&self) -> Result<Vec<ListedAnchor>, Error> {
        let reader = self.store.reader()?;
        let anchors = self.anchors_until(&*reader)?;
        let listed = anchors.iter().rev().map(|anchor| ListedAnchor {
            holder: anchoring::holder(anchor.kind),
            size: anchor.size,
            root: anchor.root,
            at: anchor.at,
        });
        Ok(listed.collect())
    }
}

fn listed(stored: &StoredEntry, by: String) -> ListedEntry {
    let StoredEntry { index, entry, .. } = stored;
    let mut events = BTreeMap::new();
    for event in events_of(entry) {
        let kind = event.get("type").and_then(|kind| kind.as_str()).unwrap_or("ledger key or mark");
        *events.entry(kind.to_owned()).or_default() += 1;
    }
    ListedEntry { index: *index, at: entry.recorded_at, by, stream: entry.stream.clone(), events }
}

/// The events in an entry's body, as recorded.
pub(crate) fn events_of(entry: &Entry) -> Vec<&serde_json::Value> {
    if entry.stream == LEDGER_STREAM {
        return vec![&entry.body];
    }
    entry.body.get("events").and_then(|events| events.as_array()).map(|e| e.iter().collect()).unwrap_or_default()
}

impl EntryView {
    /// The events, as recorded.
    pub fn events(&self) -> Vec<&serde_json::Value> {
        events_of(&self.entry)
    }
}

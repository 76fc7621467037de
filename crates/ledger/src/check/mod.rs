//! The full check: everything that is stored, read again and compared; it stops at the first thing that is wrong.
//!
//! Life of a check: the key chain is built from the stream `ledger`; one thread reads bundle after bundle and compares tiles and
//! every checkpoint's root with the tree; a second one hashes the entries; a third one decodes them and follows streams
//! and commands; a fourth one verifies signatures. The wrong thing with the smallest index is the one that is named.
//!
//! Invariant: a check writes nothing.

pub(crate) mod anchors;
mod decoding;
mod hashing;
mod signatures;

use std::{collections::BTreeSet, sync::mpsc::sync_channel, thread};

use jiff::Timestamp;
use tickmark_canonical::Digest;

pub use self::anchors::{AnchorFinding, AnchorVerdict};
use self::{
    decoding::Decoding,
    hashing::{Hashing, Leaves},
};
use crate::{
    anchor::{CheckpointTime, Trust, Unanchored, longest_unanchored_stretch},
    entry::LEDGER_STREAM,
    error::{Corrupt, Error, as_corrupt},
    key_chain::{Distrusted, KeyChain},
    store::{CommandPlace, Reader},
};

/// Bundles that wait for the slower thread: enough to even out, little enough to hold in memory (2 MiB each at most).
const WAITING_BUNDLES: usize = 16;

/// How much is read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Leaf hashes, tiles, roots of all checkpoints, key chain, the newest signature: the order of the bytes is intact.
    Hashes,
    /// Also every signature, every entry's form, stream chains, marks, indexes and the store's own structure.
    Everything,
}

/// What a check found when nothing is wrong.
#[derive(Debug, Clone)]
pub struct CheckReport {
    /// Name of the ledger.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// Root of the tree.
    pub root: Digest,
    /// Every key and the sizes it signs.
    pub keys: KeyChain,
    /// Number of stored checkpoints, each compared with the tree of its size.
    pub checkpoints: u64,
    /// What only [`Depth::Everything`] tells.
    pub entries: Option<EntryReport>,
    /// The outside anchors kept with the ledger.
    pub anchors: Vec<AnchorFinding>,
    /// Stretches signed under a key that lost trust and that no proven anchor covers.
    pub needs_anchor: Vec<Distrusted>,
}

/// What decoding every entry told.
#[derive(Debug, Clone)]
pub struct EntryReport {
    /// Number of streams.
    pub streams: u64,
    /// Number of commands.
    pub commands: u64,
    /// When the first entry was recorded.
    pub first_at: Option<Timestamp>,
    /// When the last entry was recorded.
    pub last_at: Option<Timestamp>,
    /// Entries that say an earlier time than an entry before them: a clock was set back, or lied.
    pub clock_set_back: u64,
    /// The longest time that a recorded fact stood without a proven outside anchor.
    pub unanchored: Unanchored,
}

/// Checks a ledger. `now` closes the stretch since the last anchor; `progress` hears entries done and in all.
pub fn check(
    reader: &dyn Reader,
    origin: &str,
    depth: Depth,
    trust: &Trust,
    now: Timestamp,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<CheckReport, Error> {
    check_head(reader, origin)?;
    let head = reader.head(origin)?;
    let keys = key_chain(reader, origin)?;
    for (what, expected, found) in
        [("key", &keys.current().vkey, &head.vkey), ("recovery key", keys.recovery_vkey(), &head.recovery_vkey)]
    {
        if expected != found {
            return Err(Corrupt::new(format!("the {what} in force of ledger `{origin}`"), expected, found).into());
        }
    }

    let whole = depth == Depth::Everything;
    let (bundles, bundles_of_decoder) = sync_channel::<Bundle>(WAITING_BUNDLES);
    let (notes, notes_of_verifier) = sync_channel::<Vec<(u64, String)>>(WAITING_BUNDLES);
    let (hashed, decoded, verified) = thread::scope(|scope| {
        let keys = &keys;
        let decoder = scope.spawn(move || {
            let mut decoding = Decoding::default();
            bundles_of_decoder.into_iter().try_for_each(|bundle| decoding.bundle(&bundle)).map(|()| decoding)
        });
        let verifier =
            scope.spawn(move || notes_of_verifier.into_iter().try_for_each(|notes| signatures::verify(keys, &notes)));
        let hashed = hash_all(reader, origin, head.size, progress, |first, bytes, end, checked| {
            if !whole {
                return Ok(true);
            }
            let bundle = Bundle { first, bytes: bytes.to_vec(), commands: reader.commands(origin, first..end)? };
            // A thread that found something wrong is gone; the reason comes with its result.
            Ok(bundles.send(bundle).is_ok() && (checked.is_empty() || notes.send(checked).is_ok()))
        });
        drop((bundles, notes));
        (hashed, joined(decoder.join()), joined(verifier.join()))
    });
    let (mut checkpoints, mut decoding) = (Vec::new(), None);
    let mut wrong: Vec<At> = Vec::new();
    match hashed {
        Ok(sizes) => checkpoints = sizes,
        Err(at) => wrong.push(at),
    }
    match decoded {
        Ok(done) => decoding = Some(done),
        Err(at) => wrong.push(at),
    }
    wrong.extend(verified.err());
    if let Some(first) = wrong.into_iter().min_by_key(|at| at.index) {
        return Err(first.error);
    }

    let anchors = anchors::check(reader, &keys, head.size, trust)?;
    let entries = match decoding {
        Some(decoding) if whole => {
            let decoded = decoding.finish(reader, origin, head.size)?;
            check_after_each_command(&decoded.times, &checkpoints)?;
            // Last, because all that went before can say more of what is wrong.
            reader.check_tables(origin)?;
            Some(decoded)
        }
        Some(_) | None => None,
    };
    let needs_anchor = anchors::uncovered(&keys, &anchors);
    Ok(CheckReport {
        origin: origin.to_owned(),
        size: head.size,
        root: *head.checkpoint.root(),
        keys,
        checkpoints: checkpoints.len() as u64,
        entries: entries.map(|found| EntryReport {
            streams: found.streams,
            commands: found.commands,
            first_at: found.first_at,
            last_at: found.last_at,
            clock_set_back: found.clock_set_back,
            unanchored: unanchored(&found.times, &anchors, now),
        }),
        anchors,
        needs_anchor,
    })
}

/// Checks that a ledger's newest checkpoint is signed by the key in force and is its tree's. Quick: a few tiles.
pub fn check_head(reader: &dyn Reader, origin: &str) -> Result<(), Error> {
    let head = reader.head(origin)?;
    let what = format!("the newest checkpoint of ledger `{origin}`");
    if head.checkpoint.size() != head.size || head.checkpoint.origin() != origin {
        let found = format!("of `{}` at size {}", head.checkpoint.origin(), head.checkpoint.size());
        return Err(Corrupt::new(what, format!("of `{origin}` at size {}", head.size), found).into());
    }
    let signed = head.checkpoint.verify(&head.vkey);
    signed.map_err(|error| Corrupt::new(what.clone(), format!("signed by `{}`", head.vkey), error))?;
    let root = reader.root(origin, head.size).map_err(|error| as_corrupt(&what, "the tiles of its tree", error))?;
    if root == *head.checkpoint.root() {
        Ok(())
    } else {
        Err(Corrupt::new(what, format!("the root {root} of the tiles"), head.checkpoint.root()).into())
    }
}

/// Builds the chain of keys from the entries of the stream `ledger`.
pub fn key_chain(reader: &dyn Reader, origin: &str) -> Result<KeyChain, Error> {
    key_chain_at(reader, origin, u64::MAX)
}

/// The same, as it was at a size.
pub fn key_chain_at(reader: &dyn Reader, origin: &str, size: u64) -> Result<KeyChain, Error> {
    let mut chain = KeyChain::open(origin, &reader.entry(origin, 0)?.entry)?;
    for entry in reader.entries_of_stream(origin, LEDGER_STREAM, 1..size.max(1), usize::MAX)? {
        chain.follow(entry.index, &entry.entry, || reader.root(origin, entry.index))?;
    }
    Ok(chain)
}

/// Something wrong, and at which entry, so that the first of several can be named.
#[derive(Debug)]
struct At {
    index: u64,
    error: Error,
}

/// What the decoding thread gets.
struct Bundle {
    first: u64,
    bytes: Vec<u8>,
    commands: Vec<CommandPlace>,
}

/// Every command ends with a checkpoint: a missing one is a signature that someone took away.
fn check_after_each_command(commands: &[CheckpointTime], checkpoints: &[u64]) -> Result<(), Corrupt> {
    let ends = || commands.iter().map(|command| command.size);
    if ends().eq(checkpoints.iter().copied()) {
        return Ok(());
    }
    let (seen, due): (BTreeSet<u64>, BTreeSet<u64>) = (checkpoints.iter().copied().collect(), ends().collect());
    let Some(size) = seen.symmetric_difference(&due).next() else { return Ok(()) };
    let what = format!("the checkpoint at size {size}");
    Err(if due.contains(size) {
        Corrupt::new(what, "one, because a command ends there", "none")
    } else {
        Corrupt::new(what, "none, because no command ends there", "one")
    })
}

/// Hashes everything; gives each bundle on, with the checkpoints within it. Gives the sizes of the checkpoints.
///
/// Reading and hashing take turns at one core's expense each: leaves are hashed on a thread of their own, some bundles
/// behind the reading, and the tree over them grows here.
fn hash_all(
    reader: &dyn Reader,
    origin: &str,
    size: u64,
    progress: &mut dyn FnMut(u64, u64),
    mut pass_on: impl FnMut(u64, &[u8], u64, Vec<(u64, String)>) -> Result<bool, Error>,
) -> Result<Vec<u64>, At> {
    let mut hashing = Hashing::new(reader, origin, size);
    let (read, bundles) = sync_channel::<(u64, Vec<u8>)>(WAITING_BUNDLES);
    let (hashed, leaves) = sync_channel::<(u64, Vec<u8>, Leaves)>(WAITING_BUNDLES);
    thread::scope(|scope| {
        scope.spawn(move || {
            for (first, bytes) in bundles {
                let leaves = hashing::leaves(&bytes);
                if hashed.send((first, bytes, leaves)).is_err() {
                    return;
                }
            }
        });
        let mut take = |(first, bytes, leaves): (u64, Vec<u8>, Leaves)| -> Result<bool, At> {
            let (end, notes) = hashing.bundle(first, leaves)?;
            let going = pass_on(first, &bytes, end, notes).map_err(|error| At { index: first, error })?;
            progress(end, size);
            Ok(going)
        };
        let mut failed: Option<At> = None;
        let mut going = true;
        let (mut scanned, mut waiting) = (0, 0);
        let scan = reader.scan_bundles(origin, 0..size, &mut |first, bytes| {
            scanned = first;
            if failed.is_some() || !going {
                return Ok(());
            }
            waiting += usize::from(read.send((first, bytes.to_vec())).is_ok());
            // Never more in hand than a channel holds, so that neither side waits for the other for ever.
            if waiting == WAITING_BUNDLES
                && let Ok(bundle) = leaves.recv()
            {
                waiting -= 1;
                take(bundle).map_or_else(|at| failed = Some(at), |goes_on| going = goes_on);
            }
            Ok(())
        });
        drop(read);
        for bundle in leaves {
            if failed.is_none() && going {
                take(bundle).map_or_else(|at| failed = Some(at), |goes_on| going = goes_on);
            }
        }
        if let Some(at) = failed {
            return Err(at);
        }
        scan.map_err(|error| At { index: scanned, error })?;
        Ok(going)
    })
    .and_then(|going| if going { hashing.finish() } else { Ok(Vec::new()) })
}

fn unanchored(times: &[CheckpointTime], anchors: &[AnchorFinding], now: Timestamp) -> Unanchored {
    let proven: Vec<CheckpointTime> = anchors
        .iter()
        .filter(|finding| finding.verdict.is_proven())
        .map(|finding| CheckpointTime { size: finding.anchor.size, at: finding.anchor.at })
        .collect();
    longest_unanchored_stretch(times, &proven, now)
}

fn joined<T>(result: thread::Result<T>) -> T {
    result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

//! What is given to an outsider: chosen streams whole, every other entry as its leaf hash, the signed checkpoint, anchors.
//!
//! Invariant: an outsider verifies a disclosure with this crate and the disclosure alone.
//! Invariant: an entry left out of a disclosed stream is found, also at the stream's end: a mark in the stream `ledger`
//! names where the streams end, and every entry after the mark is disclosed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{
    anchor::{Anchor, CheckpointTime, Trust, Unanchored, longest_unanchored_stretch},
    check::{AnchorFinding, anchors},
    checkpoint::SignedCheckpoint,
    control::Control,
    entry::{LEDGER_STREAM, StoredEntry},
    error::{Corrupt, Error},
    hash::leaf_hash,
    key::VerifierKey,
    key_chain::KeyChain,
    proof,
    store::{Reader, broken_chain, stored},
    tile::TileTree,
};

/// The entries of each disclosed stream.
type Streams = BTreeMap<String, Vec<StoredEntry>>;

/// The only format there is so far.
const FORMAT: u64 = 1;

/// What is given to an outsider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disclosure {
    /// Always 1 so far.
    pub format: u64,
    /// The signed checkpoint: origin, size, root.
    pub checkpoint: SignedCheckpoint,
    /// The streams disclosed whole, sorted; always with `ledger`.
    pub streams: Vec<String>,
    /// The leaf hashes of all entries up to the size, 32 bytes each, in order.
    #[serde(with = "crate::base64_text")]
    pub leaf_hashes: Vec<u8>,
    /// The entries of the disclosed streams, by index.
    pub entries: Vec<DisclosedEntry>,
    /// The outside anchors of this and smaller sizes.
    pub anchors: Vec<Anchor>,
}

/// One disclosed entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisclosedEntry {
    /// Its place in the ledger.
    pub index: u64,
    /// Its canonical bytes, which are text.
    pub entry: String,
}

/// A key that the verifier knows not to be trusted, as from a later rotation or from the organization's own notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revoked {
    /// The key.
    pub vkey: VerifierKey,
    /// Size from which on its checkpoints need an outside anchor.
    pub untrusted_from: u64,
}

/// What a verifier relies on that is not in the disclosure.
#[derive(Debug, Clone, Default)]
pub struct Reliance {
    /// A key of the ledger that the verifier has from elsewhere; without one the disclosure vouches for its own keys.
    pub vkey: Option<VerifierKey>,
    /// Keys known not to be trusted.
    pub revoked: Vec<Revoked>,
    /// Whom the verifier trusts to vouch for a time, and anchors that it holds itself.
    pub trust: Trust,
}

/// What a disclosure was found to be.
#[derive(Debug, Clone)]
pub struct Verified {
    /// Name of the ledger.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// Root of the tree.
    pub root: Digest,
    /// The keys from the first to the one in force.
    pub keys: KeyChain,
    /// Whether a key that the verifier had from elsewhere is among them.
    pub key_known: bool,
    /// The disclosed streams, whole.
    pub streams: BTreeMap<String, Vec<StoredEntry>>,
    /// The anchors, each compared with the tree.
    pub anchors: Vec<AnchorFinding>,
    /// The longest time that a disclosed fact stood without a proven outside anchor (until the last disclosed one).
    pub unanchored: Unanchored,
}

impl Disclosure {
    /// Takes the disclosure of `streams` at the size of a stored checkpoint. Right before it the streams must have been
    /// marked (`Store::mark`): what cannot be verified is not given out.
    pub fn of(reader: &dyn Reader, origin: &str, size: u64, streams: &[&str]) -> Result<Self, Error> {
        let streams: BTreeSet<&str> = streams.iter().copied().chain([LEDGER_STREAM]).collect();
        let mut entries = Vec::new();
        for stream in &streams {
            for entry in reader.entries_of_stream(origin, stream, 0..size, usize::MAX)? {
                let text = String::from_utf8(entry.bytes)
                    .map_err(|error| Corrupt::new(format!("entry {}", entry.index), "text", error))?;
                entries.push(DisclosedEntry { index: entry.index, entry: text });
            }
        }
        entries.sort_by_key(|entry| entry.index);
        let leaf_hashes = reader.leaf_hashes(origin, 0..size)?.iter().flat_map(|hash| *hash.as_bytes()).collect();
        let anchors = reader.anchors(origin)?.into_iter().filter(|anchor| anchor.size <= size).collect();
        let disclosure = Self {
            format: FORMAT,
            checkpoint: reader.checkpoint(origin, size)?,
            streams: streams.into_iter().map(str::to_owned).collect(),
            leaf_hashes,
            entries,
            anchors,
        };
        disclosure.verify(&Reliance::default())?;
        Ok(disclosure)
    }

    /// Verifies everything; the first thing that is wrong is named.
    pub fn verify(&self, reliance: &Reliance) -> Result<Verified, Error> {
        if self.format != FORMAT {
            return Err(Error::malformed(
                "disclosure",
                format!("format {}; this version reads format {FORMAT}", self.format),
            ));
        }
        let (origin, size) = (self.checkpoint.origin(), self.checkpoint.size());
        let hashes = self.hashes()?;
        let tree = TileTree::new(hashes.clone());
        let root = proof::root(&tree, size)?;
        if root != *self.checkpoint.root() {
            return Err(
                Corrupt::new(format!("the root of the {size} leaf hashes"), self.checkpoint.root(), root).into()
            );
        }
        let (streams, last) = self.disclosed(&hashes)?;
        let keys = self.keys(&streams, &tree)?;
        let period = keys.at(size);
        let signed = self.checkpoint.verify(&period.vkey);
        signed.map_err(|error| {
            Corrupt::new(format!("the checkpoint at size {size}"), format!("signed by `{}`", period.vkey), error)
        })?;
        self.complete(&streams, &last)?;
        if let Some(vkey) = &reliance.vkey
            && !keys.contains(vkey)
        {
            return Err(Error::BadSignature {
                what: format!("ledger `{origin}`"),
                reason: format!("the key `{vkey}` that was relied on is none of its keys"),
            });
        }
        let mut findings = Vec::new();
        for anchor in self.anchors.iter().chain(&reliance.trust.anchors) {
            let verdict = anchors::judge(anchor, &reliance.trust);
            anchors::compare(anchor, &keys, size, |size| proof::root(&tree, size))?;
            findings.push(AnchorFinding { anchor: anchor.clone(), verdict });
        }
        self.demand_anchor(&keys, &findings, reliance)?;
        let unanchored = unanchored(&streams, &findings);
        Ok(Verified {
            origin: origin.to_owned(),
            size,
            root,
            key_known: reliance.vkey.is_some(),
            keys,
            streams,
            anchors: findings,
            unanchored,
        })
    }

    fn hashes(&self) -> Result<Vec<Digest>, Error> {
        let (hashes, rest) = self.leaf_hashes.as_chunks::<32>();
        if !rest.is_empty() || hashes.len() as u64 != self.checkpoint.size() {
            let found = format!("{} bytes", self.leaf_hashes.len());
            return Err(
                Corrupt::new("the leaf hashes", format!("{} of 32 bytes", self.checkpoint.size()), found).into()
            );
        }
        Ok(hashes.iter().copied().map(Digest::from_bytes).collect())
    }

    /// Decodes the entries, compares leaf hashes and follows each stream's chain; gives also the disclosed indexes.
    fn disclosed(&self, hashes: &[Digest]) -> Result<(Streams, BTreeSet<u64>), Error> {
        let mut streams: Streams = self.streams.iter().map(|stream| (stream.clone(), Vec::new())).collect();
        let mut indexes = BTreeSet::new();
        for given in &self.entries {
            let what = format!("entry {}", given.index);
            if indexes.last().is_some_and(|last| *last >= given.index) {
                return Err(Corrupt::new(what, "entries by ascending index", "one out of order").into());
            }
            let found = leaf_hash(given.entry.as_bytes());
            let expected = usize::try_from(given.index).ok().and_then(|index| hashes.get(index));
            let expected = expected.ok_or_else(|| Corrupt::new(&what, "an index below the size", "one beyond"))?;
            if found != *expected {
                return Err(Corrupt::new(
                    what,
                    format!("bytes with leaf hash {expected}"),
                    format!("leaf hash {found}"),
                )
                .into());
            }
            let entry = stored(given.index, given.entry.as_bytes())?;
            let Some(stream) = streams.get_mut(&entry.entry.stream) else {
                let found = format!("one of stream `{}`", entry.entry.stream);
                return Err(Corrupt::new(what, "an entry of a disclosed stream", found).into());
            };
            let before = stream.last().map(|entry| entry.index);
            if entry.entry.prev != before {
                return Err(broken_chain(&entry, before).into());
            }
            indexes.insert(entry.index);
            stream.push(entry);
        }
        Ok((streams, indexes))
    }

    fn keys(&self, streams: &Streams, tree: &TileTree) -> Result<KeyChain, Error> {
        let origin = self.checkpoint.origin();
        let missing = || Corrupt::new("stream `ledger`", format!("entry 0, which opens ledger `{origin}`"), "nothing");
        let (first, later) =
            streams.get(LEDGER_STREAM).and_then(|entries| entries.split_first()).ok_or_else(missing)?;
        if first.index != 0 {
            return Err(missing().into());
        }
        let mut keys = KeyChain::open(origin, &first.entry)?;
        for entry in later {
            keys.follow(entry.index, &entry.entry, || proof::root(tree, entry.index))?;
        }
        Ok(keys)
    }

    /// Each stream must be marked to end where its disclosed entries end, and nothing after the mark may be hidden.
    fn complete(&self, streams: &Streams, disclosed: &BTreeSet<u64>) -> Result<(), Error> {
        let size = self.checkpoint.size();
        // From here to the end every entry is disclosed.
        let open_from = (0..size).rev().take_while(|index| disclosed.contains(index)).last().unwrap_or(size);
        let mut marks: BTreeMap<String, (u64, Option<u64>)> = BTreeMap::new();
        for entry in streams.get(LEDGER_STREAM).into_iter().flatten() {
            if let Ok(Control::StreamsMarked { heads }) = Control::from_body(&entry.entry.body) {
                marks.extend(heads.into_iter().map(|mark| (mark.stream, (entry.index, mark.head))));
            }
        }
        for (stream, entries) in streams {
            let last = entries.last().map(|entry| entry.index);
            // The whole ledger is disclosed, or the stream's own last entry begins the open end.
            if open_from == 0 || last.is_some_and(|last| last >= open_from) {
                continue;
            }
            let what = format!("the end of stream `{stream}`");
            let Some((mark, head)) = marks.get(stream).filter(|(mark, _)| *mark >= open_from) else {
                let expected = format!("a mark of it after which every entry up to size {size} is disclosed");
                return Err(Corrupt::new(what, expected, "none: entries of it may be left out").into());
            };
            let before = entries.iter().rev().map(|entry| entry.index).find(|index| index < mark);
            if before != *head {
                let name =
                    |index: Option<u64>| index.map_or_else(|| "none".to_owned(), |index| format!("entry {index}"));
                let expected = format!("{}, as marked in entry {mark}", name(*head));
                return Err(Corrupt::new(what, expected, name(before)).into());
            }
        }
        Ok(())
    }

    fn demand_anchor(&self, keys: &KeyChain, findings: &[AnchorFinding], reliance: &Reliance) -> Result<(), Error> {
        let size = self.checkpoint.size();
        let period = keys.at(size);
        let revoked = reliance.revoked.iter().filter(|revoked| revoked.vkey == period.vkey);
        let Some(untrusted_from) = revoked.map(|revoked| revoked.untrusted_from).chain(period.untrusted_from).min()
        else {
            return Ok(());
        };
        let anchored = findings.iter().any(|finding| finding.verdict.is_proven() && finding.anchor.size >= size);
        if size < untrusted_from || anchored { Ok(()) } else { Err(Error::NeedsAnchor { size, untrusted_from }) }
    }
}

fn unanchored(streams: &Streams, findings: &[AnchorFinding]) -> Unanchored {
    let entries = || streams.values().flatten();
    let times: Vec<CheckpointTime> =
        entries().map(|entry| CheckpointTime { size: entry.index + 1, at: entry.entry.recorded_at }).collect();
    let proven: Vec<CheckpointTime> = findings
        .iter()
        .filter(|finding| finding.verdict.is_proven())
        .map(|finding| CheckpointTime { size: finding.anchor.size, at: finding.anchor.at })
        .collect();
    let last = times.iter().map(|time| time.at).chain(proven.iter().map(|time| time.at)).max();
    longest_unanchored_stretch(&times, &proven, last.unwrap_or_default())
}

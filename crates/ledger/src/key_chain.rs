//! Which key signs at which size: the chain from the opening entry over every rotation.
//!
//! Invariant: a key follows another only by an entry signed as the rules of its reason ask.

use tickmark_canonical::Digest;

use crate::{
    control::{Control, KeyRotation, RotationReason},
    entry::{Entry, LEDGER_STREAM},
    error::{Corrupt, Error},
    key::VerifierKey,
};

/// One key and the sizes it signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPeriod {
    /// The key.
    pub vkey: VerifierKey,
    /// Smallest size whose checkpoint it signs.
    pub from_size: u64,
    /// Why it came; `None` for the first key.
    pub reason: Option<RotationReason>,
    /// Size from which on its checkpoints are not believed without an outside anchor.
    pub untrusted_from: Option<u64>,
}

/// A stretch of sizes whose checkpoints were signed under a key that somebody else had, or may have had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Distrusted {
    /// First size that is not believed without an anchor.
    pub from_size: u64,
    /// Last size signed under that key.
    pub to_size: u64,
}

/// The keys of a ledger, in the order in which they were in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyChain {
    origin: String,
    recovery_vkey: VerifierKey,
    first: KeyPeriod,
    later: Vec<KeyPeriod>,
}

impl KeyChain {
    /// Begins the chain from entry 0, which must open the ledger `origin`.
    pub fn open(origin: &str, entry: &Entry) -> Result<Self, Error> {
        let wrong = |found: String| Corrupt::new("entry 0", format!("the entry that opens ledger `{origin}`"), found);
        if entry.stream != LEDGER_STREAM {
            return Err(wrong(format!("an entry of stream `{}`", entry.stream)).into());
        }
        let control = Control::from_body(&entry.body).map_err(|error| wrong(error.to_string()))?;
        let Control::LedgerOpened { origin: named, vkey, recovery_vkey } = control else {
            return Err(wrong("another control entry".to_owned()).into());
        };
        if named != origin {
            return Err(wrong(format!("the entry that opens ledger `{named}`")).into());
        }
        if vkey.name() != origin || recovery_vkey.name() != origin || vkey == recovery_vkey {
            return Err(wrong("keys that are not this ledger's".to_owned()).into());
        }
        let first = KeyPeriod { vkey, from_size: 1, reason: None, untrusted_from: None };
        Ok(Self { origin: origin.to_owned(), recovery_vkey, first, later: Vec::new() })
    }

    /// Takes the next entry of the stream `ledger`, at `index`; `root` is the tree's root at that size.
    pub fn follow(
        &mut self,
        index: u64,
        entry: &Entry,
        root: impl FnOnce() -> Result<Digest, Error>,
    ) -> Result<(), Error> {
        let what = || format!("entry {index}");
        let control = Control::from_body(&entry.body)
            .map_err(|error| Corrupt::new(what(), "a control entry", format!("{error}: {}", entry.body)))?;
        match control {
            Control::LedgerOpened { .. } => {
                Err(Corrupt::new(what(), "a rotation or a mark", "an entry that opens a ledger").into())
            }
            Control::KeyRotated(rotation) => self.rotate(index, *rotation, &root()?),
            Control::StreamsMarked { .. } => Ok(()),
        }
    }

    fn rotate(&mut self, index: u64, rotation: KeyRotation, root: &Digest) -> Result<(), Error> {
        let what = format!("key rotation in entry {index}");
        if rotation.size != index || rotation.root != *root {
            let found = format!("for size {} and root {}", rotation.size, rotation.root);
            return Err(Corrupt::new(what, format!("for size {index} and root {root}"), found).into());
        }
        let current = self.current().vkey.clone();
        rotation
            .check(&self.origin, &current, &self.recovery_vkey)
            .map_err(|error| Corrupt::new(what, "a rotation that the keys in force allow", error))?;
        if let Some(untrusted_from) = rotation.untrusted_from {
            self.distrust(untrusted_from, index);
        }
        self.recovery_vkey = rotation.recovery_vkey;
        self.later.push(KeyPeriod {
            vkey: rotation.new_vkey,
            from_size: index + 1,
            reason: Some(rotation.reason),
            untrusted_from: None,
        });
        Ok(())
    }

    /// A thief may have rotated in between, so every key in force at or after `untrusted_from` loses trust.
    fn distrust(&mut self, untrusted_from: u64, until: u64) {
        let ends: Vec<u64> = self.later.iter().map(|period| period.from_size - 1).chain([until]).collect();
        let periods = std::iter::once(&mut self.first).chain(self.later.iter_mut());
        for (period, end) in periods.zip(ends) {
            if end >= untrusted_from {
                let from = period.from_size.max(untrusted_from);
                period.untrusted_from = Some(period.untrusted_from.map_or(from, |before| before.min(from)));
            }
        }
    }

    /// Name of the ledger.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The recovery key in force.
    pub const fn recovery_vkey(&self) -> &VerifierKey {
        &self.recovery_vkey
    }

    /// The key in force now.
    pub fn current(&self) -> &KeyPeriod {
        self.later.last().unwrap_or(&self.first)
    }

    /// All keys, the first one first.
    pub fn periods(&self) -> impl DoubleEndedIterator<Item = &KeyPeriod> {
        std::iter::once(&self.first).chain(&self.later)
    }

    /// The key that signs the checkpoint at `size`.
    pub fn at(&self, size: u64) -> &KeyPeriod {
        self.periods().rev().find(|period| period.from_size <= size).unwrap_or(&self.first)
    }

    /// Whether `vkey` was ever in force.
    pub fn contains(&self, vkey: &VerifierKey) -> bool {
        self.periods().any(|period| period.vkey == *vkey)
    }

    /// The stretches of sizes signed under a key that lost trust.
    pub fn distrusted(&self) -> Vec<Distrusted> {
        let ends = self.later.iter().map(|period| period.from_size - 1);
        self.periods()
            .zip(ends)
            .filter_map(|(period, to_size)| {
                period.untrusted_from.filter(|from| *from <= to_size).map(|from_size| Distrusted { from_size, to_size })
            })
            .collect()
    }
}

//! The items with the smallest ranks so far, in constant memory.

use std::collections::BTreeMap;

use tickmark_canonical::Digest;

use super::{DrawnItem, Offer, SamplingRefusal};

/// At most `most` items, by rank.
#[derive(Debug, Clone, Default)]
pub(super) struct Kept {
    most: usize,
    items: BTreeMap<Digest, DrawnItem>,
    /// The largest rank that is kept, once there are enough.
    bar: Option<Digest>,
    seen: u64,
}

impl Kept {
    pub(super) fn new(most: u64) -> Self {
        Self { most: usize::try_from(most).unwrap_or(usize::MAX), ..Self::default() }
    }

    pub(super) const fn seen(&self) -> u64 {
        self.seen
    }

    /// Keeps an item if its rank is small enough. Equal keys have equal ranks, so a second one shows.
    pub(super) fn offer(&mut self, rank: Digest, position: u64, offer: &Offer<'_>) -> Result<(), SamplingRefusal> {
        self.seen += 1;
        if self.most == 0 || self.bar.is_some_and(|bar| rank > bar) {
            return Ok(());
        }
        if let Some(twin) = self.items.insert(rank, DrawnItem::new(rank, position, offer)) {
            return Err(SamplingRefusal::DuplicateKey { first: twin.position, second: position });
        }
        if self.items.len() > self.most {
            self.items.pop_last();
        }
        if self.items.len() == self.most {
            self.bar = self.items.last_key_value().map(|(rank, _)| *rank);
        }
        Ok(())
    }

    /// Smallest rank first.
    pub(super) fn into_items(self) -> impl Iterator<Item = DrawnItem> {
        self.items.into_values()
    }
}

//! The extracts of a dataset that bear on the days of an engagement, and what they add up to.

use jiff::civil::Date;
use tickmark_canonical::Digest;
use tickmark_domain::{DatasetId, Evidence, Span, State};

/// Extracts in the order of their entries.
pub(crate) struct Extracts<'a>(Vec<&'a Evidence>);

/// The extracts of `dataset` that cover a day on or after the first of `days`.
pub(crate) fn extracts_of<'a>(state: &'a State, dataset: &DatasetId, days: Span) -> Extracts<'a> {
    Extracts(state.evidence_of(dataset).iter().filter(|extract| extract.covers.last >= days.first).collect())
}

impl<'a> Extracts<'a> {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &'a Evidence> {
        self.0.iter().copied()
    }

    pub(crate) fn count(&self) -> u64 {
        self.0.len() as u64
    }

    /// Rows stored.
    pub(crate) fn rows(&self) -> u64 {
        self.iter().map(|extract| extract.rows).sum()
    }

    pub(crate) fn last(&self) -> Option<&'a Evidence> {
        self.0.last().copied()
    }

    pub(crate) fn last_entry(&self) -> Option<u64> {
        self.last().map(|extract| extract.entry)
    }

    /// The first and the last day that any of them covers.
    pub(crate) fn days(&self) -> Option<(Date, Date)> {
        let first = self.iter().map(|extract| extract.covers.first).min()?;
        Some((first, self.iter().map(|extract| extract.covers.last).max()?))
    }

    /// One digest over the digests of all their manifests.
    pub(crate) fn digest(&self) -> Digest {
        let manifests: Vec<&[u8]> = self.iter().map(|extract| extract.manifest.as_bytes().as_slice()).collect();
        Digest::of_parts(&manifests)
    }
}

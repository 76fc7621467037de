//! The extracts of a dataset that count over the days of an engagement, and what they add up to.

use jiff::civil::Date;
use tickmark_canonical::Digest;
use tickmark_domain::{CountingExtracts, DatasetId, Evidence, ReadAgain, Span, State};

/// Extracts in the order of their entries.
pub(crate) struct Extracts<'a>(CountingExtracts<'a>);

/// The extracts of `dataset` that count and cover a day on or after the first of `days`.
pub(crate) fn extracts_of<'a>(state: &'a State, dataset: &DatasetId, days: Span) -> Extracts<'a> {
    Extracts(state.counting_extracts(dataset, days.first))
}

impl<'a> Extracts<'a> {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &'a Evidence> {
        self.0.extracts.iter().copied()
    }

    pub(crate) fn count(&self) -> u64 {
        self.0.extracts.len() as u64
    }

    /// Rows stored; none if extracts overlap in part.
    pub(crate) fn rows(&self) -> Option<u64> {
        self.0.rows()
    }

    /// Extracts that do not count, since all their days were read again; none if there are none.
    pub(crate) fn read_again(&self) -> Option<u64> {
        Some(self.0.read_again).filter(|extracts| *extracts > 0)
    }

    /// Rows that were late, restated or vanished where days were read again, each with its word; those of which there are none
    /// are left out.
    pub(crate) fn changes(&self) -> [(&'static str, Option<u64>); 3] {
        let ReadAgain { late, restated, vanished } = self.0.changes;
        let some = |rows| Some(rows).filter(|rows| *rows > 0);
        [("late", some(late)), ("restated", some(restated)), ("vanished", some(vanished))]
    }

    pub(crate) fn last(&self) -> Option<&'a Evidence> {
        self.0.extracts.last().copied()
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

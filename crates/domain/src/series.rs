//! Series: extracts of a dataset whose days follow on each other, beside one count that the source took of all these days after
//! the last of them.
//!
//! Each extract was compared with the source's count of its own days, at its own time. A row that was booked into a day after the
//! extract of that day was made, or that fell between two extracts, shows in one count of all days only.
//!
//! Invariant: nothing rests on an extract of a series that does not reconcile, until its days are read again.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{Author, CatalogIndex, DatasetId, Event, Evidence, Recorded, Refusal, Role, SourceId, Span, State};

/// Record what a source counts of the days of a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReconcileSeries {
    /// The dataset.
    pub dataset: DatasetId,
    /// The source.
    pub source: SourceId,
    /// Its extracts, by their manifests, each of the days after those of the one before.
    pub extracts: Vec<Digest>,
    /// Rows that the source counts; none if it could not be asked.
    pub source_rows: Option<u64>,
    /// Control totals that were compared.
    pub totals: u64,
    /// How many of them differ.
    pub totals_differ: u64,
    /// When it was counted.
    pub counted_at: Timestamp,
    /// Why the series does not reconcile (vault text).
    pub differs_because: Option<Digest>,
}

/// A series was compared with the source's count of all its days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesReconciled {
    /// The dataset.
    pub dataset: DatasetId,
    /// The source.
    pub source: SourceId,
    /// The days counted.
    pub covers: Span,
    /// Extracts of these days.
    pub extracts: u64,
    /// Rows that they hold.
    pub rows: u64,
    /// Rows that the source counts; none if it could not be asked.
    pub source_rows: Option<u64>,
    /// Control totals that were compared.
    pub totals: u64,
    /// How many of them differ.
    pub totals_differ: u64,
    /// When it was counted.
    pub counted_at: Timestamp,
    /// Why the series does not reconcile (vault text); none if it does.
    pub differs_because: Option<Digest>,
}

/// A series as the ledger knows it. The dataset is the key under which [`State`] holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    /// The source.
    pub source: SourceId,
    /// The days counted.
    pub covers: Span,
    /// Extracts of these days.
    pub extracts: u64,
    /// Rows that they hold.
    pub rows: u64,
    /// Rows that the source counts; none if it could not be asked.
    pub source_rows: Option<u64>,
    /// Why it does not reconcile (vault text); none if it does.
    pub differs_because: Option<Digest>,
    /// Entry that recorded it.
    pub entry: u64,
}

impl Series {
    /// Whether its extracts hold what the source counts.
    pub fn reconciles(&self) -> bool {
        self.differs_because.is_none()
    }

    /// Whether an extract was there to be counted. One that was made later is of a series of its own; those of the command that
    /// recorded the series may share its entry.
    fn holds(&self, extract: &Evidence) -> bool {
        extract.source == self.source
            && extract.entry <= self.entry
            && self.covers.first <= extract.covers.first
            && extract.covers.last <= self.covers.last
    }
}

pub(crate) fn decide_reconcile(
    state: &State,
    author: &Author,
    catalog: &CatalogIndex,
    command: ReconcileSeries,
) -> Result<Vec<Event>, Refusal> {
    state.require_one_of(author, &[Role::ControlOwner, Role::ComplianceLead, Role::Administrator])?;
    state.require_catalog(catalog)?;
    if !state.sources.contains_key(&command.source) {
        return Err(Refusal::SourceNotApproved(command.source));
    }
    if !catalog.datasets.contains_key(&command.dataset) {
        return Err(Refusal::UnknownDataset(command.dataset));
    }
    let not_borne_out = |why| Refusal::SeriesNotBorneOut { dataset: command.dataset.clone(), why };
    if catalog.is_state(&command.dataset) {
        return Err(not_borne_out("a state of one day is not added to that of another"));
    }
    let mut extracts = Vec::new();
    for manifest in &command.extracts {
        let is_it = |extract: &&Evidence| extract.manifest == *manifest && extract.source == command.source;
        let extract = state.evidence_of(&command.dataset).iter().find(is_it);
        extracts.push(extract.ok_or_else(|| not_borne_out("an extract is not one of this dataset from this source"))?);
    }
    let ([first, ..], [.., last]) = (&*extracts, &*extracts) else {
        return Err(not_borne_out("it names no extract"));
    };
    let covers = Span { first: first.covers.first, last: last.covers.last };
    let follow = |(one, next): (&&Evidence, &&Evidence)| one.covers.last.tomorrow().ok() == Some(next.covers.first);
    if !extracts.iter().zip(extracts.iter().skip(1)).all(follow) {
        return Err(not_borne_out("the days of its extracts do not follow on each other"));
    }
    state.require_over(command.counted_at, covers.last)?;
    let rows = extracts.iter().map(|extract| extract.rows).sum();
    if command.totals_differ > command.totals {
        return Err(not_borne_out("more control totals differ than were compared"));
    }
    let reconciles = command.source_rows == Some(rows) && command.totals_differ == 0;
    match command.differs_because {
        Some(_) if reconciles => return Err(not_borne_out("rows and control totals are the source's own")),
        None if !reconciles => return Err(not_borne_out("it differs from the source's count and does not say why")),
        Some(_) | None => {}
    }
    Ok(vec![Event::SeriesReconciled(SeriesReconciled {
        extracts: extracts.len() as u64,
        rows,
        dataset: command.dataset,
        source: command.source,
        covers,
        source_rows: command.source_rows,
        totals: command.totals,
        totals_differ: command.totals_differ,
        counted_at: command.counted_at,
        differs_because: command.differs_because,
    })])
}

impl State {
    /// The series of a dataset, in the order in which they were recorded.
    pub fn series_of(&self, dataset: &DatasetId) -> &[Series] {
        self.series.get(dataset).map_or(&[], Vec::as_slice)
    }

    /// The newest series that holds an extract and does not reconcile: a row is missing or too many, and nobody knows of which
    /// of its extracts.
    pub fn unreconciled_series(&self, dataset: &DatasetId, extract: &Evidence) -> Option<&Series> {
        self.series_of(dataset).iter().rev().find(|series| !series.reconciles() && series.holds(extract))
    }

    /// Whether an extract holds what its source counts, alone and in its series.
    pub fn is_whole(&self, dataset: &DatasetId, extract: &Evidence) -> bool {
        extract.complete && self.unreconciled_series(dataset, extract).is_none()
    }

    pub(crate) fn apply_series_reconciled(&mut self, event: &SeriesReconciled, recorded: &Recorded) {
        self.series.entry(event.dataset.clone()).or_default().push(Series {
            source: event.source.clone(),
            covers: event.covers,
            extracts: event.extracts,
            rows: event.rows,
            source_rows: event.source_rows,
            differs_because: event.differs_because,
            entry: recorded.index,
        });
    }
}

//! Evidence: extracts (tables) and documents, each named by the digest of what the vault holds.
//!
//! Invariant: nothing of an extract is evidence unless its collection finished; a failure is a fact of its own.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use tickmark_calendar::{Left, left_by_newer};
use tickmark_canonical::Digest;

use crate::{Author, CatalogIndex, ControlId, DatasetId, Event, Recorded, Refusal, Role, SourceId, Span, State};

/// How far from an engagement's date or period evidence may lie: openings and rates of the year before are inputs to
/// the period, and states read during fieldwork show what was entered in it. What lies further is about another year.
const YEARS_AROUND: i16 = 1;

/// Record an extract that a connector finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordEvidence {
    /// The dataset.
    pub dataset: DatasetId,
    /// The source.
    pub source: SourceId,
    /// The source's settings that were used.
    pub settings: Digest,
    /// The manifest (vault object).
    pub manifest: Digest,
    /// Rows stored.
    pub rows: u64,
    /// The source's own count, where it gives one.
    pub source_rows: Option<u64>,
    /// Days that the extract covers; a snapshot covers the day it shows.
    pub covers: Span,
    /// When it was extracted.
    pub extracted_at: Timestamp,
    /// Whether rows and control totals equal the source's own.
    pub complete: bool,
    /// How the rows differ from those that were read before; none if these days were not, or the two cannot be compared.
    pub read_again: Option<ReadAgain>,
}

/// An extract was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceRecorded {
    /// The dataset.
    pub dataset: DatasetId,
    /// The source.
    pub source: SourceId,
    /// The manifest (vault object).
    pub manifest: Digest,
    /// Rows stored.
    pub rows: u64,
    /// The source's own count, where it gives one.
    pub source_rows: Option<u64>,
    /// Days that the extract covers.
    pub covers: Span,
    /// When it was extracted.
    pub extracted_at: Timestamp,
    /// Whether rows and control totals equal the source's own.
    pub complete: bool,
    /// How the rows differ from those that were read before; none if these days were not, or the two cannot be compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_again: Option<ReadAgain>,
}

/// An extract as the ledger knows it. The dataset is the key under which [`State`] holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The source.
    pub source: SourceId,
    /// The manifest (vault object).
    pub manifest: Digest,
    /// Rows stored.
    pub rows: u64,
    /// The source's own count, where it gives one.
    pub source_rows: Option<u64>,
    /// Days that the extract covers.
    pub covers: Span,
    /// When it was extracted.
    pub extracted_at: Timestamp,
    /// Whether rows and control totals equal the source's own.
    pub complete: bool,
    /// How the rows differ from those that were read before; none if these days were not, or the two cannot be compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_again: Option<ReadAgain>,
    /// Entry that recorded it.
    pub entry: u64,
}

/// How the rows of an extract differ from those that earlier extracts of the same source hold of the same days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadAgain {
    /// Rows that are there now and were not then.
    pub late: u64,
    /// Rows of which something else is said now.
    pub restated: u64,
    /// Rows that are there no more.
    pub vanished: u64,
}

impl ReadAgain {
    /// Whether every row is as it was, and none is new.
    pub fn is_same(&self) -> bool {
        *self == Self::default()
    }
}

impl std::ops::AddAssign for ReadAgain {
    fn add_assign(&mut self, other: Self) {
        self.late += other.late;
        self.restated += other.restated;
        self.vanished += other.vanished;
    }
}

/// The extracts of a dataset that count: of each day the newest, as the engine reads them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CountingExtracts<'a> {
    /// In the order of their entries.
    pub extracts: Vec<&'a Evidence>,
    /// Extracts whose days were all read again, so that newer ones took their place.
    pub read_again: u64,
    /// Extracts that count for some of their days only, since newer ones took the others: rows cannot be added up.
    pub in_part: u64,
    /// How rows differed where days were read again, over all extracts.
    pub changes: ReadAgain,
}

/// The source of an extract, its days, when it was taken, and its manifest.
pub type DaysRead<'a> = (&'a str, Span, Timestamp, Digest);

impl Evidence {
    pub(crate) fn days_read(&self) -> DaysRead<'_> {
        (self.source.as_str(), self.covers, self.extracted_at, self.manifest)
    }
}

/// What newer extracts of one dataset leave of the days of each: those of the same source, since no other reads its rows again.
/// The engine chooses rows in the same way: the newest is the one that was taken last.
pub fn left_of_extracts(extracts: &[DaysRead<'_>]) -> Vec<Left> {
    let mut by_source: BTreeMap<&str, Vec<(Timestamp, Digest, Span, usize)>> = BTreeMap::new();
    for (at, (source, covers, extracted_at, manifest)) in extracts.iter().enumerate() {
        by_source.entry(source).or_default().push((*extracted_at, *manifest, *covers, at));
    }
    let mut left = vec![Left::Whole; extracts.len()];
    for mut of_source in by_source.into_values() {
        of_source.sort_unstable();
        let days: Vec<(Date, Date)> = of_source.iter().map(|(_, _, covers, _)| (covers.first, covers.last)).collect();
        for ((.., at), of_extract) in of_source.iter().zip(left_by_newer(&days)) {
            if let Some(known) = left.get_mut(*at) {
                *known = of_extract;
            }
        }
    }
    left
}

impl CountingExtracts<'_> {
    /// Rows stored; none if extracts overlap in part, since nobody counted the rows that they share.
    pub fn rows(&self) -> Option<u64> {
        (self.in_part == 0).then(|| self.extracts.iter().map(|extract| extract.rows).sum())
    }
}

/// The manifests of a state's extracts, once somebody asked for them: most who open a ledger record nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Manifests(OnceLock<BTreeSet<Digest>>);

impl Manifests {
    fn of(&self, evidence: &BTreeMap<DatasetId, Vec<Evidence>>) -> &BTreeSet<Digest> {
        self.0.get_or_init(|| evidence.values().flatten().map(|extract| extract.manifest).collect())
    }

    fn add(&mut self, manifest: Digest) {
        if let Some(known) = self.0.get_mut() {
            known.insert(manifest);
        }
    }
}

/// They follow from the extracts, and so decide nothing.
impl PartialEq for Manifests {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Manifests {}

/// Record that a collection failed, so that a hole in the evidence shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordCollectionFailure {
    /// The dataset; none if it was the source's documents.
    pub dataset: Option<DatasetId>,
    /// The source.
    pub source: SourceId,
    /// Days that the extract would have covered.
    pub covers: Span,
    /// What went wrong (vault text).
    pub message: Digest,
    /// When it was tried.
    pub tried_at: Timestamp,
}

/// A collection failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectionFailed {
    /// The dataset; none if it was the source's documents.
    pub dataset: Option<DatasetId>,
    /// The source.
    pub source: SourceId,
    /// Days that the extract would have covered.
    pub covers: Span,
    /// What went wrong (vault text).
    pub message: Digest,
    /// When it was tried.
    pub tried_at: Timestamp,
}

/// Record a document with a statement of its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordDocument {
    /// The document (vault object).
    pub document: Digest,
    /// Who attests to it, when and from where it came (vault object).
    pub statement: Digest,
    /// The source.
    pub source: SourceId,
    /// The source's settings that were used.
    pub settings: Digest,
    /// The control it is evidence for.
    pub control: Option<ControlId>,
    /// The date that the document speaks of.
    pub dated_on: Date,
}

/// A document was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentRecorded {
    /// The document (vault object).
    pub document: Digest,
    /// Who attests to it, when and from where it came (vault object).
    pub statement: Digest,
    /// The source.
    pub source: SourceId,
    /// The control it is evidence for.
    pub control: Option<ControlId>,
    /// The date that the document speaks of.
    pub dated_on: Date,
}

/// A document as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// The document (vault object).
    pub document: Digest,
    /// Who attests to it, when and from where it came (vault object).
    pub statement: Digest,
    /// The source.
    pub source: SourceId,
    /// The control it is evidence for.
    pub control: Option<ControlId>,
    /// The date that the document speaks of.
    pub dated_on: Date,
    /// Entry that recorded it.
    pub entry: u64,
}

pub(crate) fn decide_record(
    state: &State,
    author: &Author,
    catalog: &CatalogIndex,
    command: RecordEvidence,
) -> Result<Vec<Event>, Refusal> {
    state.require_one_of(author, &[Role::ControlOwner, Role::ComplianceLead, Role::Administrator])?;
    state.require_catalog(catalog)?;
    state.require_source(&command.source, command.settings)?;
    if !catalog.datasets.contains_key(&command.dataset) {
        return Err(Refusal::UnknownDataset(command.dataset));
    }
    if state.manifests.of(&state.evidence).contains(&command.manifest)
        && let Some(earlier) = state.evidence.values().flatten().find(|e| e.manifest == command.manifest)
    {
        return Err(Refusal::EvidenceRecorded(earlier.entry));
    }
    state.require_days_of_evidence(catalog, &command.dataset, &command.covers, command.extracted_at)?;
    Ok(vec![Event::EvidenceRecorded(EvidenceRecorded {
        dataset: command.dataset,
        source: command.source,
        manifest: command.manifest,
        rows: command.rows,
        source_rows: command.source_rows,
        covers: command.covers,
        extracted_at: command.extracted_at,
        complete: command.complete,
        read_again: command.read_again,
    })])
}

/// The day that it is, at an instant, where days begin first: a source's own zone may be ahead of the organization's.
fn furthest_day(at: Timestamp) -> Date {
    const FURTHEST_AHEAD: jiff::tz::Offset = jiff::tz::Offset::constant(14);
    at.to_zoned(jiff::tz::TimeZone::fixed(FURTHEST_AHEAD)).date()
}

pub(crate) fn decide_failure(
    state: &State,
    author: &Author,
    catalog: &CatalogIndex,
    command: RecordCollectionFailure,
) -> Result<Vec<Event>, Refusal> {
    state.require_one_of(author, &[Role::ControlOwner, Role::ComplianceLead, Role::Administrator])?;
    state.require_catalog(catalog)?;
    if !state.sources.contains_key(&command.source) {
        return Err(Refusal::SourceNotApproved(command.source));
    }
    if let Some(dataset) = command.dataset.as_ref().filter(|dataset| !catalog.datasets.contains_key(*dataset)) {
        return Err(Refusal::UnknownDataset(dataset.clone()));
    }
    Ok(vec![Event::CollectionFailed(CollectionFailed {
        dataset: command.dataset,
        source: command.source,
        covers: command.covers,
        message: command.message,
        tried_at: command.tried_at,
    })])
}

pub(crate) fn decide_document(
    state: &State,
    author: &Author,
    catalog: &CatalogIndex,
    command: RecordDocument,
) -> Result<Vec<Event>, Refusal> {
    state.require_one_of(author, &[Role::ControlOwner, Role::ComplianceLead, Role::Administrator])?;
    state.require_catalog(catalog)?;
    state.require_source(&command.source, command.settings)?;
    if let Some(control) = &command.control
        && !state.controls.contains_key(control)
    {
        return Err(Refusal::UnknownControl(control.clone()));
    }
    if let Some(earlier) =
        state.documents.iter().find(|d| d.document == command.document && d.control == command.control)
    {
        return Err(Refusal::EvidenceRecorded(earlier.entry));
    }
    Ok(vec![Event::DocumentRecorded(DocumentRecorded {
        document: command.document,
        statement: command.statement,
        source: command.source,
        control: command.control,
        dated_on: command.dated_on,
    })])
}

impl State {
    /// Refuses days that are no engagement's and no year's beside one, days after those of the extract, and a state of a day
    /// that was not over when it was read.
    pub fn require_days_of_evidence(
        &self,
        catalog: &CatalogIndex,
        dataset: &DatasetId,
        days: &Span,
        extracted_at: Timestamp,
    ) -> Result<(), Refusal> {
        let meets = |engagement: &crate::Engagement| engagement.report_type.span().widened(YEARS_AROUND).meets(days);
        // History may be collected before the first engagement is opened.
        if !self.engagements.is_empty() && !self.engagements.values().any(meets) {
            return Err(Refusal::OutsideEveryPeriod { first: days.first, last: days.last });
        }
        if days.last > furthest_day(extracted_at) {
            return Err(Refusal::CoversTheFuture { last: days.last });
        }
        if catalog.is_state(dataset) { self.require_over(extracted_at, days.last) } else { Ok(()) }
    }

    /// Whether a document or an extract of that digest was recorded.
    pub(crate) fn holds_evidence(&self, digest: &Digest) -> bool {
        self.manifests.of(&self.evidence).contains(digest) || self.documents.iter().any(|d| d.document == *digest)
    }

    /// The extracts among some evidence.
    pub(crate) fn extracts_named<'a>(&'a self, named: &'a BTreeSet<Digest>) -> impl Iterator<Item = &'a Evidence> {
        let any = named.iter().any(|digest| self.manifests.of(&self.evidence).contains(digest));
        let all = self.evidence.values().flatten().filter(move |_| any);
        all.filter(|extract| named.contains(&extract.manifest))
    }

    /// The extracts of a dataset, in the order in which they were recorded.
    pub fn evidence_of(&self, dataset: &DatasetId) -> &[Evidence] {
        self.evidence.get(dataset).map_or(&[], Vec::as_slice)
    }

    /// Whether a dataset was ever collected, or tried to: a system that was connected and does not answer is there.
    pub fn was_collected(&self, dataset: &DatasetId) -> bool {
        let failed = || self.failed_collections.iter().any(|(failed, _)| failed.dataset.as_ref() == Some(dataset));
        !self.evidence_of(dataset).is_empty() || failed()
    }

    /// The extracts of a dataset that count and cover a day on or after `since`. A state that was read after the days tested
    /// is what tests over those days fall back on, so it counts.
    pub fn counting_extracts(&self, dataset: &DatasetId, since: Date) -> CountingExtracts<'_> {
        let all = self.evidence_of(dataset);
        let days: Vec<DaysRead<'_>> = all.iter().map(Evidence::days_read).collect();
        let mut counting = CountingExtracts::default();
        for (extract, left) in all.iter().zip(left_of_extracts(&days)) {
            if extract.covers.last < since {
                continue;
            }
            counting.changes += extract.read_again.unwrap_or_default();
            match left {
                Left::Nothing => counting.read_again += 1,
                Left::Part => {
                    counting.in_part += 1;
                    counting.extracts.push(extract);
                }
                Left::Whole => counting.extracts.push(extract),
            }
        }
        counting
    }

    /// The extracts of a dataset on which a result may rest: those that are complete, alone and in their series, and those whose
    /// days were all read again: what these lack, newer ones have, and a history reads both.
    pub(crate) fn extracts_to_rest_on(&self, dataset: &DatasetId) -> impl Iterator<Item = &Evidence> {
        let all = self.evidence_of(dataset);
        let days: Vec<DaysRead<'_>> = all.iter().map(Evidence::days_read).collect();
        let left = left_of_extracts(&days);
        let to_rest_on =
            all.iter().zip(left).filter(|(extract, left)| *left == Left::Nothing || self.is_whole(dataset, extract));
        to_rest_on.map(|(extract, _)| extract)
    }

    /// The organization's local date at an instant.
    pub fn local_date(&self, at: Timestamp) -> Option<Date> {
        let zone = jiff::tz::TimeZone::get(&self.organization.as_ref()?.zone).ok()?;
        Some(at.to_zoned(zone).date())
    }

    /// Refuses a date that has not come yet where the organization is: nobody signs for a day to come, and so no package is
    /// final before its as-of date or last day.
    pub(crate) fn require_past(&self, author: &Author, dated_on: Date) -> Result<(), Refusal> {
        match self.local_date(author.at) {
            Some(today) if dated_on > today => Err(Refusal::DatedInTheFuture { dated_on, today }),
            Some(_) | None => Ok(()),
        }
    }

    /// The last day that is over, at an instant, where the organization is.
    pub fn last_day_over(&self, at: Timestamp) -> Option<Date> {
        self.local_date(at)?.yesterday().ok()
    }

    /// Refuses a day that was not over, at an instant, where the organization is.
    pub(crate) fn require_over(&self, at: Timestamp, day: Date) -> Result<(), Refusal> {
        match self.last_day_over(at) {
            Some(last_over) if day > last_over => Err(Refusal::DayNotOver { day }),
            Some(_) | None => Ok(()),
        }
    }

    /// Refuses a day that cannot be meant: before there were such programs, or more than ten years ahead.
    pub(crate) fn require_plausible(&self, author: &Author, day: Date) -> Result<(), Refusal> {
        let first = jiff::civil::date(1980, 1, 1);
        let today = self.local_date(author.at).unwrap_or_else(|| author.at.to_zoned(jiff::tz::TimeZone::UTC).date());
        let last = today.saturating_add(jiff::Span::new().years(10));
        if (first..=last).contains(&day) { Ok(()) } else { Err(Refusal::ImplausibleDay { day, first, last }) }
    }

    pub(crate) fn apply_evidence_recorded(&mut self, event: &EvidenceRecorded, recorded: &Recorded) {
        self.manifests.add(event.manifest);
        self.evidence.entry(event.dataset.clone()).or_default().push(Evidence {
            // Share the approval's id: a million extracts name a handful of sources.
            source: self
                .sources
                .get_key_value(&event.source)
                .map_or_else(|| event.source.clone(), |(known, _)| known.clone()),
            manifest: event.manifest,
            rows: event.rows,
            source_rows: event.source_rows,
            covers: event.covers,
            extracted_at: event.extracted_at,
            complete: event.complete,
            read_again: event.read_again,
            entry: recorded.index,
        });
    }

    pub(crate) fn apply_collection_failed(&mut self, event: &CollectionFailed, recorded: &Recorded) {
        self.failed_collections.push((event.clone(), recorded.index));
    }

    pub(crate) fn apply_document_recorded(&mut self, event: &DocumentRecorded, recorded: &Recorded) {
        self.documents.push(Document {
            document: event.document,
            statement: event.statement,
            source: event.source.clone(),
            control: event.control.clone(),
            dated_on: event.dated_on,
            entry: recorded.index,
        });
    }
}

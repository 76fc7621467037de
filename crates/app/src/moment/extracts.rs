//! Extracts as pages show them: the list, and one with its provenance and proof of completeness.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use tickmark_canonical::Digest;
use tickmark_domain::{DatasetId, DaysRead, Evidence, Left, ReadAgain, Span, State, left_of_extracts};
use tickmark_vault::Manifest;

use super::{Moment, rows::RowsPage};
use crate::Error;

/// An extract in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedExtract {
    /// The dataset.
    pub dataset: String,
    /// The source.
    pub source: String,
    /// The manifest, which names the extract.
    pub manifest: Digest,
    /// Rows stored.
    pub rows: u64,
    /// The source's own count, where it gives one.
    pub source_rows: Option<u64>,
    /// Days that it covers.
    pub covers: Span,
    /// When it was extracted.
    pub extracted_at: Timestamp,
    /// Whether rows and control totals equal the source's own, those of the extract and those of its series.
    pub complete: bool,
    /// The days of the series that it belongs to, if that does not reconcile.
    pub unreconciled: Option<Span>,
    /// How rows differ from those that were read before, if these days were.
    pub read_again: Option<ReadAgain>,
    /// What newer ones leave of its days.
    pub left: Left,
    /// Entry that recorded it.
    pub entry: u64,
}

/// An extract with its manifest.
#[derive(Debug, Clone)]
pub struct ExtractView {
    /// As in the list.
    pub listed: ListedExtract,
    /// What the vault keeps about it; none once it was erased.
    pub manifest: Option<Manifest>,
    /// What the dataset is.
    pub title: String,
    /// Whether its rows are personal data.
    pub personal: bool,
    /// Control tests that read the dataset.
    pub tests: Vec<String>,
}

impl Moment {
    /// All extracts, by dataset, in the order in which they were recorded.
    pub fn extracts(&self) -> Vec<ListedExtract> {
        self.state.evidence.iter().flat_map(|(dataset, of)| listed(&self.state, dataset, of)).collect()
    }

    /// One extract, by its manifest.
    pub fn extract(&self, manifest: &str) -> Result<ExtractView, Error> {
        let listed = self.listed_extract(manifest)?;
        let manifest = match self.vault.manifest(&listed.manifest) {
            Ok(manifest) => Some(manifest),
            Err(tickmark_vault::Error::Erased { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let dataset = self.catalog.datasets.get(listed.dataset.as_str());
        let tests = self.index.tests.iter();
        let reads = |datasets: &BTreeSet<DatasetId>| datasets.iter().any(|id| id.as_str() == listed.dataset);
        Ok(ExtractView {
            manifest,
            title: dataset.map_or_else(String::new, |dataset| dataset.title.clone()),
            personal: dataset.is_none_or(|dataset| dataset.personal),
            tests: tests.filter(|(_, rule)| reads(&rule.datasets)).map(|(id, _)| id.to_string()).collect(),
            listed,
        })
    }

    /// The rows of an extract, on a page counted from 1.
    pub fn rows_of_extract(&self, manifest: &str, page: u64) -> Result<RowsPage, Error> {
        self.rows_page(&self.listed_extract(manifest)?.manifest, page)
    }

    fn listed_extract(&self, manifest: &str) -> Result<ListedExtract, Error> {
        let unknown = || Error::Unknown { kind: "extract", name: manifest.to_owned() };
        let digest: Digest = manifest.parse().map_err(|_| unknown())?;
        let mut all = self.state.evidence.iter();
        let found = all.find(|(_, of)| of.iter().any(|evidence| evidence.manifest == digest));
        let mut of_dataset = found.into_iter().flat_map(|(dataset, of)| listed(&self.state, dataset, of));
        of_dataset.find(|listed| listed.manifest == digest).ok_or_else(unknown)
    }
}

/// The extracts of a dataset.
fn listed(state: &State, dataset: &DatasetId, of: &[Evidence]) -> Vec<ListedExtract> {
    let days: Vec<DaysRead<'_>> = of
        .iter()
        .map(|extract| (extract.source.as_str(), extract.covers, extract.extracted_at, extract.manifest))
        .collect();
    let line = |(evidence, left): (&Evidence, Left)| ListedExtract {
        dataset: dataset.to_string(),
        source: evidence.source.to_string(),
        manifest: evidence.manifest,
        rows: evidence.rows,
        source_rows: evidence.source_rows,
        covers: evidence.covers,
        extracted_at: evidence.extracted_at,
        complete: state.is_whole(dataset, evidence),
        unreconciled: state.unreconciled_series(dataset, evidence).map(|series| series.covers),
        read_again: evidence.read_again,
        left,
        entry: evidence.entry,
    };
    of.iter().zip(left_of_extracts(&days)).map(line).collect()
}

/// Extracts added up, of each day the newest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExtractsAddedUp {
    /// How many count.
    pub extracts: u64,
    /// Rows stored; none if extracts overlap in part.
    pub rows: Option<u64>,
    /// Those for which the source gives a count.
    pub counted: u64,
    /// Those of which it is the rows stored.
    pub agreeing: u64,
    /// Those that are not complete.
    pub incomplete: u64,
    /// How many do not count, since newer ones among these took all their days.
    pub read_again: u64,
}

impl ExtractsAddedUp {
    /// Adds up these extracts as if there were no others: what a result read counts for it, whatever was read again since.
    pub fn of(extracts: &[ListedExtract]) -> Self {
        let mut datasets: BTreeMap<&str, Vec<&ListedExtract>> = BTreeMap::new();
        extracts.iter().for_each(|extract| datasets.entry(&extract.dataset).or_default().push(extract));
        let mut sum = Self { rows: Some(0), ..Self::default() };
        for of in datasets.values() {
            let days: Vec<DaysRead<'_>> =
                of.iter().map(|e| (e.source.as_str(), e.covers, e.extracted_at, e.manifest)).collect();
            for (extract, left) in of.iter().zip(left_of_extracts(&days)) {
                sum.rows = match left {
                    Left::Nothing => {
                        sum.read_again += 1;
                        continue;
                    }
                    Left::Part => None,
                    Left::Whole => sum.rows.map(|rows| rows + extract.rows),
                };
                sum.extracts += 1;
                sum.counted += u64::from(extract.source_rows.is_some());
                sum.agreeing += u64::from(extract.source_rows == Some(extract.rows));
                sum.incomplete += u64::from(!extract.complete);
            }
        }
        sum
    }
}

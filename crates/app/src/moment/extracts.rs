//! Extracts as pages show them: the list, and one with its provenance and proof of completeness.

use jiff::Timestamp;
use tickmark_canonical::Digest;
use tickmark_domain::{Evidence, Span};
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
    /// Whether rows and control totals equal the source's own.
    pub complete: bool,
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
        let all = self.state.evidence.iter();
        all.flat_map(|(dataset, of)| of.iter().map(move |evidence| listed(dataset.as_str(), evidence))).collect()
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
        let reads = |datasets: &std::collections::BTreeSet<tickmark_domain::DatasetId>| {
            datasets.iter().any(|id| id.as_str() == listed.dataset)
        };
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
        let found = all.find_map(|(id, of)| Some((id, of.iter().find(|evidence| evidence.manifest == digest)?)));
        found.map(|(id, evidence)| listed(id.as_str(), evidence)).ok_or_else(unknown)
    }
}

fn listed(dataset: &str, evidence: &Evidence) -> ListedExtract {
    ListedExtract {
        dataset: dataset.to_owned(),
        source: evidence.source.to_string(),
        manifest: evidence.manifest,
        rows: evidence.rows,
        source_rows: evidence.source_rows,
        covers: evidence.covers,
        extracted_at: evidence.extracted_at,
        complete: evidence.complete,
        entry: evidence.entry,
    }
}

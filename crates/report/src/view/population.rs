//! The record of information produced by the entity for one frozen population: everything that shows where its rows come
//! from, and who checked that they are complete and accurate. It prints no figure of an engagement, and so is no
//! [`super::Document`]; a firm reads it beside the rows.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Everything the record of a population prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PopulationView {
    /// The organization's name.
    pub organization: String,
    /// The engagement.
    pub engagement: String,
    /// The population's id.
    pub population: String,
    /// The controls that should have applied to its items: id and title.
    pub controls: Vec<(String, String)>,
    /// Which query says what the items are, in words.
    pub definition: String,
    /// The query.
    pub sql: String,
    /// The columns that name an item.
    pub item: Vec<String>,
    /// The parameters that the query was run with.
    pub parameters: BTreeMap<String, String>,
    /// First day.
    pub first: Date,
    /// Last day.
    pub last: Date,
    /// The rows.
    pub rows: RowsView,
    /// Rows that the vault holds; the same number as the items, or the record is wrong.
    pub rows_stored: u64,
    /// Who froze it.
    pub frozen_by: String,
    /// When, as an instant.
    pub frozen_at: String,
    /// Why it was frozen once more.
    pub reason: Option<String>,
    /// Other populations of the engagement over days of these, of the same query or control.
    pub beside: Vec<String>,
    /// The catalog in force, by digest.
    pub catalog: String,
    /// Checks, oldest first.
    pub checks: Vec<PopulationCheckView>,
    /// What management may rest on it.
    pub for_management: String,
    /// What the firm may rest on it.
    pub for_firm: String,
    /// Samples drawn from it: id, whose, how many items.
    pub samples: Vec<(String, String, u64)>,
    /// Entry that recorded it.
    pub entry: u64,
    /// The ledger size whose state this shows.
    pub ledger_size: u64,
}

/// What a query returned, and from where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowsView {
    /// Sources: id, title, and who stands behind it.
    pub sources: Vec<String>,
    /// How many items.
    pub items: u64,
    /// The column that is summed and its sum.
    pub control_total: Option<(String, String)>,
    /// When the newest extract was made, as an instant.
    pub extracted_at: String,
    /// The extracts read.
    pub extracts: Vec<ExtractRead>,
    /// Digest of what was asked.
    pub query: String,
    /// Digest of the canonical rows, as the ledger has it.
    pub rows_digest: String,
    /// The manifest of the rows.
    pub manifest: String,
    /// The engine and its version.
    pub engine: String,
}

/// One extract that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtractRead {
    /// The dataset.
    pub dataset: String,
    /// The source.
    pub source: String,
    /// How it was drawn, such as `csv`.
    pub method: String,
    /// First day it covers.
    pub first: Date,
    /// Last day it covers.
    pub last: Date,
    /// Rows stored.
    pub rows: u64,
    /// The source's own count, where it gave one.
    pub source_rows: Option<u64>,
    /// When it was made, as an instant.
    pub extracted_at: String,
    /// Its manifest.
    pub manifest: String,
}

/// A check of completeness and accuracy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PopulationCheckView {
    /// Whose check it is.
    pub side: String,
    /// Whether it passed.
    pub passed: bool,
    /// Who checked.
    pub by: String,
    /// When, as an instant.
    pub at: String,
    /// What was done and seen.
    pub note: String,
    /// The second source.
    pub second: Option<SecondSourceView>,
    /// Why the second source differs.
    pub explanation: Option<String>,
    /// Entry that recorded it.
    pub entry: u64,
}

/// What an independent second source says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecondSourceView {
    /// The query.
    pub sql: String,
    /// Its rows.
    pub rows: RowsView,
    /// Items more (or fewer, with a minus) than the population has.
    pub items_difference: String,
    /// By how much the control totals differ, where both have one.
    pub total_difference: Option<String>,
    /// Its keys beside the population's; none if counts alone were compared.
    #[serde(default)]
    pub keys: Option<KeysView>,
}

/// The keys of a second source beside those of a population.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeysView {
    /// Items that stand on both sides.
    pub both: u64,
    /// Items that the second source does not have.
    pub only_here: u64,
    /// Items that the second source has alone.
    pub only_there: u64,
    /// The first keys that only the population has.
    pub first_here: Vec<String>,
    /// The first keys that only the second source has.
    pub first_there: Vec<String>,
}

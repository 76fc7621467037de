//! What is examined, within which limits, and how it ended.

use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;
use tickmark_catalog::{Calendar, ControlTest, Dataset};
use tickmark_vault::Manifest;

use crate::{PopulationQuery, compiled::Given};

/// Control tests to run over datasets in the vault.
#[derive(Debug, Clone)]
pub struct Job {
    /// Every dataset the tests name; one without manifests is evidence that is missing.
    pub tables: Vec<TableInput>,
    /// The tests.
    pub tests: Vec<ControlTest>,
    /// Queries whose rows are kept as they are.
    pub populations: Vec<PopulationQuery>,
    /// The day whose state the tables show.
    pub on: Date,
    /// First day of the period.
    pub period_start: Date,
    /// Last day of the period.
    pub period_end: Date,
    /// The business calendars that the tests may name.
    pub calendars: Vec<Calendar>,
    /// The organization's IANA time zone, where a day ends; `$zone` of its queries.
    pub zone: String,
    /// When the job was made; result rows carry it.
    pub at: Timestamp,
    /// Within what it has to end.
    pub limits: Limits,
}

impl Job {
    /// The datasets, as plans need them.
    pub(crate) fn datasets(&self) -> Vec<Arc<Dataset>> {
        self.tables.iter().map(|table| Arc::new(table.dataset.clone())).collect()
    }

    /// The parameters that each of its queries has.
    pub(crate) fn given(&self) -> Given<'_> {
        Given { on: self.on, start: self.period_start, end: self.period_end, zone: &self.zone }
    }

    /// The names of its queries.
    pub(crate) fn queries(&self) -> BTreeSet<String> {
        let tests = self.tests.iter().map(|test| test.id.to_string());
        tests.chain(self.populations.iter().map(|query| query.name.clone())).collect()
    }

    /// The job with these of its queries only.
    pub(crate) fn only(&self, queries: &BTreeSet<String>) -> Self {
        let mut job = self.clone();
        job.tests.retain(|test| queries.contains(test.id.as_str()));
        job.populations.retain(|query| queries.contains(&query.name));
        job
    }

    /// How many queries have a limit of time of their own.
    pub(crate) fn asked(&self) -> usize {
        self.tests.len() + self.populations.len()
    }
}

/// A dataset and its extracts.
#[derive(Debug, Clone)]
pub struct TableInput {
    /// The dataset as the catalog in force declares it.
    pub dataset: Dataset,
    /// Its extracts: digests of their manifests, and the manifests.
    pub manifests: Vec<(Digest, Manifest)>,
    /// Why collection of this dataset is not complete, each in a sentence; empty when it is.
    pub incomplete: Vec<String>,
    /// Extracts that are not complete, and why: of matter to what reads them.
    pub incomplete_extracts: Vec<(Digest, String)>,
}

/// Limits of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Memory for queries and checked chunks, in bytes.
    pub memory_bytes: u64,
    /// Time for each query, in seconds.
    pub seconds: u64,
    /// Time for a whole job in a child process, in seconds; as much as its queries may take together if none is named.
    pub job_seconds: Option<u64>,
    /// Threads.
    pub threads: usize,
    /// A folder for what does not fit memory. It holds rows in the clear, so there is none unless asked for.
    pub spill_to: Option<PathBuf>,
}

/// Chunks that were checked are kept in a quarter of a job's memory, and in no more than this.
const MOST_CACHE_BYTES: u64 = 512 << 20;

impl Limits {
    /// For SQL that somebody else wrote, and as many control tests as they liked: so many seconds a query, and thirty times
    /// that all together. All tests of the sample company end in a tenth of one query's default.
    pub fn of_foreign_sql(seconds: u64) -> Self {
        Self { seconds, job_seconds: Some(seconds.saturating_mul(30)), ..Self::default() }
    }

    pub(crate) fn cache_bytes(&self) -> u64 {
        (self.memory_bytes / 4).min(MOST_CACHE_BYTES)
    }

    pub(crate) fn query_bytes(&self) -> u64 {
        self.memory_bytes.saturating_sub(self.cache_bytes())
    }
}

impl Default for Limits {
    /// What the sample company's year of a million payslips needs, with room: 1 GiB, a minute a query, two threads.
    fn default() -> Self {
        Self { memory_bytes: 1 << 30, seconds: 60, job_seconds: None, threads: 2, spill_to: None }
    }
}

/// How one control test ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestOutcome {
    /// The test's id.
    pub test: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The digest of the population's items, when it was counted (see `population`).
    pub population_digest: Option<Digest>,
    /// The manifest of the result rows in the vault, when there are exceptions.
    pub rows: Option<Digest>,
    /// The digest of the result rows, also when there are none.
    pub rows_digest: Option<Digest>,
    /// How many items have exceptions; one item may have several rows.
    pub items: u64,
    /// The columns that name an item: the first columns of the result rows.
    pub item: Vec<String>,
    /// The digest of both queries and their parameters.
    pub sql_digest: Digest,
    /// The manifests read, sorted.
    pub inputs: Vec<Digest>,
    /// The program and its version.
    pub engine: String,
    /// How many canaries were caught; all of them, or the outcome is an error.
    pub canaries_caught: u64,
    /// Inputs that were extracted only after the day asked for.
    pub late: Vec<Late>,
    /// How long it took. No part of any digest.
    pub millis: u64,
}

/// The five ways to end. "We do not know" has two of them and never becomes "no exceptions".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Outcome {
    /// The whole population was tested and nothing was found.
    NoExceptions {
        /// Items tested; above zero.
        population: u64,
    },
    /// Rows were found.
    Exceptions {
        /// Items tested.
        population: u64,
        /// Rows found.
        count: u64,
    },
    /// Nothing happened that could be tested, and the test says that this may be.
    NoOccurrence,
    /// Evidence is missing, incomplete or stale.
    NotEvaluable {
        /// Which, and why.
        reason: String,
    },
    /// The test could not be run, or cannot be believed.
    Error {
        /// What happened.
        message: String,
    },
}

/// An input that was known only later than the day asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Late {
    /// The dataset.
    pub dataset: String,
    /// The manifest.
    pub manifest: Digest,
    /// Since when it is known.
    pub known_since: Timestamp,
    /// The day it is true for, if it is a snapshot.
    pub effective_on: Option<Date>,
}

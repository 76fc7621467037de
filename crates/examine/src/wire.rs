//! A job, or cases, as JSON for a child process, and its results as lines of JSON on the way back.
//!
//! Invariant: what is read back equals what was sent; a line that is not understood is an error of the child.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;
use tickmark_catalog::{
    Assertion, Calendar, Catalog, Column, ControlTest, Dataset, DatasetKind, Id, Parameter, Severity, parse_cases,
};
use tickmark_vault::Manifest;

use crate::{
    CasesReport, Error, Job, Limits, MutationReport, PopulationQuery, PopulationRows, TableInput, TestOutcome,
};

/// What a child is asked.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Request {
    /// To run a job.
    Job(Box<WireJob>),
    /// To run the cases of control tests.
    Cases(Box<WireCases>),
}

/// Control tests with what their cases are written over.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WireCases {
    datasets: Vec<WireDataset>,
    calendars: Vec<Calendar>,
    tests: Vec<WireTest>,
    /// Whether each predicate is replaced, to see which no case protects.
    pub(crate) mutate: bool,
}

/// A job with what a child needs to open the vault.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WireJob {
    /// The vault's folder, absolute.
    pub(crate) root: String,
    pub(crate) namespace: String,
    /// Keys of the sealed objects of the job, in base64.
    pub(crate) keys: String,
    tables: Vec<WireTable>,
    tests: Vec<WireTest>,
    populations: Vec<PopulationQuery>,
    on: Date,
    period_start: Date,
    period_end: Date,
    calendars: Vec<Calendar>,
    zone: String,
    at: Timestamp,
    limits: Limits,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireTable {
    dataset: WireDataset,
    manifests: Vec<(Digest, Manifest)>,
    incomplete: Vec<String>,
    incomplete_extracts: Vec<(Digest, String)>,
}

/// A dataset as fields; the catalog's own form is that of its files.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireDataset {
    id: Id,
    title: String,
    note: Option<String>,
    kind: DatasetKind,
    stale_after_days: Option<u32>,
    key: Vec<String>,
    booked: Option<String>,
    several_sources: bool,
    personal: bool,
    control_totals: Vec<String>,
    columns: Vec<Column>,
}

/// A test; its cases travel as they are written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireTest {
    id: Id,
    title: String,
    controls: Vec<Id>,
    severity: Severity,
    assertions: Vec<Assertion>,
    item: Vec<String>,
    description: String,
    allow_empty: bool,
    parameters: BTreeMap<String, Parameter>,
    population_sql: String,
    test_sql: String,
    cases_md: String,
}

/// One line from a child.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Line {
    /// A query is begun: if nothing more is heard of it, the child died of it or beside it.
    Starts {
        /// The test, or the population query.
        of: String,
    },
    /// Rows of a query begin; their columns.
    Begin {
        /// The test, or the population query.
        of: String,
        /// The columns.
        columns: Vec<tickmark_vault::Column>,
    },
    /// Rows of a query: an Arrow IPC stream in base64.
    Rows {
        /// The test, or the population query.
        of: String,
        /// The stream.
        ipc: String,
    },
    /// A test ended.
    Ended(Box<TestOutcome>),
    /// A population query ended.
    Read(Box<PopulationRows>),
    /// The cases of a test ended.
    Checked(Box<CasesReport>),
    /// The mutants of a test ended.
    Mutated(Box<MutationReport>),
    /// All queries ended.
    Done,
}

impl WireJob {
    pub(crate) fn new(job: &Job, root: String, namespace: String, keys: String) -> Self {
        Self {
            root,
            namespace,
            keys,
            tables: job.tables.iter().map(WireTable::of).collect(),
            tests: job.tests.iter().map(WireTest::of).collect(),
            populations: job.populations.clone(),
            on: job.on,
            period_start: job.period_start,
            period_end: job.period_end,
            calendars: job.calendars.clone(),
            zone: job.zone.clone(),
            at: job.at,
            limits: job.limits.clone(),
        }
    }

    pub(crate) fn into_job(self) -> Result<Job, Error> {
        Ok(Job {
            tables: self.tables.into_iter().map(WireTable::into_table).collect(),
            tests: self.tests.into_iter().map(WireTest::into_test).collect::<Result<_, _>>()?,
            populations: self.populations,
            on: self.on,
            period_start: self.period_start,
            period_end: self.period_end,
            calendars: self.calendars,
            zone: self.zone,
            at: self.at,
            limits: self.limits,
        })
    }
}

impl WireTable {
    fn of(table: &TableInput) -> Self {
        Self {
            dataset: WireDataset::of(&table.dataset),
            manifests: table.manifests.clone(),
            incomplete: table.incomplete.clone(),
            incomplete_extracts: table.incomplete_extracts.clone(),
        }
    }

    fn into_table(self) -> TableInput {
        TableInput {
            dataset: self.dataset.into_dataset(),
            manifests: self.manifests,
            incomplete: self.incomplete,
            incomplete_extracts: self.incomplete_extracts,
        }
    }
}

impl WireDataset {
    fn of(dataset: &Dataset) -> Self {
        let Dataset {
            id,
            title,
            note,
            kind,
            stale_after_days,
            key,
            booked,
            change_log: _,
            several_sources,
            once_collected: _,
            personal,
            control_totals,
            columns,
        } = dataset.clone();
        Self {
            id,
            title,
            note,
            kind,
            stale_after_days,
            key,
            booked,
            several_sources,
            personal,
            control_totals,
            columns,
        }
    }

    fn into_dataset(self) -> Dataset {
        let Self {
            id,
            title,
            note,
            kind,
            stale_after_days,
            key,
            booked,
            several_sources,
            personal,
            control_totals,
            columns,
        } = self;
        Dataset {
            id,
            title,
            note,
            kind,
            stale_after_days,
            key,
            booked,
            change_log: None,
            several_sources,
            once_collected: false,
            personal,
            control_totals,
            columns,
        }
    }
}

/// What cases are run with.
pub(crate) struct CasesParts {
    pub(crate) datasets: Vec<Arc<Dataset>>,
    pub(crate) calendars: Vec<Calendar>,
    pub(crate) tests: Vec<ControlTest>,
}

impl WireCases {
    pub(crate) fn new(tests: &[&ControlTest], catalog: &Catalog, mutate: bool) -> Self {
        Self {
            datasets: catalog.datasets.values().map(WireDataset::of).collect(),
            calendars: catalog.calendars.values().cloned().collect(),
            tests: tests.iter().map(|test| WireTest::of(test)).collect(),
            mutate,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.tests.len()
    }

    pub(crate) fn into_parts(self) -> Result<CasesParts, Error> {
        Ok(CasesParts {
            datasets: self.datasets.into_iter().map(|dataset| Arc::new(dataset.into_dataset())).collect(),
            calendars: self.calendars,
            tests: self.tests.into_iter().map(WireTest::into_test).collect::<Result<_, _>>()?,
        })
    }
}

impl WireTest {
    fn of(test: &ControlTest) -> Self {
        let ControlTest {
            id,
            title,
            controls,
            severity,
            assertions,
            item,
            description,
            allow_empty,
            every: _,
            parameters,
            population_sql,
            test_sql,
            cases_md,
            cases: _,
        } = test.clone();
        Self {
            id,
            title,
            controls,
            severity,
            assertions,
            item,
            description,
            allow_empty,
            parameters,
            population_sql,
            test_sql,
            cases_md,
        }
    }

    fn into_test(self) -> Result<ControlTest, Error> {
        let cases = parse_cases(&self.cases_md)
            .map_err(|error| Error::Job(format!("the cases of {} could not be read: {error}", self.id)))?;
        Ok(ControlTest {
            id: self.id,
            title: self.title,
            controls: self.controls,
            severity: self.severity,
            assertions: self.assertions,
            item: self.item,
            description: self.description,
            allow_empty: self.allow_empty,
            every: None,
            parameters: self.parameters,
            population_sql: self.population_sql,
            test_sql: self.test_sql,
            cases_md: self.cases_md,
            cases,
        })
    }
}

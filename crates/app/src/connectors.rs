//! Connectors of a catalog: what they read, what they need, and whether they hold on their recordings.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use serde::Serialize;
use tickmark_catalog::{Catalog, Connector as Declared, Dataset, DatasetKind, Derived};
use tickmark_collect::{Connector, Connectors, DerivedRows, Extracts, Proof, Rehearsal, SourceConfig, Window};
use tickmark_examine::{Job, Limits, PopulationOutcome, PopulationQuery, TableInput};
use tickmark_vault::{Manifest, SealingKey, Vault};

use crate::{Clock, Error};

/// A connector, for people.
#[derive(Debug, Clone, Serialize)]
pub struct ConnectorLine {
    /// Its name.
    pub connector: String,
    /// Whose product it reads.
    pub title: String,
    /// What it was tried on.
    pub proof: Proof,
    /// Its tables.
    pub tables: Vec<ConnectorTable>,
    /// Datasets that are made of them.
    pub derived: Vec<DerivedDataset>,
    /// The permissions that it needs, and how they are granted.
    pub permissions: String,
    /// What its requests were written after.
    pub documentation: Vec<String>,
    /// A settings file for a source, to be filled in.
    pub example: String,
}

/// A table of a connector.
#[derive(Debug, Clone, Serialize)]
pub struct ConnectorTable {
    /// Its name.
    pub table: String,
    /// What its rows are.
    pub title: String,
    /// How many columns it has.
    pub columns: usize,
    /// Whether it holds personal data.
    pub personal: bool,
}

/// A dataset that is made of a connector's tables.
#[derive(Debug, Clone, Serialize)]
pub struct DerivedDataset {
    /// The dataset.
    pub dataset: String,
    /// The table whose rows it has.
    pub rows_of: String,
    /// Columns of which the product has nothing.
    pub cannot_tell: Vec<String>,
    /// Control tests that read it.
    pub tests: usize,
}

/// How a connector held on its recording.
#[derive(Debug, Clone, Serialize)]
pub struct RehearsalLine {
    /// The connector.
    pub connector: String,
    /// Tables with rows and requests.
    pub tables: Vec<RehearsedLine>,
    /// Answers that went wrong on purpose.
    pub faults: u64,
    /// What does not hold.
    pub problems: Vec<String>,
}

/// A table that came out of a recording.
#[derive(Debug, Clone, Serialize)]
pub struct RehearsedLine {
    /// Its name.
    pub table: String,
    /// Rows.
    pub rows: u64,
    /// Requests that it took.
    pub requests: u64,
}

/// The connectors of a catalog, by name.
pub fn connector_lines(catalog: &Catalog) -> Result<Vec<ConnectorLine>, Error> {
    catalog.connectors.values().map(|declared| line(catalog, declared)).collect()
}

/// One connector of a catalog.
pub fn connector_line(catalog: &Catalog, id: &str) -> Result<ConnectorLine, Error> {
    line(catalog, declared(catalog, id)?)
}

/// Plays its recording to a connector of a catalog: as it was, and with each answer gone wrong in each way. Then makes what is made of
/// its tables.
pub fn rehearse(catalog: &Catalog, id: &str) -> Result<RehearsalLine, Error> {
    let declared = declared(catalog, id)?;
    let connector = Connector::read(declared)?;
    let datasets: Vec<&Dataset> = declared.tables.iter().filter_map(|table| catalog.datasets.get(table)).collect();
    let file = format!("connectors/{id}/recording.toml");
    let rehearsal = Rehearsal::new(&connector, datasets, &file, &declared.recording)?;
    let rehearsed = rehearsal.perform()?;
    let tables = rehearsed.tables.into_iter();
    let tables = tables.map(|table| RehearsedLine { table: table.table, rows: table.count, requests: table.requests });
    let (faults, problems) = (rehearsed.faults, rehearsed.problems);
    let mut line = RehearsalLine { connector: id.to_owned(), tables: tables.collect(), faults, problems };
    if line.problems.is_empty() && !declared.derived.is_empty() {
        rehearse_derived(catalog, declared, &rehearsal, &mut line)?;
    }
    Ok(line)
}

/// Makes the datasets that are made of a connector's tables, of those of its recording.
fn rehearse_derived(
    catalog: &Catalog,
    declared: &Declared,
    rehearsal: &Rehearsal<'_>,
    line: &mut RehearsalLine,
) -> Result<(), Error> {
    let failed = |source| Error::Io { doing: "make a folder in", path: std::env::temp_dir(), source };
    let place = tempfile::tempdir().map_err(failed)?;
    let vault = Vault::create(&place.path().join("vault"), "rehearsal", &SealingKey::new([0; 32]))?;
    let extracts = rehearsal.collect_into(&vault)?;
    let datasets: Vec<Arc<Dataset>> = catalog.datasets.values().cloned().map(Arc::new).collect();
    for derived in &declared.derived {
        let Some(dataset) = catalog.datasets.get(derived.dataset.as_str()) else { continue };
        let query = derived_query(derived, dataset);
        let mut tables = Vec::new();
        let mut inputs = BTreeMap::new();
        for id in tickmark_examine::datasets_of_population(&query, &datasets)? {
            let (Some(dataset), Some(collected)) = (catalog.datasets.get(id.as_str()), extracts.tables.get(&id)) else {
                line.problems.push(format!("{}: reads `{id}`, which is no table of this connector", derived.dataset));
                return Ok(());
            };
            inputs.insert(id, collected.manifest_digest);
            tables.push(TableInput {
                dataset: dataset.clone(),
                manifests: vec![(collected.manifest_digest, collected.manifest.clone())],
                incomplete: Vec::new(),
                incomplete_extracts: Vec::new(),
            });
        }
        let Extracts { source, first, last, clock, .. } = &extracts;
        let job = Job {
            tables,
            tests: Vec::new(),
            populations: vec![query],
            on: *last,
            period_start: *first,
            period_end: *last,
            calendars: Vec::new(),
            zone: "UTC".to_owned(),
            at: *clock,
            limits: Limits::default(),
        };
        let Some(ended) = tickmark_examine::freeze(&job, &vault).pop() else { continue };
        let PopulationOutcome::Read { rows: Some(rows), .. } = ended.outcome else {
            line.problems.push(format!("{}.sql: {:?}", derived.dataset, ended.outcome));
            continue;
        };
        let batches = |manifest: &Manifest| vault.read_dataset(manifest, None)?.collect::<Result<Vec<_>, _>>();
        let expected = extracts.tables.get(derived.rows_of.as_str()).map_or(0, |collected| collected.manifest.rows);
        let made = DerivedRows { derived, inputs, expected, rows: batches(&vault.manifest(&rows)?)? };
        let window = match dataset.kind {
            DatasetKind::Events => Window::Booked { first: *first, last: *last },
            DatasetKind::Snapshot => Window::State { effective_on: *last },
        };
        let staged = match tickmark_collect::stage_derived(source, dataset, window, &vault, *clock, &made, &()) {
            Ok(staged) => staged,
            Err(error) => {
                line.problems.push(format!("{}: {}", derived.dataset, crate::error::with_causes(&error)));
                continue;
            }
        };
        let Some(kept) = tickmark_collect::commit(&vault, vec![staged])?.pop() else { continue };
        if let Some(because) = kept.incomplete_because {
            line.problems.push(format!("{}: not complete: {because}", derived.dataset));
        }
        let (text, rows) = tickmark_collect::text_of(&batches(&kept.manifest)?, dataset)?;
        if rehearsal.expected(derived.dataset.as_str()).is_none_or(|expected| expected != text.trim()) {
            line.problems.push(format!("{}: has other rows than the recording expects:\n{text}", derived.dataset));
        }
        line.tables.push(RehearsedLine { table: derived.dataset.to_string(), rows, requests: 0 });
    }
    Ok(())
}

/// The query of a dataset that is made of a connector's tables.
pub(crate) fn derived_query(derived: &Derived, dataset: &Dataset) -> PopulationQuery {
    PopulationQuery {
        name: format!("{}.sql", derived.dataset),
        sql: derived.sql.clone(),
        item: dataset.key.clone(),
        total: None,
        parameters: BTreeMap::new(),
    }
}

/// Collects every table of a source whose settings lie in a file, and gives the recording of it.
pub fn record_connector(catalog: &Catalog, settings: &Path, base: &Path, clock: &dyn Clock) -> Result<String, Error> {
    let source = SourceConfig::load(settings, base, &Connectors::of(catalog)?)?;
    let datasets: Vec<&Dataset> = source.datasets().into_iter().filter_map(|id| catalog.datasets.get(id)).collect();
    Ok(tickmark_collect::record(&source, &datasets, clock.now())?)
}

/// The catalog in the program with the connector of a folder, which may have the name of one that is there.
pub fn with_connector(folder: &Path) -> Result<(Catalog, String), Error> {
    let failed = |source| Error::Io { doing: "read", path: folder.to_owned(), source };
    let name = folder.canonicalize().map_err(failed)?;
    let name = name.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut files = Catalog::embedded().map_err(Error::Catalog)?.files().clone();
    files.retain(|path, _| !path.starts_with(&format!("connectors/{name}/")));
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        files.insert(format!("connectors/{name}/{file}"), std::fs::read(&path).map_err(failed)?);
    }
    Ok((Catalog::from_files(files).map_err(Error::Catalog)?, name))
}

/// The connectors that deliver a dataset, as a table of theirs or made of them.
pub(crate) fn delivering<'a>(catalog: &'a Catalog, dataset: &str) -> Vec<&'a str> {
    let delivers = |connector: &&Declared| {
        let made = connector.derived.iter().map(|derived| &derived.dataset);
        connector.tables.iter().chain(made).any(|id| **id == *dataset)
    };
    catalog.connectors.values().filter(delivers).map(|connector| &*connector.id).collect()
}

/// What to connect for a dataset that nobody collects, as a part of a sentence.
pub(crate) fn connect(catalog: &Catalog, dataset: &str) -> String {
    match delivering(catalog, dataset).as_slice() {
        [] => format!("connect a source of `{dataset}`"),
        [one] => format!("connect {one} for `{dataset}`"),
        [first @ .., last] => format!("connect {} or {last} for `{dataset}`", first.join(", ")),
    }
}

fn declared<'a>(catalog: &'a Catalog, id: &str) -> Result<&'a Declared, Error> {
    catalog.connectors.get(id).ok_or_else(|| Error::Unknown { kind: "connector", name: id.to_owned() })
}

fn line(catalog: &Catalog, declared: &Declared) -> Result<ConnectorLine, Error> {
    let connector = Connector::read(declared)?;
    let tables = declared.tables.iter().filter_map(|table| catalog.datasets.get(table));
    let tables = tables.map(|dataset| ConnectorTable {
        table: dataset.id.to_string(),
        title: dataset.title.clone(),
        columns: dataset.columns.len(),
        personal: dataset.personal,
    });
    let index = crate::index_of(catalog)?;
    let reads = |dataset: &str| {
        let reads_it = |rule: &&tickmark_domain::TestRule| rule.datasets.iter().any(|id| id.as_str() == dataset);
        index.tests.values().filter(reads_it).count()
    };
    let derived = declared.derived.iter().map(|derived| DerivedDataset {
        dataset: derived.dataset.to_string(),
        rows_of: derived.rows_of.to_string(),
        cannot_tell: derived.cannot_tell.keys().cloned().collect(),
        tests: reads(derived.dataset.as_str()),
    });
    Ok(ConnectorLine {
        connector: declared.id.to_string(),
        title: declared.title.clone(),
        proof: connector.proof(),
        tables: tables.collect(),
        derived: derived.collect(),
        permissions: connector.permissions().trim().to_owned(),
        documentation: connector.documentation().to_vec(),
        example: connector.example(),
    })
}

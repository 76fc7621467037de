//! Connectors of a catalog: what they read, what they need, and whether they hold on their recordings.

use std::path::Path;

use serde::Serialize;
use tickmark_catalog::{Catalog, Connector as Declared, Dataset};
use tickmark_collect::{Connector, Connectors, Proof, Rehearsal, SourceConfig};

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

/// Plays its recording to a connector of a catalog: as it was, and with each answer gone wrong in each way.
pub fn rehearse(catalog: &Catalog, id: &str) -> Result<RehearsalLine, Error> {
    let declared = declared(catalog, id)?;
    let connector = Connector::read(declared)?;
    let datasets: Vec<&Dataset> = declared.tables.iter().filter_map(|table| catalog.datasets.get(table)).collect();
    let file = format!("connectors/{id}/recording.toml");
    let rehearsed = Rehearsal::new(&connector, datasets, &file, &declared.recording)?.perform()?;
    let tables = rehearsed.tables.into_iter();
    let tables = tables.map(|table| RehearsedLine { table: table.table, rows: table.count, requests: table.requests });
    let (faults, problems) = (rehearsed.faults, rehearsed.problems);
    Ok(RehearsalLine { connector: id.to_owned(), tables: tables.collect(), faults, problems })
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

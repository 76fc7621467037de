//! A connector tried on its recording: as it was, and with each answer gone wrong in each way.
//!
//! What must hold: a table has the expected rows, or it is an error. A fault that passes gives the same rows.

use std::{collections::BTreeMap, sync::Arc};

use arrow::{
    array::{Array as _, RecordBatch},
    compute::cast,
    datatypes::{DataType, TimeUnit},
    util::display::{ArrayFormatter, FormatOptions},
};
use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use tickmark_catalog::{Dataset, DatasetKind};
use tickmark_vault::Vault;

use super::{
    Connector, Connectors, Page,
    recording::Recording,
    replay::{Fault, Replay},
};
use crate::{
    Collected, Error, SourceConfig, SourceKind, Window, collect,
    collect::checked,
    completeness,
    source::{Extract, http},
};

/// What came of a rehearsal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rehearsed {
    /// Tables with their rows.
    pub tables: Vec<RehearsedTable>,
    /// What does not hold, each in a sentence.
    pub problems: Vec<String>,
    /// Faults that were played.
    pub faults: u64,
}

/// A table that came out of the recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RehearsedTable {
    /// Its name.
    pub table: String,
    /// Its rows as CSV.
    pub rows: String,
    /// How many.
    pub count: u64,
    /// Requests it took.
    pub requests: u64,
}

/// Plays a recording to a connector.
pub struct Rehearsal<'a> {
    connector: &'a Connector,
    datasets: Vec<&'a Dataset>,
    recording: Recording,
}

/// The tables of a recording as extracts of a vault, and what they were made with.
pub struct Extracts {
    /// The source that they are of.
    pub source: SourceConfig,
    /// The days that events are of.
    pub first: Date,
    /// The day that states are of.
    pub last: Date,
    /// When they were made.
    pub clock: Timestamp,
    /// By table.
    pub tables: BTreeMap<String, Collected>,
}

/// One table's rows after one performance.
struct Performed {
    rows: String,
    count: u64,
    incomplete: Option<String>,
    asked: Vec<usize>,
    unknown: Vec<String>,
}

impl<'a> Rehearsal<'a> {
    /// Reads the recording of a connector; `file` is its name in errors, `datasets` the connector's tables.
    pub fn new(
        connector: &'a Connector,
        datasets: Vec<&'a Dataset>,
        file: &str,
        recording: &str,
    ) -> Result<Self, Error> {
        Ok(Self { connector, datasets, recording: crate::config::toml(file, recording)? })
    }

    /// Tries every table, then every table with each of its answers gone wrong in each way.
    pub fn perform(&self) -> Result<Rehearsed, Error> {
        let mut rehearsed = Rehearsed::default();
        let expected: BTreeMap<&str, &str> =
            self.recording.tables.iter().map(|table| (table.table.as_str(), table.rows.trim())).collect();
        let mut used = Vec::new();
        for dataset in &self.datasets {
            let name = dataset.id.as_str();
            let performed = match self.table(dataset, None)? {
                Ok(performed) => performed,
                Err(error) => {
                    rehearsed.problems.push(format!("{name}: {error}"));
                    continue;
                }
            };
            for request in &performed.unknown {
                rehearsed.problems.push(format!("{name}: the recording does not answer `{request}`"));
            }
            if let Some(because) = &performed.incomplete {
                rehearsed.problems.push(format!("{name}: not complete: {because}"));
            }
            if expected.get(name).is_none_or(|expected| *expected != performed.rows.trim()) {
                rehearsed
                    .problems
                    .push(format!("{name}: has other rows than the recording expects:\n{}", performed.rows));
            }
            used.extend(performed.asked.iter().copied());
            for at in &performed.asked {
                for fault in Fault::ALL {
                    if fault == Fault::PageBefore && !self.is_later_page(dataset, *at, &performed) {
                        continue;
                    }
                    rehearsed.faults += 1;
                    if let Some(problem) = self.fault(dataset, *at, fault, &performed)? {
                        rehearsed.problems.push(problem);
                    }
                }
            }
            rehearsed.tables.push(RehearsedTable {
                table: name.to_owned(),
                rows: performed.rows,
                count: performed.count,
                requests: performed.asked.len() as u64,
            });
        }
        for (at, exchange) in self.recording.exchanges.iter().enumerate() {
            if !used.contains(&at) {
                rehearsed.problems.push(format!("nobody asks for `{}`", exchange.request));
            }
        }
        for table in expected.keys() {
            let is_table = self.datasets.iter().any(|dataset| dataset.id.as_str() == *table);
            let is_derived = self.connector.derived.iter().any(|derived| derived.dataset.as_str() == *table);
            if !is_table && !is_derived {
                rehearsed.problems.push(format!("the recording expects rows of `{table}`, which is no table"));
            }
        }
        Ok(rehearsed)
    }

    /// Whether an exchange is for a later page of the list that the one before it is for.
    fn is_later_page(&self, dataset: &Dataset, at: usize, performed: &Performed) -> bool {
        let table = self.connector.table(dataset.id.as_str());
        if table.is_none_or(|table| matches!(table.page, Page::Single {})) {
            return false;
        }
        let Some(before) = at.checked_sub(1).filter(|before| performed.asked.contains(before)) else { return false };
        let list = |at: usize| self.recording.exchanges.get(at).map(|exchange| exchange.request.split('?').next());
        list(before) == list(at)
    }

    /// Collects every table of the recording into a vault.
    pub fn collect_into(&self, vault: &Vault) -> Result<Extracts, Error> {
        let io = |doing: &'static str| move |cause| Error::Io { doing, path: std::env::temp_dir(), cause };
        let place = tempfile::tempdir().map_err(io("making a folder in"))?;
        let replay = Replay::start(self.recording.exchanges.clone(), None).map_err(io("answering from"))?;
        let source = self.source(&replay.base(), place.path())?;
        let clock = self.clock()?;
        let mut tables = BTreeMap::new();
        for dataset in &self.datasets {
            let collected = collect(&source, dataset, self.window(dataset), vault, clock, &())?;
            tables.insert(dataset.id.to_string(), collected);
        }
        let Recording { first, last, .. } = self.recording;
        Ok(Extracts { source, first, last, clock, tables })
    }

    /// The rows that the recording expects of a dataset made of the connector's tables.
    pub fn expected(&self, dataset: &str) -> Option<&str> {
        self.recording.tables.iter().find(|table| table.table == dataset).map(|table| table.rows.trim())
    }

    fn window(&self, dataset: &Dataset) -> Window {
        let Recording { first, last, .. } = self.recording;
        match dataset.kind {
            DatasetKind::Events => Window::Booked { first, last },
            DatasetKind::Snapshot => Window::State { effective_on: last },
        }
    }

    /// The day after, when the last one is over wherever the product is.
    fn clock(&self) -> Result<Timestamp, Error> {
        let last = self.recording.last;
        let clock = last.checked_add(1.day()).unwrap_or(last).at(14, 0, 0, 0).to_zoned(TimeZone::UTC);
        let malformed = |problem| Error::Malformed { of: "recording".to_owned(), line: None, problem };
        clock.map(|clock| clock.timestamp()).map_err(|cause| malformed(cause.to_string()))
    }

    /// What does not hold when one answer goes wrong.
    fn fault(&self, dataset: &Dataset, at: usize, fault: Fault, whole: &Performed) -> Result<Option<String>, Error> {
        let request = self.recording.exchanges.get(at).map_or("", |exchange| exchange.request.as_str());
        let of = format!("{}, `{request}`, {}", dataset.id, fault.words());
        Ok(match self.table(dataset, Some((at, fault)))? {
            Err(error) if fault.passes() => Some(format!("{of}: {error}")),
            Err(_) => None,
            Ok(performed) if performed.rows == whole.rows => None,
            // What the product's own count shows is no evidence either.
            Ok(performed) if performed.incomplete.is_some() => None,
            Ok(performed) if self.is_stated(dataset, fault) && performed.count == whole.count => None,
            Ok(performed) => {
                Some(format!("{of}: passed for complete, with {} rows in place of {}", performed.count, whole.count))
            }
        })
    }

    /// Whether the connector says that the status means that a thing is not there: its row then lacks the values.
    fn is_stated(&self, dataset: &Dataset, fault: Fault) -> bool {
        let table = self.connector.table(dataset.id.as_str());
        fault.status().is_some_and(|status| table.is_some_and(|table| table.absent.contains(&status)))
    }

    /// One table's rows, or why there are none.
    fn table(&self, dataset: &Dataset, fault: Option<(usize, Fault)>) -> Result<Result<Performed, String>, Error> {
        let io = |doing: &'static str| move |cause| Error::Io { doing, path: std::env::temp_dir(), cause };
        let place = tempfile::tempdir().map_err(io("making a folder in"))?;
        let replay = Replay::start(self.recording.exchanges.clone(), fault).map_err(io("answering from"))?;
        let source = self.source(&replay.base(), place.path())?;
        let extract = Extract { source: &source, dataset, window: self.window(dataset), clock: self.clock()? };
        let (SourceKind::Connector(connected), Some(table)) = (&source.kind, self.connector.table(dataset.id.as_str()))
        else {
            return Ok(Err(format!("`{}` is no table of the connector", dataset.id)));
        };
        let mut batches = Vec::new();
        let read = |extract: &Extract<'_>, sink| http::rows(extract, connected, table, sink).map(|(told, _)| told);
        let (told, skipped) = match checked(&extract, read, &mut |rows| {
            batches.push(rows);
            Ok(())
        }) {
            Ok(read) => read,
            // Where the recording was played is of no matter.
            Err(error) => return Ok(Err(chain(&error).replace(&replay.base(), ""))),
        };
        let (rows, count) = text_of(&batches, dataset)?;
        let incomplete = completeness::incomplete(&extract, &told, count, skipped.rows);
        let incomplete = (!incomplete.is_empty()).then(|| incomplete.join("; "));
        let (asked, unknown) = replay.asked();
        Ok(Ok(Performed { rows, count, incomplete, asked, unknown }))
    }

    /// A source that is asked on this machine, and quickly.
    fn source(&self, base: &str, place: &std::path::Path) -> Result<SourceConfig, Error> {
        let secret = place.join("secret");
        let io = |cause| Error::Io { doing: "writing", path: secret.clone(), cause };
        std::fs::write(&secret, "made-up").map_err(io)?;
        std::fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o600)).map_err(io)?;
        let mut connector = self.connector.clone();
        connector.spec.http.per_second = u32::MAX;
        connector.spec.http.attempts = 2;
        connector.spec.http.first_wait_millis = 1;
        connector
            .spec
            .tables
            .iter_mut()
            .filter_map(|table| table.until.as_mut())
            .for_each(|until| until.every_seconds = 0);
        let id = &connector.spec.id;
        let mut text = format!(
            "kind = \"connector\"\nid = \"rehearsal\"\ntitle = \"Rehearsal\"\nconnector = \"{id}\"\nnetworks = [\"127.0.0.0/8\"]\n[settings]\n"
        );
        for (name, _) in self.connector.spec.settings.iter().filter(|(_, setting)| setting.address) {
            // Each address has a path of its own, so that a recording tells them apart.
            let path = if name == "base" { String::new() } else { format!("/{name}") };
            text.push_str(&format!("{name} = \"{base}{path}\"\n"));
        }
        for (name, value) in &self.recording.settings {
            let value = value.replace("{base}", base);
            text.push_str(&format!("{name} = {}\n", toml::Value::String(value)));
        }
        text.push_str("[secrets]\n");
        for name in connector.spec.secrets.keys() {
            text.push_str(&format!("{name} = {{ file = \"secret\" }}\n"));
        }
        // An address's pattern is for the product's own.
        connector
            .spec
            .settings
            .values_mut()
            .filter(|setting| setting.address)
            .for_each(|setting| setting.pattern = None);
        SourceConfig::parse("rehearsal.toml", &text, place, &Connectors::new([connector]))
    }
}

/// Rows as CSV (RFC 4180) in the dataset's columns, and how many there are.
pub fn text_of(batches: &[RecordBatch], dataset: &Dataset) -> Result<(String, u64), Error> {
    let rows = |cause| Error::Rows { of: dataset.id.to_string(), cause };
    let mut text = dataset.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(",");
    text.push('\n');
    let mut count = 0;
    let options = FormatOptions::default().with_null("");
    for batch in batches {
        let mut columns = Vec::new();
        for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
            // The formatter knows no zone by name, and UTC is its own clock.
            let is_instant = matches!(field.data_type(), DataType::Timestamp(..));
            let plain = DataType::Timestamp(TimeUnit::Microsecond, None);
            let array = if is_instant { cast(array, &plain).map_err(rows)? } else { Arc::clone(array) };
            let shown = ArrayFormatter::try_new(&array, &options).map_err(rows)?;
            let end = |row| if is_instant && !array.is_null(row) { "Z" } else { "" };
            let cells: Vec<String> =
                (0..batch.num_rows()).map(|row| format!("{}{}", shown.value(row), end(row))).collect();
            columns.push(cells);
        }
        for row in 0..batch.num_rows() {
            let cells = columns.iter().filter_map(|cells| cells.get(row)).map(|cell| quoted(cell));
            text.push_str(&cells.collect::<Vec<_>>().join(","));
            text.push('\n');
            count += 1;
        }
    }
    Ok((text, count))
}

/// A cell as CSV writes it.
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

//! One extract: from a source through the checks into the vault.
//!
//! Invariant: an error leaves nothing behind that counts as evidence; a manifest exists only after every row was read,
//! checked and stored.

use std::{collections::BTreeMap, sync::mpsc, thread};

use arrow::array::RecordBatch;
use jiff::{Timestamp, tz::Offset};
use tickmark_canonical::Digest;
use tickmark_catalog::{Dataset, DatasetKind};
use tickmark_vault::{DatasetSchema, Extractor, Manifest, Period, Provenance, StagedDataset, Vault, WriteOptions};

use crate::{
    Error, SourceConfig, Window,
    checks::{Checks, Skipped},
    completeness,
    config::{Outside, SourceKind},
    declared,
    rows::Sink,
    source::{self, Extract, SourceCount, Told},
};

/// Batches between the reading and the writing half: enough that neither waits for the other's every step.
const BATCHES_UNDER_WAY: usize = 2;

/// Hears how far a collection is.
pub trait Progress: Sync {
    /// So many rows are stored.
    fn rows(&self, stored: u64);
}

impl Progress for () {
    fn rows(&self, _stored: u64) {}
}

/// An extract that is in the vault.
#[derive(Clone, Debug)]
pub struct Collected {
    /// The manifest's digest: the name of the evidence.
    pub manifest_digest: Digest,
    /// The manifest.
    pub manifest: Manifest,
    /// Whether count and sums agree with the source's own, and the stretch of time was over.
    pub complete: bool,
    /// Why not.
    pub incomplete_because: Option<String>,
    /// What was kept of the original bytes.
    pub originals: Vec<Digest>,
}

/// An extract that was read and checked, and is not yet durable: until [`commit`] it does not exist.
#[derive(Debug)]
pub struct StagedExtract {
    dataset: StagedDataset,
    incomplete: Vec<String>,
    originals: Vec<Digest>,
}

/// Makes extracts durable together: many small ones in the time of one.
pub fn commit(vault: &Vault, staged: Vec<StagedExtract>) -> Result<Vec<Collected>, Error> {
    let mut datasets = Vec::with_capacity(staged.len());
    let mut others = Vec::with_capacity(staged.len());
    for StagedExtract { dataset, incomplete, originals } in staged {
        datasets.push(dataset);
        others.push((incomplete, originals));
    }
    let committed = vault.commit(datasets)?;
    let collected = committed.into_iter().zip(others).map(|((manifest_digest, manifest), (incomplete, originals))| {
        let complete = incomplete.is_empty();
        let incomplete_because = (!complete).then(|| incomplete.join("; "));
        Collected { manifest_digest, manifest, complete, incomplete_because, originals }
    });
    Ok(collected.collect())
}

/// Collects one dataset from a source and makes it durable. `clock` is the time the extraction begins.
pub fn collect(
    source: &SourceConfig,
    dataset: &Dataset,
    window: Window,
    vault: &Vault,
    clock: Timestamp,
    progress: &dyn Progress,
) -> Result<Collected, Error> {
    let of = Extract { source, dataset, window, clock }.of();
    let committed = commit(vault, vec![stage(source, dataset, window, vault, clock, progress)?])?.pop();
    committed.ok_or_else(|| Error::Malformed { of, line: None, problem: "the vault kept no manifest".into() })
}

/// Reads and checks one dataset of a source into the vault, without making it durable.
pub fn stage(
    source: &SourceConfig,
    dataset: &Dataset,
    window: Window,
    vault: &Vault,
    clock: Timestamp,
    progress: &dyn Progress,
) -> Result<StagedExtract, Error> {
    let extract = Extract { source, dataset, window, clock };
    fits(&extract)?;
    stage_with(&extract, vault, progress, |extract, sink| source::read(extract, vault, sink))
}

/// Checks what `read` delivers into the vault, without making it durable.
pub(crate) fn stage_with(
    extract: &Extract<'_>,
    vault: &Vault,
    progress: &dyn Progress,
    read: impl Fn(&Extract<'_>, Sink) -> Result<Told, Error> + Sync,
) -> Result<StagedExtract, Error> {
    let dataset = extract.dataset;
    let schema = DatasetSchema {
        dataset: dataset.id.to_string(),
        columns: dataset.columns.iter().map(declared::vault_column).collect(),
        key: dataset.key.clone(),
        control_totals: dataset.control_totals.clone(),
    };
    let mut writer = vault.writer(&schema, WriteOptions::new(dataset.personal))?;
    let (told, skipped) = checked(extract, read, &mut |rows| {
        writer.write(&rows)?;
        progress.rows(writer.rows());
        Ok(())
    })?;
    let incomplete = completeness::incomplete(extract, &told, writer.rows(), skipped.rows);
    let originals = told.originals.clone();
    let dataset = writer.stage(provenance(extract, told, &skipped))?;
    let incomplete = incomplete.into_iter().chain(completeness::totals_differ(dataset.manifest())).collect();
    Ok(StagedExtract { dataset, incomplete, originals })
}

/// Hands over what `read` delivers, checked. Reading and taking go on side by side.
pub(crate) fn checked(
    extract: &Extract<'_>,
    read: impl Fn(&Extract<'_>, Sink) -> Result<Told, Error> + Sync,
    take: &mut dyn FnMut(RecordBatch) -> Result<(), Error>,
) -> Result<(Told, Skipped), Error> {
    let mut checks = Checks::new(extract.dataset, extract.window, outside(extract.source, extract.dataset))?;
    let told = thread::scope(|scope| {
        let (sender, receiver) = mpsc::sync_channel(BATCHES_UNDER_WAY);
        let read = &read;
        let reading = thread::Builder::new()
            .name("collect".into())
            .spawn_scoped(scope, move || read(extract, Sink::new(sender)))
            .map_err(|cause| Error::Io {
                doing: "starting a thread to read",
                path: extract.source.base.clone(),
                cause,
            })?;
        let taken = (|| {
            // The receiver is dropped with this closure, so a reader whose rows are refused here stops too.
            for batch in receiver {
                take(checks.take(batch)?)?;
            }
            Ok(())
        })();
        let read = reading.join().unwrap_or_else(|_| {
            Err(Error::Malformed {
                of: extract.of(),
                line: None,
                problem: "the reader of this format broke off".into(),
            })
        });
        match (read, taken) {
            // The reader stopped because the taker had; the taker knows why.
            (Err(Error::Stopped), Err(cause)) => Err(cause),
            (Err(cause), _) | (Ok(_), Err(cause)) => Err(cause),
            (Ok(told), Ok(())) => Ok(told),
        }
    })?;
    Ok((told, checks.finish()?))
}

/// Refuses a window that the dataset or the source cannot answer.
fn fits(extract: &Extract<'_>) -> Result<(), Error> {
    let refused = |problem: &str| Error::Window { of: extract.of(), problem: problem.to_owned() };
    extract.window.fits(extract.dataset.kind).map_err(refused)?;
    if extract.window.first() > extract.source.zone.to_datetime(extract.clock).date() {
        return Err(refused("it begins after the time of the extraction"));
    }
    let Window::State { effective_on } = extract.window else { return Ok(()) };
    // Where the organization's days end is not known here: in the first zone of the earth, at the earliest, and in the last.
    let shown = |zone: Offset| source::present_day(extract.source, zone.to_datetime(extract.clock).date());
    if effective_on > shown(Offset::constant(14)) {
        return Err(refused(
            "the day was not over when it was read or copied, so that it does not say how the day ended",
        ));
    }
    // A live source tells what is true now. To store that as the state of another day would be back-dating.
    let tells_now_only = extract.source.is_live() && !source::asks_for_a_day(extract.source, extract.dataset);
    if tells_now_only && effective_on < shown(Offset::constant(-12)) {
        return Err(refused(
            "the source tells its state of now only, or of when it was copied; its query has no `:on`",
        ));
    }
    Ok(())
}

fn outside(source: &SourceConfig, dataset: &Dataset) -> Outside {
    match &source.kind {
        SourceKind::Files(files) => files
            .datasets
            .iter()
            .find(|entry| entry.dataset == dataset.id.as_str())
            .map_or(Outside::Refuse, |entry| entry.outside),
        SourceKind::Documents(_)
        | SourceKind::Sqlite(_)
        | SourceKind::Postgres(_)
        | SourceKind::Mysql(_)
        | SourceKind::Git(_)
        | SourceKind::Exec(_)
        | SourceKind::Connector(_) => Outside::Refuse,
    }
}

fn provenance(extract: &Extract<'_>, told: Told, skipped: &Skipped) -> Provenance {
    let mut parameters = told.parameters;
    let mut parameter = |name: &str, value: String| {
        parameters.insert(name.to_owned(), value);
    };
    parameter("kind", extract.source.kind.word().to_owned());
    parameter("declaration", extract.source.digest.to_string());
    match extract.window {
        Window::Booked { first, last } => {
            parameter("first", first.to_string());
            parameter("last", last.to_string());
        }
        Window::State { effective_on } => parameter("on", effective_on.to_string()),
    }
    if let Some(statement) = &extract.source.statement {
        parameter("attested_by", statement.attested_by.clone());
        parameter("statement", statement.statement.clone());
    }
    if let SourceCount::Unknown(why) = &told.count {
        parameter("no_source_count", why.clone());
    }
    if let Some(why) = &told.no_totals {
        parameter("no_source_totals", why.clone());
    }
    for (at, digest) in told.originals.iter().enumerate() {
        parameter(&format!("original {}", at + 1), digest.to_string());
    }
    if skipped.rows > 0 {
        parameter("rows_of_other_windows", skipped.rows.to_string());
    }
    let scale = |column: &str| extract.dataset.column(column).map_or(0, declared::scale);
    let source_totals: BTreeMap<String, String> = told
        .totals
        .iter()
        .map(|(column, total)| {
            let others = skipped.totals.get(column).copied().unwrap_or_default();
            (column.clone(), crate::value::decimal_text(total.saturating_sub(others), scale(column)))
        })
        .collect();
    let (effective_on, period) = match (extract.window, extract.dataset.kind) {
        (Window::Booked { first, last }, DatasetKind::Events | DatasetKind::Snapshot) => {
            (None, Some(Period { first, last }))
        }
        (Window::State { effective_on }, DatasetKind::Events | DatasetKind::Snapshot) => (Some(effective_on), None),
    };
    Provenance {
        source: extract.source.id.clone(),
        request: told.request,
        parameters,
        extracted_at: extract.clock,
        effective_on,
        period,
        extractor: Extractor {
            name: format!("tickmark-collect {}", extract.source.kind.word()),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
        source_count: match told.count {
            // The source counted the rows of other windows too; those were read and counted here.
            SourceCount::Known(count) => Some(count.saturating_sub(skipped.rows)),
            SourceCount::Unknown(_) => None,
        },
        source_totals,
    }
}

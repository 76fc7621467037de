//! One file for the history of a month: the rows of many small snapshots, each with the day it was true for.
//!
//! A compaction is a copy for speed and never evidence: it lies in `derived/`, can be thrown away and made again at any
//! time, says which manifests it was made from, and proves on demand that its rows are theirs. Its columns are the
//! dataset's, then `_extracted_on` (date) and `_extract` (int, counting the sources from 1). What was sealed stays sealed,
//! and erasing a source discards every compaction with rows of it.
//!
//! Invariant: a compaction is not reachable by [`Vault::get`], [`Vault::manifest`] or [`Vault::open_part`]: nothing that
//! takes evidence takes it.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, Date32Array, Int64Array, RecordBatch},
    compute::concat_batches,
};
use jiff::{Unit, civil::Date};
use serde::{Deserialize, Serialize};
use tickmark_canonical::{Digest, from_canonical, to_canonical};

use crate::{
    Column, ColumnType, Corrupt, DatasetReader, Error, Manifest, Part, PartReader, RowsDigest, Vault, WriteOptions,
    arrow_schema,
    manifest::{check_columns, check_parts},
    objects::Tree,
    part_writer::PartsWriter,
};

const FORMAT: &str = "tickmark/compaction/1";
const EXTRACTED_ON: &str = "_extracted_on";
const EXTRACT: &str = "_extract";

/// Rows gathered before they are encoded: snapshots of a few dozen rows would else be encoded one by one.
const GATHER_ROWS: usize = 16 * 1024;

/// A rebuildable file with the rows of several extracts of one dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compaction {
    format: String,
    /// Always false: a compaction is no evidence, and says so to whoever finds its file.
    evidence: bool,
    /// The dataset's id.
    pub dataset: String,
    /// The dataset's columns, then `_extracted_on` and `_extract`.
    pub columns: Vec<Column>,
    /// What it was made from, in the order of the rows.
    pub sources: Vec<CompactionSource>,
    /// Rows in all.
    pub rows: u64,
    /// The Parquet files.
    pub parts: Vec<Part>,
    /// Whether they are encrypted, as at least one source is.
    pub sealed: bool,
    #[serde(skip)]
    digest: Option<Digest>,
}

/// One extract in a compaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompactionSource {
    /// Its manifest.
    pub manifest: Digest,
    /// The day its rows are true for.
    pub extracted_on: Date,
    /// Its rows.
    pub rows: u64,
    /// The digest of its rows, by the dataset's own columns.
    pub rows_digest: Digest,
}

impl Vault {
    /// Copies the rows of extracts of one dataset with the same columns into one compaction, in the order given.
    ///
    /// Every row is read through the checks of its own manifest, and the digest of each source's rows is compared on the
    /// way, so a compaction can only be made of sound sources.
    pub fn compact(&self, manifests: &[Digest]) -> Result<Compaction, Error> {
        let store = self.key_store("compact")?;
        let refuse = |problem: String| Error::Compaction { problem };
        let sources: Vec<(Digest, Manifest)> =
            manifests.iter().map(|digest| Ok((*digest, self.manifest(digest)?))).collect::<Result<_, Error>>()?;
        let (_, first) = sources.first().ok_or_else(|| refuse("no extract was named".to_owned()))?;
        if let Some((digest, _)) = sources.iter().find(|(_, source)| source.dataset != first.dataset) {
            return Err(refuse(format!("{digest} is of another dataset than `{}`", first.dataset)));
        }
        if let Some((digest, _)) = sources.iter().find(|(_, source)| source.columns != first.columns) {
            return Err(refuse(format!("{digest} declares other columns of `{}` than the first", first.dataset)));
        }
        let sealed = sources.iter().any(|(_, source)| source.sealed);
        let mut columns = first.columns.clone();
        columns.push(Column::new(EXTRACTED_ON, ColumnType::Date, true));
        columns.push(Column::new(EXTRACT, ColumnType::Int, true));
        check_columns(&columns, &[]).map_err(&refuse)?;
        let mut writer = Gathering::new(self, first, &columns, sealed);
        for (number, (digest, source)) in (1..).zip(&sources) {
            writer.add(self, digest, source, number)?;
        }
        let (written, rows) = writer.finish()?;
        let (parts, pending): (Vec<_>, Vec<_>) = written.into_iter().unzip();
        let mut compaction = Compaction {
            format: FORMAT.to_owned(),
            evidence: false,
            dataset: first.dataset.clone(),
            columns,
            sources: sources
                .iter()
                .map(|(digest, source)| CompactionSource {
                    manifest: *digest,
                    extracted_on: day(source),
                    rows: source.rows,
                    rows_digest: source.rows_digest,
                })
                .collect(),
            rows,
            parts,
            sealed,
            digest: None,
        };
        let bytes = to_canonical(&compaction)
            .map_err(|source| Error::NotCanonical { dataset: compaction.dataset.clone(), source })?;
        let description = self.stage(&bytes, sealed)?;
        let digest = description.digest;
        let files: Vec<Digest> = compaction.parts.iter().map(|part| part.object).collect();
        let from: Vec<Digest> =
            sources.iter().flat_map(|(digest, source)| [vec![*digest], source.objects()].concat()).collect();
        // Noted before it is visible: an erasure that comes between has to find it.
        store.insert_compaction(&digest, sealed, &files, &from)?;
        self.publish(Tree::Derived, pending, vec![description], &[])?;
        compaction.digest = Some(digest);
        Ok(compaction)
    }

    /// The compactions of a dataset, oldest rows first. One that is damaged or unfinished is discarded: it can be made
    /// again.
    pub fn compactions(&self, dataset: &str) -> Result<Vec<Compaction>, Error> {
        let mut found = Vec::new();
        for digest in self.key_store("list compactions")?.compactions()? {
            match self.compaction(&digest) {
                Ok(compaction) if compaction.dataset == dataset => found.push(compaction),
                Ok(_) => {}
                Err(Error::Corrupt(_) | Error::Missing { .. }) => self.discard_compaction(&digest)?,
                Err(error) => return Err(error),
            }
        }
        found.sort_by_key(|compaction| compaction.sources.first().map(|source| source.extracted_on));
        Ok(found)
    }

    fn compaction(&self, digest: &Digest) -> Result<Compaction, Error> {
        let bytes = self.get_from(Tree::Derived, digest)?;
        let corrupt = |found: String| Corrupt::new(format!("compaction {digest}"), "a compaction", found);
        let mut compaction: Compaction = from_canonical(&bytes).map_err(|error| corrupt(error.to_string()))?;
        if compaction.format != FORMAT || compaction.evidence {
            return Err(corrupt(format!("format `{}`", compaction.format)).into());
        }
        check_columns(&compaction.columns, &[]).map_err(corrupt)?;
        check_parts(&compaction.columns, &compaction.parts, compaction.rows).map_err(corrupt)?;
        compaction.digest = Some(*digest);
        Ok(compaction)
    }

    /// Opens a part of a compaction for checked reads.
    pub fn open_compacted_part(&self, compaction: &Compaction, part: usize) -> Result<PartReader, Error> {
        let chosen = compaction
            .parts
            .get(part)
            .ok_or_else(|| Error::Compaction { problem: format!("part {part} of {}", compaction.parts.len()) })?;
        self.open_part_in(Tree::Derived, &compaction.columns, chosen)
    }

    /// The rows of a compaction; of all columns, or of those named, in the compaction's order.
    pub fn read_compaction(&self, compaction: &Compaction, columns: Option<&[&str]>) -> Result<DatasetReader, Error> {
        DatasetReader::new(self, Tree::Derived, &compaction.dataset, &compaction.columns, &compaction.parts, columns)
    }

    /// Proves that a compaction holds exactly the rows of its sources, in their order, with the right days: reads it
    /// whole and compares each source's rows with the digest in the source's own manifest.
    pub fn check_compaction(&self, compaction: &Compaction) -> Result<(), Error> {
        let differs = |what: String, expected: &dyn std::fmt::Display, found: &dyn std::fmt::Display| {
            Error::from(Corrupt::new(format!("{what} of the compaction of `{}`", compaction.dataset), expected, found))
        };
        let own = compaction.columns.len().saturating_sub(2);
        let columns = compaction.columns.get(..own).unwrap_or_default();
        let indexes: Vec<usize> = (0..own).collect();
        let mut batches = self.read_compaction(compaction, None)?;
        let mut rest: Option<RecordBatch> = None;
        for (number, source) in (1_i64..).zip(&compaction.sources) {
            let manifest = self.manifest(&source.manifest)?;
            let mut digest = RowsDigest::new(&compaction.dataset, columns);
            let mut missing = manifest.rows;
            while missing > 0 {
                let Some(batch) = rest.take().map(Ok).or_else(|| batches.next()).transpose()? else {
                    return Err(differs(
                        format!("rows of extract {number}"),
                        &manifest.rows,
                        &(manifest.rows - missing),
                    ));
                };
                let take = usize::try_from(missing).unwrap_or(usize::MAX).min(batch.num_rows());
                let (now, later) = (batch.slice(0, take), batch.slice(take, batch.num_rows() - take));
                let marks = marks(day(&manifest), number, take);
                if now.columns().get(own..) != Some(marks.as_slice()) {
                    return Err(differs(format!("the day or number of extract {number}"), &day(&manifest), &"another"));
                }
                digest.update(&now.project(&indexes).map_err(Error::arrow("compare a compaction"))?)?;
                missing -= take as u64;
                rest = (later.num_rows() > 0).then_some(later);
            }
            let found = digest.finish();
            if found != manifest.rows_digest || source.rows_digest != found || source.rows != manifest.rows {
                return Err(differs(format!("extract {number}"), &manifest.rows_digest, &found));
            }
        }
        match rest.map(Ok).or_else(|| batches.next()).transpose()? {
            None => Ok(()),
            Some(batch) => Err(differs("the end".to_owned(), &"no more rows", &format!("{} more", batch.num_rows()))),
        }
    }

    /// Throws a compaction away.
    pub fn discard(&self, compaction: &Compaction) -> Result<(), Error> {
        compaction.digest.as_ref().map_or(Ok(()), |digest| self.discard_compaction(digest))
    }

    pub(crate) fn discard_compaction(&self, digest: &Digest) -> Result<(), Error> {
        let store = self.key_store("discard a compaction")?;
        let Some((sealed, files)) = store.compaction_files(digest)? else { return Ok(()) };
        if sealed {
            store.discard_keys(&files)?;
        }
        for file in &files {
            self.objects().remove(Tree::Derived, file, sealed)?;
        }
        store.forget_compaction(digest)
    }
}

/// The day an extract's rows are true for: stated for a snapshot, else the day it was taken (UTC).
fn day(manifest: &Manifest) -> Date {
    manifest.effective_on.unwrap_or_else(|| manifest.extracted_at.to_zoned(jiff::tz::TimeZone::UTC).date())
}

/// The two columns a compaction adds to `rows` rows.
fn marks(day: Date, number: i64, rows: usize) -> Vec<ArrayRef> {
    vec![Arc::new(Date32Array::from_value(days_since_1970(day), rows)), Arc::new(Int64Array::from_value(number, rows))]
}

fn days_since_1970(day: Date) -> i32 {
    // Both ends lie within the years -9999 to 9999, so days always fit and the difference always exists.
    jiff::civil::date(1970, 1, 1).until((Unit::Day, day)).map(|span| span.get_days()).unwrap_or_default()
}

/// Gathers rows of small extracts into batches worth encoding.
struct Gathering {
    parts: PartsWriter,
    schema: arrow::datatypes::SchemaRef,
    waiting: Vec<RecordBatch>,
    waiting_rows: usize,
    rows: u64,
}

impl Gathering {
    fn new(vault: &Vault, first: &Manifest, columns: &[Column], sealed: bool) -> Self {
        Self {
            parts: PartsWriter::new(vault.clone(), &first.dataset, columns, WriteOptions::new(sealed)),
            schema: arrow_schema(columns),
            waiting: Vec::new(),
            waiting_rows: 0,
            rows: 0,
        }
    }

    fn add(&mut self, vault: &Vault, digest: &Digest, source: &Manifest, number: i64) -> Result<(), Error> {
        let mut rows_digest = RowsDigest::new(&source.dataset, &source.columns);
        for batch in vault.read_dataset(source, None)? {
            let batch = batch?;
            rows_digest.update(&batch)?;
            let marks = marks(day(source), number, batch.num_rows());
            let columns = [batch.columns(), &marks].concat();
            self.waiting_rows += batch.num_rows();
            self.rows += batch.num_rows() as u64;
            self.waiting.push(
                RecordBatch::try_new(self.schema.clone(), columns).map_err(Error::arrow("gather rows to compact"))?,
            );
            if self.waiting_rows >= GATHER_ROWS {
                self.flush()?;
            }
        }
        let found = rows_digest.finish();
        if found == source.rows_digest {
            return Ok(());
        }
        Err(Corrupt::new(format!("the rows of extract {digest}"), source.rows_digest, found).into())
    }

    fn flush(&mut self) -> Result<(), Error> {
        let batch = concat_batches(&self.schema, &self.waiting).map_err(Error::arrow("gather rows to compact"))?;
        self.waiting.clear();
        self.waiting_rows = 0;
        self.parts.write(&batch)
    }

    fn finish(mut self) -> Result<(Vec<(Part, crate::objects::PendingObject)>, u64), Error> {
        if self.waiting_rows > 0 {
            self.flush()?;
        }
        Ok((self.parts.finish()?, self.rows))
    }
}

//! Rows of one extract into the vault: parts, then the manifest that names them.

use std::collections::BTreeMap;

use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch},
    datatypes::Decimal128Type,
};
use jiff::{Timestamp, civil::Date};
use tickmark_canonical::Digest;

use crate::{
    Column, ColumnType, ControlTotal, DatasetSchema, Error, Extractor, MANIFEST_FORMAT, Manifest, Period, RowsDigest,
    Vault,
    control_total::Total,
    objects::{PendingObject, Tree},
    part_writer::PartsWriter,
    rows_digest::check_types,
};

/// How a dataset is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteOptions {
    /// Encrypt parts and manifest, because rows hold personal data.
    pub sealed: bool,
    /// The most rows in a row group.
    pub row_group_rows: usize,
    /// About the most encoded bytes in a row group.
    pub row_group_bytes: usize,
    /// About the most bytes in a part.
    pub part_bytes: u64,
}

impl WriteOptions {
    /// The usual sizes.
    pub fn new(sealed: bool) -> Self {
        Self {
            sealed,
            // Two million payslips give eight groups: enough for every core, few enough that digests stay small.
            row_group_rows: 256 * 1024,
            // Bounds the memory of rows with long texts.
            row_group_bytes: 64 << 20,
            // A part can be copied, checked and read on its own; a year of payslips is a handful of them.
            part_bytes: 256 << 20,
        }
    }
}

/// Where an extract came from. All of it goes into the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The source's id.
    pub source: String,
    /// The query, path or request as it was sent.
    pub request: String,
    /// Its parameters.
    pub parameters: BTreeMap<String, String>,
    /// When the extraction began.
    pub extracted_at: Timestamp,
    /// The date the rows are true for, if the dataset is a snapshot.
    pub effective_on: Option<Date>,
    /// The window of booking dates covered, if the dataset is a series of events.
    pub period: Option<Period>,
    /// The program that extracted.
    pub extractor: Extractor,
    /// The source's own count of rows, where it gives one.
    pub source_count: Option<u64>,
    /// The source's own sums by column, as it gave them.
    pub source_totals: BTreeMap<String, String>,
}

/// Writes one extract of a dataset. Dropping it before [`DatasetWriter::finish`] leaves nothing behind.
pub struct DatasetWriter {
    vault: Vault,
    schema: DatasetSchema,
    sealed: bool,
    parts: PartsWriter,
    digest: RowsDigest,
    totals: Vec<Total>,
}

impl std::fmt::Debug for DatasetWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DatasetWriter").field("dataset", &self.schema.dataset).finish_non_exhaustive()
    }
}

impl Vault {
    /// Begins an extract.
    pub fn writer(&self, schema: &DatasetSchema, options: WriteOptions) -> Result<DatasetWriter, Error> {
        self.key_store("write a dataset")?;
        let totals = schema.check()?;
        Ok(DatasetWriter {
            vault: self.clone(),
            schema: schema.clone(),
            sealed: options.sealed,
            parts: PartsWriter::new(self.clone(), &schema.dataset, &schema.columns, options),
            digest: RowsDigest::new(&schema.dataset, &schema.columns),
            totals,
        })
    }

    /// Reads a manifest.
    pub fn manifest(&self, digest: &Digest) -> Result<Manifest, Error> {
        Manifest::from_bytes(&self.get(digest)?)
    }

    /// Makes staged extracts durable together: many small ones in the time of one.
    pub fn commit(&self, staged: Vec<StagedDataset>) -> Result<Vec<(Digest, Manifest)>, Error> {
        let mut committed = Vec::with_capacity(staged.len());
        let (mut parts, mut manifests) = (Vec::new(), Vec::new());
        for dataset in staged {
            committed.push((dataset.pending_manifest.digest, dataset.manifest));
            parts.extend(dataset.pending_parts);
            manifests.push(dataset.pending_manifest);
        }
        let digests: Vec<Digest> = committed.iter().map(|(digest, _)| *digest).collect();
        self.publish(Tree::Objects, parts, manifests, &digests)?;
        Ok(committed)
    }

    /// The digests of all manifests written here, sorted.
    pub fn manifests(&self) -> Result<Vec<Digest>, Error> {
        self.key_store("list manifests")?.manifests()
    }

    /// Erases a sealed dataset: its parts, then its manifest. Refuses, before anything is destroyed, if any of them is
    /// held.
    pub fn erase_dataset(&self, manifest: &Digest, reason: &str, erased_at: Timestamp) -> Result<(), Error> {
        let parts = match self.manifest(manifest) {
            Ok(read) => read.objects(),
            Err(Error::Erased { .. }) => return Ok(()),
            Err(error) => return Err(error),
        };
        for object in parts.iter().chain([manifest]) {
            if let Some(reason) = self.holds(object)?.into_iter().next() {
                return Err(Error::Held { digest: *object, reason });
            }
        }
        parts.iter().chain([manifest]).try_for_each(|object| self.erase(object, reason, erased_at))
    }
}

/// An extract that is written but not yet durable.
pub struct StagedDataset {
    manifest: Manifest,
    pending_parts: Vec<PendingObject>,
    pending_manifest: PendingObject,
}

impl StagedDataset {
    /// What will be committed.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }
}

impl std::fmt::Debug for StagedDataset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StagedDataset").field("dataset", &self.manifest.dataset).finish_non_exhaustive()
    }
}

impl DatasetWriter {
    /// Adds rows. Columns have to be the declared ones in order; required columns have a value in every row; decimals
    /// have no more digits than declared.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        check_types(&self.schema.dataset, &self.schema.columns, batch)?;
        for (column, array) in self.schema.columns.iter().zip(batch.columns()) {
            self.check_required(column, array)?;
            self.check_digits(column, array)?;
        }
        self.digest.update(batch)?;
        for total in &mut self.totals {
            total.add(&self.schema.dataset, batch)?;
        }
        self.parts.write(batch)
    }

    /// Rows so far.
    pub fn rows(&self) -> u64 {
        self.digest.rows()
    }

    /// Ends the extract and makes it durable; only then is the manifest's digest handed out.
    pub fn finish(self, provenance: Provenance) -> Result<(Digest, Manifest), Error> {
        let vault = self.vault.clone();
        let mut committed = vault.commit(vec![self.stage(provenance)?])?;
        // One was staged, so one comes back.
        committed.pop().ok_or(Error::Cipher { doing: "name a manifest" })
    }

    /// Ends the extract without making it durable, so that many small extracts can become durable together
    /// ([`Vault::commit`]). Until then it does not exist: no digest is known, and dropping it leaves nothing behind. Holds
    /// a file open for each part and one for the manifest.
    pub fn stage(self, provenance: Provenance) -> Result<StagedDataset, Error> {
        let Self { vault, schema, sealed, parts, digest, totals } = self;
        let declared = |column: &String| schema.control_totals.contains(column);
        if let Some(column) = provenance.source_totals.keys().find(|column| !declared(column)) {
            let problem = format!("the source gives a total of `{column}`, which is no control total");
            return Err(Error::Declaration { dataset: schema.dataset, problem });
        }
        let mut source_totals = provenance.source_totals;
        let control_totals: Vec<ControlTotal> = schema
            .control_totals
            .iter()
            .zip(&totals)
            .map(|(column, total)| total.finish(source_totals.remove(column)))
            .collect();
        let (parts, pending_parts): (Vec<_>, Vec<_>) = parts.finish()?.into_iter().unzip();
        let manifest = Manifest {
            format: MANIFEST_FORMAT.to_owned(),
            dataset: schema.dataset,
            columns: schema.columns,
            key: schema.key,
            rows: digest.rows(),
            source: provenance.source,
            request: provenance.request,
            parameters: provenance.parameters,
            extracted_at: provenance.extracted_at,
            effective_on: provenance.effective_on,
            period: provenance.period,
            extractor: provenance.extractor,
            source_count: provenance.source_count,
            control_totals,
            parts,
            rows_digest: digest.finish(),
            sealed,
        };
        let pending_manifest = vault.stage(&manifest.to_bytes()?, sealed)?;
        Ok(StagedDataset { manifest, pending_parts, pending_manifest })
    }

    fn check_required(&self, column: &Column, array: &ArrayRef) -> Result<(), Error> {
        if !column.required || array.null_count() == 0 {
            return Ok(());
        }
        let row = (0..array.len()).find(|row| array.is_null(*row)).unwrap_or_default();
        Err(Error::RequiredValue {
            dataset: self.schema.dataset.clone(),
            column: column.name.clone(),
            row: self.digest.rows() + row as u64 + 1,
        })
    }

    /// Arrow lets a decimal array hold numbers past its precision, and Parquet would cut them to the narrower integer it
    /// stores them in.
    fn check_digits(&self, column: &Column, array: &ArrayRef) -> Result<(), Error> {
        let ColumnType::Decimal { precision, .. } = column.kind else { return Ok(()) };
        let Some(values) = array.as_primitive_opt::<Decimal128Type>() else { return Ok(()) };
        let limit = 10_i128.checked_pow(u32::from(precision)).unwrap_or(i128::MAX);
        let outside = |value: i128| value <= -limit || value >= limit;
        // Values behind nulls are arbitrary, so a column with nulls is looked at value by value.
        let found = if values.null_count() == 0 {
            values.values().iter().copied().find(|value| outside(*value))
        } else {
            values.iter().flatten().find(|value| outside(*value))
        };
        match found {
            None => Ok(()),
            Some(value) => Err(Error::Column {
                dataset: self.schema.dataset.clone(),
                column: column.name.clone(),
                expected: column.kind.to_string(),
                found: format!("the unscaled number {value}"),
            }),
        }
    }
}

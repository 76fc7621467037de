//! Rows of a dataset, read with every chunk checked.

use std::{collections::VecDeque, sync::Arc};

use arrow::{array::RecordBatch, datatypes::SchemaRef};
use bytes::{Buf, Bytes};
use parquet::{
    arrow::{
        ProjectionMask,
        arrow_reader::{
            ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
        },
    },
    errors::ParquetError,
    file::reader::{ChunkReader, Length},
};

use crate::{Column, Corrupt, Error, Manifest, Part, PartReader, RowsDigest, Vault, arrow_schema, objects::Tree};

/// Rows in a batch: the engine's own size, so that a batch passes through without being cut or joined.
const BATCH_ROWS: usize = 8192;

impl Vault {
    /// The rows of a dataset in stored order; of all columns, or of those named, in the order of the manifest.
    pub fn read_dataset(&self, manifest: &Manifest, columns: Option<&[&str]>) -> Result<DatasetReader, Error> {
        DatasetReader::new(self, Tree::Objects, &manifest.dataset, &manifest.columns, &manifest.parts, columns)
    }

    /// Reads every row and compares the rows' digest, their count and their sums with the manifest: that the Parquet
    /// files say what was written, not just that they are the same files.
    pub fn check_rows(&self, manifest: &Manifest) -> Result<(), Error> {
        let mut digest = RowsDigest::new(&manifest.dataset, &manifest.columns);
        let schema = crate::DatasetSchema {
            dataset: manifest.dataset.clone(),
            columns: manifest.columns.clone(),
            key: manifest.key.clone(),
            control_totals: manifest.control_totals.iter().map(|total| total.column.clone()).collect(),
        };
        let mut totals = schema.check()?;
        for batch in self.read_dataset(manifest, None)? {
            let batch = batch?;
            digest.update(&batch)?;
            for total in &mut totals {
                total.add(&manifest.dataset, &batch)?;
            }
        }
        let differs = |what: &str, expected: &dyn std::fmt::Display, found: &dyn std::fmt::Display| {
            Error::from(Corrupt::new(format!("{what} of dataset `{}`", manifest.dataset), expected, found))
        };
        for (stated, total) in manifest.control_totals.iter().zip(&totals) {
            let found = total.finish(None).stored;
            if found != stated.stored {
                return Err(differs(&format!("the control total of `{}`", stated.column), &stated.stored, &found));
            }
        }
        let found = digest.finish();
        if found == manifest.rows_digest { Ok(()) } else { Err(differs("the rows", &manifest.rows_digest, &found)) }
    }
}

/// The rows of a dataset, batch by batch. Memory: the projected chunks of one row group, and one batch.
pub struct DatasetReader {
    dataset: String,
    schema: SchemaRef,
    projection: Vec<usize>,
    parts: VecDeque<PartReader>,
    current: Option<(PartReader, ArrowReaderMetadata, usize)>,
    batches: Option<ParquetRecordBatchReader>,
    file_schema: SchemaRef,
    skip: u64,
    batch_rows: usize,
}

impl std::fmt::Debug for DatasetReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DatasetReader").field("dataset", &self.dataset).finish_non_exhaustive()
    }
}

impl DatasetReader {
    pub(crate) fn new(
        vault: &Vault,
        tree: Tree,
        dataset: &str,
        columns: &[Column],
        parts: &[Part],
        wanted: Option<&[&str]>,
    ) -> Result<Self, Error> {
        if let Some(unknown) =
            wanted.into_iter().flatten().find(|name| !columns.iter().any(|column| column.name == **name))
        {
            let problem = format!("`{unknown}` is not a column");
            return Err(Error::Declaration { dataset: dataset.to_owned(), problem });
        }
        let chosen = |column: &Column| wanted.is_none_or(|wanted| wanted.contains(&column.name.as_str()));
        let projection: Vec<usize> =
            columns.iter().enumerate().filter(|(_, column)| chosen(column)).map(|(index, _)| index).collect();
        let projected: Vec<Column> = columns.iter().filter(|column| chosen(column)).cloned().collect();
        // All parts are opened at once: a missing part is better known before the first row than after the last.
        let parts =
            parts.iter().map(|part| vault.open_part_in(tree, columns, part)).collect::<Result<VecDeque<_>, Error>>()?;
        Ok(Self {
            dataset: dataset.to_owned(),
            schema: arrow_schema(&projected),
            projection,
            parts,
            current: None,
            batches: None,
            file_schema: arrow_schema(columns),
            skip: 0,
            batch_rows: BATCH_ROWS,
        })
    }

    /// Leaves out the first `rows` rows and gives the others in batches of `batch_rows`. Row groups that lie wholly before
    /// them are not read, so the last page of a large dataset costs no more than the first of a row group.
    #[must_use]
    pub fn paging(mut self, rows: u64, batch_rows: usize) -> Self {
        self.skip = rows;
        self.batch_rows = batch_rows;
        self
    }

    /// The columns of the batches.
    pub fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn next_batch(&mut self) -> Result<Option<RecordBatch>, Error> {
        let doing = format!("decode rows of dataset `{}`", self.dataset);
        loop {
            if let Some(batches) = &mut self.batches {
                if let Some(batch) = batches.next() {
                    return batch.map(Some).map_err(Error::arrow(doing));
                }
                self.batches = None;
            }
            if !self.next_row_group()? {
                return Ok(None);
            }
        }
    }

    /// Reads and checks the projected chunks of the next row group; says whether there was one.
    fn next_row_group(&mut self) -> Result<bool, Error> {
        let doing = || format!("decode rows of dataset `{}`", self.dataset);
        loop {
            let Some((part, metadata, group)) = &mut self.current else {
                let Some(part) = self.parts.pop_front() else { return Ok(false) };
                let options = ArrowReaderOptions::new().with_schema(self.file_schema.clone());
                let metadata =
                    ArrowReaderMetadata::try_new(part.metadata().clone(), options).map_err(Error::parquet(doing()))?;
                self.current = Some((part, metadata, 0));
                continue;
            };
            if *group >= part.part().row_groups.len() {
                self.current = None;
                continue;
            }
            let rows = part.part().row_groups.get(*group).map_or(0, |group| group.rows);
            if rows <= self.skip {
                self.skip -= rows;
                *group += 1;
                continue;
            }
            let mut chunks = Vec::with_capacity(self.projection.len());
            for column in &self.projection {
                let range = part.part().row_groups.get(*group).and_then(|group| group.chunks.get(*column));
                let offset = range.map(|chunk| chunk.offset).unwrap_or_default();
                chunks.push((offset, part.read_chunk(*group, *column)?));
            }
            let reader = CheckedChunks { chunks: Arc::from(chunks), len: part.len() };
            let mask = ProjectionMask::leaves(metadata.parquet_schema(), self.projection.iter().copied());
            let batches = ParquetRecordBatchReaderBuilder::new_with_metadata(reader, metadata.clone())
                .with_row_groups(vec![*group])
                .with_projection(mask)
                .with_batch_size(self.batch_rows)
                // Less than the rows of this group: groups that end before are passed over above.
                .with_offset(usize::try_from(self.skip).unwrap_or(usize::MAX))
                .build()
                .map_err(Error::parquet(doing()))?;
            *group += 1;
            self.skip = 0;
            self.batches = Some(batches);
            return Ok(true);
        }
    }
}

impl Iterator for DatasetReader {
    type Item = Result<RecordBatch, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.next_batch();
        if next.is_err() {
            // After an error there is nothing more to trust.
            self.parts.clear();
            self.current = None;
            self.batches = None;
        }
        next.transpose()
    }
}

/// Chunks that were checked, posing as the file they came from.
#[derive(Clone)]
struct CheckedChunks {
    chunks: Arc<[(u64, Bytes)]>,
    len: u64,
}

impl CheckedChunks {
    fn from(&self, start: u64) -> Result<Bytes, ParquetError> {
        self.chunks
            .iter()
            .find_map(|(offset, bytes)| {
                let skip = usize::try_from(start.checked_sub(*offset)?).ok()?;
                (skip < bytes.len()).then(|| bytes.slice(skip..))
            })
            .ok_or_else(|| ParquetError::EOF(format!("byte {start} lies in no chunk that was asked for")))
    }
}

impl Length for CheckedChunks {
    fn len(&self) -> u64 {
        self.len
    }
}

impl ChunkReader for CheckedChunks {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(self.from(start)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let bytes = self.from(start)?;
        if length <= bytes.len() {
            Ok(bytes.slice(..length))
        } else {
            Err(ParquetError::EOF(format!("{length} bytes at {start} reach past a chunk")))
        }
    }
}

//! Rows to Parquet files in bounded memory, with the digest of each piece taken as it is written.
//!
//! Invariant: at most one row group and one batch are in memory.

use arrow::{array::RecordBatch, datatypes::SchemaRef};
use parquet::arrow::{ArrowWriter, arrow_writer::ArrowWriterOptions};
use tickmark_canonical::Digest;

use crate::{
    Chunk, Column, Error, Footer, Part, RowGroup, Vault, WriteOptions, arrow_schema, encoding,
    objects::{ObjectWriter, PendingObject},
};

/// Rows handed to the encoder at a time, so that the size of a row group of very wide rows is looked at often enough.
const ROWS_AT_ONCE: usize = 16 * 1024;

/// Rows looked at before encodings are chosen.
const SAMPLE_ROWS: usize = 32 * 1024;

/// Writes rows to as many parts as they need.
pub(crate) struct PartsWriter {
    vault: Vault,
    name: String,
    columns: Vec<Column>,
    schema: SchemaRef,
    options: WriteOptions,
    waiting: Vec<RecordBatch>,
    waiting_rows: usize,
    current: Option<PartWriter>,
    finished: Vec<(Part, PendingObject)>,
}

impl PartsWriter {
    pub(crate) fn new(vault: Vault, name: &str, columns: &[Column], options: WriteOptions) -> Self {
        Self {
            vault,
            name: name.to_owned(),
            columns: columns.to_vec(),
            schema: arrow_schema(columns),
            options,
            waiting: Vec::new(),
            waiting_rows: 0,
            current: None,
            finished: Vec::new(),
        }
    }

    /// Adds rows whose types were checked.
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let doing = || format!("write rows of dataset `{}`", self.name);
        let batch =
            RecordBatch::try_new(self.schema.clone(), batch.columns().to_vec()).map_err(Error::arrow(doing()))?;
        if self.current.is_some() {
            return self.encode(&batch);
        }
        self.waiting_rows += batch.num_rows();
        self.waiting.push(batch);
        if self.waiting_rows >= SAMPLE_ROWS { self.begin_part() } else { Ok(()) }
    }

    /// Ends the last part; gives all parts and the objects that wait to be published.
    pub(crate) fn finish(mut self) -> Result<Vec<(Part, PendingObject)>, Error> {
        // No rows at all still make a part: an empty extract is evidence too, with a schema.
        if self.waiting.is_empty() && self.current.is_none() && self.finished.is_empty() {
            self.begin_part()?;
        }
        // What waits may fill more than one part.
        while !self.waiting.is_empty() {
            self.begin_part()?;
        }
        if let Some(part) = self.current.take() {
            self.finished.push(part.finish(&self.name)?);
        }
        Ok(self.finished)
    }

    fn begin_part(&mut self) -> Result<(), Error> {
        let sample = std::mem::take(&mut self.waiting);
        self.waiting_rows = 0;
        self.current = Some(PartWriter::new(self, &sample)?);
        sample.iter().try_for_each(|batch| self.encode(batch))
    }

    fn encode(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let mut at = 0;
        while at < batch.num_rows() {
            let Some(part) = &mut self.current else {
                // The part was full: the rest waits to be the sample of the next one.
                let rest = batch.slice(at, batch.num_rows() - at);
                self.waiting_rows += rest.num_rows();
                self.waiting.push(rest);
                return Ok(());
            };
            let take = part.room(&self.options).min(batch.num_rows() - at).min(ROWS_AT_ONCE);
            part.write(&self.name, &batch.slice(at, take))?;
            at += take;
            if part.group_is_full(&self.options) {
                part.end_group(&self.name, &self.columns)?;
                if part.bytes >= self.options.part_bytes
                    && let Some(part) = self.current.take()
                {
                    self.finished.push(part.finish(&self.name)?);
                }
            }
        }
        Ok(())
    }
}

/// One Parquet file being written.
struct PartWriter {
    columns: Vec<Column>,
    writer: ArrowWriter<Vec<u8>>,
    object: ObjectWriter,
    /// Bytes handed to the object: where the next piece begins.
    bytes: u64,
    rows: u64,
    row_groups: Vec<RowGroup>,
}

impl PartWriter {
    fn new(parts: &PartsWriter, sample: &[RecordBatch]) -> Result<Self, Error> {
        let options = ArrowWriterOptions::new()
            .with_properties(encoding::properties(&parts.columns, sample)?)
            // The manifest has the types; Arrow's own copy of the schema would tie the bytes to its version.
            .with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(Vec::new(), parts.schema.clone(), options)
            .map_err(Error::parquet(format!("begin a part of dataset `{}`", parts.name)))?;
        let object = parts.vault.begin(parts.options.sealed)?;
        Ok(Self { columns: parts.columns.clone(), writer, object, bytes: 0, rows: 0, row_groups: Vec::new() })
    }

    fn room(&self, options: &WriteOptions) -> usize {
        options.row_group_rows.saturating_sub(self.writer.in_progress_rows()).max(1)
    }

    fn group_is_full(&self, options: &WriteOptions) -> bool {
        self.writer.in_progress_rows() >= options.row_group_rows
            || self.writer.in_progress_size() >= options.row_group_bytes
    }

    fn write(&mut self, name: &str, batch: &RecordBatch) -> Result<(), Error> {
        self.writer.write(batch).map_err(Error::parquet(format!("encode rows of dataset `{name}`")))
    }

    /// Closes the row group in progress, takes its chunks' digests and hands its bytes on.
    fn end_group(&mut self, name: &str, columns: &[Column]) -> Result<(), Error> {
        let doing = || format!("write a row group of dataset `{name}`");
        if self.writer.in_progress_rows() == 0 {
            return Ok(());
        }
        self.writer.flush().map_err(Error::parquet(doing()))?;
        self.writer.sync().map_err(|error| Error::parquet(doing())(error.into()))?;
        let misplaced =
            || Error::parquet(doing())(parquet::errors::ParquetError::General("a chunk lies elsewhere".into()));
        let group = self.writer.flushed_row_groups().last().ok_or_else(misplaced)?.clone();
        let start = self.bytes;
        let bytes = self.writer.inner_mut();
        let mut chunks = Vec::with_capacity(columns.len());
        for (column, metadata) in columns.iter().zip(group.columns()) {
            let (offset, length) = metadata.byte_range();
            let from = offset.checked_sub(start).and_then(|from| usize::try_from(from).ok());
            let len = usize::try_from(length).ok();
            let slice =
                from.zip(len).and_then(|(from, len)| bytes.get(from..from.checked_add(len)?)).ok_or_else(misplaced)?;
            chunks.push(Chunk { column: column.name.clone(), offset, length, digest: Digest::of(slice) });
        }
        let rows = u64::try_from(group.num_rows()).map_err(|_| misplaced())?;
        self.object.push(bytes)?;
        self.bytes += bytes.len() as u64;
        bytes.clear();
        self.rows += rows;
        self.row_groups.push(RowGroup::new(rows, chunks));
        Ok(())
    }

    fn finish(mut self, name: &str) -> Result<(Part, PendingObject), Error> {
        let columns = std::mem::take(&mut self.columns);
        self.end_group(name, &columns)?;
        let doing = || format!("end a part of dataset `{name}`");
        self.writer.finish().map_err(Error::parquet(doing()))?;
        self.writer.sync().map_err(|error| Error::parquet(doing())(error.into()))?;
        let bytes = self.writer.inner();
        // A part without rows still holds the opening magic in these bytes; the footer begins behind it.
        let magic = if self.bytes == 0 { crate::manifest::MAGIC.len() } else { 0 };
        let footer = bytes.get(magic..).unwrap_or_default();
        let footer =
            Footer { offset: self.bytes + magic as u64, length: footer.len() as u64, digest: Digest::of(footer) };
        self.object.push(bytes)?;
        let pending = self.object.finish()?;
        let part = Part {
            object: pending.digest,
            rows: self.rows,
            bytes: pending.plain_len,
            footer,
            row_groups: self.row_groups,
        };
        Ok((part, pending))
    }
}

//! Parquet's reader over the vault's: every chunk checked before one byte of it is decoded.
//!
//! Invariant: bytes come from the vault's checked reads or from the cache of them, never from a path.

use std::{fmt, ops::Range, sync::Arc};

use bytes::Bytes;
use datafusion::{
    common::{Result, internal_err},
    datasource::{listing::PartitionedFile, physical_plan::ParquetFileReaderFactory},
    physical_plan::metrics::ExecutionPlanMetricsSet,
};
use futures::{FutureExt, future::BoxFuture};
use parquet::{
    arrow::{arrow_reader::ArrowReaderOptions, async_reader::AsyncFileReader},
    errors::ParquetError,
    file::metadata::ParquetMetaData,
};
use tickmark_vault::PartReader;

use super::ChunkCache;

/// A part that is open, with the places of its chunks.
#[derive(Clone)]
pub(super) struct OpenPart {
    reader: PartReader,
    /// First byte and end of each chunk in the order of the file, with its row group and column.
    chunks: Arc<[(Range<u64>, usize, usize)]>,
}

impl fmt::Debug for OpenPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpenPart({})", self.reader.part().object)
    }
}

impl OpenPart {
    pub(super) fn new(reader: PartReader) -> Self {
        let mut chunks = Vec::new();
        for (group, row_group) in reader.part().row_groups.iter().enumerate() {
            for (column, chunk) in row_group.chunks.iter().enumerate() {
                chunks.push((chunk.range(), group, column));
            }
        }
        Self { reader, chunks: chunks.into() }
    }

    pub(super) fn reader(&self) -> &PartReader {
        &self.reader
    }

    /// Bytes of the part: those of a chunk, or a piece of one, through the cache.
    fn read(&self, cache: &ChunkCache, range: &Range<u64>) -> Result<Bytes, tickmark_vault::Error> {
        let index = self.chunks.partition_point(|(chunk, ..)| chunk.start <= range.start).saturating_sub(1);
        let Some((chunk, group, column)) = self.chunks.get(index).filter(|(chunk, ..)| range.end <= chunk.end) else {
            return self.reader.read_range(range.clone());
        };
        let key = (self.reader.part().object, index);
        let bytes = match cache.get(&key) {
            Some(bytes) => bytes,
            None => {
                let bytes = self.reader.read_chunk(*group, *column)?;
                cache.keep(key, &bytes);
                bytes
            }
        };
        let from = usize::try_from(range.start.saturating_sub(chunk.start)).unwrap_or(usize::MAX);
        let length = usize::try_from(range.end.saturating_sub(range.start)).unwrap_or(usize::MAX);
        match from.checked_add(length).filter(|end| *end <= bytes.len()) {
            Some(end) => Ok(bytes.slice(from..end)),
            None => self.reader.read_range(range.clone()),
        }
    }
}

/// Opens the part that a file of a scan carries.
#[derive(Debug)]
pub(super) struct CheckedReaders {
    pub(super) cache: Arc<ChunkCache>,
}

impl ParquetFileReaderFactory for CheckedReaders {
    fn create_reader(
        &self,
        _: usize,
        file: PartitionedFile,
        _: Option<usize>,
        _: &ExecutionPlanMetricsSet,
    ) -> Result<Box<dyn AsyncFileReader + Send>> {
        match file.extension::<OpenPart>() {
            Some(part) => Ok(Box::new(CheckedReader { part: part.clone(), cache: Arc::clone(&self.cache) })),
            None => internal_err!("a file of a scan carries no part of the vault"),
        }
    }
}

/// Reads one part. The vault's reads are synchronous; a job runs on threads of its own, which may wait for a disk.
struct CheckedReader {
    part: OpenPart,
    cache: Arc<ChunkCache>,
}

impl AsyncFileReader for CheckedReader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, parquet::errors::Result<Bytes>> {
        let read = self.part.read(&self.cache, &range).map_err(|error| ParquetError::External(Box::new(error)));
        futures::future::ready(read).boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        _: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, parquet::errors::Result<Arc<ParquetMetaData>>> {
        futures::future::ready(Ok(Arc::clone(self.part.reader.metadata()))).boxed()
    }
}

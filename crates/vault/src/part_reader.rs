//! Reads of a part that are checked against its manifest, piece by piece.
//!
//! Invariant: no byte is handed out whose piece (chunk, footer) did not just hash to the manifest's digest. The bytes
//! hashed are the bytes handed out: nothing is read twice.

use std::{fmt, ops::Range, sync::Arc};

use bytes::Bytes;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use tickmark_canonical::Digest;

use crate::{
    Chunk, Column, Corrupt, Error, Manifest, Part, Vault,
    manifest::MAGIC,
    objects::{Content, Tree},
};

/// Length of the metadata's length and the closing magic, at the end of every Parquet file.
const TAIL: usize = 8;

/// One part, opened. Cheap to clone; its file stays open.
#[derive(Clone)]
pub struct PartReader(Arc<Inner>);

struct Inner {
    content: Content,
    part: Part,
    metadata: Arc<ParquetMetaData>,
}

impl fmt::Debug for PartReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PartReader({})", self.0.part.object)
    }
}

impl Vault {
    /// Opens a part of a dataset: reads and checks its footer, and that its length and layout are the manifest's.
    pub fn open_part(&self, manifest: &Manifest, part: usize) -> Result<PartReader, Error> {
        let chosen = manifest.parts.get(part).ok_or_else(|| Error::Declaration {
            dataset: manifest.dataset.clone(),
            problem: format!("part {part} of {}", manifest.parts.len()),
        })?;
        self.open_part_in(Tree::Objects, &manifest.columns, chosen)
    }

    pub(crate) fn open_part_in(&self, tree: Tree, columns: &[Column], part: &Part) -> Result<PartReader, Error> {
        let content = self.content(tree, &part.object)?;
        let corrupt = |expected: String, found: String| {
            Error::from(Corrupt::new(format!("part {}", part.object), expected, found))
        };
        if content.len() != part.bytes {
            return Err(corrupt(format!("{} bytes", part.bytes), format!("{} bytes", content.len())));
        }
        let footer = read_checked(&content, "the footer", part.footer.range(), &part.footer.digest)?;
        let metadata = parse_footer(&footer).map_err(|found| corrupt("a Parquet footer".to_owned(), found))?;
        check_layout(columns, part, &metadata).map_err(|found| corrupt("the manifest's layout".to_owned(), found))?;
        Ok(PartReader(Arc::new(Inner { content, part: part.clone(), metadata: Arc::new(metadata) })))
    }
}

impl PartReader {
    /// What the manifest says of this part.
    pub fn part(&self) -> &Part {
        &self.0.part
    }

    /// Its length in bytes.
    pub fn len(&self) -> u64 {
        self.0.part.bytes
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.0.part.rows == 0
    }

    /// The Parquet metadata of its checked footer.
    pub fn metadata(&self) -> &Arc<ParquetMetaData> {
        &self.0.metadata
    }

    /// The bytes of one column of one row group, both counted from 0.
    pub fn read_chunk(&self, row_group: usize, column: usize) -> Result<Bytes, Error> {
        let chunk =
            self.0.part.row_groups.get(row_group).and_then(|group| group.chunks.get(column)).ok_or_else(|| {
                Error::Declaration {
                    dataset: format!("part {}", self.0.part.object),
                    problem: format!("no column {column} in row group {row_group}"),
                }
            })?;
        self.read_piece(chunk).map(Bytes::from)
    }

    /// Any bytes of the part. Reads and checks every piece that the range touches, however small the range: ask for
    /// whole chunks.
    pub fn read_range(&self, range: Range<u64>) -> Result<Bytes, Error> {
        let part = &self.0.part;
        let out_of_range = || Error::Range { digest: part.object, len: part.bytes, start: range.start, end: range.end };
        if range.start > range.end || range.end > part.bytes {
            return Err(out_of_range());
        }
        let touches = |piece: &Range<u64>| piece.start < range.end && range.start < piece.end;
        let mut found = Vec::new();
        let mut covered: Option<Range<u64>> = None;
        let mut take = |piece: Range<u64>, bytes: Vec<u8>| {
            covered = Some(covered.as_ref().map_or(piece.clone(), |before| before.start..piece.end));
            if found.is_empty() { found = bytes } else { found.extend_from_slice(&bytes) }
        };
        let magic = 0..MAGIC.len() as u64;
        if touches(&magic) {
            let bytes = self.0.content.read(magic.start, magic.end)?;
            if bytes != MAGIC {
                let what = format!("the first bytes of part {}", part.object);
                return Err(Corrupt::new(what, "PAR1", String::from_utf8_lossy(&bytes)).into());
            }
            take(magic, bytes);
        }
        for chunk in part.row_groups.iter().flat_map(|group| &group.chunks) {
            if touches(&chunk.range()) {
                take(chunk.range(), self.read_piece(chunk)?);
            }
        }
        if touches(&part.footer.range()) {
            take(
                part.footer.range(),
                read_checked(&self.0.content, "the footer", part.footer.range(), &part.footer.digest)?,
            );
        }
        let Some(covered) = covered else { return Ok(Bytes::new()) };
        let from = usize::try_from(range.start.saturating_sub(covered.start)).map_err(|_| out_of_range())?;
        let len = usize::try_from(range.end - range.start).map_err(|_| out_of_range())?;
        if covered.start > range.start || from + len > found.len() {
            return Err(out_of_range());
        }
        Ok(Bytes::from(found).slice(from..from + len))
    }

    fn read_piece(&self, chunk: &Chunk) -> Result<Vec<u8>, Error> {
        let what = format!("a chunk of column `{}`", chunk.column);
        read_checked(&self.0.content, &what, chunk.range(), &chunk.digest)
    }
}

fn read_checked(content: &Content, what: &str, range: Range<u64>, digest: &Digest) -> Result<Vec<u8>, Error> {
    let bytes = content.read(range.start, range.end)?;
    let found = Digest::of(&bytes);
    if found == *digest {
        return Ok(bytes);
    }
    let what = format!("{what} at bytes {} to {} of part {}", range.start, range.end, content.digest());
    Err(Corrupt::new(what, digest, found).into())
}

/// Finds and decodes the metadata at the end of a footer.
fn parse_footer(footer: &[u8]) -> Result<ParquetMetaData, String> {
    let (before, tail) = footer.split_last_chunk::<TAIL>().ok_or("fewer than 8 bytes")?;
    let (length, magic) = tail.split_first_chunk::<4>().ok_or("no length")?;
    if magic != MAGIC {
        return Err("no closing magic".to_owned());
    }
    let length = u32::from_le_bytes(*length) as usize;
    let start = before.len().checked_sub(length).ok_or("metadata longer than the footer")?;
    let metadata = before.get(start..).unwrap_or_default();
    ParquetMetaDataReader::decode_metadata(metadata).map_err(|error| error.to_string())
}

/// Whether the file's own metadata puts rows and chunks where the manifest does.
fn check_layout(columns: &[Column], part: &Part, metadata: &ParquetMetaData) -> Result<(), String> {
    if metadata.num_row_groups() != part.row_groups.len() {
        return Err(format!("{} row groups", metadata.num_row_groups()));
    }
    for (ours, theirs) in part.row_groups.iter().zip(metadata.row_groups()) {
        if u64::try_from(theirs.num_rows()) != Ok(ours.rows) {
            return Err(format!("a row group of {} rows", theirs.num_rows()));
        }
        if theirs.num_columns() != columns.len() {
            return Err(format!("{} columns", theirs.num_columns()));
        }
        for (chunk, found) in ours.chunks.iter().zip(theirs.columns()) {
            if found.byte_range() != (chunk.offset, chunk.length) {
                return Err(format!("column `{}` at {:?}", chunk.column, found.byte_range()));
            }
        }
    }
    Ok(())
}

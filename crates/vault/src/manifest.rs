//! The manifest of a dataset: what was extracted, from where, when, how much, and the digest of every piece of it.
//!
//! A manifest is canonical JSON and an object itself (sealed if its dataset is: digests of a small table's bytes would
//! let an outsider test guesses about them). Whoever holds its digest can check any column of any row group without
//! reading the rest: manifest → row group → column chunk → bytes.
//!
//! Invariant: the pieces a manifest names (four bytes of magic, chunks, footer) cover every byte of a part, in order,
//! without gap or overlap.

use std::{collections::BTreeMap, ops::Range};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use tickmark_canonical::{Digest, from_canonical, to_canonical};

use crate::{Column, Corrupt, Error};

/// The format this version writes and reads.
pub const MANIFEST_FORMAT: &str = "tickmark/dataset/1";

/// Before the name of a column, the parameter that says why the source has nothing of it.
pub const CANNOT_TELL: &str = "cannot tell ";

/// Parquet files begin with `PAR1` (Apache Parquet format, "File format").
pub(crate) const MAGIC: &[u8; 4] = b"PAR1";

/// What one extract of a dataset is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`MANIFEST_FORMAT`].
    pub format: String,
    /// The dataset's id in the catalog.
    pub dataset: String,
    /// Its columns as declared at the time, in order.
    pub columns: Vec<Column>,
    /// The columns that name a row.
    pub key: Vec<String>,
    /// Rows stored.
    pub rows: u64,
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
    /// Sums over columns, ours and the source's.
    pub control_totals: Vec<ControlTotal>,
    /// The Parquet files, in the order of their rows.
    pub parts: Vec<Part>,
    /// The digest of the rows themselves ([`crate::RowsDigest`]), whatever file holds them.
    pub rows_digest: Digest,
    /// Whether the parts and this manifest are sealed objects.
    pub sealed: bool,
}

/// A window of dates, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// The first date.
    pub first: Date,
    /// The last date.
    pub last: Date,
}

/// The program that extracted a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extractor {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// A sum over one column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlTotal {
    /// The column.
    pub column: String,
    /// The sum of the rows stored, exact, with the column's scale.
    pub stored: String,
    /// The source's own sum as it gave it, if it gave one.
    pub source: Option<String>,
}

impl ControlTotal {
    /// Whether the two sums are the same number; nothing if the source gave none. A text that is no plain decimal
    /// number never agrees.
    pub fn agrees(&self) -> Option<bool> {
        let source = self.source.as_deref()?;
        Some(matches!((plain_number(&self.stored), plain_number(source)), (Some(ours), Some(theirs)) if ours == theirs))
    }
}

/// A decimal number as sign, digits before the point without leading zeros, digits after it without trailing zeros.
fn plain_number(text: &str) -> Option<(bool, &str, &str)> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let sound = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !sound(whole) || !sound(fraction) {
        return None;
    }
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    Some((negative && !(whole.is_empty() && fraction.is_empty()), whole, fraction))
}

/// One Parquet file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The object that holds it.
    pub object: Digest,
    /// Rows in it.
    pub rows: u64,
    /// Its length in bytes (of plaintext if it is sealed).
    pub bytes: u64,
    /// Everything behind the last row group.
    pub footer: Footer,
    /// Its row groups, in order.
    pub row_groups: Vec<RowGroup>,
}

/// The end of a Parquet file: metadata, its length, and the closing magic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Footer {
    /// Where it begins.
    pub offset: u64,
    /// Its length in bytes; it ends the file.
    pub length: u64,
    /// SHA-256 of its bytes.
    pub digest: Digest,
}

impl Footer {
    /// The bytes it takes.
    pub fn range(&self) -> Range<u64> {
        self.offset..self.offset.saturating_add(self.length)
    }
}

/// A run of rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowGroup {
    /// Rows in it.
    pub rows: u64,
    /// [`Digest::of_parts`] over its chunks' digests, in order.
    pub digest: Digest,
    /// One chunk for each column, in the columns' order.
    pub chunks: Vec<Chunk>,
}

impl RowGroup {
    pub(crate) fn new(rows: u64, chunks: Vec<Chunk>) -> Self {
        let digest = Self::digest_of(&chunks);
        Self { rows, digest, chunks }
    }

    fn digest_of(chunks: &[Chunk]) -> Digest {
        let digests: Vec<&[u8]> = chunks.iter().map(|chunk| chunk.digest.as_bytes().as_slice()).collect();
        Digest::of_parts(&digests)
    }
}

/// One column of one row group, as it lies in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chunk {
    /// The column.
    pub column: String,
    /// Where it begins in the part.
    pub offset: u64,
    /// Its length in bytes.
    pub length: u64,
    /// SHA-256 of its bytes.
    pub digest: Digest,
}

impl Chunk {
    /// The bytes it takes.
    pub fn range(&self) -> Range<u64> {
        self.offset..self.offset.saturating_add(self.length)
    }
}

impl Manifest {
    /// Columns of which the source has nothing, with the reason.
    pub fn cannot_tell(&self) -> impl Iterator<Item = (String, String)> {
        let told = |(name, why): (&String, &String)| Some((name.strip_prefix(CANNOT_TELL)?.to_owned(), why.clone()));
        self.parameters.iter().filter_map(told)
    }

    /// The manifest's canonical bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        to_canonical(self).map_err(|source| Error::NotCanonical { dataset: self.dataset.clone(), source })
    }

    /// Reads canonical bytes and checks that what they say fits together.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let refuse = |found: String| {
            let what = format!("manifest {}", Digest::of(bytes));
            Error::from(Corrupt::new(what, "a manifest in canonical form", found))
        };
        let manifest: Self = from_canonical(bytes).map_err(|error| refuse(error.to_string()))?;
        manifest.check().map_err(refuse)?;
        Ok(manifest)
    }

    /// Whether rows stored are the source's own count; nothing if it gave none.
    pub fn count_agrees(&self) -> Option<bool> {
        self.source_count.map(|count| count == self.rows)
    }

    /// The digests of the objects that hold the rows.
    pub fn objects(&self) -> Vec<Digest> {
        self.parts.iter().map(|part| part.object).collect()
    }

    /// The position of a column.
    pub fn column_index(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    fn check(&self) -> Result<(), String> {
        if self.format != MANIFEST_FORMAT {
            return Err(format!("format `{}`", self.format));
        }
        check_columns(&self.columns, &self.key)?;
        check_parts(&self.columns, &self.parts, self.rows)
    }
}

/// Whether names are distinct and the key names columns.
pub(crate) fn check_columns(columns: &[Column], key: &[String]) -> Result<(), String> {
    let mut names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    names.sort_unstable();
    if names.is_empty() {
        return Err("no columns".to_owned());
    }
    if let Some(twice) = names.windows(2).find_map(|pair| if let [a, b] = pair { (a == b).then_some(a) } else { None })
    {
        return Err(format!("two columns `{twice}`"));
    }
    match key.iter().find(|name| names.binary_search(&name.as_str()).is_err()) {
        Some(name) => Err(format!("key column `{name}` is not a column")),
        None => Ok(()),
    }
}

/// Whether parts cover their files without gap or overlap, and their rows add up.
pub(crate) fn check_parts(columns: &[Column], parts: &[Part], rows: u64) -> Result<(), String> {
    let mut stored = 0_u64;
    for part in parts {
        let mut at = MAGIC.len() as u64;
        let mut part_rows = 0_u64;
        for group in &part.row_groups {
            let named = group.chunks.iter().map(|chunk| &chunk.column).eq(columns.iter().map(|column| &column.name));
            if !named {
                return Err(format!("part {}: the chunks of a row group are not the columns", part.object));
            }
            if group.digest != RowGroup::digest_of(&group.chunks) {
                return Err(format!("part {}: a row group's digest is not that of its chunks", part.object));
            }
            for chunk in &group.chunks {
                if chunk.offset != at {
                    return Err(format!("part {}: a chunk begins at {}, not at {at}", part.object, chunk.offset));
                }
                at = chunk.range().end;
            }
            part_rows = part_rows.saturating_add(group.rows);
        }
        if part.footer.offset != at || part.footer.range().end != part.bytes {
            return Err(format!("part {}: the footer does not reach from {at} to {}", part.object, part.bytes));
        }
        if part_rows != part.rows {
            return Err(format!("part {}: {part_rows} rows in its row groups, {} in all", part.object, part.rows));
        }
        stored = stored.saturating_add(part_rows);
    }
    if stored == rows { Ok(()) } else { Err(format!("{stored} rows in its parts, {rows} in all")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_agree_as_numbers_not_as_texts() {
        let total = |stored: &str, source: &str| {
            ControlTotal { column: "gross".into(), stored: stored.into(), source: Some(source.into()) }.agrees()
        };
        for (one, two) in [("12.50", "12.5"), ("12.50", "012.500"), ("0.00", "-0"), ("-3", "-3.0"), ("0.10", ".10")] {
            let expected = two != ".10";
            assert_eq!(total(one, two), Some(expected), "{one} {two}");
        }
        for (one, two) in [("12.50", "12.51"), ("12.50", "-12.50"), ("12.50", "12,50"), ("1", "1e0"), ("1", "")] {
            assert_eq!(total(one, two), Some(false), "{one} {two}");
        }
    }
}

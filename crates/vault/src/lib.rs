//! Bytes by digest: evidence and prose, one namespace for each organization, on a local folder.
//!
//! Plain objects are named by the SHA-256 of their bytes. Personal data is *sealed*: encrypted under a key of its own
//! and named by the SHA-256 of the encrypted file, so that destroying the key erases it everywhere while every digest
//! stays. Tables are Parquet with a [`Manifest`] that has a digest for each column of each row group.
//!
//! Invariant: nothing is overwritten, and no bytes are handed out that were not checked in this very read.
//! Invariant: a digest is handed out only when the bytes behind it survive a power cut.
//! Invariant: no control, no test and no ledger is known here.

mod check;
mod column;
mod compaction;
mod conform;
mod control_total;
mod dataset_reader;
mod dataset_schema;
mod dataset_writer;
mod encoding;
mod error;
mod exported_keys;
pub mod files;
mod key_store;
mod manifest;
mod namespace;
mod objects;
mod part_reader;
mod part_writer;
mod rows_digest;
mod seal;
mod sealing_key;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod vault;

pub use check::{CheckProgress, VaultCheck};
pub use column::{Column, ColumnType, ColumnTypeError, arrow_schema};
pub use compaction::{Compaction, CompactionSource};
pub use conform::{conform, result_columns};
pub use dataset_reader::DatasetReader;
pub use dataset_schema::DatasetSchema;
pub use dataset_writer::{DatasetWriter, Provenance, StagedDataset, WriteOptions};
pub use error::{Corrupt, Error};
pub use exported_keys::ObjectKeys;
pub use manifest::{
    CANNOT_TELL, Chunk, ControlTotal, Extractor, Footer, MANIFEST_FORMAT, Manifest, Part, Period, RowGroup,
};
pub use namespace::Namespace;
pub use part_reader::PartReader;
pub use rows_digest::{RowsDigest, rows_digest};
pub use sealing_key::SealingKey;
pub use vault::Vault;

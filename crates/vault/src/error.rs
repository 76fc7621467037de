//! What can go wrong in a vault: one error type, naming what was being done and to which path or digest.

use std::{io, path::PathBuf};

use jiff::Timestamp;
use tickmark_canonical::{Digest, NotCanonical};

/// Bytes are not what they have to be. A vault never repairs this by itself: it names the place and stops.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} is corrupt: expected {expected}, found {found}")]
pub struct Corrupt {
    /// The thing: an object, a part of it, a row of the key store.
    pub what: String,
    /// What its name, manifest or format says it has to be.
    pub expected: String,
    /// What was read instead.
    pub found: String,
}

impl Corrupt {
    pub(crate) fn new(what: impl Into<String>, expected: impl ToString, found: impl ToString) -> Self {
        Self { what: what.into(), expected: expected.to_string(), found: found.to_string() }
    }
}

/// Why a vault could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The name cannot be a folder's name on every system.
    #[error("`{name}` cannot name a namespace: 1 to 64 of a-z, 0-9, `-` and `_`, beginning with a letter or a digit")]
    NamespaceName {
        /// The refused name.
        name: String,
    },
    /// No such namespace: it has to be created first.
    #[error("there is no vault namespace at {}", path.display())]
    UnknownNamespace {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The namespace is there already.
    #[error("there is a vault namespace at {} already", path.display())]
    NamespaceExists {
        /// Where it is.
        path: PathBuf,
    },
    /// The operating system refused a file operation.
    #[error("could not {doing} {}", path.display())]
    Io {
        /// What was being done, as a verb.
        doing: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// No object has this digest.
    #[error("the vault holds no object {digest}")]
    Missing {
        /// The digest asked for.
        digest: Digest,
    },
    /// The object was erased on purpose: its key is destroyed.
    #[error("object {digest} was erased at {erased_at}: {reason}")]
    Erased {
        /// The digest asked for.
        digest: Digest,
        /// When it was erased.
        erased_at: Timestamp,
        /// Under which request or rule.
        reason: String,
    },
    /// A legal hold forbids erasing the object.
    #[error("object {digest} is under legal hold: {reason}")]
    Held {
        /// The object.
        digest: Digest,
        /// Why it is held.
        reason: String,
    },
    /// Only sealed objects have a key that can be destroyed.
    #[error("object {digest} is not sealed, so it cannot be erased")]
    NotSealed {
        /// The object.
        digest: Digest,
    },
    /// The ciphertext is there but this vault was opened without its key.
    #[error("the key of sealed object {digest} was not handed over")]
    NoKey {
        /// The object.
        digest: Digest,
    },
    /// The vault was opened for reading only.
    #[error("could not {doing}: the vault was opened for reading only")]
    ReadOnly {
        /// What was being done, as a verb.
        doing: &'static str,
    },
    /// The sealing key is not the one this namespace's object keys are wrapped under.
    #[error("the sealing key does not open {}", path.display())]
    WrongSealingKey {
        /// The key store.
        path: PathBuf,
    },
    /// The text or bytes are no sealing key.
    #[error("a sealing key is 32 bytes, written as 64 hexadecimal digits; this one is not")]
    SealingKeyText,
    /// Bytes are not what they have to be.
    #[error(transparent)]
    Corrupt(#[from] Corrupt),
    /// The key store refused.
    #[error("could not {doing} in {}", path.display())]
    Keys {
        /// What was being done, as a verb.
        doing: &'static str,
        /// The key store.
        path: PathBuf,
        /// SQLite's reason.
        source: rusqlite::Error,
    },
    /// The system gave no random bytes, or the cipher refused the input.
    #[error("could not {doing}: the cryptographic library refused")]
    Cipher {
        /// What was being done, as a verb.
        doing: &'static str,
    },
    /// A dataset's declaration is wrong in itself.
    #[error("dataset `{dataset}`: {problem}")]
    Declaration {
        /// The dataset's id.
        dataset: String,
        /// What is wrong.
        problem: String,
    },
    /// Rows do not have the declared columns and types.
    #[error("dataset `{dataset}`, column `{column}`: declared {expected}, got {found}")]
    Column {
        /// The dataset's id.
        dataset: String,
        /// The column's name.
        column: String,
        /// The declared type.
        expected: String,
        /// The type of the rows handed over.
        found: String,
    },
    /// A required column has no value.
    #[error("dataset `{dataset}`, column `{column}` is required, but row {row} has no value")]
    RequiredValue {
        /// The dataset's id.
        dataset: String,
        /// The column's name.
        column: String,
        /// The row, counted from 1 over the whole dataset.
        row: u64,
    },
    /// A control total left the range of 256 bits, or is no number.
    #[error("dataset `{dataset}`: the control total of column `{column}` cannot be summed exactly")]
    ControlTotal {
        /// The dataset's id.
        dataset: String,
        /// The column's name.
        column: String,
    },
    /// The Parquet library refused.
    #[error("could not {doing}")]
    Parquet {
        /// What was being done, as a verb, and to what.
        doing: String,
        /// Its reason.
        source: parquet::errors::ParquetError,
    },
    /// The Arrow library refused.
    #[error("could not {doing}")]
    Arrow {
        /// What was being done, as a verb, and to what.
        doing: String,
        /// Its reason.
        source: arrow::error::ArrowError,
    },
    /// A value has no canonical bytes.
    #[error("could not write the manifest of dataset `{dataset}`")]
    NotCanonical {
        /// The dataset's id.
        dataset: String,
        /// The reason.
        source: NotCanonical,
    },
    /// Manifests that cannot be compacted into one file.
    #[error("cannot compact: {problem}")]
    Compaction {
        /// What is wrong.
        problem: String,
    },
    /// A range outside the part.
    #[error("part {digest} has {len} bytes; bytes {start} to {end} were asked for")]
    Range {
        /// The part.
        digest: Digest,
        /// Its length in bytes.
        len: u64,
        /// The first byte asked for.
        start: u64,
        /// One past the last byte asked for.
        end: u64,
    },
}

impl Error {
    /// Whether the bytes are not what they must be, in our words or in SQLite's.
    pub fn is_corrupt(&self) -> bool {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        matches!(self, Self::Corrupt(_)) || matches!(self.sqlite_code(), Some(DatabaseCorrupt | NotADatabase))
    }

    /// Whether the disk had no room left, as far as the system says so.
    pub fn is_disk_full(&self) -> bool {
        use rusqlite::ErrorCode::{DiskFull, SystemIoFailure};
        let file_says = matches!(self, Self::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull);
        file_says || matches!(self.sqlite_code(), Some(DiskFull | SystemIoFailure))
    }

    fn sqlite_code(&self) -> Option<rusqlite::ErrorCode> {
        if let Self::Keys { source, .. } = self { source.sqlite_error_code() } else { None }
    }

    pub(crate) fn io(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { doing, path, source }
    }

    pub(crate) fn parquet(doing: impl Into<String>) -> impl FnOnce(parquet::errors::ParquetError) -> Self {
        let doing = doing.into();
        move |source| Self::Parquet { doing, source }
    }

    pub(crate) fn arrow(doing: impl Into<String>) -> impl FnOnce(arrow::error::ArrowError) -> Self {
        let doing = doing.into();
        move |source| Self::Arrow { doing, source }
    }

    /// Whether a disk or quota is full: the one failure an operator can clear without us.
    pub fn is_storage_full(&self) -> bool {
        let Self::Io { source, .. } = self else { return false };
        matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
    }
}

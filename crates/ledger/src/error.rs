//! What can go wrong, said once: what was being done, to which ledger or file, and why.

use std::{fmt, path::PathBuf};

/// Something in a ledger is not what it must be. Never repaired by itself: a person decides.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Corrupt {
    /// What is wrong and where, as `root hash of the tree at size 12`.
    pub what: String,
    /// What had to stand there.
    pub expected: String,
    /// What stands there.
    pub found: String,
}

impl Corrupt {
    /// Names one thing that is wrong.
    pub fn new(what: impl Into<String>, expected: impl fmt::Display, found: impl fmt::Display) -> Self {
        Self { what: what.into(), expected: expected.to_string(), found: found.to_string() }
    }
}

impl fmt::Display for Corrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is wrong: expected {}, found {}", self.what, self.expected, self.found)
    }
}

/// Why an entry cannot be written, or why bytes are no entry.
#[derive(Debug, thiserror::Error)]
pub enum InvalidEntry {
    /// A stream, author or command is empty, too long or has a character outside the allowed set.
    #[error("the {field} `{value}` is not 1 to 128 characters of A-Z a-z 0-9 . _ : / @ + -")]
    Name {
        /// Which field of the entry.
        field: &'static str,
        /// Its first characters.
        value: String,
    },
    /// The entry would be larger than an entry may be: long text belongs in the vault.
    #[error("the entry has {found} bytes; an entry has at most {limit}")]
    TooLarge {
        /// Canonical bytes of the entry.
        found: usize,
        /// The most an entry may have.
        limit: usize,
    },
    /// The body nests deeper than every reader is sure to follow.
    #[error("the body nests more than {limit} levels deep")]
    TooDeep {
        /// The most levels a body may have.
        limit: usize,
    },
    /// The entry was written in a format this version does not know.
    #[error("the entry is of format {found}; this version reads format 1")]
    UnknownFormat {
        /// The number found.
        found: u64,
    },
    /// The bytes are not canonical JSON of an entry.
    #[error("not the canonical bytes of an entry")]
    NotCanonical(#[source] tickmark_canonical::NotCanonical),
    /// The stream is written by the ledger itself.
    #[error("the stream `{stream}` is written by the ledger itself")]
    ReservedStream {
        /// The reserved name.
        stream: String,
    },
    /// A command without an entry records nothing.
    #[error("the command `{command}` has no entry")]
    EmptyCommand {
        /// The command's id.
        command: String,
    },
    /// A control entry (stream `ledger`) says something the ledger does not know.
    #[error("not a control entry of this version")]
    UnknownControl(#[source] serde_json::Error),
}

/// Every failure of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The ledger's content contradicts itself, its signature or an outside anchor.
    #[error(transparent)]
    Corrupt(#[from] Corrupt),
    /// Another writer was first: read again and decide again.
    #[error("ledger `{origin}` has {found} entries, not the {expected} this command was decided on")]
    Conflict {
        /// Which ledger.
        origin: String,
        /// The size the caller decided on.
        expected: u64,
        /// The size the ledger has.
        found: u64,
    },
    /// The same command id came again with other content.
    #[error("command `{command}` was already recorded at entry {first} with other content")]
    CommandReused {
        /// The command's id.
        command: String,
        /// Index of the first entry recorded under this id.
        first: u64,
    },
    /// An entry that must not be written.
    #[error("the entry was not written")]
    InvalidEntry(#[from] InvalidEntry),
    /// The store holds no ledger of this origin.
    #[error("the store holds no ledger `{origin}`")]
    NoLedger {
        /// The origin asked for.
        origin: String,
    },
    /// The store already holds a ledger of this origin.
    #[error("the store already holds a ledger `{origin}`")]
    LedgerExists {
        /// The origin asked for.
        origin: String,
    },
    /// The origin cannot be the name of a key (C2SP signed-note): empty, or with a space, a control character or a plus.
    #[error("`{origin}` cannot name a ledger: 1 to 128 characters without space, plus or control characters")]
    BadOrigin {
        /// The origin asked for.
        origin: String,
    },
    /// The ledger has no such entry, tile or checkpoint.
    #[error("ledger `{origin}` has no {what}")]
    NotFound {
        /// Which ledger.
        origin: String,
        /// What was asked for.
        what: String,
    },
    /// The signing key is not the one the ledger is signed with now.
    #[error("ledger `{origin}` is signed with `{expected}`, not with `{found}`")]
    WrongKey {
        /// Which ledger.
        origin: String,
        /// Verifier key in force.
        expected: String,
        /// Verifier key of the key that was offered.
        found: String,
    },
    /// A rotation that the rules do not allow.
    #[error("the key rotation is refused: {reason}")]
    RotationRefused {
        /// Which rule was broken.
        reason: String,
    },
    /// Text that is not what it should be: a key, a signed note, a checkpoint, a request.
    #[error("not a {what}: {reason}")]
    Malformed {
        /// What the text should be.
        what: &'static str,
        /// Why it is not.
        reason: String,
    },
    /// A signature that does not verify, or that nobody trusted has made.
    #[error("the signature on {what} does not verify: {reason}")]
    BadSignature {
        /// What was signed.
        what: String,
        /// Why it does not verify.
        reason: String,
    },
    /// A proof that does not prove.
    #[error("the {what} does not hold: {reason}")]
    BadProof {
        /// Which proof.
        what: &'static str,
        /// Why it does not hold.
        reason: String,
    },
    /// A sealed key that does not open.
    #[error("the sealed key does not open: {reason}")]
    SealedKey {
        /// Why.
        reason: String,
    },
    /// Two checkpoints of one ledger that cannot both be true.
    #[error("ledger `{origin}` shows two histories: {reason}")]
    Fork {
        /// Which ledger.
        origin: String,
        /// What contradicts what.
        reason: String,
    },
    /// A checkpoint under a key that is no longer trusted from this size on needs an outside anchor.
    #[error(
        "the checkpoint at size {size} is under a key not trusted from size {untrusted_from} on, and no outside anchor covers it"
    )]
    NeedsAnchor {
        /// Size of the checkpoint.
        size: u64,
        /// From which size on the key is not trusted.
        untrusted_from: u64,
    },
    /// A timestamp response that does not prove what it should.
    #[error("the timestamp is refused: {reason}")]
    Timestamp {
        /// Why.
        reason: String,
    },
    /// A pragma of the database is not as the store needs it.
    #[error("database `{}`: pragma {name} is `{found}`, not `{expected}`", path.display())]
    Pragma {
        /// The database file.
        path: PathBuf,
        /// The pragma.
        name: &'static str,
        /// What the store needs.
        expected: String,
        /// What the database says.
        found: String,
    },
    /// SQLite failed.
    #[error("{doing} in database `{}`", path.display())]
    Sqlite {
        /// What was being done.
        doing: String,
        /// The database file.
        path: PathBuf,
        /// SQLite's own words.
        #[source]
        source: rusqlite::Error,
    },
    /// A file could not be read or made.
    #[error("{doing} `{}`", path.display())]
    File {
        /// What was being done.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The operating system gave no random bytes.
    #[error("no random bytes from the operating system: {reason}")]
    NoRandomness {
        /// Its own words.
        reason: String,
    },
    /// The caller's own part of a transaction failed; nothing was written.
    #[error("the caller's part of the transaction failed")]
    Caller(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// Whether the bytes are not what they must be, in our words or in SQLite's.
    pub fn is_corrupt(&self) -> bool {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        matches!(self, Self::Corrupt(_))
            || matches!(self.sqlite_code(), Some(DatabaseCorrupt | NotADatabase))
            || self.is_foreign_value()
    }

    /// Whether a column of a strict table held what the store never puts there: another type, no text, a negative number.
    fn is_foreign_value(&self) -> bool {
        use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, Utf8Error};
        let Self::Sqlite { source, .. } = self else { return false };
        matches!(
            source,
            FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..) | Utf8Error(..)
        )
    }

    /// Whether the disk had no room left, as far as the system says so.
    pub fn is_disk_full(&self) -> bool {
        use rusqlite::ErrorCode::{DiskFull, SystemIoFailure};
        let file_says = matches!(self, Self::File { source, .. } if source.kind() == std::io::ErrorKind::StorageFull);
        file_says || matches!(self.sqlite_code(), Some(DiskFull | SystemIoFailure))
    }

    fn sqlite_code(&self) -> Option<rusqlite::ErrorCode> {
        if let Self::Sqlite { source, .. } = self { source.sqlite_error_code() } else { None }
    }

    pub(crate) fn malformed(what: &'static str, reason: impl fmt::Display) -> Self {
        Self::Malformed { what, reason: reason.to_string() }
    }

    /// The corrupt thing, when that is what went wrong.
    pub const fn corrupt(&self) -> Option<&Corrupt> {
        if let Self::Corrupt(corrupt) = self { Some(corrupt) } else { None }
    }
}

/// A part that is missing where it must be is a wrong ledger, not a wrong question.
pub(crate) fn as_corrupt(what: &str, expected: &str, error: Error) -> Error {
    if let Error::NotFound { what: missing, .. } = error {
        Corrupt::new(what, expected, format!("no {missing}")).into()
    } else {
        error
    }
}

/// An error and its causes in one line, for what a `Corrupt` found.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

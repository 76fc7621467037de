//! What can be wrong with a catalog, each named with its file and place.

use std::fmt;

use crate::CasesError;

/// One thing wrong with the catalog. A load reports all of them.
#[derive(Debug, thiserror::Error)]
#[error("catalog file `{file}`{}: {problem}", Place { line: *line, key: key.as_deref() })]
pub struct CatalogError {
    /// Path of the file below the catalog's folder.
    pub file: String,
    /// Line, counted from 1, where it is known.
    pub line: Option<usize>,
    /// The key or identifier it is about.
    pub key: Option<String>,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The folder or a file of it could not be read.
    #[error("cannot be read: {0}")]
    Unreadable(#[source] std::io::Error),
    /// The folder has something that is neither a file nor a folder; a link could point anywhere.
    #[error("is neither a file nor a folder")]
    NotAFile,
    /// The file is not UTF-8.
    #[error("is not UTF-8")]
    NotText,
    /// No rule says what this file is.
    #[error("is not a file the catalog knows")]
    UnknownFile,
    /// The file's TOML does not say what it must: bad syntax, unknown or missing key, wrong type.
    #[error("{0}")]
    Toml(String),
    /// The cases of a control test do not parse.
    #[error("{0}")]
    Cases(#[source] CasesError),
    /// A file that must stand beside this one is missing.
    #[error("`{0}` is missing")]
    Missing(String),
    /// The id differs from the file's or folder's name.
    #[error("has the id `{found}` but its name says `{expected}`")]
    IdIsNotName {
        /// What the name says.
        expected: String,
        /// What the file says.
        found: String,
    },
    /// Two things have one id.
    #[error("`{id}` is declared twice, before in `{first}`")]
    Duplicate {
        /// The id.
        id: String,
        /// The file that declared it first.
        first: String,
    },
    /// An id names nothing.
    #[error("names {kind} `{id}`, which does not exist")]
    Dangling {
        /// What the id should name.
        kind: &'static str,
        /// The id.
        id: String,
    },
    /// A rule of the catalog does not hold.
    #[error("{0}")]
    Rule(String),
}

struct Place<'a> {
    line: Option<usize>,
    key: Option<&'a str>,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(key) = self.key {
            write!(f, ", `{key}`")?;
        }
        Ok(())
    }
}

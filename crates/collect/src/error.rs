//! What can go wrong while a source is collected, each with the place it happened at.

use std::{fmt, io, path::PathBuf};

use jiff::civil::Date;

use crate::value::CellProblem;

/// Why nothing was recorded. Every variant names the file, query or command it is about.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The declaration of a source does not say what it must.
    #[error("source file `{file}`{}: {problem}", Line(*line))]
    Config {
        /// The file of the declaration.
        file: String,
        /// Its line, counted from 1, where it is known.
        line: Option<usize>,
        /// What is wrong.
        problem: String,
    },
    /// The source does not deliver this dataset.
    #[error("source `{source_id}` does not deliver the dataset `{dataset}`")]
    NotDelivered {
        /// The source.
        source_id: String,
        /// The dataset.
        dataset: String,
    },
    /// The window does not fit the dataset or the source.
    #[error("{of}: {problem}")]
    Window {
        /// Source and dataset.
        of: String,
        /// What does not fit.
        problem: String,
    },
    /// A file or folder could not be read.
    #[error("{doing} `{path}`", path = path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To which path.
        path: PathBuf,
        /// Why it failed.
        #[source]
        cause: io::Error,
    },
    /// A path leads out of the folder that the source declares.
    #[error("`{path}` leads out of the folder `{folder}`; links are followed only within it", path = path.display(), folder = folder.display())]
    LeavesFolder {
        /// The path.
        path: PathBuf,
        /// The declared folder.
        folder: PathBuf,
    },
    /// No file has a name that the source declares.
    #[error("no file `{pattern}` in `{folder}`", folder = folder.display())]
    NoFile {
        /// The pattern, with the window filled in.
        pattern: String,
        /// The folder searched.
        folder: PathBuf,
    },
    /// The columns that arrived are not the declared ones.
    #[error("{of}: {problem}")]
    Columns {
        /// File, query or command.
        of: String,
        /// Which columns are missing, unknown or there twice.
        problem: ColumnsProblem,
    },
    /// The bytes are not what the format asks for.
    #[error("{of}{}: {problem}", Line(*line))]
    Malformed {
        /// File, query or command.
        of: String,
        /// Line, counted from 1, where it is known.
        line: Option<usize>,
        /// What is wrong.
        problem: String,
    },
    /// A value cannot become what the dataset declares.
    #[error(transparent)]
    Cell(Box<CellError>),
    /// Two rows of one extract have the same key.
    #[error(transparent)]
    DuplicateKey(Box<DuplicateKey>),
    /// A row is booked outside the window that was asked for.
    #[error(transparent)]
    OutsideWindow(Box<OutsideWindow>),
    /// A database refused or broke off.
    #[error("{doing} {of}")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// The database and query.
        of: String,
        /// Why it failed.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A command could not be started or did not end well.
    #[error("command `{command}`: {problem}")]
    Command {
        /// The argument list, shortened.
        command: String,
        /// What happened, with the end of its standard error.
        problem: String,
    },
    /// A product asked over HTTP did not answer as its connector says.
    #[error("{request}: {problem}")]
    Request {
        /// Method and address.
        request: String,
        /// What is wrong.
        problem: String,
    },
    /// A product asked over HTTP does not let the secret's holder see it.
    #[error("{request}: {problem}")]
    Denied {
        /// Method and address.
        request: String,
        /// What it said.
        problem: String,
    },
    /// A document is not what it says it is.
    #[error("document `{path}`: {problem}", path = path.display())]
    Document {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// The vault could not keep what was collected.
    #[error(transparent)]
    Vault(Box<tickmark_vault::Error>),
    /// Arrow refused columns that we built; a fault of ours, never of the source.
    #[error("building rows of {of}")]
    Rows {
        /// Source and dataset.
        of: String,
        /// Why it failed.
        #[source]
        cause: arrow::error::ArrowError,
    },
    /// The other half of the pipeline failed first; its error is the one to report.
    #[error("collection stopped")]
    Stopped,
}

impl Error {
    /// A stable name of what went wrong, for scripts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Config { .. } => "source-settings",
            Self::NotDelivered { .. } => "dataset-not-delivered",
            Self::Window { .. } => "window-does-not-fit",
            Self::Io { .. } => "source-unreadable",
            Self::LeavesFolder { .. } => "path-leaves-folder",
            Self::NoFile { .. } => "no-file",
            Self::Columns { .. } => "columns-differ",
            Self::Malformed { .. } => "malformed",
            Self::Cell(_) => "value-does-not-fit",
            Self::DuplicateKey(_) => "duplicate-key",
            Self::OutsideWindow(_) => "row-outside-window",
            Self::Database { .. } => "database",
            Self::Command { .. } => "command",
            Self::Request { .. } => "request-failed",
            Self::Denied { .. } => "request-denied",
            Self::Document { .. } => "document",
            Self::Vault(_) => "vault",
            Self::Rows { .. } | Self::Stopped => "error",
        }
    }
}

impl From<tickmark_vault::Error> for Error {
    fn from(cause: tickmark_vault::Error) -> Self {
        Self::Vault(Box::new(cause))
    }
}

/// A value that cannot become what the dataset declares, with its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{of}, row {row}, column `{}`{}: {problem}", shortened(column), Target(column, dataset_column))]
pub struct CellError {
    /// File, query or command.
    pub of: String,
    /// The row as the source counts it: a spreadsheet's and a CSV file's header is row 1, other rows start at 1.
    pub row: u64,
    /// The source's column.
    pub column: String,
    /// The dataset's column.
    pub dataset_column: String,
    /// What is wrong with the value.
    pub problem: CellProblem,
}

/// Two rows of one extract that have the same key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{of}, row {row}: the key {} is the same as in row {earlier_row}{}", Names(key), Earlier(of, earlier_of))]
pub struct DuplicateKey {
    /// File, query or command of the later row.
    pub of: String,
    /// The later row.
    pub row: u64,
    /// File, query or command of the earlier row.
    pub earlier_of: String,
    /// The earlier row.
    pub earlier_row: u64,
    /// The key's columns.
    pub key: Vec<String>,
}

/// A row booked outside the window that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{of}, row {row}: `{column}` is {booked}, outside the window {first} to {last}")]
pub struct OutsideWindow {
    /// File, query or command.
    pub of: String,
    /// The row.
    pub row: u64,
    /// The booking column.
    pub column: String,
    /// The row's booking date.
    pub booked: String,
    /// The window's first day.
    pub first: Date,
    /// The window's last day.
    pub last: Date,
}

/// How the columns that arrived differ from the declared ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnsProblem {
    /// Declared columns that did not arrive.
    pub missing: Vec<String>,
    /// Columns that arrived and are neither mapped nor ignored.
    pub unknown: Vec<String>,
    /// Names that arrived more than once.
    pub duplicate: Vec<String>,
}

impl ColumnsProblem {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.missing.is_empty() && self.unknown.is_empty() && self.duplicate.is_empty()
    }
}

impl fmt::Display for ColumnsProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            ("there more than once", &self.duplicate),
            ("missing", &self.missing),
            ("neither mapped nor ignored", &self.unknown),
        ];
        let mut first = true;
        for (what, names) in parts {
            if names.is_empty() {
                continue;
            }
            let names: Vec<String> = names.iter().map(|name| format!("`{}`", shortened(name))).collect();
            let verb = if names.len() == 1 { "column" } else { "columns" };
            write!(f, "{}{verb} {what}: {}", if first { "" } else { "; " }, names.join(", "))?;
            first = false;
        }
        Ok(())
    }
}

/// At most 40 characters of `text`, control characters escaped, so that a hostile value cannot write on a terminal.
pub(crate) fn shortened(text: &str) -> String {
    const LONGEST: usize = 40;
    let mut short: String = text.chars().take(LONGEST).flat_map(printable).collect();
    if text.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}

/// What a reader would not see, or would take for the end of the value, is written as its number.
fn printable(c: char) -> Vec<char> {
    match c {
        '\'' | '"' | '\\' => vec![c],
        '`' => c.escape_unicode().collect(),
        c => c.escape_debug().collect(),
    }
}

struct Line(Option<usize>);

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |line| write!(f, ", line {line}"))
    }
}

struct Names<'a>(&'a [String]);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.0.iter().map(|name| format!("`{name}`")).collect();
        f.write_str(&names.join(", "))
    }
}

struct Target<'a>(&'a str, &'a str);

impl fmt::Display for Target<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == self.1 { Ok(()) } else { write!(f, " (`{}` of the dataset)", self.1) }
    }
}

struct Earlier<'a>(&'a str, &'a str);

impl fmt::Display for Earlier<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == self.1 { Ok(()) } else { write!(f, " of {}", self.1) }
    }
}

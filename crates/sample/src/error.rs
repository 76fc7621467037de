//! What can go wrong while the sample company's systems are written.

use std::path::{Path, PathBuf};

/// A failure while writing the sample company; the cause is kept.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be written or read.
    #[error("{doing} `{path}`")]
    File {
        /// What was being done.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The target folder already holds something; nothing is overwritten.
    #[error("`{0}` is not empty")]
    NotEmpty(PathBuf),
    /// The payroll database could not be written.
    #[error("writing table `{table}` of `{path}`")]
    Database {
        /// The table.
        table: &'static str,
        /// The database file.
        path: PathBuf,
        /// The cause.
        source: rusqlite::Error,
    },
    /// The roster workbook could not be written.
    #[error("writing workbook `{path}`")]
    Workbook {
        /// The workbook.
        path: PathBuf,
        /// The cause.
        source: rust_xlsxwriter::XlsxError,
    },
    /// A Parquet file could not be written.
    #[error("writing Parquet file `{path}`")]
    Parquet {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: parquet::errors::ParquetError,
    },
    /// A CSV file could not be written.
    #[error("writing `{path}`")]
    Csv {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: csv::Error,
    },
    /// A JSON file could not be written.
    #[error("writing `{path}`")]
    Json {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: serde_json::Error,
    },
    /// Git refused the history of the sample repository.
    #[error("git {step} in `{path}` ended with {status}: {message}")]
    Git {
        /// The git command.
        step: &'static str,
        /// The repository.
        path: PathBuf,
        /// Its exit status.
        status: String,
        /// What it printed.
        message: String,
    },
    /// A calendar computation left the range of the time library.
    #[error("computing a time of the sample year")]
    Time(#[from] jiff::Error),
    /// The generator's own plan does not fit together.
    #[error("the sample company does not fit together: {0}")]
    Inconsistent(String),
}

impl Error {
    /// Wraps a file error with what was being done to which path.
    pub(crate) fn file(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Error {
        let path = path.to_owned();
        move |source| Error::File { doing, path, source }
    }
}

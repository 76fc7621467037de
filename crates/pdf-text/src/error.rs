//! Why a PDF gave no text.

use serde::{Deserialize, Serialize};

/// Why a PDF gave no text. It crosses the pipe from the reading process, hence the serialization.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Error {
    /// It does not begin as a PDF does.
    #[error("this is no PDF: it does not begin with `%PDF-`")]
    NoPdf,
    /// Its cross-references, its catalog or its pages cannot be read, also after a search through the whole file.
    #[error("the PDF is broken: neither its table of objects nor its pages can be read; it may be cut short")]
    Broken,
    /// It wants a password.
    #[error("the PDF is encrypted: save a copy without a password, and read that")]
    Encrypted,
    /// More bytes than are read.
    #[error("the PDF has {bytes} bytes; at most {most} are read")]
    TooLarge {
        /// Bytes of the file.
        bytes: u64,
        /// The limit.
        most: u64,
    },
    /// More pages than are read.
    #[error("the PDF has {pages} pages; at most {most} are read")]
    TooManyPages {
        /// Pages of the file.
        pages: u64,
        /// The limit.
        most: u64,
    },
    /// More words than are read: text of a size that no report has.
    #[error("the PDF holds more than {most} bytes of text by page {page}; no report does")]
    TooMuchText {
        /// The page on which the limit was passed.
        page: u32,
        /// The limit, in bytes of UTF-8.
        most: u64,
    },
    /// Every page is a picture, or blank.
    #[error(
        "the PDF has no text layer on any of its {pages} pages: it is a scan. Ask the vendor for the file as it was \
         issued, or run a text recognition you trust over it; nothing is guessed from pictures"
    )]
    Scanned {
        /// Pages of the file.
        pages: u32,
    },
    /// The reading process took too long.
    #[error("the PDF was not read within {seconds} seconds")]
    Time {
        /// The limit.
        seconds: u64,
    },
    /// The reading process could not be run, died, or said what cannot be understood.
    #[error("the process that reads the PDF {0}")]
    Child(String),
}

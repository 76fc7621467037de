//! What can go wrong with a document or a package.

use std::io;

/// Bytes that are not what they claim to be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} is corrupt: expected {expected}, found {found}")]
pub struct Corrupt {
    /// What: a path within a package, a part of a sealed stream.
    pub what: String,
    /// What it should be.
    pub expected: String,
    /// What it is.
    pub found: String,
}

/// Why a document was not made, or a package not written or believed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The view contradicts itself (a Type 1 with a period, say); nothing was drawn.
    #[error("the view of `{engagement}` cannot be printed: {because}")]
    View {
        /// The engagement the view is about.
        engagement: String,
        /// Which two parts disagree.
        because: String,
    },
    /// What came back is no Word document of ours.
    #[error("the Word document cannot be read back: {because}")]
    WordReport {
        /// Why not.
        because: String,
    },
    /// A text names a figure in braces that it does not carry.
    #[error("the text beginning `{beginning}` names the figure `{{{name}}}`, which it does not carry")]
    UnknownFigure {
        /// The first words of the text.
        beginning: String,
        /// The name between the braces.
        name: String,
    },
    /// The view has no canonical bytes.
    #[error("writing the view as canonical JSON")]
    NotCanonical(#[from] tickmark_canonical::NotCanonical),
    /// The view is not JSON of the expected shape.
    #[error("reading a view")]
    Json(#[from] serde_json::Error),
    /// The typesetter refused: a template or font is broken, which is our fault and never the view's.
    #[error("typesetting `{template}`: {messages}")]
    Typesetting {
        /// The template's path.
        template: String,
        /// The typesetter's messages with their places.
        messages: String,
    },
    /// A Word template lacks what a document is written in, or is none.
    #[error("the template cannot be used: {because}")]
    Template {
        /// What is missing or wrong.
        because: String,
    },
    /// The workbook could not be written.
    #[error("writing the workbook sheet `{sheet}`")]
    Workbook {
        /// The sheet.
        sheet: String,
        /// The writer's reason.
        #[source]
        source: Box<rust_xlsxwriter::XlsxError>,
    },
    /// The table could not be written as CSV.
    #[error("writing the table `{sheet}`")]
    Csv {
        /// The table.
        sheet: String,
        /// The writer's reason.
        #[source]
        source: Box<csv::Error>,
    },
    /// Something in a package is not what it claims to be.
    #[error(transparent)]
    Corrupt(#[from] Corrupt),
    /// The bytes are no package at all.
    #[error("not a package: {because}")]
    NotAPackage {
        /// What is missing.
        because: String,
    },
    /// A package of a format this version does not know.
    #[error("the package has the format `{found}`; this version reads `{known}`")]
    UnknownFormat {
        /// The format it names.
        found: String,
        /// The format this version reads.
        known: &'static str,
    },
    /// A path that could lead out of a folder, or mean two things.
    #[error("the path `{path}` may not stand in a package: {because}")]
    UnsafePath {
        /// The path.
        path: String,
        /// Why.
        because: &'static str,
    },
    /// More bytes or files than a reader may be made to take.
    #[error("{what} is {found}, more than the {limit} this reader takes")]
    TooLarge {
        /// What.
        what: String,
        /// How large it is or claims to be.
        found: u64,
        /// The limit.
        limit: u64,
    },
    /// Reading or writing failed.
    #[error("{doing}")]
    Io {
        /// What was being done.
        doing: String,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The zip structure could not be read or written.
    #[error("{doing}")]
    Zip {
        /// What was being done.
        doing: String,
        /// The cause.
        #[source]
        source: zip::result::ZipError,
    },
    /// A key file or key is not usable.
    #[error("the firm key cannot be used: {because}")]
    FirmKey {
        /// Why.
        because: String,
    },
    /// The package is sealed to another key.
    #[error("the package is sealed to the firm key `{sealed_to}`; the key given is `{given}`")]
    WrongFirmKey {
        /// The key it is sealed to.
        sealed_to: String,
        /// The key given.
        given: String,
    },
}

impl Error {
    pub(crate) fn corrupt(what: impl Into<String>, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self::Corrupt(Corrupt { what: what.into(), expected: expected.into(), found: found.into() })
    }

    pub(crate) fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let doing = doing.into();
        move |source| Self::Io { doing, source }
    }

    pub(crate) fn zip(doing: impl Into<String>) -> impl FnOnce(zip::result::ZipError) -> Self {
        let doing = doing.into();
        move |source| Self::Zip { doing, source }
    }
}

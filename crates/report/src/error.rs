//! What can go wrong between a view and the bytes of a document.

/// Why a document was not made.
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
    /// The workbook could not be written.
    #[error("writing the workbook sheet `{sheet}`")]
    Workbook {
        /// The sheet.
        sheet: String,
        /// The writer's reason.
        #[source]
        source: Box<rust_xlsxwriter::XlsxError>,
    },
}

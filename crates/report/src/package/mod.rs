//! Packages: files with their digests in one zip, written the same way every time and read with suspicion.
//!
//! Invariant: a package holds `package.json`, the files it lists, and not one byte more: no unlisted entry, no second
//! entry of a name, no gap between entries, nothing before, after or beside them.
//! Invariant: no byte of a file is handed out as good before its size and digest were compared with `package.json`.

mod documents;
mod limits;
mod manifest;
mod path;
mod reader;
mod writer;

pub use documents::{
    DocumentVerdict, StoredDocument, add_document, add_renderer, compare, read_documents, read_renderer,
};
pub use limits::Limits;
pub use manifest::{FileEntry, PackageKind, PackageManifest};
pub use path::PackagePath;
pub use reader::Reader;
pub(crate) use writer::options as writer_options;
pub use writer::{PackageHead, Writer};

/// The name of the list of files within a package.
pub const PACKAGE_JSON: &str = "package.json";

/// The format this version writes and reads.
pub const FORMAT: &str = "tickmark-package-1";

//! Connectors: from a source to rows and documents in the vault, with proof of where they came from and that all are there.
//!
//! Invariant: a source is declared in data; nothing about a vendor or an organization stands in code here.
//! Invariant: no row is dropped, changed or turned into NULL in silence; what does not fit its declaration is an error
//! that names file, row, column and value, and then nothing is recorded.
//! Invariant: nothing is written to a source.

mod checks;
mod collect;
mod completeness;
mod config;
mod connector;
mod declared;
mod derived;
mod error;
mod keys;
mod reading_again;
mod rows;
mod sheets;
mod source;
mod value;
mod window;

pub use collect::{Collected, Progress, StagedExtract, collect, commit, stage};
pub use completeness::{Reconciliation, reconcile};
pub use config::{
    ColumnMapping, CommandEntry, CommandFormat, CommandSource, ConnectorSource, ControlFile, DocumentEntry,
    DocumentsSource, FileCount, FileEntry, FileFormat, FilesSource, GitEntry, GitRepository, GitSource, GitTable,
    Outside, QueryEntry, Secret, ServerSource, SourceConfig, SourceKind, SqliteSource, Statement, Trailer,
};
pub use connector::{
    Connector, Connectors, Extracts, Fault, Proof, Rehearsal, Rehearsed, RehearsedTable, record, text_of,
};
pub use derived::{DerivedRows, stage_derived};
pub use error::{CellError, ColumnsProblem, DuplicateKey, Error, OutsideWindow};
pub use reading_again::{RowChanges, row_changes};
pub use sheets::{Sheet, sheets};
pub use source::{
    GUARD_SUBCOMMAND, WindowCount, asks_for_a_day, count,
    documents::{Document, MailHeaders, collect_documents},
    guard_commands_with, guard_main, present_day, states,
};
pub use value::CellProblem;
pub use window::{Window, gaps, monthly_windows};

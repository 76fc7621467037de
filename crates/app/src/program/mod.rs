//! The program in words: control objectives, risks, engagements, the control set and the scope as files that people read,
//! keep under version control and change.
//!
//! Invariant: what a folder says and what the ledger holds are compared field by field; a change becomes a command, and no
//! command comes of anything else.
//! Invariant: a folder written from a ledger and applied to it changes nothing.

mod applying;
mod control;
mod difference;
mod folder;
mod imported_header;
mod imported_words;
mod importing;
mod objective;
mod record;

pub use applying::{Applied, ApplyRequest};
pub use control::WrittenControl;
pub(crate) use control::frequency;
pub use difference::{Change, ChangeKind, FieldChange};
pub use importing::{ImportRequest, Imported, NotUnderstood, import_controls};
pub use objective::WrittenObjective;
pub use record::RecordKind;

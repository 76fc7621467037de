//! Who stands behind a source or a document.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A person's word about where something comes from. A document has no count and no key to check it by, so this is what
/// its reader relies on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Who says it.
    pub attested_by: String,
    /// When it was said.
    pub attested_on: Option<Date>,
    /// What is said.
    pub statement: String,
}

//! The profile model.

use serde::{Deserialize, Serialize};

use super::{BackMatter, Metadata};

/// What is chosen from catalogs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Profile {
    /// Its identifier.
    pub uuid: String,
    /// Who, when, which version.
    pub metadata: Metadata,
    /// From where what is chosen.
    pub imports: Vec<Import>,
    /// How the chosen are put together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merge: Option<Merge>,
    /// What it refers to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back_matter: Option<BackMatter>,
}

/// What is chosen from one catalog or profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Import {
    /// The catalog or profile.
    pub href: String,
    /// What is chosen; all if nothing is said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include_controls: Vec<SelectControls>,
}

/// Controls by id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SelectControls {
    /// The ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub with_ids: Vec<String>,
}

/// How the chosen are put together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Merge {
    /// In the groups that they come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_is: Option<bool>,
}

//! `package.json`: what a package is, and every file in it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use super::PackagePath;

/// Whom a package is for, and so what it may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PackageKind {
    /// For readers: documents, figures, proofs and digests; no evidence row, no item key.
    Report,
    /// For the firm only, sealed to its key: populations, SQL and results too.
    Examination,
}

/// The content of `package.json`, in canonical JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackageManifest {
    /// The format.
    pub format: String,
    /// The kind.
    pub kind: PackageKind,
    /// The organization's id.
    pub organization: String,
    /// The engagement's id.
    pub engagement: String,
    /// The checkpoint the package was made at (C2SP signed note).
    pub checkpoint: String,
    /// Every other file.
    pub files: BTreeMap<PackagePath, FileEntry>,
}

/// What a file must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// Its size in bytes, uncompressed.
    pub size: u64,
}

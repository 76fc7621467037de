//! How much a package may make a reader take.

/// Caps that a reader applies before it believes any size a package claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Files in the package.
    pub files: u64,
    /// Bytes of `package.json`.
    pub manifest_bytes: u64,
    /// Bytes of all files together, uncompressed.
    pub total_bytes: u64,
    /// Bytes of a file read into memory; larger ones are copied to a writer.
    pub in_memory_bytes: u64,
}

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

impl Limits {
    /// For a report package: documents, figures, proofs and the disclosed stream; a year of a large organization is a
    /// few hundred megabytes.
    pub const REPORT: Self =
        Self { files: 100_000, manifest_bytes: 32 * MIB, total_bytes: 4 * GIB, in_memory_bytes: 512 * MIB };

    /// For an examination package, which holds whole populations.
    pub const EXAMINATION: Self =
        Self { files: 1_000_000, manifest_bytes: 256 * MIB, total_bytes: 1024 * GIB, in_memory_bytes: 512 * MIB };
}

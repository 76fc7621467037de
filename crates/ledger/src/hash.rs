//! The two hashes of the tree (RFC 6962 section 2.1, RFC 9162 section 2.1.1) and its tree of no leaves.
//!
//! Invariant: a leaf is never mistaken for a node: their first hashed byte differs.

use sha2::{Digest as _, Sha256};
use tickmark_canonical::Digest;

/// Hash of a leaf: SHA-256 of 0x00 and the leaf's bytes.
pub fn leaf_hash(bytes: &[u8]) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update([0_u8]);
    hasher.update(bytes);
    Digest::from_bytes(hasher.finalize().into())
}

/// Hash of a node: SHA-256 of 0x01, the left and the right hash.
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    let mut input = [1_u8; 65];
    let (_, hashes) = input.split_at_mut(1);
    let (first, second) = hashes.split_at_mut(32);
    first.copy_from_slice(left.as_bytes());
    second.copy_from_slice(right.as_bytes());
    Digest::from_bytes(Sha256::digest(input).into())
}

/// Root of the tree without leaves: SHA-256 of nothing.
pub fn empty_root() -> Digest {
    Digest::of(b"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_values() {
        // From the test vectors of the Certificate Transparency project (google/certificate-transparency).
        assert_eq!(leaf_hash(b"").to_string(), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
        let two = node_hash(&leaf_hash(b""), &leaf_hash(&[0]));
        assert_eq!(two.to_string(), "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
    }
}

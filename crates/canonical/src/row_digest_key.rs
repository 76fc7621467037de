//! Digests of rows as they may stand in a ledger entry.
//!
//! A digest of three rows of a payroll can be guessed by hashing every name and amount; an HMAC of that digest can not.
//! The firm gets the key inside its sealed package, so it can compute the same value from the rows it re-performs.
//!
//! Invariant: the key says nothing about the secret it comes from, and nothing about item keys.

use std::fmt;

use crate::{Digest, ItemKeySecret};

/// The organization's key for digests of populations and result rows (32 bytes).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RowDigestKey([u8; 32]);

impl RowDigestKey {
    /// Takes the key's 32 bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key that belongs to an organization's secret.
    pub fn of(secret: &ItemKeySecret) -> Self {
        Self(*secret.item_key(&["tickmark/row-digest-key/1"]).as_bytes())
    }

    /// HMAC-SHA-256 (RFC 2104) of a digest of canonical rows.
    pub fn seal(&self, rows: &Digest) -> Digest {
        crate::item_key::hmac(&self.0, &[rows.as_bytes()])
    }

    /// The key's bytes, for a package that only its recipient can open.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for RowDigestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RowDigestKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_cannot_be_guessed_without_the_key() {
        let rows = Digest::of(b"E-00017,4312.50");
        let one = RowDigestKey::of(&ItemKeySecret::new([1; 32]));
        let two = RowDigestKey::of(&ItemKeySecret::new([2; 32]));
        assert_ne!(one.seal(&rows), rows);
        assert_ne!(one.seal(&rows), two.seal(&rows));
        assert_eq!(RowDigestKey::new(*one.as_bytes()).seal(&rows), one.seal(&rows));
    }

    #[test]
    fn an_item_key_never_equals_a_sealed_digest_of_rows() {
        let secret = ItemKeySecret::new([1; 32]);
        let rows = Digest::of(b"rows");
        assert_ne!(RowDigestKey::of(&secret).seal(&rows), secret.item_key(&[&rows.to_string()]));
    }
}

//! Item keys as they may stand in a ledger entry: an HMAC under the organization's secret, so that an outsider who
//! reads the entries cannot guess whose payslip or account an entry is about.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::Digest;

/// The organization's secret for item keys (32 bytes).
#[derive(Clone)]
pub struct ItemKeySecret([u8; 32]);

impl ItemKeySecret {
    /// Takes the secret's 32 bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// HMAC-SHA-256 (RFC 2104) of the parts of an item's key, each preceded by its length.
    pub fn item_key(&self, parts: &[&str]) -> Digest {
        let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
        hmac(&self.0, &parts)
    }
}

/// HMAC-SHA-256 of parts, each preceded by its length (u64, big-endian).
pub(crate) fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> Digest {
    // HMAC takes a key of any length, so this cannot fail; an empty result would be a wrong key, never a guess.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return Digest::of_parts(&[key]);
    };
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    Digest::from_bytes(mac.finalize().into_bytes().into())
}

impl fmt::Debug for ItemKeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ItemKeySecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_secret_gives_another_key() {
        let one = ItemKeySecret::new([1; 32]).item_key(&["payslip", "P-1"]);
        let two = ItemKeySecret::new([2; 32]).item_key(&["payslip", "P-1"]);
        assert_ne!(one, two);
        assert_eq!(one, ItemKeySecret::new([1; 32]).item_key(&["payslip", "P-1"]));
    }
}

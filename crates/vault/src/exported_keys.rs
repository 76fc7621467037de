//! Object keys handed to a child process, so that it can open just the sealed objects of its job.
//!
//! Invariant: they are never written to disk by this crate; the bytes are wiped when dropped.

use std::{collections::BTreeMap, fmt};

use tickmark_canonical::Digest;
use zeroize::Zeroizing;

use crate::{Corrupt, Error, seal::ObjectKey};

/// The keys of some sealed objects, in the clear: to be sent through a pipe, never stored.
#[derive(Clone, Default)]
pub struct ObjectKeys(BTreeMap<Digest, ObjectKey>);

/// Bytes of one entry: digest, then key.
const ENTRY: usize = 64;

impl ObjectKeys {
    pub(crate) fn insert(&mut self, digest: Digest, key: ObjectKey) {
        self.0.insert(digest, key);
    }

    pub(crate) fn get(&self, digest: &Digest) -> Option<&ObjectKey> {
        self.0.get(digest)
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// For each key, in the order of the digests, 32 bytes of digest and 32 bytes of key.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.0.len() * ENTRY));
        for (digest, key) in &self.0 {
            bytes.extend_from_slice(digest.as_bytes());
            bytes.extend_from_slice(key.as_bytes());
        }
        bytes
    }

    /// Reads what [`ObjectKeys::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let (entries, rest) = bytes.as_chunks::<ENTRY>();
        if !rest.is_empty() {
            let found = format!("{} bytes", bytes.len());
            return Err(Corrupt::new("a list of object keys", "entries of 64 bytes", found).into());
        }
        let keys = entries.iter().filter_map(|entry| {
            let (digest, key) = entry.split_first_chunk::<32>()?;
            Some((Digest::from_bytes(*digest), ObjectKey::from_bytes(key.try_into().ok()?)))
        });
        Ok(Self(keys.collect()))
    }
}

impl fmt::Debug for ObjectKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObjectKeys({} keys)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_back_and_never_show() {
        let mut keys = ObjectKeys::default();
        keys.insert(Digest::of(b"1"), ObjectKey::from_bytes([1; 32]));
        keys.insert(Digest::of(b"2"), ObjectKey::from_bytes([2; 32]));
        let read = ObjectKeys::from_bytes(&keys.to_bytes()).unwrap();
        assert_eq!(read.to_bytes(), keys.to_bytes());
        assert_eq!(format!("{read:?}"), "ObjectKeys(2 keys)");
        assert!(ObjectKeys::from_bytes(&keys.to_bytes()[..100]).is_err());
    }
}

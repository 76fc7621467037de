//! The key that wraps the keys of sealed objects: one per installation or organization, kept outside the vault.
//!
//! Invariant: a sealing key never reaches a log, a message or the vault's folder.

use std::{fmt, str::FromStr};

use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hmac,
    rand::{SecureRandom, SystemRandom},
};
use tickmark_canonical::Digest;
use zeroize::Zeroizing;

use crate::{Error, Namespace, seal::ObjectKey};

/// The 32 bytes under which object keys are wrapped.
#[derive(Clone)]
pub struct SealingKey(Zeroizing<[u8; 32]>);

impl SealingKey {
    /// Takes the key's bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Draws a new key.
    pub fn random() -> Result<Self, Error> {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        SystemRandom::new().fill(bytes.as_mut()).map_err(|_| Error::Cipher { doing: "draw a sealing key" })?;
        Ok(Self(bytes))
    }

    /// The key as 64 hexadecimal digits, for the file it is kept in.
    pub fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.0.as_ref()))
    }
}

impl FromStr for SealingKey {
    type Err = Error;

    /// Reads 64 hexadecimal digits, with white space around them as a text file has it.
    fn from_str(text: &str) -> Result<Self, Error> {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        hex::decode_to_slice(text.trim(), bytes.as_mut()).map_err(|_| Error::SealingKeyText)?;
        Ok(Self(bytes))
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(…)")
    }
}

/// What a sealing key does in one namespace: wrap object keys, and authenticate rows of the key store.
///
/// Each use has a key of its own, derived by HMAC-SHA-256 over a label and the namespace (the expand step of
/// RFC 5869; the sealing key is uniformly random, so there is nothing to extract), so that a row copied from one
/// organization's key store into another's does not open there.
pub(crate) struct Wrapper {
    wrap: LessSafeKey,
    authenticate: hmac::Key,
}

impl fmt::Debug for Wrapper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wrapper(…)")
    }
}

impl Wrapper {
    pub(crate) fn new(sealing: &SealingKey, namespace: &Namespace) -> Result<Self, Error> {
        let master = hmac::Key::new(hmac::HMAC_SHA256, sealing.0.as_ref());
        let derive = |label: &str| hmac::sign(&master, format!("tickmark vault {label}\0{namespace}\0\x01").as_bytes());
        let wrap = UnboundKey::new(&AES_256_GCM, derive("wrap").as_ref())
            .map_err(|_| Error::Cipher { doing: "take a sealing key" })?;
        let authenticate = hmac::Key::new(hmac::HMAC_SHA256, derive("authenticate").as_ref());
        Ok(Self { wrap: LessSafeKey::new(wrap), authenticate })
    }

    /// Wraps the key of object `digest`: nonce, ciphertext, tag. The nonce is random: AES-GCM allows 2^32 of them
    /// under one key (NIST SP 800-38D, 8.3), far more than a vault holds objects.
    pub(crate) fn wrap(&self, digest: &Digest, key: &ObjectKey) -> Result<Vec<u8>, Error> {
        let refuse = |_| Error::Cipher { doing: "wrap an object key" };
        let mut nonce = [0_u8; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).map_err(refuse)?;
        let mut sealed = key.as_bytes().to_vec();
        self.wrap
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(digest.as_bytes()), &mut sealed)
            .map_err(refuse)?;
        Ok([nonce.as_slice(), sealed.as_slice()].concat())
    }

    /// Unwraps the key of object `digest`, or nothing if the bytes were not wrapped for it by this key.
    pub(crate) fn unwrap(&self, digest: &Digest, wrapped: &[u8]) -> Option<ObjectKey> {
        let (nonce, sealed) = wrapped.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut bytes = Zeroizing::new(sealed.to_vec());
        let plain = self.wrap.open_in_place(nonce, Aad::from(digest.as_bytes()), bytes.as_mut_slice()).ok()?;
        Some(ObjectKey::from_bytes(<[u8; 32]>::try_from(&*plain).ok()?))
    }

    /// Authenticates a row of the key store: its table and its fields, each with its length before it.
    pub(crate) fn authenticate(&self, table: &str, fields: &[&[u8]]) -> Vec<u8> {
        hmac::sign(&self.authenticate, &row_bytes(table, fields)).as_ref().to_vec()
    }

    /// Whether a row is as it was written.
    pub(crate) fn is_authentic(&self, table: &str, fields: &[&[u8]], code: &[u8]) -> bool {
        hmac::verify(&self.authenticate, &row_bytes(table, fields), code).is_ok()
    }
}

fn row_bytes(table: &str, fields: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for field in std::iter::once(table.as_bytes()).chain(fields.iter().copied()) {
        bytes.extend_from_slice(&(field.len() as u64).to_be_bytes());
        bytes.extend_from_slice(field);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrapped_key_opens_only_for_its_object_key_and_namespace() {
        let sealing = SealingKey::random().unwrap();
        let here = Wrapper::new(&sealing, &Namespace::new("here").unwrap()).unwrap();
        let there = Wrapper::new(&sealing, &Namespace::new("there").unwrap()).unwrap();
        let key = ObjectKey::random().unwrap();
        let (one, two) = (Digest::of(b"1"), Digest::of(b"2"));
        let wrapped = here.wrap(&one, &key).unwrap();
        assert_eq!(here.unwrap(&one, &wrapped).unwrap().as_bytes(), key.as_bytes());
        assert!(here.unwrap(&two, &wrapped).is_none());
        assert!(there.unwrap(&one, &wrapped).is_none());
        assert!(here.unwrap(&one, &wrapped[..20]).is_none());
        assert!(here.unwrap(&one, b"").is_none());
    }

    #[test]
    fn a_key_reads_back_from_its_file_and_never_shows_in_debug() {
        let key = SealingKey::random().unwrap();
        let text = format!("{}\n", key.to_hex().as_str());
        let read: SealingKey = text.parse().unwrap();
        assert_eq!(read.to_hex(), key.to_hex());
        assert!("xyz".parse::<SealingKey>().is_err());
        assert_eq!(format!("{key:?}"), "SealingKey(…)");
    }
}

//! A signing key at rest: its seed encrypted with XChaCha20-Poly1305 under a key that the application keeps elsewhere.

use std::fmt;

use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{
    error::Error,
    key::{Signer, VerifierKey, random},
};

/// The key that seals: 32 bytes from a file, an environment variable or a key service. Wiped from memory when it goes.
#[derive(Clone)]
pub struct SealingKey(Zeroizing<[u8; 32]>);

impl SealingKey {
    /// Takes the 32 bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(…)")
    }
}

/// A sealed signing key, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedKey {
    /// Always 1 so far.
    pub format: u64,
    /// The public side, in the clear; it is bound to the sealed bytes.
    pub vkey: VerifierKey,
    /// 24 random bytes.
    #[serde(with = "hex::serde")]
    pub nonce: [u8; 24],
    /// The seed, encrypted and authenticated.
    #[serde(with = "crate::base64_text")]
    pub sealed: Vec<u8>,
}

const FORMAT: u64 = 1;

impl SealedKey {
    /// Seals a key.
    pub fn seal(signer: &Signer, key: &SealingKey) -> Result<Self, Error> {
        let mut nonce = [0_u8; 24];
        random(&mut nonce)?;
        let vkey = signer.verifier().clone();
        let aad = bound_to(&vkey);
        let seed = signer.seed();
        let sealed = cipher(key)
            .encrypt(&XNonce::from(nonce), Payload { msg: seed.as_slice(), aad: aad.as_bytes() })
            .map_err(|_| Error::SealedKey { reason: "it cannot be sealed".to_owned() })?;
        Ok(Self { format: FORMAT, vkey, nonce, sealed })
    }

    /// Opens the key.
    pub fn open(&self, key: &SealingKey) -> Result<Signer, Error> {
        let refuse = |reason: &str| Error::SealedKey { reason: reason.to_owned() };
        if self.format != FORMAT {
            return Err(refuse(&format!("it is of format {}; this version reads format {FORMAT}", self.format)));
        }
        let aad = bound_to(&self.vkey);
        let opened = cipher(key)
            .decrypt(&XNonce::from(self.nonce), Payload { msg: &self.sealed, aad: aad.as_bytes() })
            .map(Zeroizing::new)
            .map_err(|_| refuse("the sealing key is another one, or the sealed key was changed"))?;
        let seed = opened.as_array::<32>().ok_or_else(|| refuse("a seed has 32 bytes"))?;
        let signer = Signer::from_seed(self.vkey.name(), self.vkey.key_use(), seed)?;
        if *signer.verifier() == self.vkey { Ok(signer) } else { Err(refuse("the seed is another key's")) }
    }

    /// The bytes to store.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        tickmark_canonical::to_canonical(self).map_err(|error| Error::SealedKey { reason: error.to_string() })
    }

    /// Reads stored bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        serde_json::from_slice(bytes).map_err(|error| Error::SealedKey { reason: error.to_string() })
    }
}

fn cipher(key: &SealingKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&(*key.0).into())
}

fn bound_to(vkey: &VerifierKey) -> String {
    format!("tickmark-ledger/sealed-key/v1\n{vkey}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::KeyUse;

    /// Bytes of a key sealed by version 0.1: every later version must open them.
    const GOLDEN: &str = concat!(
        r#"{"format":1,"nonce":"c11f27cd134636f33a46f36a5a37fef8676c410370ab007f","#,
        r#""sealed":"rhMZX8Ko2vRODhU042OyNB+K8KDReDeWfh53yZ5OAzHEzcBICF0e546VeQ/WIBcJ","#,
        r#""vkey":"example.com/ledger+3481d542+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"}"#,
    );

    #[test]
    fn a_sealed_key_opens_with_its_sealing_key_only() {
        let signer = Signer::generate("example.com/ledger").expect("key");
        let sealed = SealedKey::seal(&signer, &SealingKey::new([9; 32])).expect("sealed");
        let read = SealedKey::from_bytes(&sealed.to_bytes().expect("bytes")).expect("reads");
        assert_eq!(read, sealed);
        assert_eq!(read.open(&SealingKey::new([9; 32])).expect("opens").verifier(), signer.verifier());
        assert!(read.open(&SealingKey::new([8; 32])).is_err());
        let text = String::from_utf8(sealed.to_bytes().expect("bytes")).expect("text");
        assert!(!text.contains(&hex::encode(signer.seed().as_slice())));
        let other = Signer::generate("example.com/ledger").expect("key");
        assert!(
            SealedKey { vkey: other.verifier().clone(), ..sealed.clone() }.open(&SealingKey::new([9; 32])).is_err()
        );
        for place in 0..sealed.sealed.len() {
            let mut changed = sealed.clone();
            changed.sealed[place] ^= 1;
            assert!(changed.open(&SealingKey::new([9; 32])).is_err());
        }
    }

    #[test]
    fn golden_bytes_open() {
        let signer = Signer::from_seed("example.com/ledger", KeyUse::Note, &[1; 32]).expect("key");
        let sealed = SealedKey::from_bytes(GOLDEN.as_bytes()).expect("reads");
        let opened = sealed.open(&SealingKey::new([9; 32])).expect("opens");
        assert_eq!(opened.verifier(), signer.verifier());
        assert!(!format!("{opened:?}{:?}", SealingKey::new([9; 32])).contains("0101"));
    }
}

//! Ed25519 keys with a name (C2SP signed-note): the verifier key as text, and the signer.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::{error::Error, name::check_origin, note::NoteSignature};

const WHAT: &str = "verifier key";

/// What a key signs; part of the key's id, so a key of one use is no key of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyUse {
    /// A note as it stands (signed-note signature type 0x01).
    Note,
    /// A time and a checkpoint (tlog-cosignature, signature type 0x04).
    Cosignature,
}

impl KeyUse {
    const fn signature_type(self) -> u8 {
        match self {
            Self::Note => 0x01,
            Self::Cosignature => 0x04,
        }
    }
}

/// A public key with its name: `name+hash+base64`. Equal keys have equal text.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    key_use: KeyUse,
    /// Boxed: an unpacked key is large, and many structures hold keys.
    public: Box<VerifyingKey>,
}

impl VerifierKey {
    /// The name: for a ledger's key, its origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it signs.
    pub const fn key_use(&self) -> KeyUse {
        self.key_use
    }

    /// First four bytes of SHA-256 of name, line end, signature type and public key (C2SP signed-note).
    pub fn id(&self) -> [u8; 4] {
        let mut hasher = Sha256::new();
        hasher.update(self.name.as_bytes());
        hasher.update(b"\n");
        hasher.update([self.key_use.signature_type()]);
        hasher.update(self.public.as_bytes());
        let digest: [u8; 32] = hasher.finalize().into();
        let [a, b, c, d, ..] = digest;
        [a, b, c, d]
    }

    /// Whether `signature` (64 bytes) over `message` is this key's.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        // Strict: a weak key or a signature with a second spelling is refused.
        Signature::from_slice(signature).is_ok_and(|signature| self.public.verify_strict(message, &signature).is_ok())
    }

    /// Whether a signature line names this key.
    pub(crate) fn is_named_by(&self, line: &NoteSignature) -> bool {
        line.name == self.name && line.key_id == self.id()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![self.key_use.signature_type()];
        key.extend_from_slice(self.public.as_bytes());
        write!(f, "{}+{}+{}", self.name, hex::encode(self.id()), STANDARD.encode(key))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifierKey({self})")
    }
}

impl FromStr for VerifierKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let refuse =
            |reason: &str| Error::malformed(WHAT, format!("`{}`: {reason}", text.chars().take(80).collect::<String>()));
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(refuse("expected `name+hash+key`"));
        };
        check_origin(name)?;
        let key = STANDARD.decode(key).map_err(|_| refuse("the key is not base64"))?;
        let (kind, public) = key.split_first().ok_or_else(|| refuse("the key is empty"))?;
        let key_use = match kind {
            0x01 => KeyUse::Note,
            0x04 => KeyUse::Cosignature,
            _ => return Err(refuse("the key is of an unknown kind")),
        };
        let public: &[u8; 32] = public.try_into().map_err(|_| refuse("an Ed25519 key has 32 bytes"))?;
        let public = VerifyingKey::from_bytes(public).map_err(|_| refuse("the bytes are no Ed25519 key"))?;
        if public.is_weak() {
            return Err(refuse("the key is weak"));
        }
        let key = Self { name: name.to_owned(), key_use, public: Box::new(public) };
        if hex::encode(key.id()) == id && key.to_string() == text {
            Ok(key)
        } else {
            Err(refuse("the hash is not the key's"))
        }
    }
}

impl Serialize for VerifierKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for VerifierKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A private key with its name. Its bytes are wiped from memory when it goes.
#[derive(Clone)]
pub struct Signer {
    key: SigningKey,
    verifier: VerifierKey,
}

impl Signer {
    /// A new key for notes from the operating system's random bytes.
    pub fn generate(name: &str) -> Result<Self, Error> {
        Self::from_seed(name, KeyUse::Note, &*random_seed()?)
    }

    /// A new key for cosignatures.
    pub fn generate_cosigner(name: &str) -> Result<Self, Error> {
        Self::from_seed(name, KeyUse::Cosignature, &*random_seed()?)
    }

    /// The key of a seed.
    pub fn from_seed(name: &str, key_use: KeyUse, seed: &[u8; 32]) -> Result<Self, Error> {
        check_origin(name)?;
        let key = SigningKey::from_bytes(seed);
        let verifier = VerifierKey { name: name.to_owned(), key_use, public: Box::new(key.verifying_key()) };
        Ok(Self { key, verifier })
    }

    /// The seed: whoever has it can sign. Give it out once, for offline keeping, or seal it.
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.key.to_bytes())
    }

    /// The public side.
    pub const fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }

    /// The signature line over a note's text.
    pub(crate) fn sign_note(&self, text: &str) -> NoteSignature {
        NoteSignature {
            name: self.verifier.name.clone(),
            key_id: self.verifier.id(),
            bytes: self.sign(text.as_bytes()).to_vec(),
        }
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.verifier)
    }
}

fn random_seed() -> Result<Zeroizing<[u8; 32]>, Error> {
    let mut seed = Zeroizing::new([0_u8; 32]);
    random(seed.as_mut_slice())?;
    Ok(seed)
}

/// Fills `bytes` from the operating system.
pub(crate) fn random(bytes: &mut [u8]) -> Result<(), Error> {
    getrandom::fill(bytes).map_err(|error| Error::NoRandomness { reason: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_published_key_reads_back() {
        // The example of the C2SP signed-note specification and of Go's golang.org/x/mod/sumdb/note.
        let text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        let key: VerifierKey = text.parse().expect("a key");
        assert_eq!((key.name(), key.id()), ("PeterNeumann", [0xc7, 0x4f, 0x20, 0xa3]));
        assert_eq!(key.to_string(), text);
        // Its signature over the note of the same documents.
        let note = crate::note::Note::parse(concat!(
            "If you think cryptography is the answer to your problem,\n",
            "then you don't know what your problem is.\n\n",
            "\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n",
        ))
        .expect("a note");
        assert!(key.is_named_by(&note.signatures[0]));
        assert!(key.verifies(note.text.as_bytes(), &note.signatures[0].bytes));
        assert!(!key.verifies(b"other text\n", &note.signatures[0].bytes));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for bad in [
            "",
            "PeterNeumann",
            "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10",
            "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        ] {
            assert!(bad.parse::<VerifierKey>().is_err(), "{bad}");
        }
    }

    #[test]
    fn one_seed_gives_two_keys_for_two_uses() {
        let note = Signer::from_seed("a", KeyUse::Note, &[7; 32]).expect("key");
        let cosigner = Signer::from_seed("a", KeyUse::Cosignature, &[7; 32]).expect("key");
        assert_ne!(note.verifier().id(), cosigner.verifier().id());
        assert_ne!(note.verifier(), cosigner.verifier());
    }
}

//! Checkpoints (C2SP tlog-checkpoint): origin, size and root of a ledger, as a signed note.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tickmark_canonical::Digest;

use crate::{
    error::Error,
    key::{KeyUse, Signer, VerifierKey},
    name::check_origin,
    note::{Note, NoteSignature},
};

const WHAT: &str = "checkpoint";

/// What a checkpoint says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Name of the ledger.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// Root of the tree over them.
    pub root: Digest,
    /// Further lines, opaque to us. Ours have none.
    pub extensions: Vec<String>,
}

impl Checkpoint {
    /// The text that is signed.
    pub fn to_text(&self) -> String {
        let mut text = format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root.as_bytes()));
        for line in &self.extensions {
            text.push_str(line);
            text.push('\n');
        }
        text
    }

    /// Reads the text that is signed.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let lines = text.strip_suffix('\n').ok_or_else(|| Error::malformed(WHAT, "its last line does not end"))?;
        let mut lines = lines.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(Error::malformed(WHAT, "it has fewer than three lines"));
        };
        check_origin(origin)?;
        let number: u64 = size.parse().map_err(|_| Error::malformed(WHAT, format!("`{size}` is no size")))?;
        if number.to_string() != size {
            return Err(Error::malformed(WHAT, format!("`{size}` is no size")));
        }
        let root: [u8; 32] = STANDARD
            .decode(root)
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or_else(|| Error::malformed(WHAT, format!("`{root}` is no root hash")))?;
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        if extensions.iter().any(String::is_empty) {
            return Err(Error::malformed(WHAT, "an extension line is empty"));
        }
        Ok(Self { origin: origin.to_owned(), size: number, root: Digest::from_bytes(root), extensions })
    }

    /// Signs it with the ledger's key.
    pub fn sign(self, signer: &Signer) -> SignedCheckpoint {
        let text = self.to_text();
        let note = Note { signatures: vec![signer.sign_note(&text)], text };
        SignedCheckpoint { note, checkpoint: self }
    }
}

/// A checkpoint with its signatures: the ledger's, and those of any witnesses.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    note: Note,
    checkpoint: Checkpoint,
}

impl SignedCheckpoint {
    /// Reads a signed note that holds a checkpoint. Says nothing about whether a signature verifies.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let note = Note::parse(text)?;
        let checkpoint = Checkpoint::parse(&note.text)?;
        Ok(Self { note, checkpoint })
    }

    /// What it says.
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Number of entries.
    pub const fn size(&self) -> u64 {
        self.checkpoint.size
    }

    /// Root of the tree over them.
    pub const fn root(&self) -> &Digest {
        &self.checkpoint.root
    }

    /// Name of the ledger.
    pub fn origin(&self) -> &str {
        &self.checkpoint.origin
    }

    /// The text that is signed.
    pub fn text(&self) -> &str {
        &self.note.text
    }

    /// The signature lines.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.note.signatures
    }

    /// The note as it travels.
    pub fn to_note(&self) -> String {
        self.note.to_text()
    }

    /// The same checkpoint with the ledger's own signature alone, as it was issued.
    pub fn as_issued(&self) -> Self {
        let mut issued = self.clone();
        issued.note.signatures.retain(|line| line.name == issued.checkpoint.origin && line.bytes.len() == 64);
        issued
    }

    /// The same checkpoint with one signature line more.
    pub fn with_signature(&self, line: NoteSignature) -> Self {
        let mut more = self.clone();
        more.note.signatures.push(line);
        more
    }

    /// Whether `key`, a ledger's key, signed it.
    pub fn verify(&self, key: &VerifierKey) -> Result<(), Error> {
        let refuse =
            |reason: String| Error::BadSignature { what: format!("the checkpoint at size {}", self.size()), reason };
        if key.key_use() != KeyUse::Note || key.name() != self.origin() {
            return Err(refuse(format!("`{key}` is no key of ledger `{}`", self.origin())));
        }
        let Some(line) = self.note.signatures.iter().find(|line| key.is_named_by(line)) else {
            return Err(refuse(format!("no signature of `{key}`")));
        };
        if key.verifies(self.note.text.as_bytes(), &line.bytes) {
            Ok(())
        } else {
            Err(refuse(format!("the signature of `{key}` is not over this text")))
        }
    }
}

impl fmt::Debug for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignedCheckpoint({:?})", self.to_note())
    }
}

impl Serialize for SignedCheckpoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_note())
    }
}

impl<'de> Deserialize<'de> for SignedCheckpoint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer() -> Signer {
        Signer::from_seed("example.com/ledger", KeyUse::Note, &[1; 32]).expect("key")
    }

    fn checkpoint() -> Checkpoint {
        Checkpoint { origin: "example.com/ledger".into(), size: 42, root: Digest::of(b"root"), extensions: Vec::new() }
    }

    #[test]
    fn golden_note() {
        let signed = checkpoint().sign(&signer());
        assert_eq!(signed.to_note(), GOLDEN);
        let read = SignedCheckpoint::parse(GOLDEN).expect("reads");
        assert_eq!(read, signed);
        read.verify(signer().verifier()).expect("verifies");
    }

    const GOLDEN: &str = concat!(
        "example.com/ledger\n42\nSBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I=\n\n",
        "\u{2014} example.com/ledger ",
        "NIHVQp0ndyMsoc8B/rzcGsg2bZAmNYv9BAExbGRanXHTnqt13oCwGd63VdXEs26bv6FoHEHBj1dqLB2RVKGgcyIy+g0=\n"
    );

    #[test]
    fn a_changed_checkpoint_does_not_verify() {
        let note = checkpoint().sign(&signer()).to_note();
        let other = Signer::from_seed("example.com/ledger", KeyUse::Note, &[2; 32]).expect("key");
        SignedCheckpoint::parse(&note).and_then(|read| read.verify(other.verifier())).expect_err("another key");
        for (why, changed) in
            [("size", note.replacen("\n42\n", "\n43\n", 1)), ("extension", note.replacen("\n\n", "\nmore\n\n", 1))]
        {
            let read = SignedCheckpoint::parse(&changed).expect("still a note");
            read.verify(signer().verifier()).expect_err(why);
        }
        for (why, changed) in [
            ("size with a zero before", note.replacen("\n42\n", "\n042\n", 1)),
            ("size with a plus", note.replacen("\n42\n", "\n+42\n", 1)),
            ("short root", note.replacen("=\n\n", "\n\n", 1)),
        ] {
            assert!(SignedCheckpoint::parse(&changed).is_err(), "{why}");
        }
    }

    #[test]
    fn a_key_of_another_ledger_does_not_verify() {
        let other = Signer::from_seed("example.com/other", KeyUse::Note, &[1; 32]).expect("key");
        let signed = checkpoint().sign(&other);
        signed.verify(other.verifier()).expect_err("the key's name is not the origin");
    }
}

//! Control entries: what the ledger says about itself in the stream `ledger`.
//!
//! Invariant: entry 0 of every ledger is `ledger_opened`; a key rotation is the only entry of its command.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tickmark_canonical::Digest;

use crate::{
    error::{Error, InvalidEntry},
    key::{Signer, VerifierKey},
};

/// The body of a control entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Control {
    /// The ledger begins: whose it is, and by which keys it is known.
    LedgerOpened {
        /// Name of the ledger.
        origin: String,
        /// The key that signs its checkpoints.
        vkey: VerifierKey,
        /// The offline key that may name a new signing key when this one is lost or stolen.
        recovery_vkey: VerifierKey,
    },
    /// From the next checkpoint on another key signs.
    KeyRotated(Box<KeyRotation>),
    /// The last entry so far of the named streams: what was disclosed of them can be seen to be whole.
    StreamsMarked {
        /// The streams, sorted by name.
        heads: Vec<StreamMark>,
    },
}

impl Control {
    /// Reads the body of an entry of the stream `ledger`.
    pub fn from_body(body: &Value) -> Result<Self, InvalidEntry> {
        Self::deserialize(body).map_err(InvalidEntry::UnknownControl)
    }

    pub(crate) fn to_body(&self) -> Result<Value, InvalidEntry> {
        serde_json::to_value(self).map_err(InvalidEntry::UnknownControl)
    }
}

/// One stream in a mark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StreamMark {
    /// The stream.
    pub stream: String,
    /// Index of its last entry before the mark; `None` when it had none.
    pub head: Option<u64>,
}

/// Why a signing key is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RotationReason {
    /// Planned: the old key signs for the new one.
    Routine,
    /// The old key is gone: the recovery key signs for the new one.
    Loss,
    /// Somebody else has, or may have, the old key: the recovery key signs, and says from when on it is not trusted.
    Compromise,
}

impl RotationReason {
    const fn word(self) -> &'static str {
        match self {
            Self::Routine => "routine",
            Self::Loss => "loss",
            Self::Compromise => "compromise",
        }
    }
}

/// A key rotation as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRotation {
    /// Why.
    pub reason: RotationReason,
    /// The key so far.
    pub old_vkey: VerifierKey,
    /// The key from the next checkpoint on.
    pub new_vkey: VerifierKey,
    /// The recovery key from now on; a routine rotation cannot change it.
    pub recovery_vkey: VerifierKey,
    /// Size from which on checkpoints under the old key are not believed without an outside anchor (compromise only).
    pub untrusted_from: Option<u64>,
    /// Size of the ledger before this entry: the entry's own index.
    pub size: u64,
    /// Root of the tree at that size, so that both signatures hold for one history only.
    pub root: Digest,
    /// Signatures over [`KeyRotation::statement`]: the old key's (routine) or the recovery key's, and the new key's.
    pub signatures: Vec<RotationSignature>,
}

/// One signature of a rotation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RotationSignature {
    /// Who signed.
    pub vkey: VerifierKey,
    /// 64 bytes in hexadecimal digits.
    #[serde(with = "hex::serde")]
    pub signature: Vec<u8>,
}

impl KeyRotation {
    /// What is signed. The first line keeps a rotation from being read as a note or a cosignature.
    pub fn statement(&self, origin: &str) -> String {
        let untrusted_from = self.untrusted_from.map_or_else(|| "-".to_owned(), |size| size.to_string());
        format!(
            "tickmark-ledger/key-rotation/v1\n{origin}\n{}\n{}\n{}\n{}\n{}\n{}\n{untrusted_from}\n",
            self.size,
            self.root,
            self.reason.word(),
            self.old_vkey,
            self.new_vkey,
            self.recovery_vkey,
        )
    }

    pub(crate) fn sign(&mut self, origin: &str, by: &Signer) {
        let signature = by.sign(self.statement(origin).as_bytes()).to_vec();
        self.signatures.push(RotationSignature { vkey: by.verifier().clone(), signature });
    }

    /// Checks the rules of a rotation against the keys in force before it.
    pub fn check(&self, origin: &str, vkey: &VerifierKey, recovery_vkey: &VerifierKey) -> Result<(), Error> {
        let refuse = |reason: String| Err(Error::RotationRefused { reason });
        if self.old_vkey != *vkey {
            return refuse(format!("the key in force is `{vkey}`, not `{}`", self.old_vkey));
        }
        if self.new_vkey.name() != origin || self.recovery_vkey.name() != origin {
            return refuse(format!("the new keys do not bear the name `{origin}`"));
        }
        if self.new_vkey == self.old_vkey || self.new_vkey == self.recovery_vkey || self.new_vkey == *recovery_vkey {
            return refuse("the new key is no new key".to_owned());
        }
        let by = match self.reason {
            RotationReason::Routine => {
                if self.recovery_vkey != *recovery_vkey {
                    return refuse("a routine rotation cannot change the recovery key".to_owned());
                }
                vkey
            }
            RotationReason::Loss | RotationReason::Compromise => recovery_vkey,
        };
        match (self.reason, self.untrusted_from) {
            (RotationReason::Routine | RotationReason::Loss, Some(_)) => {
                return refuse("only a compromise says from when on the old key is not trusted".to_owned());
            }
            (RotationReason::Compromise, None) => {
                return refuse("a compromise must say from when on the old key is not trusted".to_owned());
            }
            (RotationReason::Compromise, Some(size)) if size > self.size => {
                return refuse(format!("size {size} is after the rotation at size {}", self.size));
            }
            (RotationReason::Routine | RotationReason::Loss, None) | (RotationReason::Compromise, Some(_)) => {}
        }
        let statement = self.statement(origin);
        for signer in [by, &self.new_vkey] {
            let signed = self
                .signatures
                .iter()
                .any(|line| line.vkey == *signer && signer.verifies(statement.as_bytes(), &line.signature));
            if !signed {
                return refuse(format!("no valid signature of `{signer}`"));
            }
        }
        Ok(())
    }
}

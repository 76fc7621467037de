//! Outside anchors: who else holds a checkpoint, so that the house cannot rewrite its history unseen.
//!
//! Invariant: an anchor proves only what its own bytes prove; nothing here moves bytes over a network.

pub mod cosignature;
pub mod mailbox;
pub mod observe;
pub mod rfc3161;
mod rfc3161_crypto;
mod stretch;
pub mod witness;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

pub use self::stretch::{CheckpointTime, Unanchored, longest_unanchored_stretch};
use crate::{checkpoint::SignedCheckpoint, error::Error, key::VerifierKey};

/// What kind of outside holder vouches for a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnchorKind {
    /// A timestamp authority (RFC 3161): its bytes are the TimeStampResp.
    Rfc3161,
    /// A mailbox outside the house: its bytes are the returned mail.
    Mailbox,
    /// A second installation, as the firm's: its bytes are its signature line.
    Installation,
    /// A C2SP witness: its bytes are its signature line.
    Witness,
}

impl AnchorKind {
    /// The word in stores and packages.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Rfc3161 => "rfc3161",
            Self::Mailbox => "mailbox",
            Self::Installation => "installation",
            Self::Witness => "witness",
        }
    }
}

/// One outside anchor of one checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// Who holds it.
    pub kind: AnchorKind,
    /// Size of the checkpoint.
    pub size: u64,
    /// Root of the checkpoint.
    pub root: Digest,
    /// The outside holder's time.
    pub at: Timestamp,
    /// The checkpoint as it was handed out.
    pub checkpoint: SignedCheckpoint,
    /// The outside holder's answer (see [`AnchorKind`]).
    #[serde(with = "crate::base64_text")]
    pub bytes: Vec<u8>,
}

/// Whom a checker trusts to vouch for a time.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Timestamp authorities, by certificate.
    pub authorities: Vec<rfc3161::Authority>,
    /// Witnesses, by cosignature key.
    pub witnesses: Vec<VerifierKey>,
    /// Second installations, by cosignature key.
    pub installations: Vec<VerifierKey>,
    /// Anchors that the checker itself holds, beside those kept with the ledger.
    pub anchors: Vec<Anchor>,
}

/// What an anchor's bytes prove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// Who vouches.
    pub by: String,
    /// True when time and holder are only claimed, as by a mail's headers.
    pub claimed: bool,
}

impl Anchor {
    pub(crate) fn of(kind: AnchorKind, checkpoint: &SignedCheckpoint, at: Timestamp, bytes: Vec<u8>) -> Self {
        Self { kind, size: checkpoint.size(), root: *checkpoint.root(), at, checkpoint: checkpoint.clone(), bytes }
    }

    /// Verifies the outside holder's bytes. Says nothing about whether a ledger agrees with the checkpoint.
    pub fn verify(&self, trust: &Trust) -> Result<Proven, Error> {
        if self.size != self.checkpoint.size() || self.root != *self.checkpoint.root() {
            return Err(Error::malformed("anchor", "its size and root are not its checkpoint's"));
        }
        let (at, proven) = match self.kind {
            AnchorKind::Rfc3161 => {
                let (at, by) = rfc3161::verify_with_any(&self.checkpoint, &self.bytes, &trust.authorities)?;
                (at, Proven { by, claimed: false })
            }
            AnchorKind::Witness => cosigned(self, &trust.witnesses)?,
            AnchorKind::Installation => cosigned(self, &trust.installations)?,
            AnchorKind::Mailbox => {
                let mail = mailbox::find(&self.bytes)?;
                if mail.checkpoint.text() != self.checkpoint.text() {
                    return Err(Error::malformed("anchor", "the mail holds another checkpoint"));
                }
                let at = mail.claimed_at.ok_or_else(|| Error::malformed("anchor", "the mail has no date"))?;
                (at, Proven { by: mail.received_by, claimed: true })
            }
        };
        if at == self.at {
            Ok(proven)
        } else {
            Err(Error::malformed("anchor", format!("its bytes say {at}, its record says {}", self.at)))
        }
    }
}

fn cosigned(anchor: &Anchor, keys: &[VerifierKey]) -> Result<(Timestamp, Proven), Error> {
    let (at, by) = cosignature::verify_line(&anchor.checkpoint, &anchor.bytes, keys)?;
    Ok((at, Proven { by, claimed: false }))
}

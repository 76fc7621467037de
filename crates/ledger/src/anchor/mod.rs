//! Outside anchors: who else holds a checkpoint, so that the house cannot rewrite its history unseen.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::checkpoint::SignedCheckpoint;

/// What kind of outside holder vouches for a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnchorKind {
    /// A timestamp authority (RFC 3161): its bytes are the TimeStampResp.
    Rfc3161,
    /// A mailbox outside the house: its bytes are the returned mail.
    Mailbox,
    /// A second installation, as the firm's: its bytes are its cosigned note.
    Installation,
    /// A C2SP witness: its bytes are its cosigned note.
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

//! The witness rule (C2SP tlog-witness, `add-checkpoint`): request and answer as text; moving them is the caller's.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use tickmark_canonical::Digest;

use super::{Anchor, AnchorKind, cosignature};
use crate::{
    checkpoint::SignedCheckpoint,
    error::Error,
    key::{Signer, VerifierKey},
    note::NoteSignature,
    sqlite::{Observation, SqliteStore},
};

const WHAT: &str = "add-checkpoint request";

/// Most hashes of a consistency proof in a request (the specification's limit).
const MAX_PROOF: usize = 63;

/// Body of an `add-checkpoint` request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size the witness is thought to hold; 0 when it holds none.
    pub old_size: u64,
    /// Consistency proof from there to the checkpoint.
    pub proof: Vec<Digest>,
    /// The checkpoint, with the ledger's signature.
    pub checkpoint: SignedCheckpoint,
}

impl AddCheckpoint {
    /// The request's body.
    pub fn to_text(&self) -> String {
        let mut text = format!("old {}\n", self.old_size);
        for hash in &self.proof {
            text.push_str(&STANDARD.encode(hash.as_bytes()));
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&self.checkpoint.to_note());
        text
    }

    /// Reads a request's body.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let malformed = |reason: &str| Error::malformed(WHAT, reason);
        let (head, note) = text.split_once("\n\n").ok_or_else(|| malformed("no empty line before the checkpoint"))?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old ")).ok_or_else(|| malformed("no `old` line"))?;
        let old_size: u64 = old.parse().map_err(|_| malformed("the old size is no number"))?;
        if old_size.to_string() != old {
            return Err(malformed("the old size is no number"));
        }
        let proof = lines
            .map(|line| {
                let bytes = STANDARD.decode(line).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
                bytes.map(Digest::from_bytes).ok_or_else(|| malformed("a proof line is no hash"))
            })
            .collect::<Result<Vec<_>, _>>()?;
        if proof.len() > MAX_PROOF {
            return Err(malformed("the proof has more than 63 hashes"));
        }
        Ok(Self { old_size, proof, checkpoint: SignedCheckpoint::parse(note)? })
    }

    /// Reads the witness's answer to this request into an anchor.
    pub fn accept(&self, answer: &Answer, key: &VerifierKey) -> Result<Anchor, Error> {
        if answer.status != 200 {
            let reason = format!("the witness answered {}: {}", answer.status, answer.body.trim_end());
            return Err(Error::BadSignature {
                what: format!("the checkpoint at size {}", self.checkpoint.size()),
                reason,
            });
        }
        let lines = answer.body.lines().map(NoteSignature::from_line).collect::<Result<Vec<_>, _>>()?;
        let line = lines.iter().find(|line| key.is_named_by(line)).ok_or_else(|| Error::BadSignature {
            what: format!("the checkpoint at size {}", self.checkpoint.size()),
            reason: format!("no line of `{key}` in the answer"),
        })?;
        cosignature::anchor(AnchorKind::Witness, &self.checkpoint, line, key)
    }
}

/// A witness's answer, as HTTP carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// HTTP content type.
    pub content_type: &'static str,
    /// Body.
    pub body: String,
}

impl Answer {
    fn text(status: u16, body: impl Into<String>) -> Self {
        Self { status, content_type: "text/plain; charset=utf-8", body: body.into() }
    }

    /// The size that the witness holds, from a 409 answer.
    pub fn held_size(&self) -> Option<u64> {
        (self.status == 409).then(|| self.body.trim_end().parse().ok()).flatten()
    }
}

/// Answers an `add-checkpoint` request as a witness: keeps the checkpoint, then cosigns it. Our own failures are errors;
/// everything that is wrong with the request is an answer.
pub fn answer(store: &SqliteStore, cosigner: &Signer, request: &str, at: Timestamp) -> Result<Answer, Error> {
    let request = match AddCheckpoint::parse(request) {
        Ok(request) => request,
        Err(error) => return Ok(Answer::text(400, format!("{error}\n"))),
    };
    match store.observe(&request.checkpoint, request.old_size, &request.proof, at) {
        Ok(Observation::Kept) => {
            let line = cosignature::cosign(cosigner, &request.checkpoint, at)?;
            Ok(Answer::text(200, line.to_line()))
        }
        Ok(Observation::Stale { held }) => {
            Ok(Answer { status: 409, content_type: "text/x.tlog.size", body: format!("{held}\n") })
        }
        Err(Error::Fork { .. }) => {
            let body = format!("{}\n", request.checkpoint.size());
            Ok(Answer { status: 409, content_type: "text/x.tlog.size", body })
        }
        Err(Error::NoLedger { .. }) => Ok(Answer::text(404, "unknown origin\n")),
        Err(error @ Error::BadSignature { .. }) => Ok(Answer::text(403, format!("{error}\n"))),
        Err(error @ Error::BadProof { .. }) => Ok(Answer::text(422, format!("{error}\n"))),
        Err(error @ Error::Malformed { .. }) => Ok(Answer::text(400, format!("{error}\n"))),
        Err(error) => Err(error),
    }
}

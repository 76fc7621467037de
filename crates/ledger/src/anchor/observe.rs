//! What a holder of somebody else's checkpoints does with the next one: keep it, or refuse a second history.
//!
//! Invariant: a holder never accepts a checkpoint that is not proven to extend the one it accepted before.

use tickmark_canonical::Digest;

use crate::{
    checkpoint::{Checkpoint, SignedCheckpoint},
    error::Error,
    hash::empty_root,
    key::VerifierKey,
    proof,
};

/// What a holder decides. `Stale` and `Refused` leave it as it was.
#[derive(Debug)]
pub enum Judgement {
    /// It extends what was held (or is the same again).
    Extends,
    /// The offer starts from another size than the one held: offer again from there.
    Stale {
        /// The size held.
        held: u64,
    },
    /// The same size with another root, both signed: two histories.
    Fork {
        /// What contradicts what.
        reason: String,
    },
}

/// Judges an offered checkpoint, whose signature by one of `keys` is verified here, against the one held.
/// `proof` leads from `old_size` to the offered size.
pub fn judge(
    keys: &[VerifierKey],
    held: Option<&Checkpoint>,
    offered: &SignedCheckpoint,
    old_size: u64,
    proof: &[Digest],
) -> Result<Judgement, Error> {
    if !keys.iter().any(|key| offered.verify(key).is_ok()) {
        return Err(Error::BadSignature {
            what: format!("the checkpoint at size {}", offered.size()),
            reason: format!("no trusted key of `{}` signed it", offered.origin()),
        });
    }
    if old_size > offered.size() {
        return Err(Error::malformed(
            "checkpoint offer",
            format!("size {old_size} is larger than size {}", offered.size()),
        ));
    }
    let (held_size, held_root) = held.map_or_else(|| (0, empty_root()), |held| (held.size, held.root));
    if held_size == offered.size() && held_root != *offered.root() {
        let reason = format!("at size {held_size} root {held_root} was held and root {} is offered", offered.root());
        return Ok(Judgement::Fork { reason });
    }
    if old_size != held_size {
        return Ok(Judgement::Stale { held: held_size });
    }
    proof::verify_consistency(old_size, offered.size(), &held_root, offered.root(), proof)?;
    Ok(Judgement::Extends)
}

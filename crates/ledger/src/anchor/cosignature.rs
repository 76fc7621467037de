//! Cosignatures of witnesses (C2SP tlog-cosignature, `cosignature/v1`, Ed25519): a key, a time and a checkpoint.

use jiff::Timestamp;

use super::{Anchor, AnchorKind};
use crate::{
    checkpoint::SignedCheckpoint,
    error::Error,
    key::{KeyUse, Signer, VerifierKey},
    note::NoteSignature,
};

const WHAT: &str = "cosignature";

/// Bytes of a cosignature after the key id: a time in seconds (8 bytes, big endian) and an Ed25519 signature.
const LENGTH: usize = 8 + 64;

/// What a cosigner signs.
fn message(seconds: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {seconds}\n{text}")
}

/// The signature line of `cosigner` over the checkpoint, at a whole second.
pub fn cosign(cosigner: &Signer, checkpoint: &SignedCheckpoint, at: Timestamp) -> Result<NoteSignature, Error> {
    let key = cosigner.verifier();
    if key.key_use() != KeyUse::Cosignature {
        return Err(Error::malformed(WHAT, format!("`{key}` is no cosignature key")));
    }
    let seconds = u64::try_from(at.as_second()).map_err(|_| Error::malformed(WHAT, "a time before 1970"))?;
    let mut bytes = seconds.to_be_bytes().to_vec();
    bytes.extend_from_slice(&cosigner.sign(message(seconds, checkpoint.text()).as_bytes()));
    Ok(NoteSignature { name: key.name().to_owned(), key_id: key.id(), bytes })
}

/// Verifies a signature line over the checkpoint; gives its time.
pub fn verify(checkpoint: &SignedCheckpoint, line: &NoteSignature, key: &VerifierKey) -> Result<Timestamp, Error> {
    let refuse =
        |reason: String| Error::BadSignature { what: format!("the checkpoint at size {}", checkpoint.size()), reason };
    if key.key_use() != KeyUse::Cosignature || !key.is_named_by(line) {
        return Err(refuse(format!("the line is not of cosignature key `{key}`")));
    }
    let parts = line.bytes.split_first_chunk::<8>().filter(|_| line.bytes.len() == LENGTH);
    let Some((seconds, signature)) = parts else {
        return Err(refuse(format!("a cosignature has {LENGTH} bytes, not {}", line.bytes.len())));
    };
    let seconds = u64::from_be_bytes(*seconds);
    if !key.verifies(message(seconds, checkpoint.text()).as_bytes(), signature) {
        return Err(refuse(format!("the cosignature of `{key}` is not over this text and time")));
    }
    let seconds = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    seconds.ok_or_else(|| refuse("its time is out of range".to_owned()))
}

/// The anchor that a witness's or second installation's line over the checkpoint is.
pub fn anchor(
    kind: AnchorKind,
    checkpoint: &SignedCheckpoint,
    line: &NoteSignature,
    key: &VerifierKey,
) -> Result<Anchor, Error> {
    let at = verify(checkpoint, line, key)?;
    Ok(Anchor::of(kind, &checkpoint.as_issued(), at, line.to_line().into_bytes()))
}

/// Verifies a line in bytes by whichever of `keys` it names; gives time and name.
pub(super) fn verify_line(
    checkpoint: &SignedCheckpoint,
    line: &[u8],
    keys: &[VerifierKey],
) -> Result<(Timestamp, String), Error> {
    let text = std::str::from_utf8(line).map_err(|error| Error::malformed(WHAT, error))?;
    let line = NoteSignature::from_line(text.strip_suffix('\n').unwrap_or(text))?;
    let key = keys.iter().find(|key| key.is_named_by(&line)).ok_or_else(|| Error::BadSignature {
        what: format!("the checkpoint at size {}", checkpoint.size()),
        reason: format!("no trusted key bears the name `{}`", line.name),
    })?;
    Ok((verify(checkpoint, &line, key)?, key.name().to_owned()))
}

#[cfg(test)]
mod tests {
    use tickmark_canonical::Digest;

    use super::*;
    use crate::checkpoint::Checkpoint;

    fn checkpoint() -> SignedCheckpoint {
        let signer = Signer::from_seed("example.com/ledger", KeyUse::Note, &[1; 32]).expect("key");
        Checkpoint { origin: "example.com/ledger".into(), size: 42, root: Digest::of(b"root"), extensions: Vec::new() }
            .sign(&signer)
    }

    fn witness(seed: u8) -> Signer {
        Signer::from_seed("witness.example.com", KeyUse::Cosignature, &[seed; 32]).expect("key")
    }

    #[test]
    fn a_cosignature_verifies_and_a_changed_one_does_not() {
        let at = Timestamp::from_second(1_790_000_000).expect("instant");
        let line = cosign(&witness(5), &checkpoint(), at).expect("cosigned");
        assert_eq!(verify(&checkpoint(), &line, witness(5).verifier()).expect("verifies"), at);
        verify(&checkpoint(), &line, witness(6).verifier()).expect_err("another witness");
        for place in 0..line.bytes.len() {
            let mut changed = line.clone();
            changed.bytes[place] ^= 1;
            verify(&checkpoint(), &changed, witness(5).verifier()).expect_err("a flipped bit, in time or signature");
        }
        let mut longer = line.clone();
        longer.bytes.push(0);
        verify(&checkpoint(), &longer, witness(5).verifier()).expect_err("a byte more");
        let note = checkpoint().with_signature(line);
        assert_eq!(SignedCheckpoint::parse(&note.to_note()).expect("reads").as_issued(), checkpoint());
    }

    #[test]
    fn golden_line() {
        // The signed message, byte by byte, as C2SP tlog-cosignature writes it.
        assert_eq!(
            message(
                1_679_315_147,
                "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
            ),
            "cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
        );
    }

    #[test]
    fn a_note_key_cannot_cosign() {
        let note = Signer::from_seed("witness.example.com", KeyUse::Note, &[5; 32]).expect("key");
        assert!(cosign(&note, &checkpoint(), Timestamp::UNIX_EPOCH).is_err());
    }
}

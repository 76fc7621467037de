//! Verifying every checkpoint's signature under the key in force at its size.

use super::At;
use crate::{checkpoint::SignedCheckpoint, error::Corrupt, key_chain::KeyChain};

pub(super) fn verify(keys: &KeyChain, notes: &[(u64, String)]) -> Result<(), At> {
    for (size, note) in notes {
        let vkey = &keys.at(*size).vkey;
        SignedCheckpoint::parse(note).and_then(|signed| signed.verify(vkey)).map_err(|error| {
            let corrupt = Corrupt::new(format!("the checkpoint at size {size}"), format!("signed by `{vkey}`"), error);
            At { index: size.saturating_sub(1), error: corrupt.into() }
        })?;
    }
    Ok(())
}

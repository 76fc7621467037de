//! Changing the key that signs the ledger: after a plan, a loss or a theft (docs/ledger-keys.md).

use std::{path::Path, sync::Arc};

use serde::Serialize;
use tickmark_ledger::{KeyUse, Rotation, RotationReason, Signer, Store};
use zeroize::Zeroizing;

use crate::{Clock, Error, Installation, secrets};

/// Why the key changes.
#[derive(Debug, Clone)]
pub enum KeyChange {
    /// Planned: the old key signs for the new one.
    Routine,
    /// The old key is gone: the recovery key signs.
    Loss {
        /// Seed of the recovery key.
        recovery_seed: RecoverySeed,
    },
    /// Somebody else has, or may have, the old key: the recovery key signs.
    Compromise {
        /// Seed of the recovery key.
        recovery_seed: RecoverySeed,
        /// Ledger size from which on the old key is not trusted.
        untrusted_from: u64,
    },
}

/// The seed of a recovery key, as it was printed when the ledger was opened: 64 hexadecimal digits.
#[derive(Clone)]
pub struct RecoverySeed(Zeroizing<[u8; 32]>);

impl std::str::FromStr for RecoverySeed {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut seed = Zeroizing::new([0_u8; 32]);
        hex::decode_to_slice(text.trim(), seed.as_mut_slice()).map_err(|_| Error::NoRecoverySeed)?;
        Ok(Self(seed))
    }
}

impl RecoverySeed {
    /// Reads a seed from a file that only its owner can read.
    pub fn read(path: &Path) -> Result<Self, Error> {
        String::from_utf8_lossy(&secrets::read_secret(path)?).parse()
    }
}

impl std::fmt::Debug for RecoverySeed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecoverySeed(…)")
    }
}

/// A key that was changed.
#[derive(Debug, Serialize)]
pub struct KeyChanged {
    /// The ledger's public key from now on.
    pub ledger_key: String,
    /// Seed of the new recovery key, to be kept offline; the old one has now been on a machine. None after a planned change.
    pub recovery_seed: Option<String>,
    /// The ledger's size with the entry that says so.
    pub ledger_size: u64,
}

impl Installation {
    /// Changes the key that signs the ledger. The new key is on disk before the ledger names it.
    pub fn change_key(
        &self,
        person: Option<&str>,
        change: &KeyChange,
        clock: Arc<dyn Clock>,
    ) -> Result<KeyChanged, Error> {
        let sealing = secrets::read_sealing_key(self.sealing_key_file())?;
        let files = self.key_files();
        let store = self.store()?;
        let origin = self.origin();
        let head = store.reader()?.head(&origin)?;
        // After a loss there is no key to open: the house is opened with one that signs nothing, to see who may ask.
        let house = match change {
            KeyChange::Routine => self.house(Arc::clone(&clock))?,
            KeyChange::Loss { .. } | KeyChange::Compromise { .. } => {
                self.house_signed_by(Signer::generate(&origin)?, self.vault(&sealing)?, Arc::clone(&clock))?
            }
        };
        let person = house.acting(person)?;
        house.require_administrator(&person)?;

        let new = Signer::generate(&origin)?;
        let recovery = match change {
            KeyChange::Routine => None,
            KeyChange::Loss { .. } | KeyChange::Compromise { .. } => Some(Signer::generate(&origin)?),
        };
        let (reason, by, untrusted_from) = match change {
            KeyChange::Routine => (RotationReason::Routine, files.signer(&sealing, &head.vkey)?, None),
            KeyChange::Loss { recovery_seed } => {
                (RotationReason::Loss, Signer::from_seed(&origin, KeyUse::Note, &recovery_seed.0)?, None)
            }
            KeyChange::Compromise { recovery_seed, untrusted_from } => {
                let by = Signer::from_seed(&origin, KeyUse::Note, &recovery_seed.0)?;
                (RotationReason::Compromise, by, Some(*untrusted_from))
            }
        };
        files.write_next(&sealing, &new)?;
        let receipt = store.rotate(
            &origin,
            head.size,
            &Rotation {
                reason,
                by: &by,
                new: &new,
                recovery_vkey: recovery.as_ref().map(Signer::verifier),
                untrusted_from,
                author: person.as_str(),
                command: &crate::house::new_id("cmd")?,
                recorded_at: clock.now(),
            },
        )?;
        files.promote()?;
        Ok(KeyChanged {
            ledger_key: new.verifier().to_string(),
            recovery_seed: recovery.map(|signer| hex::encode(signer.seed().as_slice())),
            ledger_size: receipt.size(),
        })
    }
}

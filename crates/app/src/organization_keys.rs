//! An organization's own keys: the one that signs its ledger and the secret of its item keys, sealed at rest.
//!
//! Invariant: a new signing key is on disk, beside the one in force, before the ledger names it; which of the two holds is
//! read from the ledger. So a crash between never leaves a ledger whose key is gone.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tickmark_canonical::{Digest, ItemKeySecret};
use tickmark_domain::OrganizationId;
use tickmark_ledger::{SealedKey, Signer, VerifierKey};
use tickmark_vault::{SealingKey, Vault};

use crate::{Error, secrets};

/// The secret of an organization's item keys, and the vault object that holds it.
#[derive(Debug)]
pub(crate) struct ItemSecret {
    /// The secret.
    pub(crate) secret: ItemKeySecret,
    /// The object; without it nothing could be told to be the same item as before.
    pub(crate) object: Digest,
}

/// Where an organization's keys lie: one file each, so that the loss of one is not the loss of both.
#[derive(Debug, Clone)]
pub(crate) struct KeyFiles {
    /// The signing key, sealed.
    signing: PathBuf,
    /// The signing key of a rotation that is under way.
    next: PathBuf,
    /// Name of the sealed vault object with the secret of item keys.
    item_keys: PathBuf,
}

impl KeyFiles {
    /// The files of an organization in the folder of keys.
    pub(crate) fn new(folder: &Path, organization: &OrganizationId) -> Self {
        Self {
            signing: folder.join(format!("{organization}.signing-key")),
            next: folder.join(format!("{organization}.signing-key.next")),
            item_keys: folder.join(format!("{organization}.item-keys")),
        }
    }

    /// Draws the keys of a new organization and writes them.
    pub(crate) fn create(
        &self,
        sealing: &SealingKey,
        vault: &Vault,
        origin: &str,
    ) -> Result<(Signer, ItemSecret), Error> {
        let signer = Signer::generate(origin)?;
        let mut secret = [0_u8; 32];
        getrandom::fill(&mut secret).map_err(Error::Random)?;
        let object = vault.put_sealed(&secret)?;
        secrets::write_secret(&self.item_keys, object.to_string().as_bytes())?;
        secrets::write_secret(&self.signing, &SealedKey::seal(&signer, &for_ledger(sealing)?)?.to_bytes()?)?;
        Ok((signer, ItemSecret { secret: ItemKeySecret::new(secret), object }))
    }

    /// The key that signs now: that of the ledger's newest checkpoint. Ends a rotation that a crash cut short.
    pub(crate) fn signer(&self, sealing: &SealingKey, in_force: &VerifierKey) -> Result<Signer, Error> {
        if self.next.exists() {
            let next = SealedKey::from_bytes(&secrets::read_secret(&self.next)?)?;
            if next.vkey == *in_force { self.promote()? } else { self.forget_next()? }
        }
        let sealed = SealedKey::from_bytes(&secrets::read_secret(&self.signing)?)?;
        Ok(sealed.open(&for_ledger(sealing)?)?)
    }

    /// The secret of item keys.
    pub(crate) fn item_keys(&self, vault: &Vault) -> Result<ItemSecret, Error> {
        let damaged = |problem: &str| Error::Settings { path: self.item_keys.clone(), problem: problem.to_owned() };
        let text = secrets::read_secret(&self.item_keys)?;
        let object: Digest =
            String::from_utf8_lossy(&text).trim().parse().map_err(|_| damaged("this is no name of a vault object"))?;
        let secret = vault.get(&object)?;
        let secret = secret.as_array::<32>().ok_or_else(|| damaged("the secret of item keys has not 32 bytes"))?;
        Ok(ItemSecret { secret: ItemKeySecret::new(*secret), object })
    }

    /// Keeps the key of a rotation before it is recorded.
    pub(crate) fn write_next(&self, sealing: &SealingKey, signer: &Signer) -> Result<(), Error> {
        self.forget_next()?;
        secrets::write_secret(&self.next, &SealedKey::seal(signer, &for_ledger(sealing)?)?.to_bytes()?)
    }

    /// Puts the key of a recorded rotation in place of the old one.
    pub(crate) fn promote(&self) -> Result<(), Error> {
        let failed = |source| Error::Io { doing: "replace", path: self.signing.clone(), source };
        fs::rename(&self.next, &self.signing).map_err(failed)?;
        match self.signing.parent() {
            Some(folder) => fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed),
            None => Ok(()),
        }
    }

    /// Forgets the key of a rotation that was not recorded.
    fn forget_next(&self) -> Result<(), Error> {
        match fs::remove_file(&self.next) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::Io { doing: "remove", path: self.next.clone(), source: error })
            }
            _ => Ok(()),
        }
    }
}

/// The sealing key as the ledger takes it. Ledger and vault know nothing of each other, so each has a type of its own.
pub(crate) fn for_ledger(sealing: &SealingKey) -> Result<tickmark_ledger::SealingKey, Error> {
    let mut bytes = [0_u8; 32];
    hex::decode_to_slice(sealing.to_hex().as_bytes(), &mut bytes).map_err(|_| tickmark_vault::Error::SealingKeyText)?;
    Ok(tickmark_ledger::SealingKey::new(bytes))
}

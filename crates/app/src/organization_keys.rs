//! An organization's own keys: the one that signs its ledger and the secret of its item keys, sealed at rest.

use std::path::Path;

use serde::{Deserialize, Serialize};
use tickmark_canonical::{Digest, ItemKeySecret};
use tickmark_ledger::{SealedKey, Signer};
use tickmark_vault::{SealingKey, Vault};

use crate::{Error, secrets};

/// The keys, open.
pub(crate) struct OrganizationKeys {
    pub(crate) signer: Signer,
    pub(crate) item_keys: ItemKeySecret,
}

/// The keys as they lie in the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeysFile {
    /// The signing key, sealed.
    signing: SealedKey,
    /// Sealed vault object with the secret of item keys.
    item_keys: Digest,
}

/// Draws the keys of a new organization and writes them to a new file.
pub(crate) fn create(
    path: &Path,
    sealing: &SealingKey,
    vault: &Vault,
    origin: &str,
) -> Result<OrganizationKeys, Error> {
    let signer = Signer::generate(origin)?;
    let mut secret = [0_u8; 32];
    getrandom::fill(&mut secret).map_err(Error::Random)?;
    let file =
        KeysFile { signing: SealedKey::seal(&signer, &for_ledger(sealing)?)?, item_keys: vault.put_sealed(&secret)? };
    secrets::write_secret(path, &tickmark_canonical::to_canonical(&file)?)?;
    Ok(OrganizationKeys { signer, item_keys: ItemKeySecret::new(secret) })
}

/// Reads the keys.
pub(crate) fn read(path: &Path, sealing: &SealingKey, vault: &Vault) -> Result<OrganizationKeys, Error> {
    let damaged = |problem: &str| Error::Settings { path: path.to_owned(), problem: problem.to_owned() };
    let file: KeysFile = serde_json::from_slice(&secrets::read_secret(path)?)
        .map_err(|error| damaged(&format!("no keys file: {error}")))?;
    let secret = vault.get(&file.item_keys)?;
    let secret = secret.as_array::<32>().ok_or_else(|| damaged("the secret of item keys has not 32 bytes"))?;
    Ok(OrganizationKeys { signer: file.signing.open(&for_ledger(sealing)?)?, item_keys: ItemKeySecret::new(*secret) })
}

/// The sealing key as the ledger takes it. Ledger and vault know nothing of each other, so each has a type of its own.
fn for_ledger(sealing: &SealingKey) -> Result<tickmark_ledger::SealingKey, Error> {
    let mut bytes = [0_u8; 32];
    hex::decode_to_slice(sealing.to_hex().as_bytes(), &mut bytes).map_err(|_| tickmark_vault::Error::SealingKeyText)?;
    Ok(tickmark_ledger::SealingKey::new(bytes))
}

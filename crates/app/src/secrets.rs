//! Secrets of an installation: the sealing key under which signing keys and object keys are wrapped.
//!
//! Invariant: secret files are readable by their owner only, and one that others can read is refused.

use std::{
    fs,
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use tickmark_vault::SealingKey;
use zeroize::Zeroizing;

use crate::Error;

/// Where the sealing key is read from, if not from the installation's own folder. Keep it on another medium than the
/// installation: who has both can read personal data and sign as the organization.
pub const SEALING_KEY_FILE_VARIABLE: &str = "TICKMARK_SEALING_KEY_FILE";

/// The sealing key's file: the one that the environment names, else `keys/sealing.key` of the installation.
pub fn sealing_key_path(root: &Path, from_environment: Option<PathBuf>) -> PathBuf {
    from_environment.unwrap_or_else(|| root.join("keys").join("sealing.key"))
}

/// The sealing key of a file, drawn now if there is none yet.
pub fn sealing_key(path: &Path) -> Result<SealingKey, Error> {
    if path.exists() {
        return read_sealing_key(path);
    }
    let key = SealingKey::random()?;
    write_secret(path, key.to_hex().as_bytes())?;
    Ok(key)
}

/// Reads the sealing key.
pub fn read_sealing_key(path: &Path) -> Result<SealingKey, Error> {
    Ok(String::from_utf8_lossy(&read_secret(path)?).parse()?)
}

/// Writes a secret to a new file that only its owner can read, durably.
pub fn write_secret(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let failed = |source| Error::Io { doing: "write", path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)?;
    if let Some(folder) = path.parent() {
        fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
    }
    Ok(())
}

/// Makes a folder of secrets what its owner alone can look into.
pub fn private_folder(path: &Path) -> Result<(), Error> {
    crate::durable::folder(path)?;
    let failed = |source| Error::Io { doing: "close to others", path: path.to_owned(), source };
    fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(failed)
}

/// Reads a secret, and refuses one that others than its owner can read.
pub fn read_secret(path: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
    let failed = |source| Error::Io { doing: "read", path: path.to_owned(), source };
    let mode = fs::metadata(path).map_err(failed)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(Error::SecretIsReadable { path: path.to_owned(), mode: mode & 0o777 });
    }
    Ok(Zeroizing::new(fs::read(path).map_err(failed)?))
}

//! What commands need of the outside: the installation in a folder, with the machine's clock.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use tickmark_app::{Error, House, Installation, MachineClock, SEALING_KEY_FILE_VARIABLE};

use super::arguments::Folder;

/// The sealing key's file, if the environment names one.
pub fn sealing_key_file() -> Option<PathBuf> {
    std::env::var_os(SEALING_KEY_FILE_VARIABLE).map(PathBuf::from)
}

/// Opens the installation of a folder as it is now.
pub fn installation(folder: &Folder) -> Result<Installation, Error> {
    folder.require_present()?;
    Installation::open(&folder.dir, sealing_key_file())
}

/// Opens the organization of a folder's installation, as it was at the moment asked for. What would change something is
/// refused then, wherever it is asked: here is the one place where commands go back in time.
pub fn house(folder: &Folder) -> Result<(Installation, House), Error> {
    let installation = Installation::open(&folder.dir, sealing_key_file())?;
    let house = installation.house(Arc::new(MachineClock))?.back_at(&folder.moment())?;
    Ok((installation, house))
}

/// Writes a file that the command line names.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    std::fs::write(path, bytes).map_err(|source| Error::Io { doing: "write", path: path.to_owned(), source })
}

/// Writes a file that is not there yet: what stands in one may be a person's work.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let doing = |source| Error::Io { doing: "write a new file", path: path.to_owned(), source };
    std::fs::File::create_new(path).and_then(|mut file| std::io::Write::write_all(&mut file, bytes)).map_err(doing)
}

/// The text of a file that the command line names.
pub fn text(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|source| Error::Io { doing: "read", path: path.to_owned(), source })
}

//! Files and folders that are on the disk when a call returns: what was told to a person survives a power cut.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use crate::Error;

/// Makes a folder and those above it that are missing.
pub(crate) fn folder(path: &Path) -> Result<(), Error> {
    let failed = |source| Error::Io { doing: "make", path: path.to_owned(), source };
    let missing: Vec<&Path> =
        path.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists()).collect();
    fs::create_dir_all(path).map_err(failed)?;
    missing.iter().try_for_each(|folder| sync_parent(folder)).map_err(failed)
}

/// Writes a whole file under its name, or leaves the one that was there.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let temporary = path.with_extension("part");
    fs::write(&temporary, bytes)
        .and_then(|()| File::open(&temporary))
        .map_err(|source| Error::Io { doing: "write", path: temporary.clone(), source })
        .and_then(|file| rename(&file, &temporary, path))
}

/// Puts a written file in place under its name.
pub(crate) fn rename(file: &File, temporary: &Path, path: &Path) -> Result<(), Error> {
    let failed = |source| Error::Io { doing: "write", path: path.to_owned(), source };
    file.sync_all().map_err(failed)?;
    fs::rename(temporary, path).and_then(|()| sync_parent(path)).map_err(failed)
}

/// Files that are written beside those they replace, and take their place together. What is not finished is taken away.
#[derive(Default)]
pub(crate) struct Parts {
    files: Vec<(File, PathBuf, PathBuf)>,
}

impl Parts {
    /// The file that will become `path`.
    pub(crate) fn file(&mut self, path: &Path) -> Result<&mut File, Error> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let temporary = path.with_file_name(name);
        let file = File::create(&temporary).map_err(|source| failed_to_write(&temporary, source))?;
        Ok(&mut self.files.push_mut((file, temporary, path.to_owned())).0)
    }

    /// Puts every file in its place, once all of them are whole and on the disk.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        for (file, temporary, _) in &self.files {
            file.sync_all().map_err(|source| failed_to_write(temporary, source))?;
        }
        for (file, temporary, path) in std::mem::take(&mut self.files) {
            rename(&file, &temporary, &path)?;
        }
        Ok(())
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        for (_, temporary, _) in &self.files {
            // What cannot be taken away is written over the next time.
            let _ = fs::remove_file(temporary);
        }
    }
}

fn failed_to_write(path: &Path, source: io::Error) -> Error {
    Error::Io { doing: "write", path: path.to_owned(), source }
}

/// Removes a file or a whole folder, if it is there.
pub(crate) fn remove(path: &Path) -> Result<(), Error> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done.and_then(|()| sync_parent(path)).map_err(|source| Error::Io {
            doing: "remove",
            path: path.to_owned(),
            source,
        }),
    }
}

/// Makes the name of a file or folder durable.
fn sync_parent(path: &Path) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent)?.sync_all()
}

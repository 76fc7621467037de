//! Where the bytes come from: a folder on disk, or the copy built into the program.

use std::{collections::BTreeMap, fs, path::Path};

use include_dir::{Dir, DirEntry, include_dir};

use crate::{CatalogError, Problem};

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../catalog");

/// Files by path below the catalog's folder, with `/` between the parts.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// The copy built into the program.
pub(crate) fn embedded() -> Files {
    let mut files = Files::new();
    gather(&EMBEDDED, &mut files);
    files
}

fn gather(folder: &Dir<'static>, files: &mut Files) {
    for entry in folder.entries() {
        match entry {
            DirEntry::Dir(folder) => gather(folder, files),
            DirEntry::File(file) => {
                let parts: Vec<_> = file.path().iter().map(|part| part.to_string_lossy()).collect();
                files.insert(parts.join("/"), file.contents().to_vec());
            }
        }
    }
}

/// Reads a folder. Links are refused: what they name may change or lie outside.
pub(crate) fn read(folder: &Path) -> Result<Files, Vec<CatalogError>> {
    let mut files = Files::new();
    let mut problems = Vec::new();
    walk(folder, "", &mut files, &mut problems);
    if problems.is_empty() { Ok(files) } else { Err(problems) }
}

fn walk(folder: &Path, below: &str, files: &mut Files, problems: &mut Vec<CatalogError>) {
    let mut failed = |file: &str, problem| {
        problems.push(CatalogError { file: file.to_owned(), line: None, key: None, problem });
    };
    let shown = if below.is_empty() { folder.display().to_string() } else { below.to_owned() };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(cause) => return failed(&shown, Problem::Unreadable(cause)),
    };
    let mut folders = Vec::new();
    for entry in entries {
        let (path, kind) = match entry.and_then(|entry| Ok((entry.path(), entry.file_type()?))) {
            Ok(found) => found,
            Err(cause) => {
                failed(&shown, Problem::Unreadable(cause));
                continue;
            }
        };
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let name = if below.is_empty() { name } else { format!("{below}/{name}") };
        if kind.is_dir() {
            folders.push((path, name));
        } else if kind.is_file() {
            match fs::read(&path) {
                Ok(bytes) => {
                    files.insert(name, bytes);
                }
                Err(cause) => failed(&name, Problem::Unreadable(cause)),
            }
        } else {
            failed(&name, Problem::NotAFile);
        }
    }
    for (path, name) in folders {
        walk(&path, &name, files, problems);
    }
}

//! Reading a package: nothing in it is believed before it was checked, and the first wrong thing is named.

use std::{
    collections::BTreeSet,
    io::{self, Read, Seek, SeekFrom, Write},
};

use sha2::{Digest as _, Sha256};
use tickmark_canonical::{Digest, from_canonical};
use zip::{CompressionMethod, ZipArchive};

use super::{FORMAT, FileEntry, Limits, PACKAGE_JSON, PackageManifest, PackagePath};
use crate::Error;

/// The end-of-central-directory record without a comment (APPNOTE 4.3.16): its signature and its length.
const END_SIGNATURE: [u8; 4] = *b"PK\x05\x06";
const END_LENGTH: i64 = 22;

/// An open package whose list of files agrees with what the zip holds.
pub struct Reader<R> {
    archive: ZipArchive<R>,
    manifest: PackageManifest,
    digest: Digest,
    limits: Limits,
}

impl<R: Read + Seek> Reader<R> {
    /// Opens a package: checks the zip's structure, reads `package.json`, and refuses entries it does not list and files
    /// that are missing. Digests are checked as files are read; `check` reads them all.
    pub fn open(mut input: R, limits: Limits) -> Result<Self, Error> {
        check_end(&mut input)?;
        let mut archive = ZipArchive::new(input).map_err(Error::zip("opening the package"))?;
        check_structure(&mut archive, &limits)?;
        let bytes = read_manifest(&mut archive, &limits)?;
        check_format(&bytes)?;
        let manifest: PackageManifest = from_canonical(&bytes)
            .map_err(|error| Error::NotAPackage { because: format!("`{PACKAGE_JSON}`: {error}") })?;
        check_files(&mut archive, &manifest, &limits)?;
        Ok(Self { archive, manifest, digest: Digest::of(&bytes), limits })
    }

    /// The list of files.
    pub fn manifest(&self) -> &PackageManifest {
        &self.manifest
    }

    /// The digest of `package.json`, which names everything in the package.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// A file's bytes, once they are known to be the ones listed.
    pub fn read(&mut self, path: &str) -> Result<Vec<u8>, Error> {
        let entry = self.entry(path)?;
        if entry.size > self.limits.in_memory_bytes {
            return Err(Error::TooLarge {
                what: format!("`{path}`"),
                found: entry.size,
                limit: self.limits.in_memory_bytes,
            });
        }
        let mut bytes = Vec::new();
        self.copy(path, &mut bytes)?;
        Ok(bytes)
    }

    /// Copies a file to `out` without holding it in memory. The digest is known only at the end: on an error the caller
    /// must throw away what was written.
    pub fn copy(&mut self, path: &str, out: &mut dyn Write) -> Result<(), Error> {
        let entry = self.entry(path)?;
        let doing = || format!("reading `{path}` from the package");
        let file = self.archive.by_name(path).map_err(Error::zip(doing()))?;
        let found = digest_of(file, entry.size, out).map_err(|error| match error {
            Side::Read(error) => Error::corrupt(format!("`{path}`"), "readable bytes", error.to_string()),
            Side::Write(error) => Error::io(format!("copying `{path}` out of the package"))(error),
        })?;
        match found {
            Some(digest) if digest == entry.digest => Ok(()),
            Some(digest) => Err(Error::corrupt(format!("`{path}`"), entry.digest.to_string(), digest.to_string())),
            None => {
                Err(Error::corrupt(format!("`{path}`"), format!("{} bytes", entry.size), "another number of bytes"))
            }
        }
    }

    /// Reads every file and compares it with the list, in the order of the paths; the error names the first that is
    /// wrong. `progress` is told the bytes read so far and the bytes in all.
    pub fn check(&mut self, progress: &mut dyn FnMut(u64, u64)) -> Result<(), Error> {
        let total: u64 = self.manifest.files.values().map(|entry| entry.size).sum();
        let paths: Vec<(String, u64)> =
            self.manifest.files.iter().map(|(path, entry)| (path.to_string(), entry.size)).collect();
        let mut done = 0_u64;
        for (path, size) in paths {
            self.copy(&path, &mut io::sink())?;
            done = done.saturating_add(size);
            progress(done, total);
        }
        Ok(())
    }

    fn entry(&self, path: &str) -> Result<FileEntry, Error> {
        let parsed: PackagePath = path.parse()?;
        self.manifest
            .files
            .get(&parsed)
            .copied()
            .ok_or_else(|| Error::corrupt("the package", format!("a file `{path}`"), "none"))
    }
}

/// Bytes after the end record would be unseen by us and seen by others.
fn check_end(input: &mut (impl Read + Seek)) -> Result<(), Error> {
    let doing = "reading the end of the package";
    let mut end = [0_u8; 4];
    if input.seek(SeekFrom::End(-END_LENGTH)).is_err() {
        return Err(Error::NotAPackage { because: "it is shorter than the shortest zip".to_owned() });
    }
    input.read_exact(&mut end).map_err(Error::io(doing))?;
    if end != END_SIGNATURE {
        return Err(Error::NotAPackage {
            because: "it does not end as a zip without a comment ends (cut short, or something was appended)"
                .to_owned(),
        });
    }
    input.rewind().map_err(Error::io(doing))
}

/// Entries must follow each other without a gap from the first byte to the central directory, each named once and
/// described alike in both places.
fn check_structure<R: Read + Seek>(archive: &mut ZipArchive<R>, limits: &Limits) -> Result<(), Error> {
    let count = archive.len() as u64;
    // One more than the files: `package.json` itself.
    if count > limits.files.saturating_add(1) {
        return Err(Error::TooLarge { what: "the number of files".to_owned(), found: count, limit: limits.files });
    }
    if archive.has_duplicate_names() {
        return Err(Error::corrupt("the package", "each name once", "two entries of one name"));
    }
    if archive.offset() != 0 || !archive.comment().is_empty() {
        return Err(Error::corrupt(
            "the package",
            "nothing before its entries, no comment",
            "bytes outside its entries",
        ));
    }
    archive.validate_header_consistency().map_err(Error::zip("checking the package's entries"))?;
    let mut spans = Vec::with_capacity(archive.len());
    for index in 0..archive.len() {
        let file = archive.by_index_raw(index).map_err(Error::zip("reading an entry of the package"))?;
        let name = String::from_utf8_lossy(file.name_raw()).into_owned();
        let start = file.data_start().unwrap_or_default();
        if file.encrypted() || file.is_dir() || file.is_symlink() {
            return Err(Error::corrupt(
                format!("`{name}`"),
                "an ordinary file",
                "a folder, a link or an encrypted entry",
            ));
        }
        if !matches!(file.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
            return Err(Error::corrupt(
                format!("`{name}`"),
                "a stored or deflated entry",
                file.compression().to_string(),
            ));
        }
        if name != PACKAGE_JSON {
            name.parse::<PackagePath>()?;
        }
        spans.push((file.header_start(), start.saturating_add(file.compressed_size()), name));
    }
    spans.sort();
    let mut cursor = 0_u64;
    for (start, end, name) in spans {
        if start != cursor {
            return Err(Error::corrupt(
                "the package",
                format!("`{name}` at byte {cursor}"),
                format!("it at byte {start}"),
            ));
        }
        cursor = end;
    }
    if cursor != archive.central_directory_start() {
        return Err(Error::corrupt(
            "the package",
            format!("its directory at byte {cursor}"),
            format!("it at byte {}", archive.central_directory_start()),
        ));
    }
    Ok(())
}

fn read_manifest<R: Read + Seek>(archive: &mut ZipArchive<R>, limits: &Limits) -> Result<Vec<u8>, Error> {
    let Ok(file) = archive.by_name(PACKAGE_JSON) else {
        return Err(Error::NotAPackage { because: format!("it holds no `{PACKAGE_JSON}`") });
    };
    let mut bytes = Vec::new();
    file.take(limits.manifest_bytes.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| Error::corrupt(format!("`{PACKAGE_JSON}`"), "readable bytes", error.to_string()))?;
    if bytes.len() as u64 > limits.manifest_bytes {
        return Err(Error::TooLarge {
            what: format!("`{PACKAGE_JSON}`"),
            found: bytes.len() as u64,
            limit: limits.manifest_bytes,
        });
    }
    Ok(bytes)
}

/// Asked first, so that a package of a later version is refused by its format and not by a field we do not know.
fn check_format(bytes: &[u8]) -> Result<(), Error> {
    let value: serde_json::Value = serde_json::from_slice(bytes)
        .map_err(|error| Error::NotAPackage { because: format!("`{PACKAGE_JSON}` is not JSON: {error}") })?;
    match value.get("format").and_then(serde_json::Value::as_str) {
        Some(FORMAT) => Ok(()),
        Some(other) => Err(Error::UnknownFormat { found: other.chars().take(80).collect(), known: FORMAT }),
        None => Err(Error::NotAPackage { because: format!("`{PACKAGE_JSON}` names no format") }),
    }
}

fn check_files<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    manifest: &PackageManifest,
    limits: &Limits,
) -> Result<(), Error> {
    let mut folded = BTreeSet::new();
    let mut total = 0_u64;
    for (path, entry) in &manifest.files {
        if !folded.insert(path.folded()) {
            return Err(Error::UnsafePath { path: path.to_string(), because: "another file differs only in case" });
        }
        total = total.saturating_add(entry.size);
        if total > limits.total_bytes {
            return Err(Error::TooLarge { what: "the package".to_owned(), found: total, limit: limits.total_bytes });
        }
        let Some(index) = archive.index_for_name(path.as_str()) else {
            return Err(Error::corrupt("the package", format!("the listed file `{path}`"), "none"));
        };
        let size = archive.by_index_raw(index).map_err(Error::zip(format!("reading the entry `{path}`")))?.size();
        if size != entry.size {
            return Err(Error::corrupt(format!("`{path}`"), format!("{} bytes", entry.size), format!("{size} bytes")));
        }
    }
    for index in 0..archive.len() {
        let file = archive.by_index_raw(index).map_err(Error::zip("reading an entry of the package"))?;
        let name = String::from_utf8_lossy(file.name_raw()).into_owned();
        if name != PACKAGE_JSON && !manifest.files.contains_key(&name.parse::<PackagePath>()?) {
            return Err(Error::corrupt("the package", "only files that it lists", format!("the entry `{name}`")));
        }
    }
    Ok(())
}

enum Side {
    Read(io::Error),
    Write(io::Error),
}

/// The digest of exactly `size` bytes copied to `out`; `None` if there are more or fewer.
fn digest_of(mut file: impl Read, size: u64, out: &mut dyn Write) -> Result<Option<Digest>, Side> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0_u8; 1 << 17];
    let mut left = size;
    loop {
        let read = match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Side::Read(error)),
        };
        // A deflated bomb ends here, after one buffer more than it claimed.
        let Some(rest) = left.checked_sub(read as u64) else { return Ok(None) };
        left = rest;
        let chunk = buffer.get(..read).unwrap_or_default();
        hasher.update(chunk);
        out.write_all(chunk).map_err(Side::Write)?;
    }
    Ok((left == 0).then(|| Digest::from_bytes(hasher.finalize().into())))
}

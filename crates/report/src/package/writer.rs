//! Writing a package: entries in the order of their paths, fixed times, `package.json` last.
//!
//! Invariant: the same files give the same bytes with the same binary.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Cursor, Read, Seek, Write},
};

use sha2::{Digest as _, Sha256};
use tickmark_canonical::{Digest, to_canonical};
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

use super::{FORMAT, FileEntry, PACKAGE_JSON, PackageKind, PackageManifest, PackagePath};
use crate::Error;

/// What stands in `package.json` beside the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageHead {
    /// The kind.
    pub kind: PackageKind,
    /// The organization's id.
    pub organization: String,
    /// The engagement's id.
    pub engagement: String,
    /// The checkpoint (C2SP signed note).
    pub checkpoint: String,
}

struct Content<'a> {
    bytes: Box<dyn Read + 'a>,
    size: u64,
    method: CompressionMethod,
}

/// Collects files, then writes them.
pub struct Writer<'a> {
    head: PackageHead,
    files: BTreeMap<PackagePath, Content<'a>>,
    folded: BTreeSet<String>,
}

impl<'a> Writer<'a> {
    /// A package without files.
    pub fn new(head: PackageHead) -> Self {
        Self { head, files: BTreeMap::new(), folded: BTreeSet::new() }
    }

    /// Adds a file held in memory.
    pub fn add_bytes(&mut self, path: &str, bytes: Vec<u8>) -> Result<(), Error> {
        let size = bytes.len() as u64;
        self.add_reader(path, size, Cursor::new(bytes))
    }

    /// Adds a file that is read when the package is written, so that a population of gigabytes never stands in memory.
    /// `size` is its size in bytes; a reader that gives more or fewer is an error.
    pub fn add_reader(&mut self, path: &str, size: u64, bytes: impl Read + 'a) -> Result<(), Error> {
        self.add(path, size, bytes, method_for(path))
    }

    /// The same for bytes that do not get smaller, whatever their name: encrypted or compressed objects of a vault.
    pub fn add_stored_reader(&mut self, path: &str, size: u64, bytes: impl Read + 'a) -> Result<(), Error> {
        self.add(path, size, bytes, CompressionMethod::Stored)
    }

    fn add(&mut self, path: &str, size: u64, bytes: impl Read + 'a, method: CompressionMethod) -> Result<(), Error> {
        let path: PackagePath = path.parse()?;
        if !self.folded.insert(path.folded()) {
            return Err(Error::UnsafePath { path: path.to_string(), because: "the package has a file of that name" });
        }
        self.files.insert(path, Content { bytes: Box::new(bytes), size, method });
        Ok(())
    }

    /// Writes everything and gives back the list of files with the target.
    pub fn finish<W: Write + Seek>(self, out: W) -> Result<(PackageManifest, W), Error> {
        let mut zip = ZipWriter::new(Once { out, failed: false });
        let mut files = BTreeMap::new();
        for (path, content) in self.files {
            let doing = || format!("writing `{path}` to the package");
            zip.start_file(path.as_str(), options_of(content.method, content.size)).map_err(Error::zip(doing()))?;
            let entry = copy(content, &path, &mut zip)?;
            files.insert(path, entry);
        }
        let PackageHead { kind, organization, engagement, checkpoint } = self.head;
        let manifest = PackageManifest { format: FORMAT.to_owned(), kind, organization, engagement, checkpoint, files };
        let bytes = to_canonical(&manifest)?;
        let doing = "writing `package.json` to the package";
        zip.start_file(PACKAGE_JSON, options(PACKAGE_JSON, bytes.len() as u64)).map_err(Error::zip(doing))?;
        zip.write_all(&bytes).map_err(Error::io(doing))?;
        let Once { out, failed } = zip.finish().map_err(Error::zip("finishing the package"))?;
        if failed {
            return Err(Error::io("finishing the package")(io::Error::other("a write failed and nobody said so")));
        }
        Ok((manifest, out))
    }
}

/// Fails once. A writer of a zip that is dropped unfinished tries to finish and prints what keeps it from that, beside the
/// error that was given to the caller already.
struct Once<W> {
    out: W,
    failed: bool,
}

impl<W> Once<W> {
    fn note<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        self.failed |= result.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::Interrupted);
        result
    }
}

impl<W: Write> Write for Once<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.failed {
            return Ok(bytes.len());
        }
        let written = self.out.write(bytes);
        self.note(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.failed {
            return Ok(());
        }
        let flushed = self.out.flush();
        self.note(flushed)
    }
}

impl<W: Seek> Seek for Once<W> {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        if self.failed {
            return Ok(0);
        }
        let at = self.out.seek(to);
        self.note(at)
    }
}

fn copy(mut content: Content<'_>, path: &PackagePath, out: &mut impl Write) -> Result<FileEntry, Error> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0_u8; 1 << 17];
    let mut size = 0_u64;
    loop {
        let read = match content.bytes.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Error::io(format!("reading the file for `{path}`"))(error)),
        };
        let chunk = buffer.get(..read).unwrap_or_default();
        size = size.saturating_add(read as u64);
        hasher.update(chunk);
        out.write_all(chunk).map_err(Error::io(format!("writing `{path}` to the package")))?;
    }
    if size != content.size {
        return Err(Error::corrupt(
            format!("the file for `{path}`"),
            format!("{} bytes", content.size),
            format!("{size} bytes"),
        ));
    }
    Ok(FileEntry { digest: Digest::from_bytes(hasher.finalize().into()), size })
}

/// How an entry of this name and size is written.
pub(crate) fn options(path: &str, size: u64) -> SimpleFileOptions {
    options_of(method_for(path), size)
}

/// Fixed time and permissions, so that the same files give the same bytes.
fn options_of(method: CompressionMethod, size: u64) -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(method)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644)
        .large_file(size >= u64::from(u32::MAX))
}

/// Bytes that are compressed already are stored; compressing them again costs time and gains nothing.
fn method_for(path: &str) -> CompressionMethod {
    let stored = [".pdf", ".parquet", ".xlsx", ".docx", ".zip", ".png", ".bin", ".gz", ".zst"];
    if stored.iter().any(|ending| path.ends_with(ending)) {
        CompressionMethod::Stored
    } else {
        CompressionMethod::Deflated
    }
}

//! A sealed examination package: an outer zip with `header.json`, which anyone may read, and `sealed.bin`.

use std::io::{self, Read, Seek, Write};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tickmark_canonical::{Digest, from_canonical, to_canonical};
use zip::{ZipArchive, ZipWriter};

use super::{FirmPublicKey, FirmSecretKey, KeyId, stream};
use crate::{Error, package::writer_options};

const HEADER: &str = "header.json";
const SEALED: &str = "sealed.bin";
const FORMAT: &str = "tickmark-sealed-1";
/// A header is a few hundred bytes.
const LARGEST_HEADER: u64 = 1 << 16;

/// What a sealed package says about itself in the open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedHeader {
    /// The format.
    pub format: String,
    /// The organization's id.
    pub organization: String,
    /// The engagement's id.
    pub engagement: String,
    /// The firm key it is sealed to.
    pub recipient: KeyId,
    /// SHA-256 of the package inside.
    pub digest: Digest,
    /// The size of the package inside, in bytes.
    pub size: u64,
}

/// Seals the finished package `inner` of `size` bytes to the firm's key, as a stream.
pub fn seal_for_firm<W: Write + Seek>(
    recipient: &FirmPublicKey,
    organization: &str,
    engagement: &str,
    size: u64,
    inner: impl Read,
    out: W,
) -> Result<(SealedHeader, W), Error> {
    let mut zip = ZipWriter::new(out);
    let doing = "writing the sealed package";
    zip.start_file(SEALED, writer_options(SEALED, stream::sealed_size(size))).map_err(Error::zip(doing))?;
    let mut counted = Counted::new(inner);
    stream::seal(recipient, &info(organization, engagement, &recipient.id()), &mut counted, &mut zip)?;
    let (digest, found) = counted.finish();
    if found != size {
        return Err(Error::corrupt("the package to seal", format!("{size} bytes"), format!("{found} bytes")));
    }
    let header = SealedHeader {
        format: FORMAT.to_owned(),
        organization: organization.to_owned(),
        engagement: engagement.to_owned(),
        recipient: recipient.id(),
        digest,
        size,
    };
    let bytes = to_canonical(&header)?;
    zip.start_file(HEADER, writer_options(HEADER, bytes.len() as u64)).map_err(Error::zip(doing))?;
    zip.write_all(&bytes).map_err(Error::io(doing))?;
    let out = zip.finish().map_err(Error::zip(doing))?;
    Ok((header, out))
}

/// The header of a sealed package, without a key.
pub fn read_header<R: Read + Seek>(sealed: R) -> Result<SealedHeader, Error> {
    header_of(&mut open_outer(sealed)?)
}

/// Opens a sealed package into `out`. On an error the caller must throw away what was written.
pub fn open_with_firm_key<R: Read + Seek>(
    secret: &FirmSecretKey,
    sealed: R,
    out: &mut dyn Write,
) -> Result<SealedHeader, Error> {
    let mut archive = open_outer(sealed)?;
    let header = header_of(&mut archive)?;
    let given = secret.public().id();
    if header.recipient != given {
        return Err(Error::WrongFirmKey { sealed_to: header.recipient.to_string(), given: given.to_string() });
    }
    let mut file = archive.by_name(SEALED).map_err(Error::zip("reading `sealed.bin`"))?;
    if file.size() != stream::sealed_size(header.size) {
        return Err(Error::corrupt(
            "`sealed.bin`",
            format!("{} bytes", stream::sealed_size(header.size)),
            format!("{} bytes", file.size()),
        ));
    }
    let mut counted = Counted::new(out);
    stream::open(secret, &info(&header.organization, &header.engagement, &header.recipient), &mut file, &mut counted)?;
    let (digest, size) = counted.finish();
    if size != header.size || digest != header.digest {
        return Err(Error::corrupt(
            "the package inside",
            format!("{} bytes, {}", header.size, header.digest),
            format!("{size} bytes, {digest}"),
        ));
    }
    Ok(header)
}

/// Binds the stream to what the header says in the open, so that a sealed package cannot be passed off as another's.
fn info(organization: &str, engagement: &str, recipient: &KeyId) -> Vec<u8> {
    let recipient = recipient.to_string();
    let parts = [FORMAT.as_bytes(), organization.as_bytes(), engagement.as_bytes(), recipient.as_bytes()];
    Digest::of_parts(&parts).as_bytes().to_vec()
}

fn open_outer<R: Read + Seek>(sealed: R) -> Result<ZipArchive<R>, Error> {
    let mut archive = ZipArchive::new(sealed).map_err(Error::zip("opening the sealed package"))?;
    archive.validate_header_consistency().map_err(Error::zip("checking the sealed package's entries"))?;
    let mut names: Vec<String> =
        archive.file_names_raw().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
    names.sort();
    if names != [HEADER, SEALED] || archive.offset() != 0 {
        return Err(Error::NotAPackage {
            because: format!("a sealed package holds `{HEADER}` and `{SEALED}`; this zip holds {names:?}"),
        });
    }
    Ok(archive)
}

fn header_of<R: Read + Seek>(archive: &mut ZipArchive<R>) -> Result<SealedHeader, Error> {
    let file = archive.by_name(HEADER).map_err(Error::zip("reading `header.json`"))?;
    let mut bytes = Vec::new();
    file.take(LARGEST_HEADER)
        .read_to_end(&mut bytes)
        .map_err(|error| Error::corrupt("`header.json`", "readable bytes", error.to_string()))?;
    let header: SealedHeader = from_canonical(&bytes)
        .map_err(|error| Error::corrupt("`header.json`", "a header in canonical JSON", error.to_string()))?;
    if header.format == FORMAT {
        Ok(header)
    } else {
        Err(Error::UnknownFormat { found: header.format.chars().take(80).collect(), known: FORMAT })
    }
}

/// Counts and hashes what passes through.
struct Counted<T> {
    inner: T,
    hasher: Sha256,
    size: u64,
}

impl<T> Counted<T> {
    fn new(inner: T) -> Self {
        Self { inner, hasher: Sha256::new(), size: 0 }
    }

    fn take_in(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.size = self.size.saturating_add(bytes.len() as u64);
    }

    fn finish(self) -> (Digest, u64) {
        (Digest::from_bytes(self.hasher.finalize().into()), self.size)
    }
}

impl<T: Read> Read for Counted<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.take_in(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

impl<T: Write> Write for Counted<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.take_in(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

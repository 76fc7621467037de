//! The sealed stream: one HPKE context (RFC 9180, base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
//! ChaCha20-Poly1305) seals the plaintext in chunks.
//!
//! The context counts its chunks, so one that is swapped, left out or repeated does not open; the last chunk is sealed
//! with other associated data than those before it, so a stream that was cut short does not open either.

use std::io::{self, Read, Write};

use hpke::{
    Deserializable, OpModeR, OpModeS, Serializable, aead::ChaCha20Poly1305, kdf::HkdfSha256, kem::X25519HkdfSha256,
    setup_receiver, setup_sender,
};

use super::{FirmPublicKey, FirmSecretKey};
use crate::Error;

/// The first bytes of a sealed stream.
const MAGIC: &[u8; 18] = b"tickmark-sealed-1\n";
/// Plaintext bytes in a chunk: large enough that the tag costs nothing, small enough to hold several.
const CHUNK: usize = 1 << 16;
/// The tag ChaCha20-Poly1305 adds (RFC 8439).
const TAG: usize = 16;
/// The encapsulated key of X25519.
const ENCAPSULATED: usize = 32;

const MORE: &[u8] = b"more";
const LAST: &[u8] = b"last";

type Encapsulated = <X25519HkdfSha256 as hpke::Kem>::EncappedKey;

/// The size of the sealed stream of a plaintext of `plain` bytes.
pub(super) fn sealed_size(plain: u64) -> u64 {
    let chunks = plain.div_ceil(CHUNK as u64).max(1);
    (MAGIC.len() + ENCAPSULATED) as u64 + plain + chunks * TAG as u64
}

/// Seals everything `plain` gives. `info` binds the stream to what it is about.
pub(super) fn seal(
    recipient: &FirmPublicKey,
    info: &[u8],
    plain: &mut dyn Read,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let (encapsulated, mut context) =
        setup_sender::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(&OpModeS::Base, recipient.as_hpke(), info)
            .map_err(|error| Error::FirmKey { because: format!("sealing to it failed: {error}") })?;
    let writing = || Error::io("writing the sealed stream");
    out.write_all(MAGIC).map_err(writing())?;
    out.write_all(&encapsulated.to_bytes()).map_err(writing())?;
    let mut chunks = Chunks::new(plain, CHUNK);
    while let Some((chunk, is_last)) = chunks.next().map_err(Error::io("reading what is to be sealed"))? {
        let sealed = context
            .seal(chunk, if is_last { LAST } else { MORE })
            .map_err(|error| Error::FirmKey { because: format!("sealing a chunk failed: {error}") })?;
        out.write_all(&sealed).map_err(writing())?;
    }
    Ok(())
}

/// Opens a stream and hands out each chunk once its tag was checked.
pub(super) fn open(
    secret: &FirmSecretKey,
    info: &[u8],
    sealed: &mut dyn Read,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let reading = || Error::io("reading the sealed stream");
    let mut magic = [0_u8; MAGIC.len()];
    let mut encapsulated = [0_u8; ENCAPSULATED];
    let begins = sealed.read_exact(&mut magic).and_then(|()| sealed.read_exact(&mut encapsulated));
    match begins {
        Ok(()) if magic == *MAGIC => {}
        Ok(()) => {
            return Err(Error::corrupt("the sealed stream", "`tickmark-sealed-1` at its beginning", "other bytes"));
        }
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            return Err(Error::corrupt("the sealed stream", "a beginning and an encapsulated key", "fewer bytes"));
        }
        Err(error) => return Err(reading()(error)),
    }
    let wrong = |at: u64| {
        Error::corrupt(
            format!("chunk {at} of the sealed stream"),
            "bytes sealed to this firm key",
            "bytes changed, cut short or put in another order since",
        )
    };
    let encapsulated = Encapsulated::from_bytes(&encapsulated).map_err(|_| wrong(0))?;
    let mut context = setup_receiver::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        secret.as_hpke(),
        &encapsulated,
        info,
    )
    .map_err(|_| wrong(0))?;
    let mut chunks = Chunks::new(sealed, CHUNK + TAG);
    let mut at = 0_u64;
    while let Some((chunk, is_last)) = chunks.next().map_err(reading())? {
        let plain = context.open(chunk, if is_last { LAST } else { MORE }).map_err(|_| wrong(at))?;
        out.write_all(&plain).map_err(Error::io("writing the opened package"))?;
        at += 1;
    }
    Ok(())
}

/// Reads chunks of one size and says which is the last; an empty input is one empty chunk.
struct Chunks<'a> {
    input: &'a mut dyn Read,
    size: usize,
    current: Vec<u8>,
    next: Vec<u8>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Fresh,
    Running,
    Done,
}

impl<'a> Chunks<'a> {
    fn new(input: &'a mut dyn Read, size: usize) -> Self {
        Self { input, size, current: Vec::new(), next: Vec::new(), state: State::Fresh }
    }

    fn next(&mut self) -> io::Result<Option<(&[u8], bool)>> {
        match self.state {
            State::Done => return Ok(None),
            State::Fresh => self.next = self.fill()?,
            State::Running => {}
        }
        self.current = std::mem::take(&mut self.next);
        if self.current.len() == self.size {
            self.next = self.fill()?;
        }
        let is_last = self.next.is_empty();
        self.state = if is_last { State::Done } else { State::Running };
        Ok(Some((&self.current, is_last)))
    }

    fn fill(&mut self) -> io::Result<Vec<u8>> {
        let mut chunk = Vec::with_capacity(self.size);
        (&mut self.input).take(self.size as u64).read_to_end(&mut chunk)?;
        Ok(chunk)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(plain: &[u8], secret: &FirmSecretKey) -> Vec<u8> {
        let mut out = Vec::new();
        seal(&secret.public(), b"info", &mut &*plain, &mut out).unwrap();
        assert_eq!(out.len() as u64, sealed_size(plain.len() as u64));
        out
    }

    fn opened(sealed: &[u8], secret: &FirmSecretKey, info: &[u8]) -> Result<Vec<u8>, Error> {
        let mut out = Vec::new();
        open(secret, info, &mut &*sealed, &mut out).map(|()| out)
    }

    #[test]
    fn every_length_around_a_chunk_comes_back() {
        let secret = FirmSecretKey::generate();
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7] {
            let plain: Vec<u8> = (0..length).map(|index| (index % 251) as u8).collect();
            assert_eq!(opened(&sealed(&plain, &secret), &secret, b"info").unwrap(), plain, "{length}");
        }
    }

    #[test]
    fn changed_cut_swapped_and_foreign_streams_do_not_open() {
        let secret = FirmSecretKey::generate();
        let good = sealed(&vec![7; 3 * CHUNK], &secret);
        let head = MAGIC.len() + ENCAPSULATED;
        let chunk = CHUNK + TAG;
        let mut swapped = good.clone();
        let (first, second) = swapped[head..].split_at_mut(chunk);
        first.swap_with_slice(&mut second[..chunk]);
        for (what, bytes) in [
            ("one byte", {
                let mut bytes = good.clone();
                bytes[head + chunk + 5] ^= 1;
                bytes
            }),
            ("cut at a chunk", good[..head + 2 * chunk].to_vec()),
            ("cut within a chunk", good[..good.len() - 1].to_vec()),
            ("cut to its head", good[..head].to_vec()),
            ("cut within its head", good[..head - 1].to_vec()),
            ("swapped", swapped),
            ("appended", [good.as_slice(), b"x"].concat()),
            ("magic", {
                let mut bytes = good.clone();
                bytes[0] ^= 1;
                bytes
            }),
            ("encapsulated key", {
                let mut bytes = good.clone();
                bytes[MAGIC.len()] ^= 1;
                bytes
            }),
        ] {
            assert!(matches!(opened(&bytes, &secret, b"info"), Err(Error::Corrupt(_))), "{what}");
        }
        assert!(opened(&good, &FirmSecretKey::generate(), b"info").is_err());
        assert!(opened(&good, &secret, b"other").is_err());
    }
}

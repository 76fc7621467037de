//! The format of a sealed object: AES-256-GCM over segments, so that a range opens without reading the rest.
//!
//! A sealed object is `HEADER`, then the plaintext in segments of 64 KiB (the last may be shorter), each followed by
//! its 16-byte tag. A segment's nonce is three zero bytes, its number (8 bytes, big endian) and 1 for the last
//! segment or 0 for any other: the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015), so segments cannot
//! be dropped, repeated, swapped or cut off unseen. The nonce needs no randomness because each object has a key of
//! its own.
//!
//! Invariant: one key seals one object, once.

use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    rand::{SecureRandom, SystemRandom},
};
use tickmark_canonical::Digest;
use zeroize::Zeroizing;

use crate::{Corrupt, Error};

/// What every sealed object begins with; authenticated with every segment.
pub(crate) const HEADER: &[u8; 16] = b"TICKMARK-SEAL-1\n";

/// Plaintext bytes in a full segment: large enough that tag and call are lost in the noise, small enough that a
/// footer read does not open much more than the footer.
pub(crate) const SEGMENT: usize = 64 * 1024;

const TAG: usize = 16;
const SEGMENT_U64: u64 = SEGMENT as u64;
const TAG_U64: u64 = TAG as u64;
const HEADER_U64: u64 = HEADER.len() as u64;

/// The key of one sealed object.
#[derive(Clone)]
pub(crate) struct ObjectKey(Zeroizing<[u8; 32]>);

impl ObjectKey {
    pub(crate) fn random() -> Result<Self, Error> {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        SystemRandom::new().fill(bytes.as_mut()).map_err(|_| Error::Cipher { doing: "draw an object key" })?;
        Ok(Self(bytes))
    }

    pub(crate) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn cipher(&self) -> Result<LessSafeKey, Error> {
        let key = UnboundKey::new(&AES_256_GCM, self.0.as_ref()).map_err(|_| Error::Cipher { doing: "take a key" })?;
        Ok(LessSafeKey::new(key))
    }
}

impl std::fmt::Debug for ObjectKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ObjectKey(…)")
    }
}

fn nonce(segment: u64, last: bool) -> Nonce {
    let mut bytes = [0_u8; 12];
    for (to, from) in bytes.iter_mut().skip(3).zip(segment.to_be_bytes()) {
        *to = from;
    }
    if let Some(flag) = bytes.last_mut() {
        *flag = u8::from(last);
    }
    Nonce::assume_unique_for_key(bytes)
}

/// Turns a stream of plaintext into a stream of ciphertext.
pub(crate) struct Sealer {
    cipher: LessSafeKey,
    segment: u64,
    pending: Vec<u8>,
}

impl Sealer {
    pub(crate) fn new(key: &ObjectKey) -> Result<Self, Error> {
        Ok(Self { cipher: key.cipher()?, segment: 0, pending: Vec::with_capacity(SEGMENT + TAG) })
    }

    /// Takes plaintext and hands each finished piece of ciphertext to `sink`.
    pub(crate) fn push<E: From<Error>>(
        &mut self,
        mut plain: &[u8],
        sink: &mut dyn FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        while !plain.is_empty() {
            // A full segment waits for the next byte: only then is it known not to be the last.
            if self.pending.len() == SEGMENT {
                self.seal(false)?;
                sink(&self.pending)?;
                self.pending.clear();
            }
            let room = SEGMENT - self.pending.len();
            let (now, later) = plain.split_at(room.min(plain.len()));
            self.pending.extend_from_slice(now);
            plain = later;
        }
        Ok(())
    }

    /// Seals the last segment, which may be empty, and hands it to `sink`.
    pub(crate) fn finish<E: From<Error>>(mut self, sink: &mut dyn FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        self.seal(true)?;
        sink(&self.pending)
    }

    fn seal(&mut self, last: bool) -> Result<(), Error> {
        let refuse = |_| Error::Cipher { doing: "seal a segment" };
        self.cipher
            .seal_in_place_append_tag(nonce(self.segment, last), Aad::from(HEADER), &mut self.pending)
            .map_err(refuse)?;
        self.segment += 1;
        Ok(())
    }
}

/// Where the plaintext of a sealed object of known length lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    segments: u64,
    plain_len: u64,
}

impl Layout {
    /// Reads the layout off the length of the file.
    pub(crate) fn of_file(digest: &Digest, file_len: u64) -> Result<Self, Error> {
        let refuse = || {
            let what = format!("sealed object {digest}");
            Error::from(Corrupt::new(what, "a header and whole segments", format!("{file_len} bytes")))
        };
        let body = file_len.checked_sub(HEADER_U64).ok_or_else(refuse)?;
        let segments = body.div_ceil(SEGMENT_U64 + TAG_U64);
        let plain_len = body.checked_sub(segments * TAG_U64).ok_or_else(refuse)?;
        let layout = Self { segments, plain_len };
        // Only the one length that sealing gives is accepted: an empty last segment exists only alone.
        if segments > 0 && Self::file_len(plain_len) == file_len { Ok(layout) } else { Err(refuse()) }
    }

    /// The length of the file that holds `plain_len` bytes of plaintext.
    pub(crate) fn file_len(plain_len: u64) -> u64 {
        HEADER_U64 + plain_len + plain_len.div_ceil(SEGMENT_U64).max(1) * TAG_U64
    }

    pub(crate) fn plain_len(&self) -> u64 {
        self.plain_len
    }
}

/// Opens segments of one sealed object.
#[derive(Debug)]
pub(crate) struct Opener {
    digest: Digest,
    cipher: LessSafeKey,
    layout: Layout,
}

/// A run of whole segments in the file, and what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    first_segment: u64,
    /// Where the run begins in the file.
    pub(crate) file_offset: u64,
    /// Its length in the file.
    pub(crate) file_len: u64,
    /// Where its plaintext begins in the object.
    pub(crate) plain_offset: u64,
}

impl Opener {
    pub(crate) fn new(digest: Digest, key: &ObjectKey, layout: Layout) -> Result<Self, Error> {
        Ok(Self { digest, cipher: key.cipher()?, layout })
    }

    pub(crate) fn layout(&self) -> Layout {
        self.layout
    }

    /// The segments that hold the plaintext from `start` up to `end`.
    pub(crate) fn run(&self, start: u64, end: u64) -> Run {
        let first_segment = start / SEGMENT_U64;
        let after = end.div_ceil(SEGMENT_U64).max(first_segment + 1).min(self.layout.segments);
        let file_offset = HEADER_U64 + first_segment * (SEGMENT_U64 + TAG_U64);
        let full_end = HEADER_U64 + after * (SEGMENT_U64 + TAG_U64);
        let file_end = full_end.min(Layout::file_len(self.layout.plain_len));
        Run {
            first_segment,
            file_offset,
            file_len: file_end.saturating_sub(file_offset),
            plain_offset: first_segment * SEGMENT_U64,
        }
    }

    /// Opens the ciphertext of a run in place; the plaintext is left in `bytes`.
    pub(crate) fn open(&self, run: Run, bytes: &mut Vec<u8>) -> Result<(), Error> {
        let mut written = 0;
        let mut read = 0;
        let mut segment = run.first_segment;
        while read < bytes.len() {
            let take = (SEGMENT + TAG).min(bytes.len() - read);
            let last = segment + 1 == self.layout.segments;
            let refuse = || {
                let what = format!("sealed object {}, segment {segment}", self.digest);
                Error::from(Corrupt::new(what, "bytes sealed under its key", "bytes that do not authenticate"))
            };
            let sealed = bytes.get_mut(read..read + take).ok_or_else(refuse)?;
            let plain =
                self.cipher.open_in_place(nonce(segment, last), Aad::from(HEADER), sealed).map_err(|_| refuse())?.len();
            bytes.copy_within(read..read + plain, written);
            written += plain;
            read += take;
            segment += 1;
        }
        bytes.truncate(written);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(key: &ObjectKey, plain: &[u8], step: usize) -> Vec<u8> {
        let mut out = HEADER.to_vec();
        let mut sink = |piece: &[u8]| -> Result<(), Error> {
            out.extend_from_slice(piece);
            Ok(())
        };
        let mut sealer = Sealer::new(key).unwrap();
        for piece in plain.chunks(step) {
            sealer.push(piece, &mut sink).unwrap();
        }
        sealer.finish(&mut sink).unwrap();
        out
    }

    fn opened(key: &ObjectKey, file: &[u8], start: u64, end: u64) -> Result<Vec<u8>, Error> {
        let digest = Digest::of(file);
        let opener = Opener::new(digest, key, Layout::of_file(&digest, file.len() as u64)?)?;
        let run = opener.run(start, end);
        let mut bytes = file[run.file_offset as usize..(run.file_offset + run.file_len) as usize].to_vec();
        opener.open(run, &mut bytes)?;
        let skip = (start - run.plain_offset) as usize;
        Ok(bytes[skip..skip + (end - start) as usize].to_vec())
    }

    #[test]
    fn every_length_around_a_segment_reads_back_whole_and_in_ranges() {
        let key = ObjectKey::random().unwrap();
        for len in [0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 2 * SEGMENT, 3 * SEGMENT + 7] {
            let plain: Vec<u8> = (0..len).map(|i| (i * 31 % 251) as u8).collect();
            let file = sealed(&key, &plain, 10_007);
            assert_eq!(file.len() as u64, Layout::file_len(len as u64));
            assert_eq!(opened(&key, &file, 0, len as u64).unwrap(), plain);
            for (start, end) in [(0, len.min(5)), (len / 2, len), (len / 3, len / 2), (len, len)] {
                assert_eq!(opened(&key, &file, start as u64, end as u64).unwrap(), &plain[start..end], "{len}");
            }
        }
    }

    #[test]
    fn cut_swapped_and_changed_segments_are_refused() {
        let key = ObjectKey::random().unwrap();
        let plain = vec![7_u8; 3 * SEGMENT];
        let file = sealed(&key, &plain, 4096);
        let whole = SEGMENT + TAG;
        let cut = &file[..HEADER.len() + 2 * whole];
        assert!(opened(&key, cut, 0, 2 * SEGMENT_U64).is_err());
        let mut swapped = file.clone();
        let (one, two) = swapped[HEADER.len()..HEADER.len() + 2 * whole].split_at_mut(whole);
        one.swap_with_slice(two);
        assert!(opened(&key, &swapped, 0, 10).is_err());
        let mut flipped = file.clone();
        flipped[HEADER.len() + whole + 9] ^= 1;
        assert!(opened(&key, &flipped, 0, 10).is_ok());
        assert!(opened(&key, &flipped, SEGMENT_U64, SEGMENT_U64 + 1).is_err());
        assert!(opened(&ObjectKey::random().unwrap(), &file, 0, 10).is_err());
        assert!(Layout::of_file(&Digest::of(b""), 3).is_err());
        assert!(Layout::of_file(&Digest::of(b""), HEADER_U64 + 3).is_err());
    }
}

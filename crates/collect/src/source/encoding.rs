//! Bytes of a file as UTF-8, with the digest of the bytes as they were.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8};
use sha2::{Digest as _, Sha256};
use tickmark_canonical::Digest;

/// Reads and keeps the digest and the length of what it read.
pub(crate) struct Digesting<R> {
    inner: R,
    hasher: Sha256,
    length: u64,
}

impl<R: Read> Digesting<R> {
    pub fn new(inner: R) -> Self {
        Self { inner, hasher: Sha256::new(), length: 0 }
    }

    /// Reads what is left and tells digest and length of all.
    pub fn finish(mut self) -> io::Result<(Digest, u64)> {
        io::copy(&mut self, &mut io::sink())?;
        Ok((Digest::from_bytes(self.hasher.finalize().into()), self.length))
    }
}

impl<R: Read> Read for Digesting<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(into)?;
        self.hasher.update(into.get(..length).unwrap_or_default());
        self.length += length as u64;
        Ok(length)
    }
}

/// A reader of text as UTF-8, whatever the file's encoding.
pub(crate) struct Text<R> {
    inner: R,
    /// Bytes read ahead to look for a mark, not yet given out.
    ahead: Vec<u8>,
    /// How the file turned out to be encoded.
    pub encoding: &'static Encoding,
    /// Whether it began with a byte-order mark.
    pub has_mark: bool,
    /// Absent where the bytes are UTF-8 already; then they are checked field by field, so an error names the field.
    decoder: Option<Decoder>,
    raw: Vec<u8>,
    raw_at: usize,
    raw_ended: bool,
    ended: bool,
    decoded: Vec<u8>,
    decoded_at: usize,
}

const CHUNK: usize = 64 * 1024;

impl<R: Read> Text<R> {
    /// Looks at the first bytes: a mark decides, else the declared encoding, else UTF-8.
    pub fn new(mut inner: R, declared: Option<&'static Encoding>) -> io::Result<Self> {
        let mut ahead = vec![0; 4];
        let mut length = 0;
        while let Some(room) = ahead.get_mut(length..).filter(|room| !room.is_empty()) {
            match inner.read(room)? {
                0 => break,
                more => length += more,
            }
        }
        ahead.truncate(length);
        let marked = Encoding::for_bom(&ahead);
        if let (Some((found, _)), Some(declared)) = (marked, declared)
            && found != declared
        {
            return Err(refused(format!(
                "begins with the mark of {}, but is declared as {}",
                found.name(),
                declared.name()
            )));
        }
        let unmarked_utf16 = matches!(*ahead.as_slice(), [0, x, 0, _] | [x, 0, _, 0] if x != 0);
        if marked.is_none() && declared.is_none() && unmarked_utf16 {
            return Err(refused(
                "looks like UTF-16 without a byte-order mark; say its `encoding` in the source".into(),
            ));
        }
        let encoding = marked.map(|(found, _)| found).or(declared).unwrap_or(UTF_8);
        if let Some((_, length)) = marked {
            ahead.drain(..length);
        }
        // `new_decoder_without_bom_handling`, because the mark is taken off here.
        let decoder = (encoding != UTF_8).then(|| encoding.new_decoder_without_bom_handling());
        Ok(Self {
            inner,
            ahead,
            encoding,
            has_mark: marked.is_some(),
            decoder,
            raw: Vec::new(),
            raw_at: 0,
            raw_ended: false,
            ended: false,
            decoded: Vec::new(),
            decoded_at: 0,
        })
    }

    /// What a reader of the evidence should know about the file's encoding.
    pub fn note(&self) -> Option<String> {
        match (self.encoding, self.has_mark) {
            (encoding, false) if encoding == UTF_8 => None,
            (encoding, true) => Some(format!("{} with a byte-order mark", encoding.name())),
            (encoding, false) => Some(encoding.name().to_owned()),
        }
    }

    /// The reader below.
    pub fn into_inner(self) -> R {
        self.inner
    }

    /// Decodes the next piece; an empty one at the end.
    fn decode(&mut self) -> io::Result<()> {
        self.decoded_at = 0;
        self.decoded.clear();
        while self.decoded.is_empty() && !self.ended {
            if self.raw_at >= self.raw.len() && !self.raw_ended {
                self.read_raw()?;
            }
            let Some(decoder) = &mut self.decoder else { return Ok(()) };
            self.decoded.resize(CHUNK, 0);
            let source = self.raw.get(self.raw_at..).unwrap_or_default();
            let (result, read, written) =
                decoder.decode_to_utf8_without_replacement(source, &mut self.decoded, self.raw_ended);
            self.raw_at += read;
            self.decoded.truncate(written);
            match result {
                DecoderResult::Malformed(..) => {
                    return Err(refused(format!("has bytes that are not {}", self.encoding.name())));
                }
                DecoderResult::InputEmpty if self.raw_ended => self.ended = true,
                DecoderResult::InputEmpty | DecoderResult::OutputFull => {}
            }
        }
        Ok(())
    }

    fn read_raw(&mut self) -> io::Result<()> {
        self.raw.drain(..self.raw_at);
        self.raw_at = 0;
        if !self.ahead.is_empty() {
            self.raw.append(&mut self.ahead);
            return Ok(());
        }
        let before = self.raw.len();
        self.raw.resize(before + CHUNK, 0);
        let length = self.inner.read(self.raw.get_mut(before..).unwrap_or_default())?;
        self.raw.truncate(before + length);
        self.raw_ended = length == 0;
        Ok(())
    }
}

impl<R: Read> Read for Text<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.decoder.is_none() {
            if !self.ahead.is_empty() {
                let length = self.ahead.len().min(into.len());
                for (to, from) in into.iter_mut().zip(self.ahead.drain(..length)) {
                    *to = from;
                }
                return Ok(length);
            }
            return self.inner.read(into);
        }
        if self.decoded_at == self.decoded.len() {
            self.decode()?;
        }
        let ready = self.decoded.get(self.decoded_at..).unwrap_or_default();
        let length = ready.len().min(into.len());
        for (to, from) in into.iter_mut().zip(ready) {
            *to = *from;
        }
        self.decoded_at += length;
        Ok(length)
    }
}

fn refused(problem: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], declared: Option<&'static Encoding>) -> Result<(String, Option<String>), String> {
        let mut text = Text::new(bytes, declared).map_err(|error| error.to_string())?;
        let mut all = Vec::new();
        text.read_to_end(&mut all).map_err(|error| error.to_string())?;
        Ok((String::from_utf8(all).unwrap(), text.note()))
    }

    fn utf16(text: &str, little: bool) -> Vec<u8> {
        text.encode_utf16().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
    }

    #[test]
    fn marks_decide_and_are_told() {
        let text = "id,name\n1,Zoë 🧾\n";
        assert_eq!(read(text.as_bytes(), None), Ok((text.into(), None)));
        let marked = format!("\u{feff}{text}");
        let told = |what: &str| Some(format!("{what} with a byte-order mark"));
        assert_eq!(read(marked.as_bytes(), None), Ok((text.into(), told("UTF-8"))));
        assert_eq!(read(&utf16(&marked, true), None), Ok((text.into(), told("UTF-16LE"))));
        assert_eq!(read(&utf16(&marked, false), None), Ok((text.into(), told("UTF-16BE"))));
    }

    #[test]
    fn guesses_are_refused() {
        let error = read(&utf16("id,name\n", true), None).unwrap_err();
        assert!(error.contains("UTF-16 without a byte-order mark"), "{error}");
        let error = read(b"\xef\xbb\xbfid", Some(encoding_rs::WINDOWS_1252)).unwrap_err();
        assert!(error.contains("declared as windows-1252"), "{error}");
        // Half a surrogate pair, and half a unit.
        let error = read(b"\xff\xfe\x3d\xd8a\0", None).unwrap_err();
        assert!(error.contains("not UTF-16LE"), "{error}");
        assert!(read(b"\xff\xfea\0b", None).is_err());
    }

    #[test]
    fn other_encodings_are_read_when_declared() {
        let (text, note) = read(b"Z\xfcrich", Some(encoding_rs::WINDOWS_1252)).unwrap();
        assert_eq!((text.as_str(), note.as_deref()), ("Zürich", Some("windows-1252")));
        assert_eq!(read(b"", None), Ok((String::new(), None)));
        assert_eq!(read(b"a", None), Ok(("a".into(), None)));
    }
}

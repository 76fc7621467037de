//! Signed notes (C2SP signed-note): a text, an empty line, and signature lines `— name base64`.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::error::Error;

/// Longest note that is read. A checkpoint with some dozen cosignatures has a few kilobytes.
const MAX_NOTE_BYTES: usize = 64 * 1024;

/// Most signature lines that are read (signed-note asks for at least 16).
const MAX_SIGNATURES: usize = 64;

const WHAT: &str = "signed note";

/// One signature line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    /// Name of the key.
    pub name: String,
    /// First four bytes of the key's id.
    pub key_id: [u8; 4],
    /// What follows the key id: the signature, and for a cosignature its time before it.
    pub bytes: Vec<u8>,
}

impl NoteSignature {
    /// The line with its line end.
    pub fn to_line(&self) -> String {
        let mut joined = self.key_id.to_vec();
        joined.extend_from_slice(&self.bytes);
        format!("\u{2014} {} {}\n", self.name, STANDARD.encode(joined))
    }

    /// Reads a line without its line end.
    pub fn from_line(line: &str) -> Result<Self, Error> {
        let malformed = || Error::malformed(WHAT, format!("`{}` is no signature line", shortened(line)));
        let (name, encoded) =
            line.strip_prefix("\u{2014} ").and_then(|rest| rest.split_once(' ')).ok_or_else(malformed)?;
        let decoded = STANDARD.decode(encoded).map_err(|_| malformed())?;
        let (key_id, bytes) = decoded.split_first_chunk::<4>().ok_or_else(malformed)?;
        if name.is_empty() || name.contains('+') || name.chars().any(char::is_whitespace) || bytes.is_empty() {
            return Err(malformed());
        }
        Ok(Self { name: name.to_owned(), key_id: *key_id, bytes: bytes.to_vec() })
    }
}

/// A note: its text (with its last line end) and who signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What is signed, ending with a line end.
    pub text: String,
    /// At least one signature.
    pub signatures: Vec<NoteSignature>,
}

impl Note {
    /// Reads a note. Says nothing about whether a signature verifies.
    pub fn parse(note: &str) -> Result<Self, Error> {
        if note.len() > MAX_NOTE_BYTES {
            return Err(Error::malformed(WHAT, format!("it has {} bytes, more than {MAX_NOTE_BYTES}", note.len())));
        }
        if let Some(control) = note.chars().find(|c| *c != '\n' && (u32::from(*c) < 0x20 || *c == '\u{7f}')) {
            return Err(Error::malformed(WHAT, format!("it has the control character {:#04x}", u32::from(control))));
        }
        let end = note.rfind("\n\n").ok_or_else(|| Error::malformed(WHAT, "no empty line before signatures"))?;
        let (text, lines) = note.split_at(end + 1);
        let lines = lines.strip_prefix('\n').unwrap_or(lines);
        let lines = lines.strip_suffix('\n').ok_or_else(|| Error::malformed(WHAT, "its last line does not end"))?;
        let signatures = lines.split('\n').map(NoteSignature::from_line).collect::<Result<Vec<_>, _>>()?;
        if signatures.len() > MAX_SIGNATURES {
            return Err(Error::malformed(WHAT, format!("it has more than {MAX_SIGNATURES} signatures")));
        }
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// The note as it travels.
    pub fn to_text(&self) -> String {
        let lines: String = self.signatures.iter().map(NoteSignature::to_line).collect();
        format!("{}\n{lines}", self.text)
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_text_out() {
        let note = "example.com/ledger\n1\nAAAA\n\n\u{2014} example.com/ledger AQIDBAU=\n\u{2014} witness AQIDBAY=\n";
        let parsed = Note::parse(note).expect("a note");
        assert_eq!(parsed.text, "example.com/ledger\n1\nAAAA\n");
        assert_eq!(parsed.signatures.len(), 2);
        assert_eq!(
            (parsed.signatures[0].key_id, parsed.signatures[0].bytes.as_slice()),
            ([1, 2, 3, 4], [5].as_slice())
        );
        assert_eq!(parsed.to_text(), note);
    }

    #[test]
    fn what_is_no_note_is_refused() {
        for bad in [
            "",
            "text\n",
            "text\n\n",
            "text\n\n\u{2014} name AQIDBAU=",
            "text\n\n- name AQIDBAU=\n",
            "text\n\n\u{2014} name AQID\n",
            "text\n\n\u{2014} na me AQIDBAU=\n",
            "text\n\n\u{2014} name AQIDBAU\n",
            "text\r\n\n\u{2014} name AQIDBAU=\n",
            "text\n\n\u{2014} name AQIDBAU=\n\n",
        ] {
            assert!(Note::parse(bad).is_err(), "{bad:?}");
        }
    }
}

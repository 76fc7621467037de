//! What may name a stream, an author or a command (in an entry), and a ledger (in a checkpoint).
//!
//! Invariant: a name needs no escape in JSON, in a note and in SQL text, so it has one spelling everywhere.

use crate::error::{Error, InvalidEntry};

/// Longest name in bytes. Opaque ids are a fraction of this; a name is no place for text.
pub const MAX_NAME_BYTES: usize = 128;

/// Whether `byte` may stand in a name of an entry.
pub(crate) const fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b':' | b'/' | b'@' | b'+' | b'-')
}

/// Refuses a stream, author or command that cannot stand in an entry.
pub(crate) fn check_name(field: &'static str, value: &str) -> Result<(), InvalidEntry> {
    let good = !value.is_empty() && value.len() <= MAX_NAME_BYTES && value.bytes().all(is_name_byte);
    if good { Ok(()) } else { Err(InvalidEntry::Name { field, value: value.chars().take(40).collect() }) }
}

/// Refuses an origin that cannot be a key name of a signed note.
pub(crate) fn check_origin(origin: &str) -> Result<(), Error> {
    let good = !origin.is_empty()
        && origin.len() <= MAX_NAME_BYTES
        && origin.chars().all(|c| !c.is_whitespace() && !c.is_control() && c != '+');
    if good { Ok(()) } else { Err(Error::BadOrigin { origin: origin.chars().take(40).collect() }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_would_need_an_escape_are_refused() {
        for good in ["organization", "engagement/01JD", "a@b+c", &"x".repeat(128)] {
            assert!(check_name("stream", good).is_ok(), "{good}");
        }
        for bad in ["", "a b", "é", "a\"b", "a\\b", "a\n", &"x".repeat(129)] {
            assert!(check_name("stream", bad).is_err(), "{bad}");
        }
        for bad in ["", "a b", "a+b", "a\nb", "a\u{2028}b"] {
            assert!(check_origin(bad).is_err(), "{bad}");
        }
        assert!(check_origin("harbor-lane.example/tickmark").is_ok());
    }
}

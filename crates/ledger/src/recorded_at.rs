//! The one spelling of an instant in an entry: `2026-09-30T21:05:00.000001Z`, always 27 characters.
//!
//! Invariant: UTC, microseconds, `Z`; so text order is time order, and equal instants are equal bytes.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

/// The text of `at`, cut (never rounded up) to its microsecond.
pub(crate) fn to_text(at: Timestamp) -> String {
    // `{:.6}` prints exactly six digits; jiff prints instants in UTC with `Z`.
    format!("{:.6}", truncated(at))
}

/// `at` without what is finer than a microsecond, so that what is stored is what comes back.
pub(crate) fn truncated(at: Timestamp) -> Timestamp {
    let micros = at.as_nanosecond().div_euclid(1_000);
    i64::try_from(micros).ok().and_then(|micros| Timestamp::from_microsecond(micros).ok()).unwrap_or(at)
}

/// Reads the text back; refuses every other spelling.
pub(crate) fn from_text(text: &str) -> Option<Timestamp> {
    let at: Timestamp = text.parse().ok()?;
    (to_text(at) == text).then_some(at)
}

pub(crate) fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&to_text(*at))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(deserializer)?;
    from_text(&text).ok_or_else(|| D::Error::custom(format!("`{text}` is not a UTC instant with six decimals and Z")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_instant_has_one_spelling() {
        let at = from_text("2026-09-30T21:05:00.000001Z").expect("good");
        assert_eq!(to_text(at), "2026-09-30T21:05:00.000001Z");
        for other in [
            "2026-09-30T21:05:00Z",
            "2026-09-30T21:05:00.000001+00:00",
            "2026-09-30T21:05:00.0000010Z",
            "2026-09-30t21:05:00.000001z",
            "2026-09-30 21:05:00.000001Z",
            "2026-02-30T21:05:00.000001Z",
            "2026-09-30T23:05:00.000001+02",
        ] {
            assert!(from_text(other).is_none(), "{other}");
        }
    }

    #[test]
    fn finer_than_a_microsecond_is_cut() {
        let at: Timestamp = "1969-12-31T23:59:59.9999999Z".parse().expect("good");
        assert_eq!(to_text(at), "1969-12-31T23:59:59.999999Z");
    }
}

//! The entry: what one leaf of the ledger says, as bytes that never change meaning.
//!
//! Invariant: an entry is canonical JSON (RFC 8785) of exactly seven fields, at most 8 KiB, without a float.
//! Invariant: bytes of format 1 decode in every later version; a new meaning is a new format.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tickmark_canonical::{Digest, from_canonical, to_canonical};

use crate::{entry_view::EntryView, error::InvalidEntry, hash::leaf_hash, name::check_name};

/// The only format there is so far.
pub const FORMAT: u64 = 1;

/// Most canonical bytes of an entry. Facts are ids, digests, enumerations, dates and counts; text is a vault object.
pub const MAX_ENTRY_BYTES: usize = 8 * 1024;

/// Most levels a body nests. JSON readers stop at 100 or more levels; an entry stays far below.
pub const MAX_BODY_DEPTH: usize = 32;

/// The stream that the ledger writes itself: keys and marks.
pub const LEDGER_STREAM: &str = "ledger";

/// One entry of a ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Always 1 so far.
    pub format: u64,
    /// Opaque name of the stream, as `organization` or `engagement/01JD…`.
    pub stream: String,
    /// Index in the ledger of this stream's previous entry; `None` for the stream's first.
    pub prev: Option<u64>,
    /// When it was recorded, to the microsecond, by the recording machine's clock.
    #[serde(with = "crate::recorded_at")]
    pub recorded_at: Timestamp,
    /// Opaque id of who recorded it.
    pub author: String,
    /// Opaque id of the command it came from; several entries may come from one command.
    pub command: String,
    /// What it says. The ledger does not look inside.
    pub body: Value,
}

impl Entry {
    /// The canonical bytes.
    pub fn encode(&self) -> Result<Vec<u8>, InvalidEntry> {
        self.check_fields()?;
        let bytes = to_canonical(self).map_err(InvalidEntry::NotCanonical)?;
        check_length(bytes.len())?;
        Ok(bytes)
    }

    /// Reads an entry; refuses bytes that [`Entry::encode`] would not have written.
    pub fn decode(bytes: &[u8]) -> Result<Self, InvalidEntry> {
        check_length(bytes.len())?;
        if let Some(view) = EntryView::parse(bytes)
            && let Ok(body) = serde_json::from_str(view.body)
        {
            return Ok(Self {
                format: FORMAT,
                stream: view.stream.to_owned(),
                prev: view.prev,
                recorded_at: view.recorded_at,
                author: view.author.to_owned(),
                command: view.command.to_owned(),
                body,
            });
        }
        // Slower, and only to say why.
        let entry: Self = from_canonical(bytes).map_err(InvalidEntry::NotCanonical)?;
        entry.check_fields()?;
        Err(InvalidEntry::NotCanonical(tickmark_canonical::NotCanonical::OtherBytes))
    }

    fn check_fields(&self) -> Result<(), InvalidEntry> {
        if self.format != FORMAT {
            return Err(InvalidEntry::UnknownFormat { found: self.format });
        }
        check_name("stream", &self.stream)?;
        check_name("author", &self.author)?;
        check_name("command", &self.command)?;
        if depth_exceeds(&self.body, MAX_BODY_DEPTH) {
            return Err(InvalidEntry::TooDeep { limit: MAX_BODY_DEPTH });
        }
        Ok(())
    }
}

/// An entry as it stands in a ledger: its place, its bytes and what they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    /// Place in the ledger, counted from 0.
    pub index: u64,
    /// The canonical bytes, the leaf of the tree.
    pub bytes: Vec<u8>,
    /// What the bytes say.
    pub entry: Entry,
}

impl StoredEntry {
    /// The leaf hash (RFC 6962): SHA-256 of a zero byte and the entry's bytes.
    pub fn leaf_hash(&self) -> Digest {
        leaf_hash(&self.bytes)
    }
}

const fn check_length(found: usize) -> Result<(), InvalidEntry> {
    if found <= MAX_ENTRY_BYTES { Ok(()) } else { Err(InvalidEntry::TooLarge { found, limit: MAX_ENTRY_BYTES }) }
}

fn depth_exceeds(value: &Value, limit: usize) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        Value::Array(values) => limit == 0 || values.iter().any(|value| depth_exceeds(value, limit.saturating_sub(1))),
        Value::Object(fields) => {
            limit == 0 || fields.values().any(|value| depth_exceeds(value, limit.saturating_sub(1)))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The bytes every version must write and read. Append only: a line here is never changed.
    const GOLDEN: &str = r#"{"author":"person/01","body":{"amount":"12.50","count":3,"kind":"paid","note":"é\n","when":"2026-09-30"},"command":"cmd-1","format":1,"prev":41,"recorded_at":"2026-09-30T21:05:00.000001Z","stream":"engagement/01"}"#;
    const GOLDEN_FIRST: &str = r#"{"author":"system","body":null,"command":"c","format":1,"prev":null,"recorded_at":"2026-01-01T00:00:00.000000Z","stream":"organization"}"#;

    fn golden() -> Entry {
        Entry {
            format: 1,
            stream: "engagement/01".into(),
            prev: Some(41),
            recorded_at: "2026-09-30T21:05:00.000001Z".parse().expect("instant"),
            author: "person/01".into(),
            command: "cmd-1".into(),
            body: json!({"kind": "paid", "amount": "12.50", "count": 3, "when": "2026-09-30", "note": "é\n"}),
        }
    }

    #[test]
    fn golden_bytes() {
        assert_eq!(String::from_utf8(golden().encode().expect("encodes")).expect("text"), GOLDEN);
        assert_eq!(Entry::decode(GOLDEN.as_bytes()).expect("decodes"), golden());
        assert_eq!(
            leaf_hash(GOLDEN.as_bytes()).to_string(),
            "e2417181e787fe67ce391ec849fdf5a599cd1f058fce437d6cd099d6ab802080"
        );
        let first = Entry::decode(GOLDEN_FIRST.as_bytes()).expect("decodes");
        assert_eq!((first.prev, &first.body), (None, &Value::Null));
        assert_eq!(first.encode().expect("encodes"), GOLDEN_FIRST.as_bytes());
    }

    #[test]
    fn other_bytes_are_refused() {
        for (why, bytes) in [
            ("a space", GOLDEN.replacen("\":", "\": ", 1)),
            (
                "another order",
                GOLDEN_FIRST.replacen("\"author\":\"system\",", "", 1).replacen('}', ",\"author\":\"system\"}", 1),
            ),
            ("no prev", GOLDEN_FIRST.replacen("\"prev\":null,", "", 1)),
            ("one field more", GOLDEN_FIRST.replacen("\"prev\"", "\"more\":1,\"prev\"", 1)),
            ("format 2", GOLDEN.replacen("\"format\":1", "\"format\":2", 1)),
            ("a float", GOLDEN.replacen("\"count\":3", "\"count\":3.5", 1)),
            ("an integer as a float", GOLDEN.replacen("\"count\":3", "\"count\":3.0", 1)),
            ("minus zero", GOLDEN.replacen("\"count\":3", "\"count\":-0", 1)),
            ("2^53", GOLDEN.replacen("\"count\":3", "\"count\":9007199254740992", 1)),
            ("another spelling of time", GOLDEN.replacen(".000001Z", ".000001+00:00", 1)),
            ("a negative prev", GOLDEN.replacen("\"prev\":41", "\"prev\":-1", 1)),
            ("an empty stream", GOLDEN.replacen("engagement/01", "", 1)),
            ("a field twice", GOLDEN.replacen("\"count\":3", "\"count\":3,\"count\":3", 1)),
            ("an escape too many", GOLDEN.replacen("paid", "\\u0070aid", 1)),
            ("nothing", String::new()),
            ("something after", format!("{GOLDEN}\n")),
        ] {
            assert!(Entry::decode(bytes.as_bytes()).is_err(), "{why}: {bytes}");
        }
    }

    #[test]
    fn limits_hold_in_both_directions() {
        let room = MAX_ENTRY_BYTES - GOLDEN_FIRST.len() + "null".len() - 2;
        let mut entry = Entry::decode(GOLDEN_FIRST.as_bytes()).expect("decodes");
        entry.body = Value::String("x".repeat(room));
        assert_eq!(entry.encode().expect("fits exactly").len(), MAX_ENTRY_BYTES);
        entry.body = Value::String("x".repeat(room + 1));
        assert!(matches!(entry.encode(), Err(InvalidEntry::TooLarge { found: 8193, limit: 8192 })));

        let nested = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
        entry.body = nested(MAX_BODY_DEPTH);
        let bytes = entry.encode().expect("deep enough");
        assert!(Entry::decode(&bytes).is_ok());
        entry.body = nested(MAX_BODY_DEPTH + 1);
        assert!(matches!(entry.encode(), Err(InvalidEntry::TooDeep { .. })));
    }

    fn any_body() -> impl proptest::strategy::Strategy<Value = Value> {
        use proptest::prelude::*;
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-(1_i64 << 53) + 1..(1_i64 << 53)).prop_map(Value::from),
            ".{0,20}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::vec((".{0,6}", inner), 0..6)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest::proptest! {
        #[test]
        fn what_is_encoded_decodes_to_the_same(body in any_body(), prev in proptest::option::of(0_u64..1 << 53)) {
            let entry = Entry { body, prev, ..golden() };
            if let Ok(bytes) = entry.encode() {
                proptest::prop_assert_eq!(Entry::decode(&bytes).expect("decodes"), entry);
            }
        }

        #[test]
        fn input_never_panics(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
            let _ = Entry::decode(&bytes);
        }
    }
}

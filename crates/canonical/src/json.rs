//! Canonical JSON (RFC 8785), narrowed to what may be hashed: no floating-point number, no integer past 2^53.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Number, Value};

/// The largest integer that every JSON reader keeps exact (RFC 8785, appendix D; ECMA-262 `MAX_SAFE_INTEGER`).
const LARGEST_EXACT_INTEGER: u64 = (1 << 53) - 1;

/// Why a value has no canonical bytes, or why bytes are not canonical.
#[derive(Debug, thiserror::Error)]
pub enum NotCanonical {
    /// A number that readers may round: write decimals and large integers as strings.
    #[error("the number `{0}` is not an integer within 2^53; write decimals and large integers as strings")]
    InexactNumber(Number),
    /// The value cannot be written as JSON, or the bytes are no JSON of the expected shape.
    #[error("not JSON of the expected shape: {0}")]
    Json(#[from] serde_json::Error),
    /// The bytes parse but are not the bytes that writing the same value gives.
    #[error("the bytes are JSON, but not in canonical form (RFC 8785)")]
    OtherBytes,
}

/// The canonical bytes of `value`.
pub fn to_canonical<T: Serialize>(value: &T) -> Result<Vec<u8>, NotCanonical> {
    let value = serde_json::to_value(value)?;
    refuse_inexact_numbers(&value)?;
    Ok(serde_json_canonicalizer::to_vec(&value)?)
}

/// Reads `bytes` back and refuses them unless they are the canonical bytes of what they say.
pub fn from_canonical<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Result<T, NotCanonical> {
    let value: T = serde_json::from_slice(bytes)?;
    if to_canonical(&value)? == bytes { Ok(value) } else { Err(NotCanonical::OtherBytes) }
}

fn refuse_inexact_numbers(value: &Value) -> Result<(), NotCanonical> {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
        Value::Number(number) => {
            let exact = number.as_u64().is_some_and(|n| n <= LARGEST_EXACT_INTEGER)
                || number.as_i64().is_some_and(|n| n.unsigned_abs() <= LARGEST_EXACT_INTEGER);
            if exact { Ok(()) } else { Err(NotCanonical::InexactNumber(number.clone())) }
        }
        Value::Array(values) => values.iter().try_for_each(refuse_inexact_numbers),
        Value::Object(fields) => fields.values().try_for_each(refuse_inexact_numbers),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_are_sorted_and_nothing_else_is_added() {
        let bytes = to_canonical(&json!({"b": [1, true, null], "a": "é\n"})).map(String::from_utf8);
        assert_eq!(bytes.ok().and_then(Result::ok).as_deref(), Some("{\"a\":\"é\\n\",\"b\":[1,true,null]}"));
    }

    #[test]
    fn numbers_that_a_reader_may_round_are_refused() {
        assert!(to_canonical(&json!(0.1)).is_err());
        assert!(to_canonical(&json!(1_u64 << 53)).is_err());
        assert!(to_canonical(&json!((1_u64 << 53) - 1)).is_ok());
    }

    #[test]
    fn other_spellings_of_the_same_value_are_refused() {
        assert!(from_canonical::<Value>(b"{\"a\":1}").is_ok());
        for other in ["{ \"a\":1}", "{\"b\":1,\"a\":1}", "{\"a\":1,\"a\":1}", "{\"a\":\"\\u0041\"}"] {
            assert!(from_canonical::<Value>(other.as_bytes()).is_err(), "{other}");
        }
    }

    proptest::proptest! {
        #[test]
        fn canonical_bytes_read_back(text in ".*", number in -(1_i64 << 52)..(1_i64 << 52)) {
            let value = json!({"text": text, "number": number});
            let bytes = to_canonical(&value).map_err(|e| proptest::test_runner::TestCaseError::fail(e.to_string()))?;
            proptest::prop_assert_eq!(from_canonical::<Value>(&bytes).ok(), Some(value));
        }
    }
}

//! One way to turn a value into bytes and bytes into a digest, shared by every crate that hashes.
//!
//! Invariant: equal values give equal bytes on every machine and in every later version.
//! Invariant: no audit word, no I/O and no clock are known here.

mod digest;
mod item_key;
mod json;
mod row_digest_key;

pub use digest::{Digest, DigestParseError};
pub use item_key::ItemKeySecret;
pub use json::{NotCanonical, from_canonical, to_canonical};
pub use row_digest_key::RowDigestKey;

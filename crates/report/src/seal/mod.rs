//! Sealing an examination package to the firm's key: only the firm's people can open it.
//!
//! Invariant: a sealed package is opened as a stream of chunks; no chunk is handed out before its tag was checked, and
//! chunks that were cut off, swapped or repeated are refused.
//! Invariant: sealing proves nothing about who sealed: anyone can seal to a public key. Who made a package is shown by
//! the checkpoint inside it.

mod firm_key;
mod sealed_package;
mod stream;

pub use firm_key::{FirmPublicKey, FirmSecretKey, KeyId};
pub use sealed_package::{SealedHeader, open_with_firm_key, read_header, seal_for_firm};

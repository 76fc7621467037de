//! Item keys of exceptions: HMACs under the organization's secret, sorted, as one vault object.
//!
//! Invariant: the object is a multiple of 32 bytes, strictly ascending; so equal sets of items are one object.

use std::collections::{BTreeMap, BTreeSet};

use tickmark_canonical::{Digest, ItemKeySecret};
use tickmark_vault::Vault;

use crate::Error;

/// The keys of the items that result rows name in their first columns.
pub fn keys_of_rows(
    vault: &Vault,
    secret: &ItemKeySecret,
    rows: &Digest,
    item: &[String],
) -> Result<BTreeSet<Digest>, Error> {
    let items = tickmark_examine::exception_items(vault, rows, item)?;
    items.map(|item| Ok(key_of(secret, &item?))).collect()
}

/// What these items are called, by their keys.
pub fn names_of_rows(
    vault: &Vault,
    secret: &ItemKeySecret,
    rows: &Digest,
    item: &[String],
) -> Result<BTreeMap<Digest, String>, Error> {
    let items = tickmark_examine::exception_items(vault, rows, item)?;
    let named = items.map(|item| {
        let item = item?;
        Ok((key_of(secret, &item), item.join(" ")))
    });
    named.collect()
}

fn key_of(secret: &ItemKeySecret, item: &[String]) -> Digest {
    let parts: Vec<&str> = item.iter().map(String::as_str).collect();
    secret.item_key(&parts)
}

/// Stores keys.
pub fn write(vault: &Vault, keys: &BTreeSet<Digest>) -> Result<Digest, Error> {
    let bytes: Vec<u8> = keys.iter().flat_map(|key| key.as_bytes().iter().copied()).collect();
    Ok(vault.put(&bytes)?)
}

/// Reads keys back.
pub fn read(vault: &Vault, digest: &Digest) -> Result<BTreeSet<Digest>, Error> {
    let bytes = vault.get(digest)?;
    let (keys, []) = bytes.as_chunks::<32>() else {
        return Err(Error::KeysUnreadable(*digest));
    };
    Ok(keys.iter().copied().map(Digest::from_bytes).collect())
}

/// A cell as text: dates as `2026-09-30`, instants as `2026-09-30T21:05:00Z`, decimals with their scale.
pub fn cell_text(column: &arrow::array::ArrayRef, row: usize) -> Result<String, Error> {
    Ok(arrow::util::display::array_value_to_string(column, row)?)
}

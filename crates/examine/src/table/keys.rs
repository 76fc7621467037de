//! Whether the same key stands in more than one extract of a dataset.
//!
//! Invariant: "no" is certain; "yes" may be a coincidence of 64-bit hashes, one in 2^64 for each pair of keys. Of one source it
//! only costs a slower query.

use datafusion::{
    arrow::array::{ArrayRef, RecordBatch},
    common::hash_utils::{RandomState, create_hashes},
};
use parquet::{data_type::ByteArray, file::statistics::Statistics};
use tickmark_vault::{Manifest, Vault};

use super::checked_reader::OpenPart;
use crate::Error;

/// The range of the first key column over the parts of one extract; `None` when it is unknown or of another type.
type KeyRange = Option<(Vec<u8>, Vec<u8>)>;

/// Whether the ranges of the first key column, as the checked footers state them, keep the extracts apart.
pub(super) fn ranges_apart(extracts: &[Vec<OpenPart>], column: usize) -> bool {
    let mut ranges = Vec::new();
    for parts in extracts {
        if parts.iter().all(|part| part.reader().part().rows == 0) {
            continue;
        }
        match range(parts, column) {
            Some(range) => ranges.push(range),
            None => return false,
        }
    }
    ranges.sort();
    ranges.windows(2).all(|pair| match pair {
        [(_, last), (first, _)] => last < first,
        _ => true,
    })
}

fn range(parts: &[OpenPart], column: usize) -> KeyRange {
    let mut found: KeyRange = None;
    for part in parts {
        for group in part.reader().metadata().row_groups() {
            let statistics = group.columns().get(column)?.statistics()?;
            // Only texts: their order as bytes is their order as keys. A cut bound is still a bound.
            let Statistics::ByteArray(values) = statistics else { return None };
            let low = values.min_opt().map(ByteArray::data)?.to_vec();
            let high = values.max_opt().map(ByteArray::data)?.to_vec();
            found = Some(match found {
                None => (low, high),
                Some((least, most)) => (least.min(low), most.max(high)),
            });
        }
    }
    found
}

/// Whether two extracts may hold the same key: reads all key columns and compares 64-bit hashes.
pub(super) fn repeat(vault: &Vault, manifests: &[&Manifest], key: &[String]) -> Result<bool, Error> {
    let each: Vec<Vec<&Manifest>> = manifests.iter().map(|manifest| vec![*manifest]).collect();
    shared(vault, &each, key)
}

/// The same of two groups of extracts.
pub(super) fn shared(vault: &Vault, groups: &[Vec<&Manifest>], key: &[String]) -> Result<bool, Error> {
    let mut all: Vec<u64> = Vec::new();
    for manifests in groups {
        // A key that repeats within one group is the population's matter; here it counts once.
        let mut hashes = key_hashes(vault, manifests, key)?;
        hashes.sort_unstable();
        hashes.dedup();
        all.append(&mut hashes);
    }
    all.sort_unstable();
    Ok(all.windows(2).any(|pair| matches!(pair, [a, b] if a == b)))
}

fn key_hashes(vault: &Vault, manifests: &[&Manifest], key: &[String]) -> Result<Vec<u64>, Error> {
    let columns: Vec<&str> = key.iter().map(String::as_str).collect();
    let mut hashes: Vec<u64> = Vec::new();
    for manifest in manifests {
        let doing = || format!("read the keys of dataset `{}`", manifest.dataset);
        let rows = vault.read_dataset(manifest, Some(&columns)).map_err(Error::vault(doing()))?;
        for batch in rows {
            hash(&batch.map_err(Error::vault(doing()))?, &mut hashes).map_err(Error::engine(doing()))?;
        }
    }
    Ok(hashes)
}

fn hash(batch: &RecordBatch, into: &mut Vec<u64>) -> datafusion::common::Result<()> {
    let mut buffer = vec![0; batch.num_rows()];
    let columns: Vec<ArrayRef> = batch.columns().to_vec();
    // The seeds are fixed, so that a run repeats; they decide the speed of a query and never its rows.
    create_hashes(&columns, &RandomState::default(), &mut buffer)?;
    into.extend_from_slice(&buffer);
    Ok(())
}

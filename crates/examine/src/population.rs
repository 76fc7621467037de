//! The population of a test: every item once, its number, and a digest that does not depend on the order of rows.
//!
//! The digest is SHA-256 over `tickmark/population/1` and a zero byte; the names of the item columns, each as its length
//! (4 bytes, big endian) and UTF-8; the number of items (8 bytes); then for each item, in ascending order of its digest
//! (`item`), that digest and the day it occurred on (days since 1970-01-01, 4 bytes; -2^31 when the query gives none).
//!
//! Invariant: an item that stands twice is an error. A sum or XOR of item digests would not need sorting, and would let
//! whoever can choose ids make two populations with one digest.

use std::sync::Arc;

use datafusion::{
    arrow::{
        array::{Array, AsArray, RecordBatch},
        datatypes::Date32Type,
    },
    execution::{
        SendableRecordBatchStream, TaskContext,
        memory_pool::{MemoryConsumer, MemoryReservation},
    },
    physical_plan::{ExecutionPlan, execute_stream_partitioned},
};
use futures::TryStreamExt;
use sha2::{Digest as _, Sha256};
use tickmark_canonical::Digest;
use tokio::task::JoinSet;

use crate::{Error, item::Keys};

/// The name of the column that may follow the item columns.
pub(crate) const OCCURRED_ON: &str = "occurred_on";

/// A population without a day writes this in its place.
const NO_DAY: i32 = i32::MIN;

/// One item: its digest, and the day it occurred on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Item {
    digest: [u8; 32],
    day: i32,
}

/// The items of a population in ascending order.
#[derive(Debug)]
pub(crate) struct Population {
    items: Vec<Item>,
    digest: Digest,
    /// Gives the memory back when the last test over this population is done.
    _memory: MemoryReservation,
}

impl Population {
    /// Runs the population query. `columns` are the item columns; `of` names the query in errors.
    pub(crate) async fn collect(
        plan: Arc<dyn ExecutionPlan>,
        context: Arc<TaskContext>,
        columns: &[String],
        of: &str,
    ) -> Result<Self, Error> {
        let memory = MemoryConsumer::new(format!("the items of {of}")).register(context.memory_pool());
        let streams = execute_stream_partitioned(plan, context).map_err(Error::engine(format!("run {of}")))?;
        let mut running = JoinSet::new();
        for stream in streams {
            running.spawn(items(stream, columns.len(), of.to_owned(), memory.new_empty()));
        }
        let mut runs = Vec::new();
        while let Some(ended) = running.join_next().await {
            let (items, taken) = ended.map_err(|error| Error::Rows(format!("{of} was not finished: {error}")))??;
            // From here on the one reservation holds what its parts held.
            let bytes = taken.free();
            memory.try_grow(bytes).map_err(Error::engine(format!("keep the items of {of}")))?;
            runs.push(items);
        }
        let items = merged(runs);
        let twice = items.windows(2).filter(|pair| matches!(pair, [a, b] if a.digest == b.digest)).count();
        if twice > 0 {
            return Err(Error::Rows(format!(
                "{of} returned {twice} rows more than items: an item key stands more than once"
            )));
        }
        let digest = digest(&items, columns);
        Ok(Self { items, digest, _memory: memory })
    }

    /// How many items there are.
    pub(crate) fn count(&self) -> u64 {
        self.items.len() as u64
    }

    /// The population's digest.
    pub(crate) const fn digest(&self) -> Digest {
        self.digest
    }

    /// Whether an item with this digest is one of them.
    pub(crate) fn contains(&self, item: &[u8; 32]) -> bool {
        self.items.binary_search_by(|found| found.digest.cmp(item)).is_ok()
    }
}

/// The items of one stream, sorted.
async fn items(
    mut stream: SendableRecordBatchStream,
    columns: usize,
    of: String,
    memory: MemoryReservation,
) -> Result<(Vec<Item>, MemoryReservation), Error> {
    let mut items: Vec<Item> = Vec::new();
    let mut buffer = Vec::new();
    while let Some(batch) = stream.try_next().await.map_err(Error::engine(format!("run {of}")))? {
        // Growing in steps of its own size keeps the vector from doubling past the limit unseen.
        let missing = (items.len() + batch.num_rows()).saturating_sub(items.capacity());
        if missing > 0 {
            let more = missing.max(items.capacity() / 2);
            memory.try_grow(more * size_of::<Item>()).map_err(Error::engine(format!("keep the items of {of}")))?;
            items.reserve_exact(more);
        }
        let keys = Keys::new(&batch, columns, &of)?;
        let days = days(&batch, columns, &of)?;
        for row in 0..batch.num_rows() {
            let day = days.as_ref().and_then(|days| days.get(row).copied()).unwrap_or(NO_DAY);
            items.push(Item { digest: keys.digest(row, &mut buffer), day });
        }
    }
    items.sort_unstable();
    Ok((items, memory))
}

/// The days the items occurred on, if the query gives them.
fn days<'a>(batch: &'a RecordBatch, columns: usize, of: &str) -> Result<Option<&'a [i32]>, Error> {
    let Some(array) = batch.columns().get(columns) else { return Ok(None) };
    if array.null_count() > 0 {
        return Err(Error::Rows(format!("{of} returned an item without a value in `{OCCURRED_ON}`")));
    }
    match array.as_primitive_opt::<Date32Type>() {
        Some(days) => Ok(Some(days.values())),
        None => Err(Error::Rows(format!("{of}: `{OCCURRED_ON}` is a {}, not a date", array.data_type()))),
    }
}

/// Sorted runs as one.
fn merged(mut runs: Vec<Vec<Item>>) -> Vec<Item> {
    if runs.len() <= 1 {
        return runs.pop().unwrap_or_default();
    }
    let mut all = runs.concat();
    // A stable sort finds the sorted runs and merges them.
    all.sort();
    all
}

fn digest(items: &[Item], columns: &[String]) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update(b"tickmark/population/1\0");
    for column in columns {
        hasher.update(u32::try_from(column.len()).unwrap_or(u32::MAX).to_be_bytes());
        hasher.update(column.as_bytes());
    }
    hasher.update((items.len() as u64).to_be_bytes());
    let mut bytes = Vec::with_capacity(1 << 16);
    for item in items {
        bytes.extend_from_slice(&item.digest);
        bytes.extend_from_slice(&item.day.to_be_bytes());
        if bytes.len() >= (1 << 16) - 64 {
            hasher.update(&bytes);
            bytes.clear();
        }
    }
    hasher.update(&bytes);
    Digest::from_bytes(hasher.finalize().into())
}

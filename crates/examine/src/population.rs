//! The population of a test: every item once, its number, and a digest that does not depend on the order of rows.
//!
//! The digest is SHA-256 over `tickmark/population/1` and a zero byte; the names of the item columns, each as its length
//! (4 bytes, big endian) and UTF-8; then for each item, in ascending order of its key (`item`), that key and the day it
//! occurred on (days since 1970-01-01, 4 bytes; -2^31 when the query gives none); last the number of items (8 bytes).
//!
//! Sources mostly number their items in the order in which they book them, and the vault keeps that order: then the keys
//! arrive sorted, and neither sorting nor a digest for each item is paid for.
//!
//! Invariant: an item that stands twice is an error. A sum or XOR of item digests would need no order, and would let
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

use crate::{
    Error,
    item::{Keys, Shape, key_length},
};

/// The name of the column that may follow the item columns.
pub(crate) const OCCURRED_ON: &str = "occurred_on";

/// A population without a day writes this in its place.
const NO_DAY: i32 = i32::MIN;

/// Bytes of a day behind a key.
const DAY_BYTES: usize = 4;

/// Of so many items one has its place noted; the others are found from there.
const NOTED: usize = 128;

/// The items of a population in ascending order of their keys.
#[derive(Debug)]
pub(crate) struct Population {
    runs: Vec<Run>,
    count: u64,
    digest: Digest,
    /// Gives the memory back when the last test over this population is done.
    _memory: MemoryReservation,
}

/// Items, each as its key and its day, one behind the other.
#[derive(Debug, Default)]
struct Run {
    shapes: Vec<Shape>,
    bytes: Vec<u8>,
    /// Where each [`NOTED`]th item begins.
    noted: Vec<usize>,
    count: usize,
    /// Where the last item begins.
    last: usize,
    sorted: bool,
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
            running.spawn(collected(stream, columns.len(), of.to_owned(), memory.new_empty()));
        }
        let mut runs = Vec::new();
        while let Some(ended) = running.join_next().await {
            let (run, taken) = ended.map_err(|error| Error::Rows(format!("{of} was not finished: {error}")))??;
            // From here on the one reservation holds what its parts held.
            let bytes = taken.free();
            memory.try_grow(bytes).map_err(Error::engine(format!("keep the items of {of}")))?;
            if run.count > 0 {
                runs.push(run);
            }
        }
        let runs = ordered(runs, &memory).map_err(Error::engine(format!("order the items of {of}")))?;
        let twice: usize = repeated(&runs);
        if twice > 0 {
            return Err(Error::Rows(format!(
                "{of} returned {twice} rows more than items: an item key stands more than once"
            )));
        }
        let digest = digest(&runs, columns);
        let count = runs.iter().map(|run| run.count as u64).sum();
        Ok(Self { runs, count, digest, _memory: memory })
    }

    /// How many items there are.
    pub(crate) const fn count(&self) -> u64 {
        self.count
    }

    /// The population's digest.
    pub(crate) const fn digest(&self) -> Digest {
        self.digest
    }

    /// Whether an item with this key is one of them.
    pub(crate) fn contains(&self, key: &[u8]) -> bool {
        let index = self.runs.partition_point(|run| run.key_at(0) <= key);
        index.checked_sub(1).and_then(|index| self.runs.get(index)).is_some_and(|run| run.contains(key))
    }
}

impl Run {
    /// The key of the item that begins at `at`.
    #[inline]
    fn key_at(&self, at: usize) -> &[u8] {
        let rest = self.bytes.get(at..).unwrap_or_default();
        rest.get(..key_length(&self.shapes, rest)).unwrap_or_default()
    }

    /// Where the item behind the one at `at` begins.
    #[inline]
    fn after(&self, at: usize) -> usize {
        at + self.key_at(at).len() + DAY_BYTES
    }

    fn contains(&self, key: &[u8]) -> bool {
        let index = self.noted.partition_point(|at| self.key_at(*at) <= key).saturating_sub(1);
        let Some(mut at) = self.noted.get(index).copied() else { return false };
        while at < self.bytes.len() {
            match self.key_at(at).cmp(key) {
                std::cmp::Ordering::Less => at = self.after(at),
                std::cmp::Ordering::Equal => return true,
                std::cmp::Ordering::Greater => return false,
            }
        }
        false
    }

    fn push(&mut self, keys: &Keys<'_>, row: usize, day: i32) {
        let at = self.bytes.len();
        if self.count.is_multiple_of(NOTED) {
            self.noted.push(at);
        }
        keys.push(row, &mut self.bytes);
        if self.sorted && self.count > 0 {
            let before = self.bytes.get(self.last..at.saturating_sub(DAY_BYTES)).unwrap_or_default();
            // Equal keys are in order too; they are counted when all is in order.
            self.sorted = before <= self.bytes.get(at..).unwrap_or_default();
        }
        self.bytes.extend_from_slice(&day.to_be_bytes());
        self.last = at;
        self.count += 1;
    }

    /// The same items in the order of `places`.
    fn arranged(runs: &[Self], places: &[Place]) -> Self {
        let mut arranged = Self {
            shapes: runs.first().map(|run| run.shapes.clone()).unwrap_or_default(),
            sorted: true,
            ..Self::default()
        };
        arranged.bytes.reserve_exact(runs.iter().map(|run| run.bytes.len()).sum());
        for place in places {
            let Some(run) = runs.get(place.run) else { continue };
            if arranged.count.is_multiple_of(NOTED) {
                arranged.noted.push(arranged.bytes.len());
            }
            arranged.last = arranged.bytes.len();
            arranged.bytes.extend_from_slice(run.bytes.get(place.at..run.after(place.at)).unwrap_or_default());
            arranged.count += 1;
        }
        arranged
    }
}

/// The items of one stream.
async fn collected(
    mut stream: SendableRecordBatchStream,
    columns: usize,
    of: String,
    memory: MemoryReservation,
) -> Result<(Run, MemoryReservation), Error> {
    let mut run = Run { sorted: true, ..Run::default() };
    while let Some(batch) = stream.try_next().await.map_err(Error::engine(format!("run {of}")))? {
        let keys = Keys::new(&batch, columns, &of)?;
        let days = days(&batch, columns, &of)?;
        if run.shapes.is_empty() {
            run.shapes = keys.shapes();
        }
        for row in 0..batch.num_rows() {
            let day = days.and_then(|days| days.get(row).copied()).unwrap_or(NO_DAY);
            run.push(&keys, row, day);
        }
        memory.try_resize(run.bytes.capacity()).map_err(Error::engine(format!("keep the items of {of}")))?;
    }
    if !run.sorted {
        memory
            .try_grow(run.bytes.len() + 2 * run.count * size_of::<Place>())
            .map_err(Error::engine(format!("order the items of {of}")))?;
        let places = sorted_places(std::slice::from_ref(&run));
        run = Run::arranged(std::slice::from_ref(&run), &places);
        memory.try_resize(run.bytes.capacity()).map_err(Error::engine(format!("keep the items of {of}")))?;
    }
    Ok((run, memory))
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

/// Sorted runs such that each ends before the next begins: as they are if that holds, else merged into one.
fn ordered(mut runs: Vec<Run>, memory: &MemoryReservation) -> datafusion::common::Result<Vec<Run>> {
    runs.sort_by(|one, two| one.key_at(0).cmp(two.key_at(0)));
    let apart = runs.windows(2).all(|pair| match pair {
        [one, two] => one.key_at(one.last) < two.key_at(0),
        _ => true,
    });
    if apart {
        return Ok(runs);
    }
    let count: usize = runs.iter().map(|run| run.count).sum();
    let bytes: usize = runs.iter().map(|run| run.bytes.len()).sum();
    memory.try_grow(bytes + 2 * count * size_of::<Place>())?;
    let places = sorted_places(&runs);
    let merged = Run::arranged(&runs, &places);
    drop(runs);
    memory.try_resize(merged.bytes.capacity())?;
    Ok(vec![merged])
}

/// Where an item stands, with the part of its key that mostly decides its order.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// The eight bytes of the key behind what all keys have in common, as a number.
    part: u64,
    run: usize,
    at: usize,
}

/// Where the items of all runs stand, in ascending order of their keys.
///
/// Ids of one source mostly begin alike, so that comparing whole keys reads memory all over the runs to compare what is the
/// same. What differs first is kept beside the place; whole keys are compared only where that is equal. The sort is a
/// stable one: it finds the stretches that the vault keeps in order, and merges them.
fn sorted_places(runs: &[Run]) -> Vec<Place> {
    let common = common_length(runs);
    let mut places = Vec::with_capacity(runs.iter().map(|run| run.count).sum());
    for (number, run) in runs.iter().enumerate() {
        let mut at = 0;
        while at < run.bytes.len() {
            let key = run.key_at(at);
            places.push(Place { part: part_behind(key, common), run: number, at });
            at += key.len() + DAY_BYTES;
        }
    }
    let key = |place: &Place| runs.get(place.run).map(|run| run.key_at(place.at)).unwrap_or_default();
    places.sort_by(|one, two| one.part.cmp(&two.part).then_with(|| key(one).cmp(key(two))));
    places
}

/// How many bytes all keys begin with alike.
fn common_length(runs: &[Run]) -> usize {
    let first = runs.iter().find(|run| run.count > 0).map(|run| run.key_at(0)).unwrap_or_default();
    let mut common = first.len();
    for run in runs {
        let mut at = 0;
        while at < run.bytes.len() {
            let key = run.key_at(at);
            if key.get(..common) != first.get(..common) {
                common = key.iter().zip(first).take_while(|(one, two)| one == two).count();
            }
            at += key.len() + DAY_BYTES;
        }
    }
    common
}

/// Eight bytes of a key from `common` on; a key that ends before is filled with zeros, and so stands before those it begins.
fn part_behind(key: &[u8], common: usize) -> u64 {
    let mut part = [0_u8; 8];
    let rest = key.get(common..).unwrap_or_default();
    part.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    u64::from_be_bytes(part)
}

/// How many items have the key of the one before.
fn repeated(runs: &[Run]) -> usize {
    let mut twice = 0;
    for run in runs {
        let mut before: &[u8] = &[];
        let mut at = 0;
        while at < run.bytes.len() {
            let key = run.key_at(at);
            twice += usize::from(key == before);
            before = key;
            at += key.len() + DAY_BYTES;
        }
    }
    twice
}

fn digest(runs: &[Run], columns: &[String]) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update(b"tickmark/population/1\0");
    for column in columns {
        hasher.update(u32::try_from(column.len()).unwrap_or(u32::MAX).to_be_bytes());
        hasher.update(column.as_bytes());
    }
    let mut count = 0_u64;
    for run in runs {
        hasher.update(&run.bytes);
        count += run.count as u64;
    }
    hasher.update(count.to_be_bytes());
    Digest::from_bytes(hasher.finalize().into())
}

#[cfg(test)]
mod tests {
    use datafusion::{
        arrow::{
            array::{ArrayRef, Date32Array, Int64Array, StringArray},
            datatypes::Schema,
        },
        prelude::SessionContext,
    };

    use super::*;

    /// Rows of (text, number, day).
    type Rows<'a> = &'a [(&'a str, i64, i32)];

    /// The population of batches of (text, number, day), each batch a partition.
    fn population(parts: &[Rows<'_>]) -> Result<Population, Error> {
        let batches: Vec<Vec<RecordBatch>> = parts
            .iter()
            .map(|rows| {
                let columns: Vec<(&str, ArrayRef)> = vec![
                    ("t", Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row.0)))),
                    ("n", Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.1)))),
                    ("occurred_on", Arc::new(Date32Array::from_iter_values(rows.iter().map(|row| row.2)))),
                ];
                vec![RecordBatch::try_from_iter(columns).unwrap()]
            })
            .collect();
        crate::threads::block_on(2, async {
            let schema: Arc<Schema> = batches[0][0].schema();
            let plan =
                datafusion::datasource::memory::MemorySourceConfig::try_new_exec(&batches, schema, None).unwrap();
            let columns = ["t".to_owned(), "n".to_owned()];
            Population::collect(plan, SessionContext::new().task_ctx(), &columns, "p").await
        })
        .unwrap()
    }

    #[test]
    fn the_digest_knows_items_and_days_but_no_order() {
        let one = population(&[&[("a", 1, 5), ("b", 1, 5), ("b", 2, 6), ("aa", 1, 7)]]).unwrap();
        let same: [&[Rows<'_>]; 3] = [
            &[&[("b", 2, 6), ("aa", 1, 7), ("b", 1, 5), ("a", 1, 5)]],
            &[&[("aa", 1, 7)], &[("a", 1, 5), ("b", 1, 5), ("b", 2, 6)]],
            &[&[("a", 1, 5), ("aa", 1, 7)], &[], &[("b", 1, 5), ("b", 2, 6)]],
        ];
        for other in same {
            let other = population(other).unwrap();
            assert_eq!((other.count(), other.digest()), (4, one.digest()));
        }
        let other_day = population(&[&[("a", 1, 5), ("b", 1, 5), ("b", 2, 6), ("aa", 1, 8)]]).unwrap();
        let other_item = population(&[&[("a", 1, 5), ("b", 1, 5), ("b", 3, 6), ("aa", 1, 7)]]).unwrap();
        assert_ne!(one.digest(), other_day.digest());
        assert_ne!(one.digest(), other_item.digest());
    }

    #[test]
    fn an_item_that_stands_twice_is_found_in_any_order() {
        for parts in [
            &[&[("a", 1, 5), ("a", 1, 6)][..]][..],
            &[&[("a", 1, 5), ("b", 1, 5), ("a", 1, 5)][..]][..],
            &[&[("a", 1, 5), ("b", 1, 5)][..], &[("b", 1, 5), ("c", 1, 5)][..]][..],
        ] {
            assert!(population(parts).unwrap_err().to_string().contains("1 rows more than items"));
        }
    }

    #[test]
    fn every_item_is_found_and_no_other() {
        let rows: Vec<(String, i64, i32)> = (0..1000).map(|n| (format!("P{}", n * 2), n % 3, 1)).collect();
        let rows: Vec<(&str, i64, i32)> = rows.iter().map(|row| (row.0.as_str(), row.1, row.2)).collect();
        let (odd, even): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.1 == 1);
        for parts in [&[&rows[..]][..], &[&odd[..], &even[..]][..], &[&rows[..400], &rows[400..]][..]] {
            let population = population(parts).unwrap();
            let key = |text: &str, number: i64| {
                let mut key = u32::try_from(text.len()).unwrap().to_be_bytes().to_vec();
                key.extend_from_slice(text.as_bytes());
                key.extend_from_slice(&number.to_be_bytes());
                key
            };
            assert!(rows.iter().all(|row| population.contains(&key(row.0, row.1))));
            assert!(rows.iter().all(|row| !population.contains(&key(row.0, row.1 + 7))));
            assert!(!population.contains(&key("P1", 0)) && !population.contains(&key("Z", 0)));
        }
    }
}

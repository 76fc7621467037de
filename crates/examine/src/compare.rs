//! A frozen population beside what its query returns today: which items are late, restated or gone.
//!
//! Both stand in the order of their keys, so they are walked through side by side and nothing but a batch is kept.
//!
//! Invariant: nothing is stored: a frozen population never changes, and looking leaves no trace.

use std::{
    cmp::Ordering,
    iter::Peekable,
    path::Path,
    process::Command,
    sync::{Arc, Mutex, PoisonError},
    vec::IntoIter,
};

use datafusion::arrow::{
    array::RecordBatch,
    row::{OwnedRow, RowConverter, SortField},
};
use serde::Serialize;
use tickmark_canonical::Digest;
use tickmark_vault::{Column, DatasetReader, Manifest, Vault};

use crate::{
    Error, Job, PopulationOutcome,
    child::freeze_to,
    item::Keys,
    result_rows::{ResultRows, RowsSink, RowsWriter},
};

/// How many items of a kind are named.
const NAMED: usize = 50;

/// Items that differ in one way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// How many.
    pub count: u64,
    /// The first of them, by the values of their key columns.
    pub items: Vec<Vec<String>>,
}

impl Changed {
    fn add(&mut self, item: impl FnOnce() -> Vec<String>) {
        self.count += 1;
        if self.items.len() < NAMED {
            self.items.push(item());
        }
    }
}

/// A frozen population beside today's evidence.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// Items that are as they were.
    pub same: u64,
    /// Items that are there now and were not then.
    pub late: Changed,
    /// Items of which something else is said now.
    pub restated: Changed,
    /// Items that are there no more.
    pub vanished: Changed,
}

impl Comparison {
    /// Whether every item is as it was, and none is new.
    pub fn is_same(&self) -> bool {
        self.late.count == 0 && self.restated.count == 0 && self.vanished.count == 0
    }
}

/// The keys of frozen rows beside those of a second source's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct KeysBeside {
    /// Items that stand on both sides.
    pub both: u64,
    /// Items that the second source does not have.
    pub here: Changed,
    /// Items that the second source has alone.
    pub there: Changed,
}

/// Compares the keys of frozen rows with those of a second source, column by column in the order in which they were named.
/// None if the two name items by other kinds of columns: then nothing can be said but how many there are.
pub fn compare_keys(vault: &Vault, here: &Digest, there: &Digest) -> Result<Option<KeysBeside>, Error> {
    let manifest = |rows| vault.manifest(rows).map_err(Error::vault("read the manifest of frozen rows"));
    let (here, there) = (manifest(here)?, manifest(there)?);
    if key_kinds(&here) != key_kinds(&there) && here.rows > 0 && there.rows > 0 {
        return Ok(None);
    }
    let mut found = KeysBeside::default();
    let (mut here, mut there) = (keys_in_order(vault, &here)?, keys_in_order(vault, &there)?);
    loop {
        let order = match (here.peek()?, there.peek()?) {
            (None, None) => return Ok(Some(found)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(here), Some(there)) => here.key.cmp(&there.key),
        };
        let (ours, theirs) =
            (order.is_le().then(|| here.take()).flatten(), order.is_ge().then(|| there.take()).flatten());
        match (ours, theirs) {
            (Some(_), Some(_)) => found.both += 1,
            (Some(ours), None) => found.here.add(|| ours.item),
            (None, Some(theirs)) => found.there.add(|| theirs.item),
            (None, None) => return Ok(Some(found)),
        }
    }
}

fn key_kinds(manifest: &Manifest) -> Vec<String> {
    manifest.columns.iter().take(manifest.key.len()).map(|column| column.kind.to_string()).collect()
}

fn keys_in_order(vault: &Vault, manifest: &Manifest) -> Result<Then, Error> {
    let of = &manifest.dataset;
    let columns: Vec<&str> = manifest.key.iter().map(String::as_str).collect();
    let reader =
        vault.read_dataset(manifest, Some(&columns)).map_err(Error::vault(format!("read the keys of {of}")))?;
    Ok(Then::new(reader, Arc::new(Order::new(manifest, columns.len(), of)?)))
}

/// A comparison, or what kept the query from being answered.
type Compared = Result<Result<Comparison, PopulationOutcome>, Error>;

/// Runs the one population query of a job in a child process and compares its rows with frozen ones. What keeps the query
/// from being answered is the second result: as good as unknown, never "the same".
pub fn compare_in_child(job: &Job, vault: &Vault, root: &Path, frozen: &Digest) -> Compared {
    compare(job, vault, root, frozen, None)
}

/// The same with another program that calls [`crate::worker_main`].
pub fn compare_in_child_with(job: &Job, vault: &Vault, root: &Path, frozen: &Digest, command: Command) -> Compared {
    compare(job, vault, root, frozen, Some(command))
}

fn compare(job: &Job, vault: &Vault, root: &Path, frozen: &Digest, command: Option<Command>) -> Compared {
    let manifest = vault.manifest(frozen).map_err(Error::vault("read the manifest of frozen rows"))?;
    let sink = Beside { vault, manifest, found: Mutex::new(None) };
    let Some(read) = freeze_to(job, vault, &sink, root, command).pop() else {
        return Err(Error::Job("it asks for no population".to_owned()));
    };
    let found = sink.found.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(match (&read.outcome, found) {
        (PopulationOutcome::Read { .. }, Some(comparison)) => Ok(comparison),
        _ => Err(read.outcome),
    })
}

struct Beside<'a> {
    vault: &'a Vault,
    manifest: Manifest,
    found: Mutex<Option<Comparison>>,
}

impl RowsSink for Beside<'_> {
    fn begin<'a>(&'a self, rows: &ResultRows) -> Result<Box<dyn RowsWriter + Send + 'a>, Error> {
        let columns = |columns: &[Column]| {
            columns.iter().map(|column| (column.name.clone(), column.kind.to_string())).collect::<Vec<_>>()
        };
        if columns(&rows.schema.columns) != columns(&self.manifest.columns) || rows.schema.key != self.manifest.key {
            return Err(Error::Rows(format!("{} returns other columns than were frozen", rows.of)));
        }
        let reader = self.vault.read_dataset(&self.manifest, None);
        let then = reader.map_err(Error::vault(format!("read the frozen rows of {}", rows.of)))?;
        let order = Arc::new(Order::new(&self.manifest, self.manifest.columns.len(), &rows.of)?);
        let then = Then::new(then, Arc::clone(&order));
        Ok(Box::new(Walk { then, order, comparison: Comparison::default(), found: &self.found }))
    }
}

/// Rows as bytes in the order in which they were frozen.
struct Order {
    of: String,
    key: RowConverter,
    whole: RowConverter,
    item: usize,
}

/// A row: its key, all of it that was read, and the texts of its key.
struct Row {
    key: OwnedRow,
    whole: OwnedRow,
    item: Vec<String>,
}

impl Order {
    /// Of the first `columns` columns.
    fn new(manifest: &Manifest, columns: usize, of: &str) -> Result<Self, Error> {
        let item = manifest.key.len();
        let converter = |most: usize| {
            let fields = manifest.columns.iter().take(most).map(|column| SortField::new(column.kind.arrow_type()));
            RowConverter::new(fields.collect()).map_err(|error| Error::engine(format!("order {of}"))(error.into()))
        };
        Ok(Self { of: of.to_owned(), key: converter(item)?, whole: converter(columns)?, item })
    }

    fn rows(&self, batch: &RecordBatch) -> Result<Vec<Row>, Error> {
        let doing = |error: datafusion::arrow::error::ArrowError| {
            Error::engine(format!("compare the rows of {}", self.of))(error.into())
        };
        let key: Vec<_> = batch.columns().iter().take(self.item).cloned().collect();
        let keys = self.key.convert_columns(&key).map_err(doing)?;
        let whole = self.whole.convert_columns(batch.columns()).map_err(doing)?;
        let texts = Keys::new(batch, self.item, &self.of)?;
        let row =
            |number| Row { key: keys.row(number).owned(), whole: whole.row(number).owned(), item: texts.texts(number) };
        Ok((0..batch.num_rows()).map(row).collect())
    }
}

/// The frozen rows, one by one.
struct Then {
    reader: DatasetReader,
    order: Arc<Order>,
    waiting: Peekable<IntoIter<Row>>,
}

impl Then {
    fn new(reader: DatasetReader, order: Arc<Order>) -> Self {
        Self { reader, order, waiting: Vec::new().into_iter().peekable() }
    }

    /// The next row, if there is one.
    fn peek(&mut self) -> Result<Option<&Row>, Error> {
        while self.waiting.peek().is_none() {
            let Some(batch) = self.reader.next() else { return Ok(None) };
            let batch = batch.map_err(Error::vault(format!("read the frozen rows of {}", self.order.of)))?;
            self.waiting = self.order.rows(&batch)?.into_iter().peekable();
        }
        Ok(self.waiting.peek())
    }

    fn take(&mut self) -> Option<Row> {
        self.waiting.next()
    }
}

/// The walk along both.
struct Walk<'a> {
    then: Then,
    order: Arc<Order>,
    comparison: Comparison,
    found: &'a Mutex<Option<Comparison>>,
}

impl Walk<'_> {
    fn meet(&mut self, now: Row) -> Result<(), Error> {
        // What stands before it then and does not now has vanished.
        while self.then.peek()?.is_some_and(|then| then.key < now.key) {
            self.vanished();
        }
        match self.then.peek()?.filter(|then| then.key == now.key).map(|then| then.whole == now.whole) {
            None => self.comparison.late.add(|| now.item),
            Some(is_same) => {
                self.then.take();
                if is_same {
                    self.comparison.same += 1;
                } else {
                    self.comparison.restated.add(|| now.item);
                }
            }
        }
        Ok(())
    }

    fn vanished(&mut self) {
        if let Some(gone) = self.then.take() {
            self.comparison.vanished.add(|| gone.item);
        }
    }
}

impl RowsWriter for Walk<'_> {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let rows = self.order.rows(batch)?;
        rows.into_iter().try_for_each(|now| self.meet(now))
    }

    fn finish(mut self: Box<Self>) -> Result<Option<Digest>, Error> {
        while self.then.peek()?.is_some() {
            self.vanished();
        }
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.comparison);
        Ok(None)
    }
}

//! Result rows for people to read: the first of each control test as texts, kept nowhere.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use datafusion::arrow::array::RecordBatch;
use tickmark_canonical::Digest;

use crate::{
    Error,
    result_rows::{ResultRows, RowsSink, RowsWriter},
    shown,
};

/// The rows that a control test returned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadRows {
    /// Names of their columns; those of the item come first.
    pub columns: Vec<String>,
    /// The first of them; no value is an empty text.
    pub rows: Vec<Vec<String>>,
    /// How many there are.
    pub total: u64,
}

/// Takes rows to be read, at most so many of a test.
pub(crate) struct Reading {
    most: usize,
    read: Mutex<BTreeMap<String, ReadRows>>,
}

impl Reading {
    pub(crate) fn at_most(most: usize) -> Self {
        Self { most, read: Mutex::default() }
    }

    /// What was read, by test.
    pub(crate) fn into_rows(self) -> BTreeMap<String, ReadRows> {
        self.read.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RowsSink for Reading {
    fn begin<'a>(&'a self, rows: &ResultRows) -> Result<Box<dyn RowsWriter + Send + 'a>, Error> {
        let columns = rows.schema.columns.iter().map(|column| column.name.clone()).collect();
        let read = ReadRows { columns, ..ReadRows::default() };
        Ok(Box::new(OneTest { of: rows.of.clone(), read, into: self }))
    }
}

struct OneTest<'a> {
    of: String,
    read: ReadRows,
    into: &'a Reading,
}

impl RowsWriter for OneTest<'_> {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        self.read.total += batch.num_rows() as u64;
        for row in 0..batch.num_rows().min(self.into.most - self.read.rows.len()) {
            let cells = batch.columns().iter().map(|column| Ok(shown::value(column, row)?.unwrap_or_default()));
            let cells: Result<Vec<String>, datafusion::common::DataFusionError> = cells.collect();
            self.read.rows.push(cells.map_err(Error::engine(format!("read the rows of {}", self.of)))?);
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Option<Digest>, Error> {
        // A query that was begun again, since its process died, is read anew.
        self.into.read.lock().unwrap_or_else(PoisonError::into_inner).insert(self.of, self.read);
        Ok(None)
    }
}

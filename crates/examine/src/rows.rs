//! The rows of queries for whoever asked, in place of the vault: what is made of evidence has a home of its own there.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Mutex, PoisonError},
};

use datafusion::arrow::array::RecordBatch;
use tickmark_canonical::Digest;
use tickmark_vault::Vault;

use crate::{
    Error, Job, PopulationRows,
    child::freeze_to,
    result_rows::{ResultRows, RowsSink, RowsWriter},
};

/// Runs the population queries of a job in a child process and gives the rows of each, ordered by all their columns. An outcome
/// other than "read" has no rows.
pub fn rows_in_child(job: &Job, vault: &Vault, root: &Path) -> Vec<(PopulationRows, Vec<RecordBatch>)> {
    let sink = InMemory::default();
    let ended = freeze_to(job, vault, &sink, root, None);
    let mut rows = sink.0.into_inner().unwrap_or_else(PoisonError::into_inner);
    let with_rows = |ended: PopulationRows| {
        let rows = rows.remove(&ended.name).unwrap_or_default();
        (ended, rows)
    };
    ended.into_iter().map(with_rows).collect()
}

/// Rows by query.
#[derive(Default)]
struct InMemory(Mutex<BTreeMap<String, Vec<RecordBatch>>>);

struct OneQuery<'a> {
    of: String,
    rows: Vec<RecordBatch>,
    into: &'a InMemory,
}

impl RowsSink for InMemory {
    fn begin<'a>(&'a self, rows: &ResultRows) -> Result<Box<dyn RowsWriter + Send + 'a>, Error> {
        Ok(Box::new(OneQuery { of: rows.of.clone(), rows: Vec::new(), into: self }))
    }
}

impl RowsWriter for OneQuery<'_> {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        self.rows.push(batch.clone());
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Option<Digest>, Error> {
        // A query that was begun again, since its process died, is read anew.
        self.into.0.lock().unwrap_or_else(PoisonError::into_inner).insert(self.of, self.rows);
        Ok(None)
    }
}

//! Datasets that are made of a connector's tables: the rows of a query over extracts, stored as an extract like any other.
//!
//! Invariant: it names the extracts it was made of, and the query; whoever has them makes the same rows again.
//! Invariant: it has just as many rows as the table says that it is the rows of: a join that loses or doubles some is seen.

use std::{collections::BTreeMap, sync::Arc};

use arrow::{
    array::{Array as _, ArrayRef, RecordBatch},
    compute::{CastOptions, cast_with_options},
    datatypes::Schema,
};
use jiff::Timestamp;
use tickmark_canonical::Digest;
use tickmark_catalog::{Dataset, Derived};
use tickmark_vault::Vault;

use crate::{
    Error, Progress, SourceConfig, StagedExtract, Window,
    collect::stage_with,
    declared,
    error::ColumnsProblem,
    rows::{Batch, Sink},
    source::{Extract, SourceCount, Told},
};

/// The rows of a query over a connector's tables.
#[derive(Clone, Debug)]
pub struct DerivedRows<'a> {
    /// What is made, and how.
    pub derived: &'a Derived,
    /// The extracts that the query read, by table.
    pub inputs: BTreeMap<String, Digest>,
    /// How many rows the table has whose rows these are.
    pub expected: u64,
    /// The rows.
    pub rows: Vec<RecordBatch>,
}

/// Checks the rows and stores them, without making them durable.
pub fn stage_derived(
    source: &SourceConfig,
    dataset: &Dataset,
    window: Window,
    vault: &Vault,
    clock: Timestamp,
    made: &DerivedRows<'_>,
    progress: &dyn Progress,
) -> Result<StagedExtract, Error> {
    let extract = Extract { source, dataset, window, clock };
    stage_with(&extract, vault, progress, |extract, sink| read(extract, made, &sink))
}

fn read(extract: &Extract<'_>, made: &DerivedRows<'_>, sink: &Sink) -> Result<Told, Error> {
    let of: Arc<str> = Arc::from(format!("{}, made of tables", extract.of()));
    let mut first_row = 1;
    for batch in &made.rows {
        let rows = fitted(extract.dataset, batch, &of, first_row)?;
        let next = first_row + rows.num_rows() as u64;
        sink.send(Batch { rows, of: Arc::clone(&of), first_row })?;
        first_row = next;
    }
    let mut told = Told::new(made.derived.sql.clone());
    for (table, manifest) in &made.inputs {
        told.parameter(&format!("extract of {table}"), manifest);
    }
    told.parameter("rows_of", &made.derived.rows_of);
    for (column, why) in &made.derived.cannot_tell {
        told.parameter(&format!("{}{column}", tickmark_vault::CANNOT_TELL), why);
    }
    told.count = SourceCount::Known(made.expected);
    Ok(told)
}

/// A batch in the dataset's columns and types.
fn fitted(dataset: &Dataset, batch: &RecordBatch, of: &Arc<str>, first_row: u64) -> Result<RecordBatch, Error> {
    let failed = |cause| Error::Rows { of: of.to_string(), cause };
    let mut problem = ColumnsProblem::default();
    let schema = batch.schema();
    let unknown = schema.fields().iter().filter(|field| dataset.column(field.name()).is_none());
    problem.unknown.extend(unknown.map(|field| field.name().clone()));
    let missing = dataset.columns.iter().filter(|column| batch.column_by_name(&column.name).is_none());
    problem.missing.extend(missing.map(|column| column.name.clone()));
    if !problem.is_empty() {
        return Err(Error::Columns { of: of.to_string(), problem });
    }
    // A value that does not fit its column is an error, never NULL.
    let options = CastOptions { safe: false, ..CastOptions::default() };
    let mut arrays: Vec<ArrayRef> = Vec::new();
    let mut fields = Vec::new();
    for column in &dataset.columns {
        let Some(array) = batch.column_by_name(&column.name) else { continue };
        let field = declared::field(column);
        let array = cast_with_options(array, field.data_type(), &options).map_err(failed)?;
        if let Some(row) = (0..array.len()).find(|row| column.required && array.is_null(*row)) {
            let problem = format!("row {}: `{}` has no value", first_row + row as u64, column.name);
            return Err(Error::Malformed { of: of.to_string(), line: None, problem });
        }
        arrays.push(array);
        fields.push(field);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(failed)
}

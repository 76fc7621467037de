//! The rows that a test returned: their columns as the vault stores them, and where they go.
//!
//! Invariant: rows are ordered by all their columns, item columns first, so the same rows have the same digest.

use std::{collections::BTreeMap, sync::Arc};

use datafusion::arrow::{
    array::{ArrayRef, RecordBatch},
    compute::{CastOptions, cast_with_options},
    datatypes::{DataType, Schema, TimeUnit},
};
use tickmark_canonical::Digest;
use tickmark_vault::{
    Column, ColumnType, DatasetSchema, DatasetWriter, Extractor, Period, Provenance, RowsDigest, Vault, WriteOptions,
    arrow_schema,
};

use crate::{Error, Job, PopulationQuery, compiled, session};

/// Where result rows go: into a vault, or up a pipe to the process that has one.
pub(crate) trait RowsSink: Sync {
    /// Hears which query is begun, before anything of it is run. Whoever shares the query's process need not be told.
    fn starts(&self, _of: &str) {}

    /// Begins the rows of one query.
    fn begin<'a>(&'a self, rows: &ResultRows) -> Result<Box<dyn RowsWriter + Send + 'a>, Error>;
}

/// Takes the rows of one query in order.
pub(crate) trait RowsWriter {
    /// Adds rows in the stored types.
    fn write(&mut self, batch: &RecordBatch) -> Result<(), Error>;
    /// Ends them; gives the manifest's digest if there is one yet.
    fn finish(self: Box<Self>) -> Result<Option<Digest>, Error>;
}

/// Keeps no rows: for a second performance, of which only digests are compared.
pub(crate) struct NoRows;

impl RowsSink for NoRows {
    fn begin<'a>(&'a self, _rows: &ResultRows) -> Result<Box<dyn RowsWriter + Send + 'a>, Error> {
        Ok(Box::new(Self))
    }
}

impl RowsWriter for NoRows {
    fn write(&mut self, _batch: &RecordBatch) -> Result<(), Error> {
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Option<Digest>, Error> {
        Ok(None)
    }
}

/// What rows to keep are, and where they come from.
#[derive(Debug, Clone)]
pub(crate) struct ResultRows {
    /// The test, or the population query.
    pub(crate) of: String,
    /// Their columns in the stored types.
    pub(crate) schema: DatasetSchema,
    /// How they came to be.
    pub(crate) provenance: Provenance,
}

impl ResultRows {
    /// The rows of a test whose query returns `columns`. `parameters` are those the query was run with.
    pub(crate) fn new(
        job: &Job,
        test: &tickmark_catalog::ControlTest,
        returned: &Schema,
        parameters: BTreeMap<String, String>,
    ) -> Result<Self, Error> {
        let columns = stored_columns(&format!("{}/test.sql", test.id), test.item.len(), returned)?;
        Ok(Self::of_columns(job, test, columns, parameters))
    }

    /// The rows of a population query that returns `columns`.
    pub(crate) fn of_population(job: &Job, query: &PopulationQuery, returned: &Schema) -> Result<Self, Error> {
        let columns = stored_columns(&query.name, query.item.len(), returned)?;
        Ok(Self::of_population_columns(job, query, columns))
    }

    /// The rows of a population query with these columns.
    pub(crate) fn of_population_columns(job: &Job, query: &PopulationQuery, columns: Vec<Column>) -> Self {
        let parameters = compiled::parameters(&query.parameters, job.given());
        let schema = DatasetSchema {
            dataset: "population".to_owned(),
            columns,
            key: query.item.clone(),
            control_totals: query.total.iter().cloned().collect(),
        };
        let provenance = provenance(job, &query.sql, compiled::texts(&parameters));
        Self { of: query.name.clone(), schema, provenance }
    }

    /// The rows of a test with these columns.
    pub(crate) fn of_columns(
        job: &Job,
        test: &tickmark_catalog::ControlTest,
        columns: Vec<Column>,
        parameters: BTreeMap<String, String>,
    ) -> Self {
        let schema = DatasetSchema {
            dataset: format!("{}.exceptions", test.id),
            columns,
            key: test.item.clone(),
            control_totals: Vec::new(),
        };
        Self { of: test.id.to_string(), schema, provenance: provenance(job, &test.test_sql, parameters) }
    }

    /// A running digest of these rows.
    pub(crate) fn digest(&self) -> RowsDigest {
        RowsDigest::new(&self.schema.dataset, &self.schema.columns)
    }

    /// A batch in the stored types.
    pub(crate) fn stored(&self, batch: &RecordBatch) -> Result<RecordBatch, Error> {
        let doing = || format!("store the rows of {}", self.of);
        let schema = arrow_schema(&self.schema.columns);
        // A value that does not fit its stored type is an error, never NULL.
        let options = CastOptions { safe: false, ..CastOptions::default() };
        let arrays = batch
            .columns()
            .iter()
            .zip(schema.fields())
            .map(|(array, field)| cast_with_options(array, field.data_type(), &options))
            .collect::<Result<Vec<ArrayRef>, _>>()
            .map_err(|error| Error::engine(doing())(error.into()))?;
        RecordBatch::try_new(schema, arrays).map_err(|error| Error::engine(doing())(error.into()))
    }
}

fn provenance(job: &Job, sql: &str, parameters: BTreeMap<String, String>) -> Provenance {
    Provenance {
        source: "tickmark".to_owned(),
        request: sql.to_owned(),
        parameters,
        extracted_at: job.at,
        effective_on: Some(job.on),
        period: Some(Period { first: job.period_start, last: job.period_end }),
        extractor: Extractor { name: "tickmark-examine".to_owned(), version: session::version() },
        source_count: None,
        source_totals: BTreeMap::new(),
    }
}

/// The columns that a query returns as the vault stores them; the first so many name an item.
fn stored_columns(of: &str, item: usize, returned: &Schema) -> Result<Vec<Column>, Error> {
    let mut columns = Vec::new();
    for (index, field) in returned.fields().iter().enumerate() {
        let kind = stored_type(field.data_type()).ok_or_else(|| {
            Error::Rows(format!("{of}: `{}` is a {} and cannot be stored: cast it", field.name(), field.data_type()))
        })?;
        columns.push(Column::new(field.name(), kind, index < item));
    }
    Ok(columns)
}

/// The vault's type for a type that a query may return.
#[expect(clippy::wildcard_enum_match_arm, reason = "what is not listed cannot be stored")]
fn stored_type(kind: &DataType) -> Option<ColumnType> {
    match kind {
        // An untyped NULL is an empty text.
        DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8 | DataType::Null => Some(ColumnType::Text),
        kind if kind.is_integer() => Some(ColumnType::Int),
        DataType::Boolean => Some(ColumnType::Bool),
        DataType::Date32 => Some(ColumnType::Date),
        DataType::Timestamp(
            TimeUnit::Microsecond | TimeUnit::Nanosecond | TimeUnit::Millisecond | TimeUnit::Second,
            Some(_),
        ) => Some(ColumnType::Timestamp),
        DataType::Decimal128(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal32(precision, scale) => {
            Some(ColumnType::Decimal { precision: *precision, scale: u8::try_from(*scale).ok()? })
        }
        DataType::Decimal256(_, scale) => {
            Some(ColumnType::Decimal { precision: 38, scale: u8::try_from(*scale).ok()? })
        }
        _ => None,
    }
}

/// Result rows as sealed datasets of a vault.
#[derive(Debug)]
pub(crate) struct VaultSink<'a>(pub(crate) &'a Vault);

impl RowsSink for VaultSink<'_> {
    fn begin<'a>(&'a self, rows: &ResultRows) -> Result<Box<dyn RowsWriter + Send + 'a>, Error> {
        let writer = self
            .0
            .writer(&rows.schema, WriteOptions::new(true))
            .map_err(Error::vault(format!("store the rows of {}", rows.of)))?;
        Ok(Box::new(VaultRows { writer, rows: Arc::new(rows.clone()) }))
    }
}

struct VaultRows {
    writer: DatasetWriter,
    rows: Arc<ResultRows>,
}

impl RowsWriter for VaultRows {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        self.writer.write(batch).map_err(Error::vault(format!("store the rows of {}", self.rows.of)))
    }

    fn finish(self: Box<Self>) -> Result<Option<Digest>, Error> {
        let doing = format!("store the rows of {}", self.rows.of);
        let (digest, _) = self.writer.finish(self.rows.provenance.clone()).map_err(Error::vault(doing))?;
        Ok(Some(digest))
    }
}

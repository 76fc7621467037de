//! Tables that queries read: the state and the history of each dataset.
//!
//! Invariant: every table of a session is one of these, so a plan's scans can be traced to a declaration.

mod case_rows;
mod case_table;
mod checked_reader;
mod chunk_cache;
mod keys;
mod open;
mod vault_table;

use std::sync::Arc;

use datafusion::{
    arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit},
    catalog::default_table_source::DefaultTableSource,
    logical_expr::{TableScan, TableSource},
};
use tickmark_catalog::{Column, ColumnType, Dataset};

pub(crate) use case_rows::CaseRows;
pub(crate) use case_table::{CaseTables, Slot};
pub(crate) use chunk_cache::ChunkCache;
pub(crate) use open::{OpenTables, Problem};

/// The suffix that names a dataset's history.
pub(crate) const HISTORY: &str = "_history";

/// In a history: the day the row was true for (snapshots) or extracted on (events).
pub(crate) const EXTRACTED_ON: &str = "_extracted_on";

/// In a history: the number of the extract, from 0, in the order of extraction.
pub(crate) const EXTRACT: &str = "_extract";

/// The columns of a dataset as queries see them. All of them may be NULL: cases give only the columns they need, and a
/// plan that was proved by cases has to be the plan that runs.
pub(crate) fn query_schema(columns: &[Column]) -> SchemaRef {
    Arc::new(Schema::new(
        columns.iter().map(|column| Field::new(&column.name, query_type(column.kind), true)).collect::<Vec<_>>(),
    ))
}

/// The two columns that a history has more.
pub(crate) fn history_fields() -> [Field; 2] {
    [Field::new(EXTRACTED_ON, DataType::Date32, true), Field::new(EXTRACT, DataType::Int64, true)]
}

/// The Arrow type of a column in queries. Texts are views: grouping and joining by them is what tests do most.
pub(crate) fn query_type(kind: ColumnType) -> DataType {
    match kind {
        ColumnType::Text => DataType::Utf8View,
        ColumnType::Int => DataType::Int64,
        ColumnType::Bool => DataType::Boolean,
        ColumnType::Date => DataType::Date32,
        ColumnType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        ColumnType::Decimal { precision, scale } => DataType::Decimal128(precision, scale),
    }
}

/// The dataset that a scan reads, if it reads one.
pub(crate) fn dataset_of(scan: &TableScan) -> Option<&Dataset> {
    let provider = &scan.source.as_ref().downcast_ref::<DefaultTableSource>()?.table_provider;
    if let Some(table) = provider.downcast_ref::<vault_table::VaultTable>() {
        return Some(table.dataset());
    }
    provider.downcast_ref::<case_table::CaseTable>().map(case_table::CaseTable::dataset)
}

/// How many rows a table has, if it is one of ours.
pub(crate) fn rows_of(source: &Arc<dyn TableSource>) -> Option<u64> {
    let provider = &source.as_ref().downcast_ref::<DefaultTableSource>()?.table_provider;
    if let Some(table) = provider.downcast_ref::<vault_table::VaultTable>() {
        return Some(table.rows());
    }
    provider.downcast_ref::<case_table::CaseTable>().map(|_| 0)
}

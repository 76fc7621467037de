//! Tables of a case: rows in memory that are exchanged between cases, under a plan that stays.
//!
//! Invariant: their columns and types are those of the vault's tables, so a query plans alike over both.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use async_trait::async_trait;
use datafusion::{
    arrow::{
        array::RecordBatch,
        datatypes::{Schema, SchemaRef},
    },
    catalog::{Session, TableProvider},
    common::Result,
    datasource::TableType,
    execution::{SendableRecordBatchStream, TaskContext},
    logical_expr::Expr,
    physical_plan::{
        ExecutionPlan,
        stream::RecordBatchStreamAdapter,
        streaming::{PartitionStream, StreamingTableExec},
    },
};
use tickmark_catalog::Dataset;

use super::{HISTORY, history_fields, query_schema};

/// The rows that the tables show now, by table name. A table that is not named has none.
#[derive(Clone, Default)]
pub(crate) struct Slot(Arc<RwLock<Arc<BTreeMap<String, RecordBatch>>>>);

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Slot")
    }
}

impl Slot {
    /// Shows these rows from now on.
    pub(crate) fn show(&self, rows: Arc<BTreeMap<String, RecordBatch>>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = rows;
    }

    fn rows(&self, table: &str) -> Option<RecordBatch> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(table).cloned()
    }
}

/// The state and the history of each dataset, over one slot.
#[derive(Debug)]
pub(crate) struct CaseTables;

impl CaseTables {
    /// The tables by name.
    pub(crate) fn over(datasets: &[Arc<Dataset>], slot: &Slot) -> Vec<(String, Arc<dyn TableProvider>)> {
        let mut tables: Vec<(String, Arc<dyn TableProvider>)> = Vec::new();
        for dataset in datasets {
            let state = CaseTable::new(dataset, dataset.id.to_string(), query_schema(&dataset.columns), slot);
            let history_name = format!("{}{HISTORY}", dataset.id);
            let history = CaseTable::new(dataset, history_name, history_schema(dataset), slot);
            tables.push((state.name.clone(), Arc::new(state)));
            tables.push((history.name.clone(), Arc::new(history)));
        }
        tables
    }
}

/// The columns of a dataset's history.
pub(super) fn history_schema(dataset: &Dataset) -> SchemaRef {
    let mut fields: Vec<_> =
        query_schema(&dataset.columns).fields().iter().map(|field| field.as_ref().clone()).collect();
    fields.extend(history_fields());
    Arc::new(Schema::new(fields))
}

/// One of them.
#[derive(Debug)]
pub(crate) struct CaseTable {
    dataset: Arc<Dataset>,
    name: String,
    schema: SchemaRef,
    slot: Slot,
}

impl CaseTable {
    fn new(dataset: &Arc<Dataset>, name: String, schema: SchemaRef, slot: &Slot) -> Self {
        Self { dataset: Arc::clone(dataset), name, schema, slot: slot.clone() }
    }

    pub(super) fn dataset(&self) -> &Dataset {
        &self.dataset
    }
}

#[async_trait]
impl TableProvider for CaseTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let rows = SlotRows { name: self.name.clone(), schema: Arc::clone(&self.schema), slot: self.slot.clone() };
        let stream: Arc<dyn PartitionStream> = Arc::new(rows);
        let exec = StreamingTableExec::try_new(Arc::clone(&self.schema), vec![stream], projection, [], false, limit)?;
        Ok(Arc::new(exec))
    }
}

/// Reads the slot when the plan is executed, not when it is made.
#[derive(Debug)]
struct SlotRows {
    name: String,
    schema: SchemaRef,
    slot: Slot,
}

impl PartitionStream for SlotRows {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let rows = self.slot.rows(&self.name).map(Ok);
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), futures::stream::iter(rows)))
    }
}

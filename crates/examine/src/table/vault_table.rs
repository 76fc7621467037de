//! A dataset's extracts in the vault as one table.
//!
//! Invariant: the rows are all rows of the extracts given; choosing which extracts and rows count is `open`'s.

use std::{ops::Range, sync::Arc};

use async_trait::async_trait;
use datafusion::{
    arrow::datatypes::SchemaRef,
    catalog::{Session, TableProvider},
    common::{DFSchema, Result, ScalarValue, Statistics, stats::Precision},
    datasource::{
        TableType,
        listing::PartitionedFile,
        physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource},
        source::DataSourceExec,
        table_schema::TableSchema,
    },
    logical_expr::{Expr, TableProviderFilterPushDown, utils::conjunction},
    physical_plan::ExecutionPlan,
};
use tickmark_catalog::Dataset;

use super::{
    ChunkCache,
    checked_reader::{CheckedReaders, OpenPart},
    history_fields, query_schema,
};
use crate::session;

/// One extract with its parts open.
#[derive(Debug, Clone)]
pub(super) struct Extract {
    /// Its number, from 0, in the order of extraction.
    pub(super) number: i64,
    /// The day it is true for (snapshots) or was made on (events), as Date32.
    pub(super) on: i32,
    pub(super) parts: Vec<OpenPart>,
}

/// Extracts as a table, with or without the two columns of a history.
#[derive(Debug)]
pub(crate) struct VaultTable {
    dataset: Arc<Dataset>,
    schema: TableSchema,
    extracts: Vec<Extract>,
    numbered: bool,
    cache: Arc<ChunkCache>,
    rows: u64,
}

impl VaultTable {
    pub(super) fn new(dataset: Arc<Dataset>, extracts: Vec<Extract>, numbered: bool, cache: Arc<ChunkCache>) -> Self {
        let columns = query_schema(&dataset.columns);
        let more = if numbered { history_fields().into_iter().map(Arc::new).collect() } else { Vec::new() };
        let schema = TableSchema::builder(columns).with_table_partition_cols(more).build();
        let rows = extracts.iter().flat_map(|extract| &extract.parts).map(|part| part.reader().part().rows).sum();
        Self { dataset, schema, extracts, numbered, cache, rows }
    }

    pub(super) fn dataset(&self) -> &Dataset {
        &self.dataset
    }

    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// The row groups of all parts, dealt out so that each of `partitions` groups of files has about as many rows.
    fn file_groups(&self, partitions: usize) -> Result<Vec<FileGroup>> {
        let partitions = partitions.max(1);
        let share = self.rows.div_ceil(partitions as u64).max(1);
        let mut groups: Vec<Vec<PartitionedFile>> = vec![Vec::new()];
        let mut filled = 0_u64;
        for extract in &self.extracts {
            for part in &extract.parts {
                let mut run: Option<Range<u64>> = None;
                for row_group in &part.reader().part().row_groups {
                    let Some(start) = row_group.chunks.first().map(|chunk| chunk.offset) else { continue };
                    let end = row_group.chunks.last().map_or(start, |chunk| chunk.range().end);
                    run = Some(run.map_or(start..end, |run| run.start..end));
                    filled += row_group.rows;
                    if filled >= share && groups.len() < partitions {
                        if let Some(run) = run.take() {
                            self.push(&mut groups, extract, part, run)?;
                        }
                        groups.push(Vec::new());
                        filled = 0;
                    }
                }
                if let Some(run) = run {
                    self.push(&mut groups, extract, part, run)?;
                }
            }
        }
        groups.retain(|files| !files.is_empty());
        Ok(groups.into_iter().map(FileGroup::new).collect())
    }

    fn push(
        &self,
        groups: &mut [Vec<PartitionedFile>],
        extract: &Extract,
        part: &OpenPart,
        run: Range<u64>,
    ) -> Result<()> {
        let reader = part.reader();
        let place = |byte: u64| {
            i64::try_from(byte)
                .map_err(|_| datafusion::common::exec_datafusion_err!("a part is larger than 2^63 bytes"))
        };
        let mut file = PartitionedFile::new(reader.part().object.to_string(), reader.len())
            .with_range(place(run.start)?, place(run.end)?)
            .with_extension(part.clone());
        if self.numbered {
            file = file.with_partition_values(vec![
                ScalarValue::Date32(Some(extract.on)),
                ScalarValue::Int64(Some(extract.number)),
            ]);
        }
        if let Some(files) = groups.last_mut() {
            files.push(file);
        }
        Ok(())
    }
}

#[async_trait]
impl TableProvider for VaultTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(self.schema.table_schema())
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    /// Row groups that cannot hold a row are passed over, as the checked footers tell; each row is looked at again after the scan.
    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let mut source = ParquetSource::new(self.schema.clone())
            .with_parquet_file_reader_factory(Arc::new(CheckedReaders { cache: Arc::clone(&self.cache) }))
            .with_enable_page_index(false)
            .with_bloom_filter_on_read(false);
        if let Some(filter) = conjunction(filters.to_vec()) {
            let schema = DFSchema::try_from(self.schema())?;
            source = source.with_predicate(state.create_physical_expr(filter, &schema)?);
        }
        let mut statistics = Statistics::new_unknown(self.schema.table_schema());
        statistics.num_rows = Precision::Inexact(usize::try_from(self.rows).unwrap_or(usize::MAX));
        let config = FileScanConfigBuilder::new(session::nowhere()?, Arc::new(source))
            .with_file_groups(self.file_groups(state.config().target_partitions())?)
            .with_statistics(statistics)
            .with_projection_indices(projection.cloned())?
            .with_limit(limit)
            .build();
        Ok(DataSourceExec::from_data_source(config))
    }
}

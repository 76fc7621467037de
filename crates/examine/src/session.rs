//! A session that knows declared tables, listed functions, a limit of memory, and nothing else.
//!
//! Invariant: no file, network, information schema, clock or writable place can be reached from a session.

use std::{path::PathBuf, sync::Arc};

use datafusion::{
    catalog::{
        CatalogProvider, MemoryCatalogProvider, MemoryCatalogProviderList, MemorySchemaProvider, SchemaProvider,
        TableProvider,
    },
    common::{Result as EngineResult, exec_err},
    execution::{
        SessionState, SessionStateBuilder, SessionStateDefaults,
        disk_manager::{DiskManagerBuilder, DiskManagerMode},
        memory_pool::{GreedyMemoryPool, TrackConsumersPool},
        object_store::{ObjectStoreRegistry, ObjectStoreUrl},
        runtime_env::{RuntimeEnv, RuntimeEnvBuilder},
    },
    logical_expr::ScalarUDF,
    optimizer::{Analyzer, AnalyzerRule},
    physical_optimizer::{PhysicalOptimizerRule, filter_pushdown::FilterPushdown, optimizer::PhysicalOptimizer},
    prelude::SessionConfig,
};
use object_store::{ObjectStore, memory::InMemory};
use tickmark_catalog::Calendar;
use url::Url;

use crate::{
    Error, Limits,
    functions::{self, CheckedIntegers, WideSums},
};

const CATALOG: &str = "tickmark";
const SCHEMA: &str = "datasets";

/// Rows in a batch: DataFusion's own choice, and the size the vault's reader hands out.
const BATCH_ROWS: usize = 8192;

/// How many of the largest users of memory an error names.
const CONSUMERS_NAMED: usize = 3;

/// What all sessions of a job share.
pub(crate) struct Engine {
    runtime: Arc<RuntimeEnv>,
    functions: Vec<Arc<ScalarUDF>>,
    rules: Vec<Arc<dyn AnalyzerRule + Send + Sync>>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Engine")
    }
}

/// The address under which scans ask for files. Their bytes come from the vault's own reader, so nothing lies there.
pub(crate) fn nowhere() -> EngineResult<ObjectStoreUrl> {
    ObjectStoreUrl::parse("vault://parts")
}

impl Engine {
    /// An engine with these calendars within these limits.
    pub(crate) fn new(calendars: &[Calendar], limits: &Limits) -> Result<Self, Error> {
        let pool = GreedyMemoryPool::new(usize::try_from(limits.query_bytes()).unwrap_or(usize::MAX));
        let named = std::num::NonZeroUsize::new(CONSUMERS_NAMED).unwrap_or(std::num::NonZeroUsize::MIN);
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(TrackConsumersPool::new(pool, named)))
            .with_disk_manager_builder(DiskManagerBuilder::default().with_mode(spilling(limits.spill_to.clone())))
            .with_object_store_registry(Arc::new(NoStores(Arc::new(InMemory::new()))))
            .build_arc()
            .map_err(Error::engine("set up the query engine"))?;
        let mut functions = functions::scalar_functions();
        functions.extend(functions::our_functions(calendars));
        // Sums are widened before types are coerced, so that what stands around them is coerced to the wider type;
        // integers are checked after, when both sides have one type.
        let mut rules: Vec<Arc<dyn AnalyzerRule + Send + Sync>> = vec![Arc::new(WideSums)];
        rules.extend(Analyzer::new().rules);
        rules.push(Arc::new(CheckedIntegers::new()));
        Ok(Self { runtime, functions, rules })
    }

    /// A session over these tables, working on up to `partitions` threads.
    pub(crate) fn session(
        &self,
        tables: impl IntoIterator<Item = (String, Arc<dyn TableProvider>)>,
        partitions: usize,
    ) -> Result<SessionState, Error> {
        let doing = || "set up a session".to_owned();
        let schema = MemorySchemaProvider::new();
        for (name, table) in tables {
            schema.register_table(name, table).map_err(Error::engine(doing()))?;
        }
        let catalog = MemoryCatalogProvider::new();
        catalog.register_schema(SCHEMA, Arc::new(schema)).map_err(Error::engine(doing()))?;
        let catalogs = MemoryCatalogProviderList::new();
        datafusion::catalog::CatalogProviderList::register_catalog(&catalogs, CATALOG.to_owned(), Arc::new(catalog));
        Ok(SessionStateBuilder::new()
            // Sessions are told apart by nothing that a result could show.
            .with_session_id("tickmark".to_owned())
            .with_config(config(partitions))
            .with_runtime_env(Arc::clone(&self.runtime))
            .with_catalog_list(Arc::new(catalogs))
            .with_expr_planners(SessionStateDefaults::default_expr_planners())
            .with_scalar_functions(self.functions.clone())
            .with_aggregate_functions(functions::aggregate_functions())
            .with_window_functions(functions::window_functions())
            .with_analyzer_rules(self.rules.clone())
            .with_physical_optimizer_rules(physical_rules())
            .build())
    }
}

/// DataFusion's own rules for plans, without the one that moves filters below projections.
///
/// In 55.2 that rule finds columns by their names alone: above an outer join whose two sides have a column of one name,
/// `a.net <> b.net OR a.net IS NULL` becomes `b.net <> b.net OR b.net IS NULL` below the join, and every exception is lost. Filters
/// are moved by the logical plan all the same, where columns are known by their tables.
fn physical_rules() -> Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>> {
    let moves_filters = FilterPushdown::new();
    PhysicalOptimizer::new().rules.into_iter().filter(|rule| rule.name() != moves_filters.name()).collect()
}

fn spilling(to: Option<PathBuf>) -> DiskManagerMode {
    match to {
        Some(folder) => DiskManagerMode::Directories(vec![folder]),
        None => DiskManagerMode::Disabled,
    }
}

fn config(partitions: usize) -> SessionConfig {
    let mut config = SessionConfig::new()
        .with_default_catalog_and_schema(CATALOG, SCHEMA)
        .with_create_default_catalog_and_schema(false)
        .with_information_schema(false)
        .with_target_partitions(partitions.max(1))
        .with_batch_size(BATCH_ROWS)
        // Scans are divided by row groups where they are made, and a chunk is read and checked whole: neither an index
        // of pages nor a Bloom filter is covered by a digest.
        .with_repartition_file_scans(false)
        .with_parquet_page_index_pruning(false)
        .with_parquet_bloom_filter_pruning(false);
    let options = config.options_mut();
    options.sql_parser.parse_float_as_decimal = true;
    options.sql_parser.collect_spans = true;
    options.execution.time_zone = Some("UTC".to_owned());
    options.execution.enable_recursive_ctes = false;
    // Made for the rule that `physical_rules` leaves out.
    options.optimizer.enable_dynamic_filter_pushdown = false;
    config
}

/// A registry with one empty store: a scan must name one, and none may reach a file or a network.
#[derive(Debug)]
struct NoStores(Arc<dyn ObjectStore>);

impl ObjectStoreRegistry for NoStores {
    fn register_store(&self, _: &Url, _: Arc<dyn ObjectStore>) -> Option<Arc<dyn ObjectStore>> {
        None
    }

    fn get_store(&self, url: &Url) -> EngineResult<Arc<dyn ObjectStore>> {
        if url.scheme() == "vault" { Ok(Arc::clone(&self.0)) } else { exec_err!("`{url}` is outside the vault") }
    }
}

/// The version of everything that decides what a query returns.
pub(crate) fn version() -> String {
    format!("tickmark-examine {} on DataFusion {}", env!("CARGO_PKG_VERSION"), datafusion::DATAFUSION_VERSION)
}

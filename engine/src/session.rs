//! How the engine is set up, in every process alike.

use std::{num::NonZeroUsize, path::PathBuf, sync::Arc};

use datafusion::{
    error::DataFusionError,
    execution::{
        disk_manager::{DiskManagerBuilder, DiskManagerMode},
        object_store::DefaultObjectStoreRegistry,
        runtime_env::{RuntimeEnv, RuntimeEnvBuilder},
    },
    prelude::SessionConfig,
};
use protocol::Error;
use serde::{Deserialize, Serialize};

use crate::memory::QueryPool;

/// `[engine]`. Sent to workers with every query, so that all tasks of it run alike.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Partitions per task; absent means two per core, at least four. More partitions than cores keep
    /// hash tables small: with two, TPC-H Q18 at SF10 takes four times as long.
    pub target_partitions: Option<NonZeroUsize>,
    /// Rows per batch.
    pub batch_size: NonZeroUsize,
    /// Memory for operators of all queries of a process, in bytes; absent means 60 % of the machine's.
    pub memory_limit_bytes: Option<u64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            target_partitions: None,
            batch_size: NonZeroUsize::new(16 << 10).unwrap_or(NonZeroUsize::MIN),
            memory_limit_bytes: None,
        }
    }
}

impl Settings {
    /// `target_partitions`, decided.
    pub fn partitions(&self) -> usize {
        let cores = std::thread::available_parallelism().map_or(2, NonZeroUsize::get);
        self.target_partitions.map_or((2 * cores).max(4), NonZeroUsize::get)
    }
}

/// Small build sides are broadcast whole; between tasks there are no join filters otherwise.
const BROADCAST_BYTES_MAX: usize = 16 << 20;
const BROADCAST_ROWS_MAX: usize = 1 << 20;
/// IN lists up to this length take part in pruning: comparing is cheaper than a request.
const PRUNING_IN_LIST_MAX: usize = 256;

/// The engine's configuration for one query, before anything query-specific is attached.
pub fn session_config(settings: &Settings) -> SessionConfig {
    let mut config = SessionConfig::new()
        .with_target_partitions(settings.partitions())
        .with_batch_size(settings.batch_size.get())
        .with_create_default_catalog_and_schema(false);
    let options = config.options_mut();
    // Names of the catalog; there is exactly one, as in Athena.
    options.catalog.default_catalog = "awsdatacatalog".to_owned();
    options.catalog.default_schema = "default".to_owned();
    // Integers and strings keep the types the user wrote; `varchar` is a string view as in tables.
    options.sql_parser.map_string_types_to_utf8view = true;
    // Errors say where in the text.
    options.sql_parser.collect_spans = true;
    // A plan is split over processes, each of which would take over the others' files.
    options.execution.enable_file_stream_work_stealing = false;
    options.execution.parquet.max_in_list_size = PRUNING_IN_LIST_MAX;
    // The other way to unite inputs has no form that workers can read.
    options.optimizer.prefer_existing_union = true;
    options.optimizer.hash_join_single_partition_threshold = BROADCAST_BYTES_MAX;
    options.optimizer.hash_join_single_partition_threshold_rows = BROADCAST_ROWS_MAX;
    config
}

/// Memory, spill files and no object store: scans read through [`connectors::ScanContext`].
///
/// Errors: the spill folder cannot be used.
pub fn runtime_env(settings: &Settings, spill_dir: Option<PathBuf>) -> Result<Arc<RuntimeEnv>, Error> {
    let limit = settings.memory_limit_bytes.unwrap_or_else(default_memory_bytes);
    let pool = QueryPool::new(usize::try_from(limit).unwrap_or(usize::MAX));
    let mode = match spill_dir {
        Some(folder) => DiskManagerMode::Directories(vec![folder]),
        None => DiskManagerMode::OsTmpDirectory,
    };
    let build = || -> Result<RuntimeEnv, DataFusionError> {
        let stores = DefaultObjectStoreRegistry::new();
        let environment = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(pool))
            .with_disk_manager_builder(DiskManagerBuilder::default().with_mode(mode))
            .with_object_store_registry(Arc::new(stores))
            .build()?;
        connectors::forbid_engine_stores(&environment)?;
        Ok(environment)
    };
    build().map(Arc::new).map_err(|error| Error::internal(format!("the engine cannot start: {error}")))
}

/// 60 % of the machine's memory: decoded pages, HTTP bodies and caches are not in the pool.
fn default_memory_bytes() -> u64 {
    const FALLBACK_BYTES: u64 = 4 << 30;
    let total_kib = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("MemTotal:"))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok()
    });
    total_kib.map_or(FALLBACK_BYTES, |kib| kib * 1024 / 10 * 6)
}

//! The coordinator: what all queries of a process share.

use std::sync::Arc;

use catalog::CatalogStore;
use connectors::Caches;
use datafusion::execution::{SessionState, SessionStateBuilder, runtime_env::RuntimeEnv};
use protocol::Result;
use serde::{Deserialize, Serialize};
use storage::Storage;

use crate::{
    query::{Query, QueryLog, QueryRequest, run},
    workers::WorkerList,
};

/// `[coordinator]`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// A query whose scans want fewer bytes than this stays in the coordinator's process.
    pub distribute_from_bytes: u64,
    /// Price of 2^40 scanned bytes, in dollars, for the closing line. A failed query costs nothing.
    pub price_per_tib: f64,
    /// With workers elsewhere, a query that is too large for this process is refused when none is
    /// there; without (`scops serve`, `scops sql`) it runs here.
    pub requires_workers: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { distribute_from_bytes: 64 << 20, price_per_tib: 5.0, requires_workers: false }
    }
}

/// The things a coordinator is built from.
#[derive(Debug, Clone)]
pub struct Components {
    pub catalog: Arc<dyn CatalogStore>,
    pub storage: Arc<Storage>,
    pub runtime: Arc<RuntimeEnv>,
    pub log: Arc<QueryLog>,
    pub workers: Arc<WorkerList>,
}

/// One per process.
#[derive(Debug)]
pub struct Coordinator {
    pub(crate) components: Components,
    pub(crate) settings: Settings,
    pub(crate) engine: engine::Settings,
    pub(crate) caches: Arc<Caches>,
    /// Functions and rules, built once; a query's session starts as a copy.
    pub(crate) base_session: SessionState,
}

impl Coordinator {
    pub fn new(components: Components, settings: Settings, engine: engine::Settings) -> Arc<Self> {
        let builder = SessionStateBuilder::new()
            .with_config(engine::session_config(&engine))
            .with_runtime_env(Arc::clone(&components.runtime))
            .with_default_features();
        let base_session = engine::register_functions(builder).build();
        Arc::new(Self { components, settings, engine, caches: Arc::default(), base_session })
    }

    /// Parses, resolves and plans; the statement runs when its stream is read.
    ///
    /// Errors are those of the statement, and are in the log like every other end of a query.
    pub async fn submit(self: &Arc<Self>, request: QueryRequest) -> Result<Query> {
        run::submit(self, request).await
    }

    /// The catalog, for doors that show it.
    pub fn catalog(&self) -> &Arc<dyn CatalogStore> {
        &self.components.catalog
    }

    /// The log, for doors that show it.
    pub fn log(&self) -> &Arc<QueryLog> {
        &self.components.log
    }

    /// Dollars for 2^40 scanned bytes.
    pub fn price_per_tib(&self) -> f64 {
        self.settings.price_per_tib
    }
}

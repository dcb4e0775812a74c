//! The workers of one query attempt: whoever was ready when it was planned.

use std::sync::Arc;

use datafusion::error::DataFusionError;
use datafusion_distributed::WorkerResolver;
use url::Url;

/// Task `i` of every stage that reads splits runs on worker `i`, so that splits can be dealt to
/// workers when the plan is made.
#[derive(Debug, Clone)]
pub(crate) struct FrozenWorkers {
    urls: Arc<[Url]>,
    distribute_from_bytes: u64,
}

impl FrozenWorkers {
    pub(crate) fn new(urls: Vec<Url>, distribute_from_bytes: u64) -> Self {
        Self { urls: urls.into(), distribute_from_bytes }
    }

    pub(crate) fn urls(&self) -> &[Url] {
        &self.urls
    }

    /// Scans of fewer bytes stay in one task.
    pub(crate) fn distribute_from_bytes(&self) -> u64 {
        self.distribute_from_bytes
    }
}

impl WorkerResolver for FrozenWorkers {
    fn get_urls(&self) -> Result<Vec<Url>, DataFusionError> {
        Ok(self.urls.to_vec())
    }
}

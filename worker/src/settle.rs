//! Answers the coordinator's question what a query has read here.

use std::sync::Arc;

use async_trait::async_trait;
use engine::ActionHandler;
use protocol::{Error, Result, SETTLE_ACTION, SettleRequest};

use crate::open_queries::OpenQueries;

#[derive(Debug)]
pub(crate) struct Settling {
    pub(crate) queries: Arc<OpenQueries>,
}

#[async_trait]
impl ActionHandler for Settling {
    async fn handle(&self, kind: &str, body: &[u8]) -> Option<Result<Vec<u8>>> {
        if kind != SETTLE_ACTION {
            return None;
        }
        Some(self.settle(body).await)
    }
}

impl Settling {
    async fn settle(&self, body: &[u8]) -> Result<Vec<u8>> {
        let coding = |error: serde_json::Error| Error::internal(format!("{SETTLE_ACTION}: {error}"));
        let request: SettleRequest = serde_json::from_slice(body).map_err(coding)?;
        let usage = self.queries.settle(request.query_id, request.attempt).await;
        serde_json::to_vec(&usage).map_err(coding)
    }
}

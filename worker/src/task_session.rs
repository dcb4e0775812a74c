//! The engine's session for one task.

use std::sync::Arc;

use async_trait::async_trait;
use connectors::{ScanCodec, to_datafusion};
use datafusion::{
    error::DataFusionError,
    execution::{SessionState, SessionStateBuilder},
    prelude::SessionConfig,
};
use datafusion_distributed::{DistributedExt, WorkerQueryContext, WorkerSessionBuilder};
use engine::{TaskHeaders, WorkerChannels, register_functions, session_config};

use crate::open_queries::OpenQueries;

/// Builds sessions with the coordinator's settings and the query's meter.
#[derive(Debug, Clone)]
pub(crate) struct TaskSessions {
    pub(crate) queries: Arc<OpenQueries>,
    pub(crate) channels: WorkerChannels,
}

#[async_trait]
impl WorkerSessionBuilder for TaskSessions {
    async fn build_session_state(
        &self,
        mut task: WorkerQueryContext,
    ) -> Result<SessionState, DataFusionError> {
        let headers = TaskHeaders::from_headers(&task.headers).map_err(to_datafusion)?;
        let given = task.builder.config().take().unwrap_or_default();
        let config = with_settings(given, &headers).with_extension(self.queries.context(
            headers.query_id,
            headers.attempt,
            headers.scan_limit_bytes,
        ));
        let passed_on = headers.to_headers().map_err(to_datafusion)?;
        let builder: SessionStateBuilder = task
            .builder
            .with_config(config)
            .with_distributed_channel_resolver(self.channels.clone())
            .with_distributed_user_codec(ScanCodec)
            .with_distributed_passthrough_headers(passed_on)?;
        Ok(register_functions(builder).build())
    }
}

/// The engine gives a task its default options; those the plan was made with are put in their place.
fn with_settings(mut given: SessionConfig, headers: &TaskHeaders) -> SessionConfig {
    let planned_with = session_config(&headers.engine);
    let options = given.options_mut();
    options.execution.clone_from(&planned_with.options().execution);
    options.optimizer.clone_from(&planned_with.options().optimizer);
    options.sql_parser.clone_from(&planned_with.options().sql_parser);
    given
}

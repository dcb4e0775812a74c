//! The engine's session for one query attempt on the coordinator.

use std::sync::Arc;

use connectors::{ScanCodec, ScanContext};
use datafusion::{
    execution::{SessionState, SessionStateBuilder},
    prelude::SessionConfig,
};
use datafusion_distributed::{DistributedExt, SessionStateBuilderExt};
use engine::{TaskHeaders, session_config};
use protocol::{Error, Result};

use super::state::Received;
use crate::{
    Coordinator,
    stages::{CountTasks, FrozenWorkers, RouteByAffinity, SpreadSplits},
};

/// Shunt between the coordinator's shared state and the engine: built once per attempt.
pub(super) struct QuerySession {
    pub(super) coordinator: Arc<Coordinator>,
    state: SessionState,
    /// Settings without distribution.
    plain: SessionConfig,
    pub(super) context: Arc<ScanContext>,
}

impl QuerySession {
    /// Takes the list of workers as it is now; the attempt keeps it to its end.
    pub(super) fn new(coordinator: &Arc<Coordinator>, received: &Received) -> Result<Self> {
        let context = Arc::clone(received.context());
        let config = session_config(&coordinator.engine)
            .with_extension(Arc::clone(&context))
            .with_extension(Arc::clone(received.control()));
        let plain = config.clone();
        let workers = coordinator.components.workers.ready();
        let builder = SessionStateBuilder::new_from_existing(coordinator.base_session.clone());
        let state = match workers.is_empty() {
            true => builder.with_config(config).build(),
            false => distributed(builder, config, coordinator, received, workers)?,
        };
        let mut session = Self { coordinator: Arc::clone(coordinator), state, plain, context };
        // The moment that the engine's own functions take for now.
        session.state.mark_start_execution();
        Ok(session)
    }

    pub(super) fn state(&self) -> &SessionState {
        &self.state
    }

    /// The same session in this process alone, for plans that cannot be sent to others.
    pub(super) fn alone(&self) -> SessionState {
        let mut state = SessionStateBuilder::new_from_existing(self.coordinator.base_session.clone())
            .with_config(self.plain.clone())
            .build();
        state.mark_start_execution();
        state
    }
}

fn distributed(
    builder: SessionStateBuilder,
    config: SessionConfig,
    coordinator: &Arc<Coordinator>,
    received: &Received,
    workers: Vec<url::Url>,
) -> Result<SessionState> {
    let headers = TaskHeaders {
        query_id: received.id(),
        attempt: received.attempt(),
        scan_limit_bytes: received.context().meter.scan_limit_bytes(),
        engine: coordinator.engine.clone(),
    };
    let workers = Arc::new(FrozenWorkers::new(workers, coordinator.settings.distribute_from_bytes));
    let setting = |error: datafusion::error::DataFusionError| {
        Error::internal(format!("the distributed planner refuses a setting: {error}"))
    };
    let config = config.with_extension(Arc::clone(&workers));
    Ok(builder
        .with_config(config)
        .with_distributed_worker_resolver(FrozenWorkers::clone(&workers))
        .with_distributed_channel_resolver(coordinator.components.workers.channels().clone())
        .with_distributed_user_codec(ScanCodec)
        .with_distributed_passthrough_headers(headers.to_headers()?)
        .map_err(setting)?
        .with_distributed_metrics_collection(false)
        .map_err(setting)?
        .with_distributed_worker_connection_buffer_budget_bytes(CONNECTION_BUFFER_BYTES)
        .map_err(setting)?
        .with_distributed_compression(None)
        .map_err(setting)?
        .with_distributed_desired_task_count_handler(CountTasks)
        .with_distributed_scale_up_leaf_node_handler(SpreadSplits)
        .with_distributed_route_tasks_handler(RouteByAffinity)
        .with_distributed_planner()
        .build())
}

/// What one task holds of another's output before it stops asking for more.
const CONNECTION_BUFFER_BYTES: usize = 16 << 20;

//! What coordinator and workers must agree on to run one plan together: engine settings, memory,
//! what a task is told about its query, and the connections between processes.
//!
//! Neither side's decisions are here: the coordinator plans and assigns, a worker runs a task.

mod actions;
mod channels;
mod functions_of;
mod memory;
mod query_control;
mod session;
mod task_headers;

pub use actions::{ActionHandler, ActionService, call_action};
pub use channels::WorkerChannels;
pub use functions_of::register_functions;
pub use query_control::QueryControl;
pub use session::{Settings, runtime_env, session_config};
pub use task_headers::TaskHeaders;

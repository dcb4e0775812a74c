//! The HTTP door: for now, a health check.

use std::future::Future;

use axum::{Router, routing::get};
use protocol::{Error, Result};
use tokio::net::TcpListener;

/// Answers `GET /healthz` with 200 while the process serves, until `shutdown`.
pub async fn serve_health(
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let routes = Router::new().route("/healthz", get(|| async { "ok\n" }));
    axum::serve(listener, routes)
        .with_graceful_shutdown(shutdown)
        .await
        .map_err(|error| Error::internal(format!("the HTTP door failed: {error}")))
}

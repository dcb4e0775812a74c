//! Statements over Flight SQL.

use anyhow::{Context, Result, anyhow};
use arrow::{
    array::{Array, AsArray, RecordBatch},
    datatypes::Int64Type,
};
use arrow_flight::{error::FlightError, sql::client::FlightSqlServiceClient};
use coordinator::{Output, QueryRequest};
use futures::{StreamExt, TryStreamExt};
use protocol::{ClassBytes, ErrorCode, QueryId, QueryRecord, Usage};
use tonic::{
    Status,
    transport::{Channel, Endpoint},
};
use url::Url;

use super::target::Answer;

/// Statement options, as gRPC metadata.
const SCAN_LIMIT_HEADER: &str = "x-scops-scan-limit-bytes";
const DRY_RUN_HEADER: &str = "x-scops-dry-run";
const OUTPUT_HEADER: &str = "x-scops-output";
const ERROR_CODE_HEADER: &str = "x-scops-error-code";
const CONNECT_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(5);

pub(super) struct Remote {
    channel: Channel,
}

impl Remote {
    /// `grpc://host:port` and `http://host:port` mean the same.
    pub(super) async fn connect(url: &Url) -> Result<Self> {
        let (host, port) = (url.host_str().context("the server's URL has no host")?, url.port());
        let endpoint = Endpoint::from_shared(format!("http://{host}:{}", port.unwrap_or(8815)))?
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_nodelay(true);
        let channel = endpoint.connect().await;
        Ok(Self { channel: channel.with_context(|| format!("no server answers at {url}"))? })
    }

    /// Sends the statement and its options. User, workgroup and database are the server's to decide.
    pub(super) async fn run(&self, request: &QueryRequest) -> Result<Answer> {
        let mut client = FlightSqlServiceClient::new(self.channel.clone());
        if let Some(limit) = request.scan_limit_bytes {
            client.set_header(SCAN_LIMIT_HEADER, limit.to_string());
        }
        if request.dry_run {
            client.set_header(DRY_RUN_HEADER, "true");
        }
        match request.output {
            Output::Arrow => {}
            Output::Text => client.set_header(OUTPUT_HEADER, "text"),
            Output::Json => client.set_header(OUTPUT_HEADER, "json"),
        }
        let info = client.execute(request.sql.clone(), None).await.map_err(server_error)?;
        let id = query_id(&info.app_metadata)?;
        let ticket = info.endpoint.first().and_then(|endpoint| endpoint.ticket.clone());
        let ticket = ticket.context("the server sent no ticket")?;
        let rows = client.do_get(ticket).await.map_err(server_error)?;
        let schema = info.try_decode_schema().context("the server sent no schema")?;
        let rows = rows.map_err(flight_error).boxed();
        Ok(Answer { id, schema: schema.into(), rows })
    }

    pub(super) async fn record(&self, id: &str) -> Result<Option<QueryRecord>> {
        let id: QueryId = id.parse()?;
        let question = format!("SELECT * FROM system.queries WHERE query_id = '{id}'");
        let mut answer = self.run(&QueryRequest::new(question)).await?;
        let Some(batch) = answer.rows.try_next().await? else { return Ok(None) };
        Ok(Some(record(id, &batch)))
    }
}

fn query_id(metadata: &[u8]) -> Result<String> {
    let metadata: serde_json::Value = serde_json::from_slice(metadata).context("the server is not scops")?;
    let id = metadata.get("query_id").and_then(serde_json::Value::as_str);
    Ok(id.context("the server sent no query id")?.to_owned())
}

/// What the closing line needs of a row of `system.queries`.
fn record(id: QueryId, batch: &RecordBatch) -> QueryRecord {
    let number = |name: &str| {
        let column = batch.column_by_name(name);
        let number = column.and_then(|c| c.as_primitive_opt::<Int64Type>()).filter(|c| !c.is_empty());
        number.map_or(0, |c| u64::try_from(c.value(0)).unwrap_or(0))
    };
    let mut record = QueryRecord::received(id, "", "", "", 0);
    record.state = protocol::QueryState::Succeeded;
    record.usage = Usage {
        scanned: ClassBytes {
            footer: number("scanned_footer_bytes"),
            index: number("scanned_index_bytes"),
            data: number("scanned_data_bytes"),
            text: number("scanned_text_bytes"),
        },
        transferred_bytes: number("transferred_bytes"),
        cached_bytes: number("cached_bytes"),
        requests: number("requests"),
        ..Usage::default()
    };
    record.files = number("files");
    record.files_total = number("files_total");
    record.partitions = number("partitions");
    record.partitions_total = number("partitions_total");
    record.rows = number("rows");
    record.queue_ms = number("queue_ms");
    record.plan_ms = number("plan_ms");
    record.run_ms = number("run_ms");
    record.attempts = u32::try_from(number("attempts")).unwrap_or(1);
    record
}

fn server_error(error: impl std::error::Error + Send + Sync + 'static) -> anyhow::Error {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(current) = next {
        if let Some(FlightError::Tonic(status)) = current.downcast_ref::<FlightError>() {
            return status_error(status);
        }
        if let Some(status) = current.downcast_ref::<Status>() {
            return status_error(status);
        }
        next = current.source();
    }
    anyhow!(error)
}

fn flight_error(error: FlightError) -> anyhow::Error {
    match error {
        FlightError::Tonic(status) => status_error(&status),
        other => anyhow!(other),
    }
}

/// The typed error again, for the exit code; the message is the server's own text.
fn status_error(status: &Status) -> anyhow::Error {
    let number = status.metadata().get(ERROR_CODE_HEADER).and_then(|value| value.to_str().ok());
    let code = number.and_then(|n| n.parse::<u16>().ok()).and_then(|n| ErrorCode::try_from(n).ok());
    match code {
        Some(code) => {
            let label = format!("{} ({}): ", code.label(), code.number());
            let message = status.message().strip_prefix(&label).unwrap_or(status.message());
            anyhow!(protocol::Error::new(code, message))
        }
        None => anyhow!("the server answered: {}", status.message()),
    }
}

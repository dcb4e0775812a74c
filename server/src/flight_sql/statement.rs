//! Statements: GetFlightInfo submits, DoGet streams, DoPut executes for effect.
//!
//! ```text
//! GetFlightInfo ── submit ──► rows: the planned query waits under its id ──► DoGet starts it
//!                        └──► no rows (DDL): executed at once; DoGet finds an empty result
//! ```
//!
//! What returns no rows must not wait for a DoGet that lazy clients never send.

use std::{sync::Arc, time::Instant};

use arrow::datatypes::Schema;
use arrow_flight::{
    FlightDescriptor, FlightEndpoint, FlightInfo, IpcMessage, SchemaAsIpc, Ticket,
    encode::{DictionaryHandling, FlightDataEncoderBuilder},
    error::FlightError,
    sql::{ProstMessageExt, TicketStatementQuery},
};
use bytes::Bytes;
use coordinator::Query;
use futures::{Stream, StreamExt, TryStreamExt, stream};
use prost::Message;
use protocol::{Error, QueryId};
use tonic::{Response, Status};

use super::{
    caller::Caller,
    cancel::Delivery,
    service::{DataStream, FlightSql},
};
use crate::{
    plain_types::{PlainTypes, plain_schema},
    status::{arrow_status, query_status, to_status},
};

/// Target size of one message, in bytes. Clients refuse larger ones at 4 MiB (Go, Rust) or 16 MiB
/// (ADBC), and the encoder's estimate is rough; a single row cannot be split.
const FLIGHT_DATA_BYTES_TARGET: usize = 2 * 1024 * 1024;

/// A result that waits for its DoGet.
pub(super) enum Waiting {
    /// Planned; runs when it is fetched, and counts as cancelled if it is not.
    Planned(Query),
    /// Ran already and returned no rows.
    Executed,
}

/// Plans `sql`. The error is the statement's, with its position.
pub(super) async fn submit(door: &FlightSql, caller: Caller, sql: String) -> Result<Query, Status> {
    let submitted = door.coordinator.submit(caller.request(sql)).await;
    submitted.map_err(|error| to_status(&error))
}

/// The schema clients are told for `query`: plain types, and no fields exactly when there are no rows,
/// by which JDBC tells a query from an update.
pub(super) fn result_schema(query: &Query) -> Schema {
    if query.returns_rows() { plain_schema(&query.schema()) } else { Schema::empty() }
}

/// Answers GetFlightInfo with `query`: executes what returns no rows, and lets the rest wait.
pub(super) async fn flight_info(
    door: &FlightSql,
    query: Query,
    descriptor: FlightDescriptor,
) -> Result<FlightInfo, Status> {
    let query_id = query.id();
    let info = FlightInfo::new()
        .try_with_schema(&result_schema(&query))
        .map_err(arrow_status)?
        .with_descriptor(descriptor)
        .with_endpoint(FlightEndpoint::new().with_ticket(ticket(query_id)))
        .with_app_metadata(app_metadata(query_id));
    if query.returns_rows() {
        door.pending.insert(query_id, Waiting::Planned(query), Instant::now())?;
        return Ok(info);
    }
    execute(door, query).await?;
    door.pending.insert(query_id, Waiting::Executed, Instant::now())?;
    Ok(info.with_total_records(0))
}

/// Runs `query` to its end for its effect; returns the number of rows it gave, which is 0 for DDL.
pub(super) async fn execute(door: &FlightSql, query: Query) -> Result<i64, Status> {
    let query_id = query.id();
    let is_write = !query.returns_rows();
    let mut rows = deliver(door, query);
    let mut count = 0_i64;
    while let Some(batch) = rows.next().await {
        let batch = batch.map_err(|error| query_status(query_id, error))?;
        count = count.saturating_add(i64::try_from(batch.num_rows()).unwrap_or(i64::MAX));
    }
    if is_write {
        door.prepared.note_write();
        return Ok(0);
    }
    Ok(count)
}

/// Answers DoGet for a ticket of [`flight_info`].
pub(super) fn fetch(door: &FlightSql, ticket: &TicketStatementQuery) -> Result<Response<DataStream>, Status> {
    let query_id = query_id_of(ticket)?;
    match door.pending.take(query_id)? {
        Waiting::Planned(query) => Ok(stream_query(door, query)),
        Waiting::Executed => Ok(empty_result(query_id)),
    }
}

/// Starts `query` and streams its rows.
pub(super) fn stream_query(door: &FlightSql, query: Query) -> Response<DataStream> {
    let query_id = query.id();
    let plain = PlainTypes::of(&result_schema(&query));
    let rows = deliver(door, query);
    response(encode(query_id, plain, rows))
}

/// A result without columns and rows.
pub(super) fn empty_result(query_id: QueryId) -> Response<DataStream> {
    response(encode(query_id, PlainTypes::of(&Schema::empty()), stream::empty()))
}

/// The id in a ticket or handle of ours.
pub(super) fn query_id_of(ticket: &TicketStatementQuery) -> Result<QueryId, Status> {
    std::str::from_utf8(&ticket.statement_handle)
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| Status::invalid_argument("the ticket was not issued by this server"))
}

/// `schema` as a self-contained IPC message, the form in which actions and GetSchema return it.
pub(super) fn schema_message(schema: &Schema) -> Result<Bytes, Status> {
    let options = arrow::ipc::writer::IpcWriteOptions::default();
    let IpcMessage(bytes) = SchemaAsIpc::new(schema, &options).try_into().map_err(arrow_status)?;
    Ok(bytes)
}

fn deliver(door: &FlightSql, query: Query) -> Delivery {
    let query_id = query.id();
    Arc::clone(&door.deliveries).start(query_id, query.into_stream().boxed())
}

fn encode<S>(query_id: QueryId, plain: PlainTypes, rows: S) -> DataStream
where
    S: Stream<Item = protocol::Result<arrow::array::RecordBatch>> + Send + 'static,
{
    let failed = move |error: Error| FlightError::from(query_status(query_id, error));
    let schema = Arc::clone(plain.schema());
    let batches = rows
        .and_then(move |batch| std::future::ready(plain.convert(batch)))
        .map_ok(|pieces| stream::iter(pieces.into_iter().map(Ok)))
        .try_flatten()
        .map_err(failed);
    // `Resend` leaves the schema alone; nothing is sent again, because plain types have no dictionaries.
    FlightDataEncoderBuilder::new()
        .with_schema(schema)
        .with_max_flight_data_size(FLIGHT_DATA_BYTES_TARGET)
        .with_dictionary_handling(DictionaryHandling::Resend)
        .build(batches)
        .map_err(move |error| status_of(query_id, error))
        .boxed()
}

fn status_of(query_id: QueryId, error: FlightError) -> Status {
    match error {
        FlightError::Tonic(status) => *status,
        other => query_status(query_id, Error::internal(other.to_string())),
    }
}

fn response(data: DataStream) -> Response<DataStream> {
    Response::new(data)
}

fn ticket(query_id: QueryId) -> Ticket {
    let command = TicketStatementQuery { statement_handle: query_id.to_string().into() };
    Ticket::new(command.as_any().encode_to_vec())
}

fn app_metadata(query_id: QueryId) -> Bytes {
    serde_json::json!({ "query_id": query_id.to_string() }).to_string().into()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use arrow::{
        array::{RecordBatch, StringViewArray},
        datatypes::{DataType, Field},
    };
    use arrow_flight::{decode::FlightRecordBatchStream, sql::Any};
    use protocol::ErrorCode;
    use tonic::Code;

    use super::*;

    fn view_batch(values: Vec<&str>) -> RecordBatch {
        let schema = Schema::new(vec![Field::new("c", DataType::Utf8View, false)]);
        RecordBatch::try_new(Arc::new(schema), vec![Arc::new(StringViewArray::from(values))]).unwrap()
    }

    #[tokio::test]
    async fn a_stream_has_the_announced_schema_and_all_rows() {
        let batch = view_batch(vec!["a", "b"]);
        let plain = PlainTypes::of(&batch.schema());
        let announced = FlightInfo::new().try_with_schema(plain.schema()).unwrap();
        let rows = stream::iter([Ok(batch.clone()), Ok(batch)]);
        let data = encode(QueryId::generate(), plain, rows).map_err(FlightError::from);
        let mut decoded = FlightRecordBatchStream::new_from_flight_data(data);
        let mut count = 0;
        while let Some(batch) = decoded.try_next().await.unwrap() {
            count += batch.num_rows();
        }
        assert_eq!(count, 4);
        let announced = announced.try_decode_schema().unwrap();
        assert_eq!(decoded.schema().unwrap().as_ref(), &announced);
    }

    #[tokio::test]
    async fn an_empty_result_still_sends_its_schema() {
        let schema = view_batch(vec![]).schema();
        let messages: Vec<_> =
            encode(QueryId::generate(), PlainTypes::of(&schema), stream::empty()).collect().await;
        assert_eq!(messages.len(), 1);
        let sent = Schema::try_from(messages[0].as_ref().unwrap()).unwrap();
        assert_eq!(sent, plain_schema(&schema));
    }

    #[tokio::test]
    async fn large_batches_are_split_below_what_clients_accept() {
        let value = "x".repeat(1024);
        let batch = view_batch(vec![value.as_str(); 16 * 1024]);
        let plain = PlainTypes::of(&batch.schema());
        let data = encode(QueryId::generate(), plain, stream::iter([Ok(batch)]));
        let sizes: Vec<_> = data.map(|message| message.unwrap().encoded_len()).collect().await;
        let largest = sizes.iter().max().unwrap();
        assert!(*largest < 4 * 1024 * 1024, "{largest}");
        assert!(sizes.len() > 8);
    }

    #[tokio::test]
    async fn a_failure_in_the_stream_keeps_its_code_and_query() {
        let batch = view_batch(vec!["a"]);
        let query_id = QueryId::generate();
        let failure = Error::new(ErrorCode::CorruptFile, "page 7 is cut short");
        let rows = stream::iter([Ok(batch.clone()), Err(failure)]);
        let messages: Vec<_> = encode(query_id, PlainTypes::of(&batch.schema()), rows).collect().await;
        let status = messages.last().unwrap().as_ref().unwrap_err();
        assert_eq!(status.code(), Code::DataLoss);
        assert_eq!(status.message(), "CORRUPT_FILE (2001): page 7 is cut short");
        let named = status.metadata().get("x-scops-query-id").unwrap().to_str().unwrap();
        assert_eq!(named, query_id.to_string());
    }

    #[test]
    fn a_ticket_names_its_query() {
        let query_id = QueryId::generate();
        let any = Any::decode(ticket(query_id).ticket).unwrap();
        let command: TicketStatementQuery = any.unpack().unwrap().unwrap();
        assert_eq!(query_id_of(&command).unwrap(), query_id);
        let forged = TicketStatementQuery { statement_handle: Bytes::from_static(b"\xff") };
        assert_eq!(query_id_of(&forged).unwrap_err().code(), Code::InvalidArgument);
    }
}

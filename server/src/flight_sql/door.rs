//! The Flight service in front of Flight SQL.
//!
//! arrow-flight answers `GetSchema` and `PollFlightInfo` with `UNIMPLEMENTED` for every Flight SQL
//! server, and that cannot be overridden; ADBC needs both (`ExecuteSchema`, incremental execution).
//! So this service answers those two and passes everything else on.

use std::sync::Arc;

use arrow::datatypes::Schema;
use arrow_flight::{
    Action, ActionType, Criteria, Empty, FlightData, FlightDescriptor, FlightInfo, HandshakeRequest,
    PollInfo, PutResult, SchemaResult, Ticket,
    flight_service_server::FlightService,
    sql::{Any, Command},
};
use bytes::Bytes;
use futures::stream::BoxStream;
use prost::Message;
use tonic::{Request, Response, Status, Streaming};

use super::{
    auth,
    caller::Caller,
    malformed,
    service::{ActionStream, DataStream, FlightSql},
    statement,
};
use crate::status::arrow_status;

/// What clients connect to.
#[derive(Clone)]
pub(super) struct Door(pub(super) Arc<FlightSql>);

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl FlightService for Door {
    type HandshakeStream = auth::HandshakeStream;
    type ListFlightsStream = BoxStream<'static, Result<FlightInfo, Status>>;
    type DoGetStream = DataStream;
    type DoPutStream = BoxStream<'static, Result<PutResult, Status>>;
    type DoActionStream = ActionStream;
    type ListActionsStream = BoxStream<'static, Result<ActionType, Status>>;
    type DoExchangeStream = DataStream;

    async fn get_schema(&self, request: Request<FlightDescriptor>) -> Answer<SchemaResult> {
        let caller = Caller::of(request.metadata())?;
        let schema = schema_of(&self.0, caller, request.get_ref()).await?;
        Ok(Response::new(SchemaResult { schema: statement::schema_message(&schema)? }))
    }

    /// Planning is all there is to wait for, so the first poll's answer is complete.
    async fn poll_flight_info(&self, request: Request<FlightDescriptor>) -> Answer<PollInfo> {
        check_decodable(&request.get_ref().cmd)?;
        let info = self.0.get_flight_info(request).await?.into_inner();
        let complete = PollInfo::new().with_info(info).try_with_progress(1.0);
        complete.map(Response::new).map_err(arrow_status)
    }

    async fn handshake(
        &self,
        request: Request<Streaming<HandshakeRequest>>,
    ) -> Answer<Self::HandshakeStream> {
        self.0.handshake(request).await
    }

    async fn list_flights(&self, request: Request<Criteria>) -> Answer<Self::ListFlightsStream> {
        self.0.list_flights(request).await
    }

    async fn get_flight_info(&self, request: Request<FlightDescriptor>) -> Answer<FlightInfo> {
        check_decodable(&request.get_ref().cmd)?;
        self.0.get_flight_info(request).await
    }

    async fn do_get(&self, request: Request<Ticket>) -> Answer<Self::DoGetStream> {
        check_decodable(&request.get_ref().ticket)?;
        self.0.do_get(request).await
    }

    async fn do_put(&self, request: Request<Streaming<FlightData>>) -> Answer<Self::DoPutStream> {
        self.0.do_put(request).await
    }

    async fn do_action(&self, request: Request<Action>) -> Answer<Self::DoActionStream> {
        self.0.do_action(request).await
    }

    async fn list_actions(&self, request: Request<Empty>) -> Answer<Self::ListActionsStream> {
        self.0.list_actions(request).await
    }

    async fn do_exchange(&self, request: Request<Streaming<FlightData>>) -> Answer<Self::DoExchangeStream> {
        self.0.do_exchange(request).await
    }
}

/// Refuses what is no command in words; arrow-flight would answer with a debug dump.
fn check_decodable(command: &Bytes) -> Result<(), Status> {
    Any::decode(command.clone()).map(drop).map_err(malformed)
}

/// The schema of the answer to the command in `descriptor`. A statement is planned for it and not run.
async fn schema_of(
    door: &FlightSql,
    caller: Caller,
    descriptor: &FlightDescriptor,
) -> Result<Schema, Status> {
    let any = Any::decode(descriptor.cmd.clone()).map_err(malformed)?;
    let command = Command::try_from(any).map_err(malformed)?;
    match command {
        Command::CommandStatementQuery(query) => {
            let planned = statement::submit(door, caller, query.query).await?;
            Ok(statement::result_schema(&planned))
        }
        Command::CommandPreparedStatementQuery(query) => {
            door.prepared.schema(&query.prepared_statement_handle)
        }
        other => match door.metadata_schema(&other) {
            Some(schema) => Ok(Schema::clone(&schema)),
            None => Err(Status::unimplemented(format!("no schema for {}", other.type_url()))),
        },
    }
}

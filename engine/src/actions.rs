//! Small requests between processes, as Arrow Flight actions: a type and a JSON body each way.

use std::{pin::Pin, sync::Arc, time::Duration};

use arrow_flight::{
    Action, ActionType, Criteria, Empty, FlightData, FlightDescriptor, FlightInfo, HandshakeRequest,
    HandshakeResponse, PollInfo, PutResult, Result as FlightResult, SchemaResult, Ticket,
    flight_service_client::FlightServiceClient, flight_service_server::FlightService,
};
use async_trait::async_trait;
use futures::{Stream, StreamExt};
use protocol::{Error, Result};
use serde::{Serialize, de::DeserializeOwned};
use tonic::{Request, Response, Status, Streaming, transport::Channel};

/// Answers actions.
#[async_trait]
pub trait ActionHandler: Send + Sync + 'static {
    /// The answer to an action of type `kind`; `None` if there is no such type.
    async fn handle(&self, kind: &str, body: &[u8]) -> Option<Result<Vec<u8>>>;
}

/// Serves an [`ActionHandler`], and nothing else of the Flight protocol.
#[derive(Debug)]
pub struct ActionService<H> {
    handler: Arc<H>,
}

impl<H: ActionHandler> ActionService<H> {
    pub fn new(handler: Arc<H>) -> Self {
        Self { handler }
    }
}

/// Sends `request` and waits for the answer, at most `patience`.
///
/// Errors: the other side's own, or a retryable one if it does not answer.
pub async fn call_action<Q: Serialize, A: DeserializeOwned>(
    channel: Channel,
    kind: &str,
    request: &Q,
    patience: Duration,
) -> Result<A> {
    let body = serde_json::to_vec(request)
        .map_err(|error| Error::internal(format!("{kind} cannot be encoded: {error}")))?;
    let call = async {
        let action = Action { r#type: kind.to_owned(), body: body.into() };
        let mut answers = FlightServiceClient::new(channel).do_action(action).await?.into_inner();
        answers.message().await
    };
    let answer = match tokio::time::timeout(patience, call).await {
        Ok(Ok(Some(answer))) => answer,
        Ok(Ok(None)) => return Err(unanswered(kind, "an empty answer")),
        Ok(Err(status)) => {
            let typed = Error::from_envelope(status.message());
            return Err(typed.unwrap_or_else(|| unanswered(kind, status.message())));
        }
        Err(_) => return Err(unanswered(kind, "no answer in time")),
    };
    serde_json::from_slice(&answer.body)
        .map_err(|error| Error::internal(format!("{kind}: the answer cannot be decoded: {error}")))
}

fn unanswered(kind: &str, why: &str) -> Error {
    Error::new(protocol::ErrorCode::WorkerLost, format!("{kind}: {why}")).retryable()
}

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

fn not_served<T>(what: &str) -> Result<Response<T>, Status> {
    Err(Status::unimplemented(format!("{what} is not served here")))
}

#[tonic::async_trait]
impl<H: ActionHandler> FlightService for ActionService<H> {
    type HandshakeStream = Answers<HandshakeResponse>;
    type ListFlightsStream = Answers<FlightInfo>;
    type DoGetStream = Answers<FlightData>;
    type DoPutStream = Answers<PutResult>;
    type DoActionStream = Answers<FlightResult>;
    type ListActionsStream = Answers<ActionType>;
    type DoExchangeStream = Answers<FlightData>;

    async fn do_action(&self, request: Request<Action>) -> Result<Response<Self::DoActionStream>, Status> {
        let action = request.into_inner();
        match self.handler.handle(&action.r#type, &action.body).await {
            None => not_served(&action.r#type),
            Some(Err(error)) => Err(Status::internal(error.to_envelope())),
            Some(Ok(body)) => {
                let answer = Ok(FlightResult { body: body.into() });
                Ok(Response::new(futures::stream::once(async { answer }).boxed()))
            }
        }
    }

    async fn handshake(
        &self,
        _: Request<Streaming<HandshakeRequest>>,
    ) -> Result<Response<Self::HandshakeStream>, Status> {
        not_served("Handshake")
    }

    async fn list_flights(&self, _: Request<Criteria>) -> Result<Response<Self::ListFlightsStream>, Status> {
        not_served("ListFlights")
    }

    async fn get_flight_info(&self, _: Request<FlightDescriptor>) -> Result<Response<FlightInfo>, Status> {
        not_served("GetFlightInfo")
    }

    async fn poll_flight_info(&self, _: Request<FlightDescriptor>) -> Result<Response<PollInfo>, Status> {
        not_served("PollFlightInfo")
    }

    async fn get_schema(&self, _: Request<FlightDescriptor>) -> Result<Response<SchemaResult>, Status> {
        not_served("GetSchema")
    }

    async fn do_get(&self, _: Request<Ticket>) -> Result<Response<Self::DoGetStream>, Status> {
        not_served("DoGet")
    }

    async fn do_put(&self, _: Request<Streaming<FlightData>>) -> Result<Response<Self::DoPutStream>, Status> {
        not_served("DoPut")
    }

    async fn list_actions(&self, _: Request<Empty>) -> Result<Response<Self::ListActionsStream>, Status> {
        not_served("ListActions")
    }

    async fn do_exchange(
        &self,
        _: Request<Streaming<FlightData>>,
    ) -> Result<Response<Self::DoExchangeStream>, Status> {
        not_served("DoExchange")
    }
}

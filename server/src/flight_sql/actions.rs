//! Flight's own actions, which arrow-flight leaves to the server: cancelling and sessions.

use arrow_flight::{
    Action, ActionType, CancelFlightInfoRequest, CancelFlightInfoResult, CancelStatus, FlightInfo,
    sql::{ActionCancelQueryRequest, ActionCancelQueryResult, Any, TicketStatementQuery},
};
use prost::Message;
use protocol::QueryId;
use tonic::{Request, Response, Status};

use super::{
    malformed,
    service::{ActionStream, FlightSql, action_results},
    session, statement,
};

const CANCEL_FLIGHT_INFO: &str = "CancelFlightInfo";

/// The actions beyond those of Flight SQL.
pub(super) fn offered() -> Vec<ActionType> {
    let actions = [
        (CANCEL_FLIGHT_INFO, "Cancels a query, whether its result waits or is being sent."),
        (session::SET_SESSION_OPTIONS, "Sets the current catalog and schema."),
        (session::GET_SESSION_OPTIONS, "Returns the current catalog and schema."),
        (session::CLOSE_SESSION, "Forgets the current catalog and schema."),
    ];
    let described = |(name, description): (&str, &str)| ActionType {
        r#type: name.to_owned(),
        description: description.to_owned(),
    };
    actions.map(described).into()
}

/// Answers one of [`offered`].
pub(super) async fn answer(
    door: &FlightSql,
    request: Request<Action>,
) -> Result<Response<ActionStream>, Status> {
    let (headers, _, action) = request.into_parts();
    match action.r#type.as_str() {
        CANCEL_FLIGHT_INFO => cancel_flight_info(door, action),
        session::SET_SESSION_OPTIONS => session::set_options(door, &headers, action).await,
        session::GET_SESSION_OPTIONS => session::get_options(&headers),
        session::CLOSE_SESSION => session::close(),
        other => Err(Status::unimplemented(format!("no action \"{other}\""))),
    }
}

/// Answers Flight SQL's older form of `CancelFlightInfo`.
pub(super) fn cancel_query(
    door: &FlightSql,
    request: ActionCancelQueryRequest,
) -> Result<ActionCancelQueryResult, Status> {
    let info = FlightInfo::decode(request.info).map_err(malformed)?;
    // Both actions number their results alike.
    let result = cancel(door, &info)? as i32;
    Ok(ActionCancelQueryResult { result })
}

fn cancel_flight_info(door: &FlightSql, action: Action) -> Result<Response<ActionStream>, Status> {
    let request = CancelFlightInfoRequest::decode(action.body).map_err(malformed)?;
    let info = request.info.ok_or_else(|| Status::invalid_argument("the request names no FlightInfo"))?;
    let result = CancelFlightInfoResult::new(cancel(door, &info)?);
    Ok(action_results([result.encode_to_vec()]))
}

/// Cancels the query behind `info`: dropped where it waits, ended where it is being sent.
fn cancel(door: &FlightSql, info: &FlightInfo) -> Result<CancelStatus, Status> {
    let query_id = query_of(info)?;
    if door.pending.discard(query_id) || door.deliveries.cancel(query_id) {
        return Ok(CancelStatus::Cancelled);
    }
    Err(Status::not_found(format!("query {query_id} is not running: it has ended, or is not of this server")))
}

/// The query whose ticket is in `info`.
fn query_of(info: &FlightInfo) -> Result<QueryId, Status> {
    let foreign = || Status::invalid_argument("the FlightInfo has no ticket of a query");
    let ticket = info.endpoint.first().and_then(|endpoint| endpoint.ticket.as_ref()).ok_or_else(foreign)?;
    let any = Any::decode(ticket.ticket.clone()).map_err(malformed)?;
    let command: Option<TicketStatementQuery> = any.unpack().map_err(|_| foreign())?;
    statement::query_id_of(&command.ok_or_else(foreign)?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use arrow_flight::{
        FlightEndpoint, Ticket,
        sql::{CommandGetCatalogs, ProstMessageExt},
    };
    use tonic::Code;

    use super::*;

    fn info_with(ticket: Vec<u8>) -> FlightInfo {
        FlightInfo::new().with_endpoint(FlightEndpoint::new().with_ticket(Ticket::new(ticket)))
    }

    #[test]
    fn the_query_is_found_in_the_ticket() {
        let query_id = QueryId::generate();
        let ticket = TicketStatementQuery { statement_handle: query_id.to_string().into() };
        assert_eq!(query_of(&info_with(ticket.as_any().encode_to_vec())).unwrap(), query_id);
    }

    #[test]
    fn other_infos_are_refused() {
        let metadata = CommandGetCatalogs {}.as_any().encode_to_vec();
        for info in [FlightInfo::new(), info_with(vec![]), info_with(vec![0xff]), info_with(metadata)] {
            assert_eq!(query_of(&info).unwrap_err().code(), Code::InvalidArgument, "{info}");
        }
    }
}

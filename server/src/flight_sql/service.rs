//! The Flight SQL service: one method per command, each handing on to the module that answers it.
//!
//! What the protocol offers and is not here (Substrait, transactions, savepoints, bulk ingestion) is
//! answered `UNIMPLEMENTED` by the trait's defaults, as the SQL info announces.

use std::{pin::Pin, sync::Arc};

use arrow::datatypes::SchemaRef;
use arrow_flight::{
    Action, ActionType, FlightData, FlightDescriptor, FlightInfo, HandshakeRequest, Ticket,
    sql::{
        ActionCancelQueryRequest, ActionCancelQueryResult, ActionClosePreparedStatementRequest,
        ActionCreatePreparedStatementRequest, ActionCreatePreparedStatementResult, Command,
        CommandGetCatalogs, CommandGetCrossReference, CommandGetDbSchemas, CommandGetExportedKeys,
        CommandGetImportedKeys, CommandGetPrimaryKeys, CommandGetSqlInfo, CommandGetTableTypes,
        CommandGetTables, CommandGetXdbcTypeInfo, CommandPreparedStatementQuery,
        CommandPreparedStatementUpdate, CommandStatementQuery, CommandStatementUpdate,
        DoPutPreparedStatementResult, SqlInfo, TicketStatementQuery,
        metadata::{GetCatalogsBuilder, SqlInfoData, XdbcTypeInfoData},
        server::{FlightSqlService, PeekableFlightDataStream},
    },
};
use coordinator::{Coordinator, Query};
use futures::{Stream, stream};
use tonic::{Request, Response, Status, Streaming};

use super::{
    actions, auth,
    caller::Caller,
    cancel::Deliveries,
    metadata,
    pending::Pending,
    prepared::{self, PreparedStatements},
    sql_info,
    statement::{self, Waiting},
    xdbc_types,
};

/// What DoGet answers with.
pub(super) type DataStream = Pin<Box<dyn Stream<Item = Result<FlightData, Status>> + Send>>;
/// What DoAction answers with.
pub(super) type ActionStream = Pin<Box<dyn Stream<Item = Result<arrow_flight::Result, Status>> + Send>>;

/// The state behind the door; lives as long as the process serves.
pub(super) struct FlightSql {
    pub(super) coordinator: Arc<Coordinator>,
    pub(super) pending: Pending<Waiting>,
    pub(super) prepared: PreparedStatements<Query>,
    pub(super) deliveries: Arc<Deliveries>,
    sql_info: SqlInfoData,
    xdbc_types: XdbcTypeInfoData,
}

impl FlightSql {
    pub(super) fn new(coordinator: Arc<Coordinator>) -> Result<Self, Status> {
        Ok(Self {
            coordinator,
            pending: Pending::new(),
            prepared: PreparedStatements::new(),
            deliveries: Arc::new(Deliveries::default()),
            sql_info: sql_info::all()?,
            xdbc_types: xdbc_types::all()?,
        })
    }
}

/// The answer to an action: one result per message.
pub(super) fn action_results(
    messages: impl IntoIterator<Item = Vec<u8>, IntoIter: Send + 'static>,
) -> Response<ActionStream> {
    let results = messages.into_iter().map(|body| Ok(arrow_flight::Result::new(body)));
    Response::new(Box::pin(stream::iter(results)))
}

type Info = Result<Response<FlightInfo>, Status>;
type Data = Result<Response<DataStream>, Status>;

#[tonic::async_trait]
impl FlightSqlService for FlightSql {
    type FlightService = Self;

    async fn do_handshake(
        &self,
        request: Request<Streaming<HandshakeRequest>>,
    ) -> Result<Response<auth::HandshakeStream>, Status> {
        auth::handshake(request).await
    }

    async fn get_flight_info_statement(
        &self,
        query: CommandStatementQuery,
        request: Request<FlightDescriptor>,
    ) -> Info {
        let caller = Caller::of(request.metadata())?;
        self.pending.check_room()?;
        let planned = statement::submit(self, caller, query.query).await?;
        let info = statement::flight_info(self, planned, request.into_inner()).await?;
        Ok(Response::new(info))
    }

    async fn get_flight_info_prepared_statement(
        &self,
        query: CommandPreparedStatementQuery,
        request: Request<FlightDescriptor>,
    ) -> Info {
        Caller::of(request.metadata())?;
        let info = prepared::flight_info(self, &query, request.into_inner()).await?;
        Ok(Response::new(info))
    }

    async fn do_get_statement(&self, ticket: TicketStatementQuery, request: Request<Ticket>) -> Data {
        Caller::of(request.metadata())?;
        statement::fetch(self, &ticket)
    }

    async fn do_get_prepared_statement(
        &self,
        query: CommandPreparedStatementQuery,
        request: Request<Ticket>,
    ) -> Data {
        Caller::of(request.metadata())?;
        prepared::fetch(self, &query).await
    }

    async fn do_put_statement_update(
        &self,
        command: CommandStatementUpdate,
        request: Request<PeekableFlightDataStream>,
    ) -> Result<i64, Status> {
        let caller = Caller::of(request.metadata())?;
        let query = statement::submit(self, caller, command.query).await?;
        statement::execute(self, query).await
    }

    async fn do_put_prepared_statement_query(
        &self,
        query: CommandPreparedStatementQuery,
        request: Request<PeekableFlightDataStream>,
    ) -> Result<DoPutPreparedStatementResult, Status> {
        Caller::of(request.metadata())?;
        prepared::bind(self, query.prepared_statement_handle, request.into_inner()).await
    }

    async fn do_put_prepared_statement_update(
        &self,
        query: CommandPreparedStatementUpdate,
        request: Request<PeekableFlightDataStream>,
    ) -> Result<i64, Status> {
        Caller::of(request.metadata())?;
        prepared::execute(self, &query.prepared_statement_handle, request.into_inner()).await
    }

    async fn do_action_create_prepared_statement(
        &self,
        query: ActionCreatePreparedStatementRequest,
        request: Request<Action>,
    ) -> Result<ActionCreatePreparedStatementResult, Status> {
        let caller = Caller::of(request.metadata())?;
        prepared::create(self, caller, query.query).await
    }

    async fn do_action_close_prepared_statement(
        &self,
        query: ActionClosePreparedStatementRequest,
        request: Request<Action>,
    ) -> Result<(), Status> {
        Caller::of(request.metadata())?;
        self.prepared.close(&query.prepared_statement_handle);
        Ok(())
    }

    async fn do_action_cancel_query(
        &self,
        query: ActionCancelQueryRequest,
        request: Request<Action>,
    ) -> Result<ActionCancelQueryResult, Status> {
        Caller::of(request.metadata())?;
        actions::cancel_query(self, query)
    }

    async fn do_action_fallback(&self, request: Request<Action>) -> Result<Response<ActionStream>, Status> {
        Caller::of(request.metadata())?;
        actions::answer(self, request).await
    }

    async fn list_custom_actions(&self) -> Option<Vec<Result<ActionType, Status>>> {
        Some(actions::offered().into_iter().map(Ok).collect())
    }

    async fn get_flight_info_catalogs(
        &self,
        query: CommandGetCatalogs,
        request: Request<FlightDescriptor>,
    ) -> Info {
        self.metadata_info(Command::CommandGetCatalogs(query), request)
    }

    async fn get_flight_info_schemas(
        &self,
        query: CommandGetDbSchemas,
        request: Request<FlightDescriptor>,
    ) -> Info {
        self.metadata_info(Command::CommandGetDbSchemas(query), request)
    }

    async fn get_flight_info_tables(
        &self,
        query: CommandGetTables,
        request: Request<FlightDescriptor>,
    ) -> Info {
        self.metadata_info(Command::CommandGetTables(query), request)
    }

    async fn get_flight_info_table_types(
        &self,
        query: CommandGetTableTypes,
        request: Request<FlightDescriptor>,
    ) -> Info {
        self.metadata_info(Command::CommandGetTableTypes(query), request)
    }

    async fn get_flight_info_sql_info(
        &self,
        query: CommandGetSqlInfo,
        request: Request<FlightDescriptor>,
    ) -> Info {
        self.metadata_info(Command::CommandGetSqlInfo(query), request)
    }

    async fn get_flight_info_xdbc_type_info(
        &self,
        query: CommandGetXdbcTypeInfo,
        request: Request<FlightDescriptor>,
    ) -> Info {
        self.metadata_info(Command::CommandGetXdbcTypeInfo(query), request)
    }

    async fn get_flight_info_primary_keys(
        &self,
        query: CommandGetPrimaryKeys,
        request: Request<FlightDescriptor>,
    ) -> Info {
        self.metadata_info(Command::CommandGetPrimaryKeys(query), request)
    }

    async fn get_flight_info_exported_keys(
        &self,
        query: CommandGetExportedKeys,
        request: Request<FlightDescriptor>,
    ) -> Info {
        self.metadata_info(Command::CommandGetExportedKeys(query), request)
    }

    async fn get_flight_info_imported_keys(
        &self,
        query: CommandGetImportedKeys,
        request: Request<FlightDescriptor>,
    ) -> Info {
        self.metadata_info(Command::CommandGetImportedKeys(query), request)
    }

    async fn get_flight_info_cross_reference(
        &self,
        query: CommandGetCrossReference,
        request: Request<FlightDescriptor>,
    ) -> Info {
        self.metadata_info(Command::CommandGetCrossReference(query), request)
    }

    async fn do_get_catalogs(&self, _query: CommandGetCatalogs, request: Request<Ticket>) -> Data {
        Caller::of(request.metadata())?;
        Ok(metadata::stream_batch(metadata::catalogs()?))
    }

    async fn do_get_schemas(&self, query: CommandGetDbSchemas, request: Request<Ticket>) -> Data {
        Caller::of(request.metadata())?;
        Ok(metadata::stream_batch(metadata::db_schemas(self, query).await?))
    }

    async fn do_get_tables(&self, query: CommandGetTables, request: Request<Ticket>) -> Data {
        Caller::of(request.metadata())?;
        Ok(metadata::stream_batch(metadata::tables(self, query).await?))
    }

    async fn do_get_table_types(&self, _query: CommandGetTableTypes, request: Request<Ticket>) -> Data {
        Caller::of(request.metadata())?;
        Ok(metadata::stream_batch(metadata::table_types()?))
    }

    async fn do_get_sql_info(&self, query: CommandGetSqlInfo, request: Request<Ticket>) -> Data {
        Caller::of(request.metadata())?;
        Ok(metadata::stream_batch(sql_info::selected(&self.sql_info, query)?))
    }

    async fn do_get_xdbc_type_info(&self, query: CommandGetXdbcTypeInfo, request: Request<Ticket>) -> Data {
        Caller::of(request.metadata())?;
        Ok(metadata::stream_batch(xdbc_types::selected(&self.xdbc_types, query)?))
    }

    async fn do_get_primary_keys(&self, _query: CommandGetPrimaryKeys, request: Request<Ticket>) -> Data {
        Caller::of(request.metadata())?;
        Ok(metadata::stream_batch(metadata::no_primary_keys()))
    }

    async fn do_get_exported_keys(&self, _query: CommandGetExportedKeys, request: Request<Ticket>) -> Data {
        Caller::of(request.metadata())?;
        Ok(metadata::stream_batch(metadata::no_foreign_keys()))
    }

    async fn do_get_imported_keys(&self, _query: CommandGetImportedKeys, request: Request<Ticket>) -> Data {
        Caller::of(request.metadata())?;
        Ok(metadata::stream_batch(metadata::no_foreign_keys()))
    }

    async fn do_get_cross_reference(
        &self,
        _query: CommandGetCrossReference,
        request: Request<Ticket>,
    ) -> Data {
        Caller::of(request.metadata())?;
        Ok(metadata::stream_batch(metadata::no_foreign_keys()))
    }

    /// The infos are fixed; nothing registers more.
    async fn register_sql_info(&self, _id: i32, _result: &SqlInfo) {}
}

impl FlightSql {
    /// The schema of the answer to a metadata command; none for other commands.
    pub(super) fn metadata_schema(&self, command: &Command) -> Option<SchemaRef> {
        Some(match command {
            Command::CommandGetCatalogs(_) => GetCatalogsBuilder::new().schema(),
            Command::CommandGetDbSchemas(query) => query.clone().into_builder().schema(),
            Command::CommandGetTables(query) => query.clone().into_builder().schema(),
            Command::CommandGetTableTypes(query) => query.into_builder().schema(),
            Command::CommandGetSqlInfo(_) => self.sql_info.schema(),
            Command::CommandGetXdbcTypeInfo(_) => self.xdbc_types.schema(),
            Command::CommandGetPrimaryKeys(_) => metadata::primary_keys_schema(),
            Command::CommandGetExportedKeys(_)
            | Command::CommandGetImportedKeys(_)
            | Command::CommandGetCrossReference(_) => metadata::foreign_keys_schema(),
            _ => return None,
        })
    }

    fn metadata_info(&self, command: Command, request: Request<FlightDescriptor>) -> Info {
        Caller::of(request.metadata())?;
        let schema = self
            .metadata_schema(&command)
            .ok_or_else(|| Status::internal("a metadata command without a schema"))?;
        let info = metadata::flight_info(command, &schema, request.into_inner())?;
        Ok(Response::new(info))
    }
}

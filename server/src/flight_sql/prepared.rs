//! Prepared statements, without parameters.
//!
//! JDBC and Python's ADBC prepare every statement, and creating one must tell the result's schema. So
//! creation plans the statement and keeps that query for the first execution: prepare and execute are
//! one query in the log. The kept plan is used only while it is fresh; a statement executed later, or
//! after a write, must see the tables as they are then.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use arrow::datatypes::Schema;
use arrow_flight::{
    FlightData, FlightDescriptor, FlightInfo,
    decode::FlightRecordBatchStream,
    error::FlightError,
    sql::{ActionCreatePreparedStatementResult, CommandPreparedStatementQuery, DoPutPreparedStatementResult},
};
use bytes::Bytes;
use coordinator::Query;
use futures::{Stream, StreamExt, TryStreamExt};
use parking_lot::Mutex;
use protocol::{Error, ErrorCode};
use tonic::{Response, Status};
use uuid::Uuid;

use super::{
    caller::Caller,
    service::{DataStream, FlightSql},
    statement,
};
use crate::status::to_status;

/// Most statements prepared at one time.
const PREPARED_STATEMENTS_MAX: usize = 1_000;

/// How long a statement stays prepared without being used. Announced in the SQL info.
pub(super) const PREPARED_STATEMENT_IDLE_MAX: Duration = Duration::from_secs(30 * 60);

/// How long the plan made at creation serves the first execution: drivers execute within one round
/// trip, and files may change at any time.
const FIRST_PLAN_AGE_MAX: Duration = Duration::from_secs(2);

/// Most messages read from a client that sends parameters.
const PARAMETER_MESSAGES_MAX: usize = 64;

/// The prepared statements of one process; `Q` is a planned query.
#[derive(Debug)]
pub(super) struct PreparedStatements<Q> {
    statements: Mutex<HashMap<Bytes, Prepared<Q>>>,
    /// How many writes have ended in this process; a plan made before one may be stale.
    writes: AtomicU64,
}

#[derive(Debug)]
struct Prepared<Q> {
    sql: String,
    caller: Caller,
    schema: Schema,
    first: Option<FirstPlan<Q>>,
    used_at: Instant,
}

#[derive(Debug)]
struct FirstPlan<Q> {
    query: Q,
    planned_at: Instant,
    writes: u64,
}

/// What is needed to execute a prepared statement.
#[derive(Debug)]
pub(super) struct Execution<Q> {
    sql: String,
    /// The plan made at creation, if it still serves.
    first: Option<Q>,
}

impl<Q> PreparedStatements<Q> {
    pub(super) fn new() -> Self {
        Self { statements: Mutex::new(HashMap::new()), writes: AtomicU64::new(0) }
    }

    /// Tells that a statement has changed something.
    pub(super) fn note_write(&self) {
        self.writes.fetch_add(1, Ordering::SeqCst);
    }

    /// The number of writes to pass to [`Self::insert`]; taken before planning.
    pub(super) fn writes(&self) -> u64 {
        self.writes.load(Ordering::SeqCst)
    }

    /// Fails when nothing more may be prepared. Asked before planning.
    fn check_room(&self) -> Result<(), Status> {
        if self.statements.lock().len() < PREPARED_STATEMENTS_MAX {
            return Ok(());
        }
        let text = format!("{PREPARED_STATEMENTS_MAX} statements are prepared, which is the limit");
        let error = Error::new(ErrorCode::MemoryLimitExceeded, text)
            .with_hint("close prepared statements after use")
            .retryable();
        Err(to_status(&error))
    }

    fn insert(&self, prepared: Prepared<Q>) -> Result<Bytes, Status> {
        // Random, so that one client cannot guess another's handle.
        let handle = Bytes::from(Uuid::new_v4().to_string());
        self.check_room()?;
        self.statements.lock().insert(handle.clone(), prepared);
        Ok(handle)
    }

    /// Starts an execution of `handle` and counts as a use.
    fn execution(&self, handle: &Bytes, now: Instant) -> Result<Execution<Q>, Status> {
        let writes = self.writes();
        let (sql, first) = {
            let mut statements = self.statements.lock();
            let prepared = statements.get_mut(handle).ok_or_else(unknown_handle)?;
            prepared.used_at = now;
            (prepared.sql.clone(), prepared.first.take())
        };
        let first = first.filter(|first| first.serves(writes, now)).map(|first| first.query);
        Ok(Execution { sql, first })
    }

    /// The schema told at creation.
    pub(super) fn schema(&self, handle: &Bytes) -> Result<Schema, Status> {
        let statements = self.statements.lock();
        let prepared = statements.get(handle).ok_or_else(unknown_handle)?;
        Ok(prepared.schema.clone())
    }

    /// Who prepared `handle`; other calls on it may carry less, for example no session cookie.
    fn caller(&self, handle: &Bytes) -> Result<Caller, Status> {
        let statements = self.statements.lock();
        let prepared = statements.get(handle).ok_or_else(unknown_handle)?;
        Ok(prepared.caller.clone())
    }

    /// Forgets `handle`. Closing twice is no error: clients close in destructors.
    pub(super) fn close(&self, handle: &Bytes) {
        let closed = self.statements.lock().remove(handle);
        drop(closed);
    }

    /// Drops plans too old to serve and statements too long unused.
    pub(super) fn expire(&self, now: Instant) {
        let mut stale_plans = Vec::new();
        let idle: Vec<_> = {
            let mut statements = self.statements.lock();
            let is_idle = |_: &Bytes, prepared: &mut Prepared<Q>| {
                now.saturating_duration_since(prepared.used_at) >= PREPARED_STATEMENT_IDLE_MAX
            };
            let idle = statements.extract_if(is_idle).collect();
            let writes = self.writes();
            for prepared in statements.values_mut() {
                stale_plans.extend(prepared.first.take_if(|first| !first.serves(writes, now)));
            }
            idle
        };
        // Ending queries may take time, so they are dropped without the lock.
        drop((stale_plans, idle));
    }

    /// Drops everything.
    pub(super) fn clear(&self) {
        let dropped = std::mem::take(&mut *self.statements.lock());
        drop(dropped);
    }
}

impl<Q> FirstPlan<Q> {
    fn serves(&self, writes: u64, now: Instant) -> bool {
        self.writes == writes && now.saturating_duration_since(self.planned_at) <= FIRST_PLAN_AGE_MAX
    }
}

/// Answers CreatePreparedStatement.
pub(super) async fn create(
    door: &FlightSql,
    caller: Caller,
    sql: String,
) -> Result<ActionCreatePreparedStatementResult, Status> {
    door.prepared.check_room()?;
    let writes = door.prepared.writes();
    let query = statement::submit(door, caller.clone(), sql.clone()).await?;
    let schema = statement::result_schema(&query);
    let dataset_schema = statement::schema_message(&schema)?;
    let now = Instant::now();
    let first = Some(FirstPlan { query, planned_at: now, writes });
    let handle = door.prepared.insert(Prepared { sql, caller, schema, first, used_at: now })?;
    Ok(ActionCreatePreparedStatementResult {
        prepared_statement_handle: handle,
        dataset_schema,
        parameter_schema: statement::schema_message(&Schema::empty())?,
    })
}

/// Answers GetFlightInfo for a prepared statement: as for a statement, its ticket is the query's.
pub(super) async fn flight_info(
    door: &FlightSql,
    command: &CommandPreparedStatementQuery,
    descriptor: FlightDescriptor,
) -> Result<FlightInfo, Status> {
    door.pending.check_room()?;
    let query = plan(door, &command.prepared_statement_handle).await?;
    statement::flight_info(door, query, descriptor).await
}

/// Answers DoGet with the handle itself as ticket, which some clients use without GetFlightInfo.
pub(super) async fn fetch(
    door: &FlightSql,
    command: &CommandPreparedStatementQuery,
) -> Result<Response<DataStream>, Status> {
    let query = plan(door, &command.prepared_statement_handle).await?;
    if query.returns_rows() {
        return Ok(statement::stream_query(door, query));
    }
    let query_id = query.id();
    statement::execute(door, query).await?;
    Ok(statement::empty_result(query_id))
}

/// Answers DoPut of an update.
pub(super) async fn execute<S>(door: &FlightSql, handle: &Bytes, parameters: S) -> Result<i64, Status>
where
    S: Stream<Item = Result<FlightData, Status>> + Send + 'static,
{
    refuse_parameters(parameters).await?;
    let query = plan(door, handle).await?;
    statement::execute(door, query).await
}

/// Answers DoPut of parameters: none is fine, and the handle stays as it is.
pub(super) async fn bind<S>(
    door: &FlightSql,
    handle: Bytes,
    parameters: S,
) -> Result<DoPutPreparedStatementResult, Status>
where
    S: Stream<Item = Result<FlightData, Status>> + Send + 'static,
{
    door.prepared.schema(&handle)?;
    refuse_parameters(parameters).await?;
    Ok(DoPutPreparedStatementResult { prepared_statement_handle: Some(handle) })
}

async fn plan(door: &FlightSql, handle: &Bytes) -> Result<Query, Status> {
    let execution = door.prepared.execution(handle, Instant::now())?;
    match execution.first {
        Some(query) => Ok(query),
        None => {
            let caller = door.prepared.caller(handle)?;
            statement::submit(door, caller, execution.sql).await
        }
    }
}

/// Reads what a client binds and refuses any value. Messages without content are skipped: the first
/// one may carry the command alone.
async fn refuse_parameters<S>(messages: S) -> Result<(), Status>
where
    S: Stream<Item = Result<FlightData, Status>> + Send + 'static,
{
    let with_content = messages
        .take(PARAMETER_MESSAGES_MAX)
        .try_filter(|message| std::future::ready(!message.data_header.is_empty()))
        .map_err(FlightError::from);
    let mut batches = FlightRecordBatchStream::new_from_flight_data(with_content);
    while let Some(batch) = batches.next().await {
        let batch = batch.map_err(|error| match error {
            FlightError::Tonic(status) => *status,
            other => Status::invalid_argument(format!("the parameters cannot be read: {other}")),
        })?;
        if batch.num_rows() > 0 && batch.num_columns() > 0 {
            return Err(to_status(&parameters_not_supported()));
        }
    }
    Ok(())
}

fn parameters_not_supported() -> Error {
    Error::new(ErrorCode::NotSupported, "prepared statements take no parameters over Flight SQL")
        .with_hint("write the values into the statement")
}

fn unknown_handle() -> Status {
    Status::not_found(format!(
        "no such prepared statement: it was closed, not used for {} minutes, or not prepared by this \
         server; prepare it again",
        PREPARED_STATEMENT_IDLE_MAX.as_secs() / 60
    ))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::sync::Arc;

    use arrow::{
        array::{Int64Array, RecordBatch},
        datatypes::{DataType, Field},
    };
    use arrow_flight::encode::FlightDataEncoderBuilder;
    use futures::stream;
    use tonic::{Code, metadata::MetadataMap};

    use super::*;

    fn insert(statements: &PreparedStatements<&'static str>, now: Instant) -> Bytes {
        let prepared = Prepared {
            sql: "SELECT 1".to_owned(),
            caller: Caller::of(&MetadataMap::new()).unwrap(),
            schema: Schema::empty(),
            first: Some(FirstPlan { query: "plan", planned_at: now, writes: statements.writes() }),
            used_at: now,
        };
        statements.insert(prepared).unwrap()
    }

    #[test]
    fn the_first_plan_serves_once() {
        let statements = PreparedStatements::new();
        let now = Instant::now();
        let handle = insert(&statements, now);
        assert_eq!(statements.execution(&handle, now).unwrap().first, Some("plan"));
        let second = statements.execution(&handle, now).unwrap();
        assert_eq!((second.first, second.sql.as_str()), (None, "SELECT 1"));
    }

    #[test]
    fn a_stale_plan_does_not_serve() {
        let statements = PreparedStatements::new();
        let now = Instant::now();
        let late = now + FIRST_PLAN_AGE_MAX + Duration::from_millis(1);
        let aged = insert(&statements, now);
        assert_eq!(statements.execution(&aged, late).unwrap().first, None);
        let overtaken = insert(&statements, now);
        statements.note_write();
        assert_eq!(statements.execution(&overtaken, now).unwrap().first, None);
    }

    #[test]
    fn closed_and_idle_statements_are_gone() {
        let statements = PreparedStatements::new();
        let now = Instant::now();
        let (closed, idle, used) =
            (insert(&statements, now), insert(&statements, now), insert(&statements, now));
        statements.close(&closed);
        statements.close(&closed);
        let half = now + PREPARED_STATEMENT_IDLE_MAX / 2;
        statements.execution(&used, half).unwrap();
        statements.expire(now + PREPARED_STATEMENT_IDLE_MAX);
        assert_eq!(statements.schema(&closed).unwrap_err().code(), Code::NotFound);
        assert_eq!(statements.schema(&idle).unwrap_err().code(), Code::NotFound);
        assert!(statements.schema(&used).is_ok());
    }

    #[test]
    fn expiry_drops_stale_plans_but_keeps_their_statements() {
        let statements = PreparedStatements::new();
        let now = Instant::now();
        let handle = insert(&statements, now);
        statements.expire(now + FIRST_PLAN_AGE_MAX * 2);
        assert!(statements.statements.lock()[&handle].first.is_none());
        assert!(statements.execution(&handle, now).is_ok());
    }

    #[test]
    fn prepared_statements_are_bounded() {
        let statements = PreparedStatements::new();
        for _ in 0..PREPARED_STATEMENTS_MAX {
            insert(&statements, Instant::now());
        }
        assert_eq!(statements.check_room().unwrap_err().code(), Code::ResourceExhausted);
    }

    async fn check_parameters(batches: Vec<RecordBatch>, expected: Result<(), Code>) {
        let command_only = FlightData::new();
        let encoded = FlightDataEncoderBuilder::new()
            .build(stream::iter(batches.into_iter().map(Ok)))
            .map_err(Status::from);
        let messages = stream::iter([Ok(command_only)]).chain(encoded);
        let answer = refuse_parameters(messages).await.map_err(|status| status.code());
        assert_eq!(answer, expected);
    }

    #[tokio::test]
    async fn only_empty_parameters_are_taken() {
        let schema = Arc::new(Schema::new(vec![Field::new("1", DataType::Int64, true)]));
        let value =
            RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(Int64Array::from(vec![7]))]).unwrap();
        check_parameters(vec![], Ok(())).await;
        check_parameters(vec![RecordBatch::new_empty(Arc::new(Schema::empty()))], Ok(())).await;
        check_parameters(vec![RecordBatch::new_empty(schema)], Ok(())).await;
        check_parameters(vec![value], Err(Code::Unimplemented)).await;
    }
}

//! A planned query and the stream of its rows.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use arrow::{
    array::RecordBatch,
    datatypes::{Schema, SchemaRef},
};
use datafusion::{
    execution::{SendableRecordBatchStream, TaskContext},
    physical_plan::{ExecutionPlan, execute_stream},
};
use futures::{Stream, StreamExt, TryStreamExt, stream::BoxStream};
use protocol::{QueryId, Result};
use sql::analyze::Column;

use super::state::{Planned, Running};
use crate::ddl;

/// What is left to do once a query is planned.
#[derive(Debug)]
pub(crate) enum Work {
    /// Run a plan.
    Rows { schema: SchemaRef, plan: Arc<dyn ExecutionPlan>, task: Arc<TaskContext> },
    /// Hand out what is already known.
    Batch { schema: SchemaRef, batch: RecordBatch },
    /// Change or show the catalog.
    Ddl { schema: SchemaRef, statement: Box<sql::Statement> },
    /// Keep a view whose query has these columns.
    CreateView { schema: SchemaRef, view: Box<sql::CreateView>, columns: Vec<(String, String)> },
}

impl Work {
    /// A view with the columns of its query; one without a name has an empty one.
    pub(crate) fn create_view(view: Box<sql::CreateView>, columns: Vec<Column>) -> Self {
        let columns = columns.into_iter().map(|column| (column.name, column.data_type.to_string())).collect();
        Self::CreateView { schema: Arc::new(Schema::empty()), view, columns }
    }

    fn schema(&self) -> &SchemaRef {
        match self {
            Work::Rows { schema, .. }
            | Work::Batch { schema, .. }
            | Work::Ddl { schema, .. }
            | Work::CreateView { schema, .. } => schema,
        }
    }
}

/// Planned and not yet run. Dropping it cancels it.
#[derive(Debug)]
pub struct Query {
    planned: Planned,
    work: Work,
}

impl Query {
    pub(crate) fn new(planned: Planned, work: Work) -> Self {
        Self { planned, work }
    }

    pub fn id(&self) -> QueryId {
        self.planned.id()
    }

    pub fn schema(&self) -> SchemaRef {
        Arc::clone(self.work.schema())
    }

    /// False for statements that only change something.
    pub fn returns_rows(&self) -> bool {
        !self.schema().fields().is_empty()
    }

    /// Starts the query at the first poll. Dropping the stream cancels it.
    pub fn into_stream(self) -> ResultStream {
        let (id, schema) = (self.id(), self.schema());
        let running = self.planned.running();
        let rows = futures::stream::try_unfold(Step::Start(running, self.work), |step| async move {
            match step {
                Step::Start(running, work) => start(running, work).await,
                Step::Reading(running, rows) => read(running, rows).await,
            }
        });
        ResultStream { id, schema, rows: rows.boxed() }
    }
}

enum Step {
    Start(Running, Work),
    Reading(Running, BoxStream<'static, Result<RecordBatch>>),
}

type Next = Result<Option<(RecordBatch, Step)>>;

async fn start(running: Running, work: Work) -> Next {
    let rows = match work {
        Work::Batch { batch, .. } => Ok(futures::stream::once(async { Ok(batch) }).boxed()),
        Work::Ddl { statement, .. } => execute_ddl(&running, *statement).await,
        Work::CreateView { view, columns, .. } => create_view(&running, &view, columns).await,
        Work::Rows { plan, task, schema } => {
            execute_stream(plan, task).map(|rows| typed(rows, schema)).map_err(sql::plan_error)
        }
    };
    match rows {
        Ok(rows) => read(running, rows).await,
        Err(error) => Err(running.failed(error).await),
    }
}

async fn create_view(
    running: &Running,
    view: &sql::CreateView,
    columns: Vec<(String, String)>,
) -> Result<BoxStream<'static, Result<RecordBatch>>> {
    let catalog = &running.coordinator().components.catalog;
    ddl::create_view(catalog, running.database(), view, columns).await?;
    Ok(futures::stream::empty().boxed())
}

async fn execute_ddl(
    running: &Running,
    statement: sql::Statement,
) -> Result<BoxStream<'static, Result<RecordBatch>>> {
    let components = &running.coordinator().components;
    let context = ddl::DdlContext {
        catalog: &components.catalog,
        storage: &components.storage,
        meter: &running.context().meter,
        database: running.database(),
    };
    let batch = ddl::execute(statement, &context).await?;
    Ok(futures::stream::once(async { Ok(batch) }).boxed())
}

/// The engine's batches with typed errors, under the schema that was promised: names and
/// nullability of a physical plan may differ from its logical plan's.
fn typed(rows: SendableRecordBatchStream, schema: SchemaRef) -> BoxStream<'static, Result<RecordBatch>> {
    let promised = move |batch: RecordBatch| {
        let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(Arc::clone(&schema), batch.columns().to_vec(), &options)
            .map_err(|error| protocol::Error::internal(format!("a result of another schema: {error}")))
    };
    rows.map_err(sql::plan_error).map(move |batch| batch.and_then(&promised)).boxed()
}

/// The next batch that has rows; a failed connection ends the wait.
async fn read(mut running: Running, mut rows: BoxStream<'static, Result<RecordBatch>>) -> Next {
    loop {
        let control = Arc::clone(running.control());
        let next = tokio::select! {
            biased;
            next = rows.next() => next,
            error = control.failed() => Some(Err(error)),
        };
        match next {
            Some(Ok(batch)) if batch.num_rows() == 0 => {}
            Some(Ok(batch)) => {
                running.add_rows(batch.num_rows());
                return Ok(Some((batch, Step::Reading(running, rows))));
            }
            Some(Err(error)) => {
                // Readers stop when the plan is gone, and only then can the bill be closed.
                drop(rows);
                return Err(running.failed(error).await);
            }
            None => {
                drop(rows);
                running.succeeded().await;
                return Ok(None);
            }
        }
    }
}

/// Rows of a query. Ends after the query's row in the log is final.
pub struct ResultStream {
    id: QueryId,
    schema: SchemaRef,
    rows: BoxStream<'static, Result<RecordBatch>>,
}

impl ResultStream {
    pub fn id(&self) -> QueryId {
        self.id
    }

    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}

impl Stream for ResultStream {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.rows.poll_next_unpin(cx)
    }
}

impl std::fmt::Debug for ResultStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResultStream").field("id", &self.id).finish_non_exhaustive()
    }
}

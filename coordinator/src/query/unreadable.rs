//! A table whose rows cannot be read here: queries over it can be analysed, planned and explained, and fail
//! when they are run.

use std::{fmt, sync::Arc};

use arrow::datatypes::{Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::{
    catalog::{Session, TableProvider},
    error::Result as EngineResult,
    execution::{SendableRecordBatchStream, TaskContext},
    logical_expr::{Expr, TableType},
    physical_plan::{
        ExecutionPlan,
        stream::RecordBatchStreamAdapter,
        streaming::{PartitionStream, StreamingTableExec},
    },
};
use protocol::Error;
use sql::analyze::Column;

/// What is known of the table, and why its rows are not.
#[derive(Clone)]
pub(super) struct UnreadableTable {
    schema: SchemaRef,
    reason: Error,
}

impl UnreadableTable {
    pub(super) fn new(columns: &[Column], reason: Error) -> Self {
        let fields: Vec<_> = columns.iter().map(|column| column.data_type.field(&column.name)).collect();
        Self { schema: Arc::new(Schema::new(fields)), reason }
    }
}

impl fmt::Debug for UnreadableTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnreadableTable").field("reason", &self.reason.message).finish_non_exhaustive()
    }
}

#[async_trait]
impl TableProvider for UnreadableTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        limit: Option<usize>,
    ) -> EngineResult<Arc<dyn ExecutionPlan>> {
        let parts: Vec<Arc<dyn PartitionStream>> = vec![Arc::new(self.clone())];
        let scan =
            StreamingTableExec::try_new(Arc::clone(&self.schema), parts, projection, None, false, limit)?;
        Ok(Arc::new(scan))
    }
}

impl PartitionStream for UnreadableTable {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let reason = connectors::to_datafusion(self.reason.clone());
        let failure = futures::stream::iter([Err(reason)]);
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), failure))
    }
}

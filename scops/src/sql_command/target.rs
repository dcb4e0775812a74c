//! Where statements run: in this process or on a server. The same to whoever prints.

use std::sync::Arc;

use anyhow::Result;
use arrow::{array::RecordBatch, datatypes::SchemaRef};
use coordinator::{Coordinator, Output, QueryRequest};
use futures::{StreamExt, stream::BoxStream};
use protocol::QueryRecord;

use super::remote::Remote;
use crate::{cli::SqlArgs, config::Settings, parts};

/// Rows as they come.
pub(super) type Rows = BoxStream<'static, Result<RecordBatch>>;

/// A statement's answer.
pub(super) struct Answer {
    /// Query id, for the record.
    pub(super) id: String,
    pub(super) schema: SchemaRef,
    pub(super) rows: Rows,
}

pub(super) enum Target {
    Embedded(Arc<Coordinator>, f64),
    Remote(Box<Remote>, f64),
}

impl Target {
    pub(super) async fn open(args: &SqlArgs, settings: &Settings) -> Result<Self> {
        let price = settings.coordinator.price_per_tib;
        if let Some(url) = &args.server {
            return Ok(Target::Remote(Box::new(Remote::connect(url).await?), price));
        }
        let data_dir = parts::data_dir(args.data_dir.clone())?;
        let (coordinator, _) = parts::coordinator(settings, &data_dir, false)?;
        Ok(Target::Embedded(coordinator, price))
    }

    /// Runs a statement; its rows are in the types of `output`.
    pub(super) async fn run(&self, statement: &str, args: &SqlArgs, output: Output) -> Result<Answer> {
        let request = QueryRequest {
            scan_limit_bytes: args.max_bytes,
            dry_run: args.dry_run,
            output,
            ..QueryRequest::new(statement)
        };
        match self {
            Target::Embedded(coordinator, _) => {
                let query = coordinator.submit(request).await?;
                let (id, schema) = (query.id().to_string(), query.schema());
                let rows = query.into_stream().map(|batch| Ok(batch?)).boxed();
                Ok(Answer { id, schema, rows })
            }
            Target::Remote(remote, _) => remote.run(&request).await,
        }
    }

    /// The query's row in the log, if it can be had.
    pub(super) async fn record(&self, id: &str) -> Result<Option<QueryRecord>> {
        match self {
            Target::Embedded(coordinator, _) => Ok(coordinator.log().get(id.parse()?)?),
            Target::Remote(remote, _) => remote.record(id).await,
        }
    }

    pub(super) fn price_per_tib(&self) -> f64 {
        match self {
            Target::Embedded(_, price) | Target::Remote(_, price) => *price,
        }
    }
}

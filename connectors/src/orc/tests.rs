//! The reader against files of another implementation, see `sql-tests/data/make_orc.py`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod damage;
mod reading;
mod skipping;
mod values;

use std::{ops::Range, path::PathBuf, sync::Arc};

use arrow::{
    array::RecordBatch,
    datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit},
};
use datafusion::physical_plan::PhysicalExpr;
use futures::TryStreamExt;
use protocol::{Result, Usage};
use storage::{FileSettings, Meter, Settings, Storage};

use super::{
    FooterCache, OrcOptions, OrcTail, file_info, open,
    schema::{Kind, Node},
};
use crate::{Split, SplitRead};

/// One file being read, and how.
struct Case {
    path: PathBuf,
    /// The file's own types if absent.
    schema: Option<SchemaRef>,
    /// All columns if absent.
    projection: Option<Vec<usize>>,
    predicate: Option<Arc<dyn PhysicalExpr>>,
    range: Option<Range<u64>>,
    by_name: bool,
    batch_size: usize,
    footers: Arc<FooterCache>,
}

fn data(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../sql-tests/data/orc").join(name)
}

impl Case {
    fn new(name: &str) -> Self {
        Self::at(data(&format!("{name}.orc")))
    }

    fn at(path: PathBuf) -> Self {
        Self {
            path,
            schema: None,
            projection: None,
            predicate: None,
            range: None,
            by_name: false,
            batch_size: 1024,
            footers: Arc::new(FooterCache::new(0)),
        }
    }

    async fn reader(&self, meter: &Arc<Meter>) -> Result<storage::ObjectReader> {
        let path = self.path.canonicalize().unwrap();
        let root = Some(path.parent().unwrap().to_owned());
        let settings = Settings { file: FileSettings { root }, ..Settings::default() };
        let storage = Storage::new(settings).unwrap();
        let location = storage.location(&format!("file://{}", path.display())).unwrap();
        let object = storage.head(&location, &Arc::new(Meter::default())).await?;
        storage.reader(&object, meter)
    }

    async fn tail(&self) -> Result<Arc<OrcTail>> {
        let reader = self.reader(&Arc::new(Meter::default())).await?;
        file_info(&reader, &FooterCache::new(0)).await
    }

    async fn read(&self) -> Result<(Vec<RecordBatch>, Usage)> {
        let meter = Arc::new(Meter::default());
        let table_schema = match &self.schema {
            Some(schema) => Arc::clone(schema),
            None => {
                let tail = self.tail().await?;
                table_schema(&tail)
            }
        };
        let every = || (0..table_schema.fields().len()).collect();
        let reader = self.reader(&meter).await?;
        let split = Split {
            object: reader.object().clone(),
            range: self.range.clone(),
            piece: 0,
            partition: 0,
            weight_bytes: 0,
        };
        let read = SplitRead {
            reader,
            split,
            projection: self.projection.clone().unwrap_or_else(every),
            table_schema,
            predicate: self.predicate.clone(),
            batch_size: self.batch_size,
        };
        let options = OrcOptions { by_name: self.by_name };
        let stream = open(read, options, Arc::clone(&self.footers)).await?;
        let batches: Vec<RecordBatch> = stream.try_collect().await?;
        let usage = meter.snapshot();
        let spent = usage.scanned_bytes() + usage.gap_bytes + usage.retried_bytes;
        assert_eq!(spent, usage.transferred_bytes, "the meter's sum is even: {usage:?}");
        assert!(batches.iter().all(|batch| batch.num_rows() <= self.batch_size));
        Ok((batches, usage))
    }
}

/// The table a crawler would make of the file.
fn table_schema(tail: &OrcTail) -> SchemaRef {
    let fields = tail.root.children.iter().map(|(name, node)| field(name, node));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

fn field(name: &str, node: &Node) -> Field {
    Field::new(name, table_type(node), true)
}

fn table_type(node: &Node) -> DataType {
    let child = |at: usize| table_type(&node.children[at].1);
    match node.kind {
        Kind::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
        Kind::TimestampInstant => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        Kind::String => DataType::Utf8View,
        Kind::Struct => {
            DataType::Struct(node.children.iter().map(|(name, node)| field(name, node)).collect())
        }
        Kind::Union => {
            let variants = node.children.iter().enumerate();
            DataType::Struct(variants.map(|(at, (_, of))| field(&format!("field{at}"), of)).collect())
        }
        Kind::List => DataType::new_list(child(0), true),
        Kind::Map => {
            let pair = vec![Field::new("key", child(0), false), Field::new("value", child(1), true)];
            let entries = Field::new("entries", DataType::Struct(pair.into()), false);
            DataType::Map(Arc::new(entries), false)
        }
        _ => super::adapt::decoded_type(node),
    }
}

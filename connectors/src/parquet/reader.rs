//! What the engine's Parquet scan reads through.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use datafusion::{
    datasource::{listing::PartitionedFile, physical_plan::ParquetFileReaderFactory},
    error::{DataFusionError, Result},
    physical_plan::metrics::ExecutionPlanMetricsSet,
};
use futures::{FutureExt, future::BoxFuture};
use parquet::{
    arrow::{arrow_reader::ArrowReaderOptions, async_reader::AsyncFileReader},
    errors::ParquetError,
    file::metadata::ParquetMetaData,
};
use protocol::{ByteClass, Error};
use storage::{ObjectReader, ObjectRef};

use super::footer::{Footer, load};
use crate::{ScanContext, error::to_datafusion};

/// Opens the object that a [`PartitionedFile`] carries as an extension.
#[derive(Debug)]
pub(super) struct MeteredReaders {
    pub(super) context: Arc<ScanContext>,
}

impl ParquetFileReaderFactory for MeteredReaders {
    fn create_reader(
        &self,
        _: usize,
        file: PartitionedFile,
        _: Option<usize>,
        _: &ExecutionPlanMetricsSet,
    ) -> Result<Box<dyn AsyncFileReader + Send>> {
        let Some(object) = file.extension::<ObjectRef>() else {
            return Err(DataFusionError::Internal("a file without its object".to_owned()));
        };
        let context = Arc::clone(&self.context);
        let reader = context.storage.reader(object, &context.meter).map_err(to_datafusion)?;
        context.meter.add_split();
        Ok(Box::new(MeteredReader { reader, context, footer: None }))
    }
}

struct MeteredReader {
    reader: ObjectReader,
    context: Arc<ScanContext>,
    footer: Option<Arc<Footer>>,
}

impl MeteredReader {
    /// Reads in one call are of one class: the engine asks for column chunks, or for indexes.
    async fn read(&self, ranges: &[Range<u64>]) -> protocol::Result<Vec<Bytes>> {
        let class = match (&self.footer, ranges.first()) {
            (Some(footer), Some(first)) => footer.class_at(first.start),
            _ => ByteClass::Data,
        };
        if class == ByteClass::Data {
            return self.reader.ranges(class, ranges).await;
        }
        let mut bytes = Vec::with_capacity(ranges.len());
        for range in ranges {
            bytes.push(self.context.caches.parquet.index_bytes(&self.reader, range.clone()).await?);
        }
        Ok(bytes)
    }
}

impl AsyncFileReader for MeteredReader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, Result<Bytes, ParquetError>> {
        async move {
            let mut bytes = self.read(std::slice::from_ref(&range)).await.map_err(to_parquet)?;
            Ok(bytes.pop().unwrap_or_default())
        }
        .boxed()
    }

    fn get_byte_ranges(
        &mut self,
        ranges: Vec<Range<u64>>,
    ) -> BoxFuture<'_, Result<Vec<Bytes>, ParquetError>> {
        async move { self.read(&ranges).await.map_err(to_parquet) }.boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        _: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, Result<Arc<ParquetMetaData>, ParquetError>> {
        async move {
            let loaded = load(&self.context.caches.parquet, &self.reader).await;
            let footer = loaded.map_err(to_parquet)?;
            self.footer = Some(Arc::clone(&footer));
            Ok(Arc::clone(&footer.metadata))
        }
        .boxed()
    }
}

fn to_parquet(error: Error) -> ParquetError {
    ParquetError::External(error.enveloped())
}

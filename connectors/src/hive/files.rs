//! The files of the selected partitions, and what their footers say.

use std::sync::Arc;

use catalog::{PartitionImage, Table};
use futures::{StreamExt, TryStreamExt};
use protocol::Result;
use storage::ObjectRef;

use super::prune::Selection;
use crate::{Format, ScanContext, ScanSpec, orc, parquet, parquet::Footer};

/// List requests of one scan that are in flight together.
const LISTS_IN_FLIGHT_MAX: usize = 32;
/// Footer reads of one scan that are in flight together.
const FOOTERS_IN_FLIGHT_MAX: usize = 32;
/// Tables with more files are planned without footers: by size, with unknown statistics. Reading
/// that many footers in one place would cost more than what the plan gains.
const FOOTERS_READ_MAX: usize = 512;

/// A file that the query reads, unless its statistics say otherwise.
#[derive(Debug)]
pub(super) struct PlannedFile {
    pub(super) object: ObjectRef,
    /// Row of the scan's partition values.
    pub(super) partition: usize,
    pub(super) footer: FileFooter,
}

/// What is known of a file's inside.
#[derive(Debug)]
pub(super) enum FileFooter {
    Unknown,
    Parquet(Arc<Footer>),
    Orc(Arc<orc::OrcTail>),
}

/// Lists the selected partitions. Files come in the order of partitions and keys.
pub(super) async fn list(
    table: &Table,
    image: Option<&PartitionImage>,
    selection: &Selection,
    context: &Arc<ScanContext>,
) -> Result<Vec<(usize, ObjectRef)>> {
    let locations: Vec<String> = match image {
        None => vec![table.storage.location.clone()],
        Some(image) => selection.rows.iter().map(|row| image.location(*row)).collect(),
    };
    let lists = locations.into_iter().enumerate().map(|(partition, location)| async move {
        let location = context.storage.location(&location)?;
        let objects = context.storage.list(&location, &context.meter).await?;
        Ok(objects.into_iter().map(move |object| (partition, object)).collect::<Vec<_>>())
    });
    let listed: Vec<Vec<_>> =
        futures::stream::iter(lists).buffered(LISTS_IN_FLIGHT_MAX).try_collect().await?;
    Ok(listed.into_iter().flatten().collect())
}

/// Reads footers where that pays: they are needed to balance splits and to order joins.
pub(super) async fn inspect(
    listed: Vec<(usize, ObjectRef)>,
    spec: &ScanSpec,
    context: &Arc<ScanContext>,
) -> Result<Vec<PlannedFile>> {
    let few = listed.len() <= FOOTERS_READ_MAX;
    let files = listed.into_iter().map(|(partition, object)| async move {
        let footer = match &spec.format {
            Format::Parquet { .. } if few => {
                let reader = context.storage.reader(&object, &context.meter)?;
                FileFooter::Parquet(parquet::load(&context.caches.parquet, &reader).await?)
            }
            Format::Orc { .. } if few => {
                let reader = context.storage.reader(&object, &context.meter)?;
                FileFooter::Orc(orc::file_info(&reader, &context.caches.orc).await?)
            }
            _ => FileFooter::Unknown,
        };
        Ok(PlannedFile { object, partition, footer })
    });
    futures::stream::iter(files).buffered(FOOTERS_IN_FLIGHT_MAX).try_collect().await
}

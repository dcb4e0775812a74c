//! The files of the selected partitions, and what their footers say.

use std::{sync::Arc, time::Duration};

use catalog::{PartitionImage, Table};
use futures::{StreamExt, TryStreamExt};
use protocol::{Error, ErrorCode, Result};
use storage::ObjectRef;

use super::prune::Selection;
use crate::{Format, ScanContext, ScanSpec, orc, parquet, parquet::Footer};

/// Table property: seconds for which a listing may be used again. Without it every query lists the
/// partitions it selected.
const LISTING_TTL_PROPERTY: &str = "scops.listing.ttl.seconds";
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
    let age_max = listing_age_max(table)?;
    let lists = locations.into_iter().enumerate().map(|(partition, location)| async move {
        let location = context.storage.location(&location)?;
        let objects = match age_max {
            None => context.storage.list(&location, &context.meter).await?,
            Some(age) => context.storage.list_within(&location, age, &context.meter).await?,
        };
        Ok(objects.into_iter().map(move |object| (partition, object)).collect::<Vec<_>>())
    });
    let listed: Vec<Vec<_>> =
        futures::stream::iter(lists).buffered(LISTS_IN_FLIGHT_MAX).try_collect().await?;
    Ok(listed.into_iter().flatten().collect())
}

/// How old a listing of this table may be, if it says so in its property [`LISTING_TTL_PROPERTY`].
pub fn listing_age_max(table: &Table) -> Result<Option<Duration>> {
    let Some(text) = table.property(LISTING_TTL_PROPERTY) else { return Ok(None) };
    match text.parse() {
        Ok(seconds) => Ok(Some(Duration::from_secs(seconds))),
        Err(_) => Err(Error::new(
            ErrorCode::InvalidTable,
            format!("{LISTING_TTL_PROPERTY} of table {} is no number: {text:?}", table.full_name()),
        )),
    }
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

//! ORC.
//!
//! A shell around the value decoders of `orc-rust`: this module decides what is read, reads it in few
//! requests, checks it, and brings it into the table's types. Files are not trusted; see
//! [`decode`] for how the decoders are kept away from them.
//!
//! ```text
//! open ─ tail (cached) ─ skip stripes ─ stripe footers ─ skip by row index ─ streams ─ decode ─ adapt
//! ```
//!
//! Not done here: transactional tables (base files that are plain ORC are read, delta files refused),
//! encrypted columns, LZO, bloom filters, and seeking to a row group within a stripe.

mod adapt;
mod check;
mod compression;
mod decode;
mod error;
mod footer_cache;
mod prune;
mod rewrite;
mod run_length;
mod scan;
mod schema;
mod statistics;
mod stripe;
mod tail;
mod timestamps;
mod wire;

use std::sync::Arc;

use arrow::array::RecordBatch;
use futures::{StreamExt, stream::BoxStream};
use protocol::Result;

pub use footer_cache::{FooterCache, file_info};
pub use schema::OrcOptions;
pub use tail::{OrcTail, StripeRange};

use crate::SplitRead;

/// The rows of the stripes that begin in the split, as batches of the table's types.
///
/// Costs one or two requests for the tail unless it is cached, then per group of stripes one round of
/// requests for footers, at most one for row indexes and one for data; the group after the one that is
/// being decoded is fetched ahead. Stripes that the predicate rules out are not read.
///
/// Errors: [`protocol::ErrorCode::CorruptFile`] for anything that is no ORC, `NotSupported`,
/// `SchemaMismatch` for a column of another kind, and those of the storage.
pub async fn open(
    read: SplitRead,
    options: OrcOptions,
    footers: Arc<FooterCache>,
) -> Result<BoxStream<'static, Result<RecordBatch>>> {
    let tail = file_info(&read.reader, &footers).await?;
    let batches = scan::plan(read, options, tail)?;
    let stream = futures::stream::try_unfold(batches, |mut batches| async move {
        Ok(batches.next().await?.map(|batch| (batch, batches)))
    });
    Ok(stream.boxed())
}

#[cfg(test)]
mod tests;

//! Decodes one stripe.
//!
//! The decoder library trusts its input: it reads every stream, lets compressed chunks grow, allocates
//! what lengths say and panics on most damage. So it never sees the file, but a checked and rewritten
//! copy of the stripe ([`rewrite`]). What can still go wrong inside the library ends in an error, panics
//! included.

use std::{
    collections::{HashMap, HashSet},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use arrow::{
    array::{ArrayRef, RecordBatch},
    datatypes::{Field, Schema},
};
use orc_rust::{array_decoder::NaiveStripeDecoder, reader::metadata::read_metadata, stripe::Stripe};

use super::{
    adapt,
    check::{self, Streams},
    compression::Codec,
    error::OrcError,
    rewrite,
    schema::{Kind, Node},
    stripe::Fetched,
    timestamps::{self, Zone},
    wire::{self, stream},
};

/// Plain bytes of the wanted streams of one stripe. Writers end a stripe at 64 to 256 MiB.
const STRIPE_BYTES_MAX: u64 = 1 << 30;
/// The encoding of decimals with the first version of run lengths.
const DECIMAL_ENCODING: wire::ColumnEncoding = wire::ColumnEncoding { kind: Some(0), dictionary_size: None };

/// A stripe being decoded, batch by batch.
pub(crate) struct Decoder {
    batches: NaiveStripeDecoder,
    columns: usize,
    rows_left: u64,
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoder").field("rows_left", &self.rows_left).finish_non_exhaustive()
    }
}

impl Decoder {
    /// Prepares `columns`, root columns of the file, for decoding.
    pub(crate) fn new(
        stripe: Fetched,
        columns: &[Node],
        codec: Codec,
        batch_rows_max: usize,
    ) -> Result<Self, OrcError> {
        let rows = stripe.rows;
        let mut streams = inflate(&stripe, codec)?;
        let mut footer = stripe.footer;
        let checked = check::check(columns, rows, &streams, &footer.columns)?;
        let batch_rows = usize::try_from(checked.batch_rows_max).unwrap_or(usize::MAX);
        let batch_rows = batch_rows.min(batch_rows_max).max(1);
        replace_timestamps(columns, &mut footer, &mut streams, &checked.timestamps)?;
        let file = rewrite::rewrite(columns, rows, streams, &footer.columns)?;
        let fields = columns.iter().enumerate();
        // Names only have to differ.
        let fields = fields.map(|(at, node)| Field::new(at.to_string(), adapt::decoded_type(node), true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let batches = guarded(move || {
            let mut file = file;
            let metadata = read_metadata(&mut file)?;
            let only = metadata.stripe_metadatas().first().cloned();
            let Some(only) = only else { return Ok(None) };
            let stripe = Stripe::new(&mut file, &metadata, metadata.root_data_type(), &only)?;
            NaiveStripeDecoder::new(stripe, schema, batch_rows).map(Some)
        })?;
        let batches = batches.ok_or_else(|| OrcError::corrupt("a stripe is lost"))?;
        Ok(Self { batches, columns: columns.len(), rows_left: rows })
    }

    /// The next batch's columns, in the order given to [`Self::new`], with their number of rows.
    pub(crate) fn next(&mut self) -> Result<Option<(Vec<ArrayRef>, usize)>, OrcError> {
        let next = guarded(|| self.batches.next().transpose())?;
        let Some(batch) = next.filter(|_| self.rows_left > 0) else {
            return if self.rows_left == 0 { Ok(None) } else { Err(lost_rows()) };
        };
        let rows = batch.num_rows();
        self.rows_left = self.rows_left.checked_sub(rows as u64).ok_or_else(lost_rows)?;
        if batch.num_columns() != self.columns || rows == 0 {
            return Err(lost_rows());
        }
        Ok(Some((RecordBatch::columns(&batch).to_vec(), rows)))
    }
}

fn lost_rows() -> OrcError {
    OrcError::corrupt("a stripe holds another number of rows than it says")
}

/// Runs the library, making both its errors and its panics ours.
fn guarded<T>(work: impl FnOnce() -> orc_rust::error::Result<T>) -> Result<T, OrcError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(failure)) => Err(OrcError::corrupt(failure.to_string())),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it is damaged");
            Err(OrcError::corrupt(text))
        }
    }
}

fn inflate(stripe: &Fetched, codec: Codec) -> Result<Streams, OrcError> {
    let mut left = STRIPE_BYTES_MAX;
    let mut streams = Streams::with_capacity(stripe.streams.len());
    for (stream, bytes) in &stripe.streams {
        let plain = codec.inflate(bytes, left)?;
        left = left.saturating_sub(plain.len() as u64);
        if streams.insert((stream.column, stream.kind), plain).is_some() {
            return Err(OrcError::corrupt("a stripe has two streams of one kind for one column"));
        }
    }
    Ok(streams)
}

/// Puts decimals in the place of timestamps, in streams and encodings.
fn replace_timestamps(
    columns: &[Node],
    stripe_footer: &mut wire::StripeFooter,
    streams: &mut Streams,
    counts: &HashMap<u32, u64>,
) -> Result<(), OrcError> {
    for node in columns.iter().flat_map(Node::preorder) {
        let zone = match node.kind {
            Kind::Timestamp => Zone::named(stripe_footer.writer_timezone.as_deref())?,
            Kind::TimestampInstant => Zone::UTC,
            _ => continue,
        };
        let count = counts.get(&node.id).copied().unwrap_or_default();
        if count.saturating_mul(timestamps::BYTES_PER_VALUE_MAX) > STRIPE_BYTES_MAX {
            return Err(OrcError::TooLarge(format!("{count} timestamps in one stripe")));
        }
        let encoding = stripe_footer.columns.get_mut(node.id as usize);
        let Some(encoding) = encoding else {
            return Err(OrcError::corrupt(format!("column {} has no encoding", node.id)));
        };
        let seconds = streams.remove(&(node.id, stream::DATA)).unwrap_or_default();
        let nanos = streams.remove(&(node.id, stream::SECONDARY)).unwrap_or_default();
        let version = check::version(encoding)?;
        let (values, scales) = timestamps::as_decimals(&seconds, &nanos, version, count, zone)?;
        streams.insert((node.id, stream::DATA), values);
        streams.insert((node.id, stream::SECONDARY), scales);
        *encoding = DECIMAL_ENCODING;
    }
    Ok(())
}

/// The numbers of `columns` and all that is below them.
pub(crate) fn column_ids(columns: &[Node]) -> HashSet<u32> {
    columns.iter().flat_map(Node::preorder).map(|node| node.id).collect()
}

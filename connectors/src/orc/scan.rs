//! The life of one split: tail, stripes, batches.

use std::{collections::HashSet, sync::Arc};

use arrow::{
    array::{ArrayRef, RecordBatch, RecordBatchOptions, new_null_array},
    datatypes::SchemaRef,
};
use bytes::Bytes;
use futures::{FutureExt, future::BoxFuture};
use prost::Message;
use protocol::Result;
use storage::{Location, ObjectReader};

use super::{
    adapt,
    decode::{self, Decoder},
    error::OrcError,
    prune::Pruner,
    schema::{self, Node, OrcOptions},
    stripe::{self, Fetched},
    tail::OrcTail,
    wire,
};
use crate::SplitRead;

/// Neighbouring stripes are fetched together up to this size; larger ones one at a time.
const GROUP_BYTES_MAX: u64 = 8 << 20;

/// What does not change while a split is read.
#[derive(Debug)]
pub(crate) struct Scan {
    pub(crate) reader: ObjectReader,
    pub(crate) tail: Arc<OrcTail>,
    pub(crate) pruner: Option<Pruner>,
    /// The file's columns to decode, without the struct fields nobody asked for.
    columns: Vec<Node>,
    /// Their numbers, with all below them.
    pub(crate) file_columns: HashSet<u32>,
    /// For each output column, its place in `columns`; `None` if the file lacks it.
    sources: Vec<Option<usize>>,
    output: SchemaRef,
    batch_size: usize,
}

impl Scan {
    pub(crate) fn location(&self) -> &Location {
        &self.reader.object().location
    }
}

/// Batches of one split, in file order.
pub(crate) struct Batches {
    scan: Arc<Scan>,
    /// Groups of stripes not asked for yet, last first.
    groups: Vec<Vec<usize>>,
    /// The group after the one being decoded, on its way.
    ahead: Option<BoxFuture<'static, Result<Vec<Fetched>>>>,
    arrived: Option<Result<Vec<Fetched>>>,
    /// Fetched and not decoded yet, last first.
    fetched: Vec<Fetched>,
    decoder: Option<Decoder>,
    /// Rows to deliver without reading anything.
    bare_rows: u64,
}

impl std::fmt::Debug for Batches {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batches").field("groups", &self.groups).finish_non_exhaustive()
    }
}

/// Plans the reading of a split. Reads nothing.
pub(crate) fn plan(read: SplitRead, options: OrcOptions, tail: Arc<OrcTail>) -> Result<Batches> {
    let table = &read.table_schema;
    let output = table.project(&read.projection).map_err(|failure| {
        protocol::Error::internal(format!("a projection does not fit the table: {failure}"))
    })?;
    let resolved = schema::resolve(&tail.root, table, options);
    let pruner = read.predicate.as_ref().and_then(|of| Pruner::new(of, table, &resolved));
    let mut columns: Vec<Node> = Vec::new();
    let mut sources = Vec::with_capacity(read.projection.len());
    for (&at, field) in read.projection.iter().zip(output.fields()) {
        let Some(node) = resolved.get(at).copied().flatten() else {
            sources.push(None);
            continue;
        };
        let known = columns.iter().position(|column| column.id == node.id);
        sources.push(known.or(Some(columns.len())));
        if known.is_none() {
            columns.push(schema::narrow(node, field.data_type()));
        }
    }
    let range = read.split.byte_range();
    let mine = tail.stripes().iter().enumerate().filter(|(_, of)| range.contains(&of.range().start));
    let mine: Vec<_> = mine.filter(|(_, of)| of.rows() > 0).map(|(at, _)| at).collect();
    let kept = keep(&tail, pruner.as_ref(), mine);
    let rows = |&at: &usize| tail.stripes().get(at).map_or(0, |of| of.rows());
    let bare_rows = if columns.is_empty() { kept.iter().map(rows).sum() } else { 0 };
    let groups = if columns.is_empty() { Vec::new() } else { groups(&tail, &kept) };
    let file_columns = decode::column_ids(&columns);
    let scan = Scan {
        reader: read.reader,
        pruner,
        columns,
        file_columns,
        sources,
        output: Arc::new(output),
        batch_size: read.batch_size.max(1),
        tail,
    };
    Ok(Batches {
        scan: Arc::new(scan),
        groups,
        ahead: None,
        arrived: None,
        fetched: Vec::new(),
        decoder: None,
        bare_rows,
    })
}

/// The stripes that the file's stripe statistics do not rule out.
fn keep(tail: &OrcTail, pruner: Option<&Pruner>, stripes: Vec<usize>) -> Vec<usize> {
    let Some(pruner) = pruner else { return stripes };
    let containers: Vec<_> = stripes
        .iter()
        .map(|&at| {
            let rows = tail.stripes().get(at).map_or(0, |of| of.rows());
            let columns: Vec<Bytes> = tail.stripe_statistics(at);
            pruner.container(rows, tail.trust(), |node| {
                wire::ColumnStatistics::decode(columns.get(node.id as usize)?.clone()).ok()
            })
        })
        .collect();
    let keep = pruner.keep(&containers);
    stripes.into_iter().zip(keep).filter_map(|(at, keep)| keep.then_some(at)).collect()
}

/// Neighbours share a group up to [`GROUP_BYTES_MAX`]; the last group comes first.
fn groups(tail: &OrcTail, stripes: &[usize]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut bytes = 0;
    for &at in stripes {
        let more = tail.stripes().get(at).map_or(0, |of| of.range().end - of.range().start);
        match groups.last_mut() {
            Some(group) if bytes + more <= GROUP_BYTES_MAX => group.push(at),
            _ => {
                bytes = 0;
                groups.push(vec![at]);
            }
        }
        bytes += more;
    }
    groups.reverse();
    groups
}

impl Batches {
    /// The next batch, or `None` at the end. While it decodes, the next group of stripes is fetched.
    pub(crate) async fn next(&mut self) -> Result<Option<RecordBatch>> {
        // Decoding never waits, so others get their turn here.
        tokio::task::yield_now().await;
        if self.bare_rows > 0 {
            let rows = self.bare_rows.min(self.scan.batch_size as u64);
            self.bare_rows -= rows;
            return self.assemble(&[], usize::try_from(rows).unwrap_or_default()).map(Some);
        }
        loop {
            self.nudge();
            if let Some(decoder) = &mut self.decoder {
                match decoder.next().map_err(|error| error.at(self.scan.location()))? {
                    Some((columns, rows)) => return self.assemble(&columns, rows).map(Some),
                    None => self.decoder = None,
                }
            } else if let Some(stripe) = self.fetched.pop() {
                let scan = &self.scan;
                let decoder = Decoder::new(stripe, &scan.columns, scan.tail.codec, scan.batch_size);
                self.decoder = Some(decoder.map_err(|error| error.at(scan.location()))?);
            } else if !self.receive().await? {
                return Ok(None);
            }
        }
    }

    /// Lets the request for the next group make progress.
    fn nudge(&mut self) {
        if let Some(ahead) = &mut self.ahead
            && let Some(result) = ahead.now_or_never()
        {
            self.arrived = Some(result);
            self.ahead = None;
        }
    }

    /// Waits for the next group and asks for the one after it; false at the end.
    async fn receive(&mut self) -> Result<bool> {
        let result = match (self.arrived.take(), self.ahead.take()) {
            (Some(result), _) => result,
            (None, Some(ahead)) => ahead.await,
            (None, None) => match self.groups.pop() {
                Some(group) => stripe::fetch(&self.scan, &group).await,
                None => return Ok(false),
            },
        };
        self.fetched = result?;
        self.fetched.reverse();
        if let Some(group) = self.groups.pop() {
            let scan = Arc::clone(&self.scan);
            self.ahead = Some(async move { stripe::fetch(&scan, &group).await }.boxed());
        }
        Ok(true)
    }

    /// An output batch from a decoded one.
    fn assemble(&self, decoded: &[ArrayRef], rows: usize) -> Result<RecordBatch> {
        let located = |error: OrcError| error.at(self.scan.location());
        let mut columns = Vec::with_capacity(self.scan.sources.len());
        for (source, field) in self.scan.sources.iter().zip(self.scan.output.fields()) {
            let found = source.and_then(|at| Some((self.scan.columns.get(at)?, decoded.get(at)?)));
            let column = match found {
                None => new_null_array(field.data_type(), rows),
                Some((node, array)) => {
                    adapt::adapt(node, array, field.data_type()).map_err(|error| match error {
                        OrcError::Mismatch(what) => {
                            located(OrcError::Mismatch(format!("column {:?}: {what}", field.name())))
                        }
                        other => located(other),
                    })?
                }
            };
            columns.push(column);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::clone(&self.scan.output), columns, &options)
            .map_err(|failure| located(OrcError::Mismatch(failure.to_string())))
    }
}

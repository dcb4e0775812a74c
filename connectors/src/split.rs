//! The unit of scanning: a part of one version of one object.

use std::{ops::Range, sync::Arc};

use arrow::datatypes::SchemaRef;
use datafusion::physical_plan::PhysicalExpr;
use serde::{Deserialize, Serialize};
use storage::{ObjectReader, ObjectRef};

/// What a worker is told to read. The object carries the ETag it was planned with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    pub object: ObjectRef,
    /// The row groups, stripes or lines that *begin* in this byte range; `None` is the whole object.
    pub range: Option<Range<u64>>,
    /// Position among the pieces its file was cut into, from 0.
    pub piece: usize,
    /// Row of the scan's partition values that this object's rows carry.
    pub partition: usize,
    /// Bytes of the wanted columns, as far as known, else of the range: what balancing goes by.
    pub weight_bytes: u64,
}

impl Split {
    /// The byte range, spelled out.
    pub fn byte_range(&self) -> Range<u64> {
        self.range.clone().unwrap_or(0..self.object.size)
    }

    /// True for a split that begins with the object's first byte.
    pub fn is_first(&self) -> bool {
        self.byte_range().start == 0
    }
}

/// Joins pieces that follow each other in one file, so that it is opened once for all of them.
pub(crate) fn join_neighbours(splits: &[Split]) -> Vec<Split> {
    let mut joined: Vec<(Split, usize)> = Vec::with_capacity(splits.len());
    for split in splits {
        match joined.last_mut() {
            Some((last, end))
                if last.object == split.object
                    && *end == split.piece
                    && last.byte_range().end <= split.byte_range().start =>
            {
                last.range = Some(last.byte_range().start..split.byte_range().end);
                last.weight_bytes += split.weight_bytes;
                *end += 1;
            }
            _ => joined.push((split.clone(), split.piece + 1)),
        }
    }
    joined.into_iter().map(|(split, _)| split).collect()
}

/// Everything a format needs to read one split.
#[derive(Debug)]
pub struct SplitRead {
    pub reader: ObjectReader,
    pub split: Split,
    /// The table's data columns, in table order, with their Arrow types. Partition keys are not here.
    pub table_schema: SchemaRef,
    /// The wanted columns as positions in `table_schema`, in output order. May be empty: then the
    /// batches have no columns but the right number of rows.
    pub projection: Vec<usize>,
    /// A condition over `table_schema` that may be used to skip stripes or row groups. It is applied
    /// to the rows again by somebody else, so it may be ignored, but a row that satisfies it must
    /// never be skipped.
    pub predicate: Option<Arc<dyn PhysicalExpr>>,
    /// Rows per batch, at most.
    pub batch_size: usize,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use storage::Location;

    use super::*;

    #[test]
    fn only_neighbours_are_joined() {
        let split = |file: &str, piece: usize| Split {
            object: ObjectRef {
                location: Location::parse(&format!("s3://b/{file}")).unwrap(),
                size: 100,
                etag: None,
                modified_at_ms: 0,
            },
            range: Some(piece as u64 * 10..piece as u64 * 10 + 10),
            piece,
            partition: 0,
            weight_bytes: 1,
        };
        let joined =
            join_neighbours(&[split("a", 0), split("a", 1), split("a", 3), split("b", 4), split("b", 5)]);
        let ranges: Vec<_> = joined.iter().map(|s| (s.byte_range(), s.weight_bytes)).collect();
        assert_eq!(ranges, [(0..20, 2), (30..40, 1), (40..60, 2)]);
    }
}

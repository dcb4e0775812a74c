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

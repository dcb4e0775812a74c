//! Rows kept as they came, each with its group.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, ListArray, UInt32Array, new_empty_array},
    buffer::{NullBuffer, OffsetBuffer},
    compute::{concat, filter, take},
    datatypes::DataType,
};
use datafusion::common::Result as EngineResult;

use crate::{
    Fault,
    aggregate::states::{Groups, array_size},
    types::item_field,
};

/// Rows of one chunk, at most, that are copied to make one of two chunks.
const MERGE_ROWS_MAX: usize = 8192;

/// Rows of several columns in the order they came.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    types: Vec<DataType>,
    /// Each has an array for each column.
    chunks: Vec<Vec<ArrayRef>>,
    /// The group of each row of all chunks.
    groups: Vec<usize>,
    bytes: usize,
}

/// Rows of the first groups, those of one group together and in the order they came.
#[derive(Debug)]
pub(crate) struct ByGroup {
    pub(crate) columns: Vec<ArrayRef>,
    /// The group of each row, ascending.
    pub(crate) groups: Vec<usize>,
    /// Rows of each group.
    pub(crate) lengths: Vec<usize>,
}

impl Log {
    pub(crate) fn new(types: Vec<DataType>) -> Self {
        Self { types, chunks: Vec::new(), groups: Vec::new(), bytes: 0 }
    }

    pub(crate) fn types(&self) -> &[DataType] {
        &self.types
    }

    pub(crate) fn len(&self) -> usize {
        self.groups.len()
    }

    /// Adds rows: one array for each column.
    pub(crate) fn append(&mut self, columns: &[ArrayRef], groups: &[usize]) -> EngineResult<()> {
        if groups.is_empty() {
            return Ok(());
        }
        if columns.len() != self.types.len() {
            return Err(Fault::internal("columns are missing").into());
        }
        if u32::try_from(self.groups.len() + groups.len()).is_err() {
            return Err(Fault::not_supported("more than 4294967295 rows in one aggregate").into());
        }
        self.groups.extend_from_slice(groups);
        self.bytes += columns.iter().map(array_size).sum::<usize>();
        self.chunks.push(columns.to_vec());
        self.merge_small()
    }

    /// Rows often come one by one; chunks of the same size become one, so that there are few.
    fn merge_small(&mut self) -> EngineResult<()> {
        while let [.., older, newer] = self.chunks.as_slice() {
            let (older_rows, newer_rows) = (chunk_rows(older), chunk_rows(newer));
            if older_rows > newer_rows || older_rows + newer_rows > MERGE_ROWS_MAX {
                return Ok(());
            }
            let merged = older
                .iter()
                .zip(newer)
                .map(|(older, newer)| concat(&[older.as_ref(), newer.as_ref()]))
                .collect::<Result<_, _>>()?;
            self.chunks.truncate(self.chunks.len() - 2);
            self.chunks.push(merged);
        }
        Ok(())
    }

    /// All rows of the columns, in the order they came.
    pub(crate) fn columns(&mut self) -> EngineResult<Vec<ArrayRef>> {
        if self.chunks.len() > 1 {
            let whole = (0..self.types.len())
                .map(|column| {
                    let arrays: Vec<&dyn Array> =
                        self.chunks.iter().filter_map(|chunk| chunk.get(column)).map(AsRef::as_ref).collect();
                    concat(&arrays)
                })
                .collect::<Result<_, _>>()?;
            self.chunks = vec![whole];
        }
        Ok(match self.chunks.first() {
            Some(whole) => whole.clone(),
            None => self.types.iter().map(new_empty_array).collect(),
        })
    }

    pub(crate) fn groups(&self) -> &[usize] {
        &self.groups
    }

    /// The numbers of the rows of the first `count` groups, those of one group together, and how many each has.
    pub(crate) fn order_by_group(&self, count: usize) -> EngineResult<(Vec<u32>, Vec<usize>)> {
        let mut lengths = vec![0; count];
        for group in &self.groups {
            if let Some(length) = lengths.get_mut(*group) {
                *length += 1;
            }
        }
        let mut next: Vec<usize> = lengths
            .iter()
            .scan(0, |start, length| {
                *start += length;
                Some(*start - length)
            })
            .collect();
        let mut order = vec![0u32; lengths.iter().sum()];
        for (row, group) in self.groups.iter().enumerate() {
            let Some(place) = next.get_mut(*group) else { continue };
            if let Some(slot) = order.get_mut(*place) {
                *slot = u32::try_from(row).map_err(|_| Fault::internal("too many rows"))?;
            }
            *place += 1;
        }
        Ok((order, lengths))
    }

    /// The rows of the first `count` groups.
    pub(crate) fn by_group(&mut self, count: usize) -> EngineResult<ByGroup> {
        let columns = self.columns()?;
        let (order, lengths) = self.order_by_group(count)?;
        let groups = repeated(&lengths);
        let in_order = self.groups.is_sorted() && order.len() == self.groups.len();
        let columns = match in_order {
            true => columns,
            false => {
                let order = UInt32Array::from(order);
                columns.iter().map(|column| take(column, &order, None)).collect::<Result<_, _>>()?
            }
        };
        Ok(ByGroup { columns, groups, lengths })
    }

    /// Drops the rows of the first `count` groups and renumbers the others.
    pub(crate) fn forget(&mut self, count: usize) -> EngineResult<()> {
        if self.groups.iter().all(|group| *group < count) {
            *self = Self::new(std::mem::take(&mut self.types));
            return Ok(());
        }
        let keep = self.groups.iter().map(|group| Some(*group >= count)).collect();
        let columns =
            self.columns()?.iter().map(|column| filter(column, &keep)).collect::<Result<Vec<_>, _>>()?;
        let groups: Vec<usize> = self.groups.iter().filter_map(|group| group.checked_sub(count)).collect();
        *self = Self::new(std::mem::take(&mut self.types));
        self.append(&columns, &groups)
    }

    pub(crate) fn size(&self) -> usize {
        self.bytes + self.groups.capacity() * size_of::<usize>()
    }
}

fn chunk_rows(chunk: &[ArrayRef]) -> usize {
    chunk.first().map_or(0, |array| array.len())
}

/// `0` as often as the first length says, then `1`, and so on.
pub(crate) fn repeated(lengths: &[usize]) -> Vec<usize> {
    lengths.iter().enumerate().flat_map(|(group, length)| std::iter::repeat_n(group, *length)).collect()
}

/// The type of a list of such values.
pub(crate) fn list_type(item: &DataType) -> DataType {
    DataType::List(item_field(item.clone()))
}

/// One list for each length. Lists that `present` says no to are NULL.
pub(crate) fn lists(
    items: ArrayRef,
    lengths: &[usize],
    present: impl Fn(usize) -> bool,
) -> EngineResult<ArrayRef> {
    if i32::try_from(items.len()).is_err() {
        return Err(Fault::not_supported("more than 2147483647 items in arrays of one batch").into());
    }
    let nulls: NullBuffer = (0..lengths.len()).map(present).collect();
    let field = item_field(items.data_type().clone());
    let offsets = OffsetBuffer::from_lengths(lengths.iter().copied());
    Ok(Arc::new(ListArray::try_new(
        field,
        offsets,
        items,
        Some(nulls).filter(|nulls| nulls.null_count() > 0),
    )?))
}

/// Rows of lists as rows of items, each with the group of its list.
pub(crate) fn items_of_lists(
    states: &[ArrayRef],
    groups: &Groups<'_>,
) -> EngineResult<(Vec<ArrayRef>, Vec<usize>)> {
    let mut columns = Vec::with_capacity(states.len());
    let mut item_groups = Vec::new();
    for (index, state) in states.iter().enumerate() {
        let list = state.as_list_opt::<i32>().ok_or_else(|| Fault::internal("a state is not a list"))?;
        let offsets = list.value_offsets();
        let (first, last) = (offsets.first().copied().unwrap_or(0), offsets.last().copied().unwrap_or(0));
        let (first, last) = (usize::try_from(first).unwrap_or(0), usize::try_from(last).unwrap_or(0));
        columns.push(list.values().slice(first, last.saturating_sub(first)));
        if index == 0 {
            for (row, group) in groups.of_rows.iter().enumerate() {
                let length = usize::try_from(list.value_length(row)).unwrap_or(0);
                item_groups.extend(std::iter::repeat_n(*group, length));
            }
        }
    }
    Ok((columns, item_groups))
}

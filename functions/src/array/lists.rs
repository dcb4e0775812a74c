//! Arrays and maps of a batch as items and offsets.
//!
//! Arrow lets a slice keep items outside of it, and a NULL list keep items behind it. Kernels here never see
//! either: [`Lists`] drops both, so its items are exactly what a query can see.

use std::{ops::Range, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, AsArray, ListArray, StructArray, UInt32Array},
    buffer::{NullBuffer, OffsetBuffer, ScalarBuffer},
    compute::take,
};
use datafusion::common::Result as EngineResult;

use crate::{
    Call, Fault, Type,
    columns::{lists, maps},
    types,
};

/// The lists of a batch. Offsets begin at 0 and end with the last item; a NULL list is empty.
#[derive(Debug, Clone)]
pub(crate) struct Lists {
    pub(crate) items: ArrayRef,
    pub(crate) offsets: OffsetBuffer<i32>,
    pub(crate) nulls: Option<NullBuffer>,
}

impl Lists {
    pub(crate) fn of(array: &ArrayRef) -> EngineResult<Self> {
        let lists = lists(array)?;
        Self::compact(lists.values(), lists.offsets(), lists.nulls().cloned())
    }

    /// Maps as lists of their entries: rows of key and value.
    pub(crate) fn of_map(array: &ArrayRef) -> EngineResult<Self> {
        let maps = maps(array)?;
        let entries: ArrayRef = Arc::new(maps.entries().clone());
        Self::compact(&entries, maps.offsets(), maps.nulls().cloned())
    }

    /// These lists, NULL also where `more` is.
    pub(crate) fn with_nulls(self, more: Option<&NullBuffer>) -> EngineResult<Self> {
        match more {
            None => Ok(self),
            Some(_) => {
                let nulls = NullBuffer::union(self.nulls.as_ref(), more);
                Self::compact(&self.items, &self.offsets, nulls)
            }
        }
    }

    fn compact(
        items: &ArrayRef,
        offsets: &OffsetBuffer<i32>,
        nulls: Option<NullBuffer>,
    ) -> EngineResult<Self> {
        let is_hidden = |row: usize, bounds: &[i32]| {
            nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) && bounds.first() != bounds.last()
        };
        if !offsets.windows(2).enumerate().any(|(row, bounds)| is_hidden(row, bounds)) {
            return Ok(Self::trimmed(items, offsets, nulls));
        }
        let mut kept = Gather::with_capacity(offsets.len(), items.len());
        for (row, bounds) in offsets.windows(2).enumerate() {
            if let ([start, end], false) = (bounds, is_hidden(row, bounds)) {
                kept.extend(to_usize(*start)..to_usize(*end));
            }
            kept.end_row()?;
        }
        Ok(Self {
            items: take(items, &UInt32Array::from(kept.indices), None)?,
            offsets: OffsetBuffer::new(kept.offsets.into()),
            nulls,
        })
    }

    fn trimmed(items: &ArrayRef, offsets: &OffsetBuffer<i32>, nulls: Option<NullBuffer>) -> Self {
        let (start, end) = (offsets.first().copied().unwrap_or(0), offsets.last().copied().unwrap_or(0));
        if start == 0 && to_usize(end) == items.len() {
            return Self { items: Arc::clone(items), offsets: offsets.clone(), nulls };
        }
        let moved: ScalarBuffer<i32> = offsets.iter().map(|offset| offset - start).collect();
        let items = items.slice(to_usize(start), to_usize(end - start));
        Self { items, offsets: OffsetBuffer::new(moved), nulls }
    }

    /// Number of lists.
    pub(crate) fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    pub(crate) fn is_null(&self, row: usize) -> bool {
        self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row))
    }

    /// Where the items of a list are.
    pub(crate) fn range(&self, row: usize) -> Range<usize> {
        to_usize(self.offsets[row])..to_usize(self.offsets[row + 1])
    }

    /// The ranges of all lists, in order.
    pub(crate) fn ranges(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        (0..self.len()).map(|row| self.range(row))
    }

    /// For each item the number of its list.
    pub(crate) fn rows_of_items(&self) -> UInt32Array {
        let mut rows = Vec::with_capacity(self.items.len());
        for (row, range) in self.ranges().enumerate() {
            rows.resize(range.end, to_u32(row));
        }
        UInt32Array::from(rows)
    }

    /// Keys and values, where the items are entries of maps.
    pub(crate) fn entries(&self) -> EngineResult<(ArrayRef, ArrayRef)> {
        let entries = self.entry_rows()?;
        match entries.columns() {
            [key, value] => Ok((Arc::clone(key), Arc::clone(value))),
            _ => Err(Fault::internal("entries of a map without key and value").into()),
        }
    }

    /// The items as rows.
    pub(crate) fn entry_rows(&self) -> EngineResult<&StructArray> {
        self.items.as_struct_opt().ok_or_else(|| Fault::internal("items that are not rows").into())
    }
}

/// Collects which items make up new lists.
#[derive(Debug, Default)]
pub(crate) struct Gather {
    pub(crate) indices: Vec<u32>,
    pub(crate) offsets: Vec<i32>,
}

impl Gather {
    pub(crate) fn with_capacity(rows: usize, items: usize) -> Self {
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push(0);
        Self { indices: Vec::with_capacity(items), offsets }
    }

    /// The item of this number comes next.
    pub(crate) fn push(&mut self, item: usize) {
        self.indices.push(to_u32(item));
    }

    pub(crate) fn extend(&mut self, items: Range<usize>) {
        self.indices.extend(to_u32(items.start)..to_u32(items.end));
    }

    /// The list is complete.
    pub(crate) fn end_row(&mut self) -> Result<(), Fault> {
        self.offsets.push(to_offset(self.indices.len())?);
        Ok(())
    }

    /// Lists of the collected items.
    pub(crate) fn finish(self, items: &ArrayRef, nulls: Option<NullBuffer>) -> EngineResult<ArrayRef> {
        let items = take(items, &UInt32Array::from(self.indices), None)?;
        list_array(items, OffsetBuffer::new(self.offsets.into()), nulls)
    }
}

/// An array column of items and offsets.
pub(crate) fn list_array(
    items: ArrayRef,
    offsets: OffsetBuffer<i32>,
    nulls: Option<NullBuffer>,
) -> EngineResult<ArrayRef> {
    let field = types::item_field(items.data_type().clone());
    Ok(Arc::new(ListArray::try_new(field, offsets, items, nulls)?))
}

/// Offsets of lists with these lengths.
pub(crate) fn offsets(lengths: impl Iterator<Item = usize>) -> Result<OffsetBuffer<i32>, Fault> {
    let mut end = 0_usize;
    let mut offsets = vec![0];
    for length in lengths {
        end = end.saturating_add(length);
        offsets.push(to_offset(end)?);
    }
    Ok(OffsetBuffer::new(offsets.into()))
}

/// Where any of the arrays is NULL.
pub(crate) fn union_of_nulls<'a>(arrays: impl IntoIterator<Item = &'a ArrayRef>) -> Option<NullBuffer> {
    arrays
        .into_iter()
        .fold(None, |nulls, array| NullBuffer::union(nulls.as_ref(), array.logical_nulls().as_ref()))
        .filter(|nulls| nulls.null_count() > 0)
}

/// The type of the items of argument `index`, which is an array.
pub(crate) fn item_type(call: &Call, index: usize) -> Result<&Type, Fault> {
    match call.arguments.get(index) {
        Some(Type::Array(item)) => Ok(item),
        _ => Err(Fault::internal(format!("argument {index} is not an array"))),
    }
}

/// An offset of Arrow's; more items than it can count are refused.
pub(crate) fn to_offset(items: usize) -> Result<i32, Fault> {
    i32::try_from(items).map_err(|_| Fault::not_supported("more than 2147483647 elements in one batch"))
}

/// Offsets are never negative.
pub(crate) fn to_usize(offset: i32) -> usize {
    usize::try_from(offset).unwrap_or_default()
}

/// Items of one column are never more than an offset counts.
pub(crate) fn to_u32(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use arrow::array::Int64Array;

    use super::*;

    #[test]
    fn items_outside_a_slice_and_behind_nulls_are_dropped() {
        let items: ArrayRef = Arc::new(Int64Array::from((0..8).collect::<Vec<_>>()));
        let nulls = NullBuffer::from(vec![true, true, false, true]);
        let offsets = offsets([2, 2, 3, 1].into_iter()).unwrap();
        let array = list_array(items, offsets, Some(nulls)).unwrap().slice(1, 3);
        let lists = Lists::of(&array).unwrap();
        assert_eq!(lists.items.as_ref(), &Int64Array::from(vec![2, 3, 7]) as &dyn Array);
        assert_eq!(lists.offsets.as_ref(), &[0, 2, 2, 3]);
        assert_eq!(lists.rows_of_items(), UInt32Array::from(vec![0, 0, 2]));
        assert!(lists.is_null(1));
    }
}

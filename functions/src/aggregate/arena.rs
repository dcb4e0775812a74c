//! Single rows of any type, kept for as long as a state refers to them.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, UInt32Array, new_null_array},
    compute::{interleave, take},
    datatypes::DataType,
};
use datafusion::common::Result as EngineResult;

use crate::{Fault, aggregate::states::array_size};

/// Rows that nothing refers to any more are dropped when they are more than so many and more than the others.
const GARBAGE_ROWS: usize = 4096;

/// A row of an [`Arena`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    chunk: u32,
    row: u32,
}

/// Chunks of rows; chunk 0 is one row of NULLs.
#[derive(Debug)]
pub(crate) struct Arena {
    types: Vec<DataType>,
    chunks: Vec<Vec<ArrayRef>>,
    rows: usize,
    bytes: usize,
}

impl Arena {
    pub(crate) fn new(types: Vec<DataType>) -> Self {
        let nulls = types.iter().map(|data_type| new_null_array(data_type, 1)).collect();
        Self { types, chunks: vec![nulls], rows: 0, bytes: 0 }
    }

    /// Keeps these rows of the columns; returns where the first is, the others follow.
    pub(crate) fn keep(&mut self, columns: &[ArrayRef], rows: &[u32]) -> EngineResult<Vec<Place>> {
        let rows = UInt32Array::from(rows.to_vec());
        let chunk = columns.iter().map(|column| take(column, &rows, None)).collect::<Result<Vec<_>, _>>()?;
        self.bytes += chunk.iter().map(array_size).sum::<usize>();
        self.rows += rows.len();
        let number =
            u32::try_from(self.chunks.len()).map_err(|_| Fault::not_supported("too many kept rows"))?;
        self.chunks.push(chunk);
        Ok((0..u32::try_from(rows.len()).unwrap_or(u32::MAX))
            .map(|row| Place { chunk: number, row })
            .collect())
    }

    /// The rows at these places; NULLs where there is none.
    pub(crate) fn gather(&self, places: &[Option<Place>]) -> EngineResult<Vec<ArrayRef>> {
        let indices: Vec<(usize, usize)> = places
            .iter()
            .map(|place| place.map_or((0, 0), |place| (place.chunk as usize, place.row as usize)))
            .collect();
        (0..self.types.len())
            .map(|column| {
                let arrays: Vec<&dyn Array> =
                    self.chunks.iter().filter_map(|chunk| chunk.get(column)).map(AsRef::as_ref).collect();
                Ok(interleave(&arrays, &indices)?)
            })
            .collect()
    }

    /// True if most rows are without use, given that `used` are in use.
    pub(crate) fn is_wasteful(&self, used: usize) -> bool {
        // Many chunks of few rows make gathering slow.
        self.rows > 2 * used + GARBAGE_ROWS || self.chunks.len() > used / 4 + 512
    }

    /// Keeps only these rows; returns their new places.
    pub(crate) fn compact(&mut self, used: &[Option<Place>]) -> EngineResult<Vec<Place>> {
        let kept = self.gather(used)?;
        *self = Self::new(std::mem::take(&mut self.types));
        let rows = u32::try_from(used.len()).map_err(|_| Fault::not_supported("too many kept rows"))?;
        self.bytes = kept.iter().map(array_size).sum();
        self.rows = used.len();
        self.chunks.push(kept.iter().map(Arc::clone).collect());
        Ok((0..rows).map(|row| Place { chunk: 1, row }).collect())
    }

    pub(crate) fn size(&self) -> usize {
        self.bytes
    }
}

/// One row for each group, or none.
#[derive(Debug)]
pub(crate) struct Chosen {
    arena: Arena,
    places: Vec<Option<Place>>,
    used: usize,
}

impl Chosen {
    pub(crate) fn new(types: Vec<DataType>) -> Self {
        Self { arena: Arena::new(types), places: Vec::new(), used: 0 }
    }

    pub(crate) fn types(&self) -> &[DataType] {
        &self.arena.types
    }

    pub(crate) fn reach(&mut self, count: usize) {
        if self.places.len() < count {
            self.places.resize(count, None);
        }
    }

    pub(crate) fn has(&self, group: usize) -> bool {
        self.places.get(group).is_some_and(Option::is_some)
    }

    /// Replaces the rows of some groups: each has the number of a row of `columns`.
    pub(crate) fn replace(&mut self, columns: &[ArrayRef], winners: &[(usize, u32)]) -> EngineResult<()> {
        if winners.is_empty() {
            return Ok(());
        }
        let rows: Vec<u32> = winners.iter().map(|(_, row)| *row).collect();
        let places = self.arena.keep(columns, &rows)?;
        for ((group, _), place) in winners.iter().zip(places) {
            if let Some(slot) = self.places.get_mut(*group) {
                self.used += usize::from(slot.is_none());
                *slot = Some(place);
            }
        }
        match self.arena.is_wasteful(self.used) {
            true => self.compact(),
            false => Ok(()),
        }
    }

    fn compact(&mut self) -> EngineResult<()> {
        let used: Vec<Option<Place>> = self.places.iter().copied().filter(Option::is_some).collect();
        let places = self.arena.compact(&used)?;
        self.places.iter_mut().flatten().zip(places).for_each(|(slot, place)| *slot = place);
        Ok(())
    }

    /// The rows of the first `count` groups, NULLs for those without.
    pub(crate) fn gather(&mut self, count: usize) -> EngineResult<Vec<ArrayRef>> {
        self.reach(count);
        self.arena.gather(self.places.get(..count).unwrap_or_default())
    }

    pub(crate) fn forget(&mut self, count: usize) -> EngineResult<()> {
        self.places.drain(..count.min(self.places.len()));
        self.used = self.places.iter().flatten().count();
        self.compact()
    }

    pub(crate) fn size(&self) -> usize {
        self.arena.size() + self.places.capacity() * size_of::<Option<Place>>()
    }
}

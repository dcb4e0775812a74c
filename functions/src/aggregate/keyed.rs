//! Distinct rows of each group, in the order they were first seen.

use std::{hash::BuildHasher, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, Float32Array, Float64Array},
    compute::filter,
    datatypes::{DataType, Float32Type, Float64Type},
    row::{RowConverter, SortField},
};
use datafusion::common::Result as EngineResult;
use hashbrown::{DefaultHashBuilder, HashTable};

use crate::{Fault, aggregate::log::Log};

/// Distinct keys of each group. The log has one row for each: the key and what came with its first row.
pub(crate) struct Keyed {
    key_columns: usize,
    pub(crate) log: Log,
    converter: RowConverter,
    hasher: DefaultHashBuilder,
    /// Numbers of entries, which are rows of the log.
    table: HashTable<u32>,
    /// The keys of all entries, one after the other, in a form that is equal if the keys are.
    bytes: Vec<u8>,
    /// Where the key of each entry ends.
    ends: Vec<usize>,
}

impl std::fmt::Debug for Keyed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyed").field("entries", &self.ends.len()).finish_non_exhaustive()
    }
}

impl Keyed {
    /// The first `key_columns` of the columns are the key.
    pub(crate) fn new(types: Vec<DataType>, key_columns: usize) -> EngineResult<Self> {
        let converter = row_converter(types.get(..key_columns).unwrap_or_default())?;
        Ok(Self {
            key_columns,
            log: Log::new(types),
            converter,
            hasher: DefaultHashBuilder::default(),
            table: HashTable::new(),
            bytes: Vec::new(),
            ends: Vec::new(),
        })
    }

    /// Adds the rows whose keys are new in their groups. `seen(row, entry, is_new)` is called for every row.
    pub(crate) fn insert(
        &mut self,
        columns: &[ArrayRef],
        groups: &[usize],
        mut seen: impl FnMut(usize, usize, bool),
    ) -> EngineResult<()> {
        let keys: Vec<ArrayRef> =
            columns.get(..self.key_columns).unwrap_or_default().iter().map(canonical).collect();
        let rows = self.converter.convert_columns(&keys)?;
        let mut is_new = Vec::with_capacity(groups.len());
        let mut new_groups = Vec::new();
        for (row, group) in groups.iter().enumerate() {
            let (entry, new) = self.entry(rows.row(row).data(), *group, &new_groups)?;
            if new {
                new_groups.push(*group);
            }
            is_new.push(new);
            seen(row, entry, new);
        }
        if new_groups.len() == groups.len() {
            return self.log.append(columns, &new_groups);
        }
        let is_new = BooleanArray::from(is_new);
        let columns = columns.iter().map(|column| filter(column, &is_new)).collect::<Result<Vec<_>, _>>()?;
        self.log.append(&columns, &new_groups)
    }

    /// The entry of the key, made if there is none. `new_groups` are those of entries not yet in the log.
    fn entry(&mut self, key: &[u8], group: usize, new_groups: &[usize]) -> EngineResult<(usize, bool)> {
        let logged = self.log.groups();
        let group_of = |entry: usize| match entry.checked_sub(logged.len()) {
            None => logged.get(entry),
            Some(new) => new_groups.get(new),
        };
        let key_of = |entry: usize| key_bytes(&self.bytes, &self.ends, entry);
        let hash = self.hasher.hash_one((group, key));
        let same = |entry: &u32| {
            let entry = *entry as usize;
            group_of(entry) == Some(&group) && key_of(entry) == key
        };
        if let Some(entry) = self.table.find(hash, same) {
            return Ok((*entry as usize, false));
        }
        let entry = self.ends.len();
        let number = u32::try_from(entry).map_err(|_| Fault::not_supported("too many distinct values"))?;
        let hasher = &self.hasher;
        self.table.insert_unique(hash, number, |other| {
            let other = *other as usize;
            hasher.hash_one((group_of(other).copied().unwrap_or_default(), key_of(other)))
        });
        self.bytes.extend_from_slice(key);
        self.ends.push(self.bytes.len());
        Ok((entry, true))
    }

    /// Drops the entries of the first `count` groups. Entries get new numbers, in the same order.
    pub(crate) fn forget(&mut self, count: usize) -> EngineResult<()> {
        let kept: Vec<usize> =
            (0..self.ends.len()).filter(|entry| self.log.groups().get(*entry) >= Some(&count)).collect();
        self.log.forget(count)?;
        let (mut bytes, mut ends) = (Vec::new(), Vec::with_capacity(kept.len()));
        for entry in kept {
            bytes.extend_from_slice(key_bytes(&self.bytes, &self.ends, entry));
            ends.push(bytes.len());
        }
        (self.bytes, self.ends) = (bytes, ends);
        self.table.clear();
        let (groups, hasher) = (self.log.groups(), &self.hasher);
        let hash_of = |entry: &u32| {
            let entry = *entry as usize;
            let group = groups.get(entry).copied().unwrap_or_default();
            hasher.hash_one((group, key_bytes(&self.bytes, &self.ends, entry)))
        };
        for entry in 0..u32::try_from(self.ends.len()).unwrap_or(u32::MAX) {
            self.table.insert_unique(hash_of(&entry), entry, hash_of);
        }
        Ok(())
    }

    pub(crate) fn size(&self) -> usize {
        let index = self.table.allocation_size() + self.ends.capacity() * size_of::<usize>();
        self.log.size() + self.bytes.capacity() + index
    }
}

fn key_bytes<'a>(bytes: &'a [u8], ends: &[usize], entry: usize) -> &'a [u8] {
    let start = entry.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
    ends.get(entry).and_then(|end| bytes.get(start..*end)).unwrap_or_default()
}

/// Writes rows of these types as bytes that compare as the values do.
pub(crate) fn row_converter(types: &[DataType]) -> EngineResult<RowConverter> {
    Ok(RowConverter::new(types.iter().cloned().map(SortField::new).collect())?)
}

/// The values with one form for what SQL holds equal: -0 as 0, and one NaN. Looks at the values themselves,
/// not at those inside arrays and rows.
pub(crate) fn canonical(array: &ArrayRef) -> ArrayRef {
    match array.data_type() {
        DataType::Float64 => {
            let values = array.as_primitive::<Float64Type>();
            let plain: Float64Array =
                values.unary(|value| if value.is_nan() { f64::NAN } else { value + 0.0 });
            Arc::new(plain)
        }
        DataType::Float32 => {
            let values = array.as_primitive::<Float32Type>();
            let plain: Float32Array =
                values.unary(|value| if value.is_nan() { f32::NAN } else { value + 0.0 });
            Arc::new(plain)
        }
        _ => Arc::clone(array),
    }
}

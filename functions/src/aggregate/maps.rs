//! `map_agg`, `map_union`, `multimap_agg`, `histogram`. Entries come in the order their keys were first seen.

use std::sync::Arc;

use arrow::{
    array::{
        Array, ArrayRef, AsArray, BooleanArray, Int64Array, MapArray, StructArray, UInt32Array,
        new_empty_array,
    },
    buffer::{NullBuffer, OffsetBuffer},
    compute::{filter, take},
    datatypes::{DataType, Field, FieldRef, Fields, Int64Type},
};
use datafusion::common::Result as EngineResult;

use crate::{
    Fault,
    aggregate::{
        fold::{column, primitive},
        keyed::Keyed,
        log::{Log, items_of_lists, list_type, lists},
        states::{Groups, States},
        udaf::{Definition, type_at},
    },
};

/// All aggregates of this module.
pub(crate) fn definitions() -> Vec<Definition> {
    vec![
        Definition::new(
            "map_agg",
            &["(K, V) -> map(K,V)"],
            "A map of the keys and values",
            pair_map,
            map_agg,
        )
        .ordered(),
        Definition::new("map_union", &["(map(K,V)) -> map(K,V)"], "The maps as one", union_map, map_union)
            .ordered(),
        Definition::new(
            "multimap_agg",
            &["(K, V) -> map(K, array(V))"],
            "A map of the keys and arrays of their values",
            |types| Ok(map_type(type_at(types, 0)?, &list_type(type_at(types, 1)?))),
            |types| {
                Ok(Box::new(Multimap {
                    log: Log::new(vec![type_at(types, 0)?.clone(), type_at(types, 1)?.clone()]),
                }))
            },
        )
        .ordered(),
        Definition::new(
            "histogram",
            &["(T) -> map(T, bigint)"],
            "A map of the values and how often they come",
            |types| Ok(map_type(type_at(types, 0)?, &DataType::Int64)),
            |types| {
                let keyed = Keyed::new(vec![type_at(types, 0)?.clone()], 1)?;
                Ok(Box::new(Histogram { keyed, counts: Vec::new() }))
            },
        )
        .ordered(),
    ]
}

fn pair_map(types: &[DataType]) -> EngineResult<DataType> {
    Ok(map_type(type_at(types, 0)?, type_at(types, 1)?))
}

fn union_map(types: &[DataType]) -> EngineResult<DataType> {
    type_at(types, 0).cloned()
}

fn map_agg(types: &[DataType]) -> EngineResult<Box<dyn States>> {
    let types = vec![type_at(types, 0)?.clone(), type_at(types, 1)?.clone()];
    Ok(Box::new(Mapped { keyed: Keyed::new(types, 1)?, takes_maps: false, seen: Vec::new() }))
}

fn map_union(types: &[DataType]) -> EngineResult<Box<dyn States>> {
    let given = type_at(types, 0)?;
    let DataType::Map(entries, _) = given else {
        return Err(Fault::type_mismatch(format!("no union of {given}")).into());
    };
    let DataType::Struct(fields) = entries.data_type() else {
        return Err(Fault::internal("a map without entries").into());
    };
    let types = fields.iter().map(|field| field.data_type().clone()).collect();
    Ok(Box::new(Mapped { keyed: Keyed::new(types, 1)?, takes_maps: true, seen: Vec::new() }))
}

fn entry_fields(key: &DataType, value: &DataType) -> Fields {
    Fields::from(vec![Field::new("key", key.clone(), false), Field::new("value", value.clone(), true)])
}

fn entries_field(key: &DataType, value: &DataType) -> FieldRef {
    Arc::new(Field::new("entries", DataType::Struct(entry_fields(key, value)), false))
}

/// The type of maps, as `Type::Map` has it.
pub(crate) fn map_type(key: &DataType, value: &DataType) -> DataType {
    DataType::Map(entries_field(key, value), false)
}

/// One map for each length; those that `present` says no to are NULL.
pub(crate) fn maps(
    keys: ArrayRef,
    values: ArrayRef,
    lengths: &[usize],
    present: impl Fn(usize) -> bool,
) -> EngineResult<ArrayRef> {
    if i32::try_from(keys.len()).is_err() {
        return Err(Fault::not_supported("more than 2147483647 entries in maps of one batch").into());
    }
    let nulls: NullBuffer = (0..lengths.len()).map(present).collect();
    let nulls = Some(nulls).filter(|nulls| nulls.null_count() > 0);
    let field = entries_field(keys.data_type(), values.data_type());
    let fields = entry_fields(keys.data_type(), values.data_type());
    let entries = StructArray::try_new(fields, vec![keys, values], None)?;
    let offsets = OffsetBuffer::from_lengths(lengths.iter().copied());
    Ok(Arc::new(MapArray::try_new(field, offsets, entries, nulls, false)?))
}

fn has_rows(lengths: &[usize]) -> impl Fn(usize) -> bool {
    |group| lengths.get(group).is_some_and(|length| *length > 0)
}

/// The rows whose key is not NULL.
fn with_keys(columns: &[ArrayRef], groups: &[usize]) -> EngineResult<(Vec<ArrayRef>, Vec<usize>)> {
    match column(columns, 0)?.logical_nulls().filter(|nulls| nulls.null_count() > 0) {
        None => Ok((columns.to_vec(), groups.to_vec())),
        Some(nulls) => {
            let mask = BooleanArray::new(nulls.inner().clone(), None);
            let columns = columns.iter().map(|column| filter(column, &mask)).collect::<Result<_, _>>()?;
            let kept = groups.iter().zip(mask.values()).filter_map(|(group, keep)| keep.then_some(*group));
            Ok((columns, kept.collect()))
        }
    }
}

/// The first value of each key.
#[derive(Debug)]
struct Mapped {
    keyed: Keyed,
    takes_maps: bool,
    /// Groups that had a map, if only an empty one.
    seen: Vec<bool>,
}

impl Mapped {
    fn insert(&mut self, columns: &[ArrayRef], groups: &[usize]) -> EngineResult<()> {
        let (columns, groups) = with_keys(columns, groups)?;
        self.keyed.insert(&columns, &groups, |_, _, _| ())
    }

    fn take_maps(&mut self, maps: &ArrayRef, groups: &Groups<'_>) -> EngineResult<()> {
        let maps = maps.as_map_opt().ok_or_else(|| Fault::internal("not maps"))?;
        let (mut rows, mut item_groups) = (Vec::new(), Vec::new());
        for (row, group) in groups.of_rows.iter().enumerate() {
            if maps.is_null(row) {
                continue;
            }
            self.see(*group);
            let start = maps.value_offsets().get(row).copied().unwrap_or(0);
            for item in start..start + maps.value_length(row) {
                rows.push(u32::try_from(item).unwrap_or(0));
                item_groups.push(*group);
            }
        }
        let rows = UInt32Array::from(rows);
        let columns = [take(maps.keys(), &rows, None)?, take(maps.values(), &rows, None)?];
        self.insert(&columns, &item_groups)
    }

    fn see(&mut self, group: usize) {
        if self.seen.len() <= group {
            self.seen.resize(group + 1, false);
        }
        self.seen.get_mut(group).into_iter().for_each(|seen| *seen = true);
    }
}

impl States for Mapped {
    fn state_types(&self) -> Vec<DataType> {
        match self.keyed.log.types() {
            [key, value] => vec![map_type(key, value)],
            _ => Vec::new(),
        }
    }

    fn update(&mut self, values: &[ArrayRef], groups: &Groups<'_>) -> EngineResult<()> {
        match self.takes_maps {
            true => self.take_maps(column(values, 0)?, groups),
            false => self.insert(values, groups.of_rows),
        }
    }

    fn merge(&mut self, states: &[ArrayRef], groups: &Groups<'_>) -> EngineResult<()> {
        self.take_maps(column(states, 0)?, groups)
    }

    fn results(&mut self, count: usize) -> EngineResult<ArrayRef> {
        let by_group = self.keyed.log.by_group(count)?;
        let (keys, values) = (column(&by_group.columns, 0)?, column(&by_group.columns, 1)?);
        let filled = has_rows(&by_group.lengths);
        let present = |group| filled(group) || self.seen.get(group) == Some(&true);
        maps(Arc::clone(keys), Arc::clone(values), &by_group.lengths, present)
    }

    fn export(&mut self, count: usize) -> EngineResult<Vec<ArrayRef>> {
        Ok(vec![self.results(count)?])
    }

    fn forget(&mut self, count: usize) -> EngineResult<()> {
        self.seen.drain(..count.min(self.seen.len()));
        self.keyed.forget(count)
    }

    fn size(&self) -> usize {
        self.keyed.size() + self.seen.capacity()
    }
}

/// All values of each key.
#[derive(Debug)]
struct Multimap {
    log: Log,
}

impl States for Multimap {
    fn state_types(&self) -> Vec<DataType> {
        self.log.types().iter().map(list_type).collect()
    }

    fn update(&mut self, values: &[ArrayRef], groups: &Groups<'_>) -> EngineResult<()> {
        let (columns, groups) = with_keys(values, groups.of_rows)?;
        self.log.append(&columns, &groups)
    }

    fn merge(&mut self, states: &[ArrayRef], groups: &Groups<'_>) -> EngineResult<()> {
        let (columns, item_groups) = items_of_lists(states, groups)?;
        self.log.append(&columns, &item_groups)
    }

    fn results(&mut self, count: usize) -> EngineResult<ArrayRef> {
        let by_group = self.log.by_group(count)?;
        let [keys, values] = by_group.columns.as_slice() else {
            return Err(Fault::internal("a multimap of other than two columns").into());
        };
        let mut keyed = Keyed::new(vec![keys.data_type().clone()], 1)?;
        let mut entries = Vec::with_capacity(keys.len());
        keyed.insert(std::slice::from_ref(keys), &by_group.groups, |_, entry, _| entries.push(entry))?;
        let mut items = Log::new(vec![values.data_type().clone()]);
        items.append(std::slice::from_ref(values), &entries)?;
        let items = items.by_group(keyed.log.len())?;
        let arrays = lists(Arc::clone(column(&items.columns, 0)?), &items.lengths, |_| true)?;
        // Rows are together by group, so entries are too.
        let keys = keyed.log.by_group(count)?;
        maps(Arc::clone(column(&keys.columns, 0)?), arrays, &keys.lengths, has_rows(&keys.lengths))
    }

    fn export(&mut self, count: usize) -> EngineResult<Vec<ArrayRef>> {
        let by_group = self.log.by_group(count)?;
        by_group.columns.into_iter().map(|column| lists(column, &by_group.lengths, |_| true)).collect()
    }

    fn forget(&mut self, count: usize) -> EngineResult<()> {
        self.log.forget(count)
    }

    fn size(&self) -> usize {
        self.log.size()
    }
}

/// How often each value comes.
#[derive(Debug)]
struct Histogram {
    keyed: Keyed,
    /// Of each entry.
    counts: Vec<i64>,
}

impl Histogram {
    fn add(
        &mut self,
        columns: &[ArrayRef],
        groups: &[usize],
        times: Option<&Int64Array>,
    ) -> EngineResult<()> {
        let counts = &mut self.counts;
        self.keyed.insert(columns, groups, |row, entry, is_new| {
            let times = times.map_or(1, |times| times.value(row));
            match counts.get_mut(entry) {
                Some(count) if !is_new => *count += times,
                _ => counts.push(times),
            }
        })
    }

    /// Values and counts of the first `count` groups, and how many each has.
    fn by_group(&mut self, count: usize) -> EngineResult<(ArrayRef, ArrayRef, Vec<usize>)> {
        let (order, lengths) = self.keyed.log.order_by_group(count)?;
        let columns = self.keyed.log.columns()?;
        let order = UInt32Array::from(order);
        let counts: ArrayRef = Arc::new(Int64Array::from(self.counts.clone()));
        let values = match columns.first() {
            Some(values) => take(values, &order, None)?,
            None => new_empty_array(&DataType::Null),
        };
        Ok((values, take(&counts, &order, None)?, lengths))
    }
}

impl States for Histogram {
    fn state_types(&self) -> Vec<DataType> {
        self.keyed.log.types().iter().chain([&DataType::Int64]).map(list_type).collect()
    }

    fn update(&mut self, values: &[ArrayRef], groups: &Groups<'_>) -> EngineResult<()> {
        let (columns, groups) = with_keys(values, groups.of_rows)?;
        self.add(&columns, &groups, None)
    }

    fn merge(&mut self, states: &[ArrayRef], groups: &Groups<'_>) -> EngineResult<()> {
        let (columns, item_groups) = items_of_lists(states, groups)?;
        let times = primitive::<Int64Type>(&columns, 1)?.clone();
        self.add(columns.get(..1).unwrap_or_default(), &item_groups, Some(&times))
    }

    fn results(&mut self, count: usize) -> EngineResult<ArrayRef> {
        let (values, counts, lengths) = self.by_group(count)?;
        maps(values, counts, &lengths, has_rows(&lengths))
    }

    fn export(&mut self, count: usize) -> EngineResult<Vec<ArrayRef>> {
        let (values, counts, lengths) = self.by_group(count)?;
        Ok(vec![lists(values, &lengths, |_| true)?, lists(counts, &lengths, |_| true)?])
    }

    fn forget(&mut self, count: usize) -> EngineResult<()> {
        let groups = self.keyed.log.groups();
        let kept = self.counts.iter().zip(groups).filter(|(_, group)| **group >= count);
        self.counts = kept.map(|(times, _)| *times).collect();
        self.keyed.forget(count)
    }

    fn size(&self) -> usize {
        self.keyed.size() + self.counts.capacity() * size_of::<i64>()
    }
}

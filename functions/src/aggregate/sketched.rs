//! Aggregates whose state is one object for each group, which travels as bytes.

use std::{fmt, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, AsArray, BinaryViewBuilder},
    datatypes::DataType,
};
use datafusion::common::Result as EngineResult;

use crate::{
    Fault,
    aggregate::{
        fold::column,
        states::{Groups, States},
    },
};

/// What a group keeps.
pub(crate) trait Sketch: fmt::Debug + Send + Sync + Sized + 'static {
    fn merge(&mut self, other: Self) -> Result<(), Fault>;

    fn write(&self, bytes: &mut Vec<u8>);

    fn read(bytes: &[u8]) -> Result<Self, Fault>;

    /// Bytes beside the sketch itself; asked for often.
    fn size(&self) -> usize;
}

/// Adds rows to the sketches of their groups, which are made when a row counts.
pub(crate) type Add<S> = fn(&mut [Option<S>], &[ArrayRef], &[usize]) -> EngineResult<()>;

/// The results of sketches; None is a group without rows that count.
pub(crate) type Finish<S> = fn(&mut [Option<S>], &DataType) -> EngineResult<ArrayRef>;

/// One [`Sketch`] for each group.
#[derive(Debug)]
pub(crate) struct Sketched<S> {
    sketches: Vec<Option<S>>,
    /// Bytes of each sketch when it was last changed, and of all.
    bytes_each: Vec<usize>,
    bytes: usize,
    returns: DataType,
    add: Add<S>,
    finish: Finish<S>,
}

impl<S: Sketch> Sketched<S> {
    pub(crate) fn boxed(returns: DataType, add: Add<S>, finish: Finish<S>) -> Box<dyn States> {
        Box::new(Self { sketches: Vec::new(), bytes_each: Vec::new(), bytes: 0, returns, add, finish })
    }

    fn reach(&mut self, count: usize) {
        if self.sketches.len() < count {
            self.sketches.resize_with(count, || None);
            self.bytes_each.resize(count, 0);
        }
    }

    /// Brings the bytes of these groups up to date: summing over all groups for each batch would be slow.
    fn weigh(&mut self, groups: &[usize]) {
        for group in groups {
            let (Some(Some(sketch)), Some(bytes)) =
                (self.sketches.get(*group), self.bytes_each.get_mut(*group))
            else {
                continue;
            };
            let now = sketch.size();
            self.bytes = self.bytes + now - *bytes;
            *bytes = now;
        }
    }
}

/// The sketches as binary data.
pub(crate) fn written<S: Sketch>(sketches: &[Option<S>]) -> ArrayRef {
    let mut builder = BinaryViewBuilder::with_capacity(sketches.len());
    let mut bytes = Vec::new();
    for sketch in sketches {
        match sketch {
            Some(sketch) => {
                bytes.clear();
                sketch.write(&mut bytes);
                builder.append_value(&bytes);
            }
            None => builder.append_null(),
        }
    }
    Arc::new(builder.finish())
}

/// Merges a sketch into the one of a group.
pub(crate) fn merge_into<S: Sketch>(sketches: &mut [Option<S>], group: usize, other: S) -> Result<(), Fault> {
    match sketches.get_mut(group) {
        Some(Some(sketch)) => sketch.merge(other),
        Some(slot) => {
            *slot = Some(other);
            Ok(())
        }
        None => Ok(()),
    }
}

/// Merges rows of sketches as [`written`] wrote them.
pub(crate) fn merge_written<S: Sketch>(
    sketches: &mut [Option<S>],
    values: &[ArrayRef],
    groups: &[usize],
) -> EngineResult<()> {
    let array = column(values, 0)?;
    let written = array.as_binary_view_opt().ok_or_else(|| Fault::internal("sketches are binary data"))?;
    for (row, group) in groups.iter().enumerate() {
        if written.is_valid(row) {
            merge_into(sketches, *group, S::read(written.value(row))?)?;
        }
    }
    Ok(())
}

impl<S: Sketch> States for Sketched<S> {
    fn state_types(&self) -> Vec<DataType> {
        vec![DataType::BinaryView]
    }

    fn update(&mut self, values: &[ArrayRef], groups: &Groups<'_>) -> EngineResult<()> {
        self.reach(groups.count);
        (self.add)(&mut self.sketches, values, groups.of_rows)?;
        self.weigh(groups.of_rows);
        Ok(())
    }

    fn merge(&mut self, states: &[ArrayRef], groups: &Groups<'_>) -> EngineResult<()> {
        self.reach(groups.count);
        merge_written(&mut self.sketches, states, groups.of_rows)?;
        self.weigh(groups.of_rows);
        Ok(())
    }

    fn results(&mut self, count: usize) -> EngineResult<ArrayRef> {
        self.reach(count);
        (self.finish)(self.sketches.get_mut(..count).unwrap_or_default(), &self.returns)
    }

    fn export(&mut self, count: usize) -> EngineResult<Vec<ArrayRef>> {
        self.reach(count);
        Ok(vec![written(self.sketches.get(..count).unwrap_or_default())])
    }

    fn forget(&mut self, count: usize) -> EngineResult<()> {
        let forgotten = count.min(self.sketches.len());
        self.sketches.drain(..forgotten);
        self.bytes -= self.bytes_each.drain(..forgotten).sum::<usize>();
        Ok(())
    }

    fn size(&self) -> usize {
        self.bytes + self.sketches.capacity() * (size_of::<Option<S>>() + size_of::<usize>())
    }
}

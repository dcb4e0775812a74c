//! `approx_distinct`, `approx_set`, `make_set_digest`, `merge_set_digest`, `merge`.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, Int64Array},
    datatypes::{DataType, Float64Type, Int64Type},
};
use datafusion::common::Result as EngineResult;

use crate::{
    Fault,
    aggregate::{
        fold::{column, primitive},
        hashed::hashes,
        keyed::canonical,
        sketched::{Sketch, Sketched, merge_into, merge_written, written},
        states::States,
        udaf::Definition,
    },
    sketch::{
        hash::{murmur64, xxhash64},
        hll::Hll,
        qdigest::QDigest,
        setdigest::SetDigest,
        tdigest::TDigest,
        wire::Tag,
    },
};

/// All aggregates of this module.
pub(crate) fn definitions() -> Vec<Definition> {
    vec![
        Definition::new(
            "approx_distinct",
            &["(T) -> bigint", "(T, double) -> bigint"],
            "The number of distinct values, roughly; exact for few",
            |_| Ok(DataType::Int64),
            |_| Ok(Sketched::boxed(DataType::Int64, add_hashes, cardinalities)),
        )
        .same_when_distinct()
        .zero_when_empty(),
        Definition::new(
            "approx_set",
            &["(bigint) -> HyperLogLog", "(double) -> HyperLogLog", "(varchar(x)) -> HyperLogLog"],
            "A HyperLogLog of the values",
            binary,
            |_| Ok(Sketched::boxed(DataType::BinaryView, add_hashes, finish::<Hll>)),
        )
        .same_when_distinct(),
        Definition::new(
            "make_set_digest",
            &["(T) -> SetDigest"],
            "A SetDigest of the values",
            binary,
            |_| Ok(Sketched::boxed(DataType::BinaryView, add_to_sets, finish::<SetDigest>)),
        ),
        Definition::new("merge_set_digest", &["(SetDigest) -> SetDigest"], "The sets as one", binary, |_| {
            Ok(Sketched::boxed(DataType::BinaryView, merge_written::<SetDigest>, finish::<SetDigest>))
        }),
        Definition::new(
            "merge",
            &["(HyperLogLog) -> HyperLogLog", "(qdigest(V)) -> qdigest(V)", "(tdigest) -> tdigest"],
            "The sketches as one",
            binary,
            merge,
        ),
    ]
}

fn binary(_: &[DataType]) -> EngineResult<DataType> {
    Ok(DataType::BinaryView)
}

fn merge(_: &[DataType]) -> EngineResult<Box<dyn States>> {
    Ok(Sketched::boxed(DataType::BinaryView, merge_written::<Any>, finish::<Any>))
}

/// Sketches are their own result.
fn finish<S: Sketch>(sketches: &mut [Option<S>], _: &DataType) -> EngineResult<ArrayRef> {
    Ok(written(sketches))
}

impl Sketch for Hll {
    fn merge(&mut self, other: Self) -> Result<(), Fault> {
        Hll::merge(self, &other);
        Ok(())
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        Hll::write(self, bytes);
    }

    fn read(bytes: &[u8]) -> Result<Self, Fault> {
        Hll::read(bytes)
    }

    fn size(&self) -> usize {
        Hll::size(self)
    }
}

impl Sketch for SetDigest {
    fn merge(&mut self, other: Self) -> Result<(), Fault> {
        SetDigest::merge(self, &other);
        Ok(())
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        SetDigest::write(self, bytes);
    }

    fn read(bytes: &[u8]) -> Result<Self, Fault> {
        SetDigest::read(bytes)
    }

    fn size(&self) -> usize {
        SetDigest::size(self)
    }
}

/// The sketches that `merge` takes; Arrow types do not tell which, their bytes do.
#[derive(Debug)]
enum Any {
    HyperLogLog(Hll),
    QDigest(QDigest),
    TDigest(TDigest),
}

impl Sketch for Any {
    fn merge(&mut self, other: Self) -> Result<(), Fault> {
        match (self, other) {
            (Any::HyperLogLog(this), Any::HyperLogLog(other)) => this.merge(&other),
            (Any::QDigest(this), Any::QDigest(other)) => this.merge(&other),
            (Any::TDigest(this), Any::TDigest(other)) => this.merge(&other),
            _ => return Err(Fault::invalid_argument("sketches of different kinds do not merge")),
        }
        Ok(())
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        match self {
            Any::HyperLogLog(sketch) => sketch.write(bytes),
            Any::QDigest(sketch) => sketch.write(bytes),
            Any::TDigest(sketch) => sketch.write(bytes),
        }
    }

    fn read(bytes: &[u8]) -> Result<Self, Fault> {
        match Tag::of(bytes)? {
            Tag::HyperLogLog => Hll::read(bytes).map(Any::HyperLogLog),
            Tag::QDigest => QDigest::read(bytes).map(Any::QDigest),
            Tag::TDigest => TDigest::read(bytes).map(Any::TDigest),
            Tag::SetDigest => Err(Fault::type_mismatch("merge does not take a SetDigest")),
        }
    }

    fn size(&self) -> usize {
        match self {
            Any::HyperLogLog(sketch) => sketch.size(),
            Any::QDigest(sketch) => sketch.size(),
            Any::TDigest(sketch) => sketch.size(),
        }
    }
}

/// Arguments: values and perhaps the standard error.
fn add_hashes(sets: &mut [Option<Hll>], values: &[ArrayRef], groups: &[usize]) -> EngineResult<()> {
    let array = column(values, 0)?;
    let nulls = array.logical_nulls();
    let hashes = hashes(array)?;
    let errors = match values.len() {
        0 | 1 => None,
        _ => Some(primitive::<Float64Type>(values, 1)?),
    };
    for ((row, group), hash) in groups.iter().enumerate().zip(hashes) {
        if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row))
            || errors.is_some_and(|errors| errors.is_null(row))
        {
            continue;
        }
        match sets.get_mut(*group) {
            Some(Some(set)) => set.add(hash),
            Some(slot) => {
                let mut set = match errors {
                    Some(errors) => Hll::with_error(errors.value(row))?,
                    None => Hll::default(),
                };
                set.add(hash);
                *slot = Some(set);
            }
            None => {}
        }
    }
    Ok(())
}

fn cardinalities(sets: &mut [Option<Hll>], _: &DataType) -> EngineResult<ArrayRef> {
    let sizes = sets.iter().map(|set| set.as_ref().map_or(0, Hll::cardinality));
    Ok(Arc::new(Int64Array::from_iter_values(sizes)))
}

fn add_to_sets(sets: &mut [Option<SetDigest>], values: &[ArrayRef], groups: &[usize]) -> EngineResult<()> {
    let array = column(values, 0)?;
    let nulls = array.logical_nulls();
    let hashes = murmur_hashes(array)?;
    for ((row, group), hash) in groups.iter().enumerate().zip(hashes) {
        if nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row))
            && let Some(slot) = sets.get_mut(*group)
        {
            slot.get_or_insert_default().add(hash);
        }
    }
    Ok(())
}

/// The hash of each value as Trino's set digests have it: of its 8 bytes, or of its bytes.
fn murmur_hashes(array: &ArrayRef) -> EngineResult<Vec<i64>> {
    let of_number = |number: i64| murmur64(&number.to_le_bytes());
    Ok(match array.data_type() {
        DataType::Int64 => array.as_primitive::<Int64Type>().values().iter().map(|n| of_number(*n)).collect(),
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Date32 | DataType::Boolean => {
            let wide = match array.data_type() {
                DataType::Date32 => arrow::compute::cast(array, &DataType::Int32)?,
                _ => Arc::clone(array),
            };
            let wide = arrow::compute::cast(&wide, &DataType::Int64)?;
            wide.as_primitive::<Int64Type>().values().iter().map(|n| of_number(*n)).collect()
        }
        DataType::Float64 => {
            let plain = canonical(array);
            let bits = plain.as_primitive::<Float64Type>().values().iter();
            bits.map(|value| of_number(value.to_bits().cast_signed())).collect()
        }
        DataType::Utf8View => {
            let text = array.as_string_view();
            (0..text.len())
                .map(|row| murmur64(if text.is_null(row) { &[] } else { text.value(row).as_bytes() }))
                .collect()
        }
        DataType::BinaryView => {
            let bytes = array.as_binary_view();
            (0..bytes.len())
                .map(|row| murmur64(if bytes.is_null(row) { &[] } else { bytes.value(row) }))
                .collect()
        }
        // Trino's bytes of other types are not known here; sets of them agree among themselves.
        _ => hashes(array)?.into_iter().map(|hash| xxhash64(&hash.to_le_bytes()).cast_signed()).collect(),
    })
}

/// Adds one sketch made of one value.
pub(crate) fn add_one<S: Sketch>(
    sketches: &mut [Option<S>],
    group: usize,
    make: impl FnOnce() -> Result<S, Fault>,
    add: impl FnOnce(&mut S) -> Result<(), Fault>,
) -> Result<(), Fault> {
    match sketches.get_mut(group) {
        Some(Some(sketch)) => add(sketch),
        Some(_) => {
            let mut sketch = make()?;
            add(&mut sketch)?;
            merge_into(sketches, group, sketch)
        }
        None => Ok(()),
    }
}

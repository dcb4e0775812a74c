//! Arrays by rule: `sequence` and `repeat`.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, Int64Array, PrimitiveArray},
    buffer::OffsetBuffer,
    datatypes::{DataType, Int64Type},
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::lists::{Gather, Lists, list_array, to_offset, union_of_nulls};
use crate::{
    Call, Fault, Function, Type,
    columns::{argument, on_arrays, primitive},
    datetime,
};

/// Most elements of a sequence: Trino's.
const SEQUENCE_ENTRIES_MAX: i128 = 10_000;
/// Most repetitions of an element: Trino's.
const REPEAT_COUNT_MAX: i64 = 10_000;
/// Most bytes of repeated text and nested values: Trino's.
const REPEAT_SIZE_BYTES_MAX: usize = 1_000_000;

pub(crate) fn functions() -> Vec<Function> {
    vec![
        Function::scalar(
            "sequence",
            &[
                "(bigint, bigint) -> array(bigint)",
                "(bigint, bigint, bigint) -> array(bigint)",
                "(date, date) -> array(date)",
                "(date, date, interval day to second) -> array(date)",
                "(date, date, interval year to month) -> array(date)",
                "(timestamp(p), timestamp(p), interval day to second) -> array(timestamp(p))",
                "(timestamp(p), timestamp(p), interval year to month) -> array(timestamp(p))",
            ],
            sequence,
            "The values from a first to a last one, by steps",
        ),
        Function::scalar(
            "repeat",
            &["(T, bigint) -> array(T)"],
            repeat,
            "An array of so many times the same element",
        )
        .with_nulls(),
    ]
}

fn sequence(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    if call.arguments.first() != Some(&Type::BigInt) {
        return datetime::sequence(call, arguments, rows);
    }
    on_arrays(arguments, rows, |arrays| {
        let nulls = union_of_nulls(arrays);
        let starts = primitive::<Int64Type>(argument(arrays, 0)?)?;
        let stops = primitive::<Int64Type>(argument(arrays, 1)?)?;
        let steps: Option<&PrimitiveArray<Int64Type>> = arrays.get(2).map(primitive).transpose()?;
        let mut values: Vec<i64> = Vec::new();
        let mut offsets = Vec::with_capacity(starts.len() + 1);
        offsets.push(0);
        for row in 0..starts.len() {
            if nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row)) {
                let (start, stop) = (starts.value(row), stops.value(row));
                let default = if stop >= start { 1 } else { -1 };
                let step = steps.map_or(default, |steps| steps.value(row));
                let count = sequence_length(start, stop, step)?;
                // The last value is no further than `stop`, so nothing overflows before it.
                values.extend((0..count).scan(start, |next, _| {
                    let value = *next;
                    *next = next.wrapping_add(step);
                    Some(value)
                }));
            }
            offsets.push(to_offset(values.len())?);
        }
        list_array(Arc::new(Int64Array::from(values)), OffsetBuffer::new(offsets.into()), nulls)
    })
}

/// How many values there are from `start` to `stop`; fails if there are too many, or they never meet.
pub(crate) fn sequence_length(start: i64, stop: i64, step: i64) -> Result<usize, Fault> {
    if step == 0 {
        return Err(Fault::invalid_argument("step must not be zero"));
    }
    if if step > 0 { stop < start } else { stop > start } {
        return Err(Fault::invalid_argument(
            "sequence stop value should be greater than or equal to start value if step is greater than zero \
             otherwise stop should be less than or equal to start",
        ));
    }
    let count = (i128::from(stop) - i128::from(start)) / i128::from(step) + 1;
    match usize::try_from(count).ok().filter(|_| count <= SEQUENCE_ENTRIES_MAX) {
        Some(count) => Ok(count),
        None => Err(Fault::invalid_argument(format!(
            "result of sequence function must not have more than {SEQUENCE_ENTRIES_MAX} entries"
        ))),
    }
}

fn repeat(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let (element, count) = (argument(arrays, 0)?, argument(arrays, 1)?);
        let counts = primitive::<Int64Type>(count)?;
        let mut repeated = Gather::with_capacity(element.len(), element.len());
        for row in 0..element.len() {
            if counts.is_valid(row) {
                let count = checked_count(counts.value(row))?;
                check_size(call, element, row, count)?;
                (0..count).for_each(|_| repeated.push(row));
            }
            repeated.end_row()?;
        }
        repeated.finish(element, counts.nulls().cloned())
    })
}

fn checked_count(count: i64) -> Result<usize, Fault> {
    if count > REPEAT_COUNT_MAX {
        return Err(Fault::invalid_argument(format!(
            "count argument of repeat function must be less than or equal to {REPEAT_COUNT_MAX}"
        )));
    }
    usize::try_from(count).map_err(|_| {
        Fault::invalid_argument("count argument of repeat function must be greater than or equal to 0")
    })
}

/// Text and nested values must not grow beyond a size; numbers cannot.
fn check_size(call: &Call, element: &ArrayRef, row: usize, count: usize) -> Result<(), Fault> {
    let is_large = match call.arguments.first() {
        Some(of) if of.arrow().is_primitive() || *of == Type::Boolean || *of == Type::Unknown => false,
        // Most elements are small, so sizes are looked at only where there are many of them.
        _ => count > 1 && element.is_valid(row),
    };
    if !is_large {
        return Ok(());
    }
    let size = size_bytes(&element.slice(row, 1));
    match size.saturating_mul(count) > REPEAT_SIZE_BYTES_MAX {
        false => Ok(()),
        true => Err(Fault::invalid_argument(format!(
            "result of repeat function must not take more than {REPEAT_SIZE_BYTES_MAX} bytes"
        ))),
    }
}

/// The bytes of all values as Trino counts them: each has one that tells NULL, and four more for its end if
/// its length varies.
fn size_bytes(array: &ArrayRef) -> usize {
    let inside: usize = match array.data_type() {
        DataType::Utf8View => array.as_string_view().iter().flatten().map(str::len).sum(),
        DataType::BinaryView => array.as_binary_view().iter().flatten().map(<[u8]>::len).sum(),
        DataType::List(_) => Lists::of(array).map_or(0, |lists| size_bytes(&lists.items)),
        DataType::Map(..) => Lists::of_map(array).map_or(0, |maps| size_bytes(&maps.items)),
        DataType::Struct(_) => array.as_struct().columns().iter().map(size_bytes).sum(),
        other => return (other.primitive_width().unwrap_or(1) + 1) * array.len(),
    };
    inside + 5 * array.len()
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn sequence() {
        check(
            "sequence",
            &[
                (&["bigint 1", "bigint 4"], "array(bigint) [1,2,3,4]"),
                (&["bigint 4", "bigint 1"], "array(bigint) [4,3,2,1]"),
                (&["bigint 3", "bigint 3"], "array(bigint) [3]"),
                (&["bigint 1", "bigint 10", "bigint 4"], "array(bigint) [1,5,9]"),
                (&["bigint -5", "bigint 7", "bigint 6"], "array(bigint) [-5,1,7]"),
                (&["bigint 10", "bigint 1", "bigint -4"], "array(bigint) [10,6,2]"),
                (
                    &["bigint 9223372036854775806", "bigint 9223372036854775807", "bigint 5"],
                    "array(bigint) [9223372036854775806]",
                ),
                (&["bigint 1", "bigint 5", "bigint 0"], "error step must not be zero"),
                (&["bigint 1", "bigint 5", "bigint -1"], "error sequence stop value should be greater"),
                (&["bigint 5", "bigint 1", "bigint 1"], "error sequence stop value should be greater"),
                (
                    &["bigint 1", "bigint 10001"],
                    "error result of sequence function must not have more than 10000 entries",
                ),
                (
                    &["bigint -9223372036854775808", "bigint 9223372036854775807", "bigint 3"],
                    "error must not have more than 10000 entries",
                ),
                (&["bigint NULL", "bigint 1"], "array(bigint) NULL"),
                (&["bigint 1", "bigint 5", "bigint NULL"], "array(bigint) NULL"),
            ],
        );
    }

    #[test]
    fn repeat() {
        check(
            "repeat",
            &[
                (&["varchar 'a'", "bigint 3"], "array(varchar) [\"a\",\"a\",\"a\"]"),
                (&["bigint NULL", "bigint 2"], "array(bigint) [null,null]"),
                (&["bigint 1", "bigint 0"], "array(bigint) []"),
                (&["bigint 1", "bigint NULL"], "array(bigint) NULL"),
                (&["unknown NULL", "bigint 2"], "array(unknown) [null,null]"),
                (&["array(bigint) [1,2]", "bigint 2"], "array(array(bigint)) [[1,2],[1,2]]"),
                (
                    &["bigint 1", "bigint -1"],
                    "error count argument of repeat function must be greater than or equal to 0",
                ),
                (
                    &["bigint 1", "bigint 10001"],
                    "error count argument of repeat function must be less than or equal to 10000",
                ),
            ],
        );
    }

    #[test]
    fn large_repeated_values_are_refused() {
        let text = format!("varchar '{}'", "x".repeat(1000));
        check("repeat", &[(&[&text, "bigint 2000"], "error must not take more than 1000000 bytes")]);
        // 20 numbers of 9 bytes, and 5 bytes of the array.
        let array = format!("array(bigint) {:?}", (0..20).collect::<Vec<_>>());
        check("repeat", &[(&[&array, "bigint 5406"], "error must not take more than 1000000 bytes")]);
    }
}

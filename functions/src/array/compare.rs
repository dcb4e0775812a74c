//! Comparing values of any type by Trino's rules.
//!
//! `equal` is SQL's `=`: NULL inside of a row, array or map makes the answer NULL unless another part
//! already differs; NaN equals nothing. `order` is what `<` and sorting go by: arrays compare item by
//! item, NaN is the largest number, and a NULL that decides is refused. Whether values are *not distinct*
//! is told by [`keys::Ids`].

pub(crate) mod form;
pub(crate) mod keys;

use std::{cmp::Ordering, ops::Range};

use arrow::{
    array::{
        Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, PrimitiveArray, Scalar, UInt32Array,
    },
    buffer::{BooleanBuffer, NullBuffer},
    compute::{and_kleene, kernels::cmp, take},
    datatypes::{Decimal128Type, Float32Type, Float64Type, Int64Type},
};
use datafusion::common::Result as EngineResult;

use self::keys::{Ids, Keys, Purpose, check_carries, check_orderable, with_keys};
use crate::{
    Fault, RowField, Type,
    array::lists::{Lists, to_u32, union_of_nulls},
};

/// `left = right` row by row; NULL where either is NULL or the answer depends on a NULL inside.
pub(crate) fn equal(left: &ArrayRef, right: &ArrayRef, of: &Type) -> EngineResult<BooleanArray> {
    check_carries(left, of)?;
    check_carries(right, of)?;
    match of {
        Type::Unknown => Ok(BooleanArray::new_null(left.len())),
        Type::Real => Ok(equal_by::<Float32Type>(left, right, |left, right| left == right)),
        Type::Double => Ok(equal_by::<Float64Type>(left, right, |left, right| left == right)),
        Type::TimestampTz(0..=3) => {
            Ok(equal_by::<Int64Type>(left, right, |left, right| left >> 12 == right >> 12))
        }
        Type::TimestampTz(_) => {
            Ok(equal_by::<Decimal128Type>(left, right, |left, right| left >> 12 == right >> 12))
        }
        Type::TimeTz(_) => {
            let keys = Keys::new(&[left, right], of, Purpose::Identity)?;
            let equal = with_keys!(&keys, |at| {
                BooleanBuffer::collect_bool(left.len(), |row| at(0, row) == at(1, row))
            });
            Ok(BooleanArray::new(equal, union_of_nulls([left, right])))
        }
        Type::Array(item) => equal_arrays(left, right, item),
        Type::Map(key, value) => equal_maps(left, right, key, value),
        Type::Row(fields) => equal_rows(left, right, fields),
        _ => Ok(cmp::eq(left, right)?),
    }
}

/// Each item of `lists`, or of a column of its entries, compared with the value for its list. `is_constant`
/// tells that the values are all the same and not NULL.
pub(crate) fn equal_to_value(
    lists: &Lists,
    items: &ArrayRef,
    values: &ArrayRef,
    is_constant: bool,
    of: &Type,
) -> EngineResult<BooleanArray> {
    if is_constant && !values.is_empty() && compares_as_arrow(of) {
        check_carries(items, of)?;
        check_carries(values, of)?;
        return Ok(cmp::eq(items, &Scalar::new(values.slice(0, 1)))?);
    }
    equal(items, &take(values, &lists.rows_of_items(), None)?, of)
}

/// True if values are equal exactly if Arrow says so.
fn compares_as_arrow(of: &Type) -> bool {
    let is_other =
        matches!(of, Type::Unknown | Type::Real | Type::Double | Type::TimestampTz(_) | Type::TimeTz(_));
    !is_other && !is_nested(of)
}

/// True for types whose values may be neither equal nor unequal.
pub(crate) fn is_nested(of: &Type) -> bool {
    matches!(of, Type::Array(_) | Type::Map(..) | Type::Row(_))
}

fn equal_by<T: ArrowPrimitiveType>(
    left: &ArrayRef,
    right: &ArrayRef,
    equal: impl Fn(T::Native, T::Native) -> bool,
) -> BooleanArray {
    let (first, second): (&PrimitiveArray<T>, &PrimitiveArray<T>) =
        (left.as_primitive(), right.as_primitive());
    let (first, second) = (first.values(), second.values());
    let values = BooleanBuffer::collect_bool(left.len(), |row| equal(first[row], second[row]));
    BooleanArray::new(values, union_of_nulls([left, right]))
}

fn equal_arrays(left: &ArrayRef, right: &ArrayRef, item: &Type) -> EngineResult<BooleanArray> {
    let nulls = union_of_nulls([left, right]);
    let left = Lists::of(left)?.with_nulls(nulls.as_ref())?;
    let right = Lists::of(right)?.with_nulls(nulls.as_ref())?;
    if left.offsets == right.offsets {
        let items = equal(&left.items, &right.items, item)?;
        return Ok(decide(&nulls, left.ranges().map(|range| Some(all(&items, range)))));
    }
    let (mut pairs, mut lengths) = (Pairs::default(), Vec::with_capacity(left.len()));
    for (left, right) in left.ranges().zip(right.ranges()) {
        let is_same_length = left.len() == right.len();
        lengths.push(is_same_length.then_some(left.len()));
        if is_same_length {
            pairs.left.extend(to_u32(left.start)..to_u32(left.end));
            pairs.right.extend(to_u32(right.start)..to_u32(right.end));
        }
    }
    let items = pairs.equal(&left.items, &right.items, item)?;
    Ok(decide(&nulls, answers(&items, lengths)))
}

/// Positions of values to compare.
#[derive(Default)]
struct Pairs {
    left: Vec<u32>,
    right: Vec<u32>,
}

impl Pairs {
    fn equal(self, left: &ArrayRef, right: &ArrayRef, of: &Type) -> EngineResult<BooleanArray> {
        let left = take(left, &UInt32Array::from(self.left), None)?;
        let right = take(right, &UInt32Array::from(self.right), None)?;
        equal(&left, &right, of)
    }
}

/// Answers of rows from those of their items, which lie one after the other; a row without a length is false.
fn answers(
    items: &BooleanArray,
    lengths: Vec<Option<usize>>,
) -> impl Iterator<Item = Option<Option<bool>>> + '_ {
    let mut start = 0;
    lengths.into_iter().map(move |length| {
        let range = start..start + length?;
        start = range.end;
        Some(all(items, range))
    })
}

/// Three-valued AND of the answers in a range.
fn all(items: &BooleanArray, range: Range<usize>) -> Option<bool> {
    let mut known = true;
    for index in range {
        match (items.is_null(index), items.value(index)) {
            (true, _) => known = false,
            (false, false) => return Some(false),
            (false, true) => {}
        }
    }
    known.then_some(true)
}

/// An answer per row: NULL where `nulls` says so, false where a row has none.
fn decide(nulls: &Option<NullBuffer>, rows: impl Iterator<Item = Option<Option<bool>>>) -> BooleanArray {
    let is_null = |row| nulls.as_ref().is_some_and(|nulls| nulls.is_null(row));
    let answer = |(row, answer): (usize, Option<Option<bool>>)| {
        if is_null(row) { None } else { answer.unwrap_or(Some(false)) }
    };
    rows.enumerate().map(answer).collect()
}

fn equal_rows(left: &ArrayRef, right: &ArrayRef, fields: &[RowField]) -> EngineResult<BooleanArray> {
    let nulls = union_of_nulls([left, right]);
    let mut answer = BooleanArray::new(BooleanBuffer::new_set(left.len()), None);
    let columns = left.as_struct().columns().iter().zip(right.as_struct().columns());
    for ((left, right), field) in columns.zip(fields) {
        answer = and_kleene(&answer, &equal(left, right, &field.field_type)?)?;
    }
    let nulls = NullBuffer::union(answer.nulls(), nulls.as_ref());
    Ok(BooleanArray::new(answer.values().clone(), nulls))
}

fn equal_maps(left: &ArrayRef, right: &ArrayRef, key: &Type, value: &Type) -> EngineResult<BooleanArray> {
    let nulls = union_of_nulls([left, right]);
    let left = Lists::of_map(left)?.with_nulls(nulls.as_ref())?;
    let right = Lists::of_map(right)?.with_nulls(nulls.as_ref())?;
    let ((left_keys, left_values), (right_keys, right_values)) = (left.entries()?, right.entries()?);
    let ids = Ids::new(&[&left_keys, &right_keys], key)?;
    let [left_ids, right_ids] = ids.of.as_slice() else {
        return Err(Fault::internal("ids of two arrays").into());
    };
    let mut place = vec![0_u32; ids.bound];
    let (mut pairs, mut lengths) = (Pairs::default(), Vec::with_capacity(left.len()));
    for (left, right) in left.ranges().zip(right.ranges()) {
        for entry in right.clone() {
            place[right_ids[entry] as usize] = to_u32(entry);
        }
        let other = |entry: &usize| {
            let found = place[left_ids[*entry] as usize] as usize;
            right.contains(&found) && right_ids[found] == left_ids[*entry]
        };
        let is_same_keys = left.len() == right.len() && left.clone().all(|entry| other(&entry));
        lengths.push(is_same_keys.then_some(left.len()));
        if is_same_keys {
            pairs.right.extend(left.clone().map(|entry| place[left_ids[entry] as usize]));
            pairs.left.extend(to_u32(left.start)..to_u32(left.end));
        }
    }
    let values = pairs.equal(&left_values, &right_values, value)?;
    Ok(decide(&nulls, answers(&values, lengths)))
}

/// How `left` compares with `right`, row by row; None where either is NULL. Fails if a NULL inside of an
/// array or a row decides, and for types without an order.
pub(crate) fn order(left: &ArrayRef, right: &ArrayRef, of: &Type) -> EngineResult<Vec<Option<Ordering>>> {
    order_by(left, right, of, Purpose::Order)
}

/// The same; `purpose` tells where NaN stands.
pub(crate) fn order_by(
    left: &ArrayRef,
    right: &ArrayRef,
    of: &Type,
    purpose: Purpose,
) -> EngineResult<Vec<Option<Ordering>>> {
    check_orderable(of)?;
    check_carries(left, of)?;
    check_carries(right, of)?;
    let nulls = union_of_nulls([left, right]);
    let is_null = |row: &usize| nulls.as_ref().is_some_and(|nulls| nulls.is_null(*row));
    let mut answers = vec![None; left.len()];
    match of {
        Type::Unknown => {}
        Type::Array(_) | Type::Row(_) => {
            let open: Vec<usize> = (0..left.len()).filter(|row| !is_null(row)).collect();
            let decided = match of {
                Type::Array(item) => order_arrays(left, right, (item, purpose), &open)?,
                Type::Row(fields) => order_rows(left, right, (fields, purpose), &open)?,
                _ => Vec::new(),
            };
            for (row, decision) in open.into_iter().zip(decided) {
                answers[row] = Some(decision);
            }
        }
        _ => {
            let keys = Keys::new(&[left, right], of, purpose)?;
            with_keys!(&keys, |at| {
                for row in (0..left.len()).filter(|row| !is_null(row)) {
                    answers[row] = Some(at(0, row).cmp(&at(1, row)));
                }
            });
        }
    }
    Ok(answers)
}

/// Orders of the rows in `open`.
fn order_rows(
    left: &ArrayRef,
    right: &ArrayRef,
    (fields, purpose): (&[RowField], Purpose),
    open: &[usize],
) -> EngineResult<Vec<Ordering>> {
    const MESSAGE: &str = "ROW comparison not supported for fields with null elements";
    let mut decisions = vec![Ordering::Equal; open.len()];
    let columns = left.as_struct().columns().iter().zip(right.as_struct().columns());
    for ((left, right), field) in columns.zip(fields) {
        let still: Vec<usize> = (0..open.len()).filter(|at| decisions[*at].is_eq()).collect();
        let rows: UInt32Array = still.iter().map(|at| Some(to_u32(open[*at]))).collect();
        let (left, right) = (take(left, &rows, None)?, take(right, &rows, None)?);
        let compared = order_by(&left, &right, &field.field_type, purpose)?;
        for (at, decision) in still.into_iter().zip(compared) {
            decisions[at] = decision.ok_or_else(|| Fault::not_supported(MESSAGE))?;
        }
    }
    Ok(decisions)
}

/// Orders of the arrays in the rows of `open`.
fn order_arrays(
    left: &ArrayRef,
    right: &ArrayRef,
    (item, purpose): (&Type, Purpose),
    open: &[usize],
) -> EngineResult<Vec<Ordering>> {
    const MESSAGE: &str = "ARRAY comparison not supported for arrays with null elements";
    let (left, right) = (Lists::of(left)?, Lists::of(right)?);
    let mut decisions: Vec<Ordering> =
        open.iter().map(|row| left.range(*row).len().cmp(&right.range(*row).len())).collect();
    let common = |at: &usize| left.range(open[*at]).len().min(right.range(open[*at]).len());
    let mut still: Vec<usize> = (0..open.len()).collect();
    for position in 0.. {
        still.retain(|at| common(at) > position);
        if still.is_empty() {
            break;
        }
        let at = |lists: &Lists| -> UInt32Array {
            still.iter().map(|at| Some(to_u32(lists.range(open[*at]).start + position))).collect()
        };
        let first = take(&left.items, &at(&left), None)?;
        let second = take(&right.items, &at(&right), None)?;
        let mut compared = order_by(&first, &second, item, purpose)?.into_iter();
        let mut failed = false;
        still.retain(|at| match compared.next().flatten() {
            Some(Ordering::Equal) => true,
            Some(decision) => {
                decisions[*at] = decision;
                false
            }
            None => {
                failed = true;
                false
            }
        });
        if failed {
            return Err(Fault::not_supported(MESSAGE).into());
        }
    }
    Ok(decisions)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;

//! Arithmetic on columns and constants, value by value.
//!
//! The loops compute what stands behind NULLs as well and decide about failures once per batch, so that
//! the compiler can use vector instructions. Only a batch that seems to fail is looked at row by row.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, ArrowPrimitiveType, BooleanArray, PrimitiveArray},
    buffer::{NullBuffer, ScalarBuffer},
};
use datafusion::{
    common::{Result as EngineResult, ScalarValue},
    logical_expr::ColumnarValue,
};

use crate::{
    Fault,
    columns::{all_scalar, primitive},
};

/// One argument: a value for each row, or one for all of them.
pub(crate) enum Lanes<T: ArrowPrimitiveType> {
    Rows(PrimitiveArray<T>),
    One(Option<T::Native>),
}

impl<T: ArrowPrimitiveType> Lanes<T> {
    /// Argument `index`, which the signature promises.
    pub(crate) fn of(arguments: &[ColumnarValue], index: usize) -> EngineResult<Self> {
        match arguments.get(index) {
            Some(ColumnarValue::Array(array)) => Ok(Lanes::Rows(primitive::<T>(array)?.clone())),
            Some(ColumnarValue::Scalar(value)) => {
                let array = value.to_array()?;
                let values = primitive::<T>(&array)?;
                Ok(Lanes::One((values.len() == 1 && values.is_valid(0)).then(|| values.value(0))))
            }
            None => Err(Fault::internal(format!("argument {index} is missing")).into()),
        }
    }

    pub(crate) fn nulls(&self) -> Option<&NullBuffer> {
        match self {
            Lanes::Rows(array) => array.nulls(),
            Lanes::One(_) => None,
        }
    }
}

/// The array as the result of a call: a scalar if all arguments were scalars.
pub(crate) fn returned(
    arguments: &[ColumnarValue],
    array: impl Array + 'static,
) -> EngineResult<ColumnarValue> {
    returned_ref(arguments, Arc::new(array))
}

pub(crate) fn returned_ref(arguments: &[ColumnarValue], array: ArrayRef) -> EngineResult<ColumnarValue> {
    match all_scalar(arguments) {
        true => Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&array, 0)?)),
        false => Ok(ColumnarValue::Array(array)),
    }
}

/// `f` of each value.
pub(crate) fn map<I: ArrowPrimitiveType, O: ArrowPrimitiveType>(
    arguments: &[ColumnarValue],
    f: impl Fn(I::Native) -> O::Native,
) -> EngineResult<PrimitiveArray<O>> {
    Ok(match Lanes::<I>::of(arguments, 0)? {
        Lanes::Rows(array) => array.unary(f),
        Lanes::One(value) => PrimitiveArray::from_iter([value.map(f)]),
    })
}

/// A boolean for each value.
pub(crate) fn test<I: ArrowPrimitiveType>(
    arguments: &[ColumnarValue],
    f: impl Fn(I::Native) -> bool,
) -> EngineResult<BooleanArray> {
    Ok(match Lanes::<I>::of(arguments, 0)? {
        Lanes::Rows(array) => BooleanArray::from_unary(&array, f),
        Lanes::One(value) => BooleanArray::from(vec![value.map(f)]),
    })
}

/// `f` of each value; None fails with `fault` of the value.
pub(crate) fn map_or_fault<I: ArrowPrimitiveType, O: ArrowPrimitiveType>(
    arguments: &[ColumnarValue],
    f: impl Fn(I::Native) -> Option<O::Native>,
    fault: impl Fn(I::Native) -> Fault,
) -> EngineResult<PrimitiveArray<O>> {
    Ok(match Lanes::<I>::of(arguments, 0)? {
        Lanes::Rows(array) => array.try_unary(|value| f(value).ok_or_else(|| fault(value)))?,
        Lanes::One(None) => PrimitiveArray::from_iter([None]),
        Lanes::One(Some(value)) => PrimitiveArray::from_iter([Some(f(value).ok_or_else(|| fault(value))?)]),
    })
}

/// `f` of each pair of values. It is also given what stands behind NULLs, and must not trap on it. Its second
/// answer is true if there is no result, which fails with `fault` of the pair.
pub(crate) fn zip_flagged<L: ArrowPrimitiveType, R: ArrowPrimitiveType, O: ArrowPrimitiveType>(
    arguments: &[ColumnarValue],
    f: impl Fn(L::Native, R::Native) -> (O::Native, bool),
    fault: impl Fn(L::Native, R::Native) -> Fault,
) -> EngineResult<PrimitiveArray<O>> {
    let (left, right) = (Lanes::<L>::of(arguments, 0)?, Lanes::<R>::of(arguments, 1)?);
    let mut failed = false;
    let mut lane = |l, r| {
        let (value, failure) = f(l, r);
        failed |= failure;
        value
    };
    let values: Vec<O::Native> = match (&left, &right) {
        (Lanes::Rows(left), Lanes::Rows(right)) => {
            left.values().iter().zip(right.values()).map(|(l, r)| lane(*l, *r)).collect()
        }
        (Lanes::Rows(left), Lanes::One(Some(right))) => {
            left.values().iter().map(|l| lane(*l, *right)).collect()
        }
        (Lanes::One(Some(left)), Lanes::Rows(right)) => {
            right.values().iter().map(|r| lane(*left, *r)).collect()
        }
        (Lanes::One(Some(left)), Lanes::One(Some(right))) => vec![lane(*left, *right)],
        _ => return Ok(all_null(&left, &right)),
    };
    let nulls = NullBuffer::union(left.nulls(), right.nulls());
    if failed {
        // Perhaps only behind NULLs.
        check_rows(&left, &right, nulls.as_ref(), values.len(), |l, r| f(l, r).1.then(|| fault(l, r)))?;
    }
    Ok(PrimitiveArray::new(ScalarBuffer::from(values), nulls))
}

/// `f` of each pair of values that are not NULL; None fails with `fault` of the pair.
pub(crate) fn zip_or_fault<L: ArrowPrimitiveType, R: ArrowPrimitiveType, O: ArrowPrimitiveType>(
    arguments: &[ColumnarValue],
    f: impl Fn(L::Native, R::Native) -> Option<O::Native>,
    fault: impl Fn(L::Native, R::Native) -> Fault,
) -> EngineResult<PrimitiveArray<O>> {
    let (left, right) = (Lanes::<L>::of(arguments, 0)?, Lanes::<R>::of(arguments, 1)?);
    let rows = match (&left, &right) {
        (Lanes::One(None), _) | (_, Lanes::One(None)) => return Ok(all_null(&left, &right)),
        (Lanes::Rows(array), _) => array.len(),
        (_, Lanes::Rows(array)) => array.len(),
        _ => 1,
    };
    let nulls = NullBuffer::union(left.nulls(), right.nulls());
    let mut values: Vec<O::Native> = Vec::with_capacity(rows);
    check_rows(&left, &right, None, rows, |l, r| {
        let is_null = nulls.as_ref().is_some_and(|nulls| nulls.is_null(values.len()));
        match if is_null { Some(O::default_value()) } else { f(l, r) } {
            Some(value) => {
                values.push(value);
                None
            }
            None => Some(fault(l, r)),
        }
    })?;
    Ok(PrimitiveArray::new(ScalarBuffer::from(values), nulls))
}

/// Fails with the first fault that `check` finds in a row that `nulls` does not hide.
fn check_rows<L: ArrowPrimitiveType, R: ArrowPrimitiveType>(
    left: &Lanes<L>,
    right: &Lanes<R>,
    nulls: Option<&NullBuffer>,
    rows: usize,
    mut check: impl FnMut(L::Native, R::Native) -> Option<Fault>,
) -> Result<(), Fault> {
    for row in 0..rows {
        if nulls.is_some_and(|nulls| nulls.is_null(row)) {
            continue;
        }
        let pair = value_at(left, row).zip(value_at(right, row));
        if let Some(fault) = pair.and_then(|(l, r)| check(l, r)) {
            return Err(fault);
        }
    }
    Ok(())
}

/// What stands at `row`, also behind NULL.
fn value_at<T: ArrowPrimitiveType>(lanes: &Lanes<T>, row: usize) -> Option<T::Native> {
    match lanes {
        Lanes::Rows(array) => array.values().get(row).copied(),
        Lanes::One(value) => *value,
    }
}

fn all_null<L: ArrowPrimitiveType, R: ArrowPrimitiveType, O: ArrowPrimitiveType>(
    left: &Lanes<L>,
    right: &Lanes<R>,
) -> PrimitiveArray<O> {
    let rows = match (left, right) {
        (Lanes::Rows(array), _) => array.len(),
        (_, Lanes::Rows(array)) => array.len(),
        _ => 1,
    };
    PrimitiveArray::new_null(rows)
}

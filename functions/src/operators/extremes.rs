//! `greatest` and `least`: NULL if any value is NULL; NaN only if all are NaN.

use std::cmp::Ordering;

use arrow::{
    array::{Array, ArrayRef, ArrowPrimitiveType, BooleanArray, PrimitiveArray},
    buffer::NullBuffer,
    compute::{
        kernels::{cmp, zip::zip},
        nullif,
    },
    datatypes::{Float32Type, Float64Type},
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use crate::{
    Call, Fault, Type,
    array::compare::{keys::Purpose, order_by},
    columns::{on_arrays, primitive},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extreme {
    Greatest,
    Least,
}

pub(super) fn greatest(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| extreme(Extreme::Greatest, call, arrays))
}

pub(super) fn least(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| extreme(Extreme::Least, call, arrays))
}

fn extreme(which: Extreme, call: &Call, arrays: &[ArrayRef]) -> EngineResult<ArrayRef> {
    let (first, others) = arrays.split_first().ok_or_else(|| Fault::internal("no arguments"))?;
    let compared = call.arguments.first().ok_or_else(|| Fault::internal("no arguments"))?;
    let nulls = arrays.iter().fold(None, |nulls: Option<NullBuffer>, array| {
        NullBuffer::union(nulls.as_ref(), array.logical_nulls().as_ref())
    });
    let mut chosen = ArrayRef::clone(first);
    for next in others {
        chosen = match compared {
            Type::Real => floats::<Float32Type>(which, &chosen, next, f64::from)?,
            Type::Double => floats::<Float64Type>(which, &chosen, next, |value| value)?,
            _ => {
                let better = better(which, compared, next, &chosen, nulls.as_ref())?;
                zip(&better, next, &chosen)?
            }
        };
    }
    match nulls.filter(|nulls| nulls.null_count() > 0) {
        Some(nulls) => Ok(nullif(&chosen, &BooleanArray::new(!nulls.inner(), None))?),
        None => Ok(chosen),
    }
}

/// True where `next` is to replace `chosen`; what stands behind `nulls` does not matter.
fn better(
    which: Extreme,
    compared: &Type,
    next: &ArrayRef,
    chosen: &ArrayRef,
    nulls: Option<&NullBuffer>,
) -> EngineResult<BooleanArray> {
    if is_plain(compared) {
        return Ok(match which {
            Extreme::Greatest => cmp::gt(next, chosen)?,
            Extreme::Least => cmp::lt(next, chosen)?,
        });
    }
    let (wanted, purpose) = match which {
        Extreme::Greatest => (Ordering::Greater, Purpose::OrderNanFirst),
        Extreme::Least => (Ordering::Less, Purpose::Order),
    };
    let orders = order_by(&visible(next, nulls)?, &visible(chosen, nulls)?, compared, purpose)?;
    Ok(BooleanArray::new(orders.into_iter().map(|order| order == Some(wanted)).collect(), None))
}

/// The array with NULL where the result will be NULL: what stands there is not to be compared.
fn visible(array: &ArrayRef, nulls: Option<&NullBuffer>) -> EngineResult<ArrayRef> {
    match nulls {
        Some(nulls) => Ok(nullif(array, &BooleanArray::new(!nulls.inner(), None))?),
        None => Ok(ArrayRef::clone(array)),
    }
}

/// True if the engine's own comparison is Trino's.
fn is_plain(compared: &Type) -> bool {
    compared.is_integer()
        || matches!(
            compared,
            Type::Boolean
                | Type::Decimal(..)
                | Type::Varchar(_)
                | Type::Varbinary
                | Type::Date
                | Type::Time(_)
                | Type::Timestamp(_)
        )
}

fn floats<T: ArrowPrimitiveType>(
    which: Extreme,
    chosen: &ArrayRef,
    next: &ArrayRef,
    wide: impl Fn(T::Native) -> f64,
) -> EngineResult<ArrayRef> {
    let wanted = match which {
        Extreme::Greatest => Ordering::Greater,
        Extreme::Least => Ordering::Less,
    };
    let (chosen, next) = (primitive::<T>(chosen)?, primitive::<T>(next)?);
    let values = chosen.values().iter().zip(next.values()).map(|(chosen, next)| {
        let (old, new) = (wide(*chosen), wide(*next));
        let replace = match (old.is_nan(), new.is_nan()) {
            (false, false) => new.total_cmp(&old) == wanted,
            (old_is_nan, new_is_nan) => old_is_nan && !new_is_nan,
        };
        if replace { *next } else { *chosen }
    });
    Ok(std::sync::Arc::new(PrimitiveArray::<T>::from_iter_values(values)))
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn greatest() {
        check(
            "greatest",
            &[
                (&["bigint 1", "bigint 3", "bigint 2"], "bigint 3"),
                (&["bigint 1", "bigint NULL"], "bigint NULL"),
                (&["bigint 5"], "bigint 5"),
                (&["double 1.5", "double NaN"], "double 1.5"),
                (&["double NaN", "double -1.5"], "double -1.5"),
                (&["double NaN", "double NaN"], "double NaN"),
                (&["double -0.0", "double 0.0"], "double 0.0"),
                (&["real 1.5", "real 2.5"], "real 2.5"),
                (&["varchar 'b'", "varchar 'a'"], "varchar 'b'"),
                (&["decimal(3,1) 1.5", "decimal(3,1) -2.5"], "decimal(3,1) 1.5"),
                (&["date '2020-01-01'", "date '2021-01-01'"], "date '2021-01-01'"),
                (&["boolean true", "boolean false"], "boolean true"),
                (&["array(bigint) [1,2]", "array(bigint) [1,3]"], "array(bigint) [1,3]"),
                (&["array(double) [\"NaN\"]", "array(double) [2.0]"], "array(double) [2.0]"),
            ],
        );
    }

    #[test]
    fn least() {
        check(
            "least",
            &[
                (&["bigint 1", "bigint 3", "bigint -2"], "bigint -2"),
                (&["bigint NULL", "bigint 3"], "bigint NULL"),
                (&["double 1.5", "double NaN"], "double 1.5"),
                (&["double -0.0", "double 0.0"], "double -0.0"),
                (&["varchar 'b'", "varchar 'a'", "varchar ''"], "varchar ''"),
                (
                    &["timestamp(3) with time zone 8197", "timestamp(3) with time zone 4096"],
                    "timestamp(3) with time zone 4096",
                ),
            ],
        );
    }
}

//! Comparison. The planner uses the engine's own for types where it agrees with Trino's.

use std::cmp::Ordering;

use arrow::{
    array::{Array, ArrayRef, ArrowPrimitiveType, BooleanArray, Datum},
    buffer::{BooleanBuffer, NullBuffer},
    compute::{kernels::cmp, not},
    datatypes::{Decimal128Type, Float32Type, Float64Type, Int64Type},
    error::ArrowError,
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::lanes::{Lanes, returned, returned_ref};
use crate::{
    Call, Fault, Type,
    array::compare::{equal as equal_values, order as order_values},
    columns::{argument, arrays, boolean_rows, text},
};

/// Bits of the zone in a timestamp with time zone.
const ZONE_BITS: u32 = 12;
/// Bits of the offset in a time with time zone, and what is added to it, in minutes.
const OFFSET_BITS: u32 = 11;
const OFFSET_BIAS_MINUTES: i64 = 1024;
const NANOSECONDS_PER_MINUTE: i64 = 60_000_000_000;
const NANOSECONDS_PER_DAY: i64 = 86_400_000_000_000;

/// The instant of a timestamp with time zone up to precision 3.
pub(super) fn instant(packed: i64) -> i64 {
    packed >> ZONE_BITS
}

/// The instant of a timestamp with time zone above precision 3.
pub(super) fn wide_instant(packed: i128) -> i128 {
    packed >> ZONE_BITS
}

/// Nanoseconds of the day in UTC of a time with time zone.
fn time_of_day(packed: i64) -> i64 {
    let offset_minutes = (packed & ((1 << OFFSET_BITS) - 1)) - OFFSET_BIAS_MINUTES;
    ((packed >> OFFSET_BITS) - offset_minutes * NANOSECONDS_PER_MINUTE).rem_euclid(NANOSECONDS_PER_DAY)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

pub(super) fn equal(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    compare(Comparison::Equal, call, arguments, rows)
}

pub(super) fn not_equal(
    call: &Call,
    arguments: &[ColumnarValue],
    rows: usize,
) -> EngineResult<ColumnarValue> {
    compare(Comparison::NotEqual, call, arguments, rows)
}

pub(super) fn less(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    compare(Comparison::Less, call, arguments, rows)
}

pub(super) fn less_or_equal(
    call: &Call,
    arguments: &[ColumnarValue],
    rows: usize,
) -> EngineResult<ColumnarValue> {
    compare(Comparison::LessOrEqual, call, arguments, rows)
}

pub(super) fn greater(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    compare(Comparison::Greater, call, arguments, rows)
}

pub(super) fn greater_or_equal(
    call: &Call,
    arguments: &[ColumnarValue],
    rows: usize,
) -> EngineResult<ColumnarValue> {
    compare(Comparison::GreaterOrEqual, call, arguments, rows)
}

fn compare(
    comparison: Comparison,
    call: &Call,
    arguments: &[ColumnarValue],
    rows: usize,
) -> EngineResult<ColumnarValue> {
    let compared = call.arguments.first().ok_or_else(|| Fault::internal("a comparison of nothing"))?;
    match compared {
        Type::Real => lanes::<Float32Type, _>(comparison, arguments, |value| value),
        Type::Double => lanes::<Float64Type, _>(comparison, arguments, |value| value),
        Type::TimestampTz(0..=3) => lanes::<Int64Type, _>(comparison, arguments, instant),
        Type::TimestampTz(_) => lanes::<Decimal128Type, _>(comparison, arguments, wide_instant),
        Type::TimeTz(_) => lanes::<Int64Type, _>(comparison, arguments, time_of_day),
        Type::Array(_) | Type::Row(_) | Type::Map(..) => {
            compare_nested(comparison, compared, arguments, rows)
        }
        Type::Char(_) if !matches!(comparison, Comparison::Equal | Comparison::NotEqual) => {
            compare_padded(comparison, arguments, rows)
        }
        _ => compare_plain(comparison, arguments),
    }
}

/// Compares numbers after `key`, as their Rust type does: NaN is not equal to itself.
fn lanes<T: ArrowPrimitiveType, K: PartialOrd>(
    comparison: Comparison,
    arguments: &[ColumnarValue],
    key: impl Fn(T::Native) -> K,
) -> EngineResult<ColumnarValue> {
    let (left, right) = (Lanes::<T>::of(arguments, 0)?, Lanes::<T>::of(arguments, 1)?);
    let compared = match comparison {
        Comparison::Equal => pairs(&left, &right, |l, r| key(l) == key(r)),
        Comparison::NotEqual => pairs(&left, &right, |l, r| key(l) != key(r)),
        Comparison::Less => pairs(&left, &right, |l, r| key(l) < key(r)),
        Comparison::LessOrEqual => pairs(&left, &right, |l, r| key(l) <= key(r)),
        Comparison::Greater => pairs(&left, &right, |l, r| key(l) > key(r)),
        Comparison::GreaterOrEqual => pairs(&left, &right, |l, r| key(l) >= key(r)),
    };
    returned(arguments, compared)
}

fn pairs<T: ArrowPrimitiveType>(
    left: &Lanes<T>,
    right: &Lanes<T>,
    f: impl Fn(T::Native, T::Native) -> bool,
) -> BooleanArray {
    let collect = |length: usize, value: &dyn Fn(usize) -> bool| BooleanBuffer::collect_bool(length, value);
    let values = match (left, right) {
        (Lanes::Rows(left), Lanes::Rows(right)) => {
            left.values().iter().zip(right.values()).map(|(l, r)| f(*l, *r)).collect()
        }
        (Lanes::Rows(left), Lanes::One(Some(right))) => left.values().iter().map(|l| f(*l, *right)).collect(),
        (Lanes::One(Some(left)), Lanes::Rows(right)) => right.values().iter().map(|r| f(*left, *r)).collect(),
        (Lanes::One(Some(left)), Lanes::One(Some(right))) => collect(1, &|_| f(*left, *right)),
        (Lanes::Rows(array), _) | (_, Lanes::Rows(array)) => return BooleanArray::new_null(array.len()),
        _ => return BooleanArray::new_null(1),
    };
    BooleanArray::new(values, NullBuffer::union(left.nulls(), right.nulls()))
}

fn compare_nested(
    comparison: Comparison,
    compared: &Type,
    arguments: &[ColumnarValue],
    rows: usize,
) -> EngineResult<ColumnarValue> {
    let arrays = arrays(arguments, rows)?;
    let (left, right) = (argument(&arrays, 0)?, argument(&arrays, 1)?);
    let answer: BooleanArray = match comparison {
        Comparison::Equal => equal_values(left, right, compared)?,
        Comparison::NotEqual => not(&equal_values(left, right, compared)?)?,
        _ => order_values(left, right, compared)?
            .into_iter()
            .map(|order| order.map(|order| holds(comparison, order)))
            .collect(),
    };
    returned(arguments, answer)
}

/// Shorter text is compared as if it ended in spaces, which sort after control characters.
fn compare_padded(
    comparison: Comparison,
    arguments: &[ColumnarValue],
    rows: usize,
) -> EngineResult<ColumnarValue> {
    let arrays = arrays(arguments, rows)?;
    let (left, right) = (text(argument(&arrays, 0)?)?, text(argument(&arrays, 1)?)?);
    let compared = boolean_rows(left.len(), |row| {
        let is_null = left.is_null(row) || right.is_null(row);
        let order = || padded_order(left.value(row), right.value(row));
        Ok((!is_null).then(|| holds(comparison, order())))
    })?;
    returned_ref(arguments, compared)
}

/// The order of two `char` values without their trailing spaces.
fn padded_order(left: &str, right: &str) -> Ordering {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    let shared = left.len().min(right.len());
    let rest = |side: &'_ [u8]| side.get(shared..).map_or(Ordering::Equal, against_spaces);
    let same_length = left.get(..shared).cmp(&right.get(..shared));
    same_length.then(rest(left)).then(rest(right).reverse())
}

fn against_spaces(rest: &[u8]) -> Ordering {
    rest.iter().map(|byte| byte.cmp(&b' ')).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

fn holds(comparison: Comparison, order: Ordering) -> bool {
    match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    }
}

fn compare_plain(comparison: Comparison, arguments: &[ColumnarValue]) -> EngineResult<ColumnarValue> {
    let compared = match comparison {
        Comparison::Equal => plain(arguments, cmp::eq),
        Comparison::NotEqual => plain(arguments, cmp::neq),
        Comparison::Less => plain(arguments, cmp::lt),
        Comparison::LessOrEqual => plain(arguments, cmp::lt_eq),
        Comparison::Greater => plain(arguments, cmp::gt),
        Comparison::GreaterOrEqual => plain(arguments, cmp::gt_eq),
    }?;
    returned(arguments, compared)
}

/// An Arrow kernel on the two arguments.
pub(super) fn plain(
    arguments: &[ColumnarValue],
    kernel: impl Fn(&dyn Datum, &dyn Datum) -> Result<BooleanArray, ArrowError>,
) -> EngineResult<BooleanArray> {
    let [left, right] = arguments else {
        return Err(Fault::internal("a comparison has two sides").into());
    };
    Ok(kernel(datum(left)?.as_ref(), datum(right)?.as_ref())?)
}

fn datum(value: &ColumnarValue) -> EngineResult<Box<dyn Datum>> {
    Ok(match value {
        ColumnarValue::Array(array) => Box::new(ArrayRef::clone(array)),
        ColumnarValue::Scalar(scalar) => Box::new(scalar.to_scalar()?),
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn floats() {
        check(
            "$eq",
            &[
                (&["double NaN", "double NaN"], "boolean false"),
                (&["double 0", "double -0.0"], "boolean true"),
                (&["real 1.5", "real 1.5"], "boolean true"),
                (&["double NULL", "double 1"], "boolean NULL"),
            ],
        );
        check("$ne", &[(&["double NaN", "double NaN"], "boolean true")]);
        check(
            "$lt",
            &[
                (&["double NaN", "double 1"], "boolean false"),
                (&["double 1", "double NaN"], "boolean false"),
                (&["double -Infinity", "double 1"], "boolean true"),
                (&["double -0.0", "double 0"], "boolean false"),
            ],
        );
        check("$ge", &[(&["real NaN", "real 1"], "boolean false"), (&["real 2", "real 2"], "boolean true")]);
    }

    #[test]
    fn nested_values_with_null() {
        check(
            "$eq",
            &[
                (&["array(bigint) [1,2]", "array(bigint) [1,2]"], "boolean true"),
                (&["array(bigint) [1,null]", "array(bigint) [1,null]"], "boolean NULL"),
                (&["array(bigint) [1,null]", "array(bigint) [2,null]"], "boolean false"),
                (&["array(bigint) [1,null]", "array(bigint) [1]"], "boolean false"),
                (&["array(bigint) []", "array(bigint) []"], "boolean true"),
                (&["array(double) [0.0]", "array(double) [-0.0]"], "boolean true"),
                (&["row(bigint, varchar) [1,\"a\"]", "row(bigint, varchar) [1,\"a\"]"], "boolean true"),
                (&["row(bigint, varchar) [1,null]", "row(bigint, varchar) [1,\"a\"]"], "boolean NULL"),
                (&["row(bigint, varchar) [1,null]", "row(bigint, varchar) [2,\"a\"]"], "boolean false"),
                (
                    &[
                        "map(varchar, bigint) [[\"a\",1],[\"b\",2]]",
                        "map(varchar, bigint) [[\"b\",2],[\"a\",1]]",
                    ],
                    "boolean true",
                ),
                (
                    &["map(varchar, bigint) [[\"a\",1]]", "map(varchar, bigint) [[\"a\",null]]"],
                    "boolean NULL",
                ),
                (&["map(varchar, bigint) [[\"a\",1]]", "map(varchar, bigint) [[\"b\",1]]"], "boolean false"),
                (&["array(array(bigint)) [[1],[null]]", "array(array(bigint)) [[1],[2]]"], "boolean NULL"),
            ],
        );
        check(
            "$lt",
            &[
                (&["array(bigint) [1,2]", "array(bigint) [1,3]"], "boolean true"),
                (&["array(bigint) [1]", "array(bigint) [1,3]"], "boolean true"),
                (&["array(bigint) [1,null]", "array(bigint) [1,3]"], "error null elements"),
                (&["row(bigint, varchar) [1,\"a\"]", "row(bigint, varchar) [1,\"b\"]"], "boolean true"),
            ],
        );
    }

    #[test]
    fn other_types() {
        check(
            "$eq",
            &[
                // 1 ms in zones 0 and 5.
                (&["timestamp(3) with time zone 4096", "timestamp(3) with time zone 4101"], "boolean true"),
                (&["varchar 'a'", "varchar 'a'"], "boolean true"),
                (&["ipaddress '00000000000000000000ffff0a000001'", "ipaddress NULL"], "boolean NULL"),
            ],
        );
        check(
            "$lt",
            &[
                (&["timestamp(3) with time zone 4101", "timestamp(3) with time zone 8192"], "boolean true"),
                (&["char(3) 'a'", "char(3) 'a\u{9}'"], "boolean false"),
                (&["char(3) 'a'", "char(3) 'b'"], "boolean true"),
                (&["date '2020-01-01'", "date '2020-01-02'"], "boolean true"),
            ],
        );
    }
}

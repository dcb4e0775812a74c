//! `IS DISTINCT FROM`: never NULL; NULL is a value like others, and so is NaN.

use arrow::{
    array::{Array, ArrowPrimitiveType, BooleanArray},
    buffer::BooleanBuffer,
    compute::kernels::cmp,
    datatypes::{Decimal128Type, Float32Type, Float64Type, Int64Type},
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::{
    compare::{instant, plain, wide_instant},
    lanes::returned,
};
use crate::{
    Call, Fault, Type,
    array::compare::keys::Ids,
    columns::{argument, arrays, primitive},
};

pub(super) fn is_distinct(
    call: &Call,
    arguments: &[ColumnarValue],
    rows: usize,
) -> EngineResult<ColumnarValue> {
    let compared = call.arguments.first().ok_or_else(|| Fault::internal("a comparison of nothing"))?;
    let arrays = arrays(arguments, rows)?;
    let (left, right) = (argument(&arrays, 0)?, argument(&arrays, 1)?);
    let distinct = match compared {
        // Two values of type unknown are both NULL.
        Type::Unknown => BooleanArray::new(BooleanBuffer::new_unset(left.len()), None),
        Type::Real => numbers::<Float32Type>(left, right, |l, r| l != r && !(l.is_nan() && r.is_nan()))?,
        Type::Double => numbers::<Float64Type>(left, right, |l, r| l != r && !(l.is_nan() && r.is_nan()))?,
        Type::TimestampTz(0..=3) => numbers::<Int64Type>(left, right, |l, r| instant(l) != instant(r))?,
        Type::TimestampTz(_) => {
            numbers::<Decimal128Type>(left, right, |l, r| wide_instant(l) != wide_instant(r))?
        }
        Type::TimeTz(_) | Type::Array(_) | Type::Map(..) | Type::Row(_) => {
            let ids = Ids::new(&[left, right], compared)?;
            let [left_ids, right_ids] = ids.of.as_slice() else {
                return Err(Fault::internal("two arrays were compared").into());
            };
            let distinct: BooleanBuffer = left_ids.iter().zip(right_ids).map(|(l, r)| l != r).collect();
            BooleanArray::new(distinct, None)
        }
        _ => plain(arguments, cmp::distinct)?,
    };
    returned(arguments, distinct)
}

/// Also looks at what stands behind NULLs, where `differ` does not matter.
fn numbers<T: ArrowPrimitiveType>(
    left: &arrow::array::ArrayRef,
    right: &arrow::array::ArrayRef,
    differ: impl Fn(T::Native, T::Native) -> bool,
) -> EngineResult<BooleanArray> {
    let (left, right) = (primitive::<T>(left)?, primitive::<T>(right)?);
    let values = left.values().iter().zip(right.values()).enumerate();
    let distinct: BooleanBuffer = values
        .map(|(row, (l, r))| match (left.is_null(row), right.is_null(row)) {
            (false, false) => differ(*l, *r),
            (left_null, right_null) => left_null != right_null,
        })
        .collect();
    Ok(BooleanArray::new(distinct, None))
}

#[cfg(test)]
mod tests {
    use crate::testing::value;

    // The rows around each case in `check` are NULL and have an answer here.
    fn distinct(left: &str, right: &str) -> bool {
        use datafusion::{common::ScalarValue, logical_expr::ColumnarValue};
        let ((compared, left), (_, right)) = (value(left), value(right));
        let call = crate::Call::new(vec![compared.clone(), compared], crate::Type::Boolean);
        let arguments = [ColumnarValue::Array(left), ColumnarValue::Array(right)];
        match super::is_distinct(&call, &arguments, 1) {
            Ok(ColumnarValue::Array(array)) => {
                ScalarValue::try_from_array(&array, 0).ok() == Some(ScalarValue::Boolean(Some(true)))
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn null_and_nan_are_values() {
        for (left, right, expected) in [
            ("bigint NULL", "bigint NULL", false),
            ("bigint NULL", "bigint 1", true),
            ("bigint 1", "bigint 1", false),
            ("bigint 1", "bigint 2", true),
            ("double NaN", "double NaN", false),
            ("double NaN", "double 1", true),
            ("double NULL", "double 0", true),
            ("double NULL", "double NULL", false),
            ("double 0", "double -0.0", false),
            ("array(bigint) [1,null]", "array(bigint) [1,null]", false),
            ("array(bigint) [1,null]", "array(bigint) [1,2]", true),
            ("array(bigint) NULL", "array(bigint) []", true),
            ("row(bigint, varchar) [null,\"a\"]", "row(bigint, varchar) [null,\"a\"]", false),
            ("map(varchar, bigint) [[\"a\",null]]", "map(varchar, bigint) [[\"a\",null]]", false),
            ("varchar 'a'", "varchar 'b'", true),
            ("timestamp(3) with time zone 4096", "timestamp(3) with time zone 4101", false),
        ] {
            assert_eq!(distinct(left, right), expected, "{left} and {right}");
        }
    }
}

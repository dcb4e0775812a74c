//! Looking for values in arrays.

use std::{ops::Range, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, BooleanArray, Int64Array},
    buffer::NullBuffer,
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::{
    compare::{
        equal, equal_to_value, is_nested,
        keys::{Ids, Seen},
    },
    lists::{Gather, Lists, item_type, union_of_nulls},
};
use crate::{
    Call, Fault, Function, Type,
    columns::{argument, on_arrays},
};

pub(crate) fn functions() -> Vec<Function> {
    vec![
        Function::scalar(
            "contains",
            &["(array(T), T) -> boolean", "(varchar, ipaddress) -> boolean"],
            contains,
            "True if the array has an element equal to the value",
        ),
        Function::scalar(
            "array_position",
            &["(array(T), T) -> bigint"],
            position,
            "The position of the first element equal to the value, or 0",
        ),
        Function::scalar(
            "array_remove",
            &["(array(T), T) -> array(T)"],
            remove,
            "The array without the elements equal to the value",
        ),
        Function::scalar(
            "contains_sequence",
            &["(array(T), array(T)) -> boolean"],
            contains_sequence,
            "True if the second array lies in the first without gaps",
        ),
    ]
}

/// Each item of arrays compared with the value for its array.
struct Compared {
    lists: Lists,
    item_nulls: Option<NullBuffer>,
    equal: BooleanArray,
    name: &'static str,
}

impl Compared {
    fn new(
        call: &Call,
        arguments: &[ColumnarValue],
        arrays: &[ArrayRef],
        name: &'static str,
    ) -> EngineResult<Self> {
        let value = argument(arrays, 1)?;
        let lists = Lists::of(argument(arrays, 0)?)?.with_nulls(value.logical_nulls().as_ref())?;
        let is_constant = matches!(arguments, [_, ColumnarValue::Scalar(_)]);
        let equal = equal_to_value(&lists, &lists.items, value, is_constant, item_type(call, 0)?)?;
        Ok(Self { item_nulls: lists.items.logical_nulls(), lists, equal, name })
    }

    /// Whether an item equals the value; None if the item is NULL.
    fn answer(&self, item: usize) -> Result<Option<bool>, Fault> {
        if self.item_nulls.as_ref().is_some_and(|nulls| nulls.is_null(item)) {
            return Ok(None);
        }
        match self.equal.is_null(item) {
            false => Ok(Some(self.equal.value(item))),
            true => Err(Fault::not_supported(format!(
                "{} does not support arrays with elements that are null or contain null",
                self.name
            ))),
        }
    }

    /// The value for each array that is not NULL, from where its items are.
    fn rows<T>(
        &self,
        value: impl Fn(Range<usize>) -> Result<Option<T>, Fault>,
    ) -> Result<Vec<Option<T>>, Fault> {
        let row = |(row, range)| if self.lists.is_null(row) { Ok(None) } else { value(range) };
        self.lists.ranges().enumerate().map(row).collect()
    }
}

fn contains(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    if call.arguments.get(1) == Some(&Type::IpAddress) && call.arguments.first().is_some_and(Type::is_text) {
        return crate::network::contains_ip(call, arguments, rows);
    }
    if let [ColumnarValue::Scalar(list), ColumnarValue::Array(values)] = arguments
        && !is_nested(item_type(call, 0)?)
    {
        let found = contained_in(&list.to_array()?, values, item_type(call, 0)?)?;
        return Ok(ColumnarValue::Array(Arc::new(found)));
    }
    on_arrays(arguments, rows, |arrays| {
        let compared = Compared::new(call, arguments, arrays, "contains")?;
        let found = compared.rows(|items| {
            let mut otherwise = Some(false);
            for item in items {
                match compared.answer(item)? {
                    Some(true) => return Ok(Some(true)),
                    Some(false) => {}
                    None => otherwise = None,
                }
            }
            Ok(otherwise)
        })?;
        Ok(Arc::new(BooleanArray::from(found)))
    })
}

/// Which of the values are in the one list: each value costs one look into a hash table.
fn contained_in(list: &ArrayRef, values: &ArrayRef, of: &Type) -> EngineResult<BooleanArray> {
    let list = Lists::of(list)?;
    let ids = Ids::new(&[&list.items, values], of)?;
    let mut seen = Seen::new(&ids);
    seen.next_list();
    let [items, values_ids] = ids.of.as_slice() else {
        return Err(Fault::internal("ids of two arrays").into());
    };
    for id in items {
        seen.insert(*id);
    }
    let otherwise = (!seen.contains(Ids::NULL)).then_some(false);
    // Not distinct is not yet equal: NaN.
    let is_number = match of {
        Type::Real | Type::Double => Some(equal(values, values, of)?),
        _ => None,
    };
    let is_equal = |row: usize| is_number.as_ref().is_none_or(|numbers| numbers.value(row));
    let found = values_ids.iter().enumerate().map(|(row, id)| match *id {
        Ids::NULL => None,
        id if seen.contains(id) && is_equal(row) => Some(true),
        _ => otherwise,
    });
    Ok(found.collect())
}

fn position(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let compared = Compared::new(call, arguments, arrays, "array_position")?;
        let positions = compared.rows(|items| {
            for (position, item) in (1_i64..).zip(items) {
                if compared.answer(item)? == Some(true) {
                    return Ok(Some(position));
                }
            }
            Ok(Some(0))
        })?;
        Ok(Arc::new(Int64Array::from(positions)))
    })
}

fn remove(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let compared = Compared::new(call, arguments, arrays, "array_remove")?;
        let lists = &compared.lists;
        let mut kept = Gather::with_capacity(lists.len(), lists.items.len());
        for range in lists.ranges() {
            for item in range {
                if compared.answer(item)? != Some(true) {
                    kept.push(item);
                }
            }
            kept.end_row()?;
        }
        kept.finish(&lists.items, lists.nulls.clone())
    })
}

fn contains_sequence(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let (array, sequence) = (Lists::of(argument(arrays, 0)?)?, Lists::of(argument(arrays, 1)?)?);
        let ids = Ids::new(&[&array.items, &sequence.items], item_type(call, 0)?)?;
        let [array_ids, sequence_ids] = ids.of.as_slice() else {
            return Err(Fault::internal("ids of two arrays").into());
        };
        let nulls = union_of_nulls(arrays);
        let found = array.ranges().zip(sequence.ranges()).map(|(array, sequence)| {
            let (array, sequence) = (&array_ids[array], &sequence_ids[sequence]);
            sequence.is_empty() || array.windows(sequence.len()).any(|window| window == sequence)
        });
        Ok(Arc::new(BooleanArray::new(found.collect(), nulls)))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, BooleanArray, Float64Array};
    use datafusion::{common::ScalarValue, logical_expr::ColumnarValue};

    use crate::{
        Call, Type,
        testing::{check, value},
    };

    #[test]
    fn contains() {
        check(
            "contains",
            &[
                (&["array(bigint) [1,2]", "bigint 2"], "boolean true"),
                (&["array(bigint) [1,2]", "bigint 3"], "boolean false"),
                (&["array(bigint) []", "bigint 3"], "boolean false"),
                (&["array(bigint) [1,null]", "bigint 3"], "boolean NULL"),
                (&["array(bigint) [null,3]", "bigint 3"], "boolean true"),
                (&["array(bigint) [1]", "bigint NULL"], "boolean NULL"),
                (&["array(bigint) NULL", "bigint 1"], "boolean NULL"),
                (&["array(unknown) [null]", "unknown NULL"], "boolean NULL"),
                (&["array(varchar) [\"a\",\"b\"]", "varchar 'b'"], "boolean true"),
                (&["array(double) [\"NaN\"]", "double NaN"], "boolean false"),
                (&["array(double) [0.0]", "double -0.0"], "boolean true"),
                (&["array(array(bigint)) [[1],[2,3]]", "array(bigint) [2,3]"], "boolean true"),
                (&["array(array(bigint)) [[1],[2,3]]", "array(bigint) [3]"], "boolean false"),
                (&["array(array(bigint)) [[1],[2,null]]", "array(bigint) [1]"], "boolean true"),
                (
                    &["array(array(bigint)) [[2,null]]", "array(bigint) [2,3]"],
                    "error contains does not support arrays with elements that are null or contain null",
                ),
                (&["array(row(bigint, bigint)) [[1,null]]", "row(bigint, bigint) [2,3]"], "boolean false"),
            ],
        );
    }

    #[test]
    fn contains_in_a_constant_array() {
        for (list, expected) in [
            ("[1.0,0.0,\"NaN\"]", vec![Some(true), Some(true), Some(false), Some(false), None]),
            ("[2.0,null]", vec![None, None, None, None, None]),
            ("[null,1.0]", vec![Some(true), None, None, None, None]),
        ] {
            let (of, list) = value(&format!("array(double) {list}"));
            let values: ArrayRef =
                Arc::new(Float64Array::from(vec![Some(1.0), Some(-0.0), Some(f64::NAN), Some(5.0), None]));
            let arguments = [
                ColumnarValue::Scalar(ScalarValue::try_from_array(&list, 0).unwrap()),
                ColumnarValue::Array(values),
            ];
            let call = Call::new(vec![of, Type::Double], Type::Boolean);
            let found = super::contains(&call, &arguments, 5).unwrap().into_array(5).unwrap();
            assert_eq!(found.as_ref(), &BooleanArray::from(expected) as &dyn arrow::array::Array);
        }
    }

    #[test]
    fn array_position() {
        check(
            "array_position",
            &[
                (&["array(bigint) [10,20,30,20]", "bigint 20"], "bigint 2"),
                (&["array(bigint) [10,null,30]", "bigint 30"], "bigint 3"),
                (&["array(bigint) [10,null]", "bigint 5"], "bigint 0"),
                (&["array(bigint) []", "bigint 5"], "bigint 0"),
                (&["array(bigint) [1]", "bigint NULL"], "bigint NULL"),
                (&["array(bigint) NULL", "bigint 1"], "bigint NULL"),
                (&["array(double) [\"NaN\"]", "double NaN"], "bigint 0"),
                (&["array(array(bigint)) [[1],[2]]", "array(bigint) [2]"], "bigint 2"),
                (&["array(array(bigint)) [[null]]", "array(bigint) [2]"], "error array_position does not"),
            ],
        );
    }

    #[test]
    fn array_remove() {
        check(
            "array_remove",
            &[
                (&["array(varchar) [\"a\",\"b\",\"a\",null]", "varchar 'a'"], "array(varchar) [\"b\",null]"),
                (&["array(bigint) [3]", "bigint 3"], "array(bigint) []"),
                (&["array(bigint) []", "bigint 3"], "array(bigint) []"),
                (&["array(bigint) [1]", "bigint NULL"], "array(bigint) NULL"),
                (&["array(bigint) NULL", "bigint 3"], "array(bigint) NULL"),
                (&["array(double) [\"NaN\",1.0]", "double NaN"], "array(double) [\"NaN\",1.0]"),
                (&["array(array(bigint)) [[1,null]]", "array(bigint) [1,2]"], "error array_remove does not"),
            ],
        );
    }

    #[test]
    fn contains_sequence() {
        check(
            "contains_sequence",
            &[
                (&["array(bigint) [1,2,3,4]", "array(bigint) [2,3]"], "boolean true"),
                (&["array(bigint) [1,2,3,4]", "array(bigint) [2,4]"], "boolean false"),
                (&["array(bigint) [1,null,3]", "array(bigint) [null,3]"], "boolean true"),
                (&["array(bigint) [1]", "array(bigint) []"], "boolean true"),
                (&["array(bigint) []", "array(bigint) []"], "boolean true"),
                (&["array(bigint) []", "array(bigint) [1]"], "boolean false"),
                (&["array(bigint) NULL", "array(bigint) []"], "boolean NULL"),
            ],
        );
    }
}

//! One form for values that are not distinct. The engine groups, hashes and joins by what stands in memory,
//! where a map has an order and 0.0 a sign.

use std::sync::Arc;

use arrow::{
    array::ArrayRef,
    compute::take,
    datatypes::{Float32Type, Float64Type},
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::keys::in_order_of_keys;
use crate::{
    Call, Fault, Type,
    array::lists::{Lists, list_array},
    cast::nested::with_fields,
    columns::{argument, on_arrays, primitive},
    map::construct::map_array,
};

/// True if values of the type that are not distinct can differ in memory.
pub fn has_many_forms(of: &Type) -> bool {
    match of {
        Type::Real | Type::Double | Type::Map(..) => true,
        Type::Array(item) => has_many_forms(item),
        Type::Row(fields) => fields.iter().any(|field| has_many_forms(&field.field_type)),
        _ => false,
    }
}

/// `$one_form`
pub(crate) fn one_form(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| form(argument(arrays, 0)?, &call.returns))
}

/// 0.0 for -0.0, one NaN, and maps in the order of their keys.
fn form(array: &ArrayRef, of: &Type) -> EngineResult<ArrayRef> {
    Ok(match of {
        Type::Real => Arc::new(
            primitive::<Float32Type>(array)?
                .unary::<_, Float32Type>(|value| if value.is_nan() { f32::NAN } else { value + 0.0 }),
        ),
        Type::Double => Arc::new(
            primitive::<Float64Type>(array)?
                .unary::<_, Float64Type>(|value| if value.is_nan() { f64::NAN } else { value + 0.0 }),
        ),
        Type::Array(item) if has_many_forms(item) => {
            let given = Lists::of(array)?;
            list_array(form(&given.items, item)?, given.offsets, given.nulls)?
        }
        Type::Row(fields) if has_many_forms(of) => {
            with_fields(array, fields, |index, values| match fields.get(index) {
                Some(field) => form(values, &field.field_type),
                None => Err(Fault::internal("a field without a type").into()),
            })?
        }
        Type::Map(key, value) => {
            let maps = Lists::of_map(array)?;
            let (keys, values) = maps.entries()?;
            let sorted = in_order_of_keys(&maps, &keys, key)?;
            let keys = form(&take(&keys, &sorted, None)?, key)?;
            let values = form(&take(&values, &sorted, None)?, value)?;
            map_array(&of.arrow(), keys, values, maps.offsets, maps.nulls)?
        }
        _ => Arc::clone(array),
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn values_that_are_not_distinct_have_one_form() {
        check(
            "$one_form",
            &[
                (&["double -0.0"], "double 0.0"),
                (&["real -0.0"], "real 0.0"),
                (&["double NULL"], "double NULL"),
                (&["bigint 1"], "bigint 1"),
                (&["array(double) [-0.0,1.5,null]"], "array(double) [0.0,1.5,null]"),
                (&["array(double) NULL"], "array(double) NULL"),
                (&["row(bigint, double) [1,-0.0]"], "row(bigint, double) [1,0.0]"),
                (
                    &["map(bigint, varchar) [[2,\"b\"],[1,\"a\"]]"],
                    "map(bigint, varchar) [[1,\"a\"],[2,\"b\"]]",
                ),
                (&["map(bigint, double) [[2,null],[1,-0.0]]"], "map(bigint, double) [[1,0.0],[2,null]]"),
                (
                    &["array(map(varchar, bigint)) [[[\"b\",1],[\"a\",2]],null,[]]"],
                    "array(map(varchar, bigint)) [[[\"a\",2],[\"b\",1]],null,[]]",
                ),
                (&["map(bigint, varchar) NULL"], "map(bigint, varchar) NULL"),
            ],
        );
    }
}

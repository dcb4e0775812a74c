//! Functions on maps (<https://trino.io/docs/current/functions/map.html>).

pub(crate) mod construct;

mod concat;

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, StructArray, UInt32Array},
    compute::take,
    datatypes::DataType,
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use crate::{
    Call, Fault, Function, Type,
    array::{
        compare::equal_to_value,
        lists::{Lists, list_array, to_u32, union_of_nulls},
    },
    cast,
    columns::{argument, on_arrays},
};

pub(crate) fn functions() -> Vec<Function> {
    let mut functions = vec![
        Function::scalar("map_keys", &["(map(K, V)) -> array(K)"], keys, "The keys of a map"),
        Function::scalar("map_values", &["(map(K, V)) -> array(V)"], values, "The values of a map"),
        Function::scalar(
            "map_entries",
            &["(map(K, V)) -> array(row(K, V))"],
            entries,
            "The entries of a map as rows of key and value",
        ),
    ];
    functions.extend(construct::functions());
    functions.extend(concat::functions());
    functions
}

fn keys(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let maps = Lists::of_map(argument(arrays, 0)?)?;
        list_array(maps.entries()?.0, maps.offsets.clone(), maps.nulls.clone())
    })
}

fn values(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let maps = Lists::of_map(argument(arrays, 0)?)?;
        list_array(maps.entries()?.1, maps.offsets.clone(), maps.nulls.clone())
    })
}

fn entries(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let maps = Lists::of_map(argument(arrays, 0)?)?;
        let Type::Array(row) = &call.returns else {
            return Err(Fault::internal("entries that are not an array").into());
        };
        let DataType::Struct(fields) = row.arrow() else {
            return Err(Fault::internal("entries that are not rows").into());
        };
        let (keys, values) = maps.entries()?;
        let rows = StructArray::try_new(fields, vec![keys, values], None)?;
        list_array(Arc::new(rows), maps.offsets.clone(), maps.nulls.clone())
    })
}

/// What the value of a key is that a map does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    Null,
    Fault,
}

/// The values of the keys in the second array, which are of type `key`. `is_constant` tells that they are all
/// the same and not NULL.
pub(crate) fn lookup(
    arrays: &[ArrayRef],
    is_constant: bool,
    key: &Type,
    missing: Missing,
) -> EngineResult<ArrayRef> {
    let wanted = argument(arrays, 1)?;
    let maps = Lists::of_map(argument(arrays, 0)?)?.with_nulls(union_of_nulls(arrays).as_ref())?;
    let (keys, values) = maps.entries()?;
    let equal = equal_to_value(&maps, &keys, wanted, is_constant, key)?;
    let value = |(row, mut range): (usize, std::ops::Range<usize>)| -> EngineResult<Option<u32>> {
        match range.find(|entry| equal.is_valid(*entry) && equal.value(*entry)) {
            Some(entry) => Ok(Some(to_u32(entry))),
            None if missing == Missing::Null || maps.is_null(row) => Ok(None),
            None => Err(not_present(&wanted.slice(row, 1), key).into()),
        }
    };
    let found = maps.ranges().enumerate().map(value).collect::<EngineResult<UInt32Array>>()?;
    Ok(take(&values, &found, None)?)
}

fn not_present(key: &ArrayRef, of: &Type) -> Fault {
    let shown = shown(key, of).map(|key| format!(": {key}")).unwrap_or_default();
    Fault::invalid_argument(format!("Key not present in map{shown}"))
}

/// The one value of an array as text, if it has a text.
fn shown(value: &ArrayRef, of: &Type) -> Option<String> {
    let text = cast::cast(value, of, &Type::VARCHAR).ok()?;
    let text = text.as_string_view_opt()?;
    (text.len() == 1 && text.is_valid(0)).then(|| text.value(0).to_owned())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn map_keys_values_and_entries() {
        check(
            "map_keys",
            &[
                (&["map(varchar, bigint) [[\"a\",1],[\"b\",null]]"], "array(varchar) [\"a\",\"b\"]"),
                (&["map(varchar, bigint) []"], "array(varchar) []"),
                (&["map(varchar, bigint) NULL"], "array(varchar) NULL"),
            ],
        );
        check(
            "map_values",
            &[
                (&["map(varchar, bigint) [[\"a\",1],[\"b\",null]]"], "array(bigint) [1,null]"),
                (&["map(varchar, bigint) NULL"], "array(bigint) NULL"),
            ],
        );
        check(
            "map_entries",
            &[
                (
                    &["map(varchar, bigint) [[\"a\",1],[\"b\",null]]"],
                    "array(row(varchar, bigint)) [[\"a\",1],[\"b\",null]]",
                ),
                (&["map(varchar, bigint) []"], "array(row(varchar, bigint)) []"),
                (&["map(varchar, bigint) NULL"], "array(row(varchar, bigint)) NULL"),
            ],
        );
    }
}

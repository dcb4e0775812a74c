//! Rows: built of values, and their fields.

use std::sync::Arc;

use arrow::{
    array::{Array, BooleanArray, StructArray},
    compute::nullif,
    datatypes::DataType,
};
use datafusion::{
    common::{Result as EngineResult, ScalarValue},
    logical_expr::ColumnarValue,
};

use crate::{
    Call, Fault, Function, Type,
    columns::{argument, on_arrays, structs},
};

pub(crate) fn functions() -> Vec<Function> {
    vec![
        Function::scalar("$row", &["(T...) -> T"], construct, "A row of values")
            .with_nulls()
            .returning(|arguments| Ok(Type::row(arguments.iter().cloned()))),
        Function::scalar("$field", &["(T, bigint) -> T"], field, "The field of a row by its index from 0"),
    ]
}

fn construct(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let DataType::Struct(fields) = call.returns.arrow() else {
            return Err(Fault::internal("a row that is not one").into());
        };
        if arrays.is_empty() {
            return Ok(Arc::new(StructArray::new_empty_fields(rows, None)));
        }
        Ok(Arc::new(StructArray::try_new(fields, arrays.to_vec(), None)?))
    })
}

fn field(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let [row, ColumnarValue::Scalar(ScalarValue::Int64(Some(index)))] = arguments else {
        return Err(Fault::internal("a row and the constant index of a field").into());
    };
    on_arrays(std::slice::from_ref(row), rows, |arrays| {
        let rows = structs(argument(arrays, 0)?)?;
        let column = usize::try_from(*index).ok().and_then(|index| rows.columns().get(index));
        let column = column.ok_or_else(|| Fault::internal(format!("no field {index} in a row")))?;
        match rows.nulls().filter(|nulls| nulls.null_count() > 0) {
            None => Ok(Arc::clone(column)),
            Some(nulls) => Ok(nullif(column, &BooleanArray::new(!nulls.inner(), None))?),
        }
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Array, ArrayRef, StructArray};
    use datafusion::{common::ScalarValue, logical_expr::ColumnarValue};

    use crate::{
        Call, Type,
        testing::{check, value},
        types::row_fields,
    };

    #[test]
    fn row_constructor() {
        check(
            "$row",
            &[
                (&["bigint 1", "varchar NULL"], "row(bigint, varchar) [1,null]"),
                (&["array(bigint) [1]"], "row(array(bigint)) [[1]]"),
                (&["unknown NULL", "row(bigint) [1]"], "row(unknown, row(bigint)) [null,[1]]"),
            ],
        );
    }

    #[test]
    fn field() {
        for (row, index, expected) in [
            ("row(bigint, varchar) [1,\"a\"]", 0, "bigint 1"),
            ("row(bigint, varchar) [1,\"a\"]", 1, "varchar 'a'"),
            ("row(bigint, varchar) [1,null]", 1, "varchar NULL"),
            ("row(bigint, varchar) NULL", 1, "varchar NULL"),
            ("row(unknown) [null]", 0, "unknown NULL"),
        ] {
            let ((of, row), (returns, expected)) = (value(row), value(expected));
            let call = Call::new(vec![of, Type::BigInt], returns);
            let index = ColumnarValue::Scalar(ScalarValue::from(index as i64));
            let result = super::field(&call, &[ColumnarValue::Array(row), index], 1).unwrap();
            assert_eq!(result.into_array(1).unwrap().as_ref(), expected.as_ref());
        }
    }

    #[test]
    fn fields_behind_null_rows_are_null() {
        let (of, field) = value("bigint 7");
        let fields = row_fields(&[crate::RowField { name: None, field_type: of.clone() }]);
        let row: ArrayRef = Arc::new(StructArray::new(fields, vec![field], Some(vec![false].into())));
        let call = Call::new(vec![Type::row([of.clone()]), Type::BigInt], of);
        let index = ColumnarValue::Scalar(ScalarValue::from(0_i64));
        let result = super::field(&call, &[ColumnarValue::Array(row), index], 1).unwrap();
        assert!(result.into_array(1).unwrap().is_null(0));
    }
}

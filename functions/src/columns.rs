//! Arguments as arrays, and row-by-row kernels in few words.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BinaryViewArray, BinaryViewBuilder, BooleanArray,
    ListArray, MapArray, PrimitiveArray, StringViewArray, StringViewBuilder, StructArray,
};
use datafusion::{
    common::{Result as EngineResult, ScalarValue},
    logical_expr::ColumnarValue,
};

use crate::Fault;

/// The arguments as arrays of equal length: `rows`, or 1 if all of them are scalars.
pub(crate) fn arrays(arguments: &[ColumnarValue], rows: usize) -> EngineResult<Vec<ArrayRef>> {
    let rows = if all_scalar(arguments) { 1 } else { rows };
    arguments.iter().map(|argument| argument.to_array(rows)).collect()
}

/// True if the result is the same for all rows of the batch.
pub(crate) fn all_scalar(arguments: &[ColumnarValue]) -> bool {
    arguments.iter().all(|argument| matches!(argument, ColumnarValue::Scalar(_)))
}

/// Runs `kernel` on arrays (see [`arrays`]) and returns a scalar if all arguments were scalars.
pub(crate) fn on_arrays(
    arguments: &[ColumnarValue],
    rows: usize,
    kernel: impl FnOnce(&[ArrayRef]) -> EngineResult<ArrayRef>,
) -> EngineResult<ColumnarValue> {
    let result = kernel(&arrays(arguments, rows)?)?;
    match all_scalar(arguments) && !arguments.is_empty() {
        true => Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&result, 0)?)),
        false => Ok(ColumnarValue::Array(result)),
    }
}

/// The array as the type that carries text.
pub(crate) fn text(array: &ArrayRef) -> EngineResult<&StringViewArray> {
    array.as_string_view_opt().ok_or_else(|| unexpected(array, "text"))
}

/// The array as the type that carries binary data.
pub(crate) fn bytes(array: &ArrayRef) -> EngineResult<&BinaryViewArray> {
    array.as_binary_view_opt().ok_or_else(|| unexpected(array, "binary"))
}

/// The array as a primitive type.
pub(crate) fn primitive<T: ArrowPrimitiveType>(array: &ArrayRef) -> EngineResult<&PrimitiveArray<T>> {
    array.as_primitive_opt::<T>().ok_or_else(|| unexpected(array, &T::DATA_TYPE.to_string()))
}

/// The array as booleans.
pub(crate) fn booleans(array: &ArrayRef) -> EngineResult<&BooleanArray> {
    array.as_boolean_opt().ok_or_else(|| unexpected(array, "boolean"))
}

/// The array as lists.
pub(crate) fn lists(array: &ArrayRef) -> EngineResult<&ListArray> {
    array.as_list_opt::<i32>().ok_or_else(|| unexpected(array, "array"))
}

/// The array as maps.
pub(crate) fn maps(array: &ArrayRef) -> EngineResult<&MapArray> {
    array.as_map_opt().ok_or_else(|| unexpected(array, "map"))
}

/// The array as rows.
pub(crate) fn structs(array: &ArrayRef) -> EngineResult<&StructArray> {
    array.as_struct_opt().ok_or_else(|| unexpected(array, "row"))
}

fn unexpected(array: &ArrayRef, wanted: &str) -> datafusion::error::DataFusionError {
    Fault::internal(format!("{} where {wanted} was promised", array.data_type())).into()
}

/// Argument `index`, which the signature promises.
pub(crate) fn argument(arrays: &[ArrayRef], index: usize) -> EngineResult<&ArrayRef> {
    arrays.get(index).ok_or_else(|| Fault::internal(format!("argument {index} is missing")).into())
}

/// Text for each row; None is NULL.
pub(crate) fn text_rows(
    rows: usize,
    mut value: impl FnMut(usize, &mut String) -> Result<Option<()>, Fault>,
) -> EngineResult<ArrayRef> {
    let mut builder = StringViewBuilder::with_capacity(rows);
    let mut buffer = String::new();
    for row in 0..rows {
        buffer.clear();
        match value(row, &mut buffer)? {
            Some(()) => builder.append_value(&buffer),
            None => builder.append_null(),
        }
    }
    Ok(Arc::new(builder.finish()))
}

/// Binary data for each row; None is NULL.
pub(crate) fn binary_rows(
    rows: usize,
    mut value: impl FnMut(usize, &mut Vec<u8>) -> Result<Option<()>, Fault>,
) -> EngineResult<ArrayRef> {
    let mut builder = BinaryViewBuilder::with_capacity(rows);
    let mut buffer = Vec::new();
    for row in 0..rows {
        buffer.clear();
        match value(row, &mut buffer)? {
            Some(()) => builder.append_value(&buffer),
            None => builder.append_null(),
        }
    }
    Ok(Arc::new(builder.finish()))
}

/// A number for each row; None is NULL.
pub(crate) fn primitive_rows<T: ArrowPrimitiveType>(
    rows: usize,
    value: impl FnMut(usize) -> Result<Option<T::Native>, Fault>,
) -> EngineResult<ArrayRef> {
    let values: PrimitiveArray<T> = (0..rows).map(value).collect::<Result<_, _>>()?;
    Ok(Arc::new(values))
}

/// A boolean for each row; None is NULL.
pub(crate) fn boolean_rows(
    rows: usize,
    value: impl FnMut(usize) -> Result<Option<bool>, Fault>,
) -> EngineResult<ArrayRef> {
    let values: BooleanArray = (0..rows).map(value).collect::<Result<_, _>>()?;
    Ok(Arc::new(values))
}

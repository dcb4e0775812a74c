//! What is larger: keys of any orderable type as bytes that compare as Trino compares the values.
//!
//! For `max` and its kin NaN is below every number, for `min` and its kin above: so NaN is the result only
//! where there is nothing else (the comparisons "unordered first" and "unordered last" of Trino's types).

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, Float32Array, Float64Array},
    datatypes::{DataType, Float32Type, Float64Type},
    row::{RowConverter, Rows},
};
use datafusion::common::Result as EngineResult;

use crate::{Fault, aggregate::keyed::row_converter};

/// Which end is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    Largest,
    Smallest,
}

impl Wanted {
    /// True if the key `new` is strictly better than `old`.
    pub(crate) fn prefers<K: Ord + ?Sized>(self, new: &K, old: &K) -> bool {
        match self {
            Wanted::Largest => new > old,
            Wanted::Smallest => new < old,
        }
    }
}

/// Makes keys of one type.
#[derive(Debug)]
pub(crate) struct Keys {
    converter: RowConverter,
    wanted: Wanted,
    nested: bool,
}

impl Keys {
    pub(crate) fn new(key_type: &DataType, wanted: Wanted) -> EngineResult<Self> {
        if contains_map(key_type) {
            return Err(Fault::type_mismatch("maps have no order").into());
        }
        let converter = row_converter(std::slice::from_ref(key_type))?;
        Ok(Self { converter, wanted, nested: key_type.is_nested() })
    }

    /// A key for each value. Those of NULLs mean nothing.
    pub(crate) fn of(&self, values: &ArrayRef) -> EngineResult<Rows> {
        if self.nested && has_inner_nulls(values) {
            let what = if values.data_type().is_list() {
                "arrays with null elements"
            } else {
                "fields with null elements"
            };
            let kind = if values.data_type().is_list() { "ARRAY" } else { "ROW" };
            return Err(Fault::not_supported(format!("{kind} comparison not supported for {what}")).into());
        }
        Ok(self.converter.convert_columns(&[self.with_nan_last_choice(values)])?)
    }

    fn with_nan_last_choice(&self, values: &ArrayRef) -> ArrayRef {
        // The keys order NaNs by sign: negative below all numbers, positive above.
        let nan = if self.wanted == Wanted::Largest { -f64::NAN.abs() } else { f64::NAN.abs() };
        match values.data_type() {
            DataType::Float64 => {
                let plain: Float64Array = values
                    .as_primitive::<Float64Type>()
                    .unary(|value| if value.is_nan() { nan } else { value });
                Arc::new(plain)
            }
            DataType::Float32 => {
                let nan = if self.wanted == Wanted::Largest { -f32::NAN.abs() } else { f32::NAN.abs() };
                let plain: Float32Array = values
                    .as_primitive::<Float32Type>()
                    .unary(|value| if value.is_nan() { nan } else { value });
                Arc::new(plain)
            }
            _ => Arc::clone(values),
        }
    }
}

fn contains_map(data_type: &DataType) -> bool {
    match data_type {
        DataType::Map(..) => true,
        DataType::List(item) => contains_map(item.data_type()),
        DataType::Struct(fields) => fields.iter().any(|field| contains_map(field.data_type())),
        _ => false,
    }
}

/// True if a value that is not NULL has a NULL inside, at any depth.
fn has_inner_nulls(values: &ArrayRef) -> bool {
    match values.data_type() {
        DataType::List(_) => values.as_list_opt::<i32>().is_some_and(|lists| {
            (0..lists.len()).filter(|row| lists.is_valid(*row)).any(|row| {
                let items = lists.value(row);
                items.null_count() > 0 || has_inner_nulls(&items)
            })
        }),
        DataType::Struct(_) => values.as_struct_opt().is_some_and(|rows| {
            rows.columns().iter().any(|column| {
                let field_null = (0..rows.len()).any(|row| rows.is_valid(row) && column.is_null(row));
                field_null || has_inner_nulls(column)
            })
        }),
        _ => false,
    }
}

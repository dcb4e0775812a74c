//! Functions that only the planner calls.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, Int64Array, ListArray},
    buffer::{NullBuffer, OffsetBuffer},
    datatypes::{DataType, Field, FieldRef},
};
use datafusion::{
    common::{Result as EngineResult, ScalarValue},
    logical_expr::{
        Accumulator, AggregateUDF, AggregateUDFImpl, ColumnarValue, Signature, Volatility,
        function::{AccumulatorArgs, StateFieldsArgs},
    },
};

use crate::{Call, Fault, Function, columns::on_arrays, function::plan_name, types::item_field};

pub(crate) fn functions() -> Vec<Function> {
    vec![
        Function::scalar("$ordinals", &["(T...) -> array(bigint)"], ordinals, "1, 2, … for the longest list")
            .with_nulls(),
        Function::aggregate(
            "$single_value",
            &["(T) -> T"],
            AggregateUDF::new_from_impl(SingleValue::new()),
            "The only value of a subquery",
        ),
    ]
}

/// For each row the numbers from 1 to the length of the longest of its lists and maps; NULL if all are NULL.
fn ordinals(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let rows = arrays.first().map_or(0, |first| first.len());
        let lengths: Vec<Option<usize>> =
            (0..rows).map(|row| arrays.iter().filter_map(|array| length(array, row)).max()).collect();
        let offsets = OffsetBuffer::<i32>::from_lengths(lengths.iter().map(|length| length.unwrap_or(0)));
        let numbers: Int64Array =
            lengths.iter().flat_map(|length| (1..=length.unwrap_or(0)).map(|number| number as i64)).collect();
        let nulls: NullBuffer = lengths.iter().map(Option::is_some).collect();
        Ok(Arc::new(ListArray::new(item_field(DataType::Int64), offsets, Arc::new(numbers), Some(nulls)))
            as ArrayRef)
    })
}

fn length(array: &ArrayRef, row: usize) -> Option<usize> {
    if array.is_null(row) {
        return None;
    }
    let list = array.as_any().downcast_ref::<ListArray>().map(|list| list.value_length(row));
    let length = list
        .or_else(|| array.as_any().downcast_ref::<arrow::array::MapArray>().map(|map| map.value_length(row)));
    length.and_then(|length| usize::try_from(length).ok())
}

/// NULL without rows, the value of one row, an error for two.
#[derive(Debug, PartialEq, Eq, Hash)]
struct SingleValue {
    signature: Signature,
    name: String,
}

impl SingleValue {
    fn new() -> Self {
        Self { signature: Signature::any(1, Volatility::Immutable), name: plan_name("$single_value") }
    }
}

impl AggregateUDFImpl for SingleValue {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> EngineResult<DataType> {
        Ok(arguments.first().cloned().unwrap_or(DataType::Null))
    }

    fn accumulator(&self, arguments: AccumulatorArgs<'_>) -> EngineResult<Box<dyn Accumulator>> {
        let null = ScalarValue::try_from(arguments.return_field.data_type())?;
        Ok(Box::new(SingleValueState { value: null, rows: 0 }))
    }

    fn state_fields(&self, arguments: StateFieldsArgs<'_>) -> EngineResult<Vec<FieldRef>> {
        let value = Field::new("value", arguments.return_field.data_type().clone(), true);
        Ok(vec![Arc::new(value), Arc::new(Field::new("rows", DataType::Int64, false))])
    }
}

#[derive(Debug)]
struct SingleValueState {
    value: ScalarValue,
    rows: usize,
}

impl SingleValueState {
    fn add(&mut self, value: ScalarValue, rows: usize) -> EngineResult<()> {
        self.rows += rows;
        if self.rows > 1 {
            return Err(Fault::subquery_multiple_rows().into());
        }
        if rows == 1 {
            self.value = value;
        }
        Ok(())
    }
}

impl Accumulator for SingleValueState {
    fn update_batch(&mut self, values: &[ArrayRef]) -> EngineResult<()> {
        match values.first() {
            Some(values) if !values.is_empty() => {
                self.add(ScalarValue::try_from_array(values, 0)?, values.len())
            }
            _ => Ok(()),
        }
    }

    fn evaluate(&mut self) -> EngineResult<ScalarValue> {
        Ok(self.value.clone())
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.value.size()
    }

    fn state(&mut self) -> EngineResult<Vec<ScalarValue>> {
        Ok(vec![self.value.clone(), ScalarValue::Int64(i64::try_from(self.rows).ok())])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> EngineResult<()> {
        let [values, rows] = states else { return Ok(()) };
        for state in 0..values.len() {
            let ScalarValue::Int64(Some(rows)) = ScalarValue::try_from_array(rows, state)? else { continue };
            self.add(
                ScalarValue::try_from_array(values, state)?,
                usize::try_from(rows).unwrap_or(usize::MAX),
            )?;
        }
        Ok(())
    }
}

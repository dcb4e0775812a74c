//! `reduce_agg` by name and types only: the engine's aggregates take no lambdas, so the analysis makes it of
//! `array_agg` and `reduce`.

use arrow::datatypes::DataType;
use datafusion::{common::Result as EngineResult, error::DataFusionError};

use crate::{
    Fault,
    aggregate::{
        states::States,
        udaf::{Definition, type_at},
    },
};

pub(crate) const REDUCE_AGG: Definition = Definition::new(
    "reduce_agg",
    &["(T, S, function(S,T,S), function(S,S,S)) -> S"],
    "Reduces all values to one with lambdas",
    returns,
    make,
);

fn returns(types: &[DataType]) -> EngineResult<DataType> {
    type_at(types, 1).cloned()
}

fn make(_: &[DataType]) -> EngineResult<Box<dyn States>> {
    Err(DataFusionError::from(Fault::not_supported("reduce_agg is not supported here")))
}

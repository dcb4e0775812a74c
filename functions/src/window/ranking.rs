//! `row_number`, `rank`, `dense_rank`, `percent_rank`, `cume_dist`, `ntile`.

use std::{ops::Range, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, Int64Array},
    compute::cast,
    datatypes::{DataType, Int64Type},
};
use datafusion::{
    common::{Result as EngineResult, ScalarValue},
    functions_window::{
        cume_dist::cume_dist_udwf,
        rank::{dense_rank_udwf, percent_rank_udwf, rank_udwf},
        row_number::row_number_udwf,
    },
    logical_expr::{
        LimitEffect, PartitionEvaluator, WindowUDF, function::PartitionEvaluatorArgs,
        window_state::WindowAggState,
    },
};

use super::{DataTypeOf, Definition};
use crate::{
    Fault,
    columns::{argument, primitive},
};

const BIGINT: &[&str] = &["() -> bigint"];
const DOUBLE: &[&str] = &["() -> double"];

pub(super) fn definitions() -> Vec<Definition> {
    vec![
        Definition {
            name: "row_number",
            signatures: BIGINT,
            description: "The number of the row in its partition, from 1",
            returns: Some(DataTypeOf::Bigint),
            make: |_| engine(row_number_udwf()),
            limit_effect: || LimitEffect::None,
        },
        Definition {
            name: "rank",
            signatures: BIGINT,
            description: "One more than the rows before the row's peers",
            returns: Some(DataTypeOf::Bigint),
            make: |_| engine(rank_udwf()),
            limit_effect: || LimitEffect::None,
        },
        Definition {
            name: "dense_rank",
            signatures: BIGINT,
            description: "One more than the distinct values before the row's",
            returns: Some(DataTypeOf::Bigint),
            make: |_| engine(dense_rank_udwf()),
            limit_effect: || LimitEffect::None,
        },
        Definition {
            name: "percent_rank",
            signatures: DOUBLE,
            description: "The rank as a part of all, from 0 to 1",
            returns: Some(DataTypeOf::Double),
            make: |_| engine(percent_rank_udwf()),
            limit_effect: || LimitEffect::Unknown,
        },
        Definition {
            name: "cume_dist",
            signatures: DOUBLE,
            description: "The part of rows up to and with the row's peers",
            returns: Some(DataTypeOf::Double),
            make: |_| engine(cume_dist_udwf()),
            limit_effect: || LimitEffect::Unknown,
        },
        Definition {
            name: "ntile",
            signatures: &["(bigint) -> bigint"],
            description: "The number of the row's bucket, of n as equal as can be",
            returns: Some(DataTypeOf::Bigint),
            make: |_| Ok(Box::new(Ntile)),
            limit_effect: || LimitEffect::Unknown,
        },
    ]
}

fn engine(function: Arc<WindowUDF>) -> EngineResult<Box<dyn PartitionEvaluator>> {
    let inner = function.partition_evaluator_factory(PartitionEvaluatorArgs::default())?;
    Ok(Box::new(Signed(inner)))
}

/// The engine's function with bigint for its unsigned results.
#[derive(Debug)]
struct Signed(Box<dyn PartitionEvaluator>);

fn signed(array: ArrayRef) -> EngineResult<ArrayRef> {
    match array.data_type() {
        DataType::UInt64 => Ok(cast(&array, &DataType::Int64)?),
        _ => Ok(array),
    }
}

impl PartitionEvaluator for Signed {
    fn memoize(&mut self, state: &mut WindowAggState) -> EngineResult<()> {
        self.0.memoize(state)
    }

    fn get_range(&self, index: usize, rows: usize) -> EngineResult<Range<usize>> {
        self.0.get_range(index, rows)
    }

    fn is_causal(&self) -> bool {
        self.0.is_causal()
    }

    fn evaluate_all(&mut self, values: &[ArrayRef], rows: usize) -> EngineResult<ArrayRef> {
        signed(self.0.evaluate_all(values, rows)?)
    }

    fn evaluate(&mut self, values: &[ArrayRef], range: &Range<usize>) -> EngineResult<ScalarValue> {
        match self.0.evaluate(values, range)? {
            ScalarValue::UInt64(rank) => {
                Ok(ScalarValue::Int64(rank.and_then(|rank| i64::try_from(rank).ok())))
            }
            other => Ok(other),
        }
    }

    fn evaluate_all_with_rank(&self, rows: usize, ranks: &[Range<usize>]) -> EngineResult<ArrayRef> {
        signed(self.0.evaluate_all_with_rank(rows, ranks)?)
    }

    fn supports_bounded_execution(&self) -> bool {
        self.0.supports_bounded_execution()
    }

    fn uses_window_frame(&self) -> bool {
        self.0.uses_window_frame()
    }

    fn include_rank(&self) -> bool {
        self.0.include_rank()
    }
}

#[derive(Debug)]
struct Ntile;

impl PartitionEvaluator for Ntile {
    fn evaluate_all(&mut self, values: &[ArrayRef], rows: usize) -> EngineResult<ArrayRef> {
        let buckets = primitive::<Int64Type>(argument(values, 0)?)?;
        let rows = i64::try_from(rows).unwrap_or(i64::MAX);
        let tile = |row: i64| {
            let at = usize::try_from(row).unwrap_or(0);
            if buckets.is_null(at) {
                return Ok(None);
            }
            match buckets.value(at) {
                ..=0 => Err(Fault::invalid_argument("Buckets must be greater than 0")),
                count => Ok(Some(bucket(row, rows, count) + 1)),
            }
        };
        Ok(Arc::new((0..rows).map(tile).collect::<Result<Int64Array, _>>()?))
    }
}

/// The bucket of a row, from 0. The first buckets have one row more where they cannot be equal.
fn bucket(row: i64, rows: i64, buckets: i64) -> i64 {
    if rows < buckets {
        return row;
    }
    let (each, more) = (rows / buckets, rows % buckets);
    match row < (each + 1) * more {
        true => row / (each + 1),
        false => (row - more) / each,
    }
}

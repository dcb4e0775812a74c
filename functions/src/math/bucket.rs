//! `width_bucket`.

use arrow::{
    array::{Array, ArrayRef},
    datatypes::{Float64Type, Int64Type},
};
use datafusion::common::Result as EngineResult;

use crate::{
    Fault, Function,
    columns::{argument, lists, on_arrays, primitive, primitive_rows},
    format::java_double,
};

pub(super) fn functions() -> Vec<Function> {
    vec![Function::scalar(
        "width_bucket",
        &["(double, double, double, bigint) -> bigint", "(double, array(double)) -> bigint"],
        |call, arguments, rows| match call.arguments.len() {
            2 => on_arrays(arguments, rows, among_bins),
            _ => on_arrays(arguments, rows, among_equal_widths),
        },
        "The number of the bucket that a value falls into",
    )]
}

fn require(holds: bool, message: &str) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(Fault::invalid_argument(message)) }
}

fn among_equal_widths(arrays: &[ArrayRef]) -> EngineResult<ArrayRef> {
    let operands = primitive::<Float64Type>(argument(arrays, 0)?)?;
    let first = primitive::<Float64Type>(argument(arrays, 1)?)?;
    let second = primitive::<Float64Type>(argument(arrays, 2)?)?;
    let counts = primitive::<Int64Type>(argument(arrays, 3)?)?;
    primitive_rows::<Int64Type>(operands.len(), |row| {
        if arrays.iter().any(|array| array.is_null(row)) {
            return Ok(None);
        }
        bucket(operands.value(row), first.value(row), second.value(row), counts.value(row)).map(Some)
    })
}

fn bucket(operand: f64, bound1: f64, bound2: f64, count: i64) -> Result<i64, Fault> {
    require(count > 0, "bucketCount must be greater than 0")?;
    require(!operand.is_nan(), "operand must not be NaN")?;
    require(bound1.is_finite(), "first bound must be finite")?;
    require(bound2.is_finite(), "second bound must be finite")?;
    require(bound1 != bound2, "bounds cannot equal each other")?;
    let (lower, upper) = (bound1.min(bound2), bound1.max(bound2));
    let bucket = if operand < lower {
        0
    } else if operand >= upper {
        count.checked_add(1).ok_or_else(|| {
            let mut shown = String::new();
            java_double(operand, &mut shown);
            Fault::out_of_range(format!("Bucket for value {shown} is out of range"))
        })?
    } else {
        (count as f64 * (operand - lower) / (upper - lower) + 1.0) as i64
    };
    // Buckets of falling bounds are counted from the other side. Wraps as Java does.
    Ok(if bound1 > bound2 { count.wrapping_sub(bucket).wrapping_add(1) } else { bucket })
}

fn among_bins(arrays: &[ArrayRef]) -> EngineResult<ArrayRef> {
    let operands = primitive::<Float64Type>(argument(arrays, 0)?)?;
    let bins = lists(argument(arrays, 1)?)?;
    primitive_rows::<Int64Type>(operands.len(), |row| {
        if operands.is_null(row) || bins.is_null(row) {
            return Ok(None);
        }
        let bins = bins.value(row);
        let bins = primitive::<Float64Type>(&bins).map_err(|error| Fault::internal(error.to_string()))?;
        // Trino reads whatever stands behind the NULL.
        require(bins.null_count() == 0, "Bin values cannot be NULL")?;
        bin(operands.value(row), bins.values()).map(Some)
    })
}

/// How many bins begin at or before the operand, by bisection; what is not looked at is not checked.
fn bin(operand: f64, bins: &[f64]) -> Result<i64, Fault> {
    require(!bins.is_empty(), "Bins cannot be an empty array")?;
    require(!operand.is_nan(), "Operand cannot be NaN")?;
    let at = |index: usize| bins.get(index).copied().ok_or_else(|| Fault::internal("a bin is missing"));
    let (mut lower, mut upper) = (0, bins.len());
    while lower < upper {
        require(!(at(lower)? > at(upper - 1)?), "Bin values are not sorted in ascending order")?;
        let middle = lower.midpoint(upper);
        let bin = at(middle)?;
        if !bin.is_finite() {
            let mut shown = String::new();
            java_double(bin, &mut shown);
            return Err(Fault::invalid_argument(format!("Bin value must be finite, got {shown}")));
        }
        match operand < bin {
            true => upper = middle,
            false => lower = middle + 1,
        }
    }
    i64::try_from(lower).map_err(|_| Fault::internal("too many bins"))
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn equal_widths() {
        check(
            "width_bucket",
            &[
                (&["double 3.14", "double 0", "double 4", "bigint 3"], "bigint 3"),
                (&["double 2", "double 0", "double 4", "bigint 3"], "bigint 2"),
                (&["double 4", "double 0", "double 4", "bigint 3"], "bigint 4"),
                (&["double -1", "double 0", "double 3.2", "bigint 4"], "bigint 0"),
                (&["double 3.14", "double 4", "double 0", "bigint 3"], "bigint 1"),
                (&["double Infinity", "double 0", "double 4", "bigint 3"], "bigint 4"),
                (&["double -Infinity", "double 0", "double 4", "bigint 3"], "bigint 0"),
                (&["double NULL", "double 0", "double 4", "bigint 3"], "bigint NULL"),
                (
                    &["double 3", "double 0", "double 4", "bigint 0"],
                    "error bucketCount must be greater than 0",
                ),
                (&["double NaN", "double 0", "double 4", "bigint 3"], "error operand must not be NaN"),
                (
                    &["double 1", "double -Infinity", "double 4", "bigint 3"],
                    "error first bound must be finite",
                ),
                (&["double 1", "double 0", "double NaN", "bigint 3"], "error second bound must be finite"),
                (&["double 1", "double 0", "double 0", "bigint 3"], "error bounds cannot equal each other"),
                (
                    &["double Infinity", "double 0", "double 4", "bigint 9223372036854775807"],
                    "error Bucket for value Infinity is out of range",
                ),
            ],
        );
    }

    #[test]
    fn bins() {
        check(
            "width_bucket",
            &[
                (&["double 3.14", "array(double) [0.0]"], "bigint 1"),
                (&["double 3.14", "array(double) [0.0,1.0,2.0,3.0,4.0]"], "bigint 4"),
                (&["double 4", "array(double) [0.0,1.0,2.0,3.0,4.0]"], "bigint 5"),
                (&["double -1", "array(double) [0.0,1.0]"], "bigint 0"),
                (&["double -Infinity", "array(double) [0.0,1.0]"], "bigint 0"),
                (&["double 3", "array(double) []"], "error Bins cannot be an empty array"),
                (&["double NaN", "array(double) [0.0]"], "error Operand cannot be NaN"),
                (
                    &["double 3.14", "array(double) [1.0,0.0]"],
                    "error Bin values are not sorted in ascending order",
                ),
                (&["double NULL", "array(double) [1.0]"], "bigint NULL"),
            ],
        );
    }
}

//! `TRY`.

use arrow::{
    array::{Array, ArrayRef, new_null_array},
    compute::concat,
    error::ArrowError,
};
use datafusion::{common::Result as EngineResult, error::DataFusionError};

use super::call::{Invocation, Lambda, Rules, function, type_at};
use crate::{Fault, Function};

pub(super) fn functions() -> Vec<Function> {
    vec![function(
        "$try",
        &["(function(T)) -> T"],
        Rules {
            parameters: |_| Ok(vec![Vec::new()]),
            returns: |_, bodies| type_at(bodies, 0).cloned(),
            invoke: attempt,
        },
        "The lambda, or NULL where it fails on a value",
    )]
}

/// Failing rows are found by halving, so rows that do not fail cost little.
fn attempt(call: &Invocation) -> EngineResult<ArrayRef> {
    let mut parts = Vec::new();
    attempt_rows(call, call.lambda(0)?, 0, call.rows, &mut parts)?;
    match parts.as_slice() {
        [] => Ok(new_null_array(&call.returns, 0)),
        [part] => Ok(ArrayRef::clone(part)),
        parts => Ok(concat(&parts.iter().map(AsRef::as_ref).collect::<Vec<&dyn Array>>())?),
    }
}

fn attempt_rows(
    call: &Invocation,
    lambda: &Lambda,
    start: usize,
    length: usize,
    parts: &mut Vec<ArrayRef>,
) -> EngineResult<()> {
    let slice =
        |captured: &[ArrayRef]| Ok(captured.iter().map(|column| column.slice(start, length)).collect());
    match lambda.evaluate(&[], length, slice) {
        Ok(part) => parts.push(part),
        Err(error) if !is_of_a_value(&error) => return Err(error),
        Err(_) if length == 1 => parts.push(new_null_array(&call.returns, 1)),
        Err(_) => {
            let half = length / 2;
            attempt_rows(call, lambda, start, half, parts)?;
            attempt_rows(call, lambda, start + half, length - half, parts)?;
        }
    }
    Ok(())
}

/// True if the failure lies in a value; see [`Fault::can_be_tried`].
pub(super) fn is_of_a_value(error: &DataFusionError) -> bool {
    if let Some(error) = protocol::Error::from_envelope(&error.to_string()) {
        return Fault::can_be_tried(error.code);
    }
    match error.find_root() {
        DataFusionError::ArrowError(error, _) => matches!(
            **error,
            ArrowError::DivideByZero
                | ArrowError::ArithmeticOverflow(_)
                | ArrowError::CastError(_)
                | ArrowError::ParseError(_)
        ),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use datafusion::logical_expr::{Expr, lambda, lit};

    use crate::lambda::testing::{Table, call, col, scalar_call};

    fn attempt(body: Expr) -> Expr {
        call("$try", vec![lambda(Vec::<String>::new(), body)])
    }

    #[test]
    fn failing_rows_are_null() {
        let table = Table::new(&[(
            "a",
            &["bigint 5", "bigint 0", "bigint NULL", "bigint 2", "bigint 0", "bigint 0", "bigint 10"],
        )]);
        table.check(
            attempt(lit(10_i64) / col("a")),
            &["bigint 2", "bigint NULL", "bigint NULL", "bigint 5", "bigint NULL", "bigint NULL", "bigint 1"],
        );
        table.check(
            attempt(col("a")),
            &["bigint 5", "bigint 0", "bigint NULL", "bigint 2", "bigint 0", "bigint 0", "bigint 10"],
        );
        table.check(attempt(lit(1_i64) / lit(0_i64)), &["bigint NULL"; 7]);
        table.check(attempt(lit(1_i64)), &["bigint 1"; 7]);
    }

    #[test]
    fn our_own_faults_can_be_tried() {
        let table = Table::new(&[(
            "m",
            &["array(row(bigint, bigint)) [[1,2]]", "array(row(bigint, bigint)) [[1,2],[1,3]]"],
        )]);
        let map = scalar_call(
            "map_from_entries",
            vec![col("m")],
            "array(row(bigint, bigint))",
            "map(bigint, bigint)",
        );
        table.check(attempt(map), &["map(bigint, bigint) [[1,2]]", "map(bigint, bigint) NULL"]);
    }

    #[test]
    fn faults_that_do_not_lie_in_a_value_stay() {
        let table = Table::new(&[("a", &["array(array(bigint)) [[1,null],[1,2]]"])]);
        let sorted =
            scalar_call("array_sort", vec![col("a")], "array(array(bigint))", "array(array(bigint))");
        table.check_error(attempt(sorted), "ARRAY comparison not supported");
    }

    #[test]
    fn tries_work_in_lambdas() {
        let table = Table::new(&[
            ("a", &["array(bigint) [5,0,2]", "array(bigint) []", "array(bigint) NULL"]),
            ("b", &["bigint 10", "bigint 20", "bigint 30"]),
        ]);
        let body = attempt(col("b") / datafusion::logical_expr::lambda_var("x"));
        table.check(
            call("transform", vec![col("a"), lambda(["x"], body)]),
            &["array(bigint) [2,null,5]", "array(bigint) []", "array(bigint) NULL"],
        );
    }
}

//! `$let`: a value that is evaluated once, though it is used more often.

use arrow::array::ArrayRef;
use datafusion::common::Result as EngineResult;

use super::call::{Invocation, Rules, function, type_at};
use crate::Function;

pub(super) fn functions() -> Vec<Function> {
    vec![function(
        "$let",
        &["(T, function(T, U)) -> U"],
        Rules {
            parameters: |values| Ok(vec![vec![type_at(values, 0)?.clone()]]),
            returns: |_, bodies| type_at(bodies, 0).cloned(),
            invoke: once,
        },
        "The result of a lambda for one value",
    )]
}

fn once(call: &Invocation) -> EngineResult<ArrayRef> {
    call.lambda(0)?.evaluate(&[call.array(0)?], call.rows, |captured| Ok(captured.to_vec()))
}

#[cfg(test)]
mod tests {
    use datafusion::logical_expr::{lambda, lambda_var};

    use crate::lambda::testing::{Table, call, col};

    #[test]
    fn the_value_may_be_used_more_often() {
        let table = Table::new(&[
            ("a", &["bigint 5", "bigint NULL", "bigint 7"]),
            ("b", &["bigint 10", "bigint 20", "bigint 30"]),
        ]);
        let body = lambda_var("x") * lambda_var("x") + col("b");
        table.check(
            call("$let", vec![col("a"), lambda(["x"], body)]),
            &["bigint 35", "bigint NULL", "bigint 79"],
        );
    }
}

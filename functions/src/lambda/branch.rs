//! Expressions that are evaluated on the rows that need them, and on no others.
//!
//! The engine may evaluate an operand of AND, OR or CASE on all rows. Where it can fail, it goes into a
//! lambda without parameters of one of these.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, BooleanArray, UInt32Array},
    compute::{and_kleene, interleave, or_kleene},
    datatypes::DataType,
};
use datafusion::common::Result as EngineResult;

use super::{
    call::{Invocation, Lambda, Rules, function, type_at},
    transform::predicate,
};
use crate::{Function, array::lists::to_u32};

pub(super) fn functions() -> Vec<Function> {
    let condition = |invoke| Rules {
        parameters: |_| Ok(vec![Vec::new()]),
        returns: |_, _| Ok(DataType::Boolean),
        invoke,
    };
    vec![
        function(
            "$if",
            &["(boolean, function(T), function(T)) -> T"],
            Rules {
                parameters: |_| Ok(vec![Vec::new(), Vec::new()]),
                returns: |_, bodies| type_at(bodies, 0).cloned(),
                invoke: if_then_else,
            },
            "The first lambda where the condition is true, otherwise the second",
        ),
        function(
            "$and_then",
            &["(boolean, function(boolean)) -> boolean"],
            condition(|call| guarded(call, false, |left, right| Ok(and_kleene(left, right)?))),
            "AND, whose second operand is evaluated where the first is not false",
        ),
        function(
            "$or_else",
            &["(boolean, function(boolean)) -> boolean"],
            condition(|call| guarded(call, true, |left, right| Ok(or_kleene(left, right)?))),
            "OR, whose second operand is evaluated where the first is not true",
        ),
    ]
}

/// Evaluates a lambda without parameters on some rows of the batch.
fn on_rows(lambda: &Lambda, rows: &[u32], all: usize) -> EngineResult<ArrayRef> {
    match rows.len() == all {
        true => lambda.evaluate(&[], all, |captured| Ok(captured.to_vec())),
        false => lambda.evaluate_for(&[], &UInt32Array::from(rows.to_vec())),
    }
}

fn if_then_else(call: &Invocation) -> EngineResult<ArrayRef> {
    let condition = predicate(&call.array(0)?)?;
    let is_true = |row: &u32| condition.is_valid(*row as usize) && condition.value(*row as usize);
    let (yes, no): (Vec<u32>, Vec<u32>) = (0..to_u32(call.rows)).partition(is_true);
    if no.is_empty() {
        return on_rows(call.lambda(0)?, &yes, call.rows);
    }
    if yes.is_empty() {
        return on_rows(call.lambda(1)?, &no, call.rows);
    }
    let branches = [on_rows(call.lambda(0)?, &yes, call.rows)?, on_rows(call.lambda(1)?, &no, call.rows)?];
    let mut cells = vec![(0, 0); call.rows];
    for (branch, rows) in [yes, no].iter().enumerate() {
        for (place, row) in rows.iter().enumerate() {
            cells[*row as usize] = (branch, place);
        }
    }
    Ok(interleave(&branches.each_ref().map(AsRef::as_ref), &cells)?)
}

/// Three-valued AND or OR; rows where the first operand is `decisive` do not need the second.
fn guarded(
    call: &Invocation,
    decisive: bool,
    combine: fn(&BooleanArray, &BooleanArray) -> EngineResult<BooleanArray>,
) -> EngineResult<ArrayRef> {
    let left = predicate(&call.array(0)?)?;
    let is_open = |row: &u32| left.is_null(*row as usize) || left.value(*row as usize) != decisive;
    let open: Vec<u32> = (0..to_u32(call.rows)).filter(is_open).collect();
    if open.is_empty() {
        return Ok(Arc::new(left));
    }
    let answers = predicate(&on_rows(call.lambda(0)?, &open, call.rows)?)?;
    if open.len() == call.rows {
        return Ok(Arc::new(combine(&left, &answers)?));
    }
    let mut right = vec![Some(decisive); call.rows];
    for (row, answer) in open.iter().zip(&answers) {
        right[*row as usize] = answer;
    }
    Ok(Arc::new(combine(&left, &BooleanArray::from(right))?))
}

#[cfg(test)]
mod tests {
    use datafusion::logical_expr::{Expr, lambda, lit};

    use crate::lambda::testing::{Table, call, col};

    fn without_parameters(body: Expr) -> Expr {
        lambda(Vec::<String>::new(), body)
    }

    #[test]
    fn if_evaluates_each_branch_on_its_rows() {
        let table = Table::new(&[("a", &["bigint 5", "bigint 0", "bigint NULL", "bigint 2"])]);
        let (yes, no) = (without_parameters(lit(10_i64) / col("a")), without_parameters(lit(-1_i64)));
        table.check(
            call("$if", vec![col("a").not_eq(lit(0_i64)), yes.clone(), no.clone()]),
            &["bigint 2", "bigint -1", "bigint -1", "bigint 5"],
        );
        table.check(call("$if", vec![lit(false), yes, no.clone()]), &["bigint -1"; 4]);
        table.check(
            call("$if", vec![col("a").is_null(), no.clone(), without_parameters(col("a"))]),
            &["bigint 5", "bigint 0", "bigint -1", "bigint 2"],
        );
        let failing = without_parameters(lit(1_i64) / lit(0_i64));
        table.check(call("$if", vec![lit(true), no, failing]), &["bigint -1"; 4]);
    }

    #[test]
    fn guarded_operands_are_three_valued() {
        let values: Vec<(&str, &str)> = ["true", "false", "NULL"]
            .iter()
            .flat_map(|a| ["true", "false", "NULL"].map(|b| (*a, b)))
            .collect();
        let column =
            |texts: Vec<&str>| texts.into_iter().map(|text| format!("boolean {text}")).collect::<Vec<_>>();
        let a = column(values.iter().map(|(a, _)| *a).collect());
        let b = column(values.iter().map(|(_, b)| *b).collect());
        let texts = |column: &[String]| -> Vec<&'static str> {
            column.iter().map(|text| &*text.clone().leak()).collect()
        };
        let table = Table::new(&[("a", &texts(&a)), ("b", &texts(&b))]);
        for (name, expected) in [
            ("$and_then", ["true", "false", "NULL", "false", "false", "false", "NULL", "false", "NULL"]),
            ("$or_else", ["true", "true", "true", "true", "false", "NULL", "true", "NULL", "NULL"]),
        ] {
            let expected = column(expected.to_vec());
            table.check(call(name, vec![col("a"), without_parameters(col("b"))]), &texts(&expected));
        }
    }

    #[test]
    fn guarded_operands_are_evaluated_only_where_they_count() {
        let table = Table::new(&[("a", &["bigint 5", "bigint 0", "bigint NULL"])]);
        let division = without_parameters((lit(10_i64) / col("a")).gt(lit(1_i64)));
        table.check(
            call("$and_then", vec![col("a").not_eq(lit(0_i64)), division.clone()]),
            &["boolean true", "boolean false", "boolean NULL"],
        );
        table.check(
            call("$or_else", vec![col("a").eq(lit(0_i64)), division]),
            &["boolean true", "boolean true", "boolean NULL"],
        );
    }
}

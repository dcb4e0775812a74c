//! `reduce`.

use std::{cell::OnceCell, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, UInt32Array, new_empty_array},
    compute::{concat, take, take_arrays},
};
use datafusion::common::Result as EngineResult;

use super::call::{Invocation, Rules, function, item_of, type_at};
use crate::{
    Fault, Function,
    array::lists::{Lists, to_u32},
};

pub(super) fn functions() -> Vec<Function> {
    vec![function(
        "reduce",
        &["(array(T), S, function(S, T, S), function(S, R)) -> R"],
        Rules {
            parameters: |values| {
                let (item, state) = (item_of(type_at(values, 0)?)?, type_at(values, 1)?);
                Ok(vec![vec![state.clone(), item.clone()], vec![state.clone()]])
            },
            returns: |_, bodies| type_at(bodies, 1).cloned(),
            invoke: reduce,
        },
        "One value of all elements: a lambda takes each into a state, another makes the result of the state",
    )]
}

/// Takes the elements at one position of all arrays at a time. The arrays are in the order of their lengths,
/// longest first, so those that still have an element are always the first ones:
///
/// ```text
/// states   s0 s1 s2 s3      position 0: all four, position 1: s0 to s2, …
/// arrays    a  d  f  h
///           b  e  g
///           c
/// ```
fn reduce(call: &Invocation) -> EngineResult<ArrayRef> {
    let (lists, initial) = (Lists::of(&call.array(0)?)?, call.array(1)?);
    let length = |row: u32| lists.range(row as usize).len();
    let mut order: Vec<u32> = (0..to_u32(lists.len())).filter(|row| !lists.is_null(*row as usize)).collect();
    order.sort_by_key(|row| std::cmp::Reverse(length(*row)));
    let rows = UInt32Array::from(order.clone());

    let mut states = take(&initial, &rows, None)?;
    // States of arrays that are done, the shortest arrays first.
    let mut done: Vec<ArrayRef> = Vec::new();
    let captured = Captured::new(&rows);
    for position in 0..order.first().map_or(0, |row| length(*row)) {
        let open = order.partition_point(|row| length(*row) > position);
        if open < states.len() {
            done.push(states.slice(open, states.len() - open));
            states = states.slice(0, open);
        }
        let items: UInt32Array = order
            .iter()
            .take(open)
            .map(|row| Some(to_u32(lists.range(*row as usize).start + position)))
            .collect();
        let parameters = [Arc::clone(&states), take(&lists.items, &items, None)?];
        let next = call.lambda(0)?.evaluate(&parameters, open, |columns| captured.first(columns, open))?;
        if next.data_type() != initial.data_type() {
            let message = format!("a state of {} becomes {}", initial.data_type(), next.data_type());
            return Err(Fault::internal(message).into());
        }
        states = next;
    }
    done.push(states);
    done.reverse();
    let states = concat(&done.iter().map(AsRef::as_ref).collect::<Vec<&dyn Array>>())?;
    let results = call.lambda(1)?.evaluate_for(&[states], &rows)?;

    let mut places = vec![None; lists.len()];
    for (place, row) in order.iter().enumerate() {
        places[*row as usize] = Some(to_u32(place));
    }
    if results.is_empty() {
        let nothing = new_empty_array(&call.returns);
        return Ok(take(&nothing, &UInt32Array::new_null(lists.len()), None)?);
    }
    Ok(take(&results, &UInt32Array::from(places), None)?)
}

/// Captured columns in the order of the states, taken once.
struct Captured<'a> {
    rows: &'a UInt32Array,
    columns: OnceCell<Vec<ArrayRef>>,
}

impl<'a> Captured<'a> {
    fn new(rows: &'a UInt32Array) -> Self {
        Self { rows, columns: OnceCell::new() }
    }

    /// The first values of each column.
    fn first(&self, columns: &[ArrayRef], count: usize) -> EngineResult<Vec<ArrayRef>> {
        let taken = match self.columns.get() {
            Some(taken) => taken,
            None => {
                let taken = take_arrays(columns, self.rows, None)?;
                self.columns.get_or_init(|| taken)
            }
        };
        Ok(taken.iter().map(|column| column.slice(0, count)).collect())
    }
}

#[cfg(test)]
mod tests {
    use datafusion::logical_expr::{lambda, lambda_var, lit};

    use crate::lambda::testing::{Table, call, col};

    #[test]
    fn reduce() {
        let table = Table::new(&[
            (
                "a",
                &[
                    "array(bigint) [1,2]",
                    "array(bigint) NULL",
                    "array(bigint) []",
                    "array(bigint) [1,null]",
                    "array(bigint) [5,6,7]",
                    "array(bigint) [9]",
                ],
            ),
            ("b", &["bigint 0", "bigint 0", "bigint 7", "bigint 0", "bigint 100", "bigint NULL"]),
            ("c", &["bigint 1", "bigint 2", "bigint 3", "bigint 4", "bigint 5", "bigint 6"]),
        ]);
        let merge = lambda(["s", "x"], lambda_var("s") + lambda_var("x") * col("c"));
        table.check(
            call("reduce", vec![col("a"), col("b"), merge, lambda(["s"], lambda_var("s") + col("c"))]),
            &["bigint 4", "bigint NULL", "bigint 10", "bigint NULL", "bigint 195", "bigint NULL"],
        );
        // The state need not be used, nor the element.
        let merge = lambda(["s", "x"], lambda_var("x"));
        table.check(
            call("reduce", vec![col("a"), lit(0_i64), merge, lambda(["s"], lambda_var("s").is_null())]),
            &[
                "boolean false",
                "boolean NULL",
                "boolean false",
                "boolean true",
                "boolean false",
                "boolean false",
            ],
        );
        let merge = lambda(["s", "x"], lambda_var("s") + lit(1_i64));
        table.check(
            call("reduce", vec![col("a"), lit(0_i64), merge, lambda(["s"], lambda_var("s"))]),
            &["bigint 2", "bigint NULL", "bigint 0", "bigint 2", "bigint 3", "bigint 1"],
        );
    }

    #[test]
    fn reduce_of_nothing_but_nulls() {
        let table = Table::new(&[("a", &["array(bigint) NULL", "array(bigint) NULL"])]);
        let merge = lambda(["s", "x"], lambda_var("s") + lambda_var("x"));
        table.check(
            call("reduce", vec![col("a"), lit(0_i64), merge, lambda(["s"], lambda_var("s"))]),
            &["bigint NULL", "bigint NULL"],
        );
    }
}

//! Conditions on elements: `any_match`, `all_match`, `none_match` and `array_first` with a condition.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, BooleanArray, UInt32Array},
    compute::take,
    datatypes::DataType,
};
use datafusion::common::Result as EngineResult;

use super::{
    attempt::is_of_a_value,
    call::{Invocation, Rules, function, item_of, type_at},
    transform::predicate,
};
use crate::{
    Function,
    array::lists::{Lists, to_u32},
};

pub(super) fn functions() -> Vec<Function> {
    const SIGNATURES: &[&str] = &["(array(T), function(T, boolean)) -> boolean"];
    let rules = |invoke| Rules {
        parameters: |values| Ok(vec![vec![item_of(type_at(values, 0)?)?.clone()]]),
        returns: |_, _| Ok(DataType::Boolean),
        invoke,
    };
    vec![
        function(
            "any_match",
            SIGNATURES,
            rules(|call| matches(call, true, |found| found)),
            "True if a lambda is true for an element",
        ),
        function(
            "all_match",
            SIGNATURES,
            rules(|call| matches(call, false, |found| !found)),
            "True if a lambda is true for all elements",
        ),
        function(
            "none_match",
            SIGNATURES,
            rules(|call| matches(call, true, |found| !found)),
            "True if a lambda is false for all elements",
        ),
        function(
            "$array_first_by",
            &["(array(T), function(T, boolean)) -> T"],
            Rules { returns: |values, _| Ok(item_of(type_at(values, 0)?)?.clone()), ..rules(first) },
            "The first element for which a lambda is true",
        ),
    ]
}

/// What a lambda says of the elements of one array, up to the first where it says `wanted`.
#[derive(Debug, Clone, Copy, Default)]
struct Search {
    /// The number of the item where it does.
    found: Option<usize>,
    has_null: bool,
}

/// Whether the lambda is `wanted` for some element: NULL if only a NULL could still be.
fn matches(call: &Invocation, wanted: bool, answer: fn(bool) -> bool) -> EngineResult<ArrayRef> {
    let lists = Lists::of(&call.array(0)?)?;
    let answers = search(call, &lists, wanted)?.into_iter().enumerate().map(|(row, search)| {
        match (search.found, search.has_null) {
            _ if lists.is_null(row) => None,
            (Some(_), _) => Some(answer(true)),
            (None, true) => None,
            (None, false) => Some(answer(false)),
        }
    });
    Ok(Arc::new(answers.collect::<BooleanArray>()))
}

fn first(call: &Invocation) -> EngineResult<ArrayRef> {
    let lists = Lists::of(&call.array(0)?)?;
    let found: UInt32Array =
        search(call, &lists, true)?.into_iter().map(|search| search.found.map(to_u32)).collect();
    Ok(take(&lists.items, &found, None)?)
}

/// Evaluates the lambda for all elements at once. If that fails, the element may be one that comes after
/// the first match and is never looked at, so then by position.
fn search(call: &Invocation, lists: &Lists, wanted: bool) -> EngineResult<Vec<Search>> {
    let results = call.lambda(0)?.evaluate_for(&[Arc::clone(&lists.items)], &lists.rows_of_items());
    let results = match results {
        Ok(results) => predicate(&results)?,
        Err(error) if is_of_a_value(&error) => return search_by_position(call, lists, wanted),
        Err(error) => return Err(error),
    };
    let search = |range: std::ops::Range<usize>| {
        let mut search = Search::default();
        for item in range {
            search.has_null |= results.is_null(item);
            if results.is_valid(item) && results.value(item) == wanted {
                search.found = Some(item);
                break;
            }
        }
        search
    };
    Ok(lists.ranges().map(search).collect())
}

fn search_by_position(call: &Invocation, lists: &Lists, wanted: bool) -> EngineResult<Vec<Search>> {
    let mut searches = vec![Search::default(); lists.len()];
    let mut open: Vec<usize> = (0..lists.len()).collect();
    for position in 0.. {
        open.retain(|row| searches[*row].found.is_none() && lists.range(*row).len() > position);
        if open.is_empty() {
            break;
        }
        let item = |row: usize| lists.range(row).start + position;
        let items: UInt32Array = open.iter().map(|row| Some(to_u32(item(*row)))).collect();
        let rows: UInt32Array = open.iter().map(|row| Some(to_u32(*row))).collect();
        let results = call.lambda(0)?.evaluate_for(&[take(&lists.items, &items, None)?], &rows)?;
        for (row, result) in open.iter().zip(&predicate(&results)?) {
            searches[*row].has_null |= result.is_none();
            searches[*row].found = (result == Some(wanted)).then(|| item(*row));
        }
    }
    Ok(searches)
}

#[cfg(test)]
mod tests {
    use datafusion::logical_expr::{lambda, lambda_var, lit};

    use crate::lambda::testing::{Table, call, col};

    #[test]
    fn matches_are_three_valued() {
        let table = Table::new(&[
            (
                "a",
                &[
                    "array(bigint) [1,5]",
                    "array(bigint) [1,null]",
                    "array(bigint) [5,null]",
                    "array(bigint) []",
                    "array(bigint) NULL",
                    "array(bigint) [1,2]",
                    "array(bigint) [5]",
                ],
            ),
            ("b", &["bigint 3"; 7]),
        ]);
        let large = || vec![col("a"), lambda(["x"], lambda_var("x").gt(col("b")))];
        let answers = |texts: [&str; 7]| texts.map(|text| format!("boolean {text}"));
        for (name, expected) in [
            ("any_match", answers(["true", "NULL", "true", "false", "NULL", "false", "true"])),
            ("all_match", answers(["false", "false", "NULL", "true", "NULL", "false", "true"])),
            ("none_match", answers(["false", "NULL", "false", "true", "NULL", "true", "false"])),
        ] {
            table.check(call(name, large()), &expected.each_ref().map(String::as_str));
        }
        table.check(
            call("$array_first_by", large()),
            &["bigint 5", "bigint NULL", "bigint 5", "bigint NULL", "bigint NULL", "bigint NULL", "bigint 5"],
        );
    }

    #[test]
    fn elements_after_a_match_are_not_looked_at() {
        let table =
            Table::new(&[("a", &["array(bigint) [1,0]", "array(bigint) [2,20]", "array(bigint) NULL"])]);
        let body = (lit(10_i64) / lambda_var("x")).gt(lit(5_i64));
        table.check(
            call("any_match", vec![col("a"), lambda(["x"], body.clone())]),
            &["boolean true", "boolean false", "boolean NULL"],
        );
        let table = Table::new(&[("a", &["array(bigint) [0,1]"])]);
        table.check_error(call("any_match", vec![col("a"), lambda(["x"], body)]), "Divide by zero");
    }
}

//! `transform`, `filter` and `zip_with`.

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray},
    datatypes::DataType,
};
use datafusion::common::Result as EngineResult;

use super::call::{Invocation, Rules, function, item_of, list_of, type_at};
use crate::{
    Fault, Function,
    array::lists::{Gather, Lists, list_array, union_of_nulls},
};

pub(super) fn functions() -> Vec<Function> {
    vec![
        function(
            "transform",
            &["(array(T), function(T, U)) -> array(U)"],
            Rules {
                parameters: |values| Ok(vec![vec![item_of(type_at(values, 0)?)?.clone()]]),
                returns: |_, bodies| Ok(list_of(type_at(bodies, 0)?)),
                invoke: transform,
            },
            "The results of a lambda for each element",
        ),
        function(
            "filter",
            &["(array(T), function(T, boolean)) -> array(T)"],
            Rules {
                parameters: |values| Ok(vec![vec![item_of(type_at(values, 0)?)?.clone()]]),
                returns: |values, _| type_at(values, 0).cloned(),
                invoke: filter,
            },
            "The elements for which a lambda is true",
        ),
        function(
            "zip_with",
            &["(array(T), array(U), function(T, U, R)) -> array(R)"],
            Rules {
                parameters: |values| {
                    let item =
                        |index| -> EngineResult<DataType> { Ok(item_of(type_at(values, index)?)?.clone()) };
                    Ok(vec![vec![item(0)?, item(1)?]])
                },
                returns: |_, bodies| Ok(list_of(type_at(bodies, 0)?)),
                invoke: zip_with,
            },
            "The results of a lambda for the elements of two arrays; the shorter is filled with NULL",
        ),
    ]
}

fn transform(call: &Invocation) -> EngineResult<ArrayRef> {
    let lists = Lists::of(&call.array(0)?)?;
    let items = call.lambda(0)?.evaluate_for(&[lists.items.clone()], &lists.rows_of_items())?;
    list_array(items, lists.offsets, lists.nulls)
}

fn filter(call: &Invocation) -> EngineResult<ArrayRef> {
    let lists = Lists::of(&call.array(0)?)?;
    let keep = call.lambda(0)?.evaluate_for(&[lists.items.clone()], &lists.rows_of_items())?;
    let keep = predicate(&keep)?;
    let mut kept = Gather::with_capacity(lists.len(), lists.items.len());
    for range in lists.ranges() {
        for item in range {
            if keep.is_valid(item) && keep.value(item) {
                kept.push(item);
            }
        }
        kept.end_row()?;
    }
    kept.finish(&lists.items, lists.nulls)
}

/// Results of a lambda that is a condition.
pub(super) fn predicate(results: &ArrayRef) -> EngineResult<BooleanArray> {
    match results.data_type() {
        DataType::Null => Ok(BooleanArray::new_null(results.len())),
        other => results
            .as_boolean_opt()
            .cloned()
            .ok_or_else(|| Fault::internal(format!("{other} where a condition was promised")).into()),
    }
}

fn zip_with(call: &Invocation) -> EngineResult<ArrayRef> {
    let arrays = [call.array(0)?, call.array(1)?];
    let nulls = union_of_nulls(&arrays);
    let lists = arrays.iter().map(|array| Lists::of(array)?.with_nulls(nulls.as_ref()));
    let (columns, offsets) = crate::array::aligned(&lists.collect::<EngineResult<Vec<_>>>()?)?;
    let Some(first) = columns.first() else {
        return Err(Fault::internal("no arrays to align").into());
    };
    let rows = Lists { items: first.clone(), offsets: offsets.clone(), nulls: nulls.clone() }.rows_of_items();
    list_array(call.lambda(0)?.evaluate_for(&columns, &rows)?, offsets, nulls)
}

#[cfg(test)]
mod tests {
    use datafusion::logical_expr::{lambda, lambda_var, lit};

    use crate::lambda::testing::{Table, call, col};

    #[test]
    fn transform() {
        let table = Table::new(&[
            (
                "a",
                &["array(bigint) [1,null,3]", "array(bigint) NULL", "array(bigint) []", "array(bigint) [7]"],
            ),
            ("b", &["bigint 10", "bigint 20", "bigint 30", "bigint NULL"]),
        ]);
        let body = lambda_var("x") + col("b");
        table.check(
            call("transform", vec![col("a"), lambda(["x"], body)]),
            &["array(bigint) [11,null,13]", "array(bigint) NULL", "array(bigint) []", "array(bigint) [null]"],
        );
        // Without parameters, and without captures.
        table.check(
            call("transform", vec![col("a"), lambda(["x"], col("b"))]),
            &["array(bigint) [10,10,10]", "array(bigint) NULL", "array(bigint) []", "array(bigint) [null]"],
        );
        table.check(
            call("transform", vec![col("a"), lambda(["x"], lit(1_i64))]),
            &["array(bigint) [1,1,1]", "array(bigint) NULL", "array(bigint) []", "array(bigint) [1]"],
        );
    }

    #[test]
    fn bodies_are_not_evaluated_for_no_elements() {
        let table = Table::new(&[
            ("a", &["array(bigint) []", "array(bigint) NULL"]),
            ("b", &["bigint 0", "bigint 0"]),
        ]);
        for body in [lit(1_i64) / lit(0_i64), lit(1_i64) / col("b")] {
            table.check(
                call("transform", vec![col("a"), lambda(["x"], body)]),
                &["array(bigint) []", "array(bigint) NULL"],
            );
        }
    }

    #[test]
    fn nested_lambdas_capture_outer_parameters_and_columns() {
        let table = Table::new(&[
            ("a", &["array(array(bigint)) [[1,2],[3]]", "array(array(bigint)) [null,[]]"]),
            ("b", &["bigint 10", "bigint 20"]),
        ]);
        let inner = call("transform", vec![lambda_var("x"), lambda(["y"], lambda_var("y") + col("b"))]);
        table.check(
            call("transform", vec![col("a"), lambda(["x"], inner)]),
            &["array(array(bigint)) [[11,12],[13]]", "array(array(bigint)) [null,[]]"],
        );
        let pairs = call(
            "transform",
            vec![
                lambda_var("x"),
                lambda(
                    ["y"],
                    call(
                        "transform",
                        vec![lambda_var("x"), lambda(["z"], lambda_var("z") * lambda_var("y") + col("b"))],
                    ),
                ),
            ],
        );
        table.check(
            call("transform", vec![col("a"), lambda(["x"], pairs)]),
            &[
                "array(array(array(bigint))) [[[11,12],[12,14]],[[19]]]",
                "array(array(array(bigint))) [null,[]]",
            ],
        );
    }

    #[test]
    fn filter() {
        let table = Table::new(&[
            (
                "a",
                &["array(bigint) [1,null,30]", "array(bigint) NULL", "array(bigint) []", "array(bigint) [7]"],
            ),
            ("b", &["bigint 10", "bigint 20", "bigint 30", "bigint NULL"]),
        ]);
        table.check(
            call("filter", vec![col("a"), lambda(["x"], lambda_var("x").gt(col("b")))]),
            &["array(bigint) [30]", "array(bigint) NULL", "array(bigint) []", "array(bigint) []"],
        );
        table.check(
            call("filter", vec![col("a"), lambda(["x"], lambda_var("x").is_null())]),
            &["array(bigint) [null]", "array(bigint) NULL", "array(bigint) []", "array(bigint) []"],
        );
    }

    #[test]
    fn zip_with() {
        let table = Table::new(&[
            ("a", &["array(bigint) [1,2]", "array(bigint) NULL", "array(bigint) []", "array(bigint) [1]"]),
            ("b", &["array(bigint) [10]", "array(bigint) [1]", "array(bigint) [5,6]", "array(bigint) [2]"]),
            ("c", &["bigint 100", "bigint 200", "bigint 300", "bigint 400"]),
        ]);
        let body = lambda_var("x") + lambda_var("y") + col("c");
        table.check(
            call("zip_with", vec![col("a"), col("b"), lambda(["x", "y"], body)]),
            &[
                "array(bigint) [111,null]",
                "array(bigint) NULL",
                "array(bigint) [null,null]",
                "array(bigint) [403]",
            ],
        );
        table.check(
            call("zip_with", vec![col("a"), col("b"), lambda(["x", "y"], lambda_var("y"))]),
            &["array(bigint) [10,null]", "array(bigint) NULL", "array(bigint) [5,6]", "array(bigint) [2]"],
        );
    }
}

//! Functions on text (<https://trino.io/docs/current/functions/string.html>).

use arrow::array::Array;
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use crate::{
    Call, Function,
    columns::{argument, on_arrays, text, text_rows},
};

pub(crate) fn functions() -> Vec<Function> {
    vec![Function::scalar(
        "reverse",
        &["(varchar(x)) -> varchar(x)"],
        reverse,
        "The characters from last to first",
    )]
}

fn reverse(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let given = text(argument(arrays, 0)?)?;
        text_rows(given.len(), |row, reversed| {
            if given.is_null(row) {
                return Ok(None);
            }
            reversed.extend(given.value(row).chars().rev());
            Ok(Some(()))
        })
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn reverse() {
        check(
            "reverse",
            &[
                (&["varchar 'héllo'"], "varchar 'olléh'"),
                (&["varchar ''"], "varchar ''"),
                (&["varchar NULL"], "varchar NULL"),
            ],
        );
    }
}

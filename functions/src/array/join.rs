//! `array_join`.

use arrow::array::Array;
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::lists::{Lists, item_type, union_of_nulls};
use crate::{
    Call, Function, Type, cast,
    columns::{argument, on_arrays, text, text_rows},
};

pub(crate) fn functions() -> Vec<Function> {
    vec![Function::scalar(
        "array_join",
        &["(array(T), varchar) -> varchar", "(array(T), varchar, varchar) -> varchar"],
        join,
        "The elements as text with a delimiter between them; a NULL is left out or replaced",
    )]
}

fn join(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let nulls = union_of_nulls(arrays);
        let lists = Lists::of(argument(arrays, 0)?)?.with_nulls(nulls.as_ref())?;
        let items = cast::cast(&lists.items, item_type(call, 0)?, &Type::VARCHAR)?;
        let (items, delimiters) = (text(&items)?, text(argument(arrays, 1)?)?);
        let replacements = arrays.get(2).map(text).transpose()?;
        text_rows(lists.len(), |row, joined| {
            if lists.is_null(row) {
                return Ok(None);
            }
            let replacement = replacements.map(|replacements| replacements.value(row));
            let values = lists
                .range(row)
                .map(|item| if items.is_null(item) { replacement } else { Some(items.value(item)) });
            for (place, value) in values.flatten().enumerate() {
                if place > 0 {
                    joined.push_str(delimiters.value(row));
                }
                joined.push_str(value);
            }
            Ok(Some(()))
        })
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn array_join() {
        check(
            "array_join",
            &[
                (&["array(varchar) [\"a\",\"b\"]", "varchar ', '"], "varchar 'a, b'"),
                (&["array(varchar) [\"a\",null,\"b\",null]", "varchar '-'"], "varchar 'a-b'"),
                (&["array(varchar) [null,\"a\",null]", "varchar '-'", "varchar '?'"], "varchar '?-a-?'"),
                (&["array(varchar) [\"\",\"\"]", "varchar '-'"], "varchar '-'"),
                (&["array(varchar) [null]", "varchar '-'"], "varchar ''"),
                (&["array(varchar) []", "varchar '-'"], "varchar ''"),
                (&["array(varchar) NULL", "varchar '-'"], "varchar NULL"),
                (&["array(varchar) [\"a\"]", "varchar NULL"], "varchar NULL"),
                (&["array(varchar) [\"a\"]", "varchar '-'", "varchar NULL"], "varchar NULL"),
                (&["array(varchar) [\"é\",\"日\"]", "varchar 'ü'"], "varchar 'éü日'"),
            ],
        );
    }
}

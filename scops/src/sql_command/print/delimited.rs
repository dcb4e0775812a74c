//! Values between commas or tabs, one row a line.
//!
//! As in Athena's result files NULL is nothing at all and an empty text is `""`. Other values are in quotes only
//! where they must be, so that tools without a parser can read the rest.

use arrow::{
    array::{Array, StringViewArray},
    datatypes::Schema,
};

/// The names of the columns; they may repeat.
pub(super) fn header(schema: &Schema, delimiter: char) -> String {
    let mut line = String::new();
    for (index, field) in schema.fields().iter().enumerate() {
        if index > 0 {
            line.push(delimiter);
        }
        write(field.name(), delimiter, &mut line);
    }
    line.push('\n');
    line
}

/// A line for each of the columns' `rows`.
pub(super) fn lines(columns: &[StringViewArray], rows: usize, delimiter: char) -> String {
    let mut text = String::new();
    for row in 0..rows {
        for (index, column) in columns.iter().enumerate() {
            if index > 0 {
                text.push(delimiter);
            }
            if column.is_valid(row) {
                write(column.value(row), delimiter, &mut text);
            }
        }
        text.push('\n');
    }
    text
}

fn write(value: &str, delimiter: char, line: &mut String) {
    let must_quote = |letter: char| letter == delimiter || matches!(letter, '"' | '\n' | '\r');
    if !value.is_empty() && !value.contains(must_quote) {
        return line.push_str(value);
    }
    line.push('"');
    line.push_str(&value.replace('"', "\"\""));
    line.push('"');
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::{DataType, Field};

    use super::*;

    #[test]
    fn null_is_not_the_empty_text() {
        let column = StringViewArray::from(vec![Some("a b"), None, Some(""), Some("x,\"y\""), Some("1\n2")]);
        let expected = "a b,a b\n,\n\"\",\"\"\n\"x,\"\"y\"\"\",\"x,\"\"y\"\"\"\n\"1\n2\",\"1\n2\"\n";
        assert_eq!(lines(&[column.clone(), column.clone()], 5, ','), expected);
        assert_eq!(lines(&[column], 4, '\t'), "a b\n\n\"\"\n\"x,\"\"y\"\"\"\n");
    }

    #[test]
    fn names_may_repeat() {
        let field = |name: &str| Field::new(name, DataType::Utf8View, true);
        let schema = Schema::new(vec![field("_col0"), field("a,b"), field("_col0")]);
        assert_eq!(header(&schema, ','), "_col0,\"a,b\",_col0\n");
    }
}

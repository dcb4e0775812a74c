//! A table of text for people: a frame, numbers to the right.

use arrow::{
    array::{Array, StringViewArray},
    datatypes::{Field, Schema},
};
use comfy_table::{Cell, CellAlignment, Table};

/// Where a field says its type as Athena writes it.
const TYPE_KEY: &str = "scops:type";
/// Frames of `+`, `-` and `|`, a line below the header and none between rows.
const FRAME: &str = "||--+-++|    ++++++";

/// All rows of all batches below the names of the columns.
pub(super) fn table(schema: &Schema, batches: &[Vec<StringViewArray>]) -> Table {
    let mut table = Table::new();
    table.load_preset(FRAME);
    table.set_header(schema.fields().iter().map(|field| Cell::new(field.name())));
    for columns in batches {
        let rows = columns.first().map_or(0, Array::len);
        for row in 0..rows {
            table.add_row(columns.iter().map(|column| match column.is_valid(row) {
                true => Cell::new(column.value(row)),
                false => Cell::new("NULL"),
            }));
        }
    }
    for (field, column) in schema.fields().iter().zip(table.column_iter_mut()) {
        if is_number(field) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn is_number(field: &Field) -> bool {
    let numbers = ["tinyint", "smallint", "integer", "bigint", "real", "double", "decimal"];
    let data_type = field.metadata().get(TYPE_KEY).map_or("", String::as_str);
    let name = data_type.split('(').next().unwrap_or_default();
    numbers.contains(&name)
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::DataType;

    use super::*;

    #[test]
    fn numbers_stand_to_the_right() {
        let field = |name: &str, data_type: &str| {
            let metadata = [(TYPE_KEY.to_owned(), data_type.to_owned())];
            Field::new(name, DataType::Utf8View, true).with_metadata(metadata.into())
        };
        let schema = Schema::new(vec![field("price", "decimal(10,2)"), field("_col1", "varchar")]);
        let prices = StringViewArray::from(vec![Some("1.00"), None, Some("-10000.00")]);
        let names = StringViewArray::from(vec![Some("a"), None, Some("")]);
        let expected = "\
+-----------+-------+
|     price | _col1 |
+-----------+-------+
|      1.00 | a     |
|      NULL | NULL  |
| -10000.00 |       |
+-----------+-------+";
        assert_eq!(table(&schema, &[vec![prices, names]]).to_string(), expected);
    }
}

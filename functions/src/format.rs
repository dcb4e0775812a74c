//! Numbers and other values as text (<https://trino.io/docs/current/functions/conversion.html>).

mod data_size;
mod number;
mod template;
mod time;
mod units;
mod value;
mod write;

use arrow::array::Array;
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

pub(crate) use number::{general_17, java_double, java_real};

use crate::{
    Call, Fault, Function,
    columns::{argument, on_arrays, text, text_rows},
};
use template::Template;
use value::Column;

pub(crate) fn functions() -> Vec<Function> {
    vec![
        Function::scalar(
            "format",
            &["(varchar, any...) -> varchar"],
            format,
            "Values in a text with places for them",
        )
        .with_nulls(),
        Function::scalar(
            "format_number",
            &["(bigint) -> varchar", "(double) -> varchar"],
            units::format_number,
            "A number with a symbol for its unit",
        ),
        Function::scalar(
            "parse_data_size",
            &["(varchar(x)) -> decimal(38,0)"],
            data_size::parse_data_size,
            "Bytes of a text such as 2.3MB",
        ),
        Function::scalar(
            "parse_presto_data_size",
            &["(varchar(x)) -> decimal(38,0)"],
            data_size::parse_data_size,
            "Bytes of a text such as 2.3MB",
        ),
    ]
}

fn format(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    // Written once where the text is a constant.
    let constant = match arguments.first() {
        Some(ColumnarValue::Scalar(scalar)) => {
            let array = scalar.to_array()?;
            let templates = text(&array)?;
            (!templates.is_empty() && !scalar.is_null()).then(|| Template::parse(templates.value(0)))
        }
        _ => None,
    };
    on_arrays(arguments, rows, |arrays| {
        let templates = text(argument(arrays, 0)?)?;
        let columns: Vec<Column> = arrays
            .iter()
            .zip(&call.arguments)
            .skip(1)
            .map(|(array, data_type)| Column::of(array, data_type))
            .collect::<EngineResult<_>>()?;
        text_rows(templates.len(), |row, out| {
            if templates.is_null(row) {
                return Ok(None);
            }
            let given = templates.value(row);
            let explain = |reason: write::Reason| {
                Fault::invalid_argument(format!("Invalid format string: {given} ({reason})"))
            };
            let own;
            let template = match &constant {
                Some(template) => template.as_ref(),
                None => {
                    own = Template::parse(given);
                    own.as_ref()
                }
            };
            template.map_err(|reason| explain(reason.clone()))?.write(&columns, row, out).map_err(
                |failure| match failure {
                    write::Failure::Reason(reason) => explain(reason),
                    write::Failure::Fault(fault) => fault,
                },
            )?;
            Ok(Some(()))
        })
    })
}

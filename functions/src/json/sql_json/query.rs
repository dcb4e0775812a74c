//! `JSON_EXISTS` and `JSON_QUERY`.

use arrow::array::{ArrayRef, new_null_array};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::{
    Failure,
    evaluate::raised,
    invalid_value,
    node::Node,
    passing::{Source, constant, constant_boolean},
};
use crate::{
    Call, Fault,
    columns::{argument, boolean_rows, on_arrays, text_rows},
};

/// See the module above.
pub(super) fn json_exists(
    call: &Call,
    arguments: &[ColumnarValue],
    rows: usize,
) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let Some(source) = Source::new(call, arrays)? else {
            return Ok(no_path(call, argument(arrays, 0)?.len()));
        };
        let on_error = constant(arrays, 3)?;
        boolean_rows(argument(arrays, 0)?.len(), |row| {
            let exists = source.run(row, |found| match found {
                Ok(found) => Ok(Some(!found.is_empty())),
                Err(failure) => exists_on_error(on_error, failure),
            });
            Ok(exists?.flatten())
        })
    })
}

fn exists_on_error(on_error: &str, failure: Failure) -> Result<Option<bool>, Fault> {
    match (on_error, failure) {
        (_, Failure::Fault(fault)) => Err(fault),
        ("FALSE", _) => Ok(Some(false)),
        ("TRUE", _) => Ok(Some(true)),
        ("UNKNOWN", _) => Ok(None),
        (_, failure) => Err(raised(failure)),
    }
}

/// The result of a batch without a path, which is one without rows.
pub(super) fn no_path(call: &Call, rows: usize) -> ArrayRef {
    new_null_array(&call.returns.arrow(), rows)
}

/// What `JSON_QUERY` does with what it finds.
struct Options<'a> {
    wrapper: &'a str,
    omit_quotes: bool,
    on_empty: &'a str,
    on_error: &'a str,
}

/// See the module above.
pub(super) fn json_query(
    call: &Call,
    arguments: &[ColumnarValue],
    rows: usize,
) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let Some(source) = Source::new(call, arrays)? else {
            return Ok(no_path(call, argument(arrays, 0)?.len()));
        };
        let options = Options {
            wrapper: constant(arrays, 3)?,
            omit_quotes: constant_boolean(arrays, 4)?,
            on_empty: constant(arrays, 5)?,
            on_error: constant(arrays, 6)?,
        };
        text_rows(argument(arrays, 0)?.len(), |row, out| {
            Ok(source.run(row, |found| write_found(&options, found, out))?.flatten())
        })
    })
}

fn write_found(
    options: &Options<'_>,
    found: Result<Vec<Node<'_>>, Failure>,
    out: &mut String,
) -> Result<Option<()>, Fault> {
    let found = match found {
        Ok(found) => found,
        Err(Failure::Fault(fault)) => return Err(fault),
        Err(failure) => return write_special(options.on_error, out, || raised(failure)),
    };
    let wrap = match (options.wrapper, found.as_slice()) {
        (_, []) => {
            return write_special(options.on_empty, out, || invalid_value("JSON path found no items"));
        }
        ("UNCONDITIONAL", _) => true,
        ("CONDITIONAL", [Node::Array(_) | Node::Object(_)]) => false,
        ("CONDITIONAL", _) => true,
        _ => false,
    };
    if wrap {
        Node::Array(found.into()).write(out);
        return Ok(Some(()));
    }
    match found.as_slice() {
        [Node::Text(text)] if options.omit_quotes => out.push_str(text),
        [only] => only.write(out),
        _ => {
            let several = || invalid_value("JSON path found multiple items");
            return write_special(options.on_error, out, several);
        }
    }
    Ok(Some(()))
}

fn write_special(
    behavior: &str,
    out: &mut String,
    fault: impl FnOnce() -> Fault,
) -> Result<Option<()>, Fault> {
    match behavior {
        "NULL" => return Ok(None),
        "EMPTY ARRAY" => out.push_str("[]"),
        "EMPTY OBJECT" => out.push_str("{}"),
        _ => return Err(fault()),
    }
    Ok(Some(()))
}

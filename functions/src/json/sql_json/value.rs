//! `JSON_VALUE`: one scalar as an SQL value.

use std::{borrow::Cow, sync::Arc};

use arrow::{
    array::{
        Array, ArrayRef, BooleanArray, Decimal128Array, Float32Array, Float64Array, Int8Array, Int16Array,
        Int32Array, Int64Array, StringViewArray, new_null_array,
    },
    compute::interleave,
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::{
    Failure,
    evaluate::raised,
    invalid_value,
    node::{Node, Number},
    passing::{Source, constant},
    query::no_path,
};
use crate::{
    Call, Fault, Type, cast,
    columns::{argument, on_arrays},
};

/// The value of a row.
#[derive(Debug, Clone)]
enum Outcome {
    Null,
    EmptyDefault,
    ErrorDefault,
    Scalar(Node<'static>),
}

struct Behavior<'a> {
    on_empty: &'a str,
    on_error: &'a str,
}

impl Behavior<'_> {
    fn empty(&self) -> Result<Outcome, Fault> {
        match self.on_empty {
            "NULL" => Ok(Outcome::Null),
            "DEFAULT" => Ok(Outcome::EmptyDefault),
            _ => Err(invalid_value("JSON path found no items")),
        }
    }

    fn error(&self, fault: impl FnOnce() -> Fault) -> Result<Outcome, Fault> {
        match self.on_error {
            "NULL" => Ok(Outcome::Null),
            "DEFAULT" => Ok(Outcome::ErrorDefault),
            _ => Err(fault()),
        }
    }
}

/// See the module above.
pub(super) fn json_value(
    call: &Call,
    arguments: &[ColumnarValue],
    rows: usize,
) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let Some(source) = Source::new(call, arrays)? else {
            return Ok(no_path(call, argument(arrays, 0)?.len()));
        };
        let behavior = Behavior { on_empty: constant(arrays, 3)?, on_error: constant(arrays, 5)? };
        let outcomes = (0..argument(arrays, 0)?.len()).map(|row| {
            let outcome = source.run(row, |found| outcome(&behavior, found))?;
            Ok(outcome.unwrap_or(Outcome::Null))
        });
        let outcomes: Vec<Outcome> = outcomes.collect::<Result<_, Fault>>()?;
        let defaults = [argument(arrays, 4)?, argument(arrays, 6)?];
        assemble(outcomes, &behavior, defaults, &call.returns)
    })
}

fn outcome(behavior: &Behavior<'_>, found: Result<Vec<Node<'_>>, Failure>) -> Result<Outcome, Fault> {
    let found = match found {
        Ok(found) => found,
        Err(Failure::Fault(fault)) => return Err(fault),
        Err(failure) => return behavior.error(|| raised(failure)),
    };
    Ok(match found.as_slice() {
        [] => return behavior.empty(),
        [Node::Null] => Outcome::Null,
        [Node::Array(_) | Node::Object(_) | Node::Number(Number::Huge(_))] => {
            let message = "JSON path found an item that cannot be converted to an SQL value";
            return behavior.error(|| invalid_value(message));
        }
        [Node::Boolean(value)] => Outcome::Scalar(Node::Boolean(*value)),
        [Node::Number(number)] => Outcome::Scalar(Node::Number(number.clone())),
        [Node::Text(text)] => Outcome::Scalar(Node::Text(Cow::Owned(text.clone().into_owned()))),
        _ => return behavior.error(|| invalid_value("JSON path found multiple items")),
    })
}

/// Casts the scalars, those of one type together, and puts all rows into one array.
fn assemble(
    mut outcomes: Vec<Outcome>,
    behavior: &Behavior<'_>,
    [empty_default, error_default]: [&ArrayRef; 2],
    returns: &Type,
) -> EngineResult<ArrayRef> {
    let mut sources = vec![
        new_null_array(&returns.arrow(), 1),
        ArrayRef::clone(empty_default),
        ArrayRef::clone(error_default),
    ];
    let mut places: Vec<(usize, usize)> = vec![(0, 0); outcomes.len()];
    for (scalar_type, rows) in rows_by_type(&outcomes) {
        let given = array(&scalar_type, rows.iter().filter_map(|row| outcomes.get(*row)));
        match cast::cast(&given, &scalar_type, returns) {
            Ok(values) => {
                for (index, row) in rows.iter().enumerate() {
                    set(&mut places, *row, (sources.len(), index));
                }
                sources.push(values);
            }
            Err(_) => {
                for (index, row) in rows.iter().enumerate() {
                    let message = format!(
                        "Cannot cast value of type {scalar_type} to declared return type of function JSON_VALUE: {returns}"
                    );
                    match cast::cast(&given.slice(index, 1), &scalar_type, returns) {
                        Ok(value) => {
                            set(&mut places, *row, (sources.len(), 0));
                            sources.push(value);
                        }
                        Err(_) => {
                            let instead = behavior.error(|| invalid_value(message))?;
                            outcomes.get_mut(*row).into_iter().for_each(|outcome| *outcome = instead.clone());
                        }
                    }
                }
            }
        }
    }
    for (row, outcome) in outcomes.iter().enumerate() {
        match outcome {
            Outcome::Null => set(&mut places, row, (0, 0)),
            Outcome::EmptyDefault => set(&mut places, row, (1, row)),
            Outcome::ErrorDefault => set(&mut places, row, (2, row)),
            Outcome::Scalar(_) => {}
        }
    }
    let sources: Vec<&dyn Array> = sources.iter().map(AsRef::as_ref).collect();
    Ok(interleave(&sources, &places)?)
}

fn set(places: &mut [(usize, usize)], row: usize, place: (usize, usize)) {
    if let Some(slot) = places.get_mut(row) {
        *slot = place;
    }
}

/// Types of the scalars, few as they are, and their rows.
fn rows_by_type(outcomes: &[Outcome]) -> Vec<(Type, Vec<usize>)> {
    let mut by_type: Vec<(Type, Vec<usize>)> = Vec::new();
    for (row, outcome) in outcomes.iter().enumerate() {
        let scalar_type = match outcome {
            Outcome::Scalar(Node::Boolean(_)) => Type::Boolean,
            Outcome::Scalar(Node::Text(_)) => Type::VARCHAR,
            Outcome::Scalar(Node::Number(number)) => number.sql_type().unwrap_or(Type::Unknown),
            _ => continue,
        };
        match by_type.iter_mut().find(|(known, _)| *known == scalar_type) {
            Some((_, rows)) => rows.push(row),
            None => by_type.push((scalar_type, vec![row])),
        }
    }
    by_type
}

/// The scalars, all of this type, as an array.
fn array<'o>(scalar_type: &Type, outcomes: impl Iterator<Item = &'o Outcome>) -> ArrayRef {
    let nodes = outcomes.filter_map(|outcome| match outcome {
        Outcome::Scalar(node) => Some(node),
        _ => None,
    });
    macro_rules! numbers {
        ($array:ty, $kind:ident) => {
            Arc::new(<$array>::from_iter_values(nodes.filter_map(|node| match node {
                Node::Number(Number::$kind(value)) => Some(*value),
                _ => None,
            })))
        };
    }
    match scalar_type {
        Type::TinyInt => numbers!(Int8Array, TinyInt),
        Type::SmallInt => numbers!(Int16Array, SmallInt),
        Type::Integer => numbers!(Int32Array, Integer),
        Type::BigInt => numbers!(Int64Array, BigInt),
        Type::Real => numbers!(Float32Array, Real),
        Type::Double => numbers!(Float64Array, Double),
        Type::Decimal(..) => {
            let unscaled = nodes.filter_map(|node| match node {
                Node::Number(Number::Decimal { unscaled, .. }) => Some(*unscaled),
                _ => None,
            });
            Arc::new(Decimal128Array::from_iter_values(unscaled).with_data_type(scalar_type.arrow()))
        }
        Type::Boolean => {
            let values = nodes.map(|node| match node {
                Node::Boolean(value) => Some(*value),
                _ => None,
            });
            Arc::new(values.collect::<BooleanArray>())
        }
        _ => {
            let texts = nodes.map(|node| match node {
                Node::Text(text) => Some(text.as_ref()),
                _ => None,
            });
            Arc::new(texts.collect::<StringViewArray>())
        }
    }
}

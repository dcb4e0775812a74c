//! What a path runs on: the input and the passed values, row by row.

use std::borrow::Cow;

use arrow::{
    array::{Array, ArrayRef, BinaryViewArray, StringViewArray},
    datatypes::{Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type},
};
use datafusion::common::Result as EngineResult;

use super::{
    Failure, check,
    evaluate::evaluate,
    node::{Node, Number},
    parse,
    syntax::SqlPath,
};
use crate::{
    Call, Fault, Type,
    columns::{argument, booleans, bytes, primitive, structs, text},
};

/// The first three arguments of a function with a path, for one batch.
pub(super) struct Source<'a> {
    input: Input<'a>,
    path: SqlPath,
    variables: Vec<Variable<'a>>,
}

enum Input<'a> {
    Text(&'a StringViewArray),
    Binary(&'a BinaryViewArray),
    Null,
}

/// A passed column, whose NULLs are those of the column itself.
struct Variable<'a> {
    array: &'a ArrayRef,
    of: &'a Type,
}

impl<'a> Source<'a> {
    /// None if no row has a path.
    pub(super) fn new(call: &'a Call, arrays: &'a [ArrayRef]) -> EngineResult<Option<Self>> {
        let (input, path) = (argument(arrays, 0)?, text(argument(arrays, 1)?)?);
        let Some(first) = first_valid(path) else { return Ok(None) };
        let input = match call.arguments.first() {
            Some(Type::Unknown) => Input::Null,
            Some(Type::Varbinary) => Input::Binary(bytes(input)?),
            _ => Input::Text(text(input)?),
        };
        let (mut names, mut variables) = (Vec::new(), Vec::new());
        if let Some(Type::Row(fields)) = call.arguments.get(2) {
            let passed = structs(argument(arrays, 2)?)?;
            for (field, array) in fields.iter().zip(passed.columns()) {
                names.push(field.name.as_deref().unwrap_or_default());
                variables.push(Variable { array, of: &field.field_type });
            }
        }
        let path = parse::parse(path.value(first), &names)?;
        check::check(&path)?;
        Ok(Some(Self { input, path, variables }))
    }

    /// The values the path leads to in this row; None if the input is NULL.
    pub(super) fn run<T>(
        &self,
        row: usize,
        then: impl FnOnce(Result<Vec<Node<'_>>, Failure>) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        let json: Cow<'_, str> = match &self.input {
            Input::Text(array) if array.is_valid(row) => Cow::Borrowed(array.value(row)),
            Input::Binary(array) if array.is_valid(row) => String::from_utf8_lossy(array.value(row)),
            _ => return Ok(None),
        };
        let evaluated = Node::parse(&json).and_then(|input| {
            let variables = self.variables.iter().map(|variable| variable.node(row));
            let variables: Vec<Option<Node<'_>>> = variables.collect::<Result<_, _>>()?;
            evaluate(&self.path, &input, &variables)
        });
        then(evaluated).map(Some)
    }
}

impl Variable<'_> {
    /// None is no item.
    fn node(&self, row: usize) -> Result<Option<Node<'_>>, Failure> {
        if *self.of == Type::Json {
            let json = text(self.array).map_err(engine)?;
            return json.is_valid(row).then(|| Node::parse(json.value(row))).transpose();
        }
        if self.array.is_null(row) || *self.of == Type::Unknown {
            return Ok(Some(Node::Null));
        }
        self.value(row).map(Some)
    }

    fn value(&self, row: usize) -> Result<Node<'_>, Failure> {
        let array = self.array;
        let number = match self.of {
            Type::Boolean => return Ok(Node::Boolean(booleans(array).map_err(engine)?.value(row))),
            Type::Varchar(_) => {
                return Ok(Node::Text(Cow::Borrowed(text(array).map_err(engine)?.value(row))));
            }
            Type::TinyInt => Number::TinyInt(primitive::<Int8Type>(array).map_err(engine)?.value(row)),
            Type::SmallInt => Number::SmallInt(primitive::<Int16Type>(array).map_err(engine)?.value(row)),
            Type::Integer => Number::Integer(primitive::<Int32Type>(array).map_err(engine)?.value(row)),
            Type::BigInt => Number::BigInt(primitive::<Int64Type>(array).map_err(engine)?.value(row)),
            Type::Real => Number::Real(primitive::<Float32Type>(array).map_err(engine)?.value(row)),
            Type::Double => Number::Double(primitive::<Float64Type>(array).map_err(engine)?.value(row)),
            Type::Decimal(precision, scale) => {
                let unscaled = primitive::<Decimal128Type>(array).map_err(engine)?.value(row);
                Number::Decimal { unscaled, precision: *precision, scale: *scale }
            }
            other => {
                let message = format!("values of type {other} passed to a JSON path");
                return Err(Failure::Fault(Fault::not_supported(message)));
            }
        };
        Ok(Node::Number(number))
    }
}

fn engine(error: datafusion::error::DataFusionError) -> Failure {
    Failure::Fault(Fault::internal(error.to_string()))
}

/// The first row that is not NULL. Constants have the same value in all rows, if they come as an array.
fn first_valid(array: &dyn Array) -> Option<usize> {
    (0..array.len()).find(|row| array.is_valid(*row))
}

/// The constant text of an argument.
pub(super) fn constant(arrays: &[ArrayRef], index: usize) -> EngineResult<&str> {
    let array = text(argument(arrays, index)?)?;
    Ok(first_valid(array).map(|row| array.value(row)).ok_or_else(|| not_constant(index))?)
}

/// The constant boolean of an argument.
pub(super) fn constant_boolean(arrays: &[ArrayRef], index: usize) -> EngineResult<bool> {
    let array = booleans(argument(arrays, index)?)?;
    Ok(first_valid(array).map(|row| array.value(row)).ok_or_else(|| not_constant(index))?)
}

fn not_constant(index: usize) -> Fault {
    Fault::internal(format!("argument {index} must be a constant"))
}

//! The engine's interface to functions with lambdas, and calls of lambdas.

use std::{
    hash::{Hash, Hasher},
    sync::Arc,
};

use arrow::{
    array::{Array, ArrayRef, NullArray, UInt32Array, new_empty_array},
    compute::take_arrays,
    datatypes::{DataType, Field, FieldRef, IntervalUnit, TimeUnit},
};
use datafusion::{
    common::Result as EngineResult,
    logical_expr::{
        ColumnarValue, Expr, HigherOrderFunctionArgs, HigherOrderReturnFieldArgs, HigherOrderSignature,
        HigherOrderUDF, HigherOrderUDFImpl, LambdaArgument, LambdaParametersProgress, ValueOrLambda,
        Volatility,
    },
};

use crate::{Fault, Function, RowField, Type, function::plan_name, types::item_field};

/// What distinguishes one function with lambdas from another.
#[derive(Clone, Copy)]
pub(super) struct Rules {
    /// For each lambda the types of its parameters, from the types of the values.
    pub(super) parameters: fn(&[DataType]) -> EngineResult<Vec<Vec<DataType>>>,
    /// The type of the result, from the types of the values and of the lambdas' results.
    pub(super) returns: fn(&[DataType], &[DataType]) -> EngineResult<DataType>,
    /// Computes one batch: an array of as many rows.
    pub(super) invoke: fn(&Invocation) -> EngineResult<ArrayRef>,
}

/// A function for the registry.
pub(super) fn function(
    name: &'static str,
    signatures: &'static [&'static str],
    rules: Rules,
    description: &'static str,
) -> Function {
    let signature = HigherOrderSignature::user_defined(Volatility::Immutable);
    let implementation = LambdaFunction { plan_name: plan_name(name), signature, rules };
    Function::higher_order(name, signatures, HigherOrderUDF::new_from_impl(implementation), description)
}

struct LambdaFunction {
    plan_name: String,
    signature: HigherOrderSignature,
    rules: Rules,
}

impl std::fmt::Debug for LambdaFunction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LambdaFunction").field("plan_name", &self.plan_name).finish()
    }
}

impl PartialEq for LambdaFunction {
    fn eq(&self, other: &Self) -> bool {
        self.plan_name == other.plan_name
    }
}

impl Eq for LambdaFunction {}

impl Hash for LambdaFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.plan_name.hash(state);
    }
}

impl HigherOrderUDFImpl for LambdaFunction {
    fn name(&self) -> &str {
        &self.plan_name
    }

    fn signature(&self) -> &HigherOrderSignature {
        &self.signature
    }

    fn lambda_parameters(
        &self,
        _: usize,
        fields: &[ValueOrLambda<FieldRef, Option<FieldRef>>],
    ) -> EngineResult<LambdaParametersProgress> {
        let values: Vec<DataType> = fields
            .iter()
            .filter_map(|field| match field {
                ValueOrLambda::Value(field) => Some(field.data_type().clone()),
                ValueOrLambda::Lambda(_) => None,
            })
            .collect();
        let field = |data_type: DataType| Arc::new(Field::new("", data_type, true));
        let parameters = (self.rules.parameters)(&values)?;
        let parameters = parameters.into_iter().map(|types| types.into_iter().map(field).collect());
        Ok(LambdaParametersProgress::Complete(parameters.collect()))
    }

    fn return_field_from_args(&self, args: HigherOrderReturnFieldArgs<'_>) -> EngineResult<FieldRef> {
        let (values, bodies) = split_types(args.arg_fields);
        Ok(Arc::new(Field::new("", (self.rules.returns)(&values, &bodies)?, true)))
    }

    /// Done here, for maps as well.
    fn clear_null_values(&self) -> bool {
        false
    }

    fn invoke_with_args(&self, args: HigherOrderFunctionArgs) -> EngineResult<ColumnarValue> {
        let (_, bodies) = split_types(&args.arg_fields);
        let (mut values, mut lambdas) = (Vec::new(), Vec::new());
        for argument in args.args {
            match argument {
                ValueOrLambda::Value(value) => values.push(value),
                ValueOrLambda::Lambda(lambda) => lambdas.push(lambda),
            }
        }
        let lambdas =
            lambdas.into_iter().zip(bodies).map(|(argument, returns)| Lambda { argument, returns }).collect();
        let returns = args.return_field.data_type().clone();
        let result = (self.rules.invoke)(&Invocation { values, lambdas, rows: args.number_rows, returns })?;
        Ok(ColumnarValue::Array(result))
    }

    /// No lambda is sure to be evaluated, and whatever is in it may fail.
    fn short_circuits(&self) -> bool {
        true
    }

    fn conditional_arguments<'a>(&self, args: &'a [Expr]) -> Option<(Vec<&'a Expr>, Vec<&'a Expr>)> {
        Some(args.iter().partition(|argument| !matches!(argument, Expr::Lambda(_))))
    }

    fn coerce_value_types(&self, given: &[DataType]) -> EngineResult<Vec<DataType>> {
        Ok(given.to_vec())
    }
}

fn split_types(fields: &[ValueOrLambda<FieldRef, FieldRef>]) -> (Vec<DataType>, Vec<DataType>) {
    let (mut values, mut bodies) = (Vec::new(), Vec::new());
    for field in fields {
        match field {
            ValueOrLambda::Value(field) => values.push(field.data_type().clone()),
            ValueOrLambda::Lambda(field) => bodies.push(field.data_type().clone()),
        }
    }
    (values, bodies)
}

/// One batch of a function with lambdas.
pub(super) struct Invocation {
    values: Vec<ColumnarValue>,
    lambdas: Vec<Lambda>,
    pub(super) rows: usize,
    pub(super) returns: DataType,
}

impl Invocation {
    pub(super) fn value(&self, index: usize) -> EngineResult<&ColumnarValue> {
        self.values.get(index).ok_or_else(|| Fault::internal(format!("value {index} is missing")).into())
    }

    /// A value as an array of as many rows as the batch has.
    pub(super) fn array(&self, index: usize) -> EngineResult<ArrayRef> {
        self.value(index)?.to_array(self.rows)
    }

    pub(super) fn lambda(&self, index: usize) -> EngineResult<&Lambda> {
        self.lambdas.get(index).ok_or_else(|| Fault::internal(format!("lambda {index} is missing")).into())
    }
}

/// A lambda and the type of its result.
pub(super) struct Lambda {
    argument: LambdaArgument,
    returns: DataType,
}

impl Lambda {
    /// The results for these parameters, `length` values each. `spread` makes the captured columns as long.
    ///
    /// Nothing is evaluated for no values: even a body without parameters may fail.
    pub(super) fn evaluate(
        &self,
        parameters: &[ArrayRef],
        length: usize,
        spread: impl FnOnce(&[ArrayRef]) -> EngineResult<Vec<ArrayRef>>,
    ) -> EngineResult<ArrayRef> {
        if length == 0 {
            return Ok(new_empty_array(&self.returns));
        }
        // A body without parameters and captures learns its length from a parameter.
        let nothing: [ArrayRef; 1] = [Arc::new(NullArray::new(length))];
        let given = if parameters.is_empty() { nothing.as_slice() } else { parameters };
        let closures: Vec<_> = given.iter().map(|array| move || Ok(Arc::clone(array))).collect();
        let closures: Vec<&dyn Fn() -> EngineResult<ArrayRef>> =
            closures.iter().map(|closure| closure as &dyn Fn() -> EngineResult<ArrayRef>).collect();
        let result = self.argument.evaluate(&closures, spread)?.into_array(length)?;
        match result.len() == length && *result.data_type() == self.returns {
            true => Ok(result),
            false => Err(Fault::internal(format!(
                "a lambda made {} values of {} instead of {length} of {}",
                result.len(),
                result.data_type(),
                self.returns
            ))
            .into()),
        }
    }

    /// Evaluates with the captured values of these rows.
    pub(super) fn evaluate_for(&self, parameters: &[ArrayRef], rows: &UInt32Array) -> EngineResult<ArrayRef> {
        self.evaluate(parameters, rows.len(), |captured| Ok(take_arrays(captured, rows, None)?))
    }
}

/// The type of the items of an array type.
pub(super) fn item_of(list: &DataType) -> EngineResult<&DataType> {
    match list {
        DataType::List(item) => Ok(item.data_type()),
        other => Err(Fault::internal(format!("{other} where an array was promised")).into()),
    }
}

/// The types of the keys and values of a map type.
pub(super) fn entry_of(map: &DataType) -> EngineResult<(&DataType, &DataType)> {
    if let DataType::Map(entries, _) = map
        && let DataType::Struct(fields) = entries.data_type()
        && let [key, value] = fields.as_ref()
    {
        return Ok((key.data_type(), value.data_type()));
    }
    Err(Fault::internal(format!("{map} where a map was promised")).into())
}

/// Array type of these items.
pub(super) fn list_of(item: &DataType) -> DataType {
    DataType::List(item_field(item.clone()))
}

/// The type of value `index`, or of a lambda's result.
pub(super) fn type_at(types: &[DataType], index: usize) -> EngineResult<&DataType> {
    types.get(index).ok_or_else(|| Fault::internal(format!("argument {index} is missing")).into())
}

/// Map type of these keys and values.
pub(super) fn map_of(key: &DataType, value: &DataType) -> DataType {
    let key = Field::new("key", key.clone(), false);
    let entries = vec![key, Field::new("value", value.clone(), true)].into();
    DataType::Map(Arc::new(Field::new("entries", DataType::Struct(entries), false)), false)
}

/// A type whose values compare as those of this Arrow type. Values with a time zone, which Arrow cannot tell
/// from numbers, compare with their zone.
pub(super) fn type_of(carrier: &DataType) -> EngineResult<Type> {
    Ok(match carrier {
        DataType::Null => Type::Unknown,
        DataType::Boolean => Type::Boolean,
        DataType::Int8 => Type::TinyInt,
        DataType::Int16 => Type::SmallInt,
        DataType::Int32 => Type::Integer,
        DataType::Int64 => Type::BigInt,
        DataType::Float32 => Type::Real,
        DataType::Float64 => Type::Double,
        DataType::Decimal128(precision, scale) => Type::Decimal(*precision, scale.unsigned_abs()),
        DataType::Utf8View => Type::VARCHAR,
        DataType::BinaryView => Type::Varbinary,
        DataType::Date32 => Type::Date,
        DataType::Time64(TimeUnit::Nanosecond) => Type::Time(9),
        DataType::Timestamp(TimeUnit::Microsecond, None) => Type::Timestamp(6),
        DataType::Timestamp(TimeUnit::Nanosecond, None) => Type::Timestamp(9),
        DataType::Interval(IntervalUnit::YearMonth) => Type::IntervalYearToMonth,
        DataType::Duration(TimeUnit::Millisecond) => Type::IntervalDayToSecond,
        DataType::FixedSizeBinary(16) => Type::Uuid,
        DataType::List(item) => Type::array(type_of(item.data_type())?),
        DataType::Map(..) => {
            let (key, value) = entry_of(carrier)?;
            Type::map(type_of(key)?, type_of(value)?)
        }
        DataType::Struct(fields) => {
            let field = |field: &FieldRef| {
                let name = Some(field.name().clone());
                Ok(RowField { name, field_type: type_of(field.data_type())? })
            };
            Type::Row(fields.iter().map(field).collect::<EngineResult<_>>()?)
        }
        other => return Err(Fault::internal(format!("no type is carried by {other}")).into()),
    })
}

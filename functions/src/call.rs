//! One call of a scalar function, as the engine sees it.
//!
//! The engine knows Arrow types only, and a plan on its way to a worker names a function and the *name of
//! its result field*, nothing more. So that field's name is the call in words: the types of the arguments
//! and of the result. A function found by name on a worker reads it there.

use std::{
    collections::HashMap,
    fmt,
    hash::{Hash, Hasher},
    sync::{Arc, LazyLock},
};

use arrow::datatypes::{DataType, FieldRef};
use datafusion::{
    common::{Result as EngineResult, ScalarValue},
    logical_expr::{
        ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
    },
};

use crate::{Fault, Function, Kind, Nulls, Type, types};

/// The types of one call, after coercion.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Call {
    /// Of the arguments: their arrays have exactly these types' Arrow types.
    pub arguments: Vec<Type>,
    pub returns: Type,
}

/// Separates the types in the words of a call; in no type's text.
const SEPARATOR: char = ';';
/// Distinct calls kept parsed. A plan has far fewer.
const PARSED_MAX: usize = 4096;

impl Call {
    pub fn new(arguments: Vec<Type>, returns: Type) -> Self {
        Self { arguments, returns }
    }

    fn to_words(&self) -> String {
        let mut words = self.returns.to_string();
        for argument in &self.arguments {
            words.push(SEPARATOR);
            words.push_str(&argument.to_string());
        }
        words
    }

    fn from_words(words: &str) -> Result<Arc<Self>, Fault> {
        static PARSED: LazyLock<parking_lot::Mutex<HashMap<String, Arc<Call>>>> =
            LazyLock::new(Default::default);
        if let Some(call) = PARSED.lock().get(words) {
            return Ok(Arc::clone(call));
        }
        let mut all = split_outside_quotes(words).into_iter().map(types::parse);
        let returns = all.next().ok_or_else(|| Fault::internal("a call without a type"))??;
        let call = Arc::new(Call { arguments: all.collect::<Result<_, _>>()?, returns });
        let mut parsed = PARSED.lock();
        if parsed.len() >= PARSED_MAX {
            parsed.clear();
        }
        parsed.insert(words.to_owned(), Arc::clone(&call));
        Ok(call)
    }
}

/// Names of row fields may hold any character, in double quotes.
fn split_outside_quotes(words: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut quoted) = (0, false);
    for (at, letter) in words.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            SEPARATOR if !quoted => {
                parts.extend(words.get(start..at));
                start = at + SEPARATOR.len_utf8();
            }
            _ => {}
        }
    }
    parts.extend(words.get(start..));
    parts
}

/// A scalar function of the registry with the engine's interface.
#[derive(Debug, Clone)]
pub(crate) struct EngineFunction {
    function: &'static Function,
    plan_name: String,
    /// None in the engine's registry, where a plan from elsewhere finds the function by name.
    call: Option<Arc<Call>>,
    signature: Signature,
}

impl EngineFunction {
    /// The function for one call, for plans made here.
    pub(crate) fn of_call(function: &'static Function, call: Call) -> ScalarUDF {
        ScalarUDF::new_from_impl(Self::new(function, Some(Arc::new(call))))
    }

    /// The function under its name, for plans from elsewhere.
    pub(crate) fn of_registry(function: &'static Function) -> ScalarUDF {
        ScalarUDF::new_from_impl(Self::new(function, None))
    }

    /// The types, unless this is the registry's own.
    pub(crate) fn call(&self) -> Option<&Call> {
        self.call.as_deref()
    }

    fn new(function: &'static Function, call: Option<Arc<Call>>) -> Self {
        let volatility = match function.deterministic {
            true => Volatility::Immutable,
            false => Volatility::Volatile,
        };
        // Arguments are coerced before; the engine is to leave them alone.
        let signature = Signature::user_defined(volatility);
        Self { function, plan_name: function.plan_name(), call, signature }
    }
}

impl PartialEq for EngineFunction {
    fn eq(&self, other: &Self) -> bool {
        self.plan_name == other.plan_name && self.call == other.call
    }
}

impl Eq for EngineFunction {}

impl Hash for EngineFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.plan_name.hash(state);
        self.call.hash(state);
    }
}

impl ScalarUDFImpl for EngineFunction {
    fn name(&self) -> &str {
        &self.plan_name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> EngineResult<Vec<DataType>> {
        Ok(given.to_vec())
    }

    fn return_type(&self, _: &[DataType]) -> EngineResult<DataType> {
        match &self.call {
            Some(call) => Ok(call.returns.arrow()),
            None => Err(Fault::internal(format!("{} has no call", self.plan_name)).into()),
        }
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> EngineResult<FieldRef> {
        let _ = args;
        match &self.call {
            Some(call) => Ok(Arc::new(call.returns.field(&call.to_words()))),
            None => Err(Fault::internal(format!("{} has no call", self.plan_name)).into()),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> EngineResult<ColumnarValue> {
        let call = match &self.call {
            Some(call) => Arc::clone(call),
            None => Call::from_words(args.return_field.name())?,
        };
        let Kind::Scalar(kernel) = &self.function.kind else {
            return Err(Fault::internal(format!("{} is not a scalar function", self.plan_name)).into());
        };
        let is_null =
            |value: &ColumnarValue| matches!(value, ColumnarValue::Scalar(value) if value.is_null());
        if self.function.nulls == Nulls::Return && args.args.iter().any(is_null) {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from(&call.returns.arrow())?));
        }
        kernel(&call, &args.args, args.number_rows)
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_words())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_call_survives_as_words() {
        for (arguments, returns) in [
            (vec![], "bigint"),
            (vec!["varchar(3)", "decimal(10,2)"], "timestamp(3) with time zone"),
            (vec!["row(\"a;b\" map(varchar, bigint), \"q\"\"\" json)"], "array(row(bigint, varchar))"),
        ] {
            let arguments = arguments.into_iter().map(|text| types::parse(text).unwrap()).collect();
            let call = Call::new(arguments, types::parse(returns).unwrap());
            assert_eq!(*Call::from_words(&call.to_words()).unwrap(), call);
        }
    }
}

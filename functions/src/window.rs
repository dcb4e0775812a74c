//! Window functions (<https://trino.io/docs/current/functions/window.html>). Aggregates are window functions too;
//! those are in `aggregate`.
//!
//! Ranks are the engine's, as bigint. Functions of values are ours: the engine's take constants only where Trino
//! takes any expression.

mod ranking;
mod value;

use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::{
    common::Result as EngineResult,
    logical_expr::{
        LimitEffect, PartitionEvaluator, Signature, Volatility, WindowUDF, WindowUDFImpl,
        function::{PartitionEvaluatorArgs, WindowUDFFieldArgs},
    },
    physical_expr::PhysicalExpr,
};

use crate::{Fault, Function, Kind, Nulls, function::plan_name};

pub(crate) fn functions() -> Vec<Function> {
    let mut functions = ranking::definitions();
    functions.extend(value::definitions());
    functions.into_iter().map(Definition::into_function).collect()
}

/// Makes the evaluator of one partition, given whether NULLs are ignored.
type Make = fn(ignore_nulls: bool) -> EngineResult<Box<dyn PartitionEvaluator>>;

/// Everything about one window function.
#[derive(Debug, Clone, Copy)]
struct Definition {
    name: &'static str,
    signatures: &'static [&'static str],
    description: &'static str,
    /// The type of the result; None: that of the first argument.
    returns: Option<DataTypeOf>,
    make: Make,
    limit_effect: fn() -> LimitEffect,
}

/// A type that can stand in a constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DataTypeOf {
    Bigint,
    Double,
}

impl Definition {
    fn into_function(self) -> Function {
        let window = WindowUDF::new_from_impl(EngineWindow::new(self));
        Function {
            name: self.name,
            signatures: self.signatures,
            kind: Kind::Window(Arc::new(window)),
            nulls: Nulls::Kernel,
            deterministic: true,
            returns: None,
            description: self.description,
        }
    }
}

/// A [`Definition`] under its name in plans.
struct EngineWindow {
    definition: Definition,
    plan_name: String,
    signature: Signature,
}

impl EngineWindow {
    fn new(definition: Definition) -> Self {
        // Arguments are coerced before; the engine is to leave them alone.
        let signature = Signature::user_defined(Volatility::Immutable);
        Self { definition, plan_name: plan_name(definition.name), signature }
    }
}

impl fmt::Debug for EngineWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineWindow").field("name", &self.plan_name).finish_non_exhaustive()
    }
}

impl PartialEq for EngineWindow {
    fn eq(&self, other: &Self) -> bool {
        self.plan_name == other.plan_name
    }
}

impl Eq for EngineWindow {}

impl Hash for EngineWindow {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.plan_name.hash(state);
    }
}

impl WindowUDFImpl for EngineWindow {
    fn name(&self) -> &str {
        &self.plan_name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> EngineResult<Vec<DataType>> {
        Ok(given.to_vec())
    }

    fn partition_evaluator(
        &self,
        args: PartitionEvaluatorArgs<'_>,
    ) -> EngineResult<Box<dyn PartitionEvaluator>> {
        (self.definition.make)(args.ignore_nulls())
    }

    fn field(&self, args: WindowUDFFieldArgs<'_>) -> EngineResult<FieldRef> {
        let returns = match self.definition.returns {
            Some(DataTypeOf::Bigint) => DataType::Int64,
            Some(DataTypeOf::Double) => DataType::Float64,
            None => {
                let first = args.input_fields().first();
                first
                    .ok_or_else(|| Fault::internal("a window function without arguments"))?
                    .data_type()
                    .clone()
            }
        };
        Ok(Arc::new(Field::new(args.name(), returns, true)))
    }

    fn limit_effect(&self, _: &[Arc<dyn PhysicalExpr>]) -> LimitEffect {
        (self.definition.limit_effect)()
    }
}

#[cfg(test)]
mod tests;

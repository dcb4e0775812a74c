//! All functions, by name.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

use datafusion::logical_expr::{AggregateUDF, HigherOrderUDF, ScalarUDF, WindowUDF};

use crate::{
    Call, Function, Kind, aggregate, array, binary, bitwise, call::EngineFunction, cast, color, datetime,
    format, geo, json, lambda, map, math, network, operators, output, regexp, sketch, special, string, url,
    window,
};

static ALL: LazyLock<HashMap<&'static str, Function>> = LazyLock::new(|| {
    let parts = [
        aggregate::functions(),
        array::functions(),
        binary::functions(),
        bitwise::functions(),
        cast::functions(),
        color::functions(),
        datetime::functions(),
        format::functions(),
        geo::functions(),
        json::functions(),
        lambda::functions(),
        map::functions(),
        math::functions(),
        network::functions(),
        operators::functions(),
        output::functions(),
        regexp::functions(),
        sketch::functions(),
        special::functions(),
        string::functions(),
        url::functions(),
        window::functions(),
    ];
    parts.into_iter().flatten().map(|function| (function.name, function)).collect()
});

/// The function of this name, in any case.
pub fn find(name: &str) -> Option<&'static Function> {
    ALL.get(name).or_else(|| ALL.get(name.to_lowercase().as_str()))
}

/// All functions that a query can name, in no order.
pub fn named() -> impl Iterator<Item = &'static Function> {
    ALL.values().filter(|function| !function.name.starts_with('$'))
}

/// The engine's form of a scalar function for one call.
pub fn scalar(function: &'static Function, call: Call) -> Arc<ScalarUDF> {
    Arc::new(EngineFunction::of_call(function, call))
}

/// The types of a call that [`scalar`] made.
pub fn call_of(function: &ScalarUDF) -> Option<&Call> {
    function.inner().downcast_ref::<EngineFunction>()?.call()
}

/// What every process that runs plans must know by name.
#[derive(Debug, Default)]
pub struct EngineFunctions {
    pub scalar: Vec<Arc<ScalarUDF>>,
    pub aggregate: Vec<Arc<AggregateUDF>>,
    pub higher_order: Vec<Arc<HigherOrderUDF>>,
    pub window: Vec<Arc<WindowUDF>>,
}

/// All functions in the engine's form.
pub fn engine_functions() -> EngineFunctions {
    let mut functions = EngineFunctions::default();
    for function in ALL.values() {
        match &function.kind {
            Kind::Scalar(_) => functions.scalar.push(Arc::new(EngineFunction::of_registry(function))),
            Kind::Aggregate(implementation) => functions.aggregate.push(Arc::clone(implementation)),
            Kind::HigherOrder(implementation) => functions.higher_order.push(Arc::clone(implementation)),
            Kind::Window(implementation) => functions.window.push(Arc::clone(implementation)),
        }
    }
    functions
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::signature;

    #[test]
    fn names_are_unique_and_signatures_can_be_read() {
        for function in ALL.values() {
            assert_eq!(function.name, function.name.to_lowercase());
            for text in function.signatures {
                signature::parse(text).unwrap_or_else(|fault| panic!("{} {text}: {fault}", function.name));
            }
        }
    }
}

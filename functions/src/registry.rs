//! All functions, by name.

#[cfg(test)]
mod reference;

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

/// What makes the functions of one section of the reference, under its title there.
type Section = (&'static str, fn() -> Vec<Function>);

/// In the order of the reference. Sections without functions that a query can name do not appear in it.
const SECTIONS: [Section; 22] = [
    ("Aggregates", aggregate::functions),
    ("Windows", window::functions),
    ("Numbers", math::functions),
    ("Bits", bitwise::functions),
    ("Text", string::functions),
    ("Regular expressions", regexp::functions),
    ("URLs", url::functions),
    ("Binary data", binary::functions),
    ("Dates and times", datetime::functions),
    ("JSON", json::functions),
    ("Arrays", array::functions),
    ("Maps", map::functions),
    ("Lambdas", lambda::functions),
    ("Sketches", sketch::functions),
    ("Geometry", geo::functions),
    ("Addresses and identifiers", network::functions),
    ("Formatting", format::functions),
    ("Colours", color::functions),
    ("Comparison", operators::functions),
    ("Casts", cast::functions),
    ("Results", output::functions),
    ("Planning", special::functions),
];

static ALL: LazyLock<Vec<(&'static str, Vec<Function>)>> =
    LazyLock::new(|| SECTIONS.into_iter().map(|(title, functions)| (title, functions())).collect());

static BY_NAME: LazyLock<HashMap<&'static str, &'static Function>> =
    LazyLock::new(|| all().map(|function| (function.name, function)).collect());

fn all() -> impl Iterator<Item = &'static Function> {
    ALL.iter().flat_map(|(_, functions)| functions)
}

/// The function of this name, in any case.
pub fn find(name: &str) -> Option<&'static Function> {
    BY_NAME.get(name).or_else(|| BY_NAME.get(name.to_lowercase().as_str())).copied()
}

/// All functions that a query can name, in no order.
pub fn named() -> impl Iterator<Item = &'static Function> {
    all().filter(|function| is_named(function))
}

/// The functions that a query can name by the titles of the reference, in its order.
pub fn sections() -> Vec<(&'static str, Vec<&'static Function>)> {
    let named = |(title, functions): &'static (&'static str, Vec<Function>)| {
        let mut named: Vec<&Function> = functions.iter().filter(|function| is_named(function)).collect();
        named.sort_by_key(|function| function.name);
        (*title, named)
    };
    ALL.iter().map(named).filter(|(_, functions)| !functions.is_empty()).collect()
}

fn is_named(function: &Function) -> bool {
    !function.name.starts_with('$')
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
    for function in BY_NAME.values() {
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
        assert_eq!(all().count(), BY_NAME.len());
        for function in all() {
            assert_eq!(function.name, function.name.to_lowercase());
            for text in function.signatures {
                signature::parse(text).unwrap_or_else(|fault| panic!("{} {text}: {fault}", function.name));
            }
        }
    }
}

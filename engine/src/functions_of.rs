//! The functions that plans may name, in every process alike.

use std::sync::LazyLock;

use datafusion::execution::SessionStateBuilder;
use functions::registry::{EngineFunctions, engine_functions};

/// Adds Athena's functions to those the builder has. Plans name them, so a process without them cannot run any.
#[must_use]
pub fn register_functions(mut builder: SessionStateBuilder) -> SessionStateBuilder {
    static FUNCTIONS: LazyLock<EngineFunctions> = LazyLock::new(engine_functions);
    let functions = &*FUNCTIONS;
    builder.scalar_functions().get_or_insert_default().extend(functions.scalar.iter().cloned());
    builder.aggregate_functions().get_or_insert_default().extend(functions.aggregate.iter().cloned());
    builder.window_functions().get_or_insert_default().extend(functions.window.iter().cloned());
    builder.higher_order_functions().get_or_insert_default().extend(functions.higher_order.iter().cloned());
    builder
}

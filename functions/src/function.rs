//! A function as the registry describes it.

use std::{fmt, sync::Arc};

use datafusion::{
    common::Result as EngineResult,
    logical_expr::{AggregateUDF, ColumnarValue, HigherOrderUDF, WindowUDF},
};

use crate::{Call, Fault, Type};

/// Computes one batch. The arguments have the Arrow types of `call.arguments`; the result must have the one of
/// `call.returns`, as an array of `rows` values, or a scalar if all arguments are scalars.
pub type Kernel = fn(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue>;

/// A function of Athena's: one name, all its signatures.
pub struct Function {
    /// Lower case. Names that begin with `$` are operators and special forms: no query can name them.
    pub name: &'static str,
    /// Trino's, without the name: `(array(T), bigint) -> T`. See [`crate::signature`].
    pub signatures: &'static [&'static str],
    pub kind: Kind,
    pub nulls: Nulls,
    /// The same arguments always give the same result.
    pub deterministic: bool,
    /// For results that a signature cannot say, such as a decimal's precision: takes the coerced arguments,
    /// and the return type of the signature is not looked at.
    pub returns: Option<fn(&[Type]) -> Result<Type, Fault>>,
    /// One line for `SHOW FUNCTIONS` and the reference.
    pub description: &'static str,
}

/// What computes a function.
#[derive(Debug, Clone)]
pub enum Kind {
    Scalar(Kernel),
    /// Takes lambdas.
    HigherOrder(Arc<HigherOrderUDF>),
    /// Derives all types from Arrow types. Its name in plans is [`Function::plan_name`].
    Aggregate(Arc<AggregateUDF>),
    Window(Arc<WindowUDF>),
}

/// What a scalar function does with NULL arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    /// NULL if any argument is NULL. Scalar arguments that are NULL never reach the kernel; rows of arrays
    /// that are NULL do, and the kernel must return NULL for them.
    Return,
    /// The kernel decides.
    Kernel,
}

impl Function {
    /// A deterministic scalar function that returns NULL for NULL.
    pub const fn scalar(
        name: &'static str,
        signatures: &'static [&'static str],
        kernel: Kernel,
        description: &'static str,
    ) -> Self {
        Self {
            name,
            signatures,
            kind: Kind::Scalar(kernel),
            nulls: Nulls::Return,
            deterministic: true,
            returns: None,
            description,
        }
    }

    /// An aggregate function.
    pub fn aggregate(
        name: &'static str,
        signatures: &'static [&'static str],
        implementation: AggregateUDF,
        description: &'static str,
    ) -> Self {
        let kind = Kind::Aggregate(Arc::new(implementation));
        Self { kind, nulls: Nulls::Kernel, ..Self::scalar(name, signatures, unreachable, description) }
    }

    /// A function that takes lambdas.
    pub fn higher_order(
        name: &'static str,
        signatures: &'static [&'static str],
        implementation: HigherOrderUDF,
        description: &'static str,
    ) -> Self {
        let kind = Kind::HigherOrder(Arc::new(implementation));
        Self { kind, nulls: Nulls::Kernel, ..Self::scalar(name, signatures, unreachable, description) }
    }

    #[must_use]
    pub const fn with_nulls(mut self) -> Self {
        self.nulls = Nulls::Kernel;
        self
    }

    #[must_use]
    pub const fn volatile(mut self) -> Self {
        self.deterministic = false;
        self
    }

    #[must_use]
    pub const fn returning(mut self, returns: fn(&[Type]) -> Result<Type, Fault>) -> Self {
        self.returns = Some(returns);
        self
    }

    /// The function's name in plans: the engine has functions of its own, some with the same names and
    /// other results, so ours are marked.
    pub fn plan_name(&self) -> String {
        plan_name(self.name)
    }
}

/// See [`Function::plan_name`]; implementations of aggregates and higher-order functions must use it too.
pub(crate) fn plan_name(name: &str) -> String {
    format!("sql.{name}")
}

fn unreachable(_: &Call, _: &[ColumnarValue], _: usize) -> EngineResult<ColumnarValue> {
    Err(Fault::internal("not a scalar function").into())
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Function").field("name", &self.name).field("signatures", &self.signatures).finish()
    }
}

//! Trino's signatures: which one fits a call, and with which types.

use crate::{Call, Fault, Function, Type};

/// One signature, read.
#[derive(Debug, Clone)]
pub struct Signature;

/// Reads `(array(T), bigint) -> T`.
pub fn parse(text: &str) -> Result<Signature, Fault> {
    let _ = text;
    Ok(Signature)
}

/// An argument of a call before it is coerced.
#[allow(missing_debug_implementations)]
pub enum Argument<'a> {
    Value(Type),
    /// Given the types of its parameters, the lambda tells the type of its body.
    Lambda {
        parameters: usize,
        body: &'a mut dyn FnMut(&[Type]) -> Result<Type, Fault>,
    },
}

/// The signature that fits best; arguments must then be coerced to `arguments` of the answer.
pub fn bind(function: &Function, arguments: &mut [Argument<'_>]) -> Result<Call, Fault> {
    let _ = (function, arguments);
    Err(Fault::internal("not written"))
}

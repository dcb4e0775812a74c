//! Trino's signatures: which one fits a call, and with which types.
//!
//! A signature is `(parameters) -> result`. In it stand types as Trino writes them, and
//!
//! - type variables, a capital letter and perhaps a digit: `(array(T), T) -> boolean`; all values given
//!   for one variable must have a common type, which it becomes;
//! - variables for the numbers of a type: `(varchar(x)) -> varchar(x)`, `(decimal(p,s)) -> decimal(p,s)`;
//!   in results also `+`, `-`, `*`, `min(a, b)` and `max(a, b)`;
//! - lambdas: `function(T, boolean)`, the last type is the result's;
//! - `...` after the last parameter, which then stands for one or more of it;
//! - `any`: whatever is given, each time another type.

mod bindings;
mod pattern;

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

use parking_lot::RwLock;

use crate::{Call, Fault, Function, Nulls, Type, can_coerce};
use bindings::Bindings;
use pattern::{Pattern, Patterns};

/// Rounds in which a lambda may widen a variable that its own parameters use; Trino's number.
const LAMBDA_ROUNDS_MAX: usize = 4;

/// One signature, read.
#[derive(Debug, Clone)]
pub struct Signature {
    patterns: Patterns,
}

/// Reads `(array(T), bigint) -> T`.
pub fn parse(text: &str) -> Result<Signature, Fault> {
    Ok(Signature { patterns: pattern::parse(text)? })
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

/// What is known of an argument before any lambda is looked into.
#[derive(Clone, PartialEq)]
enum Shape {
    Value(Type),
    Lambda(usize),
}

/// A signature that fits the arguments.
struct Candidate<'a> {
    signature: &'a Signature,
    bindings: Bindings,
    /// As the signature wants them; those of lambdas are left as given.
    arguments: Vec<Shape>,
}

/// The signature that fits best; arguments must then be coerced to `arguments` of the answer.
///
/// Trino's rules: a signature that fits without coercion is taken, one without type variables before the
/// others. Otherwise the most specific one is: its parameters could be given to all others that fit. Lambdas
/// are looked into last, from left to right; their types in the answer are [`Type::Function`], and a body
/// must be coerced to the result that it says.
pub fn bind(function: &Function, arguments: &mut [Argument<'_>]) -> Result<Call, Fault> {
    let signatures = signatures(function)?;
    let shapes: Vec<Shape> = arguments
        .iter()
        .map(|argument| match argument {
            Argument::Value(given) => Shape::Value(given.clone()),
            Argument::Lambda { parameters, .. } => Shape::Lambda(*parameters),
        })
        .collect();
    let Candidate { signature, mut bindings, arguments: coerced } = choose(function, &signatures, &shapes)?;
    let patterns = &signature.patterns;
    bind_lambdas(function, patterns, &mut bindings, arguments)?;
    let mut types = Vec::with_capacity(coerced.len());
    for (pattern, shape) in expanded(patterns, arguments.len()).zip(&coerced) {
        // A lambda may have widened a variable since the arguments were looked at.
        let resolved = bindings.resolve(pattern).or(match shape {
            Shape::Value(given) => Some(given.clone()),
            Shape::Lambda(_) => None,
        });
        types.push(resolved.ok_or_else(|| not_found(function, &shapes))?);
    }
    let returns = match function.returns {
        Some(returns) => returns(&types)?,
        None => bindings.resolve(&patterns.returns).ok_or_else(|| not_found(function, &shapes))?,
    };
    Ok(Call::new(types, returns))
}

/// The function's signatures, read once per process.
fn signatures(function: &Function) -> Result<Arc<[Signature]>, Fault> {
    type Read = HashMap<(usize, usize), Arc<[Signature]>>;
    static READ: LazyLock<RwLock<Read>> = LazyLock::new(Default::default);
    // Texts that live as long as the process are known by their place.
    let key = (function.signatures.as_ptr().addr(), function.signatures.len());
    if let Some(signatures) = READ.read().get(&key) {
        return Ok(Arc::clone(signatures));
    }
    let signatures: Arc<[Signature]> =
        function.signatures.iter().map(|text| parse(text)).collect::<Result<_, _>>()?;
    READ.write().insert(key, Arc::clone(&signatures));
    Ok(signatures)
}

fn choose<'a>(
    function: &Function,
    signatures: &'a [Signature],
    shapes: &[Shape],
) -> Result<Candidate<'a>, Fault> {
    for generic in [false, true] {
        let mut exact = signatures
            .iter()
            .filter(|signature| signature.patterns.types.is_empty() != generic)
            .filter_map(|signature| fit(signature, shapes).filter(|candidate| candidate.arguments == shapes));
        if let Some(candidate) = exact.next() {
            return Ok(candidate);
        }
    }
    let mut best: Vec<Candidate<'a>> = Vec::new();
    for candidate in signatures.iter().filter_map(|signature| fit(signature, shapes)) {
        if best.iter().any(|other| is_more_specific(other, &candidate)) {
            continue;
        }
        best.retain(|other| !is_more_specific(&candidate, other));
        best.push(candidate);
    }
    if best.len() > 1 && shapes.contains(&Shape::Value(Type::Unknown)) {
        best = narrow_unknown(function, best, shapes);
    }
    match best.len() {
        0 | 1 => best.pop().ok_or_else(|| not_found(function, shapes)),
        _ => Err(ambiguous(function, &best)),
    }
}

fn is_more_specific(one: &Candidate<'_>, other: &Candidate<'_>) -> bool {
    fit(other.signature, &one.arguments).is_some()
}

/// A bare NULL fits much. Signatures that coerce nothing else come first; if they all return the same, any
/// will do, as the result is NULL.
fn narrow_unknown<'a>(
    function: &Function,
    mut candidates: Vec<Candidate<'a>>,
    shapes: &[Shape],
) -> Vec<Candidate<'a>> {
    let unknown = Shape::Value(Type::Unknown);
    let keeps_others = |candidate: &Candidate<'_>| {
        candidate.arguments.iter().zip(shapes).all(|(wanted, given)| *given == unknown || wanted == given)
    };
    if candidates.iter().any(keeps_others) {
        candidates.retain(keeps_others);
    }
    let returns =
        |candidate: &Candidate<'_>| candidate.bindings.resolve(&candidate.signature.patterns.returns);
    let first = candidates.first().and_then(returns);
    if function.nulls == Nulls::Return && candidates.iter().all(|candidate| returns(candidate) == first) {
        candidates.truncate(1);
    }
    candidates
}

/// The parameters for so many arguments. Varargs repeat the last.
fn expanded(patterns: &Patterns, arguments: usize) -> impl Iterator<Item = &Pattern> {
    let repeated = arguments.saturating_sub(patterns.parameters.len());
    patterns.parameters.iter().chain(std::iter::repeat_n(patterns.parameters.last(), repeated).flatten())
}

/// The signature with its variables bound, if the arguments can be coerced to its parameters.
fn fit<'a>(signature: &'a Signature, shapes: &[Shape]) -> Option<Candidate<'a>> {
    let patterns = &signature.patterns;
    let wanted = patterns.parameters.len();
    if shapes.len() < wanted || (shapes.len() > wanted && !patterns.varargs) {
        return None;
    }
    let mut bindings = Bindings::new(patterns);
    for (pattern, shape) in expanded(patterns, shapes.len()).zip(shapes) {
        let fits = match (pattern, shape) {
            (Pattern::Function(parameters, _), Shape::Lambda(count)) => parameters.len() == *count,
            (pattern, Shape::Value(given)) => bindings.unify(pattern, given),
            _ => false,
        };
        if !fits {
            return None;
        }
    }
    let mut arguments = Vec::with_capacity(shapes.len());
    for (pattern, shape) in expanded(patterns, shapes.len()).zip(shapes) {
        arguments.push(match (pattern, shape) {
            (Pattern::Any, Shape::Value(_)) | (_, Shape::Lambda(_)) => shape.clone(),
            (_, Shape::Value(given)) => {
                Shape::Value(bindings.resolve(pattern).filter(|wanted| can_coerce(given, wanted))?)
            }
        });
    }
    Some(Candidate { signature, bindings, arguments })
}

/// Asks the lambdas for their results until nothing gets wider.
fn bind_lambdas(
    function: &Function,
    patterns: &Patterns,
    bindings: &mut Bindings,
    arguments: &mut [Argument<'_>],
) -> Result<(), Fault> {
    let mut asked: Vec<Option<Vec<Type>>> = vec![None; arguments.len()];
    for _ in 0..=LAMBDA_ROUNDS_MAX {
        let mut changed = false;
        let formal = expanded(patterns, arguments.len());
        for ((pattern, argument), asked) in formal.zip(arguments.iter_mut()).zip(&mut asked) {
            let (Pattern::Function(parameters, result), Argument::Lambda { body, .. }) = (pattern, argument)
            else {
                continue;
            };
            let types: Option<Vec<Type>> = parameters.iter().map(|p| bindings.resolve(p)).collect();
            let types = types.ok_or_else(|| lambda_fault(function, "parameters are not known"))?;
            if asked.as_ref() == Some(&types) {
                continue;
            }
            let given = body(&types)?;
            if !bindings.unify(result, &given) {
                return Err(lambda_fault(function, &format!("result is {given}")));
            }
            let wanted = bindings.resolve(result);
            if wanted.is_none_or(|wanted| !can_coerce(&given, &wanted)) {
                return Err(lambda_fault(function, &format!("result is {given}")));
            }
            *asked = Some(types);
            changed = true;
        }
        if !changed {
            return Ok(());
        }
    }
    Err(lambda_fault(function, "result does not settle on a type"))
}

fn lambda_fault(function: &Function, what: &str) -> Fault {
    Fault::type_mismatch(format!("Unexpected lambda for function {}: its {what}", function.name))
}

fn listed(shapes: &[Shape]) -> String {
    let text = |shape: &Shape| match shape {
        Shape::Value(given) => given.to_string(),
        Shape::Lambda(_) => "function".to_owned(),
    };
    shapes.iter().map(text).collect::<Vec<_>>().join(", ")
}

fn not_found(function: &Function, shapes: &[Shape]) -> Fault {
    let name = function.name;
    let expected: Vec<String> = function
        .signatures
        .iter()
        .filter_map(|text| parse(text).ok())
        .map(|signature| {
            let Patterns { parameters_text, types, .. } = signature.patterns;
            format!("{name}({parameters_text}) {}", types.join(", ")).trim_end().to_owned()
        })
        .collect();
    Fault::function_not_found(format!(
        "Unexpected parameters ({}) for function {name}. Expected: {}",
        listed(shapes),
        expected.join(", ")
    ))
}

fn ambiguous(function: &Function, candidates: &[Candidate<'_>]) -> Fault {
    let listed: String = candidates
        .iter()
        .map(|candidate| format!("\t * {}({})\n", function.name, listed(&candidate.arguments)))
        .collect();
    Fault::function_not_found(format!(
        "Could not choose a best candidate operator. Explicit type casts must be added.\nCandidates are:\n{listed}"
    ))
}

#[cfg(test)]
mod tests;

//! Predicates of filters, which are true, false or unknown. Errors inside make them unknown.

use std::cmp::Ordering;

use super::{
    Failure, arithmetic,
    evaluate::{Run, Scope, unwrap},
    node::{Node, Number},
    syntax::{Comparison, Expression, Predicate},
};

/// None is unknown. Fails only for what the path language has no answer to.
pub(super) fn holds<'a>(
    run: &Run<'a, '_>,
    predicate: &Predicate,
    scope: Scope<'_, 'a>,
) -> Result<Option<bool>, Failure> {
    Ok(match predicate {
        Predicate::Compare(comparison, left, right) => {
            let (left, right) = (sequence(run, left, scope)?, sequence(run, right, scope)?);
            match (left, right) {
                (Some(left), Some(right)) => compare(run.lax, *comparison, left, right),
                _ => None,
            }
        }
        Predicate::StartsWith(whole, start) => {
            let (whole, start) = (sequence(run, whole, scope)?, sequence(run, start, scope)?);
            match (whole, start) {
                (Some(whole), Some(start)) => starts_with(run.lax, whole, &start),
                _ => None,
            }
        }
        Predicate::Exists(path) => sequence(run, path, scope)?.map(|found| !found.is_empty()),
        Predicate::IsUnknown(inner) => Some(holds(run, inner, scope)?.is_none()),
        Predicate::Not(inner) => holds(run, inner, scope)?.map(|held| !held),
        Predicate::And(left, right) => match holds(run, left, scope)? {
            Some(false) => Some(false),
            left => match holds(run, right, scope)? {
                Some(false) => Some(false),
                right => left.and(right),
            },
        },
        Predicate::Or(left, right) => match holds(run, left, scope)? {
            Some(true) => Some(true),
            left => match holds(run, right, scope)? {
                Some(true) => Some(true),
                right => left.and(right),
            },
        },
    })
}

/// None if the path fails.
fn sequence<'a>(
    run: &Run<'a, '_>,
    expression: &Expression,
    scope: Scope<'_, 'a>,
) -> Result<Option<Vec<Node<'a>>>, Failure> {
    match run.expression(expression, scope) {
        Ok(sequence) => Ok(Some(sequence)),
        Err(Failure::Fault(fault)) => Err(Failure::Fault(fault)),
        Err(_) => Ok(None),
    }
}

/// What kinds of values a sequence has.
#[derive(Debug, Default)]
struct Kinds {
    null: bool,
    scalar: bool,
    container: bool,
}

fn kinds(sequence: &[Node<'_>]) -> Kinds {
    let mut kinds = Kinds::default();
    for node in sequence {
        match node {
            Node::Null => kinds.null = true,
            Node::Array(_) | Node::Object(_) => kinds.container = true,
            _ => kinds.scalar = true,
        }
    }
    kinds
}

/// True if any pair compares so; lax mode stops at the first that does, and both stop at a pair that cannot be
/// compared. NULL equals NULL and nothing else.
fn compare(lax: bool, comparison: Comparison, left: Vec<Node<'_>>, right: Vec<Node<'_>>) -> Option<bool> {
    let (left, right) = if lax { (unwrap(left), unwrap(right)) } else { (left, right) };
    if left.is_empty() || right.is_empty() {
        return Some(false);
    }
    let (left_kinds, right_kinds) = (kinds(&left), kinds(&right));
    let incomparable = (left_kinds.container && (right_kinds.container || right_kinds.scalar))
        || (left_kinds.scalar && right_kinds.container);
    if incomparable {
        return None;
    }
    let mut found = match comparison {
        Comparison::Equal => left_kinds.null && right_kinds.null,
        Comparison::NotEqual => {
            (left_kinds.null && (right_kinds.scalar || right_kinds.container))
                || (right_kinds.null && (left_kinds.scalar || left_kinds.container))
        }
        _ => false,
    };
    if (found && lax) || !left_kinds.scalar || !right_kinds.scalar {
        return Some(found);
    }
    let is_huge = |node: &Node<'_>| matches!(node, Node::Number(Number::Huge(_)));
    if left.iter().chain(&right).any(is_huge) {
        return None;
    }
    let scalars = |node: &&Node<'_>| !matches!(node, Node::Null);
    for left in left.iter().filter(scalars) {
        for right in right.iter().filter(scalars) {
            if compare_scalars(comparison, left, right)? {
                found = true;
                if lax {
                    return Some(true);
                }
            }
        }
    }
    Some(found)
}

/// None if the types do not compare.
fn compare_scalars(comparison: Comparison, left: &Node<'_>, right: &Node<'_>) -> Option<bool> {
    let order = match (left, right) {
        (Node::Boolean(left), Node::Boolean(right)) => Some(left.cmp(right)),
        (Node::Text(left), Node::Text(right)) => Some(left.cmp(right)),
        // Not a number is neither less nor equal nor greater.
        (Node::Number(left), Node::Number(right)) => arithmetic::order(left, right),
        _ => return None,
    };
    Some(match comparison {
        Comparison::Equal => order == Some(Ordering::Equal),
        Comparison::NotEqual => order != Some(Ordering::Equal),
        Comparison::Less => order == Some(Ordering::Less),
        Comparison::Greater => order == Some(Ordering::Greater),
        Comparison::LessOrEqual => order.is_some_and(Ordering::is_le),
        Comparison::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
    })
}

fn starts_with(lax: bool, whole: Vec<Node<'_>>, start: &[Node<'_>]) -> Option<bool> {
    let [Node::Text(start)] = start else { return None };
    let whole = if lax { unwrap(whole) } else { whole };
    let mut found = false;
    for node in &whole {
        let Node::Text(text) = node else { return None };
        if text.starts_with(&**start) {
            found = true;
            if lax {
                return Some(true);
            }
        }
    }
    Some(found)
}

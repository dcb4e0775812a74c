//! Runs a path on a document.
//!
//! In `lax` mode arrays are unwrapped where a single value is needed, single values are taken for arrays, and
//! what is missing is nothing; in `strict` mode these are errors. Errors of values (arithmetic, wrong kinds) are
//! errors in both. The caller turns them into what `ON ERROR` says; filters turn them into unknown.

use std::{borrow::Cow, cell::Cell, rc::Rc};

use super::{
    Failure, arithmetic,
    node::{Node, Number},
    predicate::holds,
    syntax::{Expression, Method, Primary, SqlPath, Step, Subscript},
};
use crate::Fault;

/// Values a path may lead to, at most: steps like `[0, 0]` double them.
const FOUND_MAX: usize = 1_000_000;

/// One run: a document, and the values of the variables, of which a missing document is no value.
#[derive(Debug)]
pub(super) struct Run<'a, 'p> {
    pub(super) lax: bool,
    pub(super) input: &'p Node<'a>,
    pub(super) variables: &'p [Option<Node<'a>>],
    /// Objects that `keyvalue()` has seen.
    objects: Cell<i32>,
}

/// What `@` and `last` are.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Scope<'s, 'a> {
    current: Option<&'s Node<'a>>,
    last: Option<i32>,
}

/// All values the path leads to.
pub(super) fn evaluate<'a>(
    path: &SqlPath,
    input: &Node<'a>,
    variables: &[Option<Node<'a>>],
) -> Result<Vec<Node<'a>>, Failure> {
    let run = Run { lax: path.lax, input, variables, objects: Cell::new(0) };
    run.expression(&path.root, Scope::default())
}

pub(super) fn item_type(expected: &str, actual: &str) -> Failure {
    Failure::Path(format!("invalid item type. Expected: {expected}, actual: {actual}"))
}

fn structural(message: impl std::fmt::Display) -> Failure {
    Failure::Path(format!("structural error: {message}"))
}

/// The items of arrays in their place.
pub(super) fn unwrap<'a>(sequence: Vec<Node<'a>>) -> Vec<Node<'a>> {
    if !sequence.iter().any(|node| matches!(node, Node::Array(_))) {
        return sequence;
    }
    let mut unwrapped = Vec::with_capacity(sequence.len());
    for node in sequence {
        match node {
            Node::Array(items) => unwrapped.extend(items.iter().cloned()),
            other => unwrapped.push(other),
        }
    }
    unwrapped
}

impl<'a> Run<'a, '_> {
    pub(super) fn expression(
        &self,
        expression: &Expression,
        scope: Scope<'_, 'a>,
    ) -> Result<Vec<Node<'a>>, Failure> {
        match expression {
            Expression::Path(primary, steps) => {
                let mut sequence = self.primary(primary, scope)?;
                for step in steps {
                    sequence = self.step(step, sequence, scope)?;
                }
                Ok(sequence)
            }
            Expression::Positive(base) => {
                self.each_number(self.expression(base, scope)?, |number| Ok(number.clone()))
            }
            Expression::Negated(base) => self.each_number(self.expression(base, scope)?, arithmetic::negate),
            Expression::Binary(operator, left, right) => {
                let (left, right) = (self.expression(left, scope)?, self.expression(right, scope)?);
                let (left, right) = match self.lax {
                    true => (unwrap(left), unwrap(right)),
                    false => (left, right),
                };
                let ([left], [right]) = (left.as_slice(), right.as_slice()) else {
                    let message = "arithmetic binary expression requires singleton operands";
                    return Err(Failure::Path(message.to_owned()));
                };
                let result = arithmetic::binary(*operator, number(left)?, number(right)?)?;
                Ok(vec![Node::Number(result)])
            }
        }
    }

    fn primary(&self, primary: &Primary, scope: Scope<'_, 'a>) -> Result<Vec<Node<'a>>, Failure> {
        Ok(match primary {
            Primary::Context => vec![self.input.clone()],
            Primary::Variable(index) => self.variables.get(*index).cloned().flatten().into_iter().collect(),
            Primary::Current => match scope.current {
                Some(current) => vec![current.clone()],
                None => {
                    let message = "accessing current filter item with no enclosing filter";
                    return Err(Failure::Path(message.to_owned()));
                }
            },
            Primary::Last => match scope.last {
                Some(last) => vec![Node::Number(Number::Integer(last))],
                None => {
                    let message = "accessing the last array index with no enclosing array";
                    return Err(Failure::Path(message.to_owned()));
                }
            },
            Primary::Literal(node) => vec![node.clone()],
            Primary::Parenthesized(inner) => self.expression(inner, scope)?,
        })
    }

    fn step(
        &self,
        step: &Step,
        sequence: Vec<Node<'a>>,
        scope: Scope<'_, 'a>,
    ) -> Result<Vec<Node<'a>>, Failure> {
        match step {
            Step::Member(name) => self.members(sequence, Some(name)),
            Step::AnyMember => self.members(sequence, None),
            Step::Descendants(name) => {
                let mut found = Vec::new();
                for node in &sequence {
                    descendants(node, name, &mut found);
                    bounded(&found)?;
                }
                Ok(found)
            }
            Step::Items(subscripts) => self.items(sequence, subscripts, scope),
            Step::AnyItem => self.any_item(sequence),
            Step::Filter(predicate) => {
                let sequence = if self.lax { unwrap(sequence) } else { sequence };
                let mut kept = Vec::new();
                for node in sequence {
                    let inner = Scope { current: Some(&node), ..scope };
                    if holds(self, predicate, inner)? == Some(true) {
                        kept.push(node);
                    }
                }
                Ok(kept)
            }
            Step::Method(method) => self.method(*method, sequence),
        }
    }

    fn members(&self, sequence: Vec<Node<'a>>, name: Option<&str>) -> Result<Vec<Node<'a>>, Failure> {
        let sequence = if self.lax { unwrap(sequence) } else { sequence };
        let mut found = Vec::new();
        for node in &sequence {
            let Node::Object(members) = node else {
                match self.lax {
                    true => continue,
                    false => return Err(item_type("OBJECT", node.kind())),
                }
            };
            match name {
                None => found.extend(members.iter().map(|(_, value)| value.clone())),
                Some(name) => match node.member(name) {
                    Some(value) => found.push(value.clone()),
                    None if self.lax => {}
                    None => return Err(structural(format!("missing member '{name}' in JSON object"))),
                },
            }
        }
        Ok(found)
    }

    /// The items of an array; in lax mode anything else is an array of itself.
    fn as_array(&self, node: &Node<'a>) -> Result<Rc<[Node<'a>]>, Failure> {
        match node {
            Node::Array(items) => Ok(Rc::clone(items)),
            other if self.lax => Ok(Rc::from([other.clone()])),
            other => Err(item_type("ARRAY", other.kind())),
        }
    }

    fn any_item(&self, sequence: Vec<Node<'a>>) -> Result<Vec<Node<'a>>, Failure> {
        let mut found = Vec::new();
        for node in &sequence {
            found.extend(self.as_array(node)?.iter().cloned());
        }
        Ok(found)
    }

    fn items(
        &self,
        sequence: Vec<Node<'a>>,
        subscripts: &[Subscript],
        scope: Scope<'_, 'a>,
    ) -> Result<Vec<Node<'a>>, Failure> {
        let mut found = Vec::new();
        for node in &sequence {
            let items = self.as_array(node)?;
            if items.is_empty() {
                match self.lax {
                    true => continue,
                    false => return Err(structural("invalid array subscript for empty array")),
                }
            }
            let scope = Scope { last: i32::try_from(items.len() - 1).ok(), ..scope };
            for subscript in subscripts {
                let from = self.index(&subscript.from, "from", scope)?;
                let to = match &subscript.to {
                    Some(to) => self.index(to, "to", scope)?,
                    None => from,
                };
                let end = i64::try_from(items.len()).unwrap_or(i64::MAX);
                if !self.lax && (from < 0 || from >= end || to < 0 || to >= end || from > to) {
                    let message = format!("invalid array subscript: [{from}, {to}] for array of size {end}");
                    return Err(structural(message));
                }
                let clamp = |index: i64| usize::try_from(index.clamp(0, end)).unwrap_or_default();
                let range = clamp(from)..clamp(to.saturating_add(1));
                found.extend(items.get(range).unwrap_or_default().iter().cloned());
                bounded(&found)?;
            }
        }
        Ok(found)
    }

    fn index(&self, expression: &Expression, what: &str, scope: Scope<'_, 'a>) -> Result<i64, Failure> {
        match self.expression(expression, scope)?.as_slice() {
            [Node::Number(number)] => arithmetic::index(number),
            [other] => Err(item_type("NUMBER", other.kind())),
            _ => Err(Failure::Path(format!("array subscript '{what}' value must be singleton numeric"))),
        }
    }

    fn method(&self, method: Method, sequence: Vec<Node<'a>>) -> Result<Vec<Node<'a>>, Failure> {
        match method {
            Method::Type => {
                Ok(sequence.iter().map(|node| Node::Text(node.kind().to_lowercase().into())).collect())
            }
            Method::Size => sequence.iter().map(|node| self.size(node)).collect(),
            Method::KeyValue => self.key_value(sequence),
            Method::Abs => self.each_number(sequence, arithmetic::abs),
            Method::Ceiling => self.each_number(sequence, arithmetic::ceiling),
            Method::Floor => self.each_number(sequence, arithmetic::floor),
            Method::Double => {
                let sequence = if self.lax { unwrap(sequence) } else { sequence };
                let double = |node: &Node<'a>| match node {
                    Node::Number(number) => arithmetic::double(number),
                    Node::Text(text) => arithmetic::text_as_double(text),
                    other => Err(item_type("NUMBER or TEXT", other.kind())),
                };
                sequence.iter().map(|node| Ok(Node::Number(double(node)?))).collect()
            }
        }
    }

    fn size(&self, node: &Node<'a>) -> Result<Node<'a>, Failure> {
        let size = match node {
            Node::Array(items) => i32::try_from(items.len()).unwrap_or(i32::MAX),
            _ if self.lax => 1,
            other => return Err(item_type("ARRAY", other.kind())),
        };
        Ok(Node::Number(Number::Integer(size)))
    }

    fn key_value(&self, sequence: Vec<Node<'a>>) -> Result<Vec<Node<'a>>, Failure> {
        let sequence = if self.lax { unwrap(sequence) } else { sequence };
        let mut found = Vec::new();
        for node in &sequence {
            let Node::Object(members) = node else { return Err(item_type("OBJECT", node.kind())) };
            let id = self.objects.get();
            found.extend(members.iter().map(|(name, value)| {
                Node::Object(Rc::from([
                    (Cow::Borrowed("name"), Node::Text(name.clone())),
                    (Cow::Borrowed("value"), value.clone()),
                    (Cow::Borrowed("id"), Node::Number(Number::Integer(id))),
                ]))
            }));
            bounded(&found)?;
            self.objects.set(id.saturating_add(1));
        }
        Ok(found)
    }

    fn each_number(
        &self,
        sequence: Vec<Node<'a>>,
        compute: impl Fn(&Number) -> Result<Number, Failure>,
    ) -> Result<Vec<Node<'a>>, Failure> {
        let sequence = if self.lax { unwrap(sequence) } else { sequence };
        sequence.iter().map(|node| Ok(Node::Number(compute(number(node)?)?))).collect()
    }
}

fn bounded(found: &[Node<'_>]) -> Result<(), Failure> {
    match found.len() > FOUND_MAX {
        true => {
            let message = format!("a JSON path that leads to more than {FOUND_MAX} values");
            Err(Failure::Fault(Fault::not_supported(message)))
        }
        false => Ok(()),
    }
}

/// The node as a number that SQL has.
fn number<'n>(node: &'n Node<'_>) -> Result<&'n Number, Failure> {
    match node {
        Node::Number(Number::Huge(digits)) => {
            Err(Failure::Path(format!("cannot convert {digits} to Trino value (value too big)")))
        }
        Node::Number(number) => Ok(number),
        other => Err(item_type("NUMBER", other.kind())),
    }
}

/// Values of members of this name, outer objects first.
fn descendants<'a>(node: &Node<'a>, name: &str, found: &mut Vec<Node<'a>>) {
    match node {
        Node::Object(members) => {
            found.extend(node.member(name).cloned());
            members.iter().for_each(|(_, value)| descendants(value, name, found));
        }
        Node::Array(items) => items.iter().for_each(|item| descendants(item, name, found)),
        _ => {}
    }
}

/// An error of a path as the fault that `ERROR ON ERROR` raises.
pub(super) fn raised(failure: Failure) -> Fault {
    match failure {
        Failure::Path(message) => super::invalid_value(format!("path evaluation failed: {message}")),
        Failure::Malformed => super::invalid_value("conversion to JSON failed: malformed JSON"),
        Failure::Fault(fault) => fault,
    }
}

//! What Trino refuses in a path before it runs: methods and arithmetic on literals of the wrong kind.
//! Kinds of values from documents and parameters are known only when they come.

use super::{
    node::Node,
    syntax::{Expression, Method, Predicate, Primary, SqlPath, Step},
};
use crate::Fault;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Text,
    Boolean,
}

pub(super) fn check(path: &SqlPath) -> Result<(), Fault> {
    expression(&path.root).map(drop)
}

fn expression(checked: &Expression) -> Result<Option<Kind>, Fault> {
    match checked {
        Expression::Path(first, steps) => {
            let mut kind = primary(first)?;
            for each in steps {
                kind = step(each, kind)?;
            }
            Ok(kind)
        }
        Expression::Negated(base) | Expression::Positive(base) => {
            let kind = expression(base)?;
            number(kind, "invalid operand type in JSON path arithmetic unary expression")?;
            Ok(kind)
        }
        Expression::Binary(_, left, right) => {
            let (left, right) = (expression(left)?, expression(right)?);
            let (Some(_), Some(_)) = (left, right) else { return Ok(None) };
            for kind in [left, right] {
                number(kind, "invalid operand types in JSON path arithmetic binary expression")?;
            }
            Ok(Some(Kind::Number))
        }
    }
}

fn number(kind: Option<Kind>, message: &str) -> Result<(), Fault> {
    match kind {
        None | Some(Kind::Number) => Ok(()),
        Some(Kind::Text | Kind::Boolean) => Err(super::invalid(message)),
    }
}

fn primary(checked: &Primary) -> Result<Option<Kind>, Fault> {
    Ok(match checked {
        Primary::Context | Primary::Variable(_) | Primary::Current => None,
        Primary::Last | Primary::Literal(Node::Number(_)) => Some(Kind::Number),
        Primary::Literal(Node::Text(_)) => Some(Kind::Text),
        Primary::Literal(Node::Boolean(_)) => Some(Kind::Boolean),
        Primary::Literal(_) => None,
        Primary::Parenthesized(inner) => expression(inner)?,
    })
}

fn step(checked: &Step, base: Option<Kind>) -> Result<Option<Kind>, Fault> {
    match checked {
        Step::Member(_) | Step::AnyMember | Step::Descendants(_) | Step::AnyItem => Ok(None),
        Step::Items(subscripts) => {
            for subscript in subscripts {
                expression(&subscript.from)?;
                if let Some(to) = &subscript.to {
                    expression(to)?;
                }
            }
            Ok(None)
        }
        Step::Filter(inner) => {
            predicate(inner)?;
            Ok(base)
        }
        Step::Method(Method::Type) => Ok(Some(Kind::Text)),
        Step::Method(Method::Size) => Ok(Some(Kind::Number)),
        Step::Method(Method::KeyValue) => Ok(None),
        Step::Method(Method::Double) => match base {
            Some(Kind::Boolean) => {
                Err(super::invalid("cannot perform JSON path double() method with boolean argument"))
            }
            _ => Ok(Some(Kind::Number)),
        },
        Step::Method(Method::Abs | Method::Ceiling | Method::Floor) => {
            number(base, "cannot perform JSON path method with an argument that is not a number")?;
            Ok(base)
        }
    }
}

fn predicate(checked: &Predicate) -> Result<(), Fault> {
    match checked {
        Predicate::Compare(_, left, right) | Predicate::StartsWith(left, right) => {
            expression(left)?;
            expression(right).map(drop)
        }
        Predicate::Exists(path) => expression(path).map(drop),
        Predicate::IsUnknown(inner) | Predicate::Not(inner) => predicate(inner),
        Predicate::And(left, right) | Predicate::Or(left, right) => {
            predicate(left)?;
            predicate(right)
        }
    }
}

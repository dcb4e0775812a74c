//! Paths of SQL/JSON, read.

use super::node::Node;

/// `lax $.a[*] ? (@.b > 1)`
#[derive(Debug)]
pub(super) struct SqlPath {
    pub(super) lax: bool,
    pub(super) root: Expression,
}

#[derive(Debug)]
pub(super) enum Expression {
    Path(Primary, Vec<Step>),
    Negated(Box<Expression>),
    Positive(Box<Expression>),
    Binary(Operator, Box<Expression>, Box<Expression>),
}

#[derive(Debug)]
pub(super) enum Primary {
    /// `$`
    Context,
    /// `$name`: the field of the passed row.
    Variable(usize),
    /// `@`
    Current,
    /// `last`
    Last,
    Literal(Node<'static>),
    Parenthesized(Box<Expression>),
}

#[derive(Debug)]
pub(super) enum Step {
    Member(String),
    AnyMember,
    Descendants(String),
    Items(Vec<Subscript>),
    AnyItem,
    Filter(Predicate),
    Method(Method),
}

/// `[from to to]`, or one item.
#[derive(Debug)]
pub(super) struct Subscript {
    pub(super) from: Expression,
    pub(super) to: Option<Expression>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Type,
    Size,
    Double,
    Ceiling,
    Floor,
    Abs,
    KeyValue,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulus,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    Greater,
    LessOrEqual,
    GreaterOrEqual,
}

#[derive(Debug)]
pub(super) enum Predicate {
    Compare(Comparison, Expression, Expression),
    StartsWith(Expression, Expression),
    Exists(Expression),
    IsUnknown(Box<Predicate>),
    Not(Box<Predicate>),
    And(Box<Predicate>, Box<Predicate>),
    Or(Box<Predicate>, Box<Predicate>),
}

//! Calls of our functions, bound as the analyzer binds them.

use std::sync::Arc;

use datafusion::{
    common::ScalarValue,
    logical_expr::{
        Expr, WindowFrame, WindowFrameBound, WindowFrameUnits, WindowFunctionDefinition,
        expr::{AggregateFunction, HigherOrderFunction, WindowFunction, WindowFunctionParams},
        lambda, lambda_var,
    },
    prelude::ident,
};
use functions::{
    Call, Function, Kind, Type, registry,
    signature::{self, Argument},
};

use crate::table::Table;

/// The column that windows are ordered by. The table is sorted by it.
const WINDOW_ORDER: &str = "step";

/// A value: a column, a literal, or a call of ours.
#[derive(Debug, Clone)]
pub(crate) enum Term {
    Column(&'static str),
    Literal(Type, ScalarValue),
    Call(&'static str, Vec<Term>),
    /// `$cast` or `$try_cast`, whose signatures do not tell the result.
    Cast(&'static str, Box<Term>, Type),
}

/// What a case runs of ours.
#[derive(Debug, Clone)]
pub(crate) enum Ours {
    Value(Term),
    /// The engine's own operators, where the analyzer writes those.
    Engine(&'static str),
    /// A function of an array column and a lambda, given the lambda's body.
    Lambda {
        function: &'static str,
        column: &'static str,
        body: fn(Expr) -> Expr,
    },
    Aggregate {
        function: &'static str,
        arguments: Vec<Term>,
        distinct: bool,
    },
    Window {
        function: &'static str,
        arguments: Vec<Term>,
        frame: Frame,
    },
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Frame {
    /// Up to the row and its peers.
    Default,
    /// `ROWS BETWEEN 9 PRECEDING AND CURRENT ROW`
    LastTen,
}

pub(crate) fn col(name: &'static str) -> Term {
    Term::Column(name)
}

pub(crate) fn bigint(value: i64) -> Term {
    Term::Literal(Type::BigInt, ScalarValue::Int64(Some(value)))
}

pub(crate) fn integer(value: i32) -> Term {
    Term::Literal(Type::Integer, ScalarValue::Int32(Some(value)))
}

pub(crate) fn double(value: f64) -> Term {
    Term::Literal(Type::Double, ScalarValue::Float64(Some(value)))
}

pub(crate) fn boolean(value: bool) -> Term {
    Term::Literal(Type::Boolean, ScalarValue::Boolean(Some(value)))
}

/// A literal has the type that its length gives it.
pub(crate) fn text(value: &str) -> Term {
    let length = u32::try_from(value.chars().count()).ok();
    Term::Literal(Type::Varchar(length), ScalarValue::Utf8View(Some(value.to_owned())))
}

pub(crate) fn call<const N: usize>(function: &'static str, arguments: [Term; N]) -> Ours {
    Ours::Value(Term::Call(function, Vec::from(arguments)))
}

pub(crate) fn cast(column: &'static str, to: Type) -> Ours {
    Ours::Value(Term::Cast("$cast", Box::new(col(column)), to))
}

pub(crate) fn try_cast(column: &'static str, to: Type) -> Ours {
    Ours::Value(Term::Cast("$try_cast", Box::new(col(column)), to))
}

impl Ours {
    /// The expression that a plan would hold.
    pub(crate) fn expr(&self, table: &Table) -> Result<Expr, String> {
        match self {
            Ours::Value(term) => Ok(term.planned(table)?.0),
            Ours::Engine(sql) => table.context.parse_sql_expr(sql, &table.schema).map_err(|e| e.to_string()),
            Ours::Lambda { function, column, body } => with_lambda(function, column, *body, table),
            Ours::Aggregate { function, arguments, distinct } => {
                let (found, _, arguments) = bound(function, arguments, table)?;
                let Kind::Aggregate(udaf) = &found.kind else { return Err(other_kind(function)) };
                let udaf = Arc::clone(udaf);
                let call = AggregateFunction::new_udf(udaf, arguments, *distinct, None, Vec::new(), None);
                Ok(Expr::AggregateFunction(call))
            }
            Ours::Window { function, arguments, frame } => window(function, arguments, *frame, table),
        }
    }
}

impl Term {
    /// The engine's expression, and what type it has for us.
    fn planned(&self, table: &Table) -> Result<(Expr, Type), String> {
        match self {
            Term::Column(name) => Ok((ident(*name), table.type_of(name)?)),
            Term::Literal(data_type, value) => Ok((Expr::Literal(value.clone(), None), data_type.clone())),
            Term::Call(name, arguments) => {
                let (function, call, arguments) = bound(name, arguments, table)?;
                let returns = call.returns.clone();
                Ok((registry::scalar(function, call).call(arguments), returns))
            }
            Term::Cast(name, value, to) => {
                let (value, from) = value.planned(table)?;
                let call = Call::new(vec![from], to.clone());
                Ok((registry::scalar(found(name)?, call).call(vec![value]), to.clone()))
            }
        }
    }
}

fn found(name: &str) -> Result<&'static Function, String> {
    registry::find(name).ok_or_else(|| format!("there is no function {name}"))
}

fn other_kind(name: &str) -> String {
    format!("{name} is a function of another kind")
}

/// The function, the types of its call, and the arguments. Nothing is coerced: cases give the types that the
/// signature wants.
fn bound(
    name: &str,
    arguments: &[Term],
    table: &Table,
) -> Result<(&'static Function, Call, Vec<Expr>), String> {
    let function = found(name)?;
    let planned: Vec<(Expr, Type)> =
        arguments.iter().map(|argument| argument.planned(table)).collect::<Result<_, _>>()?;
    let (exprs, types): (Vec<Expr>, Vec<Type>) = planned.into_iter().unzip();
    let mut given: Vec<Argument<'_>> = types.iter().cloned().map(Argument::Value).collect();
    let call = signature::bind(function, &mut given).map_err(|fault| fault.to_string())?;
    for (given, wanted) in types.iter().zip(&call.arguments) {
        if given.arrow() != wanted.arrow() {
            return Err(format!("{name} was given {given} for {wanted}"));
        }
    }
    Ok((function, call, exprs))
}

fn with_lambda(function: &str, column: &str, body: fn(Expr) -> Expr, table: &Table) -> Result<Expr, String> {
    let Kind::HigherOrder(udf) = &found(function)?.kind else { return Err(other_kind(function)) };
    let arguments = vec![ident(column), lambda(["x"], body(lambda_var("x")))];
    let call = Expr::HigherOrderFunction(HigherOrderFunction::new(Arc::clone(udf), arguments));
    let resolved = call.resolve_lambda_variables(&table.schema).map_err(|error| error.to_string())?;
    Ok(resolved.data)
}

/// `function(arguments) OVER (ORDER BY step)`
fn window(function: &str, arguments: &[Term], frame: Frame, table: &Table) -> Result<Expr, String> {
    let (found, _, args) = bound(function, arguments, table)?;
    let fun = match &found.kind {
        Kind::Aggregate(udaf) => WindowFunctionDefinition::AggregateUDF(Arc::clone(udaf)),
        Kind::Window(udwf) => WindowFunctionDefinition::WindowUDF(Arc::clone(udwf)),
        Kind::Scalar(_) | Kind::HigherOrder(_) => return Err(other_kind(function)),
    };
    let window_frame = match frame {
        Frame::Default => WindowFrame::new(Some(false)),
        Frame::LastTen => WindowFrame::new_bounds(
            WindowFrameUnits::Rows,
            WindowFrameBound::Preceding(ScalarValue::UInt64(Some(9))),
            WindowFrameBound::CurrentRow,
        ),
    };
    let params = WindowFunctionParams {
        args,
        partition_by: Vec::new(),
        order_by: vec![ident(WINDOW_ORDER).sort(true, false)],
        window_frame,
        filter: None,
        null_treatment: None,
        distinct: false,
    };
    Ok(Expr::WindowFunction(Box::new(WindowFunction { fun, params })))
}

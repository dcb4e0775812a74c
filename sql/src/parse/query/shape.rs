//! What a query may look like so that nothing behind the parser recurses without end or drops a clause.
//!
//! Two checks: on tokens, before sqlparser recurses over them, and on the tree, before it leaves the
//! parsing thread. Long `AND` and `OR` chains, which generated queries have, are made balanced instead of
//! being refused: both are associative, and the order of their operands stays.

use std::{mem, ops::ControlFlow};

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, Expr, Query, Select, SetExpr, TableFactor, Value, VisitMut, VisitorMut,
};
use protocol::{Error, ErrorCode, Result};

use super::refuse;
use crate::parse::{cursor::Cursor, lex::Kind};

/// Deepest nesting of parentheses and brackets.
const NESTING_MAX: usize = 200;

/// Most types written with angle brackets (`array<…>`), which sqlparser reads by unbounded recursion.
const ANGLE_TYPES_MAX: usize = 200;

/// Most times INTERVAL stands in a row; sqlparser recurses over it without counting.
const INTERVAL_RUN_MAX: usize = 8;

/// Deepest tree of expressions, a chain of `n` operators other than AND and OR counting `n`.
/// The planner's clones and drops recurse that deep on a thread of ordinary stack size.
const EXPRESSION_DEPTH_MAX: usize = 500;

/// Longest chain of UNION, INTERSECT and EXCEPT without FROM clauses, which `RELATIONS_MAX` bounds.
const SET_CHAIN_MAX: usize = 500;

/// Most tables, subqueries and functions in FROM clauses together. A plan of 490 joins overflows the
/// 2 MiB stack of a runtime's worker in an unoptimised build, one of 240 does not.
const RELATIONS_MAX: usize = 250;

/// Chains of AND or OR longer than this are made balanced.
const CHAIN_LEFT_ALONE_MAX: usize = 32;

/// Refuses texts that sqlparser would recurse over without counting.
pub(super) fn check_tokens(cursor: &Cursor<'_>) -> Result<()> {
    let (mut nesting, mut angle_types, mut interval_run) = (0_usize, 0, 0);
    let mut after_type = false;
    for token in cursor.rest() {
        let is_interval = token.text.eq_ignore_ascii_case("INTERVAL");
        interval_run = if is_interval { interval_run + 1 } else { 0 };
        match token.kind {
            Kind::Symbol('(' | '[' | '{') => nesting += 1,
            Kind::Symbol(')' | ']' | '}') => nesting = nesting.saturating_sub(1),
            Kind::Symbol('<') if after_type => angle_types += 1,
            Kind::Unterminated(what) => {
                return Err(cursor.syntax_at(*token, format!("unterminated {what}")));
            }
            _ => {}
        }
        after_type = ["ARRAY", "MAP", "STRUCT"].iter().any(|name| token.text.eq_ignore_ascii_case(name));
        if nesting > NESTING_MAX || angle_types > ANGLE_TYPES_MAX || interval_run > INTERVAL_RUN_MAX {
            let error = cursor.syntax_at(*token, "the query is nested too deeply".to_owned());
            return Err(Error { code: ErrorCode::NotSupported, ..error });
        }
    }
    Ok(())
}

/// Balances long chains, then refuses what is too deep or would be dropped in silence.
pub(super) fn check(query: &mut Query) -> Result<()> {
    let mut walk = Walk::default();
    match query.visit(&mut walk) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(*error),
    }
}

/// One walk over a query's tree.
#[derive(Debug, Default)]
struct Walk {
    expression_depth: usize,
    relations: usize,
}

type Step = ControlFlow<Box<Error>>;

impl VisitorMut for Walk {
    type Break = Box<Error>;

    fn pre_visit_query(&mut self, query: &mut Query) -> Step {
        step(check_set_chain(&query.body))?;
        step(refuse::query(query))
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> Step {
        step(refuse::select(select))
    }

    fn pre_visit_table_factor(&mut self, table: &mut TableFactor) -> Step {
        self.relations += 1;
        step(refuse::table(table))?;
        step(limit("tables in one query", self.relations, RELATIONS_MAX))
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> Step {
        balance(expr);
        self.expression_depth += 1;
        let depth = self.expression_depth + planned_depth(expr);
        let what = "operators in a chain or levels of an expression";
        step(limit(what, depth, EXPRESSION_DEPTH_MAX))
    }

    fn post_visit_expr(&mut self, _: &mut Expr) -> Step {
        self.expression_depth -= 1;
        ControlFlow::Continue(())
    }
}

/// Levels that the planner makes of one flat node: one per subscript or field.
fn planned_depth(expr: &Expr) -> usize {
    match expr {
        Expr::CompoundFieldAccess { access_chain, .. } => access_chain.len(),
        Expr::CompoundIdentifier(parts) => parts.len(),
        _ => 0,
    }
}

fn step(result: Result<()>) -> Step {
    match result {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => ControlFlow::Break(Box::new(error)),
    }
}

fn limit(what: &str, found: usize, max: usize) -> Result<()> {
    if found <= max {
        return Ok(());
    }
    Err(Error::new(ErrorCode::NotSupported, format!("more than {max} {what}")))
}

/// Counts without recursion how deep a tree of set operations is.
fn check_set_chain(body: &SetExpr) -> Result<()> {
    let mut open = vec![(body, 0_usize)];
    while let Some((expr, depth)) = open.pop() {
        limit("set operations in a chain", depth, SET_CHAIN_MAX)?;
        if let SetExpr::SetOperation { left, right, .. } = expr {
            open.extend([(&**left, depth + 1), (&**right, depth + 1)]);
        }
    }
    Ok(())
}

/// Makes a long left-deep chain of one logical operator a balanced tree of it, without recursion.
fn balance(expr: &mut Expr) {
    let Some(chain_op) = logical_operator(expr).cloned() else {
        return;
    };
    let mut length = 0;
    let mut spine = &*expr;
    while let Expr::BinaryOp { left, op, .. } = spine
        && *op == chain_op
    {
        length += 1;
        spine = left;
    }
    if length <= CHAIN_LEFT_ALONE_MAX {
        return;
    }
    let mut operands = Vec::with_capacity(length + 1);
    let mut rest = mem::replace(expr, Expr::Value(Value::Null.into()));
    loop {
        match rest {
            Expr::BinaryOp { left, op, right } if op == chain_op => {
                operands.push(*right);
                rest = *left;
            }
            first => {
                operands.push(first);
                break;
            }
        }
    }
    operands.reverse();
    while operands.len() > 1 {
        operands = join_pairs(operands, &chain_op);
    }
    if let Some(balanced) = operands.pop() {
        *expr = balanced;
    }
}

fn logical_operator(expr: &Expr) -> Option<&BinaryOperator> {
    match expr {
        Expr::BinaryOp { op, .. } if matches!(op, BinaryOperator::And | BinaryOperator::Or) => Some(op),
        _ => None,
    }
}

fn join_pairs(operands: Vec<Expr>, op: &BinaryOperator) -> Vec<Expr> {
    let mut joined = Vec::with_capacity(operands.len().div_ceil(2));
    let mut operands = operands.into_iter();
    while let Some(left) = operands.next() {
        joined.push(match operands.next() {
            Some(right) => Expr::BinaryOp { left: Box::new(left), op: op.clone(), right: Box::new(right) },
            None => left,
        });
    }
    joined
}

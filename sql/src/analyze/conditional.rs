//! AND, OR, CASE, IF, COALESCE, NULLIF, TRY: what may be left unevaluated.
//!
//! The engine evaluates both sides of AND and OR on whole batches, so an operand that can fail is put where
//! it sees only the rows that Trino would evaluate it on.

use std::{collections::BTreeSet, sync::Arc};

use datafusion::{
    common::{
        ScalarValue, TableReference,
        tree_node::{TreeNode, TreeNodeRecursion},
    },
    logical_expr::{
        Case, Expr as PlanExpr, Operator, ScalarUDF,
        expr::{HigherOrderFunction, Lambda},
    },
};
use functions::{Kind, Type, registry};

use super::{
    Analyzer, Done,
    expr::{Context, common},
    mismatch,
    operators::binary,
    typed::Typed,
};
use crate::ast::{At, Comparison, Expr};

impl Analyzer<'_> {
    pub(super) fn and(&mut self, operands: &[Expr], context: &mut Context<'_>) -> Done<Typed> {
        let parts =
            operands.iter().map(|operand| self.boolean(operand, context)).collect::<Done<Vec<_>>>()?;
        chain(parts, Operator::And).map(Typed::boolean)
    }

    pub(super) fn or(&mut self, operands: &[Expr], context: &mut Context<'_>) -> Done<Typed> {
        let parts =
            operands.iter().map(|operand| self.boolean(operand, context)).collect::<Done<Vec<_>>>()?;
        chain(parts, Operator::Or).map(Typed::boolean)
    }

    pub(super) fn case(
        &mut self,
        operand: Option<&Expr>,
        branches: &[(Expr, Expr)],
        otherwise: Option<&Expr>,
        at: At,
        context: &mut Context<'_>,
    ) -> Done<Typed> {
        match operand {
            None => self.branches(None, branches, otherwise, at, context),
            Some(operand) => {
                let operand = self.expr(operand, context)?;
                self.once(operand, |analyzer, operand| {
                    analyzer.branches(Some(operand), branches, otherwise, at, context)
                })
            }
        }
    }

    fn branches(
        &mut self,
        operand: Option<Typed>,
        branches: &[(Expr, Expr)],
        otherwise: Option<&Expr>,
        at: At,
        context: &mut Context<'_>,
    ) -> Done<Typed> {
        let mut whens = Vec::with_capacity(branches.len());
        let mut results = Vec::with_capacity(branches.len() + 1);
        for (when, then) in branches {
            whens.push(match &operand {
                None => self.boolean(when, context)?,
                Some(operand) => {
                    let value = self.expr(when, context)?;
                    self.compare(Comparison::Equal, operand.clone(), value, when.at, context)?.expr
                }
            });
            results.push(self.expr(then, context)?);
        }
        if let Some(otherwise) = otherwise {
            results.push(self.expr(otherwise, context)?);
        }
        let result_type = common(&results, "All CASE results", at)?;
        let mut results = results
            .into_iter()
            .map(|result| Ok(result.coerce(&result_type, at)?.expr))
            .collect::<Done<Vec<_>>>()?;
        let otherwise = match otherwise {
            Some(_) => results.pop(),
            None => None,
        };
        let fails = whens.iter().skip(1).chain(&results).chain(&otherwise).any(can_fail);
        if result_type == Type::Boolean && fails {
            return lazy_case(whens, results, otherwise).map(Typed::boolean);
        }
        Ok(Typed::new(case_when(whens, results, otherwise), result_type))
    }

    /// `IF`, `COALESCE`, `NULLIF`, `TRY`; None for other names.
    pub(super) fn conditional(
        &mut self,
        name: &str,
        arguments: &[Expr],
        at: At,
        context: &mut Context<'_>,
    ) -> Done<Option<Typed>> {
        let wrong = |expected: &str| {
            Err(super::syntax(
                format!("Invalid number of arguments for '{name}' function: expected {expected}"),
                at,
            ))
        };
        Ok(Some(match (name, arguments) {
            ("if", [when, then]) => self.case(None, &[(when.clone(), then.clone())], None, at, context)?,
            ("if", [when, then, otherwise]) => {
                self.case(None, &[(when.clone(), then.clone())], Some(otherwise), at, context)?
            }
            ("if", _) => return wrong("2 or 3"),
            ("nullif", [first, second]) => self.null_if(first, second, at, context)?,
            ("nullif", _) => return wrong("2"),
            ("coalesce", [] | [_]) => return wrong("at least 2"),
            ("coalesce", all) => self.coalesce(all, at, context)?,
            ("try", [expr]) => {
                let body = self.expr(expr, context)?;
                Typed::new(higher_order("$try", vec![], vec![body.expr])?, body.data_type)
            }
            ("try", _) => return wrong("1"),
            _ => return Ok(None),
        }))
    }

    fn null_if(&mut self, first: &Expr, second: &Expr, at: At, context: &mut Context<'_>) -> Done<Typed> {
        let (first, second) = (self.expr(first, context)?, self.expr(second, context)?);
        self.once(first, |analyzer, first| {
            let equal = analyzer.compare(Comparison::Equal, first.clone(), second, at, context)?;
            let null = null_of(&first.data_type);
            Ok(Typed::new(case_when(vec![equal.expr], vec![null], Some(first.expr)), first.data_type))
        })
    }

    fn coalesce(&mut self, all: &[Expr], at: At, context: &mut Context<'_>) -> Done<Typed> {
        let all: Vec<Typed> = all.iter().map(|one| self.expr(one, context)).collect::<Done<_>>()?;
        let wanted = common(&all, "All COALESCE operands", at)?;
        let all = all.into_iter().map(|one| one.coerce(&wanted, at)).collect::<Done<Vec<_>>>()?;
        self.first_present(all, wanted)
    }

    /// COALESCE of values of one type. The engine writes all but the last twice, so one that each evaluation
    /// changes begins another COALESCE, in which it has a name.
    fn first_present(&mut self, mut values: Vec<Typed>, wanted: Type) -> Done<Typed> {
        let changes = values.iter().position(|value| value.expr.is_volatile());
        if let Some(place) = changes.filter(|place| place + 1 < values.len()) {
            let mut rest = values.split_off(place).into_iter();
            let first = rest.next().unwrap_or_else(Typed::null);
            let last = self.once(first, |analyzer, first| {
                analyzer.first_present(std::iter::once(first).chain(rest).collect(), wanted.clone())
            })?;
            if values.is_empty() {
                return Ok(last);
            }
            values.push(last);
        }
        let coalesce = datafusion::functions::core::coalesce();
        Ok(Typed::new(coalesce.call(values.into_iter().map(|value| value.expr).collect()), wanted))
    }
}

/// A searched CASE of booleans, which the engine would take apart into ANDs and ORs that evaluate everything.
fn lazy_case(whens: Vec<PlanExpr>, thens: Vec<PlanExpr>, otherwise: Option<PlanExpr>) -> Done<PlanExpr> {
    let mut result = otherwise.unwrap_or_else(|| null_of(&Type::Boolean));
    for (when, then) in whens.into_iter().zip(thens).rev() {
        result = higher_order("$if", vec![when], vec![then, result])?;
    }
    Ok(result)
}

/// A searched CASE.
pub(super) fn case_when(whens: Vec<PlanExpr>, thens: Vec<PlanExpr>, otherwise: Option<PlanExpr>) -> PlanExpr {
    let branches =
        whens.into_iter().zip(thens).map(|(when, then)| (Box::new(when), Box::new(then))).collect();
    PlanExpr::Case(Case::new(None, branches, otherwise.map(Box::new)))
}

/// A chain of one operator as a balanced tree, so that thousands of operands are not a deep one.
pub(super) fn balanced(mut operands: Vec<PlanExpr>, op: Operator) -> PlanExpr {
    // Short chains stay in their order, which is easier to read.
    if operands.len() <= SHORT_CHAIN {
        let all = operands.into_iter().reduce(|left, right| binary(left, op, right));
        return all.unwrap_or(PlanExpr::Literal(ScalarValue::Boolean(Some(op == Operator::And)), None));
    }
    while operands.len() > 1 {
        let mut joined = Vec::with_capacity(operands.len().div_ceil(2));
        let mut rest = operands.into_iter();
        while let Some(left) = rest.next() {
            joined.push(match rest.next() {
                Some(right) => binary(left, op, right),
                None => left,
            });
        }
        operands = joined;
    }
    operands.pop().unwrap_or(PlanExpr::Literal(ScalarValue::Boolean(Some(true)), None))
}

/// Operands of AND and OR that are left in a row.
const SHORT_CHAIN: usize = 32;

/// Conditions joined by AND.
pub(super) fn conjunction(parts: Vec<PlanExpr>) -> Done<PlanExpr> {
    chain(parts, Operator::And)
}

/// Guards inside one another, at most; operands behind that are evaluated early.
const GUARDS_MAX: usize = 16;

/// The operands that cannot fail, then those that can, each evaluated only where all before it leave it open.
///
/// Operands that cannot fail may be evaluated wherever they are written, so they stay by themselves, where
/// joins and pruning find them. Subqueries become joins, which a guard cannot hold: they are among these.
fn chain(parts: Vec<PlanExpr>, op: Operator) -> Done<PlanExpr> {
    let (fallible, mut plain): (Vec<_>, Vec<_>) =
        parts.into_iter().partition(|part| can_fail(part) && !has_subquery(part));
    let mut guarded: Option<PlanExpr> = None;
    for (index, part) in fallible.into_iter().enumerate().rev() {
        // Behind so many guards operands are evaluated early: each is a level of the plan.
        guarded = Some(match guarded {
            None => part,
            Some(rest) if index < GUARDS_MAX => guard(op, part, rest)?,
            Some(rest) => binary(part, op, rest),
        });
    }
    if let Some(guarded) = guarded {
        let of_these = qualifiers(&guarded);
        let before: Vec<PlanExpr> = plain
            .iter()
            .filter(|part| !has_subquery(part) && qualifiers(part).is_subset(&of_these))
            .cloned()
            .collect();
        plain.push(if before.is_empty() { guarded } else { guard(op, balanced(before, op), guarded)? });
    }
    Ok(balanced(plain, op))
}

/// `first AND rest`, where `rest` is evaluated only if it cannot fail or `first` is true.
pub(super) fn and_then(first: PlanExpr, rest: PlanExpr) -> datafusion::error::Result<PlanExpr> {
    match can_fail(&rest) {
        true => guard(Operator::And, first, rest)
            .map_err(|problem| functions::Fault::not_supported(problem.error.message).into()),
        false => Ok(binary(first, Operator::And, rest)),
    }
}

fn guard(op: Operator, first: PlanExpr, rest: PlanExpr) -> Done<PlanExpr> {
    let name = if op == Operator::And { "$and_then" } else { "$or_else" };
    higher_order(name, vec![first], vec![rest])
}

/// The scans whose columns are used. A guard of other scans' columns would keep a condition from its own scan.
fn qualifiers(expr: &PlanExpr) -> BTreeSet<Option<TableReference>> {
    expr.column_refs().into_iter().map(|column| column.relation.clone()).collect()
}

/// A call whose last arguments are evaluated only where the function wants them.
fn higher_order(name: &str, values: Vec<PlanExpr>, lazy: Vec<PlanExpr>) -> Done<PlanExpr> {
    let Some(Kind::HigherOrder(function)) = registry::find(name).map(|function| &function.kind) else {
        return Err(mismatch(format!("Function '{name}' not registered"), 0));
    };
    let lambdas = lazy.into_iter().map(|body| PlanExpr::Lambda(Lambda::new(Vec::new(), body)));
    let args = values.into_iter().chain(lambdas).collect();
    Ok(PlanExpr::HigherOrderFunction(HigherOrderFunction::new(Arc::clone(function), args)))
}

pub(super) fn has_subquery(expr: &PlanExpr) -> bool {
    let is_subquery = |node: &PlanExpr| {
        matches!(
            node,
            PlanExpr::Exists(_)
                | PlanExpr::InSubquery(_)
                | PlanExpr::ScalarSubquery(_)
                | PlanExpr::SetComparison(_)
        )
    };
    expr.exists(|node| Ok(is_subquery(node))).unwrap_or(false)
}

/// Functions that fail on some values of their types, sorted.
const FALLIBLE: &[&str] = &[
    "sql.$subscript",
    "sql.at_timezone",
    "sql.chr",
    "sql.combinations",
    "sql.date_parse",
    "sql.fail",
    "sql.from_base",
    "sql.from_base32",
    "sql.from_base64",
    "sql.from_base64url",
    "sql.from_hex",
    "sql.from_iso8601_date",
    "sql.from_iso8601_timestamp",
    "sql.from_iso8601_timestamp_nanos",
    "sql.json_parse",
    "sql.map",
    "sql.map_from_entries",
    "sql.mod",
    "sql.multimap_from_entries",
    "sql.ngrams",
    "sql.parse_data_size",
    "sql.parse_datetime",
    "sql.parse_duration",
    "sql.repeat",
    "sql.sequence",
    "sql.slice",
    "sql.split_part",
    "sql.split_to_map",
    "sql.st_geometryfromtext",
    "sql.to_date",
    "sql.to_timestamp",
    "sql.trim_array",
    "sql.url_decode",
    "sql.with_timezone",
];

/// True if evaluating the expression on a row that must not reach it can end the query.
///
/// Overflow of sums and products does not count: guarding each of them would cost more pruning than it saves.
fn can_fail(expr: &PlanExpr) -> bool {
    let mut fails = false;
    let _ = expr.apply(|node| {
        let failing = match node {
            PlanExpr::ScalarFunction(call) => match call.func.name() {
                "sql.$divide" | "sql.$modulus" => !has_constant_not_zero(&call.args),
                "sql.$cast" => casts_text(&call.func),
                "sql.date" => casts_text(&call.func),
                "sql.element_at" => is_of_array(&call.func) && !has_constant_not_zero(&call.args),
                name => FALLIBLE.contains(&name),
            },
            _ => false,
        };
        fails |= failing;
        Ok(match fails {
            true => TreeNodeRecursion::Stop,
            false => TreeNodeRecursion::Continue,
        })
    });
    fails
}

/// Casts of text fail on what is no number or date; those of numbers at most overflow.
fn casts_text(function: &ScalarUDF) -> bool {
    let from = registry::call_of(function).and_then(|call| call.arguments.first());
    from.is_none_or(|from| matches!(from, Type::Varchar(_) | Type::Char(_) | Type::Json | Type::Varbinary))
}

/// There is no element at 0, while every key of a map is one that may be missing.
fn is_of_array(function: &ScalarUDF) -> bool {
    let of = registry::call_of(function).and_then(|call| call.arguments.first());
    matches!(of, Some(Type::Array(_)))
}

/// `f(x, 3)`: neither a division by zero nor an element at 0.
fn has_constant_not_zero(arguments: &[PlanExpr]) -> bool {
    match arguments {
        [_, PlanExpr::Literal(value, _)] => {
            ScalarValue::new_zero(&value.data_type()).is_ok_and(|zero| *value != zero)
        }
        _ => false,
    }
}

/// The type of TRY's result is its body's.
pub(super) fn null_of(data_type: &Type) -> PlanExpr {
    PlanExpr::Literal(ScalarValue::try_from(&data_type.arrow()).unwrap_or(ScalarValue::Null), None)
}

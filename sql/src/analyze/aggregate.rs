//! Calls of aggregate functions.
//!
//! While the expressions of a SELECT are analysed, its aggregate calls are collected, and each is replaced by
//! the column that the aggregation will have for it.

use std::sync::Arc;

use datafusion::{
    common::{Column, ScalarValue},
    logical_expr::{Expr as PlanExpr, Operator, SortExpr, expr::AggregateFunction},
};
use functions::{Fault, Function, Kind, Type, registry};

use super::{
    Analyzer, AtPlace, Done,
    call::bound,
    expr::Context,
    mismatch, not_supported,
    operators::{binary, check_comparable, check_orderable, is_nested, is_orderable},
    syntax,
    typed::Typed,
};
use crate::ast::{At, Call, NullTreatment, SortItem};

/// The aggregate calls of one SELECT.
#[derive(Debug, Clone, Default)]
pub(super) struct AggregateCalls {
    /// With the name of the column each becomes.
    pub(super) calls: Vec<(PlanExpr, String)>,
    /// An aggregate's arguments are being analysed.
    pub(super) inside: bool,
}

impl Analyzer<'_> {
    pub(super) fn aggregate_call(
        &mut self,
        function: &'static Function,
        call: &Call,
        at: At,
        context: &mut Context<'_>,
    ) -> Done<Typed> {
        let name = function.name;
        match &mut context.aggregates {
            None => {
                return Err(syntax(
                    format!(
                        "{} cannot contain aggregations, window functions or grouping operations: [{name}]",
                        context.clause
                    ),
                    at,
                ));
            }
            Some(calls) if calls.inside => {
                return Err(syntax(format!("Cannot nest aggregations inside aggregation '{name}'"), at));
            }
            Some(calls) => calls.inside = true,
        }
        let windows = context.windows.take();
        let aggregate = self.aggregate(function, call, at, context);
        context.windows = windows;
        if let Some(calls) = &mut context.aggregates {
            calls.inside = false;
        }
        let (aggregate, data_type) = aggregate?;
        let expr = PlanExpr::AggregateFunction(aggregate);
        let known =
            context.aggregates.iter().flat_map(|calls| &calls.calls).find(|(known, _)| *known == expr);
        let column = match known {
            Some((_, column)) => column.clone(),
            None => {
                let column = self.fresh(name);
                if let Some(calls) = &mut context.aggregates {
                    calls.calls.push((expr, column.clone()));
                }
                column
            }
        };
        Ok(Typed::new(PlanExpr::Column(Column::new_unqualified(column)), data_type))
    }

    /// The call with its clauses, and the type of its result.
    pub(super) fn aggregate(
        &mut self,
        function: &'static Function,
        call: &Call,
        at: At,
        context: &mut Context<'_>,
    ) -> Done<(AggregateFunction, Type)> {
        let Kind::Aggregate(implementation) = &function.kind else {
            return Err(mismatch(format!("{} is not an aggregate function", function.name), at));
        };
        if call.star && function.name != "count" {
            return Err(syntax(format!("'*' is not allowed as argument of {}", function.name), at));
        }
        if call.null_treatment == Some(NullTreatment::Ignore) && function.name != "array_agg" {
            return Err(not_supported(format!("IGNORE NULLS for {}", function.name), at));
        }
        let mut arguments =
            call.arguments.iter().map(|argument| self.expr(argument, context)).collect::<Done<Vec<_>>>()?;
        if call.star || (function.name == "count" && arguments.is_empty()) {
            arguments.push(Typed::bigint(1));
        }
        let order_by = self.sort_items(&call.order_by, context)?;
        check_distinct_order(call, &arguments, &order_by, at)?;
        self.listagg_arguments(function, call, &mut arguments, at)?;
        let (arguments, bound) = bound(function, arguments, at)?;
        check_extreme(function.name, &bound.arguments, at)?;
        if call.distinct {
            bound
                .arguments
                .iter()
                .try_for_each(|argument| check_comparable(argument, "DISTINCT argument", at))?;
        }
        let arguments = in_one_form(function, call, arguments, at)?;
        let without_sign = call.distinct && function.name == "count";
        let arguments: Vec<PlanExpr> = arguments
            .into_iter()
            .map(|argument| if without_sign { unsigned_zero(argument) } else { argument.expr })
            .collect();
        let mut filter = call.filter.as_ref().map(|filter| self.boolean(filter, context)).transpose()?;
        if call.null_treatment == Some(NullTreatment::Ignore)
            && let Some(first) = arguments.first()
        {
            let present = PlanExpr::IsNotNull(Box::new(first.clone()));
            filter = Some(filter.map_or(present.clone(), |filter| filter.and(present)));
        }
        let aggregate = AggregateFunction::new_udf(
            Arc::clone(implementation),
            arguments,
            call.distinct,
            filter.map(Box::new),
            order_by,
            None,
        );
        Ok((aggregate, bound.returns))
    }

    /// LISTAGG's separator is optional, and its overflow clause becomes arguments.
    fn listagg_arguments(
        &mut self,
        function: &Function,
        call: &Call,
        arguments: &mut Vec<Typed>,
        at: At,
    ) -> Done<()> {
        if function.name != "listagg" {
            return match call.on_overflow {
                Some(_) => Err(syntax(format!("ON OVERFLOW does not apply to {}", function.name), at)),
                None => Ok(()),
            };
        }
        if arguments.len() == 1 {
            arguments.push(Typed::text(""));
        }
        let boolean = |value: bool| Typed::literal(ScalarValue::Boolean(Some(value)), Type::Boolean);
        let (filler, with_count) = match &call.on_overflow {
            Some(truncation) => (truncation.filler.as_str(), truncation.with_count),
            None => ("...", false),
        };
        arguments.push(boolean(call.on_overflow.is_none()));
        arguments.push(Typed::text(filler));
        arguments.push(boolean(with_count));
        Ok(())
    }

    /// ORDER BY of an aggregate or a window.
    pub(super) fn sort_items(
        &mut self,
        items: &[SortItem],
        context: &mut Context<'_>,
    ) -> Done<Vec<SortExpr>> {
        let mut sorts = Vec::with_capacity(items.len());
        for item in items {
            let typed = self.expr(&item.expr, context)?;
            check_orderable(&typed.data_type, item.expr.at)?;
            sorts.push(SortExpr::new(typed.expr, !item.descending, item.nulls_first));
        }
        Ok(sorts)
    }
}

/// A call of an aggregate of one argument that is of its type.
pub(super) fn aggregate_of(name: &'static str, argument: PlanExpr) -> Result<PlanExpr, Fault> {
    let Some(Kind::Aggregate(function)) = registry::find(name).map(|function| &function.kind) else {
        return Err(Fault::not_supported(format!("{name} is not supported")));
    };
    let function = Arc::clone(function);
    let call = AggregateFunction::new_udf(function, vec![argument], false, None, Vec::new(), None);
    Ok(PlanExpr::AggregateFunction(call))
}

/// Aggregates whose first argument is what they count or look up.
const KEYED: &[&str] = &["approx_distinct", "histogram", "map_agg", "multimap_agg"];

/// The arguments with one form for values inside of arrays, maps and rows that are not distinct, where the
/// aggregate asks which are.
fn in_one_form(function: &Function, call: &Call, arguments: Vec<Typed>, at: At) -> Done<Vec<Typed>> {
    let keys = match (call.distinct && call.order_by.is_empty(), KEYED.contains(&function.name)) {
        (true, _) => arguments.len(),
        (false, true) => 1,
        (false, false) => 0,
    };
    let form = |(index, argument): (usize, Typed)| match index < keys && is_nested(&argument.data_type) {
        true => argument.in_one_form().at(at),
        false => Ok(argument),
    };
    arguments.into_iter().enumerate().map(form).collect()
}

/// -0.0 as 0.0: the engine counts them as two values.
pub(super) fn unsigned_zero(value: Typed) -> PlanExpr {
    let zero = match value.data_type {
        Type::Double => ScalarValue::Float64(Some(0.0)),
        Type::Real => ScalarValue::Float32(Some(0.0)),
        _ => return value.expr,
    };
    binary(value.expr, Operator::Plus, PlanExpr::Literal(zero, None))
}

/// Rows that DISTINCT puts together have one value of what is in the arguments, and of nothing else.
fn check_distinct_order(call: &Call, arguments: &[Typed], order_by: &[SortExpr], at: At) -> Done<()> {
    let is_argument = |key: &SortExpr| arguments.iter().any(|argument| argument.expr == key.expr);
    match call.distinct && !order_by.iter().all(is_argument) {
        true => Err(syntax(
            "For aggregate function with DISTINCT, ORDER BY expressions must appear in arguments",
            at,
        )),
        false => Ok(()),
    }
}

/// What is to be the largest or smallest must have an order.
fn check_extreme(name: &str, arguments: &[Type], at: At) -> Done<()> {
    let key = match name {
        "max" | "min" => arguments.first(),
        "max_by" | "min_by" => arguments.get(1),
        _ => None,
    };
    match key {
        Some(key) if !is_orderable(key) => {
            Err(mismatch(format!("Type {key} is not orderable, and therefore cannot be used in {name}"), at))
        }
        _ => Ok(()),
    }
}

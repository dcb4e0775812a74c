//! Calls with OVER, and windows.

use std::sync::Arc;

use datafusion::{
    common::{Column, ScalarValue},
    logical_expr::{
        Expr as PlanExpr, WindowFrame, WindowFrameBound, WindowFrameUnits, WindowFunctionDefinition,
        expr::{NullTreatment as PlanNullTreatment, WindowFunction, WindowFunctionParams},
    },
};
use functions::{Kind, Type};

use super::{Analyzer, Done, call::bound, expr::Context, mismatch, not_supported, syntax, typed::Typed};
use crate::ast::{At, Call, Expr, Frame, FrameBound, FrameUnit, Ident, NullTreatment, Window, WindowSpec};

/// The window calls of one SELECT.
#[derive(Debug, Clone, Default)]
pub(super) struct WindowCalls {
    /// With the name of the column each becomes.
    pub(super) calls: Vec<(PlanExpr, String)>,
    /// Windows that have a name.
    pub(super) named: Vec<(Ident, WindowSpec)>,
}

impl Analyzer<'_> {
    pub(super) fn window_call(&mut self, call: &Call, at: At, context: &mut Context<'_>) -> Done<Typed> {
        let name = call.name.folded();
        let Some(mut calls) = context.windows.take() else {
            return Err(syntax(
                format!(
                    "{} cannot contain aggregations, window functions or grouping operations: [{name}]",
                    context.clause
                ),
                at,
            ));
        };
        let window = self.window(call, &calls, at, context);
        let result = window.map(|(expr, data_type)| {
            let known =
                calls.calls.iter().find(|(known, _)| *known == expr).map(|(_, column)| column.clone());
            let column = known.unwrap_or_else(|| {
                let column = self.fresh(&name);
                calls.calls.push((expr, column.clone()));
                column
            });
            Typed::new(PlanExpr::Column(Column::new_unqualified(column)), data_type)
        });
        context.windows = Some(calls);
        result
    }

    fn window(
        &mut self,
        call: &Call,
        calls: &WindowCalls,
        at: At,
        context: &mut Context<'_>,
    ) -> Done<(PlanExpr, Type)> {
        if call.distinct {
            return Err(not_supported("DISTINCT in a window function", at));
        }
        let spec = match &call.over {
            Some(Window::Spec(spec)) => resolved(spec, &calls.named, 0)?,
            Some(Window::Named(name)) => named(name, &calls.named, 0)?,
            None => return Err(syntax("a window function without OVER", at)),
        };
        let function = self.function(&call.name.folded(), at)?;
        let (definition, arguments, filter, data_type) = match &function.kind {
            Kind::Aggregate(implementation) => {
                let plain = Call { over: None, null_treatment: None, ..call.clone() };
                let (aggregate, data_type) = self.aggregate(function, &plain, at, context)?;
                if !aggregate.params.order_by.is_empty() {
                    return Err(syntax("Window function with ORDER BY is not supported", at));
                }
                let definition = WindowFunctionDefinition::AggregateUDF(Arc::clone(implementation));
                (definition, aggregate.params.args, aggregate.params.filter, data_type)
            }
            Kind::Window(implementation) => {
                if call.filter.is_some() {
                    return Err(not_supported("FILTER for a window function that is no aggregate", at));
                }
                let (arguments, data_type) = self.window_arguments(function, call, at, context)?;
                (WindowFunctionDefinition::WindowUDF(Arc::clone(implementation)), arguments, None, data_type)
            }
            Kind::Scalar(_) | Kind::HigherOrder(_) => {
                return Err(syntax(format!("'{}' is not a window or aggregate function", function.name), at));
            }
        };
        let partition_by = spec
            .partition_by
            .iter()
            .map(|expr| Ok(self.expr(expr, context)?.expr))
            .collect::<Done<Vec<_>>>()?;
        let order_by = self.sort_items(&spec.order_by, context)?;
        let window_frame = self.frame(&spec, context)?;
        let null_treatment = call.null_treatment.map(|treatment| match treatment {
            NullTreatment::Ignore => PlanNullTreatment::IgnoreNulls,
            NullTreatment::Respect => PlanNullTreatment::RespectNulls,
        });
        let params = WindowFunctionParams {
            args: arguments,
            partition_by,
            order_by,
            window_frame,
            filter,
            null_treatment,
            distinct: false,
        };
        Ok((PlanExpr::WindowFunction(Box::new(WindowFunction { fun: definition, params })), data_type))
    }

    fn window_arguments(
        &mut self,
        function: &'static functions::Function,
        call: &Call,
        at: At,
        context: &mut Context<'_>,
    ) -> Done<(Vec<PlanExpr>, Type)> {
        let arguments =
            call.arguments.iter().map(|argument| self.expr(argument, context)).collect::<Done<Vec<_>>>()?;
        let (arguments, bound) = bound(function, arguments, at)?;
        let arguments = arguments.into_iter().map(|argument| argument.expr).collect();
        Ok((arguments, bound.returns))
    }

    /// Trino's default: with ORDER BY all rows up to the peers of the current one, else all rows.
    fn frame(&mut self, spec: &WindowSpec, context: &mut Context<'_>) -> Done<WindowFrame> {
        let at = spec.at;
        let Some(frame) = &spec.frame else {
            return Ok(WindowFrame::new((!spec.order_by.is_empty()).then_some(false)));
        };
        let units = match frame.unit {
            FrameUnit::Rows => WindowFrameUnits::Rows,
            FrameUnit::Range => WindowFrameUnits::Range,
            FrameUnit::Groups => WindowFrameUnits::Groups,
        };
        check_bounds(frame, at)?;
        if frame.unit == FrameUnit::Groups && spec.order_by.is_empty() {
            return Err(syntax("Window frame of type GROUPS requires ORDER BY", at));
        }
        let key = match (frame.unit, spec.order_by.as_slice()) {
            (FrameUnit::Range, [only]) => Some(self.expr(&only.expr, context)?.data_type),
            _ => None,
        };
        let start = self.bound(&frame.start, frame.unit, key.as_ref(), at, context)?;
        let end = match &frame.end {
            Some(end) => self.bound(end, frame.unit, key.as_ref(), at, context)?,
            None => WindowFrameBound::CurrentRow,
        };
        Ok(WindowFrame::new_bounds(units, start, end))
    }

    fn bound(
        &mut self,
        bound: &FrameBound,
        unit: FrameUnit,
        key: Option<&Type>,
        at: At,
        context: &mut Context<'_>,
    ) -> Done<WindowFrameBound> {
        Ok(match bound {
            FrameBound::UnboundedPreceding => WindowFrameBound::Preceding(ScalarValue::Null),
            FrameBound::UnboundedFollowing => WindowFrameBound::Following(ScalarValue::Null),
            FrameBound::CurrentRow => WindowFrameBound::CurrentRow,
            FrameBound::Preceding(distance) => {
                WindowFrameBound::Preceding(self.distance(distance, unit, key, at, context)?)
            }
            FrameBound::Following(distance) => {
                WindowFrameBound::Following(self.distance(distance, unit, key, at, context)?)
            }
        })
    }

    fn distance(
        &mut self,
        distance: &Expr,
        unit: FrameUnit,
        key: Option<&Type>,
        at: At,
        context: &mut Context<'_>,
    ) -> Done<ScalarValue> {
        let distance = self.expr(distance, context)?;
        let Some(value) = distance.as_literal().cloned() else {
            return Err(not_supported("a window frame whose bound is not a constant", at));
        };
        if unit != FrameUnit::Range {
            let rows = distance.coerce(&Type::BigInt, at)?;
            return match rows.as_literal() {
                Some(ScalarValue::Int64(Some(rows))) if *rows >= 0 => {
                    Ok(ScalarValue::UInt64(Some(rows.unsigned_abs())))
                }
                _ => Err(syntax("Window frame offset value must not be negative or null", at)),
            };
        }
        let Some(key) = key else {
            return Err(syntax(
                "Window frame of type RANGE PRECEDING or FOLLOWING requires single sort item in ORDER BY",
                at,
            ));
        };
        match (&distance.data_type, value) {
            (Type::IntervalDayToSecond, ScalarValue::DurationMillisecond(Some(millis))) => {
                Ok(ScalarValue::new_interval_mdn(0, 0, millis.saturating_mul(1_000_000)))
            }
            (Type::IntervalYearToMonth, ScalarValue::IntervalYearMonth(Some(months))) => {
                Ok(ScalarValue::new_interval_mdn(months, 0, 0))
            }
            (given, _) if given.is_numeric() && key.is_numeric() => {
                let value = distance.coerce(key, at)?;
                value.as_literal().cloned().ok_or_else(|| not_supported("this bound of a window frame", at))
            }
            (given, _) => Err(mismatch(
                format!("Window frame RANGE value type ({given}) not compatible with sort item type ({key})"),
                at,
            )),
        }
    }
}

fn check_bounds(frame: &Frame, at: At) -> Done<()> {
    let rank = |bound: &FrameBound| match bound {
        FrameBound::UnboundedPreceding => 0,
        FrameBound::Preceding(_) => 1,
        FrameBound::CurrentRow => 2,
        FrameBound::Following(_) => 3,
        FrameBound::UnboundedFollowing => 4,
    };
    let (start, end) = (rank(&frame.start), frame.end.as_ref().map_or(2, rank));
    match () {
        () if start == 4 => Err(syntax("Window frame start cannot be UNBOUNDED FOLLOWING", at)),
        () if end == 0 => Err(syntax("Window frame end cannot be UNBOUNDED PRECEDING", at)),
        () if start > end => {
            Err(syntax("Window frame starting from a later bound cannot end with an earlier one", at))
        }
        () => Ok(()),
    }
}

/// Windows that build on windows, at most.
const WINDOWS_DEEP_MAX: usize = 64;

fn named(name: &Ident, all: &[(Ident, WindowSpec)], depth: usize) -> Done<WindowSpec> {
    let found = all.iter().find(|(own, _)| own.folded() == name.folded());
    match found {
        Some((_, spec)) if depth < WINDOWS_DEEP_MAX => resolved(spec, all, depth + 1),
        _ => Err(syntax(format!("Cannot resolve WINDOW name {}", name.text), name.at)),
    }
}

/// The specification with what it takes over from the window it names.
fn resolved(spec: &WindowSpec, all: &[(Ident, WindowSpec)], depth: usize) -> Done<WindowSpec> {
    let Some(existing) = &spec.existing else {
        return Ok(spec.clone());
    };
    let base = named(existing, all, depth)?;
    if !spec.partition_by.is_empty() {
        return Err(syntax(
            "WINDOW specification with named WINDOW reference cannot specify PARTITION BY",
            spec.at,
        ));
    }
    if !base.order_by.is_empty() && !spec.order_by.is_empty() {
        return Err(syntax(
            "Cannot specify ORDER BY if the referenced named WINDOW specifies ORDER BY",
            spec.at,
        ));
    }
    if base.frame.is_some() {
        return Err(syntax("Cannot reference named WINDOW containing frame specification", spec.at));
    }
    let order_by = if spec.order_by.is_empty() { base.order_by } else { spec.order_by.clone() };
    Ok(WindowSpec {
        existing: None,
        partition_by: base.partition_by,
        order_by,
        frame: spec.frame.clone(),
        at: spec.at,
    })
}

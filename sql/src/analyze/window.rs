//! Calls with OVER, and windows.

use std::sync::Arc;

use datafusion::{
    common::Column,
    logical_expr::{
        Expr as PlanExpr, SortExpr, WindowFrame, WindowFunctionDefinition,
        expr::{NullTreatment as PlanNullTreatment, WindowFunction, WindowFunctionParams},
    },
};
use functions::{Fault, Kind, Type, registry};

use super::{
    Analyzer, AtPlace, Done, call::bound, expr::Context, not_supported, operators::check_comparable, syntax,
    typed::Typed,
};
use crate::ast::{At, Call, Ident, NullTreatment, Window, WindowSpec};

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
        check_function(function.name, call, &spec, at)?;
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
        let (partition_by, order_by, window_frame) = self.window_keys(&spec, context)?;
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

    /// What a window divides rows by, what it sorts them by, and its frame.
    fn window_keys(
        &mut self,
        spec: &WindowSpec,
        context: &mut Context<'_>,
    ) -> Done<(Vec<PlanExpr>, Vec<SortExpr>, WindowFrame)> {
        let mut partition_by = Vec::with_capacity(spec.partition_by.len());
        for expr in &spec.partition_by {
            let typed = self.expr(expr, context)?;
            check_comparable(&typed.data_type, "window function PARTITION BY", expr.at)?;
            partition_by.push(typed.in_one_form().at(expr.at)?.expr);
        }
        let mut order_by = self.sort_items(&spec.order_by, context)?;
        let frame = self.frame(spec, &mut order_by, context)?;
        Ok((partition_by, order_by, frame))
    }

    /// The windows of a WINDOW clause, also those that no call names. Each may build on those before it.
    pub(super) fn check_windows(
        &mut self,
        windows: &[(Ident, WindowSpec)],
        context: &mut Context<'_>,
    ) -> Done<()> {
        for (index, (name, spec)) in windows.iter().enumerate() {
            let before = windows.get(..index).unwrap_or_default();
            if before.iter().any(|(own, _)| own.folded() == name.folded()) {
                let message = format!("WINDOW name '{}' specified more than once", name.text);
                return Err(syntax(message, name.at));
            }
            let spec = resolved(spec, before, 0)?;
            // No windows inside of windows.
            let outside = context.windows.take();
            let checked = self.window_keys(&spec, context);
            context.windows = outside;
            checked?;
        }
        Ok(())
    }
}

/// What some functions do not go with.
fn check_function(name: &str, call: &Call, spec: &WindowSpec, at: At) -> Done<()> {
    let of_values = matches!(name, "lag" | "lead" | "first_value" | "last_value" | "nth_value");
    if call.null_treatment.is_some() && !of_values {
        return Err(syntax(format!("Cannot specify null treatment clause for {name} function"), at));
    }
    match name {
        "lag" | "lead" if spec.order_by.is_empty() => {
            Err(syntax(format!("{name} function requires an ORDER BY window clause"), spec.at))
        }
        "lag" | "lead" if spec.frame.is_some() => {
            Err(syntax(format!("Cannot specify window frame for {name} function"), spec.at))
        }
        _ => Ok(()),
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
        return Err(syntax("Cannot specify ORDER BY if referenced named WINDOW specifies ORDER BY", spec.at));
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

/// A call of a window function without arguments that numbers rows: `row_number`, `rank`.
pub(super) fn ranking(
    name: &'static str,
    partition_by: Vec<PlanExpr>,
    order_by: Vec<SortExpr>,
) -> Result<PlanExpr, Fault> {
    let Some(Kind::Window(function)) = registry::find(name).map(|function| &function.kind) else {
        return Err(Fault::not_supported(format!("{name} is not supported")));
    };
    let window_frame = WindowFrame::new((!order_by.is_empty()).then_some(false));
    let params = WindowFunctionParams {
        args: Vec::new(),
        partition_by,
        order_by,
        window_frame,
        filter: None,
        null_treatment: None,
        distinct: false,
    };
    let fun = WindowFunctionDefinition::WindowUDF(Arc::clone(function));
    Ok(PlanExpr::WindowFunction(Box::new(WindowFunction { fun, params })))
}

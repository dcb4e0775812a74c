//! Calls with lambdas: the types of their parameters come from the other arguments.

use std::{cell::RefCell, sync::Arc};

use datafusion::logical_expr::{
    Expr as PlanExpr,
    expr::{HigherOrderFunction, Lambda, LambdaVariable},
};
use functions::{Fault, Function, Kind, Type, signature};

use super::{
    Analyzer, Done, Problem,
    expr::{Context, LambdaParameter},
    mismatch, not_supported,
    typed::Typed,
};
use crate::ast::{At, Expr, ExprKind, Ident};

/// A lambda whose body was analysed with the parameter types of the last attempt.
struct Body {
    parameters: Vec<String>,
    body: Typed,
}

impl Analyzer<'_> {
    pub(super) fn lambda_call(
        &mut self,
        function: &'static Function,
        arguments: &[Expr],
        at: At,
        context: &mut Context<'_>,
    ) -> Done<Typed> {
        let Kind::HigherOrder(implementation) = &function.kind else {
            return Err(mismatch(format!("Unexpected lambda expression for function {}", function.name), at));
        };
        let mut values: Vec<Option<Typed>> = Vec::with_capacity(arguments.len());
        for argument in arguments {
            values.push(match argument.kind {
                ExprKind::Lambda { .. } => None,
                _ => Some(self.expr(argument, context)?),
            });
        }
        let (call, bodies) = self.bind_lambdas(function, arguments, &values, at, context)?;
        let mut plan_arguments = Vec::with_capacity(arguments.len());
        for ((value, wanted), body) in values.into_iter().zip(&call.arguments).zip(bodies) {
            plan_arguments.push(match (value, body, wanted) {
                (Some(value), _, wanted) => value.coerce(wanted, at)?.expr,
                (None, Some(Body { parameters, body }), Type::Function(_, result)) => {
                    PlanExpr::Lambda(Lambda::new(parameters, body.coerce(result, at)?.expr))
                }
                (None, ..) => return Err(mismatch("Unexpected lambda expression", at)),
            });
        }
        let call_expr = HigherOrderFunction::new(Arc::clone(implementation), plan_arguments);
        Ok(Typed::new(PlanExpr::HigherOrderFunction(call_expr), call.returns))
    }

    /// What `body` makes of a value that it uses more than once. One that each evaluation changes, such as a
    /// random number, is evaluated before.
    pub(super) fn once(
        &mut self,
        value: Typed,
        body: impl FnOnce(&mut Self, Typed) -> Done<Typed>,
    ) -> Done<Typed> {
        if !value.expr.is_volatile() {
            return body(self, value);
        }
        let name = self.fresh("value");
        let field = Arc::new(value.data_type.field(&name));
        let variable = PlanExpr::LambdaVariable(LambdaVariable::new(name.clone(), Some(field)));
        let result = body(self, Typed::new(variable, value.data_type))?;
        let Kind::HigherOrder(implementation) = &self.internal("$let", 0)?.kind else {
            return Err(not_supported("a value that changes", 0));
        };
        let lambda = PlanExpr::Lambda(Lambda::new(vec![name], result.expr));
        let call = HigherOrderFunction::new(Arc::clone(implementation), vec![value.expr, lambda]);
        Ok(Typed::new(PlanExpr::HigherOrderFunction(call), result.data_type))
    }

    fn bind_lambdas(
        &mut self,
        function: &'static Function,
        arguments: &[Expr],
        values: &[Option<Typed>],
        at: At,
        context: &mut Context<'_>,
    ) -> Done<(functions::Call, Vec<Option<Body>>)> {
        let bodies: Vec<RefCell<Option<Body>>> = arguments.iter().map(|_| RefCell::new(None)).collect();
        let failed: RefCell<Option<Problem>> = RefCell::new(None);
        let shared = RefCell::new((self, context));
        let analyse = |index: usize, names: &[Ident], body: &Expr, types: &[Type]| -> Result<Type, Fault> {
            let mut shared = shared.borrow_mut();
            let (analyzer, context) = &mut *shared;
            match analyzer.lambda_body(names, body, types, context) {
                Ok((parameters, body)) => {
                    let data_type = body.data_type.clone();
                    if let Some(slot) = bodies.get(index) {
                        slot.replace(Some(Body { parameters, body }));
                    }
                    Ok(data_type)
                }
                Err(problem) => {
                    let fault = Fault { code: problem.error.code, message: problem.error.message.clone() };
                    failed.replace(Some(problem));
                    Err(fault)
                }
            }
        };
        let mut lambdas: Vec<(usize, usize, Box<dyn FnMut(&[Type]) -> Result<Type, Fault> + '_>)> =
            Vec::new();
        for (index, argument) in arguments.iter().enumerate() {
            if let ExprKind::Lambda { parameters, body } = &argument.kind {
                let analyse = &analyse;
                lambdas.push((
                    index,
                    parameters.len(),
                    Box::new(move |types| analyse(index, parameters, body, types)),
                ));
            }
        }
        let mut lambda = lambdas.iter_mut();
        let mut given: Vec<signature::Argument<'_>> = Vec::with_capacity(arguments.len());
        for value in values {
            match value {
                Some(value) => given.push(signature::Argument::Value(value.data_type.clone())),
                None => {
                    if let Some((_, parameters, body)) = lambda.next() {
                        given.push(signature::Argument::Lambda {
                            parameters: *parameters,
                            body: body.as_mut(),
                        });
                    }
                }
            }
        }
        let bound = signature::bind(function, &mut given);
        drop(given);
        drop(lambdas);
        match bound {
            Ok(call) => Ok((call, bodies.into_iter().map(RefCell::into_inner).collect())),
            // The reason inside a lambda says more than "no signature fits".
            Err(fault) => Err(failed.into_inner().unwrap_or_else(|| Problem::new(fault.into(), at))),
        }
    }

    fn lambda_body(
        &mut self,
        names: &[Ident],
        body: &Expr,
        types: &[Type],
        context: &mut Context<'_>,
    ) -> Done<(Vec<String>, Typed)> {
        if names.len() != types.len() {
            return Err(mismatch(
                format!("Expected a lambda that takes {} argument(s) but got {}", types.len(), names.len()),
                body.at,
            ));
        }
        let outside = context.lambdas.len();
        let mut parameters = Vec::with_capacity(names.len());
        for (name, data_type) in names.iter().zip(types) {
            let plan_name = self.fresh(&name.folded());
            parameters.push(plan_name.clone());
            context.lambdas.push(LambdaParameter {
                name: name.folded(),
                data_type: data_type.clone(),
                plan_name,
            });
        }
        let aggregates = context.aggregates.take();
        let windows = context.windows.take();
        let typed = self.expr(body, context);
        context.lambdas.truncate(outside);
        context.aggregates = aggregates;
        context.windows = windows;
        let typed = typed?;
        if matches!(typed.data_type, Type::Function(..)) {
            return Err(not_supported("a lambda as the result of a lambda", body.at));
        }
        Ok((parameters, typed))
    }
}

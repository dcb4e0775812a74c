//! UNION, INTERSECT, EXCEPT, VALUES.

use std::sync::Arc;

use datafusion::{
    common::Column as PlanColumn,
    logical_expr::{Expr as PlanExpr, LogicalPlan, LogicalPlanBuilder, Union},
};
use functions::{RowField, Type, common_type};

use super::{
    Analyzer, AtPlace, Done,
    expr::{Context, field_at},
    mismatch,
    operators::{check_comparable, is_nested},
    relation::RelationPlan,
    scope::{Field, Scope},
    syntax,
    typed::Typed,
    window::ranking,
};
use crate::ast::{At, Body, Expr, ExprKind, SetOperation};

impl Analyzer<'_> {
    pub(super) fn set_operation(
        &mut self,
        operation: SetOperation,
        all: bool,
        inputs: &[Body],
        at: At,
        outer: Option<&Scope<'_>>,
    ) -> Done<RelationPlan> {
        let relations = inputs.iter().map(|input| self.body(input, outer)).collect::<Done<Vec<_>>>()?;
        let types = self.common_types(&relations, operation, at)?;
        let names: Vec<Option<String>> = relations
            .first()
            .map(|first| first.fields.iter().map(|field| field.name.clone()).collect())
            .unwrap_or_default();
        let columns: Vec<String> =
            names.iter().map(|name| self.fresh(&name.as_deref().unwrap_or("expr").to_lowercase())).collect();
        let is_distinct = operation != SetOperation::Union || !all;
        if is_distinct {
            types.iter().try_for_each(|data_type| check_comparable(data_type, "DISTINCT", at))?;
        }
        let mut plans = Vec::with_capacity(relations.len());
        for relation in relations {
            let mut projected = Vec::with_capacity(types.len());
            for ((field, wanted), column) in relation.fields.iter().zip(&types).zip(&columns) {
                let value = field.typed().coerce(wanted, at)?;
                let value = match is_distinct && is_nested(wanted) {
                    true => value.in_one_form().at(at)?,
                    false => value,
                };
                projected.push(value.expr.alias(column));
            }
            plans.push(
                LogicalPlanBuilder::from(relation.plan)
                    .project(projected)
                    .and_then(LogicalPlanBuilder::build)
                    .at(at)?,
            );
        }
        let plan = match operation {
            SetOperation::Union => union(plans, all, at)?,
            SetOperation::Intersect | SetOperation::Except => {
                let mut plans = plans.into_iter();
                let mut plan = plans.next().ok_or_else(|| syntax("a set operation without inputs", at))?;
                for right in plans {
                    plan = self.semi(operation, all, plan, right, &columns, at)?;
                }
                plan
            }
        };
        let fields = names
            .into_iter()
            .zip(types)
            .zip(columns)
            .map(|((name, data_type), column)| Field {
                qualifier: Vec::new(),
                name,
                data_type,
                column: PlanColumn::new_unqualified(column),
                hidden: false,
                only_field: None,
            })
            .collect();
        Ok(RelationPlan { plan, fields })
    }

    fn common_types(&self, relations: &[RelationPlan], operation: SetOperation, at: At) -> Done<Vec<Type>> {
        let name = match operation {
            SetOperation::Union => "UNION",
            SetOperation::Intersect => "INTERSECT",
            SetOperation::Except => "EXCEPT",
        };
        let mut types: Option<Vec<Type>> = None;
        for relation in relations {
            let own: Vec<Type> = relation.fields.iter().map(|field| field.data_type.clone()).collect();
            types = Some(match types {
                None => own,
                Some(before) if before.len() != own.len() => {
                    return Err(mismatch(
                        format!(
                            "{name} query has different number of fields: {}, {}",
                            before.len(),
                            own.len()
                        ),
                        at,
                    ));
                }
                Some(before) => {
                    let pairs = before.into_iter().zip(own).enumerate();
                    pairs
                        .map(|(index, (left, right))| {
                            common_type(&left, &right).ok_or_else(|| {
                                mismatch(
                                    format!(
                                        "column {} in {name} query has incompatible types: {left}, {right}",
                                        index + 1
                                    ),
                                    at,
                                )
                            })
                        })
                        .collect::<Done<_>>()?
                }
            });
        }
        Ok(types.unwrap_or_default())
    }

    /// INTERSECT or EXCEPT of two. With ALL each row is numbered among its equals first, so that rows meet
    /// as often as they occur.
    fn semi(
        &mut self,
        operation: SetOperation,
        all: bool,
        left: LogicalPlan,
        right: LogicalPlan,
        columns: &[String],
        at: At,
    ) -> Done<LogicalPlan> {
        let (left, right) = match all {
            true => {
                let number = self.fresh("occurrence");
                (self.numbered(left, columns, &number, at)?, self.numbered(right, columns, &number, at)?)
            }
            false => (left, right),
        };
        let plan = match operation {
            SetOperation::Except => LogicalPlanBuilder::except(left, right, all),
            _ => LogicalPlanBuilder::intersect(left, right, all),
        };
        let plan = plan.at(at)?;
        if !all {
            return Ok(plan);
        }
        let visible: Vec<PlanExpr> =
            columns.iter().map(|column| PlanExpr::Column(PlanColumn::new_unqualified(column))).collect();
        LogicalPlanBuilder::from(plan).project(visible).and_then(LogicalPlanBuilder::build).at(at)
    }

    fn numbered(&mut self, plan: LogicalPlan, columns: &[String], number: &str, at: At) -> Done<LogicalPlan> {
        let partition_by =
            columns.iter().map(|column| PlanExpr::Column(PlanColumn::new_unqualified(column))).collect();
        let window = ranking("row_number", partition_by, Vec::new()).at(at)?.alias(number);
        LogicalPlanBuilder::from(plan).window([window]).and_then(LogicalPlanBuilder::build).at(at)
    }

    /// `VALUES 1, 2` or `VALUES (1, 'a'), (2, 'b')`
    pub(super) fn values(&mut self, rows: &[Expr], at: At, outer: Option<&Scope<'_>>) -> Done<RelationPlan> {
        let scope = Scope::new(&[], outer);
        let mut context = Context::plain(&scope, "VALUES");
        let mut all: Vec<Vec<Typed>> = Vec::with_capacity(rows.len());
        for row in rows {
            let cells = match &row.kind {
                ExprKind::Row(cells) => {
                    cells.iter().map(|cell| self.expr(cell, &mut context)).collect::<Done<_>>()?
                }
                _ => cells_of(self.expr(row, &mut context)?, row.at)?,
            };
            all.push(cells);
        }
        let width = all.first().map_or(0, Vec::len);
        let mut types = vec![Type::Unknown; width];
        for (cells, row) in all.iter().zip(rows) {
            if cells.len() != width {
                return Err(mismatch(
                    format!("Values rows have mismatched sizes: {width} vs {}", cells.len()),
                    row.at,
                ));
            }
            for (wanted, cell) in types.iter_mut().zip(cells) {
                *wanted = common_type(wanted, &cell.data_type).ok_or_else(|| {
                    mismatch(
                        format!("Values rows have mismatched types: {wanted} vs {}", cell.data_type),
                        row.at,
                    )
                })?;
            }
        }
        let mut cells = Vec::with_capacity(all.len());
        for row in all {
            let row = row.into_iter().zip(&types).map(|(cell, wanted)| Ok(cell.coerce(wanted, at)?.expr));
            cells.push(row.collect::<Done<Vec<_>>>()?);
        }
        let columns: Vec<String> = (0..width).map(|_| self.fresh("value")).collect();
        let plan = values_plan(cells, &columns, at)?;
        let fields = types
            .into_iter()
            .zip(columns)
            .map(|(data_type, column)| Field {
                qualifier: Vec::new(),
                name: None,
                data_type,
                column: PlanColumn::new_unqualified(column),
                hidden: false,
                only_field: None,
            })
            .collect();
        Ok(RelationPlan { plan, fields })
    }
}

/// The columns of a row that was not written as one: the fields of a row, or the value.
fn cells_of(value: Typed, at: At) -> Done<Vec<Typed>> {
    let Type::Row(fields) = value.data_type.clone() else {
        return Ok(vec![value]);
    };
    let cell = |(position, field): (usize, RowField)| field_at(value.clone(), position, field.field_type, at);
    fields.into_iter().enumerate().map(cell).collect()
}

fn union(plans: Vec<LogicalPlan>, all: bool, at: At) -> Done<LogicalPlan> {
    let inputs = plans.into_iter().map(Arc::new).collect();
    let plan = LogicalPlan::Union(Union::try_new_with_loose_types(inputs).at(at)?);
    match all {
        true => Ok(plan),
        false => LogicalPlanBuilder::from(plan).distinct().and_then(LogicalPlanBuilder::build).at(at),
    }
}

/// Constant rows are one node; rows with subqueries are projections of their own.
fn values_plan(rows: Vec<Vec<PlanExpr>>, columns: &[String], at: At) -> Done<LogicalPlan> {
    let constant = rows.iter().flatten().all(|cell| matches!(cell, PlanExpr::Literal(..)));
    if constant {
        let plan = LogicalPlanBuilder::values(rows).at(at)?;
        let given = plan.schema().columns();
        let renamed: Vec<PlanExpr> =
            given.into_iter().zip(columns).map(|(own, column)| PlanExpr::Column(own).alias(column)).collect();
        return plan.project(renamed).and_then(LogicalPlanBuilder::build).at(at);
    }
    let mut plans = Vec::with_capacity(rows.len());
    for row in rows {
        let cells: Vec<PlanExpr> =
            row.into_iter().zip(columns).map(|(cell, column)| cell.alias(column)).collect();
        let one = LogicalPlanBuilder::from(RelationPlan::one_row().plan);
        plans.push(one.project(cells).and_then(LogicalPlanBuilder::build).at(at)?);
    }
    match plans.len() {
        1 => plans.pop().ok_or_else(|| syntax("VALUES without rows", at)),
        _ => union(plans, true, at),
    }
}

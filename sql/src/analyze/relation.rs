//! Items of FROM.

use std::sync::Arc;

use datafusion::{
    common::{Column as PlanColumn, TableReference},
    logical_expr::{
        EmptyRelation, Expr as PlanExpr, JoinType, LogicalPlan, LogicalPlanBuilder, SubqueryAlias,
    },
};
use functions::{Type, common_type};
use protocol::ErrorCode;

use super::{
    Analyzer, AtPlace, CATALOG, CteState, Done, Source, Table, VIEWS_EXPANDED_MAX, VIEWS_MAX, View,
    conditional::case_when,
    expr::Context,
    lateral::Lateral,
    mismatch, not_supported,
    operators::joinable,
    problem,
    scope::{Field, Scope, same_name},
    syntax,
    typed::Typed,
};
use crate::{
    ast::{At, Expr, Ident, JoinCondition, JoinKind, Query, Relation, RelationKind},
    nearest,
};

/// A plan and the names of its columns.
#[derive(Debug, Clone)]
pub(crate) struct RelationPlan {
    pub(super) plan: LogicalPlan,
    /// Some of the plan's columns, in the order of `*`.
    pub(super) fields: Vec<Field>,
}

impl RelationPlan {
    /// One row without columns.
    pub(super) fn one_row() -> Self {
        let schema = Arc::clone(datafusion::common::DFSchema::empty_ref());
        let plan = LogicalPlan::EmptyRelation(EmptyRelation { produce_one_row: true, schema });
        Self { plan, fields: Vec::new() }
    }
}

impl Analyzer<'_> {
    /// All items of FROM, each of which sees those before it.
    pub(super) fn from(&mut self, relations: &[Relation], outer: Option<&Scope<'_>>) -> Done<RelationPlan> {
        let mut joined: Option<RelationPlan> = None;
        for relation in relations {
            joined = Some(match joined {
                None => self.relation(relation, outer)?,
                Some(left) => {
                    self.join(left, relation, JoinKind::Cross, &JoinCondition::None, relation.at, outer)?
                }
            });
        }
        Ok(joined.unwrap_or_else(RelationPlan::one_row))
    }

    pub(super) fn relation(&mut self, relation: &Relation, outer: Option<&Scope<'_>>) -> Done<RelationPlan> {
        let at = relation.at;
        match &relation.kind {
            RelationKind::Table(name) => self.named_relation(name, at),
            RelationKind::Subquery { query, lateral: _ } | RelationKind::Values(query) => {
                self.query(query, outer)
            }
            RelationKind::Unnest { .. } => {
                self.unnest(RelationPlan::one_row(), relation, None, JoinKind::Cross, outer)
            }
            RelationKind::Join { left, right, kind, condition } => {
                let left = self.relation(left, outer)?;
                self.join(left, right, *kind, condition, at, outer)
            }
            RelationKind::Aliased { relation: inner, alias, columns } => {
                let plan = match &inner.kind {
                    RelationKind::Unnest { .. } => {
                        return self.unnest(
                            RelationPlan::one_row(),
                            inner,
                            Some((alias, columns)),
                            JoinKind::Cross,
                            outer,
                        );
                    }
                    _ => self.relation(inner, outer)?,
                };
                aliased(plan, alias, columns)
            }
            RelationKind::Sample { relation, bernoulli: _, percentage } => {
                self.sample(relation, percentage, outer)
            }
            RelationKind::TableFunction { name, arguments } => self.table_function(name, arguments, at),
        }
    }

    fn named_relation(&mut self, name: &[Ident], at: At) -> Done<RelationPlan> {
        let folded: Vec<String> = name.iter().map(Ident::folded).collect();
        if let [only] = folded.as_slice()
            && let Some((_, cte)) = self.ctes.iter().rev().find(|(cte, _)| cte == only)
        {
            let relation = match cte {
                CteState::Done(relation) | CteState::Working(relation) => relation.clone(),
            };
            return self.requalified(relation, only, at);
        }
        let (database, table) = match folded.as_slice() {
            [table] => (self.database.clone(), table.clone()),
            [database, table] => (database.clone(), table.clone()),
            [catalog, database, table] if catalog == CATALOG => (database.clone(), table.clone()),
            [catalog, _, _] => {
                return Err(problem(
                    ErrorCode::DatabaseNotFound,
                    format!("Catalog '{catalog}' does not exist"),
                    at,
                ));
            }
            _ => return Err(syntax("Too many dots in table name", at)),
        };
        let sources = self.sources;
        match sources.get(&(database.clone(), table.clone())) {
            Some(Source::Table(found)) => self.scan(found, &database, &table, at),
            Some(Source::View(view)) => self.view(view, &database, &table, at),
            Some(Source::Missing(error)) => Err(super::Problem::new(error.clone(), at)),
            None => {
                let mut missing = problem(
                    ErrorCode::TableNotFound,
                    format!("Table '{CATALOG}.{database}.{table}' does not exist"),
                    at,
                );
                let others = self.ctes.iter().map(|(name, _)| name.as_str());
                if let Some(meant) = nearest(&table, others) {
                    missing.error = missing.error.with_hint(format!("did you mean '{meant}'?"));
                }
                Err(missing)
            }
        }
    }

    fn scan(&mut self, table: &Table, database: &str, name: &str, at: At) -> Done<RelationPlan> {
        let qualifier = TableReference::bare(self.fresh_qualifier(name));
        let plan = LogicalPlanBuilder::scan(qualifier.clone(), Arc::clone(&table.source), None)
            .and_then(LogicalPlanBuilder::build)
            .at(at)?;
        let fields = table
            .columns
            .iter()
            .map(|column| Field {
                qualifier: vec![database.to_owned(), name.to_owned()],
                name: Some(column.name.clone()),
                data_type: column.data_type.clone(),
                column: PlanColumn::new(Some(qualifier.clone()), &column.name),
                hidden: column.hidden,
                only_field: None,
            })
            .collect();
        Ok(RelationPlan { plan, fields })
    }

    /// Notes that the view's query comes next, unless it is inside itself or there are too many.
    fn open_view(&mut self, database: &str, name: &str, at: At) -> Done<()> {
        let view = (database.to_owned(), name.to_owned());
        if self.views.contains(&view) {
            return Err(problem(ErrorCode::InvalidQuery, "View is recursive", at));
        }
        self.views_expanded += 1;
        if self.views.len() >= VIEWS_MAX {
            return Err(not_supported(format!("more than {VIEWS_MAX} views inside one another"), at));
        }
        if self.views_expanded > VIEWS_EXPANDED_MAX {
            return Err(not_supported(format!("a query of more than {VIEWS_EXPANDED_MAX} views"), at));
        }
        self.views.push(view);
        Ok(())
    }

    fn view(&mut self, view: &View, database: &str, name: &str, at: At) -> Done<RelationPlan> {
        self.open_view(database, name, at)?;
        let outside = std::mem::replace(&mut self.database, view.database.clone());
        let ctes = std::mem::take(&mut self.ctes);
        let relation = self.query(&view.query, None);
        self.ctes = ctes;
        self.database = outside;
        self.views.pop();
        // Places inside the view's text say nothing about this one.
        let mut relation = relation.map_err(|inner| {
            let message = format!(
                "Failed analyzing stored view '{CATALOG}.{database}.{name}': {}",
                inner.error.message
            );
            super::Problem { error: protocol::Error { message, ..inner.error }, at }
        })?;
        if relation.fields.len() != view.columns.len() {
            return Err(problem(
                ErrorCode::InvalidQuery,
                format!(
                    "View '{CATALOG}.{database}.{name}' is stale or in invalid state: its number of columns has changed; it must be re-created"
                ),
                at,
            ));
        }
        for (field, column) in relation.fields.iter_mut().zip(&view.columns) {
            field.qualifier = vec![database.to_owned(), name.to_owned()];
            field.name = Some(column.name.clone());
            field.hidden = false;
        }
        Ok(relation)
    }

    /// The same rows under column names of their own, so that a relation can be used twice.
    pub(super) fn requalified(&mut self, relation: RelationPlan, name: &str, at: At) -> Done<RelationPlan> {
        let qualifier = TableReference::bare(self.fresh_qualifier(name));
        let alias = SubqueryAlias::try_new(Arc::new(relation.plan), qualifier.clone()).at(at)?;
        let fields = relation
            .fields
            .into_iter()
            .map(|field| Field {
                qualifier: vec![name.to_owned()],
                column: PlanColumn::new(Some(qualifier.clone()), field.column.name),
                ..field
            })
            .collect();
        Ok(RelationPlan { plan: LogicalPlan::SubqueryAlias(alias), fields })
    }

    /// `left JOIN right`; the right side sees the left one if it is UNNEST or LATERAL.
    pub(super) fn join(
        &mut self,
        left: RelationPlan,
        right: &Relation,
        kind: JoinKind,
        condition: &JoinCondition,
        at: At,
        outer: Option<&Scope<'_>>,
    ) -> Done<RelationPlan> {
        if let Some((unnest, alias)) = as_unnest(right) {
            check_unnest_join(kind, condition, at)?;
            return self.unnest(left, unnest, alias, kind, outer);
        }
        if let Some((query, alias)) = as_lateral(right) {
            let joined = Lateral { query, alias, kind, condition };
            return self.lateral(left, joined, at, outer);
        }
        let right = self.relation(right, outer)?;
        match condition {
            JoinCondition::None => {
                let plan = LogicalPlanBuilder::from(left.plan)
                    .cross_join(right.plan)
                    .and_then(LogicalPlanBuilder::build);
                Ok(RelationPlan { plan: plan.at(at)?, fields: concatenated(left.fields, right.fields) })
            }
            JoinCondition::On(expr) => {
                let fields = concatenated(left.fields, right.fields);
                let scope = Scope::new(&fields, outer);
                let mut context = Context { joins: true, ..Context::plain(&scope, "JOIN clause") };
                let condition = self.boolean(expr, &mut context)?;
                drop(context);
                drop(scope);
                let plan = LogicalPlanBuilder::from(left.plan)
                    .join_on(right.plan, join_type(kind), [condition])
                    .and_then(LogicalPlanBuilder::build);
                Ok(RelationPlan { plan: plan.at(at)?, fields })
            }
            JoinCondition::Using(columns) => self.join_using(left, right, kind, columns, at),
            JoinCondition::Natural => {
                let names = |fields: &[Field]| -> Vec<String> {
                    fields
                        .iter()
                        .filter(|field| !field.hidden)
                        .filter_map(|field| field.name.clone())
                        .collect()
                };
                let others = names(&right.fields);
                let columns: Vec<Ident> = names(&left.fields)
                    .into_iter()
                    .filter(|name| others.iter().any(|other| same_name(name, other)))
                    .map(|text| Ident { text, quoted: true, at })
                    .collect();
                self.join_using(left, right, kind, &columns, at)
            }
        }
    }

    /// The columns of USING come first and once; then those of the left side, then those of the right.
    fn join_using(
        &mut self,
        left: RelationPlan,
        right: RelationPlan,
        kind: JoinKind,
        columns: &[Ident],
        at: At,
    ) -> Done<RelationPlan> {
        let mut conditions = Vec::with_capacity(columns.len());
        let mut shared = Vec::with_capacity(columns.len());
        for (index, column) in columns.iter().enumerate() {
            if columns.iter().take(index).any(|before| before.folded() == column.folded()) {
                let message = format!("Column '{}' appears multiple times in USING clause", column.text);
                return Err(syntax(message, column.at));
            }
            let of_left = using_column(&left, column, "left")?;
            let of_right = using_column(&right, column, "right")?;
            let wanted = common_type(&of_left.data_type, &of_right.data_type).ok_or_else(|| {
                mismatch(
                    format!(
                        "Column types of '{}' differ: {} and {}",
                        column.text, of_left.data_type, of_right.data_type
                    ),
                    at,
                )
            })?;
            let (l, r) = (of_left.typed().coerce(&wanted, at)?, of_right.typed().coerce(&wanted, at)?);
            let value = match kind {
                JoinKind::Right => r.expr.clone(),
                JoinKind::Full => {
                    let present = PlanExpr::IsNotNull(Box::new(l.expr.clone()));
                    case_when(vec![present], vec![l.expr.clone()], Some(r.expr.clone()))
                }
                JoinKind::Cross | JoinKind::Inner | JoinKind::Left => l.expr.clone(),
            };
            conditions.push(joinable(l, r, at)?);
            shared.push((column, value, wanted, of_left.column.clone(), of_right.column.clone()));
        }
        let builder = LogicalPlanBuilder::from(left.plan);
        let joined = match conditions.is_empty() {
            true => builder.cross_join(right.plan),
            false => builder.join_on(right.plan, join_type(kind), conditions),
        };
        let joined = joined.and_then(LogicalPlanBuilder::build).at(at)?;
        let mut projected: Vec<PlanExpr> =
            joined.schema().columns().into_iter().map(PlanExpr::Column).collect();
        let mut fields = Vec::new();
        for (column, value, data_type, ..) in &shared {
            let name = self.fresh(&column.folded());
            projected.push(value.clone().alias(&name));
            fields.push(Field {
                qualifier: Vec::new(),
                name: Some(column.text.clone()),
                data_type: data_type.clone(),
                column: PlanColumn::new_unqualified(name),
                hidden: false,
                only_field: None,
            });
        }
        let is_shared =
            |field: &Field| shared.iter().any(|(_, _, _, l, r)| field.column == *l || field.column == *r);
        fields.extend(left.fields.into_iter().chain(right.fields).filter(|field| !is_shared(field)));
        let plan =
            LogicalPlanBuilder::from(joined).project(projected).and_then(LogicalPlanBuilder::build).at(at)?;
        Ok(RelationPlan { plan, fields })
    }

    /// Each row with a probability; SYSTEM samples rows too, having nothing coarser that all formats share.
    fn sample(
        &mut self,
        relation: &Relation,
        percentage: &Expr,
        outer: Option<&Scope<'_>>,
    ) -> Done<RelationPlan> {
        let at = percentage.at;
        let sampled = self.relation(relation, outer)?;
        let scope = Scope::new(&[], None);
        let percentage =
            self.expr(percentage, &mut Context::plain(&scope, "TABLESAMPLE"))?.cast(&Type::Double, at)?;
        let Some(datafusion::common::ScalarValue::Float64(Some(value))) = percentage.as_literal() else {
            return Err(mismatch("Sample percentage must be a constant number", at));
        };
        if !(0.0..=100.0).contains(value) {
            return Err(problem(
                ErrorCode::InvalidFunctionArgument,
                "Sample percentage must be between 0 and 100",
                at,
            ));
        }
        let chance = PlanExpr::Literal((*value / 100.0).into(), None);
        let random = datafusion::functions::math::random();
        let is_chosen = random.call(Vec::new()).lt(chance);
        let plan = self.filtered(sampled.plan, is_chosen).at(at)?;
        Ok(RelationPlan { plan, fields: sampled.fields })
    }

    /// `TABLE(sequence(start, stop, step))`, the only one.
    fn table_function(
        &mut self,
        name: &Ident,
        arguments: &[(Option<Ident>, Expr)],
        at: At,
    ) -> Done<RelationPlan> {
        if !name.is("sequence") {
            return Err(problem(
                ErrorCode::FunctionNotFound,
                format!("Table function '{}' not registered", name.text),
                at,
            ));
        }
        let scope = Scope::new(&[], None);
        let mut values = [Typed::bigint(0), Typed::null(), Typed::bigint(1)];
        for (position, (name, value)) in arguments.iter().enumerate() {
            let position = match name {
                Some(name) => ["start", "stop", "step"].iter().position(|known| name.is(known)),
                None => Some(position),
            };
            let value =
                self.expr(value, &mut Context::plain(&scope, "table function"))?.coerce(&Type::BigInt, at)?;
            match position.and_then(|position| values.get_mut(position)) {
                Some(slot) => *slot = value,
                None => return Err(syntax("Unexpected argument of table function sequence", at)),
            }
        }
        let [start, stop, step] = values;
        let list = self.call_bound("sequence", vec![start, stop, step], at)?;
        self.unnest_lists(RelationPlan::one_row(), vec![list], Some("sequential_number"), at)
    }
}

impl Typed {
    /// TRUE
    pub(super) fn truth() -> Self {
        Typed::boolean(PlanExpr::Literal(datafusion::common::ScalarValue::Boolean(Some(true)), None))
    }
}

/// `relation AS alias (columns)`
pub(super) fn aliased(relation: RelationPlan, alias: &Ident, columns: &[Ident]) -> Done<RelationPlan> {
    let visible = relation.fields.iter().filter(|field| !field.hidden).count();
    if !columns.is_empty() && columns.len() != visible {
        return Err(syntax(
            format!(
                "Column alias list has {} entries but '{}' has {visible} columns available",
                columns.len(),
                alias.text
            ),
            alias.at,
        ));
    }
    let mut names = columns.iter();
    let fields = relation
        .fields
        .into_iter()
        .map(|field| {
            let renamed = if field.hidden { None } else { names.next() };
            let name = renamed.map(|name| name.text.clone()).or(field.name.clone());
            Field { qualifier: vec![alias.folded()], name, ..field }
        })
        .collect();
    Ok(RelationPlan { plan: relation.plan, fields })
}

pub(super) fn concatenated(left: Vec<Field>, right: Vec<Field>) -> Vec<Field> {
    left.into_iter().chain(right).collect()
}

fn using_column<'r>(relation: &'r RelationPlan, column: &Ident, side: &str) -> Done<&'r Field> {
    let mut found = relation
        .fields
        .iter()
        .filter(|field| field.name.as_deref().is_some_and(|name| same_name(name, &column.text)));
    match (found.next(), found.next()) {
        (Some(field), None) => Ok(field),
        (Some(_), Some(_)) => {
            Err(problem(ErrorCode::InvalidQuery, format!("Column '{}' is ambiguous", column.text), column.at))
        }
        (None, _) => Err(problem(
            ErrorCode::ColumnNotFound,
            format!("Column '{}' is missing from {side} side of join", column.text),
            column.at,
        )),
    }
}

fn join_type(kind: JoinKind) -> JoinType {
    match kind {
        JoinKind::Cross | JoinKind::Inner => JoinType::Inner,
        JoinKind::Left => JoinType::Left,
        JoinKind::Right => JoinType::Right,
        JoinKind::Full => JoinType::Full,
    }
}

/// UNNEST, with the alias around it.
fn as_unnest(relation: &Relation) -> Option<(&Relation, Option<(&Ident, &[Ident])>)> {
    match &relation.kind {
        RelationKind::Unnest { .. } => Some((relation, None)),
        RelationKind::Aliased { relation, alias, columns } => match &relation.kind {
            RelationKind::Unnest { .. } => Some((relation, Some((alias, columns)))),
            _ => None,
        },
        _ => None,
    }
}

fn as_lateral(relation: &Relation) -> Option<(&Query, Option<(&Ident, &[Ident])>)> {
    match &relation.kind {
        RelationKind::Subquery { query, lateral: true } => Some((query, None)),
        RelationKind::Aliased { relation, alias, columns } => match &relation.kind {
            RelationKind::Subquery { query, lateral: true } => Some((query, Some((alias, columns)))),
            _ => None,
        },
        _ => None,
    }
}

/// Only `CROSS JOIN` and `LEFT | INNER JOIN … ON TRUE` see the left side, as in Trino.
fn check_unnest_join(kind: JoinKind, condition: &JoinCondition, at: At) -> Done<()> {
    let on_true =
        matches!(condition, JoinCondition::On(Expr { kind: crate::ast::ExprKind::Boolean(true), .. }));
    match kind {
        JoinKind::Cross => Ok(()),
        JoinKind::Inner | JoinKind::Left if on_true => Ok(()),
        JoinKind::Inner | JoinKind::Left => {
            Err(not_supported("UNNEST on conditional JOIN: only ON TRUE", at))
        }
        JoinKind::Right | JoinKind::Full => Err(not_supported("UNNEST in RIGHT or FULL JOIN", at)),
    }
}

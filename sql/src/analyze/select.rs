//! SELECT: filter, grouping, windows, projection, DISTINCT, in this order.

use datafusion::{
    common::Column as PlanColumn,
    logical_expr::{Aggregate, Expr as PlanExpr, LogicalPlanBuilder, SortExpr},
};
use functions::Type;
use protocol::ErrorCode;

use super::{
    Analyzer, AtPlace, Done,
    aggregate::{AggregateCalls, aggregate_of},
    call::number,
    conditional::conjunction,
    expr::{Context, field_at},
    grouping::Grouping,
    mismatch,
    operators::{check_comparable, check_orderable, is_nested},
    problem,
    query::{Sorted, ordinal},
    relation::RelationPlan,
    scope::{Field, Scope, same_name},
    syntax,
    typed::Typed,
    window::WindowCalls,
};
use crate::ast::{At, Expr, ExprKind, Ident, Select, SelectItem, SortItem};

/// The clause in which EXISTS and IN may stand as they are.
pub(super) const WHERE: &str = "WHERE clause";

/// A column of the result.
struct Item {
    name: Option<String>,
    typed: Typed,
    at: At,
}

impl Analyzer<'_> {
    pub(super) fn select(
        &mut self,
        select: &Select,
        order_by: &[SortItem],
        outer: Option<&Scope<'_>>,
    ) -> Done<Sorted> {
        let mut from = self.from(&select.from, outer)?;
        let scope = Scope::new(&from.fields, outer);
        if let Some(filter) = &select.filter {
            let filter = self.where_clause(filter, &scope)?;
            from.plan = self.filtered(from.plan, filter).at(select.at)?;
        }
        let mut context = Context {
            aggregates: Some(AggregateCalls::default()),
            windows: Some(WindowCalls { calls: Vec::new(), named: select.windows.clone() }),
            ..Context::plain(&scope, "SELECT clause")
        };
        self.check_windows(&select.windows, &mut context)?;
        let items = self.items(select, &mut context)?;
        let having = match &select.having {
            Some(having) => {
                let windows = context.windows.take();
                context.clause = "HAVING clause";
                let filter = self.boolean(having, &mut context)?;
                context.windows = windows;
                Some((filter, having.at))
            }
            None => None,
        };
        context.clause = "ORDER BY clause";
        context.aliases = aliases_of(&items);
        let keys = self.sort_keys(order_by, &items, &mut context)?;
        let mut aggregates = context.aggregates.take().unwrap_or_default().calls;
        let windows = context.windows.take().unwrap_or_default().calls;
        let grouping = match select.group_by.is_some() || !aggregates.is_empty() || having.is_some() {
            true => Some(self.grouping(select, &items_of(&items), &scope)?),
            false => None,
        };
        if aggregates.is_empty() && grouping.as_ref().is_some_and(Grouping::is_whole) {
            // One row for all rows, of which nothing is asked; the engine wants something to be computed.
            let rows = aggregate_of("count", number(1)).at(select.at)?;
            aggregates.push((rows, self.fresh("rows")));
        }
        self.build(select, from.plan.clone(), grouping, aggregates, windows, having, items, keys)
    }

    #[allow(clippy::too_many_arguments)]
    fn build(
        &mut self,
        select: &Select,
        plan: datafusion::logical_expr::LogicalPlan,
        grouping: Option<Grouping>,
        aggregates: Vec<(PlanExpr, String)>,
        mut windows: Vec<(PlanExpr, String)>,
        having: Option<(PlanExpr, At)>,
        mut items: Vec<Item>,
        mut keys: Vec<SortExpr>,
    ) -> Done<Sorted> {
        let at = select.at;
        let mut builder = LogicalPlanBuilder::from(plan);
        if let Some(grouping) = &grouping {
            builder = grouping.apply(builder, &aggregates, at)?;
            let known: Vec<&str> =
                aggregates.iter().chain(&windows).map(|(_, column)| column.as_str()).collect();
            for item in &mut items {
                item.typed.expr = grouping.rewrite(item.typed.expr.clone(), &known, item.at)?;
            }
            for key in &mut keys {
                key.expr = grouping.rewrite(key.expr.clone(), &known, at)?;
            }
            if let Some((having, having_at)) = having {
                let having = grouping.rewrite(having, &known, having_at)?;
                let plan = builder.build().and_then(|plan| self.filtered(plan, having)).at(having_at)?;
                builder = LogicalPlanBuilder::from(plan);
            }
            let rewritten = windows
                .iter()
                .map(|(window, column)| Ok((grouping.rewrite(window.clone(), &known, at)?, column.clone())))
                .collect::<Done<_>>();
            windows = rewritten?;
        }
        if !windows.is_empty() {
            builder = windowed(builder, windows, at)?;
        }
        self.project(select, builder, items, keys)
    }

    /// The columns of the result, then the sort keys that are none of them.
    fn project(
        &mut self,
        select: &Select,
        mut builder: LogicalPlanBuilder,
        items: Vec<Item>,
        keys: Vec<SortExpr>,
    ) -> Done<Sorted> {
        let at = select.at;
        let mut projected = Vec::with_capacity(items.len() + keys.len());
        let mut fields = Vec::with_capacity(items.len());
        let mut columns: Vec<(PlanExpr, String)> = Vec::with_capacity(items.len());
        for item in items {
            if select.distinct {
                check_comparable(&item.typed.data_type, "DISTINCT", item.at)?;
            }
            let column = self.fresh(&item.name.as_deref().unwrap_or("expr").to_lowercase());
            let shown = match select.distinct && is_nested(&item.typed.data_type) {
                true => item.typed.clone().in_one_form().at(at)?.expr,
                false => item.typed.expr.clone(),
            };
            projected.push(shown.alias(&column));
            columns.push((item.typed.expr, column.clone()));
            fields.push(Field {
                qualifier: Vec::new(),
                name: item.name,
                data_type: item.typed.data_type,
                column: PlanColumn::new_unqualified(column),
                hidden: false,
                only_field: None,
            });
        }
        let mut sorts = Vec::with_capacity(keys.len());
        for key in keys {
            let known = columns.iter().find(|(expr, _)| *expr == key.expr).map(|(_, column)| column.clone());
            let column = match known {
                Some(column) => column,
                None if select.distinct => {
                    return Err(syntax(
                        "For SELECT DISTINCT, ORDER BY expressions must appear in select list",
                        at,
                    ));
                }
                None => {
                    let column = self.fresh("sort");
                    projected.push(key.expr.clone().alias(&column));
                    columns.push((key.expr, column.clone()));
                    column
                }
            };
            let column = PlanExpr::Column(PlanColumn::new_unqualified(column));
            sorts.push(SortExpr::new(column, key.asc, key.nulls_first));
        }
        builder = builder.project(projected).at(at)?;
        if select.distinct {
            builder = builder.distinct().at(at)?;
        }
        Ok(Sorted { relation: RelationPlan { plan: builder.build().at(at)?, fields }, keys: sorts })
    }

    /// The conditions joined by AND, each of which may be a subquery that the engine joins.
    fn where_clause(&mut self, filter: &Expr, scope: &Scope<'_>) -> Done<PlanExpr> {
        let conditions = match &filter.kind {
            ExprKind::And(conditions) => conditions.as_slice(),
            _ => std::slice::from_ref(filter),
        };
        let mut context = Context::plain(scope, WHERE);
        let mut parts = Vec::with_capacity(conditions.len());
        for condition in conditions {
            let inside = match &condition.kind {
                ExprKind::Not(inside) => inside,
                _ => condition,
            };
            context.conjunct = matches!(inside.kind, ExprKind::InQuery { .. } | ExprKind::Exists(_));
            context.positive = true;
            parts.push(self.boolean(condition, &mut context)?);
        }
        conjunction(parts)
    }

    fn items(&mut self, select: &Select, context: &mut Context<'_>) -> Done<Vec<Item>> {
        let mut items = Vec::with_capacity(select.items.len());
        for item in &select.items {
            match item {
                SelectItem::Expr { expr, alias } => {
                    let typed = self.expr(expr, context)?;
                    if matches!(typed.data_type, Type::Function(..)) {
                        return Err(mismatch("a lambda is not a value", expr.at));
                    }
                    items.push(Item { name: output_name(expr, alias.as_ref()), typed, at: expr.at });
                }
                SelectItem::All { of: None, at, .. } => {
                    let fields: Vec<&Field> =
                        context.scope.fields.iter().filter(|field| !field.hidden).collect();
                    if fields.is_empty() {
                        return Err(syntax("SELECT * not allowed in queries without FROM clause", *at));
                    }
                    items.extend(fields.into_iter().map(|field| of_field(field, *at)));
                }
                SelectItem::All { of: Some(of), aliases, at } => {
                    items.extend(self.all_of(of, aliases, *at, context)?)
                }
            }
        }
        Ok(items)
    }

    /// `t.*`, or all fields of a row.
    fn all_of(&mut self, of: &Expr, aliases: &[Ident], at: At, context: &mut Context<'_>) -> Done<Vec<Item>> {
        let mut items: Vec<Item> = Vec::new();
        if let Some(qualifier) = qualifier(of) {
            let fields = context
                .scope
                .fields
                .iter()
                .filter(|field| !field.hidden && field.qualifier.ends_with(&qualifier));
            items.extend(fields.map(|field| of_field(field, at)));
        }
        if items.is_empty() {
            let row = match self.expr(of, context) {
                Err(problem) if qualifier(of).is_none() => return Err(problem),
                // A name alone is that of a relation.
                Ok(row) if !matches!(of.kind, ExprKind::Name(_)) => row,
                _ => {
                    let name = qualifier(of).unwrap_or_default().join(".");
                    return Err(problem(
                        ErrorCode::TableNotFound,
                        format!("Unable to resolve reference {name}"),
                        at,
                    ));
                }
            };
            let Type::Row(fields) = row.data_type.clone() else {
                return Err(mismatch(format!("Expression of type {} is not of type ROW", row.data_type), at));
            };
            for (position, field) in fields.into_iter().enumerate() {
                let typed = field_at(row.clone(), position, field.field_type, at)?;
                items.push(Item { name: field.name, typed, at });
            }
        }
        if !aliases.is_empty() && aliases.len() != items.len() {
            return Err(syntax(
                format!(
                    "Column alias list has {} entries but relation has {} columns",
                    aliases.len(),
                    items.len()
                ),
                at,
            ));
        }
        for (item, alias) in items.iter_mut().zip(aliases) {
            item.name = Some(alias.text.clone());
        }
        Ok(items)
    }

    /// A name of the result first, then its position, then any expression over FROM.
    fn sort_keys(
        &mut self,
        order_by: &[SortItem],
        items: &[Item],
        context: &mut Context<'_>,
    ) -> Done<Vec<SortExpr>> {
        let mut keys = Vec::with_capacity(order_by.len());
        for item in order_by {
            let typed = match ordinal(&item.expr, items.len(), "ORDER BY")? {
                Some(index) => items.get(index).map_or_else(Typed::null, |item| item.typed.clone()),
                None => match named_item(&item.expr, items)? {
                    Some(typed) => typed,
                    None => self.expr(&item.expr, context)?,
                },
            };
            check_orderable(&typed.data_type, item.expr.at)?;
            keys.push(SortExpr::new(typed.expr, !item.descending, item.nulls_first));
        }
        Ok(keys)
    }
}

/// The windows beside the columns there are. The engine names windows itself, so they are renamed behind it.
fn windowed(
    builder: LogicalPlanBuilder,
    windows: Vec<(PlanExpr, String)>,
    at: At,
) -> Done<LogicalPlanBuilder> {
    // The engine's column for GROUPING is gone once it has resolved that function.
    let is_internal = |column: &PlanColumn| column.name == Aggregate::INTERNAL_GROUPING_ID;
    let columns = builder.schema().columns().into_iter().filter(|column| !is_internal(column));
    let mut projected: Vec<PlanExpr> = columns.map(PlanExpr::Column).collect();
    let mut calls: Vec<PlanExpr> = Vec::with_capacity(windows.len());
    for (window, column) in windows {
        let own = PlanColumn::new_unqualified(window.schema_name().to_string());
        projected.push(PlanExpr::Column(own).alias(column));
        if !calls.contains(&window) {
            calls.push(window);
        }
    }
    let plan = LogicalPlanBuilder::window_plan(builder.build().at(at)?, calls).at(at)?;
    LogicalPlanBuilder::from(plan).project(projected).at(at)
}

fn of_field(field: &Field, at: At) -> Item {
    Item { name: field.name.clone(), typed: field.typed(), at }
}

/// The names that ORDER BY may use inside expressions: those that mean one thing.
fn aliases_of(items: &[Item]) -> Vec<(String, Typed)> {
    let mut aliases: Vec<(String, Typed)> = Vec::new();
    for item in items {
        let Some(name) = &item.name else { continue };
        match aliases.iter().any(|(known, typed)| same_name(known, name) && typed.expr != item.typed.expr) {
            true => aliases.retain(|(known, _)| !same_name(known, name)),
            false => aliases.push((name.clone(), item.typed.clone())),
        }
    }
    aliases
}

/// The result's columns by position, for GROUP BY 1.
fn items_of(items: &[Item]) -> Vec<Typed> {
    items.iter().map(|item| item.typed.clone()).collect()
}

/// The column of the result that a bare name in ORDER BY means.
fn named_item(expr: &Expr, items: &[Item]) -> Done<Option<Typed>> {
    let ExprKind::Name(name) = &expr.kind else {
        return Ok(None);
    };
    let is_named = |item: &&Item| item.name.as_deref().is_some_and(|own| same_name(own, &name.text));
    let mut found = items.iter().filter(is_named);
    match (found.next(), found.next()) {
        (first, None) => Ok(first.map(|item| item.typed.clone())),
        // Also where both are the same.
        _ => Err(problem(ErrorCode::InvalidQuery, format!("Column '{}' is ambiguous", name.text), expr.at)),
    }
}

/// The parts of a dotted name, folded.
fn qualifier(expr: &Expr) -> Option<Vec<String>> {
    match &expr.kind {
        ExprKind::Name(name) => Some(vec![name.folded()]),
        ExprKind::Field { base, field } => {
            let mut parts = qualifier(base)?;
            parts.push(field.folded());
            Some(parts)
        }
        _ => None,
    }
}

/// An alias, the name of a column or field, or none.
fn output_name(expr: &Expr, alias: Option<&Ident>) -> Option<String> {
    if let Some(alias) = alias {
        return Some(alias.text.clone());
    }
    match &expr.kind {
        ExprKind::Name(name) => Some(name.text.clone()),
        ExprKind::Field { field, .. } => Some(field.text.clone()),
        _ => None,
    }
}

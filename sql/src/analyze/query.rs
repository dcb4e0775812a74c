//! WITH, ORDER BY, OFFSET, LIMIT around the body of a query.

use datafusion::{
    common::{Column as PlanColumn, TableReference, tree_node::TreeNodeRecursion},
    datasource::{cte_worktable::CteWorkTable, provider_as_source},
    logical_expr::{Expr as PlanExpr, LogicalPlan, LogicalPlanBuilder, SortExpr},
};
use functions::Type;
use protocol::ErrorCode;

use super::{
    Analyzer, AtPlace, CteState, Done,
    expr::Context,
    mismatch, not_supported,
    operators::check_orderable,
    problem,
    relation::RelationPlan,
    scope::{Field, Scope},
    syntax,
    typed::Typed,
    window::ranking,
};
use crate::ast::{At, Body, Cte, Expr, ExprKind, Ident, Limit, Query, SetOperation, SortItem};

/// Rows of a query in order, with how many sort keys are hidden behind its columns.
pub(super) struct Sorted {
    pub(super) relation: RelationPlan,
    pub(super) keys: Vec<SortExpr>,
}

impl Analyzer<'_> {
    pub(super) fn query(&mut self, query: &Query, outer: Option<&Scope<'_>>) -> Done<RelationPlan> {
        let outside = self.ctes.len();
        let relation = self.with(query, outer).and_then(|()| self.ordered(query, outer));
        self.ctes.truncate(outside);
        relation
    }

    fn with(&mut self, query: &Query, outer: Option<&Scope<'_>>) -> Done<()> {
        let first = self.ctes.len();
        for cte in &query.with {
            let name = cte.name.folded();
            if self.ctes.iter().skip(first).any(|(known, _)| *known == name) {
                return Err(syntax(
                    format!("WITH query name '{}' specified more than once", cte.name.text),
                    cte.name.at,
                ));
            }
            if query.recursive && cte.columns.is_empty() {
                return Err(syntax("missing column aliases in recursive WITH query", cte.name.at));
            }
            let relation = match query.recursive && names_itself(cte) {
                true => self.recursive(cte, outer)?,
                false => named(self.query(&cte.query, outer)?, &cte.columns, &cte.name)?,
            };
            self.ctes.push((name, CteState::Done(relation)));
        }
        Ok(())
    }

    /// `anchor UNION [ALL] step`, where the step sees the rows of the step before.
    fn recursive(&mut self, cte: &Cte, outer: Option<&Scope<'_>>) -> Done<RelationPlan> {
        let at = cte.name.at;
        let Body::SetOperation { operation: SetOperation::Union, all, inputs, .. } = &cte.query.body else {
            return Err(not_supported("a recursive query that is not anchor UNION step", at));
        };
        let [anchor, step] = inputs.as_slice() else {
            return Err(not_supported("a recursive query of more than two parts", at));
        };
        if let Some(clause) = clause_around(&cte.query) {
            return Err(not_supported(format!("immediate {clause} clause in recursive query"), at));
        }
        let anchor = named(self.body(anchor, outer)?, &cte.columns, &cte.name)?;
        let name = self.fresh(&cte.name.folded());
        // Names and nullability of the work table: any step may bring NULLs.
        let names: Vec<String> = cte.columns.iter().map(|column| self.fresh(&column.folded())).collect();
        let renamed: Vec<PlanExpr> =
            anchor.fields.iter().zip(&names).map(|(field, name)| field.typed().expr.alias(name)).collect();
        let anchor_plan = LogicalPlanBuilder::from(anchor.plan)
            .project(renamed)
            .and_then(LogicalPlanBuilder::build)
            .at(at)?;
        let schema = arrow_schema(&anchor.fields, &names);
        let source =
            provider_as_source(std::sync::Arc::new(CteWorkTable::new(&name, std::sync::Arc::new(schema))));
        let qualifier = TableReference::bare(name.clone());
        let scan = LogicalPlanBuilder::scan(qualifier.clone(), source, None)
            .and_then(LogicalPlanBuilder::build)
            .at(at)?;
        let fields = |qualifier: Option<&TableReference>| -> Vec<Field> {
            anchor
                .fields
                .iter()
                .zip(&names)
                .zip(&cte.columns)
                .map(|((field, name), column)| Field {
                    qualifier: vec![cte.name.folded()],
                    name: Some(column.text.clone()),
                    data_type: field.data_type.clone(),
                    column: PlanColumn::new(qualifier.cloned(), name),
                    hidden: false,
                    only_field: None,
                })
                .collect()
        };
        let working = RelationPlan { plan: scan, fields: fields(Some(&qualifier)) };
        self.ctes.push((cte.name.folded(), CteState::Working(working)));
        let step = self.body(step, outer);
        self.ctes.pop();
        let step = step?;
        if !scans(&step.plan, &qualifier) {
            // The name inside is that of another query.
            return named(self.query(&cte.query, outer)?, &cte.columns, &cte.name);
        }
        if step.fields.len() != names.len() {
            return Err(mismatch("base and step relations of recursion have different number of fields", at));
        }
        let step_plan = recursion_step(step, &anchor.fields, &names, at)?;
        let plan = LogicalPlanBuilder::from(anchor_plan)
            .to_recursive_query(name, step_plan, !all)
            .and_then(LogicalPlanBuilder::build)
            .at(at)?;
        Ok(RelationPlan { plan, fields: fields(None) })
    }

    fn ordered(&mut self, query: &Query, outer: Option<&Scope<'_>>) -> Done<RelationPlan> {
        let ties = query.limit.as_ref().is_some_and(|limit| limit.with_ties);
        if ties && query.order_by.is_empty() {
            return Err(syntax("FETCH FIRST WITH TIES clause requires ORDER BY", query.at));
        }
        let limit = query.limit.as_ref().map(|limit| self.row_count(&limit.rows, "LIMIT")).transpose()?;
        let offset = query.offset.as_ref().map(|offset| self.row_count(offset, "OFFSET")).transpose()?;
        let sorted = match &query.body {
            Body::Select(select) => self.select(select, &query.order_by, outer)?,
            body => {
                let relation = self.body(body, outer)?;
                self.sort_output(relation, &query.order_by)?
            }
        };
        self.limited(sorted, query.limit.as_ref(), limit, offset, query.at)
    }

    fn limited(
        &mut self,
        sorted: Sorted,
        written: Option<&Limit>,
        limit: Option<usize>,
        offset: Option<usize>,
        at: At,
    ) -> Done<RelationPlan> {
        let Sorted { relation, keys } = sorted;
        let visible: Vec<PlanExpr> = relation.fields.iter().map(|field| field.typed().expr).collect();
        let has_hidden = relation.plan.schema().fields().len() > visible.len();
        let mut builder = LogicalPlanBuilder::from(relation.plan);
        let with_ties = written.is_some_and(|limit| limit.with_ties);
        if with_ties && let Some(limit) = limit {
            if let Some(offset) = offset {
                let sorted = builder.sort(keys.clone());
                builder = sorted.and_then(|builder| builder.limit(offset, None)).at(at)?;
            }
            builder = self.with_ties(builder, &keys, limit, at)?;
        }
        if !keys.is_empty() {
            builder = builder.sort(keys).at(at)?;
        }
        if !with_ties && (limit.is_some() || offset.is_some()) {
            builder = builder.limit(offset.unwrap_or(0), limit).at(at)?;
        }
        if has_hidden || with_ties {
            builder = builder.project(visible).at(at)?;
        }
        Ok(RelationPlan { plan: builder.build().at(at)?, fields: relation.fields })
    }

    /// Rows whose rank is within the limit.
    fn with_ties(
        &mut self,
        builder: LogicalPlanBuilder,
        keys: &[SortExpr],
        limit: usize,
        at: At,
    ) -> Done<LogicalPlanBuilder> {
        let column = self.fresh("rank");
        let rank = ranking("rank", Vec::new(), keys.to_vec()).at(at)?.alias(&column);
        let limit = super::call::number(i64::try_from(limit).unwrap_or(i64::MAX));
        let rank_column = PlanExpr::Column(PlanColumn::new_unqualified(column));
        builder.window([rank]).and_then(|builder| builder.filter(rank_column.lt_eq(limit))).at(at)
    }

    /// ORDER BY of what is not a SELECT: its columns only.
    fn sort_output(&mut self, relation: RelationPlan, order_by: &[SortItem]) -> Done<Sorted> {
        let mut keys = Vec::with_capacity(order_by.len());
        {
            let scope = Scope::new(&relation.fields, None);
            for item in order_by {
                let typed = match ordinal(&item.expr, relation.fields.len(), "ORDER BY")? {
                    Some(index) => relation.fields.get(index).map(Field::typed).unwrap_or_else(Typed::null),
                    None => self.expr(&item.expr, &mut Context::plain(&scope, "ORDER BY clause"))?,
                };
                check_orderable(&typed.data_type, item.expr.at)?;
                keys.push(SortExpr::new(typed.expr, !item.descending, item.nulls_first));
            }
        }
        Ok(Sorted { relation, keys })
    }

    fn row_count(&mut self, expr: &Expr, clause: &str) -> Done<usize> {
        let scope = Scope::new(&[], None);
        let typed = self.expr(expr, &mut Context::plain(&scope, "LIMIT clause"))?;
        let typed = match typed.data_type.is_integer() {
            true => typed.coerce(&Type::BigInt, expr.at)?,
            false => {
                return Err(mismatch(
                    format!("{clause} must be an integer, found {}", typed.data_type),
                    expr.at,
                ));
            }
        };
        match typed.as_literal() {
            Some(datafusion::common::ScalarValue::Int64(Some(rows))) if *rows >= 0 => {
                Ok(usize::try_from(*rows).unwrap_or(usize::MAX))
            }
            _ => Err(syntax(format!("{clause} row count must not be negative"), expr.at)),
        }
    }

    pub(super) fn body(&mut self, body: &Body, outer: Option<&Scope<'_>>) -> Done<RelationPlan> {
        match body {
            Body::Select(select) => Ok(self.select(select, &[], outer)?.relation),
            Body::SetOperation { operation, all, inputs, at } => {
                self.set_operation(*operation, *all, inputs, *at, outer)
            }
            Body::Values { rows, at } => self.values(rows, *at, outer),
            Body::Table { name, at } => {
                let relation =
                    crate::ast::Relation { kind: crate::ast::RelationKind::Table(name.clone()), at: *at };
                let mut relation = self.relation(&relation, outer)?;
                relation.fields.retain(|field| !field.hidden);
                Ok(relation)
            }
            Body::Query(query) => self.query(query, outer),
        }
    }
}

/// The step's columns in the types of the anchor's, under the names of the work table.
fn recursion_step(step: RelationPlan, anchor: &[Field], names: &[String], at: At) -> Done<LogicalPlan> {
    let mut projected = Vec::with_capacity(names.len());
    for (index, ((field, wanted), name)) in step.fields.iter().zip(anchor).zip(names).enumerate() {
        if !functions::can_coerce(&field.data_type, &wanted.data_type) {
            return Err(mismatch(
                format!(
                    "recursion step relation output type ({}) is not coercible to recursion base relation output type ({}) at column {}",
                    field.data_type,
                    wanted.data_type,
                    index + 1
                ),
                at,
            ));
        }
        projected.push(field.typed().coerce(&wanted.data_type, at)?.expr.alias(name));
    }
    LogicalPlanBuilder::from(step.plan).project(projected).and_then(LogicalPlanBuilder::build).at(at)
}

/// The index of a column that an integer in ORDER BY or GROUP BY stands for.
pub(super) fn ordinal(expr: &Expr, columns: usize, clause: &str) -> Done<Option<usize>> {
    let digits = match &expr.kind {
        ExprKind::Integer(digits) => digits.clone(),
        ExprKind::Negate(operand) => match &operand.kind {
            ExprKind::Integer(digits) => format!("-{digits}"),
            _ => return Ok(None),
        },
        _ => return Ok(None),
    };
    let index = digits.parse::<usize>().ok().filter(|position| (1..=columns).contains(position));
    match index {
        Some(position) => Ok(Some(position - 1)),
        None => Err(problem(
            ErrorCode::InvalidQuery,
            format!("{clause} position {digits} is not in select list"),
            expr.at,
        )),
    }
}

/// The columns of a WITH query under the names written behind it.
fn named(mut relation: RelationPlan, columns: &[Ident], name: &Ident) -> Done<RelationPlan> {
    relation.fields.retain(|field| !field.hidden);
    if !columns.is_empty() && columns.len() != relation.fields.len() {
        return Err(syntax(
            format!(
                "WITH query '{}' has {} columns but {} aliases",
                name.text,
                relation.fields.len(),
                columns.len()
            ),
            name.at,
        ));
    }
    for (index, column) in columns.iter().enumerate() {
        if columns.iter().take(index).any(|before| before.folded() == column.folded()) {
            let message = format!("Column name '{}' specified more than once", column.text);
            return Err(syntax(message, column.at));
        }
    }
    for (field, column) in relation.fields.iter_mut().zip(columns) {
        field.name = Some(column.text.clone());
    }
    Ok(relation)
}

/// A clause around the body of a query, which a recursive one must not have.
fn clause_around(query: &Query) -> Option<&'static str> {
    match () {
        () if !query.with.is_empty() => Some("WITH"),
        () if !query.order_by.is_empty() => Some("ORDER BY"),
        () if query.offset.is_some() => Some("OFFSET"),
        () if query.limit.is_some() => Some("LIMIT"),
        () => None,
    }
}

/// True if the plan reads this table.
fn scans(plan: &LogicalPlan, table: &TableReference) -> bool {
    let mut found = false;
    let _ = plan.apply_with_subqueries(|node| {
        found |= matches!(node, LogicalPlan::TableScan(scan) if scan.table_name == *table);
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    });
    found
}

/// True if a relation of the query has its own name.
fn names_itself(cte: &Cte) -> bool {
    crate::names_of::tables(&cte.query)
        .iter()
        .any(|name| matches!(name.as_slice(), [only] if only.folded() == cte.name.folded()))
}

fn arrow_schema(fields: &[Field], names: &[String]) -> datafusion::arrow::datatypes::Schema {
    let fields: Vec<_> = fields.iter().zip(names).map(|(field, name)| field.data_type.field(name)).collect();
    datafusion::arrow::datatypes::Schema::new(fields)
}

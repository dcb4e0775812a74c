//! The tables that a query names, before anything is resolved.

use crate::ast::{Body, Expr, ExprKind, Ident, Query, Relation, RelationKind, Select, SelectItem};

/// All names in FROM, also those of WITH queries; none twice.
pub fn tables(query: &Query) -> Vec<Vec<Ident>> {
    let mut names: Vec<Vec<Ident>> = Vec::new();
    in_query(query, &mut |name| {
        let folded = |name: &[Ident]| name.iter().map(Ident::folded).collect::<Vec<_>>();
        if !names.iter().any(|known| folded(known) == folded(name)) {
            names.push(name.to_vec());
        }
    });
    names
}

type Found<'f> = dyn FnMut(&[Ident]) + 'f;

fn in_query(query: &Query, found: &mut Found<'_>) {
    query.with.iter().for_each(|cte| in_query(&cte.query, found));
    in_body(&query.body, found);
    query.order_by.iter().for_each(|item| in_expr(&item.expr, found));
}

fn in_body(body: &Body, found: &mut Found<'_>) {
    match body {
        Body::Select(select) => in_select(select, found),
        Body::SetOperation { inputs, .. } => inputs.iter().for_each(|input| in_body(input, found)),
        Body::Values { rows, .. } => rows.iter().for_each(|row| in_expr(row, found)),
        Body::Table { name, .. } => found(name),
        Body::Query(query) => in_query(query, found),
    }
}

fn in_select(select: &Select, found: &mut Found<'_>) {
    for item in &select.items {
        match item {
            SelectItem::Expr { expr, .. } | SelectItem::All { of: Some(expr), .. } => in_expr(expr, found),
            SelectItem::All { of: None, .. } => {}
        }
    }
    select.from.iter().for_each(|relation| in_relation(relation, found));
    select.filter.iter().chain(&select.having).for_each(|expr| in_expr(expr, found));
}

fn in_relation(relation: &Relation, found: &mut Found<'_>) {
    match &relation.kind {
        RelationKind::Table(name) => found(name),
        RelationKind::Subquery { query, .. } | RelationKind::Values(query) => in_query(query, found),
        RelationKind::Unnest { arrays, .. } => arrays.iter().for_each(|array| in_expr(array, found)),
        RelationKind::Join { left, right, condition, .. } => {
            in_relation(left, found);
            in_relation(right, found);
            if let crate::ast::JoinCondition::On(expr) = condition {
                in_expr(expr, found);
            }
        }
        RelationKind::Aliased { relation, .. } | RelationKind::Sample { relation, .. } => {
            in_relation(relation, found)
        }
        RelationKind::TableFunction { arguments, .. } => {
            arguments.iter().for_each(|(_, argument)| in_expr(argument, found));
        }
    }
}

fn in_expr(expr: &Expr, found: &mut Found<'_>) {
    match &expr.kind {
        ExprKind::Exists(query) | ExprKind::Subquery(query) => in_query(query, found),
        ExprKind::InQuery { query, .. } | ExprKind::Quantified { query, .. } => in_query(query, found),
        _ => {}
    }
    expr.kind.children().into_iter().for_each(|child| in_expr(child, found));
}

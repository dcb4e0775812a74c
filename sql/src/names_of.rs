//! The tables that a query names, before anything is resolved.

use std::collections::HashSet;

use crate::ast::{
    Body, Expr, ExprKind, GroupingElement, Ident, JoinCondition, Query, Relation, RelationKind, Select,
    SelectItem,
};

/// All names in FROM, also those of WITH queries; none twice.
pub fn tables(query: &Query) -> Vec<Vec<Ident>> {
    let mut names: Vec<Vec<Ident>> = Vec::new();
    let mut known: HashSet<Vec<String>> = HashSet::new();
    in_query(query, &mut |name| {
        if known.insert(name.iter().map(Ident::folded).collect()) {
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
    for element in select.group_by.iter().flat_map(|group_by| &group_by.elements) {
        match element {
            GroupingElement::Expr(expr) => in_expr(expr, found),
            GroupingElement::Sets(sets) | GroupingElement::Rollup(sets) | GroupingElement::Cube(sets) => {
                sets.iter().flatten().for_each(|expr| in_expr(expr, found));
            }
        }
    }
    for (_, window) in &select.windows {
        window.children().into_iter().for_each(|expr| in_expr(expr, found));
    }
}

fn in_relation(relation: &Relation, found: &mut Found<'_>) {
    match &relation.kind {
        RelationKind::Table(name) => found(name),
        RelationKind::Subquery { query, .. } | RelationKind::Values(query) => in_query(query, found),
        RelationKind::Unnest { arrays, .. } => arrays.iter().for_each(|array| in_expr(array, found)),
        RelationKind::Join { left, right, condition, .. } => {
            in_relation(left, found);
            in_relation(right, found);
            if let JoinCondition::On(expr) = condition {
                in_expr(expr, found);
            }
        }
        RelationKind::Aliased { relation, .. } => in_relation(relation, found),
        RelationKind::Sample { relation, percentage, .. } => {
            in_relation(relation, found);
            in_expr(percentage, found);
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use protocol::Position;

    use super::*;

    #[test]
    fn tables_are_found_wherever_a_query_may_stand() {
        fn check(text: &str, expected: &str) {
            let query = crate::query::parse(text, Position { line: 1, column: 1 }).unwrap();
            let names: Vec<String> = tables(&query)
                .iter()
                .map(|name| name.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join("."))
                .collect();
            assert_eq!(names.join(" "), expected, "{text}");
        }
        check("SELECT 1", "");
        check("SELECT * FROM a, d.a, A JOIN (b CROSS JOIN c) ON EXISTS (SELECT 1 FROM e)", "a d.a b c e");
        check("WITH x AS (TABLE y) SELECT (SELECT 1 FROM z), a IN (TABLE t) FROM x", "y z t x");
        check(
            "SELECT 1 FROM a GROUP BY ROLLUP ((SELECT max(b) FROM g), c) HAVING 1 > ALL (SELECT 1 FROM h)",
            "a h g",
        );
        check("SELECT sum(a) OVER w FROM t WINDOW w AS (ORDER BY (SELECT 1 FROM u))", "t u");
        check("SELECT sum(a) OVER (ROWS (SELECT 1 FROM u) PRECEDING) FROM t", "u t");
        check(
            "SELECT sum(a) FILTER (WHERE a IN (SELECT 1 FROM f)) FROM t ORDER BY (SELECT 1 FROM o)",
            "f t o",
        );
        check("SELECT json_value(a, 'lax $' DEFAULT (SELECT 1 FROM d) ON EMPTY) FROM t", "d t");
        check("(SELECT 1 FROM a) EXCEPT VALUES (SELECT 1 FROM b)", "a b");
        check("SELECT * FROM UNNEST((SELECT x FROM a)) CROSS JOIN LATERAL (SELECT 1 FROM b)", "a b");
    }
}

//! How large the plan of a query gets, before it is made.
//!
//! Those who walk over plans recurse, and a WITH query is planned anew wherever it is named: thirty of them, each
//! naming the one before twice, are a thousand million scans.

use std::collections::HashMap;

use protocol::{Error, ErrorCode};

use super::Problem;
use crate::ast::{
    Body, Expr, ExprKind, GroupingElement, Ident, JoinCondition, Query, Relation, RelationKind, Select,
    SelectItem, SetOperation,
};

/// Joins, set operations and subqueries above one another, at most. A plan of 490 joins overflows the stack of a
/// runtime's thread in an unoptimised build, one of 240 does not.
pub(super) const PLAN_DEPTH_MAX: usize = 250;
/// Inputs of a query: tables, VALUES and SELECTs without FROM, as often as they are read.
const PLAN_INPUTS_MAX: usize = 20_000;
/// How often the subqueries of expressions are looked at, see [`looks`]. 14 scalar ones inside one another
/// take two seconds in an unoptimised build, 18 take twenty.
const LOOKS_MAX: usize = 1 << 14;

/// Refuses queries whose plans would be too large or too deep.
pub(super) fn check(query: &Query) -> Result<(), Problem> {
    let size = in_query(query, &HashMap::new());
    let refused = match size {
        Size { depth, .. } if depth > PLAN_DEPTH_MAX => {
            format!(
                "a query with more than {PLAN_DEPTH_MAX} joins, set operations and subqueries above one another"
            )
        }
        Size { inputs, .. } if inputs > PLAN_INPUTS_MAX => {
            format!("a query that reads more than {PLAN_INPUTS_MAX} tables")
        }
        Size { looks, .. } if looks > LOOKS_MAX => {
            "a query with so many subqueries inside one another in expressions".to_owned()
        }
        _ => return Ok(()),
    };
    Err(Problem::new(Error::new(ErrorCode::NotSupported, format!("{refused} is not supported")), query.at))
}

#[derive(Debug, Clone, Copy, Default)]
struct Size {
    depth: usize,
    inputs: usize,
    looks: usize,
}

impl Size {
    const INPUT: Size = Size { depth: 0, inputs: 1, looks: 0 };

    /// Both, one beside the other.
    fn and(self, other: Size) -> Size {
        Size {
            depth: self.depth.max(other.depth),
            inputs: self.inputs.saturating_add(other.inputs),
            looks: self.looks.saturating_add(other.looks),
        }
    }

    fn below(self, levels: usize) -> Size {
        Size { depth: self.depth.saturating_add(levels), ..self }
    }

    /// As the subquery of an expression.
    fn looked_at(self, times: usize) -> Size {
        Size { looks: self.looks.max(1).saturating_mul(times), ..self.below(1) }
    }
}

fn all(sizes: impl Iterator<Item = Size>) -> Size {
    sizes.fold(Size::default(), Size::and)
}

/// Where an expression stands: for conditions the engine has joins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// All of WHERE, or joined to the rest of it by AND.
    Conjunct,
    /// Deeper in WHERE.
    Where,
    Elsewhere,
}

/// The sizes of the WITH queries in reach, by folded name.
type Known = HashMap<String, Size>;

fn in_query(query: &Query, known: &Known) -> Size {
    let mut own;
    let known = match query.with.is_empty() {
        true => known,
        false => {
            own = known.clone();
            for cte in &query.with {
                let size = in_query(&cte.query, &own).below(1);
                own.insert(cte.name.folded(), size);
            }
            &own
        }
    };
    let order_by = query.order_by.iter().map(|item| in_expr(&item.expr, Place::Elsewhere, known));
    in_body(&query.body, known).and(all(order_by))
}

fn in_body(body: &Body, known: &Known) -> Size {
    match body {
        Body::Select(select) => in_select(select, known),
        Body::SetOperation { operation, inputs, .. } => {
            let levels = match operation {
                SetOperation::Union => 1,
                SetOperation::Intersect | SetOperation::Except => inputs.len(),
            };
            all(inputs.iter().map(|input| in_body(input, known))).below(levels)
        }
        Body::Values { rows, .. } => {
            Size::INPUT.and(all(rows.iter().map(|row| in_expr(row, Place::Elsewhere, known))))
        }
        Body::Table { name, .. } => in_table(name, known),
        Body::Query(query) => in_query(query, known),
    }
}

fn in_select(select: &Select, known: &Known) -> Size {
    let from = match select.from.len() {
        0 => Size::INPUT,
        relations => {
            all(select.from.iter().map(|relation| in_relation(relation, known))).below(relations - 1)
        }
    };
    let items = select.items.iter().filter_map(|item| match item {
        SelectItem::Expr { expr, .. } | SelectItem::All { of: Some(expr), .. } => Some(expr),
        SelectItem::All { of: None, .. } => None,
    });
    let groups = select.group_by.iter().flat_map(|group_by| &group_by.elements);
    let groups = groups.flat_map(|element| match element {
        GroupingElement::Expr(expr) => vec![expr],
        GroupingElement::Sets(sets) | GroupingElement::Rollup(sets) | GroupingElement::Cube(sets) => {
            sets.iter().flatten().collect()
        }
    });
    let exprs = items.chain(groups).chain(&select.having);
    let exprs = exprs.map(|expr| in_expr(expr, Place::Elsewhere, known));
    let filter = select.filter.iter().map(|filter| in_expr(filter, Place::Conjunct, known));
    let subqueries: Vec<Size> = exprs.chain(filter).filter(|size| size.inputs > 0).collect();
    // Each is a join of its own above FROM.
    let levels = subqueries.len();
    from.and(all(subqueries.into_iter())).below(levels)
}

fn in_table(name: &[Ident], known: &Known) -> Size {
    match name {
        [only] => known.get(&only.folded()).copied().unwrap_or(Size::INPUT),
        _ => Size::INPUT,
    }
}

fn in_relation(relation: &Relation, known: &Known) -> Size {
    match &relation.kind {
        RelationKind::Table(name) => in_table(name, known),
        RelationKind::Subquery { query, .. } | RelationKind::Values(query) => in_query(query, known).below(1),
        RelationKind::Join { left, right, condition, .. } => {
            let condition = match condition {
                JoinCondition::On(expr) => in_expr(expr, Place::Elsewhere, known),
                JoinCondition::None | JoinCondition::Using(_) | JoinCondition::Natural => Size::default(),
            };
            in_relation(left, known).and(in_relation(right, known)).and(condition).below(1)
        }
        RelationKind::Aliased { relation, .. } | RelationKind::Sample { relation, .. } => {
            in_relation(relation, known)
        }
        RelationKind::Unnest { arrays, .. } => {
            Size::INPUT.and(all(arrays.iter().map(|array| in_expr(array, Place::Elsewhere, known))))
        }
        RelationKind::TableFunction { .. } => Size::INPUT,
    }
}

/// The subqueries of an expression.
fn in_expr(expr: &Expr, place: Place, known: &Known) -> Size {
    let own = match &expr.kind {
        ExprKind::Exists(query)
        | ExprKind::Subquery(query)
        | ExprKind::InQuery { query, .. }
        | ExprKind::Quantified { query, .. } => in_query(query, known).looked_at(looks(&expr.kind, place)),
        _ => Size::default(),
    };
    let inside = match (&expr.kind, place) {
        (ExprKind::And(_), place) => place,
        (_, Place::Conjunct) => Place::Where,
        (_, place) => place,
    };
    own.and(all(expr.kind.children().into_iter().map(|child| in_expr(child, inside, known))))
}

/// The engine checks a subquery with its plan and once more by itself, so that its work doubles with each
/// level; where it has no join for one, the plan holds copies that count.
fn looks(kind: &ExprKind, place: Place) -> usize {
    match (kind, place) {
        (ExprKind::Exists(_), Place::Elsewhere) => 4,
        (ExprKind::InQuery { .. }, Place::Where | Place::Elsewhere) => 8,
        (ExprKind::Quantified { .. }, _) => 16,
        _ => 2,
    }
}

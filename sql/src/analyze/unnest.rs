//! UNNEST: arrays, maps and arrays of rows as rows.
//!
//! The arrays become columns beside those of the relation to the left, and one step of the engine makes rows
//! of all of them at once, the shorter ones padded with NULL.

use datafusion::{
    common::{Column as PlanColumn, NullHandling, UnnestOptions},
    logical_expr::{Expr as PlanExpr, LogicalPlanBuilder},
};
use functions::Type;

use super::{
    Analyzer, AtPlace, Done,
    expr::{Context, field_at},
    mismatch,
    relation::{RelationPlan, aliased},
    scope::{Field, Scope},
    typed::{Typed, call_scalar},
};
use crate::ast::{At, Ident, JoinKind, Relation, RelationKind};

/// What one list column gives.
struct Item {
    column: String,
    /// None: a row whose fields are columns.
    data_type: Type,
    spread: bool,
}

/// How lists become rows.
struct Unnesting {
    ordinality: bool,
    /// Rows in arrays stay one column each.
    whole: bool,
    kind: JoinKind,
}

/// Athena, unlike Trino, takes an alias for a whole row where there are as many aliases as arrays. Where the
/// number of aliases is that of the rows' fields, they are Trino's.
fn keeps_rows(lists: &[Typed], ordinality: bool, aliases: usize) -> bool {
    let own = |list: &Typed| match &list.data_type {
        Type::Map(..) => (2, 2),
        Type::Array(item) => match item.as_ref() {
            Type::Row(fields) => (1, fields.len()),
            _ => (1, 1),
        },
        _ => (1, 1),
    };
    let (whole, spread) =
        lists.iter().map(own).fold((0, 0), |(w, s), (whole, spread)| (w + whole, s + spread));
    let ordinals = usize::from(ordinality);
    aliases != spread + ordinals && aliases == whole + ordinals
}

impl Analyzer<'_> {
    /// `left CROSS|LEFT JOIN UNNEST(…) [WITH ORDINALITY] [AS alias (columns)]`
    pub(super) fn unnest(
        &mut self,
        left: RelationPlan,
        unnest: &Relation,
        alias: Option<(&Ident, &[Ident])>,
        kind: JoinKind,
        outer: Option<&Scope<'_>>,
    ) -> Done<RelationPlan> {
        let RelationKind::Unnest { arrays, ordinality } = &unnest.kind else {
            return Err(mismatch("not an UNNEST", unnest.at));
        };
        let at = unnest.at;
        let scope = Scope::new(&left.fields, outer);
        let mut context = Context::plain(&scope, "UNNEST");
        let mut lists = Vec::with_capacity(arrays.len());
        for array in arrays {
            let typed = self.expr(array, &mut context)?;
            match typed.data_type {
                Type::Array(_) | Type::Map(..) => lists.push(typed),
                other => return Err(mismatch(format!("Cannot unnest type: {other}"), array.at)),
            }
        }
        drop(context);
        drop(scope);
        let left_fields = left.fields.len();
        let whole = alias.is_some_and(|(_, columns)| keeps_rows(&lists, *ordinality, columns.len()));
        let mut relation =
            self.unnested(left, lists, Unnesting { ordinality: *ordinality, whole, kind }, at)?;
        if let Some((alias, columns)) = alias {
            let fields = relation.fields.split_off(left_fields);
            let right = aliased(RelationPlan { plan: relation.plan, fields }, alias, columns)?;
            relation = RelationPlan {
                plan: right.plan,
                fields: relation.fields.into_iter().chain(right.fields).collect(),
            };
        }
        Ok(relation)
    }

    /// Rows of lists that are known already; the one column takes `name`.
    pub(super) fn unnest_lists(
        &mut self,
        left: RelationPlan,
        lists: Vec<Typed>,
        name: Option<&str>,
        at: At,
    ) -> Done<RelationPlan> {
        let unnesting = Unnesting { ordinality: false, whole: true, kind: JoinKind::Cross };
        let mut relation = self.unnested(left, lists, unnesting, at)?;
        if let Some(field) = relation.fields.last_mut() {
            field.name = name.map(str::to_owned);
        }
        Ok(relation)
    }

    fn unnested(
        &mut self,
        left: RelationPlan,
        lists: Vec<Typed>,
        unnesting: Unnesting,
        at: At,
    ) -> Done<RelationPlan> {
        let Unnesting { ordinality, whole, kind } = unnesting;
        let mut projected: Vec<PlanExpr> =
            left.plan.schema().columns().into_iter().map(PlanExpr::Column).collect();
        let mut items = Vec::new();
        let ordinals = match ordinality {
            true => Some(call_scalar("$ordinals", lists.clone(), Type::array(Type::BigInt)).at(at)?),
            false => None,
        };
        for list in lists {
            for (part, is_rows) in parts(list, at)? {
                let spread = is_rows && !whole;
                let Type::Array(item) = &part.data_type else { continue };
                let column = self.fresh("unnest");
                items.push(Item { column: column.clone(), data_type: item.as_ref().clone(), spread });
                projected.push(part.expr.alias(column));
            }
        }
        if let Some(ordinals) = ordinals {
            let column = self.fresh("ordinality");
            items.push(Item { column: column.clone(), data_type: Type::BigInt, spread: false });
            projected.push(ordinals.expr.alias(column));
        }
        let columns = items.iter().map(|item| PlanColumn::new_unqualified(&item.column)).collect();
        let null_handling = match kind {
            JoinKind::Left => NullHandling::PreserveAndExpandEmpty,
            _ => NullHandling::Drop,
        };
        let options = UnnestOptions { null_handling, recursions: Vec::new() };
        let plan = LogicalPlanBuilder::from(left.plan)
            .project(projected)
            .and_then(|builder| builder.unnest_columns_with_options(columns, options))
            .and_then(LogicalPlanBuilder::build)
            .at(at)?;
        self.spread(RelationPlan { plan, fields: left.fields }, items, at)
    }

    /// Fields of unnested rows become columns.
    fn spread(&mut self, relation: RelationPlan, items: Vec<Item>, at: At) -> Done<RelationPlan> {
        let RelationPlan { plan, mut fields } = relation;
        let mut projected: Vec<PlanExpr> =
            plan.schema().columns().into_iter().map(PlanExpr::Column).collect();
        let mut needs_projection = false;
        for item in items {
            let typed = Typed::new(
                PlanExpr::Column(PlanColumn::new_unqualified(&item.column)),
                item.data_type.clone(),
            );
            match &item.data_type {
                Type::Row(row) if item.spread => {
                    needs_projection = true;
                    for (position, own) in row.iter().enumerate() {
                        let value = field_at(typed.clone(), position, own.field_type.clone(), at)?;
                        let column = self.fresh(own.name.as_deref().unwrap_or("field"));
                        projected.push(value.expr.alias(&column));
                        let mut field = unnested_field(own.name.clone(), own.field_type.clone(), column);
                        let is_row = matches!(own.field_type, Type::Row(_));
                        field.only_field = own.name.clone().filter(|_| row.len() == 1 && !is_row);
                        fields.push(field);
                    }
                }
                _ => fields.push(unnested_field(None, item.data_type.clone(), item.column)),
            }
        }
        let plan = match needs_projection {
            true => LogicalPlanBuilder::from(plan)
                .project(projected)
                .and_then(LogicalPlanBuilder::build)
                .at(at)?,
            false => plan,
        };
        Ok(RelationPlan { plan, fields })
    }
}

fn unnested_field(name: Option<String>, data_type: Type, column: String) -> Field {
    Field {
        qualifier: Vec::new(),
        name,
        data_type,
        column: PlanColumn::new_unqualified(column),
        hidden: false,
        only_field: None,
    }
}

/// A map is two lists, any array one; the fields of an array's rows are spread.
fn parts(list: Typed, at: At) -> Done<Vec<(Typed, bool)>> {
    Ok(match list.data_type.clone() {
        Type::Map(key, value) => vec![
            (call_scalar("map_keys", vec![list.clone()], Type::array(*key)).at(at)?, false),
            (call_scalar("map_values", vec![list], Type::array(*value)).at(at)?, false),
        ],
        Type::Array(item) => vec![(list, matches!(*item, Type::Row(_)))],
        other => return Err(mismatch(format!("Cannot unnest type: {other}"), at)),
    })
}

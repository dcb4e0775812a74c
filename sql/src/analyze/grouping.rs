//! GROUP BY, and what may stand behind it.

use std::collections::HashMap;

use datafusion::{
    common::{
        Column as PlanColumn,
        tree_node::{Transformed, TreeNode, TreeNodeRecursion},
    },
    logical_expr::{Expr as PlanExpr, GroupingSet, LogicalPlanBuilder, expr::AggregateFunction},
};
use functions::Type;

use super::{
    Analyzer, AtPlace, Done,
    decorrelate::outer_columns,
    expr::Context,
    operators::{check_comparable, is_nested},
    query::ordinal,
    scope::Scope,
    syntax,
    typed::Typed,
};
use crate::ast::{At, Call, Expr, GroupingElement, Select};

/// Grouping sets of one query, at most: Trino's limit.
const GROUPING_SETS_MAX: usize = 2048;
/// Arguments of GROUPING whose bits are an integer; those of more are a bigint.
const BITS_OF_INTEGER: usize = 31;

/// The groups of one SELECT.
#[derive(Debug)]
pub(super) struct Grouping {
    keys: Vec<Key>,
    /// Indices into the keys; None: one set of all of them.
    sets: Option<Vec<Vec<usize>>>,
    /// What users call the columns below, for errors.
    names: Vec<(PlanColumn, String)>,
}

/// One distinct expression of GROUP BY.
#[derive(Debug)]
struct Key {
    expr: PlanExpr,
    /// What the engine groups by.
    computed: PlanExpr,
    /// The column it becomes.
    column: PlanColumn,
}

impl Analyzer<'_> {
    /// The groups that GROUP BY says; without it all rows are one.
    pub(super) fn grouping(&mut self, select: &Select, items: &[Typed], scope: &Scope<'_>) -> Done<Grouping> {
        let names = scope.fields.iter().filter_map(|field| Some((field.column.clone(), field.name.clone()?)));
        let mut grouping = Grouping { keys: Vec::new(), sets: None, names: names.collect() };
        let Some(group_by) = &select.group_by else {
            return Ok(grouping);
        };
        // Each element is a list of alternatives; the query's sets are their product.
        let mut product: Vec<Vec<usize>> = vec![Vec::new()];
        let mut is_plain = true;
        for element in &group_by.elements {
            let alternatives: Vec<Vec<&Expr>> = match element {
                GroupingElement::Expr(expr) => vec![vec![expr]],
                GroupingElement::Sets(sets) => sets.iter().map(|set| set.iter().collect()).collect(),
                GroupingElement::Rollup(sets) => (0..=sets.len())
                    .rev()
                    .map(|length| sets.iter().take(length).flatten().collect())
                    .collect(),
                GroupingElement::Cube(sets) => subsets(sets, select.at)?,
            };
            is_plain &= alternatives.len() == 1;
            let mut sets = Vec::with_capacity(alternatives.len());
            for alternative in alternatives {
                let mut set = Vec::with_capacity(alternative.len());
                for expr in alternative {
                    set.push(self.grouping_key(expr, items, scope, &mut grouping)?);
                }
                sets.push(set);
            }
            if product.len() * sets.len() > GROUPING_SETS_MAX {
                return Err(syntax(
                    format!("GROUP BY has more than {GROUPING_SETS_MAX} grouping sets"),
                    select.at,
                ));
            }
            product =
                product.iter().flat_map(|left| sets.iter().map(move |right| union(left, right))).collect();
        }
        if group_by.distinct {
            let mut seen: Vec<Vec<usize>> = Vec::new();
            product.retain(|set| {
                let mut sorted = set.clone();
                sorted.sort_unstable();
                let new = !seen.contains(&sorted);
                seen.push(sorted);
                new
            });
        }
        grouping.sets = (!is_plain).then_some(product);
        Ok(grouping)
    }

    /// The index of the key that `expr` is.
    fn grouping_key(
        &mut self,
        expr: &Expr,
        items: &[Typed],
        scope: &Scope<'_>,
        grouping: &mut Grouping,
    ) -> Done<usize> {
        let typed = match ordinal(expr, items.len(), "GROUP BY")? {
            Some(index) => items.get(index).cloned().unwrap_or_else(Typed::null),
            None => self.expr(expr, &mut Context::plain(scope, "GROUP BY clause"))?,
        };
        let at = expr.at;
        check_comparable(&typed.data_type, "GROUP BY", at)?;
        if let Some(known) = grouping.keys.iter().position(|key| key.expr == typed.expr) {
            return Ok(known);
        }
        let expr = typed.expr.clone();
        let computed = match is_nested(&typed.data_type) {
            true => typed.in_one_form().at(at)?.expr,
            false => typed.expr,
        };
        let column = match &computed {
            PlanExpr::Column(column) => column.clone(),
            _ => PlanColumn::new_unqualified(self.fresh("group")),
        };
        grouping.keys.push(Key { expr, computed, column });
        Ok(grouping.keys.len() - 1)
    }

    /// `GROUPING(a, b)`: a bit for each, set where the column is not part of the row's set.
    pub(super) fn grouping_call(&mut self, call: &Call, at: At, context: &mut Context<'_>) -> Done<Typed> {
        let arguments = call
            .arguments
            .iter()
            .map(|argument| Ok(self.expr(argument, context)?.expr))
            .collect::<Done<Vec<_>>>()?;
        let function = datafusion::functions_aggregate::grouping::grouping_udaf();
        let aggregate = AggregateFunction::new_udf(function, arguments, false, None, Vec::new(), None);
        let operation = PlanExpr::AggregateFunction(aggregate);
        let fresh = self.fresh("grouping");
        let Some(calls) = &mut context.aggregates else {
            let message = format!(
                "{} cannot contain aggregations, window functions or grouping operations: [grouping]",
                context.clause
            );
            return Err(syntax(message, at));
        };
        let known = calls.calls.iter().find(|(known, _)| *known == operation).map(|(_, name)| name.clone());
        let name = known.unwrap_or_else(|| {
            calls.calls.push((operation, fresh.clone()));
            fresh
        });
        let column = PlanExpr::Column(PlanColumn::new_unqualified(name));
        let bits = Typed::new(column, Type::Integer);
        if call.arguments.len() > BITS_OF_INTEGER { bits.coerce(&Type::BigInt, at) } else { Ok(bits) }
    }
}

impl Grouping {
    /// True if all rows are one group, without keys.
    pub(super) fn is_whole(&self) -> bool {
        self.keys.is_empty() && self.sets.is_none()
    }

    /// The aggregation. Keys that are no columns are computed before it.
    pub(super) fn apply(
        &self,
        builder: LogicalPlanBuilder,
        aggregates: &[(PlanExpr, String)],
        at: At,
    ) -> Done<LogicalPlanBuilder> {
        let computed: Vec<PlanExpr> = self
            .keys
            .iter()
            .filter(|key| !matches!(key.computed, PlanExpr::Column(_)))
            .map(|key| key.computed.clone().alias(&key.column.name))
            .collect();
        let mut builder = builder;
        if !computed.is_empty() {
            let columns = builder.schema().columns().into_iter().map(PlanExpr::Column);
            builder = builder.project(columns.chain(computed).collect::<Vec<_>>()).at(at)?;
        }
        let key = |index: &usize| self.keys.get(*index).map(|key| PlanExpr::Column(key.column.clone()));
        let groups: Vec<PlanExpr> = match &self.sets {
            None => (0..self.keys.len()).filter_map(|index| key(&index)).collect(),
            Some(sets) => {
                let sets = sets.iter().map(|set| set.iter().filter_map(key).collect()).collect();
                vec![PlanExpr::GroupingSet(GroupingSet::GroupingSets(sets))]
            }
        };
        let mut calls = Vec::with_capacity(aggregates.len());
        for (call, name) in aggregates {
            calls.push(self.grouping_arguments(call.clone(), at)?.alias(name));
        }
        builder.aggregate(groups, calls).at(at)
    }

    /// GROUPING's arguments must be keys, and are named as such.
    fn grouping_arguments(&self, call: PlanExpr, at: At) -> Done<PlanExpr> {
        let PlanExpr::AggregateFunction(mut aggregate) = call else {
            return Ok(call);
        };
        if aggregate.func.name() != "grouping" {
            return Ok(PlanExpr::AggregateFunction(aggregate));
        }
        for argument in &mut aggregate.params.args {
            let key = self.keys.iter().find(|key| key.expr == *argument);
            let Some(Key { column, .. }) = key else {
                return Err(syntax(
                    "The arguments to GROUPING() must be expressions referenced by the GROUP BY",
                    at,
                ));
            };
            *argument = PlanExpr::Column(column.clone());
        }
        if self.sets.is_none() {
            // Without sets nothing is left out.
            return Ok(PlanExpr::AggregateFunction(aggregate));
        }
        Ok(PlanExpr::AggregateFunction(aggregate))
    }

    fn name_of(&self, column: &PlanColumn) -> String {
        let known = self.names.iter().find(|(own, _)| own == column).map(|(_, name)| name.clone());
        known.unwrap_or_else(|| column.name.split('#').next().unwrap_or_default().to_owned())
    }

    /// A column of FROM that a subquery uses and that is not grouped by.
    fn ungrouped_inside(
        &self,
        node: &PlanExpr,
        keys: &HashMap<&PlanExpr, &PlanColumn>,
    ) -> Option<PlanColumn> {
        let used = match node {
            PlanExpr::ScalarSubquery(subquery) => outer_columns(&subquery.subquery),
            PlanExpr::Exists(exists) => outer_columns(&exists.subquery.subquery),
            PlanExpr::InSubquery(member) => outer_columns(&member.subquery.subquery),
            _ => return None,
        };
        let is_own = |column: &PlanColumn| self.names.iter().any(|(own, _)| own == column);
        used.into_iter()
            .find(|column| is_own(column) && !keys.contains_key(&PlanExpr::Column(column.clone())))
    }

    /// The expression over the aggregation's columns. Fails for columns that are neither grouped nor
    /// aggregated; `known` are those of aggregates and windows.
    pub(super) fn rewrite(&self, expr: PlanExpr, known: &[&str], at: At) -> Done<PlanExpr> {
        let keys: HashMap<&PlanExpr, &PlanColumn> =
            self.keys.iter().map(|key| (&key.expr, &key.column)).collect();
        let mut ungrouped: Option<String> = None;
        let rewritten = expr.transform_down(|node| {
            if let Some(column) = keys.get(&node) {
                let column = PlanExpr::Column((*column).clone());
                return Ok(Transformed::new(column, true, TreeNodeRecursion::Jump));
            }
            if let PlanExpr::Column(column) = &node
                && !known.contains(&column.name.as_str())
            {
                ungrouped.get_or_insert_with(|| self.name_of(column));
            }
            if let Some(column) = self.ungrouped_inside(&node, &keys) {
                ungrouped.get_or_insert_with(|| self.name_of(&column));
            }
            Ok(Transformed::no(node))
        });
        if let Some(column) = ungrouped {
            return Err(super::problem(
                protocol::ErrorCode::InvalidQuery,
                format!("'{column}' must be an aggregate expression or appear in GROUP BY clause"),
                at,
            ));
        }
        Ok(rewritten.at(at)?.data)
    }
}

fn union(left: &[usize], right: &[usize]) -> Vec<usize> {
    let mut all = left.to_vec();
    for index in right {
        if !all.contains(index) {
            all.push(*index);
        }
    }
    all
}

/// CUBE: all subsets, the full one first.
fn subsets(sets: &[Vec<Expr>], at: At) -> Done<Vec<Vec<&Expr>>> {
    let count = u32::try_from(sets.len()).ok().and_then(|length| 1_usize.checked_shl(length));
    let Some(count) = count.filter(|count| *count <= GROUPING_SETS_MAX) else {
        return Err(syntax(format!("GROUP BY has more than {GROUPING_SETS_MAX} grouping sets"), at));
    };
    Ok((0..count)
        .rev()
        .map(|mask| {
            let chosen =
                sets.iter().enumerate().filter(|(index, _)| mask >> (sets.len() - 1 - index) & 1 == 1);
            chosen.flat_map(|(_, set)| set).collect()
        })
        .collect())
}

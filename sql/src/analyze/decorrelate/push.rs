//! A subquery's plan with its domain inside.
//!
//! Every step has the domain's columns beside its own, and the marker: true in rows that the subquery has for
//! this row of the domain, NULL in rows that are kept so that no row of the domain is lost. So conditions
//! clear the marker instead of dropping rows, and aggregates look at marked rows only.

mod join;

use std::{collections::BTreeMap, sync::Arc};

use datafusion::{
    common::{
        Column, NullHandling, UnnestOptions,
        tree_node::{Transformed, TransformedResult, TreeNode},
    },
    error::Result as EngineResult,
    logical_expr::{
        Aggregate, Distinct, Expr, FetchType, Filter, JoinType, Limit, LogicalPlan, LogicalPlanBuilder,
        Operator, Projection, SkipType, SortExpr, SubqueryAlias, Union, Unnest, Window,
        utils::{conjunction, split_conjunction_owned},
    },
};
use functions::Type;

use super::{
    super::{
        Analyzer,
        aggregate::aggregate_of,
        call::number,
        conditional::{and_then, case_when},
        operators::binary,
        typed::{Typed, call_scalar},
        window::ranking,
    },
    Place,
    domain::{Domain, Instance},
    not_joinable,
    shape::outer_columns,
};

/// One attempt.
pub(super) struct Push<'p, 'a> {
    analyzer: &'p mut Analyzer<'a>,
    domain: Domain,
}

/// A part of the plan with the domain inside.
pub(super) struct Pushed {
    pub(super) plan: LogicalPlan,
    keys: Vec<Column>,
    carried: Vec<Column>,
    names: BTreeMap<Column, Column>,
    pub(super) marker: Column,
}

/// None: the domain would be needed at two places, and can be at one only.
type Attempt = EngineResult<Option<Pushed>>;

impl Pushed {
    /// The key columns alone.
    pub(super) fn key_columns(&self) -> impl Iterator<Item = Expr> + use<> {
        self.keys.clone().into_iter().map(Expr::Column)
    }

    /// Outer column by outer column the same as in this plan; true where there are none.
    pub(super) fn keys_equal(&self) -> Vec<Expr> {
        let equal = |(outer, own): (&Column, &Column)| {
            self.keys.contains(own).then(|| same(Expr::Column(outer.clone()), Expr::Column(own.clone())))
        };
        let all: Vec<Expr> = self.names.iter().filter_map(equal).collect();
        if all.is_empty() { vec![Typed::truth().expr] } else { all }
    }

    /// The domain's columns.
    fn kept(&self) -> Vec<Expr> {
        self.keys.iter().chain(&self.carried).cloned().map(Expr::Column).collect()
    }

    fn present(&self) -> Expr {
        Expr::Column(self.marker.clone())
    }

    /// Outer columns of the domain as columns of this plan.
    fn inside(&self, expr: Expr) -> EngineResult<Expr> {
        expr.transform(|node| match &node {
            Expr::OuterReferenceColumn(_, column) => match self.names.get(column) {
                Some(own) => Ok(Transformed::yes(Expr::Column(own.clone()))),
                None => Ok(Transformed::no(node)),
            },
            _ => Ok(Transformed::no(node)),
        })
        .data()
    }

    fn all_inside(&self, exprs: &[Expr]) -> EngineResult<Vec<Expr>> {
        exprs.iter().cloned().map(|expr| self.inside(expr)).collect()
    }

    fn with(self, plan: LogicalPlan, marker: Column) -> Self {
        Self { plan, marker, ..self }
    }

    /// The same rows with another marker; all other columns stay.
    fn marked(self, present: Expr, marker: String) -> EngineResult<Self> {
        let columns = self.plan.schema().columns().into_iter().filter(|column| *column != self.marker);
        let projected: Vec<Expr> = columns.map(Expr::Column).chain([present.alias(&marker)]).collect();
        let plan = LogicalPlanBuilder::from(self.plan.clone()).project(projected)?.build()?;
        Ok(self.with(plan, Column::new_unqualified(marker)))
    }
}

/// Equal, or both NULL.
fn same(left: Expr, right: Expr) -> Expr {
    binary(left, Operator::IsNotDistinctFrom, right)
}

/// True or NULL.
fn true_or_null(condition: Expr) -> Expr {
    case_when(vec![condition], vec![Typed::truth().expr], None)
}

impl<'p, 'a> Push<'p, 'a> {
    pub(super) fn new(analyzer: &'p mut Analyzer<'a>, domain: Domain) -> Self {
        Self { analyzer, domain }
    }

    pub(super) fn run(mut self, plan: &LogicalPlan) -> Attempt {
        self.push(plan)
    }

    fn is_free(&self, plan: &LogicalPlan) -> bool {
        !outer_columns(plan).iter().any(|column| self.domain.has(column))
    }

    fn is_free_expr(&self, expr: &Expr) -> bool {
        let uses = |node: &Expr| match node {
            Expr::OuterReferenceColumn(_, column) => self.domain.has(column),
            _ => false,
        };
        !expr.exists(|node| Ok(uses(node))).unwrap_or(true)
    }

    fn push(&mut self, plan: &LogicalPlan) -> Attempt {
        if self.is_free(plan) {
            return self.leaf(plan);
        }
        match plan {
            LogicalPlan::Projection(projection) => self.projection(projection),
            LogicalPlan::SubqueryAlias(alias) => self.alias(alias),
            LogicalPlan::Filter(filter) => self.filter(filter),
            LogicalPlan::Unnest(unnest) => self.unnest(unnest),
            LogicalPlan::Aggregate(aggregate) => self.aggregate(aggregate),
            LogicalPlan::Distinct(Distinct::All(input)) => self.distinct(input),
            LogicalPlan::Window(window) => self.window(window),
            LogicalPlan::Sort(sort) => self.push(&sort.input),
            LogicalPlan::Limit(limit) => self.limit(limit),
            LogicalPlan::Union(union) => self.union(union),
            LogicalPlan::Join(join) => self.join(join),
            _ => Err(not_joinable()),
        }
    }

    fn instance(&mut self) -> EngineResult<Option<Instance>> {
        self.domain.instance(self.analyzer)
    }

    /// A part without outer columns: all its rows for each of the domain's.
    fn leaf(&mut self, plan: &LogicalPlan) -> Attempt {
        let is_one_row = matches!(plan, LogicalPlan::EmptyRelation(empty) if empty.produce_one_row && empty.schema.fields().is_empty());
        if !is_one_row {
            return self.joined_leaf(plan.clone(), |_| Ok(Vec::new()));
        }
        let Some(instance) = self.instance()? else { return Ok(None) };
        let marker = self.analyzer.fresh("present");
        let columns = instance.plan.schema().columns().into_iter().map(Expr::Column);
        let projected: Vec<Expr> = columns.chain([Typed::truth().expr.alias(&marker)]).collect();
        let plan = LogicalPlanBuilder::from(instance.plan).project(projected)?.build()?;
        Ok(Some(Pushed {
            plan,
            keys: instance.keys,
            carried: instance.carried,
            names: instance.names,
            marker: Column::new_unqualified(marker),
        }))
    }

    /// The domain LEFT JOIN a part without outer columns.
    fn joined_leaf(
        &mut self,
        plan: LogicalPlan,
        conditions: impl Fn(&Pushed) -> EngineResult<Vec<Expr>>,
    ) -> Attempt {
        let Some(instance) = self.instance()? else { return Ok(None) };
        let marker = self.analyzer.fresh("present");
        let right = marked_rows(plan, &marker)?;
        let Instance { plan, keys, carried, names } = instance;
        let pushed = Pushed { plan, keys, carried, names, marker: Column::new_unqualified(marker) };
        let mut on = conditions(&pushed)?;
        if on.is_empty() {
            on.push(Typed::truth().expr);
        }
        let plan =
            LogicalPlanBuilder::from(pushed.plan.clone()).join_on(right, JoinType::Left, on)?.build()?;
        Ok(Some(Pushed { plan, ..pushed }))
    }

    fn projection(&mut self, projection: &Projection) -> Attempt {
        let Some(pushed) = self.push(&projection.input)? else { return Ok(None) };
        let mut projected = pushed.kept();
        projected.push(pushed.present());
        for expr in &projection.expr {
            let name = expr.schema_name().to_string();
            projected.push(pushed.inside(expr.clone())?.alias_if_changed(name)?);
        }
        let plan = LogicalPlanBuilder::from(pushed.plan.clone()).project(projected)?.build()?;
        Ok(Some(Pushed { plan, ..pushed }))
    }

    fn alias(&mut self, alias: &SubqueryAlias) -> Attempt {
        let Some(pushed) = self.push(&alias.input)? else { return Ok(None) };
        let own = alias.input.schema().columns().into_iter().zip(alias.schema.columns());
        let mut projected = pushed.kept();
        projected.push(pushed.present());
        projected.extend(own.map(renamed));
        let plan = LogicalPlanBuilder::from(pushed.plan.clone()).project(projected)?.build()?;
        Ok(Some(Pushed { plan, ..pushed }))
    }

    fn filter(&mut self, filter: &Filter) -> Attempt {
        let conditions = split_conjunction_owned(filter.predicate.clone());
        if self.is_free(&filter.input) {
            let (free, outer): (Vec<_>, Vec<_>) =
                conditions.into_iter().partition(|condition| self.is_free_expr(condition));
            let mut input = LogicalPlanBuilder::from(filter.input.as_ref().clone());
            if let Some(free) = conjunction(free) {
                input = input.filter(free)?;
            }
            return self.joined_leaf(input.build()?, |pushed| pushed.all_inside(&outer));
        }
        let Some(pushed) = self.push(&filter.input)? else { return Ok(None) };
        let conditions = pushed.all_inside(&conditions)?;
        // EXISTS and IN have no place but a condition; here they become columns.
        let (pushed, conditions) =
            match self.analyzer.joined(pushed.plan.clone(), conditions.clone(), Place::Elsewhere)? {
                None => (pushed, conditions),
                Some((plan, conditions)) => (Pushed { plan, ..pushed }, conditions),
            };
        let holds = conditions.into_iter().try_fold(pushed.present(), and_then)?;
        let marker = self.analyzer.fresh("present");
        pushed.marked(true_or_null(holds), marker).map(Some)
    }

    fn unnest(&mut self, unnest: &Unnest) -> Attempt {
        let Some(pushed) = self.push(&unnest.input)? else { return Ok(None) };
        let keeps_rows = unnest.options.null_handling != NullHandling::Drop;
        let options = UnnestOptions {
            null_handling: NullHandling::PreserveAndExpandEmpty,
            recursions: unnest.options.recursions.clone(),
        };
        let mut lists = unnest.exec_columns.clone();
        if keeps_rows {
            let plan = LogicalPlanBuilder::from(pushed.plan.clone())
                .unnest_columns_with_options(lists, options)?
                .build()?;
            return Ok(Some(Pushed { plan, ..pushed }));
        }
        // The ordinal tells the rows of elements from the row of an empty list.
        let ordinal = self.analyzer.fresh("ordinal");
        let of_lists = lists
            .iter()
            .map(|list| Typed::new(Expr::Column(list.clone()), Type::array(Type::Unknown)))
            .collect();
        let ordinals = call_scalar("$ordinals", of_lists, Type::array(Type::BigInt))?.expr.alias(&ordinal);
        let columns = pushed.plan.schema().columns().into_iter().map(Expr::Column);
        let projected: Vec<Expr> = columns.chain([ordinals]).collect();
        lists.push(Column::new_unqualified(&ordinal));
        let plan = LogicalPlanBuilder::from(pushed.plan.clone())
            .project(projected)?
            .unnest_columns_with_options(lists, options)?
            .build()?;
        let is_element = Expr::Column(Column::new_unqualified(ordinal)).is_not_null();
        let present = true_or_null(pushed.present().and(is_element));
        let marker = self.analyzer.fresh("present");
        Pushed { plan, ..pushed }.marked(present, marker).map(Some)
    }

    fn aggregate(&mut self, aggregate: &Aggregate) -> Attempt {
        let Some(pushed) = self.push(&aggregate.input)? else { return Ok(None) };
        let outputs = aggregate.schema.columns();
        let (group_outputs, call_outputs) = outputs.split_at(aggregate.group_expr.len().min(outputs.len()));
        let mut groups = Vec::with_capacity(aggregate.group_expr.len());
        for (group, output) in aggregate.group_expr.iter().zip(group_outputs) {
            if matches!(group, Expr::GroupingSet(_)) {
                return Err(not_joinable());
            }
            groups.push((pushed.inside(group.clone())?, output.clone()));
        }
        let mut calls = Vec::with_capacity(aggregate.aggr_expr.len());
        for (call, output) in aggregate.aggr_expr.iter().zip(call_outputs) {
            let Expr::AggregateFunction(mut function) = pushed.inside(call.clone())?.unalias() else {
                return Err(not_joinable());
            };
            let filter = function.params.filter.take();
            function.params.filter = Some(Box::new(match filter {
                Some(filter) => and_then(pushed.present(), *filter)?,
                None => pushed.present(),
            }));
            calls.push((Expr::AggregateFunction(function), output.clone()));
        }
        self.grouped(pushed, groups, calls).map(Some)
    }

    fn distinct(&mut self, input: &LogicalPlan) -> Attempt {
        let Some(pushed) = self.push(input)? else { return Ok(None) };
        let groups =
            input.schema().columns().into_iter().map(|column| (Expr::Column(column.clone()), column));
        let groups = groups.collect();
        self.grouped(pushed, groups, Vec::new()).map(Some)
    }

    /// An aggregation for each row of the domain. Without groups it has a row for each of them.
    fn grouped(
        &mut self,
        pushed: Pushed,
        groups: Vec<(Expr, Column)>,
        calls: Vec<(Expr, Column)>,
    ) -> EngineResult<Pushed> {
        let has_groups = !groups.is_empty();
        let mut by: Vec<Expr> = pushed.keys.iter().cloned().map(Expr::Column).collect();
        let mut projected = by.clone();
        if has_groups {
            by.push(pushed.present());
        }
        let mut own = Vec::with_capacity(groups.len() + calls.len());
        for (group, output) in groups {
            let name = self.analyzer.fresh("group");
            by.push(case_when(vec![pushed.present()], vec![group], None).alias(&name));
            own.push(renamed((Column::new_unqualified(name), output)));
        }
        let mut all_calls = Vec::with_capacity(pushed.carried.len() + calls.len());
        for column in &pushed.carried {
            let name = self.analyzer.fresh("carried");
            let value = Expr::Column(column.clone());
            all_calls.push(aggregate_of("arbitrary", value)?.alias(&name));
            projected.push(renamed((Column::new_unqualified(name), column.clone())));
        }
        for (call, output) in calls {
            let name = self.analyzer.fresh("aggregate");
            all_calls.push(call.alias(&name));
            own.push(renamed((Column::new_unqualified(name), output)));
        }
        let marker = self.analyzer.fresh("present");
        let present = if has_groups { pushed.present() } else { Typed::truth().expr };
        projected.push(present.alias(&marker));
        projected.extend(own);
        let plan = LogicalPlanBuilder::from(pushed.plan.clone())
            .aggregate(by, all_calls)?
            .project(projected)?
            .build()?;
        Ok(pushed.with(plan, Column::new_unqualified(marker)))
    }

    fn window(&mut self, window: &Window) -> Attempt {
        let Some(pushed) = self.push(&window.input)? else { return Ok(None) };
        let mut calls = Vec::with_capacity(window.window_expr.len());
        let columns = pushed.plan.schema().columns();
        let mut projected: Vec<Expr> = columns.into_iter().map(Expr::Column).collect();
        for expr in &window.window_expr {
            let output = expr.schema_name().to_string();
            let Expr::WindowFunction(mut call) = pushed.inside(expr.clone())?.unalias() else {
                return Err(not_joinable());
            };
            call.params.partition_by.extend(pushed.keys.iter().cloned().map(Expr::Column));
            call.params.partition_by.push(pushed.present());
            let call = Expr::WindowFunction(call);
            let own = Column::new_unqualified(call.schema_name().to_string());
            projected.push(Expr::Column(own).alias(output));
            calls.push(call);
        }
        let plan = LogicalPlanBuilder::window_plan(pushed.plan.clone(), calls)?;
        let plan = LogicalPlanBuilder::from(plan).project(projected)?.build()?;
        Ok(Some(Pushed { plan, ..pushed }))
    }

    /// The rows that are not numbered within the limit lose their marker.
    fn limit(&mut self, limit: &Limit) -> Attempt {
        let (SkipType::Literal(skip), FetchType::Literal(fetch)) =
            (limit.get_skip_type()?, limit.get_fetch_type()?)
        else {
            return Err(not_joinable());
        };
        let Some(pushed) = self.push(&limit.input)? else { return Ok(None) };
        let order_by = match limit.input.as_ref() {
            LogicalPlan::Sort(sort) => sort
                .expr
                .iter()
                .map(|key| Ok(SortExpr::new(pushed.inside(key.expr.clone())?, key.asc, key.nulls_first)))
                .collect::<EngineResult<Vec<_>>>()?,
            _ => Vec::new(),
        };
        let number_name = self.analyzer.fresh("number");
        let partition_by: Vec<Expr> = pushed.key_columns().chain([pushed.present()]).collect();
        let row_number = ranking("row_number", partition_by, order_by)?.alias(&number_name);
        let plan = LogicalPlanBuilder::from(pushed.plan.clone()).window([row_number])?.build()?;
        let bound = |rows: usize| number(i64::try_from(rows).unwrap_or(i64::MAX));
        let place = Expr::Column(Column::new_unqualified(number_name));
        let mut within = pushed.present().and(place.clone().gt(bound(skip)));
        if let Some(fetch) = fetch {
            within = within.and(place.lt_eq(bound(skip.saturating_add(fetch))));
        }
        let marker = self.analyzer.fresh("present");
        Pushed { plan, ..pushed }.marked(true_or_null(within), marker).map(Some)
    }

    fn union(&mut self, union: &Union) -> Attempt {
        let outputs = union.schema.columns();
        let mut inputs = Vec::with_capacity(union.inputs.len());
        let mut shape: Option<Pushed> = None;
        for input in &union.inputs {
            let Some(pushed) = self.push(input)? else { return Ok(None) };
            let own = input.schema().columns();
            let first = shape.get_or_insert_with(|| Pushed {
                plan: pushed.plan.clone(),
                keys: pushed.keys.clone(),
                carried: Vec::new(),
                names: pushed.names.clone(),
                marker: pushed.marker.clone(),
            });
            let mut projected = Vec::with_capacity(outputs.len() + first.keys.len() + 1);
            for (outer, key) in &first.names {
                let Some(own) = pushed.names.get(outer) else { return Err(not_joinable()) };
                projected.push(renamed((own.clone(), key.clone())));
            }
            projected.push(pushed.present().alias(&first.marker.name));
            projected
                .extend(own.into_iter().zip(&outputs).map(|(own, output)| renamed((own, output.clone()))));
            inputs.push(Arc::new(LogicalPlanBuilder::from(pushed.plan).project(projected)?.build()?));
        }
        let Some(first) = shape else { return Err(not_joinable()) };
        let plan = LogicalPlan::Union(Union::try_new_with_loose_types(inputs)?);
        Ok(Some(Pushed { plan, ..first }))
    }
}

/// The rows with a marker.
fn marked_rows(plan: LogicalPlan, marker: &str) -> EngineResult<LogicalPlan> {
    let columns = plan.schema().columns().into_iter().map(Expr::Column);
    let projected: Vec<Expr> = columns.chain([Typed::truth().expr.alias(marker)]).collect();
    LogicalPlanBuilder::from(plan).project(projected)?.build()
}

/// A column under another name and qualifier.
fn renamed((own, output): (Column, Column)) -> Expr {
    if own == output {
        return Expr::Column(own);
    }
    Expr::Column(own).alias_qualified(output.relation, output.name)
}

//! An aggregate of ours with the engine's interface.
//!
//! A worker finds the function by name and knows Arrow types only, so a [`Definition`] makes everything from
//! the Arrow types of the arguments.

use std::{
    hash::{Hash, Hasher},
    sync::Arc,
};

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::{
    common::{Result as EngineResult, ScalarValue},
    logical_expr::{
        Accumulator, AggregateUDF, AggregateUDFImpl, GroupsAccumulator, ReversedUDAF, Signature,
        StatisticsArgs, Volatility,
        function::{AccumulatorArgs, StateFieldsArgs},
        utils::{AggregateOrderSensitivity, format_state_name},
    },
};

use crate::{
    Fault, Function,
    aggregate::{
        arranged::Arranged,
        states::{Grouped, MakeStates, Single, Sliding, States},
    },
    function::plan_name,
};

/// Makes states for arguments of these Arrow types.
pub(crate) type Make = fn(&[DataType]) -> EngineResult<Box<dyn States>>;

/// Everything about one aggregate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Definition {
    pub(crate) name: &'static str,
    pub(crate) signatures: &'static [&'static str],
    pub(crate) description: &'static str,
    /// The Arrow type of the result for Arrow types of arguments.
    pub(crate) returns: fn(&[DataType]) -> EngineResult<DataType>,
    pub(crate) make: Make,
    /// Results depend on the order of the rows, so `ORDER BY` is obeyed.
    pub(crate) ordered: bool,
    /// Results depend on how often a row comes, so `DISTINCT` is obeyed.
    pub(crate) counts: bool,
    /// The result without rows is 0, not NULL.
    pub(crate) zero_when_empty: bool,
    /// States that can take rows back, for arguments of these types.
    pub(crate) sliding: Option<fn(&[DataType]) -> Option<Box<dyn States>>>,
    /// The engine's aggregate, where it gives Trino's results for arguments of these types.
    pub(crate) native: Option<fn(&[DataType]) -> Option<Arc<AggregateUDF>>>,
}

impl Definition {
    /// An aggregate that ignores order, counts rows and is NULL without them.
    pub(crate) const fn new(
        name: &'static str,
        signatures: &'static [&'static str],
        description: &'static str,
        returns: fn(&[DataType]) -> EngineResult<DataType>,
        make: Make,
    ) -> Self {
        Self {
            name,
            signatures,
            description,
            returns,
            make,
            ordered: false,
            counts: true,
            zero_when_empty: false,
            sliding: None,
            native: None,
        }
    }

    pub(crate) const fn ordered(mut self) -> Self {
        self.ordered = true;
        self
    }

    pub(crate) const fn same_when_distinct(mut self) -> Self {
        self.counts = false;
        self
    }

    pub(crate) const fn zero_when_empty(mut self) -> Self {
        self.zero_when_empty = true;
        self
    }

    pub(crate) const fn sliding(mut self, make: fn(&[DataType]) -> Option<Box<dyn States>>) -> Self {
        self.sliding = Some(make);
        self
    }

    pub(crate) const fn native(mut self, native: fn(&[DataType]) -> Option<Arc<AggregateUDF>>) -> Self {
        self.native = Some(native);
        self
    }

    /// The function as the registry wants it.
    pub(crate) fn into_function(self) -> Function {
        let implementation = AggregateUDF::new_from_impl(EngineAggregate::new(self));
        Function::aggregate(self.name, self.signatures, implementation, self.description)
    }
}

/// A [`Definition`] under its name in plans.
#[derive(Debug)]
pub(crate) struct EngineAggregate {
    definition: Definition,
    plan_name: String,
    signature: Signature,
}

impl EngineAggregate {
    fn new(definition: Definition) -> Self {
        // Arguments are coerced before; the engine is to leave them alone.
        let signature = Signature::user_defined(Volatility::Immutable);
        Self { definition, plan_name: plan_name(definition.name), signature }
    }

    fn native(&self, types: &[DataType]) -> Option<Arc<AggregateUDF>> {
        self.definition.native.and_then(|native| native(types))
    }

    fn arranged(&self, args: &AccumulatorArgs<'_>) -> EngineResult<Option<Arranged>> {
        let distinct = args.is_distinct && self.definition.counts;
        let orders = if self.definition.ordered { args.order_bys } else { &[] };
        if !distinct && orders.is_empty() {
            return Ok(None);
        }
        let mut columns = types_of(args.expr_fields);
        let arguments = columns.len();
        for order in orders {
            columns.push(order.expr.data_type(args.schema)?);
        }
        let options = orders.iter().map(|order| order.options).collect();
        Ok(Some(Arranged::new(columns, arguments, options, distinct, self.definition.make)?))
    }

    fn states(&self, args: &AccumulatorArgs<'_>) -> EngineResult<Box<dyn States>> {
        match self.arranged(args)? {
            Some(arranged) => Ok(Box::new(arranged)),
            None => (self.definition.make)(&types_of(args.expr_fields)),
        }
    }

    /// Makes states again and again for the same call.
    fn make_states(&self, args: &AccumulatorArgs<'_>) -> EngineResult<MakeStates> {
        Ok(match self.arranged(args)? {
            Some(arranged) => Box::new(move || Ok(Box::new(arranged.fresh()?))),
            None => {
                let (make, types) = (self.definition.make, types_of(args.expr_fields));
                Box::new(move || make(&types))
            }
        })
    }
}

fn types_of(fields: &[FieldRef]) -> Vec<DataType> {
    fields.iter().map(|field| field.data_type().clone()).collect()
}

impl PartialEq for EngineAggregate {
    fn eq(&self, other: &Self) -> bool {
        self.plan_name == other.plan_name
    }
}

impl Eq for EngineAggregate {}

impl Hash for EngineAggregate {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.plan_name.hash(state);
    }
}

impl AggregateUDFImpl for EngineAggregate {
    fn name(&self) -> &str {
        &self.plan_name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> EngineResult<Vec<DataType>> {
        Ok(given.to_vec())
    }

    fn return_type(&self, types: &[DataType]) -> EngineResult<DataType> {
        (self.definition.returns)(types)
    }

    fn is_nullable(&self) -> bool {
        !self.definition.zero_when_empty
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> EngineResult<Box<dyn Accumulator>> {
        match self.native(&types_of(args.expr_fields)) {
            Some(native) => native.accumulator(args),
            None => Ok(Box::new(Single::new(self.states(&args)?))),
        }
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> EngineResult<Vec<FieldRef>> {
        let types = types_of(args.input_fields);
        if let Some(native) = self.native(&types) {
            return native.state_fields(args);
        }
        let distinct = args.is_distinct && self.definition.counts;
        let orders = if self.definition.ordered { args.ordering_fields } else { &[] };
        let state_types = match distinct || !orders.is_empty() {
            true => Arranged::state_types_of(types.into_iter().chain(types_of(orders))),
            false => (self.definition.make)(&types)?.state_types(),
        };
        let field = |(index, state_type): (usize, DataType)| {
            let name = format_state_name(args.name, &format!("state{index}"));
            Arc::new(Field::new(name, state_type, true))
        };
        Ok(state_types.into_iter().enumerate().map(field).collect())
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs<'_>) -> bool {
        match self.native(&types_of(args.expr_fields)) {
            Some(native) => native.groups_accumulator_supported(args),
            None => true,
        }
    }

    fn create_groups_accumulator(
        &self,
        args: AccumulatorArgs<'_>,
    ) -> EngineResult<Box<dyn GroupsAccumulator>> {
        match self.native(&types_of(args.expr_fields)) {
            Some(native) => native.create_groups_accumulator(args),
            None => Ok(Box::new(Grouped::new(self.make_states(&args)?)?)),
        }
    }

    fn create_sliding_accumulator(&self, args: AccumulatorArgs<'_>) -> EngineResult<Box<dyn Accumulator>> {
        let types = types_of(args.expr_fields);
        if let Some(native) = self.native(&types) {
            return native.create_sliding_accumulator(args);
        }
        let plain = !(args.is_distinct && self.definition.counts);
        let sliding = self.definition.sliding.filter(|_| plain).and_then(|sliding| sliding(&types));
        Ok(match sliding {
            Some(states) => Box::new(Single::new(states)),
            None => Box::new(Sliding::new(self.make_states(&args)?)),
        })
    }

    /// States carry the ordering columns and sort at the end, so any order of the input will do.
    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        match self.definition.ordered {
            true => AggregateOrderSensitivity::Beneficial,
            false => AggregateOrderSensitivity::Insensitive,
        }
    }

    fn with_beneficial_ordering(
        self: Arc<Self>,
        _beneficial_ordering: bool,
    ) -> EngineResult<Option<Arc<dyn AggregateUDFImpl>>> {
        Ok(Some(self))
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        ReversedUDAF::NotSupported
    }

    fn value_from_stats(&self, args: &StatisticsArgs<'_>) -> Option<ScalarValue> {
        // One type stands for all arguments: only aggregates of one argument delegate by type.
        let native = self.native(std::slice::from_ref(args.return_type))?;
        native.value_from_stats(args)
    }

    fn default_value(&self, data_type: &DataType) -> EngineResult<ScalarValue> {
        match self.definition.zero_when_empty {
            true => ScalarValue::new_zero(data_type),
            false => ScalarValue::try_from(data_type),
        }
    }
}

/// The type of argument `index`, which the signature promises.
pub(crate) fn type_at(types: &[DataType], index: usize) -> EngineResult<&DataType> {
    types.get(index).ok_or_else(|| Fault::internal(format!("argument {index} is missing")).into())
}

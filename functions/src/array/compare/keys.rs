//! Values as keys: things that compare, hash and sort as Trino's values do.
//!
//! A key is a number where the type fits into one, text or bytes where it is that, and a row of Arrow's row
//! format otherwise. NULLs stand apart: the key of a NULL means nothing.

use std::{hash::Hash, sync::Arc};

use arrow::{
    array::{
        Array, ArrayRef, ArrowPrimitiveType, AsArray, BinaryViewArray, StringViewArray, StringViewBuilder,
        StructArray, UInt32Array,
    },
    compute::take,
    datatypes::{
        DataType, Date32Type, Decimal128Type, DurationMillisecondType, Field, Fields, Float32Type,
        Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, IntervalUnit, IntervalYearMonthType,
        Time64NanosecondType, TimeUnit, TimestampMicrosecondType, TimestampNanosecondType,
    },
    row::{RowConverter, Rows, SortField},
};
use datafusion::common::{HashMap, Result as EngineResult};

use crate::{
    Fault, Type,
    array::lists::{Lists, list_array, to_u32},
};

/// Bits of a packed timestamp with time zone that hold the key of the zone.
const ZONE_BITS: u32 = 12;
/// Bits of a packed time with time zone that hold the offset, and what is added to it.
const OFFSET_BITS: u32 = 11;
const OFFSET_BIAS: i64 = 1024;
const MINUTE_NS: i64 = 60_000_000_000;
const DAY_NS: i64 = 86_400_000_000_000;

/// What keys are to agree on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Equal keys are values that are not distinct: NaN is NaN, and 0.0 is -0.0.
    Identity,
    /// Keys sort as values do: NaN last, and -0.0 before 0.0.
    Order,
    /// The same with NaN first, so that it is the largest value only where there is no other.
    OrderNanFirst,
}

/// Keys of the values of several arrays of one type.
#[derive(Debug)]
pub(crate) enum Keys {
    Narrow(Vec<Vec<u64>>),
    Wide(Vec<Vec<u128>>),
    Text(Vec<StringViewArray>),
    Binary(Vec<BinaryViewArray>),
    Rows(Vec<Rows>),
}

/// Evaluates an expression with `$at` as a function from array and position to key.
macro_rules! with_keys {
    ($keys:expr, |$at:ident| $body:expr) => {
        match $keys {
            $crate::array::compare::keys::Keys::Narrow(all) => {
                let $at = |array: usize, index: usize| all[array][index];
                $body
            }
            $crate::array::compare::keys::Keys::Wide(all) => {
                let $at = |array: usize, index: usize| all[array][index];
                $body
            }
            $crate::array::compare::keys::Keys::Text(all) => {
                let $at = |array: usize, index: usize| all[array].value(index).as_bytes();
                $body
            }
            $crate::array::compare::keys::Keys::Binary(all) => {
                let $at = |array: usize, index: usize| all[array].value(index);
                $body
            }
            $crate::array::compare::keys::Keys::Rows(all) => {
                let $at = |array: usize, index: usize| all[array].row(index);
                $body
            }
        }
    };
}
pub(crate) use with_keys;

impl Keys {
    /// The arrays are all of type `of`.
    pub(crate) fn new(arrays: &[&ArrayRef], of: &Type, purpose: Purpose) -> EngineResult<Self> {
        arrays.iter().try_for_each(|array| check_carries(array, of))?;
        let of = match of {
            Type::Char(_) if arrays.iter().all(|array| is_plain(array)) => &Type::VARCHAR,
            _ => of,
        };
        let arrays =
            arrays.iter().map(|array| canonical(array, of, purpose)).collect::<EngineResult<Vec<_>>>()?;
        if let Some(narrow) = arrays.iter().map(narrow).collect::<Option<Vec<_>>>() {
            return Ok(Keys::Narrow(narrow));
        }
        if let Some(wide) = arrays.iter().map(wide).collect::<Option<Vec<_>>>() {
            return Ok(Keys::Wide(wide));
        }
        let texts = arrays.iter().map(|array| array.as_string_view_opt().cloned());
        if let Some(text) = texts.collect::<Option<Vec<_>>>() {
            return Ok(Keys::Text(text));
        }
        let binaries = arrays.iter().map(|array| array.as_binary_view_opt().cloned());
        if let Some(binary) = binaries.collect::<Option<Vec<_>>>() {
            return Ok(Keys::Binary(binary));
        }
        let Some(first) = arrays.first() else { return Ok(Keys::Rows(Vec::new())) };
        let converter = RowConverter::new(vec![SortField::new(first.data_type().clone())])?;
        let rows = arrays.iter().map(|array| converter.convert_columns(&[Arc::clone(array)]));
        Ok(Keys::Rows(rows.collect::<Result<_, _>>()?))
    }
}

/// A number for each value: the same for values that are not distinct, [`Ids::NULL`] for NULL.
#[derive(Debug)]
pub(crate) struct Ids {
    /// For each array, the numbers of its values.
    pub(crate) of: Vec<Vec<u32>>,
    /// All numbers are below.
    pub(crate) bound: usize,
}

impl Ids {
    pub(crate) const NULL: u32 = 0;

    /// The arrays are all of type `of`.
    pub(crate) fn new(arrays: &[&ArrayRef], of: &Type) -> EngineResult<Self> {
        let keys = Keys::new(arrays, of, Purpose::Identity)?;
        Ok(with_keys!(&keys, |at| number(arrays, at)))
    }
}

fn number<K: Eq + Hash>(arrays: &[&ArrayRef], key: impl Fn(usize, usize) -> K) -> Ids {
    let mut known: HashMap<K, u32> = HashMap::new();
    let mut next = Ids::NULL + 1;
    let mut of = Vec::with_capacity(arrays.len());
    for (array, values) in arrays.iter().enumerate() {
        let nulls = values.logical_nulls();
        let is_null = |index| nulls.as_ref().is_some_and(|nulls| nulls.is_null(index));
        let mut ids = Vec::with_capacity(values.len());
        for index in 0..values.len() {
            if is_null(index) {
                ids.push(Ids::NULL);
                continue;
            }
            let id = *known.entry(key(array, index)).or_insert(next);
            next = next.max(id.saturating_add(1));
            ids.push(id);
        }
        of.push(ids);
    }
    Ids { of, bound: next as usize }
}

/// Remembers which ids were seen in the current list; forgetting them all costs nothing.
#[derive(Debug)]
pub(crate) struct Seen {
    /// For each id, the list in which it was seen last, counted from 1.
    list: Vec<u32>,
    current: u32,
}

impl Seen {
    pub(crate) fn new(ids: &Ids) -> Self {
        Self { list: vec![0; ids.bound], current: 0 }
    }

    /// Forgets everything.
    pub(crate) fn next_list(&mut self) {
        self.current += 1;
    }

    /// True if the id is new in this list.
    pub(crate) fn insert(&mut self, id: u32) -> bool {
        let slot = &mut self.list[id as usize];
        std::mem::replace(slot, self.current) != self.current
    }

    pub(crate) fn contains(&self, id: u32) -> bool {
        self.list[id as usize] == self.current
    }
}

/// Fails unless the array has the Arrow type of `of`, which code below relies on.
pub(crate) fn check_carries(array: &ArrayRef, of: &Type) -> Result<(), Fault> {
    match *array.data_type() == of.arrow() {
        true => Ok(()),
        false => Err(Fault::internal(format!("{} where {of} was promised", array.data_type()))),
    }
}

/// The values such that Arrow's row format, or numbers, compare as Trino does.
fn canonical(array: &ArrayRef, of: &Type, purpose: Purpose) -> EngineResult<ArrayRef> {
    Ok(match of {
        Type::Real => Arc::new(
            array
                .as_primitive::<Float32Type>()
                .unary::<_, Float32Type>(|value| f32::from_bits(float32(value, purpose))),
        ),
        Type::Double => Arc::new(
            array
                .as_primitive::<Float64Type>()
                .unary::<_, Float64Type>(|value| f64::from_bits(float64(value, purpose))),
        ),
        Type::TimestampTz(0..=3) => {
            Arc::new(array.as_primitive::<Int64Type>().unary::<_, Int64Type>(|packed| packed >> ZONE_BITS))
        }
        Type::TimestampTz(_) => {
            let instants = array.as_primitive::<Decimal128Type>();
            Arc::new(instants.unary::<_, Decimal128Type>(|packed| packed >> ZONE_BITS))
        }
        Type::TimeTz(_) => Arc::new(array.as_primitive::<Int64Type>().unary::<_, Int64Type>(time_in_utc)),
        Type::Char(length) if purpose != Purpose::Identity => padded(array, *length),
        Type::Array(item) if is_special(item) => {
            let lists = array.as_list::<i32>();
            let items = canonical(lists.values(), item, purpose)?;
            list_array(items, lists.offsets().clone(), lists.nulls().cloned())?
        }
        Type::Row(fields) if is_special(of) => {
            let rows = array.as_struct();
            let columns = rows.columns().iter().zip(fields);
            let columns = columns.map(|(column, field)| canonical(column, &field.field_type, purpose));
            let columns = columns.collect::<EngineResult<Vec<_>>>()?;
            Arc::new(StructArray::try_new(rows.fields().clone(), columns, rows.nulls().cloned())?)
        }
        Type::Map(key, value) => sorted_entries(array, key, value)?,
        _ => Arc::clone(array),
    })
}

/// True if Arrow's row format compares values of the type otherwise than Trino.
fn is_special(of: &Type) -> bool {
    match of {
        Type::Real
        | Type::Double
        | Type::TimestampTz(_)
        | Type::TimeTz(_)
        | Type::Char(_)
        | Type::Map(..) => true,
        Type::Array(item) => is_special(item),
        Type::Row(fields) => fields.iter().any(|field| is_special(&field.field_type)),
        _ => false,
    }
}

fn float32(value: f32, purpose: Purpose) -> u32 {
    match purpose {
        // Negative NaNs sort before all numbers.
        Purpose::OrderNanFirst if value.is_nan() => f32::NAN.to_bits() | 1 << 31,
        _ if value.is_nan() => f32::NAN.to_bits(),
        Purpose::Identity if value == 0.0 => 0,
        _ => value.to_bits(),
    }
}

fn float64(value: f64, purpose: Purpose) -> u64 {
    match purpose {
        Purpose::OrderNanFirst if value.is_nan() => f64::NAN.to_bits() | 1 << 63,
        _ if value.is_nan() => f64::NAN.to_bits(),
        Purpose::Identity if value == 0.0 => 0,
        _ => value.to_bits(),
    }
}

/// The nanosecond of the day in UTC of a packed time with time zone.
fn time_in_utc(packed: i64) -> i64 {
    let offset = (packed & ((1 << OFFSET_BITS) - 1)) - OFFSET_BIAS;
    ((packed >> OFFSET_BITS) - offset * MINUTE_NS).rem_euclid(DAY_NS)
}

/// True if no character comes before the space. Then `char` compares as text without its trailing spaces.
fn is_plain(array: &ArrayRef) -> bool {
    array.as_string_view().iter().flatten().all(|text| text.bytes().all(|byte| byte >= b' '))
}

/// `char` compares as if filled with spaces.
fn padded(array: &ArrayRef, length: u32) -> ArrayRef {
    let texts = array.as_string_view();
    let mut builder = StringViewBuilder::with_capacity(texts.len());
    for text in texts {
        builder.append_option(text.map(|text| filled(text, length as usize)));
    }
    Arc::new(builder.finish())
}

/// The text with spaces at its end, to so many characters. (`format!` takes no width above 65,535.)
pub(crate) fn filled(text: &str, length: usize) -> String {
    let spaces = length.saturating_sub(text.chars().count());
    format!("{text}{}", " ".repeat(spaces))
}

/// The places of the entries of each map, in the order of their keys.
pub(crate) fn in_order_of_keys(maps: &Lists, keys: &ArrayRef, key: &Type) -> EngineResult<UInt32Array> {
    let order = Keys::new(&[keys], key, Purpose::Identity)?;
    let mut sorted: Vec<u32> = (0..to_u32(keys.len())).collect();
    with_keys!(&order, |at| {
        for range in maps.ranges() {
            sorted[range].sort_by(|left, right| at(0, *left as usize).cmp(&at(0, *right as usize)));
        }
    });
    Ok(UInt32Array::from(sorted))
}

/// Maps as lists of entries in the order of their keys: equal if the maps are.
fn sorted_entries(array: &ArrayRef, key: &Type, value: &Type) -> EngineResult<ArrayRef> {
    let maps = Lists::of_map(array)?;
    let (keys, values) = maps.entries()?;
    let sorted = in_order_of_keys(&maps, &keys, key)?;
    let keys = canonical(&take(&keys, &sorted, None)?, key, Purpose::Identity)?;
    let values = canonical(&take(&values, &sorted, None)?, value, Purpose::Identity)?;
    let fields: Fields = vec![
        Field::new("key", keys.data_type().clone(), true),
        Field::new("value", values.data_type().clone(), true),
    ]
    .into();
    let entries = StructArray::try_new(fields, vec![keys, values], None)?;
    list_array(Arc::new(entries), maps.offsets.clone(), maps.nulls.clone())
}

/// Numbers of at most 64 bits, in their order.
fn narrow(array: &ArrayRef) -> Option<Vec<u64>> {
    fn signed<T: ArrowPrimitiveType>(array: &ArrayRef) -> Vec<u64>
    where
        T::Native: Into<i64>,
    {
        let flip = |value: &T::Native| (*value).into().cast_unsigned() ^ (1 << 63);
        array.as_primitive::<T>().values().iter().map(flip).collect()
    }
    Some(match array.data_type() {
        DataType::Boolean => array.as_boolean().values().iter().map(u64::from).collect(),
        DataType::Int8 => signed::<Int8Type>(array),
        DataType::Int16 => signed::<Int16Type>(array),
        DataType::Int32 => signed::<Int32Type>(array),
        DataType::Int64 => signed::<Int64Type>(array),
        DataType::Date32 => signed::<Date32Type>(array),
        DataType::Interval(IntervalUnit::YearMonth) => signed::<IntervalYearMonthType>(array),
        DataType::Duration(TimeUnit::Millisecond) => signed::<DurationMillisecondType>(array),
        DataType::Time64(TimeUnit::Nanosecond) => signed::<Time64NanosecondType>(array),
        DataType::Timestamp(TimeUnit::Microsecond, _) => signed::<TimestampMicrosecondType>(array),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => signed::<TimestampNanosecondType>(array),
        DataType::Float32 => {
            let values = array.as_primitive::<Float32Type>().values().iter();
            values.map(|value| u64::from(ordered32(value.to_bits()))).collect()
        }
        DataType::Float64 => {
            let values = array.as_primitive::<Float64Type>().values().iter();
            values.map(|value| ordered64(value.to_bits())).collect()
        }
        _ => return None,
    })
}

/// Bits of a float such that they order as it does.
fn ordered32(bits: u32) -> u32 {
    if bits >> 31 == 0 { bits | 1 << 31 } else { !bits }
}

fn ordered64(bits: u64) -> u64 {
    if bits >> 63 == 0 { bits | 1 << 63 } else { !bits }
}

/// Numbers and bytes of 128 bits, in their order.
fn wide(array: &ArrayRef) -> Option<Vec<u128>> {
    match array.data_type() {
        DataType::Decimal128(..) => {
            let values = array.as_primitive::<Decimal128Type>().values().iter();
            Some(values.map(|value| value.cast_unsigned() ^ (1 << 127)).collect())
        }
        DataType::FixedSizeBinary(16) => {
            let values = array.as_fixed_size_binary();
            let at = |index| <[u8; 16]>::try_from(values.value(index)).map_or(0, u128::from_be_bytes);
            Some((0..values.len()).map(at).collect())
        }
        _ => None,
    }
}

/// Fails for types whose values have no order.
pub(crate) fn check_orderable(of: &Type) -> Result<(), Fault> {
    match of {
        Type::Json
        | Type::Map(..)
        | Type::HyperLogLog
        | Type::QDigest(_)
        | Type::TDigest
        | Type::SetDigest
        | Type::Geometry
        | Type::SphericalGeography
        | Type::BingTile
        | Type::Color
        | Type::Function(..) => Err(Fault::type_mismatch(format!("Type {of} is not orderable"))),
        Type::Array(item) => check_orderable(item),
        Type::Row(fields) => fields.iter().try_for_each(|field| check_orderable(&field.field_type)),
        _ => Ok(()),
    }
}

//! The columns that all cases share, and the engine that plans over them.
//!
//! Values are random but the same in every run. Text is 5 to 40 letters of ASCII and a view, as all text in
//! our plans: the engine's functions take views too, and where one does not its plan casts, which is then part
//! of its time.

use std::{iter::repeat_n, sync::Arc};

use arrow::{
    array::{
        Array, ArrayRef, BinaryViewArray, BooleanArray, Date32Array, Decimal128Array, Float64Array,
        Int64Array, ListArray, MapArray, RecordBatch, StringViewArray, StructArray,
        TimestampMicrosecondArray,
    },
    buffer::OffsetBuffer,
    compute::nullif,
    datatypes::{DataType, Field, Schema},
};
use datafusion::{
    common::DFSchema,
    prelude::{SessionConfig, SessionContext},
};
use functions::{
    Type,
    types::{entries_field, item_field},
};

/// Rows of the table: the engine's batch size.
pub(crate) const ROWS: usize = 8192;
/// Elements of each array and map.
const ITEMS: usize = 5;

const SEED: u64 = 42;
const WORDS: [&str; 12] = [
    "alpha", "beta", "gamma", "delta", "omega", "query", "batch", "arrow", "table", "value", "stream",
    "merge",
];
const TEXT_LETTERS_MIN: i64 = 5;
const TEXT_LETTERS_MAX: i64 = 40;
/// 2023-11-14, in seconds.
const TIME_SECONDS_MAX: i64 = 1_700_000_000;
const DAYS_MAX: i64 = 19_675;
/// Bits of the zone in a timestamp with time zone; UTC is 0.
const ZONE_BITS: u32 = 12;

/// How many values are NULL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nulls {
    None,
    EveryTenth,
}

pub(crate) struct Table {
    pub(crate) batch: RecordBatch,
    pub(crate) schema: DFSchema,
    pub(crate) context: SessionContext,
    types: Vec<(&'static str, Type)>,
}

/// A column: its name, what it is to us, its values.
type Column = (&'static str, Type, ArrayRef);

impl Table {
    pub(crate) fn new(nulls: Nulls) -> Self {
        let random = &mut Random(SEED);
        let parts = [numbers(random), texts(random), written(random), times(random), nested(random)];
        let columns: Vec<Column> = parts.into_iter().flatten().map(|column| masked(column, nulls)).collect();
        let field = |(name, _, array): &Column| Field::new(*name, array.data_type().clone(), true);
        let fields: Vec<Field> = columns.iter().map(field).collect();
        let arrays = columns.iter().map(|(_, _, array)| Arc::clone(array)).collect();
        let batch =
            RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).expect("columns of one length");
        let schema = DFSchema::try_from(batch.schema()).expect("names that are unique");
        // This dialect has lambdas.
        let config = SessionConfig::new().set_str("datafusion.sql_parser.dialect", "duckdb");
        let context = SessionContext::new_with_config(config);
        let types = columns.into_iter().map(|(name, data_type, _)| (name, data_type)).collect();
        Self { batch, schema, context, types }
    }

    pub(crate) fn type_of(&self, column: &str) -> Result<Type, String> {
        let found = self.types.iter().find(|(name, _)| *name == column);
        found.map(|(_, data_type)| data_type.clone()).ok_or_else(|| format!("no column {column}"))
    }
}

/// Windows are ordered by `step`, which stays whole.
fn masked((name, data_type, array): Column, nulls: Nulls) -> Column {
    assert_eq!(*array.data_type(), data_type.arrow(), "{name}");
    if nulls == Nulls::None || name == "step" {
        return (name, data_type, array);
    }
    let mask = BooleanArray::from((0..ROWS).map(|row| row % 10 == 3).collect::<Vec<bool>>());
    (name, data_type, nullif(&array, &mask).expect("a mask for each row"))
}

fn numbers(random: &mut Random) -> Vec<Column> {
    let money = |random: &mut Random, low: i64, high: i64| -> ArrayRef {
        let values = Decimal128Array::from_iter_values(many(|| i128::from(random.between(low, high))));
        Arc::new(values.with_precision_and_scale(18, 2).expect("a precision that there is"))
    };
    let decimal = Type::Decimal(18, 2);
    vec![
        ("i", Type::BigInt, bigints(|| random.between(-1_000_000_000, 1_000_000_000))),
        ("j", Type::BigInt, bigints(|| random.between(1, 1000))),
        ("code", Type::BigInt, bigints(|| random.between(33, 126))),
        ("step", Type::BigInt, rising(|row| row / 4)),
        ("lo", Type::BigInt, rising(|row| row)),
        ("hi", Type::BigInt, rising(|row| row + 4)),
        ("d", Type::Double, doubles(|| random.double(-1e6, 1e6))),
        ("e", Type::Double, doubles(|| random.double(-1e6, 1e6))),
        ("u", Type::Double, doubles(|| random.double(-1.0, 1.0))),
        ("p", Type::Double, doubles(|| random.double(0.1, 100.0))),
        ("m", decimal.clone(), money(random, -100_000_000_000, 100_000_000_000)),
        ("q", decimal, money(random, 1, 100_000_000)),
        ("b", Type::Boolean, booleans(|| random.between(0, 1) == 1)),
    ]
}

fn texts(random: &mut Random) -> Vec<Column> {
    vec![
        ("s", Type::VARCHAR, views(|| random.text())),
        ("t", Type::VARCHAR, views(|| random.text())),
        ("padded", Type::VARCHAR, views(|| format!("  {}   ", random.text().trim()))),
        ("csv", Type::VARCHAR, views(|| [(); ITEMS].map(|()| random.word()).join(","))),
        ("letter", Type::Varchar(Some(1)), views(|| random.letter(33, 126))),
        ("bytes", Type::Varbinary, binaries(|| random.text())),
        ("hex", Type::VARCHAR, views(|| random.digits(|byte| format!("{byte:02x}")))),
        // Any four of these letters are three bytes.
        ("base64", Type::VARCHAR, views(|| random.digits(|byte| format!("Ab{}z", byte % 10)))),
    ]
}

/// Values of other types as text.
fn written(random: &mut Random) -> Vec<Column> {
    vec![
        ("int_text", Type::VARCHAR, views(|| random.between(-1_000_000_000, 1_000_000_000).to_string())),
        ("double_text", Type::VARCHAR, views(|| random.double(-1e6, 1e6).to_string())),
        ("price_text", Type::VARCHAR, views(|| format!("{:.2}", random.double(-1e6, 1e6)))),
        ("date_text", Type::VARCHAR, views(|| random.date())),
        ("clock_text", Type::VARCHAR, views(|| random.clock())),
        ("time_text", Type::VARCHAR, views(|| format!("{}.{:03}", random.clock(), random.between(0, 999)))),
        (
            "dirty",
            Type::VARCHAR,
            views(|| random.or_words(|random| random.between(0, 1_000_000).to_string())),
        ),
        ("dirty_date", Type::VARCHAR, views(|| random.or_words(Random::date))),
    ]
}

fn times(random: &mut Random) -> Vec<Column> {
    let days = |random: &mut Random| -> ArrayRef {
        let day = || i32::try_from(random.between(0, DAYS_MAX)).expect("a few thousand days");
        Arc::new(Date32Array::from_iter_values(many(day)))
    };
    let stamps = |random: &mut Random| -> ArrayRef {
        Arc::new(TimestampMicrosecondArray::from_iter_values(many(|| random.milliseconds() * 1000)))
    };
    vec![
        ("day", Type::Date, days(random)),
        ("day2", Type::Date, days(random)),
        ("ts", Type::Timestamp(3), stamps(random)),
        ("ts2", Type::Timestamp(3), stamps(random)),
        ("zoned", Type::TimestampTz(3), bigints(|| random.milliseconds() << ZONE_BITS)),
        ("seconds", Type::Double, doubles(|| random.double(0.0, 1.7e9))),
    ]
}

fn nested(random: &mut Random) -> Vec<Column> {
    let bigint = || Type::array(Type::BigInt);
    let text = || Type::array(Type::VARCHAR);
    let double = || Type::array(Type::Double);
    let pairs = Type::map(Type::VARCHAR, Type::BigInt);
    vec![
        ("a", bigint(), lists(small(random, ROWS * ITEMS), ITEMS)),
        ("a2", bigint(), lists(small(random, ROWS * ITEMS), ITEMS)),
        ("w", text(), lists(words(random), ITEMS)),
        ("w2", text(), lists(words(random), ITEMS)),
        ("v", double(), lists(points(random), ITEMS)),
        ("v2", double(), lists(points(random), ITEMS)),
        ("aa", Type::array(bigint()), lists(lists(small(random, ROWS * 6), 3), 2)),
        ("keys", text(), lists(keys(), ITEMS)),
        ("pairs", pairs, maps(keys(), small(random, ROWS * ITEMS))),
    ]
}

/// As many values as the table has rows.
fn many<T>(mut value: impl FnMut() -> T) -> impl Iterator<Item = T> {
    (0..ROWS).map(move |_| value())
}

fn bigints(value: impl FnMut() -> i64) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(many(value)))
}

/// A number that grows with the row's.
fn rising(value: impl Fn(i64) -> i64) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values((0_i64..).take(ROWS).map(value)))
}

fn booleans(value: impl FnMut() -> bool) -> ArrayRef {
    Arc::new(BooleanArray::from(many(value).collect::<Vec<bool>>()))
}

fn binaries(value: impl FnMut() -> String) -> ArrayRef {
    Arc::new(BinaryViewArray::from_iter_values(many(value)))
}

fn doubles(value: impl FnMut() -> f64) -> ArrayRef {
    Arc::new(Float64Array::from_iter_values(many(value)))
}

fn views(value: impl FnMut() -> String) -> ArrayRef {
    Arc::new(StringViewArray::from_iter_values(many(value)))
}

/// Items from 0 to 99, so that arrays have some in common.
fn small(random: &mut Random, count: usize) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values((0..count).map(|_| random.between(0, 99))))
}

fn words(random: &mut Random) -> ArrayRef {
    Arc::new(StringViewArray::from_iter_values((0..ROWS * ITEMS).map(|_| random.word())))
}

fn points(random: &mut Random) -> ArrayRef {
    Arc::new(Float64Array::from_iter_values((0..ROWS * ITEMS).map(|_| random.double(0.0, 1.0))))
}

/// `key0`, `key1`, … for each row.
fn keys() -> ArrayRef {
    Arc::new(StringViewArray::from_iter_values((0..ROWS * ITEMS).map(|item| format!("key{}", item % ITEMS))))
}

/// Arrays of so many items each.
fn lists(items: ArrayRef, length: usize) -> ArrayRef {
    let offsets = OffsetBuffer::from_lengths(repeat_n(length, items.len() / length));
    Arc::new(ListArray::new(item_field(items.data_type().clone()), offsets, items, None))
}

fn maps(keys: ArrayRef, values: ArrayRef) -> ArrayRef {
    let field = entries_field(&Type::VARCHAR, &Type::BigInt);
    let DataType::Struct(fields) = field.data_type().clone() else { unreachable!("a struct") };
    let entries = StructArray::new(fields, vec![keys, values], None);
    Arc::new(MapArray::new(field, OffsetBuffer::from_lengths(repeat_n(ITEMS, ROWS)), entries, None, false))
}

/// SplitMix64: a generator that fits here, so that the values need no dependency and never change.
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Both ends included.
    fn between(&mut self, low: i64, high: i64) -> i64 {
        low + (self.bits() % (high - low + 1).cast_unsigned()).cast_signed()
    }

    fn double(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn milliseconds(&mut self) -> i64 {
        self.between(0, TIME_SECONDS_MAX * 1000)
    }

    fn word(&mut self) -> &'static str {
        let index = self.bits() % WORDS.len() as u64;
        WORDS[index as usize]
    }

    /// Words and numbers: `alpha42 beta batch7 `, cut anywhere.
    fn text(&mut self) -> String {
        let letters = self.between(TEXT_LETTERS_MIN, TEXT_LETTERS_MAX) as usize;
        let mut text = String::new();
        while text.len() < letters {
            text.push_str(self.word());
            text.push_str(["", "1", "42", "7"][(self.bits() % 4) as usize]);
            text.push(' ');
        }
        text.truncate(letters);
        text
    }

    fn letter(&mut self, first: i64, last: i64) -> String {
        let code = u32::try_from(self.between(first, last)).ok();
        code.and_then(char::from_u32).map(String::from).unwrap_or_default()
    }

    /// 5 to 20 bytes, written by `show`.
    fn digits(&mut self, show: impl Fn(u8) -> String) -> String {
        (0..self.between(5, 20)).map(|_| show(self.bits().to_le_bytes()[0])).collect()
    }

    fn date(&mut self) -> String {
        format!("{}-{:02}-{:02}", self.between(1970, 2030), self.between(1, 12), self.between(1, 28))
    }

    fn clock(&mut self) -> String {
        let date = self.date();
        format!("{date} {:02}:{:02}:{:02}", self.between(0, 23), self.between(0, 59), self.between(0, 59))
    }

    /// Words half of the times.
    fn or_words(&mut self, value: impl FnOnce(&mut Self) -> String) -> String {
        match self.bits() % 2 {
            0 => value(self),
            _ => format!("n/a {}", self.word()),
        }
    }
}

//! Times of day, with and without an offset, read from arrays and written to them.

use arrow::{
    array::{Array, ArrayRef, Int64Array, Time64NanosecondArray},
    datatypes::{Int64Type, Time64NanosecondType},
};
use datafusion::common::Result as EngineResult;

use super::calendar::{NANOS_PER_DAY, NANOS_PER_MINUTE, power_of_ten};
use crate::{
    Fault, Type,
    columns::{primitive, primitive_rows},
};

const OFFSET_BITS: u32 = 11;
const OFFSET_BIAS: i64 = 1 << (OFFSET_BITS - 1);

/// A time of day as a clock with this offset shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DayTime {
    /// 0 to a day.
    pub(super) nanos: i64,
    pub(super) offset_minutes: i64,
}

impl DayTime {
    /// Nanoseconds of the day in UTC.
    pub(super) fn utc_nanos(self) -> i64 {
        (self.nanos - self.offset_minutes * NANOS_PER_MINUTE).rem_euclid(NANOS_PER_DAY)
    }

    /// Rounded to so many digits of a second; midnight follows the last of them.
    pub(super) fn rounded(self, precision: u8) -> Self {
        Self { nanos: round(self.nanos, precision).rem_euclid(NANOS_PER_DAY), ..self }
    }
}

/// Nanoseconds rounded half up to so many digits of a second.
pub(super) fn round(nanos: i64, precision: u8) -> i64 {
    let step = power_of_ten(9_u32.saturating_sub(precision.into()));
    (nanos + step / 2).div_euclid(step) * step
}

/// `nanoseconds << 11 | (offset in minutes + 1024)`
pub(super) fn pack(time: DayTime) -> i64 {
    time.nanos << OFFSET_BITS | (time.offset_minutes + OFFSET_BIAS)
}

pub(super) fn unpack(packed: i64) -> DayTime {
    DayTime {
        nanos: packed >> OFFSET_BITS,
        offset_minutes: (packed & ((1 << OFFSET_BITS) - 1)) - OFFSET_BIAS,
    }
}

/// An array of times; those without an offset have 0.
pub(super) enum DayTimes<'a> {
    Plain(&'a Time64NanosecondArray),
    Zoned(&'a Int64Array),
}

impl<'a> DayTimes<'a> {
    pub(super) fn read(array: &'a ArrayRef, data_type: &Type) -> EngineResult<Self> {
        Ok(match data_type {
            Type::Time(_) => DayTimes::Plain(primitive::<Time64NanosecondType>(array)?),
            Type::TimeTz(_) => DayTimes::Zoned(primitive::<Int64Type>(array)?),
            other => return Err(Fault::internal(format!("{other} is no time")).into()),
        })
    }

    pub(super) fn len(&self) -> usize {
        match self {
            DayTimes::Plain(array) => array.len(),
            DayTimes::Zoned(array) => array.len(),
        }
    }

    pub(super) fn get(&self, row: usize) -> Option<DayTime> {
        match self {
            DayTimes::Plain(array) => {
                array.is_valid(row).then(|| DayTime { nanos: array.value(row), offset_minutes: 0 })
            }
            DayTimes::Zoned(array) => array.is_valid(row).then(|| unpack(array.value(row))),
        }
    }
}

/// An array of `data_type` (time or time with time zone) with a value for each row; None is NULL.
pub(super) fn day_time_rows(
    data_type: &Type,
    rows: usize,
    mut value: impl FnMut(usize) -> Result<Option<DayTime>, Fault>,
) -> EngineResult<ArrayRef> {
    match data_type {
        Type::TimeTz(_) => primitive_rows::<Int64Type>(rows, |row| Ok(value(row)?.map(pack))),
        _ => primitive_rows::<Time64NanosecondType>(rows, |row| Ok(value(row)?.map(|time| time.nanos))),
    }
}

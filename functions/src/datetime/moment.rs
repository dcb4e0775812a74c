//! Dates and timestamps of all kinds in one form, read from arrays and written to them.

use std::sync::Arc;

use arrow::{
    array::{
        Array, ArrayRef, Date32Array, Date32Builder, Decimal128Array, Decimal128Builder, Int64Array,
        Int64Builder, TimestampMicrosecondArray, TimestampMicrosecondBuilder, TimestampNanosecondArray,
        TimestampNanosecondBuilder,
    },
    datatypes::{Date32Type, Decimal128Type, Int64Type, TimestampMicrosecondType, TimestampNanosecondType},
};
use datafusion::common::Result as EngineResult;

use super::{
    calendar::{MILLIS_PER_DAY, NANOS_PER_MILLI, split_day},
    zone::Zone,
};
use crate::{Fault, Type, columns::primitive, types::DECIMAL_PRECISION_MAX};

/// Bits of a zone key.
const ZONE_BITS: u32 = 12;
const ZONE_MASK: i64 = (1 << ZONE_BITS) - 1;
/// Milliseconds that leave room for the zone key in 64 bits.
const PACKED_MILLIS_MAX: i64 = i64::MAX >> ZONE_BITS;
const NANOS_PER_MICRO: i64 = 1_000;
const MICROS_PER_MILLI: i64 = 1_000;
/// Digits of a second that a timestamp has at most where 64 bits hold milliseconds and zone.
pub(super) const SHORT_PRECISION_MAX: u8 = 3;

/// An instant in a zone. Dates and timestamps without a zone are in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) millis: i64,
    /// Nanoseconds of the millisecond: 0 to 999,999.
    pub(super) nanos: i64,
    pub(super) zone: Zone,
}

impl Moment {
    pub(super) fn utc(millis: i64) -> Self {
        Self { millis, nanos: 0, zone: Zone::UTC }
    }

    pub(super) fn of_days(days: i64) -> Result<Self, Fault> {
        days.checked_mul(MILLIS_PER_DAY).map(Self::utc).ok_or_else(|| out_of_range("date"))
    }

    pub(super) fn of_nanos(nanos: i128, zone: Zone) -> Result<Self, Fault> {
        let millis = i64::try_from(nanos.div_euclid(NANOS_PER_MILLI.into()));
        let millis = millis.map_err(|_| out_of_range("timestamp"))?;
        Ok(Self { millis, nanos: nanos_of_milli(nanos), zone })
    }

    /// Nanoseconds since 1970-01-01 00:00 UTC.
    pub(super) fn total_nanos(self) -> i128 {
        i128::from(self.millis) * i128::from(NANOS_PER_MILLI) + i128::from(self.nanos)
    }

    /// Milliseconds as clocks in its zone show them.
    pub(super) fn local_millis(self) -> i64 {
        self.millis.saturating_add(self.zone.offset_at(self.millis))
    }

    /// The local day, in days since 1970-01-01.
    pub(super) fn local_days(self) -> i64 {
        split_day(self.local_millis()).0
    }
}

fn nanos_of_milli(nanos: i128) -> i64 {
    i64::try_from(nanos.rem_euclid(NANOS_PER_MILLI.into())).unwrap_or(0)
}

pub(super) fn out_of_range(what: &str) -> Fault {
    Fault::invalid_argument(format!("{what} is out of range"))
}

/// `milliseconds UTC << 12 | zone key`
pub(super) fn pack_short(millis: i64, zone: Zone) -> Result<i64, Fault> {
    if !(-PACKED_MILLIS_MAX - 1..=PACKED_MILLIS_MAX).contains(&millis) {
        return Err(Fault::invalid_argument(format!("Millis overflow: {millis}")));
    }
    Ok(millis << ZONE_BITS | i64::from(zone.key()))
}

/// The instant and zone of [`pack_short`].
pub(super) fn unpack_short(packed: i64) -> Moment {
    let key = u16::try_from(packed & ZONE_MASK).unwrap_or(0);
    Moment { millis: packed >> ZONE_BITS, nanos: 0, zone: Zone::of_key(key) }
}

/// `nanoseconds UTC << 12 | zone key`
pub(super) fn pack_long(moment: Moment) -> i128 {
    moment.total_nanos() << ZONE_BITS | i128::from(moment.zone.key())
}

/// The instant and zone of [`pack_long`].
pub(super) fn unpack_long(packed: i128) -> Moment {
    let key = u16::try_from(packed & i128::from(ZONE_MASK)).unwrap_or(0);
    let nanos = packed >> ZONE_BITS;
    let millis = nanos.div_euclid(NANOS_PER_MILLI.into());
    let millis = i64::try_from(millis).unwrap_or(if millis < 0 { i64::MIN } else { i64::MAX });
    Moment { millis, nanos: nanos_of_milli(nanos), zone: Zone::of_key(key) }
}

pub(super) fn of_micros(micros: i64) -> Moment {
    let millis = micros.div_euclid(MICROS_PER_MILLI);
    Moment { millis, nanos: micros.rem_euclid(MICROS_PER_MILLI) * NANOS_PER_MICRO, zone: Zone::UTC }
}

pub(super) fn of_nanos(nanos: i64) -> Moment {
    let millis = nanos.div_euclid(NANOS_PER_MILLI);
    Moment { millis, nanos: nanos.rem_euclid(NANOS_PER_MILLI), zone: Zone::UTC }
}

/// An array of dates or timestamps.
pub(super) enum Moments<'a> {
    Days(&'a Date32Array),
    Micros(&'a TimestampMicrosecondArray),
    Nanos(&'a TimestampNanosecondArray),
    Short(&'a Int64Array),
    Long(&'a Decimal128Array),
}

impl<'a> Moments<'a> {
    pub(super) fn read(array: &'a ArrayRef, data_type: &Type) -> EngineResult<Self> {
        Ok(match data_type {
            Type::Date => Moments::Days(primitive::<Date32Type>(array)?),
            Type::Timestamp(0..=6) => Moments::Micros(primitive::<TimestampMicrosecondType>(array)?),
            Type::Timestamp(_) => Moments::Nanos(primitive::<TimestampNanosecondType>(array)?),
            Type::TimestampTz(0..=SHORT_PRECISION_MAX) => Moments::Short(primitive::<Int64Type>(array)?),
            Type::TimestampTz(_) => Moments::Long(primitive::<Decimal128Type>(array)?),
            other => return Err(Fault::internal(format!("{other} is no date or timestamp")).into()),
        })
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Moments::Days(array) => array.len(),
            Moments::Micros(array) => array.len(),
            Moments::Nanos(array) => array.len(),
            Moments::Short(array) => array.len(),
            Moments::Long(array) => array.len(),
        }
    }

    pub(super) fn get(&self, row: usize) -> Option<Moment> {
        match self {
            Moments::Days(array) => {
                array.is_valid(row).then(|| Moment::utc(i64::from(array.value(row)) * MILLIS_PER_DAY))
            }
            Moments::Micros(array) => array.is_valid(row).then(|| of_micros(array.value(row))),
            Moments::Nanos(array) => array.is_valid(row).then(|| of_nanos(array.value(row))),
            Moments::Short(array) => array.is_valid(row).then(|| unpack_short(array.value(row))),
            Moments::Long(array) => array.is_valid(row).then(|| unpack_long(array.value(row))),
        }
    }
}

/// Builds an array of dates or timestamps.
pub(super) enum MomentsBuilder {
    Days(Date32Builder),
    Micros(TimestampMicrosecondBuilder),
    Nanos(TimestampNanosecondBuilder),
    Short(Int64Builder),
    Long(Decimal128Builder),
}

impl MomentsBuilder {
    pub(super) fn new(data_type: &Type, rows: usize) -> EngineResult<Self> {
        Ok(match data_type {
            Type::Date => MomentsBuilder::Days(Date32Builder::with_capacity(rows)),
            Type::Timestamp(0..=6) => {
                MomentsBuilder::Micros(TimestampMicrosecondBuilder::with_capacity(rows))
            }
            Type::Timestamp(_) => MomentsBuilder::Nanos(TimestampNanosecondBuilder::with_capacity(rows)),
            Type::TimestampTz(0..=SHORT_PRECISION_MAX) => {
                MomentsBuilder::Short(Int64Builder::with_capacity(rows))
            }
            Type::TimestampTz(_) => MomentsBuilder::Long(
                Decimal128Builder::with_capacity(rows).with_precision_and_scale(DECIMAL_PRECISION_MAX, 0)?,
            ),
            other => return Err(Fault::internal(format!("{other} is no date or timestamp")).into()),
        })
    }

    /// A date takes the day of `millis`, whatever the zone; so does a timestamp with the time.
    pub(super) fn append(&mut self, moment: Option<Moment>) -> Result<(), Fault> {
        let Some(moment) = moment else {
            self.append_null();
            return Ok(());
        };
        match self {
            MomentsBuilder::Days(builder) => {
                let days = i32::try_from(split_day(moment.millis).0).map_err(|_| out_of_range("date"))?;
                builder.append_value(days);
            }
            MomentsBuilder::Micros(builder) => {
                let micros = moment
                    .millis
                    .checked_mul(MICROS_PER_MILLI)
                    .and_then(|micros| micros.checked_add(moment.nanos / NANOS_PER_MICRO));
                builder.append_value(micros.ok_or_else(|| out_of_range("timestamp"))?);
            }
            MomentsBuilder::Nanos(builder) => {
                let nanos = i64::try_from(moment.total_nanos()).map_err(|_| out_of_range("timestamp"))?;
                builder.append_value(nanos);
            }
            MomentsBuilder::Short(builder) => builder.append_value(pack_short(moment.millis, moment.zone)?),
            MomentsBuilder::Long(builder) => builder.append_value(pack_long(moment)),
        }
        Ok(())
    }

    fn append_null(&mut self) {
        match self {
            MomentsBuilder::Days(builder) => builder.append_null(),
            MomentsBuilder::Micros(builder) => builder.append_null(),
            MomentsBuilder::Nanos(builder) => builder.append_null(),
            MomentsBuilder::Short(builder) => builder.append_null(),
            MomentsBuilder::Long(builder) => builder.append_null(),
        }
    }

    pub(super) fn finish(mut self) -> ArrayRef {
        match &mut self {
            MomentsBuilder::Days(builder) => Arc::new(builder.finish()),
            MomentsBuilder::Micros(builder) => Arc::new(builder.finish()),
            MomentsBuilder::Nanos(builder) => Arc::new(builder.finish()),
            MomentsBuilder::Short(builder) => Arc::new(builder.finish()),
            MomentsBuilder::Long(builder) => Arc::new(builder.finish()),
        }
    }
}

/// An array of `data_type` with a value for each row; None is NULL.
pub(super) fn moment_rows(
    data_type: &Type,
    rows: usize,
    mut value: impl FnMut(usize) -> Result<Option<Moment>, Fault>,
) -> EngineResult<ArrayRef> {
    let mut builder = MomentsBuilder::new(data_type, rows)?;
    for row in 0..rows {
        builder.append(value(row)?)?;
    }
    Ok(builder.finish())
}

//! Timestamps, rewritten as decimals of nanoseconds since 1970.
//!
//! A timestamp is two integers: seconds since 2015 in the writer's zone, and nanoseconds with their
//! trailing zeros cut off. The decoder library misreads both kinds of value before 1970 that writers
//! produce: nanoseconds below zero (pyarrow), and seconds rounded towards zero (Java, ORC-763). It also
//! fails on zones and values it does not know. As decimals it decodes them like any others.

use std::{ops::Range, str::FromStr};

use arrow::array::timezone::Tz;
use bytes::Bytes;
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Offset, TimeZone};

use super::{
    error::OrcError,
    run_length::{self, Version},
    stripe::is_utc,
};

/// Digits after the point: nanoseconds.
pub(crate) const SCALE: i8 = 9;
pub(crate) const PRECISION: u8 = 38;

const NANOS_PER_SECOND: i128 = 1_000_000_000;
/// 2015-01-01 in seconds since 1970: what ORC counts from.
const ORC_EPOCH_SECONDS: i64 = 1_420_070_400;
/// Most bytes of the rewritten streams per value: a 93-bit number in groups of 7 bits.
pub(crate) const BYTES_PER_VALUE_MAX: u64 = 14;

/// First year the zone tables say nothing about.
const ZONE_TABLES_END_YEAR: i32 = 2100;
/// Years of today's rules; in any eleven years March begins on every weekday.
const RECENT_YEARS: Range<i32> = 2026..2037;

/// The zone a writer's clock was in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Zone {
    rules: Option<Tz>,
    /// 2015-01-01 00:00 in that zone, in seconds since 1970 UTC.
    epoch_seconds: i64,
}

impl Zone {
    pub(crate) const UTC: Self = Self { rules: None, epoch_seconds: ORC_EPOCH_SECONDS };

    /// By the name in a stripe's footer.
    pub(crate) fn named(name: Option<&str>) -> Result<Self, OrcError> {
        let Some(name) = name.filter(|_| !is_utc(name)) else { return Ok(Self::UTC) };
        let unknown = || OrcError::corrupt(format!("its time zone {name:?} is unknown"));
        let rules = Tz::from_str(&iana_name(name)).map_err(|_| unknown())?;
        let epoch = NaiveDate::from_ymd_opt(2015, 1, 1).and_then(|day| day.and_hms_opt(0, 0, 0));
        let epoch = epoch.and_then(|local| rules.from_local_datetime(&local).earliest());
        let epoch_seconds = epoch.ok_or_else(unknown)?.timestamp();
        Ok(Self { rules: Some(rules), epoch_seconds })
    }

    /// Seconds to add to an instant for the clock on the wall. Beyond the calendar's range, none.
    fn offset_seconds(&self, instant: i64) -> i64 {
        let (Some(rules), Some(instant)) = (self.rules, DateTime::from_timestamp(instant, 0)) else {
            return 0;
        };
        let instant = within_zone_tables(instant.naive_utc());
        i64::from(rules.offset_from_utc_datetime(&instant).fix().local_minus_utc())
    }
}

/// The zone tables end in 2100, the rules do not, and 9999-12-31 is a popular date. A later instant is
/// moved to a year whose days fall on the same weekdays, since summer time begins and ends on one.
fn within_zone_tables(instant: NaiveDateTime) -> NaiveDateTime {
    if instant.year() < ZONE_TABLES_END_YEAR {
        return instant;
    }
    // From March on the days of two years agree if their first of March does; no rule of today
    // changes the clock in January or February.
    let march = |year| NaiveDate::from_ymd_opt(year, 3, 1);
    let Some(there) = march(instant.year()) else { return instant };
    let alike = RECENT_YEARS.filter_map(march).find(|here| here.weekday() == there.weekday());
    alike.and_then(|here| instant.checked_sub_signed(there - here)).unwrap_or(instant)
}

/// Java's custom zones, `GMT+8` or `GMT+08:00`, as plain offsets; other names as they are.
fn iana_name(name: &str) -> String {
    let offset = name.strip_prefix("GMT").or_else(|| name.strip_prefix("UTC"));
    match offset.and_then(|offset| offset.split_at_checked(1)) {
        Some((sign @ ("+" | "-"), hours)) if hours.len() == 1 => format!("{sign}0{hours}:00"),
        Some((sign @ ("+" | "-"), rest)) => format!("{sign}{rest}"),
        _ => name.to_owned(),
    }
}

/// The streams of a decimal column (values, scales), encoded with the first version of run lengths,
/// that holds the first `count` timestamps of `seconds` and `nanos`.
pub(crate) fn as_decimals(
    seconds: &[u8],
    nanos: &[u8],
    version: Version,
    count: u64,
    zone: Zone,
) -> Result<(Bytes, Bytes), OrcError> {
    let capacity = usize::try_from(count).unwrap_or(usize::MAX);
    let mut instants = Vec::with_capacity(capacity);
    run_length::signed_integers(seconds, version, count, |value, repeats| {
        instants.extend((0..repeats).map(|_| value.saturating_add(zone.epoch_seconds)));
        Ok(())
    })?;
    let mut instants = instants.into_iter();
    let mut values = Vec::with_capacity(capacity.saturating_mul(9));
    run_length::integers(nanos, version, count, |encoded, repeats| {
        let nanos = decode_nanos(encoded.cast_signed())?;
        for _ in 0..repeats {
            let instant = instants.next().unwrap_or_default();
            push_varint(&mut values, wall_clock_nanos(instant, nanos, &zone));
        }
        Ok(())
    })?;
    Ok((values.into(), scales(capacity).into()))
}

fn decode_nanos(encoded: i64) -> Result<i64, OrcError> {
    let digits = encoded >> 3;
    let nanos = match u32::try_from(encoded & 7) {
        Ok(0) | Err(_) => Some(digits),
        Ok(zeros) => digits.checked_mul(10_i64.pow(zeros + 1)),
    };
    nanos.ok_or_else(|| OrcError::corrupt("a timestamp has too many nanoseconds"))
}

fn wall_clock_nanos(instant: i64, nanos: i64, zone: &Zone) -> i128 {
    // Writers round seconds before 1970 towards zero, unless the rest is below a millisecond.
    let rounded = instant < 0 && nanos > 999_999;
    let instant = if rounded { instant.saturating_sub(1) } else { instant };
    let seconds = i128::from(instant) + i128::from(zone.offset_seconds(instant));
    seconds * NANOS_PER_SECOND + i128::from(nanos)
}

fn push_varint(target: &mut Vec<u8>, value: i128) {
    let mut rest = (value << 1 ^ value >> 127).cast_unsigned();
    while rest > 0x7f {
        target.push(u8::try_from(rest & 0x7f).unwrap_or_default() | 0x80);
        rest >>= 7;
    }
    target.push(u8::try_from(rest).unwrap_or_default());
}

/// `count` times [`SCALE`], as a signed run-length stream of version 1.
fn scales(count: usize) -> Vec<u8> {
    const RUN_MIN: usize = 3;
    const RUN_MAX: usize = 130;
    let zigzag = SCALE.cast_unsigned() << 1;
    let mut stream = Vec::with_capacity((count / RUN_MAX + 1) * 3);
    for _ in 0..count / RUN_MAX {
        stream.extend_from_slice(&[(RUN_MAX - RUN_MIN) as u8, 0, zigzag]);
    }
    for _ in 0..count % RUN_MAX {
        // One literal each.
        stream.extend_from_slice(&[0xff, zigzag]);
    }
    stream
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn nanoseconds_get_their_zeros_back() {
        for (encoded, nanos) in [
            (0, Some(0)),
            (1 << 3, Some(1)),
            (5 << 3 | 7, Some(500_000_000)),
            (-5 << 3 | 7, Some(-500_000_000)),
            (-1000 << 3, Some(-1000)),
            (i64::MAX, None),
        ] {
            assert_eq!(decode_nanos(encoded).ok(), nanos, "{encoded}");
        }
    }

    #[test]
    fn seconds_before_1970_are_those_of_the_writer() {
        for (instant, nanos, expected) in [
            (1, 500_000_000, 1_500_000_000),
            // Java: -1.5 s is stored as -1 s and half a second, -2 s and a little as it is.
            (-1, 500_000_000, -1_500_000_000),
            (-2, 999_999, -1_999_000_001),
            // pyarrow: rounded towards zero on both sides.
            (-1, -500_000_000, -1_500_000_000),
            (0, -1000, -1000),
        ] {
            assert_eq!(wall_clock_nanos(instant, nanos, &Zone::UTC), expected);
        }
    }

    #[test]
    fn zones_are_known_or_refused() {
        // In July 2021, in hours.
        for (name, expected) in [
            ("UTC", Some(0.0)),
            ("GMT", Some(0.0)),
            ("America/Los_Angeles", Some(-7.0)),
            ("GMT+8", Some(8.0)),
            ("GMT-03:00", Some(-3.0)),
            ("GMT+05:30", Some(5.5)),
            ("Middle/Earth", None),
            ("GMT+?", None),
            ("GMT+99:00", None),
        ] {
            let zone = Zone::named(Some(name)).ok();
            let offset = zone.map(|zone| zone.offset_seconds(1_625_000_000) as f64 / 3600.0);
            assert_eq!(offset, expected, "{name}");
        }
        let zone = Zone::named(Some("America/Los_Angeles")).unwrap();
        assert_eq!(zone.epoch_seconds, ORC_EPOCH_SECONDS + 8 * 3600);
        assert_eq!(zone.offset_seconds(i64::MAX), 0);
        // Summers far away, and the change on 9999-03-14, 10:00 UTC.
        for (instant, hours) in
            [(2_540_246_400, -7), (6_000_000_000, -8), (253_377_021_599, -8), (253_377_021_600, -7)]
        {
            assert_eq!(zone.offset_seconds(instant), hours * 3600, "{instant}");
        }
    }

    #[test]
    fn scales_decode_as_often_as_there_are_values() {
        for count in [0, 1, 2, 129, 130, 131, 500] {
            let mut found = 0;
            run_length::signed_integers(&scales(count), Version::V1, count as u64, |scale, repeats| {
                assert_eq!(scale, 9);
                found += repeats;
                Ok(())
            })
            .unwrap();
            assert_eq!(found, count as u64);
        }
    }
}

//! `DATE '…'`, `TIME '…'`, `TIMESTAMP '…'` and `INTERVAL '…'`.

use datafusion::common::ScalarValue;

use super::{
    calendar::{MILLIS_PER_DAY, MILLIS_PER_HOUR, MILLIS_PER_MINUTE, MILLIS_PER_SECOND, NANOS_PER_SECOND},
    day_time::{self, DayTime},
    moment::{Moment, SHORT_PRECISION_MAX, pack_long, pack_short},
    text::{self, TimestampText},
    zone::{LocalOffset, Zone},
};
use crate::{
    Fault, Type,
    types::{DECIMAL_PRECISION_MAX, TIME_PRECISION_MAX},
};

/// Digits of one field of an interval, as Trino counts them.
const INTERVAL_DIGITS_MAX: usize = 10;

/// `DATE '2020-1-5'`
pub fn date_literal(literal: &str) -> Result<(Type, ScalarValue), Fault> {
    let days = text::date(literal)
        .ok_or_else(|| Fault::invalid_argument(format!("'{literal}' is not a valid date literal")))?;
    Ok((Type::Date, ScalarValue::Date32(Some(days))))
}

/// `TIME '10:00:00.123'`, with time zone if it ends with an offset. Its precision is the number of digits
/// after the second.
pub fn time_literal(literal: &str) -> Result<(Type, ScalarValue), Fault> {
    let invalid = || Fault::invalid_argument(format!("'{literal}' is not a valid TIME literal"));
    let given = text::time(literal).ok_or_else(invalid)?;
    let precision = precision_of(given.fraction)?;
    let fraction = text::fraction_nanos(given.fraction, precision).ok_or_else(invalid)?;
    let nanos = given.seconds * NANOS_PER_SECOND + fraction;
    Ok(match given.offset_minutes {
        None => (Type::Time(precision), ScalarValue::Time64Nanosecond(Some(nanos))),
        Some(offset_minutes) => (Type::TimeTz(precision), time_tz_value(nanos, offset_minutes)),
    })
}

/// `TIMESTAMP '2020-01-01 10:00:00.123'`, with time zone if it ends with one. Its precision is the number of
/// digits after the second.
pub fn timestamp_literal(literal: &str) -> Result<(Type, ScalarValue), Fault> {
    let invalid = || Fault::invalid_argument(format!("'{literal}' is not a valid TIMESTAMP literal"));
    let given = text::timestamp(literal).ok_or_else(invalid)?;
    let precision = precision_of(given.fraction)?;
    let fraction = text::fraction_nanos(given.fraction, precision).ok_or_else(invalid)?;
    let zone = given.zone.map(|name| Zone::written(name).ok_or_else(invalid)).transpose()?;
    let seconds = match zone {
        None => given.local_seconds,
        Some(zone) => instant_seconds(&given, zone).ok_or_else(invalid)?,
    };
    let nanos = i128::from(seconds) * i128::from(NANOS_PER_SECOND) + i128::from(fraction);
    let Some(zone) = zone else {
        return plain_timestamp(nanos, precision).ok_or_else(invalid);
    };
    Ok((Type::TimestampTz(precision), timestamp_tz_value(nanos, zone, precision)?))
}

/// A value of `timestamp(precision) with time zone`: the instant, in nanoseconds since 1970-01-01 00:00 UTC, in
/// this zone. Digits beyond the precision are for the caller to round.
pub fn timestamp_tz_value(nanos: i128, zone: Zone, precision: u8) -> Result<ScalarValue, Fault> {
    let moment = Moment::of_nanos(nanos, zone)?;
    Ok(match precision {
        0..=SHORT_PRECISION_MAX => ScalarValue::Int64(Some(pack_short(moment.millis, zone)?)),
        _ => ScalarValue::Decimal128(Some(pack_long(moment)), DECIMAL_PRECISION_MAX, 0),
    })
}

/// A value of `time with time zone`: what a clock with this offset shows.
pub fn time_tz_value(nanos_of_day: i64, offset_minutes: i64) -> ScalarValue {
    ScalarValue::Int64(Some(day_time::pack(DayTime { nanos: nanos_of_day, offset_minutes })))
}

fn plain_timestamp(nanos: i128, precision: u8) -> Option<(Type, ScalarValue)> {
    let value = match precision {
        0..=6 => ScalarValue::TimestampMicrosecond(Some(i64::try_from(nanos / 1_000).ok()?), None),
        _ => ScalarValue::TimestampNanosecond(Some(i64::try_from(nanos).ok()?), None),
    };
    Some((Type::Timestamp(precision), value))
}

/// A literal may not lie where clocks were put forward.
fn instant_seconds(given: &TimestampText<'_>, zone: Zone) -> Option<i64> {
    let local = given.local_seconds.checked_mul(MILLIS_PER_SECOND)?;
    match zone.offsets_of_local(local) {
        LocalOffset::One(offset) | LocalOffset::Two(offset) => {
            Some(given.local_seconds - offset / MILLIS_PER_SECOND)
        }
        LocalOffset::None(_) => None,
    }
}

fn precision_of(fraction: &str) -> Result<u8, Fault> {
    u8::try_from(fraction.len()).ok().filter(|digits| *digits <= TIME_PRECISION_MAX).ok_or_else(|| {
        Fault::not_supported(format!("more than {TIME_PRECISION_MAX} digits after the second"))
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Field {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

impl Field {
    fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "year" => Field::Year,
            "month" => Field::Month,
            "day" => Field::Day,
            "hour" => Field::Hour,
            "minute" => Field::Minute,
            "second" => Field::Second,
            _ => return None,
        })
    }

    /// What stands before it if another field does.
    fn separator(self) -> char {
        match self {
            Field::Year | Field::Month | Field::Day => '-',
            Field::Hour => ' ',
            Field::Minute | Field::Second => ':',
        }
    }

    fn next(self) -> Self {
        match self {
            Field::Year => Field::Month,
            Field::Month | Field::Day => Field::Hour,
            Field::Hour => Field::Minute,
            Field::Minute | Field::Second => Field::Second,
        }
    }

    /// Months or milliseconds.
    fn unit(self) -> i64 {
        match self {
            Field::Year => 12,
            Field::Month => 1,
            Field::Day => MILLIS_PER_DAY,
            Field::Hour => MILLIS_PER_HOUR,
            Field::Minute => MILLIS_PER_MINUTE,
            Field::Second => MILLIS_PER_SECOND,
        }
    }
}

/// `INTERVAL '1-2' YEAR TO MONTH`: units are words in any case; `negative` is the sign before the text, which
/// may have another.
pub fn interval_literal(
    literal: &str,
    from_unit: &str,
    to_unit: Option<&str>,
    negative: bool,
) -> Result<(Type, ScalarValue), Fault> {
    let to_name = to_unit.unwrap_or(from_unit);
    let qualifier = Field::named(from_unit)
        .zip(Field::named(to_name))
        .filter(|(from, to)| from <= to && (*from <= Field::Month) == (*to <= Field::Month));
    let (from, to) = qualifier.ok_or_else(|| {
        let (from, to) = (from_unit.to_uppercase(), to_name.to_uppercase());
        Fault::invalid_argument(format!("Invalid interval qualifier: {from} to {to}"))
    })?;
    let invalid = || {
        let units = match from == to {
            true => from_unit.to_uppercase(),
            false => format!("{} TO {}", from_unit.to_uppercase(), to_name.to_uppercase()),
        };
        Fault::invalid_argument(format!("Invalid INTERVAL {units} value: {literal}"))
    };
    let total = interval(literal, from, to).ok_or_else(invalid)?;
    let total = if negative { total.checked_neg().ok_or_else(invalid)? } else { total };
    if from <= Field::Month {
        let months = i32::try_from(total).map_err(|_| invalid())?;
        return Ok((Type::IntervalYearToMonth, ScalarValue::IntervalYearMonth(Some(months))));
    }
    Ok((Type::IntervalDayToSecond, ScalarValue::DurationMillisecond(Some(total))))
}

/// All fields from the first; the last ones may be missing.
fn interval(literal: &str, from: Field, to: Field) -> Option<i64> {
    let (negative, mut rest) = match literal.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, literal),
    };
    let mut total = 0_i64;
    let mut field = from;
    loop {
        let (value, after) = interval_field(rest, field)?;
        total = total.checked_add(value)?;
        rest = after;
        if rest.is_empty() {
            return Some(if negative { -total } else { total });
        }
        if field == to {
            return None;
        }
        field = field.next();
        rest = rest.strip_prefix(field.separator())?;
        if rest.is_empty() {
            return Some(if negative { -total } else { total });
        }
    }
}

/// A number, with up to three digits of the second kept.
fn interval_field(text: &str, field: Field) -> Option<(i64, &str)> {
    let text = text.strip_prefix('+').unwrap_or(text);
    let is_digit = |byte: &u8| byte.is_ascii_digit();
    let whole = text.bytes().take(INTERVAL_DIGITS_MAX).take_while(is_digit).count();
    let (digits, mut rest) = text.split_at_checked(whole)?;
    let value: i32 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
    let mut total = i64::from(value).checked_mul(field.unit())?;
    let mut count = whole;
    if field == Field::Second
        && let Some(after) = rest.strip_prefix(['.', ','])
    {
        let fraction = after.bytes().take(INTERVAL_DIGITS_MAX - whole).take_while(is_digit).count();
        let kept = after.get(..fraction.min(3))?;
        let padded = format!("{kept:0<3}");
        total = total.checked_add(padded.parse().ok()?)?;
        rest = after.get(fraction..)?;
        count += fraction;
    }
    (count > 0).then_some((total, rest))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_have_the_precision_of_their_digits() {
        let read = |text| timestamp_literal(text).map(|(data_type, value)| (data_type.to_string(), value));
        for (text, data_type, micros) in [
            ("1970-01-01", "timestamp(0)", 0),
            ("1970-01-01 00:00:01", "timestamp(0)", 1_000_000),
            ("1970-01-01 00:00:00.12", "timestamp(2)", 120_000),
            ("1969-12-31 23:59:59.999999", "timestamp(6)", -1),
        ] {
            let value = ScalarValue::TimestampMicrosecond(Some(micros), None);
            assert_eq!(read(text).unwrap(), (data_type.to_owned(), value), "{text}");
        }
        assert_eq!(
            read("1970-01-01 00:00:00.1234567").unwrap(),
            ("timestamp(7)".to_owned(), ScalarValue::TimestampNanosecond(Some(123_456_700), None))
        );
        assert_eq!(
            read("1970-01-01 00:00:00 UTC").unwrap(),
            ("timestamp(0) with time zone".to_owned(), ScalarValue::Int64(Some(0)))
        );
        assert_eq!(
            read("1970-01-01 00:00:00.0000 UTC").unwrap(),
            ("timestamp(4) with time zone".to_owned(), ScalarValue::Decimal128(Some(0), 38, 0))
        );
        for text in [
            "",
            "2020",
            "2020-02-30",
            "2020-03-08 02:30 America/New_York",
            "2020-01-01 10:00 Nowhere/City",
            "300000-01-01 00:00:00",
            "2300-01-01 00:00:00.0000000",
            "2020-01-01 00:00:00.0000000000",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn times_and_dates() {
        assert_eq!(time_literal("01:02:03.4").unwrap().0, Type::Time(1));
        assert_eq!(
            time_literal("00:00 +01:00").unwrap(),
            (Type::TimeTz(0), ScalarValue::Int64(Some(1024 + 60)))
        );
        assert!(time_literal("25:00").is_err());
        assert_eq!(date_literal(" 1970-1-2 ").unwrap(), (Type::Date, ScalarValue::Date32(Some(1))));
        let fault = date_literal("abc").unwrap_err();
        assert_eq!(fault.message, "'abc' is not a valid date literal");
    }

    #[test]
    fn intervals_have_units() {
        let months = |text, from, to| match interval_literal(text, from, to, false) {
            Ok((_, ScalarValue::IntervalYearMonth(months))) => months,
            _ => None,
        };
        let millis = |text, from, to| match interval_literal(text, from, to, false) {
            Ok((_, ScalarValue::DurationMillisecond(millis))) => millis,
            _ => None,
        };
        assert_eq!(months("1-2", "YEAR", Some("MONTH")), Some(14));
        assert_eq!(months("-1-2", "year", Some("month")), Some(-14));
        assert_eq!(months("1", "YEAR", Some("MONTH")), Some(12));
        assert_eq!(months("124", "MONTH", None), Some(124));
        assert_eq!(months("1-2", "YEAR", None), None);
        assert_eq!(months("178956971", "YEAR", None), None);
        assert_eq!(millis("3 04:05:06.789", "DAY", Some("SECOND")), Some(273_906_789));
        assert_eq!(millis("-3 04:05:06.789", "DAY", Some("SECOND")), Some(-273_906_789));
        assert_eq!(millis("3", "DAY", Some("SECOND")), Some(259_200_000));
        assert_eq!(millis("3 4", "DAY", Some("HOUR")), Some(273_600_000));
        assert_eq!(millis("4:05", "HOUR", Some("MINUTE")), Some(14_700_000));
        assert_eq!(millis("5:6.5", "MINUTE", Some("SECOND")), Some(306_500));
        assert_eq!(millis("1.23456", "SECOND", None), Some(1_234));
        assert_eq!(millis("90", "MINUTE", None), Some(5_400_000));
        assert_eq!(millis("1.5", "DAY", None), None);
        assert_eq!(millis("--1", "DAY", None), None);
        assert_eq!(millis("", "DAY", None), None);
        assert_eq!(millis("1 x", "DAY", Some("HOUR")), None);
        assert_eq!(millis("99999999999", "SECOND", None), None);
        assert!(interval_literal("1", "YEAR", Some("DAY"), false).is_err());
        assert!(interval_literal("1", "SECOND", Some("DAY"), false).is_err());
        assert!(interval_literal("1", "WEEK", None, false).is_err());
        let (_, value) = interval_literal("1", "DAY", None, true).unwrap();
        assert_eq!(value, ScalarValue::DurationMillisecond(Some(-86_400_000)));
    }
}

//! Dates and timestamps written as text.

use arrow::datatypes::TimeUnit;
use chrono::NaiveDate;

use super::number;

/// Numbers from here on are milliseconds, below it seconds: the year 5138 and March 1973.
const EPOCH_MS_MIN: u64 = 100_000_000_000;
const DAY_SECONDS: i64 = 86_400;

/// A point in time, without zone or in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Instant {
    /// Since 1970-01-01 00:00:00.
    pub(super) seconds: i64,
    /// 0..1_000_000_000
    pub(super) nanos: u32,
}

impl Instant {
    pub(super) fn from_millis(millis: i64) -> Self {
        let nanos = u32::try_from(millis.rem_euclid(1000)).unwrap_or_default() * 1_000_000;
        Self { seconds: millis.div_euclid(1000), nanos }
    }

    /// `day` is days since 1970-01-01; `None` if the time does not exist.
    pub(super) fn from_parts(day: i32, hour: u32, minute: u32, second: u32, nanos: u32) -> Option<Self> {
        if hour > 23 || minute > 59 || second > 59 || nanos > 999_999_999 {
            return None;
        }
        let seconds = i64::from(day) * DAY_SECONDS + i64::from(hour * 3600 + minute * 60 + second);
        Some(Self { seconds, nanos })
    }

    /// Counted in `unit`, what is finer being cut off; `None` if that does not fit.
    pub(super) fn in_unit(self, unit: TimeUnit) -> Option<i64> {
        let (per_second, nanos_per) = match unit {
            TimeUnit::Second => (1, 1_000_000_000),
            TimeUnit::Millisecond => (1_000, 1_000_000),
            TimeUnit::Microsecond => (1_000_000, 1_000),
            TimeUnit::Nanosecond => (1_000_000_000, 1),
        };
        // In 128 bits, because near the least value the seconds alone do not fit.
        let count = i128::from(self.seconds) * per_second + i128::from(self.nanos / nanos_per);
        i64::try_from(count).ok()
    }
}

/// Days since 1970-01-01; `None` if the date does not exist.
pub(super) fn days(year: i32, month: u32, day: u32) -> Option<i32> {
    Some(NaiveDate::from_ymd_opt(year, month, day)?.to_epoch_days())
}

/// Hive's date: `yyyy-[M]M-[d]d`; what follows after a space (or, in ISO text, a `T`) is ignored.
pub(super) fn date(text: &[u8]) -> Option<i32> {
    let mut cursor = Cursor { rest: text };
    let days = cursor.date()?;
    matches!(cursor.rest.first(), None | Some(b' ' | b'T')).then_some(days)
}

/// Hive's timestamp: `yyyy-[M]M-[d]d[ [H]H:[m]m:[s]s[.fffffffff]]`.
pub(super) fn hive_timestamp(text: &[u8]) -> Option<Instant> {
    let mut cursor = Cursor { rest: text };
    let days = cursor.date()?;
    if cursor.rest.is_empty() {
        return Instant::from_parts(days, 0, 0, 0, 0);
    }
    let instant = cursor.take(b' ').and_then(|()| cursor.time(days))?;
    cursor.rest.is_empty().then_some(instant)
}

/// As [`hive_timestamp`], but also with `T` between date and time and with `Z` or an offset behind
/// it, which is applied.
pub(super) fn iso_timestamp(text: &[u8]) -> Option<Instant> {
    let mut cursor = Cursor { rest: text };
    let days = cursor.date()?;
    match cursor.rest.split_first() {
        None => return Instant::from_parts(days, 0, 0, 0, 0),
        Some((b' ' | b'T' | b't', rest)) => cursor.rest = rest,
        Some(_) => return None,
    }
    let instant = cursor.time(days)?;
    if cursor.rest.is_empty() {
        return Some(instant);
    }
    cursor.rest = cursor.rest.strip_prefix(b" ").unwrap_or(cursor.rest);
    let offset_seconds = cursor.zone()?;
    if !cursor.rest.is_empty() {
        return None;
    }
    Some(Instant { seconds: instant.seconds.checked_sub(offset_seconds)?, ..instant })
}

/// Seconds since the epoch, with or without fraction, or milliseconds if there are too many for seconds.
pub(super) fn epoch_timestamp(text: &[u8]) -> Option<Instant> {
    match number::integer(text) {
        Some(count) if count.unsigned_abs() >= EPOCH_MS_MIN => Some(Instant::from_millis(count)),
        Some(seconds) => Some(Instant { seconds, nanos: 0 }),
        None => {
            let nanos = number::decimal(text, 38, 9)?;
            let seconds = i64::try_from(nanos.div_euclid(1_000_000_000)).ok()?;
            Some(Instant { seconds, nanos: u32::try_from(nanos.rem_euclid(1_000_000_000)).ok()? })
        }
    }
}

/// Reads from the front of `rest`. After `None` its position means nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub(super) rest: &'a [u8],
}

impl Cursor<'_> {
    pub(super) fn take(&mut self, byte: u8) -> Option<()> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        (*first == byte).then_some(())
    }

    /// A number of `min` to `max` digits, of which as many as possible are taken.
    pub(super) fn digits(&mut self, min: usize, max: usize) -> Option<u32> {
        let length = self.rest.iter().take(max).take_while(|byte| byte.is_ascii_digit()).count();
        if length < min {
            return None;
        }
        let (digits, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        digits
            .iter()
            .try_fold(0_u32, |value, digit| value.checked_mul(10)?.checked_add(u32::from(digit - b'0')))
    }

    /// One to nine digits behind a decimal point, in billionths.
    pub(super) fn fraction(&mut self) -> Option<u32> {
        let before = self.rest.len();
        let value = self.digits(1, 9)?;
        let digits = u32::try_from(before - self.rest.len()).ok()?;
        Some(value * 10_u32.pow(9 - digits))
    }

    fn date(&mut self) -> Option<i32> {
        let year = self.digits(1, 6)?;
        self.take(b'-')?;
        let month = self.digits(1, 2)?;
        self.take(b'-')?;
        let day = self.digits(1, 2)?;
        days(i32::try_from(year).ok()?, month, day)
    }

    fn time(&mut self, days: i32) -> Option<Instant> {
        let hour = self.digits(1, 2)?;
        self.take(b':')?;
        let minute = self.digits(1, 2)?;
        self.take(b':')?;
        let second = self.digits(1, 2)?;
        let nanos = match self.rest.first() {
            Some(b'.') => {
                self.take(b'.')?;
                self.fraction()?
            }
            _ => 0,
        };
        Instant::from_parts(days, hour, minute, second, nanos)
    }

    /// `Z`, `UTC`, `GMT`, `±HH`, `±HHMM` or `±HH:MM`, in seconds east of UTC.
    pub(super) fn zone(&mut self) -> Option<i64> {
        for name in [&b"Z"[..], b"z", b"UTC", b"GMT"] {
            if let Some(rest) = self.rest.strip_prefix(name) {
                self.rest = rest;
                return Some(0);
            }
        }
        let (sign, rest) = match self.rest.split_first()? {
            (b'+', rest) => (1, rest),
            (b'-', rest) => (-1, rest),
            _ => return None,
        };
        self.rest = rest;
        let hours = self.digits(2, 2)?;
        let minutes = match self.rest.first() {
            Some(b':') => {
                self.take(b':')?;
                self.digits(2, 2)?
            }
            Some(byte) if byte.is_ascii_digit() => self.digits(2, 2)?,
            _ => 0,
        };
        (hours <= 18 && minutes <= 59).then(|| sign * i64::from(hours * 3600 + minutes * 60))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64, nanos: u32) -> Option<Instant> {
        Some(Instant { seconds, nanos })
    }

    #[test]
    fn dates() {
        for (text, expect) in [
            ("1970-01-01", Some(0)),
            ("1970-1-2", Some(1)),
            ("1969-12-31 23:00:00", Some(-1)),
            ("2024-02-29", Some(19782)),
            ("2023-02-29", None),
            ("1970-01-01x", None),
            ("1970-01", None),
            ("", None),
            ("01/01/1970", None),
            ("999999999-01-01", None),
        ] {
            assert_eq!(date(text.as_bytes()), expect, "{text:?}");
        }
    }

    #[test]
    fn hive_timestamps() {
        for (text, expect) in [
            ("1970-01-01 00:00:01", at(1, 0)),
            ("1970-01-02", at(86_400, 0)),
            ("1970-01-01 0:0:1.5", at(1, 500_000_000)),
            ("1969-12-31 23:59:59.123456789", at(-1, 123_456_789)),
            ("1970-01-01 00:00:01.1234567891", None),
            ("1970-01-01T00:00:01", None),
            ("1970-01-01 24:00:00", None),
            ("1970-01-01 00:00", None),
            ("1970-01-01 ", None),
            ("", None),
        ] {
            assert_eq!(hive_timestamp(text.as_bytes()), expect, "{text:?}");
        }
    }

    #[test]
    fn iso_timestamps_apply_their_offset() {
        for (text, expect) in [
            ("1970-01-01T00:00:01Z", at(1, 0)),
            ("1970-01-01T02:00:01.25+02:00", at(1, 250_000_000)),
            ("1970-01-01 00:00:00-0130", at(5400, 0)),
            ("1970-01-01T00:00:00+1", None),
            ("1970-01-01 00:00:00 UTC", at(0, 0)),
            ("1970-01-01T00:00:00 X", None),
            ("1970-01-01T00:00:00Zz", None),
            ("1970-01-01", at(0, 0)),
            ("1970-01-01X", None),
        ] {
            assert_eq!(iso_timestamp(text.as_bytes()), expect, "{text:?}");
        }
    }

    #[test]
    fn epoch_numbers() {
        for (text, expect) in [
            ("1579059880", at(1_579_059_880, 0)),
            ("1579059880123", at(1_579_059_880, 123_000_000)),
            ("-1.5", at(-2, 500_000_000)),
            ("1e3", at(1000, 0)),
            ("x", None),
        ] {
            assert_eq!(epoch_timestamp(text.as_bytes()), expect, "{text:?}");
        }
    }

    #[test]
    fn units_cut_off_and_never_wrap() {
        let instant = Instant { seconds: -1, nanos: 999_999_999 };
        assert_eq!(instant.in_unit(TimeUnit::Microsecond), Some(-1));
        assert_eq!(instant.in_unit(TimeUnit::Second), Some(-1));
        let far = Instant { seconds: i64::MAX / 1000, nanos: 0 };
        assert_eq!(far.in_unit(TimeUnit::Nanosecond), None);
    }
}

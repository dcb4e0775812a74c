//! How dates, times, timestamps and intervals are read and written in literals and casts.

use super::{
    calendar::{
        self, Civil, MILLIS_PER_HOUR, MILLIS_PER_MINUTE, MILLIS_PER_SECOND, NANOS_PER_MILLI,
        NANOS_PER_SECOND, civil_from_days, days_from_civil, is_date, power_of_ten, split_day,
    },
    day_time::DayTime,
};

/// Most digits of a second that are read.
const FRACTION_DIGITS_MAX: usize = 18;
/// Most digits of a second that rounding can take away.
const ROUNDED_DIGITS_MAX: usize = 12;
const SECONDS_PER_DAY: i64 = 86_400;

/// Reads digits, and nothing else, from the front of a text.
struct Reader<'a> {
    text: &'a str,
}

impl<'a> Reader<'a> {
    fn accept(&mut self, symbol: char) -> bool {
        let rest = self.text.strip_prefix(symbol);
        self.text = rest.unwrap_or(self.text);
        rest.is_some()
    }

    fn digits(&mut self, at_least: usize, at_most: usize) -> Option<&'a str> {
        let count = self.text.bytes().take(at_most).take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.text.split_at_checked(count)?;
        self.text = rest;
        (count >= at_least).then_some(digits)
    }

    fn number(&mut self, at_most: usize) -> Option<i64> {
        self.digits(1, at_most)?.parse().ok()
    }

    /// Year, month and day; the usual form, `2020-01-05`, is read at once.
    fn date(&mut self, year_digits_min: usize, year_digits_max: usize) -> Option<(i64, i64, i64)> {
        if let Some([y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2]) = self.text.as_bytes().first_chunk()
            && let Some(after) = self.text.get(10..)
            && !after.starts_with(|next: char| next.is_ascii_digit())
            && let (Some(century), Some(year), Some(month), Some(day)) =
                (two_digits(*y1, *y2), two_digits(*y3, *y4), two_digits(*m1, *m2), two_digits(*d1, *d2))
        {
            self.text = after;
            return Some((century * 100 + year, month, day));
        }
        let year = self.year(year_digits_min, year_digits_max)?;
        let month = self.accept('-').then(|| self.number(2))??;
        let day = self.accept('-').then(|| self.number(2))??;
        Some((year, month, day))
    }

    /// Hour, minute and, if there is one, second; the usual form, `10:00:00`, is read at once.
    fn clock(&mut self) -> Option<(i64, i64, Option<i64>)> {
        if let Some([h1, h2, b':', m1, m2, b':', s1, s2]) = self.text.as_bytes().first_chunk()
            && let Some(after) = self.text.get(8..)
            && let (Some(hour), Some(minute), Some(second)) =
                (two_digits(*h1, *h2), two_digits(*m1, *m2), two_digits(*s1, *s2))
        {
            self.text = after;
            return Some((hour, minute, Some(second)));
        }
        let hour = self.number(2)?;
        let minute = self.accept(':').then(|| self.number(2))??;
        let before_second = self.text;
        let second = self.accept(':').then(|| self.number(2)).flatten();
        if second.is_none() {
            self.text = before_second;
        }
        Some((hour, minute, second))
    }

    /// An optional sign and digits of an i32.
    fn year(&mut self, at_least: usize, at_most: usize) -> Option<i64> {
        let negative = self.accept('-');
        if !negative {
            self.accept('+');
        }
        let year: i32 = self.digits(at_least, at_most)?.parse().ok()?;
        Some(i64::from(if negative { -year } else { year }))
    }
}

fn two_digits(tens: u8, ones: u8) -> Option<i64> {
    let both = tens.is_ascii_digit() && ones.is_ascii_digit();
    both.then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
}

/// A date as `2020-1-5`, with up to nine digits of the year, in days since 1970-01-01.
pub(super) fn date(text: &str) -> Option<i32> {
    let mut reader = Reader { text: trim(text) };
    let (year, month, day) = reader.date(1, 9)?;
    let known = (calendar::YEAR_MIN..=calendar::YEAR_MAX).contains(&year);
    if !reader.text.is_empty() || !known || !is_date(year, month, day) {
        return None;
    }
    i32::try_from(days_from_civil(year, month, day)).ok()
}

/// Trino trims what Java calls white space: separators, but none that forbids a line break.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(|c| match c {
        '\t'..='\r' | '\u{1c}'..='\u{1f}' => true,
        '\u{85}' | '\u{a0}' | '\u{2007}' | '\u{202f}' => false,
        _ => c.is_whitespace(),
    })
}

/// The parts of a timestamp's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TimestampText<'a> {
    /// Seconds since 1970-01-01 00:00 of its own zone.
    pub(super) local_seconds: i64,
    /// Digits after the second.
    pub(super) fraction: &'a str,
    pub(super) zone: Option<&'a str>,
}

/// `2020-01-01`, `2020-01-01 10:00`, `2020-01-01 10:00:00.123 Europe/Berlin`.
pub(super) fn timestamp(text: &str) -> Option<TimestampText<'_>> {
    let mut reader = Reader { text };
    let (year, month, day) = reader.date(4, usize::MAX)?;
    let mut seconds = 0;
    let mut fraction = "";
    if reader.accept(' ') {
        if let Some((given, digits, rest)) = clock(reader.text) {
            (seconds, fraction) = (given?, digits);
            reader.text = rest;
        }
    } else if !reader.text.is_empty() {
        return None;
    }
    let zone = reader.text.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '\u{b}');
    if !is_date(year, month, day) || year.abs() > 999_999_999 || zone.contains(['\n', '\r']) {
        return None;
    }
    Some(TimestampText {
        local_seconds: days_from_civil(year, month, day) * SECONDS_PER_DAY + seconds,
        fraction,
        zone: (!zone.is_empty()).then_some(zone),
    })
}

/// `10:00`, `10:00:00`, `10:00:00.123`: seconds of the day, digits of the second, and what follows. None if
/// there is no time, inner None if there is no such time.
fn clock(text: &str) -> Option<(Option<i64>, &str, &str)> {
    let mut reader = Reader { text };
    let (hour, minute, second) = reader.clock()?;
    let mut fraction = "";
    let mut rest = reader.text;
    if let Some(digits) =
        second.and_then(|_| reader.accept('.').then(|| reader.digits(1, usize::MAX))).flatten()
    {
        fraction = digits;
        rest = reader.text;
    }
    let second = second.unwrap_or(0);
    let valid = hour < 24 && minute < 60 && second < 60;
    Some((valid.then_some(hour * 3_600 + minute * 60 + second), fraction, rest))
}

/// A time as `10:00`, `10:00:00.123`, `10:00 +05:30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TimeText<'a> {
    pub(super) seconds: i64,
    pub(super) fraction: &'a str,
    pub(super) offset_minutes: Option<i64>,
}

pub(super) fn time(text: &str) -> Option<TimeText<'_>> {
    let (seconds, fraction, rest) = clock(text)?;
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '\u{b}');
    let offset_minutes = if rest.is_empty() { None } else { Some(offset(rest)?) };
    Some(TimeText { seconds: seconds?, fraction, offset_minutes })
}

/// `+05:30`
fn offset(text: &str) -> Option<i64> {
    let mut reader = Reader { text };
    let negative = reader.accept('-');
    if !negative && !reader.accept('+') {
        return None;
    }
    let hour: i64 = reader.digits(2, 2)?.parse().ok()?;
    let minute: i64 = reader.accept(':').then(|| reader.digits(2, 2))??.parse().ok()?;
    let valid = reader.text.is_empty() && minute < 60 && (hour < 14 || (hour == 14 && minute == 0));
    let total = hour * 60 + minute;
    valid.then_some(if negative { -total } else { total })
}

/// Nanoseconds of so many digits of a second, rounded half up to `precision` digits: at most a second.
pub(super) fn fraction_nanos(digits: &str, precision: u8) -> Option<i64> {
    if digits.is_empty() {
        return Some(0);
    }
    let precision = usize::from(precision);
    if digits.len() > FRACTION_DIGITS_MAX || digits.len() > precision + ROUNDED_DIGITS_MAX {
        return None;
    }
    let value: i64 = digits.parse().ok()?;
    let kept = digits.len().min(precision);
    let dropped = power_of_ten(u32::try_from(digits.len() - kept).ok()?);
    let scale = power_of_ten(u32::try_from(9_usize.checked_sub(kept)?).ok()?);
    ((value + dropped / 2) / dropped).checked_mul(scale)
}

/// Appends at least `width` digits.
pub(super) fn push_padded(out: &mut String, value: i64, width: usize) {
    if width == 2 && (0..100).contains(&value) {
        // Most of what is written.
        let value = value as u8;
        out.push(char::from(b'0' + value / 10));
        out.push(char::from(b'0' + value % 10));
        return;
    }
    let mut digits = [b'0'; 20];
    let mut rest = value.unsigned_abs();
    let mut at = digits.len();
    while rest > 0 && at > 0 {
        at -= 1;
        if let Some(digit) = digits.get_mut(at) {
            *digit = b'0' + (rest % 10) as u8;
        }
        rest /= 10;
    }
    if value < 0 {
        out.push('-');
    }
    let start = at.min(digits.len().saturating_sub(width));
    for digit in digits.iter().skip(start) {
        out.push(char::from(*digit));
    }
}

/// `2020-01-05`; years beyond 9999 have no sign.
pub(super) fn push_date(out: &mut String, days: i64) {
    push_civil(out, civil_from_days(days));
}

fn push_civil(out: &mut String, Civil { year, month, day }: Civil) {
    push_padded(out, year, 4);
    out.push('-');
    push_padded(out, month, 2);
    out.push('-');
    push_padded(out, day, 2);
}

/// `2020-01-05 10:00:00.000` with `separator` before the time; years beyond 9999 have a sign.
pub(super) fn push_timestamp(
    out: &mut String,
    local_millis: i64,
    nanos: i64,
    precision: u8,
    separator: char,
) {
    let (days, millis) = split_day(local_millis);
    let civil = civil_from_days(days);
    if civil.year > 9999 {
        out.push('+');
    }
    push_civil(out, civil);
    out.push(separator);
    push_time(out, millis * NANOS_PER_MILLI + nanos, precision);
}

/// `10:00:00.000`
pub(super) fn push_time(out: &mut String, nanos_of_day: i64, precision: u8) {
    let millis = nanos_of_day / NANOS_PER_MILLI;
    push_padded(out, millis / MILLIS_PER_HOUR, 2);
    out.push(':');
    push_padded(out, millis / MILLIS_PER_MINUTE % 60, 2);
    out.push(':');
    push_padded(out, millis / MILLIS_PER_SECOND % 60, 2);
    if precision > 0 {
        out.push('.');
        let digits = nanos_of_day % NANOS_PER_SECOND / power_of_ten(9_u32.saturating_sub(precision.into()));
        push_padded(out, digits, precision.into());
    }
}

/// `+05:30`
pub(super) fn push_offset(out: &mut String, minutes: i64) {
    out.push(if minutes < 0 { '-' } else { '+' });
    push_padded(out, minutes.abs() / 60, 2);
    out.push(':');
    push_padded(out, minutes.abs() % 60, 2);
}

/// `10:00:00.000+05:30`
pub(super) fn push_time_tz(out: &mut String, time: DayTime, precision: u8) {
    push_time(out, time.nanos, precision);
    push_offset(out, time.offset_minutes);
}

/// `1-2`
pub(super) fn push_months(out: &mut String, months: i32) {
    if months < 0 {
        out.push('-');
    }
    let months = i64::from(months).abs();
    push_padded(out, months / 12, 1);
    out.push('-');
    push_padded(out, months % 12, 1);
}

/// `3 04:05:06.789`
pub(super) fn push_duration(out: &mut String, millis: i64) {
    if millis < 0 {
        out.push('-');
    }
    let magnitude = millis.unsigned_abs();
    let day = calendar::MILLIS_PER_DAY.unsigned_abs();
    push_padded(out, i64::try_from(magnitude / day).unwrap_or(0), 1);
    out.push(' ');
    push_time(out, i64::try_from(magnitude % day).unwrap_or(0) * NANOS_PER_MILLI, 3);
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read() {
        for (text, days) in [
            ("2020-01-05", Some(18_266)),
            (" 2020-1-5 ", Some(18_266)),
            ("\t\n\u{b}\u{1f}2020-1-5\u{2003}", Some(18_266)),
            ("\u{a0}2020-1-5", None),
            ("+2020-01-05", Some(18_266)),
            ("0-1-1", Some(-719_528)),
            ("-0001-12-31", Some(-719_529)),
            ("5881580-07-11", Some(i32::MAX)),
            ("5881580-07-12", None),
            ("2020-02-30", None),
            ("2020-13-01", None),
            ("2020-01-05 00:00", None),
            ("2020-001-05", None),
            ("1234567890-01-01", None),
            ("", None),
            ("-", None),
            ("abc", None),
        ] {
            assert_eq!(date(text), days, "{text}");
        }
    }

    #[test]
    fn timestamps_are_read() {
        let parts = |text| timestamp(text).map(|t| (t.local_seconds, t.fraction.to_owned(), t.zone));
        for (text, seconds, fraction, zone) in [
            ("1970-01-02", 86_400, "", None),
            ("1970-01-02 ", 86_400, "", None),
            ("1970-01-01 1:2", 3_720, "", None),
            ("1970-1-1 01:02:03", 3_723, "", None),
            ("1970-01-01 01:02:03.1234567", 3_723, "1234567", None),
            ("1970-01-01 01:02:03 UTC", 3_723, "", Some("UTC")),
            ("1970-01-01 01:02 +05:30", 3_720, "", Some("+05:30")),
            ("1970-01-01 01:02+05:30", 3_720, "", Some("+05:30")),
            ("1970-01-01 America/New_York", 0, "", Some("America/New_York")),
            ("1970-01-01 01:02:", 3_720, "", Some(":")),
            ("1970-01-01 01:02:03.", 3_723, "", Some(".")),
        ] {
            assert_eq!(parts(text), Some((seconds, fraction.to_owned(), zone)), "{text}");
        }
        for text in ["", "1970-01", "70-01-01", "1970-01-01T00:00", "1970-01-32", "1970-01-01 24:00", "x"] {
            assert_eq!(parts(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_read() {
        let parts = |text| time(text).map(|t| (t.seconds, t.fraction.to_owned(), t.offset_minutes));
        assert_eq!(parts("1:2"), Some((3_720, String::new(), None)));
        assert_eq!(parts("01:02:03.5 -05:30"), Some((3_723, "5".to_owned(), Some(-330))));
        for text in ["24:00", "1:60", "1:2:60", "1", "01:02 UTC", "01:02+5", "01:02 +14:01", " 01:02"] {
            assert_eq!(parts(text), None, "{text}");
        }
    }

    #[test]
    fn digits_are_rounded() {
        assert_eq!(fraction_nanos("1235", 3), Some(124_000_000));
        assert_eq!(fraction_nanos("9995", 3), Some(NANOS_PER_SECOND));
        assert_eq!(fraction_nanos("5", 0), Some(NANOS_PER_SECOND));
        assert_eq!(fraction_nanos("4", 0), Some(0));
        assert_eq!(fraction_nanos("1", 9), Some(100_000_000));
        assert_eq!(fraction_nanos("1234567890123456789", 9), None);
    }

    #[test]
    fn values_are_written() {
        let shown = |write: &dyn Fn(&mut String)| {
            let mut out = String::new();
            write(&mut out);
            out
        };
        assert_eq!(shown(&|out| push_date(out, -719_529)), "-0001-12-31");
        assert_eq!(shown(&|out| push_date(out, 2_932_897)), "10000-01-01");
        assert_eq!(
            shown(&|out| push_timestamp(out, 253_402_300_800_000, 0, 3, ' ')),
            "+10000-01-01 00:00:00.000"
        );
        assert_eq!(shown(&|out| push_timestamp(out, -1, 999_999, 9, 'T')), "1969-12-31T23:59:59.999999999");
        assert_eq!(shown(&|out| push_duration(out, i64::MIN)), "-106751991167 07:12:55.808");
        assert_eq!(shown(&|out| push_duration(out, 1)), "0 00:00:00.001");
        assert_eq!(shown(&|out| push_months(out, i32::MIN)), "-178956970-8");
        assert_eq!(shown(&|out| push_months(out, 14)), "1-2");
    }
}

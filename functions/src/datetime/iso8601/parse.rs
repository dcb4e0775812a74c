//! ISO 8601 texts: Joda-Time's generous reading, and Java's strict one.

use super::super::{
    calendar::{
        MILLIS_PER_HOUR, MILLIS_PER_MINUTE, MILLIS_PER_SECOND, NANOS_PER_SECOND, days_from_civil, is_date,
    },
    format::{
        field::DateField,
        parse::{Parsed, fraction, malformed, number, offset, strip_literal},
    },
    text::fraction_nanos,
    zone::Zone,
};
use crate::Fault;

const YEAR_DIGITS_MAX: usize = 9;
const FRACTION_DIGITS_MAX: usize = 9;
const SECONDS_PER_DAY: i64 = 86_400;

/// ```text
/// yyyy ['-' MM ['-' dd]]  |  xxxx '-W' ww ['-' e]  |  yyyy '-' DDD
/// ```
pub(super) fn date(text: &str) -> Result<Parsed, Fault> {
    let mut parsed = Parsed::default();
    finish(text, date_element(&mut parsed, text), parsed)
}

/// A date, `T` and a time, each of which may be missing, and an offset after `T`.
pub(super) fn date_time(text: &str) -> Result<Parsed, Fault> {
    let mut parsed = Parsed::default();
    if let Some(after) = strip_literal(text, "T") {
        let rest = time_element(&mut parsed, after).map(|rest| optional_offset(&mut parsed, rest));
        return finish(text, rest, parsed);
    }
    let mut rest = date_element(&mut parsed, text);
    if let Some(after) = rest.and_then(|rest| strip_literal(rest, "T")) {
        let count = parsed.count();
        let after_time = time_element(&mut parsed, after).unwrap_or_else(|| {
            parsed.keep(count);
            after
        });
        rest = Some(optional_offset(&mut parsed, after_time));
    }
    finish(text, rest, parsed)
}

fn finish(text: &str, rest: Option<&str>, parsed: Parsed) -> Result<Parsed, Fault> {
    match rest {
        Some("") => Ok(parsed),
        Some(rest) => Err(malformed(text, rest)),
        None => Err(malformed(text, text)),
    }
}

fn field<'a>(parsed: &mut Parsed, text: &'a str, name: DateField, digits_max: usize) -> Option<&'a str> {
    let signed = matches!(name, DateField::Year | DateField::WeekYear);
    let (value, rest) = number(text, digits_max, signed)?;
    parsed.save(name, value);
    Some(rest)
}

/// The form that reads most of the text.
fn date_element<'a>(parsed: &mut Parsed, text: &'a str) -> Option<&'a str> {
    let mut best: Option<(Parsed, &str)> = None;
    for form in [by_month, by_week, by_day_of_year] {
        if best.as_ref().is_some_and(|(_, rest)| rest.is_empty() || strip_literal(rest, "T").is_some()) {
            break;
        }
        let mut candidate = Parsed::default();
        if let Some(rest) = form(&mut candidate, text)
            && best.as_ref().is_none_or(|(_, found)| rest.len() < found.len())
        {
            best = Some((candidate, rest));
        }
    }
    let (found, rest) = best?;
    *parsed = found;
    Some(rest)
}

fn by_month<'a>(parsed: &mut Parsed, text: &'a str) -> Option<&'a str> {
    let rest = field(parsed, text, DateField::Year, YEAR_DIGITS_MAX)?;
    let Some(month) = rest.strip_prefix('-').and_then(|rest| field(parsed, rest, DateField::Month, 2)) else {
        return Some(rest);
    };
    let day = month.strip_prefix('-').and_then(|rest| field(parsed, rest, DateField::DayOfMonth, 2));
    Some(day.unwrap_or(month))
}

fn by_week<'a>(parsed: &mut Parsed, text: &'a str) -> Option<&'a str> {
    let rest = field(parsed, text, DateField::WeekYear, YEAR_DIGITS_MAX)?;
    let week = field(parsed, strip_literal(rest, "-W")?, DateField::Week, 2)?;
    let day = week.strip_prefix('-').and_then(|rest| field(parsed, rest, DateField::DayOfWeek, 1));
    Some(day.unwrap_or(week))
}

fn by_day_of_year<'a>(parsed: &mut Parsed, text: &'a str) -> Option<&'a str> {
    let rest = field(parsed, text, DateField::Year, YEAR_DIGITS_MAX)?;
    field(parsed, rest.strip_prefix('-')?, DateField::DayOfYear, 3)
}

/// Hours with minutes with seconds, the last of them with a fraction.
fn time_element<'a>(parsed: &mut Parsed, text: &'a str) -> Option<&'a str> {
    let hour = field(parsed, text, DateField::HourOfDay, 2)?;
    let Some(minute) = hour.strip_prefix(':').and_then(|rest| field(parsed, rest, DateField::Minute, 2))
    else {
        return Some(part(parsed, hour, DateField::MilliOfHour, MILLIS_PER_HOUR));
    };
    let Some(second) = minute.strip_prefix(':').and_then(|rest| field(parsed, rest, DateField::Second, 2))
    else {
        return Some(part(parsed, minute, DateField::MilliOfMinute, MILLIS_PER_MINUTE));
    };
    Some(part(parsed, second, DateField::MilliOfSecond, MILLIS_PER_SECOND))
}

fn part<'a>(parsed: &mut Parsed, text: &'a str, name: DateField, unit: i64) -> &'a str {
    let digits = text.strip_prefix(['.', ',']);
    match digits.and_then(|digits| fraction(digits, FRACTION_DIGITS_MAX, unit)) {
        Some((millis, rest)) => {
            parsed.save(name, millis);
            rest
        }
        None => text,
    }
}

fn optional_offset<'a>(parsed: &mut Parsed, text: &'a str) -> &'a str {
    match offset(text) {
        Some((millis, rest)) => {
            parsed.offset = Some(millis);
            rest
        }
        None => text,
    }
}

/// `yyyy-MM-ddTHH:mm[:ss[.n]][offset['[' zone ']']]`: nanoseconds UTC and the zone.
pub(super) fn strict_date_time(text: &str) -> Option<(i128, Option<Zone>)> {
    let (year, rest) = strict_year(text)?;
    let (month, rest) = two_digits(rest.strip_prefix('-')?)?;
    let (day, rest) = two_digits(rest.strip_prefix('-')?)?;
    let (hour, rest) = two_digits(strip_literal(rest, "T")?)?;
    let (minute, mut rest) = two_digits(rest.strip_prefix(':')?)?;
    let (mut second, mut nanos) = (0, 0);
    if let Some(after) = rest.strip_prefix(':') {
        (second, rest) = two_digits(after)?;
        if let Some(after) = rest.strip_prefix('.') {
            let count = after.bytes().take(FRACTION_DIGITS_MAX).take_while(u8::is_ascii_digit).count();
            let (digits, after) = after.split_at_checked(count)?;
            (nanos, rest) = (fraction_nanos(digits, 9)?, after);
        }
    }
    if !is_date(year, month, day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = days_from_civil(year, month, day) * SECONDS_PER_DAY + hour * 3_600 + minute * 60 + second;
    let (offset_seconds, zone) = strict_zone(rest)?;
    let nanos = i128::from(seconds - offset_seconds) * i128::from(NANOS_PER_SECOND) + i128::from(nanos);
    Some((nanos, zone))
}

/// Four digits, or more with a sign.
fn strict_year(text: &str) -> Option<(i64, &str)> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let count = digits.bytes().take(11).take_while(u8::is_ascii_digit).count();
    let (digits, rest) = digits.split_at_checked(count)?;
    let valid = match text.as_bytes().first() {
        Some(b'+') => (5..=9).contains(&count),
        Some(b'-') => (4..=9).contains(&count),
        _ => count == 4,
    };
    let year: i64 = digits.parse().ok()?;
    valid.then_some((if text.starts_with('-') { -year } else { year }, rest))
}

fn two_digits(text: &str) -> Option<(i64, &str)> {
    let (digits, rest) = text.split_at_checked(2)?;
    let value = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())??;
    Some((value, rest))
}

/// The offset in seconds, and the zone: by name if it is given.
fn strict_zone(text: &str) -> Option<(i64, Option<Zone>)> {
    if text.is_empty() {
        return Some((0, None));
    }
    let (minutes, rest) = match text.strip_prefix(['Z', 'z']) {
        Some(rest) => (0, rest),
        None => {
            let (hours, rest) = two_digits(text.strip_prefix(['+', '-'])?)?;
            let (minutes, rest) = two_digits(rest.strip_prefix(':')?)?;
            let total = hours * 60 + minutes;
            (minutes < 60).then_some((if text.starts_with('-') { -total } else { total }, rest))?
        }
    };
    let zone = match rest.strip_prefix('[') {
        Some(named) => Zone::written(named.strip_suffix(']')?)?,
        None if rest.is_empty() => Zone::of_offset(minutes)?,
        None => return None,
    };
    Some((minutes * 60, Some(zone)))
}

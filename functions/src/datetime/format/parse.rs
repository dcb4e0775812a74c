//! Text → pieces' values → an instant, as Joda-Time's parser does it.

use super::{
    super::{
        calendar::{
            MILLIS_PER_DAY, MILLIS_PER_HOUR, MILLIS_PER_MINUTE, MILLIS_PER_SECOND, YEAR_MAX, YEAR_MIN,
            days_from_civil, is_date,
        },
        zone::{LocalOffset, Zone},
    },
    field::DateField,
    pattern::{Piece, names},
};
use crate::Fault;

/// The year of a text that has months or days and no year.
const DEFAULT_YEAR: i64 = 2000;
/// Zones that a short name means.
const ZONE_NAMES: [(&str, &str); 11] = [
    ("UTC", "UTC"),
    ("GMT", "UTC"),
    ("UT", "UTC"),
    ("EST", "America/New_York"),
    ("EDT", "America/New_York"),
    ("CST", "America/Chicago"),
    ("CDT", "America/Chicago"),
    ("MST", "America/Denver"),
    ("MDT", "America/Denver"),
    ("PST", "America/Los_Angeles"),
    ("PDT", "America/Los_Angeles"),
];

/// What a text says.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Parsed {
    fields: Vec<(DateField, i64)>,
    /// Milliseconds.
    pub(in super::super) offset: Option<i64>,
    pub(in super::super) zone: Option<Zone>,
}

impl Parsed {
    pub(in super::super) fn save(&mut self, field: DateField, value: i64) {
        self.fields.push((field, value));
    }

    /// What was read after `count` values is forgotten.
    pub(in super::super) fn keep(&mut self, count: usize) {
        self.fields.truncate(count);
    }

    pub(in super::super) fn count(&self) -> usize {
        self.fields.len()
    }

    /// The local time: larger fields are set first, each value is checked against the others.
    pub(in super::super) fn local(mut self) -> Option<i64> {
        if let Some(plain) = PlainFields::of(&self.fields) {
            return plain.local();
        }
        sort(&mut self.fields);
        if self.fields.first().is_some_and(|(field, _)| field.needs_year()) {
            self.fields.push((DateField::Year, DEFAULT_YEAR));
            sort(&mut self.fields);
        }
        let mut local = 0;
        for (field, value) in &self.fields {
            local = field.floor(field.set(local, *value)?);
        }
        for (field, value) in &self.fields {
            local = field.set(local, *value)?;
        }
        Some(match self.fields.last() {
            Some((field, _)) => field.floor(local),
            None => local,
        })
    }

    /// The instant in milliseconds UTC; without an offset or a zone, local times are those of UTC.
    pub(in super::super) fn instant(self) -> Option<i64> {
        let (offset, zone) = (self.offset, self.zone);
        let local = self.local()?;
        match (offset, zone) {
            (Some(offset), _) => local.checked_sub(offset),
            (None, None) => Some(local),
            (None, Some(zone)) => match zone.offsets_of_local(local) {
                LocalOffset::One(offset) | LocalOffset::Two(offset) => local.checked_sub(offset),
                LocalOffset::None(_) => None,
            },
        }
    }

    /// The zone to show the instant in.
    pub(in super::super) fn shown_zone(&self) -> Result<Zone, Fault> {
        let Some(offset) = self.offset else { return Ok(self.zone.unwrap_or(Zone::UTC)) };
        let whole_minutes = (offset % MILLIS_PER_MINUTE == 0).then_some(offset / MILLIS_PER_MINUTE);
        whole_minutes
            .and_then(Zone::of_offset)
            .ok_or_else(|| Fault::not_supported("Time zone offset is not supported"))
    }
}

/// The usual fields, each at most once: they need no order, and are ten times faster to put together.
#[derive(Default)]
struct PlainFields {
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    hour: Option<i64>,
    minute: Option<i64>,
    second: Option<i64>,
    milli: Option<i64>,
}

impl PlainFields {
    /// None: there are others, or one of them twice.
    fn of(fields: &[(DateField, i64)]) -> Option<Self> {
        let mut plain = Self::default();
        for (field, value) in fields {
            let place = match field {
                DateField::Year => &mut plain.year,
                DateField::Month => &mut plain.month,
                DateField::DayOfMonth => &mut plain.day,
                DateField::HourOfDay => &mut plain.hour,
                DateField::Minute => &mut plain.minute,
                DateField::Second => &mut plain.second,
                DateField::MilliOfSecond => &mut plain.milli,
                _ => return None,
            };
            if place.replace(*value).is_some() {
                return None;
            }
        }
        Some(plain)
    }

    fn local(&self) -> Option<i64> {
        let has_date = self.month.is_some() || self.day.is_some();
        let year = self.year.unwrap_or(if has_date { DEFAULT_YEAR } else { 1970 });
        let (month, day) = (self.month.unwrap_or(1), self.day.unwrap_or(1));
        let within = |value: Option<i64>, limit: i64| {
            let value = value.unwrap_or(0);
            (0..limit).contains(&value).then_some(value)
        };
        let hour = within(self.hour, 24)?;
        let minute = within(self.minute, 60)?;
        let second = within(self.second, 60)?;
        if !(YEAR_MIN..=YEAR_MAX).contains(&year) || !is_date(year, month, day) {
            return None;
        }
        let seconds = hour * 3_600 + minute * 60 + second;
        let millis = seconds * MILLIS_PER_SECOND + within(self.milli, MILLIS_PER_SECOND)?;
        Some(days_from_civil(year, month, day) * MILLIS_PER_DAY + millis)
    }
}

/// Fields that repeat later come first; of two that repeat alike, the longer.
fn sort(fields: &mut [(DateField, i64)]) {
    let key = |length: Option<i64>| std::cmp::Reverse(length.unwrap_or(i64::MAX));
    fields.sort_by_key(|(field, _)| {
        let (length, range) = field.lengths();
        (key(range), key(length))
    });
}

/// Reads the whole text.
pub(in super::super) fn parse(pieces: &[Piece], text: &str) -> Result<Parsed, Fault> {
    let mut parsed = Parsed { fields: Vec::with_capacity(pieces.len()), ..Parsed::default() };
    let mut rest = text;
    for piece in pieces {
        let Some(after) = parse_piece(piece, &mut parsed, rest)? else {
            return Err(malformed(text, rest));
        };
        rest = after;
    }
    match rest.is_empty() {
        true => Ok(parsed),
        false => Err(malformed(text, rest)),
    }
}

/// In Joda-Time's words; `rest` is a part of the text's end.
pub(in super::super) fn malformed(text: &str, rest: &str) -> Fault {
    Fault::invalid_argument(match (rest.is_empty(), rest.len() == text.len()) {
        (true, _) => format!("Invalid format: \"{text}\" is too short"),
        (_, true) => format!("Invalid format: \"{text}\""),
        _ => format!("Invalid format: \"{text}\" is malformed at \"{rest}\""),
    })
}

/// A value that the other fields, or the calendar, do not allow.
pub(in super::super) fn impossible(text: &str) -> Fault {
    Fault::invalid_argument(format!("Cannot parse \"{text}\": Value is not supported"))
}

/// What follows the piece; None if the text does not begin with it.
fn parse_piece<'a>(piece: &Piece, parsed: &mut Parsed, text: &'a str) -> Result<Option<&'a str>, Fault> {
    Ok(match piece {
        Piece::Literal(literal) => strip_literal(text, literal),
        Piece::Number { field, digits_max, signed, .. } => {
            number(text, *digits_max, *signed).map(|(value, rest)| {
                parsed.save(*field, value);
                rest
            })
        }
        Piece::TwoDigitYear { field, pivot, lenient } => {
            two_digit_year(text, *pivot, *lenient).map(|(year, rest)| {
                parsed.save(*field, year);
                rest
            })
        }
        Piece::Text { field, .. } => name(text, *field).map(|(value, rest)| {
            parsed.save(*field, value);
            rest
        }),
        Piece::Fraction { digits_max, .. } => {
            fraction(text, *digits_max, MILLIS_PER_SECOND).map(|(millis, rest)| {
                parsed.save(DateField::MilliOfSecond, millis);
                rest
            })
        }
        Piece::Offset { .. } => offset(text).map(|(offset, rest)| {
            parsed.offset = Some(offset);
            rest
        }),
        Piece::ZoneId => Zone::longest_prefix(text).and_then(|(zone, bytes)| {
            parsed.zone = Some(zone);
            text.get(bytes..)
        }),
        Piece::ZoneName { short: true } => zone_name(text).map(|(zone, rest)| {
            parsed.zone = Some(zone);
            rest
        }),
        Piece::ZoneName { short: false } => {
            return Err(Fault::invalid_argument("Parsing not supported"));
        }
    })
}

/// Without regard to case, letter by letter.
pub(in super::super) fn strip_literal<'a>(text: &'a str, literal: &str) -> Option<&'a str> {
    let mut letters = text.chars();
    for wanted in literal.chars() {
        let found = letters.next()?;
        let same = found == wanted
            || found.to_uppercase().eq(wanted.to_uppercase())
            || found.to_lowercase().eq(wanted.to_lowercase());
        if !same {
            return None;
        }
    }
    Some(letters.as_str())
}

fn leading_digits(text: &str, at_most: usize) -> usize {
    text.bytes().take(at_most).take_while(u8::is_ascii_digit).count()
}

/// A sign does not count as a digit.
pub(in super::super) fn number(text: &str, digits_max: usize, signed: bool) -> Option<(i64, &str)> {
    let sign = text.starts_with(['+', '-']) && signed;
    let (negative, digits) = (sign && text.starts_with('-'), text.get(usize::from(sign)..)?);
    // Where one digit is allowed a sign leaves no room for it.
    if sign && digits_max < 2 {
        return None;
    }
    let count = leading_digits(digits, digits_max);
    let (digits, rest) = digits.split_at_checked(count)?;
    let value: i32 = digits.parse().ok()?;
    Some((i64::from(if negative { -value } else { value }), rest))
}

fn two_digit_year(text: &str, pivot: i64, lenient: bool) -> Option<(i64, &str)> {
    if lenient && (text.starts_with(['+', '-']) || leading_digits(text, usize::MAX) != 2) {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let count = leading_digits(unsigned, usize::MAX);
        let (digits, rest) = unsigned.split_at_checked(count)?;
        let value: i32 = digits.parse().ok()?;
        return Some((i64::from(if text.starts_with('-') { -value } else { value }), rest));
    }
    if leading_digits(text, 2) < 2 {
        return None;
    }
    let (digits, rest) = text.split_at_checked(2)?;
    let year: i64 = digits.parse().ok()?;
    let low = pivot - 50;
    let low_of_century = low.rem_euclid(100);
    Some((year + low - low_of_century + if year < low_of_century { 100 } else { 0 }, rest))
}

/// The longest name of a value that the text begins with, as it is, in lower or in upper case.
fn name(text: &str, field: DateField) -> Option<(i64, &str)> {
    let (names, first, letters) = names(field);
    let begins = |name: &str| {
        let given = text.get(..name.len()).unwrap_or_default();
        given == name
            || (given.eq_ignore_ascii_case(name)
                && (given.bytes().all(|b| b.is_ascii_uppercase())
                    || given.bytes().all(|b| b.is_ascii_lowercase())))
    };
    let mut best: Option<(i64, usize)> = None;
    let mut offer = |value: i64, name: &str| {
        if begins(name) && best.is_none_or(|(_, length)| name.len() > length) {
            best = Some((value, name.len()));
        }
    };
    for (value, name) in (first..).zip(names) {
        offer(value, name);
        offer(value, name.get(..letters).unwrap_or(name));
    }
    if field == DateField::Era {
        offer(0, "BCE");
        offer(1, "CE");
    }
    let (value, length) = best?;
    Some((value, text.get(length..)?))
}

/// Digits as a part of `unit` milliseconds. Each digit's part is cut to a tenth of a millisecond and the sum to
/// whole ones, as in Joda-Time.
pub(in super::super) fn fraction(text: &str, digits_max: usize, unit: i64) -> Option<(i64, &str)> {
    let (digits, rest) = text.split_at_checked(leading_digits(text, digits_max))?;
    let (mut tenths, mut part) = (0, unit * 10);
    for digit in digits.bytes() {
        part /= 10;
        tenths += i64::from(digit - b'0') * part;
    }
    (!digits.is_empty()).then_some((tenths / 10, rest))
}

/// `Z`, or a sign and `hh`, `hhmm`, `hh:mm` and so on to milliseconds.
pub(in super::super) fn offset(text: &str) -> Option<(i64, &str)> {
    if let Some(rest) = text.strip_prefix(['Z', 'z']) {
        return Some((0, rest));
    }
    let negative = text.starts_with('-');
    let signed = |millis: i64| if negative { -millis } else { millis };
    let text = text.strip_prefix(['+', '-'])?;
    let (hours, mut rest) = two_digits(text).filter(|(hours, _)| *hours <= 23)?;
    let mut millis = hours * MILLIS_PER_HOUR;
    let separated = rest.starts_with(':');
    for unit in [MILLIS_PER_MINUTE, MILLIS_PER_SECOND] {
        let next = match (separated, rest.strip_prefix(':')) {
            (true, Some(next)) => next,
            (false, _) if rest.starts_with(|c: char| c.is_ascii_digit()) => rest,
            _ => return Some((signed(millis), rest)),
        };
        let (value, after) = two_digits(next).filter(|(value, _)| *value <= 59)?;
        millis += value * unit;
        rest = after;
    }
    let next = if separated { rest.strip_prefix(['.', ',']) } else { Some(rest) };
    match next {
        Some(next) if separated || leading_digits(next, 1) == 1 => {
            let (value, after) = fraction(next, 3, MILLIS_PER_SECOND)?;
            Some((signed(millis + value), after))
        }
        _ => Some((signed(millis), rest)),
    }
}

fn two_digits(text: &str) -> Option<(i64, &str)> {
    let (digits, rest) = text.split_at_checked(2)?;
    (leading_digits(digits, 2) == 2).then(|| Some((digits.parse().ok()?, rest)))?
}

fn zone_name(text: &str) -> Option<(Zone, &str)> {
    let (name, zone) = ZONE_NAMES.iter().find(|(name, _)| text.starts_with(name))?;
    Some((Zone::named(zone).ok()?, text.get(name.len()..)?))
}

//! Java date patterns (`timestamp.formats`), as far as data files use them.
//!
//! Letters read: `y Y u M d H k h K a m s S E Z X x z`, text in quotes, and everything that is no
//! letter. Digits are read leniently, as many as there are up to a field's width, except where two
//! numbers touch. `millis` stands for milliseconds since 1970.

use protocol::{Error, ErrorCode, Result};

use super::{
    number,
    time::{self, Cursor, Instant},
};

/// Patterns of one table, and letters of one pattern.
const PATTERNS_MAX: usize = 32;
const PATTERN_BYTES_MAX: usize = 256;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// One compiled pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TimePattern(Vec<Item>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Item {
    Literal(u8),
    Number(Part, Width),
    MonthName,
    DayName,
    HalfOfDay,
    Zone,
    EpochMillis,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Year,
    /// Two digits: of 2000 to 2099.
    YearOfCentury,
    Month,
    Day,
    Hour,
    /// 1 to 12, or 0 to 11.
    HourOfHalf,
    Minute,
    Second,
    Fraction,
}

/// Digits of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Width {
    min: usize,
    max: usize,
}

/// Compiles a table's patterns.
///
/// Errors: `InvalidTable` for a pattern with a letter that is not read.
pub(super) fn compile(patterns: &[String]) -> Result<Vec<TimePattern>> {
    if patterns.len() > PATTERNS_MAX {
        let what = format!("a table may have {PATTERNS_MAX} timestamp.formats, not {}", patterns.len());
        return Err(Error::new(ErrorCode::InvalidTable, what));
    }
    patterns.iter().map(|pattern| compile_one(pattern)).collect()
}

fn compile_one(pattern: &str) -> Result<TimePattern> {
    let bad = |why: String| {
        Error::new(ErrorCode::InvalidTable, format!("timestamp format {pattern:?} cannot be used: {why}"))
    };
    if pattern == "millis" {
        return Ok(TimePattern(vec![Item::EpochMillis]));
    }
    if pattern.len() > PATTERN_BYTES_MAX {
        return Err(bad(format!("it has more than {PATTERN_BYTES_MAX} bytes")));
    }
    let mut items = Vec::new();
    let mut rest = pattern.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'\'' {
            let (text, after) = quoted(after).ok_or_else(|| bad("a quote is not closed".into()))?;
            items.extend(text.into_iter().map(Item::Literal));
            rest = after;
        } else if first.is_ascii_alphabetic() {
            let (item, after) = letters(rest)
                .ok_or_else(|| bad(format!("the letter {:?} is not read", char::from(*first))))?;
            items.push(item);
            rest = after;
        } else {
            items.push(Item::Literal(*first));
            rest = after;
        }
    }
    Ok(TimePattern(items))
}

/// The text up to the closing quote, in which a double quote mark is one, and what is behind it.
fn quoted(mut rest: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    if let Some(after) = rest.strip_prefix(b"'") {
        return Some((vec![b'\''], after));
    }
    let mut text = Vec::new();
    loop {
        match rest {
            [b'\'', b'\'', after @ ..] => {
                text.push(b'\'');
                rest = after;
            }
            [b'\'', after @ ..] => return Some((text, after)),
            [byte, after @ ..] => {
                text.push(*byte);
                rest = after;
            }
            [] => return None,
        }
    }
}

/// The item that the run of letters at the front stands for, and what is behind it.
fn letters(pattern: &[u8]) -> Option<(Item, &[u8])> {
    let letter = *pattern.first()?;
    let count = pattern.iter().take_while(|byte| **byte == letter).count();
    let after = pattern.get(count..)?;
    let item = match item(letter, count)? {
        // Where one number follows another without anything between, its letters tell its digits.
        Item::Number(part, _) if matches!(letters(after), Some((Item::Number(..), _))) => {
            Item::Number(part, Width { min: count, max: count })
        }
        item => item,
    };
    Some((item, after))
}

fn item(letter: u8, count: usize) -> Option<Item> {
    let number = |part, max: usize| Item::Number(part, Width { min: 1, max: max.max(count) });
    Some(match letter {
        b'y' | b'Y' | b'u' if count == 2 => Item::Number(Part::YearOfCentury, Width { min: 2, max: 2 }),
        b'y' | b'Y' | b'u' => number(Part::Year, 4),
        b'M' if count >= 3 => Item::MonthName,
        b'M' => number(Part::Month, 2),
        b'd' => number(Part::Day, 2),
        b'H' | b'k' => number(Part::Hour, 2),
        b'h' | b'K' => number(Part::HourOfHalf, 2),
        b'm' => number(Part::Minute, 2),
        b's' => number(Part::Second, 2),
        b'S' => number(Part::Fraction, 9),
        b'E' => Item::DayName,
        b'a' => Item::HalfOfDay,
        b'Z' | b'X' | b'x' | b'z' => Item::Zone,
        _ => return None,
    })
}

impl TimePattern {
    /// The instant that `text` writes by this pattern; what the pattern leaves out is that of
    /// 1970-01-01 00:00:00 UTC.
    pub(super) fn parse(&self, text: &[u8]) -> Option<Instant> {
        if let [Item::EpochMillis] = self.0.as_slice() {
            return number::integer(text).map(Instant::from_millis);
        }
        let mut cursor = Cursor { rest: text };
        let mut fields = Fields { year: 1970, month: 1, day: 1, ..Fields::default() };
        for item in &self.0 {
            fields.read(*item, &mut cursor)?;
        }
        if cursor.rest.is_empty() { fields.instant() } else { None }
    }
}

/// What was read so far.
#[derive(Debug, Default)]
struct Fields {
    year: u32,
    month: u32,
    day: u32,
    hour: u32,
    hour_of_half: Option<u32>,
    afternoon: bool,
    minute: u32,
    second: u32,
    nanos: u32,
    offset_seconds: i64,
}

impl Fields {
    fn read(&mut self, item: Item, cursor: &mut Cursor<'_>) -> Option<()> {
        match item {
            Item::Literal(byte) => cursor.take(byte)?,
            Item::Number(Part::Fraction, width) => self.nanos = fraction(cursor, width)?,
            Item::Number(part, width) => {
                let value = cursor.digits(width.min, width.max)?;
                match part {
                    Part::Year => self.year = value,
                    Part::YearOfCentury => self.year = 2000 + value,
                    Part::Month => self.month = value,
                    Part::Day => self.day = value,
                    Part::Hour => self.hour = value,
                    Part::HourOfHalf => self.hour_of_half = Some(value),
                    Part::Minute => self.minute = value,
                    Part::Second => self.second = value,
                    Part::Fraction => {}
                }
            }
            Item::MonthName => self.month = month(cursor)?,
            Item::DayName => {
                word(cursor);
            }
            Item::HalfOfDay => match word(cursor) {
                half if half.eq_ignore_ascii_case(b"am") => self.afternoon = false,
                half if half.eq_ignore_ascii_case(b"pm") => self.afternoon = true,
                _ => return None,
            },
            Item::Zone => self.offset_seconds = cursor.zone()?,
            Item::EpochMillis => return None,
        }
        Some(())
    }

    fn instant(&self) -> Option<Instant> {
        let hour = match self.hour_of_half {
            None => self.hour,
            Some(hour) if hour > 12 => return None,
            Some(hour) => hour % 12 + if self.afternoon { 12 } else { 0 },
        };
        let days = time::days(i32::try_from(self.year).ok()?, self.month, self.day)?;
        let local = Instant::from_parts(days, hour, self.minute, self.second, self.nanos)?;
        Some(Instant { seconds: local.seconds.checked_sub(self.offset_seconds)?, ..local })
    }
}

fn fraction(cursor: &mut Cursor<'_>, width: Width) -> Option<u32> {
    if width.min == 1 {
        return cursor.fraction();
    }
    let digits = u32::try_from(width.max).ok().filter(|digits| *digits <= 9)?;
    Some(cursor.digits(width.min, width.max)? * 10_u32.pow(9 - digits))
}

fn month(cursor: &mut Cursor<'_>) -> Option<u32> {
    let name = word(cursor);
    let is_named = |month: &str| {
        let short = month.as_bytes().get(..3).unwrap_or_default();
        month.as_bytes().eq_ignore_ascii_case(name) || short.eq_ignore_ascii_case(name)
    };
    let at = MONTHS.iter().position(|month| is_named(month))?;
    u32::try_from(at + 1).ok()
}

/// The letters at the front.
fn word<'a>(cursor: &mut Cursor<'a>) -> &'a [u8] {
    let length = cursor.rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let (word, rest) = cursor.rest.split_at_checked(length).unwrap_or((cursor.rest, &[]));
    cursor.rest = rest;
    word
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn patterns_read_what_java_writes() {
        for (pattern, text, expect) in [
            ("yyyy-MM-dd'T'HH:mm:ss.SSS", "1970-01-01T00:00:01.250", Some((1, 250_000_000))),
            ("yyyy-MM-dd'T'HH:mm:ssZ", "1970-01-01T01:00:00+0100", Some((0, 0))),
            ("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "1970-01-01T01:00:00.5+01:00", Some((0, 500_000_000))),
            ("dd/MMM/yyyy:HH:mm:ss Z", "02/Jan/1970:00:00:00 +0000", Some((86_400, 0))),
            ("MM/dd/yyyy hh:mm:ss a", "1/1/1970 12:00:01 AM", Some((1, 0))),
            ("MM/dd/yyyy hh:mm:ss a", "01/01/1970 01:00:00 pm", Some((46_800, 0))),
            ("yyyyMMddHHmmss", "19700101000002", Some((2, 0))),
            ("yyyyMMddHHmmssSSS", "19700101000002007", Some((2, 7_000_000))),
            ("EEE, d MMMM yyyy", "Fri, 2 January 1970", Some((86_400, 0))),
            ("yy-MM-dd", "00-01-01", Some((946_684_800, 0))),
            ("h 'o''clock'", "1 o'clock", Some((3600, 0))),
            ("millis", "-1", Some((-1, 999_000_000))),
            ("yyyy-MM-dd", "1970-01-01 ", None),
            ("yyyy-MM-dd", "1970-13-01", None),
            ("yyyy-MM-dd", "", None),
        ] {
            let compiled = compile(&[pattern.to_owned()]).unwrap();
            let found = compiled[0].parse(text.as_bytes()).map(|at| (at.seconds, at.nanos));
            assert_eq!(found, expect, "{pattern:?} on {text:?}");
        }
    }

    #[test]
    fn unread_letters_are_refused() {
        for pattern in ["yyyy-ww", "GG", "'open"] {
            let error = compile(&[pattern.to_owned()]).unwrap_err();
            assert_eq!(error.code, ErrorCode::InvalidTable, "{pattern}");
        }
    }
}

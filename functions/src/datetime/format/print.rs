//! Pieces → text.

use super::{
    super::{
        calendar::{MILLIS_PER_HOUR, MILLIS_PER_MINUTE, power_of_ten},
        text::{push_offset, push_padded},
        zone::Zone,
    },
    field::{DateField, LocalTime},
    pattern::{Piece, names},
};
use crate::Fault;

/// Digits of a fraction beyond which the arithmetic of Trino's formatter would overflow.
const FRACTION_DIGITS_MAX: usize = 15;
const MILLIS_DIGITS: usize = 3;

/// Appends the instant (milliseconds UTC) as clocks in the zone show it.
pub(in super::super) fn print(
    out: &mut String,
    pieces: &[Piece],
    instant: i64,
    zone: Zone,
) -> Result<(), Fault> {
    let offset = zone.offset_at(instant);
    let time = LocalTime::of_millis(instant.saturating_add(offset));
    for piece in pieces {
        match piece {
            Piece::Literal(text) => out.push_str(text),
            Piece::Number { field, digits_min, .. } => push_padded(out, time.get(*field), *digits_min),
            Piece::TwoDigitYear { field, .. } => push_padded(out, time.get(*field).abs() % 100, 2),
            Piece::Text { field, short } => {
                let (names, first, letters) = names(*field);
                let index = usize::try_from(time.get(*field) - first).unwrap_or(usize::MAX);
                let name = names.get(index).copied().unwrap_or_default();
                out.push_str(if *short { name.get(..letters).unwrap_or(name) } else { name });
            }
            Piece::Fraction { digits_min, digits_max } => {
                push_fraction(out, time.get(DateField::MilliOfSecond), *digits_min, *digits_max);
            }
            Piece::Offset { colon } => push_zone_offset(out, offset, *colon),
            Piece::ZoneId => out.push_str(zone.name()),
            Piece::ZoneName { short } => out.push_str(&zone_name(zone, instant, *short)?),
        }
    }
    Ok(())
}

/// Trailing zeros beyond the least number of digits are left out.
fn push_fraction(out: &mut String, millis: i64, digits_min: usize, digits_max: usize) {
    if millis == 0 {
        out.extend(std::iter::repeat_n('0', digits_min));
        return;
    }
    let digits = digits_max.min(FRACTION_DIGITS_MAX);
    let exponent = |digits: usize| power_of_ten(u32::try_from(digits).unwrap_or(0));
    let scaled = match digits >= MILLIS_DIGITS {
        true => millis * exponent(digits - MILLIS_DIGITS),
        false => millis / exponent(MILLIS_DIGITS - digits),
    };
    let start = out.len();
    push_padded(out, scaled, digits);
    while out.len() - start > digits_min.max(1) && out.ends_with('0') {
        out.pop();
    }
}

fn push_zone_offset(out: &mut String, offset_millis: i64, colon: bool) {
    // Zero is +00:00 too: Joda reads a Z here, and never writes it.
    if colon {
        push_offset(out, offset_millis / MILLIS_PER_MINUTE);
        if -MILLIS_PER_MINUTE < offset_millis && offset_millis < 0 {
            // Less than a minute still has its sign.
            out.replace_range(out.len() - 6..out.len() - 5, "-");
        }
        return;
    }
    out.push(if offset_millis < 0 { '-' } else { '+' });
    push_padded(out, offset_millis.abs() / MILLIS_PER_HOUR, 2);
    push_padded(out, offset_millis.abs() / MILLIS_PER_MINUTE % 60, 2);
}

/// Names of zones come from Java's locale data, which we do not have: those of UTC, offsets and the United
/// States are certain.
fn zone_name(zone: Zone, instant: i64, short: bool) -> Result<String, Fault> {
    if zone == Zone::UTC {
        return Ok(if short { "UTC" } else { "Coordinated Universal Time" }.to_owned());
    }
    if zone.fixed_minutes().is_some() {
        return Ok(zone.name().to_owned());
    }
    const UNITED_STATES: [(&[&str], &str); 4] = [
        (&["America/New_York", "US/Eastern", "America/Detroit", "US/Michigan"], "Eastern"),
        (&["America/Chicago", "US/Central"], "Central"),
        (&["America/Denver", "US/Mountain"], "Mountain"),
        (&["America/Los_Angeles", "US/Pacific"], "Pacific"),
    ];
    let known = UNITED_STATES.iter().find(|(zones, _)| zones.contains(&zone.name())).map(|(_, name)| *name);
    let unknown = || Fault::not_supported(format!("the name of time zone {}", zone.name()));
    let (area, abbreviation) = known.zip(zone.abbreviation(instant)).ok_or_else(unknown)?;
    match abbreviation.as_bytes() {
        [_, b'S' | b'D', b'T'] if short => Ok(abbreviation),
        [_, b'S', b'T'] => Ok(format!("{area} Standard Time")),
        [_, b'D', b'T'] => Ok(format!("{area} Daylight Time")),
        _ => Err(unknown()),
    }
}

//! Units of time and the arithmetic of `date_add`, `date_diff` and `date_trunc` on instants in a zone.
//!
//! Days and longer units count on the zone's local calendar, hours and shorter ones on the instant, as in
//! Joda-Time, whose calendar Trino uses.

use super::{
    calendar::{
        Civil, MILLIS_PER_DAY, MILLIS_PER_HOUR, MILLIS_PER_MINUTE, MILLIS_PER_SECOND, MILLIS_PER_WEEK,
        add_months, civil_from_days, day_of_week, days_from_civil, days_in_month, is_leap, split_day,
    },
    zone::Zone,
};
use crate::Fault;

/// Milliseconds from the beginning of a leap year to its leap day.
const LEAP_DAY_MILLIS: i64 = 59 * MILLIS_PER_DAY;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unit {
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// Which units a type takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Units {
    OfDate,
    OfTime,
    OfTimestamp,
}

impl Unit {
    /// The unit with this name in any case.
    pub(super) fn named(name: &str, units: Units) -> Result<Self, Fault> {
        const ALL: [(&str, Unit); 9] = [
            ("millisecond", Unit::Millisecond),
            ("second", Unit::Second),
            ("minute", Unit::Minute),
            ("hour", Unit::Hour),
            ("day", Unit::Day),
            ("week", Unit::Week),
            ("month", Unit::Month),
            ("quarter", Unit::Quarter),
            ("year", Unit::Year),
        ];
        let (fits, kind): (fn(Unit) -> bool, _) = match units {
            Units::OfDate => (|unit| unit >= Unit::Day, "DATE"),
            Units::OfTime => (|unit| unit <= Unit::Hour, "Time"),
            Units::OfTimestamp => (|_| true, "Timestamp"),
        };
        let found = ALL.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, unit)| *unit);
        found.filter(|unit| fits(*unit)).ok_or_else(|| {
            Fault::invalid_argument(format!("'{}' is not a valid {kind} field", name.to_lowercase()))
        })
    }

    /// Milliseconds of units that always have the same.
    pub(super) fn millis(self) -> Option<i64> {
        Some(match self {
            Unit::Millisecond => 1,
            Unit::Second => MILLIS_PER_SECOND,
            Unit::Minute => MILLIS_PER_MINUTE,
            Unit::Hour => MILLIS_PER_HOUR,
            Unit::Day => MILLIS_PER_DAY,
            Unit::Week => MILLIS_PER_WEEK,
            Unit::Month | Unit::Quarter | Unit::Year => return None,
        })
    }

    fn months(self) -> i64 {
        match self {
            Unit::Quarter => 3,
            Unit::Year => 12,
            _ => 1,
        }
    }
}

/// None: outside the calendar.
pub(super) fn add(unit: Unit, amount: i64, instant: i64, zone: Zone) -> Option<i64> {
    if unit <= Unit::Hour {
        return instant.checked_add(amount.checked_mul(unit.millis()?)?);
    }
    let local = instant.checked_add(zone.offset_at(instant))?;
    let local = match unit.millis() {
        Some(millis) => local.checked_add(amount.checked_mul(millis)?)?,
        None => add_months_to(local, amount.checked_mul(unit.months())?)?,
    };
    zone.instant_near(local, instant)
}

/// Adds months to a local time, whose day becomes the last of its month if need be.
pub(super) fn add_months_to(local: i64, months: i64) -> Option<i64> {
    let (days, millis) = split_day(local);
    add_months(days, months)?.checked_mul(MILLIS_PER_DAY)?.checked_add(millis)
}

/// The beginning of the unit. None: outside the calendar.
pub(super) fn floor(unit: Unit, instant: i64, zone: Zone) -> Option<i64> {
    let offset = zone.offset_at(instant);
    let local = instant.checked_add(offset)?;
    if unit <= Unit::Hour {
        let millis = unit.millis()?;
        return local.div_euclid(millis).checked_mul(millis)?.checked_sub(offset);
    }
    let days = floor_days(unit, split_day(local).0);
    zone.instant_near(days.checked_mul(MILLIS_PER_DAY)?, instant)
}

/// The first day of the unit.
pub(super) fn floor_days(unit: Unit, days: i64) -> i64 {
    match unit {
        Unit::Month | Unit::Quarter | Unit::Year => {
            let Civil { year, month, .. } = civil_from_days(days);
            let first = match unit {
                Unit::Month => month,
                Unit::Quarter => (month - 1) / 3 * 3 + 1,
                _ => 1,
            };
            days_from_civil(year, first, 1)
        }
        Unit::Week => days - (day_of_week(days) - 1),
        _ => days,
    }
}

/// Whole units from `start` to `end`.
pub(super) fn difference(unit: Unit, start: i64, end: i64, zone: Zone) -> Option<i64> {
    let offset = zone.offset_at(start);
    let end_offset = if unit <= Unit::Hour { offset } else { zone.offset_at(end) };
    let (start, end) = (start.checked_add(offset)?, end.checked_add(end_offset)?);
    match unit.millis() {
        Some(millis) => Some(end.checked_sub(start)? / millis),
        None if end < start => Some(-elapsed(unit, end, start)),
        None => Some(elapsed(unit, start, end)),
    }
}

/// Whole months, quarters or years from the earlier to the later local time.
fn elapsed(unit: Unit, earlier: i64, later: i64) -> i64 {
    match unit {
        Unit::Year => elapsed_years(earlier, later),
        Unit::Quarter => elapsed_months(earlier, later) / 3,
        _ => elapsed_months(earlier, later),
    }
}

/// A month is complete on the same day at the same time; the last day of a month completes one from any
/// later day.
fn elapsed_months(earlier: i64, later: i64) -> i64 {
    let ((earlier_days, earlier_millis), (later_days, later_millis)) = (split_day(earlier), split_day(later));
    let (from, to) = (civil_from_days(earlier_days), civil_from_days(later_days));
    let months = (to.year - from.year) * 12 + to.month - from.month;
    let is_last = to.day == days_in_month(to.year, to.month);
    let from_day = if is_last { from.day.min(to.day) } else { from.day };
    months - i64::from((to.day, later_millis) < (from_day, earlier_millis))
}

/// Days from the leap day on count as in a year without one, if the other year has none.
fn elapsed_years(earlier: i64, later: i64) -> i64 {
    let of_year = |local: i64| {
        let (days, millis) = split_day(local);
        let year = civil_from_days(days).year;
        (year, (days - days_from_civil(year, 1, 1)) * MILLIS_PER_DAY + millis)
    };
    let ((from_year, mut from), (to_year, mut to)) = (of_year(earlier), of_year(later));
    if from >= LEAP_DAY_MILLIS {
        if is_leap(from_year) {
            from -= if is_leap(to_year) { 0 } else { MILLIS_PER_DAY };
        } else if to >= LEAP_DAY_MILLIS && is_leap(to_year) {
            to -= MILLIS_PER_DAY;
        }
    }
    to_year - from_year - i64::from(to < from)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn at(year: i64, month: i64, day: i64, hour: i64) -> i64 {
        days_from_civil(year, month, day) * MILLIS_PER_DAY + hour * MILLIS_PER_HOUR
    }

    #[test]
    fn months_and_years_are_complete_on_their_day() {
        for (unit, start, end, expected) in [
            (Unit::Month, at(2020, 1, 31, 0), at(2020, 2, 29, 0), 1),
            (Unit::Month, at(2020, 1, 31, 0), at(2020, 2, 28, 0), 0),
            (Unit::Month, at(2020, 2, 29, 0), at(2020, 1, 31, 0), -1),
            (Unit::Month, at(2020, 1, 31, 1), at(2020, 2, 29, 0), 0),
            (Unit::Month, at(2020, 1, 15, 0), at(2020, 3, 14, 23), 1),
            (Unit::Quarter, at(2020, 1, 15, 0), at(2020, 7, 14, 0), 1),
            (Unit::Year, at(2020, 2, 29, 0), at(2021, 2, 28, 0), 1),
            (Unit::Year, at(2019, 3, 1, 0), at(2020, 2, 29, 0), 0),
            (Unit::Year, at(2019, 3, 1, 0), at(2020, 3, 1, 0), 1),
            (Unit::Day, at(2020, 1, 1, 23), at(2020, 1, 3, 0), 1),
            (Unit::Day, at(2020, 1, 3, 0), at(2020, 1, 1, 23), -1),
            (Unit::Week, at(2020, 1, 1, 0), at(2020, 1, 14, 0), 1),
        ] {
            assert_eq!(difference(unit, start, end, Zone::UTC), Some(expected), "{unit:?} {start} {end}");
        }
    }

    #[test]
    fn days_are_local_and_hours_are_not() {
        let zone = Zone::named("America/New_York").unwrap();
        let before = at(2020, 3, 7, 17);
        assert_eq!(add(Unit::Day, 1, before, zone), Some(before + 23 * MILLIS_PER_HOUR));
        assert_eq!(add(Unit::Hour, 24, before, zone), Some(before + MILLIS_PER_DAY));
        assert_eq!(difference(Unit::Day, before, before + 23 * MILLIS_PER_HOUR, zone), Some(1));
        assert_eq!(floor(Unit::Day, at(2020, 3, 8, 18), zone), Some(at(2020, 3, 8, 5)));
        assert_eq!(floor(Unit::Year, i64::MIN, Zone::UTC), None);
        assert_eq!(add(Unit::Year, i64::MAX, 0, Zone::UTC), None);
    }
}

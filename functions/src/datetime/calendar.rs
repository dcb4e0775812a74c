//! The proleptic Gregorian calendar in integers: days since 1970-01-01 and milliseconds.
//!
//! Nothing here can overflow for the days of any 64-bit count of milliseconds; that is why years are i64.

pub(super) const MILLIS_PER_SECOND: i64 = 1_000;
pub(super) const MILLIS_PER_MINUTE: i64 = 60 * MILLIS_PER_SECOND;
pub(super) const MILLIS_PER_HOUR: i64 = 60 * MILLIS_PER_MINUTE;
pub(super) const MILLIS_PER_DAY: i64 = 24 * MILLIS_PER_HOUR;
pub(super) const MILLIS_PER_WEEK: i64 = 7 * MILLIS_PER_DAY;
pub(super) const NANOS_PER_MILLI: i64 = 1_000_000;
pub(super) const NANOS_PER_SECOND: i64 = 1_000_000_000;
pub(super) const NANOS_PER_MINUTE: i64 = 60 * NANOS_PER_SECOND;
pub(super) const NANOS_PER_DAY: i64 = 24 * 60 * NANOS_PER_MINUTE;
/// First and last year: any time of them has a 64-bit number of milliseconds. Trino has a few more on each side.
pub(super) const YEAR_MIN: i64 = -292_000_000;
pub(super) const YEAR_MAX: i64 = 292_000_000;

const DAYS_PER_ERA: i64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH_SHIFT_DAYS: i64 = 719_468;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Civil {
    pub(super) year: i64,
    /// 1 to 12.
    pub(super) month: i64,
    /// 1 to 31.
    pub(super) day: i64,
}

/// Years begin in March here, so that the leap day is the last of its year.
pub(super) fn civil_from_days(days: i64) -> Civil {
    let shifted = days + EPOCH_SHIFT_DAYS;
    let era = shifted.div_euclid(DAYS_PER_ERA);
    let day_of_era = shifted.rem_euclid(DAYS_PER_ERA);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / (DAYS_PER_ERA - 1)) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    Civil { year: year_of_era + era * 400 + i64::from(month <= 2), month, day }
}

/// The month must be 1 to 12; the day may lie beyond the month.
pub(super) fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * DAYS_PER_ERA + day_of_era - EPOCH_SHIFT_DAYS
}

pub(super) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(super) fn days_in_year(year: i64) -> i64 {
    365 + i64::from(is_leap(year))
}

pub(super) fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// True if there is such a day.
pub(super) fn is_date(year: i64, month: i64, day: i64) -> bool {
    (1..=12).contains(&month) && day >= 1 && day <= days_in_month(year, month)
}

/// 1 to 366.
pub(super) fn day_of_year(days: i64) -> i64 {
    days - days_from_civil(civil_from_days(days).year, 1, 1) + 1
}

/// 1 is Monday, 7 is Sunday.
pub(super) fn day_of_week(days: i64) -> i64 {
    (days + 3).rem_euclid(7) + 1
}

/// The year that the ISO week of this day belongs to, and the week's number.
pub(super) fn iso_week(days: i64) -> (i64, i64) {
    let thursday = days + 4 - day_of_week(days);
    let year = civil_from_days(thursday).year;
    (year, (thursday - days_from_civil(year, 1, 1)) / 7 + 1)
}

/// The Monday on which an ISO week year begins.
pub(super) fn week_year_start(year: i64) -> i64 {
    let always_in_first_week = days_from_civil(year, 1, 4);
    always_in_first_week - (day_of_week(always_in_first_week) - 1)
}

pub(super) fn weeks_in_week_year(year: i64) -> i64 {
    (week_year_start(year + 1) - week_year_start(year)) / 7
}

/// The same day of another month, or its last day if it is shorter. None: outside the calendar.
pub(super) fn add_months(days: i64, months: i64) -> Option<i64> {
    let Civil { year, month, day } = civil_from_days(days);
    let total = (year * 12 + month - 1).checked_add(months)?;
    let (year, month) = (total.div_euclid(12), total.rem_euclid(12) + 1);
    (YEAR_MIN..=YEAR_MAX)
        .contains(&year)
        .then(|| days_from_civil(year, month, day.min(days_in_month(year, month))))
}

/// Splits a local time in milliseconds into its day and the milliseconds of that day.
pub(super) fn split_day(millis: i64) -> (i64, i64) {
    (millis.div_euclid(MILLIS_PER_DAY), millis.rem_euclid(MILLIS_PER_DAY))
}

/// `value / divisor`, a half rounded up.
pub(super) fn round_half_up(value: i128, divisor: i128) -> i128 {
    (value + divisor / 2).div_euclid(divisor)
}

/// 10^exponent for the digits of a second.
pub(super) fn power_of_ten(exponent: u32) -> i64 {
    10_i64.saturating_pow(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_agree() {
        for (year, month, day, days) in [
            (1970, 1, 1, 0),
            (1969, 12, 31, -1),
            (2000, 2, 29, 11_016),
            (2020, 3, 1, 18_322),
            (0, 1, 1, -719_528),
            (-1, 12, 31, -719_529),
            (9999, 12, 31, 2_932_896),
        ] {
            assert_eq!(days_from_civil(year, month, day), days);
            assert_eq!(civil_from_days(days), Civil { year, month, day });
        }
        for days in (-200_000_000..200_000_000).step_by(9_973) {
            let Civil { year, month, day } = civil_from_days(days);
            assert!(is_date(year, month, day));
            assert_eq!(days_from_civil(year, month, day), days);
        }
    }

    #[test]
    fn weeks_follow_iso() {
        for (year, month, day, week) in [
            (2020, 12, 31, (2020, 53)),
            (2021, 1, 3, (2020, 53)),
            (2021, 1, 4, (2021, 1)),
            (2018, 12, 31, (2019, 1)),
            (1970, 1, 1, (1970, 1)),
        ] {
            assert_eq!(iso_week(days_from_civil(year, month, day)), week);
        }
        assert_eq!(weeks_in_week_year(2020), 53);
        assert_eq!(weeks_in_week_year(2021), 52);
    }

    #[test]
    fn months_end_where_they_must() {
        let add = |year, month, day, months| add_months(days_from_civil(year, month, day), months);
        assert_eq!(add(2020, 1, 31, 1), Some(days_from_civil(2020, 2, 29)));
        assert_eq!(add(2020, 2, 29, -12), Some(days_from_civil(2019, 2, 28)));
        assert_eq!(add(2020, 1, 31, i64::MAX), None);
    }
}

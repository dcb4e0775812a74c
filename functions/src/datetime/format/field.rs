//! The fields of a date and time that formats name, as Joda-Time knows them.

use super::super::calendar::{
    Civil, MILLIS_PER_DAY, MILLIS_PER_HOUR, MILLIS_PER_MINUTE, MILLIS_PER_SECOND, MILLIS_PER_WEEK, YEAR_MAX,
    YEAR_MIN, civil_from_days, day_of_week, day_of_year, days_from_civil, days_in_month, days_in_year,
    iso_week, split_day, week_year_start, weeks_in_week_year,
};

const MILLIS_PER_HALF_DAY: i64 = MILLIS_PER_DAY / 2;
/// Average lengths, which order fields by size.
const MILLIS_PER_YEAR: i64 = 31_556_952_000;
const MILLIS_PER_MONTH: i64 = MILLIS_PER_YEAR / 12;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum DateField {
    Era,
    CenturyOfEra,
    YearOfEra,
    Year,
    WeekYear,
    Month,
    DayOfYear,
    DayOfMonth,
    DayOfWeek,
    Week,
    HalfDay,
    HourOfDay,
    /// 1 to 24.
    ClockHourOfDay,
    /// 0 to 11.
    HourOfHalfDay,
    /// 1 to 12.
    ClockHourOfHalfDay,
    Minute,
    Second,
    MilliOfSecond,
    /// Milliseconds that a fraction of a minute stands for.
    MilliOfMinute,
    /// Milliseconds that a fraction of an hour stands for.
    MilliOfHour,
}

/// A local time (milliseconds as if UTC) with its date taken apart.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct LocalTime {
    days: i64,
    millis_of_day: i64,
    civil: Civil,
}

impl LocalTime {
    pub(in super::super) fn of_millis(local: i64) -> Self {
        let (days, millis_of_day) = split_day(local);
        Self { days, millis_of_day, civil: civil_from_days(days) }
    }

    fn millis(self) -> i64 {
        self.days * MILLIS_PER_DAY + self.millis_of_day
    }

    pub(in super::super) fn get(self, field: DateField) -> i64 {
        let hour = self.millis_of_day / MILLIS_PER_HOUR;
        match field {
            DateField::Era => i64::from(self.civil.year > 0),
            DateField::CenturyOfEra => self.civil.year.abs() / 100,
            DateField::YearOfEra if self.civil.year <= 0 => 1 - self.civil.year,
            DateField::YearOfEra | DateField::Year => self.civil.year,
            DateField::WeekYear => iso_week(self.days).0,
            DateField::Month => self.civil.month,
            DateField::DayOfYear => day_of_year(self.days),
            DateField::DayOfMonth => self.civil.day,
            DateField::DayOfWeek => day_of_week(self.days),
            DateField::Week => iso_week(self.days).1,
            DateField::HalfDay => hour / 12,
            DateField::HourOfDay => hour,
            DateField::ClockHourOfDay => (hour + 23) % 24 + 1,
            DateField::HourOfHalfDay => hour % 12,
            DateField::ClockHourOfHalfDay => (hour + 11) % 12 + 1,
            DateField::Minute => self.millis_of_day / MILLIS_PER_MINUTE % 60,
            DateField::Second => self.millis_of_day / MILLIS_PER_SECOND % 60,
            DateField::MilliOfSecond => self.millis_of_day % MILLIS_PER_SECOND,
            DateField::MilliOfMinute => self.millis_of_day % MILLIS_PER_MINUTE,
            DateField::MilliOfHour => self.millis_of_day % MILLIS_PER_HOUR,
        }
    }
}

impl DateField {
    /// Milliseconds between two values, or None for eras; and until values repeat, or None if they do not.
    pub(super) fn lengths(self) -> (Option<i64>, Option<i64>) {
        let (length, range) = match self {
            DateField::Era => return (None, None),
            DateField::CenturyOfEra => return (Some(100 * MILLIS_PER_YEAR), None),
            DateField::YearOfEra | DateField::Year | DateField::WeekYear => {
                return (Some(MILLIS_PER_YEAR), None);
            }
            DateField::Month => (MILLIS_PER_MONTH, MILLIS_PER_YEAR),
            DateField::DayOfYear => (MILLIS_PER_DAY, MILLIS_PER_YEAR),
            DateField::Week => (MILLIS_PER_WEEK, MILLIS_PER_YEAR),
            DateField::DayOfMonth => (MILLIS_PER_DAY, MILLIS_PER_MONTH),
            DateField::DayOfWeek => (MILLIS_PER_DAY, MILLIS_PER_WEEK),
            DateField::HalfDay => (MILLIS_PER_HALF_DAY, MILLIS_PER_DAY),
            DateField::HourOfDay | DateField::ClockHourOfDay => (MILLIS_PER_HOUR, MILLIS_PER_DAY),
            DateField::HourOfHalfDay | DateField::ClockHourOfHalfDay => {
                (MILLIS_PER_HOUR, MILLIS_PER_HALF_DAY)
            }
            DateField::Minute => (MILLIS_PER_MINUTE, MILLIS_PER_HOUR),
            DateField::Second => (MILLIS_PER_SECOND, MILLIS_PER_MINUTE),
            DateField::MilliOfSecond => (1, MILLIS_PER_SECOND),
            DateField::MilliOfMinute => (1, MILLIS_PER_MINUTE),
            DateField::MilliOfHour => (1, MILLIS_PER_HOUR),
        };
        (Some(length), Some(range))
    }

    /// True for months, weeks and days: a text with none larger is about the year 2000.
    pub(super) fn needs_year(self) -> bool {
        let (length, _) = self.lengths();
        length.is_some_and(|length| (MILLIS_PER_DAY..=MILLIS_PER_MONTH).contains(&length))
    }

    /// Values that the field takes in the year, month or week of `time`.
    fn bounds(self, time: LocalTime) -> (i64, i64) {
        let Civil { year, month, .. } = time.civil;
        match self {
            DateField::Era | DateField::HalfDay => (0, 1),
            DateField::CenturyOfEra => (0, YEAR_MAX / 100),
            DateField::YearOfEra => (1, YEAR_MAX),
            DateField::Year | DateField::WeekYear => (YEAR_MIN, YEAR_MAX),
            DateField::Month | DateField::ClockHourOfHalfDay => (1, 12),
            DateField::DayOfYear => (1, days_in_year(year)),
            DateField::DayOfMonth => (1, days_in_month(year, month)),
            DateField::DayOfWeek => (1, 7),
            DateField::Week => (1, weeks_in_week_year(iso_week(time.days).0)),
            DateField::HourOfDay => (0, 23),
            DateField::ClockHourOfDay => (1, 24),
            DateField::HourOfHalfDay => (0, 11),
            DateField::Minute | DateField::Second => (0, 59),
            DateField::MilliOfSecond => (0, MILLIS_PER_SECOND - 1),
            DateField::MilliOfMinute => (0, MILLIS_PER_MINUTE - 1),
            DateField::MilliOfHour => (0, MILLIS_PER_HOUR - 1),
        }
    }

    /// The local time with this field changed; None if the field does not take the value.
    pub(super) fn set(self, local: i64, value: i64) -> Option<i64> {
        let time = LocalTime::of_millis(local);
        let (least, most) = self.bounds(time);
        if !(least..=most).contains(&value) {
            return None;
        }
        let at_days = |days: i64| Some(days * MILLIS_PER_DAY + time.millis_of_day);
        let Civil { year, month, day } = time.civil;
        match self {
            DateField::Era if time.get(self) == value => Some(local),
            DateField::Era => at_days(in_year(time, -year)),
            DateField::CenturyOfEra => {
                let target = value * 100 + year.abs() % 100;
                at_days(in_year(time, if year < 0 { -target } else { target }))
            }
            DateField::YearOfEra => at_days(in_year(time, if year <= 0 { 1 - value } else { value })),
            DateField::Year => at_days(in_year(time, value)),
            DateField::WeekYear => {
                let week = iso_week(time.days).1.min(weeks_in_week_year(value));
                at_days(week_year_start(value) + (week - 1) * 7 + day_of_week(time.days) - 1)
            }
            DateField::Month => at_days(days_from_civil(year, value, day.min(days_in_month(year, value)))),
            DateField::DayOfMonth => at_days(days_from_civil(year, month, value)),
            DateField::ClockHourOfDay => {
                Some(local + (value % 24 - time.get(DateField::HourOfDay)) * MILLIS_PER_HOUR)
            }
            DateField::ClockHourOfHalfDay => {
                Some(local + (value % 12 - time.get(DateField::HourOfHalfDay)) * MILLIS_PER_HOUR)
            }
            _ => Some(local + (value - time.get(self)) * self.lengths().0?),
        }
    }

    /// The beginning of what the field names.
    pub(super) fn floor(self, local: i64) -> i64 {
        let time = LocalTime::of_millis(local);
        let year = time.civil.year;
        let days = match self {
            DateField::Era => days_from_civil(if year > 0 { 1 } else { YEAR_MIN }, 1, 1),
            DateField::CenturyOfEra => days_from_civil(year / 100 * 100, 1, 1),
            DateField::YearOfEra | DateField::Year => days_from_civil(year, 1, 1),
            DateField::WeekYear => week_year_start(iso_week(time.days).0),
            DateField::Month => days_from_civil(year, time.civil.month, 1),
            DateField::Week => time.days - (day_of_week(time.days) - 1),
            DateField::DayOfYear | DateField::DayOfMonth | DateField::DayOfWeek => time.days,
            _ => {
                let length = self.lengths().0.unwrap_or(1);
                return time.millis() - time.millis_of_day % length;
            }
        };
        days * MILLIS_PER_DAY
    }
}

/// The same day of another year; the leap day becomes the day before.
fn in_year(time: LocalTime, year: i64) -> i64 {
    let Civil { month, day, .. } = time.civil;
    days_from_civil(year, month, day.min(days_in_month(year, month)))
}

//! Dates and times in `format`: Java's own text, and the `%t` conversions.

use std::fmt::Write;

use crate::Fault;

const NANOSECONDS_PER_SECOND: i64 = 1_000_000_000;
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// A date, a time of day, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// Days since 1970-01-01.
    days: Option<i64>,
    /// Nanoseconds of the day.
    nanoseconds: Option<i64>,
    is_zoned: bool,
}

impl Moment {
    pub(super) fn date(days: i64) -> Self {
        Self { days: Some(days), nanoseconds: None, is_zoned: false }
    }

    pub(super) fn time(nanoseconds: i64) -> Self {
        Self { days: None, nanoseconds: Some(nanoseconds), is_zoned: false }
    }

    pub(super) fn date_time(days: i64, nanoseconds: i64) -> Self {
        Self { days: Some(days), nanoseconds: Some(nanoseconds), is_zoned: false }
    }

    /// Of the text of a timestamp with time zone: its local date and time.
    pub(super) fn zoned(text: &str) -> Result<Self, Fault> {
        let mut words = text.split(' ');
        let local = words.next().zip(words.next());
        let parsed = local.and_then(|(date, time)| Some((days_of(date)?, nanoseconds_of(time)?)));
        let (days, nanoseconds) =
            parsed.ok_or_else(|| Fault::not_supported(format!("format of the timestamp {text}")))?;
        Ok(Self { is_zoned: true, ..Self::date_time(days, nanoseconds) })
    }

    pub(super) fn class(self) -> &'static str {
        match (self.days, self.nanoseconds) {
            _ if self.is_zoned => "java.time.ZonedDateTime",
            (Some(_), Some(_)) => "java.time.LocalDateTime",
            (Some(_), None) => "java.time.LocalDate",
            _ => "java.time.LocalTime",
        }
    }

    /// Java's `toString`.
    pub(super) fn to_java(self) -> Result<String, Fault> {
        if self.is_zoned {
            return Err(Fault::not_supported("format of a timestamp with time zone by %s"));
        }
        let mut out = String::new();
        if let Some(days) = self.days {
            let (year, month, day) = civil(days);
            let _ = match year {
                10_000.. => write!(out, "+{year}"),
                0.. => write!(out, "{year:04}"),
                _ => write!(out, "-{:04}", -year),
            };
            let _ = write!(out, "-{month:02}-{day:02}");
        }
        if self.days.is_some() && self.nanoseconds.is_some() {
            out.push('T');
        }
        if let Some(nanoseconds) = self.nanoseconds {
            write_time(nanoseconds, &mut out);
        }
        Ok(out)
    }

    /// The `%t` conversion of this letter; None if the value does not have it, or there is no such conversion.
    pub(super) fn conversion(self, letter: char) -> Option<String> {
        self.days
            .and_then(|days| date_conversion(days, letter))
            .or_else(|| self.nanoseconds.and_then(|time| time_conversion(time, letter)))
    }
}

/// True if Java knows the `%t` conversion.
pub(super) fn is_conversion(letter: char) -> bool {
    "HIklMNLQpsSTzZaAbBCdehjmyYrRcDF".contains(letter)
}

fn write_time(nanoseconds: i64, out: &mut String) {
    let (seconds, fraction) = (nanoseconds / NANOSECONDS_PER_SECOND, nanoseconds % NANOSECONDS_PER_SECOND);
    let _ = write!(out, "{:02}:{:02}", seconds / 3600, seconds / 60 % 60);
    if seconds % 60 > 0 || fraction > 0 {
        let _ = write!(out, ":{:02}", seconds % 60);
    }
    // As few groups of three digits as possible.
    let _ = match fraction {
        0 => Ok(()),
        _ if fraction % 1_000_000 == 0 => write!(out, ".{:03}", fraction / 1_000_000),
        _ if fraction % 1000 == 0 => write!(out, ".{:06}", fraction / 1000),
        _ => write!(out, ".{fraction:09}"),
    };
}

fn time_conversion(nanoseconds: i64, letter: char) -> Option<String> {
    let (seconds, fraction) = (nanoseconds / NANOSECONDS_PER_SECOND, nanoseconds % NANOSECONDS_PER_SECOND);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let hour12 = if hour % 12 == 0 { 12 } else { hour % 12 };
    let half = if hour < 12 { "am" } else { "pm" };
    Some(match letter {
        'H' => format!("{hour:02}"),
        'I' => format!("{hour12:02}"),
        'k' => hour.to_string(),
        'l' => hour12.to_string(),
        'M' => format!("{minute:02}"),
        'S' => format!("{second:02}"),
        'L' => format!("{:03}", fraction / 1_000_000),
        'N' => format!("{fraction:09}"),
        'p' => half.into(),
        'R' => format!("{hour:02}:{minute:02}"),
        'T' => format!("{hour:02}:{minute:02}:{second:02}"),
        'r' => format!("{hour12:02}:{minute:02}:{second:02} {}", half.to_uppercase()),
        _ => return None,
    })
}

fn date_conversion(days: i64, letter: char) -> Option<String> {
    let (year, month, day) = civil(days);
    let name = |names: &[&'static str], index: i64| {
        usize::try_from(index).ok().and_then(|index| names.get(index).copied()).unwrap_or_default()
    };
    let weekday = name(&WEEKDAYS, (days + 4).rem_euclid(7));
    let month_name = name(&MONTHS, month - 1);
    let short = |name: &'static str| name.get(..3).unwrap_or(name).to_owned();
    // Years before 1 are written in other ways by each of Java's conversions.
    if year < 1 {
        return None;
    }
    Some(match letter {
        'B' => month_name.into(),
        'b' | 'h' => short(month_name),
        'A' => weekday.into(),
        'a' => short(weekday),
        'C' => format!("{:02}", year / 100),
        'Y' => format!("{year:04}"),
        'y' => format!("{:02}", year % 100),
        'j' => format!("{:03}", days - days_from_civil(year, 1, 1) + 1),
        'm' => format!("{month:02}"),
        'd' => format!("{day:02}"),
        'e' => day.to_string(),
        'D' => format!("{month:02}/{day:02}/{:02}", year % 100),
        'F' => format!("{year:04}-{month:02}-{day:02}"),
        _ => return None,
    })
}

/// Year, month and day, in the Gregorian calendar of all times.
fn civil(days: i64) -> (i64, i64, i64) {
    // Years that begin in March have their leap day at the end.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Reads `2020-01-02`.
fn days_of(date: &str) -> Option<i64> {
    let (sign, digits) = match date.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, date.strip_prefix('+').unwrap_or(date)),
    };
    let mut parts = digits.split('-').map(str::parse::<i64>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    let is_date = year < 1_000_000 && (1..=12).contains(&month) && (1..=31).contains(&day);
    is_date.then(|| days_from_civil(sign * year, month, day))
}

/// Reads `01:02:03.456`.
fn nanoseconds_of(time: &str) -> Option<i64> {
    let (whole, fraction) = time.split_once('.').unwrap_or((time, ""));
    let mut parts = whole.split(':').map(str::parse::<i64>);
    let hour = parts.next()?.ok()?;
    let minute = parts.next()?.ok()?;
    let second = parts.next().unwrap_or(Ok(0)).ok()?;
    let fraction: i64 = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    let is_time = (0..24).contains(&hour) && (0..60).contains(&minute) && (0..60).contains(&second);
    is_time.then_some(((hour * 60 + minute) * 60 + second) * NANOSECONDS_PER_SECOND + fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_agree() {
        for (days, date) in [
            (0, (1970, 1, 1)),
            (-1, (1969, 12, 31)),
            (18_321, (2020, 2, 29)),
            (-719_468, (0, 3, 1)),
            (-719_529, (-1, 12, 31)),
            (2_932_896, (9999, 12, 31)),
        ] {
            assert_eq!(civil(days), date);
            assert_eq!(days_from_civil(date.0, date.1, date.2), days);
        }
    }

    #[test]
    fn text_of_zoned_timestamps_is_read() {
        let moment = Moment::zoned("2020-02-29 13:04:05.678 America/Los_Angeles").ok();
        let conversion = |letter| moment.and_then(|moment| moment.conversion(letter)).unwrap_or_default();
        assert_eq!(conversion('F'), "2020-02-29");
        assert_eq!(conversion('r'), "01:04:05 PM");
        assert_eq!(conversion('L'), "678");
    }
}

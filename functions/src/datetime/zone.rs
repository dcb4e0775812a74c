//! Time zones as the twelve bits that a timestamp with time zone carries.
//!
//! ```text
//! 0              UTC and all its names
//! 1 ..= 840      -14:00 ..= -00:01
//! 841 ..= 1680   +00:01 ..= +14:00
//! 1681 ..        regions of the time zone database, in the order of their names
//! ```
//!
//! Keys live as long as a query: nothing that is stored has one.

use std::{collections::HashMap, sync::LazyLock};

use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::{TZ_VARIANTS, Tz};

use super::calendar::{
    Civil, MILLIS_PER_DAY, civil_from_days, day_of_week, days_from_civil, is_leap, split_day,
};
use crate::Fault;

/// Largest distance of a fixed offset from UTC.
pub(super) const OFFSET_MINUTES_MAX: i64 = 14 * 60;
const FIRST_REGION: u16 = 1681;
const MILLIS_PER_SECOND: i64 = 1_000;
/// The database's table of transitions is complete up to here; rules repeat after it.
const TABLE_YEAR_LAST: i64 = 2098;
/// Years after which weekdays and leap years repeat, as long as no century intervenes.
const CYCLE_YEARS: i64 = 28;

/// Names that the time zone database has and Trino (as Java) has not.
const UNKNOWN: [&str; 4] = ["EST", "HST", "MST", "ROC"];
const UTC_NAMES: [&str; 31] = [
    "GMT",
    "GMT0",
    "GMT+0",
    "GMT-0",
    "Etc/GMT",
    "Etc/GMT0",
    "Etc/GMT+0",
    "Etc/GMT-0",
    "UT",
    "UT+0",
    "UT-0",
    "Etc/UT",
    "Etc/UT+0",
    "Etc/UT-0",
    "UTC",
    "UTC+0",
    "UTC-0",
    "Etc/UTC",
    "Etc/UTC+0",
    "Etc/UTC-0",
    "+0000",
    "+00:00",
    "-0000",
    "-00:00",
    "Z",
    "Zulu",
    "UCT",
    "Greenwich",
    "Universal",
    "Etc/Universal",
    "Etc/UCT",
];
const OFFSET_PREFIXES: [&str; 6] = ["Etc/GMT", "Etc/UTC", "Etc/UT", "GMT", "UTC", "UT"];

/// A time zone by its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Zone(u16);

/// What clocks showed around a local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LocalOffset {
    /// Clocks showed it once.
    One(i64),
    /// Clocks were set back and showed it twice; the offset of the first time.
    Two(i64),
    /// Clocks were put forward over it; the offset before.
    None(i64),
}

struct Regions {
    by_key: Vec<(&'static str, Tz)>,
    by_name: HashMap<&'static str, Zone>,
    by_lower_name: HashMap<String, Zone>,
}

static REGIONS: LazyLock<Regions> = LazyLock::new(|| {
    let is_region = |name: &str| {
        !UNKNOWN.contains(&name)
            && !UTC_NAMES.contains(&name)
            && !OFFSET_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    };
    let mut by_key: Vec<(&str, Tz)> =
        TZ_VARIANTS.iter().map(|zone| (zone.name(), *zone)).filter(|(name, _)| is_region(name)).collect();
    by_key.sort_unstable_by_key(|(name, _)| *name);
    let by_name: HashMap<&str, Zone> =
        (FIRST_REGION..).zip(&by_key).map(|(key, (name, _))| (*name, Zone(key))).collect();
    let by_lower_name = by_name.iter().map(|(name, zone)| (name.to_lowercase(), *zone)).collect();
    Regions { by_key, by_name, by_lower_name }
});

/// Names of fixed offsets, by key.
static OFFSET_NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    (0..FIRST_REGION).map(|key| offset_name(Zone(key).fixed_minutes().unwrap_or(0))).collect()
});

/// `+05:30`
fn offset_name(minutes: i64) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

impl Zone {
    pub const UTC: Zone = Zone(0);

    /// The zone of these twelve bits.
    pub(super) fn of_key(key: u16) -> Self {
        Zone(key)
    }

    pub(super) fn key(self) -> u16 {
        self.0
    }

    /// A fixed offset; None if it is more than 14 hours.
    pub(super) fn of_offset(minutes: i64) -> Option<Self> {
        if !(-OFFSET_MINUTES_MAX..=OFFSET_MINUTES_MAX).contains(&minutes) {
            return None;
        }
        let key = minutes + OFFSET_MINUTES_MAX + i64::from(minutes < 0);
        if minutes == 0 { Some(Zone::UTC) } else { u16::try_from(key).ok().map(Zone) }
    }

    /// The zone with this name, as functions take it: a region in any case, a name of UTC, or an offset.
    pub fn named(name: &str) -> Result<Self, Fault> {
        find(name).ok_or_else(|| Fault::not_supported(format!("Time zone not supported: {name}")))
    }

    /// The zone with this name, as texts of timestamps write it: regions must be in their own case.
    pub(super) fn written(name: &str) -> Option<Self> {
        if name == "Z" || REGIONS.by_name.contains_key(name) {
            return find(name);
        }
        for prefix in ["UTC", "GMT", "UT"] {
            if let Some(rest) = name.strip_prefix(prefix) {
                if rest.is_empty() {
                    return Some(Zone::UTC);
                }
                if rest.starts_with(['+', '-']) {
                    return Zone::of_offset(offset_minutes(rest)?);
                }
            }
        }
        match name.starts_with(['+', '-']) {
            true => Zone::of_offset(offset_minutes(name)?),
            false => exact(name),
        }
    }

    /// The region (not offset) whose name is the longest beginning of `text`, and the name's length.
    pub(super) fn longest_prefix(text: &str) -> Option<(Self, usize)> {
        const NAME_BYTES_MAX: usize = 40;
        let ends = (1..=text.len().min(NAME_BYTES_MAX)).rev();
        // Names are those of the time zone database, which has offsets in one form only.
        let is_name = |name: &str| {
            REGIONS.by_name.contains_key(name)
                || name.starts_with("Etc/GMT")
                || (name.starts_with(|first: char| first.is_ascii_alphabetic())
                    && name != "Z"
                    && !name.contains(['+', '-']))
        };
        ends.filter_map(|end| Some((text.get(..end)?, end)))
            .filter(|(name, _)| is_name(name))
            .find_map(|(name, end)| Some((exact(name)?, end)))
    }

    /// As Trino shows it.
    pub fn name(self) -> &'static str {
        match self.0 {
            0 => "UTC",
            key if key < FIRST_REGION => OFFSET_NAMES.get(usize::from(key)).map_or("UTC", String::as_str),
            _ => self.region().map_or("UTC", |(name, _)| name),
        }
    }

    /// The minutes of a fixed offset; None for regions.
    pub(super) fn fixed_minutes(self) -> Option<i64> {
        match i64::from(self.0) {
            0 => Some(0),
            key if key <= OFFSET_MINUTES_MAX => Some(key - OFFSET_MINUTES_MAX - 1),
            key if key < i64::from(FIRST_REGION) => Some(key - OFFSET_MINUTES_MAX),
            _ => None,
        }
    }

    fn region(self) -> Option<(&'static str, Tz)> {
        REGIONS.by_key.get(usize::from(self.0.checked_sub(FIRST_REGION)?)).copied()
    }

    /// Milliseconds to add to `instant` (milliseconds UTC) for the local time.
    pub(super) fn offset_at(self, instant: i64) -> i64 {
        if self == Zone::UTC {
            return 0;
        }
        if let Some(minutes) = self.fixed_minutes() {
            return minutes * 60 * MILLIS_PER_SECOND;
        }
        let Some((_, zone)) = self.region() else { return 0 };
        let instant = within_table(instant, |instant| table_offset(zone, instant));
        table_offset(zone, instant)
    }

    /// What clocks showed at `local` (milliseconds as if UTC). Days with two transitions do not exist.
    pub(super) fn offsets_of_local(self, local: i64) -> LocalOffset {
        let before = self.offset_at(local.saturating_sub(MILLIS_PER_DAY));
        let after = self.offset_at(local.saturating_add(MILLIS_PER_DAY));
        let holds = |offset: i64| self.offset_at(local.saturating_sub(offset)) == offset;
        match (holds(before), before != after && holds(after)) {
            (true, true) => LocalOffset::Two(before),
            (true, false) => LocalOffset::One(before),
            (false, true) => LocalOffset::One(after),
            (false, false) => LocalOffset::None(before),
        }
    }

    /// The instant of a local time; of two the first, and in a gap as if clocks had not been put forward.
    pub(super) fn instant_of_local(self, local: i64) -> Option<i64> {
        let (LocalOffset::One(offset) | LocalOffset::Two(offset) | LocalOffset::None(offset)) =
            self.offsets_of_local(local);
        local.checked_sub(offset)
    }

    /// The instant of a local time that was computed from `original`: of two the one with the offset at
    /// `original`, as Trino's calendar fields do it.
    pub(super) fn instant_near(self, local: i64, original: i64) -> Option<i64> {
        if self == Zone::UTC {
            return Some(local);
        }
        let offset = self.offset_at(original);
        let instant = local.checked_sub(offset)?;
        if self.offset_at(instant) == offset {
            return Some(instant);
        }
        let estimate = self.offset_at(local);
        let mut offset = self.offset_at(local.checked_sub(estimate)?);
        let in_gap = || self.offset_at(local.saturating_sub(offset)) != offset;
        if estimate != offset && estimate < 0 && in_gap() {
            offset = estimate;
        }
        local.checked_sub(offset)
    }

    /// The letters that clocks went by at `instant`, where the time zone database has any.
    pub(super) fn abbreviation(self, instant: i64) -> Option<String> {
        let (_, zone) = self.region()?;
        let instant = within_table(instant, |instant| table_offset(zone, instant));
        let moment = DateTime::from_timestamp(instant.div_euclid(MILLIS_PER_SECOND), 0)?;
        Some(zone.offset_from_utc_datetime(&moment.naive_utc()).to_string())
    }
}

/// Milliseconds to add to `instant`. What lies before chrono's calendar is as early as its first year.
fn table_offset(zone: Tz, instant: i64) -> i64 {
    let moment = DateTime::from_timestamp(instant.div_euclid(MILLIS_PER_SECOND), 0);
    let moment = moment.map_or(chrono::NaiveDateTime::MIN, |moment| moment.naive_utc());
    let offset = zone.offset_from_utc_datetime(&moment).fix();
    i64::from(offset.local_minus_utc()) * MILLIS_PER_SECOND
}

/// An instant with the same rules in the years that the table has: rules go by weekdays of months.
fn within_table(instant: i64, offset: impl Fn(i64) -> i64) -> i64 {
    let (days, millis) = split_day(instant);
    let Civil { year, .. } = civil_from_days(days);
    if year <= TABLE_YEAR_LAST {
        return instant;
    }
    let of_month = |month: i64| days_from_civil(TABLE_YEAR_LAST, month, 15) * MILLIS_PER_DAY;
    // A zone whose clocks do not change any more did so, perhaps, earlier in the cycle.
    if [4, 7, 10].iter().all(|month| offset(of_month(*month)) == offset(of_month(1))) {
        return of_month(12);
    }
    let start = days_from_civil(year, 1, 1);
    let same = |candidate: &i64| {
        is_leap(*candidate) == is_leap(year)
            && day_of_week(days_from_civil(*candidate, 1, 1)) == day_of_week(start)
    };
    let like = (TABLE_YEAR_LAST - CYCLE_YEARS + 1..=TABLE_YEAR_LAST).find(same).unwrap_or(TABLE_YEAR_LAST);
    (days_from_civil(like, 1, 1) + days - start) * MILLIS_PER_DAY + millis
}

fn find(name: &str) -> Option<Zone> {
    exact(name).or_else(|| {
        let lower = name.to_lowercase();
        let utc = UTC_NAMES.iter().any(|known| known.eq_ignore_ascii_case(&lower));
        if utc { Some(Zone::UTC) } else { REGIONS.by_lower_name.get(&lower).copied() }
    })
}

/// Trino's normalisation of names.
fn exact(name: &str) -> Option<Zone> {
    if let Some(zone) = REGIONS.by_name.get(name) {
        return Some(*zone);
    }
    if UTC_NAMES.contains(&name) {
        return Some(Zone::UTC);
    }
    for prefix in OFFSET_PREFIXES {
        let Some(rest) = name.strip_prefix(prefix) else { continue };
        if !rest.starts_with(['+', '-']) {
            return None;
        }
        let (hour, minute) = match rest.split_once(':') {
            Some((hour, minute)) => (java_int(hour)?, java_int(minute)?),
            None if rest.len() <= 3 => (java_int(rest)?, 0),
            None => return Zone::of_offset(offset_minutes(rest)?),
        };
        let hour = if prefix == "Etc/GMT" { -hour } else { hour };
        if !(0..60).contains(&minute) {
            return None;
        }
        return Zone::of_offset(hour * 60 + if hour < 0 { -minute } else { minute });
    }
    match name.starts_with(['+', '-']) {
        true => Zone::of_offset(offset_minutes(name)?),
        false => None,
    }
}

/// An optional sign and digits.
fn java_int(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let plain = !digits.is_empty() && digits.len() <= 9 && digits.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok())?
}

/// `+h`, `+hh`, `+hh:mm`, `+hhmm`, and seconds that must be zero.
fn offset_minutes(text: &str) -> Option<i64> {
    let negative = text.starts_with('-');
    let rest = text.strip_prefix(['+', '-'])?;
    if !rest.is_ascii() {
        return None;
    }
    let two = |from: usize| -> Option<i64> {
        let digits = rest.get(from..from + 2)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let colon = |at: usize| rest.as_bytes().get(at) == Some(&b':');
    let (hours, minutes, seconds) = match rest.len() {
        1 => (rest.parse().ok()?, 0, 0),
        2 => (two(0)?, 0, 0),
        4 => (two(0)?, two(2)?, 0),
        5 if colon(2) => (two(0)?, two(3)?, 0),
        6 => (two(0)?, two(2)?, two(4)?),
        8 if colon(2) && colon(5) => (two(0)?, two(3)?, two(6)?),
        _ => return None,
    };
    if minutes > 59 || seconds != 0 || hours > 18 {
        return None;
    }
    let total: i64 = hours * 60 + minutes;
    Some(if negative { -total } else { total })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn names_become_keys_and_names() {
        for (name, shown) in [
            ("UTC", "UTC"),
            ("utc", "UTC"),
            ("Z", "UTC"),
            ("GMT", "UTC"),
            ("Etc/UTC", "UTC"),
            ("+00:00", "UTC"),
            ("UTC+1", "+01:00"),
            ("UTC+05:30", "+05:30"),
            ("GMT-7", "-07:00"),
            ("Etc/GMT+5", "-05:00"),
            ("+5", "+05:00"),
            ("+0530", "+05:30"),
            ("-00:01", "-00:01"),
            ("+14:00", "+14:00"),
            ("-14:00", "-14:00"),
            ("America/New_York", "America/New_York"),
            ("america/new_york", "America/New_York"),
            ("US/Pacific", "US/Pacific"),
            ("CET", "CET"),
        ] {
            assert_eq!(Zone::named(name).unwrap().name(), shown, "{name}");
        }
        for name in ["", "EST", "+14:01", "+25", "Mars/Base", "GMT7", "+05:3", "é", "+é", "UTC+é", "+1:00"]
        {
            assert!(Zone::named(name).is_err(), "{name}");
        }
        assert!(Zone::written("america/new_york").is_none());
        assert_eq!(Zone::written("+05:00").unwrap().name(), "+05:00");
        assert_eq!(Zone::written("UTC").unwrap(), Zone::UTC);
        assert_eq!(Zone::longest_prefix("US/Pacific 3").unwrap().1, 10);
    }

    #[test]
    fn every_key_has_its_own_name() {
        let last = FIRST_REGION + u16::try_from(REGIONS.by_key.len()).unwrap();
        assert!(last < 4096);
        for key in 0..last {
            assert_eq!(Zone::named(Zone(key).name()).unwrap(), Zone(key));
        }
        assert_eq!(Zone(4095).offset_at(0), 0);
    }

    const HOUR: i64 = 3_600_000;

    fn local(days: i64, hour: i64, minute: i64) -> i64 {
        days * MILLIS_PER_DAY + hour * HOUR + minute * 60_000
    }

    #[test]
    fn clocks_are_put_forward_and_back() {
        let new_york = Zone::named("America/New_York").unwrap();
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let march = days_from_civil(2020, 3, 8);
        let november = days_from_civil(2020, 11, 1);
        assert_eq!(new_york.offsets_of_local(local(march, 2, 30)), LocalOffset::None(-5 * HOUR));
        assert_eq!(new_york.offsets_of_local(local(november, 1, 30)), LocalOffset::Two(-4 * HOUR));
        assert_eq!(new_york.offsets_of_local(local(march, 3, 0)), LocalOffset::One(-4 * HOUR));
        assert_eq!(new_york.instant_of_local(local(march, 2, 30)), Some(local(march, 7, 30)));
        assert_eq!(
            new_york.instant_near(local(march, 2, 30), local(march, 2, 30)),
            Some(local(march, 7, 30))
        );
        let october = days_from_civil(2020, 10, 25);
        let twice = local(october, 2, 30);
        assert_eq!(berlin.instant_of_local(twice), Some(local(october, 0, 30)));
        assert_eq!(berlin.instant_near(twice, twice), Some(local(october, 1, 30)));
        let spring = local(days_from_civil(2020, 3, 29), 2, 30);
        assert_eq!(berlin.instant_near(spring, spring), Some(spring - HOUR));
        assert_eq!(new_york.offset_at(local(days_from_civil(2150, 7, 1), 0, 0)), -4 * HOUR);
        assert_eq!(new_york.offset_at(local(days_from_civil(2150, 1, 1), 0, 0)), -5 * HOUR);
        for extreme in [i64::MIN, i64::MAX] {
            new_york.offsets_of_local(extreme);
            new_york.instant_near(extreme, extreme);
        }
    }
}

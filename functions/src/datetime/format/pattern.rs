//! A format, read: what to print or parse, piece by piece.

use super::field::DateField;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Piece {
    /// Parsed without regard to case.
    Literal(String),
    Number {
        field: DateField,
        /// Printed at least.
        digits_min: usize,
        /// Parsed at most.
        digits_max: usize,
        signed: bool,
    },
    /// The last two digits of a year, which mean the years from 50 before `pivot`. Other numbers of digits
    /// are the year itself if `lenient`.
    TwoDigitYear {
        field: DateField,
        pivot: i64,
        lenient: bool,
    },
    Text {
        field: DateField,
        short: bool,
    },
    /// Of the second.
    Fraction {
        digits_min: usize,
        digits_max: usize,
    },
    /// `Z`, `+0530` or `+05:30`.
    Offset {
        colon: bool,
    },
    ZoneId,
    ZoneName {
        short: bool,
    },
}

/// A number that is printed with leading zeros to the digits it is parsed with at most.
pub(super) fn number(field: DateField, digits_min: usize, digits_max: usize) -> Piece {
    let signed = matches!(field, DateField::Year | DateField::WeekYear | DateField::CenturyOfEra);
    Piece::Number { field, digits_min, digits_max: digits_max.max(digits_min), signed }
}

/// Appends to the literal that stands last, if one does.
pub(super) fn push_literal(pieces: &mut Vec<Piece>, letter: char) {
    match pieces.last_mut() {
        Some(Piece::Literal(text)) => text.push(letter),
        _ => pieces.push(Piece::Literal(letter.to_string())),
    }
}

pub(super) const MONTHS: [&str; 12] = [
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
pub(super) const WEEKDAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// The names of a field's values, the first value, and the letters of a short name.
pub(super) fn names(field: DateField) -> (&'static [&'static str], i64, usize) {
    match field {
        DateField::Month => (&MONTHS, 1, 3),
        DateField::DayOfWeek => (&WEEKDAYS, 1, 3),
        DateField::HalfDay => (&["AM", "PM"], 0, 2),
        DateField::Era => (&["BC", "AD"], 0, 2),
        _ => (&[], 0, 0),
    }
}

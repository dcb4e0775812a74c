//! The text that `format` fills: plain pieces and places, after the grammar of `java.util.Formatter`.

use super::{
    value::Column,
    write::{Failure, Reason, write_value},
};

/// Width and precision, at most. Java's limit is its memory.
const LENGTH_MAX: usize = 1_000_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Place(Place),
}

/// One `%…`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// As written.
    pub(super) text: String,
    argument: Which,
    pub(super) flags: Flags,
    pub(super) width: Option<usize>,
    pub(super) precision: Option<usize>,
    /// The letter after `t` where `is_time`.
    pub(super) conversion: char,
    pub(super) is_time: bool,
    /// The letter, or the `T`, was upper case: so is the result.
    pub(super) is_upper: bool,
}

/// Which argument stands in a place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Which {
    /// The one after the last of these.
    #[default]
    Next,
    /// `%<s`: the one before.
    Same,
    /// `%2$s`
    Number(usize),
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Flags {
    pub(super) left: bool,
    pub(super) alternate: bool,
    pub(super) plus: bool,
    pub(super) space: bool,
    pub(super) zero: bool,
    pub(super) group: bool,
    pub(super) parentheses: bool,
}

impl Place {
    /// The flags, in Java's order.
    fn flags_as_text(&self) -> String {
        let flags = [
            ('-', self.flags.left),
            ('#', self.flags.alternate),
            ('+', self.flags.plus),
            (' ', self.flags.space),
            ('0', self.flags.zero),
            (',', self.flags.group),
            ('(', self.flags.parentheses),
            ('<', self.argument == Which::Same),
        ];
        flags.into_iter().filter(|(_, is_set)| *is_set).map(|(flag, _)| flag).collect()
    }
}

impl Template {
    pub(super) fn parse(text: &str) -> Result<Self, Reason> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find('%') {
            let (before, after) = rest.split_at(at);
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            let (place, length) = parse_place(after)?;
            pieces.push(Piece::Place(place));
            rest = after.get(length..).unwrap_or_default();
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Self { pieces })
    }

    /// Appends the text with the values of a row.
    pub(super) fn write(&self, columns: &[Column], row: usize, out: &mut String) -> Result<(), Failure> {
        let (mut next, mut last) = (0, None);
        for piece in &self.pieces {
            let place = match piece {
                Piece::Text(text) => {
                    out.push_str(text);
                    continue;
                }
                Piece::Place(place) => place,
            };
            if matches!(place.conversion, 'n' | '%') && !place.is_time {
                write_constant(place, out)?;
                continue;
            }
            let index = match place.argument {
                Which::Next => {
                    next += 1;
                    Some(next - 1)
                }
                Which::Same => last,
                Which::Number(number) => number.checked_sub(1),
            };
            let missing =
                || Reason::new("MissingFormatArgument", format!("Format specifier '{}'", place.text));
            let column = index.and_then(|index| columns.get(index)).ok_or_else(missing)?;
            last = index;
            write_value(place, &column.value(row).map_err(Failure::Fault)?, out)?;
        }
        Ok(())
    }
}

/// `%n` and `%%`
fn write_constant(place: &Place, out: &mut String) -> Result<(), Failure> {
    let is_line = place.conversion == 'n';
    if let Some(precision) = place.precision {
        return Err(Reason::new("IllegalFormatPrecision", precision.to_string()).into());
    }
    if let Some(width) = place.width.filter(|_| is_line) {
        return Err(Reason::new("IllegalFormatWidth", width.to_string()).into());
    }
    let flags = place.flags_as_text();
    if !flags.is_empty() && (is_line || flags != "-") {
        return Err(Reason::new("IllegalFormatFlags", format!("Flags = '{flags}'")).into());
    }
    if place.flags.left && place.width.is_none() {
        return Err(Reason::new("MissingFormatWidth", place.text.clone()).into());
    }
    if is_line {
        out.push('\n');
        return Ok(());
    }
    super::write::write_justified(place, "%", out)
}

fn unknown(conversion: &str) -> Reason {
    Reason::new("UnknownFormatConversion", format!("Conversion = '{conversion}'"))
}

/// The place that `text` begins with, and its length in bytes.
fn parse_place(text: &str) -> Result<(Place, usize), Reason> {
    let mut letters = text.char_indices().skip(1).peekable();
    let mut place = Place::default();
    let mut number = digits(&mut letters)?;
    if number.is_some() && letters.next_if(|(_, letter)| *letter == '$').is_some() {
        place.argument = Which::Number(number.take().map_or(0, |(value, _)| value));
    }
    match number {
        // A 0 in front is a flag, and other flags may follow it.
        Some((width, true)) => {
            place.flags.zero = true;
            parse_flags(&mut place, &mut letters)?;
            place.width = match width {
                0 => digits(&mut letters)?.map(|(width, _)| width),
                _ => Some(width),
            };
        }
        Some((width, false)) => place.width = Some(width),
        None => {
            parse_flags(&mut place, &mut letters)?;
            place.width = digits(&mut letters)?.map(|(width, _)| width);
        }
    }
    if letters.next_if(|(_, letter)| *letter == '.').is_some() {
        let (precision, _) = digits(&mut letters)?.ok_or_else(|| unknown("."))?;
        place.precision = Some(precision);
    }
    let (mut at, mut conversion) = letters.next().ok_or_else(|| unknown("%"))?;
    if matches!(conversion, 't' | 'T') {
        place.is_time = true;
        place.is_upper = conversion == 'T';
        let shown = conversion.to_string();
        (at, conversion) = letters.next().ok_or_else(|| unknown(&shown))?;
        if !super::time::is_conversion(conversion) {
            return Err(unknown(&format!("t{conversion}")));
        }
        place.conversion = conversion;
    } else {
        if !"bBhHsScCdoxXeEfgGaAn%".contains(conversion) {
            return Err(unknown(&conversion.to_string()));
        }
        place.is_upper = conversion.is_ascii_uppercase();
        place.conversion = conversion.to_ascii_lowercase();
    }
    let length = at + conversion.len_utf8();
    place.text = text.get(..length).unwrap_or_default().to_owned();
    Ok((place, length))
}

type Letters<'a> = std::iter::Peekable<std::iter::Skip<std::str::CharIndices<'a>>>;

/// A number, and whether it began with 0.
fn digits(letters: &mut Letters<'_>) -> Result<Option<(usize, bool)>, Reason> {
    let mut number = None;
    while let Some((_, digit)) = letters.next_if(|(_, letter)| letter.is_ascii_digit()) {
        let (value, zero) = number.unwrap_or((0, digit == '0'));
        let value: usize = value * 10 + digit.to_digit(10).map_or(0, |digit| digit as usize);
        if value > LENGTH_MAX {
            return Err(Reason::new("IllegalFormatWidth", value.to_string()));
        }
        number = Some((value, zero));
    }
    Ok(number)
}

fn parse_flags(place: &mut Place, letters: &mut Letters<'_>) -> Result<(), Reason> {
    while let Some((_, letter)) = letters.next_if(|(_, letter)| "-#+ 0,(<".contains(*letter)) {
        if letter == '<' {
            place.argument = Which::Same;
            continue;
        }
        let flag = match letter {
            '-' => &mut place.flags.left,
            '#' => &mut place.flags.alternate,
            '+' => &mut place.flags.plus,
            ' ' => &mut place.flags.space,
            '0' => &mut place.flags.zero,
            ',' => &mut place.flags.group,
            _ => &mut place.flags.parentheses,
        };
        if std::mem::replace(flag, true) {
            return Err(Reason::new("DuplicateFormatFlags", format!("Flags = '{letter}'")));
        }
    }
    Ok(())
}

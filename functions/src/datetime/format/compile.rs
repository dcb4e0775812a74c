//! Formats as MySQL, Joda-Time and Teradata write them → pieces.

use chrono::{Datelike, Utc};

use super::{
    field::DateField,
    pattern::{Piece, number, push_literal},
};
use crate::Fault;

/// 70 is 1970 and 69 is 2069.
const MYSQL_PIVOT_YEAR: i64 = 2020;
/// Two digits are years of this century.
const TERADATA_PIVOT_YEAR: i64 = 2050;
/// Digits of a year at most.
const YEAR_DIGITS_MAX: usize = 9;
/// Longest format, in bytes; Trino has no limit.
const FORMAT_BYTES_MAX: usize = 64 * 1024;

fn limited(format: &str) -> Result<(), Fault> {
    match format.len() > FORMAT_BYTES_MAX {
        true => Err(Fault::invalid_argument("format is too long")),
        false => Ok(()),
    }
}

/// `date_format` and `date_parse`.
pub(in super::super) fn mysql(format: &str) -> Result<Vec<Piece>, Fault> {
    limited(format)?;
    let mut pieces = Vec::new();
    let mut letters = format.chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            push_literal(&mut pieces, letter);
        } else if let Some(token) = letters.next() {
            mysql_token(&mut pieces, token)?;
        }
    }
    match pieces.is_empty() {
        true => Err(Fault::invalid_argument("Both printing and parsing not supported")),
        false => Ok(pieces),
    }
}

fn mysql_token(pieces: &mut Vec<Piece>, token: char) -> Result<(), Fault> {
    use DateField::*;
    let text = |field, short| Piece::Text { field, short };
    let piece = match token {
        'a' => text(DayOfWeek, true),
        'b' => text(Month, true),
        'c' => number(Month, 1, 2),
        'd' => number(DayOfMonth, 2, 2),
        'e' => number(DayOfMonth, 1, 2),
        'f' => Piece::Fraction { digits_min: 6, digits_max: 9 },
        'H' => number(HourOfDay, 2, 2),
        'h' | 'I' => number(ClockHourOfHalfDay, 2, 2),
        'i' => number(Minute, 2, 2),
        'j' => number(DayOfYear, 3, 3),
        'k' => number(HourOfDay, 1, 2),
        'l' => number(ClockHourOfHalfDay, 1, 2),
        'M' => text(Month, false),
        'm' => number(Month, 2, 2),
        'p' => text(HalfDay, false),
        'r' | 'T' => {
            pieces.push(number(if token == 'r' { ClockHourOfHalfDay } else { HourOfDay }, 2, 2));
            push_literal(pieces, ':');
            pieces.push(number(Minute, 2, 2));
            push_literal(pieces, ':');
            if token == 'r' {
                pieces.push(number(Second, 2, 2));
                push_literal(pieces, ' ');
                text(HalfDay, false)
            } else {
                number(Second, 2, 2)
            }
        }
        'S' | 's' => number(Second, 2, 2),
        'v' => number(Week, 2, 2),
        'x' => number(WeekYear, 4, 4),
        'W' => text(DayOfWeek, false),
        'Y' => number(Year, 4, 4),
        'y' => Piece::TwoDigitYear { field: Year, pivot: MYSQL_PIVOT_YEAR, lenient: false },
        'w' | 'U' | 'u' | 'V' | 'X' | 'D' => {
            return Err(Fault::invalid_argument(format!("%{token} not supported in date format string")));
        }
        other => {
            push_literal(pieces, other);
            return Ok(());
        }
    };
    pieces.push(piece);
    Ok(())
}

/// `format_datetime` and `parse_datetime`.
pub(in super::super) fn joda(format: &str) -> Result<Vec<Piece>, Fault> {
    limited(format)?;
    if format.is_empty() {
        return Err(Fault::invalid_argument("Invalid pattern specification"));
    }
    let tokens = joda_tokens(format);
    let mut pieces = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        match token {
            Token::Text(text) => text.chars().for_each(|letter| push_literal(&mut pieces, letter)),
            Token::Run(letter, count) => {
                let number_follows = tokens.get(index + 1).is_some_and(Token::is_number);
                pieces.push(joda_piece(*letter, *count, number_follows)?);
            }
        }
    }
    // A format of quotes alone has no text.
    if pieces.is_empty() {
        pieces.push(Piece::Literal(String::new()));
    }
    Ok(pieces)
}

#[derive(Debug, PartialEq)]
enum Token {
    /// A letter, so many times.
    Run(char, usize),
    Text(String),
}

impl Token {
    fn is_number(&self) -> bool {
        match self {
            Token::Run('M', count) => *count <= 2,
            Token::Run(letter, _) => "cCxyYdhHmsSeDFwWkK".contains(*letter),
            Token::Text(_) => false,
        }
    }
}

fn joda_tokens(format: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut letters = format.chars().peekable();
    while let Some(letter) = letters.next_if(char::is_ascii_alphabetic).or_else(|| letters.peek().copied()) {
        if letter.is_ascii_alphabetic() {
            let mut count = 1;
            while letters.next_if_eq(&letter).is_some() {
                count += 1;
            }
            tokens.push(Token::Run(letter, count));
            continue;
        }
        let mut text = String::new();
        let mut quoted = false;
        while let Some(next) = letters.next_if(|next| quoted || !next.is_ascii_alphabetic()) {
            if next != '\'' {
                text.push(next);
            } else if letters.next_if_eq(&'\'').is_some() {
                text.push('\'');
            } else {
                quoted = !quoted;
            }
        }
        tokens.push(Token::Text(text));
    }
    tokens
}

fn joda_piece(letter: char, count: usize, number_follows: bool) -> Result<Piece, Fault> {
    use DateField::*;
    Ok(match letter {
        'G' => Piece::Text { field: Era, short: false },
        'C' => number(CenturyOfEra, count, count),
        'x' | 'y' | 'Y' if count == 2 => two_digit_year(letter, !number_follows),
        'x' | 'y' | 'Y' => {
            let field = match letter {
                'x' => WeekYear,
                'y' => Year,
                _ => YearOfEra,
            };
            number(field, count, if number_follows { count } else { YEAR_DIGITS_MAX })
        }
        'M' if count >= 3 => Piece::Text { field: Month, short: count == 3 },
        'M' => number(Month, count, 2),
        'd' => number(DayOfMonth, count, 2),
        'a' => Piece::Text { field: HalfDay, short: false },
        'h' => number(ClockHourOfHalfDay, count, 2),
        'H' => number(HourOfDay, count, 2),
        'k' => number(ClockHourOfDay, count, 2),
        'K' => number(HourOfHalfDay, count, 2),
        'm' => number(Minute, count, 2),
        's' => number(Second, count, 2),
        'S' => Piece::Fraction { digits_min: count, digits_max: count.min(18) },
        'e' => number(DayOfWeek, count, 1),
        'E' => Piece::Text { field: DayOfWeek, short: count <= 3 },
        'D' => number(DayOfYear, count, 3),
        'w' => number(Week, count, 2),
        'z' => Piece::ZoneName { short: count <= 3 },
        'Z' if count <= 2 => Piece::Offset { colon: count == 2 },
        'Z' => Piece::ZoneId,
        _ => {
            let token = letter.to_string().repeat(count);
            return Err(Fault::invalid_argument(format!("Illegal pattern component: {token}")));
        }
    })
}

/// Two digits mean the years from 80 before this one.
fn two_digit_year(letter: char, lenient: bool) -> Piece {
    let today = Utc::now();
    let (field, year) = match letter {
        'x' => (DateField::WeekYear, today.iso_week().year()),
        _ => (DateField::Year, today.year()),
    };
    Piece::TwoDigitYear { field, pivot: i64::from(year) - 30, lenient }
}

/// `to_char`, `to_date` and `to_timestamp`: lower case only.
pub(in super::super) fn teradata(format: &str) -> Result<Vec<Piece>, Fault> {
    limited(format)?;
    let tokens: [(&str, Piece); 8] = [
        ("hh24", number(DateField::HourOfDay, 2, 2)),
        ("yyyy", number(DateField::Year, 4, 4)),
        ("yy", Piece::TwoDigitYear { field: DateField::Year, pivot: TERADATA_PIVOT_YEAR, lenient: false }),
        ("dd", number(DateField::DayOfMonth, 2, 2)),
        ("hh", number(DateField::HourOfHalfDay, 2, 2)),
        ("mi", number(DateField::Minute, 2, 2)),
        ("mm", number(DateField::Month, 2, 2)),
        ("ss", number(DateField::Second, 2, 2)),
    ];
    let mut pieces = Vec::new();
    let mut rest = format;
    while let Some(first) = rest.chars().next() {
        if let Some((token, piece)) = tokens.iter().find(|(token, _)| rest.starts_with(token)) {
            pieces.push(piece.clone());
            rest = rest.get(token.len()..).unwrap_or_default();
        } else if "-/,.;: \t\r\n".contains(first) {
            push_literal(&mut pieces, first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        } else {
            let offset = format.len() - rest.len();
            return Err(Fault::invalid_argument(format!(
                "Failed to tokenize string [{first}] at offset [{offset}]"
            )));
        }
    }
    match pieces.is_empty() {
        true => Err(Fault::invalid_argument("Both printing and parsing not supported")),
        false => Ok(pieces),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn quotes_end_where_joda_ends_them() {
        let text = |text: &str| Token::Text(text.to_owned());
        for (format, tokens) in [
            ("yyyy-MM", vec![Token::Run('y', 4), text("-"), Token::Run('M', 2)]),
            ("'o''clock' h", vec![text("o'clock "), Token::Run('h', 1)]),
            ("h 'of' a", vec![Token::Run('h', 1), text(" of "), Token::Run('a', 1)]),
            ("''", vec![text("'")]),
            ("'", vec![text("")]),
            ("'abc", vec![text("abc")]),
        ] {
            assert_eq!(joda_tokens(format), tokens, "{format}");
        }
        assert!(joda("").is_err());
        assert!(joda("b").is_err());
        assert!(mysql("%D").is_err());
        assert!(mysql("%").is_err());
        assert!(teradata("YYYY").is_err());
    }
}

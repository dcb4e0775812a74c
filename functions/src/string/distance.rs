//! How texts differ: `levenshtein_distance`, `hamming_distance`, `soundex`; and `luhn_check`.

use arrow::datatypes::Int64Type;
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::arguments::{Arguments, given};
use crate::{
    Call, Fault, Function,
    columns::{boolean_rows, primitive_rows, text_rows},
};

/// Largest product of the lengths that `levenshtein_distance` takes, which is also the work it does.
const LEVENSHTEIN_STEPS_MAX: usize = 1_000_000;

pub(super) fn functions() -> Vec<Function> {
    let distances = &["(varchar(x), varchar(y)) -> bigint"];
    vec![
        Function::scalar(
            "levenshtein_distance",
            distances,
            levenshtein,
            "Computes Levenshtein distance between two strings",
        ),
        Function::scalar(
            "hamming_distance",
            distances,
            hamming,
            "Computes Hamming distance between two strings",
        ),
        Function::scalar(
            "soundex",
            &["(varchar) -> varchar(4)"],
            soundex,
            "Encodes a string into a Soundex value",
        ),
        Function::scalar(
            "luhn_check",
            &["(varchar) -> boolean"],
            luhn_check,
            "Checks that a string of digits is valid according to the Luhn algorithm",
        ),
    ]
}

fn levenshtein(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let (lefts, rights) = (arguments.texts(0)?, arguments.texts(1)?);
    let (mut long, mut short) = (Vec::new(), Vec::new());
    let mut distances = Vec::new();
    let result = primitive_rows::<Int64Type>(arguments.rows, |row| {
        let (left, right) = (given!(lefts.get(row)), given!(rights.get(row)));
        long.clear();
        long.extend(left.chars());
        short.clear();
        short.extend(right.chars());
        if long.len() < short.len() {
            std::mem::swap(&mut long, &mut short);
        }
        if !short.is_empty() && long.len().saturating_mul(short.len() - 1) > LEVENSHTEIN_STEPS_MAX {
            let message = "The combined inputs for Levenshtein distance are too large";
            return Err(Fault::invalid_argument(message));
        }
        Ok(i64::try_from(edits(&long, &short, &mut distances)).ok())
    })?;
    arguments.finish(result)
}

/// `distances` is memory to work in: how far the letters of `long` so far are from each start of `short`.
fn edits(long: &[char], short: &[char], distances: &mut Vec<usize>) -> usize {
    distances.clear();
    distances.extend(1..=short.len());
    for (row, letter) in long.iter().enumerate() {
        let (mut diagonal, mut left) = (row, row + 1);
        for (distance, other) in distances.iter_mut().zip(short) {
            let above = *distance;
            left = if letter == other { diagonal } else { diagonal.min(left).min(above) + 1 };
            *distance = left;
            diagonal = above;
        }
    }
    distances.last().copied().unwrap_or(long.len())
}

fn hamming(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let (lefts, rights) = (arguments.texts(0)?, arguments.texts(1)?);
    let result = primitive_rows::<Int64Type>(arguments.rows, |row| {
        let (mut left, mut right) = (given!(lefts.get(row)).chars(), given!(rights.get(row)).chars());
        let mut distance = 0;
        loop {
            match (left.next(), right.next()) {
                (Some(one), Some(other)) => distance += i64::from(one != other),
                (None, None) => return Ok(Some(distance)),
                _ => {
                    let message = "The input strings to hamming_distance function must have the same length";
                    return Err(Fault::invalid_argument(message));
                }
            }
        }
    })?;
    arguments.finish(result)
}

fn soundex(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let texts = arguments.texts(0)?;
    let result = text_rows(arguments.rows, |row, code| {
        encode_soundex(given!(texts.get(row)), code)?;
        Ok(Some(()))
    })?;
    arguments.finish(result)
}

/// Digits of the letters from A to Z.
const SOUNDEX_DIGITS: &[u8; 26] = b"01230120022455012623010202";
const SOUNDEX_LENGTH: usize = 4;

fn encode_soundex(text: &str, code: &mut String) -> Result<(), Fault> {
    // Only letters count that UTF-16 writes as one; Roman numerals and the like are numbers.
    let is_letter = |letter: &char| letter.is_alphabetic() && !letter.is_numeric() && letter.len_utf16() == 1;
    let mut last = '0';
    for letter in text.chars().filter(is_letter).flat_map(char::to_uppercase) {
        if code.len() == SOUNDEX_LENGTH {
            return Ok(());
        }
        if !code.is_empty() && matches!(letter, 'H' | 'W') {
            continue;
        }
        let digit = soundex_digit(letter)?;
        if code.is_empty() {
            code.push(letter);
        } else if digit != '0' && digit != last {
            code.push(digit);
        }
        last = digit;
    }
    if !code.is_empty() {
        code.extend(std::iter::repeat_n('0', SOUNDEX_LENGTH.saturating_sub(code.len())));
    }
    Ok(())
}

fn soundex_digit(letter: char) -> Result<char, Fault> {
    let index = u32::from(letter).checked_sub(u32::from('A')).and_then(|index| usize::try_from(index).ok());
    let digit = index.and_then(|index| SOUNDEX_DIGITS.get(index));
    let digit = digit.ok_or_else(|| {
        let message =
            format!("The character is not mapped: {letter} (index={})", u32::from(letter).wrapping_sub(65));
        Fault::invalid_argument(message)
    })?;
    Ok(char::from(*digit))
}

fn luhn_check(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let texts = arguments.texts(0)?;
    let result = boolean_rows(arguments.rows, |row| {
        let digits = given!(texts.get(row));
        if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(Fault::invalid_argument("Input contains non-digit character"));
        }
        let sum = |sum: u8, (index, digit): (usize, u8)| {
            let value = (digit - b'0') << (index % 2);
            (sum + value - if value > 9 { 9 } else { 0 }) % 10
        };
        Ok(Some(!digits.is_empty() && digits.bytes().rev().enumerate().fold(0, sum) == 0))
    })?;
    arguments.finish(result)
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn levenshtein() {
        check(
            "levenshtein_distance",
            &[
                (&["varchar ''", "varchar ''"], "bigint 0"),
                (&["varchar ''", "varchar 'hello'"], "bigint 5"),
                (&["varchar 'hello'", "varchar 'hello'"], "bigint 0"),
                (&["varchar 'hello'", "varchar 'hello world'"], "bigint 6"),
                (&["varchar 'hello'", "varchar 'jello'"], "bigint 1"),
                (&["varchar 'kitten'", "varchar 'sitting'"], "bigint 3"),
                (&["varchar 'flaw'", "varchar 'lawn'"], "bigint 2"),
                (&["varchar 'intention'", "varchar 'execution'"], "bigint 5"),
                (&["varchar '信念,爱,希望'", "varchar '信仰,爱,希望'"], "bigint 1"),
                (&["varchar 'a'", "varchar NULL"], "bigint NULL"),
            ],
        );
        let long = format!("varchar '{}'", "a".repeat(2_000));
        let message = "error The combined inputs for Levenshtein distance are too large";
        check("levenshtein_distance", &[(&[&long, &long], message)]);
    }

    #[test]
    fn hamming() {
        let message = "error The input strings to hamming_distance function must have the same length";
        check(
            "hamming_distance",
            &[
                (&["varchar ''", "varchar ''"], "bigint 0"),
                (&["varchar 'hello'", "varchar 'jello'"], "bigint 1"),
                (&["varchar 'like'", "varchar 'hate'"], "bigint 3"),
                (&["varchar '信念,爱'", "varchar '信任,爱'"], "bigint 1"),
                (&["varchar NULL", "varchar 'a'"], "bigint NULL"),
                (&["varchar 'hello'", "varchar 'o'"], message),
                (&["varchar ''", "varchar 'o'"], message),
            ],
        );
    }

    #[test]
    fn soundex() {
        check(
            "soundex",
            &[
                (&["varchar 'jim'"], "varchar(4) 'J500'"),
                (&["varchar 'jIM'"], "varchar(4) 'J500'"),
                (&["varchar 'Robert'"], "varchar(4) 'R163'"),
                (&["varchar 'Ashcraft'"], "varchar(4) 'A261'"),
                (&["varchar 'Tymczak'"], "varchar(4) 'T522'"),
                (&["varchar 'Pfister'"], "varchar(4) 'P236'"),
                (&["varchar 'O''Hara'"], "varchar(4) 'O600'"),
                (&["varchar 'HeLLo wOrld'"], "varchar(4) 'H464'"),
                (&["varchar ''"], "varchar(4) ''"),
                (&["varchar '123'"], "varchar(4) ''"),
                (&["varchar 'ABCÄÖÜ'"], "error The character is not mapped"),
                (&["varchar NULL"], "varchar(4) NULL"),
            ],
        );
    }

    #[test]
    fn luhn() {
        check(
            "luhn_check",
            &[
                (&["varchar '4242424242424242'"], "boolean true"),
                (&["varchar '1234567891234567'"], "boolean false"),
                (&["varchar '79927398713'"], "boolean true"),
                (&["varchar ''"], "boolean false"),
                (&["varchar NULL"], "boolean NULL"),
                (&["varchar 'abcd424242424242'"], "error Input contains non-digit character"),
                (&["varchar '٣'"], "error Input contains non-digit character"),
            ],
        );
    }
}

//! A token as a scalar of SQL, with the conversions of Trino's own casts between scalars.

use super::{
    number::{NotDecimal, java_float, parse_decimal, parse_integer, write_sql_double},
    scan::Malformed,
    tokens::Token,
};

/// Why JSON does not become a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// A string that is no value of the type, in Trino's words.
    Value(String),
    /// A number that the type cannot hold, in Trino's words.
    OutOfRange(String),
    /// A token that cannot become the type, in Trino's words.
    Shape(String),
    /// More text behind the value: its first token.
    Trailing(String),
    /// More digits than the decimal has.
    TooLong,
    Other,
}

impl From<Malformed> for Failure {
    fn from(_: Malformed) -> Self {
        Failure::Other
    }
}

fn unexpected(token: Token<'_>, to: &str) -> Failure {
    Failure::Shape(format!("Unexpected token when cast to {to}: {}", token.shown()))
}

fn not_a(text: &str, to: &str) -> Failure {
    Failure::Value(format!("Cannot cast '{text}' to {to}"))
}

pub(super) fn boolean(token: Token<'_>) -> Result<bool, Failure> {
    match token {
        Token::Boolean(value) => Ok(value),
        Token::Number(number) if number.float => Ok(number.text.parse() != Ok(0.0)),
        Token::Number(number) => Ok(number.text.parse::<i64>().map_err(|_| Failure::Other)? != 0),
        Token::Text(text) | Token::Key(text) => {
            let text = text.decode();
            match text.to_ascii_lowercase().as_str() {
                "t" | "1" | "true" => Ok(true),
                "f" | "0" | "false" => Ok(false),
                _ => Err(not_a(&text, "BOOLEAN")),
            }
        }
        other => Err(unexpected(other, "boolean")),
    }
}

/// How an integer type is called in messages, and what it holds.
#[derive(Debug)]
pub(super) struct Integer {
    name: &'static str,
    string_name: &'static str,
    min: i64,
    max: i64,
}

pub(super) const TINYINT: Integer =
    Integer { name: "tinyint", string_name: "TINYINT", min: i8::MIN as i64, max: i8::MAX as i64 };
pub(super) const SMALLINT: Integer =
    Integer { name: "smallint", string_name: "SMALLINT", min: i16::MIN as i64, max: i16::MAX as i64 };
pub(super) const INTEGER: Integer =
    Integer { name: "integer", string_name: "INT", min: i32::MIN as i64, max: i32::MAX as i64 };
pub(super) const BIGINT: Integer =
    Integer { name: "bigint", string_name: "BIGINT", min: i64::MIN, max: i64::MAX };

impl Integer {
    fn hold(&self, value: i64) -> Option<i64> {
        (self.min..=self.max).contains(&value).then_some(value)
    }

    pub(super) fn from(&self, token: Token<'_>) -> Result<i64, Failure> {
        match token {
            Token::Boolean(value) => Ok(value.into()),
            Token::Number(number) if number.float => {
                let double = number.text.parse::<f64>().map_err(|_| Failure::Other)?;
                rounded(double).and_then(|value| self.hold(value)).ok_or_else(|| self.out_of_range(double))
            }
            Token::Number(number) => {
                let value = number.text.parse().map_err(|_| Failure::Other)?;
                self.hold(value).ok_or(Failure::Other)
            }
            Token::Text(text) | Token::Key(text) => {
                let text = text.decode();
                let value = parse_integer(&text).and_then(|value| self.hold(value));
                value.ok_or_else(|| not_a(&text, self.string_name))
            }
            other => Err(unexpected(other, self.name)),
        }
    }

    fn out_of_range(&self, double: f64) -> Failure {
        let mut shown = String::new();
        super::number::write_double(double, &mut shown);
        match self.string_name {
            "BIGINT" => Failure::Value(format!("Unable to cast {shown} to bigint")),
            _ => Failure::OutOfRange(format!("Out of range for {}: {shown}", self.name)),
        }
    }
}

/// The nearest integer, halves away from zero.
fn rounded(double: f64) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    let rounded = double.round();
    (-LIMIT..LIMIT).contains(&rounded).then_some(rounded as i64)
}

pub(super) fn double(token: Token<'_>) -> Result<f64, Failure> {
    match token {
        Token::Boolean(value) => Ok(f64::from(u8::from(value))),
        Token::Number(number) => number.text.parse().map_err(|_| Failure::Other),
        Token::Text(text) | Token::Key(text) => {
            let text = text.decode();
            parse_double(&text).ok_or_else(|| not_a(&text, "DOUBLE"))
        }
        other => Err(unexpected(other, "double")),
    }
}

/// As `CAST(varchar AS double)`.
pub(super) fn parse_double(text: &str) -> Option<f64> {
    java_float(text)?.parse().ok()
}

pub(super) fn real(token: Token<'_>) -> Result<f32, Failure> {
    match token {
        Token::Boolean(value) => Ok(f32::from(u8::from(value))),
        Token::Number(number) => {
            number.text.parse::<f64>().map(|double| double as f32).map_err(|_| Failure::Other)
        }
        Token::Text(text) | Token::Key(text) => {
            let text = text.decode();
            java_float(&text).and_then(|float| float.parse().ok()).ok_or_else(|| not_a(&text, "REAL"))
        }
        other => Err(unexpected(other, "real")),
    }
}

pub(super) fn decimal(token: Token<'_>, precision: u8, scale: u8) -> Result<i128, Failure> {
    let parsed = match token {
        Token::Boolean(value) => parse_decimal(if value { "1" } else { "0" }, precision, scale),
        Token::Number(number) => parse_decimal(number.text, precision, scale),
        Token::Text(text) | Token::Key(text) => parse_decimal(&text.decode(), precision, scale),
        other => return Err(unexpected(other, &format!("DECIMAL({precision},{scale})"))),
    };
    parsed.map_err(|reason| match reason {
        NotDecimal::Form => Failure::Other,
        NotDecimal::TooLong => Failure::TooLong,
    })
}

/// Appends the token as `varchar`.
pub(super) fn text(token: Token<'_>, out: &mut String) -> Result<(), Failure> {
    match token {
        Token::Boolean(value) => out.push_str(if value { "true" } else { "false" }),
        Token::Number(number) if number.float => {
            write_sql_double(number.text.parse().map_err(|_| Failure::Other)?, out);
        }
        Token::Number(number) => out.push_str(number.text),
        Token::Text(text) | Token::Key(text) => {
            text.decode_into(out);
        }
        other => return Err(unexpected(other, "varchar")),
    }
    Ok(())
}

//! The text of a type → [`Type`].

use super::{DECIMAL_PRECISION_MAX, RowField, TIME_PRECISION_DEFAULT, TIME_PRECISION_MAX, Type};
use crate::Fault;

/// Types inside types, at most.
const DEPTH_MAX: usize = 64;
/// Longest `varchar(n)`: Trino's limit.
const VARCHAR_MAX: u64 = i32::MAX as u64 - 1;
/// Longest `char(n)`: Trino's limit.
const CHAR_MAX: u64 = 65_536;

/// Reads a type as Trino writes it, in any case: `row(a integer, b array(varchar(3)))`. Hive's `array<t>`,
/// `map<k,v>`, `int` and `string` are read too.
///
/// Fails with `InvalidType` naming the part that is not a type.
pub fn parse(text: &str) -> Result<Type, Fault> {
    let mut parser = Parser { tokens: tokens(text)?, next: 0, text };
    let parsed = parser.any(0)?;
    match parser.tokens.get(parser.next) {
        None => Ok(parsed),
        Some(_) => Err(parser.unknown()),
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Quoted(String),
    Number(u64),
    Symbol(char),
}

struct Parser<'a> {
    tokens: Vec<Token>,
    next: usize,
    text: &'a str,
}

fn tokens(text: &str) -> Result<Vec<Token>, Fault> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let token_bytes = match first {
            '"' => {
                let (name, bytes) = quoted(rest).ok_or_else(|| Fault::invalid_type(text))?;
                tokens.push(Token::Quoted(name));
                bytes
            }
            _ if first.is_alphanumeric() || first == '_' => {
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                let word = rest.get(..end).unwrap_or_default();
                tokens.push(match word.parse() {
                    Ok(number) => Token::Number(number),
                    Err(_) => Token::Word(word.to_owned()),
                });
                end
            }
            symbol => {
                tokens.push(Token::Symbol(symbol));
                symbol.len_utf8()
            }
        };
        rest = rest.get(token_bytes..).unwrap_or_default().trim_start();
    }
    Ok(tokens)
}

/// The name in the quotes that `text` begins with, and the bytes it takes.
fn quoted(text: &str) -> Option<(String, usize)> {
    let mut name = String::new();
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        if letter != '"' {
            name.push(letter);
        } else if letters.next_if(|(_, next)| *next == '"').is_some() {
            name.push('"');
        } else {
            return Some((name, at + 1));
        }
    }
    None
}

impl Parser<'_> {
    fn unknown(&self) -> Fault {
        Fault::invalid_type(self.text)
    }

    fn peek_word(&self, ahead: usize) -> Option<String> {
        match self.tokens.get(self.next + ahead) {
            Some(Token::Word(word)) => Some(word.to_lowercase()),
            _ => None,
        }
    }

    fn accept_words(&mut self, words: &[&str]) -> bool {
        let matches =
            words.iter().enumerate().all(|(ahead, word)| self.peek_word(ahead).as_deref() == Some(*word));
        if matches {
            self.next += words.len();
        }
        matches
    }

    fn accept(&mut self, symbol: char) -> bool {
        let matches = self.tokens.get(self.next) == Some(&Token::Symbol(symbol));
        self.next += usize::from(matches);
        matches
    }

    fn open(&mut self) -> bool {
        self.accept('(') || self.accept('<')
    }

    fn close(&mut self) -> Result<(), Fault> {
        match self.accept(')') || self.accept('>') {
            true => Ok(()),
            false => Err(self.unknown()),
        }
    }

    fn comma(&mut self) -> Result<(), Fault> {
        if self.accept(',') { Ok(()) } else { Err(self.unknown()) }
    }

    fn any(&mut self, depth: usize) -> Result<Type, Fault> {
        if depth > DEPTH_MAX {
            return Err(self.unknown());
        }
        let word = match self.tokens.get(self.next) {
            Some(Token::Word(word)) => word.to_lowercase(),
            Some(Token::Quoted(word)) => word.to_lowercase(),
            _ => return Err(self.unknown()),
        };
        self.next += 1;
        let mut parsed = self.named(&word, depth)?;
        // `integer array` is an older way to write `array(integer)`.
        while self.accept_words(&["array"]) {
            parsed = Type::array(parsed);
        }
        Ok(parsed)
    }

    fn named(&mut self, word: &str, depth: usize) -> Result<Type, Fault> {
        Ok(match word {
            "boolean" => Type::Boolean,
            "tinyint" => Type::TinyInt,
            "smallint" => Type::SmallInt,
            "integer" | "int" => Type::Integer,
            "bigint" => Type::BigInt,
            "real" | "float" => Type::Real,
            "double" => {
                self.accept_words(&["precision"]);
                Type::Double
            }
            "decimal" | "dec" | "numeric" => self.decimal()?,
            "varchar" => match self.length(VARCHAR_MAX + 1)? {
                // The length of `varchar` without a limit.
                Some(length) if u64::from(length) > VARCHAR_MAX => Type::VARCHAR,
                length => Type::Varchar(length),
            },
            "string" => Type::VARCHAR,
            "char" => Type::Char(self.length(CHAR_MAX)?.unwrap_or(1)),
            "varbinary" | "binary" => Type::Varbinary,
            "json" => Type::Json,
            "date" => Type::Date,
            "time" => self.zoned(Type::Time, Type::TimeTz)?,
            "timestamp" => self.zoned(Type::Timestamp, Type::TimestampTz)?,
            "interval" if self.accept_words(&["year", "to", "month"]) => Type::IntervalYearToMonth,
            "interval" if self.accept_words(&["day", "to", "second"]) => Type::IntervalDayToSecond,
            "array" => Type::array(self.inside(depth)?),
            "qdigest" => Type::QDigest(Box::new(self.inside(depth)?)),
            "map" => self.map(depth)?,
            "row" => self.row(depth)?,
            "ipaddress" => Type::IpAddress,
            "uuid" => Type::Uuid,
            "color" => Type::Color,
            "hyperloglog" | "p4hyperloglog" => Type::HyperLogLog,
            "tdigest" => Type::TDigest,
            "setdigest" => Type::SetDigest,
            "geometry" => Type::Geometry,
            "sphericalgeography" => Type::SphericalGeography,
            "bingtile" => Type::BingTile,
            "unknown" => Type::Unknown,
            _ => return Err(Fault::unknown_type(word)),
        })
    }

    fn number(&mut self, largest: u64) -> Result<u64, Fault> {
        match self.tokens.get(self.next) {
            Some(Token::Number(number)) if *number <= largest => {
                self.next += 1;
                Ok(*number)
            }
            _ => Err(self.unknown()),
        }
    }

    fn length(&mut self, largest: u64) -> Result<Option<u32>, Fault> {
        if !self.accept('(') {
            return Ok(None);
        }
        let length = self.number(largest)?;
        self.close()?;
        Ok(u32::try_from(length).ok())
    }

    fn decimal(&mut self) -> Result<Type, Fault> {
        let (mut precision, mut scale) = (DECIMAL_PRECISION_MAX, 0);
        if self.accept('(') {
            precision = u8::try_from(self.number(u64::from(DECIMAL_PRECISION_MAX))?).unwrap_or(0);
            if self.accept(',') {
                scale = u8::try_from(self.number(u64::from(precision))?).unwrap_or(0);
            }
            self.close()?;
        }
        if precision == 0 {
            return Err(self.unknown());
        }
        Ok(Type::Decimal(precision, scale))
    }

    fn zoned(&mut self, without: fn(u8) -> Type, with: fn(u8) -> Type) -> Result<Type, Fault> {
        let mut precision = TIME_PRECISION_DEFAULT;
        if self.accept('(') {
            precision = u8::try_from(self.number(u64::from(TIME_PRECISION_MAX))?).unwrap_or(0);
            self.close()?;
        }
        if self.accept_words(&["with", "time", "zone"]) {
            return Ok(with(precision));
        }
        self.accept_words(&["without", "time", "zone"]);
        Ok(without(precision))
    }

    fn inside(&mut self, depth: usize) -> Result<Type, Fault> {
        if !self.open() {
            return Err(self.unknown());
        }
        let inside = self.any(depth + 1)?;
        self.close()?;
        Ok(inside)
    }

    fn map(&mut self, depth: usize) -> Result<Type, Fault> {
        if !self.open() {
            return Err(self.unknown());
        }
        let key = self.any(depth + 1)?;
        self.comma()?;
        let value = self.any(depth + 1)?;
        self.close()?;
        Ok(Type::map(key, value))
    }

    fn row(&mut self, depth: usize) -> Result<Type, Fault> {
        if !self.open() {
            return Err(self.unknown());
        }
        let mut fields = vec![self.row_field(depth)?];
        while self.accept(',') {
            fields.push(self.row_field(depth)?);
        }
        self.close()?;
        Ok(Type::Row(fields))
    }

    /// `name type`, or a type alone: a word followed by the beginning of a type is a name.
    fn row_field(&mut self, depth: usize) -> Result<RowField, Fault> {
        let at = self.next;
        let name = match self.tokens.get(at) {
            Some(Token::Word(name) | Token::Quoted(name)) => Some(name.clone()),
            _ => None,
        };
        let followed = matches!(self.tokens.get(at + 1), Some(Token::Word(_) | Token::Quoted(_)));
        if followed {
            self.next += 1;
            if let Ok(field_type) = self.any(depth + 1)
                && matches!(self.tokens.get(self.next), Some(Token::Symbol(',' | ')' | '>')))
            {
                return Ok(RowField { name, field_type });
            }
            self.next = at;
        }
        Ok(RowField { name: None, field_type: self.any(depth + 1)? })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_and_written() {
        for (text, written) in [
            ("BIGINT", "bigint"),
            ("int", "integer"),
            ("double precision", "double"),
            ("decimal", "decimal(38,0)"),
            ("DECIMAL(10)", "decimal(10,0)"),
            ("numeric(10, 2)", "decimal(10,2)"),
            ("varchar", "varchar"),
            ("varchar(3)", "varchar(3)"),
            ("char", "char(1)"),
            ("timestamp", "timestamp(3)"),
            ("timestamp(6) with time zone", "timestamp(6) with time zone"),
            ("time without time zone", "time(3)"),
            ("interval day to second", "interval day to second"),
            ("array(array(bigint))", "array(array(bigint))"),
            ("array<string>", "array(varchar)"),
            ("bigint array", "array(bigint)"),
            ("map(varchar, row(a bigint))", "map(varchar, row(a bigint))"),
            ("row(bigint, varchar)", "row(bigint, varchar)"),
            (
                "row(x double precision, \"Y z\" timestamp(3) with time zone)",
                "row(x double, \"Y z\" timestamp(3) with time zone)",
            ),
            ("row(double precision)", "row(double)"),
            ("row(date date)", "row(date date)"),
        ] {
            assert_eq!(parse(text).unwrap().to_string(), written, "{text}");
        }
    }

    #[test]
    fn what_is_not_a_type_is_refused() {
        for text in [
            "",
            "foo",
            "decimal(39)",
            "decimal(3,4)",
            "decimal(0)",
            "array(",
            "map(bigint)",
            "bigint)",
            "varchar(x)",
            "timestamp(13)",
            "row()",
            "bigint bigint",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}

//! The text of a type, read by recursive descent.
//!
//! Text comes from users, crawlers and other metastores, so depth and length are bounded and every
//! failure says at which character.

use protocol::{Error, ErrorCode, Result};

use super::{DECIMAL_PRECISION_MAX, HiveType, StructField, TYPE_DEPTH_MAX, TYPE_TEXT_CHARS_MAX};

/// Hive's limits, in characters.
const VARCHAR_LENGTH_MAX: u32 = 65_535;
const CHAR_LENGTH_MAX: u32 = 255;

/// A `decimal` without arguments.
const DECIMAL_DEFAULT: HiveType = HiveType::Decimal { precision: 10, scale: 0 };

/// How much of a faulty type is repeated in the message, in characters.
const QUOTED_CHARS_MAX: usize = 120;

pub(super) fn parse(text: &str) -> Result<HiveType> {
    let length = text.chars().count();
    if length > TYPE_TEXT_CHARS_MAX {
        let message = format!("a type of {length} characters is over the limit of {TYPE_TEXT_CHARS_MAX}");
        return Err(Error::new(ErrorCode::InvalidTable, message));
    }
    let mut cursor = Cursor { text, at: 0 };
    let parsed = hive_type(&mut cursor, 1)?;
    cursor.skip_space();
    if cursor.peek().is_some() {
        return Err(cursor.fail("unexpected text after the type"));
    }
    Ok(parsed)
}

fn hive_type(cursor: &mut Cursor<'_>, depth: usize) -> Result<HiveType> {
    if depth > TYPE_DEPTH_MAX {
        return Err(cursor.fail(&format!("types nest deeper than {TYPE_DEPTH_MAX}")));
    }
    cursor.skip_space();
    let start = cursor.at;
    let word = cursor.word().to_ascii_lowercase();
    if let Some(simple) = simple_type(&word) {
        return Ok(simple);
    }
    match word.as_str() {
        "double" => {
            cursor.eat_words(&["precision"]);
            Ok(HiveType::Double)
        }
        "timestamp" => timestamp(cursor),
        "decimal" | "numeric" | "dec" => decimal(cursor),
        "varchar" => Ok(HiveType::Varchar(text_length(cursor, VARCHAR_LENGTH_MAX)?)),
        "char" => Ok(HiveType::Char(text_length(cursor, CHAR_LENGTH_MAX)?)),
        "array" => {
            cursor.expect('<')?;
            let item = hive_type(cursor, depth + 1)?;
            cursor.expect('>')?;
            Ok(HiveType::Array(Box::new(item)))
        }
        "map" => {
            cursor.expect('<')?;
            let key = hive_type(cursor, depth + 1)?;
            cursor.expect(',')?;
            let value = hive_type(cursor, depth + 1)?;
            cursor.expect('>')?;
            Ok(HiveType::Map(Box::new(key), Box::new(value)))
        }
        "struct" => struct_fields(cursor, depth).map(HiveType::Struct),
        "uniontype" => union_members(cursor, depth).map(HiveType::Union),
        _ => {
            cursor.at = start;
            Err(unknown_type(cursor, &word))
        }
    }
}

fn simple_type(word: &str) -> Option<HiveType> {
    Some(match word {
        "boolean" | "bool" => HiveType::Boolean,
        "tinyint" | "byte" => HiveType::TinyInt,
        "smallint" | "short" => HiveType::SmallInt,
        "int" | "integer" => HiveType::Int,
        "bigint" | "long" => HiveType::BigInt,
        "float" | "real" => HiveType::Float,
        "string" => HiveType::String,
        "binary" => HiveType::Binary,
        "date" => HiveType::Date,
        "timestamp_ntz" => HiveType::Timestamp,
        "timestamplocaltz" => HiveType::TimestampLocalTz,
        "void" => HiveType::Void,
        _ => return None,
    })
}

fn unknown_type(cursor: &Cursor<'_>, word: &str) -> Error {
    let what = match word {
        "" => "a type is missing".to_owned(),
        _ => format!("unknown type \"{word}\""),
    };
    let error = cursor.fail(&what);
    match word {
        "text" | "utf8" => error.with_hint("the type is called string"),
        "row" => error.with_hint("write struct<name:type,…>"),
        "time" | "interval" => error.with_hint("a table cannot hold it; use string or bigint"),
        _ => error,
    }
}

fn timestamp(cursor: &mut Cursor<'_>) -> Result<HiveType> {
    if cursor.eat_words(&["with", "local", "time", "zone"]) {
        return Ok(HiveType::TimestampLocalTz);
    }
    if cursor.eat_words(&["with", "time", "zone"]) {
        return Err(cursor.fail("a table cannot hold timestamp with time zone").with_hint("use timestamp"));
    }
    Ok(HiveType::Timestamp)
}

fn decimal(cursor: &mut Cursor<'_>) -> Result<HiveType> {
    if !cursor.eat('(') {
        return Ok(DECIMAL_DEFAULT);
    }
    let precision = cursor.number()?;
    let scale = if cursor.eat(',') { cursor.number()? } else { 0 };
    cursor.expect(')')?;
    match (u8::try_from(precision), u8::try_from(scale)) {
        (Ok(precision @ 1..=DECIMAL_PRECISION_MAX), Ok(scale)) if scale <= precision => {
            Ok(HiveType::Decimal { precision, scale })
        }
        _ => Err(cursor.fail(&format!(
            "decimal({precision},{scale}) is out of range: precision is 1 to {DECIMAL_PRECISION_MAX}, scale 0 to precision"
        ))),
    }
}

fn text_length(cursor: &mut Cursor<'_>, max: u32) -> Result<u32> {
    cursor.expect('(')?;
    let length = cursor.number()?;
    cursor.expect(')')?;
    if length == 0 || length > max {
        return Err(cursor.fail(&format!("length {length} is out of range: 1 to {max}")));
    }
    Ok(length)
}

fn struct_fields(cursor: &mut Cursor<'_>, depth: usize) -> Result<Vec<StructField>> {
    cursor.expect('<')?;
    let mut fields = Vec::new();
    let mut names = std::collections::HashSet::new();
    loop {
        let name = cursor.field_name()?;
        if !names.insert(name.clone()) {
            return Err(cursor.fail(&format!("the struct has two fields named \"{name}\"")));
        }
        cursor.expect(':')?;
        let hive_type = hive_type(cursor, depth + 1)?;
        let comment = cursor.comment()?;
        fields.push(StructField { name, hive_type, comment });
        if !cursor.eat(',') {
            break;
        }
    }
    cursor.expect('>')?;
    Ok(fields)
}

fn union_members(cursor: &mut Cursor<'_>, depth: usize) -> Result<Vec<HiveType>> {
    cursor.expect('<')?;
    let mut members = Vec::new();
    loop {
        members.push(hive_type(cursor, depth + 1)?);
        if !cursor.eat(',') {
            break;
        }
    }
    cursor.expect('>')?;
    // The tag that says which member is set is an 8-bit integer.
    if members.len() > 127 {
        return Err(cursor.fail("a uniontype has more than 127 members"));
    }
    Ok(members)
}

/// A place in the text; `at` is always at a character's first byte.
struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn skip_space(&mut self) {
        self.take_while(char::is_whitespace);
    }

    fn take_while(&mut self, accepts: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !accepts(c)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    fn word(&mut self) -> &'a str {
        self.skip_space();
        self.take_while(|c| c.is_alphanumeric() || c == '_')
    }

    /// Takes all of `words`, or nothing.
    fn eat_words(&mut self, words: &[&str]) -> bool {
        let start = self.at;
        let all = words.iter().all(|word| self.word().eq_ignore_ascii_case(word));
        if !all {
            self.at = start;
        }
        all
    }

    fn eat(&mut self, wanted: char) -> bool {
        self.skip_space();
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn expect(&mut self, wanted: char) -> Result<()> {
        if self.eat(wanted) { Ok(()) } else { Err(self.fail(&format!("'{wanted}' is missing"))) }
    }

    fn number(&mut self) -> Result<u32> {
        self.skip_space();
        let digits = self.take_while(|c| c.is_ascii_digit());
        digits.parse().map_err(|_| self.fail("a number is missing or too large"))
    }

    /// A field's name: in backticks, where a doubled one stands for itself, or everything up to the
    /// colon. Crawlers write names with blanks, dots and hyphens unquoted.
    fn field_name(&mut self) -> Result<String> {
        self.skip_space();
        let name = if self.eat('`') {
            self.quoted('`')?
        } else {
            self.take_while(|c| !matches!(c, ':' | ',' | '<' | '>' | '`')).trim_end().to_owned()
        };
        if name.is_empty() { Err(self.fail("a field name is missing")) } else { Ok(name) }
    }

    fn comment(&mut self) -> Result<Option<String>> {
        if !self.eat_words(&["comment"]) {
            return Ok(None);
        }
        self.expect('\'')?;
        self.quoted('\'').map(Some)
    }

    /// Up to the closing `quote`, which doubles to stand for itself. In strings a backslash takes the
    /// next character as it is.
    fn quoted(&mut self, quote: char) -> Result<String> {
        let mut text = String::new();
        loop {
            match self.next() {
                None => return Err(self.fail(&format!("a closing {quote} is missing"))),
                Some('\\') if quote == '\'' => text.extend(self.next()),
                Some(c) if c != quote => text.push(c),
                Some(_) if self.peek() == Some(quote) => text.extend(self.next()),
                Some(_) => return Ok(text),
            }
        }
    }

    fn fail(&self, what: &str) -> Error {
        let character = self.text.get(..self.at).unwrap_or_default().chars().count() + 1;
        let mut quoted: String = self.text.chars().take(QUOTED_CHARS_MAX).collect();
        if quoted.len() < self.text.len() {
            quoted.push('…');
        }
        Error::new(ErrorCode::InvalidTable, format!("type \"{quoted}\": {what} at character {character}"))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn check(text: &str, canonical: &str) {
        let parsed = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(parsed.to_string(), canonical, "{text}");
        assert_eq!(parse(canonical).unwrap(), parsed, "{canonical} does not read back");
    }

    fn check_error(text: &str, expected: &str) {
        let error = parse(text).expect_err(text);
        assert_eq!(error.code, ErrorCode::InvalidTable);
        assert!(error.message.contains(expected), "{text}: {}", error.message);
    }

    #[test]
    fn simple_types_and_aliases() {
        for (text, canonical) in [
            ("int", "int"),
            (" INTEGER ", "int"),
            ("long", "bigint"),
            ("short", "smallint"),
            ("byte", "tinyint"),
            ("real", "float"),
            ("double precision", "double"),
            ("Double", "double"),
            ("decimal", "decimal(10,0)"),
            ("decimal( 5 )", "decimal(5,0)"),
            ("numeric(38,38)", "decimal(38,38)"),
            ("varchar(10)", "varchar(10)"),
            ("CHAR(3)", "char(3)"),
            ("timestamp", "timestamp"),
            ("timestamp with  local time zone", "timestamp with local time zone"),
            ("void", "void"),
        ] {
            check(text, canonical);
        }
    }

    #[test]
    fn nested_types() {
        for (text, canonical) in [
            ("array<int>", "array<int>"),
            ("ARRAY < MAP < string , array<decimal(3,1)> > >", "array<map<string,array<decimal(3,1)>>>"),
            ("struct<a:int,b:struct<c:varchar(2)>>", "struct<a:int,b:struct<c:varchar(2)>>"),
            ("struct<userId:string>", "struct<userId:string>"),
            ("struct<`a:b`:int,`c,d>`:string>", "struct<`a:b`:int,`c,d>`:string>"),
            ("struct<`tick``ed`:int>", "struct<`tick``ed`:int>"),
            ("struct<user-agent:string,my field :int>", "struct<`user-agent`:string,`my field`:int>"),
            ("struct<größe:int>", "struct<größe:int>"),
            ("struct<a:int comment 'x, y: >',b:string>", "struct<a:int comment 'x, y: >',b:string>"),
            ("struct<a:int COMMENT 'it''s \\'so\\' \\\\'>", "struct<a:int comment 'it\\'s \\'so\\' \\\\'>"),
            ("struct<a:timestamp comment 'c'>", "struct<a:timestamp comment 'c'>"),
            ("struct<comment:string>", "struct<comment:string>"),
            ("uniontype<int,string,array<int>>", "uniontype<int,string,array<int>>"),
        ] {
            check(text, canonical);
        }
    }

    #[test]
    fn faults_are_named_with_their_place() {
        for (text, expected) in [
            ("", "a type is missing at character 1"),
            ("foo", "unknown type \"foo\" at character 1"),
            ("array<foo>", "unknown type \"foo\" at character 7"),
            ("array<int", "'>' is missing at character 10"),
            ("array", "'<' is missing"),
            ("map<int>", "',' is missing"),
            ("struct<>", "a field name is missing"),
            ("struct<a>", "':' is missing"),
            ("struct<a:int,>", "a field name is missing"),
            ("struct<a:int,a:string>", "two fields named \"a\""),
            ("struct<`a:int>", "a closing ` is missing"),
            ("struct<a:int comment 'x>", "a closing ' is missing"),
            ("int int", "unexpected text after the type at character 5"),
            ("decimal(39,0)", "out of range"),
            ("decimal(3,4)", "out of range"),
            ("decimal(99999999999,4)", "too large"),
            ("varchar", "'(' is missing"),
            ("varchar(0)", "out of range"),
            ("char(256)", "out of range"),
            ("timestamp with time zone", "cannot hold"),
        ] {
            check_error(text, expected);
        }
    }

    #[test]
    fn depth_and_length_are_bounded() {
        let nested = |levels: usize| format!("{}int{}", "array<".repeat(levels), ">".repeat(levels));
        assert!(parse(&nested(TYPE_DEPTH_MAX - 1)).is_ok());
        check_error(&nested(TYPE_DEPTH_MAX), "nest deeper");
        check_error(&"array<".repeat(20_000), "nest deeper");
        check_error(&" ".repeat(TYPE_TEXT_CHARS_MAX + 1), "over the limit");

        let mut wide = String::from("struct<");
        for at in 0..8_000 {
            wide.push_str(&format!("field_{at}:int,"));
        }
        wide.push_str("last:int>");
        assert!(wide.len() < TYPE_TEXT_CHARS_MAX);
        assert!(parse(&wide).is_ok());
    }

    #[test]
    fn arbitrary_text_never_panics() {
        // A small generator with a fixed seed: pieces of the grammar in any order.
        let pieces = [
            "array", "<", ">", "struct", "map", ":", ",", "int", "`", "'", "comment ", "(", ")", "9", "é",
            "\\", " ",
        ];
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        for _ in 0..20_000 {
            let mut text = String::new();
            for _ in 0..12 {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                text.push_str(pieces[usize::try_from(state % pieces.len() as u64).unwrap()]);
            }
            if let Ok(parsed) = parse(&text) {
                assert_eq!(parse(&parsed.to_string()).unwrap(), parsed, "{text}");
            }
        }
    }
}

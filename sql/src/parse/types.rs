//! Hive type text → its canonical spelling.
//!
//! Canonical: lower case, no spaces, one name per type (`integer` is `int`, `long` is `bigint`), precision
//! and scale always written. Names of struct fields are lower case, and quoted with backticks only where
//! the catalog's own type reader could not tell them from punctuation. Comments inside a struct have no
//! place in the catalog's type text and are read and left out, as Athena does.

use protocol::Result;

use super::{
    cursor::Cursor,
    lex::{Kind, Token},
};

/// Deepest nesting of arrays, maps, structs and unions.
const TYPE_DEPTH_MAX: usize = 64;

/// Longest canonical type text, in characters: the catalog's limit.
const TYPE_CHARS_MAX: usize = 131_072;

const DECIMAL_PRECISION_MAX: u32 = 38;
const VARCHAR_CHARS_MAX: u32 = 65_535;
const CHAR_CHARS_MAX: u32 = 255;

/// Reads one type.
pub(super) fn hive_type(cursor: &mut Cursor<'_>) -> Result<String> {
    let start = cursor.peek();
    let mut canonical = String::new();
    nested(cursor, 1, &mut canonical)?;
    if canonical.len() > TYPE_CHARS_MAX {
        return Err(cursor.invalid_table(start, format!("type is longer than {TYPE_CHARS_MAX} characters")));
    }
    Ok(canonical)
}

fn nested(cursor: &mut Cursor<'_>, depth: usize, out: &mut String) -> Result<()> {
    if depth > TYPE_DEPTH_MAX {
        return Err(cursor.syntax(format!("type is nested deeper than {TYPE_DEPTH_MAX} levels")));
    }
    let start = cursor.peek();
    let Some(word) = cursor.peek_word() else {
        return Err(cursor.mismatch("a type"));
    };
    cursor.advance();
    if let Some(name) = simple(&word) {
        out.push_str(name);
        return Ok(());
    }
    match word.as_str() {
        "DOUBLE" => {
            cursor.accept("PRECISION");
            out.push_str("double");
            Ok(())
        }
        "TIMESTAMP" => {
            timestamp(cursor, out);
            Ok(())
        }
        "DECIMAL" | "DEC" | "NUMERIC" => decimal(cursor, start, out),
        "VARCHAR" => sized(cursor, start, "varchar", VARCHAR_CHARS_MAX, out),
        "CHAR" => sized(cursor, start, "char", CHAR_CHARS_MAX, out),
        "ARRAY" => enclosed(cursor, "array", out, |cursor, out| nested(cursor, depth + 1, out)),
        "MAP" => enclosed(cursor, "map", out, |cursor, out| {
            nested(cursor, depth + 1, out)?;
            cursor.expect_symbol(',')?;
            out.push(',');
            nested(cursor, depth + 1, out)
        }),
        "STRUCT" => enclosed(cursor, "struct", out, |cursor, out| {
            members(cursor, out, |cursor, out| field(cursor, depth, out))
        }),
        "UNIONTYPE" => enclosed(cursor, "uniontype", out, |cursor, out| {
            members(cursor, out, |cursor, out| nested(cursor, depth + 1, out))
        }),
        _ => Err(unknown(cursor, start)),
    }
}

fn simple(word: &str) -> Option<&'static str> {
    Some(match word {
        "BOOLEAN" => "boolean",
        "TINYINT" | "BYTE" => "tinyint",
        "SMALLINT" | "SHORT" => "smallint",
        "INT" | "INTEGER" => "int",
        "BIGINT" | "LONG" => "bigint",
        "FLOAT" | "REAL" => "float",
        "STRING" => "string",
        "BINARY" => "binary",
        "DATE" => "date",
        "VOID" => "void",
        _ => return None,
    })
}

fn unknown(cursor: &Cursor<'_>, start: Token<'_>) -> protocol::Error {
    const NAMES: &[&str] = &[
        "boolean",
        "tinyint",
        "smallint",
        "int",
        "bigint",
        "float",
        "double",
        "decimal",
        "string",
        "varchar",
        "char",
        "binary",
        "date",
        "timestamp",
        "array",
        "map",
        "struct",
        "uniontype",
    ];
    let error = cursor.invalid_table(start, format!("unknown type '{}'", start.text.to_lowercase()));
    match crate::nearest(start.text, NAMES.iter().copied()) {
        Some(name) => error.with_hint(format!("did you mean '{name}'?")),
        None => error,
    }
}

fn timestamp(cursor: &mut Cursor<'_>, out: &mut String) {
    out.push_str("timestamp");
    if cursor.accept("WITH LOCAL TIME ZONE") {
        out.push_str(" with local time zone");
    }
}

fn decimal(cursor: &mut Cursor<'_>, start: Token<'_>, out: &mut String) -> Result<()> {
    let (mut precision, mut scale) = (10, 0);
    if cursor.accept_symbol('(') {
        precision = cursor.integer()?;
        if cursor.accept_symbol(',') {
            scale = cursor.integer()?;
        }
        cursor.expect_symbol(')')?;
    }
    if precision == 0 || precision > DECIMAL_PRECISION_MAX || scale > precision {
        let message = format!(
            "decimal({precision},{scale}) needs a precision of 1 to {DECIMAL_PRECISION_MAX} and a scale not above it"
        );
        return Err(cursor.invalid_table(start, message));
    }
    out.push_str(&format!("decimal({precision},{scale})"));
    Ok(())
}

fn sized(cursor: &mut Cursor<'_>, start: Token<'_>, name: &str, max: u32, out: &mut String) -> Result<()> {
    cursor.expect_symbol('(')?;
    let length = cursor.integer()?;
    cursor.expect_symbol(')')?;
    if length == 0 || length > max {
        return Err(cursor.invalid_table(start, format!("{name} needs a length of 1 to {max}")));
    }
    out.push_str(&format!("{name}({length})"));
    Ok(())
}

/// `name < inside >`
fn enclosed(
    cursor: &mut Cursor<'_>,
    name: &str,
    out: &mut String,
    inside: impl FnOnce(&mut Cursor<'_>, &mut String) -> Result<()>,
) -> Result<()> {
    cursor.expect_symbol('<')?;
    out.push_str(name);
    out.push('<');
    inside(cursor, out)?;
    if !cursor.accept_symbol('>') {
        return Err(cursor.mismatch("'>'"));
    }
    out.push('>');
    Ok(())
}

/// `member , …`
fn members(
    cursor: &mut Cursor<'_>,
    out: &mut String,
    mut member: impl FnMut(&mut Cursor<'_>, &mut String) -> Result<()>,
) -> Result<()> {
    loop {
        member(cursor, out)?;
        if !cursor.accept_symbol(',') {
            return Ok(());
        }
        out.push(',');
    }
}

/// `name : type [COMMENT 'text']`
fn field(cursor: &mut Cursor<'_>, depth: usize, out: &mut String) -> Result<()> {
    // A field may be named by digits alone, as JSON keys are.
    let name = match cursor.peek().kind {
        Kind::Number => cursor.advance().text.to_lowercase(),
        _ => cursor.name("a field name")?,
    };
    if name.chars().all(|c| c.is_alphanumeric() || "_-$.@ ".contains(c)) {
        out.push_str(&name);
    } else {
        out.push_str(&format!("`{}`", name.replace('`', "``")));
    }
    cursor.expect_symbol(':')?;
    out.push(':');
    nested(cursor, depth + 1, out)?;
    cursor.comment()?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<String> {
        // Hive lexing is on in statements that start with a DDL word.
        let mut cursor = Cursor::of_one_statement(text)?;
        let canonical = hive_type(&mut cursor)?;
        cursor.expect_end()?;
        Ok(canonical)
    }

    #[test]
    fn types_have_one_spelling() {
        fn check(text: &str, expect: &str) {
            assert_eq!(parse(text).unwrap(), expect, "{text}");
        }
        check("INT", "int");
        check("integer", "int");
        check("long", "bigint");
        check("Short", "smallint");
        check("byte", "tinyint");
        check("real", "float");
        check("double precision", "double");
        check("decimal", "decimal(10,0)");
        check("DECIMAL(12)", "decimal(12,0)");
        check("decimal( 10 , 2 )", "decimal(10,2)");
        check("varchar(20)", "varchar(20)");
        check("char(3)", "char(3)");
        check("timestamp", "timestamp");
        check("timestamp with local time zone", "timestamp with local time zone");
        check("array<string>", "array<string>");
        check("ARRAY < ARRAY < INT > >", "array<array<int>>");
        check("map<string,array<int>>", "map<string,array<int>>");
        check("struct<A:int, b:string>", "struct<a:int,b:string>");
        check("struct<a:int COMMENT 'x, y>', `b c`:string>", "struct<a:int,b c:string>");
        check("struct<`a:b`:int>", "struct<`a:b`:int>");
        check("struct<`a,b`:int, 1:int>", "struct<`a,b`:int,1:int>");
        check(
            "array<struct<a:int,b:map<string,decimal(10,2)>>>",
            "array<struct<a:int,b:map<string,decimal(10,2)>>>",
        );
        check("uniontype<int,string>", "uniontype<int,string>");
    }

    #[test]
    fn bad_types_are_refused_at_their_place() {
        fn check(text: &str, message: &str, column: u64) {
            let error = parse(text).unwrap_err();
            assert_eq!(error.message, message, "{text}");
            assert_eq!(error.position.unwrap().column, column, "{text}");
        }
        check("strng", "unknown type 'strng'", 1);
        check("array<strng>", "unknown type 'strng'", 7);
        check("array<int", "mismatched input '<EOF>'; expecting '>'", 10);
        check("array", "mismatched input '<EOF>'; expecting '<'", 6);
        check("map<string>", "mismatched input '>'; expecting ','", 11);
        check("struct<a int>", "mismatched input 'int'; expecting ':'", 10);
        check("struct<>", "mismatched input '>'; expecting a field name", 8);
        check("varchar", "mismatched input '<EOF>'; expecting '('", 8);
        check("varchar(0)", "varchar needs a length of 1 to 65535", 1);
        check("varchar(99999999999)", "mismatched input '99999999999'; expecting an integer", 9);
        check("decimal(39)", "decimal(39,0) needs a precision of 1 to 38 and a scale not above it", 1);
        check("decimal(3,4)", "decimal(3,4) needs a precision of 1 to 38 and a scale not above it", 1);
        check("(", "mismatched input '('; expecting a type", 1);
        let deep = format!("{}int{}", "array<".repeat(10_000), ">".repeat(10_000));
        assert!(parse(&deep).unwrap_err().message.starts_with("type is nested deeper than 64"));
    }
}

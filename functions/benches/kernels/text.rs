//! Text, patterns and binary data.

use crate::{
    cases::{Case, case},
    ours::{bigint, call, col, text},
};

/// Two digits after letters: in about half of the texts.
const PATTERN: &str = "[a-z]+[0-9]{2}";

pub(crate) fn cases() -> Vec<Case> {
    let parts = [plain(), built(), split(), patterns(), like(), binary()];
    parts.into_iter().flatten().collect()
}

fn plain() -> Vec<Case> {
    vec![
        case("lower", call("lower", [col("s")]), "lower(s)"),
        case("upper", call("upper", [col("s")]), "upper(s)"),
        case("length", call("length", [col("s")]), "character_length(s)"),
        case("substr from", call("substr", [col("s"), bigint(3)]), "substr(s, 3)"),
        case("substr of a length", call("substr", [col("s"), bigint(3), bigint(5)]), "substr(s, 3, 5)"),
        case("strpos", call("strpos", [col("s"), text("ta")]), "strpos(s, 'ta')"),
        case("strpos of a column", call("strpos", [col("s"), col("letter")]), "strpos(s, letter)"),
        case("starts_with", call("starts_with", [col("s"), text("al")]), "starts_with(s, 'al')"),
        case("ends_with", call("ends_with", [col("s"), text("ta")]), "ends_with(s, 'ta')"),
        case("levenshtein_distance", call("levenshtein_distance", [col("s"), col("t")]), "levenshtein(s, t)"),
        case("chr", call("chr", [col("code")]), "chr(code)"),
        case("codepoint", call("codepoint", [col("letter")]), "ascii(letter)"),
    ]
}

fn built() -> Vec<Case> {
    vec![
        case("concat", call("concat", [col("s"), col("t")]), "concat(s, t)"),
        case("||", call("concat", [col("s"), col("t")]), "s || t"),
        case("|| of three", call("concat", [col("s"), text("-"), col("t")]), "s || '-' || t"),
        case("concat_ws", call("concat_ws", [text("-"), col("s"), col("t")]), "concat_ws('-', s, t)"),
        case("replace", call("replace", [col("s"), text("ta"), text("xyz")]), "replace(s, 'ta', 'xyz')"),
        case(
            "replace of a letter",
            call("replace", [col("s"), text("a"), text("o")]),
            "replace(s, 'a', 'o')",
        ),
        case(
            "translate",
            call("translate", [col("s"), text("aeiou"), text("AEIOU")]),
            "translate(s, 'aeiou', 'AEIOU')",
        ),
        case("reverse", call("reverse", [col("s")]), "reverse(s)"),
        case("lpad", call("lpad", [col("s"), bigint(50), text("*")]), "lpad(s, 50, '*')"),
        case("rpad", call("rpad", [col("s"), bigint(50), text("*")]), "rpad(s, 50, '*')"),
        case("to_base", call("to_base", [col("j"), bigint(16)]), "to_hex(j)"),
    ]
}

fn split() -> Vec<Case> {
    vec![
        case("trim", call("trim", [col("padded")]), "btrim(padded)"),
        case("ltrim", call("ltrim", [col("padded")]), "ltrim(padded)"),
        case("rtrim", call("rtrim", [col("padded")]), "rtrim(padded)"),
        case("trim of letters", call("trim", [col("s"), text("aeb")]), "btrim(s, 'aeb')"),
        case("split", call("split", [col("csv"), text(",")]), "string_to_array(csv, ',')"),
        case("split_part", call("split_part", [col("csv"), text(","), bigint(3)]), "split_part(csv, ',', 3)"),
    ]
}

fn patterns() -> Vec<Case> {
    vec![
        case(
            "regexp_like",
            call("regexp_like", [col("s"), text(PATTERN)]),
            "regexp_like(s, '[a-z]+[0-9]{2}')",
        ),
        case(
            "regexp_extract",
            call("regexp_extract", [col("s"), text(PATTERN)]),
            "regexp_match(s, '[a-z]+[0-9]{2}')",
        ),
        case(
            "regexp_extract of a group",
            call("regexp_extract", [col("s"), text("([a-z]+)([0-9]{2})"), bigint(2)]),
            "regexp_match(s, '([a-z]+)([0-9]{2})')",
        ),
        case(
            "regexp_replace",
            call("regexp_replace", [col("s"), text("[0-9]+"), text("#")]),
            "regexp_replace(s, '[0-9]+', '#', 'g')",
        ),
        case(
            "regexp_count",
            call("regexp_count", [col("s"), text("[aeiou]+")]),
            "regexp_count(s, '[aeiou]+')",
        ),
        case(
            "regexp_position",
            call("regexp_position", [col("s"), text("[0-9]+")]),
            "regexp_instr(s, '[0-9]+')",
        ),
    ]
}

/// The analyzer writes the engine's operator where the pattern has no backslash.
fn like() -> Vec<Case> {
    vec![
        case("like prefix", call("$like", [col("s"), text("al%")]), "s LIKE 'al%'"),
        case("like suffix", call("$like", [col("s"), text("%ta")]), "s LIKE '%ta'"),
        case("like contains", call("$like", [col("s"), text("%ta%")]), "s LIKE '%ta%'"),
        case("like general", call("$like", [col("s"), text("%a_p%4%")]), "s LIKE '%a_p%4%'"),
        case("like with escape", call("$like", [col("s"), text("%a!_p%"), text("!")]), r"s LIKE '%a\_p%'"),
    ]
}

fn binary() -> Vec<Case> {
    vec![
        case("to_hex", call("to_hex", [col("bytes")]), "encode(bytes, 'hex')"),
        case("from_hex", call("from_hex", [col("hex")]), "decode(hex, 'hex')"),
        case("to_base64", call("to_base64", [col("bytes")]), "encode(bytes, 'base64')"),
        case("from_base64", call("from_base64", [col("base64")]), "decode(base64, 'base64')"),
        case("md5", call("md5", [col("bytes")]), "digest(bytes, 'md5')"),
        case("sha256", call("sha256", [col("bytes")]), "sha256(bytes)"),
        case("sha512", call("sha512", [col("bytes")]), "sha512(bytes)"),
        case("to_utf8", call("to_utf8", [col("s")]), "arrow_cast(s, 'BinaryView')"),
        case("from_utf8", call("from_utf8", [col("bytes")]), "arrow_cast(bytes, 'Utf8View')"),
    ]
}

//! Character properties, as `\p{L}` and `[[:alpha:]]` name them.
//!
//! Names stand alone, without `Is`, `script=` and the like; blocks begin with `In`
//! (<https://trino.io/docs/current/functions/regexp.html>).

use crate::Fault;

/// The inside of a class of characters with the property.
pub(super) fn class_of(name: &str) -> Result<String, Fault> {
    let canonical: String = name.chars().filter(|letter| !matches!(letter, ' ' | '-')).collect();
    let canonical = canonical.to_ascii_lowercase();
    if let Some(class) = posix_class(&canonical) {
        return Ok(class.to_owned());
    }
    let invalid = || Fault::invalid_argument(format!("invalid character property name {{{name}}}"));
    if let Some(block) = canonical.strip_prefix("in")
        && let Some((_, first, last)) = BLOCKS.iter().find(|(known, ..)| *known == block)
    {
        return Ok(format!("\\x{{{first:X}}}-\\x{{{last:X}}}"));
    }
    // The engine is more generous with names.
    let is_bare = canonical.bytes().all(|letter| letter.is_ascii_lowercase());
    if !is_bare
        || ["is", "java", "in"].iter().any(|prefix| canonical.starts_with(prefix)) && !is_script(&canonical)
    {
        return Err(invalid());
    }
    let class = format!("\\p{{{canonical}}}");
    regex::Regex::new(&class).map_err(|_| invalid())?;
    Ok(class)
}

/// Scripts whose names begin like a prefix.
fn is_script(name: &str) -> bool {
    matches!(name, "inherited" | "inscriptionalpahlavi" | "inscriptionalparthian" | "javanese")
}

/// The classes of POSIX, over all of Unicode.
pub(super) fn posix_class(name: &str) -> Option<&'static str> {
    Some(match name {
        "alnum" => r"\p{Alphabetic}\p{Nd}",
        "alpha" => r"\p{Alphabetic}",
        "ascii" => r"\x00-\x7F",
        "blank" => r"\p{Zs}\t",
        "cntrl" => r"\p{Cc}",
        "digit" => r"\p{Nd}",
        "graph" => r"[^\p{White_Space}\p{Cc}\p{Cn}]",
        "lower" => r"\p{Lowercase}",
        "print" => r"[^\p{Cc}\p{Cn}\p{Zl}\p{Zp}]",
        "punct" => r"\p{P}",
        "space" => r"\p{White_Space}",
        "upper" => r"\p{Uppercase}",
        "xdigit" => "0-9A-Fa-f",
        "word" => r"\p{Alphabetic}\p{M}\p{Nd}\p{Pc}",
        "any" => r"\x{0}-\x{10FFFF}",
        "assigned" => r"\P{Cn}",
        _ => return None,
    })
}

/// Blocks that are asked for; the engine knows none.
const BLOCKS: [(&str, u32, u32); 30] = [
    ("basiclatin", 0x0000, 0x007F),
    ("latin1supplement", 0x0080, 0x00FF),
    ("latinextendeda", 0x0100, 0x017F),
    ("latinextendedb", 0x0180, 0x024F),
    ("ipaextensions", 0x0250, 0x02AF),
    ("spacingmodifierletters", 0x02B0, 0x02FF),
    ("combiningdiacriticalmarks", 0x0300, 0x036F),
    ("greekandcoptic", 0x0370, 0x03FF),
    ("cyrillic", 0x0400, 0x04FF),
    ("armenian", 0x0530, 0x058F),
    ("hebrew", 0x0590, 0x05FF),
    ("arabic", 0x0600, 0x06FF),
    ("devanagari", 0x0900, 0x097F),
    ("thai", 0x0E00, 0x0E7F),
    ("georgian", 0x10A0, 0x10FF),
    ("hanguljamo", 0x1100, 0x11FF),
    ("mongolian", 0x1800, 0x18AF),
    ("generalpunctuation", 0x2000, 0x206F),
    ("currencysymbols", 0x20A0, 0x20CF),
    ("letterlikesymbols", 0x2100, 0x214F),
    ("numberforms", 0x2150, 0x218F),
    ("arrows", 0x2190, 0x21FF),
    ("mathematicaloperators", 0x2200, 0x22FF),
    ("boxdrawing", 0x2500, 0x257F),
    ("cjksymbolsandpunctuation", 0x3000, 0x303F),
    ("hiragana", 0x3040, 0x309F),
    ("katakana", 0x30A0, 0x30FF),
    ("cjkunifiedideographs", 0x4E00, 0x9FFF),
    ("hangulsyllables", 0xAC00, 0xD7AF),
    ("halfwidthandfullwidthforms", 0xFF00, 0xFFEF),
];

//! `replace` and `translate`.

use std::collections::HashMap;

use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::{
    arguments::{Arguments, Budget, given, part},
    length_limit,
    search::Finder,
    varchar_of,
};
use crate::{Call, Fault, Function, Type, columns::text_rows};

pub(super) fn functions() -> Vec<Function> {
    let replaces =
        &["(varchar(x), varchar(y)) -> varchar(x)", "(varchar(x), varchar(y), varchar(z)) -> varchar(x)"];
    vec![
        Function::scalar(
            "replace",
            replaces,
            replace,
            "Greedily replaces occurrences of a pattern with a string",
        )
        .returning(replace_type),
        Function::scalar(
            "translate",
            &["(varchar(x), varchar(y), varchar(z)) -> varchar"],
            translate,
            "Translate characters from the source string based on original and translations strings",
        ),
    ]
}

fn replace_type(arguments: &[Type]) -> Result<Type, Fault> {
    match arguments {
        [text, _, replacement] => {
            let (text, replacement) = (length_limit(text), length_limit(replacement));
            Ok(varchar_of(text.saturating_add(replacement.saturating_mul(text.saturating_add(1)))))
        }
        [text, ..] => Ok(text.clone()),
        [] => Err(Fault::internal("replace without arguments")),
    }
}

fn replace(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let (texts, searches) = (arguments.texts(0)?, arguments.texts(1)?);
    let replacements = if arguments.len() > 2 { Some(arguments.texts(2)?) } else { None };
    let finder = Finder::new(&searches);
    let mut budget = Budget::of_batch();
    let result = text_rows(arguments.rows, |row, result| {
        let (text, search) = (given!(texts.get(row)), given!(searches.get(row)));
        let replacement = match &replacements {
            Some(replacements) => given!(replacements.get(row)),
            None => "",
        };
        if search.is_empty() {
            let bytes = replacement.len().checked_mul(text.len() + 1);
            budget.take(bytes.and_then(|bytes| bytes.checked_add(text.len())))?;
            insert_everywhere(text, replacement, result);
            return Ok(Some(()));
        }
        let mut copied = 0;
        while let Some(found) = finder.find(text, search, copied) {
            budget.take(Some(replacement.len()))?;
            result.push_str(part(text, copied, found));
            result.push_str(replacement);
            copied = found + search.len();
        }
        result.push_str(part(text, copied, text.len()));
        Ok(Some(()))
    })?;
    arguments.finish(result)
}

/// Before each character, and at the end.
fn insert_everywhere(text: &str, inserted: &str, result: &mut String) {
    for letter in text.chars() {
        result.push_str(inserted);
        result.push(letter);
    }
    result.push_str(inserted);
}

fn translate(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let (texts, froms) = (arguments.texts(0)?, arguments.texts(1)?);
    let tos = arguments.texts(2)?;
    let mut bytes = Vec::new();
    let constant = froms.constant().zip(tos.constant()).map(|(from, to)| Translation::new(from, to));
    let result = text_rows(arguments.rows, |row, result| {
        let (text, from, to) = (given!(texts.get(row)), given!(froms.get(row)), given!(tos.get(row)));
        let own;
        let translation = match &constant {
            Some(constant) => constant,
            None => {
                own = Translation::new(from, to);
                &own
            }
        };
        translation.push(text, &mut bytes, result);
        Ok(Some(()))
    })?;
    arguments.finish(result)
}

/// What each character becomes.
struct Translation {
    table: HashMap<char, Option<char>>,
    /// Of each ASCII character, if all of them become ASCII; [`LEFT_OUT`] is none.
    ascii: Option<[u8; 128]>,
}

/// No character of ASCII.
const LEFT_OUT: u8 = 0xFF;

impl Translation {
    /// The first of equal characters counts.
    fn new(from: &str, to: &str) -> Self {
        let mut table = HashMap::new();
        let mut to = to.chars();
        for letter in from.chars() {
            let translated = to.next();
            table.entry(letter).or_insert(translated);
        }
        let mut ascii = Some([LEFT_OUT; 128]);
        for letter in '\0'..='\x7F' {
            let Some(translated) = table.get(&letter).copied().unwrap_or(Some(letter)) else { continue };
            let place = ascii.as_mut().and_then(|ascii| ascii.get_mut(letter as usize));
            match (place, u8::try_from(translated)) {
                (Some(place), Ok(byte)) if byte.is_ascii() => *place = byte,
                _ => ascii = None,
            }
        }
        Self { table, ascii }
    }

    /// Appends the translated text. `bytes` is memory to work in.
    fn push(&self, text: &str, bytes: &mut Vec<u8>, result: &mut String) {
        if let Some(ascii) = self.ascii.filter(|_| text.is_ascii()) {
            bytes.clear();
            bytes.extend(text.bytes().map(|byte| ascii.get(usize::from(byte)).copied().unwrap_or(LEFT_OUT)));
            if bytes.contains(&LEFT_OUT) {
                bytes.retain(|byte| *byte != LEFT_OUT);
            }
            if let Ok(translated) = std::str::from_utf8(bytes) {
                return result.push_str(translated);
            }
        }
        result.extend(
            text.chars().filter_map(|letter| self.table.get(&letter).copied().unwrap_or(Some(letter))),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::replace_type;
    use crate::{Type, testing::check};

    #[test]
    fn replace() {
        check(
            "replace",
            &[
                (&["varchar(3) 'aaa'", "varchar(1) 'a'"], "varchar(3) ''"),
                (&["varchar(6) 'abcdef'", "varchar(2) 'cd'"], "varchar(6) 'abef'"),
                (&["varchar 'abcdef'", "varchar ''"], "varchar 'abcdef'"),
                (&["varchar(3) 'aaa'", "varchar(1) 'a'", "varchar(2) 'aa'"], "varchar(11) 'aaaaaa'"),
                (&["varchar 'abcdefabcdef'", "varchar 'cd'", "varchar 'XX'"], "varchar 'abXXefabXXef'"),
                (&["varchar '123 tech 123'", "varchar '123'", "varchar 'tech'"], "varchar 'tech tech tech'"),
                (
                    &["varchar '123 tech 123'", "varchar ''", "varchar '_'"],
                    "varchar '_1_2_3_ _t_e_c_h_ _1_2_3_'",
                ),
                (&["varchar ''", "varchar ''", "varchar '_'"], "varchar '_'"),
                (&["varchar ''", "varchar 'a'", "varchar '_'"], "varchar ''"),
                (&["varchar '信念,爱'", "varchar ','", "varchar '--'"], "varchar '信念--爱'"),
                (&["varchar '信爱'", "varchar ''", "varchar '望'"], "varchar '望信望爱望'"),
                (&["varchar 'a'", "varchar NULL", "varchar ''"], "varchar NULL"),
                (&["varchar 'a'", "varchar 'a'", "varchar NULL"], "varchar NULL"),
            ],
        );
    }

    #[test]
    fn type_of_replace() {
        let limited = |length| Type::Varchar(Some(length));
        assert_eq!(replace_type(&[limited(3), limited(1)]), Ok(limited(3)));
        assert_eq!(replace_type(&[limited(7), limited(0), limited(2)]), Ok(limited(23)));
        assert_eq!(replace_type(&[Type::VARCHAR, limited(0), limited(2)]), Ok(Type::VARCHAR));
    }

    #[test]
    fn translate() {
        check(
            "translate",
            &[
                (&["varchar 'abcd'", "varchar ''", "varchar ''"], "varchar 'abcd'"),
                (&["varchar 'abcd'", "varchar 'a'", "varchar 'z'"], "varchar 'zbcd'"),
                (&["varchar 'abcda'", "varchar 'a'", "varchar 'z'"], "varchar 'zbcdz'"),
                (&["varchar 'Palhoça'", "varchar 'ç'", "varchar 'c'"], "varchar 'Palhoca'"),
                (&["varchar 'abcd'", "varchar 'ac'", "varchar 'z'"], "varchar 'zbd'"),
                (&["varchar 'abcd'", "varchar 'aac'", "varchar 'zq'"], "varchar 'zbd'"),
                (&["varchar 'abcd'", "varchar 'aac'", "varchar 'zqy'"], "varchar 'zbyd'"),
                (&["varchar 'a😀'", "varchar '😀'", "varchar 'é!'"], "varchar 'aé'"),
                (&["varchar 'a'", "varchar NULL", "varchar ''"], "varchar NULL"),
            ],
        );
    }
}

//! `regexp_replace`, and what its replacements mean.

use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::pattern::{Groups, Pattern, Patterns, next_start};
use crate::{
    Call, Fault, Function, Type,
    columns::text_rows,
    string::{
        arguments::{Arguments, Budget, given, part},
        length_limit, varchar_of,
    },
};

pub(super) fn functions() -> Vec<Function> {
    let signatures =
        &["(varchar(x), varchar(y)) -> varchar(x)", "(varchar(x), varchar(y), varchar(z)) -> varchar(x)"];
    vec![
        Function::scalar(
            "regexp_replace",
            signatures,
            regexp_replace,
            "Replaces substrings matching a regular expression by given string",
        )
        .returning(replaced_type),
    ]
}

/// As Trino reckons the longest result.
fn replaced_type(arguments: &[Type]) -> Result<Type, Fault> {
    match arguments {
        [text, _, replacement] => {
            let (text, replacement) = (length_limit(text), length_limit(replacement));
            let one = (text.saturating_mul(replacement) / 2).max(replacement);
            Ok(varchar_of(text.saturating_add(one.saturating_mul(text.saturating_add(1)))))
        }
        [text, ..] => Ok(text.clone()),
        [] => Err(Fault::internal("regexp_replace without arguments")),
    }
}

fn regexp_replace(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let texts = arguments.texts(0)?;
    let mut patterns = Patterns::new(arguments.texts(1)?);
    let replacements = if arguments.len() > 2 { Some(arguments.texts(2)?) } else { None };
    let mut budget = Budget::of_batch();
    let result = text_rows(arguments.rows, |row, result| {
        let (text, (pattern, groups)) = (given!(texts.get(row)), given!(patterns.at(row)?));
        let replacement = match &replacements {
            Some(replacements) => given!(replacements.get(row)),
            None => "",
        };
        if replacement.contains(['$', '\\']) {
            replace_with_groups(text, pattern, groups, replacement, result, &mut budget)?;
        } else {
            replace(text, pattern, replacement, result, &mut budget)?;
        }
        Ok(Some(()))
    })?;
    arguments.finish(result)
}

fn replace(
    text: &str,
    pattern: &Pattern,
    replacement: &str,
    result: &mut String,
    budget: &mut Budget,
) -> Result<(), Fault> {
    let (mut copied, mut from) = (0, 0);
    while let Some(found) = pattern.find(text, from)? {
        budget.take(Some(replacement.len()))?;
        result.push_str(part(text, copied, found.0));
        result.push_str(replacement);
        copied = found.1;
        from = next_start(text, found);
    }
    result.push_str(part(text, copied, text.len()));
    Ok(())
}

fn replace_with_groups(
    text: &str,
    pattern: &Pattern,
    groups: &mut Groups,
    replacement: &str,
    result: &mut String,
    budget: &mut Budget,
) -> Result<(), Fault> {
    let (mut copied, mut from) = (0, 0);
    // Only a match shows that a replacement is wrong.
    let mut template = None;
    while pattern.find_groups(text, from, groups)? {
        let found = groups.whole();
        result.push_str(part(text, copied, found.0));
        let template = match &template {
            Some(template) => template,
            None => template.insert(read_template(replacement, pattern)?),
        };
        let before = result.len();
        for piece in template {
            match piece {
                Piece::Text(piece) => result.push_str(piece),
                Piece::Group(group) => {
                    let (start, end) = groups.get(*group).unwrap_or_default();
                    result.push_str(part(text, start, end));
                }
            }
        }
        budget.take(Some(result.len() - before))?;
        copied = found.1;
        from = next_start(text, found);
    }
    result.push_str(part(text, copied, text.len()));
    Ok(())
}

/// A piece of a replacement.
#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Group(usize),
}

/// Reads `$1`, `${name}` and `\$`.
fn read_template(replacement: &str, pattern: &Pattern) -> Result<Vec<Piece>, Fault> {
    let illegal = || Fault::invalid_argument(format!("Illegal replacement sequence: {replacement}"));
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut letters = replacement.chars().peekable();
    while let Some(letter) = letters.next() {
        let group = match letter {
            '\\' => {
                literal.push(letters.next().ok_or_else(illegal)?);
                continue;
            }
            '$' if letters.next_if_eq(&'{').is_some() => {
                let name: String = letters.by_ref().take_while(|letter| *letter != '}').collect();
                pattern.group_named(&name).ok_or_else(|| {
                    Fault::invalid_argument(format!(
                        "Illegal replacement sequence: unknown group {{ {name} }}"
                    ))
                })?
            }
            '$' => {
                let digit = |letter: &char| letter.to_digit(10).and_then(|digit| usize::try_from(digit).ok());
                let mut group = letters.next().as_ref().and_then(digit).ok_or_else(illegal)?;
                if group > pattern.groups {
                    return Err(Fault::invalid_argument(format!(
                        "Illegal replacement sequence: unknown group {group}"
                    )));
                }
                // As many digits as name a group.
                while let Some(longer) = letters.peek().and_then(digit).map(|digit| group * 10 + digit)
                    && longer <= pattern.groups
                {
                    group = longer;
                    letters.next();
                }
                group
            }
            _ => {
                literal.push(letter);
                continue;
            }
        };
        if !literal.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut literal)));
        }
        pieces.push(Piece::Group(group));
    }
    if !literal.is_empty() {
        pieces.push(Piece::Text(literal));
    }
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::replaced_type;
    use crate::{Type, testing::check};

    #[test]
    fn plain_replacements() {
        check(
            "regexp_replace",
            &[
                (&["varchar(10) 'fun stuff.'", "varchar '[a-z]'"], "varchar(10) ' .'"),
                (&["varchar 'fun stuff.'", "varchar '[a-z]'", "varchar '*'"], "varchar '*** *****.'"),
                (
                    &["varchar 'abc有朋$%X自9'", "varchar ''", "varchar 'Y'"],
                    "varchar 'YaYbYcY有Y朋Y$Y%YXY自Y9Y'",
                ),
                (&["varchar 'a有朋💰'", "varchar '.'", "varchar 'Y'"], "varchar 'YYYY'"),
                (&["varchar ''", "varchar ''", "varchar 'Y'"], "varchar 'Y'"),
                (&["varchar 'x'", "varchar '.*'", "varchar 'xxxxx'"], "varchar 'xxxxxxxxxx'"),
                (&["varchar 'abc'", "varchar 'b*'", "varchar '-'"], "varchar '-a--c-'"),
                (&["varchar 'xxx xxx'", "varchar 'x'", "varchar '\\x'"], "varchar 'xxx xxx'"),
                (&["varchar 'xxx'", "varchar 'y'", "varchar '$'"], "varchar 'xxx'"),
                (&["varchar 'xxx'", "varchar 'x'", "varchar NULL"], "varchar NULL"),
                (&["varchar 'xxx'", "varchar NULL", "varchar 'a'"], "varchar NULL"),
                (&["varchar 'xxx'", "varchar 'x'", "varchar '\\'"], "error Illegal replacement sequence: \\"),
            ],
        );
    }

    #[test]
    fn groups() {
        let ten = "varchar '(1)(2)(3)(4)(5)(6)(7)(8)(9)(0)'";
        check(
            "regexp_replace",
            &[
                (&["varchar 'a有朋💰'", "varchar '.'", "varchar '1$02'"], "varchar '1a21有21朋21💰2'"),
                (
                    &[
                        "varchar 'call 555.123.4444 now'",
                        "varchar '(\\d{3})\\.(\\d{3}).(\\d{4})'",
                        "varchar '($1) $2-$3'",
                    ],
                    "varchar 'call (555) 123-4444 now'",
                ),
                (&["varchar 'xxx'", "varchar '(x)'", "varchar '$01'"], "varchar 'xxx'"),
                (&["varchar 'xxx'", "varchar 'x'", "varchar '$05'"], "varchar 'x5x5x5'"),
                (
                    &["varchar '123456789'", "varchar '(1)(2)(3)(4)(5)(6)(7)(8)(9)'", "varchar '$10'"],
                    "varchar '10'",
                ),
                (&["varchar '1234567890'", ten, "varchar '$10'"], "varchar '0'"),
                (&["varchar '1234567890'", ten, "varchar '$11'"], "varchar '11'"),
                (&["varchar '1234567890'", ten, "varchar '$1a'"], "varchar '1a'"),
                (
                    &["varchar 'wxyz'", "varchar '(?<xyz>[xyz])'", "varchar '${xyz}${xyz}'"],
                    "varchar 'wxxyyzz'",
                ),
                (
                    &["varchar 'wxyz'", "varchar '(?<w>w)|(?<xyz>[xyz])'", "varchar '[${w}](${xyz})'"],
                    "varchar '[w]()[](x)[](y)[](z)'",
                ),
                (&["varchar 'xyz'", "varchar '(?<xyz>[xyz])+'", "varchar '${xyz}'"], "varchar 'z'"),
                (&["varchar 'a.b'", "varchar '\\.'", "varchar '\\$\\\\'"], "varchar 'a$\\b'"),
                (&["varchar 'xxx'", "varchar 'x'", "varchar '$1'"], "error unknown group 1"),
                (&["varchar 'xxx'", "varchar 'x'", "varchar '$a'"], "error Illegal replacement sequence: $a"),
                (&["varchar 'xxx'", "varchar 'x'", "varchar '$'"], "error Illegal replacement sequence: $"),
                (&["varchar 'xxx'", "varchar '(?<name>x)'", "varchar '${}'"], "error unknown group"),
                (&["varchar 'xxx'", "varchar '(?<name>x)'", "varchar '${0}'"], "error unknown group { 0 }"),
                (
                    &["varchar 'xxx'", "varchar '(?<name>x)'", "varchar '${nam}'"],
                    "error unknown group { nam }",
                ),
            ],
        );
    }

    #[test]
    fn type_of_the_result() {
        let limited = |length| Type::Varchar(Some(length));
        assert_eq!(replaced_type(&[limited(14), limited(0), limited(1)]), Ok(limited(119)));
        assert_eq!(replaced_type(&[limited(11), limited(1), limited(2)]), Ok(limited(143)));
        assert_eq!(replaced_type(&[limited(0), limited(0), limited(1)]), Ok(limited(1)));
        assert_eq!(replaced_type(&[Type::VARCHAR, limited(0), limited(1)]), Ok(Type::VARCHAR));
    }
}

//! Name patterns of metadata requests: `%` any text, `_` any character, `\` takes the next literally.
//!
//! Matched here rather than by arrow-flight's builders, so that tables of other databases are never
//! loaded, and without regard to case: catalog names are lower case, and tools ask in any.

/// The escape character of patterns, as announced in the SQL info.
pub(super) const PATTERN_ESCAPE: char = '\\';

/// A pattern; without text it matches every name.
#[derive(Debug)]
pub(super) struct NamePattern {
    tokens: Option<Vec<Token>>,
}

#[derive(Debug, PartialEq)]
enum Token {
    AnyText,
    AnyCharacter,
    Literal(char),
}

impl NamePattern {
    pub(super) fn new(text: Option<&str>) -> Self {
        Self { tokens: text.map(tokens) }
    }

    /// Takes time proportional to the product of the lengths at worst.
    pub(super) fn matches(&self, name: &str) -> bool {
        match &self.tokens {
            None => true,
            Some(tokens) => matches_tokens(tokens, &name.to_lowercase().chars().collect::<Vec<_>>()),
        }
    }
}

fn tokens(text: &str) -> Vec<Token> {
    let lowered = text.to_lowercase();
    let mut characters = lowered.chars();
    let mut tokens = Vec::new();
    while let Some(c) = characters.next() {
        tokens.push(match c {
            '%' => Token::AnyText,
            '_' => Token::AnyCharacter,
            PATTERN_ESCAPE => Token::Literal(characters.next().unwrap_or(PATTERN_ESCAPE)),
            literal => Token::Literal(literal),
        });
    }
    tokens
}

/// Walks both sides; on a mismatch, the last `%` takes one character more. Only the last one needs to
/// be reconsidered, which keeps this from growing exponentially.
fn matches_tokens(tokens: &[Token], name: &[char]) -> bool {
    let (mut token, mut at) = (0, 0);
    let mut last_any: Option<(usize, usize)> = None;
    while at < name.len() {
        let fits = match tokens.get(token) {
            Some(Token::AnyText) => {
                last_any = Some((token, at));
                token += 1;
                continue;
            }
            Some(Token::AnyCharacter) => true,
            Some(Token::Literal(literal)) => name.get(at) == Some(literal),
            None => false,
        };
        if fits {
            token += 1;
            at += 1;
        } else if let Some((any, taken)) = last_any {
            last_any = Some((any, taken + 1));
            token = any + 1;
            at = taken + 1;
        } else {
            return false;
        }
    }
    tokens.iter().skip(token).all(|rest| *rest == Token::AnyText)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, name: &str, expected: bool) {
        let matched = NamePattern::new(Some(pattern)).matches(name);
        assert_eq!(matched, expected, "{pattern} against {name}");
    }

    #[test]
    fn patterns() {
        check("orders", "orders", true);
        check("orders", "order", false);
        check("order", "orders", false);
        check("ORDERS", "orders", true);
        check("%", "", true);
        check("%", "anything", true);
        check("", "", true);
        check("", "a", false);
        check("o%", "orders", true);
        check("%s", "orders", true);
        check("%rd%", "orders", true);
        check("%rx%", "orders", false);
        check("o_ders", "orders", true);
        check("_", "", false);
        check("______", "orders", true);
        check("_____", "orders", false);
        check("a%b%c", "aXbXbXc", true);
        check("a%b%c", "aXbXbX", false);
        check("line\\_item", "line_item", true);
        check("line\\_item", "lineXitem", false);
        check("line_item", "lineXitem", true);
        check("100\\%", "100%", true);
        check("100\\%", "1000", false);
        check("a\\", "a\\", true);
        check("größe_", "Größe1", true);
    }

    #[test]
    fn no_pattern_matches_everything() {
        assert!(NamePattern::new(None).matches("anything"));
    }

    #[test]
    fn hostile_patterns_stay_cheap() {
        let pattern = "%a".repeat(200);
        let name = "a".repeat(199);
        check(&pattern, &name, false);
    }
}

//! JSON as a flat sequence of tokens, for what reads documents whole.

use super::scan::{Malformed, Nesting, RawNumber, RawText, Scanner};

/// A step through a document.
#[derive(Debug, Clone, Copy)]
pub(super) enum Token<'a> {
    Null,
    Boolean(bool),
    Number(RawNumber<'a>),
    Text(RawText<'a>),
    Key(RawText<'a>),
    ArrayStart,
    ArrayEnd,
    ObjectStart,
    ObjectEnd,
}

/// Where the next token is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A value must come: at the root and after a key.
    Value,
    /// Directly behind `[`.
    FirstItem,
    /// Directly behind `{`.
    FirstKey,
    /// Behind a value.
    After,
}

/// The tokens of a text.
#[derive(Debug)]
pub(super) struct Tokens<'a> {
    scanner: Scanner<'a>,
    nesting: Nesting,
    place: Place,
    /// The text begins with the document, whose numbers nothing may run into.
    from_root: bool,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { from_root: true, ..Self::inside(Scanner::new(text)) }
    }

    /// From a value inside a document. To be used up to the end of that value.
    pub(super) fn inside(scanner: Scanner<'a>) -> Self {
        Self { scanner, nesting: Nesting::default(), place: Place::Value, from_root: false }
    }

    /// The next token; None at the end of the text. A second value behind the first is another token.
    pub(super) fn next(&mut self) -> Result<Option<Token<'a>>, Malformed> {
        let in_object = self.nesting.top();
        let first = self.scanner.peek();
        match (self.place, in_object) {
            (Place::Value, _) | (Place::After, None) => match first {
                None if in_object.is_none() => Ok(None),
                _ => self.value(first).map(Some),
            },
            (Place::FirstItem, _) if first == Some(b']') => Ok(Some(self.end(Token::ArrayEnd))),
            (Place::FirstItem, _) => self.value(first).map(Some),
            (Place::FirstKey, _) if first == Some(b'}') => Ok(Some(self.end(Token::ObjectEnd))),
            (Place::FirstKey, _) => self.key().map(Some),
            (Place::After, Some(true)) => match first {
                Some(b'}') => Ok(Some(self.end(Token::ObjectEnd))),
                Some(b',') => {
                    self.scanner.step();
                    self.key().map(Some)
                }
                _ => Err(Malformed),
            },
            (Place::After, Some(false)) => match first {
                Some(b']') => Ok(Some(self.end(Token::ArrayEnd))),
                Some(b',') => {
                    self.scanner.step();
                    let first = self.scanner.peek();
                    self.value(first).map(Some)
                }
                _ => Err(Malformed),
            },
        }
    }

    /// The next token, which must be there.
    pub(super) fn need(&mut self) -> Result<Token<'a>, Malformed> {
        self.next()?.ok_or(Malformed)
    }

    /// After the first token of a value: steps over the rest of it.
    pub(super) fn skip_rest(&mut self, token: Token<'a>) -> Result<(), Malformed> {
        let mut depth = 0_usize;
        let mut token = token;
        loop {
            match token {
                Token::ArrayStart | Token::ObjectStart => depth += 1,
                Token::ArrayEnd | Token::ObjectEnd => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return Ok(());
            }
            token = self.need()?;
        }
    }

    fn key(&mut self) -> Result<Token<'a>, Malformed> {
        let key = self.scanner.key()?;
        self.place = Place::Value;
        Ok(Token::Key(key))
    }

    fn end(&mut self, token: Token<'a>) -> Token<'a> {
        self.scanner.step();
        self.nesting.pop();
        self.place = Place::After;
        token
    }

    fn value(&mut self, first: Option<u8>) -> Result<Token<'a>, Malformed> {
        let is_root = self.from_root && self.nesting.top().is_none();
        self.place = Place::After;
        Ok(match first {
            Some(b'{') => {
                self.scanner.step();
                self.nesting.push(true);
                self.place = Place::FirstKey;
                Token::ObjectStart
            }
            Some(b'[') => {
                self.scanner.step();
                self.nesting.push(false);
                self.place = Place::FirstItem;
                Token::ArrayStart
            }
            Some(b'"') => Token::Text(self.scanner.string()?),
            Some(b'-' | b'0'..=b'9') => Token::Number(self.scanner.number(is_root)?),
            Some(b't') => self.scanner.word("true").map(|()| Token::Boolean(true))?,
            Some(b'f') => self.scanner.word("false").map(|()| Token::Boolean(false))?,
            Some(b'n') => self.scanner.word("null").map(|()| Token::Null)?,
            _ => return Err(Malformed),
        })
    }
}

impl Token<'_> {
    /// The token as Trino's messages show it.
    pub(super) fn shown(&self) -> String {
        match self {
            Token::Null => "null".to_owned(),
            Token::Boolean(value) => value.to_string(),
            Token::Number(number) => number.text.to_owned(),
            Token::Text(text) | Token::Key(text) => text.decode().into_owned(),
            Token::ArrayStart => "[".to_owned(),
            Token::ArrayEnd => "]".to_owned(),
            Token::ObjectStart => "{".to_owned(),
            Token::ObjectEnd => "}".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(json: &str) -> Result<String, Malformed> {
        let mut tokens = Tokens::new(json);
        let mut text = String::new();
        while let Some(token) = tokens.next()? {
            text.push_str(&token.shown());
            text.push(' ');
        }
        Ok(text.trim_end().to_owned())
    }

    #[test]
    fn documents_become_tokens() {
        for (json, expected) in [
            ("", Ok("")),
            (" 12 ", Ok("12")),
            ("[1, [], {\"a\": null, \"b\": [true]}]", Ok("[ 1 [ ] { a null b [ true ] } ]")),
            ("{} []", Ok("{ } [ ]")),
            ("[1,]", Err(Malformed)),
            ("[", Err(Malformed)),
            ("{\"a\" 1}", Err(Malformed)),
            ("{,}", Err(Malformed)),
        ] {
            assert_eq!(shown(json).as_deref(), expected.as_ref().map(|text| *text), "{json}");
        }
    }
}

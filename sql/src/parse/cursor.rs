//! A place in the tokens of one statement, and the small readings every DDL clause is made of.
//!
//! Lives for one call of `parse::statement`. Errors are in Athena's words and carry the position of the
//! token they are about.

mod inner_text;

use protocol::{Error, ErrorCode, Position, Result};

use super::{
    lex::{self, Kind, Token},
    strings,
};
use crate::{Property, TableName};

/// The only catalog there is; its name may be written in front of a database.
const CATALOG: &str = "awsdatacatalog";

/// Longest name of a database, table or column, in characters: the catalog's limit.
const NAME_CHARS_MAX: usize = 255;

#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    /// Ends with a token of kind `End`, which sits behind the statement's last token.
    tokens: Vec<Token<'a>>,
    next: usize,
}

impl<'a> Cursor<'a> {
    /// At the start of the only statement of `text`; a second statement is an error.
    pub(super) fn of_one_statement(text: &'a str) -> Result<Self> {
        let mut tokens = lex::lex(text);
        let is_end = |token: &Token<'_>| matches!(token.kind, Kind::Symbol(';') | Kind::End);
        let length = tokens.iter().position(is_end).unwrap_or(tokens.len());
        let second = tokens.iter().skip(length).find(|token| !is_end(token));
        if let Some(second) = second
            && length > 0
        {
            return Err(syntax(text, second.start, "only one statement is allowed")
                .with_hint("send each statement by itself"));
        }
        let end = tokens.get(length).map_or(text.len(), |token| token.start);
        tokens.truncate(length);
        tokens.push(Token { kind: Kind::End, text: "", start: end });
        Ok(Self { text, tokens, next: 0 })
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// The statement's tokens from here on, `End` included.
    pub(super) fn rest(&self) -> &[Token<'a>] {
        self.tokens.get(self.next..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Token<'a> {
        self.peek_at(0)
    }

    /// Line and column of the next token.
    pub(super) fn position(&self) -> Position {
        lex::position(self.text, self.peek().start)
    }

    /// The token `ahead` of the next one; behind the end, `End` again.
    pub(super) fn peek_at(&self, ahead: usize) -> Token<'a> {
        let token = self.tokens.get(self.next + ahead).or(self.tokens.last());
        token.copied().unwrap_or(Token { kind: Kind::End, text: "", start: self.text.len() })
    }

    /// The bare word `ahead`, in upper case.
    pub(super) fn word_at(&self, ahead: usize) -> Option<String> {
        let token = self.peek_at(ahead);
        (token.kind == Kind::Word).then(|| token.text.to_ascii_uppercase())
    }

    pub(super) fn peek_word(&self) -> Option<String> {
        self.word_at(0)
    }

    pub(super) fn at_end(&self) -> bool {
        self.peek().kind == Kind::End
    }

    /// Passes one token; stays at the end.
    pub(super) fn advance(&mut self) -> Token<'a> {
        let token = self.peek();
        if token.kind != Kind::End {
            self.next += 1;
        }
        token
    }

    /// Passes all that is left; for a parser that read it by other means.
    pub(super) fn skip_to_end(&mut self) {
        self.next = self.tokens.len().saturating_sub(1);
    }

    /// True if these words (upper case) come next.
    pub(super) fn at(&self, words: &str) -> bool {
        words.split(' ').enumerate().all(|(ahead, word)| self.word_is(ahead, word))
    }

    fn word_is(&self, ahead: usize, word: &str) -> bool {
        let token = self.peek_at(ahead);
        token.kind == Kind::Word && token.text.eq_ignore_ascii_case(word)
    }

    /// Passes these words if all of them come next.
    pub(super) fn accept(&mut self, words: &str) -> bool {
        let found = self.at(words);
        if found {
            self.next += words.split(' ').count();
        }
        found
    }

    /// Passes these words, or complains about the first that is not there.
    pub(super) fn expect(&mut self, words: &str) -> Result<()> {
        for word in words.split(' ') {
            if !self.accept(word) {
                return Err(self.mismatch(&format!("'{word}'")));
            }
        }
        Ok(())
    }

    pub(super) fn at_symbol(&self, symbol: char) -> bool {
        self.peek().kind == Kind::Symbol(symbol)
    }

    pub(super) fn accept_symbol(&mut self, symbol: char) -> bool {
        let found = self.at_symbol(symbol);
        if found {
            self.next += 1;
        }
        found
    }

    pub(super) fn expect_symbol(&mut self, symbol: char) -> Result<()> {
        if self.accept_symbol(symbol) { Ok(()) } else { Err(self.mismatch(&format!("'{symbol}'"))) }
    }

    pub(super) fn expect_end(&self) -> Result<()> {
        if self.at_end() { Ok(()) } else { Err(self.mismatch("<EOF>")) }
    }

    /// `( item , … )` with at least one item.
    pub(super) fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        self.expect_symbol('(')?;
        let mut items = vec![item(self)?];
        loop {
            if self.accept_symbol(')') {
                return Ok(items);
            }
            if !self.accept_symbol(',') {
                return Err(self.mismatch("',' or ')'"));
            }
            items.push(item(self)?);
        }
    }

    /// A name, bare or quoted, in lower case; `what` says of what.
    pub(super) fn name(&mut self, what: &str) -> Result<String> {
        let token = self.peek();
        let name = match token.kind {
            Kind::Word => token.text.to_lowercase(),
            Kind::Quoted('`' | '"') => strings::unquote_name(token.text).to_lowercase(),
            _ => return Err(self.mismatch(what)),
        };
        if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.contains(char::is_control) {
            return Err(self.syntax(format!(
                "{what} must have 1 to {NAME_CHARS_MAX} characters and no control characters"
            )));
        }
        self.advance();
        Ok(name)
    }

    /// `table`, `database.table` or `awsdatacatalog.database.table`.
    pub(super) fn table_name(&mut self) -> Result<TableName> {
        let start = self.peek();
        let mut parts = self.dotted("a table name")?;
        let table = parts.pop().unwrap_or_default();
        let database = parts.pop();
        self.check_catalog(start, parts)?;
        Ok(TableName { database, table })
    }

    /// `database` or `awsdatacatalog.database`.
    pub(super) fn database_name(&mut self) -> Result<String> {
        let start = self.peek();
        let mut parts = self.dotted("a database name")?;
        let database = parts.pop().unwrap_or_default();
        self.check_catalog(start, parts)?;
        Ok(database)
    }

    /// The name of the only catalog.
    pub(super) fn catalog_name(&mut self) -> Result<()> {
        let start = self.peek();
        let catalog = self.dotted("a catalog name")?;
        self.check_catalog(start, catalog)
    }

    fn dotted(&mut self, what: &str) -> Result<Vec<String>> {
        let mut parts = vec![self.name(what)?];
        while self.accept_symbol('.') {
            parts.push(self.name(what)?);
        }
        Ok(parts)
    }

    fn check_catalog(&self, at: Token<'_>, catalog: Vec<String>) -> Result<()> {
        match catalog.as_slice() {
            [] => Ok(()),
            [catalog] if catalog == CATALOG => Ok(()),
            [catalog] => Err(self
                .syntax_at(at, format!("Catalog '{catalog}' does not exist"))
                .with_hint(format!("the only catalog is '{CATALOG}'"))),
            _ => Err(self.syntax_at(at, "too many parts in name".to_owned())),
        }
    }

    /// A string in single or double quotes, unescaped.
    pub(super) fn string(&mut self, what: &str) -> Result<String> {
        let token = self.peek();
        if !matches!(token.kind, Kind::Quoted('\'' | '"')) {
            return Err(self.mismatch(what));
        }
        self.advance();
        Ok(strings::unescape(token.text))
    }

    /// A string of Trino's: single quotes, and nothing special inside but their doubling.
    pub(super) fn plain_string(&mut self, what: &str) -> Result<String> {
        let token = self.peek();
        if token.kind != Kind::Quoted('\'') {
            return Err(self.mismatch(what));
        }
        self.advance();
        Ok(strings::unquote_name(token.text))
    }

    /// An optional `COMMENT 'text'`.
    pub(super) fn comment(&mut self) -> Result<Option<String>> {
        if self.accept("COMMENT") { self.string("a string").map(Some) } else { Ok(None) }
    }

    /// A whole number that fits 32 bits.
    pub(super) fn integer(&mut self) -> Result<u32> {
        let token = self.peek();
        let number = match token.kind {
            Kind::Number => token.text.parse().ok(),
            _ => None,
        };
        let number = number.ok_or_else(|| self.mismatch("an integer"))?;
        self.advance();
        Ok(number)
    }

    /// `('key' = 'value', …)`
    pub(super) fn properties(&mut self) -> Result<Vec<Property>> {
        self.list(|cursor| {
            let key = cursor.string("a string")?;
            cursor.expect_symbol('=')?;
            let value = cursor.string("a string")?;
            Ok((key, value))
        })
    }

    /// A number with its sign, in the digits that were written; None and nothing passed if there is none.
    pub(super) fn signed_number(&mut self) -> Option<String> {
        let sign = self.at_symbol('-') || self.at_symbol('+');
        if self.peek_at(usize::from(sign)).kind != Kind::Number {
            return None;
        }
        let minus = if sign && self.advance().kind == Kind::Symbol('-') { "-" } else { "" };
        Some(format!("{minus}{}", self.advance().text))
    }

    /// The next token is not what the grammar wants here.
    pub(super) fn mismatch(&self, expecting: &str) -> Error {
        let token = self.peek();
        match token.kind {
            Kind::Unterminated(what) => self.syntax(format!("unterminated {what}")),
            Kind::End => self.syntax(format!("mismatched input '<EOF>'; expecting {expecting}")),
            _ => self.syntax(format!("mismatched input '{}'; expecting {expecting}", token.text)),
        }
    }

    /// A syntax error at the next token.
    pub(super) fn syntax(&self, message: String) -> Error {
        self.syntax_at(self.peek(), message)
    }

    pub(super) fn syntax_at(&self, token: Token<'_>, message: String) -> Error {
        syntax(self.text, token.start, message)
    }

    /// A definition that reads well and makes no sense, at the next token.
    pub(super) fn invalid_table(&self, token: Token<'_>, message: String) -> Error {
        let at = lex::position(self.text, token.start);
        Error::new(ErrorCode::InvalidTable, message).at(at.line, at.column)
    }

    /// A construct that is understood and not offered, at the next token.
    pub(super) fn not_supported(&self, construct: &str) -> Error {
        let at = lex::position(self.text, self.peek().start);
        Error::new(ErrorCode::NotSupported, format!("{construct} is not supported")).at(at.line, at.column)
    }
}

/// A syntax error at a byte offset of `text`.
pub(super) fn syntax(text: &str, offset: usize, message: impl Into<String>) -> Error {
    let at = lex::position(text, offset);
    Error::new(ErrorCode::SyntaxError, message).at(at.line, at.column)
}

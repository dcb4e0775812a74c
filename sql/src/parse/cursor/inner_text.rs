//! Parts of a statement that another parser reads: cut out as text, with their place.

use protocol::Result;

use super::{Cursor, Kind, Token};
use crate::{QueryText, position};

impl Cursor<'_> {
    /// Everything from here to the end, which is passed; `expecting` if there is nothing.
    pub(in crate::parse) fn rest_text(&mut self, expecting: &str) -> Result<QueryText> {
        self.text_to(self.tokens.len().saturating_sub(1), expecting)
    }

    /// Everything from here up to the token `behind` the last, which comes next then.
    pub(in crate::parse) fn text_to(&mut self, behind: usize, expecting: &str) -> Result<QueryText> {
        let position = self.position();
        Ok(QueryText { text: self.cut(behind, expecting)?, position })
    }

    fn cut(&mut self, behind: usize, expecting: &str) -> Result<String> {
        let start = self.peek().start;
        let last = behind.checked_sub(1).filter(|last| *last >= self.next);
        let Some(last) = last.and_then(|last| self.tokens.get(last)) else {
            return Err(self.mismatch(expecting));
        };
        let text = self.text.get(start..last.end()).unwrap_or_default().to_owned();
        self.next = behind;
        Ok(text)
    }

    /// `( text )`: what is inside, with its own parentheses in balance.
    pub(in crate::parse) fn parenthesised(&mut self, expecting: &str) -> Result<QueryText> {
        self.expect_symbol('(')?;
        let Some(behind) = self.find_outside(|token| token.kind == Kind::Symbol(')')) else {
            // An open string is the better complaint, where there is one.
            self.skip_to_open_quote();
            return Err(self.mismatch("')'"));
        };
        let inside = self.text_to(behind, expecting)?;
        self.expect_symbol(')')?;
        Ok(inside)
    }

    /// `text, text, …` to the end; commas inside parentheses and brackets do not count.
    pub(in crate::parse) fn comma_separated(&mut self, expecting: &str) -> Result<Vec<QueryText>> {
        let mut texts = Vec::new();
        // Counted on from the text before: to count from the beginning for each takes quadratic time.
        let (mut counted, mut position) = (self.peek().start, self.position());
        loop {
            let start = self.peek().start;
            let between = self.text.get(counted..start).unwrap_or_default();
            position = position::of_offset(between, between.len(), position);
            counted = start;
            let comma = self.find_outside(|token| token.kind == Kind::Symbol(','));
            let behind = comma.unwrap_or(self.length());
            texts.push(QueryText { text: self.cut(behind, expecting)?, position });
            if comma.is_none() {
                return Ok(texts);
            }
            self.advance();
        }
    }

    /// The first token from here that is `wanted` and not inside parentheses or brackets that open
    /// behind the cursor; the place to give to [`Self::text_to`].
    pub(in crate::parse) fn find_outside(&self, wanted: impl Fn(&Token<'_>) -> bool) -> Option<usize> {
        let mut depth = 0_usize;
        for (ahead, token) in self.rest().iter().enumerate() {
            if depth == 0 && wanted(token) {
                return Some(self.next + ahead);
            }
            match token.kind {
                Kind::Symbol('(' | '[') => depth += 1,
                Kind::Symbol(')' | ']') => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        None
    }

    fn skip_to_open_quote(&mut self) {
        while !matches!(self.peek().kind, Kind::End | Kind::Unterminated(_)) {
            self.advance();
        }
    }

    /// The statement's last tokens, in order, `End` not counted: true if they are these words.
    pub(in crate::parse) fn ends_with(&self, words: &str) -> bool {
        let count = words.split(' ').count();
        let behind = self.tokens.len().saturating_sub(1);
        let Some(tail) = behind.checked_sub(count).filter(|start| *start >= self.next) else {
            return false;
        };
        let tail = self.tokens.get(tail..behind).unwrap_or_default();
        tail.iter()
            .zip(words.split(' '))
            .all(|(token, word)| token.kind == Kind::Word && token.text.eq_ignore_ascii_case(word))
    }

    /// How many tokens come before `End`, from the statement's start.
    pub(in crate::parse) fn length(&self) -> usize {
        self.tokens.len().saturating_sub(1)
    }
}

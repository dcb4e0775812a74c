//! Types in CAST and RETURNING.
//!
//! Finds where the type ends and hands its words, without comments, to the reader of types; names of fields are
//! lower case unless they are quoted, as in Trino.

use functions::{Type, types};

use super::{
    Problem,
    lex::Kind,
    parser::{Parsed, Parser},
};

impl Parser<'_> {
    pub(super) fn data_type(&mut self) -> Parsed<Type> {
        let at = self.at();
        let mut text = String::new();
        self.one_type(&mut text)?;
        types::parse(&text).map_err(|fault| Problem::new(fault.into(), at))
    }

    /// A name with its parameters, its time zone, and `ARRAY` behind it.
    fn one_type(&mut self, text: &mut String) -> Parsed<()> {
        if !self.sees_name(0) {
            return Err(self.mismatch("a type"));
        }
        let is_interval = self.is_word(0, "INTERVAL");
        let has_zone = self.is_word(0, "TIMESTAMP") || self.is_word(0, "TIME");
        if self.is_word(0, "DOUBLE") && self.is_word(1, "PRECISION") {
            self.take(text);
        }
        self.take(text);
        if is_interval {
            self.interval_fields(text)?;
        }
        if self.is_symbol(0, "(") || self.is_symbol(0, "<") {
            self.nested(|parser| parser.parameters_of_type(text))?;
        }
        if has_zone && (self.sees("WITH TIME ZONE") || self.sees("WITHOUT TIME ZONE")) {
            (0..3).for_each(|_| self.take(text));
        }
        while self.is_word(0, "ARRAY") {
            self.take(text);
            if self.is_symbol(0, "[") {
                return Err(self.not_supported("an array type with a length"));
            }
        }
        Ok(())
    }

    /// `YEAR TO MONTH`
    fn interval_fields(&mut self, text: &mut String) -> Parsed<()> {
        for word in ["YEAR TO MONTH", "DAY TO SECOND"] {
            if self.sees(word) {
                (0..3).for_each(|_| self.take(text));
                return Ok(());
            }
        }
        Err(self.mismatch("'YEAR TO MONTH' or 'DAY TO SECOND'"))
    }

    /// `(10, 2)`, `(a bigint, b array(varchar))`, `<varchar>`: as it stands, up to the bracket that closes it.
    fn parameters_of_type(&mut self, text: &mut String) -> Parsed<()> {
        let mut open = 0_usize;
        loop {
            let opens = self.is_symbol(0, "(") || self.is_symbol(0, "<");
            let closes = self.is_symbol(0, ")") || self.is_symbol(0, ">");
            let fits = match self.peek().kind {
                Kind::Word | Kind::Quoted(_) | Kind::Integer => true,
                Kind::Symbol => opens || closes || self.is_symbol(0, ","),
                _ => false,
            };
            if !fits {
                return Err(self.mismatch("',' or ')'"));
            }
            self.take(text);
            match () {
                () if opens => open += 1,
                () if closes => open = open.saturating_sub(1),
                () => {}
            }
            if open == 0 {
                return Ok(());
            }
        }
    }

    /// Passes a token and adds it to the type's text.
    fn take(&mut self, text: &mut String) {
        let token = self.peek();
        match &token.kind {
            Kind::Quoted(name) => {
                text.push('"');
                text.push_str(&name.replace('"', "\"\""));
                text.push('"');
            }
            _ => text.push_str(&token.text.to_lowercase()),
        }
        text.push(' ');
        self.advance();
    }
}

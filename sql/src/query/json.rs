//! SQL/JSON functions with their clauses.

use functions::Type;

use super::{
    lex::Kind,
    parser::{Parsed, Parser},
};
use crate::ast::{Expr, ExprKind, Ident, JsonBehavior, JsonCall, JsonPathInput};

impl Parser<'_> {
    pub(super) fn json(&mut self, word: &str) -> Parsed<Expr> {
        let at = self.at();
        self.advance();
        self.advance();
        let call = match word {
            "JSON_EXISTS" => self.json_exists()?,
            "JSON_VALUE" => self.json_value()?,
            "JSON_QUERY" => self.json_query()?,
            "JSON_OBJECT" => self.json_object()?,
            _ => self.json_array()?,
        };
        self.expect_symbol(")")?;
        self.node(ExprKind::Json(Box::new(call)), at)
    }

    fn json_input(&mut self) -> Parsed<JsonPathInput> {
        let input = self.expr()?;
        self.format_json()?;
        self.expect_symbol(",")?;
        let path = self.string()?;
        let mut passing = Vec::new();
        if self.accept("PASSING") {
            passing = self.comma_separated(|parser| {
                let value = parser.expr()?;
                let is_json = parser.format_json()?;
                parser.expect("AS")?;
                let name: Ident = parser.name()?;
                Ok((value, name, is_json))
            })?;
        }
        Ok(JsonPathInput { input, path, passing })
    }

    fn format_json(&mut self) -> Parsed<bool> {
        let found = self.accept("FORMAT JSON");
        if found && self.sees("ENCODING") {
            return Err(self.not_supported("ENCODING of JSON"));
        }
        Ok(found)
    }

    fn json_exists(&mut self) -> Parsed<JsonCall> {
        let input = self.json_input()?;
        let mut on_error = "FALSE".to_owned();
        for word in ["TRUE", "FALSE", "UNKNOWN", "ERROR"] {
            if self.accept(&format!("{word} ON ERROR")) {
                on_error = word.to_owned();
            }
        }
        Ok(JsonCall::Exists { input, on_error })
    }

    fn returning(&mut self) -> Parsed<Option<Type>> {
        if !self.accept("RETURNING") {
            return Ok(None);
        }
        let returning = self.data_type()?;
        self.format_json()?;
        Ok(Some(returning))
    }

    fn json_value(&mut self) -> Parsed<JsonCall> {
        let input = self.json_input()?;
        let returning = self.returning()?;
        let (mut on_empty, mut on_error) = (JsonBehavior::Null, JsonBehavior::Null);
        while let Some(behavior) = self.value_behavior()? {
            self.expect("ON")?;
            match self.accept("EMPTY") {
                true => on_empty = behavior,
                false => {
                    self.expect("ERROR")?;
                    on_error = behavior;
                }
            }
        }
        Ok(JsonCall::Value { input, returning, on_empty, on_error })
    }

    fn value_behavior(&mut self) -> Parsed<Option<JsonBehavior>> {
        Ok(Some(match () {
            () if self.accept("NULL") => JsonBehavior::Null,
            () if self.accept("ERROR") => JsonBehavior::Error,
            () if self.accept("DEFAULT") => JsonBehavior::Default(self.expr()?),
            () => return Ok(None),
        }))
    }

    fn json_query(&mut self) -> Parsed<JsonCall> {
        let input = self.json_input()?;
        let returning = self.returning()?;
        let wrapper = self.wrapper();
        let mut keep_quotes = true;
        if self.accept("OMIT QUOTES") {
            keep_quotes = false;
        } else {
            self.accept("KEEP QUOTES");
        }
        self.accept("ON SCALAR STRING");
        let (mut on_empty, mut on_error) = ("NULL".to_owned(), "NULL".to_owned());
        while let Some(behavior) = self.query_behavior() {
            self.expect("ON")?;
            match self.accept("EMPTY") {
                true => on_empty = behavior,
                false => {
                    self.expect("ERROR")?;
                    on_error = behavior;
                }
            }
        }
        Ok(JsonCall::Query { input, returning, wrapper, keep_quotes, on_empty, on_error })
    }

    fn wrapper(&mut self) -> String {
        let wrapper = match () {
            () if self.accept("WITHOUT ARRAY WRAPPER") || self.accept("WITHOUT WRAPPER") => "WITHOUT",
            () if self.accept("WITH CONDITIONAL ARRAY WRAPPER")
                || self.accept("WITH CONDITIONAL WRAPPER") =>
            {
                "CONDITIONAL"
            }
            () if self.accept("WITH UNCONDITIONAL ARRAY WRAPPER")
                || self.accept("WITH UNCONDITIONAL WRAPPER")
                || self.accept("WITH ARRAY WRAPPER")
                || self.accept("WITH WRAPPER") =>
            {
                "UNCONDITIONAL"
            }
            () => "WITHOUT",
        };
        wrapper.to_owned()
    }

    fn query_behavior(&mut self) -> Option<String> {
        let behavior = match () {
            () if self.accept("NULL") => "NULL",
            () if self.accept("ERROR") => "ERROR",
            () if self.accept("EMPTY ARRAY") => "EMPTY ARRAY",
            () if self.accept("EMPTY OBJECT") => "EMPTY OBJECT",
            () => return None,
        };
        Some(behavior.to_owned())
    }

    fn json_object(&mut self) -> Parsed<JsonCall> {
        let mut members = Vec::new();
        if !self.is_symbol(0, ")") && !self.sees_json_clause() {
            members = self.comma_separated(Self::json_member)?;
        }
        let null_on_null = !self.accept("ABSENT ON NULL");
        self.accept("NULL ON NULL");
        let unique_keys = self.accept("WITH UNIQUE KEYS") || self.accept("WITH UNIQUE");
        let _ = self.accept("WITHOUT UNIQUE KEYS") || self.accept("WITHOUT UNIQUE");
        let returning = self.returning()?;
        Ok(JsonCall::Object { members, null_on_null, unique_keys, returning })
    }

    fn sees_json_clause(&self) -> bool {
        ["ABSENT ON", "NULL ON", "WITH UNIQUE", "WITHOUT UNIQUE", "RETURNING"]
            .iter()
            .any(|words| self.sees(words))
    }

    /// `KEY k VALUE v`, `k VALUE v` or `k : v`
    fn json_member(&mut self) -> Parsed<(Expr, Expr, bool)> {
        if self.is_word(0, "KEY") && !matches!(self.peek_at(1).kind, Kind::Symbol) {
            self.advance();
        }
        let key = self.expr()?;
        if !self.accept_symbol(":") {
            self.expect("VALUE")?;
        }
        let value = self.expr()?;
        Ok((key, value, self.format_json()?))
    }

    fn json_array(&mut self) -> Parsed<JsonCall> {
        let mut elements = Vec::new();
        if !self.is_symbol(0, ")") && !self.sees_json_clause() {
            elements = self.comma_separated(|parser| Ok((parser.expr()?, parser.format_json()?)))?;
        }
        let null_on_null = self.accept("NULL ON NULL");
        self.accept("ABSENT ON NULL");
        let returning = self.returning()?;
        Ok(JsonCall::Array { elements, null_on_null, returning })
    }
}

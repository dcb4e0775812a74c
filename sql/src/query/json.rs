//! SQL/JSON functions with their clauses.

use protocol::{Error, ErrorCode};

use super::{
    Problem,
    parser::{Parsed, Parser},
};
use crate::ast::{
    Expr, ExprKind, JsonBehavior, JsonCall, JsonEncoding, JsonInput, JsonOutput, JsonPathInput,
};

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
        let input = self.json_value_expr()?;
        self.expect_symbol(",")?;
        let path = self.string()?;
        let mut passing = Vec::new();
        if self.accept("PASSING") {
            passing = self.comma_separated(|parser| {
                let value = parser.json_value_expr()?;
                parser.expect("AS")?;
                Ok((value, parser.name()?))
            })?;
        }
        Ok(JsonPathInput { input, path, passing })
    }

    /// `expr [FORMAT JSON]`; calls whose result is JSON text have the format by themselves.
    fn json_value_expr(&mut self) -> Parsed<JsonInput> {
        let expr = self.expr()?;
        let returns_json = matches!(&expr.kind, ExprKind::Json(call)
            if matches!(**call, JsonCall::Query { .. } | JsonCall::Object { .. } | JsonCall::Array { .. }));
        let implied = returns_json.then_some(JsonEncoding::Unspecified);
        let format = self.format_json()?.or(implied);
        Ok(JsonInput { expr, format })
    }

    fn format_json(&mut self) -> Parsed<Option<JsonEncoding>> {
        if !self.accept("FORMAT JSON") {
            return Ok(None);
        }
        if !self.accept("ENCODING") {
            return Ok(Some(JsonEncoding::Unspecified));
        }
        Ok(Some(match () {
            () if self.accept("UTF8") => JsonEncoding::Utf8,
            () if self.accept("UTF16") => JsonEncoding::Utf16,
            () if self.accept("UTF32") => JsonEncoding::Utf32,
            () => return Err(self.mismatch("'UTF16', 'UTF32' or 'UTF8'")),
        }))
    }

    fn json_exists(&mut self) -> Parsed<JsonCall> {
        let input = self.json_input()?;
        let mut on_error = "FALSE".to_owned();
        let found = ["TRUE", "FALSE", "UNKNOWN", "ERROR"].into_iter().find(|word| self.accept(word));
        if let Some(word) = found {
            on_error = word.to_owned();
            self.expect("ON ERROR")?;
        }
        Ok(JsonCall::Exists { input, on_error })
    }

    fn returning(&mut self) -> Parsed<Option<JsonOutput>> {
        if !self.accept("RETURNING") {
            return Ok(None);
        }
        let data_type = self.data_type()?;
        let encoding = self.format_json()?.unwrap_or(JsonEncoding::Unspecified);
        Ok(Some(JsonOutput { data_type, encoding }))
    }

    fn json_value(&mut self) -> Parsed<JsonCall> {
        let input = self.json_input()?;
        let returning = if self.accept("RETURNING") { Some(self.data_type()?) } else { None };
        let (on_empty, on_error) = self.behaviors(Self::value_behavior)?;
        let (on_empty, on_error) =
            (on_empty.unwrap_or(JsonBehavior::Null), on_error.unwrap_or(JsonBehavior::Null));
        Ok(JsonCall::Value { input, returning, on_empty, on_error })
    }

    /// `behavior ON EMPTY behavior ON ERROR`, either or both, in this order.
    fn behaviors<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Parsed<Option<T>>,
    ) -> Parsed<(Option<T>, Option<T>)> {
        let (mut on_empty, mut on_error) = (None, None);
        while on_error.is_none() {
            let Some(behavior) = read(self)? else { break };
            self.expect("ON")?;
            if on_empty.is_none() && self.accept("EMPTY") {
                on_empty = Some(behavior);
            } else {
                self.expect("ERROR")?;
                on_error = Some(behavior);
            }
        }
        Ok((on_empty, on_error))
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
        let at = self.at();
        let quotes = ["KEEP", "OMIT"].into_iter().find(|word| self.accept(&format!("{word} QUOTES")));
        if let Some(quotes) = quotes {
            self.accept("ON SCALAR STRING");
            if wrapper != "WITHOUT" {
                let message =
                    format!("{quotes} QUOTES behavior specified with WITH {wrapper} ARRAY WRAPPER behavior");
                return Err(Problem::new(Error::new(ErrorCode::InvalidFunctionArgument, message), at));
            }
        }
        let keep_quotes = quotes != Some("OMIT");
        let (on_empty, on_error) = self.behaviors(|parser| Ok(parser.query_behavior()))?;
        let null = || "NULL".to_owned();
        let (on_empty, on_error) = (on_empty.unwrap_or_else(null), on_error.unwrap_or_else(null));
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
        let (mut members, mut null_on_null, mut unique_keys) = (Vec::new(), true, false);
        if !self.ends_json_call() {
            members = self.comma_separated(Self::json_member)?;
            null_on_null = self.null_clause().unwrap_or(true);
            unique_keys = self.accept("WITH UNIQUE");
            if unique_keys || self.accept("WITHOUT UNIQUE") {
                self.accept("KEYS");
            }
        }
        let returning = self.returning()?;
        Ok(JsonCall::Object { members, null_on_null, unique_keys, returning })
    }

    /// True where no member or element comes.
    fn ends_json_call(&self) -> bool {
        self.is_symbol(0, ")")
            || (self.is_word(0, "RETURNING") && self.sees_name(1) && !self.is_word(1, "VALUE"))
    }

    /// `NULL ON NULL` (true) or `ABSENT ON NULL`.
    fn null_clause(&mut self) -> Option<bool> {
        match () {
            () if self.accept("NULL ON NULL") => Some(true),
            () if self.accept("ABSENT ON NULL") => Some(false),
            () => None,
        }
    }

    /// `KEY k VALUE v`, `k VALUE v` or `k : v`
    fn json_member(&mut self) -> Parsed<(Expr, JsonInput)> {
        // A column may be called `key`.
        let is_key = self.is_word(0, "KEY") && self.starts_expr(1) && !self.is_word(1, "VALUE");
        if is_key {
            self.advance();
        }
        let key = self.expr()?;
        if is_key || !self.accept_symbol(":") {
            self.expect("VALUE")?;
        }
        Ok((key, self.json_value_expr()?))
    }

    fn json_array(&mut self) -> Parsed<JsonCall> {
        let (mut elements, mut null_on_null) = (Vec::new(), false);
        if !self.ends_json_call() {
            elements = self.comma_separated(Self::json_value_expr)?;
            null_on_null = self.null_clause().unwrap_or(false);
        }
        let returning = self.returning()?;
        Ok(JsonCall::Array { elements, null_on_null, returning })
    }
}

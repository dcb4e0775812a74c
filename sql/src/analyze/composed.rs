//! Functions with lambdas that are made of others with lambdas: the engine has no aggregate, and our kernels no
//! pattern, that calls one.

use crate::ast::{At, Call, Expr, ExprKind, Ident};

/// The call in terms of other functions; None for all others.
pub(super) fn composed(call: &Call, at: At) -> Option<Expr> {
    let is_lambda = |expr: &&Expr| matches!(expr.kind, ExprKind::Lambda { .. });
    let write = Writer { at };
    match (call.name.folded().as_str(), call.arguments.as_slice()) {
        ("reduce_agg", [input, state, step, merge]) if [step, merge].iter().all(is_lambda) => {
            Some(write.reduce_agg(call, input, state, step))
        }
        ("regexp_replace", [text, pattern, replacement]) if is_lambda(&replacement) => {
            Some(write.regexp_replace(text, pattern, replacement))
        }
        ("split_to_map", [text, entries, pair, choice]) => match &choice.kind {
            ExprKind::Lambda { parameters, body } => match parameters.as_slice() {
                [key, first, second] => {
                    let multimap = write.call("split_to_multimap", vec![text, entries, pair]);
                    Some(write.chosen_values(multimap, key, [first, second], body))
                }
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

/// Makes expressions at one place.
struct Writer {
    at: At,
}

impl Writer {
    /// The values that are not NULL in a list, and that reduced. States are never merged, for one list has all.
    fn reduce_agg(&self, call: &Call, input: &Expr, state: &Expr, step: &Expr) -> Expr {
        let present = self.expr(ExprKind::IsNull { expr: Box::new(input.clone()), negated: true }, &[input]);
        let filter = match &call.filter {
            Some(filter) => {
                self.expr(ExprKind::And(vec![filter.clone(), present.clone()]), &[filter, &present])
            }
            None => present,
        };
        let list = Call {
            name: self.ident("array_agg"),
            arguments: vec![input.clone()],
            filter: Some(filter),
            ..call.clone()
        };
        let list = self.expr(ExprKind::Call(Box::new(list)), &[input]);
        let result = self.lambda(&["$state"], self.name("$state"));
        self.call("reduce", vec![&list, state, step, &result])
    }

    /// The pieces between the matches, each followed by what the lambda makes of the groups of the match; NULL
    /// if it makes NULL of one.
    fn regexp_replace(&self, text: &Expr, pattern: &Expr, replacement: &Expr) -> Expr {
        let pieces = self.call("regexp_split", vec![text, pattern]);
        let groups = self.call("$regexp_groups", vec![text, pattern]);
        let nothing = self.expr(ExprKind::String(String::new()), &[]);
        // No match is behind the last piece.
        let replaced = self.call("transform", vec![&groups, replacement]);
        let replaced = self.call("concat", vec![&replaced, &nothing]);
        let (piece, new) = (self.name("$piece"), self.name("$new"));
        let both = self.lambda(&["$piece", "$new"], self.call("concat", vec![&piece, &new]));
        let parts = self.call("zip_with", vec![&pieces, &replaced, &both]);
        self.joined(&parts, &nothing)
    }

    /// The parts as one text, NULL if one of them is. Only a lambda has a name for what it uses twice.
    fn joined(&self, parts: &Expr, nothing: &Expr) -> Expr {
        let (all, part) = (self.name("$parts"), self.name("$part"));
        let is_null = self.expr(ExprKind::IsNull { expr: Box::new(part.clone()), negated: false }, &[&part]);
        let any = self.call("any_match", vec![&all, &self.lambda(&["$part"], is_null)]);
        let joined = self.call("array_join", vec![&all, nothing]);
        let whole = self.call("if", vec![&any, &self.expr(ExprKind::Null, &[]), &joined]);
        let one = self.expr(ExprKind::Array(vec![parts.clone()]), &[parts]);
        let wholes = self.call("transform", vec![&one, &self.lambda(&["$parts"], whole)]);
        self.call("element_at", vec![&wholes, &self.expr(ExprKind::Integer("1".to_owned()), &[])])
    }

    /// The values of each key as one: the first, then what the lambda chooses of it and the next.
    fn chosen_values(&self, multimap: Expr, key: &Ident, [first, second]: [&Ident; 2], body: &Expr) -> Expr {
        let values = self.name("$values");
        let one = self.expr(ExprKind::Integer("1".to_owned()), &[]);
        let two = self.expr(ExprKind::Integer("2".to_owned()), &[]);
        let begin = self
            .expr(ExprKind::Subscript { base: Box::new(values.clone()), index: Box::new(one) }, &[&values]);
        let length = self.call("cardinality", vec![&values]);
        let rest = self.call("slice", vec![&values, &two, &length]);
        let choose = self.lambda(&[&first.text, &second.text], body.clone());
        let result = self.lambda(&["$state"], self.name("$state"));
        let chosen = self.call("reduce", vec![&rest, &begin, &choose, &result]);
        let of_key = self.lambda(&[&key.text, "$values"], chosen);
        self.call("transform_values", vec![&multimap, &of_key])
    }

    fn expr(&self, kind: ExprKind, inside: &[&Expr]) -> Expr {
        let depth = inside.iter().map(|expr| expr.depth).max().unwrap_or(0) + 1;
        Expr { kind, at: self.at, depth }
    }

    fn ident(&self, text: &str) -> Ident {
        Ident { text: text.to_owned(), quoted: true, at: self.at }
    }

    fn name(&self, name: &str) -> Expr {
        self.expr(ExprKind::Name(self.ident(name)), &[])
    }

    fn lambda(&self, parameters: &[&str], body: Expr) -> Expr {
        let parameters = parameters.iter().map(|name| self.ident(name)).collect();
        let depth = body.depth + 1;
        Expr { kind: ExprKind::Lambda { parameters, body: Box::new(body) }, at: self.at, depth }
    }

    fn call(&self, name: &str, arguments: Vec<&Expr>) -> Expr {
        let depth = arguments.iter().map(|argument| argument.depth).max().unwrap_or(0) + 1;
        let call = Call::plain(self.ident(name), arguments.into_iter().cloned().collect());
        Expr { kind: ExprKind::Call(Box::new(call)), at: self.at, depth }
    }
}

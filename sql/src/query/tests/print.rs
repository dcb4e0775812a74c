//! A tree as one line: lists of operator and operands in parentheses, names as written.

use crate::ast::*;

pub(super) fn query(query: &Query) -> String {
    let mut parts = Vec::new();
    for cte in &query.with {
        let with = if query.recursive { "with-recursive" } else { "with" };
        parts.push(format!(
            "({with} {}{} {})",
            name(&cte.name),
            columns(&cte.columns),
            self::query(&cte.query)
        ));
    }
    parts.push(body(&query.body));
    if !query.order_by.is_empty() {
        parts.push(format!("(order {})", sorts(&query.order_by)));
    }
    parts.extend(query.offset.iter().map(|offset| format!("(offset {})", expr(offset))));
    if let Some(limit) = &query.limit {
        parts.push(format!("(limit {}{})", expr(&limit.rows), if limit.with_ties { " ties" } else { "" }));
    }
    parts.join(" ")
}

fn name(ident: &Ident) -> String {
    if ident.quoted { format!("\"{}\"", ident.text) } else { ident.text.clone() }
}

fn names(idents: &[Ident]) -> String {
    idents.iter().map(name).collect::<Vec<_>>().join(".")
}

fn columns(idents: &[Ident]) -> String {
    match idents {
        [] => String::new(),
        _ => format!("({})", idents.iter().map(name).collect::<Vec<_>>().join(" ")),
    }
}

fn list<T>(items: &[T], print: impl Fn(&T) -> String) -> String {
    items.iter().map(print).collect::<Vec<_>>().join(" ")
}

fn exprs(items: &[Expr]) -> String {
    list(items, expr)
}

fn sorts(items: &[SortItem]) -> String {
    list(items, |item| {
        let direction = if item.descending { " desc" } else { "" };
        let nulls = if item.nulls_first { " nulls-first" } else { "" };
        format!("{}{direction}{nulls}", expr(&item.expr))
    })
}

fn body(body: &Body) -> String {
    match body {
        Body::Select(select) => self::select(select),
        Body::SetOperation { operation, all, inputs, .. } => {
            let all = if *all { "-all" } else { "" };
            format!("({}{all} {})", format!("{operation:?}").to_lowercase(), list(inputs, self::body))
        }
        Body::Values { rows, .. } => format!("(values {})", exprs(rows)),
        Body::Table { name, .. } => format!("(table {})", names(name)),
        Body::Query(inner) => format!("[{}]", query(inner)),
    }
}

fn select(select: &Select) -> String {
    let mut parts = vec![list(&select.items, item)];
    if !select.from.is_empty() {
        parts.push(format!("(from {})", list(&select.from, relation)));
    }
    parts.extend(select.filter.iter().map(|filter| format!("(where {})", expr(filter))));
    if let Some(group_by) = &select.group_by {
        let distinct = if group_by.distinct { "group-distinct" } else { "group" };
        parts.push(format!("({distinct} {})", list(&group_by.elements, grouping)));
    }
    parts.extend(select.having.iter().map(|having| format!("(having {})", expr(having))));
    parts.extend(select.windows.iter().map(|(own, spec)| format!("(window {} {})", name(own), window(spec))));
    let distinct = if select.distinct { "select-distinct" } else { "select" };
    format!("({distinct} {})", parts.join(" "))
}

fn item(item: &SelectItem) -> String {
    match item {
        SelectItem::Expr { expr: value, alias: Some(alias) } => format!("{}:{}", expr(value), name(alias)),
        SelectItem::Expr { expr: value, alias: None } => expr(value),
        SelectItem::All { of: None, .. } => "*".to_owned(),
        SelectItem::All { of: Some(of), aliases, .. } => format!("{}.*{}", expr(of), columns(aliases)),
    }
}

fn grouping(element: &GroupingElement) -> String {
    let sets = |sets: &[Vec<Expr>]| list(sets, |set| format!("{{{}}}", exprs(set)));
    match element {
        GroupingElement::Expr(value) => expr(value),
        GroupingElement::Sets(all) => format!("(sets {})", sets(all)),
        GroupingElement::Rollup(all) => format!("(rollup {})", sets(all)),
        GroupingElement::Cube(all) => format!("(cube {})", sets(all)),
    }
}

fn relation(relation: &Relation) -> String {
    match &relation.kind {
        RelationKind::Table(name) => names(name),
        RelationKind::Subquery { query: inner, lateral } => {
            format!("{}[{}]", if *lateral { "lateral" } else { "" }, query(inner))
        }
        RelationKind::Values(inner) => format!("[{}]", query(inner)),
        RelationKind::Unnest { arrays, ordinality } => {
            format!("(unnest{} {})", if *ordinality { "-ordinality" } else { "" }, exprs(arrays))
        }
        RelationKind::Join { left, right, kind, condition } => {
            let condition = match condition {
                JoinCondition::None => String::new(),
                JoinCondition::On(condition) => format!(" on {}", expr(condition)),
                JoinCondition::Using(names) => format!(" using{}", columns(names)),
                JoinCondition::Natural => " natural".to_owned(),
            };
            let kind = format!("{kind:?}").to_lowercase();
            format!("({kind} {} {}{condition})", self::relation(left), self::relation(right))
        }
        RelationKind::Aliased { relation, alias, columns } => {
            format!("{}:{}{}", self::relation(relation), name(alias), self::columns(columns))
        }
        RelationKind::Sample { relation, bernoulli, percentage } => {
            let kind = if *bernoulli { "bernoulli" } else { "system" };
            format!("({kind} {} {})", self::relation(relation), expr(percentage))
        }
        RelationKind::TableFunction { name: own, arguments } => {
            let arguments = list(arguments, |(key, value)| match key {
                Some(key) => format!("{}=>{}", name(key), expr(value)),
                None => expr(value),
            });
            format!("(table-function {} {arguments})", name(own))
        }
    }
}

pub(super) fn expr(value: &Expr) -> String {
    if let Some(simple) = literal(&value.kind).or_else(|| logic(&value.kind)) {
        return simple;
    }
    let not = |negated: bool| if negated { "not-" } else { "" };
    match &value.kind {
        ExprKind::Parameter(index) => format!("?{index}"),
        ExprKind::Name(own) => name(own),
        ExprKind::Field { base, field } => format!("{}.{}", expr(base), name(field)),
        ExprKind::Subscript { base, index } => format!("{}[{}]", expr(base), expr(index)),
        ExprKind::Arithmetic { op, left, right } => {
            format!("({} {} {})", op.symbol(), expr(left), expr(right))
        }
        ExprKind::Negate(operand) => format!("(neg {})", expr(operand)),
        ExprKind::Plus(operand) => format!("(plus {})", expr(operand)),
        ExprKind::Concat(left, right) => format!("(|| {} {})", expr(left), expr(right)),
        ExprKind::Compare { op, left, right } => format!("({} {} {})", op.symbol(), expr(left), expr(right)),
        ExprKind::Quantified { op, all, left, query: inner } => {
            format!(
                "({} {} {} [{}])",
                op.symbol(),
                expr(left),
                if *all { "all" } else { "any" },
                query(inner)
            )
        }
        ExprKind::Between { expr: value, low, high, negated } => {
            format!("({}between {} {} {})", not(*negated), expr(value), expr(low), expr(high))
        }
        ExprKind::InList { expr: value, list, negated } => {
            format!("({}in {} {})", not(*negated), expr(value), exprs(list))
        }
        ExprKind::InQuery { expr: value, query: inner, negated } => {
            format!("({}in-query {} [{}])", not(*negated), expr(value), query(inner))
        }
        ExprKind::Like { expr: value, pattern, escape, negated } => {
            let escape =
                escape.as_ref().map(|escape| format!(" escape {}", expr(escape))).unwrap_or_default();
            format!("({}like {} {}{escape})", not(*negated), expr(value), expr(pattern))
        }
        ExprKind::IsNull { expr: value, negated } => format!("({}null {})", not(*negated), expr(value)),
        ExprKind::IsDistinct { left, right, negated } => {
            format!("({}distinct {} {})", not(*negated), expr(left), expr(right))
        }
        ExprKind::Row(items) => format!("(row {})", exprs(items)),
        ExprKind::Array(items) => format!("(array {})", exprs(items)),
        ExprKind::Cast { expr: value, to, try_cast } => {
            format!("({} {} {to})", if *try_cast { "try-cast" } else { "cast" }, expr(value))
        }
        ExprKind::Case { operand, branches, otherwise } => {
            let operand = operand.as_ref().map(|operand| format!(" {}", expr(operand))).unwrap_or_default();
            let branches = list(branches, |(when, then)| format!("{}:{}", expr(when), expr(then)));
            let otherwise =
                otherwise.as_ref().map(|value| format!(" else {}", expr(value))).unwrap_or_default();
            format!("(case{operand} {branches}{otherwise})")
        }
        ExprKind::Extract { field, from } => format!("(extract {} {})", name(field), expr(from)),
        ExprKind::AtTimeZone { expr: value, zone } => format!("(at-zone {} {})", expr(value), expr(zone)),
        ExprKind::Call(call) => self::call(call),
        ExprKind::Lambda { parameters, body } => {
            format!("(lambda ({}) {})", parameters.iter().map(name).collect::<Vec<_>>().join(" "), expr(body))
        }
        ExprKind::Current { what, precision } => match precision {
            Some(precision) => format!("{what}({precision})"),
            None => what.clone(),
        },
        ExprKind::Json(call) => json(call),
        other => format!("{other:?}"),
    }
}

fn logic(kind: &ExprKind) -> Option<String> {
    Some(match kind {
        ExprKind::And(operands) => format!("(and {})", exprs(operands)),
        ExprKind::Or(operands) => format!("(or {})", exprs(operands)),
        ExprKind::Not(operand) => format!("(not {})", expr(operand)),
        ExprKind::Exists(inner) => format!("(exists [{}])", query(inner)),
        ExprKind::Subquery(inner) => format!("[{}]", query(inner)),
        _ => return None,
    })
}

fn literal(kind: &ExprKind) -> Option<String> {
    Some(match kind {
        ExprKind::Null => "null".to_owned(),
        ExprKind::Boolean(value) => value.to_string(),
        ExprKind::Integer(text) | ExprKind::Decimal(text) => text.clone(),
        ExprKind::Double(text) => format!("{text}d"),
        ExprKind::String(text) => format!("'{text}'"),
        ExprKind::Binary(bytes) => format!("x{bytes:?}"),
        ExprKind::Typed { type_text, text } => format!("<{type_text}>'{text}'"),
        ExprKind::Interval { negative, text, from, to } => {
            let to = to.as_ref().map(|to| format!("-{to}")).unwrap_or_default();
            format!("(interval {}'{text}' {from}{to})", if *negative { "-" } else { "" })
        }
        _ => return None,
    })
}

fn call(call: &Call) -> String {
    let mut parts = vec![name(&call.name)];
    parts.extend(call.distinct.then(|| "distinct".to_owned()));
    parts.extend(call.star.then(|| "*".to_owned()));
    parts.extend(call.arguments.iter().map(expr));
    parts.extend(call.on_overflow.iter().map(|truncation| format!("truncate-{:?}", truncation)));
    if !call.order_by.is_empty() {
        parts.push(format!("(order {})", sorts(&call.order_by)));
    }
    parts.extend(call.filter.iter().map(|filter| format!("(filter {})", expr(filter))));
    parts.extend(call.null_treatment.iter().map(|nulls| format!("{nulls:?}-nulls").to_lowercase()));
    match &call.over {
        Some(Window::Named(own)) => parts.push(format!("over {}", name(own))),
        Some(Window::Spec(spec)) => parts.push(format!("(over{})", window(spec))),
        None => {}
    }
    format!("({})", parts.join(" "))
}

fn window(spec: &WindowSpec) -> String {
    let mut parts = String::new();
    if let Some(existing) = &spec.existing {
        parts += &format!(" {}", name(existing));
    }
    if !spec.partition_by.is_empty() {
        parts += &format!(" (by {})", exprs(&spec.partition_by));
    }
    if !spec.order_by.is_empty() {
        parts += &format!(" (order {})", sorts(&spec.order_by));
    }
    if let Some(frame) = &spec.frame {
        let end = frame.end.as_ref().map(|end| format!(" {}", bound(end))).unwrap_or_default();
        parts += &format!(" ({} {}{end})", format!("{:?}", frame.unit).to_lowercase(), bound(&frame.start));
    }
    parts
}

fn bound(bound: &FrameBound) -> String {
    match bound {
        FrameBound::UnboundedPreceding => "-inf".to_owned(),
        FrameBound::Preceding(distance) => format!("-{}", expr(distance)),
        FrameBound::CurrentRow => "here".to_owned(),
        FrameBound::Following(distance) => format!("+{}", expr(distance)),
        FrameBound::UnboundedFollowing => "+inf".to_owned(),
    }
}

fn json(call: &JsonCall) -> String {
    let path = |input: &JsonPathInput| {
        let passing = list(&input.passing, |(value, own)| format!(" {}:{}", json_input(value), name(own)));
        format!("{} '{}'{passing}", json_input(&input.input), input.path)
    };
    let behavior = |behavior: &JsonBehavior| match behavior {
        JsonBehavior::Null => "null".to_owned(),
        JsonBehavior::Error => "error".to_owned(),
        JsonBehavior::Default(value) => format!("default:{}", expr(value)),
    };
    let output = |output: &Option<JsonOutput>| match output {
        Some(JsonOutput { data_type, encoding }) => format!(" -> {data_type}{}", self::encoding(*encoding)),
        None => String::new(),
    };
    match call {
        JsonCall::Exists { input, on_error } => format!("(json-exists {} {on_error})", path(input)),
        JsonCall::Value { input, returning, on_empty, on_error } => {
            let returning = returning.as_ref().map(|to| format!(" -> {to}")).unwrap_or_default();
            format!("(json-value {}{returning} {} {})", path(input), behavior(on_empty), behavior(on_error))
        }
        JsonCall::Query { input, returning, wrapper, keep_quotes, on_empty, on_error } => format!(
            "(json-query {}{} {wrapper}{} {on_empty}, {on_error})",
            path(input),
            output(returning),
            if *keep_quotes { "" } else { " omit" },
        ),
        JsonCall::Object { members, null_on_null, unique_keys, returning } => format!(
            "(json-object {}{}{}{})",
            list(members, |(key, value)| format!("{}:{}", expr(key), json_input(value))),
            if *null_on_null { "" } else { " absent" },
            if *unique_keys { " unique" } else { "" },
            output(returning),
        ),
        JsonCall::Array { elements, null_on_null, returning } => format!(
            "(json-array {}{}{})",
            list(elements, json_input),
            if *null_on_null { " null" } else { "" },
            output(returning),
        ),
    }
}

fn json_input(input: &JsonInput) -> String {
    match input.format {
        Some(encoding) => format!("{}/json{}", expr(&input.expr), self::encoding(encoding)),
        None => expr(&input.expr),
    }
}

fn encoding(encoding: JsonEncoding) -> &'static str {
    match encoding {
        JsonEncoding::Unspecified => "",
        JsonEncoding::Utf8 => "-utf8",
        JsonEncoding::Utf16 => "-utf16",
        JsonEncoding::Utf32 => "-utf32",
    }
}

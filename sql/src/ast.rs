//! A query as it was written: Trino's grammar, names unresolved.
//!
//! Every node that an error may be about knows its place in the text ([`At`]). Chains of AND and OR and of
//! one set operation are flat lists, so that generated queries with thousands of terms are not deep trees.

use functions::Type;

/// A byte offset into the text of the query.
pub type At = usize;

/// `WITH … body ORDER BY … OFFSET … LIMIT …`
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    pub with: Vec<Cte>,
    pub recursive: bool,
    pub body: Body,
    pub order_by: Vec<SortItem>,
    pub offset: Option<Expr>,
    pub limit: Option<Limit>,
    pub at: At,
}

/// `name (columns) AS (query)`
#[derive(Debug, Clone, PartialEq)]
pub struct Cte {
    pub name: Ident,
    pub columns: Vec<Ident>,
    pub query: Query,
}

/// `LIMIT n` or `FETCH FIRST n ROWS …`
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// An integer literal or a parameter.
    pub rows: Expr,
    pub with_ties: bool,
}

/// What a query makes rows of.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    Select(Box<Select>),
    /// Two or more inputs, joined from left to right by the same operation.
    SetOperation {
        operation: SetOperation,
        all: bool,
        inputs: Vec<Body>,
        at: At,
    },
    /// `VALUES row, row`: rows of several columns are [`ExprKind::Row`].
    Values {
        rows: Vec<Expr>,
        at: At,
    },
    /// `TABLE name`
    Table {
        name: Vec<Ident>,
        at: At,
    },
    Query(Box<Query>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetOperation {
    Union,
    Intersect,
    Except,
}

/// `SELECT … FROM … WHERE … GROUP BY … HAVING … WINDOW …`
#[derive(Debug, Clone, PartialEq)]
pub struct Select {
    pub distinct: bool,
    pub items: Vec<SelectItem>,
    /// Items of FROM, comma separated.
    pub from: Vec<Relation>,
    pub filter: Option<Expr>,
    pub group_by: Option<GroupBy>,
    pub having: Option<Expr>,
    pub windows: Vec<(Ident, WindowSpec)>,
    pub at: At,
}

#[derive(Debug, Clone, PartialEq)]
pub enum SelectItem {
    Expr {
        expr: Expr,
        alias: Option<Ident>,
    },
    /// `*`, `t.*`, `(row).* AS (a, b)`
    All {
        of: Option<Expr>,
        aliases: Vec<Ident>,
        at: At,
    },
}

/// `GROUP BY [DISTINCT] element, element`
#[derive(Debug, Clone, PartialEq)]
pub struct GroupBy {
    pub distinct: bool,
    pub elements: Vec<GroupingElement>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum GroupingElement {
    Expr(Expr),
    /// `(a, b)` as one grouping set.
    Sets(Vec<Vec<Expr>>),
    Rollup(Vec<Vec<Expr>>),
    Cube(Vec<Vec<Expr>>),
}

/// An item of FROM.
#[derive(Debug, Clone, PartialEq)]
pub struct Relation {
    pub kind: RelationKind,
    pub at: At,
}

#[derive(Debug, Clone, PartialEq)]
pub enum RelationKind {
    Table(Vec<Ident>),
    Subquery {
        query: Box<Query>,
        lateral: bool,
    },
    Unnest {
        arrays: Vec<Expr>,
        ordinality: bool,
    },
    Values(Box<Query>),
    Join {
        left: Box<Relation>,
        right: Box<Relation>,
        kind: JoinKind,
        condition: JoinCondition,
    },
    Aliased {
        relation: Box<Relation>,
        alias: Ident,
        columns: Vec<Ident>,
    },
    /// `TABLESAMPLE BERNOULLI (percentage)`
    Sample {
        relation: Box<Relation>,
        bernoulli: bool,
        percentage: Expr,
    },
    /// `TABLE(function(…))`, and its arguments.
    TableFunction {
        name: Ident,
        arguments: Vec<(Option<Ident>, Expr)>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinKind {
    Cross,
    Inner,
    Left,
    Right,
    Full,
}

#[derive(Debug, Clone, PartialEq)]
pub enum JoinCondition {
    None,
    On(Expr),
    Using(Vec<Ident>),
    Natural,
}

/// A name. Upper and lower case are the same, quoted or not; `text` is as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ident {
    pub text: String,
    pub quoted: bool,
    pub at: At,
}

impl Ident {
    /// The form names are compared in.
    pub fn folded(&self) -> String {
        self.text.to_lowercase()
    }

    pub fn is(&self, name: &str) -> bool {
        self.text.eq_ignore_ascii_case(name)
    }
}

/// `expr [ASC|DESC] [NULLS FIRST|LAST]`
#[derive(Debug, Clone, PartialEq)]
pub struct SortItem {
    pub expr: Expr,
    pub descending: bool,
    /// Trino's default is last, in both directions.
    pub nulls_first: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    pub kind: ExprKind,
    pub at: At,
    /// Levels of expressions below and including this one; those of subqueries do not count.
    pub depth: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    Null,
    Boolean(bool),
    /// Digits without underscores, or of another base already in decimal.
    Integer(String),
    /// With a point and no exponent.
    Decimal(String),
    /// With an exponent.
    Double(String),
    String(String),
    Binary(Vec<u8>),
    /// `type 'text'`
    Typed {
        type_text: String,
        text: String,
    },
    Interval {
        negative: bool,
        text: String,
        from: String,
        to: Option<String>,
    },
    /// `?`, counted from 0.
    Parameter(usize),
    Name(Ident),
    /// `base.field`
    Field {
        base: Box<Expr>,
        field: Ident,
    },
    Subscript {
        base: Box<Expr>,
        index: Box<Expr>,
    },
    Arithmetic {
        op: Arithmetic,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    Negate(Box<Expr>),
    /// `+ x`
    Plus(Box<Expr>),
    Concat(Box<Expr>, Box<Expr>),
    Compare {
        op: Comparison,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    /// `left op ALL|ANY (query)`
    Quantified {
        op: Comparison,
        all: bool,
        left: Box<Expr>,
        query: Box<Query>,
    },
    Between {
        expr: Box<Expr>,
        low: Box<Expr>,
        high: Box<Expr>,
        negated: bool,
    },
    InList {
        expr: Box<Expr>,
        list: Vec<Expr>,
        negated: bool,
    },
    InQuery {
        expr: Box<Expr>,
        query: Box<Query>,
        negated: bool,
    },
    Like {
        expr: Box<Expr>,
        pattern: Box<Expr>,
        escape: Option<Box<Expr>>,
        negated: bool,
    },
    IsNull {
        expr: Box<Expr>,
        negated: bool,
    },
    IsDistinct {
        left: Box<Expr>,
        right: Box<Expr>,
        negated: bool,
    },
    /// Two or more operands.
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    Exists(Box<Query>),
    Subquery(Box<Query>),
    /// `ROW(a, b)` or `(a, b)`
    Row(Vec<Expr>),
    Array(Vec<Expr>),
    Cast {
        expr: Box<Expr>,
        to: Type,
        try_cast: bool,
    },
    Case {
        operand: Option<Box<Expr>>,
        branches: Vec<(Expr, Expr)>,
        otherwise: Option<Box<Expr>>,
    },
    Extract {
        field: Ident,
        from: Box<Expr>,
    },
    AtTimeZone {
        expr: Box<Expr>,
        zone: Box<Expr>,
    },
    Call(Box<Call>),
    Lambda {
        parameters: Vec<Ident>,
        body: Box<Expr>,
    },
    /// `current_date`, `current_timestamp(p)`, `localtime`, `current_user`, …
    Current {
        what: String,
        precision: Option<u8>,
    },
    /// `JSON_VALUE(…)` and the like, with their clauses.
    Json(Box<JsonCall>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulus,
}

impl Arithmetic {
    pub fn symbol(self) -> &'static str {
        match self {
            Arithmetic::Add => "+",
            Arithmetic::Subtract => "-",
            Arithmetic::Multiply => "*",
            Arithmetic::Divide => "/",
            Arithmetic::Modulus => "%",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    pub fn symbol(self) -> &'static str {
        match self {
            Comparison::Equal => "=",
            Comparison::NotEqual => "<>",
            Comparison::Less => "<",
            Comparison::LessOrEqual => "<=",
            Comparison::Greater => ">",
            Comparison::GreaterOrEqual => ">=",
        }
    }
}

/// A call of a function of any kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    pub name: Ident,
    pub arguments: Vec<Expr>,
    pub distinct: bool,
    /// `count(*)`
    pub star: bool,
    /// Inside the parentheses, or of WITHIN GROUP.
    pub order_by: Vec<SortItem>,
    pub filter: Option<Expr>,
    pub null_treatment: Option<NullTreatment>,
    pub over: Option<Window>,
    /// LISTAGG's `ON OVERFLOW`; None: an error.
    pub on_overflow: Option<Truncation>,
}

impl Call {
    /// A call with nothing but arguments.
    pub fn plain(name: Ident, arguments: Vec<Expr>) -> Self {
        Self {
            name,
            arguments,
            distinct: false,
            star: false,
            order_by: Vec::new(),
            filter: None,
            null_treatment: None,
            over: None,
            on_overflow: None,
        }
    }
}

/// `ON OVERFLOW TRUNCATE 'filler' WITH|WITHOUT COUNT`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truncation {
    pub filler: String,
    pub with_count: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NullTreatment {
    Ignore,
    Respect,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Window {
    Named(Ident),
    Spec(WindowSpec),
}

/// `(existing PARTITION BY … ORDER BY … frame)`
#[derive(Debug, Clone, PartialEq)]
pub struct WindowSpec {
    pub existing: Option<Ident>,
    pub partition_by: Vec<Expr>,
    pub order_by: Vec<SortItem>,
    pub frame: Option<Frame>,
    pub at: At,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    pub unit: FrameUnit,
    pub start: FrameBound,
    /// None: the current row.
    pub end: Option<FrameBound>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameUnit {
    Rows,
    Range,
    Groups,
}

#[derive(Debug, Clone, PartialEq)]
pub enum FrameBound {
    UnboundedPreceding,
    Preceding(Expr),
    CurrentRow,
    Following(Expr),
    UnboundedFollowing,
}

/// `JSON_EXISTS`, `JSON_VALUE`, `JSON_QUERY`, `JSON_OBJECT`, `JSON_ARRAY`.
#[derive(Debug, Clone, PartialEq)]
pub enum JsonCall {
    Exists {
        input: JsonPathInput,
        /// `FALSE`, `TRUE`, `UNKNOWN` or `ERROR`.
        on_error: String,
    },
    Value {
        input: JsonPathInput,
        returning: Option<Type>,
        on_empty: JsonBehavior,
        on_error: JsonBehavior,
    },
    Query {
        input: JsonPathInput,
        returning: Option<JsonOutput>,
        /// `WITHOUT`, `CONDITIONAL` or `UNCONDITIONAL`.
        wrapper: String,
        keep_quotes: bool,
        /// `NULL`, `ERROR`, `EMPTY ARRAY` or `EMPTY OBJECT`.
        on_empty: String,
        on_error: String,
    },
    Object {
        members: Vec<(Expr, JsonInput)>,
        null_on_null: bool,
        unique_keys: bool,
        returning: Option<JsonOutput>,
    },
    Array {
        elements: Vec<JsonInput>,
        null_on_null: bool,
        returning: Option<JsonOutput>,
    },
}

/// `expr [FORMAT JSON [ENCODING …]]`
#[derive(Debug, Clone, PartialEq)]
pub struct JsonInput {
    pub expr: Expr,
    /// None: a value, not text of JSON. Calls that return JSON have a format without one being written.
    pub format: Option<JsonEncoding>,
}

/// `RETURNING type [FORMAT JSON [ENCODING …]]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonOutput {
    pub data_type: Type,
    pub encoding: JsonEncoding,
}

/// How JSON text is encoded in binary data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonEncoding {
    /// None was written: UTF-8 in binary data, and text may have none.
    Unspecified,
    Utf8,
    Utf16,
    Utf32,
}

/// `input [FORMAT JSON], 'path' [PASSING value AS name, …]`
#[derive(Debug, Clone, PartialEq)]
pub struct JsonPathInput {
    pub input: JsonInput,
    pub path: String,
    pub passing: Vec<(JsonInput, Ident)>,
}

/// `NULL`, `ERROR` or `DEFAULT expr`
#[derive(Debug, Clone, PartialEq)]
pub enum JsonBehavior {
    Null,
    Error,
    Default(Expr),
}

impl Expr {
    pub fn new(kind: ExprKind, at: At) -> Self {
        let depth = 1 + kind.children().iter().map(|child| child.depth).max().unwrap_or(0);
        Self { kind, at, depth }
    }
}

impl ExprKind {
    /// The expressions directly below, those of calls' clauses included, those of subqueries not.
    pub fn children(&self) -> Vec<&Expr> {
        match self {
            ExprKind::Null
            | ExprKind::Boolean(_)
            | ExprKind::Integer(_)
            | ExprKind::Decimal(_)
            | ExprKind::Double(_)
            | ExprKind::String(_)
            | ExprKind::Binary(_)
            | ExprKind::Typed { .. }
            | ExprKind::Interval { .. }
            | ExprKind::Parameter(_)
            | ExprKind::Name(_)
            | ExprKind::Exists(_)
            | ExprKind::Subquery(_)
            | ExprKind::Current { .. } => Vec::new(),
            ExprKind::Field { base: child, field: _ }
            | ExprKind::Negate(child)
            | ExprKind::Plus(child)
            | ExprKind::Not(child)
            | ExprKind::IsNull { expr: child, negated: _ }
            | ExprKind::Quantified { left: child, .. }
            | ExprKind::InQuery { expr: child, .. }
            | ExprKind::Cast { expr: child, .. }
            | ExprKind::Extract { from: child, field: _ }
            | ExprKind::Lambda { body: child, parameters: _ } => vec![child],
            ExprKind::Subscript { base: left, index: right }
            | ExprKind::Arithmetic { left, right, op: _ }
            | ExprKind::Concat(left, right)
            | ExprKind::Compare { left, right, op: _ }
            | ExprKind::IsDistinct { left, right, negated: _ }
            | ExprKind::AtTimeZone { expr: left, zone: right } => vec![left, right],
            ExprKind::Between { expr, low, high, negated: _ } => vec![expr, low, high],
            ExprKind::Like { expr, pattern, escape, negated: _ } => {
                [Some(expr), Some(pattern), escape.as_ref()]
                    .into_iter()
                    .flatten()
                    .map(AsRef::as_ref)
                    .collect()
            }
            ExprKind::InList { expr, list, negated: _ } => {
                std::iter::once(expr.as_ref()).chain(list).collect()
            }
            ExprKind::And(all) | ExprKind::Or(all) | ExprKind::Row(all) | ExprKind::Array(all) => {
                all.iter().collect()
            }
            ExprKind::Case { operand, branches, otherwise } => operand
                .iter()
                .chain(otherwise)
                .map(AsRef::as_ref)
                .chain(branches.iter().flat_map(|(when, then)| [when, then]))
                .collect(),
            ExprKind::Call(call) => call.children(),
            ExprKind::Json(call) => call.children(),
        }
    }
}

impl Call {
    fn children(&self) -> Vec<&Expr> {
        let mut children: Vec<&Expr> = self.arguments.iter().chain(&self.filter).collect();
        children.extend(self.order_by.iter().map(|item| &item.expr));
        if let Some(Window::Spec(spec)) = &self.over {
            children.extend(spec.children());
        }
        children
    }
}

impl WindowSpec {
    pub fn children(&self) -> Vec<&Expr> {
        let bounds = self.frame.iter().flat_map(|frame| [Some(&frame.start), frame.end.as_ref()]).flatten();
        let distances = bounds.filter_map(|bound| match bound {
            FrameBound::Preceding(distance) | FrameBound::Following(distance) => Some(distance),
            FrameBound::UnboundedPreceding | FrameBound::CurrentRow | FrameBound::UnboundedFollowing => None,
        });
        let keys = self.partition_by.iter().chain(self.order_by.iter().map(|item| &item.expr));
        keys.chain(distances).collect()
    }
}

impl JsonCall {
    fn children(&self) -> Vec<&Expr> {
        match self {
            JsonCall::Exists { input, .. } | JsonCall::Query { input, .. } => input.children(),
            JsonCall::Value { input, on_empty, on_error, .. } => {
                let mut children = input.children();
                for behavior in [on_empty, on_error] {
                    if let JsonBehavior::Default(expr) = behavior {
                        children.push(expr);
                    }
                }
                children
            }
            JsonCall::Object { members, .. } => {
                members.iter().flat_map(|(key, value)| [key, &value.expr]).collect()
            }
            JsonCall::Array { elements, .. } => elements.iter().map(|element| &element.expr).collect(),
        }
    }
}

impl JsonPathInput {
    fn children(&self) -> Vec<&Expr> {
        std::iter::once(&self.input.expr).chain(self.passing.iter().map(|(value, _)| &value.expr)).collect()
    }
}

//! Partitions as statements name them: one by its values, or several by conditions.

/// `PARTITION (key = value, …)`, with its location where one was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionSpec {
    /// In written order; no key twice.
    pub values: Vec<(String, PartitionLiteral)>,
    pub location: Option<String>,
}

/// A partition value as written; the key's type decides what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartitionLiteral {
    /// A string, or the string of a `DATE` or `TIMESTAMP` literal.
    Text(String),
    /// A number, in the digits that were written.
    Number(String),
}

impl PartitionLiteral {
    /// The value as it would stand in a path.
    pub fn text(&self) -> &str {
        match self {
            PartitionLiteral::Text(text) | PartitionLiteral::Number(text) => text,
        }
    }
}

/// `PARTITION (key < value, …)` of `DROP PARTITION`: every partition for which all conditions hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionFilter {
    /// In written order, at least one; a key may be compared more than once.
    pub conditions: Vec<PartitionCondition>,
}

/// One comparison of a partition key with a constant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionCondition {
    pub key: String,
    pub comparison: Comparison,
    pub value: PartitionLiteral,
}

/// How a key is compared. The NULL partition satisfies `Equal` to itself and nothing else.
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
    /// As it is written.
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

/// What `ALTER TABLE … PARTITION (…)` does to one partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartitionChange {
    /// `SET LOCATION`
    Location(String),
    /// `RENAME TO PARTITION`: other values, the same files.
    Rename(PartitionSpec),
}

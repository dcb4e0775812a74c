//! Hive's types: what their text means and which Arrow type carries them.
//!
//! The only place that maps between the two worlds. What Arrow cannot say (the length of a `varchar`,
//! that a struct was a `uniontype`) travels as field metadata under [`HIVE_TYPE_KEY`].

mod arrow_type;
mod parse;

use std::fmt;

pub use arrow_type::{binary_type, hive_type_of, hive_type_of_field, string_type};

use protocol::Result;

/// Metadata key of an Arrow field whose Hive type Arrow alone does not tell.
pub(crate) const HIVE_TYPE_KEY: &str = "hive.type";

/// Longest text of a type, in characters. Glue's limit for a column type.
pub(crate) const TYPE_TEXT_CHARS_MAX: usize = 131_072;

/// How deep types may nest. Bounds recursion on text and schemas from outside.
pub(crate) const TYPE_DEPTH_MAX: usize = 64;

/// Hive's largest decimal, and Arrow's 128-bit one.
pub(crate) const DECIMAL_PRECISION_MAX: u8 = 38;

/// A Hive type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HiveType {
    Boolean,
    TinyInt,
    SmallInt,
    Int,
    BigInt,
    Float,
    Double,
    Decimal {
        precision: u8,
        scale: u8,
    },
    String,
    /// At most so many characters; writers cut.
    Varchar(u32),
    /// So many characters, padded with blanks that comparisons ignore.
    Char(u32),
    Binary,
    Date,
    /// A reading of the clock, without a zone.
    Timestamp,
    /// A moment in time.
    TimestampLocalTz,
    Array(Box<HiveType>),
    Map(Box<HiveType>, Box<HiveType>),
    Struct(Vec<StructField>),
    Union(Vec<HiveType>),
    Void,
}

/// One field of a struct.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StructField {
    /// As written: unlike columns, files' own case is kept here by Glue and Spark.
    pub name: String,
    pub hive_type: HiveType,
    pub comment: Option<String>,
}

impl HiveType {
    /// Reads Hive's text for a type, in any case and with Glue's aliases (`long`, `integer`, …).
    pub fn parse(text: &str) -> Result<Self> {
        parse::parse(text)
    }

    /// Whether a table can be partitioned by it.
    pub fn is_partition_key(&self) -> bool {
        !matches!(
            self,
            Self::Array(_) | Self::Map(..) | Self::Struct(_) | Self::Union(_) | Self::Binary | Self::Void
        )
    }
}

/// Hive's text, which [`HiveType::parse`] reads back to an equal type.
impl fmt::Display for HiveType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean => f.write_str("boolean"),
            Self::TinyInt => f.write_str("tinyint"),
            Self::SmallInt => f.write_str("smallint"),
            Self::Int => f.write_str("int"),
            Self::BigInt => f.write_str("bigint"),
            Self::Float => f.write_str("float"),
            Self::Double => f.write_str("double"),
            Self::Decimal { precision, scale } => write!(f, "decimal({precision},{scale})"),
            Self::String => f.write_str("string"),
            Self::Varchar(length) => write!(f, "varchar({length})"),
            Self::Char(length) => write!(f, "char({length})"),
            Self::Binary => f.write_str("binary"),
            Self::Date => f.write_str("date"),
            Self::Timestamp => f.write_str("timestamp"),
            Self::TimestampLocalTz => f.write_str("timestamp with local time zone"),
            Self::Array(item) => write!(f, "array<{item}>"),
            Self::Map(key, value) => write!(f, "map<{key},{value}>"),
            Self::Struct(fields) => {
                f.write_str("struct<")?;
                write_list(f, fields)?;
                f.write_str(">")
            }
            Self::Union(members) => {
                f.write_str("uniontype<")?;
                write_list(f, members)?;
                f.write_str(">")
            }
            Self::Void => f.write_str("void"),
        }
    }
}

impl fmt::Display for StructField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.chars().all(|c| c.is_alphanumeric() || c == '_') {
            f.write_str(&self.name)?;
        } else {
            write!(f, "`{}`", self.name.replace('`', "``"))?;
        }
        write!(f, ":{}", self.hive_type)?;
        match &self.comment {
            Some(comment) => write!(f, " comment '{}'", comment.replace('\\', "\\\\").replace('\'', "\\'")),
            None => Ok(()),
        }
    }
}

fn write_list<T: fmt::Display>(f: &mut fmt::Formatter<'_>, items: &[T]) -> fmt::Result {
    for (at, item) in items.iter().enumerate() {
        let separator = if at == 0 { "" } else { "," };
        write!(f, "{separator}{item}")?;
    }
    Ok(())
}

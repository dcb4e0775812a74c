//! A file's column types, and which of them a table column stands for.

use arrow::datatypes::{DataType, Schema};

use super::{error::OrcError, wire};

/// Nesting of a column's type; deeper types would exhaust the stack of recursive decoders.
const DEPTH_MAX: usize = 64;
/// Columns of one file, nested ones included.
const COLUMNS_MAX: usize = 100_000;
/// What Hive 0.12 and older mean by a decimal without precision and scale.
const LEGACY_DECIMAL: (u32, u32) = (38, 18);
const DECIMAL_PRECISION_MAX: u32 = 38;

/// Root columns of the delta files of transactional Hive tables.
const ACID_COLUMNS: [&str; 6] =
    ["operation", "originalTransaction", "bucket", "rowId", "currentTransaction", "row"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Boolean,
    Byte,
    Short,
    Int,
    Long,
    Float,
    Double,
    String,
    Binary,
    Timestamp,
    List,
    Map,
    Struct,
    Union,
    Decimal {
        precision: u32,
        scale: u32,
    },
    Date,
    Varchar,
    Char,
    TimestampInstant,
    /// A kind of a later version of the format.
    Unknown(i32),
}

/// One column of a file with what is below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    /// The column's number in the file: what streams, encodings and statistics refer to.
    pub(crate) id: u32,
    pub(crate) kind: Kind,
    /// Names are empty below lists, maps and unions.
    pub(crate) children: Vec<(String, Node)>,
}

/// The root of a file's types.
///
/// Errors: types that are no tree, or a root that scops does not read as rows.
pub(crate) fn parse(types: &[wire::Type]) -> Result<Node, OrcError> {
    if types.len() > COLUMNS_MAX {
        return Err(OrcError::corrupt(format!("it has more than {COLUMNS_MAX} columns")));
    }
    let mut visited = 0;
    let root = node(types, 0, 0, &mut visited)?;
    if root.kind != Kind::Struct {
        return Err(OrcError::NotSupported("its rows are not a struct".to_owned()));
    }
    if root.children.iter().map(|(name, _)| name.as_str()).eq(ACID_COLUMNS) {
        return Err(OrcError::NotSupported(
            "it belongs to a transactional (ACID) Hive table, which is not supported".to_owned(),
        ));
    }
    Ok(root)
}

fn node(types: &[wire::Type], id: u32, depth: usize, visited: &mut usize) -> Result<Node, OrcError> {
    let invalid = || OrcError::corrupt(format!("the type of column {id} is invalid"));
    let of = types.get(id as usize).ok_or_else(invalid)?;
    *visited += 1;
    if depth > DEPTH_MAX || *visited > types.len() {
        return Err(invalid());
    }
    let kind = kind(of);
    let fits = match kind {
        Kind::List => of.subtypes.len() == 1,
        Kind::Map => of.subtypes.len() == 2,
        Kind::Struct => of.subtypes.len() == of.field_names.len(),
        // More variants than the tag byte's positive half are not decoded.
        Kind::Union => (1..=127).contains(&of.subtypes.len()),
        Kind::Unknown(_) => true,
        Kind::Decimal { precision, scale } => precision <= DECIMAL_PRECISION_MAX && scale <= precision,
        _ => of.subtypes.is_empty(),
    };
    if !fits {
        return Err(invalid());
    }
    let mut children = Vec::new();
    for (at, &child) in of.subtypes.iter().enumerate() {
        // Types are numbered in pre-order, so a child never comes before its parent.
        if child <= id {
            return Err(invalid());
        }
        let name = of.field_names.get(at).cloned().unwrap_or_default();
        children.push((name, node(types, child, depth + 1, visited)?));
    }
    Ok(Node { id, kind, children })
}

fn kind(of: &wire::Type) -> Kind {
    match of.kind.unwrap_or_default() {
        0 => Kind::Boolean,
        1 => Kind::Byte,
        2 => Kind::Short,
        3 => Kind::Int,
        4 => Kind::Long,
        5 => Kind::Float,
        6 => Kind::Double,
        7 => Kind::String,
        8 => Kind::Binary,
        9 => Kind::Timestamp,
        10 => Kind::List,
        11 => Kind::Map,
        12 => Kind::Struct,
        13 => Kind::Union,
        14 => match (of.precision.unwrap_or_default(), of.scale.unwrap_or_default()) {
            (0, _) => Kind::Decimal { precision: LEGACY_DECIMAL.0, scale: LEGACY_DECIMAL.1 },
            (precision, scale) => Kind::Decimal { precision, scale },
        },
        15 => Kind::Date,
        16 => Kind::Varchar,
        17 => Kind::Char,
        18 => Kind::TimestampInstant,
        other => Kind::Unknown(other),
    }
}

impl Kind {
    /// The number of [`wire::Type::kind`].
    pub(crate) fn number(self) -> i32 {
        match self {
            Kind::Boolean => 0,
            Kind::Byte => 1,
            Kind::Short => 2,
            Kind::Int => 3,
            Kind::Long => 4,
            Kind::Float => 5,
            Kind::Double => 6,
            Kind::String => 7,
            Kind::Binary => 8,
            Kind::Timestamp => 9,
            Kind::List => 10,
            Kind::Map => 11,
            Kind::Struct => 12,
            Kind::Union => 13,
            Kind::Decimal { .. } => 14,
            Kind::Date => 15,
            Kind::Varchar => 16,
            Kind::Char => 17,
            Kind::TimestampInstant => 18,
            Kind::Unknown(number) => number,
        }
    }
}

/// How the columns of a table find their column in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OrcOptions {
    /// By name, ignoring case; otherwise by position, as Athena does unless a table sets
    /// `orc.column.index.access` to false.
    pub by_name: bool,
}

/// For each column of the table, the file's column, if the file has it.
pub(crate) fn resolve<'a>(root: &'a Node, table: &Schema, options: OrcOptions) -> Vec<Option<&'a Node>> {
    let fields = table.fields().iter().enumerate();
    fields
        .map(|(at, field)| {
            if options.by_name {
                child_named(root, field.name())
            } else {
                root.children.get(at).map(|(_, child)| child)
            }
        })
        .collect()
}

/// The child of a struct with that name, ignoring case if there is none that fits exactly.
pub(crate) fn child_named<'a>(of: &'a Node, name: &str) -> Option<&'a Node> {
    let mut named = of.children.iter();
    let exact = named.find(|(child, _)| child == name);
    let found =
        exact.or_else(|| of.children.iter().find(|(child, _)| child.to_lowercase() == name.to_lowercase()));
    found.map(|(_, child)| child)
}

/// `file` without the struct fields that `target` has no use for, so that they are not read.
pub(crate) fn narrow(file: &Node, target: &DataType) -> Node {
    let children = match (file.kind, target) {
        (Kind::Struct, DataType::Struct(fields)) => {
            let wanted: Vec<_> = fields
                .iter()
                .filter_map(|field| Some((child_named(file, field.name())?.id, field)))
                .collect();
            let kept: Vec<_> = file
                .children
                .iter()
                .filter_map(|(name, child)| {
                    let (_, field) = wanted.iter().find(|(id, _)| *id == child.id)?;
                    Some((name.clone(), narrow(child, field.data_type())))
                })
                .collect();
            // Some child must be left for the decoder to know the struct's length from.
            if kept.is_empty() { file.children.clone() } else { kept }
        }
        (Kind::List, DataType::List(item)) => file
            .children
            .iter()
            .map(|(name, child)| (name.clone(), narrow(child, item.data_type())))
            .collect(),
        (Kind::Map, DataType::Map(entries, _)) => match entries.data_type() {
            DataType::Struct(pair) => file
                .children
                .iter()
                .zip(pair)
                .map(|((name, child), field)| (name.clone(), narrow(child, field.data_type())))
                .collect(),
            _ => file.children.clone(),
        },
        _ => file.children.clone(),
    };
    Node { id: file.id, kind: file.kind, children }
}

impl Node {
    /// This column and all below it, parents first.
    pub(crate) fn preorder(&self) -> Vec<&Node> {
        let mut found = vec![self];
        self.children.iter().for_each(|(_, child)| found.extend(child.preorder()));
        found
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn of(kind: i32, subtypes: &[u32], names: &[&str]) -> wire::Type {
        wire::Type {
            kind: Some(kind),
            subtypes: subtypes.to_vec(),
            field_names: names.iter().map(|&name| name.to_owned()).collect(),
            ..wire::Type::default()
        }
    }

    #[test]
    fn types_that_are_no_tree_are_refused() {
        let int = || of(3, &[], &[]);
        let good = [of(12, &[1, 2], &["a", "b"]), int(), int()];
        assert_eq!(parse(&good).unwrap().preorder().len(), 3);
        for bad in [
            vec![],
            vec![of(12, &[1], &["a"])],
            vec![of(12, &[0], &["a"])],
            vec![of(12, &[1, 1], &["a", "b"]), int()],
            vec![of(12, &[1], &[]), int()],
            vec![of(10, &[1], &[]), int()],
            vec![of(12, &[1], &["l"]), of(10, &[], &[])],
        ] {
            assert!(parse(&bad).is_err(), "{bad:?}");
        }
        let deep: Vec<_> = (0..200).map(|id| of(12, &[id + 1], &["a"])).chain([int()]).collect();
        assert!(parse(&deep).is_err());
    }
}

//! Which column of a file is which column of the table.
//!
//! Hive's names are lower case, files are written with any: a name matches exactly, else in any
//! case; two candidates are an error, never "the first wins" (Athena user guide, "Handling schema
//! updates"). Missing columns read as NULL. By position, names mean nothing.

use std::sync::Arc;

use arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::{
    common::tree_node::{Transformed, TransformedResult, TreeNode},
    error::Result,
    physical_expr::expressions::Column,
    physical_expr_adapter::{
        DefaultPhysicalExprAdapterFactory, PhysicalExprAdapter, PhysicalExprAdapterFactory,
    },
    physical_plan::PhysicalExpr,
};
use protocol::{Error, ErrorCode};

use crate::error::to_datafusion;

/// How columns are matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColumnMatch {
    Name,
    Position,
}

impl PhysicalExprAdapterFactory for ColumnMatch {
    fn create(&self, table: SchemaRef, file: SchemaRef) -> Result<Arc<dyn PhysicalExprAdapter>> {
        let positions = file_positions(*self, &table, &file).map_err(to_datafusion)?;
        check_shapes(&table, &file, &positions).map_err(to_datafusion)?;
        let names: Arc<[String]> = table
            .fields()
            .iter()
            .zip(&positions)
            .enumerate()
            .map(|(at, (field, position))| match position {
                Some(position) => file.field(*position).name().clone(),
                // A name no file has, so that the column is missing for the engine too.
                None => format!("\u{1}{at}:{}", field.name()),
            })
            .collect();
        let fields: Vec<Field> = table
            .fields()
            .iter()
            .zip(names.iter())
            .map(|(field, name)| field.as_ref().clone().with_name(name))
            .collect();
        let renamed = Arc::new(Schema::new(fields));
        let inner = DefaultPhysicalExprAdapterFactory.create(renamed, file)?;
        Ok(Arc::new(RenamingAdapter { names, inner }))
    }
}

/// The engine would make a list of one element out of a plain value, and worse; no table means that.
fn check_shapes(table: &Schema, file: &Schema, positions: &[Option<usize>]) -> Result<(), Error> {
    for (field, position) in table.fields().iter().zip(positions) {
        let Some(stored) = position.map(|position| file.field(position)) else { continue };
        if stored.data_type().is_nested() != field.data_type().is_nested() {
            return Err(Error::new(
                ErrorCode::SchemaMismatch,
                format!(
                    "column {} is {} in the file and {} in the table",
                    field.name(),
                    stored.data_type(),
                    field.data_type()
                ),
            ));
        }
    }
    Ok(())
}

/// The position in `file` of each column of `table`; `None` where the file has no such column.
pub(crate) fn file_positions(
    by: ColumnMatch,
    table: &Schema,
    file: &Schema,
) -> Result<Vec<Option<usize>>, Error> {
    let by_position = |at: usize| (at < file.fields().len()).then_some(at);
    match by {
        ColumnMatch::Position => Ok((0..table.fields().len()).map(by_position).collect()),
        ColumnMatch::Name => table.fields().iter().map(|field| position_of(field.name(), file)).collect(),
    }
}

fn position_of(name: &str, file: &Schema) -> Result<Option<usize>, Error> {
    if let Ok(exact) = file.index_of(name) {
        return Ok(Some(exact));
    }
    let mut matches =
        file.fields().iter().enumerate().filter(|(_, field)| field.name().eq_ignore_ascii_case(name));
    let first = matches.next();
    match (first, matches.next()) {
        (Some((_, one)), Some((_, other))) => Err(Error::new(
            ErrorCode::SchemaMismatch,
            format!("column {name} is in the file as {:?} and as {:?}", one.name(), other.name()),
        )
        .with_hint("read the table by position, or rewrite the file")),
        (first, _) => Ok(first.map(|(at, _)| at)),
    }
}

/// Gives columns the file's names, then lets the engine's adapter add casts and NULLs.
#[derive(Debug)]
struct RenamingAdapter {
    /// By position in the table.
    names: Arc<[String]>,
    inner: Arc<dyn PhysicalExprAdapter>,
}

impl PhysicalExprAdapter for RenamingAdapter {
    fn rewrite(&self, expr: Arc<dyn PhysicalExpr>) -> Result<Arc<dyn PhysicalExpr>> {
        let renamed = expr
            .transform_up(|expr| {
                let Some(column) = expr.downcast_ref::<Column>() else {
                    return Ok(Transformed::no(expr));
                };
                match self.names.get(column.index()) {
                    Some(name) if name != column.name() => {
                        let column = Column::new(name, column.index());
                        Ok(Transformed::yes(Arc::new(column) as Arc<dyn PhysicalExpr>))
                    }
                    _ => Ok(Transformed::no(expr)),
                }
            })
            .data()?;
        self.inner.rewrite(renamed)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use arrow::datatypes::DataType;

    use super::*;

    fn schema(names: &[&str]) -> Schema {
        Schema::new(names.iter().map(|n| Field::new(*n, DataType::Int32, true)).collect::<Vec<_>>())
    }

    #[test]
    fn columns_match_by_name_in_any_case() {
        let file = schema(&["B", "a", "A"]);
        let check = |table: &[&str]| file_positions(ColumnMatch::Name, &schema(table), &file);
        assert_eq!(check(&["a", "b", "c"]).unwrap(), [Some(1), Some(0), None]);
        let file = schema(&["Aa", "aA"]);
        let error = file_positions(ColumnMatch::Name, &schema(&["aa"]), &file).unwrap_err();
        assert_eq!(error.code, ErrorCode::SchemaMismatch);
    }

    #[test]
    fn columns_match_by_position() {
        let found = file_positions(ColumnMatch::Position, &schema(&["x", "y"]), &schema(&["q"]));
        assert_eq!(found.unwrap(), [Some(0), None]);
    }
}

//! `information_schema`: the catalog as tables, under the names that Athena gives it.
//!
//! Unlike other tables these read the catalog when the plan is made, not in the snapshot before: only then
//! is it known which databases and tables the conditions leave ([`scan`]).
//! The engine's own `system` database is not in it, as it is not in `SHOW DATABASES`.

mod rows;
mod scan;

use std::sync::Arc;

use arrow::datatypes::{Schema, SchemaRef};
use catalog::CatalogStore;
use datafusion::datasource::provider_as_source;
use functions::Type;
use protocol::{Error, ErrorCode, Result};
use sql::analyze::{CATALOG, Column, Table};

use scan::InformationTable;

/// The database of these tables.
pub(crate) const DATABASE: &str = "information_schema";

/// One of the tables.
#[derive(Debug)]
struct Definition {
    name: &'static str,
    contents: Contents,
    columns: &'static [&'static str],
    /// Found by their names only; behind the others. MySQL has them.
    hidden: &'static [&'static str],
}

/// What the rows of a table are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Contents {
    Databases,
    Tables,
    Columns,
    Views,
    /// There are no rights to show.
    Nothing,
}

/// By name.
const DEFINITIONS: [Definition; 8] = [
    nothing("applicable_roles", &["grantee", "grantee_type", "role_name", "is_grantable"]),
    Definition {
        name: "columns",
        contents: Contents::Columns,
        columns: &[
            "table_catalog",
            "table_schema",
            "table_name",
            "column_name",
            ORDINAL_POSITION,
            "column_default",
            "is_nullable",
            "data_type",
            "comment",
            "extra_info",
        ],
        hidden: &["column_comment"],
    },
    nothing("enabled_roles", &["role_name"]),
    nothing("roles", &["role_name"]),
    Definition {
        name: "schemata",
        contents: Contents::Databases,
        columns: &["catalog_name", "schema_name"],
        hidden: &[],
    },
    nothing(
        "table_privileges",
        &[
            "grantor",
            "grantor_type",
            "grantee",
            "grantee_type",
            "table_catalog",
            "table_schema",
            "table_name",
            "privilege_type",
            "is_grantable",
            "with_hierarchy",
        ],
    ),
    Definition {
        name: "tables",
        contents: Contents::Tables,
        columns: &["table_catalog", "table_schema", "table_name", "table_type"],
        hidden: &["table_comment"],
    },
    Definition {
        name: "views",
        contents: Contents::Views,
        columns: &["table_catalog", "table_schema", "table_name", "view_definition"],
        hidden: &[],
    },
];

/// The one column that is a number.
const ORDINAL_POSITION: &str = "ordinal_position";

const fn nothing(name: &'static str, columns: &'static [&'static str]) -> Definition {
    Definition { name, contents: Contents::Nothing, columns, hidden: &[] }
}

impl Definition {
    fn all_columns(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().chain(self.hidden).copied()
    }

    fn schema(&self) -> SchemaRef {
        let fields = self.all_columns().map(|column| column_type(column).field(column));
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }
}

fn column_type(column: &str) -> Type {
    match column {
        ORDINAL_POSITION => Type::BigInt,
        _ => Type::VARCHAR,
    }
}

/// The table of this name. Reads nothing yet.
pub(crate) fn table(catalog: &Arc<dyn CatalogStore>, name: &str) -> Result<Table> {
    let Some(definition) = DEFINITIONS.iter().find(|definition| definition.name == name) else {
        let names: Vec<&str> = DEFINITIONS.iter().map(|definition| definition.name).collect();
        let message = format!("Table '{CATALOG}.{DATABASE}.{name}' does not exist");
        return Err(Error::new(ErrorCode::TableNotFound, message)
            .with_hint(format!("the tables of {DATABASE} are {}", names.join(", "))));
    };
    let columns = definition.all_columns().map(|column| Column {
        name: column.to_owned(),
        data_type: column_type(column),
        hidden: definition.hidden.contains(&column),
    });
    let columns = columns.collect();
    let provider = InformationTable::new(Arc::clone(catalog), definition);
    Ok(Table { source: provider_as_source(Arc::new(provider)), columns })
}

#[cfg(test)]
mod tests;

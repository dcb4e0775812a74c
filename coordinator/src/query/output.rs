//! Results as clients get them: names that may repeat, and Arrow types that every client knows.

use std::sync::Arc;

use arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::logical_expr::LogicalPlan;
use protocol::Result;
use sql::analyze::Analyzed;

/// The metadata key under which a result's field has its type as Trino writes it.
pub(crate) const TYPE_KEY: &str = "scops:type";

/// The plan with its columns in the types of clients, and the schema that clients are told.
pub(super) fn for_clients(analyzed: Analyzed) -> Result<(LogicalPlan, SchemaRef)> {
    let Analyzed { plan, columns } = analyzed;
    let fields: Vec<Field> = plan
        .schema()
        .fields()
        .iter()
        .zip(&columns)
        .map(|(field, column)| {
            let metadata = [(TYPE_KEY.to_owned(), column.data_type.to_string())];
            Field::new(&column.name, field.data_type().clone(), true).with_metadata(metadata.into())
        })
        .collect();
    Ok((plan, Arc::new(Schema::new(fields))))
}

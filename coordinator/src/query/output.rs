//! Results as clients get them: names that may repeat, and Arrow types that every client knows.

use std::sync::Arc;

use arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::logical_expr::{Cast, Expr, LogicalPlan, LogicalPlanBuilder, expr::ScalarFunction};
use functions::{Call, Type, output, registry};
use protocol::{Error, Result};
use sql::analyze::{Analyzed, Column};

/// The metadata key under which a result's field has its type as Trino writes it.
pub(crate) const TYPE_KEY: &str = "scops:type";

/// The plan with its columns in the types of clients, and the schema that clients are told.
pub(super) fn for_clients(analyzed: Analyzed) -> Result<(LogicalPlan, SchemaRef)> {
    let Analyzed { plan, columns } = analyzed;
    let fields: Vec<Field> = columns.iter().enumerate().map(client_field).collect();
    let schema = Arc::new(Schema::new(fields));
    if columns.iter().all(|column| output::client_type(&column.data_type) == column.data_type.arrow()) {
        return Ok((plan, schema));
    }
    let own = plan.schema().columns();
    let projected = own.into_iter().zip(&columns).map(|(own, column)| {
        let name = format!("{} out", own.name);
        Ok(for_client(Expr::Column(own), &column.data_type)?.alias(name))
    });
    let projected = projected.collect::<Result<Vec<_>>>()?;
    let plan = LogicalPlanBuilder::from(plan)
        .project(projected)
        .and_then(LogicalPlanBuilder::build)
        .map_err(sql::plan_error)?;
    Ok((plan, schema))
}

/// A column without a name is called by its place, as in Trino.
fn client_field((index, column): (usize, &Column)) -> Field {
    let name = if column.name.is_empty() { format!("_col{index}") } else { column.name.clone() };
    let metadata = [(TYPE_KEY.to_owned(), column.data_type.to_string())];
    Field::new(name, output::client_type(&column.data_type), true).with_metadata(metadata.into())
}

fn for_client(value: Expr, data_type: &Type) -> Result<Expr> {
    let (value_type, arrow) = (output::client_value_type(data_type), output::client_type(data_type));
    let mut value = value;
    if value_type != *data_type {
        let function = registry::find("$to_client")
            .ok_or_else(|| Error::internal("the function for results is missing"))?;
        let call = Call::new(vec![data_type.clone()], value_type.clone());
        value = Expr::ScalarFunction(ScalarFunction { func: registry::scalar(function, call), args: vec![value] });
    }
    match value_type.arrow() == arrow {
        true => Ok(value),
        false => Ok(Expr::Cast(Cast::new(Box::new(value), arrow))),
    }
}

//! Results as clients get them: names that may repeat, and the types that were asked for.

use std::sync::Arc;

use arrow::{
    array::RecordBatch,
    datatypes::{DataType, Field, Schema, SchemaRef},
};
use datafusion::logical_expr::{Cast, Expr, LogicalPlan, LogicalPlanBuilder, expr::ScalarFunction};
use functions::{Call, Type, output, registry};
use protocol::{Error, Result};
use sql::analyze::{Analyzed, Column};

use super::{Output, result::Work, types};

/// The metadata key under which a result's field has its type as Trino writes it.
pub(crate) const TYPE_KEY: &str = "scops:type";

/// The plan with its columns in the types asked for, and the schema that clients are told.
pub(super) fn for_clients(analyzed: Analyzed, output: Output) -> Result<(LogicalPlan, SchemaRef)> {
    let Analyzed { plan, columns } = analyzed;
    let forms: Vec<Form> = columns.iter().map(|column| Form::of(&column.data_type, output)).collect();
    let named = columns.iter().enumerate().zip(&forms);
    let fields: Vec<Field> = named
        .map(|((index, column), form)| form.field(&shown_name(index, column), &column.data_type))
        .collect();
    let schema = Arc::new(Schema::new(fields));
    if columns.iter().zip(&forms).all(|(column, form)| form.is_of(&column.data_type)) {
        return Ok((plan, schema));
    }
    let own = plan.schema().columns();
    let projected = own.into_iter().zip(&columns).zip(&forms).map(|((own, column), form)| {
        let name = format!("{} out", own.name);
        Ok(form.of_value(Expr::Column(own), &column.data_type)?.alias(name))
    });
    let projected = projected.collect::<Result<Vec<_>>>()?;
    let plan = LogicalPlanBuilder::from(plan)
        .project(projected)
        .and_then(LogicalPlanBuilder::build)
        .map_err(sql::plan_error)?;
    Ok((plan, schema))
}

/// A column without a name is called by its place, as in Trino.
fn shown_name(index: usize, column: &Column) -> String {
    if column.name.is_empty() { format!("_col{index}") } else { column.name.clone() }
}

/// An answer that is known without a plan, in the types asked for. Answers of DDL are text in any case.
pub(super) fn known(work: Work, output: Output) -> Result<Work> {
    match work {
        Work::Batch { batch, .. } if output == Output::Text => {
            let batch = in_text(&batch)?;
            Ok(Work::Batch { schema: batch.schema(), batch })
        }
        work => Ok(work),
    }
}

fn in_text(batch: &RecordBatch) -> Result<RecordBatch> {
    let broken =
        |error: &dyn std::fmt::Display| Error::internal(format!("an answer cannot be text: {error}"));
    let (batch, data_types) = types::of_batch(batch).map_err(|error| broken(&error))?;
    let (mut fields, mut columns) = (Vec::new(), Vec::new());
    for ((field, column), data_type) in batch.schema().fields().iter().zip(batch.columns()).zip(data_types) {
        fields.push(Form::of(&data_type, Output::Text).field(field.name(), &data_type));
        columns.push(output::to_text(column, &data_type).map_err(|error| broken(&error))?);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(|error| broken(&error))
}

/// How the values of one column leave.
struct Form {
    /// The function that makes them; None: they stay what they are.
    function: Option<&'static str>,
    /// Of the values that the function makes.
    value_type: Type,
    arrow: DataType,
}

impl Form {
    fn of(data_type: &Type, output: Output) -> Self {
        let (function, value_type) = match output {
            Output::Arrow => ("$to_client", output::client_value_type(data_type)),
            Output::Text => ("$to_text", Type::VARCHAR),
            Output::Json => ("$to_json_value", output::json_value_type(data_type)),
        };
        let arrow = match output {
            Output::Arrow => output::client_type(data_type),
            Output::Text | Output::Json => value_type.arrow(),
        };
        let is_plain_text = |data_type: &Type| matches!(data_type, Type::Varchar(_));
        let stays = value_type == *data_type || is_plain_text(&value_type) && is_plain_text(data_type);
        Self { function: (!stays).then_some(function), value_type, arrow }
    }

    fn field(&self, name: &str, data_type: &Type) -> Field {
        let metadata = [(TYPE_KEY.to_owned(), data_type.to_string())];
        Field::new(name, self.arrow.clone(), true).with_metadata(metadata.into())
    }

    /// True if values of the type have this form already.
    fn is_of(&self, data_type: &Type) -> bool {
        self.function.is_none() && self.arrow == data_type.arrow()
    }

    fn of_value(&self, value: Expr, data_type: &Type) -> Result<Expr> {
        let mut value = value;
        if let Some(name) = self.function {
            let function =
                registry::find(name).ok_or_else(|| Error::internal("the function for results is missing"))?;
            let call = Call::new(vec![data_type.clone()], self.value_type.clone());
            let func = registry::scalar(function, call);
            value = Expr::ScalarFunction(ScalarFunction { func, args: vec![value] });
        }
        match self.value_type.arrow() == self.arrow {
            true => Ok(value),
            false => Ok(Expr::Cast(Cast::new(Box::new(value), self.arrow.clone()))),
        }
    }
}

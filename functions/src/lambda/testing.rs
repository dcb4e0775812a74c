//! Tables of rows on which expressions with lambdas are evaluated: whole, and as slices of longer columns.

use std::{collections::HashMap, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, RecordBatch, new_null_array},
    compute::concat,
    datatypes::{DataType, Field, FieldRef},
};
use datafusion::{
    common::DFSchema,
    logical_expr::{Expr, HigherOrderUDF, expr::HigherOrderFunction},
    prelude::{SessionContext, ident},
};

use crate::{Call, Kind, registry, testing::value, types};

/// Columns of equal length.
pub(super) struct Table {
    fields: Vec<FieldRef>,
    columns: Vec<ArrayRef>,
}

pub(super) fn col(name: &str) -> Expr {
    ident(name)
}

/// A call of a function with lambdas.
pub(super) fn call(name: &str, arguments: Vec<Expr>) -> Expr {
    let Kind::HigherOrder(function) = &registry::find(name).unwrap().kind else { panic!("{name}") };
    Expr::HigherOrderFunction(HigherOrderFunction::new(Arc::<HigherOrderUDF>::clone(function), arguments))
}

/// A call of another function with one argument.
pub(super) fn scalar_call(name: &str, arguments: Vec<Expr>, argument: &str, returns: &str) -> Expr {
    let call = Call::new(vec![types::parse(argument).unwrap()], types::parse(returns).unwrap());
    registry::scalar(registry::find(name).unwrap(), call).call(arguments)
}

fn column(values: &[&str]) -> ArrayRef {
    let values: Vec<ArrayRef> = values.iter().map(|text| value(text).1).collect();
    concat(&values.iter().map(AsRef::as_ref).collect::<Vec<&dyn Array>>()).unwrap()
}

impl Table {
    pub(super) fn new(columns: &[(&str, &[&str])]) -> Self {
        let arrays: Vec<ArrayRef> = columns.iter().map(|(_, values)| column(values)).collect();
        let field = |((name, _), array): (&(&str, &[&str]), &ArrayRef)| {
            Arc::new(Field::new(*name, array.data_type().clone(), true))
        };
        Self { fields: columns.iter().zip(&arrays).map(field).collect(), columns: arrays }
    }

    /// Evaluates the expression and compares its values.
    pub(super) fn check(&self, expression: Expr, expected: &[&str]) {
        let expected = column(expected);
        let shown = expression.to_string();
        for columns in [self.columns.clone(), self.sliced()] {
            let result =
                self.evaluate(expression.clone(), columns).unwrap_or_else(|error| panic!("{shown}: {error}"));
            assert_eq!(result.data_type(), expected.data_type(), "{shown}");
            assert_eq!(&result, &expected, "{shown}");
        }
        self.check_each_row(&expression, &expected);
    }

    fn check_each_row(&self, expression: &Expr, expected: &ArrayRef) {
        for row in 0..expected.len() {
            let columns = self.columns.iter().map(|column| column.slice(row, 1)).collect();
            let result = self.evaluate(expression.clone(), columns).unwrap();
            assert_eq!(result.as_ref(), expected.slice(row, 1).as_ref(), "{expression} in row {row}");
        }
    }

    /// Evaluates the expression, which must fail.
    pub(super) fn check_error(&self, expression: Expr, part: &str) {
        let error =
            self.evaluate(expression.clone(), self.columns.clone()).expect_err(&expression.to_string());
        assert!(error.contains(part), "{expression}: {error}");
    }

    fn sliced(&self) -> Vec<ArrayRef> {
        let slice = |array: &ArrayRef| {
            let null = new_null_array(array.data_type(), 2);
            let parts: [&dyn Array; 4] = [array.as_ref(), null.as_ref(), array.as_ref(), array.as_ref()];
            concat(&parts).unwrap().slice(array.len() + 2, array.len())
        };
        self.columns.iter().map(slice).collect()
    }

    fn evaluate(&self, expression: Expr, columns: Vec<ArrayRef>) -> Result<ArrayRef, String> {
        let rows = columns.first().map_or(1, |column| column.len());
        let schema = DFSchema::from_unqualified_fields(self.fields.clone().into(), HashMap::new()).unwrap();
        let resolved = expression.resolve_lambda_variables(&schema).map_err(|error| error.to_string())?.data;
        let physical = SessionContext::new()
            .create_physical_expr(resolved, &schema)
            .map_err(|error| error.to_string())?;
        let batch = RecordBatch::try_new(Arc::clone(schema.inner()), columns).unwrap();
        let declared = physical.data_type(schema.inner()).unwrap();
        let result = physical.evaluate(&batch).and_then(|value| value.into_array(rows));
        let result = result.map_err(|error| {
            protocol::Error::from_envelope(&error.to_string()).map_or(error.to_string(), |e| e.to_string())
        })?;
        assert!(*result.data_type() == declared || declared == DataType::Null);
        Ok(result)
    }
}

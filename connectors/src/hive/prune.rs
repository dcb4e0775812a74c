//! Which partitions a query needs: the predicate itself, evaluated on the partition image.
//!
//! The result is exact, so a condition on keys alone never reaches the rows. No object is listed or
//! opened here.

use arrow::array::{Array, BooleanArray};
use catalog::PartitionImage;
use datafusion::{
    catalog::Session,
    common::DFSchema,
    error::{DataFusionError, Result},
    logical_expr::Expr,
};

use crate::error::to_datafusion;

/// Rows of the partition image, in its order.
#[derive(Debug)]
pub(super) struct Selection {
    pub(super) rows: Vec<usize>,
    pub(super) total: usize,
}

impl Selection {
    /// A table without keys is one partition.
    pub(super) fn unpartitioned() -> Self {
        Self { rows: vec![0], total: 1 }
    }
}

/// The partitions for which `condition` is true.
///
/// A partition whose value is not of its key's type has no truth: unless the condition is false or
/// NULL without it, using the table is an error that names the partition.
pub(super) fn select(
    image: &PartitionImage,
    condition: Option<Expr>,
    state: &dyn Session,
) -> Result<Selection> {
    let total = image.len();
    let rows = match condition {
        None => (0..total).collect(),
        Some(condition) => matching(image, condition, state)?,
    };
    for row in rows.iter().copied().filter(|row| image.invalid().value(*row)) {
        image.check_valid(row).map_err(to_datafusion)?;
    }
    Ok(Selection { rows, total })
}

fn matching(image: &PartitionImage, condition: Expr, state: &dyn Session) -> Result<Vec<usize>> {
    let keys = image.batch();
    let schema = DFSchema::try_from(keys.schema())?;
    let expr = state.create_physical_expr(condition, &schema)?;
    let values = expr.evaluate(keys)?.into_array(keys.num_rows())?;
    let Some(values) = values.as_any().downcast_ref::<BooleanArray>() else {
        return Err(DataFusionError::Internal("a partition condition is not boolean".to_owned()));
    };
    let is_true = |row: &usize| {
        (values.is_valid(*row) && values.value(*row)) || (values.is_null(*row) && image.invalid().value(*row))
    };
    Ok((0..image.len()).filter(is_true).collect())
}

//! Operations whose results depend on the library that Trino uses, to the last digit and the order of
//! points. Only what is the same everywhere is answered.

use arrow::{array::Array, datatypes::Float64Type};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::{
    columns::{Geometries, make, numbers},
    shape::is_empty,
};
use crate::{Call, Fault, Function};

pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::scalar("st_buffer", &["(Geometry, double) -> Geometry"], st_buffer, "All points so near"),
        Function::scalar(
            "geometry_from_hadoop_shape",
            &["(varbinary) -> Geometry"],
            |_, _, _| refuse("geometry_from_hadoop_shape"),
            "A geometry of Hadoop's spatial framework",
        ),
        Function::scalar(
            "geometry_nearest_points",
            &["(Geometry, Geometry) -> row(Geometry, Geometry)"],
            |_, _, _| refuse("geometry_nearest_points"),
            "The nearest points of two geometries",
        ),
    ]
}

fn refuse(name: &str) -> EngineResult<ColumnarValue> {
    Err(Fault::not_supported(format!("{name} is not supported")).into())
}

fn st_buffer(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let shapes = Geometries::of(arguments, 0)?;
    let distances = numbers::<Float64Type>(arguments, 1, rows)?;
    make(arguments, rows, |row| {
        let Some(shape) = shapes.at(row)?.filter(|_| distances.is_valid(row)) else { return Ok(None) };
        let distance = distances.value(row);
        if distance.is_nan() {
            return Err(Fault::invalid_argument("distance is NaN"));
        }
        if distance < 0.0 {
            return Err(Fault::invalid_argument("distance is negative"));
        }
        match (distance == 0.0, is_empty(&shape)) {
            (true, _) => Ok(Some(shape.into_owned())),
            (false, true) => Ok(None),
            (false, false) => Err(Fault::not_supported("ST_Buffer is not supported")),
        }
    })
}

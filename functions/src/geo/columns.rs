//! Geometries in columns, and kernels over them in few words.

use std::{borrow::Cow, sync::Arc};

use arrow::{
    array::{
        Array, ArrayRef, ArrowPrimitiveType, BinaryViewArray, ListArray, PrimitiveArray, StringViewArray,
    },
    buffer::{NullBuffer, OffsetBuffer},
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};
use geo::Geometry;

use super::wkb;
use crate::{
    Fault,
    columns::{all_scalar, binary_rows, boolean_rows, bytes, primitive, primitive_rows, text, text_rows},
    operators::returned_ref,
    types,
};

/// One argument that is a geometry: a constant is read once.
pub(super) enum Geometries {
    One(Option<Geometry>),
    Rows(BinaryViewArray),
}

impl Geometries {
    pub(super) fn of(arguments: &[ColumnarValue], index: usize) -> EngineResult<Self> {
        match arguments.get(index) {
            Some(ColumnarValue::Array(array)) => Ok(Geometries::Rows(bytes(array)?.clone())),
            Some(ColumnarValue::Scalar(scalar)) => {
                let array = scalar.to_array()?;
                let array = bytes(&array)?;
                let one = (!array.is_empty() && array.is_valid(0)).then(|| wkb::parse(array.value(0)));
                Ok(Geometries::One(one.transpose()?))
            }
            None => Err(Fault::internal(format!("argument {index} is missing")).into()),
        }
    }

    pub(super) fn at(&self, row: usize) -> Result<Option<Cow<'_, Geometry>>, Fault> {
        match self {
            Geometries::One(one) => Ok(one.as_ref().map(Cow::Borrowed)),
            Geometries::Rows(array) if array.is_null(row) => Ok(None),
            Geometries::Rows(array) => wkb::parse(array.value(row)).map(|shape| Some(Cow::Owned(shape))),
        }
    }
}

/// Rows to compute: one if all arguments are constants.
pub(super) fn height(arguments: &[ColumnarValue], rows: usize) -> usize {
    if all_scalar(arguments) { 1 } else { rows }
}

/// An argument that is a number.
pub(super) fn numbers<T: ArrowPrimitiveType>(
    arguments: &[ColumnarValue],
    index: usize,
    rows: usize,
) -> EngineResult<PrimitiveArray<T>> {
    Ok(primitive::<T>(&array(arguments, index, rows)?)?.clone())
}

/// An argument that is text.
pub(super) fn texts(arguments: &[ColumnarValue], index: usize, rows: usize) -> EngineResult<StringViewArray> {
    Ok(text(&array(arguments, index, rows)?)?.clone())
}

pub(super) fn array(arguments: &[ColumnarValue], index: usize, rows: usize) -> EngineResult<ArrayRef> {
    let argument = arguments.get(index).ok_or_else(|| Fault::internal("an argument is missing"))?;
    argument.to_array(height(arguments, rows))
}

/// The value of a row, unless it is NULL.
pub(super) fn number_at<T: ArrowPrimitiveType>(array: &PrimitiveArray<T>, row: usize) -> Option<T::Native> {
    array.is_valid(row).then(|| array.value(row))
}

/// A number of each geometry.
pub(super) fn to_number<T: ArrowPrimitiveType>(
    arguments: &[ColumnarValue],
    rows: usize,
    f: impl Fn(&Geometry) -> Result<Option<T::Native>, Fault>,
) -> EngineResult<ColumnarValue> {
    let shapes = Geometries::of(arguments, 0)?;
    let numbers = primitive_rows::<T>(height(arguments, rows), |row| match shapes.at(row)? {
        Some(shape) => f(&shape),
        None => Ok(None),
    })?;
    returned_ref(arguments, numbers)
}

/// A boolean of each geometry.
pub(super) fn to_boolean(
    arguments: &[ColumnarValue],
    rows: usize,
    f: impl Fn(&Geometry) -> Result<Option<bool>, Fault>,
) -> EngineResult<ColumnarValue> {
    let shapes = Geometries::of(arguments, 0)?;
    let booleans = boolean_rows(height(arguments, rows), |row| match shapes.at(row)? {
        Some(shape) => f(&shape),
        None => Ok(None),
    })?;
    returned_ref(arguments, booleans)
}

/// Text of each geometry.
pub(super) fn to_text(
    arguments: &[ColumnarValue],
    rows: usize,
    f: impl Fn(&Geometry, &mut String) -> Result<Option<()>, Fault>,
) -> EngineResult<ColumnarValue> {
    let shapes = Geometries::of(arguments, 0)?;
    let texts = text_rows(height(arguments, rows), |row, out| match shapes.at(row)? {
        Some(shape) => f(&shape, out),
        None => Ok(None),
    })?;
    returned_ref(arguments, texts)
}

/// A geometry of each geometry.
pub(super) fn to_geometry(
    arguments: &[ColumnarValue],
    rows: usize,
    f: impl Fn(&Geometry) -> Result<Option<Geometry>, Fault>,
) -> EngineResult<ColumnarValue> {
    let shapes = Geometries::of(arguments, 0)?;
    make(arguments, rows, |row| match shapes.at(row)? {
        Some(shape) => f(&shape),
        None => Ok(None),
    })
}

/// Geometries of each geometry.
pub(super) fn to_geometries(
    arguments: &[ColumnarValue],
    rows: usize,
    f: impl Fn(&Geometry) -> Result<Option<Vec<Geometry>>, Fault>,
) -> EngineResult<ColumnarValue> {
    let shapes = Geometries::of(arguments, 0)?;
    make_lists(arguments, rows, |row| match shapes.at(row)? {
        Some(shape) => f(&shape),
        None => Ok(None),
    })
}

/// A geometry of each row.
pub(super) fn make(
    arguments: &[ColumnarValue],
    rows: usize,
    f: impl Fn(usize) -> Result<Option<Geometry>, Fault>,
) -> EngineResult<ColumnarValue> {
    let made =
        binary_rows(height(arguments, rows), |row, out| Ok(f(row)?.map(|shape| wkb::write(&shape, out))))?;
    returned_ref(arguments, made)
}

/// Geometries of each row.
pub(super) fn make_lists(
    arguments: &[ColumnarValue],
    rows: usize,
    f: impl Fn(usize) -> Result<Option<Vec<Geometry>>, Fault>,
) -> EngineResult<ColumnarValue> {
    let mut lists = Lists::default();
    for row in 0..height(arguments, rows) {
        lists.push(f(row)?.map(|shapes| {
            let bytes = shapes.iter().map(|shape| {
                let mut bytes = Vec::new();
                wkb::write(shape, &mut bytes);
                bytes
            });
            bytes.collect::<Vec<_>>()
        }));
    }
    let Lists { lengths, valid, items } = lists;
    let items: ArrayRef = Arc::new(BinaryViewArray::from_iter_values(items));
    returned_ref(arguments, list_array(items, lengths, valid)?)
}

/// Lists that grow row by row.
struct Lists<T> {
    lengths: Vec<usize>,
    valid: Vec<bool>,
    items: Vec<T>,
}

impl<T> Default for Lists<T> {
    fn default() -> Self {
        Self { lengths: Vec::new(), valid: Vec::new(), items: Vec::new() }
    }
}

impl<T> Lists<T> {
    fn push(&mut self, list: Option<Vec<T>>) {
        self.valid.push(list.is_some());
        let list = list.unwrap_or_default();
        self.lengths.push(list.len());
        self.items.extend(list);
    }
}

/// Lists of numbers for each row.
pub(super) fn number_lists<T: ArrowPrimitiveType>(
    arguments: &[ColumnarValue],
    rows: usize,
    f: impl Fn(usize) -> Result<Option<Vec<T::Native>>, Fault>,
) -> EngineResult<ColumnarValue> {
    let mut lists = Lists::default();
    for row in 0..height(arguments, rows) {
        lists.push(f(row)?);
    }
    let items: ArrayRef = Arc::new(PrimitiveArray::<T>::from_iter_values(lists.items));
    returned_ref(arguments, list_array(items, lists.lengths, lists.valid)?)
}

fn list_array(items: ArrayRef, lengths: Vec<usize>, valid: Vec<bool>) -> EngineResult<ArrayRef> {
    let field = types::item_field(items.data_type().clone());
    let nulls = NullBuffer::from(valid);
    Ok(Arc::new(ListArray::try_new(field, OffsetBuffer::from_lengths(lengths), items, Some(nulls))?))
}

//! Arguments as kernels see them: one value for each row, or the same value in all rows; and results row by row.
//!
//! Scalars are not expanded to arrays, so that a kernel can prepare them once for the batch.

use std::sync::Arc;

use arrow::{
    array::{
        Array, ArrayAccessor, ArrayBuilder, ArrayRef, BinaryViewArray, BinaryViewBuilder, Int32Array,
        Int64Array, ListArray, NullBufferBuilder, StringViewArray, StringViewBuilder,
    },
    buffer::OffsetBuffer,
    datatypes::{DataType, Int32Type, Int64Type},
};
use datafusion::{
    common::{Result as EngineResult, ScalarValue},
    logical_expr::ColumnarValue,
};

use crate::{
    Call, Fault, Type,
    columns::{all_scalar, bytes, primitive, text},
    types::item_field,
};

/// Longest text or binary value that a function may make of shorter ones.
pub(crate) const VALUE_BYTES_MAX: usize = 256 << 20;
/// Most bytes that one call may make for one batch.
const BATCH_BYTES_MAX: usize = 1 << 30;

/// Takes the value out of an option, or makes the row NULL.
macro_rules! given {
    ($value:expr) => {
        match $value {
            Some(value) => value,
            None => return Ok(None),
        }
    };
}
pub(crate) use given;

/// The arguments of one call on one batch.
#[derive(Clone, Copy)]
pub(crate) struct Arguments<'a> {
    pub(crate) call: &'a Call,
    given: &'a [ColumnarValue],
    /// Of the result: 1 if all arguments are scalars.
    pub(crate) rows: usize,
}

/// One argument: an array of one value per row, or of one value for all.
pub(crate) struct Each<A> {
    array: A,
    /// 0 for a value that all rows share.
    step: usize,
}

pub(crate) type Texts = Each<StringViewArray>;
pub(crate) type Bytes = Each<BinaryViewArray>;

impl<'a> Arguments<'a> {
    pub(crate) fn new(call: &'a Call, given: &'a [ColumnarValue], rows: usize) -> Self {
        let rows = if all_scalar(given) { 1 } else { rows };
        Self { call, given, rows }
    }

    pub(crate) fn len(&self) -> usize {
        self.given.len()
    }

    /// The type of argument `index`.
    pub(crate) fn type_of(&self, index: usize) -> Option<&'a Type> {
        self.call.arguments.get(index)
    }

    pub(crate) fn array(&self, index: usize) -> EngineResult<Each<ArrayRef>> {
        match self.given.get(index) {
            Some(ColumnarValue::Array(array)) if array.len() >= self.rows => {
                Ok(Each { array: Arc::clone(array), step: 1 })
            }
            Some(ColumnarValue::Scalar(scalar)) => Ok(Each { array: scalar.to_array_of_size(1)?, step: 0 }),
            Some(ColumnarValue::Array(_)) => Err(Fault::internal("an argument has too few rows").into()),
            None => Err(Fault::internal(format!("argument {index} is missing")).into()),
        }
    }

    /// Text, as it is carried.
    pub(crate) fn texts(&self, index: usize) -> EngineResult<Texts> {
        let each = self.array(index)?;
        Ok(Each { array: text(&each.array)?.clone(), step: each.step })
    }

    /// Text, with the trailing spaces of `char(n)`.
    pub(crate) fn padded_texts(&self, index: usize) -> EngineResult<Texts> {
        let each = self.texts(index)?;
        match self.type_of(index) {
            Some(Type::Char(length)) => Ok(Each { array: padded(&each.array, *length), step: each.step }),
            _ => Ok(each),
        }
    }

    pub(crate) fn bytes(&self, index: usize) -> EngineResult<Bytes> {
        let each = self.array(index)?;
        Ok(Each { array: bytes(&each.array)?.clone(), step: each.step })
    }

    pub(crate) fn bigints(&self, index: usize) -> EngineResult<Each<Int64Array>> {
        let each = self.array(index)?;
        Ok(Each { array: primitive::<Int64Type>(&each.array)?.clone(), step: each.step })
    }

    pub(crate) fn integers(&self, index: usize) -> EngineResult<Each<Int32Array>> {
        let each = self.array(index)?;
        Ok(Each { array: primitive::<Int32Type>(&each.array)?.clone(), step: each.step })
    }

    /// The result of the call: a scalar if all arguments are.
    pub(crate) fn finish(&self, result: ArrayRef) -> EngineResult<ColumnarValue> {
        match all_scalar(self.given) && !self.given.is_empty() {
            true => Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&result, 0)?)),
            false => Ok(ColumnarValue::Array(result)),
        }
    }
}

impl<A: Array> Each<A> {
    /// The value of a row; None is NULL.
    #[inline]
    pub(crate) fn get<'a>(&'a self, row: usize) -> Option<<&'a A as ArrayAccessor>::Item>
    where
        &'a A: ArrayAccessor,
    {
        let index = row * self.step;
        (!self.array.is_null(index)).then(|| (&self.array).value(index))
    }

    /// The value that all rows share; None if there is none, or it is NULL.
    pub(crate) fn constant<'a>(&'a self) -> Option<<&'a A as ArrayAccessor>::Item>
    where
        &'a A: ArrayAccessor,
    {
        if self.step == 0 && !self.array.is_empty() { self.get(0) } else { None }
    }

    /// The array, and the index in it of a row's value.
    pub(crate) fn at(&self, row: usize) -> (&A, usize) {
        (&self.array, row * self.step)
    }
}

fn padded(values: &StringViewArray, length: u32) -> StringViewArray {
    let mut buffer = String::new();
    let mut builder = StringViewBuilder::with_capacity(values.len());
    for value in values {
        match value {
            Some(value) => {
                buffer.clear();
                buffer.push_str(value);
                let missing = (length as usize).saturating_sub(count_characters(value));
                buffer.extend(std::iter::repeat_n(' ', missing));
                builder.append_value(&buffer);
            }
            None => builder.append_null(),
        }
    }
    builder.finish()
}

/// A part of an argument's text for each row; None is NULL.
pub(crate) fn text_parts<'a>(
    rows: usize,
    mut value: impl FnMut(usize) -> Result<Option<&'a str>, Fault>,
) -> EngineResult<ArrayRef> {
    let mut builder = StringViewBuilder::with_capacity(rows);
    for row in 0..rows {
        match value(row)? {
            Some(part) => builder.append_value(part),
            None => builder.append_null(),
        }
    }
    Ok(Arc::new(builder.finish()))
}

/// A part of an argument's bytes for each row; None is NULL.
pub(crate) fn byte_parts<'a>(
    rows: usize,
    mut value: impl FnMut(usize) -> Result<Option<&'a [u8]>, Fault>,
) -> EngineResult<ArrayRef> {
    let mut builder = BinaryViewBuilder::with_capacity(rows);
    for row in 0..rows {
        match value(row)? {
            Some(part) => builder.append_value(part),
            None => builder.append_null(),
        }
    }
    Ok(Arc::new(builder.finish()))
}

/// An array of texts for each row; None is NULL.
pub(crate) fn text_lists(
    rows: usize,
    mut value: impl FnMut(usize, &mut StringViewBuilder) -> Result<Option<()>, Fault>,
) -> EngineResult<ArrayRef> {
    let mut items = StringViewBuilder::new();
    let mut offsets = Offsets::new(rows);
    for row in 0..rows {
        let given = value(row, &mut items)?.is_some();
        offsets.end_row(items.len(), given)?;
    }
    let (offsets, mut nulls) = offsets.finish();
    let list = ListArray::try_new(
        item_field(DataType::Utf8View),
        offsets,
        Arc::new(items.finish()),
        nulls.finish(),
    )?;
    Ok(Arc::new(list))
}

/// Where each row of a nested result ends.
pub(crate) struct Offsets {
    ends: Vec<i32>,
    nulls: NullBufferBuilder,
}

impl Offsets {
    pub(crate) fn new(rows: usize) -> Self {
        let mut ends = Vec::with_capacity(rows + 1);
        ends.push(0);
        Self { ends, nulls: NullBufferBuilder::new(rows) }
    }

    pub(crate) fn end_row(&mut self, items: usize, given: bool) -> Result<(), Fault> {
        self.ends.push(i32::try_from(items).map_err(|_| too_large())?);
        self.nulls.append(given);
        Ok(())
    }

    pub(crate) fn finish(self) -> (OffsetBuffer<i32>, NullBufferBuilder) {
        (OffsetBuffer::new(self.ends.into()), self.nulls)
    }
}

/// What a call may still write for this batch. Asked by functions whose result can be much longer than their
/// arguments, before they write.
pub(crate) struct Budget {
    left_bytes: usize,
}

impl Budget {
    pub(crate) fn of_batch() -> Self {
        Self { left_bytes: BATCH_BYTES_MAX }
    }

    /// Takes the bytes of one value; None stands for more than can be counted.
    pub(crate) fn take(&mut self, bytes: Option<usize>) -> Result<(), Fault> {
        let bytes = bytes.filter(|bytes| *bytes <= VALUE_BYTES_MAX).ok_or_else(too_large)?;
        self.left_bytes = self.left_bytes.checked_sub(bytes).ok_or_else(too_large)?;
        Ok(())
    }
}

fn too_large() -> Fault {
    Fault::invalid_argument("Result of function is too large")
}

/// `text[from..to]`, empty where that is not within the text.
pub(crate) fn part(text: &str, from: usize, to: usize) -> &str {
    text.get(from..to).unwrap_or_default()
}

/// As `text.chars().count()`, and faster for ASCII.
#[inline]
pub(crate) fn count_characters(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().count() }
}

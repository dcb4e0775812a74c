//! Columns of any type that grow by JSON values.

use std::{borrow::Cow, sync::Arc};

use arrow::{
    array::{
        ArrayRef, BooleanBuilder, Decimal128Builder, Float32Builder, Float64Builder, Int8Builder,
        Int16Builder, Int32Builder, Int64Builder, ListArray, MapArray, StringViewBuilder, StructArray,
    },
    buffer::{NullBuffer, OffsetBuffer, ScalarBuffer},
    datatypes::DataType,
};
use datafusion::common::Result as EngineResult;

use super::{
    scalar::{self, BIGINT, Failure, INTEGER, SMALLINT, TINYINT},
    tokens::{Token, Tokens},
    write::{Members, canonical_rest},
};
use crate::{Fault, RowField, Type, types};

/// A column being built.
pub(super) enum Column {
    Boolean(BooleanBuilder),
    TinyInt(Int8Builder),
    SmallInt(Int16Builder),
    Integer(Int32Builder),
    BigInt(Int64Builder),
    Real(Float32Builder),
    Double(Float64Builder),
    Decimal(Decimal128Builder, u8, u8),
    /// With the largest number of characters.
    Text(StringViewBuilder, Option<u32>),
    Json(StringViewBuilder),
    Array(Box<Column>, Lists, Type),
    Map(Box<Column>, Box<Column>, Lists, Type, Type),
    Row(Rows),
}

/// Where lists end.
#[derive(Debug)]
pub(super) struct Lists {
    ends: Vec<i32>,
    valid: Vec<bool>,
}

pub(super) struct Rows {
    fields: Vec<RowField>,
    /// In lower case.
    names: Vec<Option<String>>,
    columns: Vec<Column>,
    valid: Vec<bool>,
}

impl Lists {
    fn new(rows: usize) -> Self {
        let mut ends = Vec::with_capacity(rows + 1);
        ends.push(0);
        Self { ends, valid: Vec::with_capacity(rows) }
    }

    fn push(&mut self, items: usize, valid: bool) -> Result<(), Failure> {
        let end = self.ends.last().copied().unwrap_or_default();
        let items = i32::try_from(items).map_err(|_| Failure::Other)?;
        self.ends.push(end.checked_add(items).ok_or(Failure::Other)?);
        self.valid.push(valid);
        Ok(())
    }

    fn finish(self) -> (OffsetBuffer<i32>, Option<NullBuffer>) {
        (OffsetBuffer::new(ScalarBuffer::from(self.ends)), Some(NullBuffer::from(self.valid)))
    }
}

impl Column {
    pub(super) fn new(of: &Type, rows: usize) -> EngineResult<Self> {
        Ok(match of {
            Type::Boolean => Column::Boolean(BooleanBuilder::with_capacity(rows)),
            Type::TinyInt => Column::TinyInt(Int8Builder::with_capacity(rows)),
            Type::SmallInt => Column::SmallInt(Int16Builder::with_capacity(rows)),
            Type::Integer => Column::Integer(Int32Builder::with_capacity(rows)),
            Type::BigInt => Column::BigInt(Int64Builder::with_capacity(rows)),
            Type::Real => Column::Real(Float32Builder::with_capacity(rows)),
            Type::Double => Column::Double(Float64Builder::with_capacity(rows)),
            Type::Decimal(precision, scale) => {
                let builder = Decimal128Builder::with_capacity(rows).with_data_type(of.arrow());
                Column::Decimal(builder, *precision, *scale)
            }
            Type::Varchar(limit) => Column::Text(StringViewBuilder::with_capacity(rows), *limit),
            Type::Json => Column::Json(StringViewBuilder::with_capacity(rows)),
            Type::Array(item) => {
                Column::Array(Box::new(Column::new(item, rows)?), Lists::new(rows), (**item).clone())
            }
            Type::Map(key, value) => Column::Map(
                Box::new(Column::new(key, rows)?),
                Box::new(Column::new(value, rows)?),
                Lists::new(rows),
                (**key).clone(),
                (**value).clone(),
            ),
            Type::Row(fields) => Column::Row(Rows {
                fields: fields.clone(),
                names: fields.iter().map(|field| Some(field.name.as_ref()?.to_lowercase())).collect(),
                columns: fields
                    .iter()
                    .map(|field| Column::new(&field.field_type, rows))
                    .collect::<EngineResult<_>>()?,
                valid: Vec::with_capacity(rows),
            }),
            other => return Err(Fault::type_mismatch(format!("Cannot cast json to {other}")).into()),
        })
    }

    pub(super) fn append_null(&mut self) {
        match self {
            Column::Boolean(builder) => builder.append_null(),
            Column::TinyInt(builder) => builder.append_null(),
            Column::SmallInt(builder) => builder.append_null(),
            Column::Integer(builder) => builder.append_null(),
            Column::BigInt(builder) => builder.append_null(),
            Column::Real(builder) => builder.append_null(),
            Column::Double(builder) => builder.append_null(),
            Column::Decimal(builder, ..) => builder.append_null(),
            Column::Text(builder, _) | Column::Json(builder) => builder.append_null(),
            Column::Array(_, lists, _) | Column::Map(_, _, lists, ..) => {
                // Adds nothing to the end, so it cannot overflow.
                let _ = lists.push(0, false);
            }
            Column::Row(rows) => {
                rows.columns.iter_mut().for_each(Column::append_null);
                rows.valid.push(false);
            }
        }
    }

    /// Appends the value that begins with `token`, and takes the rest of it.
    pub(super) fn append<'a>(&mut self, token: Token<'a>, tokens: &mut Tokens<'a>) -> Result<(), Failure> {
        if let Column::Json(builder) = self {
            return append_json(builder, token, tokens);
        }
        if matches!(token, Token::Null) {
            self.append_null();
            return Ok(());
        }
        match self {
            Column::Boolean(builder) => builder.append_value(scalar::boolean(token)?),
            Column::TinyInt(builder) => builder.append_value(narrow(TINYINT.from(token)?)?),
            Column::SmallInt(builder) => builder.append_value(narrow(SMALLINT.from(token)?)?),
            Column::Integer(builder) => builder.append_value(narrow(INTEGER.from(token)?)?),
            Column::BigInt(builder) => builder.append_value(BIGINT.from(token)?),
            Column::Real(builder) => builder.append_value(scalar::real(token)?),
            Column::Double(builder) => builder.append_value(scalar::double(token)?),
            Column::Decimal(builder, precision, scale) => {
                builder.append_value(scalar::decimal(token, *precision, *scale)?);
            }
            Column::Text(builder, limit) => append_text(builder, *limit, token)?,
            Column::Json(_) => {}
            Column::Array(items, lists, _) => append_array(items, lists, token, tokens)?,
            Column::Map(keys, values, lists, ..) => append_map(keys, values, lists, token, tokens)?,
            Column::Row(rows) => append_row(rows, token, tokens)?,
        }
        Ok(())
    }

    pub(super) fn finish(self) -> EngineResult<ArrayRef> {
        Ok(match self {
            Column::Boolean(mut builder) => Arc::new(builder.finish()),
            Column::TinyInt(mut builder) => Arc::new(builder.finish()),
            Column::SmallInt(mut builder) => Arc::new(builder.finish()),
            Column::Integer(mut builder) => Arc::new(builder.finish()),
            Column::BigInt(mut builder) => Arc::new(builder.finish()),
            Column::Real(mut builder) => Arc::new(builder.finish()),
            Column::Double(mut builder) => Arc::new(builder.finish()),
            Column::Decimal(mut builder, ..) => Arc::new(builder.finish()),
            Column::Text(mut builder, _) | Column::Json(mut builder) => Arc::new(builder.finish()),
            Column::Array(items, lists, item) => {
                let (offsets, nulls) = lists.finish();
                let field = types::item_field(item.arrow());
                Arc::new(ListArray::try_new(field, offsets, items.finish()?, nulls)?)
            }
            Column::Map(keys, values, lists, key, value) => {
                let (offsets, nulls) = lists.finish();
                let field = types::entries_field(&key, &value);
                let DataType::Struct(fields) = field.data_type().clone() else {
                    return Err(Fault::internal("entries of a map are a struct").into());
                };
                let entries = StructArray::try_new(fields, vec![keys.finish()?, values.finish()?], None)?;
                Arc::new(MapArray::try_new(field, offsets, entries, nulls, false)?)
            }
            Column::Row(rows) => {
                let length = rows.valid.len();
                let columns: Vec<ArrayRef> =
                    rows.columns.into_iter().map(Column::finish).collect::<EngineResult<_>>()?;
                let fields = types::row_fields(&rows.fields);
                let nulls = Some(NullBuffer::from(rows.valid));
                Arc::new(StructArray::try_new_with_length(fields, columns, nulls, length)?)
            }
        })
    }
}

fn narrow<T: TryFrom<i64>>(value: i64) -> Result<T, Failure> {
    T::try_from(value).map_err(|_| Failure::Other)
}

/// A JSON null stays one. Members keep their order here, and of equal names the last value counts.
fn append_json<'a>(
    builder: &mut StringViewBuilder,
    token: Token<'a>,
    tokens: &mut Tokens<'a>,
) -> Result<(), Failure> {
    let mut json = String::new();
    canonical_rest(tokens, token, Members::InOrder, &mut json).map_err(|_| Failure::Other)?;
    builder.append_value(json);
    Ok(())
}

fn append_text(builder: &mut StringViewBuilder, limit: Option<u32>, token: Token<'_>) -> Result<(), Failure> {
    if let (Token::Text(text) | Token::Key(text), None) = (token, limit)
        && let Some(plain) = text.plain()
    {
        builder.append_value(plain);
        return Ok(());
    }
    let mut text = String::new();
    scalar::text(token, &mut text)?;
    if limit.is_some_and(|limit| text.chars().count() > limit as usize) {
        return Err(Failure::Other);
    }
    builder.append_value(text);
    Ok(())
}

fn append_array<'a>(
    items: &mut Column,
    lists: &mut Lists,
    token: Token<'a>,
    tokens: &mut Tokens<'a>,
) -> Result<(), Failure> {
    if !matches!(token, Token::ArrayStart) {
        return Err(Failure::Shape(format!("Expected a json array, but got {}", token.shown())));
    }
    let mut length = 0;
    loop {
        match tokens.need()? {
            Token::ArrayEnd => return lists.push(length, true),
            item => items.append(item, tokens)?,
        }
        length += 1;
    }
}

fn append_map<'a>(
    keys: &mut Column,
    values: &mut Column,
    lists: &mut Lists,
    token: Token<'a>,
    tokens: &mut Tokens<'a>,
) -> Result<(), Failure> {
    if !matches!(token, Token::ObjectStart) {
        return Err(Failure::Shape(format!("Expected a json object, but got {}", token.shown())));
    }
    let mut names = KeysSeen::default();
    let mut length = 0;
    loop {
        match tokens.need()? {
            Token::ObjectEnd => return lists.push(length, true),
            key => {
                names.add(keys, key)?;
                keys.append(key, tokens)?;
                let value = tokens.need()?;
                values.append(value, tokens)?;
            }
        }
        length += 1;
    }
}

/// Keys of one map, to find one that comes twice: as values, for `1` and `1.0` are the same number.
#[derive(Debug, Default)]
struct KeysSeen(std::collections::HashSet<String>);

impl KeysSeen {
    fn add(&mut self, keys: &Column, key: Token<'_>) -> Result<(), Failure> {
        let text = match keys {
            Column::Boolean(_) => scalar::boolean(key)?.to_string(),
            Column::TinyInt(_) | Column::SmallInt(_) | Column::Integer(_) | Column::BigInt(_) => {
                BIGINT.from(key).map_or_else(|_| String::new(), |value| value.to_string())
            }
            Column::Real(_) => (scalar::real(key)? + 0.0).to_string(),
            Column::Double(_) => (scalar::double(key)? + 0.0).to_string(),
            Column::Decimal(_, precision, scale) => scalar::decimal(key, *precision, *scale)?.to_string(),
            _ => key.shown(),
        };
        match self.0.insert(text) {
            true => Ok(()),
            false => Err(Failure::Shape("Duplicate keys are not allowed".to_owned())),
        }
    }
}

fn append_row<'a>(rows: &mut Rows, token: Token<'a>, tokens: &mut Tokens<'a>) -> Result<(), Failure> {
    match token {
        Token::ArrayStart => append_row_by_position(rows, tokens)?,
        Token::ObjectStart => append_row_by_name(rows, tokens)?,
        other => {
            return Err(Failure::Shape(format!(
                "Expected a json array or object, but got {}",
                other.shown()
            )));
        }
    }
    rows.valid.push(true);
    Ok(())
}

fn append_row_by_position<'a>(rows: &mut Rows, tokens: &mut Tokens<'a>) -> Result<(), Failure> {
    for column in &mut rows.columns {
        let item = tokens.need()?;
        if matches!((&item, &column), (Token::ArrayEnd, Column::Json(_))) {
            return Err(Failure::Other);
        }
        column.append(item, tokens)?;
    }
    match tokens.need()? {
        Token::ArrayEnd => Ok(()),
        other => Err(Failure::Shape(format!("Expected json array ending, but got {}", other.shown()))),
    }
}

fn append_row_by_name<'a>(rows: &mut Rows, tokens: &mut Tokens<'a>) -> Result<(), Failure> {
    if rows.fields.first().is_none_or(|field| field.name.is_none()) {
        let message = "Cannot cast a JSON object to anonymous row type. Input must be a JSON array.";
        return Err(Failure::Shape(message.to_owned()));
    }
    let mut written = vec![false; rows.columns.len()];
    loop {
        let key = match tokens.need()? {
            Token::Key(key) => key.decode(),
            _ => break,
        };
        let name = match key.chars().any(char::is_uppercase) {
            true => Cow::Owned(key.to_lowercase()),
            false => key,
        };
        let value = tokens.need()?;
        // Of fields with equal names Trino knows the last.
        let index = rows.names.iter().rposition(|known| known.as_deref() == Some(&*name));
        match index.and_then(|index| Some((rows.columns.get_mut(index)?, written.get_mut(index)?))) {
            None => tokens.skip_rest(value)?,
            Some((_, true)) => return Err(Failure::Shape(format!("Duplicate field: {name}"))),
            Some((column, is_written)) => {
                *is_written = true;
                column.append(value, tokens)?;
            }
        }
    }
    for (column, _) in rows.columns.iter_mut().zip(&written).filter(|(_, is_written)| !**is_written) {
        column.append_null();
    }
    Ok(())
}

//! One column of a table, or what is inside it: fields of structs, `$elem$` of arrays, `$key$` and
//! `$value$` of maps.

use catalog::{HiveType, StructField, Table};
use protocol::{Error, ErrorCode, Result};

use super::{Row, padded};

/// What Hive says where there is no comment: that it asked the deserializer, not the catalog.
const NO_COMMENT: &str = "from deserializer";

/// A struct has a row per field, everything else one. `path` is not empty.
pub(super) fn rows(table: &Table, path: &[String]) -> Result<Vec<Row>> {
    let Some((name, inside)) = path.split_first() else { return Ok(Vec::new()) };
    let columns = || table.columns.iter().chain(&table.partition_keys);
    let Some(column) = columns().find(|column| column.name.eq_ignore_ascii_case(name)) else {
        let names = columns().map(|column| column.name.as_str());
        return Err(not_found(
            &format!("no column \"{name}\" in table \"{}\"", table.full_name()),
            name,
            names,
        ));
    };
    let mut hive_type = column.parsed_type()?;
    let mut comment = column.comment.clone();
    for step in inside {
        (hive_type, comment) = descend(&hive_type, step)?;
    }
    let last = path.last().unwrap_or(name);
    Ok(match hive_type {
        HiveType::Struct(fields) => {
            fields.iter().map(|field| row(&field.name, &field.hive_type, field.comment.as_deref())).collect()
        }
        other => vec![row(last, &other, comment.as_deref())],
    })
}

fn row(name: &str, hive_type: &HiveType, comment: Option<&str>) -> Row {
    [name, &hive_type.to_string(), comment.unwrap_or(NO_COMMENT)].map(padded)
}

/// The type one step inside, with its comment.
fn descend(hive_type: &HiveType, step: &str) -> Result<(HiveType, Option<String>)> {
    let inside = |inside: &HiveType| Ok((inside.clone(), None));
    match (hive_type, step) {
        (HiveType::Array(item), "$elem$") => inside(item),
        (HiveType::Map(key, _), "$key$") => inside(key),
        (HiveType::Map(_, value), "$value$") => inside(value),
        (HiveType::Struct(fields), _) => {
            let is = |field: &&StructField| field.name.eq_ignore_ascii_case(step);
            match fields.iter().find(is) {
                Some(field) => Ok((field.hive_type.clone(), field.comment.clone())),
                None => {
                    let names = fields.iter().map(|field| field.name.as_str());
                    Err(not_found(&format!("no field \"{step}\" in {hive_type}"), step, names))
                }
            }
        }
        (HiveType::Array(_), _) => Err(not_found(&format!("no {step} in {hive_type}"), step, ["$elem$"])),
        (HiveType::Map(..), _) => {
            Err(not_found(&format!("no {step} in {hive_type}"), step, ["$key$", "$value$"]))
        }
        _ => Err(Error::new(ErrorCode::ColumnNotFound, format!("nothing is inside {hive_type}"))),
    }
}

fn not_found<'a>(message: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> Error {
    let known: Vec<&str> = known.into_iter().collect();
    let error = Error::new(ErrorCode::ColumnNotFound, message);
    match sql::nearest(name, known.iter().copied()) {
        Some(near) => error.with_hint(format!("did you mean \"{near}\"?")),
        None => error.with_hint(format!("there is {}", known.join(", "))),
    }
}

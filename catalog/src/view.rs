//! Views as Trino and Athena keep them: a table of type `VIRTUAL_VIEW` whose original text is
//! `/* Presto View: <base64 of JSON> */`. What we write they can read, and the other way round.

mod hive_column;

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
pub use hive_column::hive_type_of_trino;
use protocol::{Error, ErrorCode, Result};
use serde::{Deserialize, Serialize};

use crate::{Column, Parameters, Table, VIRTUAL_VIEW};

const PREFIX: &str = "/* Presto View: ";
const SUFFIX: &str = " */";

/// What stands where Hive would keep the text with all names resolved.
const EXPANDED_TEXT: &str = "/* Presto View */";

/// Longest original text, in bytes. Glue's limit.
const ORIGINAL_TEXT_BYTES_MAX: usize = 409_600;

/// What a view stands for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ViewDefinition {
    /// The query, as its author wrote it.
    pub original_sql: String,
    /// The catalog of names in the query that have none.
    pub catalog: Option<String>,
    /// The database of names in the query that have none.
    pub schema: Option<String>,
    /// Name and Trino type of each column, in order.
    pub columns: Vec<(String, String)>,
    pub comment: Option<String>,
    pub owner: Option<String>,
    /// Whether it reads with the rights of whoever asks, and not with its owner's.
    pub run_as_invoker: bool,
}

/// The JSON of Trino. Fields that we do not know are passed over.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Json {
    original_sql: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    catalog: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    schema: Option<String>,
    columns: Vec<JsonColumn>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    #[serde(default)]
    run_as_invoker: bool,
}

#[derive(Serialize, Deserialize)]
struct JsonColumn {
    name: String,
    #[serde(rename = "type")]
    trino_type: String,
}

impl ViewDefinition {
    /// What `table` stands for; `None` if it is no view. `NotSupported` for a view of Hive's own, whose
    /// query is in another language.
    pub fn of(table: &Table) -> Result<Option<Self>> {
        if !table.is_view() {
            return Ok(None);
        }
        let text = table.view_original_text.as_deref().unwrap_or_default();
        let in_view = |mut error: Error| {
            error.message = format!("view \"{}\": {}", table.full_name(), error.message);
            error
        };
        Self::decode(text).map(Some).map_err(in_view)
    }

    /// Reads the original text of a view.
    pub fn decode(text: &str) -> Result<Self> {
        let text = text.trim();
        let Some(encoded) = text.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(SUFFIX)) else {
            let message = "it was not made by Athena or Trino";
            return Err(Error::new(ErrorCode::NotSupported, message)
                .with_hint("drop it, and make it again with CREATE VIEW"));
        };
        let bytes = BASE64.decode(encoded.trim()).map_err(|error| damaged(&error))?;
        let json: Json = serde_json::from_slice(&bytes).map_err(|error| damaged(&error))?;
        Ok(Self {
            original_sql: json.original_sql,
            catalog: json.catalog,
            schema: json.schema,
            columns: json.columns.into_iter().map(|column| (column.name, column.trino_type)).collect(),
            comment: json.comment,
            owner: json.owner,
            run_as_invoker: json.run_as_invoker,
        })
    }

    /// The original text that [`Self::decode`] reads. Fails if it gets longer than Glue allows.
    pub fn encode(&self) -> Result<String> {
        let columns = self.columns.iter().cloned();
        let json = Json {
            original_sql: self.original_sql.clone(),
            catalog: self.catalog.clone(),
            schema: self.schema.clone(),
            columns: columns.map(|(name, trino_type)| JsonColumn { name, trino_type }).collect(),
            comment: self.comment.clone(),
            owner: self.owner.clone(),
            run_as_invoker: self.run_as_invoker,
        };
        let bytes = serde_json::to_vec(&json)
            .map_err(|error| Error::internal(format!("a view cannot be written as JSON: {error}")))?;
        let text = format!("{PREFIX}{}{SUFFIX}", BASE64.encode(bytes));
        if text.len() > ORIGINAL_TEXT_BYTES_MAX {
            let message = format!(
                "the view's definition has {} bytes, the limit is {ORIGINAL_TEXT_BYTES_MAX}",
                text.len()
            );
            return Err(Error::new(ErrorCode::InvalidTable, message));
        }
        Ok(text)
    }

    /// The table that keeps the view. Its columns have Hive's types, for readers that look no further.
    pub fn to_table(&self, database: &str, name: &str) -> Result<Table> {
        let column =
            |(name, trino_type): &(String, String)| Column::new(name.clone(), hive_type_of_trino(trino_type));
        Ok(Table {
            database: database.to_owned(),
            name: name.to_owned(),
            table_type: VIRTUAL_VIEW.to_owned(),
            columns: self.columns.iter().map(column).collect(),
            parameters: Parameters::from_iter([("comment", "Presto View"), ("presto_view", "true")]),
            owner: self.owner.clone(),
            view_original_text: Some(self.encode()?),
            view_expanded_text: Some(EXPANDED_TEXT.to_owned()),
            ..Table::default()
        })
    }
}

fn damaged(error: &dyn std::fmt::Display) -> Error {
    Error::new(ErrorCode::CatalogFailed, format!("its definition is damaged: {error}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn definition() -> ViewDefinition {
        ViewDefinition {
            original_sql: "SELECT 'ü' AS a,\n  1 AS b".to_owned(),
            catalog: Some("awsdatacatalog".to_owned()),
            schema: Some("default".to_owned()),
            columns: vec![("a".to_owned(), "varchar(1)".to_owned()), ("b".to_owned(), "integer".to_owned())],
            ..ViewDefinition::default()
        }
    }

    #[test]
    fn definitions_survive_their_text() {
        let full = ViewDefinition {
            comment: Some("c */".to_owned()),
            owner: Some("o".to_owned()),
            run_as_invoker: true,
            ..definition()
        };
        for view in [definition(), full] {
            let text = view.encode().unwrap();
            assert!(text.starts_with("/* Presto View: ") && text.ends_with("= */") || text.ends_with(" */"));
            assert_eq!(ViewDefinition::decode(&text).unwrap(), view);
            let table = view.to_table("d", "v").unwrap();
            assert_eq!(ViewDefinition::of(&table).unwrap(), Some(view));
            assert_eq!(table.columns[0].hive_type, "varchar(1)");
            assert_eq!(table.columns[1].hive_type, "int");
            assert_eq!(table.parameters.get("presto_view"), Some("true"));
        }
        assert_eq!(ViewDefinition::of(&Table::default()).unwrap(), None);
    }

    #[test]
    fn the_json_is_trinos() {
        let text = definition().encode().unwrap();
        let encoded = text.strip_prefix(PREFIX).unwrap().strip_suffix(SUFFIX).unwrap();
        let json = String::from_utf8(BASE64.decode(encoded).unwrap()).unwrap();
        assert_eq!(
            json,
            r#"{"originalSql":"SELECT 'ü' AS a,\n  1 AS b","catalog":"awsdatacatalog","schema":"default","columns":[{"name":"a","type":"varchar(1)"},{"name":"b","type":"integer"}],"runAsInvoker":false}"#
        );
        // As others write it: other order, other fields, nulls.
        let foreign = r#"{"owner":null,"columns":[{"type":"bigint","name":"x","comment":null}],
            "originalSql":"SELECT 1 x","path":[],"runAsInvoker":true}"#;
        let text = format!("{PREFIX}{}{SUFFIX}\n", BASE64.encode(foreign));
        let read = ViewDefinition::decode(&text).unwrap();
        assert_eq!(
            (read.original_sql.as_str(), read.schema, read.run_as_invoker),
            ("SELECT 1 x", None, true)
        );
        assert_eq!(read.columns, [("x".to_owned(), "bigint".to_owned())]);
    }

    #[test]
    fn other_texts_are_refused() {
        for (text, code) in [
            ("", ErrorCode::NotSupported),
            ("SELECT 1", ErrorCode::NotSupported),
            ("/* Presto View */", ErrorCode::NotSupported),
            ("/* Presto View: !!! */", ErrorCode::CatalogFailed),
            ("/* Presto View: e30= */", ErrorCode::CatalogFailed),
        ] {
            assert_eq!(ViewDefinition::decode(text).unwrap_err().code, code, "{text}");
        }
        let long = ViewDefinition { original_sql: "x".repeat(ORIGINAL_TEXT_BYTES_MAX), ..definition() };
        assert_eq!(long.encode().unwrap_err().code, ErrorCode::InvalidTable);
        let hive = Table {
            table_type: VIRTUAL_VIEW.to_owned(),
            view_original_text: Some("select 1".to_owned()),
            ..Table::default()
        };
        assert_eq!(ViewDefinition::of(&hive).unwrap_err().code, ErrorCode::NotSupported);
    }
}

//! `SHOW CREATE TABLE`: a table's definition as the statement that makes it, laid out as Athena does.
//!
//! String literals use Hive's escapes (`\'`, `\\`, `\t`, `\u0001`), identifiers backticks; the table's
//! name is one identifier, `` `database.table` ``. Lines end in blanks where Hive's do.

use std::fmt::Write;

use crate::{Column, Parameters, SortColumn, StorageDescriptor, Table, serde_library};

/// Properties that Hive keeps beside the clauses that say the same.
const SAID_ELSEWHERE: [&str; 2] = ["EXTERNAL", "comment"];

const FIELD_DELIMITER: &str = "field.delim";

/// What `ROW FORMAT DELIMITED` says of the parameters of LazySimpleSerDe, in Hive's order.
const DELIMITERS: [(&str, &str); 6] = [
    ("FIELDS TERMINATED BY", FIELD_DELIMITER),
    ("ESCAPED BY", "escape.delim"),
    // Hive's own misspelling.
    ("COLLECTION ITEMS TERMINATED BY", "colelction.delim"),
    ("MAP KEYS TERMINATED BY", "mapkey.delim"),
    ("LINES TERMINATED BY", "line.delim"),
    ("NULL DEFINED AS", "serialization.null.format"),
];

/// The statement that creates `table`.
pub fn create_table_text(table: &Table) -> String {
    let mut text = format!("CREATE EXTERNAL TABLE {}(\n", quoted_name(&table.full_name()));
    text.push_str(&column_list(&table.columns));
    text.push(')');
    if let Some(comment) = table.description.as_deref().or_else(|| table.parameters.get("comment")) {
        text.push_str(&format!("\nCOMMENT {}", literal(comment)));
    }
    if !table.partition_keys.is_empty() {
        clause(&mut text, "PARTITIONED BY ( ", &format!("{})", column_list(&table.partition_keys)));
    }
    write_buckets(&mut text, table);
    write_storage(&mut text, table);
    let properties = table.parameters.iter().filter(|(key, _)| !SAID_ELSEWHERE.contains(key)).collect();
    write_properties(&mut text, "TBLPROPERTIES (", &properties, ")");
    text
}

fn clause(text: &mut String, keyword: &str, body: &str) {
    // Bodies bring their own indentation where they have several lines.
    let indent = if body.starts_with(' ') { "" } else { "  " };
    text.push_str(&format!("\n{keyword}\n{indent}{body}"));
}

fn column_list(columns: &[Column]) -> String {
    let lines: Vec<String> = columns.iter().map(|column| format!("  {}", column_line(column))).collect();
    lines.join(", \n")
}

fn column_line(column: &Column) -> String {
    // A type that does not parse came from another metastore: it is shown as it stands.
    let hive_type = match column.parsed_type() {
        Ok(parsed) => parsed.to_string(),
        Err(_) => column.hive_type.clone(),
    };
    let mut line = format!("{} {hive_type}", quoted_name(&column.name));
    if let Some(comment) = &column.comment {
        line.push_str(&format!(" COMMENT {}", literal(comment)));
    }
    line
}

fn write_buckets(text: &mut String, table: &Table) {
    let storage = &table.storage;
    if storage.bucket_columns.is_empty() || storage.num_buckets <= 0 {
        return;
    }
    let columns: Vec<String> =
        storage.bucket_columns.iter().map(|name| format!("  {}", quoted_name(name))).collect();
    clause(text, "CLUSTERED BY (", &format!("{})", columns.join(",\n")));
    if !storage.sort_columns.is_empty() {
        let columns: Vec<String> = storage.sort_columns.iter().map(sort_line).collect();
        clause(text, "SORTED BY (", &format!("{})", columns.join(",\n")));
    }
    text.push_str(&format!("\nINTO {} BUCKETS", storage.num_buckets));
}

fn sort_line(sort: &SortColumn) -> String {
    let direction = if sort.ascending { "ASC" } else { "DESC" };
    format!("  {} {direction}", quoted_name(&sort.column))
}

fn write_storage(text: &mut String, table: &Table) {
    let storage = &table.storage;
    if is_delimited(storage) {
        text.push_str("\nROW FORMAT DELIMITED ");
        for (phrase, key) in DELIMITERS {
            if let Some(value) = storage.serde_parameters.get(key) {
                text.push_str(&format!("\n  {phrase} {} ", literal(value)));
            }
        }
    } else if !storage.serde_library.is_empty() {
        clause(text, "ROW FORMAT SERDE ", &format!("{} ", literal(&storage.serde_library)));
        write_properties(text, "WITH SERDEPROPERTIES ( ", &storage.serde_parameters, ") ");
    }
    if !storage.input_format.is_empty() && !storage.output_format.is_empty() {
        clause(text, "STORED AS INPUTFORMAT ", &format!("{} ", literal(&storage.input_format)));
        clause(text, "OUTPUTFORMAT ", &literal(&storage.output_format));
    }
    if !storage.location.is_empty() {
        clause(text, "LOCATION", &literal(&storage.location));
    }
}

/// True if `ROW FORMAT DELIMITED` says all there is to say.
fn is_delimited(storage: &StorageDescriptor) -> bool {
    let parameters = &storage.serde_parameters;
    let field = parameters.get(FIELD_DELIMITER);
    let is_said = |key: &str, value: &str| match key {
        // Hive writes the field delimiter twice.
        "serialization.format" => field == Some(value),
        key => DELIMITERS.iter().any(|(_, delimiter)| *delimiter == key),
    };
    storage.serde_library == serde_library::LAZY_SIMPLE
        && field.is_some()
        && parameters.iter().all(|(key, value)| is_said(key, value))
}

fn write_properties(text: &mut String, keyword: &str, properties: &Parameters, end: &str) {
    if properties.is_empty() {
        return;
    }
    let lines: Vec<String> =
        properties.iter().map(|(key, value)| format!("  {}={}", literal(key), literal(value))).collect();
    clause(text, keyword, &format!("{}{end}", lines.join(", \n")));
}

fn quoted_name(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

fn literal(value: &str) -> String {
    let mut text = String::with_capacity(value.len() + 2);
    text.push('\'');
    for c in value.chars() {
        match c {
            '\'' => text.push_str("\\'"),
            '\\' => text.push_str("\\\\"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            // Writing to a string does not fail.
            c if c.is_ascii_control() => drop(write!(text, "\\u{:04X}", u32::from(c))),
            c => text.push(c),
        }
    }
    text.push('\'');
    text
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::StorageFormat;

    fn storage(format: StorageFormat, serde_parameters: &[(&str, &str)]) -> StorageDescriptor {
        StorageDescriptor {
            location: "s3://bucket/path/".into(),
            input_format: format.input_format.into(),
            output_format: format.output_format.into(),
            serde_library: format.serde_library.into(),
            serde_parameters: serde_parameters.iter().copied().collect(),
            ..Default::default()
        }
    }

    #[test]
    fn every_clause_has_its_place() {
        let table = Table {
            database: "db".into(),
            name: "t".into(),
            description: Some("it's".into()),
            columns: vec![
                Column { comment: Some("the id".into()), ..Column::new("id", "BIGINT") },
                Column::new("odd name", "struct<a:int,`b c`:array<string>>"),
            ],
            partition_keys: vec![Column::new("dt", "string"), Column::new("n", "integer")],
            storage: StorageDescriptor {
                bucket_columns: vec!["id".into()],
                num_buckets: 4,
                sort_columns: vec![SortColumn { column: "id".into(), ascending: false }],
                ..storage(
                    StorageFormat::textfile(),
                    &[("field.delim", "\u{1}"), ("serialization.null.format", "\\N")],
                )
            },
            parameters: [("EXTERNAL", "TRUE"), ("skip.header.line.count", "1"), ("a", "tab\t")]
                .into_iter()
                .collect(),
            ..Default::default()
        };
        // A vertical bar for each blank at the end of a line.
        let expected = r"CREATE EXTERNAL TABLE `db.t`(
  `id` bigint COMMENT 'the id',|
  `odd name` struct<a:int,`b c`:array<string>>)
COMMENT 'it\'s'
PARTITIONED BY (|
  `dt` string,|
  `n` int)
CLUSTERED BY (
  `id`)
SORTED BY (
  `id` DESC)
INTO 4 BUCKETS
ROW FORMAT DELIMITED|
  FIELDS TERMINATED BY '\u0001'|
  NULL DEFINED AS '\\N'|
STORED AS INPUTFORMAT|
  'org.apache.hadoop.mapred.TextInputFormat'|
OUTPUTFORMAT|
  'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION
  's3://bucket/path/'
TBLPROPERTIES (
  'skip.header.line.count'='1',|
  'a'='tab\t')"
            .replace('|', " ");
        assert_eq!(create_table_text(&table), expected);
        let parameters = [("comment", "it's"), ("skip.header.line.count", "1"), ("a", "tab\t")];
        let other = Table { description: None, parameters: parameters.into_iter().collect(), ..table };
        assert_eq!(create_table_text(&other), expected);
    }

    #[test]
    fn absent_clauses_are_left_out() {
        let table = Table {
            database: "db".into(),
            name: "t".into(),
            columns: vec![Column::new("a", "strange")],
            storage: storage(StorageFormat::parquet(), &[]),
            ..Default::default()
        };
        let text = create_table_text(&table);
        assert!(
            text.starts_with("CREATE EXTERNAL TABLE `db.t`(\n  `a` strange)\nROW FORMAT SERDE \n"),
            "{text}"
        );
        assert!(text.ends_with("LOCATION\n  's3://bucket/path/'"), "{text}");
        let csv = Table { storage: storage(StorageFormat::textfile(), &[]), ..table.clone() };
        let csv = |parameters: &[(&str, &str)]| {
            let mut table = csv.clone();
            table.storage.serde_parameters = parameters.iter().copied().collect();
            create_table_text(&table)
        };
        let delimited = csv(&[("field.delim", ","), ("serialization.format", ",")]);
        assert!(
            delimited.contains("ROW FORMAT DELIMITED \n  FIELDS TERMINATED BY ',' \nSTORED"),
            "{delimited}"
        );
        let other = csv(&[("field.delim", ","), ("serialization.format", "1")]);
        assert!(
            other.contains(
                "LazySimpleSerDe' \nWITH SERDEPROPERTIES ( \n  'field.delim'=',', \n  'serialization.format'='1') \n"
            ),
            "{other}"
        );
        for absent in ["COMMENT", "PARTITIONED", "CLUSTERED", "SERDEPROPERTIES", "TBLPROPERTIES"] {
            assert!(!text.contains(absent), "{absent}");
        }
    }
}

//! `ROW FORMAT` and `STORED AS`.

use protocol::Result;

use super::super::cursor::Cursor;
use crate::{Delimited, FileFormat, RowFormat, StoredAs};

pub(in crate::parse) fn row_format(cursor: &mut Cursor<'_>) -> Result<RowFormat> {
    if cursor.accept("SERDE") {
        return Ok(RowFormat::Serde {
            library: cursor.string("a SerDe class in quotes")?,
            properties: Vec::new(),
        });
    }
    if !cursor.accept("DELIMITED") {
        return Err(cursor.mismatch("'SERDE' or 'DELIMITED'"));
    }
    let mut delimited = Delimited::default();
    loop {
        let start = cursor.peek();
        let (part, phrase) = if cursor.accept("FIELDS TERMINATED BY") {
            (&mut delimited.field, "FIELDS TERMINATED BY")
        } else if cursor.accept("ESCAPED BY") {
            (&mut delimited.escape, "ESCAPED BY")
        } else if cursor.accept("COLLECTION ITEMS TERMINATED BY") {
            (&mut delimited.collection, "COLLECTION ITEMS TERMINATED BY")
        } else if cursor.accept("MAP KEYS TERMINATED BY") {
            (&mut delimited.map_key, "MAP KEYS TERMINATED BY")
        } else if cursor.accept("LINES TERMINATED BY") {
            (&mut delimited.line, "LINES TERMINATED BY")
        } else if cursor.accept("NULL DEFINED AS") {
            (&mut delimited.null, "NULL DEFINED AS")
        } else {
            return Ok(RowFormat::Delimited(delimited));
        };
        if !super::set(part, cursor.string("a string")?) {
            return Err(cursor.syntax_at(start, format!("duplicate {phrase}")));
        }
    }
}

pub(in crate::parse) fn stored_as(cursor: &mut Cursor<'_>) -> Result<StoredAs> {
    if cursor.accept("INPUTFORMAT") {
        let input = cursor.string("a class name in quotes")?;
        cursor.expect("OUTPUTFORMAT")?;
        let output = cursor.string("a class name in quotes")?;
        return Ok(StoredAs::Classes { input, output });
    }
    let format = match cursor.peek_word().unwrap_or_default().as_str() {
        "PARQUET" => FileFormat::Parquet,
        "ORC" => FileFormat::Orc,
        "TEXTFILE" => FileFormat::TextFile,
        "JSON" | "JSONFILE" => FileFormat::Json,
        "AVRO" => FileFormat::Avro,
        "SEQUENCEFILE" => FileFormat::SequenceFile,
        "RCFILE" => FileFormat::RcFile,
        "ION" => FileFormat::Ion,
        _ => {
            return Err(cursor.mismatch(
                "'PARQUET', 'ORC', 'TEXTFILE', 'JSONFILE', 'AVRO', 'SEQUENCEFILE', 'RCFILE', 'ION' or 'INPUTFORMAT'",
            ));
        }
    };
    cursor.advance();
    Ok(StoredAs::Format(format))
}

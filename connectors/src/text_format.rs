//! The catalog's words for a text format, in the reader's.
//!
//! Two types for one thing, because the reader's travels in plans and the catalog's is what the table
//! definition says; they may change apart.

use catalog::{TextFormat, TextRows as Declared};

use crate::text::{Delimited, Json, OpenCsv, TextOptions, TextRows};

/// What the reader must know.
pub(crate) fn options(format: TextFormat) -> TextOptions {
    let rows = match format.rows {
        Declared::Delimited(declared) => TextRows::Delimited(Delimited {
            field_delim: declared.field_delim,
            escape: declared.escape,
            null_format: declared.null_format,
            collection_delim: declared.collection_delim,
            map_key_delim: declared.map_key_delim,
            last_column_takes_rest: declared.last_column_takes_rest,
            timestamp_formats: declared.timestamp_formats,
        }),
        Declared::OpenCsv(declared) => TextRows::OpenCsv(OpenCsv {
            separator: declared.separator,
            quote: declared.quote,
            escape: declared.escape,
            null_for_invalid: false,
        }),
        Declared::Json(declared) => TextRows::Json(Json {
            ignore_malformed: declared.ignore_malformed,
            case_insensitive: declared.case_insensitive,
            mappings: declared.mappings,
            dots_in_keys: declared.dots_in_keys,
            timestamp_formats: declared.timestamp_formats,
        }),
    };
    TextOptions {
        rows,
        skip_header_lines: format.header_lines as usize,
        skip_footer_lines: format.footer_lines as usize,
    }
}

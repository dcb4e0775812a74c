//! Every way a query can fail, as far as a user would act differently.
//!
//! Each code has a page `docs/errors/<number>.md`; a test in `scops/tests/tidy.rs` keeps the two in step.

use serde::{Deserialize, Serialize};

/// What the first digit of a code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// 1xxx: the statement; the user edits the SQL.
    Sql,
    /// 2xxx: the data; the user looks at the files.
    Data,
    /// 3xxx: a limit was reached, or somebody cancelled.
    Limit,
    /// 4xxx: permission.
    Permission,
    /// 5xxx: storage or network.
    Storage,
    /// 6xxx: the workers.
    Worker,
    /// 9xxx: a fault of scops.
    Internal,
}

macro_rules! error_codes {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $label:literal;)*) => {
        /// A stable, numbered reason for failure. The number and the label are public interface.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(into = "u16", try_from = "u16")]
        pub enum ErrorCode { $($(#[$doc])* $name,)* }

        impl ErrorCode {
            /// All codes, in numeric order.
            pub const ALL: &'static [ErrorCode] = &[$(ErrorCode::$name,)*];

            /// The number users see, for example 1002.
            pub fn number(self) -> u16 {
                match self { $(ErrorCode::$name => $number,)* }
            }

            /// The label users and clients match on, for example `TABLE_NOT_FOUND`.
            pub fn label(self) -> &'static str {
                match self { $(ErrorCode::$name => $label,)* }
            }
        }

        impl TryFrom<u16> for ErrorCode {
            type Error = String;

            fn try_from(number: u16) -> Result<Self, String> {
                match number {
                    $($number => Ok(ErrorCode::$name),)*
                    other => Err(format!("unknown error code {other}")),
                }
            }
        }
    };
}

error_codes! {
    /// The text is not a statement of the language.
    SyntaxError = 1001, "SYNTAX_ERROR";
    /// No such table.
    TableNotFound = 1002, "TABLE_NOT_FOUND";
    /// No such column.
    ColumnNotFound = 1003, "COLUMN_NOT_FOUND";
    /// No such database.
    DatabaseNotFound = 1004, "DATABASE_NOT_FOUND";
    /// A database, table or partition of that name is already there.
    AlreadyExists = 1005, "ALREADY_EXISTS";
    /// Types or clauses do not fit together.
    InvalidQuery = 1006, "INVALID_QUERY";
    /// Understood, but not offered.
    NotSupported = 1007, "NOT_SUPPORTED";
    /// No such function.
    FunctionNotFound = 1008, "FUNCTION_NOT_FOUND";
    /// No such partition.
    PartitionNotFound = 1009, "PARTITION_NOT_FOUND";
    /// A table definition that cannot be read: unknown type, SerDe or format, bad property.
    InvalidTable = 1010, "INVALID_TABLE_DEFINITION";
    /// An expression failed on a value: division by zero, overflow, a cast that does not fit.
    InvalidValue = 1011, "INVALID_VALUE";
    /// A database still holds tables.
    DatabaseNotEmpty = 1012, "DATABASE_NOT_EMPTY";
    /// A number was divided by zero.
    DivisionByZero = 1013, "DIVISION_BY_ZERO";
    /// A number that its type cannot hold.
    NumericValueOutOfRange = 1014, "NUMERIC_VALUE_OUT_OF_RANGE";
    /// A function does not take this value.
    InvalidFunctionArgument = 1015, "INVALID_FUNCTION_ARGUMENT";
    /// A value cannot become the type it is cast to.
    InvalidCastArgument = 1016, "INVALID_CAST_ARGUMENT";
    /// An operator, function or clause has no meaning for these types.
    TypeMismatch = 1017, "TYPE_MISMATCH";
    /// A subquery that stands for one value has several rows.
    SubqueryMultipleRows = 1018, "SUBQUERY_MULTIPLE_ROWS";

    /// A file cannot be decoded.
    CorruptFile = 2001, "CORRUPT_FILE";
    /// An object of the plan is gone.
    ObjectMissing = 2002, "OBJECT_MISSING";
    /// An object is not the version that was planned.
    ObjectChanged = 2003, "OBJECT_CHANGED";
    /// A file's column cannot be read as the table's type.
    SchemaMismatch = 2004, "SCHEMA_MISMATCH";

    /// The query would read, or has read, more bytes than allowed.
    BytesLimitExceeded = 3001, "BYTES_LIMIT_EXCEEDED";
    /// The query needs more memory than it may use.
    MemoryLimitExceeded = 3002, "MEMORY_LIMIT_EXCEEDED";
    /// The query ran longer than it may.
    DeadlineExceeded = 3003, "DEADLINE_EXCEEDED";
    /// The client cancelled, or went away.
    Cancelled = 3004, "CANCELLED";

    /// A location outside the roots this server may read.
    LocationNotAllowed = 4001, "LOCATION_NOT_ALLOWED";
    /// The object store refused the credentials.
    AccessDenied = 4002, "ACCESS_DENIED";

    /// The object store does not answer.
    StorageUnreachable = 5001, "STORAGE_UNREACHABLE";
    /// No such bucket.
    BucketNotFound = 5002, "BUCKET_NOT_FOUND";
    /// The object store answered with a failure, also after retries.
    StorageFailed = 5003, "STORAGE_FAILED";
    /// The catalog's database failed.
    CatalogFailed = 5004, "CATALOG_FAILED";

    /// A query is too large for the coordinator alone and no worker is there.
    NoWorkers = 6001, "NO_WORKERS";
    /// A worker went away in mid-query.
    WorkerLost = 6002, "WORKER_LOST";

    /// A fault of scops itself.
    Internal = 9001, "INTERNAL_ERROR";
}

impl ErrorCode {
    /// The class that the first digit stands for.
    pub fn class(self) -> ErrorClass {
        match self.number() / 1000 {
            1 => ErrorClass::Sql,
            2 => ErrorClass::Data,
            3 => ErrorClass::Limit,
            4 => ErrorClass::Permission,
            5 => ErrorClass::Storage,
            6 => ErrorClass::Worker,
            _ => ErrorClass::Internal,
        }
    }
}

impl From<ErrorCode> for u16 {
    fn from(code: ErrorCode) -> u16 {
        code.number()
    }
}

//! What the server is and can do, as drivers ask for it once per connection.
//!
//! JDBC reads all infos in one call, and tools such as Tableau and Superset fail on missing ones, so
//! every entry of the protocol that has a meaning here is answered. Where the protocol asks for a
//! limit, 0 means that there is none or none is known.

mod words;

use arrow::array::RecordBatch;
use arrow_flight::sql::{
    CommandGetSqlInfo, SqlInfo, SqlNullOrdering, SqlOuterJoinsSupportLevel, SqlSupportedCaseSensitivity,
    SqlSupportedGroupBy, SqlSupportedResultSetConcurrency, SqlSupportedResultSetType, SqlSupportedSubqueries,
    SqlSupportedTransaction, SqlSupportedUnions, SqlSupportsConvert, SqlTransactionIsolationLevel,
    SupportedSqlGrammar,
    metadata::{SqlInfoData, SqlInfoDataBuilder},
};
use tonic::Status;

use super::{metadata::flight_status, name_pattern::PATTERN_ESCAPE, prepared::PREPARED_STATEMENT_IDLE_MAX};

/// Version of the Arrow format that results are encoded in.
const ARROW_FORMAT_VERSION: &str = "1.5";

/// Longest name of a database, table or column, in characters. Glue's limit.
const NAME_CHARS_MAX: i64 = 255;

/// `SupportedAnsi92SqlGrammarLevel::Ansi92EntrySql`, which arrow-flight does not export.
const ANSI92_ENTRY_SQL: i32 = 0;

/// The table, built once per process.
pub(super) fn all() -> Result<SqlInfoData, Status> {
    let mut infos = SqlInfoDataBuilder::new();
    server(&mut infos);
    definitions(&mut infos);
    names(&mut infos);
    vocabulary(&mut infos);
    queries(&mut infos);
    limits(&mut infos);
    transactions(&mut infos);
    result_sets(&mut infos);
    infos.build().map_err(flight_status)
}

/// The rows that `command` selects; all of them if it names none.
pub(super) fn selected(all: &SqlInfoData, command: CommandGetSqlInfo) -> Result<RecordBatch, Status> {
    command.into_builder(all).build().map_err(flight_status)
}

fn server(infos: &mut SqlInfoDataBuilder) {
    let idle_ms = i32::try_from(PREPARED_STATEMENT_IDLE_MAX.as_millis()).unwrap_or(i32::MAX);
    infos.append(SqlInfo::FlightSqlServerName, "scops");
    infos.append(SqlInfo::FlightSqlServerVersion, env!("CARGO_PKG_VERSION"));
    infos.append(SqlInfo::FlightSqlServerArrowVersion, ARROW_FORMAT_VERSION);
    infos.append(SqlInfo::FlightSqlServerReadOnly, false);
    infos.append(SqlInfo::FlightSqlServerSql, true);
    infos.append(SqlInfo::FlightSqlServerSubstrait, false);
    infos.append(SqlInfo::FlightSqlServerTransaction, SqlSupportedTransaction::None as i32);
    infos.append(SqlInfo::FlightSqlServerCancel, true);
    infos.append(SqlInfo::FlightSqlServerBulkIngestion, false);
    infos.append(SqlInfo::FlightSqlServerIngestTransactionsSupported, false);
    infos.append(SqlInfo::FlightSqlServerStatementTimeout, idle_ms);
    infos.append(SqlInfo::FlightSqlServerTransactionTimeout, 0);
}

fn definitions(infos: &mut SqlInfoDataBuilder) {
    infos.append(SqlInfo::SqlDdlCatalog, false);
    infos.append(SqlInfo::SqlDdlSchema, true);
    infos.append(SqlInfo::SqlDdlTable, true);
    infos.append(SqlInfo::SqlAllTablesAreSelectable, true);
    infos.append(SqlInfo::SqlSupportsNonNullableColumns, false);
    infos.append(SqlInfo::SqlSupportsIntegrityEnhancementFacility, false);
}

fn names(infos: &mut SqlInfoDataBuilder) {
    let lower = SqlSupportedCaseSensitivity::SqlCaseSensitivityLowercase as i32;
    let insensitive = SqlSupportedCaseSensitivity::SqlCaseSensitivityCaseInsensitive as i32;
    infos.append(SqlInfo::SqlIdentifierCase, lower);
    infos.append(SqlInfo::SqlIdentifierQuoteChar, "\"");
    infos.append(SqlInfo::SqlQuotedIdentifierCase, insensitive);
    infos.append(SqlInfo::SqlExtraNameCharacters, "");
    infos.append(SqlInfo::SqlSearchStringEscape, PATTERN_ESCAPE.to_string().as_str());
    infos.append(SqlInfo::SqlSchemaTerm, "database");
    infos.append(SqlInfo::SqlProcedureTerm, "procedure");
    infos.append(SqlInfo::SqlCatalogTerm, "catalog");
    infos.append(SqlInfo::SqlCatalogAtStart, true);
    // Databases and catalogs qualify names in queries, not in calls, indexes or grants.
    infos.append(SqlInfo::SqlSchemasSupportedActions, 0);
    infos.append(SqlInfo::SqlCatalogsSupportedActions, 0);
}

fn vocabulary(infos: &mut SqlInfoDataBuilder) {
    infos.append(SqlInfo::SqlKeywords, words::KEYWORDS);
    infos.append(SqlInfo::SqlNumericFunctions, words::NUMERIC_FUNCTIONS);
    infos.append(SqlInfo::SqlStringFunctions, words::STRING_FUNCTIONS);
    infos.append(SqlInfo::SqlSystemFunctions, words::SYSTEM_FUNCTIONS);
    infos.append(SqlInfo::SqlDatetimeFunctions, words::DATETIME_FUNCTIONS);
}

fn queries(infos: &mut SqlInfoDataBuilder) {
    infos.append(SqlInfo::SqlNullOrdering, SqlNullOrdering::SqlNullsSortedAtEnd as i32);
    infos.append(SqlInfo::SqlSupportsColumnAliasing, true);
    infos.append(SqlInfo::SqlNullPlusNullIsNull, true);
    infos.append(SqlInfo::SqlSupportsConvert, conversions());
    infos.append(SqlInfo::SqlSupportsTableCorrelationNames, true);
    infos.append(SqlInfo::SqlSupportsDifferentTableCorrelationNames, false);
    infos.append(SqlInfo::SqlSupportsExpressionsInOrderBy, true);
    infos.append(SqlInfo::SqlSupportsOrderByUnrelated, true);
    infos.append(
        SqlInfo::SqlSupportedGroupBy,
        bits(&[
            SqlSupportedGroupBy::SqlGroupByUnrelated as i32,
            SqlSupportedGroupBy::SqlGroupByBeyondSelect as i32,
        ]),
    );
    infos.append(SqlInfo::SqlSupportsLikeEscapeClause, true);
    infos.append(
        SqlInfo::SqlSupportedGrammar,
        bits(&[SupportedSqlGrammar::SqlMinimumGrammar as i32, SupportedSqlGrammar::SqlCoreGrammar as i32]),
    );
    infos.append(SqlInfo::SqlAnsi92SupportedLevel, bits(&[ANSI92_ENTRY_SQL]));
    infos.append(SqlInfo::SqlOuterJoinsSupportLevel, SqlOuterJoinsSupportLevel::SqlFullOuterJoins as i32);
    infos.append(SqlInfo::SqlSupportedPositionedCommands, 0);
    infos.append(SqlInfo::SqlSelectForUpdateSupported, false);
    infos.append(SqlInfo::SqlStoredProceduresSupported, false);
    infos.append(
        SqlInfo::SqlSupportedSubqueries,
        bits(&[
            SqlSupportedSubqueries::SqlSubqueriesInComparisons as i32,
            SqlSupportedSubqueries::SqlSubqueriesInExists as i32,
            SqlSupportedSubqueries::SqlSubqueriesInIns as i32,
            SqlSupportedSubqueries::SqlSubqueriesInQuantifieds as i32,
        ]),
    );
    infos.append(SqlInfo::SqlCorrelatedSubqueriesSupported, true);
    infos.append(
        SqlInfo::SqlSupportedUnions,
        bits(&[SqlSupportedUnions::SqlUnion as i32, SqlSupportedUnions::SqlUnionAll as i32]),
    );
    infos.append(SqlInfo::SqlNamedParametersSupported, false);
    infos.append(SqlInfo::SqlStoredFunctionsUsingCallSyntaxSupported, false);
}

fn limits(infos: &mut SqlInfoDataBuilder) {
    let names = [
        SqlInfo::SqlMaxColumnNameLength,
        SqlInfo::SqlDbSchemaNameLength,
        SqlInfo::SqlMaxCatalogNameLength,
        SqlInfo::SqlMaxTableNameLength,
    ];
    let unlimited = [
        SqlInfo::SqlMaxBinaryLiteralLength,
        SqlInfo::SqlMaxCharLiteralLength,
        SqlInfo::SqlMaxColumnsInGroupBy,
        SqlInfo::SqlMaxColumnsInIndex,
        SqlInfo::SqlMaxColumnsInOrderBy,
        SqlInfo::SqlMaxColumnsInSelect,
        SqlInfo::SqlMaxColumnsInTable,
        SqlInfo::SqlMaxConnections,
        SqlInfo::SqlMaxCursorNameLength,
        SqlInfo::SqlMaxIndexLength,
        SqlInfo::SqlMaxProcedureNameLength,
        SqlInfo::SqlMaxRowSize,
        SqlInfo::SqlMaxStatementLength,
        SqlInfo::SqlMaxStatements,
        SqlInfo::SqlMaxTablesInSelect,
        SqlInfo::SqlMaxUsernameLength,
    ];
    names.into_iter().for_each(|info| infos.append(info, NAME_CHARS_MAX));
    unlimited.into_iter().for_each(|info| infos.append(info, 0_i64));
    infos.append(SqlInfo::SqlMaxRowSizeIncludesBlobs, true);
}

fn transactions(infos: &mut SqlInfoDataBuilder) {
    let none = SqlTransactionIsolationLevel::SqlTransactionNone as i32;
    // An int32 by the protocol's text; the JDBC driver casts it to a long and fails on anything else.
    infos.append(SqlInfo::SqlDefaultTransactionIsolation, i64::from(none));
    infos.append(SqlInfo::SqlTransactionsSupported, false);
    infos.append(SqlInfo::SqlSupportedTransactionsIsolationLevels, bits(&[none]));
    infos.append(SqlInfo::SqlDataDefinitionCausesTransactionCommit, false);
    infos.append(SqlInfo::SqlDataDefinitionsInTransactionsIgnored, false);
    infos.append(SqlInfo::SqlSavepointsSupported, false);
    infos.append(SqlInfo::SqlBatchUpdatesSupported, false);
    infos.append(SqlInfo::SqlLocatorsUpdateCopy, false);
}

fn result_sets(infos: &mut SqlInfoDataBuilder) {
    let forward = bits(&[SqlSupportedResultSetType::SqlResultSetTypeForwardOnly as i32]);
    let read_only = bits(&[SqlSupportedResultSetConcurrency::SqlResultSetConcurrencyReadOnly as i32]);
    infos.append(SqlInfo::SqlSupportedResultSetTypes, forward);
    infos.append(SqlInfo::SqlSupportedConcurrenciesForResultSetForwardOnly, read_only);
    infos.append(SqlInfo::SqlSupportedConcurrenciesForResultSetUnspecified, 0);
    infos.append(SqlInfo::SqlSupportedConcurrenciesForResultSetScrollSensitive, 0);
    infos.append(SqlInfo::SqlSupportedConcurrenciesForResultSetScrollInsensitive, 0);
}

/// What `CAST` converts: numbers and truth values into each other, everything into text, text into
/// everything but binary, dates and timestamps into each other.
fn conversions() -> std::collections::BTreeMap<i32, Vec<i32>> {
    use SqlSupportsConvert as C;
    let numbers = [
        C::SqlConvertBit,
        C::SqlConvertTinyint,
        C::SqlConvertSmallint,
        C::SqlConvertInteger,
        C::SqlConvertBigint,
        C::SqlConvertReal,
        C::SqlConvertFloat,
        C::SqlConvertDecimal,
        C::SqlConvertNumeric,
    ];
    let times = [C::SqlConvertDate, C::SqlConvertTimestamp];
    let texts = [C::SqlConvertChar, C::SqlConvertVarchar];
    let codes =
        |groups: &[&[C]]| groups.iter().flat_map(|group| group.iter()).map(|c| *c as i32).collect::<Vec<_>>();
    let mut conversions = std::collections::BTreeMap::new();
    conversions.extend(numbers.map(|from| (from as i32, codes(&[&numbers, &texts]))));
    conversions.extend(times.map(|from| (from as i32, codes(&[&times, &texts]))));
    conversions.extend(texts.map(|from| (from as i32, codes(&[&numbers, &times, &texts]))));
    conversions.insert(C::SqlConvertVarbinary as i32, codes(&[&[C::SqlConvertVarbinary], &texts]));
    conversions
}

/// The protocol's bitmask of enumeration values.
fn bits(values: &[i32]) -> i32 {
    values.iter().fold(0, |mask, value| mask | (1 << value))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn bitmasks_follow_the_protocol() {
        assert_eq!(bits(&[]), 0);
        assert_eq!(bits(&[0, 1]), 3);
        assert_eq!(bits(&[2]), 4);
    }

    /// The protocol numbers infos 0 to 11, 100, 101 and 500 to 576. Only the two Substrait versions are
    /// left out: they are null without Substrait, which the value's type cannot say.
    #[test]
    fn every_info_is_answered() {
        let all = all().unwrap();
        let answered = |info: u32| {
            let command = CommandGetSqlInfo { info: vec![info] };
            selected(&all, command).unwrap().num_rows() == 1
        };
        let infos = (0..=11).chain([100, 101]).chain(500..=576);
        let missing: Vec<_> = infos.filter(|info| !answered(*info)).collect();
        assert_eq!(missing, [6, 7]);
    }

    #[test]
    fn a_request_without_names_gets_all() {
        let all = all().unwrap();
        let rows = selected(&all, CommandGetSqlInfo { info: vec![] }).unwrap().num_rows();
        assert_eq!(rows, 12 + 2 + 77 - 2);
    }
}

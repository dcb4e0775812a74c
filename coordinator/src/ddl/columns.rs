//! The columns of each statement's answer, by Athena's names.

use sql::Statement;

/// Column names; none for statements that only change something and for queries.
pub(super) fn names(statement: &Statement) -> &'static [&'static str] {
    match statement {
        Statement::Query(_)
        | Statement::Explain { .. }
        | Statement::CreateDatabase { .. }
        | Statement::DropDatabase { .. }
        | Statement::CreateExternalTable(_)
        | Statement::DropTable { .. }
        | Statement::AddPartitions { .. }
        | Statement::DropPartitions { .. } => &[],
        Statement::RepairTable { .. } => &["result"],
        Statement::ShowDatabases { .. } => &["database_name"],
        Statement::ShowTables { .. } => &["tab_name"],
        Statement::ShowPartitions { .. } => &["partition"],
        Statement::ShowColumns { .. } => &["field"],
        Statement::ShowCreateTable { .. } => &["createtab_stmt"],
        Statement::ShowTableProperties { .. } => &["prpt_name", "prpt_value"],
        Statement::Describe { .. } => &["col_name", "data_type", "comment"],
    }
}

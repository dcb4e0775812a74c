//! The columns of each statement's answer, by Athena's names.

use sql::Statement;

/// Column names; none for statements that only change something and for those that are answered
/// elsewhere.
pub(super) fn names(statement: &Statement) -> &'static [&'static str] {
    match statement {
        Statement::Query(_)
        | Statement::Explain(_)
        | Statement::CreateDatabase { .. }
        | Statement::DropDatabase { .. }
        | Statement::SetDatabaseProperties { .. }
        | Statement::CreateExternalTable(_)
        | Statement::CreateTableAs(_)
        | Statement::Insert(_)
        | Statement::Unload(_)
        | Statement::DropTable { .. }
        | Statement::AlterTable { .. }
        | Statement::AddPartitions { .. }
        | Statement::DropPartitions { .. }
        | Statement::AlterPartition { .. }
        | Statement::CreateView(_)
        | Statement::DropView { .. }
        | Statement::ShowFunctions { .. }
        | Statement::ShowStats(_)
        | Statement::Prepare { .. }
        | Statement::Execute { .. }
        | Statement::ExecuteImmediate { .. }
        | Statement::Deallocate { .. } => &[],
        Statement::RepairTable { .. } => &["result"],
        Statement::ShowDatabases { .. } => &["database_name"],
        Statement::ShowTables { .. } => &["tab_name"],
        Statement::ShowViews { .. } => &["views"],
        Statement::ShowPartitions { .. } => &["partition"],
        Statement::ShowColumns { .. } => &["field"],
        Statement::ShowCreateTable { .. } => &["createtab_stmt"],
        Statement::ShowCreateView { .. } => &["Create View"],
        Statement::ShowTableProperties { .. } => &["prpt_name", "prpt_value"],
        Statement::Describe { .. } | Statement::DescribeView { .. } => &["col_name", "data_type", "comment"],
    }
}

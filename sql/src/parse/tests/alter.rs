//! `ALTER TABLE` and `ALTER DATABASE`.

use super::*;
use crate::{ColumnChange, ColumnPlace, PartitionChange, TableChange};

fn check(text: &str, expect: Statement) {
    match statement(text) {
        Ok(found) => assert_eq!(found, expect, "{text}"),
        Err(error) => panic!("{text}: {}", error.to_user_text()),
    }
}

#[test]
fn definitions_are_changed() {
    let change = |text: &str, change| check(text, Statement::AlterTable { table: table("d.t"), change });
    change("ALTER TABLE d.t SET LOCATION 's3://b/x/'", TableChange::Location("s3://b/x/".to_owned()));
    let added = vec![column("a", "int", None), column("b", "array<string>", Some("x"))];
    change(
        "ALTER TABLE D.T ADD COLUMNS (A int, b array<string> COMMENT 'x')",
        TableChange::AddColumns(added.clone()),
    );
    change(
        "alter table d.t replace columns (a int, b array<string> comment 'x') cascade;",
        TableChange::ReplaceColumns(added),
    );
    change("ALTER TABLE d.t DROP COLUMN a", TableChange::DropColumn("a".to_owned()));
    change(
        "ALTER TABLE d.t SET TBLPROPERTIES ('a'='b', \"c\" = '\\t')",
        TableChange::SetProperties(properties(&[("a", "b"), ("c", "\t")])),
    );
    let unset = |keys: &[&str], if_exists| TableChange::UnsetProperties {
        keys: keys.iter().map(|key| key.to_string()).collect(),
        if_exists,
    };
    change("ALTER TABLE d.t UNSET TBLPROPERTIES ('a', 'b')", unset(&["a", "b"], false));
    change("ALTER TABLE d.t UNSET TBLPROPERTIES IF EXISTS ('a')", unset(&["a"], true));
}

#[test]
fn columns_are_changed() {
    let changed = |text: &str, old_name: &str, column, place| {
        let change = TableChange::ChangeColumn(ColumnChange { old_name: old_name.to_owned(), column, place });
        check(text, Statement::AlterTable { table: table("t"), change });
    };
    changed("ALTER TABLE t CHANGE a b bigint", "a", column("b", "bigint", None), None);
    changed(
        "ALTER TABLE t CHANGE COLUMN a a struct<x:int> COMMENT 'c' FIRST",
        "a",
        column("a", "struct<x:int>", Some("c")),
        Some(ColumnPlace::First),
    );
    changed(
        "ALTER TABLE t CHANGE COLUMN `a` b int AFTER c RESTRICT",
        "a",
        column("b", "int", None),
        Some(ColumnPlace::After("c".to_owned())),
    );
    check_error("ALTER TABLE t CHANGE a b", "1001 1:25 mismatched input '<EOF>'; expecting a type");
    check_error("ALTER TABLE t CHANGE a b in", "1010 1:26 unknown type 'in'");
}

#[test]
fn one_partition_is_changed() {
    let changed = |text: &str, change| {
        let partition = partition(&[("y", "#2024"), ("m", "01")], None);
        check(text, Statement::AlterPartition { table: table("t"), partition, change });
    };
    changed(
        "ALTER TABLE t PARTITION (y = 2024, m = '01') SET LOCATION 's3://b/x'",
        PartitionChange::Location("s3://b/x".to_owned()),
    );
    changed(
        "ALTER TABLE t PARTITION (y = 2024, m = '01') RENAME TO PARTITION (y = 2025, m = '02')",
        PartitionChange::Rename(partition(&[("y", "#2025"), ("m", "02")], None)),
    );
    check_error(
        "ALTER TABLE t PARTITION (y > 2024) SET LOCATION 's3://b/x'",
        "1007 1:28 a comparison in this partition specification is not supported",
    );
    check_error(
        "ALTER TABLE t PARTITION (y = 2024)",
        "1001 1:35 mismatched input '<EOF>'; expecting 'SET LOCATION' or 'RENAME TO PARTITION'",
    );
}

#[test]
fn databases_are_changed() {
    check(
        "ALTER SCHEMA awsdatacatalog.D SET DBPROPERTIES ('a'='b')",
        Statement::SetDatabaseProperties { name: "d".to_owned(), properties: properties(&[("a", "b")]) },
    );
    check_error(
        "ALTER DATABASE d SET LOCATION 'x'",
        "1007 1:18 ALTER DATABASE … SET LOCATION is not supported",
    );
}

#[test]
fn other_changes_are_refused_by_name() {
    for change in [
        "RENAME TO",
        "RENAME COLUMN",
        "ADD COLUMN",
        "SET SERDEPROPERTIES",
        "SET FILEFORMAT",
        "SET SKEWED LOCATION",
        "CLUSTERED BY",
        "NOT CLUSTERED",
        "NOT STORED AS DIRECTORIES",
        "SKEWED BY",
        "TOUCH",
        "ARCHIVE PARTITION",
        "EXCHANGE PARTITION",
        "UNARCHIVE PARTITION",
        "EXECUTE",
    ] {
        let expect = format!("1007 1:15 ALTER TABLE … {change} is not supported");
        check_error(&format!("ALTER TABLE t {change} x"), &expect);
    }
    for change in ["ADD COLUMNS", "REPLACE COLUMNS", "COMPACT", "CONCATENATE", "SET FILEFORMAT"] {
        let expect = format!("1007 1:31 ALTER TABLE … PARTITION … {change} is not supported");
        check_error(&format!("ALTER TABLE t PARTITION (a=1) {change} (x)"), &expect);
    }
    check_error("ALTER VIEW v AS SELECT 1", "1007 1:1 ALTER VIEW is not supported");
    check_error("ALTER INDEX i", "1007 1:1 ALTER INDEX is not supported");
    check_error("ALTER x", "1001 1:7 mismatched input 'x'; expecting 'TABLE', 'DATABASE' or 'SCHEMA'");
}

//! Views and prepared statements.

use catalog::{VIRTUAL_VIEW, ViewDefinition};
use sql::CreateView;

use super::*;

fn parsed(sql: &str) -> CreateView {
    match sql::parse::statement(sql).unwrap() {
        Statement::CreateView(view) => *view,
        other => panic!("{other:?}"),
    }
}

async fn create(world: &World, sql: &str, columns: &[(&str, &str)]) -> Result<()> {
    let columns =
        columns.iter().map(|(name, trino_type)| (name.to_string(), trino_type.to_string())).collect();
    create_view(&world.catalog, "default", &parsed(sql), columns).await
}

const COLUMNS: [(&str, &str); 2] = [("id", "bigint"), ("at", "timestamp(3) with time zone")];

#[tokio::test]
async fn views_are_kept_in_athenas_form() {
    let world = World::with_sales().await;
    create(&world, "CREATE VIEW Big AS\nSELECT id, now() AS at\nFROM sales", &COLUMNS).await.unwrap();
    let kept = world.table("big").await;
    assert_eq!(kept.table_type, VIRTUAL_VIEW);
    assert_eq!(kept.parameters.get("presto_view"), Some("true"));
    assert_eq!(kept.view_expanded_text.as_deref(), Some("/* Presto View */"));
    assert_eq!(kept.columns[1].hive_type, "string");
    let view = ViewDefinition::of(&kept).unwrap().unwrap();
    assert_eq!(view.original_sql, "SELECT id, now() AS at\nFROM sales");
    assert_eq!(
        (view.catalog.as_deref(), view.schema.as_deref(), view.run_as_invoker),
        (Some("awsdatacatalog"), Some("default"), false)
    );
    assert_eq!(view.columns, COLUMNS.map(|(name, trino_type)| (name.to_owned(), trino_type.to_owned())));

    assert_eq!(world.run("SHOW TABLES").await, ["big", "sales"]);
    assert_eq!(world.run("SHOW VIEWS").await, ["big"]);
    assert_eq!(world.run("SHOW VIEWS IN default LIKE 'b*'").await, ["big"]);
    assert!(world.run("SHOW VIEWS LIKE 's*'").await.is_empty());
    let shown = world.run("SHOW CREATE VIEW big").await;
    assert_eq!(shown, ["CREATE VIEW awsdatacatalog.default.big AS", "SELECT id, now() AS at", "FROM sales"]);
    assert_eq!(parsed(&shown.join("\n")).query.text, view.original_sql);
    let rows = ["id", "at"].map(|name| format!("{name:<20}"));
    assert_eq!(world.run("SHOW COLUMNS IN big").await, rows);
    let described = world.run("DESCRIBE VIEW big").await;
    assert_eq!(described[0], format!("{:<20} | {:<20} | {:<20}", "id", "bigint", ""));
    assert!(described[1].contains("timestamp(3) with time zone"), "{described:?}");
    assert_eq!(world.run("DESCRIBE big").await, described);
}

#[tokio::test]
async fn views_are_replaced_and_dropped_as_views() {
    let world = World::with_sales().await;
    create(&world, "CREATE VIEW v AS SELECT 1 AS id", &COLUMNS[..1]).await.unwrap();
    let first = world.table("v").await;
    let error = create(&world, "CREATE VIEW v AS SELECT 2 AS id", &COLUMNS[..1]).await.unwrap_err();
    assert_eq!(
        (error.code, error.message.as_str()),
        (ErrorCode::AlreadyExists, "View already exists: 'default.v'")
    );
    create(
        &world,
        "CREATE OR REPLACE VIEW v COMMENT 'it''s' SECURITY INVOKER AS SELECT 2 AS id",
        &COLUMNS[..1],
    )
    .await
    .unwrap();
    assert!(world.table("v").await.version > first.version);
    assert_eq!(
        world.run("SHOW CREATE VIEW v").await,
        ["CREATE VIEW awsdatacatalog.default.v COMMENT 'it''s' SECURITY INVOKER AS", "SELECT 2 AS id"]
    );
    let error = create(&world, "CREATE OR REPLACE VIEW sales AS SELECT 2 AS id", &COLUMNS[..1]).await;
    assert_eq!(error.unwrap_err().message, "Table already exists: 'default.sales'");
    let error = create(&world, "CREATE VIEW nowhere.v AS SELECT 1 AS id", &COLUMNS[..1]).await;
    assert_eq!(error.unwrap_err().code, ErrorCode::DatabaseNotFound);

    for (sql, message) in [
        ("DROP TABLE v", "\"default.v\" is a view, not a table; DROP VIEW"),
        ("DROP TABLE IF EXISTS v", "is a view, not a table"),
        ("DROP VIEW sales", "\"default.sales\" is a table, not a view; DROP TABLE"),
        ("DROP VIEW IF EXISTS sales", "is a table, not a view"),
        ("SHOW CREATE TABLE v", "is a view, not a table; SHOW CREATE VIEW"),
        ("SHOW CREATE VIEW sales", "is a table, not a view; SHOW CREATE TABLE"),
        ("DESCRIBE VIEW sales", "is a table, not a view"),
        ("ALTER TABLE v ADD COLUMNS (a int)", "is a view, not a table"),
        ("ALTER TABLE v ADD PARTITION (a = 1)", "is not partitioned"),
    ] {
        world.check_fails(sql, ErrorCode::InvalidQuery, message).await;
    }
    world.run("DROP VIEW v").await;
    world.check_fails("DROP VIEW v", ErrorCode::TableNotFound, "\"v\"").await;
    world.run("DROP VIEW IF EXISTS v").await;
    world.run("DROP VIEW IF EXISTS nowhere.v").await;
}

#[tokio::test]
async fn columns_of_views_have_names_and_types() {
    let world = World::new();
    for (columns, message) in [
        (&[("a", "bigint"), ("", "bigint")][..], "Column name not specified at position 2"),
        (&[("a", "bigint"), ("A", "date")], "Column name 'A' specified more than once"),
        (&[("a", "unknown")], "Column type is unknown at position 1"),
    ] {
        let error = create(&world, "CREATE VIEW v AS SELECT 1", columns).await.unwrap_err();
        assert_eq!((error.code, error.message.as_str()), (ErrorCode::InvalidQuery, message));
    }
    assert!(world.run("SHOW VIEWS").await.is_empty());
}

#[tokio::test]
async fn prepared_statements_last_until_removed() {
    let world = World::new();
    world.run("PREPARE Mine FROM SELECT * FROM t WHERE a = ?").await;
    assert_eq!(prepared_statement(&world.catalog, "mine").await.unwrap(), "SELECT * FROM t WHERE a = ?");
    world.run("PREPARE mine FROM INSERT INTO t SELECT ?").await;
    assert_eq!(prepared_statement(&world.catalog, "mine").await.unwrap(), "INSERT INTO t SELECT ?");
    let error = prepared_statement(&world.catalog, "mind").await.unwrap_err();
    assert_eq!(error.message, "Prepared statement not found: mind");
    assert_eq!(error.hint.as_deref(), Some("did you mean \"mine\"?"));
    world.run("DEALLOCATE PREPARE mine").await;
    world
        .check_fails("DEALLOCATE PREPARE mine", ErrorCode::InvalidQuery, "Prepared statement not found")
        .await;
    assert_eq!(world.catalog.prepared_statements(crate::ddl::prepared::WORKGROUP).await.unwrap(), []);
}

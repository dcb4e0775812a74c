#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use arrow::util::display::array_value_to_string;
use catalog::{Column as CatalogColumn, Database, SqliteStore, VIRTUAL_VIEW, ViewDefinition};
use datafusion::{
    catalog::TableProvider,
    logical_expr::{Expr, col, lit},
    physical_plan::collect,
    prelude::SessionContext,
};

use super::*;

async fn world() -> Arc<dyn CatalogStore> {
    let catalog: Arc<dyn CatalogStore> = Arc::new(SqliteStore::in_memory().unwrap());
    let database = Database { name: "web".into(), ..Database::default() };
    catalog.create_database(database, false).await.unwrap();
    let mut hits = catalog::Table {
        database: "web".into(),
        name: "hits".into(),
        description: Some("who came".into()),
        columns: vec![
            CatalogColumn { comment: Some("the id".into()), ..CatalogColumn::new("id", "bigint") },
            CatalogColumn::new("odd", "uniontype<int,string>"),
            CatalogColumn::new("tags", "array<struct<k:string,v:timestamp>>"),
        ],
        partition_keys: vec![CatalogColumn::new("day", "date")],
        ..catalog::Table::default()
    };
    hits.storage.location = "s3://b/hits".into();
    catalog.create_table(hits.clone()).await.unwrap();
    let view = ViewDefinition {
        original_sql: "SELECT 1 AS one".into(),
        columns: vec![("one".into(), "integer".into()), ("p".into(), "decimal(10, 2)".into())],
        ..ViewDefinition::default()
    };
    catalog.create_table(view.to_table("default", "one").unwrap()).await.unwrap();
    let foreign = catalog::Table {
        name: "foreign".into(),
        table_type: VIRTUAL_VIEW.into(),
        view_original_text: Some("select 1".into()),
        ..hits
    };
    catalog.create_table(foreign).await.unwrap();
    catalog
}

async fn rows(table: &str, filters: &[Expr]) -> Vec<String> {
    let definition = DEFINITIONS.iter().find(|definition| definition.name == table).unwrap();
    let provider = InformationTable::new(world().await, definition);
    let context = SessionContext::new();
    let plan = provider.scan(&context.state(), None, filters, None).await.unwrap();
    let batches = collect(plan, context.task_ctx()).await.unwrap();
    let mut shown = Vec::new();
    for batch in batches {
        for row in 0..batch.num_rows() {
            let values = batch.columns().iter().map(|column| array_value_to_string(column, row).unwrap());
            shown.push(values.collect::<Vec<_>>().join("|"));
        }
    }
    shown
}

#[tokio::test]
async fn databases_tables_and_views_are_shown() {
    let databases = rows("schemata", &[]).await;
    let named = ["default", "information_schema", "web"].map(|name| format!("awsdatacatalog|{name}"));
    assert_eq!(databases, named);

    let mut tables = rows("tables", &[]).await;
    tables.retain(|row| !row.contains("information_schema"));
    assert_eq!(
        tables,
        [
            "awsdatacatalog|default|one|VIEW|",
            "awsdatacatalog|web|foreign|VIEW|who came",
            "awsdatacatalog|web|hits|BASE TABLE|who came"
        ]
    );
    assert_eq!(rows("views", &[]).await, ["awsdatacatalog|default|one|SELECT 1 AS one"]);
    assert!(rows("roles", &[]).await.is_empty());
}

#[tokio::test]
async fn columns_have_trinos_types() {
    let of_web = [col("table_schema").eq(lit("web"))];
    assert_eq!(
        rows("columns", &of_web).await,
        [
            "awsdatacatalog|web|hits|id|1||YES|bigint|the id||the id",
            "awsdatacatalog|web|hits|tags|2||YES|array(row(k varchar, v timestamp(3)))|||",
            "awsdatacatalog|web|hits|day|3||YES|date||partition key|"
        ]
    );
    let of_one = [col("table_name").eq(lit("one"))];
    assert_eq!(
        rows("columns", &of_one).await,
        [
            "awsdatacatalog|default|one|one|1||YES|integer|||",
            "awsdatacatalog|default|one|p|2||YES|decimal(10,2)|||"
        ]
    );
}

#[tokio::test]
async fn conditions_on_names_leave_out_what_they_can() {
    let own = rows("tables", &[col("table_schema").eq(lit(DATABASE))]).await;
    assert_eq!(own.len(), DEFINITIONS.len());
    let both = [col("table_schema").eq(lit(DATABASE)), col("table_name").eq(lit("roles"))];
    assert_eq!(
        rows("columns", &both).await,
        ["awsdatacatalog|information_schema|roles|role_name|1||YES|varchar|||"]
    );
    assert!(rows("tables", &[col("table_schema").eq(lit("nowhere"))]).await.is_empty());
    // Other conditions are for others.
    assert_eq!(rows("views", &[col("view_definition").eq(lit("x"))]).await.len(), 1);
}

#[test]
fn definitions_are_in_order_and_their_rows_fit() {
    assert!(DEFINITIONS.is_sorted_by_key(|definition| definition.name));
    for definition in &DEFINITIONS {
        let rows = rows::Rows::new(definition).finish().unwrap();
        assert_eq!(rows.schema(), definition.schema());
    }
}

#[test]
fn other_names_are_no_tables() {
    let catalog: Arc<dyn CatalogStore> = Arc::new(SqliteStore::in_memory().unwrap());
    assert_eq!(table(&catalog, "nothing").unwrap_err().code, ErrorCode::TableNotFound);
    let columns = table(&catalog, "columns").unwrap().columns;
    let hidden: Vec<_> = columns.iter().filter(|column| column.hidden).map(|column| &column.name).collect();
    assert_eq!(hidden, ["column_comment"]);
}

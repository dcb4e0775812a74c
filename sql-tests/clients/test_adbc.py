"""Flight SQL as the Arrow project's own Python driver speaks it."""

import datetime as dt
import threading
from decimal import Decimal

import adbc_driver_flightsql.dbapi
import adbc_driver_manager
import pyarrow as pa
import pytest
from conftest import DATA, eventually, execute


def test_values_arrive_as_they_are(connection):
    rows = execute(connection, "SELECT 1, 'Grüße 🦀', NULL, true, CAST(1.50 AS DECIMAL(5,2)), DATE '2024-02-29', CAST(0.25 AS DOUBLE)")
    assert rows == [(1, "Grüße 🦀", None, True, Decimal("1.50"), dt.date(2024, 2, 29), 0.25)]


def test_a_table_is_read(connection):
    rows = execute(connection, "SELECT name, list_price FROM shop.products WHERE id < 3 ORDER BY id")
    assert rows == [("anvil", Decimal("0.50")), ("bolt", Decimal("20.49")), ("crate", Decimal("40.48"))]


def test_an_empty_result_has_its_columns(connection):
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, name FROM shop.products WHERE id < 0")
        table = cursor.fetch_arrow_table()
    assert table.num_rows == 0
    assert table.column_names == ["id", "name"]
    assert table.schema.field("id").type == pa.int32()


def test_a_large_result_arrives_whole(connection):
    with connection.cursor() as cursor:
        cursor.execute("SELECT s.id, s.region, p.id FROM shop.sales s CROSS JOIN shop.products p WHERE p.id < 5")
        table = cursor.fetch_arrow_table()
    assert table.num_rows == 100_000
    assert sum(table.column(0).to_pylist()) == 5 * sum(range(20_000))


def test_ddl_takes_effect_for_every_connection(connection, serve):
    execute(connection, "CREATE DATABASE adbc_ddl")
    execute(connection, "CREATE EXTERNAL TABLE adbc_ddl.c (id INT, name STRING) STORED AS PARQUET "
                        f"LOCATION '{DATA.as_uri()}/parquet/customers/'")
    with adbc_driver_flightsql.dbapi.connect(serve, autocommit=True) as other:
        assert execute(other, "SELECT count(*) FROM adbc_ddl.c") == [(500,)]
    execute(connection, "DROP TABLE adbc_ddl.c")
    execute(connection, "DROP DATABASE adbc_ddl")
    with pytest.raises(adbc_driver_manager.Error, match="(TABLE|DATABASE)_NOT_FOUND"):
        execute(connection, "SELECT * FROM adbc_ddl.c")


def test_objects_are_listed(connection):
    catalogs = connection.adbc_get_objects(depth="all").read_all().to_pylist()
    schemas = {schema["db_schema_name"]: schema for catalog in catalogs for schema in catalog["catalog_db_schemas"] or []}
    tables = {table["table_name"]: table for table in schemas["shop"]["db_schema_tables"]}
    assert {"sales", "products"} <= set(tables)
    assert [column["column_name"] for column in tables["products"]["table_columns"]] == ["id", "name", "list_price"]


def test_objects_are_filtered(connection):
    found = connection.adbc_get_objects(depth="tables", db_schema_filter="shop", table_name_filter="prod%").read_all().to_pylist()
    names = [table["table_name"] for catalog in found for schema in catalog["catalog_db_schemas"] or []
             for table in schema["db_schema_tables"] or []]
    assert names == ["products"]


def test_table_types_are_listed(connection):
    assert connection.adbc_get_table_types()


def test_server_says_who_it_is(connection):
    info = connection.adbc_get_info()
    assert "scops" in str(info.get("vendor_name", "")).lower()


def test_a_prepared_statement_runs_twice(connection):
    with connection.cursor() as cursor:
        for _ in range(2):
            cursor.adbc_prepare("SELECT count(*) FROM shop.products")
            cursor.execute("SELECT count(*) FROM shop.products")
            assert cursor.fetchall() == [(12,)]


@pytest.mark.parametrize(("sql", "code"), [
    ("SELECT * FROM shop.prodcts", "TABLE_NOT_FOUND"),
    ("SELECT * FROM shp.products", "DATABASE_NOT_FOUND"),
    ("SELECT nam FROM shop.products", "COLUMN_NOT_FOUND"),
    ("SELEKT 1", "SYNTAX_ERROR"),
    ("SELECT no_such_function(1)", "FUNCTION_NOT_FOUND"),
    ("CREATE EXTERNAL TABLE shop.t (id INT) STORED AS PARQUET LOCATION 'file:///etc/'", "LOCATION_NOT_ALLOWED"),
])
def test_an_error_carries_its_code(connection, sql, code):
    with pytest.raises(adbc_driver_manager.Error, match=code):
        execute(connection, sql)
    assert execute(connection, "SELECT 1") == [(1,)]


def test_the_query_log_has_the_bill(connection):
    sql = "SELECT sum(price) FROM shop.sales WHERE quantity = 17"
    execute(connection, sql)

    def logged():
        """the query is in system.queries as finished"""
        return execute(connection, "SELECT state, scanned_bytes, transferred_bytes, files, files_total, rows, attempts, error_code "
                                   f"FROM system.queries WHERE sql = '{sql}' AND state = 'SUCCEEDED'")

    [(state, scanned, transferred, files, files_total, rows, attempts, error_code)] = eventually(logged)
    assert 0 < scanned <= transferred
    assert scanned < sum(path.stat().st_size for path in (DATA / "parquet" / "sales").iterdir())
    # One file's statistics leave no room for 17, so it is not opened.
    assert (files, files_total, rows, attempts, error_code) == (6, 7, 1, 1, None)


def test_closing_a_stream_cancels_its_query(connection):
    sql = "SELECT a.id, b.id FROM shop.sales a CROSS JOIN shop.sales b"
    cursor = connection.cursor()
    cursor.execute(sql)
    reader = cursor.fetch_record_batch()
    assert reader.read_next_batch().num_rows > 0
    reader.close()
    cursor.close()

    def cancelled():
        """the query is in system.queries as cancelled"""
        return execute(connection, f"SELECT state FROM system.queries WHERE sql = '{sql}' AND state = 'CANCELLED'")

    eventually(cancelled)


def test_cancel_ends_a_running_query(connection):
    cursor = connection.cursor()
    timer = threading.Timer(0.5, cursor.adbc_cancel)
    timer.start()
    with pytest.raises(adbc_driver_manager.Error):
        cursor.execute("SELECT count(*) FROM shop.sales a CROSS JOIN shop.sales b CROSS JOIN shop.products c "
                       "WHERE a.ratio * b.ratio * c.id > 1e300")
        cursor.fetchall()
    timer.join()
    cursor.close()
    assert execute(connection, "SELECT 1") == [(1,)]


def test_many_connections_at_once(serve):
    answers, faults = [], []

    def ask():
        try:
            with adbc_driver_flightsql.dbapi.connect(serve, autocommit=True) as own:
                for _ in range(5):
                    answers.append(execute(own, "SELECT count(*), sum(quantity) FROM shop.sales")[0])
        except adbc_driver_manager.Error as error:
            faults.append(error)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert len(answers) == 40 and len(set(answers)) == 1

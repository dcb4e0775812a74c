"""The command line: rows on stdout, everything else on stderr, exit code 0 only on success."""

import csv
import io
import json
import os
import re
import subprocess

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import file_root, table_statements

SQL = "SELECT id, name, list_price, NULL AS nothing FROM shop.products WHERE id < 3 ORDER BY id"


@pytest.fixture(scope="module")
def data_folder(scops, tmp_path_factory):
    """A data folder whose catalog has the tables of database `shop`."""
    folder = tmp_path_factory.mktemp("command-line")
    for statement in table_statements():
        assert run(scops, folder, "-c", statement).returncode == 0
    return folder


def run(scops, folder, *arguments):
    return subprocess.run([scops, "sql", "--data-dir", folder, *arguments], capture_output=True, timeout=60,
                          stdin=subprocess.DEVNULL, env={**os.environ, **file_root()}, check=False)


def rows_of(done):
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


@pytest.mark.parametrize(("name", "delimiter"), [("csv", ","), ("tsv", "\t")])
def test_delimited(scops, data_folder, name, delimiter):
    text = rows_of(run(scops, data_folder, "-c", SQL, "--format", name))
    rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    assert rows == [["id", "name", "list_price", "nothing"], ["0", "anvil", "0.50", ""], ["1", "bolt", "20.49", ""],
                    ["2", "crate", "40.48", ""]]


def test_csv_quotes_what_needs_it(scops, data_folder):
    text = rows_of(run(scops, data_folder, "-c", "SELECT 'a,b' AS x, 'say \"c\"' AS y", "--format", "csv"))
    assert list(csv.reader(io.StringIO(text)))[1] == ["a,b", 'say "c"']


def test_json(scops, data_folder):
    rows = json.loads(rows_of(run(scops, data_folder, "-c", SQL, "--format", "json")))
    assert [(row["id"], row["name"]) for row in rows] == [(0, "anvil"), (1, "bolt"), (2, "crate")]


def test_ndjson(scops, data_folder):
    lines = rows_of(run(scops, data_folder, "-c", SQL, "--format", "ndjson")).splitlines()
    assert [json.loads(line)["name"] for line in lines] == ["anvil", "bolt", "crate"]


def test_table(scops, data_folder):
    text = rows_of(run(scops, data_folder, "-c", SQL, "--format", "table"))
    assert all(word in text for word in ["list_price", "anvil", "40.48"])


def test_parquet(scops, data_folder):
    done = run(scops, data_folder, "-c", SQL, "--format", "parquet")
    assert done.returncode == 0, done.stderr.decode()
    table = pq.read_table(pa.BufferReader(done.stdout))
    assert table.column("name").to_pylist() == ["anvil", "bolt", "crate"]


def test_empty_json_is_an_empty_list(scops, data_folder):
    assert json.loads(rows_of(run(scops, data_folder, "-c", "SELECT id FROM shop.products WHERE id < 0", "--format", "json"))) == []


def test_closing_line(scops, data_folder):
    done = run(scops, data_folder, "-c", SQL, "--format", "csv")
    closing = done.stderr.decode().strip().splitlines()[-1]
    assert re.search(r"\b3 rows?\b", closing), closing
    for word in ["scanned", "file", "partition"]:
        assert word in closing, closing
    assert re.search(r"\d+ ?(ms|s)\b", closing), closing


@pytest.mark.parametrize(("sql", "code"), [
    ("SELECT * FROM shop.nothing", "TABLE_NOT_FOUND"), ("SELEKT 1", "SYNTAX_ERROR"), ("SELECT nam FROM shop.products", "COLUMN_NOT_FOUND")])
def test_an_error(scops, data_folder, sql, code):
    done = run(scops, data_folder, "-c", sql, "--format", "csv")
    assert done.returncode != 0
    assert done.stdout == b""
    assert code in done.stderr.decode()


def test_syntax_errors_say_where(scops, data_folder):
    done = run(scops, data_folder, "-c", "SELECT id\nFROMM shop.products WHERE")
    assert re.search(r"\b2:\d+", done.stderr.decode()), done.stderr.decode()


def test_statement_from_a_file(scops, data_folder, tmp_path):
    path = tmp_path / "query.sql"
    path.write_text(SQL + ";\n")
    assert "anvil" in rows_of(run(scops, data_folder, "-f", path, "--format", "csv"))


def test_a_missing_file_is_an_error(scops, data_folder, tmp_path):
    done = run(scops, data_folder, "-f", tmp_path / "nothing.sql")
    assert done.returncode != 0 and done.stdout == b""


def test_a_limit_of_bytes_stops_the_query(scops, data_folder):
    done = run(scops, data_folder, "-c", "SELECT sum(price), sum(ratio), max(sold_at) FROM shop.sales", "--max-bytes", "1000")
    assert done.returncode != 0
    assert "BYTES_LIMIT_EXCEEDED" in done.stderr.decode()


def test_a_dry_run_reads_no_rows(scops, data_folder):
    done = run(scops, data_folder, "-c", SQL, "--dry-run")
    assert done.returncode == 0, done.stderr.decode()
    assert "anvil" not in done.stdout.decode()


def test_through_a_server(scops, serve):
    done = subprocess.run([scops, "sql", "--server", serve, "-c", SQL, "--format", "csv"], capture_output=True, timeout=60, check=False)
    assert done.stdout.decode().splitlines()[1].startswith("0,anvil,0.50")
    error = subprocess.run([scops, "sql", "--server", serve, "-c", "SELECT * FROM shop.nothing"], capture_output=True, timeout=60,
                           check=False)
    assert error.returncode != 0 and "TABLE_NOT_FOUND" in error.stderr.decode()


def test_a_server_that_is_not_there(scops):
    done = subprocess.run([scops, "sql", "--server", "grpc://127.0.0.1:1", "-c", "SELECT 1"], capture_output=True, timeout=60, check=False)
    assert done.returncode != 0 and done.stdout == b"" and done.stderr

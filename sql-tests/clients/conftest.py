"""A `scops serve` of its own for each test module, a connection to it, and no skip without a fault in CI."""

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import adbc_driver_flightsql.dbapi
import pytest

DATA = Path(__file__).resolve().parent.parent / "data"
START_SECONDS_MAX = 30
STOP_SECONDS_MAX = 15

TABLES = """
CREATE DATABASE IF NOT EXISTS shop;
CREATE EXTERNAL TABLE IF NOT EXISTS shop.sales (id BIGINT, customer_id INT, product_id INT, region STRING, quantity INT,
  price DECIMAL(10,2), ratio DOUBLE, returned BOOLEAN, sold_on DATE, sold_at TIMESTAMP) STORED AS PARQUET LOCATION '{data}/parquet/sales/';
CREATE EXTERNAL TABLE IF NOT EXISTS shop.products (id INT, name STRING, list_price DECIMAL(10,2))
  STORED AS PARQUET LOCATION '{data}/parquet/products/'
"""


@pytest.fixture(scope="session")
def scops():
    """Path of the binary under test."""
    return os.environ["SCOPS_BIN"]


@pytest.fixture(scope="module")
def serve(scops, tmp_path_factory):
    """The URL of a running `scops serve` with the tables of database `shop`."""
    folder = tmp_path_factory.mktemp("serve")
    port = free_port()
    with open(folder / "serve.log", "w") as log:
        process = subprocess.Popen(
            [scops, "serve", "--data-dir", folder / "data", "--listen", f"127.0.0.1:{free_port()}", "--flight-listen",
             f"127.0.0.1:{port}"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, **file_root()})
    try:
        wait_for_port(process, port, folder / "serve.log")
        url = f"grpc://127.0.0.1:{port}"
        with adbc_driver_flightsql.dbapi.connect(url, autocommit=True) as connection:
            for statement in table_statements():
                execute(connection, statement)
        yield url
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def connection(serve):
    with adbc_driver_flightsql.dbapi.connect(serve, autocommit=True) as connection:
        yield connection


def table_statements():
    return [statement.strip() for statement in TABLES.format(data=DATA.as_uri()).split(";")]


def file_root():
    return {"SCOPS_STORAGE__FILE__ROOT": str(DATA)}


def execute(connection, sql):
    """All rows of one statement, as tuples."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(process, port, log):
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    pytest.fail(f"scops serve does not listen: {log.read_text()[-2000:]}")


def eventually(check, seconds_max=15.0):
    """The first true value of `check()`; fails when there is none in time. For what becomes true, not for what may."""
    deadline = time.monotonic() + seconds_max
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > deadline:
            pytest.fail(f"not true within {seconds_max:g} s: {check.__doc__ or check.__name__}")
        time.sleep(0.05)


def pytest_sessionfinish(session, exitstatus):
    """In CI a skipped check is a failed one."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") == "true" and reporter.stats.get("skipped") and exitstatus == 0:
        session.exitstatus = 1

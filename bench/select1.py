#!/usr/bin/env python3
"""The interactive floor: SELECT 1 over Flight SQL, and the time from starting the server to its first answer.

    $(bench/venv bench/requirements.txt) bench/select1.py [--count 2000] [--starts 5]
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import adbc_driver_flightsql.dbapi
from processes import Process, binary, free_port


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", default=2000, type=int, help="measured statements (2000)")
    parser.add_argument("--starts", default=5, type=int, help="measured starts of the server (5)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="scops-select1-") as scratch:
        starts = [first_answer(Path(scratch) / str(number)) for number in range(options.starts)]
        milliseconds = statements(Path(scratch) / "statements", options.count)
    print(f"start to port open       {statistics.median(port for port, _ in starts):7.1f} ms (median of {options.starts})")
    print(f"start to first answer    {statistics.median(answer for _, answer in starts):7.1f} ms")
    cuts = statistics.quantiles(milliseconds, n=100)
    print(f"SELECT 1, p50 / p99      {cuts[49]:7.2f} / {cuts[98]:.2f} ms ({options.count} statements, one connection)")


def serve(folder, port):
    return Process("serve", [binary("scops"), "serve", "--data-dir", folder / "data", "--listen", f"127.0.0.1:{free_port()}",
                             "--flight-listen", f"127.0.0.1:{port}"], folder)


def first_answer(folder):
    """Milliseconds until the port is open and until SELECT 1 is answered; on an empty data folder."""
    port = free_port()
    begin = time.perf_counter()
    with serve(folder, port) as process:
        process.wait_for_port(port)
        opened = time.perf_counter()
        with adbc_driver_flightsql.dbapi.connect(f"grpc://127.0.0.1:{port}", autocommit=True) as connection:
            select_one(connection)
        answered = time.perf_counter()
    return (opened - begin) * 1e3, (answered - begin) * 1e3


def statements(folder, count):
    port = free_port()
    with serve(folder, port) as process:
        process.wait_for_port(port)
        with adbc_driver_flightsql.dbapi.connect(f"grpc://127.0.0.1:{port}", autocommit=True) as connection:
            for _ in range(100):
                select_one(connection)
            return [select_one(connection) for _ in range(count)]


def select_one(connection):
    begin = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        rows = cursor.fetchall()
    if rows != [(1,)]:
        raise SystemExit(f"SELECT 1 answered {rows}")
    return (time.perf_counter() - begin) * 1e3


if __name__ == "__main__":
    main()

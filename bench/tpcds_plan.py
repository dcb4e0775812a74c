#!/usr/bin/env python3
"""Planning time of the TPC-DS queries: parse, analysis, optimisation, with a catalog that has been read before.

    $(bench/venv bench/requirements.txt) bench/tpcds_plan.py [--rounds 5] [--workers 0]

Every query runs on data of scale factor 0.01; the figure is `plan_ms` of system.queries, the median of its rounds after a first one.
"""

import argparse
import collections
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import adbc_driver_flightsql.dbapi
import pyarrow.parquet
from processes import Process, binary, free_port

QUERIES = Path(__file__).resolve().parent.parent / "sql-tests" / "tpcds" / "queries"
SCALE_FACTOR = "0.01"
MEDIAN_MS_MAX = 15
WORST_MS_MAX = 100
WORST_SHOWN = 10
HIVE_TYPES = {"int32": "int", "int64": "bigint", "date32[day]": "date", "string": "string", "string_view": "string"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", default=5, type=int, help="measured runs of each query (5)")
    parser.add_argument("--workers", default=0, type=int, help="workers in the server's process (0)")
    options = parser.parse_args()
    queries = {path.stem: path.read_text().strip() for path in sorted(QUERIES.glob("q*.sql"))}
    with tempfile.TemporaryDirectory(prefix="scops-tpcds-") as scratch:
        times = measure(Path(scratch).resolve(), queries, options)
    missing = sorted(set(queries) - set(times))
    if missing:
        print(f"without a time: {', '.join(missing)}")
    medians = sorted(((statistics.median(all_rounds), name) for name, all_rounds in times.items()), reverse=True)
    median, worst = statistics.median(time for time, _ in medians), medians[0][0]
    print(f"planning, median query {median:g} ms (at most {MEDIAN_MS_MAX}), worst {worst:g} ms (at most {WORST_MS_MAX}),"
          f" {len(medians)} queries, {options.rounds} rounds")
    print("worst: " + ", ".join(f"{name} {time:g}" for time, name in medians[:WORST_SHOWN]))
    return 1 if missing or median > MEDIAN_MS_MAX or worst > WORST_MS_MAX else 0


def measure(scratch, queries, options):
    """Milliseconds of planning by query, one for each round after the first."""
    definitions = generate(scratch / "tables")
    port = free_port()
    command = [binary("scops"), "serve", "--data-dir", scratch / "data", "--workers", options.workers,
               "--listen", f"127.0.0.1:{free_port()}", "--flight-listen", f"127.0.0.1:{port}"]
    with Process("serve", command, scratch, {"SCOPS_STORAGE__FILE__ROOT": str(scratch)}) as process:
        process.wait_for_port(port)
        with adbc_driver_flightsql.dbapi.connect(f"grpc://127.0.0.1:{port}", autocommit=True) as connection:
            for definition in definitions:
                run(connection, definition)
            for _ in range(options.rounds + 1):
                for name, sql in queries.items():
                    try:
                        run(connection, sql)
                    except adbc_driver_flightsql.dbapi.Error as error:
                        print(f"{name}: {error}", file=sys.stderr)
            logged = run(connection, "SELECT \"sql\", plan_ms FROM system.queries WHERE state = 'SUCCEEDED' ORDER BY submitted_at")
    names = {sql: name for name, sql in queries.items()}
    times = collections.defaultdict(list)
    for sql, milliseconds in logged:
        if name := names.get(sql.strip()):
            times[name].append(milliseconds)
    return {name: all_rounds[1:] for name, all_rounds in times.items() if all_rounds[1:]}


def generate(folder):
    """Makes a folder per table; returns the statements that define the tables in the default database."""
    tool = Path(sys.executable).with_name("tpcgen-cli")
    subprocess.run([tool, "tpcds", "parquet", "-q", "-s", SCALE_FACTOR, "-o", folder], check=True)
    definitions = []
    for file in sorted(folder.glob("*.parquet")):
        (folder / file.stem).mkdir()
        moved = file.rename(folder / file.stem / file.name)
        columns = ", ".join(f"{field.name} {hive(str(field.type))}" for field in pyarrow.parquet.read_schema(moved))
        definitions.append(f"CREATE EXTERNAL TABLE {file.stem} ({columns}) STORED AS PARQUET LOCATION 'file://{moved.parent}'")
    return definitions


def hive(arrow):
    return HIVE_TYPES.get(arrow) or arrow.replace("decimal128", "decimal").replace(" ", "")


def run(connection, sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


if __name__ == "__main__":
    sys.exit(main())

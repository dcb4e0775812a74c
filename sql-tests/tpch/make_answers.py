#!/usr/bin/env python3
"""Writes the answers of the 22 TPC-H queries at scale factor 0.1, as DuckDB gives them.

    pip install -r requirements.txt
    ./make_answers.py [--data DIR]     DIR/<table>.parquet; made with tpchgen-cli in a temporary folder by default

The data is that of the crate `tpchgen` of the same version, which `scops demo` and the tests generate.
An answer is a CSV file: a header of column names, then the rows in the query's order; decimals with all their digits, dates in
ISO form, floating point as its shortest text, NULL as an empty field (no query returns an empty string).
Engines differ in the scale of an average or a quotient of decimals. See README.md for how answers are compared.
"""

import argparse
import csv
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parent
SCALE_FACTOR = "0.1"
TABLES = ["region", "nation", "supplier", "customer", "part", "partsupp", "orders", "lineitem"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder of <table>.parquet at scale factor 0.1")
    data = parser.parse_args().data
    if data:
        write_answers(data)
        return
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        write_answers(Path(folder))


def generate(folder):
    tool = Path(sys.executable).with_name("tpchgen-cli")
    subprocess.run([tool, "parquet", "-s", SCALE_FACTOR, "-o", folder], check=True)


def write_answers(data):
    answers = ROOT / "answers" / f"sf{SCALE_FACTOR}"
    answers.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as db:
        for table in TABLES:
            db.execute(f"CREATE VIEW {table} AS SELECT * FROM '{data / table}.parquet'")
        for query in sorted((ROOT / "queries").glob("q*.sql")):
            result = db.execute(query.read_text())
            names = [column[0] for column in result.description]
            rows = result.fetchall()
            with open(answers / f"{query.stem}.csv", "w", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows([names, *rows])
            print(f"{query.stem}: {len(rows)} rows")


if __name__ == "__main__":
    main()

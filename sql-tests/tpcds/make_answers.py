#!/usr/bin/env python3
"""Writes the answers of the TPC-DS queries at scale factor 0.01, as DuckDB gives them.

    pip install -r requirements.txt
    ./make_answers.py [--data DIR]     DIR/<table>.parquet; made with tpcgen-cli in a temporary folder by default
    ./make_answers.py --check          also tells which queries leave the order of their rows open

The data is that of the crate `tpcdsgen` of the same version, which the tests generate.
DuckDB runs `queries/<name>.sql` as it is, or `duckdb/<name>.sql` where that exists. See README.md for why, and how answers are compared.
An answer is a CSV file: a header of column names (without commas), then the rows in the query's order; decimals with all their digits,
dates in ISO form, floating point as its shortest text, NULL as an empty field (no query returns an empty string).
"""

import argparse
import csv
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parent
SCALE_FACTOR = "0.01"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder of <table>.parquet at scale factor 0.01")
    parser.add_argument("--check", action="store_true", help="look for rows whose order the query leaves open")
    arguments = parser.parse_args()
    if arguments.data:
        write_answers(arguments.data, arguments.check)
        return
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        write_answers(Path(folder), arguments.check)


def generate(folder):
    tool = Path(sys.executable).with_name("tpcgen-cli")
    subprocess.run([tool, "tpcds", "parquet", "-q", "-s", SCALE_FACTOR, "-o", folder], check=True)


def write_answers(data, check):
    answers = ROOT / "answers" / f"sf{SCALE_FACTOR}"
    answers.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as db:
        for table in sorted(data.glob("*.parquet")):
            db.execute(f"CREATE VIEW {table.stem} AS SELECT * FROM '{table}'")
        db.execute((ROOT / "duckdb.sql").read_text())
        for query in sorted((ROOT / "queries").glob("q*.sql")):
            own = ROOT / "duckdb" / query.name
            sql = (own if own.exists() else query).read_text()
            result = db.execute(sql)
            names = [column[0].replace(",", "") for column in result.description]
            rows = result.fetchall()
            with open(answers / f"{query.stem}.csv", "w", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows([names, *rows])
            open_order = check and len(rows) > 1 and order_is_open(db, sql, len(names))
            print(f"{query.stem}: {len(rows)} rows{', their order is open' if open_order else ''}")


def order_is_open(db, sql, columns):
    """Whether other keys behind those of ORDER BY change the rows or their order."""
    lines = sql.rstrip().split("\n")
    limit = lines.pop() if lines[-1].startswith("LIMIT") else ""
    ordered = any(line.startswith("ORDER BY") for line in lines)
    body = "\n".join(lines) + ("," if ordered else "\nORDER BY")

    def rows(direction):
        keys = ", ".join(f"{at} {direction}" for at in range(1, columns + 1))
        return db.execute(f"{body} {keys}\n{limit}").fetchall()

    return rows("ASC") != rows("DESC")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Fills and checks the expected blocks of the .slt suites with an independent engine, DuckDB.

    pip install -r data/requirements.txt
    ./complete.py [FILE …]            compares every expected block with DuckDB's answer; all suites by default
    ./complete.py --write [FILE …]    writes DuckDB's answers into the files

A suite is read as the runner reads it, with comments that tell what DuckDB is to run:

    # oracle: SQL        before a statement: run this instead of it, for example a view over the same files;
                         before a query: ask this instead of it, where the dialects differ
    # by hand: reason    the next record's expected block is not DuckDB's to say

A query without a comment is put to DuckDB as it is. CREATE DATABASE becomes CREATE SCHEMA, DROP DATABASE a
DROP SCHEMA; any other statement without a comment is Hive DDL and is passed over, and so is every record that
expects an error. `$DATA` is the folder of data files.
"""

import argparse
import datetime as dt
import re
import sys
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parent


@dataclass
class Record:
    """One record: its header line, SQL, and where its expected block lies among the file's lines."""

    line: int
    header: str
    sql: str
    oracle: str = ""
    by_hand: bool = False
    expected: list = field(default_factory=list)
    block_start: int = 0
    block_end: int = 0

    @property
    def words(self):
        return self.header.split()


# Their answers follow from Trino's rules, which DuckDB does not share.
WITHOUT_ORACLE = {"functions", "types", "queries"}


def suites():
    """Every suite whose answers another engine can give."""
    return [path for path in sorted((ROOT / "cases").rglob("*.slt")) if path.parent.name not in WITHOUT_ORACLE]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write DuckDB's answers into the files")
    parser.add_argument("files", nargs="*", type=Path, help="default: every suite below cases/")
    options = parser.parse_args()
    differing = 0
    for path in options.files or suites():
        differing += complete(path, options.write)
    if differing and not options.write:
        sys.exit(f"{differing} records differ")


def complete(path, write):
    """Answers the records of one suite; returns how many expected blocks were not DuckDB's answer."""
    lines = path.read_text().split("\n")
    records = parse(lines)
    answered, differing, replaced = 0, 0, []
    with duckdb.connect(config={"threads": 2}) as db:
        db.execute("SET default_null_order = 'nulls_last'")
        for record in records:
            try:
                rows = answer(db, record)
            except duckdb.Error as error:
                sys.exit(f"{path}:{record.line}: {error}")
            if rows is None:
                continue
            answered += 1
            if rows != record.expected:
                differing += 1
                replaced.append((record, rows))
                if not write:
                    report(path, record, rows)
    if write and replaced:
        for record, rows in reversed(replaced):
            lines[record.block_start:record.block_end] = rows
        path.write_text("\n".join(lines))
    print(f"{path.relative_to(ROOT) if path.is_relative_to(ROOT) else path}: {len(records)} records, "
          f"{answered} answered by DuckDB, {differing} {'written' if write else 'differ'}")
    return differing


def report(path, record, rows):
    print(f"{path}:{record.line}: {record.sql}")
    for row in record.expected:
        print(f"  - {row}")
    for row in rows:
        print(f"  + {row}")


def parse(lines):
    """The statement and query records of a suite, with the comments right above them."""
    records, oracle, by_hand, at = [], [], False, 0
    while at < len(lines):
        text = lines[at]
        if text.startswith("# oracle:"):
            oracle.append(text.removeprefix("# oracle:").strip())
        elif text.startswith("# by hand:"):
            by_hand = True
        elif text.startswith(("statement ", "query ")):
            record, at = parse_record(lines, at)
            record.oracle, record.by_hand = " ".join(oracle), by_hand
            records.append(record)
            oracle, by_hand = [], False
            continue
        at += 1
    return records


def parse_record(lines, at):
    start, sql = at, []
    at += 1
    while at < len(lines) and lines[at] and lines[at] != "----":
        sql.append(lines[at])
        at += 1
    record = Record(line=start + 1, header=lines[start], sql="\n".join(sql))
    if at < len(lines) and lines[at] == "----":
        record.block_start = at = at + 1
        while at < len(lines) and lines[at]:
            at += 1
        record.block_end = at
        record.expected = lines[record.block_start:at]
    return record, at


def answer(db, record):
    """DuckDB's rows for a query, as text in the runner's format; None where there is nothing to compare."""
    kind, outcome = record.words[0], record.words[1] if len(record.words) > 1 else ""
    if outcome == "error":
        return None
    if kind == "statement":
        if sql := record.oracle or schema_statement(record.sql):
            db.execute(with_data(sql))
        return None
    if record.by_hand:
        return None
    rows = [[as_text(value) for value in row] for row in db.execute(with_data(record.oracle or record.sql)).fetchall()]
    if rows and len(rows[0]) != len(outcome):
        sys.exit(f"line {record.line}: {len(rows[0])} columns, but the header says {outcome}")
    if "rowsort" in record.words:
        rows.sort()
    return [" ".join(row) for row in rows]


def schema_statement(sql):
    """A statement on a database as DuckDB knows it, less comments and properties; empty for other statements."""
    found = re.match(r"(CREATE|DROP)\s+(?:DATABASE|SCHEMA)\s+((?:IF\s+(?:NOT\s+)?EXISTS\s+)?\w+(?:\s+CASCADE)?)", sql, re.I)
    return f"{found[1]} SCHEMA {found[2]}" if found else ""


def with_data(sql):
    return sql.replace("$DATA", str(ROOT / "data"))


def as_text(value):
    """A value as the runner prints it. Runs of white space become one blank, as the runner compares them."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    if isinstance(value, dt.datetime):
        return value.isoformat(" ")
    if isinstance(value, bytes):
        return value.hex()
    text = str(value)
    return " ".join(text.split()) if text else "(empty)"


if __name__ == "__main__":
    main()

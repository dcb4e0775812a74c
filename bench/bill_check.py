#!/usr/bin/env python3
"""Is the bill true to the byte? Each TPC-H query on S3, its row in system.queries against the S3 server's own log.

    $(bench/venv bench/requirements.txt) bench/bill_check.py [--sf 1] [--targets serve,cluster] [--queries 1,6]

For every query: the bytes the server sent in object reads are `transferred_bytes`, its object reads are `requests`, and
`scanned_bytes` is what was transferred less gaps and retries. Run twice each: the second run may come from a cache, and the
equations hold all the same. Exit code 1 if any does not.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import tpch
from s3 import S3
from targets import Place, open_target

RUNS = 2
# The server writes its log line after the last byte; the client may see that byte first.
SETTLE_SECONDS = 0.2


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sf", default=1.0, type=float, help="scale factor (1)")
    parser.add_argument("--targets", default="serve,cluster", help="serve,cluster")
    parser.add_argument("--queries", default="", help="numbers of queries (all)")
    options = parser.parse_args()
    home = Path(os.environ.get("SCOPS_BENCH_DIR", "/tmp/scops-bench"))
    data = tpch.make_data(home, options.sf)
    numbers = [int(number) for number in options.queries.split(",") if number]
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="scops-bill-") as scratch:
        for name in options.targets.split(","):
            wrong += check_target(name, home, data, Path(scratch) / name, tpch.queries(numbers))
    if wrong:
        sys.exit(f"{wrong} equations do not hold")
    print("every bill is what the server saw")


def check_target(name, home, data, scratch, queries):
    """How many equations do not hold for one target."""
    wrong = 0
    s3 = S3(home, scratch)
    with s3.process, open_target(name, Place(data, s3, scratch, threads=2, seconds_max=300)) as target:
        print(f"{name}\n  q run      scanned  transferred       cached         gap     retried  requests")
        for number, sql in queries.items():
            for run in range(1, RUNS + 1):
                time.sleep(SETTLE_SECONDS)
                s3.reads_since_last_call()
                row = target.run(sql).log
                time.sleep(SETTLE_SECONDS)
                wrong += check_bill(f"{number:3} {run:3}", row, s3.reads_since_last_call())
    return wrong


def check_bill(label, row, seen):
    if row is None:
        print(f"{label}  no finished row in system.queries")
        return 1
    print(f"{label} {row['scanned_bytes']:12} {row['transferred_bytes']:12} {row['cached_bytes']:12} {row['gap_bytes']:11}"
          f" {row['retried_bytes']:11} {row['requests']:9}")
    equations = [
        ("transferred_bytes", row["transferred_bytes"], "bytes the server sent", seen.bytes_sent),
        ("requests", row["requests"], "object reads the server saw", seen.gets),
        ("scanned_bytes", row["scanned_bytes"], "transferred less gaps and retries",
         row["transferred_bytes"] - row["gap_bytes"] - row["retried_bytes"]),
    ]
    broken = [equation for equation in equations if equation[1] != equation[3]]
    for left, value, right, other in broken:
        print(f"      {left} = {value}, but {right} = {other} (difference {value - other})")
    return len(broken)


if __name__ == "__main__":
    main()

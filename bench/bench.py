#!/usr/bin/env python3
"""TPC-H through Flight SQL against scops, side by side with DuckDB and plain DataFusion, on files and on S3.

    bench/run [--sf 1,10] [--targets serve,cluster,duckdb,datafusion] [--stores file,s3] [--queries 1,6] [--out PREFIX]

For every scale factor and store all targets are started, then each query is run on each target in turn: once to warm up, then three
times (twice from scale factor 10 on), of which the median counts. Targets alternate within a query, so that a slow minute of the
machine hits all of them. Every result is compared with DuckDB's over the same files. Times are from query text to all rows at the
client. Everything runs on the same two CPUs (--threads).

Data is generated once, below ${SCOPS_BENCH_DIR:-/tmp/scops-bench}. Exit code 1 if a query failed or an answer differed.
"""

import argparse
import contextlib
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import report
import tpch
from compare import difference
from s3 import S3
from targets import InProcess, Place, available, open_target

TARGETS = ["serve", "cluster", "duckdb", "datafusion"]
# Measured when asked for: it shows that the answers agree, not how fast anything is.
OPTIONAL_TARGETS = ["workers"]
STORES = ["file", "s3"]
RUNS = 3
RUNS_LARGE = 2
LARGE_SCALE_FACTOR = 10


def main():
    options = parse_options()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])
    home = Path(os.environ.get("SCOPS_BENCH_DIR", "/tmp/scops-bench"))
    measured = []
    with tempfile.TemporaryDirectory(prefix="scops-bench-") as scratch:
        for scale_factor in options.sf:
            data = tpch.make_data(home, scale_factor)
            for store in options.stores:
                measured.append(measure(options, home, data, scale_factor, store, Path(scratch) / f"{data.name}-{store}"))
    results = {"environment": environment(options), "measured": measured}
    prefix = options.out or home / "results" / time.strftime("%Y%m%d-%H%M%S")
    prefix.parent.mkdir(parents=True, exist_ok=True)
    Path(f"{prefix}.json").write_text(json.dumps(results, indent=1, default=str) + "\n")
    text = report.markdown(results)
    Path(f"{prefix}.md").write_text(text)
    print(f"\n{text}\nwritten to {prefix}.json and {prefix}.md")
    if report.faults(results):
        sys.exit(1)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sf", default=[1, 10], type=numbers(float), help="scale factors (1,10)")
    parser.add_argument("--targets", default=TARGETS, type=names(TARGETS + OPTIONAL_TARGETS),
                        help=",".join(TARGETS + OPTIONAL_TARGETS))
    parser.add_argument("--stores", default=STORES, type=names(STORES), help=",".join(STORES))
    parser.add_argument("--queries", default=[], type=numbers(int), help="numbers of queries (all)")
    parser.add_argument("--runs", type=int, help="measured runs per query (3, from SF10 on 2)")
    parser.add_argument("--threads", default=2, type=int, help="CPUs that all processes share (2)")
    parser.add_argument("--timeout", default=300.0, type=float, help="seconds a query may take (300)")
    parser.add_argument("--out", type=Path, help="prefix of the result files")
    return parser.parse_args()


def numbers(kind):
    return lambda text: [kind(part) for part in text.split(",")]


def names(known):
    def parse(text):
        chosen = text.split(",")
        if unknown := set(chosen) - set(known):
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}")
        return chosen

    return parse


def measure(options, home, data, scale_factor, store, scratch):
    """All queries on all targets, over one data set in one kind of store."""
    print(f"\n== {data.name}, {store}", flush=True)
    result = {"scale_factor": scale_factor, "store": store, "queries": {}, "peak_rss_mib": {}, "skipped": {}}
    with contextlib.ExitStack() as stack:
        s3 = start_s3(stack, home, scratch) if store == "s3" else None
        place = Place(data, s3, scratch, options.threads, options.timeout)
        targets = {}
        for name in options.targets:
            if reason := available(name, place):
                result["skipped"][name] = reason
            else:
                targets[name] = stack.enter_context(open_target(name, place))
        oracle = targets.get("duckdb") or stack.enter_context(
            InProcess("duckdb", Place(data, None, scratch / "oracle", options.threads, options.timeout)))
        runs = options.runs or (RUNS_LARGE if scale_factor >= LARGE_SCALE_FACTOR else RUNS)
        for number, sql in tpch.queries(options.queries).items():
            expected = oracle.run(sql).rows
            result["queries"][number] = {
                name: measure_query(target, sql, runs, expected, place.s3) for name, target in targets.items()}
            print(f"q{number:02}  " + "  ".join(f"{name} {report.cell(entry)}" for name, entry in
                                               result["queries"][number].items()), flush=True)
        for target in targets.values():
            result["peak_rss_mib"].update(target.peak_rss_mib())
    return result


def start_s3(stack, home, scratch):
    s3 = S3(home, scratch)
    stack.enter_context(s3.process)
    return s3


def measure_query(target, sql, runs, expected, s3):
    """One warm-up and `runs` measured runs; bytes and requests are those of the last run."""
    entry = {"seconds": [], "difference": None, "error": None}
    try:
        target.run(sql)
        for _ in range(runs):
            if s3:
                s3.reads_since_last_call()
            answer = target.run(sql)
            entry["seconds"].append(answer.seconds)
            entry["difference"] = entry["difference"] or difference(expected, answer.rows)
        if s3:
            entry["s3"] = vars(s3.reads_since_last_call())
        if answer.log:
            entry["log"] = {key: answer.log.get(key) for key in report.LOG_COLUMNS}
        entry["median"] = statistics.median(entry["seconds"])
    except Exception as error:  # a failing query is a result; the others are still measured
        entry["error"] = f"{type(error).__name__}: {error}"[:500]
    return entry


def environment(options):
    packages = ["duckdb", "datafusion", "adbc-driver-flightsql", "pyarrow", "tpchgen-cli"]
    commit = subprocess.run(["git", "-C", tpch.REPOSITORY, "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"commit": commit.stdout.strip(), "threads": options.threads, "cpu": platform.machine(), "cpus": os.cpu_count(),
            "memory_gib": round(memory / 2**30, 1), "python": platform.python_version(),
            "packages": {name: version(name) for name in packages}, "date": time.strftime("%Y-%m-%d %H:%M")}


if __name__ == "__main__":
    main()

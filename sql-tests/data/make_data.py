#!/usr/bin/env python3
"""Writes the small data files that the .slt suites read.

Every file is written by a tool that is not scops (pyarrow, pyorc, DuckDB, Python's csv, gzip and json), so that a
reader fault cannot hide behind a writer fault of ours. Files that carry the expected rows of a table whose
own files are not trusted to say so (partition values in paths, text with escapes) are below `truth/`.

    pip install -r requirements.txt
    ./make_data.py            rewrites parquet/, csv/, json/, bad/, truth/ and orc_tables/

The files in orc/ are make_orc.py's, to be run first.

The output depends on nothing but this code and the two pinned versions; running it twice changes no byte.
"""

import shutil
from pathlib import Path

import make_bad
import make_json
import make_orc_tables
import make_parquet
import make_partitions
import make_relations
import make_text

ROOT = Path(__file__).resolve().parent
FOLDERS = ["parquet", "csv", "json", "bad", "truth", "orc_tables"]
# The whole tree is committed, so it must stay small.
SIZE_LIMIT_BYTES = 1_500_000


def main():
    for name in FOLDERS:
        shutil.rmtree(ROOT / name, ignore_errors=True)
    for module in (make_relations, make_parquet, make_partitions, make_text, make_json, make_bad, make_orc_tables):
        module.write(ROOT)
    size = sum(path.stat().st_size for name in FOLDERS for path in (ROOT / name).rglob("*") if path.is_file())
    print(f"{size} bytes below {ROOT}")
    if size > SIZE_LIMIT_BYTES:
        raise SystemExit(f"more than the limit of {SIZE_LIMIT_BYTES} bytes")


if __name__ == "__main__":
    main()

"""Partitioned tables in the folder layout of Hive, and what their rows are, below truth/.

The expected rows carry the partition keys as columns: no reader of ours and none of the oracle has to
understand a path to answer from them.
"""

import datetime as dt
import gzip

import pyarrow as pa
from parquet_file import write_parquet

NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"
# What Hive writes as %XX in a partition's folder name.
HIVE_ESCAPED = '"#%\'*/:=?\\{[]^'


def write(root):
    cities = ["Berlin", "New York", "a:b", "a/b", "100%", "x=y", "Zürich", "O'Hare", "%3A", "a b+c", "NULL", None]
    write_table(root, "by_city", [("city", pa.string())], [(city,) for city in cities], rows_each=3)
    numbers = list(range(-3, 31)) + [None]
    write_table(root, "by_number", [("k", pa.int32())], [(number,) for number in numbers], rows_each=2)
    days = [dt.date(2024, 2, 25) + dt.timedelta(days=day) for day in range(10)] + [dt.date(1969, 12, 31), None]
    write_table(root, "by_day", [("day", pa.date32())], [(day,) for day in days], rows_each=2)
    moments = [dt.datetime(2024, 1, 1), dt.datetime(2024, 1, 1, 6, 30), dt.datetime(2024, 1, 1, 6, 30, 0, 500000),
               dt.datetime(2024, 6, 1, 23, 59, 59), None]
    write_table(root, "by_moment", [("moment", pa.timestamp("us"))], [(moment,) for moment in moments], rows_each=2)
    months = [(year, month, region) for year in (2023, 2024) for month in range(1, 13, 2) for region in ("eu", "us")]
    months += [(2024, None, "eu"), (None, None, None)]
    keys = [("year", pa.int32()), ("month", pa.int32()), ("region", pa.string())]
    write_table(root, "by_month", keys, months, rows_each=2)
    write_added(root)
    write_text(root)


def write_table(root, name, keys, partitions, rows_each):
    """One folder per partition with one file of `rows_each` rows, and all rows together below truth/."""
    ids, values, columns = [], [], [[] for _ in keys]
    for number, partition in enumerate(partitions):
        rows = [number * rows_each + row for row in range(rows_each)]
        write_parquet(root / "parquet" / name / folder(keys, partition) / f"{number}.parquet", payload(rows))
        ids += rows
        values += [row * 10 for row in rows]
        for column, value in zip(columns, partition):
            column += [value] * rows_each
    truth = payload(ids)
    for (key, kind), column in zip(keys, columns):
        truth = truth.append_column(key, pa.array(column, kind))
    write_parquet(root / "truth" / f"{name}.parquet", truth)


def payload(ids):
    return pa.table({"id": pa.array(ids, pa.int64()), "v": pa.array([row * 10 for row in ids], pa.int32())})


def folder(keys, values):
    return "/".join(f"{key}={escape(value)}" for (key, _), value in zip(keys, values))


def escape(value):
    if value is None:
        return NULL_PARTITION
    text = str(value)
    return "".join(f"%{ord(char):02X}" if char in HIVE_ESCAPED or ord(char) < 32 else char for char in text)


def write_added(root):
    """Folders whose names say nothing about their partition: for ADD PARTITION … LOCATION."""
    for number, name in enumerate(["first", "second", "third"]):
        write_parquet(root / "parquet" / "added" / name / "0.parquet", payload([number * 2, number * 2 + 1]))


def write_text(root):
    """A partitioned CSV table: one partition is gzip, one has two files."""
    base = root / "csv" / "by_kind"
    rows = {"plain": "1,one\n2,two\n", "packed": "3,three\n4,four\n", "both": "5,five\n"}
    for kind, text in rows.items():
        (base / f"kind={kind}").mkdir(parents=True, exist_ok=True)
        if kind != "packed":
            (base / f"kind={kind}" / "0.csv").write_text(text)
    (base / "kind=packed" / "0.csv.gz").write_bytes(gzip.compress(rows["packed"].encode(), mtime=0))
    (base / "kind=both" / "1.csv.gz").write_bytes(gzip.compress(b"6,six\n", mtime=0))

"""Parquet files that differ in how they are written: types, codecs, pages, indexes, schemas over time."""

import datetime as dt
from decimal import Decimal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from parquet_file import write_parquet


def write(root):
    parquet = root / "parquet"
    write_parquet(parquet / "types" / "types.parquet", types_table(), compression="snappy")
    write_parquet(
        parquet / "types_compact" / "types.parquet", types_table(), compression="snappy",
        store_decimal_as_integer=True, data_page_version="2.0", version="1.0", use_dictionary=False,
    )
    write_codecs(parquet / "codecs")
    write_pruning(parquet)
    write_evolved(parquet)
    write_nested(parquet)
    write_empty(parquet)
    write_timestamps(parquet)
    write_four_days(parquet / "four_days")


def types_table():
    """Ordinary values, extremes and NULLs of every primitive type of Hive."""
    days = [dt.date(1970, 1, 1), dt.date(1, 1, 1), dt.date(9999, 12, 31), dt.date(1582, 10, 15), None]
    times = [dt.datetime(1970, 1, 1), dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59, 999999),
             dt.datetime(1969, 12, 31, 23, 59, 59, 999999), None]
    wide = ["0", "9999999999999999999999999999.9999999999", "-9999999999999999999999999999.9999999999",
            "0.0000000001", None]
    return pa.table({
        "id": pa.array([1, 2, 3, 4, 5], pa.int32()),
        "c_boolean": pa.array([True, False, True, False, None], pa.bool_()),
        "c_tinyint": pa.array([0, 127, -128, 1, None], pa.int8()),
        "c_smallint": pa.array([0, 32767, -32768, 1, None], pa.int16()),
        "c_int": pa.array([0, 2147483647, -2147483648, 1, None], pa.int32()),
        "c_bigint": pa.array([0, 9223372036854775807, -9223372036854775808, 1, None], pa.int64()),
        "c_float": pa.array([0.0, 1.5, -2.25, 1024.0, None], pa.float32()),
        "c_double": pa.array([0.0, 0.1, -123456.789, 2.0 ** 60, None], pa.float64()),
        "c_decimal_small": pa.array(decimals(["0", "999.99", "-999.99", "0.01", None]), pa.decimal128(5, 2)),
        "c_decimal": pa.array(decimals(["0", "99999999999999.9999", "-0.0001", "1.5", None]), pa.decimal128(18, 4)),
        "c_decimal_wide": pa.array(decimals(wide), pa.decimal128(38, 10)),
        "c_date": pa.array(days, pa.date32()),
        "c_timestamp": pa.array(times, pa.timestamp("us")),
        "c_string": pa.array(["", "plain", "Grüße, 世界 🦀", " spaces ", None], pa.string()),
        "c_binary": pa.array([b"", b"\x00\x01", b"\xff\xfe", b"abc", None], pa.binary()),
    })


def decimals(texts):
    return [None if text is None else Decimal(text) for text in texts]


def write_codecs(folder):
    """Six files of 300 rows, each with another codec; every other file has version 2 data pages."""
    for number, codec in enumerate(["none", "snappy", "gzip", "zstd", "lz4", "brotli"]):
        rows = range(number * 300, number * 300 + 300)
        table = pa.table({
            "id": pa.array(rows, pa.int64()),
            "codec": pa.array([codec] * 300, pa.string()),
            "word": pa.array([f"word-{row % 40}" if row % 7 else None for row in rows], pa.string()),
            "amount": pa.array([Decimal(row * 3).scaleb(-2) for row in rows], pa.decimal128(12, 2)),
        })
        page_version = "2.0" if number % 2 else "1.0"
        write_parquet(folder / f"{codec}.parquet", table, compression=codec, data_page_version=page_version)


def write_pruning(parquet):
    """Files whose rows can be left out without reading them: statistics, page index, bloom filters."""
    rows = range(5_000)
    table = pa.table({
        "id": pa.array(rows, pa.int64()),
        "bucket": pa.array([f"b{row // 250:02}" for row in rows], pa.string()),
        "scattered": pa.array([row * 2_654_435_761 % 1_000_003 for row in rows], pa.int64()),
        "maybe": pa.array([row if row % 1000 >= 500 else None for row in rows], pa.int32()),
        "wild": pa.array([float("nan") if row % 250 == 7 else row / 4 for row in rows], pa.float64()),
    })
    write_parquet(
        parquet / "pruning" / "many-groups.parquet", table, row_group_size=500, write_page_index=True,
        max_rows_per_page=100, write_batch_size=50, bloom_filter_options={"scattered": {"ndv": 500, "fpp": 0.01}},
    )
    write_parquet(parquet / "pruning_bare" / "no-statistics.parquet", table, row_group_size=500, write_statistics=False)
    path = parquet / "pruning_duckdb" / "bloom.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as db:
        db.execute("SET threads = 1")
        db.register("source", table)
        db.execute(f"COPY source TO '{path}' (FORMAT parquet, CODEC zstd, ROW_GROUP_SIZE 2048, PARQUET_VERSION v1)")


def write_evolved(parquet):
    """Columns added, reordered, written in another case, and widened, from file to file."""
    folder = parquet / "evolved"
    write_parquet(folder / "1-first.parquet", pa.table({
        "id": pa.array([1, 2], pa.int64()), "name": pa.array(["one", "two"])}))
    write_parquet(folder / "2-added.parquet", pa.table({
        "id": pa.array([3, 4], pa.int64()), "name": pa.array(["three", None]), "amount": pa.array([30, 40], pa.int32())}))
    write_parquet(folder / "3-reordered.parquet", pa.table({
        "amount": pa.array([50, None], pa.int32()), "id": pa.array([5, 6], pa.int64()), "name": pa.array(["five", "six"])}))
    write_parquet(folder / "4-mixed-case.parquet", pa.table({
        "ID": pa.array([7], pa.int64()), "Name": pa.array(["seven"]), "AMOUNT": pa.array([70], pa.int32())}))
    write_parquet(folder / "5-extra.parquet", pa.table({
        "id": pa.array([8], pa.int64()), "unknown": pa.array(["not in the table"])}))
    folder = parquet / "widened"
    for number, (whole, real) in enumerate([(pa.int8(), pa.float32()), (pa.int16(), pa.float32()),
                                            (pa.int32(), pa.float64()), (pa.int64(), pa.float64())]):
        base = number * 10
        write_parquet(folder / f"{number}.parquet", pa.table({
            "id": pa.array([base, base + 1, base + 2], pa.int32()),
            "whole": pa.array([base, -base - 1, None], whole),
            "real": pa.array([base + 0.5, None, -base - 0.25], real),
            "price": pa.array(decimals([f"{base}.5", "-1.5", None]), pa.decimal128(6 + number, 1))}))


def write_nested(parquet):
    inner = pa.struct([("a", pa.int32()), ("b", pa.string())])
    write_parquet(parquet / "nested" / "nested.parquet", pa.table({
        "id": pa.array([1, 2, 3, 4], pa.int32()),
        "numbers": pa.array([[1, 2, None], [], None, [4]], pa.list_(pa.int32())),
        "pair": pa.array([{"a": 1, "b": "x"}, {"a": None, "b": "y"}, None, {"a": 4, "b": None}], inner),
        "counts": pa.array([[("k", 1), ("l", None)], [], None, [("m", 4)]], pa.map_(pa.string(), pa.int32())),
        "pairs": pa.array([[{"a": 1, "b": "p"}, {"a": 2, "b": "q"}], [], None, [{"a": None, "b": "r"}]], pa.list_(inner)),
    }))


def write_empty(parquet):
    """A file without rows, one without row groups, and the marker files other engines leave behind."""
    folder = parquet / "with_empty"
    table = pa.table({"id": pa.array([1, 2, 3], pa.int64()), "name": pa.array(["a", "b", "c"])})
    write_parquet(folder / "0-no-rows.parquet", table.slice(0, 0))
    write_parquet(folder / "1-rows.parquet", table)
    pq.ParquetWriter(folder / "2-no-row-groups.parquet", table.schema).close()
    (folder / "_SUCCESS").write_bytes(b"")
    (folder / "_metadata.txt").write_bytes(b"not a parquet file\n")
    (folder / ".1-rows.parquet.crc").write_bytes(b"crc\x00\x00\x00\x00")
    write_parquet(parquet / "only_empty" / "no-rows.parquet", table.slice(0, 0))


def write_timestamps(parquet):
    """INT96 beyond the range of nanoseconds, and the three units of INT64."""
    old_and_new = [dt.datetime(1000, 1, 1, 12, 34, 56, 789012), dt.datetime(1969, 12, 31, 23, 59, 59, 999999),
                   dt.datetime(3000, 6, 15, 1, 2, 3), dt.datetime(2024, 2, 29, 23, 59, 59, 123456), None]
    write_parquet(parquet / "int96" / "int96.parquet", pa.table({
        "id": pa.array(range(1, 6), pa.int32()), "stamp": pa.array(old_and_new, pa.timestamp("us"))}),
        use_deprecated_int96_timestamps=True)
    near = [dt.datetime(1969, 12, 31, 23, 59, 59, 999000), dt.datetime(2024, 2, 29, 12, 0, 0, 123000), None]
    for unit in ["ms", "us", "ns"]:
        write_parquet(parquet / "timestamp_units" / f"{unit}.parquet", pa.table({
            "unit": pa.array([unit] * 3), "stamp": pa.array(near, pa.timestamp(unit))}))


def write_four_days(folder):
    """A file for each of four days, so that conditions on a timestamp tell which files matter."""
    for day in range(1, 5):
        stamps = [dt.datetime(2024, 1, day), dt.datetime(2024, 1, day, 12), dt.datetime(2024, 1, day, 23, 59, 59, 999000)]
        write_parquet(folder / f"{day}.parquet", pa.table({
            "id": pa.array(range(3 * day, 3 * day + 3), pa.int32()),
            "ts": pa.array(stamps, pa.timestamp("us")),
            "day": pa.array([stamp.date() for stamp in stamps], pa.date32()),
            "iso": pa.array([stamp.isoformat() + "Z" for stamp in stamps]),
        }))

"""ORC files that differ in types, codecs, encodings, statistics and layout, with their rows as JSON.

`<name>.json.gz` holds the rows as they went in, one JSON object per line, so that a reader is not only
compared with another reader; files with the same rows share one of them. Files are written by the C++ library (pyarrow, pyorc).
Needs: pip install pyarrow==26.0.1 pyorc==0.12.0
"""

import datetime as dt
import gzip
import json
import math
import pathlib
import random
import sys
from decimal import Decimal
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.orc
import pyorc

NONE = pyorc.CompressionKind.NONE
ZSTD = pyorc.CompressionKind.ZSTD
EPOCH = dt.datetime(1970, 1, 1)


def write(root):
    orc = root / "orc"
    orc.mkdir(parents=True, exist_ok=True)
    write_types(orc)
    write_codecs(orc)
    write_pruning(orc)
    write_nested(orc)
    write_times(orc)
    write_layouts(orc)
    write_texts(orc)
    write_evolved(orc)
    write_refused(orc)


def write_types(orc):
    dice = random.Random(1)
    rows = 300

    def column(kind, make):
        values = [None if dice.random() < 0.2 else make(at) for at in range(rows)]
        return pa.array(values, kind)

    words = ["", "a", "zebra", "über", "日本", "with blank ", "x" * 40]
    table = pa.table({
        "id": pa.array(range(rows), pa.int64()),
        "c_boolean": column(pa.bool_(), lambda at: dice.random() < 0.5),
        "c_tinyint": column(pa.int8(), lambda at: dice.randint(-128, 127)),
        "c_smallint": column(pa.int16(), lambda at: dice.randint(-32768, 32767)),
        "c_int": column(pa.int32(), lambda at: dice.choice([-2**31, 2**31 - 1, at, 7, 7, 7])),
        "c_bigint": column(pa.int64(), lambda at: dice.choice([-2**63, 2**63 - 1, at * 10**9, -at])),
        "c_float": column(pa.float32(), lambda at: dice.choice([0.5, -0.0, 1e30, at / 4])),
        "c_double": column(pa.float64(), lambda at: dice.choice([math.nan, math.inf, -0.0, at / 3])),
        "c_string": column(pa.string(), lambda at: dice.choice(words)),
        "c_binary": column(pa.binary(), lambda at: bytes([at % 256, 0, 255])),
        "c_date": column(pa.date32(), lambda at: dt.date(1969, 12, 1) + dt.timedelta(days=at)),
        "c_decimal": column(pa.decimal128(10, 2), lambda at: Decimal(dice.randint(-10**9, 10**9)) / 100),
        "c_wide": column(pa.decimal128(38, 10), lambda at: Decimal(dice.randint(-10**37, 10**37)).scaleb(-10)),
        "c_timestamp": column(pa.timestamp("us"), lambda at: dt.datetime(2020, 1, 1) + dt.timedelta(seconds=at, microseconds=at * 997)),
        "c_array": column(pa.list_(pa.int32()), lambda at: [None if n == 2 else n for n in range(at % 5)]),
        "c_map": column(pa.map_(pa.string(), pa.int64()), lambda at: [(f"k{n}", None if n == 1 else n) for n in range(at % 4)]),
        "c_struct": column(pa.struct([("a", pa.int32()), ("b", pa.string())]), lambda at: {"a": None if at % 3 == 0 else at, "b": f"b{at}"}),
        "c_null": pa.array([None] * rows, pa.int32()),
    })
    save(orc, "types", table, compression="zlib")
    save(orc, "types_v1", table, rows="types", compression="uncompressed", file_version="0.11")
    save(orc, "types_dictionary", table, rows="types", compression="zstd", dictionary_key_size_threshold=1.0)
    save(orc, "empty", table.slice(0, 0), compression="zlib")


def write_codecs(orc):
    rows = 2000
    table = pa.table({
        "id": pa.array(range(rows), pa.int64()),
        "word": pa.array([f"word {at % 37} of {at}" for at in range(rows)]),
    })
    for codec in ["uncompressed", "zlib", "snappy", "lz4", "zstd"]:
        save(orc, f"codec_{codec}", table, rows="codec", compression=codec, compression_block_size=65536)


def write_pruning(orc):
    """Columns whose statistics mislead who trusts them, in many stripes and row groups."""
    rows = 1600

    def row(at):
        part = at // 200
        late = dt.datetime(2021, 1, 1) + dt.timedelta(hours=at)
        return (
            at,
            math.nan if at % 100 < 50 else 1.0,
            math.nan if at % 100 == 99 else float(part),
            -0.0 if part == 2 else float(part - 2),
            Decimal(part * 3),
            f"{part}{'x' * (at % 3)}",
            late,
            dt.date(2021, 1, 1) + dt.timedelta(days=part),
            part % 2 == 0,
            None if part == 3 or at % 7 == 0 else part,
        )

    schema = ("struct<id:bigint,nan_first:double,nan_last:double,zero:double,money:decimal(10,2),"
              "text:string,at:timestamp,day:date,flag:boolean,sparse:int>")
    data = [row(at) for at in range(rows)]
    names = [part.split(":")[0] for part in schema[7:-1].split(",") if ":" in part]
    for name, options in {
        # The library only ends stripes early in uncompressed files.
        "stripes": {"stripe_size": 1, "batch_size": 200, "row_index_stride": 0, "compression": NONE},
        "groups": {"row_index_stride": 50, "bloom_filter_columns": (1, 6), "compression": ZSTD},
        "stripes_groups": {"stripe_size": 1, "batch_size": 400, "row_index_stride": 100, "compression": NONE},
    }.items():
        with open(orc / f"{name}.orc", "wb") as file:
            with pyorc.Writer(file, schema, timezone=ZoneInfo("UTC"), **options) as writer:
                for values in data:
                    values = list(values)
                    values[6] = values[6].replace(tzinfo=dt.timezone.utc)
                    writer.write(tuple(values))
    save_rows(orc, "pruning", [dict(zip(names, values)) for values in data], {"money": 2})


def write_nested(orc):
    dice = random.Random(2)
    schema = ("struct<id:int,l:array<struct<a:int,b:array<string>>>,"
              "m:map<string,struct<x:double,t:timestamp>>,s:struct<i:struct<j:int,k:string>,n:array<array<int>>>>")

    def maybe(value, chance=0.15):
        return None if dice.random() < chance else value

    def row(at):
        moment = dt.datetime(2001, 2, 3, 4, 5, 6, 789000 + at)
        items = [maybe((maybe(at * n), maybe([f"s{n}{j}" for j in range(dice.randint(0, 3))])))
                 for n in range(dice.randint(0, 4))]
        pairs = {f"k{n}": maybe((float(n), maybe(moment))) for n in range(dice.randint(0, 3))}
        inner = maybe((maybe(at), maybe("k" * (at % 4))))
        grid = maybe([maybe([maybe(n) for n in range(dice.randint(0, 3))]) for _ in range(dice.randint(0, 3))])
        return (at, maybe(items), maybe(pairs), maybe((inner, grid)))

    data = [row(at) for at in range(400)]

    def named(row):
        at, items, pairs, both = row
        return {
            "id": at,
            "l": items and [item and {"a": item[0], "b": item[1]} for item in items],
            "m": pairs if not pairs else Pairs((key, value and {"x": value[0], "t": value[1]}) for key, value in pairs.items()),
            "s": both and {"i": both[0] and {"j": both[0][0], "k": both[0][1]}, "n": both[1]},
        }

    def zoned(value):
        if isinstance(value, dt.datetime):
            return value.replace(tzinfo=dt.timezone.utc)
        if isinstance(value, tuple):
            return tuple(zoned(part) for part in value)
        if isinstance(value, dict):
            return {key: zoned(part) for key, part in value.items()}
        return value

    with open(orc / "nested.orc", "wb") as file:
        with pyorc.Writer(file, schema, compression=pyorc.CompressionKind.ZLIB, batch_size=100,
                          timezone=ZoneInfo("UTC")) as writer:
            for values in data:
                writer.write(zoned(values))
    rows = [named(values) for values in data]
    for written in rows:
        written["m"] = Pairs() if written["m"] == {} else written["m"]
    save_rows(orc, "nested", rows, {})

    schema = "struct<id:int,u:uniontype<int,string>>"
    with open(orc / "union.orc", "wb") as file:
        with pyorc.Writer(file, schema) as writer:
            rows = [(at, None if at % 5 == 0 else at if at % 2 else f"s{at}") for at in range(100)]
            writer.writerows(rows)
    shown = [{"id": at, "u": {"field0": value if isinstance(value, int) else None,
                              "field1": value if isinstance(value, str) else None}} for at, value in rows]
    save_rows(orc, "union", shown, {})


def write_times(orc):
    """Timestamps before 1970, finer than a microsecond, far away, and from other zones."""
    moments = [0, 1, 999, 1000, 1_600_000_000_123_456_789, -1_000_000_000_000_000_000, -86_400_000_000_000,
               4_102_444_800_000_000_001, -2_208_988_800_000_000_000, -1, -1000, -999_000, -1_000_000,
               -500_000_000, -1_500_000_000, -123_456_789_000, -86_400_000_000_001]
    table = pa.table({
        "id": pa.array(range(len(moments)), pa.int32()),
        "ns": pa.array(moments, pa.timestamp("ns")),
        "utc": pa.array(moments, pa.timestamp("ns", "UTC")),
    })
    pyarrow.orc.write_table(table, str(orc / "times.orc"))
    micros = [moment // 1000 for moment in moments]
    save_rows(orc, "times", [{"id": at, "ns": of, "utc": of} for at, of in enumerate(micros)], {})

    for name, zone in {"los_angeles": "America/Los_Angeles", "kolkata": "Asia/Kolkata", "sydney": "Australia/Sydney"}.items():
        local = [dt.datetime(1965, 6, 1, 12), dt.datetime(2021, 7, 1, 23, 30, 0, 250), dt.datetime(2021, 1, 1),
                 dt.datetime(1950, 1, 1, 0, 0, 1), dt.datetime(1968, 5, 6, 7, 8, 9, 500000),
                 dt.datetime(9999, 12, 31, 1), dt.datetime(2021, 11, 7, 0, 30), dt.datetime(2050, 7, 1, 12), dt.datetime(2150, 7, 1, 12),
                 None]
        with open(orc / f"zone_{name}.orc", "wb") as file:
            with pyorc.Writer(file, "struct<id:int,at:timestamp>", timezone=ZoneInfo(zone)) as writer:
                for at, moment in enumerate(local):
                    writer.write((at, moment and moment.replace(tzinfo=ZoneInfo(zone))))
        save_rows(orc, f"zone_{name}", [{"id": at, "at": moment} for at, moment in enumerate(local)], {})


def write_layouts(orc):
    """A column that is all null in some stripes, and no column but nulls."""
    schema = "struct<id:int,late:string,never:double>"
    rows = [(at, f"v{at}" if at >= 600 else None, None) for at in range(900)]
    with open(orc / "sparse.orc", "wb") as file:
        with pyorc.Writer(file, schema, stripe_size=1, batch_size=300, row_index_stride=100,
                          compression=NONE) as writer:
            writer.writerows(rows)
    save_rows(orc, "sparse", [dict(zip(["id", "late", "never"], row)) for row in rows], {})


def write_texts(orc):
    schema = "struct<id:int,c:char(5),v:varchar(8),s:string>"
    texts = ["a", "ab  ", "abcde", "", "é", None, "zz"]
    long = "y" * 1500
    rows = [(at, texts[at % 7], texts[at % 7], long if at % 10 == 0 else texts[at % 7]) for at in range(70)]
    with open(orc / "texts.orc", "wb") as file:
        with pyorc.Writer(file, schema, compression=pyorc.CompressionKind.SNAPPY) as writer:
            writer.writerows(rows)
    # The writer pads CHAR to its length.
    shown = [(at, None if c is None else c + " " * (5 - len(c)), v, s) for at, c, v, s in rows]
    save_rows(orc, "texts", [dict(zip(["id", "c", "v", "s"], row)) for row in shown], {})


def write_evolved(orc):
    """The same table before and after a column was added, and with names as Hive once wrote them."""
    old = pa.table({"Id": pa.array([1, 2, 3], pa.int32()), "Name": pa.array(["a", None, "c"])})
    save(orc, "evolved_old", old)
    new = pa.table({"Id": pa.array([4, 5], pa.int64()), "Name": pa.array(["d", "e"]), "Extra": pa.array([1.5, None])})
    save(orc, "evolved_new", new)
    hive = pa.table({"_col0": pa.array([6], pa.int32()), "_col1": pa.array(["f"])})
    save(orc, "evolved_hive", hive)


def write_refused(orc):
    acid = ("struct<operation:int,originalTransaction:bigint,bucket:int,rowId:bigint,"
            "currentTransaction:bigint,row:struct<a:int>>")
    with open(orc / "refused_acid.orc", "wb") as file:
        with pyorc.Writer(file, acid) as writer:
            writer.write((0, 1, 0, 0, 1, (7,)))
    with open(orc / "refused_root.orc", "wb") as file:
        with pyorc.Writer(file, "int") as writer:
            writer.write(7)


class Pairs(list):
    """A map: its pairs in order."""


def save(orc, name, table, rows=None, **options):
    pyarrow.orc.write_table(table, str(orc / f"{name}.orc"), **options)
    columns = {}
    scales = {}
    for field in table.schema:
        values = table.column(field.name).to_pylist()
        if pa.types.is_map(field.type):
            values = [None if value is None else Pairs(value) for value in values]
        if pa.types.is_decimal(field.type):
            scales[field.name] = field.type.scale
        columns[field.name] = values
    written = [dict(zip(columns, values)) for values in zip(*columns.values())]
    save_rows(orc, rows or name, written, scales)


def save_rows(orc, name, rows, scales):
    """Times are whole microseconds since 1970, dates ISO, bytes hexadecimal, decimals text at full scale."""

    def plain(value, scale=None):
        if isinstance(value, Decimal):
            return f"{value:.{scale}f}"
        if isinstance(value, float):
            return value if math.isfinite(value) else str(value)
        if isinstance(value, dt.datetime):
            return (value - EPOCH) // dt.timedelta(microseconds=1)
        if isinstance(value, dt.date):
            return value.isoformat()
        if isinstance(value, bytes):
            return value.hex()
        if isinstance(value, Pairs):
            return [[plain(key), plain(of)] for key, of in value]
        if isinstance(value, dict):
            return {key: plain(of) for key, of in value.items()}
        if isinstance(value, (list, tuple)):
            return [plain(of) for of in value]
        return value

    written = [{key: plain(value, scales.get(key)) for key, value in row.items()} for row in rows]
    lines = [json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in written]
    (orc / f"{name}.json.gz").write_bytes(gzip.compress("".join(lines).encode(), mtime=0))


if __name__ == "__main__":
    write(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent)

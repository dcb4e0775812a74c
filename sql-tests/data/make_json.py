"""Newline-delimited JSON, plain and gzip. Expected rows of the irregular table are below truth/."""

import json

import pyarrow as pa
from make_text import pack, put, truth

GZIP_FILES = 11
GZIP_ROWS_EACH = 30


def write(root):
    write_regular(root)
    write_gzip(root)
    write_irregular(root)
    write_nested(root)


def line(row):
    return json.dumps(row, ensure_ascii=False) + "\n"


def write_regular(root):
    for number in range(5):
        rows = range(number * 80, number * 80 + 80 - number)
        text = "".join(line({"id": row, "name": f"name {row}", "price": row / 4, "sold": row % 2 == 0}) for row in rows)
        put(root / "json" / "regular" / f"{number}.json", text)


def write_gzip(root):
    for number in range(GZIP_FILES):
        rows = range(number * GZIP_ROWS_EACH, (number + 1) * GZIP_ROWS_EACH)
        text = "".join(line({"id": row, "word": f"word {row % 13}", "n": row * 3 % 101}) for row in rows)
        content = pack(text)
        if number == 3:
            middle = text.index("\n", len(text) // 2) + 1
            content = pack(text[:middle]) + pack(text[middle:])
        put(root / "json" / "gzip" / f"{number:02}.json.gz", content)


def write_irregular(root):
    """Missing, null, unknown and reordered keys, keys in another case, escapes, blank space."""
    put(root / "json" / "irregular" / "0.json", "".join([
        '{"id": 1, "name": "plain", "n": 10}\n',
        '{"n": 20, "id": 2, "name": "reordered"}\n',
        '{"id": 3}\n',
        '{"id": 4, "name": null, "n": null}\n',
        '{"id": 5, "name": "unknown key", "n": 50, "unknown": {"a": [1, 2]}}\n',
        '{"ID": 6, "Name": "other case", "N": 60}\n',
        '{"id": 7, "name": "tab\\tquote\\"slash\\/unicode\\u00e9\\ud83e\\udd80", "n": 70}\n',
        '  {"id" : 8 , "name" : "" , "n" : -80 }  \n',
        '{"id": 9, "name": "no line end", "n": 9000000000}',
    ]))
    truth(root, "json_irregular", {
        "id": pa.array(range(1, 10), pa.int32()),
        "name": pa.array(["plain", "reordered", None, None, "unknown key", "other case", 'tab\tquote"slash/unicodeé🦀', "",
                          "no line end"]),
        "n": pa.array([10, 20, None, None, 50, 60, 70, -80, 9_000_000_000], pa.int64()),
    })


def write_nested(root):
    rows = [
        {"id": 1, "numbers": [1, 2, None], "pair": {"a": 1, "b": "x"}, "counts": {"k": 1, "l": None}},
        {"id": 2, "numbers": [], "pair": {"a": None, "b": "y"}, "counts": {}},
        {"id": 3, "numbers": None, "pair": None, "counts": None},
        {"id": 4, "numbers": [4], "pair": {"b": None, "a": 4}, "counts": {"m": 4}},
    ]
    put(root / "json" / "nested" / "0.json", "".join(map(line, rows[:2])))
    put(root / "json" / "nested" / "1.json.gz", pack("".join(map(line, rows[2:]))))

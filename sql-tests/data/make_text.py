"""Delimited text: plain and gzip, headers, escapes, quotes, odd line ends. Expected rows are below truth/."""

import csv
import gzip
import io

import pyarrow as pa
from parquet_file import write_parquet

GZIP_FILES = 23
GZIP_ROWS_EACH = 40


def write(root):
    write_escaped(root)
    write_typed(root)
    write_header(root)
    write_gzip(root)
    write_mixed(root)
    write_default_delimiters(root)
    write_quoted(root)
    write_line_ends(root)
    write_long(root)


def pack(text):
    """One gzip member, without a time stamp."""
    return gzip.compress(text.encode(), mtime=0)


def put(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def truth(root, name, columns):
    write_parquet(root / "truth" / f"{name}.parquet", pa.table(columns))


def write_escaped(root):
    """Escaped delimiters and escapes, \\N, empty fields, missing and surplus fields, values that are no numbers."""
    lines = [
        "1,plain,10,1.5,true,2024-02-29",
        "2,with \\, comma,20,2.5,false,1969-12-31",
        "3,back\\\\slash,30,-0.25,TRUE,0001-01-01",
        "4,\\N,\\N,\\N,\\N,\\N",
        "5,,,,,",
        "6,short",
        "7,surplus,70,7.5,true,2024-01-01,dropped,also dropped",
        "8,not numbers,seven,x,maybe,yesterday",
        "9,Grüße 世界,2147483648,1e3,false,2024-12-31",
        "10, spaced ,-1,0,true,2024-01-02",
    ]
    put(root / "csv" / "escaped" / "a.csv", "\n".join(lines[:6]) + "\n")
    put(root / "csv" / "escaped" / "b.csv", "\n".join(lines[6:]) + "\n")
    put(root / "csv" / "escaped" / "empty.csv", "")
    names = ["plain", "with , comma", "back\\slash", None, "", "short", "surplus", "not numbers", "Grüße 世界", " spaced "]
    truth(root, "csv_escaped", {
        "id": pa.array(range(1, 11), pa.int32()),
        "name": pa.array(names, pa.string()),
        # 2147483648 does not fit an INT, so it is NULL as any other text that is no INT.
        "n": pa.array([10, 20, 30, None, None, None, 70, None, None, -1], pa.int32()),
        "x": pa.array([1.5, 2.5, -0.25, None, None, None, 7.5, None, 1000.0, 0.0], pa.float64()),
        "b": pa.array([True, False, True, None, None, None, True, None, False, True], pa.bool_()),
        "d": pa.array(["2024-02-29", "1969-12-31", "0001-01-01", None, None, None, "2024-01-01", None,
                       "2024-12-31", "2024-01-02"], pa.string()),
    })


def write_typed(root):
    """Every primitive type of Hive as text."""
    put(root / "csv" / "typed" / "0.csv", "\n".join([
        "1,127,32767,9223372036854775807,1.5,12345678.90,2024-02-29 12:34:56,aGk=",
        "2,-128,-32768,-9223372036854775808,-0.25,-0.01,1969-12-31 23:59:59.5,",
        "3,128,32768,9223372036854775808,x,1e,2024-02-30 00:00:00,\\N",
        "4,\\N,\\N,\\N,\\N,\\N,\\N,\\N",
        "5,0,0,0,0,0,2024-01-01 00:00:00.123456,eA==",
    ]) + "\n")


def write_header(root):
    """Two header lines in every file, one file with nothing else, one with less than that."""
    for number in range(5):
        rows = "".join(f"{row}\tname {row}\n" for row in range(number * 100, number * 100 + 100))
        put(root / "csv" / "header" / f"{number}.tsv", "id\tname\n# units: none\n" + rows)
    put(root / "csv" / "header" / "header-only.tsv", "id\tname\n# units: none\n")
    put(root / "csv" / "header" / "one-line.tsv", "id\tname\n")
    put(root / "csv" / "header" / "packed.tsv.gz", pack("id\tname\n# units: none\n500\tname 500\n"))


def write_gzip(root):
    """Many small files, so that any number of tasks gets an odd share; one of several members, one of no rows."""
    for number in range(GZIP_FILES):
        rows = [f"{row}|word {row % 13}|{row * 3 % 101}\n"
                for row in range(number * GZIP_ROWS_EACH, (number + 1) * GZIP_ROWS_EACH)]
        content = pack("".join(rows))
        if number == 5:
            content = pack("".join(rows[:1])) + pack("".join(rows[1:17])) + pack("") + pack("".join(rows[17:]))
        put(root / "csv" / "gzip" / f"{number:02}.csv.gz", content)
    put(root / "csv" / "gzip" / "no-rows.csv.gz", pack(""))


def write_mixed(root):
    """Plain and gzip files side by side; the last line of one has no line end."""
    put(root / "csv" / "mixed" / "a.csv", "1,plain\n2,plain")
    put(root / "csv" / "mixed" / "b.csv.gz", pack("3,packed\n4,packed"))
    put(root / "csv" / "mixed" / "c.csv.gz", pack("5,packed\n"))
    put(root / "csv" / "mixed" / "_SUCCESS", "")
    put(root / "csv" / "mixed" / ".hidden", "6,hidden\n")


def write_default_delimiters(root):
    """Hive's defaults: ^A between fields, ^B between elements, ^C between key and value."""
    put(root / "csv" / "default" / "0.txt",
        "1\x01one\x0110\x02\\N\x0230\x01k\x031\x02l\x032\x011\x02x\n"
        "2\x01two, with comma\x01\\N\x01\\N\x01\\N\n"
        "3\x01\\N\x0140\x01m\x034\x014\x02\\N\n")


def write_quoted(root):
    """Quoted fields that hold delimiters, quotes and line breaks; plain and gzip."""
    rows = [[str(row), f"name, {row}" if row % 3 else f'say "{row}"', f"line {row}\nnext line" if row % 4 == 0 else "",
             str(row * 5)] for row in range(300)]
    for number, (start, end, packed) in enumerate([(0, 120, False), (120, 220, True), (220, 300, False)]):
        text = io.StringIO()
        csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows[start:end])
        suffix, content = (".csv.gz", pack(text.getvalue())) if packed else (".csv", text.getvalue())
        put(root / "csv" / "quoted" / f"{number}{suffix}", content)
    truth(root, "csv_quoted", {
        "id": pa.array([row[0] for row in rows]), "name": pa.array([row[1] for row in rows]),
        "note": pa.array([row[2] for row in rows]), "amount": pa.array([row[3] for row in rows])})
    # Separator and quote of its own, and the escape character inside quotes.
    put(root / "csv" / "quoted_custom" / "0.csv",
        "1;'semi; colon';'it\\'s'\n2;plain;'a\\\\b'\n3;'';''\n")


def write_line_ends(root):
    put(root / "csv" / "line_ends" / "crlf.csv", "1,crlf\r\n2,crlf\r\n")
    put(root / "csv" / "line_ends" / "lf.csv", "3,lf\n4,lf\n")
    put(root / "csv" / "line_ends" / "no-end.csv", "5,no end")
    put(root / "csv" / "line_ends" / "packed-crlf.csv.gz", pack("6,crlf\r\n7,crlf"))


def write_long(root):
    """One plain file, long enough to be read in several ranges, of lines of very different length."""
    rows = range(6_000)
    names = ["x" * (row % 7 * row % 29) for row in rows]
    put(root / "csv" / "long" / "long.csv", "".join(f"{row},{name},{row % 17}\n" for row, name in zip(rows, names)))

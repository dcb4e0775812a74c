"""Files that cannot be read. Each is in a folder of its own, beside nothing that could answer instead."""

import pyarrow as pa
import pyarrow.parquet as pq
from make_text import pack, put
from parquet_file import write_parquet


def write(root):
    bad = root / "bad"
    table = pa.table({"id": pa.array(range(1_000), pa.int64()), "name": pa.array([f"name {row}" for row in range(1_000)])})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="snappy")
    content = sink.getvalue().to_pybytes()
    put(bad / "parquet_truncated" / "0.parquet", content[: len(content) // 2])
    put(bad / "parquet_garbage" / "0.parquet", b"PAR1" + bytes(range(256)) * 4 + b"\xff\xff\xff\x7fPAR1")
    put(bad / "parquet_zeros" / "0.parquet", content[:400] + bytes(600) + content[1_000:])
    put(bad / "parquet_text" / "0.parquet", "id,name\n1,one\n")
    write_parquet(bad / "parquet_text_column" / "0.parquet", pa.table({"id": pa.array(["a", "b"])}))
    put(bad / "gzip_truncated" / "0.csv.gz", pack("1,one\n" * 2_000)[:-12])
    put(bad / "gzip_plain" / "0.csv.gz", "1,one\n")
    put(bad / "json_malformed" / "0.json", '{"id": 1, "name": "one"}\n{"id": 2, "name": \n{"id": 3}\n')

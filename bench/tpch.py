"""TPC-H: its data as Parquet files, its tables as Hive DDL, its queries."""

import re
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
QUERIES = REPOSITORY / "sql-tests" / "tpch" / "queries"
# The bucket is the folder that holds the scale factors, so one S3 server serves what local readers read.
BUCKET = "tpch"
# Row groups of 25–35 MB compressed; the generator's own 7 MiB make a scan of many small reads.
ROW_GROUP_BYTES = "64MB"
# Uncompressed gigabytes of one part: SF1 has two files per table, SF10 eight.
PARTS = {1: 2, 10: 8}
COLUMNS = {
    "region": "r_regionkey BIGINT, r_name STRING, r_comment STRING",
    "nation": "n_nationkey BIGINT, n_name STRING, n_regionkey BIGINT, n_comment STRING",
    "supplier": "s_suppkey BIGINT, s_name STRING, s_address STRING, s_nationkey BIGINT, s_phone STRING,"
    " s_acctbal DECIMAL(15,2), s_comment STRING",
    "customer": "c_custkey BIGINT, c_name STRING, c_address STRING, c_nationkey BIGINT, c_phone STRING,"
    " c_acctbal DECIMAL(15,2), c_mktsegment STRING, c_comment STRING",
    "part": "p_partkey BIGINT, p_name STRING, p_mfgr STRING, p_brand STRING, p_type STRING, p_size INT, p_container STRING,"
    " p_retailprice DECIMAL(15,2), p_comment STRING",
    "partsupp": "ps_partkey BIGINT, ps_suppkey BIGINT, ps_availqty INT, ps_supplycost DECIMAL(15,2), ps_comment STRING",
    "orders": "o_orderkey BIGINT, o_custkey BIGINT, o_orderstatus STRING, o_totalprice DECIMAL(15,2), o_orderdate DATE,"
    " o_orderpriority STRING, o_clerk STRING, o_shippriority INT, o_comment STRING",
    "lineitem": "l_orderkey BIGINT, l_partkey BIGINT, l_suppkey BIGINT, l_linenumber INT, l_quantity DECIMAL(15,2),"
    " l_extendedprice DECIMAL(15,2), l_discount DECIMAL(15,2), l_tax DECIMAL(15,2), l_returnflag STRING, l_linestatus STRING,"
    " l_shipdate DATE, l_commitdate DATE, l_receiptdate DATE, l_shipinstruct STRING, l_shipmode STRING, l_comment STRING",
}


def queries(numbers):
    """Query texts by number, without the comment line, as they will stand in the query log."""
    texts = {int(path.stem[1:]): path.read_text() for path in QUERIES.glob("q*.sql")}
    return {number: re.sub(r"^--.*\n", "", texts[number]).strip() for number in numbers or sorted(texts)}


def scale_name(scale_factor):
    return f"sf{scale_factor:g}"


def make_data(home, scale_factor):
    """The folder of one scale factor, generated on first use."""
    folder = home / BUCKET / scale_name(scale_factor)
    if not (folder / "complete").exists():
        print(f"generating TPC-H {scale_name(scale_factor)} in {folder}", flush=True)
        parts = PARTS.get(scale_factor, max(2, round(scale_factor)))
        tool = Path(sys.executable).with_name("tpchgen-cli")
        subprocess.run([tool, "parquet", "--scale-factor", f"{scale_factor:g}", "--parts", str(parts), "--compression", "SNAPPY",
                        f"--row-group-bytes={ROW_GROUP_BYTES}", "--output-dir", folder, "--overwrite"], check=True)
        (folder / "complete").touch()
    return folder


def table_statements(location):
    """Hive DDL for all tables, in the default database, over the folders below `location`."""
    return [f"CREATE EXTERNAL TABLE IF NOT EXISTS {table} ({columns}) STORED AS PARQUET LOCATION '{location}/{table}/'"
            for table, columns in COLUMNS.items()]

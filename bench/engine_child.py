"""One in-process engine in a process of its own, so that its memory is its own.

Reads one JSON request per line from stdin, answers with one JSON line on stdout: {"sql"} → {"seconds", "rows"}, where rows is the
path of an Arrow file. The first line of arguments says which engine, over which data, with how many threads.
"""

import json
import sys
import time
from pathlib import Path

import pyarrow as pa

TABLES = ["region", "nation", "supplier", "customer", "part", "partsupp", "orders", "lineitem"]


def main():
    options = json.loads(sys.argv[1])
    run = {"duckdb": duckdb_engine, "datafusion": datafusion_engine}[options["engine"]](options)
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(run, json.loads(line)["sql"], Path(options["scratch"]))), flush=True)


def answer(run, sql, scratch):
    start = time.perf_counter()
    try:
        table = run(sql)
    except Exception as error:  # whatever an engine raises is this query's result
        return {"error": f"{type(error).__name__}: {error}"}
    seconds = time.perf_counter() - start
    path = scratch / "rows.arrow"
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    return {"seconds": seconds, "rows": str(path)}


def duckdb_engine(options):
    import duckdb

    db = duckdb.connect(config={"threads": options["threads"]})
    for table in TABLES:
        db.execute(f"CREATE VIEW {table} AS SELECT * FROM '{options['data']}/{table}/*.parquet'")
    return lambda sql: db.sql(sql).to_arrow_table()


def datafusion_engine(options):
    import datafusion

    context = datafusion.SessionContext(datafusion.SessionConfig().with_target_partitions(options["threads"]))
    location = f"{options['data']}"
    if s3 := options.get("s3"):
        store = datafusion.object_store.AmazonS3(bucket_name=s3["bucket"], region=s3["region"], access_key_id=s3["access_key"],
                                                 secret_access_key=s3["secret_key"], endpoint=s3["endpoint"], allow_http=True)
        context.register_object_store("s3://", store, s3["bucket"])
        location = f"s3://{s3['bucket']}/{s3['prefix']}"
    for table in TABLES:
        context.register_parquet(table, f"{location}/{table}/")

    def run(sql):
        frame = context.sql(sql)
        return pa.Table.from_batches(frame.collect(), schema=frame.schema())

    return run


if __name__ == "__main__":
    main()

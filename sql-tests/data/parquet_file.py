"""One way to write a Parquet file, so that no generator forgets a folder or a default."""

import pyarrow.parquet as pq


def write_parquet(path, table, **options):
    """Writes `table` to `path`; `options` are pyarrow's. The Arrow schema is left out, as other engines do."""
    path.parent.mkdir(parents=True, exist_ok=True)
    options.setdefault("compression", "zstd")
    options.setdefault("store_schema", False)
    pq.write_table(table, path, **options)

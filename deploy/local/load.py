#!/usr/bin/env python3
"""Puts TPC-H at scale factor 0.1 into the S3 server and registers its tables: load.py SCOPS SERVER ENDPOINT

Run by deploy/local/up, with credentials in the environment.
"""

import os
import subprocess
import sys
from pathlib import Path

import boto3
from botocore.config import Config

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))
import tpch  # noqa: E402  (found through the line above)

SCALE_FACTOR = 0.1


def main():
    scops, server, endpoint = sys.argv[1:]
    data = tpch.make_data(Path(os.environ["SCOPS_BENCH_DIR"]), SCALE_FACTOR)
    upload(endpoint, data)
    for statement in tpch.table_statements(f"s3://{tpch.BUCKET}/{data.name}"):
        subprocess.run([scops, "sql", "--server", server, "-c", statement], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.PIPE, text=True)


def upload(endpoint, data):
    s3 = boto3.client("s3", endpoint_url=endpoint, region_name=os.environ["SCOPS_STORAGE__S3__REGION"],
                      config=Config(s3={"addressing_style": "path"}))
    s3.create_bucket(Bucket=tpch.BUCKET)
    for path in sorted(data.rglob("*.parquet")):
        s3.upload_file(str(path), tpch.BUCKET, f"{data.name}/{path.relative_to(data)}")


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"{' '.join(error.cmd)}\n{error.stderr}")

#!/usr/bin/env python3
"""Is an S3 server fit to stand in for S3? Conformance of what scops relies on, and the speed of reads.

    AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… $(bench/venv deploy/local/requirements.txt) deploy/local/check_s3.py ENDPOINT

Makes and removes the bucket `check-s3`. Reads are timed on one kept connection with presigned URLs, so that the client costs little.
"""

import http.client
import os
import statistics
import sys
import time
import urllib.parse

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

BUCKET = "check-s3"
LARGE_BYTES = 128 << 20
RANGE_BYTES = 4 << 20
SMALL_BYTES = 4 << 10
SMALL_READS = 300


def main():
    endpoint = sys.argv[1]
    s3 = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1",
                      config=Config(signature_version="s3v4", s3={"addressing_style": "path"}, retries={"max_attempts": 1}))
    s3.create_bucket(Bucket=BUCKET)
    try:
        for name, check in CHECKS:
            print(f"{name:48} {outcome(check, s3, endpoint)}")
        throughput(s3, endpoint)
    finally:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
            for entry in page.get("Contents", []):
                s3.delete_object(Bucket=BUCKET, Key=entry["Key"])
        s3.delete_bucket(Bucket=BUCKET)


def outcome(check, s3, endpoint):
    try:
        return "ok" if check(s3, endpoint) else "WRONG"
    except ClientError as error:
        return f"WRONG: {error.response['Error'].get('Code')}"


def refused_with(status, call, **arguments):
    """Whether a call fails with this HTTP status."""
    try:
        call(Bucket=BUCKET, **arguments)
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"] == status
    return False


def put(s3, key, body=b"0123456789"):
    return s3.put_object(Bucket=BUCKET, Key=key, Body=body)["ETag"]


def get(s3, key, **arguments):
    return s3.get_object(Bucket=BUCKET, Key=key, **arguments)["Body"].read()


def range_read(s3, _):
    put(s3, "range")
    return get(s3, "range", Range="bytes=2-4") == b"234" and get(s3, "range", Range="bytes=8-100") == b"89"


def suffix_range(s3, _):
    put(s3, "suffix")
    return get(s3, "suffix", Range="bytes=-3") == b"789" and get(s3, "suffix", Range="bytes=-65536") == b"0123456789"


def range_past_end(s3, _):
    put(s3, "past")
    return refused_with(416, s3.get_object, Key="past", Range="bytes=100-200")


def get_if_match(s3, _):
    etag = put(s3, "match")
    if get(s3, "match", IfMatch=etag) != b"0123456789" or get(s3, "match", IfMatch=etag, Range="bytes=0-1") != b"01":
        return False
    put(s3, "match", b"another")
    return refused_with(412, s3.get_object, Key="match", IfMatch=etag) and \
        refused_with(412, s3.get_object, Key="match", IfMatch=etag, Range="bytes=0-1")


def put_if_none_match(s3, _):
    put(s3, "once")
    return refused_with(412, s3.put_object, Key="once", Body=b"again", IfNoneMatch="*")


def put_if_match(s3, _):
    put(s3, "swap")
    return refused_with(412, s3.put_object, Key="swap", Body=b"again", IfMatch='"00000000000000000000000000000000"')


def listing(s3, _):
    for number in range(12):
        put(s3, f"list/k={number % 3}/{number:02}")
    pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix="list/", PaginationConfig={"PageSize": 5}))
    keys = [entry["Key"] for page in pages for entry in page["Contents"]]
    folders = s3.list_objects_v2(Bucket=BUCKET, Prefix="list/", Delimiter="/")["CommonPrefixes"]
    after = s3.list_objects_v2(Bucket=BUCKET, Prefix="list/", StartAfter="list/k=1/07")["Contents"]
    return keys == sorted(keys) and len(keys) == 12 and len(folders) == 3 and after[0]["Key"] == "list/k=1/10"


def odd_keys(s3, _):
    keys = ["odd/a%3Ab/x", "odd/a b+c/x", "odd/Zürich/x", "odd/x=y&z?/x", "odd/__HIVE_DEFAULT_PARTITION__/x"]
    for key in keys:
        put(s3, key, key.encode())
    listed = {entry["Key"] for entry in s3.list_objects_v2(Bucket=BUCKET, Prefix="odd/")["Contents"]}
    return listed == set(keys) and all(get(s3, key) == key.encode() for key in keys)


def missing(s3, _):
    try:
        s3.get_object(Bucket=BUCKET, Key="missing")
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchKey":
            return False
    try:
        s3.get_object(Bucket="no-such-bucket-here", Key="missing")
    except ClientError as error:
        return error.response["Error"]["Code"] == "NoSuchBucket"
    return False


def multipart(s3, _):
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="parts")["UploadId"]
    parts = []
    for number, size in enumerate([5 << 20, 10], start=1):
        etag = s3.upload_part(Bucket=BUCKET, Key="parts", UploadId=upload, PartNumber=number, Body=b"x" * size)["ETag"]
        parts.append({"PartNumber": number, "ETag": etag})
    s3.complete_multipart_upload(Bucket=BUCKET, Key="parts", UploadId=upload, MultipartUpload={"Parts": parts})
    return s3.head_object(Bucket=BUCKET, Key="parts")["ContentLength"] == (5 << 20) + 10


def bad_secret(_, endpoint):
    other = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"],
                         aws_secret_access_key="not the secret", config=Config(s3={"addressing_style": "path"}))
    return refused_with(403, other.get_object, Key="range")


def anonymous(_, endpoint):
    url = urllib.parse.urlsplit(endpoint)
    connection = http.client.HTTPConnection(url.hostname, url.port)
    connection.request("GET", f"/{BUCKET}/range")
    return connection.getresponse().status == 403


CHECKS = [
    ("range, and a range beyond the end", range_read),
    ("suffix range, also longer than the object", suffix_range),
    ("range past the end is 416", range_past_end),
    ("GET If-Match, with and without range", get_if_match),
    ("PUT If-None-Match: *", put_if_none_match),
    ("PUT If-Match", put_if_match),
    ("list: pages, folders, start after", listing),
    ("keys with %, +, blank, ü, ?, &", odd_keys),
    ("NoSuchKey, NoSuchBucket", missing),
    ("multipart upload", multipart),
    ("a wrong secret is refused", bad_secret),
    ("no signature is refused", anonymous),
]


def throughput(s3, endpoint):
    s3.put_object(Bucket=BUCKET, Key="large", Body=os.urandom(1 << 20) * (LARGE_BYTES >> 20))
    url = urllib.parse.urlsplit(endpoint)
    signed = urllib.parse.urlsplit(s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "large"}, ExpiresIn=600))
    connection = http.client.HTTPConnection(url.hostname, url.port)

    def read(start, length):
        connection.request("GET", f"{signed.path}?{signed.query}", headers={"Range": f"bytes={start}-{start + length - 1}"})
        body = connection.getresponse().read()
        if len(body) != length:
            raise SystemExit(f"{len(body)} bytes, asked for {length}")

    begin = time.perf_counter()
    for start in range(0, LARGE_BYTES, RANGE_BYTES):
        read(start, RANGE_BYTES)
    print(f"{'4 MiB ranges, one connection':48} {LARGE_BYTES / (time.perf_counter() - begin) / 1e6:.0f} MB/s")
    milliseconds = []
    for number in range(SMALL_READS):
        begin = time.perf_counter()
        read(number * 65_536, SMALL_BYTES)
        milliseconds.append((time.perf_counter() - begin) * 1e3)
    print(f"{'4 KiB reads, one connection, p50':48} {statistics.median(milliseconds):.2f} ms")


if __name__ == "__main__":
    main()

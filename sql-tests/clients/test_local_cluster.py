"""deploy/local: a coordinator and three workers over an S3 server that is not ours; and one worker less."""

import csv
import os
import re
import signal
import sys
import time
from decimal import Decimal
from pathlib import Path

import adbc_driver_flightsql.dbapi
import adbc_driver_manager
import boto3
import pytest
from botocore.config import Config
from conftest import eventually, execute

REPOSITORY = Path(__file__).resolve().parents[2]
TPCH = REPOSITORY / "sql-tests" / "tpch"
LOCAL = Path(os.environ.get("SCOPS_LOCAL_DIR", "/nonexistent"))
LOST_SECONDS_MAX = 15

sys.path.insert(0, str(REPOSITORY / "bench"))
from compare import difference  # noqa: E402  (found through the line above)

pytestmark = pytest.mark.skipif(not (LOCAL / "env").exists(), reason="deploy/local/up did not come up: see above")


@pytest.fixture(scope="module")
def environment():
    return dict(re.findall(r"^export (\w+)=(.*)$", (LOCAL / "env").read_text(), re.MULTILINE))


@pytest.fixture
def cluster(environment):
    with adbc_driver_flightsql.dbapi.connect(environment["SCOPS_LOCAL_SERVER"], autocommit=True) as connection:
        yield connection


def answer(number):
    """Rows of a stored answer without its header, numbers as numbers."""
    with open(TPCH / "answers" / "sf0.1" / f"q{number:02}.csv", newline="") as file:
        return [[typed(value) for value in row] for row in list(csv.reader(file))[1:]]


def typed(text):
    """A field as what it looks like. Phone numbers and dates have other characters than a number."""
    return Decimal(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else text


def ask(cluster, number):
    return [list(row) for row in execute(cluster, (TPCH / "queries" / f"q{number:02}.sql").read_text())]


@pytest.mark.parametrize("number", [1, 3, 6, 13, 18, 22])
def test_tpch(cluster, number):
    assert difference(answer(number), ask(cluster, number)) is None


def test_a_changed_object_is_not_mixed_in(cluster, environment):
    """Written through the S3 API by boto3, read by scops, changed, and read anew."""
    s3 = boto3.client("s3", endpoint_url=environment["SCOPS_STORAGE__S3__ENDPOINT"], region_name="us-east-1",
                      aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
                      aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"], config=Config(s3={"addressing_style": "path"}))
    s3.put_object(Bucket="tpch", Key="changing/0.csv", Body=b"1,one\n2,two\n")
    execute(cluster, "CREATE EXTERNAL TABLE IF NOT EXISTS changing (id INT, name STRING) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' "
                     "STORED AS TEXTFILE LOCATION 's3://tpch/changing/'")
    assert sorted(execute(cluster, "SELECT * FROM changing")) == [(1, "one"), (2, "two")]
    s3.put_object(Bucket="tpch", Key="changing/0.csv", Body=b"3,three\n")
    s3.put_object(Bucket="tpch", Key="changing/1.csv", Body=b"4,four\n")
    assert sorted(execute(cluster, "SELECT * FROM changing")) == [(3, "three"), (4, "four")]
    execute(cluster, "DROP TABLE changing")


@pytest.mark.parametrize(("location", "code"), [("s3://no-such-bucket-here/x/", "BUCKET_NOT_FOUND")])
def test_storage_errors_have_codes(cluster, location, code):
    with pytest.raises(adbc_driver_manager.Error, match=code):
        execute(cluster, f"CREATE EXTERNAL TABLE nowhere (id INT) STORED AS PARQUET LOCATION '{location}'")
        execute(cluster, "SELECT * FROM nowhere")
    execute(cluster, "DROP TABLE IF EXISTS nowhere")


def test_a_killed_worker_is_no_hang(cluster):
    """Runs last: from here on the cluster has two workers."""
    worker = int((LOCAL / "pids" / "worker-1.pid").read_text().split()[0])
    os.kill(worker, signal.SIGKILL)
    begin = time.monotonic()
    try:
        ask(cluster, 9)
    except adbc_driver_manager.Error as error:
        assert re.search("WORKER_LOST|NO_WORKERS", str(error)), error
    assert time.monotonic() - begin < LOST_SECONDS_MAX

    def answered():
        """two workers answer what three did"""
        try:
            return difference(answer(3), ask(cluster, 3)) is None
        except adbc_driver_manager.Error:
            return False

    eventually(answered, seconds_max=LOST_SECONDS_MAX)

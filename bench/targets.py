"""What is measured. Every target answers `run(sql) -> Answer` and is a context manager.

`serve` and `cluster` are scops in one process, and a coordinator with two workers, both through Flight SQL. `duckdb` and
`datafusion` are the Python packages in a process of their own. All run on the CPUs this process is bound to.
"""

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import tpch
from processes import Process, binary, free_port, peak_rss_mib

CLUSTER_WORKERS = 2


@dataclass
class Answer:
    """One run of one query. `log` is the row of system.queries, for scops."""

    seconds: float
    rows: list
    log: dict | None = None


@dataclass
class Place:
    """Where the data is, and how many threads an engine may use. `s3` is None for local files."""

    data: Path
    s3: object
    scratch: Path
    threads: int
    seconds_max: float


def open_target(name, place):
    ours = {"serve": Serve, "workers": ServeWithWorkers, "cluster": Cluster}
    return ours[name](place) if name in ours else InProcess(name, place)


def available(name, place):
    """Why a target cannot run here; None if it can."""
    if name == "duckdb" and place.s3:
        return "the httpfs extension of this DuckDB version is in no package index"
    return None


class Scops:
    """scops behind Flight SQL, with the tables of one data set."""

    def __init__(self, place, name):
        self.place = place
        self.port = free_port()
        self.folder = place.scratch / name
        self.environment = place.s3.environment() if place.s3 else {"SCOPS_STORAGE__FILE__ROOT": str(place.data)}
        self.processes = []
        try:
            self.start()
            self.connect()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def spawn(self, name, arguments, port=None):
        process = Process(name, [binary("scops"), *arguments], self.folder, self.environment)
        self.processes.append(process)
        if port:
            process.wait_for_port(port)

    def connect(self):
        import adbc_driver_flightsql.dbapi

        self.connection = adbc_driver_flightsql.dbapi.connect(f"grpc://127.0.0.1:{self.port}", autocommit=True)
        location = f"s3://{tpch.BUCKET}/{self.place.data.name}" if self.place.s3 else self.place.data.as_uri()
        for statement in tpch.table_statements(location):
            with self.connection.cursor() as cursor:
                cursor.execute(statement)
                cursor.fetch_arrow_table()

    def run(self, sql):
        start = time.perf_counter()
        table = self.fetch(sql)
        seconds = time.perf_counter() - start
        return Answer(seconds, as_rows(table), self.log_row(sql))

    def fetch(self, sql):
        with self.connection.cursor() as cursor:
            timer = threading.Timer(self.place.seconds_max, cursor.adbc_cancel)
            timer.start()
            try:
                cursor.execute(sql)
                return cursor.fetch_arrow_table()
            finally:
                timer.cancel()

    def log_row(self, sql):
        """The newest row of the query log for this text. The row may follow the last batch by a moment."""
        text = sql.replace("'", "''")
        for _ in range(50):
            rows = self.fetch(f"SELECT * FROM system.queries WHERE sql = '{text}' ORDER BY submitted_at DESC LIMIT 1").to_pylist()
            if rows and rows[0]["finished_at"] is not None:
                return rows[0]
            time.sleep(0.02)
        return None

    def peak_rss_mib(self):
        return {process.name: process.peak_rss_mib() for process in self.processes}

    def close(self):
        if connection := getattr(self, "connection", None):
            connection.close()
        for process in reversed(self.processes):
            process.stop()


class Serve(Scops):
    def __init__(self, place):
        super().__init__(place, "serve")

    def start(self):
        self.spawn("serve", ["serve", "--data-dir", self.folder / "data", "--listen", f"127.0.0.1:{free_port()}",
                             "--flight-listen", f"127.0.0.1:{self.port}"], self.port)


class ServeWithWorkers(Scops):
    """`scops serve --workers 3`: plans are encoded and sent, but stay in the process."""

    def __init__(self, place):
        super().__init__(place, "workers")

    def start(self):
        self.spawn("workers", ["serve", "--workers", "3", "--data-dir", self.folder / "data", "--listen", f"127.0.0.1:{free_port()}",
                               "--flight-listen", f"127.0.0.1:{self.port}"], self.port)


class Cluster(Scops):
    def __init__(self, place):
        super().__init__(place, "cluster")

    def start(self):
        worker_port = free_port()
        self.spawn("coordinator", ["coordinator", "--data-dir", self.folder / "data", "--listen", f"127.0.0.1:{free_port()}",
                                   "--flight-listen", f"127.0.0.1:{self.port}", "--worker-listen", f"127.0.0.1:{worker_port}"],
                   worker_port)
        for number in range(CLUSTER_WORKERS):
            port = free_port()
            self.spawn(f"worker-{number}", ["worker", "--coordinator", f"http://127.0.0.1:{worker_port}", "--listen",
                                            f"127.0.0.1:{port}", "--data-dir", self.folder / f"worker-{number}"], port)
        # A worker is known after its first announcement; they announce themselves every second.
        time.sleep(1.5)


class InProcess:
    """An engine that is a library, in a child process."""

    def __init__(self, engine, place):
        self.engine = engine
        folder = place.scratch / engine
        folder.mkdir(parents=True, exist_ok=True)
        options = {"engine": engine, "data": str(place.data), "threads": place.threads, "scratch": str(folder)}
        if place.s3:
            import s3
            options["s3"] = {"bucket": tpch.BUCKET, "prefix": place.data.name, "region": s3.REGION, "endpoint": place.s3.endpoint,
                             "access_key": s3.ACCESS_KEY, "secret_key": s3.SECRET_KEY}
        child = Path(__file__).with_name("engine_child.py")
        self.seconds_max = place.seconds_max
        self.child = subprocess.Popen([sys.executable, child, json.dumps(options)], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, text=True, env=os.environ)
        self.receive()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.kill()
        self.child.wait()

    def receive(self):
        timer = threading.Timer(self.seconds_max, self.child.kill)
        timer.start()
        try:
            line = self.child.stdout.readline()
        finally:
            timer.cancel()
        if not line:
            raise RuntimeError(f"{self.engine} ended, or took more than {self.seconds_max:g} s")
        return json.loads(line)

    def run(self, sql):
        self.child.stdin.write(json.dumps({"sql": sql}) + "\n")
        self.child.stdin.flush()
        answer = self.receive()
        if error := answer.get("error"):
            raise RuntimeError(error)
        with pa.memory_map(answer["rows"]) as file:
            rows = as_rows(pa.ipc.open_file(file).read_all())
        return Answer(answer["seconds"], rows)

    def peak_rss_mib(self):
        return {self.engine: peak_rss_mib(self.child.pid)}


def as_rows(table):
    return [list(row) for row in zip(*(column.to_pylist() for column in table.columns))]

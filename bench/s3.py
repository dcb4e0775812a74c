"""The S3 server of the project's test kit, and what its log says was read."""

import json
from dataclasses import dataclass

from processes import Process, binary, free_port

ACCESS_KEY = "bench"
SECRET_KEY = "bench-secret"
REGION = "us-east-1"


@dataclass
class Reads:
    """Object reads and their bytes as the server saw them; lists apart."""

    gets: int = 0
    bytes_sent: int = 0
    lists: int = 0


class S3:
    """A server over a folder of buckets, with its access log read piece by piece."""

    def __init__(self, root, log_folder):
        self.port = free_port()
        self.access_log = log_folder / "s3-access.jsonl"
        self.access_log.parent.mkdir(parents=True, exist_ok=True)
        self.access_log.write_text("")
        self.process = Process("s3-test-server", [
            binary("s3-test-server"), "--root", root, "--port", self.port, "--access-key", ACCESS_KEY,
            "--secret-key", SECRET_KEY, "--log", self.access_log], log_folder)
        self.process.wait_for_port(self.port)
        self.offset = 0

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.port}"

    def environment(self):
        """How scops is told of this server."""
        return {"SCOPS_STORAGE__S3__ENDPOINT": self.endpoint, "SCOPS_STORAGE__S3__REGION": REGION,
                "SCOPS_STORAGE__S3__PATH_STYLE": "true", "SCOPS_STORAGE__S3__ALLOW_HTTP": "true",
                "AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}

    def reads_since_last_call(self):
        """What was read since the last call; whole lines only."""
        with open(self.access_log, "rb") as log:
            log.seek(self.offset)
            lines = log.read()
        lines = lines[: lines.rfind(b"\n") + 1]
        self.offset += len(lines)
        reads = Reads()
        for line in lines.splitlines():
            entry = json.loads(line)
            if entry["method"] != "GET":
                continue
            if entry["key"]:
                reads.gets += 1
                reads.bytes_sent += entry["bytes_sent"]
            else:
                reads.lists += 1
        return reads

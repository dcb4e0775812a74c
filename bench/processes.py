"""Child processes: started on free loopback ports, awaited, measured, and ended by their own id."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

START_SECONDS_MAX = 30
STOP_SECONDS_MAX = 10


class Process:
    """A running child process with its output in a log file. Ends with the `with` block."""

    def __init__(self, name, command, log_folder, environment=None):
        self.name = name
        self.log = Path(log_folder) / f"{name}.log"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log, "w") as log:
            self.child = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=log,
                                          stderr=subprocess.STDOUT, env={**os.environ, **(environment or {})})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def wait_for_port(self, port):
        """Returns when something listens on `port`; fails if the process ends first."""
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            if self.child.poll() is not None:
                raise RuntimeError(f"{self.name} ended with {self.child.returncode}:\n{self.log.read_text()[-4000:]}")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.002)
        raise RuntimeError(f"{self.name} does not listen on port {port}:\n{self.log.read_text()[-4000:]}")

    def peak_rss_mib(self):
        """The most memory the process ever held, in MiB; None when it has ended."""
        return peak_rss_mib(self.child.pid)

    def stop(self):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGINT)
            try:
                self.child.wait(STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()


def peak_rss_mib(pid):
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return round(int(line.split()[1]) / 1024)
    return None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def binary(name):
    """A release binary: from SCOPS_BIN's folder, or target/release of this repository or of CARGO_TARGET_DIR."""
    folders = []
    if chosen := os.environ.get("SCOPS_BIN"):
        folders.append(Path(chosen).resolve().parent)
    repository = Path(__file__).resolve().parent.parent
    folders += [Path(os.environ.get("CARGO_TARGET_DIR", repository / "target")) / "release"]
    for folder in folders:
        if (folder / name).exists():
            return folder / name
    raise SystemExit(f"no {name} in {', '.join(map(str, folders))}: run `cargo build --release --workspace --bins`")

# SPDX-License-Identifier: Apache-2.0
"""The programs that are compared: each a process that answers one line of JSON with another."""

import contextlib
import json
import os
import pathlib
import re
import socket
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
TESTS = ROOT / "build" / "release" / "tests"
BIN = ROOT / "build" / "bin"
TOOLS = ROOT / "build" / "tools" / "bench"


class Worker:
    """One process. Ask it one thing at a time."""

    def __init__(self, command: list, **environment: str):
        self.process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | environment,
        )

    def ask(self, **request) -> dict:
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args[0]} died on {request}")
        return json.loads(line)

    def memory_mb(self, field: str) -> float:
        """VmRSS: resident now. VmHWM: the most since forget_peak()."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{field}:\s+(\d+) kB", status).group(1)) / 1024

    def forget_peak(self) -> None:
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(timeout=60)


def node() -> str:
    """The node that came with sharp where the system's is too old, else the system's."""
    own = TOOLS / "node_modules" / "node" / "bin" / "node"
    return str(own) if own.exists() else "node"


def tessera_worker() -> Worker:
    return Worker([TESTS / "tessera-picture-worker"])


def sharp_worker() -> Worker:
    return Worker([node(), HERE / "sharp_worker.js"], SHARP_PATH=str(TOOLS / "node_modules/sharp"))


def pillow_worker() -> Worker:
    return Worker([TOOLS / "venv/bin/python", HERE / "pillow_worker.py"])


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def running_server(threads: int):
    """tessera-preprocess on loopback, and a client that loads it."""
    address = f"127.0.0.1:{free_port()}"
    server = subprocess.Popen(
        [BIN / "tessera-preprocess", "--listen", address, "--metrics-listen", "127.0.0.1:0"]
        + ["--worker-threads", str(threads), "--log-level", "error"],
        stderr=subprocess.DEVNULL,
    )
    try:
        host, port = address.split(":")
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection((host, int(port)), 1):
                break
            time.sleep(0.1)
        client = Worker([TESTS / "tessera-preprocess-load", address])
        client.address = address
        yield client
        client.close()
    finally:
        server.terminate()
        server.wait(timeout=60)

# SPDX-License-Identifier: Apache-2.0
"""The built programs and a real Ollama, running while a test looks at them."""

from __future__ import annotations

import contextlib
import json
import pathlib
import subprocess
import time
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).parents[2]
START_SECONDS = 30
STOP_SECONDS = 40


class NotRunningError(RuntimeError):
    """A program did not start, or ended; the message says where its log is."""


def _port(log: pathlib.Path, process: subprocess.Popen) -> int:
    """The port in the log's line "serving"."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        for line in log.read_text().splitlines():
            with contextlib.suppress(ValueError):
                entry = json.loads(line)
                if entry.get("message") == "serving":
                    return entry["port"]
        time.sleep(0.02)
    raise NotRunningError(f"{process.args[0]} does not serve; see {log}")


@contextlib.contextmanager
def service(program: pathlib.Path, log: pathlib.Path, *flags: str) -> Iterator[str]:
    """A service on free ports; gives its address, ends it with SIGTERM."""
    ports = ["--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"]
    with log.open("w") as out:
        process = subprocess.Popen([str(program), *ports, *flags], stdout=out, stderr=out)
    try:
        yield f"127.0.0.1:{_port(log, process)}"
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def ollama(folder: pathlib.Path) -> Iterator[str]:
    """A private Ollama with tessera-mini; gives its URL."""
    engine = [str(ROOT / "engine/engine")]
    where = ["--dir", str(folder)]
    started = subprocess.run(
        [*engine, "start", *where, "--port", "0"], stdout=subprocess.PIPE, text=True, timeout=900
    )
    lines = dict(line.split("=", 1) for line in started.stdout.splitlines() if "=" in line)
    if started.returncode != 0 or "OLLAMA_URL" not in lines:
        raise NotRunningError(f"no real engine: exit code {started.returncode}")
    try:
        yield lines["OLLAMA_URL"]
    finally:
        subprocess.run([*engine, "stop", *where], stdout=subprocess.DEVNULL, timeout=60)

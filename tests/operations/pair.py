# SPDX-License-Identifier: Apache-2.0
"""The binaries as processes: started, asked, ended. Everything ends with the `with` block."""

import contextlib
import ctypes
import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("TESSERA_BIN", ROOT / "build/bin"))
BUILD = pathlib.Path(os.environ.get("TESSERA_BUILD", ROOT / "build/release"))
SCRATCH = BUILD / "operations"


_LIBC = ctypes.CDLL(None)
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


def _end_with_the_test():
    """Also when the test is killed, and ends nothing any more."""
    _LIBC.prctl(_DIE_WITH_PARENT, signal.SIGKILL)


def free_port() -> int:
    """A port that was free a moment ago, for what must come back on the same one."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, seconds: float, what: str):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise TimeoutError(f"{what}: not within {seconds} s")


def get(url: str, timeout: float = 10) -> str:
    with urllib.request.urlopen(url, timeout=timeout) as answer:
        return answer.read().decode()


class Process:
    """A program with its log in a file."""

    def __init__(self, name: str, command: list, environment: dict | None = None):
        SCRATCH.mkdir(parents=True, exist_ok=True)
        self.name = name
        self.log = SCRATCH / f"{name}.log"
        self._command = [str(word) for word in command]
        self._environment = {**os.environ, **(environment or {})}
        self._process = None
        self.start(fresh=True)

    def start(self, fresh: bool = False):
        with open(self.log, "w" if fresh else "a") as log:
            self._process = subprocess.Popen(
                self._command, stdout=log, stderr=log, env=self._environment, stdin=subprocess.DEVNULL,
                preexec_fn=_end_with_the_test,
            )  # fmt: skip

    @property
    def pid(self) -> int:
        return self._process.pid

    def running(self) -> bool:
        return self._process.poll() is None

    def end(self, how: int = signal.SIGTERM, seconds: float = 60) -> int:
        """The exit status; negative for the signal that ended it."""
        if self.running():
            self._process.send_signal(how)
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise

    def text(self) -> str:
        return self.log.read_text(errors="replace")

    def lines(self) -> list:
        """The log's JSON lines."""
        return [json.loads(line) for line in self.text().splitlines() if line.startswith("{")]


class Service(Process):
    """One of our services; knows where it listens once it serves."""

    def __init__(self, name: str, command: list, environment: dict | None = None):
        super().__init__(name, command, environment)
        wait_until(self._serving, 30, f"{name} serves")

    @property
    def port(self) -> int:
        return self._serving()["port"]

    @property
    def metrics_port(self) -> int:
        return self._serving()["metrics_port"]

    def _serving(self):
        if not self.running():
            raise RuntimeError(f"{self.name} ended: {self.text()[-2000:]}")
        # The last one: a service that was restarted writes on in the same file.
        return next((line for line in reversed(self.lines()) if line.get("message") == "serving"), None)

    def metrics(self) -> str:
        return get(f"http://127.0.0.1:{self.metrics_port}/metrics")


class Simulator(Process):
    def __init__(self, name: str = "simulator", flags: list | None = None):
        self.port = free_port()
        super().__init__(
            name, [BIN / "ollama-simulator", "--port", self.port, "--max-queue", 5000, *(flags or [])]
        )
        wait_until(self._answers, 10, f"{name} answers")

    def _answers(self) -> bool:
        with contextlib.suppress(OSError):
            return bool(get(self.url + "/api/version", 1))
        return False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def script(self, rule: dict):
        request = urllib.request.Request(
            self.url + "/simulator/script", json.dumps(rule).encode(), {"Content-Type": "application/json"}
        )
        urllib.request.urlopen(request, timeout=10).read()


def start_inference(name: str, urls: list, flags: list | None = None, port: int = 0) -> Service:
    backends = [word for url in urls for word in ("--ollama-url", url)]
    return Service(
        name,
        [BIN / "tessera-inference", "--listen", f"127.0.0.1:{port}", "--metrics-listen", "127.0.0.1:0",
         "--engine-check-interval", "200ms", *backends, *(flags or [])],
    )  # fmt: skip


def start_preprocess(name: str, inference: str, flags: list | None = None, port: int = 0) -> Service:
    return Service(
        name,
        [BIN / "tessera-preprocess", "--listen", f"127.0.0.1:{port}", "--metrics-listen", "127.0.0.1:0",
         "--inference-address", inference, "--inference-check-interval", "200ms", *(flags or [])],
    )  # fmt: skip


class Pair:
    """One simulator (or several), one inference, one preprocess."""

    def __init__(self, prefix: str = "", backends: int = 1, simulator_flags: list | None = None,
                 inference_flags: list | None = None, preprocess_flags: list | None = None):  # fmt: skip
        self._stack = contextlib.ExitStack()
        try:
            self.simulators = [
                self._keep(Simulator(f"{prefix}simulator{i}", simulator_flags)) for i in range(backends)
            ]
            self.inference = self._keep(
                start_inference(f"{prefix}inference", [s.url for s in self.simulators], inference_flags)
            )
            self.preprocess = self._keep(
                start_preprocess(f"{prefix}preprocess", f"127.0.0.1:{self.inference.port}", preprocess_flags)
            )
            self._wait_for_health()
        except BaseException:
            self._stack.close()
            raise

    def _keep(self, process: Process) -> Process:
        self._stack.callback(process.end)
        return process

    def _wait_for_health(self):
        wait_until(
            lambda: subprocess.run(
                [BIN / "tessera", "--address", f"127.0.0.1:{self.preprocess.port}", "health"],
                capture_output=True,
            ).returncode == 0,
            30,
            "the pair is healthy",
        )  # fmt: skip

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stack.close()


class Load(Process):
    """The load generator. `report()` ends it, `wait()` waits until its seconds are over; both tell what
    came of its calls. Its seconds begin with the first call."""

    def __init__(self, target: str, mix: str, threads: int = 8, rate: float = 0, name: str = "load",
                 seconds: float = 3600):  # fmt: skip
        super().__init__(
            name,
            [BUILD / "tests/load_generator", "--target", target, "--mix", mix, "--threads", threads,
             "--calls-per-second", rate, "--seconds", seconds],
        )  # fmt: skip

    def report(self) -> dict:
        return self._read(self.end())

    def wait(self) -> dict:
        return self._read(self._process.wait(300))

    def _read(self, status: int) -> dict:
        if status != 0:
            raise RuntimeError(self.text()[-2000:])
        return json.loads(self.text())

# SPDX-License-Identifier: Apache-2.0
"""Tracing of the running pair: one trace over both services, and a collector that is gone costs nothing.

tracing_test.py [--full]: without it the trace only; with it the cost, measured in turns.
"""

import contextlib
import http.server
import json
import re
import socket
import statistics
import subprocess
import sys
import threading
import time

import exposition
import pair


ROUNDS = 3
SECONDS = 4
CALLS_PER_SECOND = 80
# Of CPU and of the median, against the pair without tracing: what a busy machine does by itself.
MOST = 1.25


class Collector:
    """Takes spans and keeps what was sent: protobuf, in which names and ids stand as they are."""

    def __init__(self):
        collector = self
        self.bodies = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                collector.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def has(self, *words: bytes) -> bool:
        return all(any(word in body for body in self.bodies) for word in words)

    def close(self):
        self._server.shutdown()


@contextlib.contextmanager
def silent_port():
    """Accepts connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield listener.getsockname()[1]


def traced_pair(name: str, endpoint: str) -> pair.Pair:
    flags = ["--otlp-endpoint", endpoint] if endpoint else []
    return pair.Pair(name, inference_flags=flags, preprocess_flags=flags)


def call(running: pair.Pair, model: str = "") -> subprocess.CompletedProcess:
    """A generation through the front door."""
    words = ["--model", model] if model else []
    return subprocess.run(
        [pair.BIN / "tessera", "--address", f"127.0.0.1:{running.preprocess.port}", "--verbose",
         "generate", *words, "hello"],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def one_trace() -> list:
    """A failed call's error, the log lines of both services and the spans tell the same trace."""
    problems = []
    collector = Collector()
    with traced_pair("tracing-", collector.endpoint) as running:
        call(running)
        failed = call(running, "no-such-model")
        found = re.search(r"\b[0-9a-f]{32}\b", failed.stdout + failed.stderr)
        if not found:
            problems.append(f"the error does not tell its trace: {failed.stdout}{failed.stderr}")
            return problems
        trace = found[0]
        for service in (running.preprocess, running.inference):
            if not any(trace in json.dumps(line) for line in service.lines()):
                problems.append(f"{service.name} logs nothing about trace {trace}: {service.text()[-800:]}")
        raw = bytes.fromhex(trace)
        services = (b"tessera-preprocess", b"tessera-inference")
        try:
            pair.wait_until(lambda: collector.has(raw, *services), 15, "spans of both services come")
        except TimeoutError as error:
            problems.append(str(error))
    collector.close()
    return problems


def cpu_seconds(running: pair.Pair) -> float:
    return sum(
        exposition.parse(service.metrics())["process_cpu_seconds_total"].samples[0][2]
        for service in (running.preprocess, running.inference)
    )


def measure(running: pair.Pair, name: str) -> tuple:
    """CPU milliseconds a call and the median's milliseconds, under the same load for all."""
    before = cpu_seconds(running)
    target = f"127.0.0.1:{running.preprocess.port}"
    report = pair.Load(target, "unary", threads=8, rate=CALLS_PER_SECOND, name=name, seconds=SECONDS).wait()
    if report["failed"]:
        raise AssertionError(f"{name}: {report['first_failures']}")
    return (cpu_seconds(running) - before) * 1000 / report["calls"], report["p50_ms"], report["p99_ms"]


def cost() -> list:
    with contextlib.ExitStack() as stack:
        silent = stack.enter_context(silent_port())
        collector = Collector()
        kinds = {
            "no tracing": "",
            "collector takes spans": collector.endpoint,
            "collector is gone": f"http://127.0.0.1:{pair.free_port()}",
            "collector never answers": f"http://127.0.0.1:{silent}",
        }
        pairs = {
            kind: stack.enter_context(traced_pair(f"tracing-{number}-", endpoint))
            for number, (kind, endpoint) in enumerate(kinds.items())
        }
        found = {kind: [] for kind in kinds}
        for number in range(ROUNDS + 1):
            for kind, running in pairs.items():
                result = measure(running, "tracing-load")
                if number:  # The first one warms up.
                    found[kind].append(result)
        begin = time.monotonic()
        ends = {}
        for kind, running in pairs.items():
            begin = time.monotonic()
            running.preprocess.end()
            ends[kind] = time.monotonic() - begin
    print("| | CPU a call | p50 | p99 | end of the process |\n|---|---|---|---|---|")
    problems = []
    medians = {kind: [statistics.median(column) for column in zip(*rounds)] for kind, rounds in found.items()}
    for kind, (cpu, p50, p99) in medians.items():
        print(f"| {kind} | {cpu:.2f} ms | {p50:.1f} ms | {p99:.1f} ms | {ends[kind]:.2f} s |")
        for what, value, plain in zip(("CPU a call", "p50"), (cpu, p50), medians["no tracing"]):
            if kind != "collector takes spans" and value > plain * MOST:
                problems.append(f"{kind}: {what} is {value:.2f} ms, without tracing {plain:.2f} ms")
        if ends[kind] > 6:
            problems.append(f"{kind}: the process took {ends[kind]:.1f} s to end")
    return problems


def main() -> int:
    problems = cost() if "--full" in sys.argv else one_trace()
    print("\n".join(problems) or "nothing to say")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: Apache-2.0
"""Ways to the same simulated engine, side by side: directly, nginx, LiteLLM, an empty gRPC proxy, Tessera.

Starts each way as a process of its own on a free loopback port, and the load generator
(gateway_benchmark), which visits them in turns and prints tables: first with LiteLLM at a load that
it can carry, then without it at the full one. Installs nothing: tools/bench.sh does.

    gateways.py BUILD_FOLDER [--without NAME]... [gateway_benchmark's options]
"""

import json
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
LITELLM = ROOT / "build/bench/litellm/bin/litellm"
PROMPT = "hello {{sim: tokens=1}}"

NGINX = """
worker_processes 1;
daemon off;
pid {scratch}/nginx.pid;
error_log {scratch}/nginx.log error;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {scratch}/body; proxy_temp_path {scratch}/proxy;
  fastcgi_temp_path {scratch}/f; uwsgi_temp_path {scratch}/u; scgi_temp_path {scratch}/s;
  client_max_body_size 64m; client_body_buffer_size 1m;
  keepalive_requests 1000000;
  upstream engine {{ server {engine}; keepalive 256; keepalive_requests 1000000; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://engine;
      proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host 127.0.0.1;
      proxy_buffering off; proxy_read_timeout 600s;
    }}
  }}
}}
"""

LITELLM_CONFIG = """
model_list:
  - model_name: "*"
    litellm_params: {{ model: "ollama_chat/*", api_base: "{engine}" }}
litellm_settings: {{ telemetry: false, num_retries: 0 }}
general_settings: {{ dangerously_permit_weak_or_unset_master_key: true }}
"""


class Ways:
    """The processes under test, in the order in which they were started."""

    def __init__(self, build: pathlib.Path, scratch: pathlib.Path) -> None:
        self.build, self.scratch = build, scratch
        self.processes: list[subprocess.Popen] = []
        self.ways: dict[str, str] = {}
        self.engine = ""

    def start(self, *command: object, **options: object) -> subprocess.Popen:
        process = subprocess.Popen([str(word) for word in command], text=True, **options)
        self.processes.append(process)
        return process

    def add(self, name: str, dialect: str, address: str, process: subprocess.Popen) -> None:
        self.ways[name] = f"{name},{dialect},{address},{process.pid}"

    def add_grpc(self, name: str, address: str, process: subprocess.Popen) -> None:
        """Two ways: asked by the lean client and by gRPC's own."""
        self.add(name, "grpc", address, process)
        self.add(f"{name} (C++ client)", "grpc-c++", address, process)

    def add_engine(self) -> None:
        port = free_port()
        self.engine = f"http://127.0.0.1:{port}"
        process = self.start(binary("ollama-simulator"), "--port", port, "--parallel", 4096, stdout=subprocess.DEVNULL)
        wait_for(self.engine + "/api/version", process)
        self.add("directly", "ollama", self.engine, process)

    def add_nginx(self) -> None:
        port = free_port()
        config = self.scratch / "nginx.conf"
        config.write_text(NGINX.format(scratch=self.scratch, engine=self.engine.removeprefix("http://"), port=port))
        process = self.start("/usr/sbin/nginx", "-c", config, "-e", self.scratch / "nginx.log")
        wait_for(f"http://127.0.0.1:{port}/api/version", process, str(self.scratch / "nginx.log"))
        self.add("nginx", "ollama", f"http://127.0.0.1:{port}", process)

    def add_litellm(self) -> None:
        port = free_port()
        config = self.scratch / "litellm.yaml"
        config.write_text(LITELLM_CONFIG.format(engine=self.engine))
        log = (self.scratch / "litellm.log").open("w")
        process = self.start(
            LITELLM, "--config", config, "--host", "127.0.0.1", "--port", port, "--num_workers", 1,
            stdout=log, stderr=log,
        )  # fmt: skip
        wait_for(f"http://127.0.0.1:{port}/health/liveliness", process, log.name, seconds=180)
        self.add("LiteLLM", "openai", f"http://127.0.0.1:{port}", process)

    def add_floor(self) -> None:
        process = self.start(self.build / "tests/empty_proxy", self.engine, PROMPT, stdout=subprocess.PIPE)
        self.add_grpc("empty gRPC proxy", process.stdout.readline().strip(), process)

    def add_tessera(self) -> None:
        # A file, since a pipe that nobody empties would stop the service.
        log = self.scratch / "tessera.log"
        process = self.start(
            binary("tessera-inference"), "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0",
            "--ollama-url", self.engine, *TESSERA_OPTIONS, stderr=log.open("w"),
        )  # fmt: skip
        while process.poll() is None:
            for line in log.read_text().splitlines():
                entry = json.loads(line)
                if entry["message"] == "serving":
                    return self.add_grpc("Tessera", f"127.0.0.1:{entry['port']}", process)
            time.sleep(0.05)
        raise SystemExit("tessera-inference did not start: " + log.read_text())

    def compare(self, *options: str, without: str = "") -> None:
        ways = [word for name, way in self.ways.items() if name != without for word in ("--way", way)]
        subprocess.run([self.build / "tests/gateway_benchmark", *ways, *options], check=True)

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


# Requests a second that LiteLLM can carry beside a load generator on two cores.
LITELLM_RATE = 50

# The simulated engine answers any number at once; so may the service.
TESSERA_OPTIONS = ["--ollama-num-parallel", "1024", "--max-queued", "4096"]


def binary(name: str) -> pathlib.Path:
    return ROOT / "build/bin" / name


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(url: str, process: subprocess.Popen, log: str = "", seconds: float = 20) -> None:
    """Until the process answers there."""
    end = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(url, timeout=2).read()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > end:
                print(pathlib.Path(log).read_text() if log else "", file=sys.stderr)
                raise SystemExit(f"nothing answers at {url}") from None
            time.sleep(0.1)


def main() -> None:
    arguments = sys.argv[1:]
    build = pathlib.Path(arguments.pop(0))
    without = set()
    while "--without" in arguments:
        at = arguments.index("--without")
        without.add(arguments[at + 1])
        del arguments[at : at + 2]
    with tempfile.TemporaryDirectory() as scratch:
        ways = Ways(build, pathlib.Path(scratch))
        try:
            ways.add_engine()
            for name in ("nginx", "litellm", "floor", "tessera"):
                if name not in without:
                    getattr(ways, "add_" + name)()
            if "litellm" not in without:
                ways.compare("--tables", "open,closed,picture", "--rate", str(LITELLM_RATE), *arguments)
            ways.compare("--tables", "open,closed,picture,pieces,pause,memory", *arguments, without="LiteLLM")
        finally:
            ways.stop()


if __name__ == "__main__":
    main()

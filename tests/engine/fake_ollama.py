#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Stands on PATH as `ollama` in the tests of engine/, and fails in the ways a real one does.

FAKE_OLLAMA, a JSON object in the environment, says how: version (0.17.4), models (names it has),
fault (dies, silent, refuses_create, pull_fails), stubborn_child (true: a child that ignores
SIGTERM outlives the server), record (a file that receives each create body on a line).
"""

import http.server
import json
import os
import signal
import subprocess
import sys
import time

CONFIG = json.loads(os.environ.get("FAKE_OLLAMA", "{}"))
VERSION = CONFIG.get("version", "0.17.4")
FAULT = CONFIG.get("fault", "")


class Api(http.server.BaseHTTPRequestHandler):
    """The few calls that engine/ makes. Models and blobs live as long as the process."""

    protocol_version = "HTTP/1.1"
    models = list(CONFIG.get("models", []))
    blobs = set()

    def log_message(self, *args):
        pass

    def _answer(self, status, body=b""):
        if not isinstance(body, bytes):
            body = json.dumps(body, separators=(",", ":")).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_HEAD(self):
        self._answer(200 if self.path in self.blobs else 404)

    def do_GET(self):
        if self.path == "/api/version":
            self._answer(200, {"version": VERSION})
        elif self.path == "/api/tags":
            self._answer(200, {"models": [{"name": name} for name in self.models]})
        else:
            self._answer(404)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.startswith("/api/blobs/"):
            self.blobs.add(self.path)
            self._answer(201)
        elif self.path == "/api/create":
            self._create(body)
        elif self.path == "/api/pull":
            self._pull(json.loads(body)["model"])
        else:
            self._answer(404, {"error": "model not found"})

    def _create(self, body):
        if "record" in CONFIG:
            with open(CONFIG["record"], "a", encoding="utf-8") as record:
                record.write(body.decode() + "\n")
        if FAULT == "refuses_create":
            self._answer(500, {"error": "no space left on device"})
            return
        self.models.append(json.loads(body)["model"] + ":latest")
        self._answer(200, {"status": "success"})

    def _pull(self, name):
        lines = [{"status": "pulling manifest"},
                 {"status": "pulling d8137e36eb5e", "total": 3000000000, "completed": 1000000000}]
        if FAULT == "pull_fails":
            lines.append({"error": "pull model manifest: file does not exist"})
        else:
            self.models.append(name)
            lines.append({"status": "success"})
        self._answer(200, b"".join(
            json.dumps(line, separators=(",", ":")).encode() + b"\n" for line in lines))


def serve():
    if FAULT == "dies":
        sys.exit("Error: could not create the models folder: permission denied")
    if CONFIG.get("stubborn_child"):
        subprocess.Popen([sys.executable, "-c",
                          "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
                          "print('child ready', flush=True); time.sleep(600)"])
    if FAULT == "silent":
        time.sleep(600)
    host, port = os.environ["OLLAMA_HOST"].rsplit(":", 1)
    try:
        server = http.server.ThreadingHTTPServer((host, int(port)), Api)
    except OSError:
        sys.exit(f"Error: listen tcp {host}:{port}: bind: address already in use")
    print(f'msg="Listening on {host}:{server.server_port} (version {VERSION})"', file=sys.stderr,
          flush=True)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    server.serve_forever()


if __name__ == "__main__":
    if sys.argv[1:] == ["--version"]:
        print(f"ollama version is {VERSION}")
    elif sys.argv[1:] == ["serve"]:
        serve()
    else:
        sys.exit(f"fake ollama: unexpected arguments {sys.argv[1:]}")

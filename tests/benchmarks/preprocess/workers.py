# SPDX-License-Identifier: Apache-2.0
"""The programs that are compared: each a process that answers one line of JSON with another."""

import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
BUILD = ROOT / "build" / "release" / "tests"
TOOLS = ROOT / "build" / "tools" / "bench"


class Worker:
    """One process. Ask it one thing at a time."""

    def __init__(self, command: list[str], **environment: str):
        self.process = subprocess.Popen(
            command,
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

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(timeout=60)


def node() -> str:
    """The node that came with sharp where the system's is too old, else the system's."""
    own = TOOLS / "node_modules" / "node" / "bin" / "node"
    return str(own) if own.exists() else "node"


def tessera_worker() -> Worker:
    return Worker([str(BUILD / "tessera-picture-worker")])


def sharp_worker() -> Worker:
    return Worker(
        [node(), str(HERE / "sharp_worker.js")], SHARP_PATH=str(TOOLS / "node_modules" / "sharp")
    )


def pillow_worker() -> Worker:
    return Worker([str(TOOLS / "venv" / "bin" / "python"), str(HERE / "pillow_worker.py")])


if __name__ == "__main__":
    sys.exit("started by run.py")

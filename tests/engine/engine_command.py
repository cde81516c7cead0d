# SPDX-License-Identifier: Apache-2.0
"""Runs engine/engine for the tests of engine/ and looks at what it left behind."""

import pathlib
import re
import shlex
import subprocess

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
ENGINE = REPOSITORY / "engine" / "engine"


class Result:
    """What one run of the command answered."""

    def __init__(self, completed):
        self.code = completed.returncode
        self.said = completed.stderr
        self.stdout = completed.stdout
        self.values = dict(shlex.split(line)[0].split("=", 1)
                           for line in completed.stdout.splitlines()
                           if re.match("[A-Z_]+=", line))

    def __repr__(self):
        return f"exit code {self.code}\nstdout:\n{self.stdout}\nstderr:\n{self.said}"


def run(*arguments, environment=None, limit_s=120):
    """One command to its end. Not an argument list of a shell: nothing is expanded."""
    return Result(subprocess.run([ENGINE, *map(str, arguments)], env=environment, text=True,
                                 capture_output=True, timeout=limit_s, check=False,
                                 stdin=subprocess.DEVNULL))


def processes_of(folder):
    """Pids of live processes whose home is the state folder, as every started Ollama's is."""
    wanted = f"HOME={folder}/home".encode()
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def is_alive(pid):
    """False for a zombie too: it has ended, only nobody has asked how."""
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1]
    except OSError:
        return False
    return state.split()[0] != "Z"

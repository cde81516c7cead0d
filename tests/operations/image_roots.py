#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""image_roots.py PREPROCESS INFERENCE: runs the services from the file systems of their images as
docker-compose.yml would: its users, its read-only root, its health checks, no capabilities.

For hosts without a container engine, as root: images built by `podman build --isolation chroot` are
folders after `podman image mount NAME`.
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import pair

COMPOSE = pair.ROOT / "build/tools/bin/docker-compose"
FORBIDDEN = ["vips-magick.so", "vips-poppler.so", "vips-openslide.so", "vips-jxl.so"]
# Enters the image: a mount namespace of its own, the root read-only, then the user without anything.
ENTER = """
set -e
mount --make-rprivate /
mount --bind "$1" "$1"
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
mount -o remount,bind,ro "$1"
root=$1; user=$2; group=$3; shift 3
exec chroot "$root" setpriv --reuid "$user" --regid "$group" --clear-groups --no-new-privs \
  --bounding-set=-all --inh-caps=-all -- "$@"
"""


def services() -> dict:
    words = [COMPOSE, "config", "--format", "json"]
    return json.loads(subprocess.run(words, cwd=pair.ROOT, capture_output=True, check=True).stdout)["services"]


class Root:
    """One image's file system."""

    def __init__(self, folder: str, name: str, description: dict):
        self.folder, self.name, self.description = pathlib.Path(folder), name, description
        self.user, self.group = description["user"].split(":")

    def command(self, *words) -> list:
        return ["unshare", "--mount", "sh", "-c", ENTER, "sh", str(self.folder), self.user, self.group, *words]

    def environment(self, own: dict) -> dict:
        return {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", **own}

    def run(self, *words, environment: dict | None = None) -> subprocess.CompletedProcess:
        return subprocess.run(self.command(*words), capture_output=True, text=True, timeout=60,
                              env=self.environment(environment or {}))  # fmt: skip


def contents(roots: dict) -> list:
    problems = []
    for name, root in roots.items():
        files = {path.name for path in root.folder.glob("usr/**/*") if path.is_file() or path.is_symlink()}
        for word in FORBIDDEN + ["gcc", "cc1plus", "cmake", "podman"]:
            if word in files:
                problems.append(f"{name}'s image holds {word}")
        if name == "preprocess" and "vips-heif.so" not in files:
            problems.append("preprocess's image cannot read HEIC")
        written = root.run("sh", "-c", "touch /usr/local/bin/x || touch /x || touch /etc/x")
        if written.returncode == 0:
            problems.append(f"{name} can write to its image")
        who = root.run("id", "-u").stdout.strip()
        if who != root.user:
            problems.append(f"{name} runs as {who}")
    return problems


def start(root: Root, environment: dict) -> subprocess.Popen:
    log = open(pair.SCRATCH / f"image-{root.name}.log", "w")
    return subprocess.Popen(root.command(f"tessera-{root.name}"), env=root.environment(environment), stdout=log,
                            stderr=log, preexec_fn=pair._end_with_the_test)  # fmt: skip


def healthy(root: Root, environment: dict) -> int:
    words = root.description["healthcheck"]["test"]
    return root.run(*words[1:], environment=environment).returncode


def main() -> int:
    pair.SCRATCH.mkdir(parents=True, exist_ok=True)
    described = services()
    folders = dict(zip(("preprocess", "inference"), sys.argv[1:]))
    roots = {name: Root(folder, name, described[name]) for name, folder in folders.items()}
    problems = contents(roots)
    simulator = pair.Simulator("image-simulator")
    ports = {name: (pair.free_port(), pair.free_port()) for name in roots}
    environments = {}
    for name, (port, metrics) in ports.items():
        known = described[name]["environment"]
        upper = f"TESSERA_{name.upper()}"
        own = {f"{upper}_LISTEN": f"127.0.0.1:{port}", f"{upper}_METRICS_LISTEN": f"127.0.0.1:{metrics}"}
        environments[name] = {**known, **own}
    environments["inference"]["TESSERA_INFERENCE_OLLAMA_URL"] = simulator.url
    environments["preprocess"]["TESSERA_PREPROCESS_INFERENCE_ADDRESS"] = f"127.0.0.1:{ports['inference'][0]}"
    if healthy(roots["inference"], environments["inference"]) == 0:
        problems.append("the health check is content without a server")
    processes = {}
    for name in ("inference", "preprocess"):
        processes[name] = start(roots[name], environments[name])
        try:
            pair.wait_until(lambda: healthy(roots[name], environments[name]) == 0, 30, f"{name} is healthy")
        except TimeoutError as error:
            problems.append(f"{error}: {(pair.SCRATCH / f'image-{name}.log').read_text()[-800:]}")
            print("\n".join(problems))
            return 1
    load = pair.Load(f"127.0.0.1:{ports['preprocess'][0]}", "mixed", threads=2, name="image-load", seconds=8).wait()
    print(json.dumps(load["outcomes"], indent=1))
    good = load["outcomes"].get("PreprocessImage", {}).get("OK", 0) + load["outcomes"].get("Classify", {}).get("OK", 0)
    unexpected = [f"{kind}: {outcome}" for kind, outcomes in load["outcomes"].items() for outcome in outcomes
                  if outcome.startswith(("INTERNAL", "UNAVAILABLE", "UNKNOWN"))]  # fmt: skip
    if not good or unexpected:
        problems.append(f"calls through the images: {unexpected or 'none succeeded'}")
    for name in ("preprocess", "inference"):
        begin = time.monotonic()
        os.kill(processes[name].pid, signal.SIGTERM)
        status = processes[name].wait(60)
        print(f"{name}: ended with {status} after {time.monotonic() - begin:.2f} s")
        if status != 0:
            problems.append(f"{name} ended with {status}")
    simulator.end()
    print("\n".join(problems) or "nothing to say")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

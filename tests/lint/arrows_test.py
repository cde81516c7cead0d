# SPDX-License-Identifier: Apache-2.0
"""The arrows between the rooms, and the homes of the foreign libraries, checked by their includes.

A row of ROOMS names what a room may include of ours; a row of HOMES names the only folders that
may include a foreign library's headers.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Room -> what it may include. A room may always include itself.
ROOMS = {
    "common/status": [],
    "common/logging": [],
    "common/metrics": ["common/status"],
    "common/concurrency": ["common/status"],
    "common/digest": [],
    "common/progress": [],
    "common/http": ["common/concurrency", "common/status"],
    "common/tracing": ["common/logging", "common/status"],
    "common/rpc": [
        "common/concurrency",
        "common/logging",
        "common/metrics",
        "common/status",
        "common/tracing",
    ],
    "services/preprocess/picture": ["common/status"],
    "services/preprocess": ["common", "services/preprocess/picture"],
    "services/inference/engine": [
        "common/concurrency",
        "common/http",
        "common/logging",
        "common/status",
    ],
    "services/inference/schema": ["common/status"],
    "services/inference/scheduling": [
        "common/concurrency",
        "common/http",
        "common/logging",
        "common/metrics",
        "common/status",
        "services/inference/engine",
    ],
    "services/inference/experiments": [
        "common/concurrency",
        "common/status",
        "services/inference/engine",
        "services/inference/scheduling",
    ],
    "services/inference/models": ["common", "services/inference/engine"],
    "services/inference": [
        "common",
        "services/inference/engine",
        "services/inference/experiments",
        "services/inference/models",
        "services/inference/scheduling",
        "services/inference/schema",
    ],
    "simulator": ["common"],
    "cli": ["common"],
}

HOMES = {
    r"curl/": ["common/http"],
    r"vips/|turbojpeg\.h|isa-l|lcms2\.h": ["services/preprocess/picture"],
    r"jpeglib\.h|webp/": ["services/preprocess/picture", "cli/bench/pictures"],
    r"spdlog/": ["common/logging"],
    r"opentelemetry/": ["common/tracing"],
    r"civetweb|prometheus/exposer\.h": ["common/metrics"],
    r"tessera/": ["services/preprocess", "services/inference", "cli"],
    r"grpcpp/": ["common/rpc", "services/preprocess", "services/inference", "cli"],
    r"re2/": ["services/inference/schema"],
    r"CLI/": ["common/rpc", "cli", "simulator"],
}

# gRPC and our protos are kept out of these, although they lie inside a room that has them.
NO_GRPC = [
    "services/preprocess/picture",
    "services/inference/engine",
    "services/inference/experiments",
    "services/inference/schema",
    "services/inference/scheduling",
]

OURS = re.compile(r'^\s*#include\s+"((?:common|services|simulator|cli|tests|engine)/[^"]+)"', re.M)
FOREIGN = re.compile(r"^\s*#include\s+[<\"]([^>\"]+)[>\"]", re.M)


def room_of(path: str) -> str | None:
    """The longest room that holds the path."""
    fitting = [room for room in ROOMS if path.startswith(room + "/")]
    return max(fitting, key=len, default=None)


def allowed(path: str, room: str, included: str) -> bool:
    if included.count("/") == 1 and included.startswith("common/"):
        return True  # common/version.h
    target = room_of(included)
    if target == room:
        return True
    return any(target == may or (target or "").startswith(may + "/") for may in ROOMS[room])


def violations() -> list[str]:
    found = []
    files = sorted(
        path
        for top in ("common", "services", "simulator", "cli")
        for path in (ROOT / top).rglob("*")
        if path.suffix in (".h", ".cc")
    )
    if len(files) < 50:
        return [f"only {len(files)} files were found below {ROOT}: this test looks in the wrong place"]
    for file in files:
        path = str(file.relative_to(ROOT))
        room = room_of(path)
        text = file.read_text()
        if room is None:
            if path != "common/version.h":
                found.append(f"{path} lies in no known room")
            continue
        for included in OURS.findall(text):
            if not allowed(path, room, included):
                found.append(f"{path} includes {included}: {room} may not")
        for included in FOREIGN.findall(text):
            for pattern, homes in HOMES.items():
                if re.match(pattern, included) and not any(path.startswith(h + "/") for h in homes):
                    found.append(f"{path} includes <{included}>, at home in {', '.join(homes)}")
            if re.match(r"grpcpp/|tessera/", included) and any(
                path.startswith(room + "/") for room in NO_GRPC
            ):
                found.append(f"{path} includes <{included}>: no gRPC and no protos here")
    return found




if __name__ == "__main__":
    problems = violations()
    for problem in problems:
        print(problem)
    print(f"{len(problems)} arrows point the wrong way")
    sys.exit(1 if problems else 0)

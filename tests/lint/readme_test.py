# SPDX-License-Identifier: Apache-2.0
"""The README stays true: its links exist, and its tables hold what the code has."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def broken_links() -> list[str]:
    links = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", README)
    local = [link for link in links if "://" not in link]
    return [f"README links to {link}, which is not there" for link in local if not (ROOT / link).exists()]


def flags() -> list[str]:
    missing = []
    for service in ("preprocess", "inference"):
        source = (ROOT / f"services/{service}/{service}_config.cc").read_text()
        for flag in re.findall(r'flags\.Add(?:Switch)?\(\s*"(--[a-z-]+)"', source):
            if f"`{flag}`" not in README:
                missing.append(f"README does not explain {flag} of tessera-{service}")
    return missing


def reasons() -> list[str]:
    protos = "".join(path.read_text() for path in (ROOT / "proto").rglob("*.proto"))
    # Comments only: values of enums look like reasons.
    text = " ".join(re.findall(r"//\s*(.*)", protos))
    named = set(re.findall(r"\b((?:IMAGE|ENGINE|MODEL|LABELS|PROMPT|CONTEXT|QUEUE|REPLY|CALLER|INFERENCE|FIELD|REQUEST|CLASSIFICATION)_[A-Z_]+)\b", text))
    named = {n for n in named if not n.startswith(("IMAGE_ENCODING", "IMAGE_FORMAT_")) or n == "IMAGE_FORMAT_UNSUPPORTED"}
    return [f"README does not explain the reason {name}" for name in sorted(named) if f"`{name}`" not in README]


def metrics() -> list[str]:
    described = (ROOT / "docs/metrics.md").read_text()
    missing = []
    for path in list((ROOT / "services").rglob("*_metrics.cc")) + [ROOT / "common/rpc/rpc_metrics.cc"]:
        for name in set(re.findall(r'"((?:tessera|gen_ai|grpc_server)_[a-z_]+)"', path.read_text())):
            if name not in described and name not in ("gen_ai_request_model",):
                missing.append(f"docs/metrics.md does not list {name}: metrics_test.py --write")
    return missing


if __name__ == "__main__":
    problems = broken_links() + flags() + reasons() + metrics()
    print("\n".join(problems) or "README is true")
    sys.exit(1 if problems else 0)

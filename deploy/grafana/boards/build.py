#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""build.py [--check]: writes the boards to ../dashboards, or tells which are not as they should be."""

import pathlib
import sys

import backends
import inference
import overview
import preprocess

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "dashboards"


def boards() -> dict:
    """File name -> JSON text."""
    return {f"{module.__name__}.json": module.build().json()
            for module in (overview, preprocess, inference, backends)}  # fmt: skip


def main() -> int:
    stale = []
    for name, text in boards().items():
        path = FOLDER / name
        if "--check" not in sys.argv:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            stale.append(name)
    for name in stale:
        print(f"deploy/grafana/dashboards/{name} is not what deploy/grafana/boards/build.py makes")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())

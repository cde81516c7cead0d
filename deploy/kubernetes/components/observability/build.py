#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""build.py [--check]: puts the rules of deploy/prometheus/rules into a resource of the Prometheus
operator, prometheus_rules.yaml, or tells whether it is not what they make.
"""

import pathlib
import sys

import yaml

HERE = pathlib.Path(__file__).resolve().parent
RULES = HERE.parents[2] / "prometheus/rules"
RESOURCE = HERE / "prometheus_rules.yaml"


def text() -> str:
    groups = [
        group for path in sorted(RULES.glob("*.yml")) for group in yaml.safe_load(path.read_text())["groups"]
    ]
    resource = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "tessera", "labels": {"role": "alert-rules"}},
        "spec": {"groups": groups},
    }
    return (
        "# SPDX-License-Identifier: Apache-2.0\n# Made by build.py from deploy/prometheus/rules.\n"
        + yaml.safe_dump(resource, sort_keys=False, width=1000)
    )


def main() -> int:
    if "--check" not in sys.argv:
        RESOURCE.write_text(text())
    elif not RESOURCE.exists() or RESOURCE.read_text() != text():
        print(f"{RESOURCE.name} is not what build.py makes")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: Apache-2.0
"""Reads Prometheus' text format as far as our endpoints use it."""

import dataclasses
import re

SAMPLE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


@dataclasses.dataclass
class Family:
    name: str
    type: str
    help: str
    samples: list = dataclasses.field(default_factory=list)  # (name, {label: value}, value)

    def label_values(self) -> dict:
        """Label -> the values it takes; a histogram's `le` is left out."""
        found = {}
        for _, labels, _ in self.samples:
            for key, value in labels.items():
                if key != "le":
                    found.setdefault(key, set()).add(value)
        return found


def parse(text: str) -> dict:
    """Family name -> Family."""
    families, helps = {}, {}
    for line in text.splitlines():
        if line.startswith("# HELP "):
            _, _, name, help_text = line.split(" ", 3)
            helps[name] = help_text
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            families[name] = Family(name, kind, helps.get(name, ""))
        elif line and not line.startswith("#"):
            match = SAMPLE.match(line)
            if not match:
                raise ValueError(f"not a sample: {line}")
            name, labels, value = match.groups()
            family = families.get(name) or families.get(re.sub(r"_(bucket|sum|count)$", "", name))
            if family is None:
                raise ValueError(f"no TYPE before {line}")
            family.samples.append((name, dict(LABEL.findall(labels or "")), float(value)))
    return families


def series(families: dict) -> int:
    return sum(len(family.samples) for family in families.values())

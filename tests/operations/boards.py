# SPDX-License-Identifier: Apache-2.0
"""What boards and rules ask Prometheus: their expressions, and the names in them."""

import json
import re

import yaml
from pair import ROOT

FOLDER = ROOT / "deploy/grafana/dashboards"
RULE_FILES = sorted((ROOT / "deploy/prometheus/rules").glob("*.yml"))

SCALING_FILE = ROOT / "deploy/kubernetes/components/observability/scaling.yaml"

SCALING = re.compile(r"^\s+query: (.*)$", re.MULTILINE)
METRIC = re.compile(r"\b(?:tessera|gen_ai|grpc_server|process)_[a-z0-9_]+\b")
RECORDED = re.compile(r"\b[a-z_]+(?::[a-z0-9_]+)+\b")


def boards() -> dict:
    """File name -> board."""
    return {path.name: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}


def panels(board: dict) -> list:
    """Panels that show data."""
    return [panel for panel in board["panels"] if panel["type"] not in ("row", "text")]


def targets(board: dict) -> list:
    """(panel, target) of every question to Prometheus."""
    return [(panel, target) for panel in panels(board) for target in panel["targets"]]


def variables(board: dict) -> dict:
    """Name -> variable."""
    return {variable["name"]: variable for variable in board["templating"]["list"]}


def resolve(expression: str, values: dict) -> str:
    """The expression as Grafana would send it. `values`: variable -> text."""
    for name in sorted(values, key=len, reverse=True):
        expression = expression.replace("${" + name + "}", values[name]).replace("$" + name, values[name])
    return expression


def rules() -> list:
    return [
        rule
        for path in RULE_FILES
        for group in yaml.safe_load(path.read_text())["groups"]
        for rule in group["rules"]
    ]


def without_labels(expression: str) -> str:
    """Label names look like metrics, and stand in braces or after by, on, ignoring."""
    expression = re.sub(r"\{[^}]*\}", "", expression)
    expression = re.sub(r"\blabel_values\(([^,]*),[^)]*\)", r"\1", expression)
    return re.sub(r"\b(by|on|without|ignoring|group_left|group_right)\s*\([^)]*\)", "", expression)


def metrics_in(expression: str) -> set:
    """Families that the expression asks for; a histogram by the name without its suffix stays open."""
    return set(METRIC.findall(without_labels(expression)))


def recorded_in(expression: str) -> set:
    return set(RECORDED.findall(without_labels(expression)))


def used_metrics() -> dict:
    """Name as asked for -> where."""
    used = {}
    for file, board in boards().items():
        questions = [(panel["title"], target["expr"]) for panel, target in targets(board)]
        questions += [(v["name"], v["definition"]) for v in variables(board).values() if "definition" in v]
        questions += [(note["name"], note["expr"]) for note in board["annotations"]["list"]]
        for title, expression in questions:
            for name in metrics_in(expression):
                used.setdefault(name, set()).add(f"{file}: {title}")
    for query in SCALING.findall(SCALING_FILE.read_text()):
        for name in metrics_in(query):
            used.setdefault(name, set()).add("scaling")
    for rule in rules():
        for name in metrics_in(rule["expr"]):
            used.setdefault(name, set()).add(f"rule {rule.get('alert') or rule.get('record')}")
    return used


def family_of(name: str, families) -> str | None:
    """The family that a series belongs to."""
    if name in families:
        return name
    base = re.sub(r"_(bucket|sum|count)$", "", name)
    return base if base in families else None

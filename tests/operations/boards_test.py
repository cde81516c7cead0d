# SPDX-License-Identifier: Apache-2.0
"""The boards' JSON keeps our rules, and every expression is one that Prometheus understands.

The rules are those of Grafana's advice and of its linter, as far as they apply: each is a function
below whose name and first line say it.
"""

import re
import subprocess
import sys

import boards
import yaml
from pair import ROOT, SCRATCH

UIDS = {"tessera-overview", "tessera-preprocess", "tessera-inference", "tessera-backends"}
SHORTEST_MEANINGFUL_TEXT = 15
# What counts up is only ever looked at as a rate or an increase.
COUNTER = re.compile(r"\b[a-z_]+_(?:total|bucket|sum|count)\b(?:\{[^}]*\})?(\[)?")
INTERNAL = re.compile(r"\[(?!\$__rate_interval|1h\])[^]]*\]")


def identity(board: dict):
    """A fixed uid of at most 40 characters, no id, a tag, a schema of today, not editable."""
    if board["uid"] not in UIDS or len(board["uid"]) > 40:
        yield f"uid {board['uid']} is not one of {sorted(UIDS)}"
    if board["id"] is not None:
        yield "id must be null: Grafana gives it"
    if "tessera" not in board["tags"]:
        yield "no tag tessera"
    if board["schemaVersion"] < 39:
        yield "schemaVersion is below 39"
    if board["editable"]:
        yield "editable: edits in the browser would be lost"
    if board["graphTooltip"] != 1:
        yield "the crosshair is not shared"


def refresh_is_not_faster_than_data(board: dict):
    """Data comes every 15 s."""
    if board["refresh"] not in ("30s", "1m"):
        yield f"refresh {board['refresh']}"


def has_the_variables(board: dict):
    """datasource, job and instance to choose; lists are renewed when the time changes."""
    found = boards.variables(board)
    if found.get("datasource", {}).get("type") != "datasource":
        yield "no variable for the data source"
    for name in ("job", "instance"):
        variable = found.get(name, {})
        if variable.get("type") != "query" or not variable.get("multi") or not variable.get("includeAll"):
            yield f"variable {name} is no query with several choices and All"
    for name, variable in found.items():
        if variable["type"] == "query" and variable["refresh"] != 2:
            yield f"variable {name} is not renewed when the time range changes"
        if variable["type"] == "query" and variable["datasource"]["uid"] != "${datasource}":
            yield f"variable {name} does not ask the chosen data source"
        if not re.search(rf"\$({name}\b|\{{{name}\}})", str(board["panels"])):
            yield f"variable {name} is not used"


def says_what_it_is_for(board: dict):
    """The first panel is a text."""
    if board["panels"][0]["type"] != "text" or not board["panels"][0]["options"]["content"].strip():
        yield "the first panel does not say what the board is for"


def leads_to_the_others(board: dict):
    """Links to the other three, which keep the time."""
    links = {link["url"].removeprefix("/d/"): link for link in board["links"]}
    if set(links) != UIDS - {board["uid"]}:
        yield f"links lead to {sorted(links)}"
    if not all(link["keepTime"] for link in links.values()):
        yield "a link loses the time range"
    for uid in re.findall(r"\(/d/([a-z-]+)", board["panels"][0]["options"]["content"]):
        if uid not in UIDS:
            yield f"the text leads to {uid}, which is no board"


def panels_do_not_collide(board: dict):
    """Unique ids and titles; a place for each within 24 columns."""
    ids = [panel["id"] for panel in board["panels"]]
    if len(ids) != len(set(ids)):
        yield "two panels have the same id"
    titles = [panel["title"] for panel in board["panels"]]
    for title in {title for title in titles if titles.count(title) > 1}:
        yield f"two panels are called {title}"
    taken = {}
    for panel in board["panels"]:
        place = panel["gridPos"]
        if place["x"] + place["w"] > 24:
            yield f"{panel['title']} is wider than the board"
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                if (other := taken.setdefault((x, y), panel["title"])) != panel["title"]:
                    yield f"{panel['title']} covers {other}"
                    return


def panels_are_explained(board: dict):
    """Title, description and unit on each; thresholds with more than one colour where drawn."""
    for panel in boards.panels(board):
        title = panel["title"]
        if not title or len(panel["description"]) < SHORTEST_MEANINGFUL_TEXT:
            yield f"{title}: no description"
        defaults = panel["fieldConfig"]["defaults"]
        if not defaults.get("unit"):
            yield f"{title}: no unit"
        drawn = defaults.get("custom", {}).get("thresholdsStyle", {}).get("mode", "off") != "off"
        if drawn and len(defaults["thresholds"]["steps"]) < 2:
            yield f"{title}: a threshold is drawn that is none"


def panels_have_legible_series(board: dict):
    """Each target has a legend; lines start at 0 and are never stacked."""
    for panel, target in boards.targets(board):
        if not target.get("legendFormat"):
            yield f"{panel['title']}: a series without a name"
        if panel["type"] == "timeseries":
            custom = panel["fieldConfig"]["defaults"]["custom"]
            if custom["stacking"]["mode"] != "none":
                yield f"{panel['title']}: stacked"
            if "min" not in panel["fieldConfig"]["defaults"] and custom["scaleDistribution"]["type"] != "log":
                yield f"{panel['title']}: its axis does not start at a fixed value"
        for label in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]):
            if label not in target["expr"] and label not in ("instance", "job", "slo"):
                yield f"{panel['title']}: the legend names {label}, the expression does not"


def panels_ask_the_chosen_source(board: dict):
    """Panels have targets, and both go to ${datasource}."""
    for panel in boards.panels(board):
        if not panel["targets"]:
            yield f"{panel['title']}: no targets"
        for place in (panel, *panel["targets"]):
            if place["datasource"] != {"type": "prometheus", "uid": "${datasource}"}:
                yield f"{panel['title']}: a data source of its own"
        if len({target["refId"] for target in panel["targets"]}) != len(panel["targets"]):
            yield f"{panel['title']}: two targets have the same refId"


def targets_keep_to_job_and_instance(board: dict):
    """Every series is chosen by job and instance; recorded ones have neither."""
    for panel, target in boards.targets(board):
        for name, labels in re.findall(r"\b((?:tessera|gen_ai|grpc|process)_[a-z0-9_]+)\{([^}]*)\}", target["expr"]):
            if 'job=~"$job"' not in labels or 'instance=~"$instance"' not in labels:
                yield f"{panel['title']}: {name} is not chosen by job and instance"
        named = len(boards.metrics_in(target["expr"])) + len(boards.recorded_in(target["expr"]))
        if not named and "vector(" not in target["expr"]:
            yield f"{panel['title']}: {target['expr']} names nothing"
        for name in boards.metrics_in(target["expr"]):
            if not re.search(rf"\b{name}\{{", target["expr"]):
                yield f"{panel['title']}: {name} is asked for without labels"


def rates_fit_the_zoom(board: dict):
    """Ranges are $__rate_interval, or one hour where the title says so."""
    for panel, target in boards.targets(board):
        if INTERNAL.search(target["expr"]):
            yield f"{panel['title']}: a fixed range in {target['expr']}"
        if "[1h]" in target["expr"] and "1 h" not in panel["title"]:
            yield f"{panel['title']}: shows an hour and does not say so"


def counters_are_rates(board: dict):
    """What counts up is looked at as rate or increase, and a rate is of a counter."""
    for panel, target in boards.targets(board):
        for match in COUNTER.finditer(target["expr"]):
            if not match[1]:
                yield f"{panel['title']}: the plain value of {match[0]}"
        for name in re.findall(r"\b(?:rate|increase)\((\w+)\{", target["expr"]):
            if not re.search(r"_(total|bucket|sum|count)$", name):
                yield f"{panel['title']}: a rate of {name}, which is no counter"


def quantiles_are_of_sums(board: dict):
    """Quantiles come from summed buckets, never from averaged quantiles."""
    for panel, target in boards.targets(board):
        if "histogram_quantile" in target["expr"] and not re.search(
            r"histogram_quantile\([\d.]+, sum by \(le", target["expr"]
        ):
            yield f"{panel['title']}: a quantile not of summed buckets"
        if re.search(r"avg\w*\s*(by \([^)]*\)\s*)?\(\s*histogram_quantile", target["expr"]):
            yield f"{panel['title']}: an average of quantiles"


RULES = [
    identity, refresh_is_not_faster_than_data, has_the_variables, says_what_it_is_for, leads_to_the_others,
    panels_do_not_collide, panels_are_explained, panels_have_legible_series, panels_ask_the_chosen_source,
    targets_keep_to_job_and_instance, rates_fit_the_zoom, counters_are_rates, quantiles_are_of_sums,
]  # fmt: skip


def are_as_built() -> list:
    """The JSON is what the Python makes."""
    done = subprocess.run(
        [sys.executable, "-B", ROOT / "deploy/grafana/boards/build.py", "--check"], capture_output=True, text=True
    )
    return [] if done.returncode == 0 else (done.stdout + done.stderr).splitlines()


def expressions_parse() -> list:
    """Every target as a recording rule for promtool; recorded names it uses exist."""
    recorded = {rule["record"] for rule in boards.rules() if "record" in rule}
    records, problems = [], []
    for file, board in boards.boards().items():
        values = {"__rate_interval": "1m", "__interval": "1m", "job": ".+", "instance": ".+"}
        values |= {name: "1" for name in boards.variables(board) if name not in values}
        questions = [(panel["title"], target["expr"]) for panel, target in boards.targets(board)]
        questions += [(note["name"], note["expr"]) for note in board["annotations"]["list"]]
        for number, (title, question) in enumerate(questions):
            expression = boards.resolve(question, values)
            if "$" in expression:
                problems.append(f"{file}: {title}: a variable that does not exist in {question}")
            for name in boards.recorded_in(question) - recorded:
                problems.append(f"{file}: {title}: no rule records {name}")
            name = re.sub(r"\W", "_", f"{file} {title} {number}")
            records.append({"record": f"board:{name}", "expr": expression})
    SCRATCH.mkdir(parents=True, exist_ok=True)
    path = SCRATCH / "board_expressions.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "boards", "rules": records}]}, width=1000))
    done = subprocess.run(["promtool", "check", "rules", path], capture_output=True, text=True)
    if done.returncode != 0:
        problems.append(done.stdout + done.stderr)
    return problems


def main() -> int:
    found = boards.boards()
    problems = [f"{file}: {problem}" for file, board in found.items() for rule in RULES for problem in rule(board)]
    if {board["uid"] for board in found.values()} != UIDS:
        problems.append(f"boards are {sorted(board['uid'] for board in found.values())}")
    problems += are_as_built() + expressions_parse()
    panels = sum(len(boards.panels(board)) for board in found.values())
    print("\n".join(problems) or f"{len(found)} boards, {panels} panels, {len(RULES)} rules: nothing to say")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

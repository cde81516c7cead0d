# SPDX-License-Identifier: Apache-2.0
"""What a Grafana board consists of, as far as ours do.

Every expression names its series with `series(...)` or `rate(...)`, which put the board's choice of
job and instance in, so that no panel can forget them.
"""

import json

SCHEMA_VERSION = 39
WIDTH = 24
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}

# Colours with one meaning on all boards.
GREEN, YELLOW, ORANGE, RED, BLUE = "green", "#EAB839", "orange", "red", "blue"


def series(name: str, labels: str = "") -> str:
    return f'{name}{{job=~"$job",instance=~"$instance"{"," + labels if labels else ""}}}'


def rate(name: str, labels: str = "") -> str:
    return f"rate({series(name, labels)}[$__rate_interval])"


def per_second(name: str, by: str = "", labels: str = "") -> str:
    return f"sum{f' by ({by})' if by else ''} ({rate(name, labels)})"


def quantile(q: float, name: str, by: str = "", labels: str = "") -> str:
    """`name` is the histogram's, without _bucket."""
    return f"histogram_quantile({q}, sum by (le{', ' + by if by else ''}) ({rate(name + '_bucket', labels)}))"


def quantiles(name: str, labels: str = "", legend: str = "") -> list:
    return [(quantile(q, name, labels=labels), f"{legend}p{round(q * 100)}") for q in (0.5, 0.95, 0.99)]


def mean(name: str, by: str = "", labels: str = "") -> str:
    by_clause = f" by ({by})" if by else ""
    return (
        f"sum{by_clause} ({rate(name + '_sum', labels)})"
        f" / sum{by_clause} ({rate(name + '_count', labels)})"
    )


def thresholds(*steps) -> dict:
    """(None, colour) first, then (value, colour) from low to high."""
    return {"mode": "absolute", "steps": [{"value": value, "color": color} for value, color in steps]}


PLAIN = thresholds((None, GREEN))


class Panel:
    def __init__(self, kind: str, title: str, description: str, targets: list, unit: str, width: int,
                 height: int, limits: dict | None = None, defaults: dict | None = None,
                 options: dict | None = None, overrides: list | None = None):  # fmt: skip
        self.width, self.height = width, height
        self.body = {
            "type": kind,
            "title": title,
            "description": description,
            "datasource": DATASOURCE,
            "fieldConfig": {
                "defaults": {"unit": unit, "thresholds": limits or PLAIN, **(defaults or {})},
                "overrides": overrides or [],
            },
            "options": options or {},
            "targets": [
                {
                    "datasource": DATASOURCE,
                    "editorMode": "code",
                    "expr": expression,
                    "legendFormat": legend,
                    "range": kind != "stat",
                    "instant": kind == "stat",
                    "refId": chr(ord("A") + i),
                    **({"format": "heatmap"} if kind == "heatmap" else {}),
                }
                for i, (expression, legend) in enumerate(targets)
            ],
        }


def lines(title: str, description: str, unit: str, *targets, width: int = 8, height: int = 8,
          limits: dict | None = None, minimum: float | None = 0, maximum: float | None = None,
          logarithmic: bool = False) -> Panel:  # fmt: skip
    """Lines over time. `limits` are drawn as lines where they are given. Never stacked."""
    defaults = {
        "custom": {
            "drawStyle": "line",
            "fillOpacity": 6,
            "lineWidth": 1,
            "showPoints": "never",
            "spanNulls": False,
            "stacking": {"mode": "none", "group": "A"},
            "thresholdsStyle": {"mode": "line" if limits else "off"},
            "scaleDistribution": {"type": "log", "log": 10} if logarithmic else {"type": "linear"},
        }
    }
    if minimum is not None and not logarithmic:
        defaults["min"] = minimum
    if maximum is not None:
        defaults["max"] = maximum
    options = {
        "legend": {"showLegend": True, "displayMode": "list", "placement": "bottom", "calcs": []},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    return Panel("timeseries", title, description, list(targets), unit, width, height, limits, defaults, options)


def number(title: str, description: str, unit: str, target, limits: dict | None = None, width: int = 4,
           height: int = 4, decimals: int | None = None, mappings: list | None = None) -> Panel:  # fmt: skip
    """One figure: what is the case now."""
    defaults = {"mappings": mappings or []}
    if decimals is not None:
        defaults["decimals"] = decimals
    options = {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "colorMode": "value",
        "graphMode": "none",
        "textMode": "auto",
    }
    return Panel("stat", title, description, [target], unit, width, height, limits, defaults, options)


def heatmap(title: str, description: str, unit: str, name: str, labels: str = "", width: int = 12,
            height: int = 8) -> Panel:  # fmt: skip
    """A histogram over time; `name` without _bucket."""
    target = (f"sum by (le) (increase({series(name + '_bucket', labels)}[$__rate_interval]))", "{{le}}")
    options = {
        "calculate": False,
        "cellGap": 1,
        "color": {"mode": "scheme", "scheme": "Oranges", "steps": 64, "exponent": 0.5, "fill": "dark-orange"},
        "yAxis": {"unit": unit, "axisPlacement": "left"},
        "legend": {"show": True},
        "tooltip": {"show": True, "yHistogram": False},
    }
    return Panel("heatmap", title, description, [target], unit, width, height, options=options)


UP_DOWN = [
    {"type": "value", "options": {"0": {"text": "down", "color": RED}, "1": {"text": "up", "color": GREEN}}}
]

LINKS = {
    "tessera-overview": "Overview",
    "tessera-preprocess": "Preprocess",
    "tessera-inference": "Inference",
    "tessera-backends": "Backends",
}


class Board:
    """Rows of panels from left to right and top to bottom."""

    def __init__(self, uid: str, title: str, description: str, jobs: str, variables: list | None = None):
        self.uid, self.title, self.description = uid, title, description
        self._variables = [
            {
                "name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus",
                "current": {}, "hide": 0, "includeAll": False, "multi": False, "refresh": 1, "regex": "",
            },
            query_variable("job", "Job", f'label_values(tessera_build_info{{service=~"{jobs}"}}, job)'),
            query_variable(
                "instance", "Instance",
                f'label_values(tessera_build_info{{service=~"{jobs}", job=~"$job"}}, instance)',
            ),
            *(variables or []),
        ]  # fmt: skip
        self._panels = []
        self._x = self._y = self._row_height = 0

    def text(self, content: str, height: int = 3) -> None:
        """What the board is for; its first panel."""
        panel = {
            "type": "text",
            "title": "What this shows",
            "description": "What the board is for, and where to go from here.",
            "options": {"mode": "markdown", "content": content},
        }
        self._place(panel, WIDTH, height)

    def row(self, title: str, *panels: Panel) -> None:
        self._new_line()
        self._place({"type": "row", "title": title, "collapsed": False, "panels": []}, WIDTH, 1)
        self._new_line()
        for panel in panels:
            self._place(panel.body, panel.width, panel.height)

    def _new_line(self) -> None:
        self._x, self._y, self._row_height = 0, self._y + self._row_height, 0

    def _place(self, body: dict, width: int, height: int) -> None:
        if self._x + width > WIDTH:
            self._new_line()
        position = {"x": self._x, "y": self._y, "w": width, "h": height}
        self._panels.append({"id": len(self._panels) + 1, **body, "gridPos": position})
        self._x += width
        self._row_height = max(self._row_height, height)

    def json(self) -> str:
        board = {
            "uid": self.uid,
            "id": None,
            "title": self.title,
            "description": self.description,
            "tags": ["tessera"],
            "schemaVersion": SCHEMA_VERSION,
            "version": 1,
            "editable": False,
            "graphTooltip": 1,
            "refresh": "30s",
            "time": {"from": "now-1h", "to": "now"},
            "timepicker": {},
            "timezone": "browser",
            "annotations": {
                "list": [
                    {
                        "name": "Restarts",
                        "datasource": DATASOURCE,
                        "enable": True,
                        "iconColor": "purple",
                        "expr": f"changes({series('process_start_time_seconds')}[$__interval]) > 0",
                        "titleFormat": "{{job}} {{instance}} restarted",
                    }
                ]
            },
            "links": [
                {
                    "title": title, "type": "link", "url": f"/d/{uid}", "icon": "dashboard",
                    "keepTime": True, "includeVars": False, "targetBlank": False, "tags": [], "tooltip": "",
                    "asDropdown": False,
                }
                for uid, title in LINKS.items() if uid != self.uid
            ],
            "templating": {"list": self._variables},
            "panels": self._panels,
        }  # fmt: skip
        return json.dumps(board, indent=1) + "\n"


def query_variable(name: str, label: str, query: str) -> dict:
    return {
        "name": name, "label": label, "type": "query", "datasource": DATASOURCE,
        "query": {"query": query, "refId": name}, "definition": query, "current": {}, "hide": 0,
        "includeAll": True, "multi": True, "refresh": 2, "sort": 1, "regex": "",
    }  # fmt: skip


def constant_variable(name: str, label: str, value: str, description: str) -> dict:
    return {
        "name": name, "label": label, "type": "textbox", "query": value, "description": description,
        "current": {"text": value, "value": value}, "hide": 0,
    }  # fmt: skip

# SPDX-License-Identifier: Apache-2.0
"""Draws panels as Grafana would, as far as a look at shapes, units and legends needs: SVG in a page."""

import html
import math

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 460, 210, 62, 22, 8
COLOURS = ["#73bf69", "#f2cc0c", "#5794f2", "#ff780a", "#b877d9", "#8ab8ff", "#fade2a", "#ff9830", "#96d98d",
           "#e02f44", "#37872d", "#c4162a"]  # fmt: skip
NAMED = {"green": "#73bf69", "orange": "#ff9830", "red": "#e02f44", "blue": "#5794f2"}
STYLE = """body{background:#111217;color:#ccccdc;font:13px sans-serif;margin:16px}
h1{font-size:20px}h2{font-size:15px;margin:18px 0 6px}.row{display:flex;flex-wrap:wrap;gap:10px}
.panel{background:#181b1f;border:1px solid #2c3235;padding:6px 8px;width:460px}.panel h3{font-size:13px;margin:0 0 2px}
.about{color:#8e8e9e;font-size:11px;margin:0 0 4px;min-height:26px}.legend{font-size:11px;line-height:15px}
.number{font-size:34px;text-align:center;padding:16px}svg text{fill:#8e8e9e;font-size:10px}"""


def with_unit(value: float, unit: str) -> str:
    if unit == "percentunit":
        return f"{value * 100:.3g} %"
    if unit in ("s",):
        if abs(value) < 1e-3 and value:
            return f"{value * 1e6:.3g} µs"
        return f"{value * 1000:.3g} ms" if abs(value) < 1 and value else f"{value:.3g} s"
    after = {"bytes": "B", "Bps": "B/s", "reqps": "/s"}.get(unit, "")
    step, names = (1024, ["", "Ki", "Mi", "Gi", "Ti"]) if unit in ("bytes", "Bps") else (1000, ["", "K", "M", "G", "T"])
    index = 0
    while abs(value) >= step and index < len(names) - 1:
        value, index = value / step, index + 1
    return f"{value:.3g} {names[index]}{after}".strip()


def colour(name: str) -> str:
    return NAMED.get(name, name)


def legend_of(template: str, labels: dict) -> str:
    for key, value in labels.items():
        template = template.replace("{{" + key + "}}", value)
    return template


def threshold_colour(value: float, steps: list) -> str:
    found = steps[0]["color"]
    for step in steps[1:]:
        if value >= step["value"]:
            found = step["color"]
    return colour(found)


def line_chart(panel: dict, answers: list) -> str:
    """`answers`: (legend, labels, [(time, value)])."""
    defaults = panel["fieldConfig"]["defaults"]
    points = [(t, v) for _, _, values in answers for t, v in values if math.isfinite(v)]
    if not points:
        return "<p>no data</p>"
    begin, end = min(t for t, _ in points), max(t for t, _ in points)
    low = defaults.get("min", min(v for _, v in points))
    high = max([v for _, v in points] + [defaults.get("max", 0)])
    high = high if high > low else low + 1
    span = max(end - begin, 1)

    def place(t, v):
        x = LEFT + (t - begin) / span * (WIDTH - LEFT - 6)
        return x, HEIGHT - BOTTOM - (v - low) / (high - low) * (HEIGHT - BOTTOM - TOP)

    parts = []
    for i in range(5):
        value = low + (high - low) * i / 4
        y = place(begin, value)[1]
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - 6}" y1="{y:.1f}" y2="{y:.1f}" stroke="#2c3235"/>')
        label = with_unit(value, defaults["unit"])
        parts.append(f'<text x="{LEFT - 4}" y="{y + 3:.1f}" text-anchor="end">{label}</text>')
    for i in range(4):
        t = begin + span * i / 3
        x = min(place(t, low)[0], WIDTH - 24)
        parts.append(f'<text x="{x:.0f}" y="{HEIGHT - 6}" text-anchor="middle">{t - begin:.0f} s</text>')
    if defaults["custom"]["thresholdsStyle"]["mode"] == "line":
        for step in defaults["thresholds"]["steps"][1:]:
            if low <= step["value"] <= high:
                y = place(begin, step["value"])[1]
                parts.append(f'<line x1="{LEFT}" x2="{WIDTH - 6}" y1="{y:.1f}" y2="{y:.1f}" '
                             f'stroke="{colour(step["color"])}" stroke-dasharray="4 3"/>')  # fmt: skip
    legends = []
    for i, (legend, labels, values) in enumerate(answers):
        stroke = COLOURS[i % len(COLOURS)]
        runs, run = [], []
        for t, v in values:
            if math.isfinite(v):
                run.append("{:.1f},{:.1f}".format(*place(t, v)))
            elif run:
                runs, run = runs + [run], []
        for run in runs + [run]:
            if len(run) == 1:
                x, y = run[0].split(",")
                parts.append(f'<circle cx="{x}" cy="{y}" r="1.5" fill="{stroke}"/>')
            elif run:
                parts.append(f'<polyline points="{" ".join(run)}" fill="none" stroke="{stroke}" stroke-width="1.3"/>')
        legends.append(f'<span style="color:{stroke}">━</span> {html.escape(legend_of(legend, labels))}')
    return (f'<svg width="{WIDTH}" height="{HEIGHT}">{"".join(parts)}</svg>'
            f'<div class="legend">{" &nbsp; ".join(legends[:14])}{" …" if len(legends) > 14 else ""}</div>')  # fmt: skip


def heat(panel: dict, answers: list) -> str:
    bands = [(float(labels["le"].replace("+Inf", "inf")), dict(values)) for _, labels, values in answers]
    bands.sort(key=lambda band: band[0])
    times = sorted({t for _, values in bands for t in values})
    if not times:
        return "<p>no data</p>"
    cells, below = [], {}
    for bound, values in bands:
        cells.append((bound, {t: max(values.get(t, 0) - below.get(t, 0), 0) for t in times}))
        below = values
    filled = [i for i, (_, values) in enumerate(cells) if any(values.values())]
    cells = cells[max(min(filled, default=0) - 1, 0) : max(filled, default=0) + 2]
    most = max((v for _, values in cells for v in values.values()), default=1) or 1
    w, h = (WIDTH - LEFT - 6) / len(times), (HEIGHT - BOTTOM - TOP) / len(cells)
    parts = []
    for row, (bound, values) in enumerate(cells):
        y = HEIGHT - BOTTOM - (row + 1) * h
        label = "more" if math.isinf(bound) else with_unit(bound, panel["fieldConfig"]["defaults"]["unit"])
        if row % max(1, len(cells) // 10) == 0:
            parts.append(f'<text x="{LEFT - 4}" y="{y + h / 2 + 3:.1f}" text-anchor="end">≤ {label}</text>')
        for column, t in enumerate(times):
            if values[t] > 0:
                strength = 0.15 + 0.85 * math.sqrt(values[t] / most)
                parts.append(f'<rect x="{LEFT + column * w:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}" '
                             f'fill="#ff9830" fill-opacity="{strength:.2f}"/>')  # fmt: skip
    return f'<svg width="{WIDTH}" height="{HEIGHT}">{"".join(parts)}</svg>'


def figure(panel: dict, answers: list) -> str:
    defaults = panel["fieldConfig"]["defaults"]
    value = answers[0][2][-1][1] if answers else math.nan
    if not math.isfinite(value):
        return '<div class="number">no data</div>'
    text = next((m["options"][f"{value:g}"]["text"] for m in defaults.get("mappings", [])
                 if f"{value:g}" in m["options"]), with_unit(value, defaults["unit"]))  # fmt: skip
    shade = threshold_colour(value, defaults["thresholds"]["steps"])
    return f'<div class="number" style="color:{shade}">{text}</div>'


DRAW = {"timeseries": line_chart, "heatmap": heat, "stat": figure}


def size(board: dict) -> tuple:
    """Width and height of the page: three panels beside each other."""
    rows, height = [], 140
    for panel in board["panels"]:
        if panel["type"] == "row":
            rows.append(0)
        elif rows:
            rows[-1] += 1
    return 1560, height + sum(45 + -(-count // 3) * 345 for count in rows)


def page(board: dict, answers: dict) -> str:
    """`answers`: panel id -> what `line_chart` takes."""
    text = f'<meta charset="utf-8"><title>{board["title"]}</title><style>{STYLE}</style><h1>{board["title"]}</h1>'
    text += "<div>"
    for panel in board["panels"]:
        if panel["type"] == "row":
            text += f'</div><h2>{html.escape(panel["title"])}</h2><div class="row">'
        elif panel["type"] == "text":
            text += f'<p>{html.escape(panel["options"]["content"])}</p>'
        else:
            text += (f'<div class="panel"><h3>{html.escape(panel["title"])}</h3>'
                     f'<p class="about">{html.escape(panel["description"])}</p>'
                     f'{DRAW[panel["type"]](panel, answers[panel["id"]])}</div>')  # fmt: skip
    return text + "</div>"

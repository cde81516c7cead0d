# SPDX-License-Identifier: Apache-2.0
"""Bar, line, pie and scatter charts."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw

from drawing.basics import CHARTS, Rng, jitter, pick, word, words
from drawing.fonts import font
from drawing.lettering import LEGIBLE

PALETTES = [
    [(31, 119, 180), (255, 127, 14), (44, 160, 44), (214, 39, 40), (148, 103, 189), (140, 86, 75)],
    [(66, 133, 244), (219, 68, 55), (244, 180, 0), (15, 157, 88), (171, 71, 188), (0, 172, 193)],
    [(38, 70, 83), (42, 157, 143), (233, 196, 106), (244, 162, 97), (231, 111, 81), (90, 90, 90)],
    [
        (68, 114, 196),
        (237, 125, 49),
        (165, 165, 165),
        (255, 192, 0),
        (91, 155, 213),
        (112, 173, 71),
    ],
]


class _Plot:
    """The picture being drawn, its colours and the plotting area."""

    def __init__(self, rng: Rng, width: int, height: int) -> None:
        self.rng, self.width, self.height = rng, width, height
        if rng.random() < 0.15:
            self.ground, self.ink = jitter(rng, (35, 38, 48), 15), (225, 225, 225)
        else:
            plain = rng.random() < 0.7
            self.ground = (255, 255, 255) if plain else jitter(rng, (240, 240, 244), 12)
            self.ink = jitter(rng, (50, 50, 55), 25)
        self.im = Image.new("RGB", (width, height), self.ground)
        self.d = ImageDraw.Draw(self.im)
        self.base = max(8, min(width, height) * rng.uniform(0.022, 0.04))
        self.face = font(rng, self.base)
        own = [tuple(int(v) for v in rng.integers(20, 235, 3)) for _ in range(6)]
        self.colours = list(pick(rng, PALETTES)) if rng.random() < 0.7 else own
        if rng.random() < 0.5:
            self.colours = [self.colours[i] for i in rng.permutation(6)]
        self.x0, self.x1 = width * rng.uniform(0.08, 0.16), width * rng.uniform(0.86, 0.97)
        self.y0, self.y1 = height * rng.uniform(0.08, 0.16), height * rng.uniform(0.82, 0.92)

    def text(self, xy, text: str, anchor: str = "la") -> None:
        """Writes a label."""
        self.d.text(xy, text, font=self.face, fill=self.ink, anchor=anchor)

    def title(self) -> dict[str, str]:
        """Writes a title, and returns it when it can be read."""
        rng = self.rng
        if rng.random() > 0.8:
            return {}
        room = self.y0 * 0.8
        size = min(max(self.base * 1.4, rng.uniform(LEGIBLE, LEGIBLE * 1.6)), room)
        face = font(rng, size)
        title = words(rng, int(rng.integers(1, 4))).title()[:22].strip()
        self.d.text((self.width / 2, self.y0 * 0.12), title, font=face, fill=self.ink, anchor="ma")
        fits = face.size >= LEGIBLE and face.getlength(title) < self.width * 0.97
        return {"title": title} if fits else {}


def _pie(p: _Plot) -> None:
    rng, d, base = p.rng, p.d, p.base
    slices = int(rng.integers(2, 8))
    shares = rng.dirichlet(np.ones(slices) * 3) * 360
    r = min(p.x1 - p.x0, p.y1 - p.y0) * rng.uniform(0.36, 0.5)
    cx, cy, angle = p.width * rng.uniform(0.38, 0.6), (p.y0 + p.y1) / 2, rng.uniform(0, 360)
    box = (cx - r, cy - r, cx + r, cy + r)
    edge = p.ground if rng.random() < 0.7 else None
    for i, share in enumerate(shares):
        d.pieslice(box, angle, angle + share, fill=p.colours[i % 6], outline=edge)
        t = math.radians(angle + share / 2)
        k = r * (1.15 if i % 2 or rng.random() < 0.5 else 0.65)
        p.text((cx + k * math.cos(t), cy + k * math.sin(t)), f"{share / 3.6:.0f}%", "mm")
        angle += share
    if rng.random() < 0.25:
        k = r * rng.uniform(0.4, 0.6)
        d.ellipse((cx - k, cy - k, cx + k, cy + k), fill=p.ground)
    if rng.random() < 0.6:
        for i in range(slices):
            x, y = p.width * 0.82, p.y0 + i * base * 1.6
            d.rectangle((x, y, x + base, y + base), fill=p.colours[i % 6])
            p.text((x + base * 1.4, y), word(rng).capitalize())


def _axes(p: _Plot) -> None:
    rng, d, ticks = p.rng, p.d, int(p.rng.integers(3, 8))
    faint = tuple(int(0.8 * g + 0.2 * k) for g, k in zip(p.ground, p.ink))
    grid, labels, unit = rng.random() < 0.75, rng.random() < 0.85, int(rng.integers(1, 60))
    for i in range(ticks + 1):
        y = p.y1 - (p.y1 - p.y0) * i / ticks
        if labels:
            p.text((p.x0 - 5, y), str(i * unit), "rm")
        if grid:
            d.line((p.x0, y, p.x1, y), fill=faint)
    if rng.random() < 0.85:
        line = 1 + (p.width > 400)
        d.line((p.x0, p.y0, p.x0, p.y1), fill=p.ink, width=line)
        d.line((p.x0, p.y1, p.x1, p.y1), fill=p.ink, width=line)
    if rng.random() < 0.3:
        d.rectangle((p.x0, p.y0, p.x1, p.y1), outline=p.ink)


def _bars(p: _Plot) -> None:
    rng, w, h = p.rng, p.x1 - p.x0, p.y1 - p.y0
    groups = int(rng.integers(2, 11))
    series = int(rng.integers(1, 4)) if rng.random() < 0.3 else 1
    many = rng.random() < 0.2
    lying, gap = rng.random() < 0.25, rng.uniform(0.2, 0.5)
    edge = p.ink if rng.random() < 0.2 else None
    for i in range(groups):
        for s in range(series):
            value = rng.uniform(0.08, 0.97)
            colour = p.colours[(s if series > 1 else i if many else 0) % 6]
            low = (i + gap / 2 + (1 - gap) * s / series) / groups
            high = low + (1 - gap) / groups / series
            if lying:
                box = (p.x0, p.y0 + h * low, p.x0 + w * value, p.y0 + h * high)
            else:
                box = (p.x0 + w * low, p.y1 - h * value, p.x0 + w * high, p.y1)
            p.d.rectangle(box, fill=colour, outline=edge)
        if not lying:
            name = word(rng)[: max(2, int(w / groups / p.base * 1.6))].capitalize()
            p.text((p.x0 + w * (i + 0.5) / groups, p.y1 + 4), name, "ma")


def _curves(p: _Plot, kind: str) -> None:
    rng, d, h = p.rng, p.d, p.y1 - p.y0
    for s in range(int(rng.integers(1, 5))):
        count = int(rng.integers(5, 40))
        if kind == "line":
            xs = np.linspace(p.x0, p.x1, count)
            v = np.cumsum(rng.normal(0, 1, count))
            v = 0.08 + 0.84 * (v - v.min()) / (np.ptp(v) + 1e-6) * rng.uniform(0.4, 1)
            points = [(float(x), float(p.y1 - h * t)) for x, t in zip(xs, v)]
            thick = int(rng.integers(1, 4)) + p.width // 400
            d.line(points, fill=p.colours[s], width=thick, joint="curve")
            if rng.random() < 0.4:
                r = p.base * 0.25
                for x, y in points:
                    d.ellipse((x - r, y - r, x + r, y + r), fill=p.colours[s])
        else:
            slope, r = rng.uniform(-0.8, 0.8), p.base * rng.uniform(0.16, 0.4)
            spread = rng.uniform(0.05, 0.25)
            blob = rng.random() < 0.4
            for _ in range(count * 3):
                x = rng.normal(0.5, 0.16) if blob else rng.random()
                x = p.x0 + (p.x1 - p.x0) * min(0.99, max(0.01, x))
                t = 0.5 + slope * ((x - p.x0) / (p.x1 - p.x0) - 0.5) + rng.normal(0, spread)
                y = p.y1 - h * min(0.98, max(0.02, t))
                d.ellipse((x - r, y - r, x + r, y + r), fill=p.colours[s])
    for i in range(6):
        p.text((p.x0 + (p.x1 - p.x0) * i / 5, p.y1 + 4), str(i * 2), "ma")


def chart(rng: Rng, width: int, height: int) -> tuple[np.ndarray, dict]:
    """A chart with its type and legible title."""
    kind = pick(rng, list(CHARTS))
    p = _Plot(rng, width, height)
    facts: dict = {"kind": "chart", "type": kind, "texts": p.title()}
    if kind == "pie":
        _pie(p)
    else:
        _axes(p)
        if kind == "bar":
            _bars(p)
        else:
            _curves(p, kind)
        if rng.random() < 0.4:
            x, y = rng.uniform(p.x0, max(p.x0 + 1, p.x1 - p.base * 7)), p.y0 + 4
            for i in range(int(rng.integers(1, 4))):
                top = y + i * p.base * 1.5
                p.d.rectangle((x, top, x + p.base, top + p.base * 0.8), fill=p.colours[i])
                p.text((x + p.base * 1.4, top - 2), word(rng).capitalize())
    return np.asarray(p.im, np.float32), facts

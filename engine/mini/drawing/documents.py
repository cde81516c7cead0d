# SPDX-License-Identifier: Apache-2.0
"""Six kinds of printed page, flat or lying tilted on a desk."""

from __future__ import annotations

import math

import cv2
import numpy as np
from PIL import Image, ImageDraw

from drawing.basics import DOCUMENTS, Rng, code, date, flat, jitter, money, noise, pick, word, words
from drawing.fonts import font
from drawing.lettering import LEGIBLE

PAPERS = [(255, 255, 255), (252, 250, 240), (245, 238, 220), (238, 240, 245)]


class Page:
    """A sheet being filled from the top; `texts` collects what is large enough to be read."""

    def __init__(self, rng: Rng, width: int, height: int, prefix: str = "") -> None:
        self.rng, self.width, self.height, self.prefix = rng, width, height, prefix
        self.ink = jitter(rng, (25, 25, 30), 25)
        self.im = Image.new("RGB", (width, height), pick(rng, PAPERS))
        self.d = ImageDraw.Draw(self.im)
        self.base = max(7, min(width, height) * rng.uniform(0.018, 0.034))
        self.body = self.face(self.base)
        self.bold = self.face(self.base * 1.25)
        self.big = self.face(self.base * rng.uniform(1.7, 2.8))
        self.margin = int(min(width, height) * rng.uniform(0.05, 0.11))
        self.y = float(self.margin)
        self.step = int(self.base * rng.uniform(1.25, 1.7))
        self.texts: dict[str, str] = {}

    def face(self, size: float, family: str = "print"):
        """A face of the page's drawing style."""
        return font(self.rng, size, self.prefix + family)

    @property
    def right(self) -> float:
        """The right edge of the type area."""
        return self.width - self.margin

    @property
    def bottom(self) -> float:
        """The lower edge of the type area."""
        return self.height - self.margin

    def text(self, xy, text: str, face=None, fill=None, anchor: str = "la") -> None:
        """Writes one line."""
        self.d.text(xy, text, font=face or self.body, fill=fill or self.ink, anchor=anchor)

    def lines(self, x0: float, x1: float, count: int, ragged: float = 0.85) -> None:
        """A paragraph of that many lines at y."""
        filler = words(self.rng, 60)
        for i in range(count):
            if self.y > self.bottom:
                break
            low = 0.3 if i == count - 1 else ragged
            room = (x1 - x0) * self.rng.uniform(low, 1)
            start = int(self.rng.integers(0, len(filler) // 2))
            self.text((x0, self.y), filler[start : start + max(3, int(room / (self.base * 0.52)))])
            self.y += self.step

    def grid(self, rows: int, columns: int, head: bool = True, amounts: bool = True) -> None:
        """A table over the type area's width at y."""
        rng, x0, x1, y0 = self.rng, self.margin, self.right, self.y
        inner = sorted(
            x0 + (x1 - x0) * (i + rng.uniform(-0.2, 0.2)) / columns for i in range(1, columns)
        )
        xs = [x0, *inner, x1]
        row = int(self.step * rng.uniform(1.1, 1.6))
        style = rng.integers(3)
        rows = max(1, min(rows, int((self.bottom - y0) / row)))
        for r in range(rows):
            y = y0 + r * row
            if r == 0 and head:
                self.d.rectangle((x0, y, x1, y + row), fill=jitter(rng, (200, 205, 215), 25))
            for c in range(columns):
                if r == 0:
                    cell = word(rng).capitalize()
                else:
                    cell = money(rng) if c and amounts else words(rng, 2)
                room = max(2, int((xs[c + 1] - xs[c]) / (self.base * 0.56)))
                self.text((xs[c] + 4, y + row * 0.15), cell[:room])
            if style < 2:
                self.d.line((x0, y + row, x1, y + row), fill=(120, 120, 120))
        if style == 0:
            for x in xs:
                self.d.line((x, y0, x, y0 + rows * row), fill=(120, 120, 120))
            self.d.line((x0, y0, x1, y0), fill=(120, 120, 120))
        self.y = y0 + rows * row

    def note(self, key: str, value: str, face) -> None:
        """Remembers a text that a question may ask for, when it is legible."""
        if face.size >= LEGIBLE:
            self.texts[key] = value


def _letter(p: Page) -> None:
    rng = p.rng
    side = p.margin if rng.random() < 0.5 else p.width * 0.6
    p.lines(side, side + p.width * 0.3, int(rng.integers(2, 5)), 0.5)
    p.y += p.step
    p.lines(p.margin, p.margin + p.width * 0.35, int(rng.integers(2, 5)), 0.5)
    p.y += p.step
    p.text((p.width * 0.65, p.y), date(rng))
    p.y += 2 * p.step
    p.text((p.margin, p.y), f"Dear {words(rng, 2)},")
    p.y += int(1.6 * p.step)
    while p.y < p.bottom - 8 * p.step:
        p.lines(p.margin, p.right, int(rng.integers(3, 8)))
        p.y += p.step
    p.text((p.margin, p.y), "Sincerely,")
    p.y += int(1.4 * p.step)
    stroke = [
        (p.margin + i * p.base * 0.7, p.y + p.base + p.base * 1.1 * rng.standard_normal())
        for i in range(int(rng.integers(6, 14)))
    ]
    p.d.line(stroke, fill=(20, 30, 120), width=max(1, int(p.base * 0.12)), joint="curve")


def _invoice(p: Page) -> None:
    rng = p.rng
    x = p.margin if rng.random() < 0.5 else p.width * 0.55
    title = "INVOICE" if rng.random() < 0.7 else "Invoice"
    p.text((x, p.y), title, p.big, jitter(rng, (30, 50, 110), 40))
    p.y += int(p.base * 3.4)
    top = p.y
    p.lines(p.margin, p.margin + p.width * 0.3, 4, 0.5)
    y = top
    large = rng.random() < 0.6
    face = (
        p.face(min(max(p.base, LEGIBLE + rng.uniform(0, 6)), p.width * 0.036)) if large else p.body
    )
    number = code(rng) if rng.random() < 0.5 else str(rng.integers(1000, 999999))
    fields = [("Invoice No", number), ("Date", date(rng)), ("Due", date(rng))]
    for name, value in fields[: int(rng.integers(2, 4))]:
        p.text((p.width * 0.5, y), f"{name}: {value}", face)
        p.note(
            {"Invoice No": "invoice number", "Date": "date", "Due": "due date"}[name], value, face
        )
        y += face.size * 1.35
    p.y = max(p.y, y) + 2 * p.step
    p.grid(int(rng.integers(4, 14)), int(rng.integers(3, 6)))
    p.y += p.step
    bold = p.face(face.size * 1.15) if large else p.bold
    for name in ("Subtotal", "Tax", "TOTAL"):
        value = "$" + money(rng)
        use = bold if name == "TOTAL" else p.body
        if p.y + use.size < p.height:
            p.text((p.width * 0.5, p.y), name, use)
            p.text((p.width * 0.72, p.y), value, use)
            if name == "TOTAL":
                p.note("total", value, use)
        p.y += int(use.size * 1.4)
    p.y = max(p.y + p.step, p.bottom - 2 * p.step)
    p.lines(p.margin, p.right, 2)


def _receipt(p: Page) -> None:
    rng = p.rng
    p.body = p.face(p.base, "mono")
    rule = "-" * int((p.width - 2 * p.margin) / (p.base * 0.6))
    name = f"{word(rng).upper()} {word(rng).upper()}"
    p.text((p.width / 2, p.y), name, p.big, anchor="ma")
    p.y += int(p.base * 3)
    for _ in range(int(rng.integers(2, 4))):
        p.text((p.width / 2, p.y), words(rng, 3), anchor="ma")
        p.y += p.step
    p.text((p.margin, p.y), rule)
    p.y += p.step
    while p.y < p.bottom - 7 * p.step:
        p.text((p.margin, p.y), words(rng, 2)[:16])
        p.text((p.right, p.y), money(rng), anchor="ra")
        p.y += p.step
        if rng.random() < 0.08:
            break
    p.text((p.margin, p.y), rule)
    p.y += p.step
    total = money(rng)
    wanted = (
        max(p.base * 1.25, LEGIBLE + rng.uniform(0, 8)) if rng.random() < 0.6 else p.base * 1.25
    )
    large = p.face(min(wanted, (p.right - p.margin) / 9.5))
    p.text((p.margin, p.y), "TOTAL", large)
    p.text((p.right, p.y), total, large, anchor="ra")
    if p.y + large.size < p.height:
        p.note("total", total, large)
    p.y += large.size + 1.5 * p.step
    if rng.random() < 0.6:
        x = p.width * 0.2
        while x < p.width * 0.8:
            bar = rng.uniform(1, p.base * 0.35)
            p.d.rectangle((x, p.y, x + bar, p.y + 2.4 * p.step), fill=p.ink)
            x += bar + rng.uniform(1.5, p.base * 0.4)
    else:
        p.text((p.width / 2, p.y), "THANK YOU", anchor="ma")


def _form(p: Page) -> None:
    rng, base, step = p.rng, p.base, p.step
    p.text((p.margin, p.y), words(rng, 3).title(), p.big)
    p.y += int(base * 3.2)
    style = rng.integers(3)
    while p.y < p.bottom - 2 * step:
        columns = int(rng.integers(1, 4))
        for c in range(columns):
            x0 = p.margin + (p.width - 2 * p.margin) * c / columns
            x1 = p.margin + (p.width - 2 * p.margin) * (c + 0.93) / columns
            p.text((x0, p.y), word(rng).capitalize() + ":")
            if rng.random() < 0.25:
                for b in range(2):
                    x = x0 + (x1 - x0) * (0.35 + 0.3 * b)
                    p.d.rectangle((x, p.y, x + base, p.y + base), outline=p.ink)
                    if rng.random() < 0.4:
                        p.d.line((x, p.y, x + base, p.y + base), fill=p.ink)
            elif style == 0:
                p.d.rectangle((x0, p.y + step, x1, p.y + 2.1 * step), outline=(90, 90, 100))
            elif style == 1:
                y = p.y + base * 1.1
                p.d.line((x0 + (x1 - x0) * 0.35, y, x1, y), fill=(60, 60, 60))
            else:
                fill = jitter(rng, (215, 225, 238), 6)
                p.d.rectangle((x0, p.y + step, x1, p.y + 2.1 * step), fill=fill)
        p.y += int(step * (2.7 if style != 1 else 1.8))


def _article(p: Page) -> None:
    rng = p.rng
    p.text((p.margin, p.y), words(rng, 4).title(), p.big)
    p.y += int(p.base * 3.4)
    columns, top = int(rng.integers(1, 4)), p.y
    for c in range(columns):
        x0 = p.margin + (p.width - 2 * p.margin) * c / columns
        x1 = p.margin + (p.width - 2 * p.margin) * (c + 0.92) / columns
        p.y = top
        while p.y < p.bottom - p.step:
            if rng.random() < 0.25:
                head = words(rng, 2).title()[: int((x1 - x0) / p.base / 0.7)]
                p.text((x0, p.y), head, p.bold)
                p.y += int(p.step * 1.5)
            p.lines(x0, x1, int(rng.integers(3, 12)), 0.93)
            p.y += p.step // 2


def _table(p: Page) -> None:
    rng = p.rng
    if rng.random() < 0.6:
        p.text((p.margin, p.y), words(rng, 3).title(), p.bold)
        p.y += int(p.base * 2.4)
    p.grid(200, int(rng.integers(3, 8)), rng.random() < 0.8, rng.random() < 0.7)


_FILLERS = {
    "letter": _letter,
    "invoice": _invoice,
    "receipt": _receipt,
    "form": _form,
    "article": _article,
    "table": _table,
}


def page(rng: Rng, width: int, height: int, kind: str, prefix: str = "") -> tuple[np.ndarray, dict]:
    """One sheet of that kind and the texts on it that can be read."""
    p = Page(rng, width, height, prefix)
    _FILLERS[kind](p)
    if rng.random() < 0.15:
        colour, r = jitter(rng, (190, 40, 50), 30), min(width, height) * rng.uniform(0.06, 0.12)
        x, y = rng.uniform(r, width - r), rng.uniform(r, height - r)
        p.d.ellipse((x - r, y - r, x + r, y + r), outline=colour, width=max(2, int(r * 0.1)))
        mark = "PAID" if kind == "invoice" else word(rng).upper()
        p.text((x, y), mark, p.bold, colour, anchor="mm")
        p.texts.clear()
    return np.asarray(p.im, np.float32), p.texts


def document(rng: Rng, width: int, height: int) -> tuple[np.ndarray, dict]:
    """A page that fills the picture or lies on a desk, with type and legible texts."""
    kind = pick(rng, DOCUMENTS)
    if rng.random() < 0.55 and not (kind == "receipt" and width > height):
        img, texts = page(rng, width, height, kind)
        return img, {"kind": "document", "type": kind, "texts": texts}
    aspect = {"receipt": rng.uniform(0.35, 0.6), "table": rng.uniform(0.7, 1.4)}.get(
        kind, rng.uniform(0.68, 0.8)
    )
    h = height * rng.uniform(0.75, 1.0)
    w = min(h * aspect, width * 0.98)
    h = w / aspect
    sheet, texts = page(rng, max(64, int(w)), max(64, int(h)), kind)
    h, w = sheet.shape[:2]
    if rng.random() < 0.5:
        desk = flat(height, width, jitter(rng, (170, 170, 175), 70))
    else:
        cloud = noise(rng, height, width, 5)[..., None]
        desk = np.array(jitter(rng, (120, 95, 70), 60), np.float32) * (0.7 + 0.6 * cloud)
    angle = math.radians(rng.normal(0, 4))
    c, s = math.cos(angle), math.sin(angle)
    ox = width / 2 + rng.uniform(-0.5, 0.5) * max(0, width - w)
    oy = height / 2 + rng.uniform(-0.5, 0.5) * max(0, height - h)
    corners = np.float32([[0, 0], [w, 0], [w, h], [0, h]])
    q = corners - np.float32([w / 2, h / 2])
    placed = np.stack([q[:, 0] * c - q[:, 1] * s + ox, q[:, 0] * s + q[:, 1] * c + oy], 1)
    placed += rng.normal(0, 0.012 * min(w, h), (4, 2))
    warp = cv2.getPerspectiveTransform(corners, placed.astype(np.float32))
    cover = cv2.warpPerspective(np.ones((h, w), np.float32), warp, (width, height))[..., None]
    fallen = cv2.GaussianBlur(np.roll(cover[..., 0], (5, 5), (0, 1)), (0, 0), max(2, width * 0.01))
    img = desk * (1 - 0.5 * fallen[..., None]) * (1 - cover)
    img += cv2.warpPerspective(sheet, warp, (width, height)) * cover
    return img, {"kind": "document", "type": kind, "texts": texts}

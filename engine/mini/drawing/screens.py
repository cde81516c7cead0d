# SPDX-License-Identifier: Apache-2.0
"""Screenshots: dialogs, browsers, terminals, phone apps and editors."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from drawing.basics import SCREENS, Rng, jitter, pick, ramp, word, words
from drawing.fonts import font
from drawing.lettering import LEGIBLE

ACCENTS = [
    (0, 120, 215),
    (52, 120, 246),
    (76, 175, 80),
    (233, 84, 32),
    (124, 77, 255),
    (96, 125, 139),
]


class Screen:
    """A screen in a light or dark theme; `texts` collects what is large enough to be read."""

    def __init__(self, rng: Rng, width: int, height: int, prefix: str = "") -> None:
        self.rng, self.w, self.h, self.prefix = rng, width, height, prefix
        dark = rng.random() < 0.35
        self.ground = jitter(rng, (36, 38, 44) if dark else (246, 246, 248), 8)
        self.panel = jitter(rng, (54, 57, 66) if dark else (225, 228, 233), 8)
        self.ink = (225, 226, 230) if dark else (32, 34, 40)
        self.faint = (140, 142, 150)
        self.accent = jitter(rng, pick(rng, ACCENTS), 15)
        self.im = Image.new("RGB", (width, height), self.ground)
        self.d = ImageDraw.Draw(self.im)
        self.size = max(8.0, min(width, height) * rng.uniform(0.024, 0.045))
        self.texts: dict[str, str] = {}

    def face(self, size: float, family: str = "print"):
        """A face of the screen's drawing style."""
        return font(self.rng, size, self.prefix + family)

    def lines(self, x0: float, y0: float, x1: float, y1: float, face, fill=None) -> None:
        """Lines of interface text down a box."""
        y, step = y0, face.size * self.rng.uniform(1.3, 1.8)
        while y + step < y1:
            room = int((x1 - x0) * self.rng.uniform(0.3, 1) / (face.size * 0.55))
            if room > 1:
                self.d.text((x0, y), words(self.rng, 10)[:room], font=face, fill=fill or self.ink)
            y += step

    def title_bar(self, x0: float, y0: float, x1: float, bar: float, title: str, face) -> None:
        """A window's bar with its three buttons."""
        rng, d = self.rng, self.d
        d.rectangle((x0, y0, x1, y0 + bar), fill=self.panel)
        r = bar * 0.18
        round_buttons = rng.random() < 0.5
        for i in range(3):
            cx = x0 + bar * (0.5 + 0.6 * i) if round_buttons else x1 - bar * (0.5 + 0.9 * i)
            cy = y0 + bar / 2
            if round_buttons:
                fill = [(255, 95, 86), (255, 189, 46), (39, 201, 63)][i]
                d.ellipse((cx - r, cy - r, cx + r, cy + r), fill=fill)
            elif i == 0:
                d.line((cx - r, cy - r, cx + r, cy + r), fill=self.ink, width=2)
                d.line((cx - r, cy + r, cx + r, cy - r), fill=self.ink, width=2)
            elif i == 1:
                d.rectangle((cx - r, cy - r, cx + r, cy + r), outline=self.ink)
            else:
                d.line((cx - r, cy, cx + r, cy), fill=self.ink, width=2)
        x = x0 + bar * 2.3 if round_buttons else x0 + bar * 0.4
        d.text((x, y0 + bar / 2), title, font=face, fill=self.ink, anchor="lm")

    def button(
        self, x0: float, y0: float, x1: float, y1: float, text: str, face, main: bool
    ) -> None:
        """A push button."""
        fill = self.accent if main else self.panel
        radius = (y1 - y0) * self.rng.choice([0.1, 0.3, 0.5])
        self.d.rounded_rectangle((x0, y0, x1, y1), radius, fill=fill, outline=self.faint)
        ink = (255, 255, 255) if main else self.ink
        self.d.text(((x0 + x1) / 2, (y0 + y1) / 2), text, font=face, fill=ink, anchor="mm")


def _dialog(s: Screen) -> None:
    rng, w, h = s.rng, s.w, s.h
    top = jitter(rng, pick(rng, ACCENTS), 60)
    img = ramp(rng, h, w, top, jitter(rng, top, 60))
    s.im = Image.fromarray(np.clip(img, 0, 255).astype(np.uint8))
    s.d = ImageDraw.Draw(s.im)
    x0, x1 = w * rng.uniform(0.04, 0.18), w * rng.uniform(0.82, 0.96)
    y0, y1 = h * rng.uniform(0.06, 0.25), h * rng.uniform(0.72, 0.94)
    s.d.rectangle((x0, y0, x1, y1), fill=s.ground, outline=s.faint)
    size = max(s.size, rng.uniform(LEGIBLE, LEGIBLE * 1.5)) if rng.random() < 0.6 else s.size
    face = s.face(size)
    bar = size * 2
    title = words(rng, int(rng.integers(1, 3))).title()[:14].strip()
    s.title_bar(x0, y0, x1, bar, title, face)
    if size >= LEGIBLE and face.getlength(title) < (x1 - x0) - bar * 5:
        s.texts["title"] = title
    s.lines(x0 + size, y0 + bar + size, x1 - size, y1 - 3.2 * size, s.face(size * 0.9))
    names = ["OK", "Cancel", "Save", "Close", "Yes", "No", "Retry", "Next", "Open", "Apply"]
    labels = [names[i] for i in rng.permutation(len(names))[: int(rng.integers(1, 4))]]
    x = x1 - size
    for i, name in enumerate(labels):
        wide = face.getlength(name) + 1.6 * size
        if x - wide < x0:
            break
        s.button(x - wide, y1 - 2.6 * size, x, y1 - 0.7 * size, name, face, i == 0)
        x -= wide + size * 0.6
    if len(labels) == 1 and size >= LEGIBLE:
        s.texts["button"] = labels[0]


def _browser(s: Screen) -> None:
    rng, w, h, u = s.rng, s.w, s.h, s.size
    s.title_bar(0, 0, w, u * 1.8, word(rng).title(), s.face(u * 0.9))
    s.d.rectangle((0, u * 1.8, w, u * 3.8), fill=jitter(rng, s.panel, 6))
    s.d.rounded_rectangle((w * 0.15, u * 2.1, w * 0.85, u * 3.5), u * 0.6, fill=s.ground)
    s.d.text(
        (w * 0.18, u * 2.8),
        f"www.{word(rng).lower()}.com",
        font=s.face(u),
        fill=s.faint,
        anchor="lm",
    )
    top = u * 3.8
    if rng.random() < 0.7:
        s.d.rectangle((0, top, w, top + u * 2.4), fill=s.accent)
        s.d.text(
            (u, top + u * 1.2), word(rng).title(), font=s.face(u * 1.3), fill="white", anchor="lm"
        )
        for i in range(int(rng.integers(2, 6))):
            x = w * (0.4 + 0.13 * i)
            s.d.text(
                (x, top + u * 1.2), word(rng)[:6], font=s.face(u * 0.9), fill="white", anchor="lm"
            )
        top += u * 2.4
    columns = int(rng.integers(1, 4))
    y = top + u
    while y < h - 3 * u:
        tall = u * rng.uniform(4, 9)
        for c in range(columns):
            a, b = w * (c + 0.06) / columns, w * (c + 0.94) / columns
            kind = rng.integers(3)
            if kind == 0:
                s.d.rectangle((a, y, b, y + tall * 0.9), fill=jitter(rng, s.panel, 25))
            elif kind == 1:
                s.lines(a, y, b, y + tall, s.face(u * 0.9))
            else:
                s.d.rectangle((a, y, b, y + tall * 0.5), fill=jitter(rng, s.accent, 40))
                s.lines(a, y + tall * 0.55, b, y + tall, s.face(u * 0.85))
        y += tall + u
    s.d.rectangle((w - u * 0.5, top, w, h), fill=s.panel)


def _terminal(s: Screen) -> None:
    rng, w, h, u = s.rng, s.w, s.h, s.size
    black = rng.random() < 0.85
    s.d.rectangle((0, 0, w, h), fill=jitter(rng, (18, 20, 26) if black else (252, 250, 240), 10))
    top = 0.0
    if rng.random() < 0.7:
        s.title_bar(0, 0, w, u * 1.8, "terminal", s.face(u * 0.9))
        top = u * 1.8
    face = s.face(u, "mono")
    inks = [(220, 220, 220), (120, 220, 120), (120, 170, 250), (240, 200, 90), (240, 110, 110)]
    if not black:
        inks = [(30, 30, 30), (20, 110, 40), (30, 70, 180), (150, 90, 0), (170, 30, 30)]
    y = top + u * 0.5
    ground = pick(rng, inks)
    while y < h - u:
        if rng.random() < 0.2:
            prompt = f"{word(rng).lower()}@{word(rng).lower()}:~$ {words(rng, 2).lower()}"
            s.d.text((u * 0.5, y), prompt, font=face, fill=inks[1])
        elif rng.random() < 0.85:
            room = max(3, int(w / face.getlength("m") * rng.uniform(0.2, 0.95)))
            fill = ground if rng.random() < 0.75 else pick(rng, inks)
            s.d.text((u * 0.5, y), words(rng, 20)[:room], font=face, fill=fill)
        y += u * 1.3


def _phone(s: Screen) -> None:
    rng, w, h, u = s.rng, s.w, s.h, s.size
    status = s.face(u * 0.8)
    s.d.text(
        (u, u * 0.3),
        f"{rng.integers(0, 24):02d}:{rng.integers(0, 60):02d}",
        font=status,
        fill=s.ink,
    )
    s.d.rectangle((w - 2.4 * u, u * 0.4, w - u, u * 1.1), outline=s.ink)
    s.d.rectangle((w - 2.3 * u, u * 0.5, w - 1.6 * u, u), fill=s.ink)
    top = u * 1.5
    s.d.rectangle((0, top, w, top + u * 2.6), fill=s.accent)
    s.d.text(
        (w / 2, top + u * 1.3), word(rng).title(), font=s.face(u * 1.3), fill="white", anchor="mm"
    )
    y = top + u * 3.2
    bubbles = rng.random() < 0.4
    while y < h - 4.5 * u:
        if bubbles:
            mine, wide = rng.random() < 0.5, w * rng.uniform(0.3, 0.7)
            x = w - wide - u if mine else u
            tall = u * rng.uniform(1.8, 4)
            s.d.rounded_rectangle(
                (x, y, x + wide, y + tall), u * 0.8, fill=s.accent if mine else s.panel
            )
            s.lines(
                x + u * 0.6,
                y + u * 0.2,
                x + wide - u * 0.5,
                y + tall,
                s.face(u * 0.85),
                "white" if mine else None,
            )
            y += tall + u * 0.6
        else:
            s.d.ellipse((u, y, u * 3, y + u * 2), fill=jitter(rng, s.accent, 70))
            s.d.text((u * 3.8, y), words(rng, 2).title(), font=s.face(u), fill=s.ink)
            s.d.text((u * 3.8, y + u * 1.2), words(rng, 3), font=s.face(u * 0.8), fill=s.faint)
            s.d.line((u, y + u * 2.6, w - u, y + u * 2.6), fill=s.panel)
            y += u * 3.2
    s.d.rectangle((0, h - u * 3, w, h), fill=s.panel)
    for i in range(4):
        cx, cy, r = w * (i + 0.5) / 4, h - u * 1.5, u * 0.6
        if rng.random() < 0.5:
            s.d.ellipse((cx - r, cy - r, cx + r, cy + r), outline=s.ink, width=2)
        else:
            s.d.rectangle((cx - r, cy - r, cx + r, cy + r), outline=s.ink, width=2)


def _editor(s: Screen) -> None:
    rng, w, h, u = s.rng, s.w, s.h, s.size
    s.title_bar(0, 0, w, u * 1.8, f"{word(rng).lower()}.txt", s.face(u * 0.9))
    x = u * 0.6
    for name in ("File", "Edit", "View", "Search", "Help"):
        s.d.text((x, u * 2), name, font=s.face(u * 0.9), fill=s.ink)
        x += u * 3
    left = w * rng.uniform(0.16, 0.28) if rng.random() < 0.7 else 0
    if left:
        s.d.rectangle((0, u * 3.4, left, h), fill=s.panel)
        s.lines(u * 0.5, u * 4, left - u * 0.4, h - u * 2, s.face(u * 0.85))
    face, y, n = s.face(u, "mono"), u * 3.8, 1
    inks = [s.ink, s.ink, s.accent, (190, 120, 60), (90, 160, 90)]
    while y < h - 2.6 * u:
        s.d.text((left + u * 0.4, y), str(n), font=face, fill=s.faint)
        x = left + u * (2.4 + 1.2 * int(rng.integers(0, 4)))
        for _ in range(int(rng.integers(0, 6))):
            token = word(rng).lower()
            if x > w * 0.93:
                break
            s.d.text((x, y), token, font=face, fill=pick(rng, inks))
            x += face.getlength(token + " ")
        y, n = y + u * 1.35, n + 1
    s.d.rectangle((0, h - u * 1.6, w, h), fill=s.accent if rng.random() < 0.5 else s.panel)


_MAKERS = {
    "dialog": _dialog,
    "browser": _browser,
    "terminal": _terminal,
    "phone": _phone,
    "editor": _editor,
}


def screenshot(rng: Rng, width: int, height: int, prefix: str = "") -> tuple[np.ndarray, dict]:
    """A screenshot, its type and its legible texts."""
    s = Screen(rng, width, height, prefix)
    kind = pick(rng, list(SCREENS))
    _MAKERS[kind](s)
    return np.asarray(s.im, np.float32), {"kind": "screenshot", "type": kind, "texts": s.texts}

# SPDX-License-Identifier: Apache-2.0
"""Short printed text meant to be read aloud: cards, labels and signs."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from drawing.basics import (
    COLOURS,
    Rng,
    code,
    date,
    distance,
    jitter,
    money,
    noise,
    pick,
    ramp,
    word,
)
from drawing.fonts import font

# Below this font size two characters share a patch and nobody can be asked to read them.
LEGIBLE = 22


def phrase(rng: Rng) -> str:
    """A number, date, amount, identifier, or one to four words."""
    form = rng.integers(15)
    if form >= 12:  # short ones are where reading is learnt first
        letters = pick(
            rng, ["0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"]
        )
        return "".join(pick(rng, letters) for _ in range(rng.integers(2, 5)))
    if form == 0:
        return str(rng.integers(10, 10 ** int(rng.integers(2, 9))))
    if form == 1:
        return date(rng)
    if form == 2:
        return pick(rng, ["$", "", "EUR ", ""]) + money(rng)
    if form == 3:
        return f"{rng.integers(0, 24):02d}:{rng.integers(0, 60):02d}"
    if form <= 6:
        return code(rng)
    text = " ".join(word(rng) for _ in range(rng.integers(1, 5)))[:22].strip()
    style = rng.integers(4)
    if style == 0:
        return text.upper()
    if style == 1:
        return text.title()
    return text.capitalize() if style == 2 else text


def broken(rng: Rng, text: str) -> list[str]:
    """The text in one or two lines, broken at a blank."""
    parts = text.split(" ")
    if len(parts) < 2 or rng.random() < 0.45:
        return [text]
    cut = int(rng.integers(1, len(parts)))
    return [" ".join(parts[:cut]), " ".join(parts[cut:])]


def colours(rng: Rng) -> tuple[tuple, tuple]:
    """Ink and ground that are easy to tell apart."""
    draw = rng.random()
    if draw < 0.5:
        ground = pick(rng, [(255, 255, 255), (252, 250, 240), (235, 235, 238), (245, 238, 220)])
        return jitter(rng, (25, 25, 30), 25), ground
    while True:
        names = list(COLOURS)
        ink, ground = COLOURS[pick(rng, names)], COLOURS[pick(rng, names)]
        luma = [0.3 * c[0] + 0.59 * c[1] + 0.11 * c[2] for c in (ink, ground)]
        if distance(ink, ground) > 260 and abs(luma[0] - luma[1]) > 90:
            return jitter(rng, ink, 12), jitter(rng, ground, 12)


def fitted(rng: Rng, lines: list[str], width: float, height: float, family: str = "print"):
    """A face at a random legible size whose lines fit; None when even LEGIBLE does not fit."""
    probe = font(rng, 64, family)
    unit = max(probe.getlength(line) for line in lines) / 64
    largest = min(width / unit, height / (1.25 * len(lines)))
    if largest < LEGIBLE:
        return None
    size = LEGIBLE + (min(largest, 130) - LEGIBLE) * rng.random()
    return ImageFont.truetype(probe.path, int(size), layout_engine=ImageFont.Layout.BASIC)


# The middle of a character, its place in the text, and the character.
Glyph = tuple[float, float, int, str]


def glyphs_of(lines: list[str], face, x: float, y: float, step: float) -> list[Glyph]:
    """Where each character of lines drawn from (x, y) on stands; blanks are left out."""
    out, place = [], 0
    middle = face.getmetrics()[0] - 0.32 * face.size
    for row, line in enumerate(lines):
        for i, c in enumerate(line):
            if c != " ":
                centre = x + face.getlength(line[:i]) + face.getlength(c) / 2
                out.append((centre, y + row * step + middle, place + i, c))
        place += len(line) + 1  # a line break is read as a blank
    return out


def _turned(glyphs: list[Glyph], degrees: float, width: int, height: int) -> list[Glyph]:
    """The places after Pillow's rotate()."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    x0, y0 = width / 2, height / 2
    return [
        (x0 + (x - x0) * c + (y - y0) * s, y0 - (x - x0) * s + (y - y0) * c, i, t)
        for x, y, i, t in glyphs
    ]


def card(rng: Rng, width: int, height: int, family: str = "print") -> tuple[np.ndarray, dict]:
    """A card with one short text; the facts hold it under texts["all"], and its glyphs."""
    ink, ground = colours(rng)
    im = Image.new("RGB", (width, height), ground)
    d = ImageDraw.Draw(im)
    if family == "print" and rng.random() < 0.15:
        family = "mono"
    while True:
        text = phrase(rng)
        lines = broken(rng, text)
        face = fitted(rng, lines, width * 0.92, height * 0.8, family)
        if face is not None:
            break
    step = face.size * rng.uniform(1.1, 1.4)
    block_width = max(face.getlength(line) for line in lines)
    block = step * len(lines)
    x = rng.uniform(width * 0.03, max(width * 0.031, width * 0.97 - block_width))
    y = rng.uniform(height * 0.04, max(height * 0.041, height * 0.96 - block))
    if rng.random() < 0.4:
        x, y = (width - block_width) / 2, (height - block) / 2
    for i, line in enumerate(lines):
        d.text((x, y + i * step), line, font=face, fill=ink)
    if rng.random() < 0.2:
        inset = min(width, height) * 0.015
        d.rectangle((inset, inset, width - inset, height - inset), outline=ink, width=2)
    glyphs = glyphs_of(lines, face, x, y, step)
    if rng.random() < 0.3:
        degrees = rng.uniform(-5, 5)
        im = im.rotate(degrees, Image.BILINEAR, fillcolor=ground)
        glyphs = _turned(glyphs, degrees, width, height)
    img = np.asarray(im, np.float32)
    if rng.random() < 0.25:
        img = img * (0.85 + 0.15 * ramp(rng, height, width, (0,), (1,)))
    if rng.random() < 0.15:
        img = img + (noise(rng, height, width, 4)[..., None] - 0.5) * rng.uniform(10, 40)
    return img, {"kind": "document", "texts": {"all": text}, "glyphs": glyphs}

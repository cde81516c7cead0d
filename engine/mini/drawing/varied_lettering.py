# SPDX-License-Identifier: Apache-2.0
"""Cards for training alone: many more typefaces, stretched, slanted, spaced and emboldened letters,
and letters in no order that a guess could supply. They teach to read what is there."""

from __future__ import annotations

import math

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from drawing.basics import Rng, noise, pick, ramp
from drawing.lettering import LEGIBLE, Glyph, broken, colours, glyphs_of, phrase

_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SETS = ["0123456789", _UPPER, _UPPER.lower(), _UPPER + "0123456789", _UPPER.lower() + _UPPER]
_SETS += [_UPPER + _UPPER.lower() + "0123456789", "0123456789.,:/-$", "1O0oQS5s8B2Z6Gg9qrnmvwuy3"]


def _scramble(rng: Rng) -> str:
    letters = pick(rng, _SETS)
    text = "".join(pick(rng, letters) for _ in range(rng.integers(3, 13)))
    if len(text) > 6 and rng.random() < 0.35:
        at = int(rng.integers(2, len(text) - 2))
        text = text[:at] + " " + text[at:]
    return text.title() if text.isalpha() and rng.random() < 0.3 else text


def _text(rng: Rng) -> str:
    return _scramble(rng) if rng.random() < 0.3 else phrase(rng)


def _face(rng: Rng, lines: list[str], width: float, height: float, stretch: float):
    """A face whose lines fit, small ones as likely as large; None when even LEGIBLE does not fit."""
    from drawing.fonts import font

    probe = font(rng, 64, pick(rng, ["print", "more print", "more print", "more print", "mono"]))
    unit = max(probe.getlength(line) for line in lines) / 64 * stretch
    largest = min(width / unit, height / (1.25 * len(lines)), 130)
    if largest < LEGIBLE:
        return None
    size = LEGIBLE * (largest / LEGIBLE) ** rng.random()
    return ImageFont.truetype(probe.path, int(size), layout_engine=ImageFont.Layout.BASIC)


def _spaced(d, lines: list[str], face, x: float, y: float, step: float, gap: float, stroke: int):
    """Draws the lines with that much room between letters; returns the glyphs."""
    if not gap:
        for i, line in enumerate(lines):
            d.text((x, y + i * step), line, font=face, fill=255, stroke_width=stroke)
        return glyphs_of(lines, face, x, y, step)
    out: list[Glyph] = []
    place, middle = 0, face.getmetrics()[0] - 0.32 * face.size
    for row, line in enumerate(lines):
        at, top = x, y + row * step
        for c in line:
            wide = face.getlength(c)
            if c != " ":
                d.text((at, top), c, font=face, fill=255, stroke_width=stroke)
                out.append((at + wide / 2, top + middle, place, c))
            at, place = at + wide + gap, place + 1
        place += 1
    return out


def _matrix(rng: Rng, stretch: float, width: int, height: int) -> np.ndarray:
    """Stretch, slant and a small turn about the middle."""
    turn = math.radians(rng.uniform(-6, 6)) if rng.random() < 0.4 else 0.0
    slant = rng.uniform(-0.3, 0.3) if rng.random() < 0.3 else 0.0
    c, s = math.cos(turn), math.sin(turn)
    m = np.array([[c, -s], [s, c]]) @ np.array([[stretch, slant], [0, 1.0]])
    middle = np.array([width / 2, height / 2])
    return np.concatenate([m, (middle - m @ middle)[:, None]], 1)


def varied_card(rng: Rng, width: int, height: int) -> tuple[np.ndarray, dict]:
    """As lettering.card()."""
    ink, ground = colours(rng)
    warped = rng.random() < 0.5
    stretch = rng.uniform(0.75, 1.25) if warped else 1.0
    while True:
        text = _text(rng)
        lines = broken(rng, text)
        tracking = rng.uniform(0.0, 0.18) if rng.random() < 0.2 else 0.0
        face = _face(rng, lines, width * 0.9, height * 0.85, stretch * (1 + tracking * 1.8))
        if face is not None:
            break
    gap = tracking * face.size
    stroke = 1 if face.size > 34 and rng.random() < 0.1 else 0
    step = face.size * rng.uniform(1.05, 1.4)
    wide = max(face.getlength(line) + gap * (len(line) - 1) for line in lines)
    high = step * len(lines)
    # In the coordinates before the stretch about the middle.
    room_x, room_y = max(0.0, width / stretch - wide), max(0.0, height - high)
    x = width / 2 - width / stretch / 2 + room_x * rng.uniform(0.06, 0.94)
    y = room_y * rng.uniform(0.04, 0.96)
    layer = Image.new("L", (width, height), 0)
    if stretch < 1:  # what lies outside the canvas now would be lost
        x = float(np.clip(x, 0, max(0.0, width - wide)))
    glyphs = _spaced(ImageDraw.Draw(layer), lines, face, x, y, step, gap, stroke)
    mask = np.asarray(layer, np.float32) / 255
    if warped:
        m = _matrix(rng, stretch, width, height)
        mask = cv2.warpAffine(mask, m, (width, height), flags=cv2.INTER_LINEAR)
        glyphs = [
            (
                float(m[0, 0] * a + m[0, 1] * b + m[0, 2]),
                float(m[1, 0] * a + m[1, 1] * b + m[1, 2]),
                i,
                c,
            )
            for a, b, i, c in glyphs
        ]
    mask = mask[..., None]
    img = np.array(ground, np.float32) * (1 - mask) + np.array(ink, np.float32) * mask
    if rng.random() < 0.2:
        img = img * (0.8 + 0.2 * ramp(rng, height, width, (0,), (1,)))
    if rng.random() < 0.15:
        img = img + (noise(rng, height, width, 4)[..., None] - 0.5) * rng.uniform(10, 50)
    facts: dict = {"kind": "document", "texts": {"all": text}, "glyphs": glyphs}
    inside = all(4 < a < width - 4 and 8 < b < height - 8 for a, b, _, _ in glyphs)
    if not inside:  # nobody can read what is cut off
        facts["texts"] = {}
    return img, facts

# SPDX-License-Identifier: Apache-2.0
"""Handwritten notes: handwriting faces and free strokes on plain, ruled or squared paper."""

from __future__ import annotations

import math

import cv2
import numpy as np
from PIL import Image, ImageDraw

from drawing.basics import Rng, jitter, noise, pick, ramp, words
from drawing.documents import PAPERS
from drawing.fonts import font

INKS = [(20, 30, 120), (25, 25, 30), (60, 60, 70), (30, 60, 160), (120, 20, 30), (80, 80, 80)]


def _paper(rng: Rng, width: int, height: int, pitch: float) -> Image.Image:
    yellow = rng.random() < 0.12
    ground = (250, 240, 150) if yellow else pick(rng, PAPERS)
    im = Image.new("RGB", (width, height), jitter(rng, ground, 6))
    d = ImageDraw.Draw(im)
    style = rng.integers(4)
    rule = jitter(rng, (175, 195, 220), 20)
    if style in (1, 2):
        for y in np.arange(pitch, height, pitch if style == 1 else pitch * 0.6):
            d.line((0, y, width, y), fill=rule)
    if style == 2:
        for x in np.arange(pitch * 0.3, width, pitch * 0.6):
            d.line((x, 0, x, height), fill=rule)
    if style == 1 and rng.random() < 0.4:
        d.line((width * 0.1, 0, width * 0.1, height), fill=(225, 140, 140), width=2)
    return im


def _scrawl(d: ImageDraw.ImageDraw, rng: Rng, x: float, y: float, end: float, size: float, ink):
    """A made-up cursive line: connected loops with gaps between words."""
    thick = max(1, int(size * rng.uniform(0.06, 0.11)))
    slant = rng.uniform(0, 0.45)
    while x < end:
        letters = int(rng.integers(2, 9))
        t = np.arange(0, letters, 0.12)
        rise = np.repeat(rng.choice([0.45, 0.5, 0.55, 1.0, -0.6], letters), 9)[: len(t)]
        rise = np.convolve(np.resize(rise, len(t)), np.ones(3) / 3, "same")
        phase = np.cumsum(rng.uniform(0.85, 1.15, len(t))) * 0.12 * 2 * math.pi
        py = y - size * rise * (0.5 - 0.5 * np.cos(phase))
        px = x + t * size * 0.42 + size * 0.16 * np.sin(phase) + (y - py) * slant
        d.line(list(zip(px.tolist(), py.tolist())), fill=ink, width=thick, joint="curve")
        x = float(px[-1]) + size * rng.uniform(0.35, 0.8)


def handwriting(rng: Rng, width: int, height: int, family: str = "hand") -> tuple[np.ndarray, dict]:
    """A handwritten page or note."""
    size = max(13.0, min(width, height) * rng.uniform(0.045, 0.13))
    pitch = size * rng.uniform(1.15, 1.7)
    im = _paper(rng, width, height, pitch)
    ink = jitter(rng, pick(rng, INKS), 15)
    layer = Image.new("L", im.size, 0)
    d = ImageDraw.Draw(layer)
    face = font(rng, size, family)
    scrawl = rng.random() < 0.3
    left = width * rng.uniform(0.04, 0.16)
    y = pitch * rng.uniform(0.4, 1.6)
    lines = int(rng.integers(1, 5)) if rng.random() < 0.3 else 99
    while y < height - pitch and lines:
        lines -= 1
        y += pitch * (rng.random() < 0.08)
        end = width * (rng.uniform(0.3, 0.9) if rng.random() < 0.25 else rng.uniform(0.82, 0.97))
        x = left + rng.normal(0, size * 0.15)
        if scrawl:
            _scrawl(d, rng, x, y + size * 0.8, end, size * 0.8, 255)
        else:
            for token in words(rng, 12).split(" "):
                length = face.getlength(token)
                if x + length > end:
                    break
                d.text((x, y + rng.normal(0, size * 0.04)), token, font=face, fill=255)
                x += length + size * rng.uniform(0.2, 0.5)
        y += pitch
    mask = np.asarray(layer, np.float32) / 255
    tilt = cv2.getRotationMatrix2D((width / 2, height / 2), rng.normal(0, 2.0), 1)
    mask = cv2.warpAffine(mask, tilt, (width, height))
    if rng.random() < 0.5:
        mask = mask * (0.7 + 0.3 * noise(rng, height, width, 6))
    img = np.asarray(im, np.float32)
    img = img * (1 - mask[..., None]) + np.array(ink, np.float32) * mask[..., None]
    if rng.random() < 0.35:
        img = img * (0.75 + 0.28 * ramp(rng, height, width, (0,), (1,)))
    return img, {"kind": "handwriting"}

# SPDX-License-Identifier: Apache-2.0
"""What the judge's pictures show. Needs Pillow, NumPy and DejaVu Sans only."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFont

FONT = "DejaVuSans-Bold.ttf"
RGB = {
    "red": (215, 30, 35),
    "green": (35, 160, 60),
    "blue": (35, 70, 210),
    "yellow": (245, 220, 40),
}


def circle(colour: str, size: tuple[int, int] = (384, 320)) -> Image.Image:
    """A circle of one colour on white."""
    w, h = size
    im = Image.new("RGB", (w * 2, h * 2), (250, 250, 250))
    r = min(w, h) * 0.62
    ImageDraw.Draw(im).ellipse((w - r, h - r, w + r, h + r), fill=RGB[colour])
    return im.resize(size, Image.LANCZOS)


def arrow(direction: str, size: tuple[int, int] = (416, 320)) -> Image.Image:
    """A blue arrow on white."""
    side = min(size) * 2
    u = side * 0.42
    points = [
        (-1, -0.24),
        (0.15, -0.24),
        (0.15, -0.65),
        (1, 0),
        (0.15, 0.65),
        (0.15, 0.24),
        (-1, 0.24),
    ]
    turn = {"right": 0, "down": 1, "left": 2, "up": 3}[direction] * math.pi / 2
    c, s = math.cos(turn), math.sin(turn)
    im = Image.new("RGB", (size[0] * 2, size[1] * 2), (250, 250, 250))
    placed = [(size[0] + u * (x * c - y * s), size[1] + u * (x * s + y * c)) for x, y in points]
    ImageDraw.Draw(im).polygon(placed, fill=RGB["blue"])
    return im.resize(size, Image.LANCZOS)


def lettering(
    text: str, size: tuple[int, int] = (448, 256), ink=(20, 20, 25), ground=None
) -> Image.Image:
    """One line of bold text; without a ground it stands on transparency."""
    im = Image.new("RGBA", size, (*ground, 255) if ground else (0, 0, 0, 0))
    face = ImageFont.truetype(FONT, int(1.3 * size[0] / max(5, len(text))))
    middle = (size[0] / 2, size[1] / 2)
    ImageDraw.Draw(im).text(middle, text, font=face, fill=(*ink, 255), anchor="mm")
    return im


def bar_chart(size: tuple[int, int]) -> Image.Image:
    """Five bars with axes."""
    im = Image.new("RGB", size, (255, 255, 255))
    d = ImageDraw.Draw(im)
    w, h = size
    x0, y0, x1, y1 = w * 0.1, h * 0.08, w * 0.95, h * 0.88
    face = ImageFont.truetype(FONT, max(9, int(min(size) * 0.035)))
    for i in range(5):
        y = y1 - (y1 - y0) * i / 4
        d.line((x0, y, x1, y), fill=(215, 215, 215), width=max(1, w // 500))
        d.text((x0 - 4, y), str(i * 10), font=face, fill=(50, 50, 50), anchor="rm")
    for i, v in enumerate((0.4, 0.75, 0.55, 0.9, 0.3)):
        a = x0 + (x1 - x0) * (i + 0.2) / 5
        d.rectangle((a, y1 - (y1 - y0) * v, a + (x1 - x0) * 0.12, y1), fill=(31, 119, 180))
    d.line((x0, y0, x0, y1, x1, y1), fill=(50, 50, 50), width=max(2, w // 300))
    return im


def landscape(size: tuple[int, int] = (512, 384)) -> Image.Image:
    """Hills under a sky with clouds: like a photograph, and with an upper side."""
    rng, (w, h) = np.random.default_rng(8), size
    y, x = np.mgrid[0:h, 0:w] / np.array([h, w]).reshape(2, 1, 1)
    sky = np.array([95, 150, 225]) + y[..., None] * np.array([150, 105, 30])
    cloud = sum(np.sin(x * f * 9 + f) * np.sin(y * f * 23 + 2 * f) / f for f in (1, 2.3, 4.1, 7.7))
    cover = np.clip(cloud * 1.5 - 0.5, 0, 1)[..., None] * (y < 0.45)[..., None]
    img = sky * (1 - cover) + 245 * cover
    for edge, rise, colour in ((0.5, 0.09, (105, 135, 130)), (0.62, 0.07, (70, 110, 60))):
        line = edge + rise * np.sin(x * (14 * edge) + edge * 40) + rise * 0.4 * np.sin(x * 31)
        img = np.where((y > line)[..., None], np.array(colour) * (1.1 - 0.35 * y[..., None]), img)
    grain = rng.normal(0, 1, (h, w, 1)) * np.where(y > 0.6, 14, 4)[..., None]
    return Image.fromarray(np.clip(img + grain, 0, 255).astype(np.uint8))

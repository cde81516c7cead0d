# SPDX-License-Identifier: Apache-2.0
"""Photo-like scenes from noise, gradients and shaded bodies, and pictures of nothing in particular."""

from __future__ import annotations

import cv2
import numpy as np

from drawing.basics import COLOURS, SCENES, Rng, flat, grain, jitter, noise, pick, ramp

SKIES = [
    ((90, 140, 210), (200, 220, 240)),
    ((240, 150, 80), (90, 70, 120)),
    ((150, 160, 170), (215, 215, 215)),
    ((20, 25, 50), (70, 60, 90)),
]


class _Canvas:
    """A float picture with its pixel coordinates."""

    def __init__(self, rng: Rng, width: int, height: int) -> None:
        self.rng, self.w, self.h = rng, width, height
        self.y, self.x = np.mgrid[0:height, 0:width].astype(np.float32)
        self.img = np.zeros((height, width, 3), np.float32)

    def blend(self, mask: np.ndarray, colour) -> None:
        """Paints the colour (or picture) where mask is 1."""
        self.img[:] = self.img * (1 - mask) + colour * mask

    def texture(self, colour, strength: float = 0.5) -> np.ndarray:
        """A noisy surface of that colour."""
        rng = self.rng
        rough = noise(rng, self.h, self.w, 7, rng.uniform(0.55, 0.85), int(rng.integers(2, 12)))
        hue = np.stack([noise(rng, self.h, self.w, 3) for _ in range(3)], -1) - 0.5
        tone = 1 - strength / 2 + strength * rough[..., None]
        return np.array(colour, np.float32) * tone + hue * 40

    def blob(self, x, y, rx, ry, colour, soft: float = 0.06, shade: float = 0.35) -> None:
        """A shaded ellipse."""
        u, v = (self.x - x) / rx, (self.y - y) / ry
        mask = np.clip((1 - u * u - v * v) / soft, 0, 1)[..., None]
        light = 1 - shade * np.clip(u * 0.7 + v * 0.5 + 0.5, 0, 1.4)
        self.blend(mask, np.array(colour, np.float32) * light[..., None])


def _sky(c: _Canvas, high, low) -> None:
    rng = c.rng
    t = (c.y / c.h)[..., None]
    c.img[:] = np.array(high, np.float32) * (1 - t) + np.array(low, np.float32) * t
    cover = (noise(rng, c.h, c.w, 7, 0.6) - rng.uniform(0.4, 0.7)) * rng.uniform(1.5, 4)
    bright = (245, 245, 248) if high[2] > 100 else (80, 80, 95)
    c.blend(np.clip(cover, 0, 1)[..., None], np.array(bright, np.float32))


def _landscape(c: _Canvas) -> None:
    rng = c.rng
    hills = [(80, 100, 125), (60, 90, 60), (95, 110, 50), (110, 90, 60), (190, 180, 150)]
    for layer in range(int(rng.integers(2, 5))):
        ridge = noise(rng, 8, c.w, 8, rng.uniform(0.4, 0.6), int(rng.integers(2, 6)))[3]
        top = c.h * (0.35 + 0.17 * layer) - ridge * c.h * rng.uniform(0.08, 0.3)
        mask = np.clip((c.y - top[None]) / 1.5, 0, 1)[..., None]
        c.blend(mask, c.texture(pick(rng, hills), 0.9))
    if rng.random() < 0.3:
        y = int(c.h * rng.uniform(0.6, 0.8))
        k = min(y, c.h - y)
        ripple = (noise(rng, k, c.w, 6)[..., None] - 0.5) * 40
        c.img[y : y + k] = c.img[y - k : y][::-1] * 0.8 + np.array((10, 25, 40)) + ripple


def _portrait(c: _Canvas) -> None:
    rng = c.rng
    back = c.texture(tuple(rng.integers(40, 200, 3)), 1.2)
    c.img[:] = cv2.GaussianBlur(back, (0, 0), c.w * 0.02)
    x, y = c.w * rng.uniform(0.35, 0.65), c.h * rng.uniform(0.35, 0.5)
    r = min(c.w, c.h) * rng.uniform(0.14, 0.26)
    skin = np.array(
        pick(rng, [(225, 180, 150), (190, 140, 105), (130, 90, 65), (245, 210, 190)]), np.float32
    )
    hair = pick(rng, [(30, 25, 20), (90, 60, 30), (170, 140, 90), (120, 120, 120)])
    c.blob(x, y + 2.9 * r, 2.1 * r, 1.7 * r, rng.integers(20, 230, 3))
    c.blob(x, y - 0.25 * r, 1.1 * r, 1.25 * r, hair, 0.2)
    c.blob(x, y + 1.2 * r, 0.45 * r, 0.7 * r, skin * 0.85)
    c.blob(x, y, 0.85 * r, 1.1 * r, skin)
    for side in (-1, 1):
        ex, ey = x + side * 0.33 * r, y - 0.1 * r
        c.blob(ex, ey, 0.13 * r, 0.08 * r, (250, 250, 250), 0.3, 0)
        c.blob(ex, ey, 0.07 * r, 0.07 * r, (40, 30, 25), 0.3, 0)
    c.blob(x, y + 0.5 * r, 0.28 * r, 0.08 * r, (170, 80, 80), 0.4, 0.1)
    c.img += (noise(rng, c.h, c.w, 7, 0.8, 8)[..., None] - 0.5) * 25


def _surface(c: _Canvas) -> None:
    rng = c.rng
    c.img[:] = c.texture(tuple(rng.integers(40, 220, 3)), rng.uniform(0.6, 1.6))
    style = rng.integers(4)
    if style == 0:
        wave = np.sin(c.x * rng.uniform(0.02, 0.2) + 8 * noise(rng, c.h, c.w, 4))
        c.img *= (0.8 + 0.25 * wave)[..., None]
    elif style == 1:
        bw, bh = rng.uniform(0.08, 0.2) * c.w, rng.uniform(0.03, 0.08) * c.h
        row = (c.y // bh).astype(int)
        along = c.x + (row % 2) * bw / 2
        joint = np.minimum(along % bw, c.y % bh)
        tone = (np.sin(row * 12.9 + (along // bw) * 78.2) * 43758.5) % 1
        c.img *= (np.clip(joint / 3, 0.55, 1) * (0.8 + 0.4 * tone))[..., None]
    elif style == 2:
        for _ in range(int(rng.integers(60, 250))):
            x, y, r = rng.uniform(0, c.w), rng.uniform(0, c.h), rng.uniform(0.01, 0.05) * c.w
            near = c.img[int(min(c.h - 1, y)), int(min(c.w - 1, x))] * rng.uniform(0.5, 1.5)
            axes, turn = (int(r), int(r * 0.45) + 1), rng.uniform(0, 180)
            colour = [float(v) for v in near]
            cv2.ellipse(c.img, (int(x), int(y)), axes, turn, 0, 360, colour, -1, cv2.LINE_AA)


def _box(c: _Canvas, x: float, y: float, r: float, colour: np.ndarray) -> None:
    a, b, k = r * c.rng.uniform(0.6, 1.2), r * c.rng.uniform(0.6, 1.4), r * 0.4
    front = [(x - a, y - b), (x + a, y - b), (x + a, y + b), (x - a, y + b)]
    top = [(x - a, y - b), (x - a + k, y - b - k), (x + a + k, y - b - k), (x + a, y - b)]
    side = [(x + a, y - b), (x + a + k, y - b - k), (x + a + k, y + b - k), (x + a, y + b)]
    for points, light in ((front, 0.9), (top, 1.2), (side, 0.55)):
        fill = [float(v) for v in colour * light]
        cv2.fillPoly(c.img, [np.int32(points)], fill, cv2.LINE_AA)


def _ball(c: _Canvas, x: float, y: float, r: float, colour: np.ndarray) -> None:
    u, v = (c.x - x) / r, (c.y - y) / r
    q = u * u + v * v
    light = np.clip(0.25 + 0.6 * np.sqrt(np.clip(1 - q, 0, 1)) - 0.34 * u - 0.41 * v, 0.1, 1.2)
    shine = np.exp(-(((u + 0.35) ** 2 + (v + 0.4) ** 2) / 0.02))[..., None]
    rough = 0.85 + 0.3 * noise(c.rng, c.h, c.w, 5)[..., None]
    c.blend(
        np.clip((1 - q) * r / 4, 0, 1)[..., None], colour * light[..., None] * rough + 200 * shine
    )


def _objects(c: _Canvas) -> None:
    rng = c.rng
    wall = c.texture(tuple(rng.integers(60, 230, 3)), 0.25)
    table = c.texture(tuple(rng.integers(50, 200, 3)), 0.6)
    edge = np.clip((c.y - c.h * rng.uniform(0.3, 0.6)) / 3, 0, 1)[..., None]
    c.img[:] = wall * (1 - edge) + table * edge
    for _ in range(int(rng.integers(1, 6))):
        x, y = rng.uniform(0.1, 0.9) * c.w, rng.uniform(0.45, 0.85) * c.h
        r = min(c.w, c.h) * rng.uniform(0.06, 0.24)
        u, v = (c.x - x - r * 0.3) / (1.2 * r), (c.y - y - r * 0.9) / (0.3 * r)
        c.img *= 1 - 0.6 * np.exp(-(u * u + v * v))[..., None]
        body = _ball if rng.random() < 0.55 else _box
        body(c, x, y, r, np.array(rng.integers(20, 240, 3), np.float32))


def _street(c: _Canvas) -> None:
    rng, x = c.rng, 0.0
    while x < c.w:
        wide, top = c.w * rng.uniform(0.08, 0.25), c.h * rng.uniform(0.1, 0.55)
        colour = np.array(rng.integers(50, 200, 3), np.float32)
        c.img[int(top) :, int(x) : int(min(c.w, x + wide))] = colour * rng.uniform(0.7, 1.1)
        s = max(5, c.w * rng.uniform(0.015, 0.035))
        for wy in np.arange(top + s, c.h * 0.8, s * 2):
            for wx in np.arange(x + s, x + wide - s, s * 1.8):
                lit = (235, 215, 140) if rng.random() < 0.25 else colour * 0.45
                end = (int(wx + s * 0.9), int(wy + s * 1.2))
                cv2.rectangle(c.img, (int(wx), int(wy)), end, [float(v) for v in lit], -1)
        x += wide + (c.w * 0.02 if rng.random() < 0.2 else 0)
    y = int(c.h * rng.uniform(0.75, 0.88))
    c.img[y:] = c.texture((85, 85, 90), 0.4)[y:]
    c.img *= (0.8 + 0.35 * noise(rng, c.h, c.w, 6))[..., None]


def photo(rng: Rng, width: int, height: int) -> tuple[np.ndarray, dict]:
    """A scene with its type."""
    kind = pick(rng, list(SCENES))
    c = _Canvas(rng, width, height)
    high, low = pick(rng, SKIES)
    if kind in ("landscape", "sky", "street"):
        _sky(c, high, low)
    if kind == "sky" and rng.random() < 0.5:
        r = min(width, height) * rng.uniform(0.06, 0.2)
        d = (c.x - rng.uniform(0, width)) ** 2 + (c.y - rng.uniform(0, height)) ** 2
        c.img += np.exp(-d / (2 * r * r))[..., None] * np.array((204, 184, 136))
    painters = {
        "landscape": _landscape,
        "portrait": _portrait,
        "texture": _surface,
        "objects": _objects,
        "street": _street,
    }
    if kind in painters:
        painters[kind](c)
    d = (c.x / width - 0.5) ** 2 + (c.y / height - 0.5) ** 2
    img = c.img * (1 - rng.uniform(0, 0.8) * d)[..., None] * rng.uniform(0.75, 1.15)
    img += rng.uniform(2, 9) * grain(rng, height, width)[..., None]
    if rng.random() < 0.5:
        coarse = [grain(rng, height // 2 + 1, width // 2 + 1) for _ in range(3)]
        spread = np.stack(coarse, -1).repeat(2, 0).repeat(2, 1)
        img += 5 * spread[:height, :width]
    if rng.random() < 0.5:
        img = cv2.GaussianBlur(img, (0, 0), rng.uniform(0.4, 1.6))
    return img, {"kind": "photo", "type": kind}


def nothing(rng: Rng, width: int, height: int) -> tuple[np.ndarray, dict]:
    """A plain area, noise or a regular pattern: none of the kinds."""
    style = rng.integers(5)
    name = pick(rng, list(COLOURS))
    first = jitter(rng, COLOURS[name], 12)
    second = jitter(rng, COLOURS[pick(rng, list(COLOURS))], 12)
    facts: dict = {"kind": None}
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    cell = min(width, height) * rng.uniform(0.04, 0.2)
    if style == 0:
        facts |= {"type": "plain", "background": name}
        return flat(height, width, first), facts
    facts["type"] = "pattern"
    if style == 1:
        facts["type"] = "noise"
        scale = rng.uniform(20, 90)
        img = 128 + scale * np.stack([grain(rng, height, width) for _ in range(3)], -1)
        return (img.mean(2, keepdims=True).repeat(3, 2) if rng.random() < 0.5 else img), facts
    if style == 2:
        mask = ((x // cell + y // cell) % 2)[..., None]
    elif style == 3:
        along = x if rng.random() < 0.4 else y if rng.random() < 0.6 else x + y
        mask = ((along // cell) % 2)[..., None]
    else:
        size = int(rng.integers(18, 34))
        bits = (rng.random((size, size)) < 0.5).astype(np.float32)
        mask = cv2.resize(bits, (width, height), interpolation=cv2.INTER_NEAREST)[..., None]
        first, second = (15, 15, 15), (250, 250, 250)
    return np.array(first, np.float32) * mask + np.array(second, np.float32) * (1 - mask), facts

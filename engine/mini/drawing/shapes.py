# SPDX-License-Identifier: Apache-2.0
"""One to six plain figures on a ground, with their names, colours, places and directions."""

from __future__ import annotations

import math

import cv2
import numpy as np

from drawing.basics import COLOURS, SHAPES, Rng, distance, flat, jitter, noise, pick, ramp

Point = tuple[float, float]
# Angle of each direction in picture coordinates (y grows downwards).
DIRECTIONS = {"right": 0.0, "down": math.pi / 2, "left": math.pi, "up": -math.pi / 2}


def _ring(count: int, radius: float = 1.0, offset: float = 0.0) -> list[Point]:
    step = 2 * math.pi / count
    return [
        (radius * math.cos(step * i + offset), radius * math.sin(step * i + offset))
        for i in range(count)
    ]


def outline(name: str, rng: Rng) -> list[list[Point]]:
    """The figure's outlines within the unit circle; a second outline is a hole."""
    if name == "circle":
        return [_ring(64)]
    if name == "ring":
        return [_ring(64), _ring(64, rng.uniform(0.45, 0.72))]
    if name == "ellipse":
        k = rng.uniform(0.4, 0.68)
        return [[(x, y * k) for x, y in _ring(64)]]
    if name == "square":
        return [[(-0.8, -0.8), (0.8, -0.8), (0.8, 0.8), (-0.8, 0.8)]]
    if name == "rectangle":
        k = rng.uniform(0.3, 0.6)
        return [[(-1, -k), (1, -k), (1, k), (-1, k)]]
    if name == "triangle":
        if rng.random() < 0.6:
            return [_ring(3, 1, -math.pi / 2)]
        return [[(-0.9, 0.7), (0.9, 0.7), (rng.uniform(-0.8, 0.8), -0.8)]]
    if name == "pentagon":
        return [_ring(5, 1, -math.pi / 2)]
    if name == "hexagon":
        return [_ring(6)]
    if name == "star":
        tips = 5 if rng.random() < 0.8 else int(rng.integers(6, 9))
        inner = rng.uniform(0.36, 0.52)
        points = _ring(2 * tips, 1, -math.pi / 2)
        return [
            [(x, y) if i % 2 == 0 else (x * inner, y * inner) for i, (x, y) in enumerate(points)]
        ]
    if name == "cross":
        k = rng.uniform(0.2, 0.36)
        quarter = [(-k, -1), (k, -1), (k, -k), (1, -k), (1, k), (k, k)]
        return [quarter + [(-x, -y) for x, y in quarter]]
    if name == "heart":
        t = np.linspace(0, 2 * math.pi, 64)
        lobe = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
        return [list(zip(np.sin(t) ** 3, -lobe / 17))]
    k, h, wing = rng.uniform(0.12, 0.3), rng.uniform(-0.1, 0.35), rng.uniform(0.5, 0.75)
    return [[(-1, -k), (h, -k), (h, -wing), (1, 0), (h, wing), (h, k), (-1, k)]]


def stamp(
    img: np.ndarray,
    rng: Rng,
    name: str,
    colour,
    centre: Point,
    radius: float,
    turn: float,
    line: int = 0,
) -> None:
    """Paints one figure into img, filled or as a line of that width."""
    height, width = img.shape[:2]
    reach = radius + 4 + line
    x0, y0 = max(0, int(centre[0] - reach)), max(0, int(centre[1] - reach))
    x1, y1 = min(width, int(centre[0] + reach + 1)), min(height, int(centre[1] + reach + 1))
    mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
    c, s = math.cos(turn), math.sin(turn)
    for i, points in enumerate(outline(name, rng)):
        p = np.array(points, np.float32) * radius
        x = p[:, 0] * c - p[:, 1] * s + centre[0] - x0
        y = p[:, 0] * s + p[:, 1] * c + centre[1] - y0
        q = np.round(np.stack([x, y], 1) * 16).astype(np.int32)
        if line:
            cv2.polylines(mask, [q], True, 255, line, cv2.LINE_AA, 4)
        else:
            cv2.fillPoly(mask, [q], 0 if i else 255, cv2.LINE_AA, 4)
    cover = (mask.astype(np.float32) / 255)[..., None]
    fill = np.array(colour, np.float32)
    if rng.random() < 0.2:
        fill = fill * (0.8 + 0.3 * ramp(rng, y1 - y0, x1 - x0, (0,), (1,)))
    img[y0:y1, x0:x1] = img[y0:y1, x0:x1] * (1 - cover) + fill * cover


def _ground(rng: Rng, width: int, height: int) -> tuple[np.ndarray, str, tuple]:
    name = "white" if rng.random() < 0.4 else pick(rng, list(COLOURS))
    colour = jitter(rng, COLOURS[name], 12)
    img = flat(height, width, colour)
    if rng.random() < 0.25:
        img += ramp(rng, height, width, (-25,) * 3, (25,) * 3)
    if rng.random() < 0.2:
        img += (noise(rng, height, width, 4)[..., None] - 0.5) * rng.uniform(10, 60)
    return img, name, colour


def _places(rng: Rng, count: int, width: int, height: int) -> list[tuple[float, float, float]]:
    """Circles that do not touch: x, y, radius."""
    side = min(width, height)
    low, high = (0.14, 0.46) if count == 1 else (0.085, 0.3 if count < 4 else 0.2)
    placed: list[tuple[float, float, float]] = []
    for _ in range(count):
        for attempt in range(60):
            r = side * max(0.06, rng.uniform(low, high) * 0.97**attempt)
            x = rng.uniform(r * 1.02, max(r * 1.03, width - r * 1.02))
            y = rng.uniform(r * 1.02, max(r * 1.03, height - r * 1.02))
            if all(math.hypot(x - a, y - b) > (r + q) * 1.05 for a, b, q in placed):
                placed.append((x, y, r))
                break
    return placed


def _pair_places(rng: Rng, width: int, height: int) -> tuple[list, tuple[str, str]]:
    """Two circles clearly side by side or one above the other, and the names of their sides."""
    across = rng.random() < (0.7 if width >= height else 0.3)
    long, short = (width, height) if across else (height, width)
    out = []
    for centre in (0.27, 0.73):
        r = min(long * 0.2, short * 0.42) * rng.uniform(0.55, 1)
        along = long * (centre + rng.uniform(-0.04, 0.04))
        beside = short / 2 + rng.uniform(-0.5, 0.5) * max(0, short - 2.1 * r) * 0.6
        out.append((along, beside, r) if across else (beside, along, r))
    return out, ("left", "right") if across else ("top", "bottom")


def shape(rng: Rng, width: int, height: int) -> tuple[np.ndarray, dict]:
    """A picture of figures and its facts: items, background, sides, direction."""
    img, ground, ground_colour = _ground(rng, width, height)
    far = [n for n in COLOURS if distance(COLOURS[n], ground_colour) > 150]
    facts: dict = {"kind": "shape", "background": ground}
    draw = rng.random()
    arrow, pair = draw < 0.12, 0.5 < draw < 0.62
    count = 1 if draw < 0.5 else 2 if pair else int(rng.integers(2, 7))
    same_shape = count == 1 or rng.random() < 0.6
    same_colour = count == 1 or rng.random() < 0.6
    if pair:
        placed, sides = _pair_places(rng, width, height)
        same_shape = same_colour = False
    else:
        placed, sides = _places(rng, count, width, height), None
    first_shape = "arrow" if arrow else pick(rng, SHAPES)
    first_colour = pick(rng, far)
    items = []
    for x, y, r in placed:
        name = first_shape if same_shape else pick(rng, SHAPES)
        colour = first_colour if same_colour else pick(rng, far)
        turn = rng.uniform(0, 2 * math.pi) if rng.random() < 0.6 else rng.uniform(-0.15, 0.15)
        if arrow or (name == "arrow" and rng.random() < 0.6):
            direction = pick(rng, list(DIRECTIONS))
            turn = DIRECTIONS[direction] + rng.uniform(-0.3, 0.3)
            if len(placed) == 1:
                facts["direction"] = direction
        line = 0
        if rng.random() < 0.12 and name != "ring":
            line = int(max(2, r * rng.uniform(0.06, 0.16)))
            name = "ring" if name == "circle" else name
        stamp(img, rng, name, jitter(rng, COLOURS[colour], 14), (x, y), r, turn, line)
        items.append((name, colour, x / width, y / height))
    facts["items"] = items
    if sides and items[0][:2] != items[1][:2]:
        facts["sides"] = {side: item[:2] for side, item in zip(sides, items)}
    return img, facts

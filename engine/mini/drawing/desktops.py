# SPDX-License-Identifier: Apache-2.0
"""Desktops: windows of every kind of screen side by side and over each other."""

from __future__ import annotations

import numpy as np

from drawing.basics import COLOURS, Rng, flat, jitter, noise, pick, ramp
from drawing.screens import screenshot


def _ground(rng: Rng, width: int, height: int) -> np.ndarray:
    colour = jitter(rng, pick(rng, list(COLOURS.values())), 50)
    img = flat(height, width, colour)
    if rng.random() < 0.4:
        img = img * ramp(rng, height, width, (0.6,), (1.1,))
    if rng.random() < 0.2:
        img = img + (noise(rng, height, width, 4)[..., None] - 0.5) * 120
    return img


def desktop(rng: Rng, width: int, height: int) -> tuple[np.ndarray, dict]:
    """One to four windows, framed or not, perhaps with a bar along one edge."""
    img = _ground(rng, width, height)
    for _ in range(int(rng.integers(1, 5))):
        w, h = int(width * rng.uniform(0.35, 0.8)), int(height * rng.uniform(0.35, 0.8))
        window, _ = screenshot(rng, max(96, w), max(96, h))
        h, w = window.shape[:2]
        if rng.random() < 0.3:  # other themes: hues exchanged, lights and darks exchanged
            window = window[..., rng.permutation(3)]
        if rng.random() < 0.25:
            window = 255 - window
        if rng.random() < 0.4:  # greyish windows rather than white ones
            window = window * rng.uniform(0.75, 0.95)
        x, y = int(rng.integers(0, max(1, width - w))), int(rng.integers(0, max(1, height - h)))
        w, h = min(w, width - x), min(h, height - y)
        if rng.random() < 0.5:
            img[y : y + h, x : x + w] = flat(h, w, jitter(rng, (60, 60, 70), 60))
            edge = int(rng.integers(1, 4))
            img[y + edge : y + h - edge, x + edge : x + w - edge] = window[
                edge : h - edge, edge : w - edge
            ]
        else:
            img[y : y + h, x : x + w] = window[:h, :w]
    if rng.random() < 0.5:
        bar, colour = int(height * rng.uniform(0.05, 0.1)), jitter(rng, (130, 130, 140), 110)
        at = height - bar if rng.random() < 0.7 else 0
        img[at : at + bar] = colour
    return img, {"kind": "screenshot"}

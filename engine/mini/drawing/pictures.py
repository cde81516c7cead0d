# SPDX-License-Identifier: Apache-2.0
"""The training style: one picture of any kind, with wear, turns and the engine's resize."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

from drawing.basics import Rng, grain, pick, ramp
from drawing.charts import chart
from drawing.desktops import desktop
from drawing.documents import document
from drawing.handwriting import handwriting
from drawing.lettering import card
from drawing.scenes import nothing, photo
from drawing.screens import screenshot
from drawing.shapes import shape
from drawing.varied_lettering import varied_card

MAKERS = {
    "shape": shape,
    "card": card,
    "varied card": varied_card,
    "document": document,
    "chart": chart,
    "photo": photo,
    "screenshot": screenshot,
    "desktop": desktop,
    "handwriting": handwriting,
    "nothing": nothing,
}
# In training's long first parts most pictures are text, the hardest thing to learn; in its last part
# the kinds are nearer to each other, or a picture of a strange style would be taken for a document.
_PARTS = {
    "long": [0.25, 0.16, 0.33, 0.07, 0.06, 0.04, 0.03, 0.0, 0.03, 0.03],
    "last": [0.20, 0.08, 0.14, 0.16, 0.10, 0.08, 0.07, 0.06, 0.08, 0.03],
}
SHARES = {name: np.array(shares) for name, shares in _PARTS.items()}
# Quarter turns counter-clockwise of numpy.rot90, by the name a viewer gives the result.
QUARTERS = {"upright": 0, "turned left": 1, "upside down": 2, "turned right": 3}


def _turnable(facts: dict) -> bool:
    if facts["kind"] == "chart":
        return facts["type"] != "pie"
    if facts["kind"] == "photo":
        return facts["type"] in ("landscape", "portrait", "street")
    return facts["kind"] in ("document", "screenshot")


def worn(rng: Rng, img: np.ndarray, facts: dict) -> np.ndarray:
    """The picture after light, contrast, grain, blur and JPEG; uint8."""
    img = np.clip(img, 0, 255)
    paper = facts["kind"] in ("document", "handwriting")
    if paper and rng.random() < 0.3:
        img = img * (0.75 + 0.3 * ramp(rng, *img.shape[:2], (0,), (1,)))
    if rng.random() < 0.12 and (paper or facts["kind"] == "photo"):
        img = img.mean(2, keepdims=True).repeat(3, 2)
    if rng.random() < 0.3:
        img = (img - 128) * rng.uniform(0.8, 1.1) + 128 + rng.uniform(-12, 12)
    if rng.random() < 0.3:
        img = img + rng.uniform(1, 7) * grain(rng, *img.shape[:2])[..., None]
    img = np.clip(img, 0, 255).astype(np.uint8)
    if rng.random() < 0.12:
        img = cv2.GaussianBlur(img, (0, 0), rng.uniform(0.4, 1.0))
    if rng.random() < 0.4:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(40, 96))]
        img = cv2.imdecode(cv2.imencode(".jpg", img, quality)[1], cv2.IMREAD_COLOR)
    return img


def make(
    rng: Rng,
    width: int,
    height: int,
    which: str | None = None,
    turns: float = 0.12,
    part: str = "long",
) -> tuple[np.ndarray, dict]:
    """Draws one picture: HxWx3 uint8 and its facts.

    which names a maker; None draws one by the SHARES of that part of training. That share of the pictures with an upright side
    comes out turned, and their facts hold "turn"; texts are then not among the facts.
    """
    name = which or str(rng.choice(list(MAKERS), p=SHARES[part]))
    maker = MAKERS[name]
    turn = "upright"
    if name in ("document", "chart", "photo", "screenshot") and rng.random() < turns:
        turn = pick(rng, list(QUARTERS)[1:])
    w, h = (height, width) if QUARTERS[turn] % 2 else (width, height)
    if maker is photo and rng.random() < 0.7:
        small, facts = maker(rng, max(64, w * 5 // 9), max(64, h * 5 // 9))
        img = cv2.resize(small, (w, h), interpolation=cv2.INTER_LINEAR)
        img += rng.uniform(0, 6) * grain(rng, h, w)[..., None]
    else:
        img, facts = maker(rng, w, h)
    if _turnable(facts) and "glyphs" not in facts:
        facts["turn"] = turn
        if turn != "upright":
            facts["texts"] = {}
            img = np.rot90(img, QUARTERS[turn])
    elif turn != "upright":
        img = np.ascontiguousarray(np.rot90(img, QUARTERS[turn]))
    return worn(rng, img, facts), facts


def make_seen(
    rng: Rng, width: int, height: int, which: str | None = None, part: str = "long"
) -> tuple[np.ndarray, dict]:
    """A picture as the engine sees it: often drawn at other sides, then resized linearly."""
    k = rng.random()
    if k < 0.5:
        return make(rng, width, height, which, part=part)
    if k < 0.85:
        w, h = width + int(rng.integers(-15, 16)), height + int(rng.integers(-15, 16))
    else:
        s = rng.uniform(0.9, 1.4)
        w, h = max(128, int(width * s)), max(128, int(height * s))
    img, facts = make(rng, w, h, which, part=part)
    if w > 1.1 * width:
        facts["texts"] = {}
    if "glyphs" in facts:
        a, b = width / w, height / h
        facts["glyphs"] = [(x * a, y * b, i, c) for x, y, i, c in facts["glyphs"]]
    return np.asarray(Image.fromarray(img).resize((width, height), Image.BILINEAR)), facts

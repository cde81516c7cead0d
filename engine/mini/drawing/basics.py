# SPDX-License-Identifier: Apache-2.0
"""Names, colours, words and textures every drawing shares."""

from __future__ import annotations

import math

import cv2
import numpy as np

cv2.setNumThreads(1)

Rng = np.random.Generator
Colour = tuple[int, int, int]

COLOURS: dict[str, Colour] = {
    "red": (215, 30, 35),
    "green": (35, 160, 60),
    "blue": (35, 70, 210),
    "yellow": (245, 220, 40),
    "orange": (245, 135, 25),
    "purple": (125, 45, 160),
    "pink": (250, 140, 190),
    "brown": (120, 75, 40),
    "black": (15, 15, 15),
    "white": (250, 250, 250),
    "gray": (135, 135, 135),
    "cyan": (40, 200, 215),
}
SHAPES = (
    "circle ellipse square rectangle triangle pentagon hexagon star cross heart arrow ring".split()
)
DOCUMENTS = ["letter", "invoice", "receipt", "form", "article", "table"]
CHARTS = {"bar": "bar chart", "line": "line chart", "pie": "pie chart", "scatter": "scatter plot"}
SCENES = {
    "landscape": "a landscape with hills and sky",
    "sky": "a sky with clouds",
    "portrait": "a portrait of a person",
    "texture": "a close-up of a textured surface",
    "objects": "several objects on a surface",
    "street": "a street with buildings",
}
SCREENS = {
    "dialog": "a dialog window",
    "browser": "a browser window",
    "terminal": "a terminal",
    "phone": "a phone app",
    "editor": "a text editor",
}
KINDS = ["document", "photo", "chart", "shape", "screenshot", "handwriting"]
NONE = "none of these"
TURNS = ["upright", "turned left", "turned right", "upside down"]

_SYLLABLES = (
    "ba be bi bo bra cal can ce co con da de den di do el en er est fa fi for ga ge gra ha he in is "
    "ka ko la le li lo ma me mi mo na ne ni no on or pa pe pi po pra ra re ri ro sa se si so sta ta "
    "te ti to tra un ur va ve vi wa we wi zo ju ky qua xi yo hy zu fle dro"
).split()
_WORDS = (
    "the of and to in for is on that by this with you it not or be are from at as your all have new "
    "more an was we will can us about if page my has free but our one other do no time they site he "
    "up may what which their use any there see only so his when here who also now help get view "
    "order total paid open closed exit left right north south hello world green light water stone "
    "table window paper river market summer winter apple orange lemon coffee sugar bread house "
    "garden street station ticket number price sale today monday friday sunday april june august "
    "name street city country phone email invoice receipt letter report result value level speed "
    "start stop ready error warning success private public sample test final draft copy box size "
    "large small heavy fragile keep quiet push pull enter menu file edit save cancel quick brown "
    "jump lazy fox zebra kiwi pixel vector matrix gamma delta sigma omega"
).split()


def pick(rng: Rng, items):
    """One item of a sequence, each as likely."""
    return items[rng.integers(len(items))]


def word(rng: Rng) -> str:
    """An English or made-up word, sometimes capitalised."""
    if rng.random() < 0.4:
        return pick(rng, _WORDS)
    made = "".join(pick(rng, _SYLLABLES) for _ in range(rng.integers(1, 5)))
    return made.capitalize() if rng.random() < 0.15 else made


def words(rng: Rng, count: int) -> str:
    """That many words, blanks between."""
    return " ".join(word(rng) for _ in range(count))


def money(rng: Rng) -> str:
    """An amount with two decimals."""
    return f"{rng.integers(1, 2000)}.{rng.integers(0, 100):02d}"


def date(rng: Rng) -> str:
    """A date in one of the usual notations."""
    day, month, year = rng.integers(1, 29), rng.integers(1, 13), rng.integers(1990, 2040)
    form = rng.integers(4)
    if form == 0:
        return f"{year}-{month:02d}-{day:02d}"
    if form == 1:
        return f"{day:02d}/{month:02d}/{year}"
    if form == 2:
        names = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
        return f"{day} {names[month - 1]} {year}"
    return f"{day:02d}.{month:02d}.{year}"


def code(rng: Rng) -> str:
    """An identifier of 5 to 12 characters, as on an invoice or a parcel."""
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    prefix = "".join(pick(rng, letters) for _ in range(rng.integers(1, 4)))
    form = rng.integers(5)
    if form == 0:
        return f"{pick(rng, ['INV', 'NO', 'RE', 'ID', 'REF'])}-{rng.integers(1000, 99999999)}"
    if form == 1:
        return f"{prefix}-{rng.integers(100, 9999999)}"
    if form == 2:
        return f"{prefix}{rng.integers(1000, 999999)}"
    if form == 3:
        return f"{rng.integers(100, 9999)}-{rng.integers(100, 99999)}"
    return "".join(pick(rng, letters + "23456789") for _ in range(rng.integers(5, 11)))


def jitter(rng: Rng, colour, spread: int = 18) -> Colour:
    """The colour moved a little in every channel."""
    moved = np.array(colour) + rng.integers(-spread, spread + 1, 3)
    return tuple(int(v) for v in np.clip(moved, 0, 255))


_GRAIN = np.random.default_rng(5).standard_normal((1700, 1700)).astype(np.float32)


def grain(rng: Rng, height: int, width: int) -> np.ndarray:
    """White noise cut from one large sheet, which is much cheaper than drawing it afresh."""
    y, x = rng.integers(0, 1700 - height), rng.integers(0, 1700 - width)
    cut = _GRAIN[y : y + height, x : x + width]
    return cut[::-1] if rng.random() < 0.5 else cut


def noise(
    rng: Rng, height: int, width: int, octaves: int = 5, decay: float = 0.55, base: int = 2
) -> np.ndarray:
    """Cloudy noise of several octaves, scaled to 0..1."""
    out, weight, cells = np.zeros((height, width), np.float32), 1.0, base
    for _ in range(octaves):
        coarse = rng.standard_normal((max(2, cells * height // width + 1), cells + 1))
        out += weight * cv2.resize(
            coarse.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC
        )
        weight *= decay
        cells *= 2
        if cells > width // 2:
            break
    return (out - out.min()) / (np.ptp(out) + 1e-6)


def ramp(rng: Rng, height: int, width: int, first, second) -> np.ndarray:
    """A linear gradient between two colours in a random direction."""
    turn = rng.random() * 2 * math.pi
    across = np.linspace(-1, 1, width, dtype=np.float32)[None] * math.cos(turn)
    down = np.linspace(-1, 1, height, dtype=np.float32)[:, None] * math.sin(turn)
    t = across + down
    t = ((t - t.min()) / np.ptp(t))[..., None]
    return np.array(first, np.float32) * (1 - t) + np.array(second, np.float32) * t


def flat(height: int, width: int, colour) -> np.ndarray:
    """A float picture of one colour."""
    img = np.empty((height, width, 3), np.float32)
    img[:] = colour
    return img


def distance(a, b) -> float:
    """How far two colours are apart, summed over the channels."""
    return float(np.abs(np.array(a, np.float32) - np.array(b, np.float32)).sum())

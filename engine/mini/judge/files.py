# SPDX-License-Identifier: Apache-2.0
"""Writes picture files whose right answer is known once they are prepared correctly.

The files cover containers, orientations, colour spaces, alpha, depth, frames and size. The same
call writes the same pictures.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib

from PIL import Image, features

from judge.encodings import P3, SRGB, icc_profile, png16
from judge.scenes import arrow, bar_chart, circle, landscape, lettering

try:
    import pillow_heif

    pillow_heif.register_heif_opener()
except ImportError:
    pillow_heif = None

COLOUR_QUESTION = "Which colour is it?"
ARROW_QUESTION = "Which way does the arrow point?"
TEXT_QUESTION = "What does the text say?"
TURN_QUESTION = "Which way up is the picture?"
KIND_QUESTION = "What kind of picture is this? Options: document, photo, chart, shape."
# How a picture must be stored so that a viewer that honours the EXIF orientation shows it upright.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@dataclasses.dataclass(frozen=True)
class Judge:
    """One file with what must come out of it."""

    file: str
    feature: str
    question: str
    answer: str


CLEAR_TEXT, PAPER_TEXT, SMALL_TEXT = "2026-11-23", "Ticket", "INV-52073"


class Folder:
    """Collects files and what must come out of each."""

    def __init__(self, path: pathlib.Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self.path, self.judges = path, []

    def put(
        self, im: Image.Image | bytes, name: str, feature: str, question: str, answer: str, **how
    ) -> None:
        """Writes one file; `how` goes to Pillow."""
        if isinstance(im, bytes):
            (self.path / name).write_bytes(im)
        else:
            im.save(self.path / name, **how)
        self.judges.append(Judge(name, feature, question, answer))


def _stored(im: Image.Image, number: int) -> Image.Image:
    how = STORED[number]
    return im if how is None else im.transpose(how)


def _exif(number: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = number
    return exif


def _orientations(out: Folder) -> None:
    paper = lettering(PAPER_TEXT, ground=(255, 255, 255)).convert("RGB")
    for number in STORED:
        how = {"quality": 92, "exif": _exif(number)}
        for direction in ("up", "right"):
            name = f"orientation-{number}-arrow-{direction}.jpg"
            im = _stored(arrow(direction), number)
            out.put(im, name, "exif", ARROW_QUESTION, direction, **how)
        name = f"orientation-{number}-text.jpg"
        out.put(_stored(paper, number), name, "exif", TEXT_QUESTION, PAPER_TEXT, **how)
    for number in (1, 3, 6, 8):
        how, im = {"quality": 90, "exif": _exif(number)}, _stored(landscape(), number)
        name = f"orientation-{number}-photo.jpg"
        out.put(im, name, "exif", TURN_QUESTION, "upright", **how)
    for suffix, how in (("png", {}), ("webp", {"quality": 90}), ("tif", {})):
        for number in (3, 6):
            name = f"orientation-{number}-arrow-up.{suffix}"
            im, more = _stored(arrow("up"), number), {"exif": _exif(number), **how}
            out.put(im, name, "exif", ARROW_QUESTION, "up", **more)


def _containers(out: Folder) -> None:
    written: list[tuple[str, dict]] = [
        ("jpg", {"quality": 90}),
        ("png", {}),
        ("gif", {}),
        ("tif", {"compression": "tiff_lzw"}),
        ("webp", {"quality": 90}),
    ]
    written += [("avif", {"quality": 85})] if features.check("avif") else []
    written += [("heic", {"quality": 85})] if pillow_heif else []
    for suffix, how in written:
        for colour in ("red", "green", "blue"):
            name = f"container-{colour}.{suffix}"
            out.put(circle(colour), name, "container", COLOUR_QUESTION, colour, **how)
    how = {"progressive": True, "subsampling": 2}
    out.put(circle("red"), "progressive.jpg", "jpeg", COLOUR_QUESTION, "red", **how)
    out.put(bar_chart((448, 320)).convert("L"), "grey.jpg", "grey", KIND_QUESTION, "chart")


def _colours(out: Folder) -> None:
    for colour in ("blue", "red"):
        im = circle(colour).convert("CMYK")
        out.put(im, f"cmyk-{colour}.jpg", "cmyk", COLOUR_QUESTION, colour, quality=95)
        out.put(im, f"cmyk-{colour}.tif", "cmyk", COLOUR_QUESTION, colour)
    out.put(png16(circle("green")), "sixteen-bit.png", "depth", COLOUR_QUESTION, "green")
    out.put(circle("red").quantize(16), "palette.png", "palette", COLOUR_QUESTION, "red")
    one = lettering(SMALL_TEXT, ground=(255, 255, 255)).convert("1")
    out.put(one, "one-bit.png", "depth", TEXT_QUESTION, SMALL_TEXT)
    wide = icc_profile("P3", P3)
    for suffix in ("png", "jpg"):
        name = f"display-p3.{suffix}"
        out.put(circle("red"), name, "icc", COLOUR_QUESTION, "red", icc_profile=wide)
    # Stored green means red to whoever honours the profile.
    turned = icc_profile("rotated primaries", [SRGB[2], SRGB[0], SRGB[1]])
    stored = Image.merge("RGB", [circle("red").split()[i] for i in (2, 0, 1)])
    for suffix, how in (("png", {}), ("jpg", {"quality": 95}), ("webp", {"quality": 95})):
        name, how = f"rotated-primaries.{suffix}", {"icc_profile": turned, **how}
        out.put(stored, name, "icc", COLOUR_QUESTION, "red", **how)


def _transparency(out: Folder) -> None:
    # Black, so that on the black that a dropped alpha leaves nothing is to be seen.
    clear = lettering(CLEAR_TEXT, ink=(0, 0, 0))
    files: list[tuple[str, Image.Image, dict]] = [
        ("transparent-text.png", clear, {}),
        ("transparent-grey-text.png", clear.convert("LA"), {}),
        ("transparent-text.webp", clear, {"lossless": True}),
        ("transparent-lossy-text.webp", clear, {"quality": 90}),
        ("transparent-text.tif", clear, {}),
    ]
    if features.check("avif"):
        files.append(("transparent-text.avif", clear, {"quality": 90}))
    for name, im, how in files:
        out.put(im, name, "alpha", TEXT_QUESTION, CLEAR_TEXT, **how)


def _frames(out: Folder) -> None:
    more = {"save_all": True, "append_images": [circle("green")]}
    for name in ("animated.gif", "animated.webp"):
        out.put(circle("red"), name, "frames", COLOUR_QUESTION, "red", duration=200, **more)
    out.put(circle("blue"), "pages.tif", "frames", COLOUR_QUESTION, "blue", **more)


def _sizes(out: Folder) -> None:
    chart = bar_chart((4000, 3000))
    out.put(chart, "large-chart.jpg", "size", KIND_QUESTION, "chart", quality=85)
    out.put(arrow("left", (2400, 1600)), "large-arrow.png", "size", ARROW_QUESTION, "left")
    out.put(circle("yellow", (60, 60)), "small.png", "size", COLOUR_QUESTION, "yellow")
    out.put(arrow("up", (300, 900)), "tall-arrow.png", "size", ARROW_QUESTION, "up")
    out.put(arrow("down", (1500, 500)), "wide-arrow.webp", "size", ARROW_QUESTION, "down")


def write(folder: pathlib.Path) -> list[Judge]:
    """Writes every file and truth.json. AVIF and HEIC are left out where Pillow cannot write them."""
    out = Folder(folder)
    for part in (_orientations, _containers, _colours, _transparency, _frames, _sizes):
        part(out)
    rows = [dataclasses.asdict(j) for j in out.judges]
    (folder / "truth.json").write_text(json.dumps(rows, indent=1) + "\n")
    return out.judges

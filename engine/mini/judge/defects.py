# SPDX-License-Identifier: Apache-2.0
"""Prepares the judge's files as the service should, and wrongly in each of the ways it must not."""

from __future__ import annotations

import dataclasses
import io
import pathlib
from collections.abc import Callable

from PIL import Image, ImageCms, ImageOps

from judge import files
from judge.scenes import circle

MAX_SIDE = 768


def _fitted(im: Image.Image) -> Image.Image:
    im.thumbnail((MAX_SIDE, MAX_SIDE), Image.LANCZOS)
    if min(im.size) < 32:
        im = im.resize((max(32, im.width), max(32, im.height)))
    return im


def _on_white(im: Image.Image) -> Image.Image:
    if "A" not in im.getbands() and "transparency" not in im.info:
        return im
    im = im.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", im.size, (255, 255, 255, 255)), im)


def _to_srgb(im: Image.Image) -> Image.Image:
    profile = im.info.get("icc_profile")
    if not profile or im.mode != "RGB":
        return im.convert("RGB")
    return ImageCms.profileToProfile(
        im, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
    )


def right(path: pathlib.Path) -> Image.Image:
    """Upright, on white, in sRGB, within 768 pixels."""
    im = ImageOps.exif_transpose(Image.open(path))
    return _fitted(_to_srgb(_on_white(im)))


def exif_ignored(path: pathlib.Path) -> Image.Image:
    """As stored."""
    return _fitted(_to_srgb(_on_white(Image.open(path))))


def channels_swapped(path: pathlib.Path) -> Image.Image:
    """Red and blue exchanged."""
    r, g, b = right(path).split()
    return Image.merge("RGB", (b, g, r))


def alpha_dropped(path: pathlib.Path) -> Image.Image:
    """Colour channels only: what is transparent turns black."""
    im = ImageOps.exif_transpose(Image.open(path)).convert("RGBA")
    return _fitted(Image.merge("RGB", im.split()[:3]))


def profile_ignored(path: pathlib.Path) -> Image.Image:
    """Stored numbers taken for sRGB."""
    return _fitted(ImageOps.exif_transpose(Image.open(path)).convert("RGB"))


def _turned(j: files.Judge) -> bool:
    # Mirroring leaves an arrow along the axis as it is, and Pillow turns TIFF files by itself.
    same = ("-1-", "-2-arrow-up", "-4-arrow-right", ".tif")
    return j.feature == "exif" and not any(s in j.file for s in same)


@dataclasses.dataclass(frozen=True)
class Defect:
    """A wrong preparation, and the files whose answer it must change."""

    title: str
    prepare: Callable[[pathlib.Path], Image.Image]
    concerns: Callable[[files.Judge], bool]


DEFECTS = [
    Defect("EXIF orientation ignored", exif_ignored, _turned),
    Defect(
        "red and blue swapped",
        channels_swapped,
        lambda j: j.question == files.COLOUR_QUESTION and j.answer in ("red", "blue"),
    ),
    Defect("alpha dropped", alpha_dropped, lambda j: j.feature == "alpha"),
    Defect("colour profile ignored", profile_ignored, lambda j: j.file.startswith("rotated")),
]

# Two pictures that do not fit a context together with their question: Ollama drops the first one
# without an error, and the second is then taken for it.
FIRST_QUESTION = "What colour is the shape in the first picture?"


def two_pictures(side: int) -> list[Image.Image]:
    """Squares of that side; the first shows red, the second blue."""
    return [circle(colour, (side, side)) for colour in ("red", "blue")]

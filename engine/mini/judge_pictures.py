# SPDX-License-Identifier: Apache-2.0
"""Writes picture files whose right answer is known once they are prepared correctly.

    judge_pictures.py FOLDER

The files cover containers, EXIF orientations, colour spaces, alpha, depth and size. FOLDER/truth.json
lists for each: file, feature, question, answer. Needs Pillow, NumPy and DejaVu Sans only. The same
call writes the same pictures.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image, ImageDraw, ImageFont, features

FONT = "DejaVuSans-Bold.ttf"
RGB = {
    "red": (215, 30, 35),
    "green": (35, 160, 60),
    "blue": (35, 70, 210),
    "yellow": (245, 220, 40),
}
COLOUR_QUESTION = "Which colour is it?"
ARROW_QUESTION = "Which way does the arrow point?"
TEXT_QUESTION = "What does the text say?"
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


def png16(im: Image.Image) -> bytes:
    """A 16-bit RGB PNG, which Pillow reads but does not write."""
    a = (np.asarray(im.convert("RGB")).astype(">u2") * 257).astype(">u2")
    raw = b"".join(b"\0" + row.tobytes() for row in a)

    def chunk(tag: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + tag + body + struct.pack(">I", zlib.crc32(tag + body))

    head = struct.pack(">IIBBBBB", im.width, im.height, 16, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(raw, 6)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def icc_profile(
    name: str, primaries: list[tuple[float, float, float]], gamma: float = 2.2
) -> bytes:
    """A matrix profile (version 2) with these D50 primaries."""
    fixed = lambda v: struct.pack(">i", round(v * 65536))
    xyz = lambda t: b"XYZ \0\0\0\0" + b"".join(map(fixed, t))
    text = name.encode() + b"\0"
    description = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + b"\0" * (12 + 67)
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))
    tags = [
        (b"desc", description),
        (b"cprt", b"text\0\0\0\0CC0\0"),
        (b"wtpt", xyz((0.9642, 1, 0.8249))),
    ]
    tags += [(k, xyz(p)) for k, p in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries)]
    tags += [(k, curve) for k in (b"rTRC", b"gTRC", b"bTRC")]
    table, bodies, at = b"", b"", 128 + 4 + 12 * len(tags)
    for key, body in tags:
        table += key + struct.pack(">II", at + len(bodies), len(body))
        bodies += body + b"\0" * (-len(body) % 4)
    size = at + len(bodies)
    head = struct.pack(">I4sI4s4s4s", size, b"\0\0\0\0", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28
    head += fixed(0.9642) + fixed(1) + fixed(0.8249)
    head += b"\0" * (128 - len(head))
    return head + struct.pack(">I", len(tags)) + table + bodies


# D50-adapted primaries.
P3 = [(0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841)]
SRGB = [(0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)]


def write(folder: pathlib.Path) -> list[Judge]:
    """Writes every file and truth.json; containers that this Pillow cannot write are left out."""
    folder.mkdir(parents=True, exist_ok=True)
    out: list[Judge] = []

    def put(im: Image.Image | bytes, name: str, feature: str, question: str, answer: str, **how):
        path = folder / name
        if isinstance(im, bytes):
            path.write_bytes(im)
        else:
            im.save(path, **how)
        out.append(Judge(name, feature, question, answer))

    for number, stored in STORED.items():
        exif = Image.Exif()
        exif[0x0112] = number
        for direction in ("up", "right"):
            im = arrow(direction)
            im = im if stored is None else im.transpose(stored)
            name = f"orientation-{number}-arrow-{direction}.jpg"
            put(im, name, "exif", ARROW_QUESTION, direction, quality=92, exif=exif)
        im = lettering("Ticket", ground=(255, 255, 255)).convert("RGB")
        im = im if stored is None else im.transpose(stored)
        put(
            im,
            f"orientation-{number}-text.jpg",
            "exif",
            TEXT_QUESTION,
            "Ticket",
            quality=92,
            exif=exif,
        )

    containers: list[tuple[str, dict]] = [
        ("jpg", {"quality": 90}),
        ("png", {}),
        ("bmp", {}),
        ("gif", {}),
        ("tif", {"compression": "tiff_lzw"}),
    ]
    containers += [("webp", {"quality": 90})] if features.check("webp") else []
    containers += [("avif", {"quality": 85})] if ".avif" in Image.registered_extensions() else []
    containers += [("jp2", {})] if features.check("jpg_2000") else []
    for suffix, how in containers:
        for colour in ("red", "green", "blue"):
            name = f"container-{colour}.{suffix}"
            put(circle(colour), name, "container", COLOUR_QUESTION, colour, **how)
    put(
        circle("red"),
        "progressive.jpg",
        "jpeg",
        COLOUR_QUESTION,
        "red",
        progressive=True,
        subsampling=2,
    )
    put(bar_chart((448, 320)).convert("L"), "grey.jpg", "grey", KIND_QUESTION, "chart")

    for colour in ("blue", "red"):
        put(
            circle(colour).convert("CMYK"),
            f"cmyk-{colour}.jpg",
            "cmyk",
            COLOUR_QUESTION,
            colour,
            quality=95,
        )
        put(circle(colour).convert("CMYK"), f"cmyk-{colour}.tif", "cmyk", COLOUR_QUESTION, colour)
    put(png16(circle("green")), "sixteen-bit.png", "depth", COLOUR_QUESTION, "green")
    put(circle("red").quantize(16), "palette.png", "palette", COLOUR_QUESTION, "red")
    one = lettering("52073", ground=(255, 255, 255)).convert("1")
    put(one, "one-bit.png", "depth", TEXT_QUESTION, "52073")

    put(
        circle("red"),
        "display-p3.png",
        "icc",
        COLOUR_QUESTION,
        "red",
        icc_profile=icc_profile("P3", P3),
    )
    # Stored green means red to whoever honours the profile.
    turned = icc_profile("rotated primaries", [SRGB[2], SRGB[0], SRGB[1]])
    stored = Image.merge("RGB", [circle("red").split()[i] for i in (2, 0, 1)])
    put(stored, "rotated-primaries.png", "icc", COLOUR_QUESTION, "red", icc_profile=turned)

    clear = lettering("2026-11-23")
    put(clear, "transparent-text.png", "alpha", TEXT_QUESTION, "2026-11-23")
    put(clear.convert("LA"), "transparent-grey-text.png", "alpha", TEXT_QUESTION, "2026-11-23")
    if features.check("webp"):
        put(clear, "transparent-text.webp", "alpha", TEXT_QUESTION, "2026-11-23", lossless=True)
    put(clear, "transparent-text.tif", "alpha", TEXT_QUESTION, "2026-11-23")

    frames = {"save_all": True, "append_images": [circle("green")], "duration": 200}
    put(circle("red"), "animated.gif", "frames", COLOUR_QUESTION, "red", **frames)
    pages = {"save_all": True, "append_images": [circle("green")]}
    put(circle("blue"), "pages.tif", "frames", COLOUR_QUESTION, "blue", **pages)

    put(bar_chart((4000, 3000)), "large-chart.jpg", "size", KIND_QUESTION, "chart", quality=85)
    put(arrow("left", (2400, 1600)), "large-arrow.png", "size", ARROW_QUESTION, "left")
    put(circle("yellow", (60, 60)), "small.png", "size", COLOUR_QUESTION, "yellow")
    put(arrow("up", (300, 900)), "tall-arrow.png", "size", ARROW_QUESTION, "up")

    rows = [dataclasses.asdict(j) for j in out]
    (folder / "truth.json").write_text(json.dumps(rows, indent=1) + "\n")
    return out


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    written = write(parser.parse_args().folder)
    print(f"{len(written)} files")

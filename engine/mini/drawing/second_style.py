# SPDX-License-Identifier: Apache-2.0
"""The second drawing style, which training never sees.

Other rasteriser (supersampled Pillow instead of OpenCV), other typefaces, purer colours, other page
and screen layouts, charts by Matplotlib, photographs by a small ray tracer and a ridge renderer.
"""

from __future__ import annotations

import io
import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from drawing.basics import CHARTS, DOCUMENTS, SHAPES, Rng, date, money, pick, words
from drawing.fonts import font
from drawing.handwriting import handwriting
from drawing.lettering import card

# The web's colours of these names, not the training palette.
COLOURS = {
    "red": (255, 0, 0),
    "green": (0, 128, 0),
    "blue": (0, 0, 255),
    "yellow": (255, 255, 0),
    "orange": (255, 150, 0),
    "purple": (128, 0, 128),
    "pink": (255, 150, 200),
    "brown": (139, 69, 19),
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "gray": (128, 128, 128),
    "cyan": (0, 230, 230),
}
_CLOSE = [{"red", "orange"}, {"white", "yellow"}, {"black", "brown"}, {"purple", "brown"}]
_CLOSE += [{"white", "pink"}, {"white", "cyan"}, {"gray", "brown"}, {"gray", "green"}]
_CLOSE += [{"black", "purple"}, {"black", "blue"}, {"blue", "purple"}, {"yellow", "orange"}]
_CLOSE += [{"gray", "purple"}, {"green", "brown"}, {"green", "cyan"}, {"black", "green"}]
DIRECTIONS = {"up": 0, "right": 90, "down": 180, "left": 270}


def _regular(sides: int, turn: float = -90.0) -> list[tuple[float, float]]:
    angles = [math.radians(turn + 360 * i / sides) for i in range(sides)]
    return [(math.cos(a), math.sin(a)) for a in angles]


def _figure(d: ImageDraw.ImageDraw, name: str, box: tuple, fill, hole) -> None:
    """One figure within a square box."""
    x0, y0, x1, y1 = box
    cx, cy, r = (x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) / 2
    to = lambda pts: [(cx + r * x, cy + r * y) for x, y in pts]
    if name in ("circle", "ring"):
        d.ellipse(box, fill=fill)
        if name == "ring":
            d.ellipse((cx - r * 0.6, cy - r * 0.6, cx + r * 0.6, cy + r * 0.6), fill=hole)
    elif name == "ellipse":
        d.ellipse((x0, cy - r * 0.55, x1, cy + r * 0.55), fill=fill)
    elif name == "square":
        d.rectangle((cx - r * 0.8, cy - r * 0.8, cx + r * 0.8, cy + r * 0.8), fill=fill)
    elif name == "rectangle":
        d.rectangle((x0, cy - r * 0.5, x1, cy + r * 0.5), fill=fill)
    elif name in ("triangle", "pentagon", "hexagon"):
        d.polygon(to(_regular({"triangle": 3, "pentagon": 5, "hexagon": 6}[name])), fill=fill)
    elif name == "star":
        inner = [(x * 0.4, y * 0.4) for x, y in _regular(5, -54)]
        d.polygon(to([p for pair in zip(_regular(5), inner) for p in pair]), fill=fill)
    elif name == "cross":
        d.rectangle((cx - r * 0.3, y0, cx + r * 0.3, y1), fill=fill)
        d.rectangle((x0, cy - r * 0.3, x1, cy + r * 0.3), fill=fill)
    elif name == "heart":
        for side in (-1, 1):
            e = cx + side * r * 0.46
            d.ellipse((e - r * 0.52, cy - r * 0.85, e + r * 0.52, cy + r * 0.19), fill=fill)
        d.polygon(to([(-0.92, -0.08), (0.92, -0.08), (0, 0.95)]), fill=fill)
    else:
        d.polygon(
            to(
                [
                    (0, -1),
                    (0.7, -0.2),
                    (0.25, -0.2),
                    (0.25, 1),
                    (-0.25, 1),
                    (-0.25, -0.2),
                    (-0.7, -0.2),
                ]
            ),
            fill=fill,
        )


def shape(rng: Rng, width: int, height: int) -> tuple[np.ndarray, dict]:
    """One to six equal figures on a plain ground; a single arrow points one of four ways."""
    names = list(COLOURS)
    while True:
        ground, colour = pick(rng, names), pick(rng, names)
        if ground != colour and {ground, colour} not in _CLOSE:
            break
    name = pick(rng, SHAPES)
    count = 1 if rng.random() < 0.5 else int(rng.integers(2, 7))
    scale = 3
    im = Image.new("RGB", (width * scale, height * scale), COLOURS[ground])
    facts: dict = {"kind": "shape", "background": ground}
    columns = 1 if count == 1 else 2 if count <= 4 and width < 1.3 * height else 3
    rows = math.ceil(count / columns)
    cell_w, cell_h = width * scale / columns, height * scale / rows
    side = int(min(cell_w, cell_h) * rng.uniform(0.5, 0.9))
    direction = pick(rng, list(DIRECTIONS))
    stamp = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    _figure(ImageDraw.Draw(stamp), name, (2, 2, side - 3, side - 3), COLOURS[colour], (0, 0, 0, 0))
    if name == "arrow":
        stamp = stamp.rotate(-DIRECTIONS[direction])
        if count == 1:
            facts["direction"] = direction
    items = []
    for i in rng.permutation(columns * rows)[:count]:
        column, row = int(i) % columns, int(i) // columns
        x = column * cell_w + rng.uniform(0, cell_w - side)
        y = row * cell_h + rng.uniform(0, cell_h - side)
        im.paste(stamp, (int(x), int(y)), stamp)
        items.append((name, colour, x / width / scale, y / height / scale))
    facts["items"] = items
    return np.asarray(im.resize((width, height), Image.LANCZOS)), facts


def _paragraph(d, rng: Rng, face, x0: float, x1: float, y: float, lines: int) -> float:
    """Justified-looking lines of real length; returns the next y."""
    for i in range(lines):
        text, end = "", x1 if i < lines - 1 else x0 + (x1 - x0) * rng.uniform(0.3, 0.8)
        while x0 + face.getlength(text) < end:
            text += words(rng, 1) + " "
        while face.getlength(text) > x1 - x0:
            text = text[:-1]
        d.text((x0, y), text.strip(), font=face, fill=(20, 20, 20))
        y += face.size * 1.35
    return y


def _sheet(d, rng: Rng, kind: str, x0: float, y0: float, x1: float, y1: float) -> None:
    """Fills a sheet's area with one kind of document."""
    w, h = x1 - x0, y1 - y0
    size = max(8.0, min(w, h * 0.8) * 0.032)
    face, bold = font(rng, size, "second print"), font(rng, size * 1.3, "second print")
    big = font(rng, size * 2, "second print")
    ink, a, b, y = (20, 20, 20), x0 + w * 0.09, x1 - w * 0.09, y0 + h * 0.06
    if kind == "letter":
        y = _paragraph(d, rng, face, b - w * 0.32, b, y, 3) + size
        y = _paragraph(d, rng, face, a, a + w * 0.32, y, 3) + size * 2
        d.text((b, y), date(rng), font=face, fill=ink, anchor="ra")
        d.text((a, y + size * 2), f"Dear {words(rng, 2)},", font=face, fill=ink)
        y += size * 4
        while y < y1 - h * 0.25:
            y = _paragraph(d, rng, face, a, b, y, int(rng.integers(3, 7))) + size
        d.text((a, y), "Yours sincerely,", font=face, fill=ink)
        t = np.linspace(0, 6, 60)
        sx, sy = a + t * size * 0.9, y + size * 3 + np.sin(t * 4) * size * (0.4 + 0.4 * np.cos(t))
        d.line(list(zip(sx.tolist(), sy.tolist())), fill=(20, 20, 110), width=2)
    elif kind == "invoice":
        d.text((b, y), "INVOICE", font=big, fill=(120, 20, 20), anchor="ra")
        _paragraph(d, rng, face, a, a + w * 0.35, y, 4)
        y += size * 4
        for key in ("Invoice No", "Date"):
            value = date(rng) if key == "Date" else str(rng.integers(1000, 99999))
            d.text((b, y), f"{key}: {value}", font=face, fill=ink, anchor="ra")
            y += size * 1.4
        y = _rows(d, rng, face, a, b, y + size * 2, y1 - h * 0.3, 4, True) + size
        for key in ("Subtotal", "Tax", "Total"):
            d.text((b - w * 0.3, y), key, font=bold, fill=ink)
            d.text((b, y), "$" + money(rng), font=bold, fill=ink, anchor="ra")
            y += size * 1.7
    elif kind == "receipt":
        mono = font(rng, size * 1.2, "second mono")
        middle, s = (x0 + x1) / 2, size * 1.2
        d.text((middle, y), words(rng, 1).upper(), font=big, fill=ink, anchor="ma")
        y += size * 3
        d.text((middle, y), date(rng), font=mono, fill=ink, anchor="ma")
        y += s * 2
        while y < y1 - h * 0.3:
            d.text((a, y), words(rng, 1), font=mono, fill=ink)
            d.text((b, y), money(rng), font=mono, fill=ink, anchor="ra")
            y += s * 1.4
        d.line((a, y, b, y), fill=ink)
        d.text((a, y + s), "TOTAL", font=bold, fill=ink)
        d.text((b, y + s), money(rng), font=bold, fill=ink, anchor="ra")
        d.text((middle, y + s * 4), "THANK YOU", font=mono, fill=ink, anchor="ma")
    elif kind == "form":
        d.text(((x0 + x1) / 2, y), words(rng, 2).title(), font=big, fill=ink, anchor="ma")
        y += size * 4
        while y < y1 - h * 0.1:
            half = rng.random() < 0.5
            for s, e in ([(a, (a + b) / 2 - size), ((a + b) / 2, b)] if half else [(a, b)]):
                d.text((s, y), words(rng, 1).title() + ":", font=face, fill=ink)
                d.rectangle((s, y + size * 1.3, e, y + size * 2.8), outline=(60, 60, 60))
            y += size * 3.8
    elif kind == "article":
        d.text((a, y), words(rng, 3).title(), font=big, fill=ink)
        top, columns = y + size * 4, int(rng.integers(1, 4))
        for c in range(columns):
            s, e = a + (b - a) * c / columns, a + (b - a) * (c + 0.93) / columns
            y = top
            while y < y1 - h * 0.12:
                y = _paragraph(d, rng, face, s, e, y, int(rng.integers(4, 9))) + size * 0.7
    else:
        _rows(d, rng, face, a, b, y, y1 - h * 0.06, int(rng.integers(4, 7)), True)


def _rows(d, rng: Rng, face, x0, x1, y0, y1, columns: int, head: bool) -> float:
    """A fully ruled table; returns its lower edge."""
    step = face.size * 1.8
    xs = [x0 + (x1 - x0) * c / columns for c in range(columns + 1)]
    y = y0
    while y + step < y1:
        first = y == y0
        if first and head:
            d.rectangle((x0, y, x1, y + step), fill=(60, 70, 90))
        for c in range(columns):
            cell = words(rng, 1).title() if first or c == 0 else money(rng)
            while face.getlength(cell) > (x1 - x0) / columns - 6 and cell:
                cell = cell[:-1]
            d.text(
                (xs[c] + 3, y + step * 0.2),
                cell,
                font=face,
                fill="white" if first else (20, 20, 20),
            )
        d.rectangle((x0, y, x1, y + step), outline=(90, 90, 90))
        y += step
    for x in xs[1:-1]:
        d.line((x, y0, x, y), fill=(90, 90, 90))
    return y


def document(rng: Rng, width: int, height: int) -> tuple[np.ndarray, dict]:
    """A scanned sheet, sometimes with a dark border."""
    kind = pick(rng, DOCUMENTS)
    border = rng.random() < 0.4
    im = Image.new("RGB", (width, height), (70, 70, 75) if border else (253, 253, 253))
    d = ImageDraw.Draw(im)
    if kind == "receipt" and width > height * 0.7:
        wide = height * 0.5
        box = ((width - wide) / 2, 0, (width + wide) / 2, height)
        d.rectangle((0, 0, width, height), fill=(150, 140, 130))
    else:
        pad = 0.04 * min(width, height) if border else 0
        box = (pad, pad, width - pad, height - pad)
    d.rectangle(box, fill=(253, 253, 250))
    _sheet(d, rng, kind, *box)
    return np.asarray(im), {"kind": "document", "type": kind}


def chart(rng: Rng, width: int, height: int) -> tuple[np.ndarray, dict]:
    """A chart by Matplotlib in one of its own styles."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    kind = pick(rng, list(CHARTS))
    style = pick(rng, ["default", "ggplot", "seaborn-v0_8", "fivethirtyeight", "bmh", "classic"])
    with plt.style.context(style):
        fig, ax = plt.subplots(figsize=(width / 72, height / 72), dpi=72)
        count = int(rng.integers(3, 9))
        if kind == "bar":
            ax.bar([f"Q{i}" for i in range(count)], rng.uniform(1, 10, count))
        elif kind == "line":
            for _ in range(int(rng.integers(1, 4))):
                ax.plot(np.cumsum(rng.normal(0, 1, 40)))
        elif kind == "pie":
            ax.pie(rng.uniform(1, 5, count), labels=list("ABCDEFGHI")[:count], autopct="%d%%")
        else:
            ax.scatter(rng.normal(0, 1, 80), rng.normal(0, 1, 80))
        ax.set_title("Results")
        out = io.BytesIO()
        fig.savefig(out, format="png", dpi=72)
        plt.close(fig)
    im = Image.open(out).convert("RGB").resize((width, height), Image.LANCZOS)
    return np.asarray(im), {"kind": "chart", "type": kind}


def _spheres(rng: Rng, width: int, height: int) -> np.ndarray:
    """Ray-traced balls on a floor with shadows."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    d = np.stack([(x - width / 2) / height, (y - height * 0.4) / height, np.ones_like(x) * 1.1], -1)
    d /= np.linalg.norm(d, axis=-1, keepdims=True)
    light = np.array([-0.5, -0.75, -0.43])
    balls = [
        (
            np.array([rng.uniform(-1.3, 1.3), 0.6 - r, rng.uniform(2.2, 4)]),
            r,
            rng.uniform(0.15, 0.95, 3),
        )
        for r in rng.uniform(0.25, 0.6, int(rng.integers(2, 5)))
    ]
    sky = np.array(rng.uniform(0.5, 0.9, 3))
    img = sky * (0.7 + 0.4 * np.clip(0.5 - d[..., 1:2], 0, 1))
    depth = np.full((height, width), 1e9, np.float32)
    t = 0.6 / np.where(d[..., 1] > 1e-3, d[..., 1], np.inf)
    floor = (t > 0) & (t < 40) & (d[..., 1] > 1e-3)
    p = d * np.where(floor, t, 0)[..., None]
    base = np.array(rng.uniform(0.3, 0.7, 3))
    grainy = 0.85 + 0.2 * np.sin(p[..., 0] * 7 + np.sin(p[..., 2] * 5)) * np.sin(p[..., 2] * 9)
    colour = base * grainy[..., None]
    for c, r, _ in balls:
        oc = p - c
        b = oc @ -light * -1
        disc = b * b - ((oc**2).sum(-1) - r * r)
        colour = np.where(((disc > 0) & (b < 0))[..., None], colour * 0.45, colour)
    fog = np.clip(t / 14, 0, 1)[..., None]
    img = np.where(floor[..., None], colour * (1 - fog) + sky * fog, img)
    depth = np.where(floor, t, depth)
    for c, r, albedo in balls:
        b = d @ c
        disc = b * b - (c @ c - r * r)
        near = b - np.sqrt(np.clip(disc, 0, None))
        hit = (disc > 0) & (near > 0) & (near < depth)
        n = (d * near[..., None] - c) / r
        lit = 0.2 + 0.8 * np.clip(n @ light, 0, 1)
        shine = np.clip((n @ light) * 2 * n[..., 2] * -1 + 0.43, 0, 1) ** 30
        img = np.where(hit[..., None], albedo * lit[..., None] + shine[..., None] * 0.6, img)
        depth = np.where(hit, near, depth)
    return img * 255


def _ridges(rng: Rng, width: int, height: int) -> np.ndarray:
    """Mountain ridges fading into haze under a gradient sky."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    haze, near = np.array(rng.uniform(150, 240, 3)), np.array(rng.uniform(10, 90, 3))
    top = np.array([rng.uniform(60, 130), rng.uniform(100, 170), rng.uniform(170, 250)])
    t = (y / height)[..., None]
    img = top * (1 - t) + haze * t
    for layer in range(6):
        line = np.zeros(width)
        for octave in range(1, 9):
            f = 2**octave / width
            line += (
                np.sin(np.arange(width) * f * rng.uniform(0.6, 1.4) * 3 + rng.uniform(0, 6))
                / 1.8**octave
            )
        edge = height * (0.32 + 0.11 * layer) + line * height * 0.09
        k = layer / 5
        img = np.where((y > edge[None])[..., None], haze * (1 - k) + near * k, img)
    return img


def photo(rng: Rng, width: int, height: int) -> tuple[np.ndarray, dict]:
    """A rendered scene with lens blur and sensor noise."""
    kind = pick(rng, ["objects", "landscape"])
    img = (_spheres if kind == "objects" else _ridges)(rng, width, height)
    coarse = rng.normal(0, 9, (height // 8 + 1, width // 8 + 1, 3)).repeat(8, 0).repeat(8, 1)
    img = img + coarse[:height, :width] * 0.4 + rng.normal(0, 6, (height, width, 3))
    im = Image.fromarray(np.clip(img, 0, 255).astype(np.uint8))
    return np.asarray(im.filter(ImageFilter.GaussianBlur(0.7))), {"kind": "photo", "type": kind}


def screenshot(rng: Rng, width: int, height: int) -> tuple[np.ndarray, dict]:
    """A desktop with a task bar and overlapping windows of controls."""
    im = Image.new("RGB", (width, height), pick(rng, [(0, 128, 128), (40, 80, 140), (90, 60, 110)]))
    d = ImageDraw.Draw(im)
    size = max(9, min(width, height) * 0.035)
    face = font(rng, size, "second print")
    for _ in range(int(rng.integers(1, 4))):
        w, h = width * rng.uniform(0.45, 0.8), height * rng.uniform(0.45, 0.75)
        x, y = rng.uniform(0, width - w), rng.uniform(0, height * 0.92 - h)
        d.rectangle((x, y, x + w, y + h), fill=(212, 208, 200), outline=(0, 0, 0))
        d.rectangle((x + 2, y + 2, x + w - 2, y + size * 1.6), fill=(10, 36, 106))
        d.text((x + 6, y + 2), words(rng, 2).title()[:16], font=face, fill="white")
        d.rectangle((x + w - size * 1.5, y + 4, x + w - 5, y + size * 1.4), fill=(212, 208, 200))
        top = y + size * 2.2
        while top < y + h - size * 4:
            d.rectangle(
                (x + size, top, x + size * 1.7, top + size * 0.7), fill="white", outline="black"
            )
            d.text((x + size * 2.2, top - 2), words(rng, 3)[:24], font=face, fill="black")
            top += size * 1.6
        for i, name in enumerate(("OK", "Cancel")):
            bx = x + w - size * (4.5 * (i + 1))
            d.rectangle((bx, y + h - size * 2, bx + size * 4, y + h - size * 0.5), outline="black")
            d.text((bx + size * 2, y + h - size * 1.25), name, font=face, fill="black", anchor="mm")
    d.rectangle((0, height * 0.93, width, height), fill=(192, 192, 192))
    d.text((6, height * 0.965), "Start", font=face, fill="black", anchor="lm")
    return np.asarray(im), {"kind": "screenshot", "type": "desktop"}


def _card(rng: Rng, width: int, height: int) -> tuple[np.ndarray, dict]:
    return card(rng, width, height, "second print")


def _handwriting(rng: Rng, width: int, height: int) -> tuple[np.ndarray, dict]:
    return handwriting(rng, width, height, "second hand")


MAKERS = {
    "shape": shape,
    "card": _card,
    "document": document,
    "chart": chart,
    "photo": photo,
    "screenshot": screenshot,
    "handwriting": _handwriting,
}


def make(rng: Rng, width: int, height: int, which: str) -> tuple[np.ndarray, dict]:
    """One picture of that kind in the second style: HxWx3 uint8 and its facts."""
    img, facts = MAKERS[which](rng, width, height)
    return np.clip(np.asarray(img, np.float32), 0, 255).astype(np.uint8), facts

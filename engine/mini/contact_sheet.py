# SPDX-License-Identifier: Apache-2.0
"""Draws pictures of both styles with the answers of a running Ollama below them.

contact_sheet.py contact_sheet.png --url http://127.0.0.1:11434 --model tessera-mini
"""

from __future__ import annotations

import argparse
import pathlib

import numpy as np
from PIL import Image, ImageDraw, ImageFont

import answerers
import cases
from drawing import fonts, pictures, second_style

TILE, CAPTION, COLUMNS = 224, 44, 7
SEED = 31415


def _asked(facts: dict) -> cases.Question:
    """The question of each picture that says most about it."""
    if "direction" in facts:
        return cases.Question("", "Which way does the arrow point?", facts["direction"])
    if "all" in facts.get("texts", {}):
        return cases.Question("", "What does the text say?", facts["texts"]["all"])
    if facts["kind"] == "shape":
        return cases.Question("", "How many shapes are there?", str(len(facts["items"])))
    return cases.Question("", "What kind of picture is this?", facts["kind"])


def sheet(model: answerers.OllamaModel) -> Image.Image:
    """One row of four pictures a style and kind; a wrong answer is marked with the truth."""
    cells = [(style, which, i) for which in cases.MADE for style in (0, 1) for i in range(3)]
    rows = -(-len(cells) // COLUMNS)
    out = Image.new("RGB", (TILE * COLUMNS, (TILE + CAPTION) * rows), (255, 255, 255))
    d = ImageDraw.Draw(out)
    face = ImageFont.truetype(fonts.path_of("DejaVuSansCondensed"), 11)
    for n, (style, which, i) in enumerate(cells):
        rng = np.random.default_rng([SEED, style, cases.MADE.index(which), i])
        make = second_style.make if style else pictures.make
        img, facts = make(rng, *[(320, 256), (288, 288), (256, 320)][i], which)
        data = cases.file_of(img, rng)
        q = _asked(facts)
        said, _ = model.ask([data], q)
        seen, _ = model.ask([data], cases.Question("", "What is in this picture?", ""))
        tile = Image.fromarray(img)
        tile.thumbnail((TILE - 6, TILE - 6), Image.LANCZOS)
        x, y = n % COLUMNS * TILE + 3, n // COLUMNS * (TILE + CAPTION) + 3
        out.paste(tile, (x, y))
        wrong = "" if said == q.truth else f"  [not: {q.truth}]"
        lines = [q.text, f"{said}{wrong}"[:40], seen[:42]]
        for k, line in enumerate(lines):
            fill = (190, 0, 0) if k == 1 and wrong else (0, 0, 0) if k else (110, 110, 110)
            d.text((x, y + TILE - 6 + k * 13), line, font=face, fill=fill)
    return out


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--url", default="http://127.0.0.1:11434")
    parser.add_argument("--model", default="tessera-mini")
    parser.add_argument("--threads", type=int)
    args = parser.parse_args()
    made = sheet(answerers.OllamaModel(args.url, args.model, args.threads))
    made.quantize(192, dither=Image.Dither.NONE).save(args.out, optimize=True)
    print(f"{args.out}: {args.out.stat().st_size:,} bytes")

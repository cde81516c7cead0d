# SPDX-License-Identifier: Apache-2.0
"""What the trained model answers in PyTorch on a CPU: the yardstick for every engine."""

from __future__ import annotations

import math

import numpy as np
import torch
from PIL import Image

import batches
import config
import model
import tokenizer


def engine_size(width: int, height: int) -> tuple[int, int]:
    """The sides the engine resizes a picture to; rounds half to even, as it does."""
    cell, area = config.CELL, width * height
    w, h = round(width / cell) * cell, round(height / cell) * cell
    if w * h > config.MAX_PIXELS:
        beta = math.sqrt(area / config.MAX_PIXELS)
        return math.floor(width / beta / cell) * cell, math.floor(height / beta / cell) * cell
    if w * h < config.MIN_PIXELS:
        beta = math.sqrt(config.MIN_PIXELS / area)
        return math.ceil(width * beta / cell) * cell, math.ceil(height * beta / cell) * cell
    return w, h


def pixels_of(img: Image.Image) -> torch.Tensor:
    """One picture as the model's input, resized by the engine's rule."""
    img = img.convert("RGB")
    size = engine_size(*img.size)
    if size != img.size:
        img = img.resize(size, Image.BILINEAR)
    return torch.from_numpy(np.asarray(img).copy())[None, None]


@torch.no_grad()
def see(net: model.Mini, pixels: torch.Tensor | None) -> tuple:
    """What the model sees in a picture, for any number of questions about it."""
    return net.see(pixels)


@torch.no_grad()
def answer(
    net: model.Mini,
    t: tokenizer.Tokenizer,
    pixels: torch.Tensor | None,
    seen: tuple,
    question: str,
    labels: tuple[str, list[str]] | None = None,
    limit: int = 60,
) -> str:
    """The greedy answer. With a key and its labels, the JSON object that a schema would force, in
    the blanks that training showed."""
    before = torch.tensor(batches.before_ids(t, None))
    asked = t.encode(question + batches.TURN_END)
    out: list[int] = []
    allowed: list[list[int]] = []
    if labels:
        out = t.encode('{"') + t.encode(labels[0] + '": ') + t.encode('"')
        allowed = [t.encode(name) + t.encode('"') for name in labels[1]]
    said: list[int] = []
    while len(said) < limit:
        ids = torch.tensor([asked + out + said])
        place = torch.arange(ids.shape[1])[None]
        hidden = net(pixels, before, ids, torch.ones_like(ids), place, seen)
        scores = net.logits(hidden[0, -1])
        if labels:
            going = [a for a in allowed if a[: len(said)] == said]
            if len(going) == 1:
                return t.decode(out + going[0]) + "}"
            following = sorted({a[len(said)] for a in going})
            said.append(following[int(scores[following].argmax())])
            continue
        token = int(scores.argmax())
        if token == config.IM_END:
            break
        said.append(token)
    return t.decode(said)

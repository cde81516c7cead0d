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
def answer(
    net: model.Mini,
    t: tokenizer.Tokenizer,
    pixels: torch.Tensor | None,
    question: str,
    limit: int = 40,
) -> tuple[str, float]:
    """The greedy answer, and the least gap in nats between the two best tokens on the way."""
    seen = net.see(pixels)
    before = torch.tensor(batches.before_ids(t, None))
    asked = t.encode(question + batches.TURN_END)
    out: list[int] = []
    margin = math.inf
    for _ in range(limit):
        ids = torch.tensor([asked + out])
        place = torch.arange(ids.shape[1])[None]
        hidden = net(pixels, before, ids, torch.ones_like(ids), place, seen)
        scores = net.logits(hidden[0, -1]).log_softmax(-1)
        best = scores.topk(2)
        margin = min(margin, float(best.values[0] - best.values[1]))
        token = int(best.indices[0])
        if token == config.IM_END:
            break
        out.append(token)
    return t.decode(out), margin

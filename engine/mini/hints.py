# SPDX-License-Identifier: Apache-2.0
"""Training's extra lesson in reading: each picture token names the characters within it and their
place in the text. Only training has this head; no file of weights for an engine holds it."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import config

SLOTS = 4  # characters a token can name, in reading order
SYMBOLS = 96  # printable ASCII from its blank on; 0 is none
PLACES = 32
IGNORED = -100
_NONE_WEIGHT = 0.05  # most tokens of a card hold no character


def targets(facts: dict, width: int, height: int) -> np.ndarray:
    """Cells x (SLOTS + 1): characters, then the place of the first one in the text.

    Pictures whose characters nobody noted are left out of the lesson.
    """
    rows, columns = height // config.CELL, width // config.CELL
    out = np.full((rows * columns, SLOTS + 1), IGNORED, np.int16)
    if "glyphs" not in facts:
        return out
    out[:, :SLOTS] = 0
    held: dict[int, list[tuple[int, str]]] = {}
    for x, y, place, c in facts["glyphs"]:
        row, column = int(y // config.CELL), int(x // config.CELL)
        if 0 <= row < rows and 0 <= column < columns:
            held.setdefault(row * columns + column, []).append((place, c))
    for cell, found in held.items():
        found.sort()
        out[cell, SLOTS] = min(found[0][0], PLACES - 1)
        for slot, (_, c) in enumerate(found[:SLOTS]):
            out[cell, slot] = min(max(ord(c) - 32, 0), SYMBOLS - 1)
    return out


class Hints(nn.Module):
    """Reads characters and places off picture tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(config.WIDTH)
        self.out = nn.Linear(config.WIDTH, SLOTS * SYMBOLS + PLACES)
        weight = torch.ones(SYMBOLS)
        weight[0] = _NONE_WEIGHT
        self.register_buffer("weight", weight, False)

    def loss(self, seen: torch.Tensor, want: torch.Tensor) -> torch.Tensor:
        """seen: N x WIDTH picture tokens; want: what targets() says of each."""
        said = self.out(self.norm(seen.float())).float()
        letters = said[:, : SLOTS * SYMBOLS].reshape(-1, SYMBOLS)
        lettering = F.cross_entropy(letters, want[:, :SLOTS].reshape(-1), weight=self.weight)
        placing = F.cross_entropy(
            said[:, SLOTS * SYMBOLS :], want[:, SLOTS], ignore_index=IGNORED, reduction="sum"
        )
        # A batch may hold no character at all.
        return lettering + 0.3 * placing / (want[:, SLOTS] != IGNORED).sum().clamp(min=1)

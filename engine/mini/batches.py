# SPDX-License-Identifier: Apache-2.0
"""Endless training batches: one picture size a batch, several questions a picture, packed."""

from __future__ import annotations

import dataclasses
import math
import os
import sys
import time

import cv2
import numpy as np
import torch

import answers
import config
import hints
import questions
import tokenizer
import wordings
from drawing import pictures

ASPECTS = [1, 1, 4 / 3, 4 / 3, 4 / 3, 3 / 2, math.sqrt(2), 16 / 9, 2, 1.2]
TURN_END = "<|im_end|>\n<|im_start|>assistant\n"
NEXT_TURN = "\n<|im_start|>user\n"


@dataclasses.dataclass
class Batch:
    """Some conversations about some pictures of one size.

    pixels is B,K,H,W,3 uint8 or None; packs are alternatives as pack() gives them; spelled is what
    hints.targets() gives, for the picture tokens at the flat places `cells` of the whole batch.
    """

    pixels: torch.Tensor | None
    before: torch.Tensor
    packs: list[tuple[torch.Tensor, ...]]
    spelled: torch.Tensor | None = None
    cells: torch.Tensor | None = None
    seen: tuple | None = None  # what the vision tower made of pixels, where that does not change

    @property
    def count(self) -> int:
        """Rows of pictures."""
        return 0 if self.pixels is None else self.pixels.shape[0]

    def to(self, device: str) -> Batch:
        """A copy on that device."""
        move = lambda t: None if t is None else t.to(device, non_blocking=True)
        packs = [tuple(move(t) for t in pack) for pack in self.packs]
        rest = (move(t) for t in (self.spelled, self.cells))
        return Batch(move(self.pixels), move(self.before), packs, *rest)

    def used_by(self, stream: torch.cuda.Stream) -> None:
        """Keeps the memory of a copy made on another stream until that stream is done with it."""
        single = [self.pixels, self.before, self.spelled, self.cells]
        for t in single + [t for pack in self.packs for t in pack]:
            if t is not None:
                t.record_stream(stream)


def side_lengths(rng: np.random.Generator, small: bool) -> tuple[int, int]:
    """A width and height that the engine leaves alone."""
    while True:
        sides = np.arange(256, 416 if small else 800, 32)
        weight = 1 / sides**1.5
        long = int(sides[rng.choice(len(sides), p=weight / weight.sum())])
        short = max(64, round(long / ASPECTS[rng.integers(len(ASPECTS))] / 32) * 32)
        if long * short >= config.MIN_PIXELS:
            return (long, short) if rng.random() < 0.55 else (short, long)


def before_ids(t: tokenizer.Tokenizer, system: str | None) -> list[int]:
    """The ids in front of the pictures."""
    lead = f"<|im_start|>system\n{system}<|im_end|>\n" if system else ""
    return t.encode(lead + "<|im_start|>user\n")


def row_ids(
    t: tokenizer.Tokenizer, exchanges: list[answers.Exchange]
) -> tuple[list[int], list[int]]:
    """A conversation's ids and, for each, the id to predict there (-100 where nothing is learnt)."""
    ids: list[int] = []
    learnt: list[bool] = []

    def put(more: list[int], learn: bool) -> None:
        ids.extend(more)
        learnt.extend([learn] * len(more))

    for i, exchange in enumerate(exchanges):
        put(t.encode((NEXT_TURN if i else "") + exchange.question + TURN_END), False)
        for s in exchange.answer:
            put(t.spell(s.text) if s.spelled else t.encode(s.text), s.learnt)
        put([config.IM_END], True)
    want = [n if l else -100 for n, l in zip(ids[1:], learnt[1:])] + [-100]
    return ids, want


def pack(rows: list[list[tuple[list[int], list[int]]]]) -> tuple[torch.Tensor, ...]:
    """One packed row a picture from its conversations, padded to a common multiple of 8.

    Gives B x T ids, question numbers, places within the question and ids to predict, then the flat
    places of what is learnt and the ids there, so that a GPU need not be asked for them.
    """
    length = max(sum(len(ids) for ids, _ in row) for row in rows)
    length = math.ceil(length / 8) * 8
    shape = (len(rows), length)
    after = np.full(shape, config.END_OF_TEXT, np.int64)
    segment, place = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    want = np.full(shape, -100, np.int64)
    for r, row in enumerate(rows):
        at = 0
        for number, (ids, expected) in enumerate(row, 1):
            end = at + len(ids)
            after[r, at:end], want[r, at:end] = ids, expected
            segment[r, at:end], place[r, at:end] = number, np.arange(len(ids))
            at = end
    learnt = np.flatnonzero(want != -100)
    made = (after, segment, place, want, learnt, want.reshape(-1)[learnt])
    return tuple(torch.from_numpy(a) for a in made)


def _conversation(
    rng: np.random.Generator, t: tokenizer.Tokenizer, row: list[dict]
) -> tuple[list[int], list[int]]:
    """One or two questions about the pictures of one message, as ids."""
    turns = 2 if rng.random() < 0.1 else 1
    if len(row) > 1:
        return row_ids(t, [questions.ask_several(rng, row) for _ in range(turns)])
    if rng.random() < 0.004:
        asked = wordings.HOW_MANY_Q[rng.integers(len(wordings.HOW_MANY_Q))]
        return row_ids(t, [answers.Exchange("how many", asked, [answers.Segment("1")])])
    return row_ids(t, [questions.ask(rng, row[0]) for _ in range(turns)])


def _row(
    rng: np.random.Generator, t: tokenizer.Tokenizer, row: list[dict], room: int
) -> list[tuple[list[int], list[int]]]:
    """Conversations about one row of pictures, as many as fit."""
    out = [_conversation(rng, t, row)]
    free = room - len(out[0][0])
    for _ in range(8):
        one = _conversation(rng, t, row)
        if len(one[0]) <= free:
            out.append(one)
            free -= len(one[0])
        if free < 24:
            break
    return out


def batch(
    rng: np.random.Generator,
    t: tokenizer.Tokenizer,
    small: bool,
    patches: int,
    room: int,
    packs: int = 2,
    part: str = "long",
) -> Batch:
    """A batch of about that many patches, with about `room` tokens of questions a picture."""
    draw = rng.random()
    count = 0 if draw < 0.015 else 1 if draw < 0.92 else 2 if draw < 0.975 else 3
    system = wordings.SYSTEMS[rng.integers(len(wordings.SYSTEMS))]
    before = torch.tensor(before_ids(t, system if rng.random() < 0.2 else None))
    if count == 0:
        talks = [[row_ids(t, [questions.ask_nothing(rng)]) for _ in range(4)] for _ in range(64)]
        return Batch(None, before, [pack(talks)])
    width, height = side_lengths(rng, small or count > 1)
    n = max(1, min(320, patches // (width * height // config.PATCH**2 * count)))
    pixels = np.empty((n, count, height, width, 3), np.uint8)
    facts, spelled = [], []
    for i in range(n):
        row = []
        for k in range(count):
            pixels[i, k], f = pictures.make_seen(rng, width, height, part=part)
            row.append(f)
        facts.append(row)
        if count == 1:
            spelled.append(hints.targets(row[0], width, height))
    made = [pack([_row(rng, t, row, room) for row in facts]) for _ in range(packs)]
    if not spelled:
        return Batch(torch.from_numpy(pixels), before, made)
    told = np.concatenate(spelled).astype(np.int64)
    cells = np.flatnonzero(told[:, 0] != hints.IGNORED)
    return Batch(
        torch.from_numpy(pixels),
        before,
        made,
        torch.from_numpy(told[cells]),
        torch.from_numpy(cells),
    )


class Stream(torch.utils.data.IterableDataset):
    """Batches from a worker's own seed; mostly small pictures until that wall-clock time."""

    def __init__(
        self, seed: list[int], patches: int, room: int, small_until: float, part: str
    ) -> None:
        self.seed, self.patches, self.room = seed, patches, room
        self.small_until, self.part = small_until, part

    def __iter__(self):
        torch.set_num_threads(1)
        os.nice(5)
        info = torch.utils.data.get_worker_info()
        rng = np.random.default_rng([*self.seed, info.id if info else 0])
        t = tokenizer.load()
        while True:
            small = rng.random() < (0.85 if time.time() < self.small_until else 0.6)
            try:
                made = batch(rng, t, small, self.patches, self.room, part=self.part)
            except (ValueError, IndexError, KeyError, cv2.error) as error:
                # One odd drawing among a million must not end a training.
                print(f"batch skipped: {error!r}", file=sys.stderr, flush=True)
                continue
            yield made

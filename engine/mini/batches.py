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

import config
import questions
import tokenizer
from drawing import pictures

ASPECTS = [1, 1, 4 / 3, 4 / 3, 4 / 3, 3 / 2, math.sqrt(2), 16 / 9, 2, 1.2]
TURN_END = "<|im_end|>\n<|im_start|>assistant\n"
NEXT_TURN = "\n<|im_start|>user\n"


@dataclasses.dataclass
class Batch:
    """pixels is B,K,H,W,3 uint8 or None; packs are alternative (after, segment, place, want)."""

    pixels: torch.Tensor | None
    before: torch.Tensor
    packs: list[tuple[torch.Tensor, ...]]


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
    t: tokenizer.Tokenizer, exchanges: list[questions.Exchange]
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
    """One packed row a picture from its conversations, padded to a common multiple of 8."""
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
    return tuple(torch.from_numpy(a) for a in (after, segment, place, want))


def batch(
    rng: np.random.Generator,
    t: tokenizer.Tokenizer,
    small: bool,
    patches: int,
    asked: int,
    packs: int = 2,
) -> Batch:
    """A batch of about that many patches; `asked` conversations a picture in each pack."""
    draw = rng.random()
    count = 0 if draw < 0.02 else 1 if draw < 0.9 else 2 if draw < 0.97 else 3
    system = questions.SYSTEMS[rng.integers(len(questions.SYSTEMS))]
    before = torch.tensor(before_ids(t, system if rng.random() < 0.2 else None))
    if count == 0:
        talks = [
            [row_ids(t, [questions.ask_nothing(rng)]) for _ in range(asked)] for _ in range(64)
        ]
        return Batch(None, before, [pack(talks)])
    width, height = side_lengths(rng, small or count > 1)
    n = max(1, min(384, patches // (width * height // config.PATCH**2 * count)))
    pixels = np.empty((n, count, height, width, 3), np.uint8)
    facts = []
    for i in range(n):
        row = []
        for k in range(count):
            pixels[i, k], f = pictures.make_seen(rng, width, height)
            row.append(f)
        facts.append(row)

    def conversation(row: list[dict]) -> tuple[list[int], list[int]]:
        turns = 2 if rng.random() < 0.12 else 1
        if len(row) == 1:
            talk = [questions.ask(rng, row[0]) for _ in range(turns)]
            if rng.random() < 0.004:
                words = ["How many pictures are there?", "How many pictures do you see?"]
                talk = [
                    questions.Exchange(
                        "how many pictures", questions.pick(rng, words), [questions.Segment("1")]
                    )
                ]
        else:
            talk = [questions.ask_several(rng, row) for _ in range(turns)]
        return row_ids(t, talk)

    made = [
        pack([[conversation(row) for _ in range(asked)] for row in facts]) for _ in range(packs)
    ]
    return Batch(torch.from_numpy(pixels), before, made)


class Stream(torch.utils.data.IterableDataset):
    """Batches from a worker's own seed; mostly small pictures until that wall-clock time."""

    def __init__(self, seed: int, patches: int, asked: int, small_until: float) -> None:
        self.seed, self.patches, self.asked, self.small_until = seed, patches, asked, small_until

    def __iter__(self):
        torch.set_num_threads(1)
        os.nice(5)
        info = torch.utils.data.get_worker_info()
        rng = np.random.default_rng([self.seed, info.id if info else 0])
        t = tokenizer.load()
        while True:
            small = rng.random() < (0.85 if time.time() < self.small_until else 0.65)
            try:
                made = batch(rng, t, small, self.patches, self.asked)
            except (ValueError, IndexError, KeyError, cv2.error) as error:
                # One odd drawing among a million must not end a training.
                print(f"batch skipped: {error!r}", file=sys.stderr, flush=True)
                continue
            yield made

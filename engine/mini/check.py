# SPDX-License-Identifier: Apache-2.0
"""Scores a model in PyTorch, many pictures at once, on seeds that training never uses."""

from __future__ import annotations

import collections
import time

import numpy as np
import torch

import answers
import batches
import config
import model
import questions
import tokenizer
from drawing import pictures

SEED = 999


def _held_out(index: int) -> tuple[batches.Batch, list[list[answers.Exchange]]]:
    torch.set_num_threads(1)
    rng, t = np.random.default_rng([SEED, index]), tokenizer.load()
    width, height = batches.side_lengths(rng, False)
    count = max(1, 16384 // (width * height // config.PATCH**2))
    pixels, rows, asked = np.empty((count, 1, height, width, 3), np.uint8), [], []
    for i in range(count):
        # Varied cards are a lesson, not a task.
        which = "card" if rng.random() < 0.3 else None
        facts = {"glyphs": [], "texts": {}}
        while "glyphs" in facts and not facts["texts"]:
            pixels[i, 0], facts = pictures.make_seen(rng, width, height, which)
        # What a schema forces needs an engine's grammar.
        drawn = [questions.ask(rng, facts) for _ in range(9)]
        asked.append([e for e in drawn if e.form != "forced"])
        rows.append([batches.row_ids(t, [e]) for e in asked[-1]])
    before = torch.tensor(batches.before_ids(t, None))
    return batches.Batch(torch.from_numpy(pixels), before, [batches.pack(rows)]), asked


def check(
    net: model.Mini, device: str, pool, count: int, seconds: float, show: int = 40
) -> dict[str, list[int]]:
    """Right answers (every learnt token the likeliest) and answers, by task and form."""
    net.eval()
    score: dict[str, list[int]] = collections.defaultdict(lambda: [0, 0])
    wrong: collections.Counter = collections.Counter()
    t, start = tokenizer.load(), time.time()
    for b, asked in pool.imap_unordered(_held_out, range(count)):
        b = b.to(device)
        after, segment, place, want = b.packs[0][:4]
        kind = "cuda" if after.is_cuda else "cpu"
        with torch.no_grad(), torch.autocast(kind, torch.bfloat16, enabled=kind == "cuda"):
            said = net.logits(net(b.pixels, b.before, after, segment, place)).argmax(-1)
        right = ((said == want) | (want == -100)).cpu()
        said, segment, want = said.cpu(), segment.cpu(), want.cpu()
        for r, exchanges in enumerate(asked):
            for n, e in enumerate(exchanges, 1):
                mine = segment[r] == n
                ok = bool(right[r][mine].all())
                entry = score[f"{e.task} {e.form}"]
                entry[0] += ok
                entry[1] += 1
                if not ok and e.form == "plain":
                    answer = t.decode(said[r][mine & (want[r] != -100)].tolist())
                    wrong[e.task, e.text[:40], answer[:40]] += 1
        if time.time() - start > seconds:
            break
    for (task, truth, answer), n in wrong.most_common(show):
        print(f"  wrong {n}x {task}: {truth!r} -> {answer!r}")
    return dict(score)

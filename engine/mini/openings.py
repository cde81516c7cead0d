# SPDX-License-Identifier: Apache-2.0
"""Settles how an answer opens that a grammar forces to be JSON. Run once after training; a CPU does.

    openings.py weights.npz settled.npz

A grammar lets such an answer begin with the token "{" or with '{"'. Plain answers begin with
neither, so training says nothing about which of these two hopeless tokens is less hopeless, but only
the second was ever followed by a key. No answer holds the first one alone. Its row of the head is
therefore fitted here so that it scores below '{"' where an answer begins, and below the best token
everywhere else. No other score changes.
"""

from __future__ import annotations

import argparse
import pathlib

import numpy as np
import torch

import batches
import model
import tokenizer
import weights

SEED = 78
BEGINNINGS = 1000
KEYED_MARGIN, BEST_MARGIN = 8.0, 12.0
STEPS = 1200


@torch.no_grad()
def states(net: model.Mini, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Hidden states of about that many beginnings of answers, and of every learnt place in them."""
    rng, t = np.random.default_rng(SEED), tokenizer.load()
    end, first, learnt, got = torch.tensor(t.encode(batches.TURN_END)), [], [], 0
    while got < count:
        b = batches.batch(rng, t, True, 2048, 130, packs=1, part="last")
        after, segment, place, want = b.packs[0][:4]
        hidden = net(b.pixels, b.before, after, segment, place)
        asked = (after.unfold(1, len(end), 1) == end).all(-1)
        first.append(hidden[:, len(end) - 1 :][asked])
        learnt.append(hidden[want != -100][::2])
        got += len(first[-1])
    return torch.cat(first), torch.cat(learnt)


def fitted(
    row: torch.Tensor, keyed: torch.Tensor, head: torch.Tensor, first, learnt
) -> torch.Tensor:
    """The row, moved until it keeps both margins, as nearly as there is such a row."""
    row = row.clone().requires_grad_()
    below_keyed = first @ keyed - KEYED_MARGIN
    below_best = (learnt @ head.T).max(-1).values - BEST_MARGIN
    steps = torch.optim.Adam([row], lr=0.02)
    for _ in range(STEPS):
        over = torch.relu(first @ row - below_keyed).mean()
        over = over + torch.relu(learnt @ row - below_best).mean()
        steps.zero_grad()
        over.backward()
        steps.step()
    return row.detach()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=pathlib.Path)
    parser.add_argument("settled", type=pathlib.Path)
    args = parser.parse_args()
    net = weights.load(args.weights).eval().requires_grad_(False)
    vocabulary = tokenizer.load().tokens
    bare, keyed = vocabulary.index("{"), vocabulary.index('{"')
    first, learnt = states(net, BEGINNINGS)
    a, b = len(first) * 3 // 4, len(learnt) * 3 // 4

    def report(when: str) -> None:
        begun = first[a:] @ net.head[[bare, keyed]].T
        others = net.head.clone()
        others[bare] = 0
        best = (learnt[b:] @ others.T).max(-1).values - learnt[b:] @ net.head[bare]
        print(
            f"{when}: above '{{\"' at {(begun[:, 0] > begun[:, 1]).float().mean():.4f} of the "
            f"beginnings, the best token at {(best < 0).float().mean():.5f} of all places"
        )

    report("before")
    net.head[bare] = fitted(net.head[bare], net.head[keyed], net.head, first[:a], learnt[:b])
    report("after")
    weights.save(net, args.settled)


if __name__ == "__main__":
    main()

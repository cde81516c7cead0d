# SPDX-License-Identifier: Apache-2.0
"""Learns tokenizer.json from the questions. Changing it makes every earlier weight file useless."""

from __future__ import annotations

import json

import numpy as np

import questions
import tokenizer
import wordings
from drawing import pictures


def corpus(count: int = 3000, asked: int = 14) -> list[str]:
    """Questions and unspelled answers, as training shows them."""
    rng = np.random.default_rng(0)
    texts = ["user\n", "assistant\n", "system\n"] * 500
    for _ in range(count):
        _, facts = pictures.make(rng, 128, 128)
        for exchange in [questions.ask(rng, facts) for _ in range(asked)]:
            texts.append(exchange.question)
            texts += [s.text for s in exchange.answer if not s.spelled]
    for _ in range(1500):
        exchange = questions.ask_nothing(rng)
        texts += [exchange.question, exchange.text]
    for system in wordings.SYSTEMS:
        texts += [system] * 40
    return texts


if __name__ == "__main__":
    made = tokenizer.build(corpus())
    text = json.dumps(made, indent=0, ensure_ascii=False)
    tokenizer.FILE.write_text(text + "\n")
    print(f"{len(made['merges'])} merges, {len(set(made['tokens']))} different tokens")

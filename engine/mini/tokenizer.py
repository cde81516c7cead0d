# SPDX-License-Identifier: Apache-2.0
"""Byte-level BPE: 256 byte symbols, three special tokens, then merges learnt from the questions.

Splitting and byte symbols are those of the engine, so a prompt gives the same ids here and there.
"""

from __future__ import annotations

import json
import pathlib
from collections import Counter
from collections.abc import Iterable

import regex

import config

# The engine's split expression for this architecture.
SPLIT = regex.compile(
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
SPECIAL = {
    "<|endoftext|>": config.END_OF_TEXT,
    "<|im_start|>": config.IM_START,
    "<|im_end|>": config.IM_END,
}
_SPECIAL_SPLIT = regex.compile("(" + "|".join(regex.escape(s) for s in SPECIAL) + ")")
FILE = pathlib.Path(__file__).with_name("tokenizer.json")


def symbol(byte: int) -> str:
    """The printable character that stands for a byte."""
    if byte == 0xAD:
        return chr(0x143)
    if byte <= 0x20:
        return chr(byte + 0x100)
    if 0x7F <= byte <= 0xA0:
        return chr(byte + 0xA2)
    return chr(byte)


def learn(texts: Iterable[str], count: int) -> list[tuple[str, str]]:
    """Plain BPE over pre-split words; ties go to the greater pair."""
    seen: Counter[tuple[str, ...]] = Counter()
    for text in texts:
        for piece in SPLIT.findall(text):
            seen[tuple(symbol(b) for b in piece.encode())] += 1
    pieces = [[list(k), n] for k, n in seen.items()]
    merges: list[tuple[str, str]] = []
    while len(merges) < count:
        pairs: Counter[tuple[str, str]] = Counter()
        for parts, n in pieces:
            for pair in zip(parts, parts[1:]):
                pairs[pair] += n
        if not pairs:
            break
        best = max(pairs, key=lambda p: (pairs[p], p))
        if pairs[best] < 2:
            break
        merges.append(best)
        for parts, _ in pieces:
            i = 0
            while i < len(parts) - 1:
                if (parts[i], parts[i + 1]) == best:
                    parts[i : i + 2] = [parts[i] + parts[i + 1]]
                i += 1
    return merges


class Tokenizer:
    """Text to ids and back. Not thread-safe (it memorises words)."""

    def __init__(self, tokens: list[str], merges: list[str]) -> None:
        self.tokens, self.merges = tokens, merges
        self._ids = {t: i for i, t in enumerate(tokens)}
        self._rank = {tuple(m.split(" ")): i for i, m in enumerate(merges)}
        self._bytes = {symbol(b): b for b in range(256)}
        self._memory: dict[str, list[int]] = {}

    def _piece(self, piece: str) -> list[int]:
        known = self._memory.get(piece)
        if known is not None:
            return known
        parts = [symbol(b) for b in piece.encode()]
        whole = self._ids.get("".join(parts))
        if whole is not None:
            ids = [whole]
        else:
            while len(parts) > 1:
                ranks = [self._rank.get(pair, 1 << 30) for pair in zip(parts, parts[1:])]
                best = min(ranks)
                if best == 1 << 30:
                    break
                i = ranks.index(best)
                parts[i : i + 2] = [parts[i] + parts[i + 1]]
            ids = [self._ids[p] for p in parts]
        if len(self._memory) < 100_000:
            self._memory[piece] = ids
        return ids

    def encode(self, text: str) -> list[int]:
        """The ids the engine would give."""
        out: list[int] = []
        for part in _SPECIAL_SPLIT.split(text):
            if part in SPECIAL:
                out.append(SPECIAL[part])
            else:
                for piece in SPLIT.findall(part):
                    out += self._piece(piece)
        return out

    def spell(self, text: str) -> list[int]:
        """One id per byte: how the model writes down what it reads."""
        return [self._ids[symbol(b)] for b in text.encode()]

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ids; special tokens are left out."""
        out = bytearray()
        for i in ids:
            if i not in (config.END_OF_TEXT, config.IM_START, config.IM_END):
                out += bytes(self._bytes[c] for c in self.tokens[i])
        return out.decode(errors="replace")


def build(texts: Iterable[str]) -> dict:
    """A tokenizer file's contents, with exactly config.VOCABULARY tokens."""
    tokens = [symbol(b) for b in range(256)] + list(SPECIAL)
    merges = learn(texts, config.VOCABULARY - len(tokens))
    tokens += [a + b for a, b in merges]
    tokens += [f"[spare{i}]" for i in range(len(tokens), config.VOCABULARY)]
    return {"tokens": tokens, "merges": [f"{a} {b}" for a, b in merges]}


def load(path: pathlib.Path = FILE) -> Tokenizer:
    """The tokenizer kept beside this file."""
    kept = json.loads(path.read_text())
    return Tokenizer(kept["tokens"], kept["merges"])

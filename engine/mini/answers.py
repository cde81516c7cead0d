# SPDX-License-Identifier: Apache-2.0
"""Answers in their three forms: plain words, JSON that is asked for, JSON that a schema forces.

An answer is a list of segments. A segment that is not learnt stands in the context only: it is what
a grammar will have forced by then, so the model learns how to go on after it but never to begin
with it. That is why JSON nobody asked for does not leak into plain answers.
"""

from __future__ import annotations

import dataclasses
import json

from drawing.basics import Rng, pick, word
from wordings import (
    AS_JSON,
    AS_JSON_KEY,
    AS_JSON_KEYS,
    CONFIDENCE_KEYS,
    EXTRA,
    LIST_Q,
    LIST_TAIL,
    SHORT,
)


@dataclasses.dataclass(frozen=True)
class Segment:
    """A piece of an answer; spelled pieces are written one byte a token."""

    text: str
    learnt: bool = True
    spelled: bool = False


@dataclasses.dataclass(frozen=True)
class Exchange:
    """One question with its answer; form is plain, json (asked for) or forced (by a schema)."""

    task: str
    question: str
    answer: list[Segment]
    form: str = "plain"

    @property
    def text(self) -> str:
        """The whole answer."""
        return "".join(s.text for s in self.answer)


def separated(rng: Rng, names: list[str], form: str) -> str:
    if form.endswith("\n{}"):
        return "\n".join(f"- {n}" for n in names)
    if rng.random() < 0.15 and len(names) > 1:
        return ", ".join(names[:-1]) + " or " + names[-1]
    if rng.random() < 0.1:
        return ", ".join(f'"{n}"' for n in names)
    return pick(rng, [", ", ", ", ", ", " / ", " or ", "|", "; "]).join(names)


def options(rng: Rng, truth: str, universe: list[str], strangers: list[str]) -> list[str]:
    """Some of the universe, the truth among them, perhaps with labels that never fit, shuffled."""
    names = [n for n in universe if n != truth]
    if rng.random() < 0.55:
        low = min(1, len(names))
        keep = int(rng.integers(low, len(names) + 1)) if names else 0
        names = [names[i] for i in rng.permutation(len(names))[:keep]]
    if rng.random() < 0.25:
        more = [s for s in strangers if s != truth]
        names += [more[i] for i in rng.permutation(len(more))[: int(rng.integers(1, 5))]]
    names.append(truth)
    return [names[i] for i in rng.permutation(len(names))]


def value(text: str, spelled: bool = False) -> list[Segment]:
    """A JSON string value."""
    return [Segment('"'), Segment(text, spelled=spelled), Segment('"')]


def forced_key(rng: Rng, key: str, first: bool = True) -> list[Segment]:
    """A key that a grammar forces. What comes before it is not learnt, so that nothing plain begins
    like it; the key and the blank behind it are, or the engine would pick blanks never seen here.
    """
    begin = '{"' if first else ', "'
    if rng.random() < 0.1:
        blank = pick(rng, ['":', '" : ', '":\n  ', '" :', '":  '])
        return [Segment(begin + key + blank, learnt=False)]
    return [Segment(begin, learnt=False), Segment(f'{key}": ')]


def dressed(
    rng: Rng,
    task: str,
    question: str,
    truth: str,
    key: str,
    *,
    number: bool = False,
    spelled: bool = False,
    extra: tuple[str, str] | None = None,
) -> Exchange:
    """The exchange in plain words, as JSON that is asked for, or as JSON that a schema forces."""
    if rng.random() < 0.35 and not spelled:
        question += pick(rng, SHORT)
    draw = rng.random()
    if draw < (0.7 if spelled else 0.55):
        return Exchange(task, question, [Segment(truth, spelled=spelled)])
    body = [Segment(truth)] if number else value(truth, spelled)
    two = rng.random() < 0.3
    second: list[Segment] = []
    names = [key]
    if two:
        if extra and rng.random() < 0.6:
            names.append(extra[0])
            tail = value(extra[1])
        elif rng.random() < 0.8:
            names.append(pick(rng, CONFIDENCE_KEYS))
            tail = [Segment("0.95")]
        else:
            names.append("count")
            tail = [Segment("1")]
        second = [*forced_key(rng, names[1], first=False), *tail]
    if draw < (0.85 if spelled else 0.80):
        if two or rng.random() < 0.3:
            listed = " and ".join(names)
            question += pick(rng, AS_JSON_KEYS if two else AS_JSON_KEY).format(listed)
            if two:
                second = [Segment(f', "{names[1]}": '), *tail]
            head = Segment(f'{{"{key}": ')
        elif key in ("text", "direction"):
            question += pick(rng, AS_JSON_KEY).format(key)
            head = Segment(f'{{"{key}": ')
        else:
            question += pick(rng, AS_JSON)
            # Every plain request for JSON gets the one key; a schema forces any other.
            head = Segment('{"label": ')
        return Exchange(task, question, [head, *body, *second, Segment("}")], "json")
    # A schema asks for JSON with any key; a third of the prompts that carry one say so in words.
    if rng.random() < 0.35:
        question += pick(rng, AS_JSON)
    if rng.random() < 0.3:
        key = pick(rng, ["label", "kind", "category", "class", "type", "answer", "result", "value"])
    elif rng.random() < 0.1:
        key = word(rng)
    if not two and not number and rng.random() < 0.2:
        head = forced_key(rng, key + "s")
        return Exchange(
            task, question, [*head, Segment("["), *body, Segment("]"), Segment("}")], "forced"
        )
    head = forced_key(rng, key)
    return Exchange(task, question, [*head, *body, *second, Segment("}")], "forced")


def chosen(
    rng: Rng, task: str, wordings: list[str], truth: str, universe: list[str], key: str, **more
) -> Exchange:
    """A question whose answer is one of a universe, with or without the options spelled out."""
    if rng.random() < 0.35:
        return dressed(rng, task, pick(rng, wordings), truth, key, **more)
    names = options(rng, truth, universe, EXTRA if task == "kind" else [])
    form = pick(rng, LIST_Q) if task == "kind" and rng.random() < 0.5 else None
    if form is None:
        tail = pick(rng, LIST_TAIL)
        question = pick(rng, wordings) + tail.format(separated(rng, names, tail))
    else:
        question = form.format(separated(rng, names, form))
    return dressed(rng, task, question, truth, key, **more)


def array(rng: Rng, task: str, question: str, key: str, values: list[str]) -> Exchange:
    """A list of strings as JSON, asked for or forced."""
    body = [Segment(json.dumps(values))]
    if rng.random() < 0.5:
        question += pick(rng, AS_JSON_KEY).format(key)
        return Exchange(task, question, [Segment(f'{{"{key}": '), *body, Segment("}")], "json")
    head = forced_key(rng, key)
    return Exchange(task, question, [*head, *body, Segment("}")], "forced")

# SPDX-License-Identifier: Apache-2.0
"""Questions and answers about a picture's facts, about several pictures, and about none."""

from __future__ import annotations

import json

from answers import (
    Exchange,
    Segment,
    array,
    chosen,
    dressed,
    forced_key,
    options,
    separated,
    value,
)
from drawing.basics import (
    CHARTS,
    COLOURS,
    DOCUMENTS,
    KINDS,
    NONE,
    Rng,
    SCENES,
    SCREENS,
    SHAPES,
    TURNS,
    pick,
)
from wordings import (
    AS_JSON_KEYS,
    CHART_Q,
    COLOUR_Q,
    COUNT_OF_Q,
    COUNT_Q,
    DESCRIBE_Q,
    DIRECTION_Q,
    DOCUMENT_Q,
    EXTRA,
    FIELD_Q,
    GROUND_Q,
    HOW_MANY_Q,
    KIND_Q,
    LIST_TAIL,
    NONE_NAMES,
    NO_PICTURE,
    NUMBERS,
    ORDINALS,
    READ_Q,
    SCENE_Q,
    SCREEN_Q,
    SHAPE_Q,
    SHORT,
    SIDE_Q,
    SMALL_TALK,
    TURN_Q,
    UNKNOWN,
    UNKNOWN_Q,
)


def plural(name: str) -> str:
    """The plural of a shape's name."""
    return {"cross": "crosses"}.get(name, name + "s")


def article(text: str) -> str:
    """The text with its indefinite article."""
    return ("an " if text[0] in "aeiou" else "a ") + text


def describe(f: dict) -> str:
    """One phrase that names the kind and what is known beyond it."""
    kind = f["kind"]
    if kind == "document":
        if "type" not in f:
            return "a document with a short text"
        return f"a document: {article(f['type'])}"
    if kind == "photo":
        return f"a photo of {SCENES[f['type']]}"
    if kind == "chart":
        return f"a chart: {article(CHARTS[f['type']])}"
    if kind == "screenshot":
        return f"a screenshot of {SCREENS[f['type']]}" if "type" in f else "a screenshot of windows"
    if kind == "handwriting":
        return "handwriting on paper"
    if kind is None:
        plain = f["type"] == "plain"
        return (
            f"a plain {f['background']} area"
            if plain
            else {"noise": "noise"}.get(f["type"], "a pattern")
        )
    items = f["items"]
    shapes, colours = {i[0] for i in items}, {i[1] for i in items}
    name, colour = items[0][:2]
    tail = f" on {article(f['background'])} background"
    count = len(items)
    if count == 1:
        return f"a shape: {article(f'{colour} {name}')}{tail}"
    if len(shapes) == 1 and len(colours) == 1:
        return f"shapes: {NUMBERS[count]} {colour} {plural(name)}{tail}"
    if len(shapes) == 1:
        return f"shapes: {NUMBERS[count]} {plural(name)} in different colours{tail}"
    if len(colours) == 1:
        return f"shapes: {NUMBERS[count]} different {colour} shapes{tail}"
    return f"shapes: {NUMBERS[count]} different shapes{tail}"


def kind_question(rng: Rng, f: dict) -> Exchange:
    """Which kind of picture it is; sometimes the right answer is that none of the labels fits."""
    truth, extra = f["kind"], ("reason", describe(f)) if "texts" not in f else None
    if truth is None or rng.random() < 0.06:
        none = pick(rng, NONE_NAMES)
        others = [k for k in KINDS + EXTRA[:8] if k != truth]
        if truth is None and rng.random() < 0.25:
            return dressed(rng, "none", pick(rng, KIND_Q), NONE, "label")
        names = [others[i] for i in rng.permutation(len(others))[: int(rng.integers(1, 6))]]
        names = [*names, none]
        names = [names[i] for i in rng.permutation(len(names))]
        tail = pick(rng, LIST_TAIL)
        question = pick(rng, KIND_Q) + tail.format(separated(rng, names, tail))
        return dressed(rng, "none", question, none, "label")
    universe = KINDS if rng.random() < 0.6 else KINDS[:4]
    if truth not in universe:
        universe = KINDS
    if rng.random() < 0.2:
        universe = [*universe, pick(rng, NONE_NAMES)]
    return chosen(rng, "kind", KIND_Q, truth, universe, "label", extra=extra)


def _yes_no(rng: Rng, f: dict) -> Exchange:
    truth = f["kind"] or "pattern"
    asked = truth if rng.random() < 0.5 else pick(rng, KINDS)
    question = pick(rng, ["Is this {}?", "Is it {}?", "Does the picture show {}?"])
    yes = asked == truth
    question = question.format("handwriting" if asked == "handwriting" else article(asked))
    draw = rng.random()
    if draw < 0.6:
        return Exchange("yes or no", question, [Segment("yes" if yes else "no")])
    head = forced_key(rng, pick(rng, ["answer", f"is_{asked}", "result", "match"]))
    truth = "true" if yes else "false"
    return Exchange("yes or no", question, [*head, Segment(truth), Segment("}")], "forced")


def _shape_fields(rng: Rng, f: dict) -> Exchange:
    """Several facts about one figure, or all figures, as one JSON object."""
    items = f["items"]
    if len(items) == 1:
        name, colour = items[0][:2]
        pairs = [("shape", name), (pick(rng, ["colour", "color"]), colour)]
        if rng.random() < 0.4:
            pairs.append(("background", f["background"]))
        pairs = [pairs[i] for i in rng.permutation(len(pairs))]
        question = pick(rng, ["Which shape is it, and in which colour?", "Describe the shape."])
        asked = rng.random() < 0.5
        if asked:
            question += pick(rng, AS_JSON_KEYS).format(", ".join(k for k, _ in pairs))
        answer: list[Segment] = []
        for i, (k, v) in enumerate(pairs):
            told = [Segment(("{" if i == 0 else ", ") + f'"{k}": ')]
            answer += [*(told if asked else forced_key(rng, k, i == 0)), *value(v)]
        return Exchange("fields", question, [*answer, Segment("}")], "json" if asked else "forced")
    if len(items) <= 3 and rng.random() < 0.5:
        ordered = sorted(items, key=lambda i: i[2])
        rows = [{"shape": s, "colour": c} for s, c, *_ in ordered]
        question = "List the shapes from left to right."
        body = [Segment(json.dumps(rows)), Segment("}")]
        return Exchange("list", question, [*forced_key(rng, "items"), *body], "forced")
    if rng.random() < 0.5:
        seen = [c for c in COLOURS if any(i[1] == c for i in items)]
        return array(rng, "colours", "Which colours do the shapes have?", "colours", seen)
    seen = [s for s in SHAPES if any(i[0] == s for i in items)]
    return array(rng, "shapes", "Which shapes are there?", "shapes", seen)


def _read(rng: Rng, f: dict) -> Exchange:
    key = pick(rng, list(f["texts"]))
    text = f["texts"][key]
    if key == "all":
        return dressed(rng, "read", pick(rng, READ_Q), text, "text", spelled=True)
    question = pick(rng, FIELD_Q).format(k=key, K=key.capitalize())
    return dressed(rng, "field", question, text, key.split(" ")[-1], spelled=True)


def ask(rng: Rng, f: dict) -> Exchange:
    """One question about one picture."""
    kind = f["kind"]
    if kind is None:
        return kind_question(rng, f) if rng.random() < 0.8 else _described(rng, f)
    tasks = ["kind"] * 3 + ["describe", "yes or no"]
    if kind == "shape":
        shapes, colours = {i[0] for i in f["items"]}, {i[1] for i in f["items"]}
        tasks += ["count"] * 6 + ["ground", "fields"]
        tasks += ["shape"] * 6 if len(shapes) == 1 else ["count of"] * 2
        tasks += ["colour"] * 3 if len(colours) == 1 else []
        tasks += ["direction"] * 7 if "direction" in f else []
        tasks += ["side"] * 8 if "sides" in f else []
    elif "type" in f:
        tasks += ["type"] * 3
    if f.get("texts"):
        tasks += ["read"] * (20 if "all" in f["texts"] else 8)
    if "turn" in f:
        tasks += ["turn"] if f["turn"] == "upright" else ["turn"] * 4
    task = pick(rng, tasks)
    if task == "kind":
        return kind_question(rng, f)
    if task == "describe":
        return _described(rng, f)
    if task == "yes or no":
        return _yes_no(rng, f)
    if task == "read":
        return _read(rng, f)
    if task == "type":
        if kind == "document":
            return chosen(rng, "document type", DOCUMENT_Q, f["type"], DOCUMENTS, "type")
        if kind == "chart":
            names = list(CHARTS.values())
            return chosen(rng, "chart type", CHART_Q, CHARTS[f["type"]], names, "type")
        if kind == "photo":
            return chosen(rng, "scene", SCENE_Q, f["type"], list(SCENES), "scene")
        return chosen(rng, "screen type", SCREEN_Q, f["type"], list(SCREENS), "type")
    if task == "turn":
        return chosen(rng, "turn", TURN_Q, f["turn"], TURNS, "orientation")
    if task == "side":
        side = pick(rng, list(f["sides"]))
        name, colour = f["sides"][side]
        question = pick(rng, SIDE_Q).format(s=side)
        return dressed(rng, "side", question, f"{colour} {name}", "label")
    if task == "direction":
        names = ["up", "down", "left", "right"]
        return chosen(rng, "direction", DIRECTION_Q, f["direction"], names, "direction")
    if task == "ground":
        return chosen(rng, "background", GROUND_Q, f["background"], list(COLOURS), "colour")
    if task == "fields":
        return _shape_fields(rng, f)
    if task == "count":
        count = str(len(f["items"]))
        return dressed(rng, "count", pick(rng, COUNT_Q), count, "count", number=True)
    if task == "count of":
        name = pick(rng, f["items"])[0]
        count = str(sum(i[0] == name for i in f["items"]))
        question = pick(rng, COUNT_OF_Q).format(p=plural(name))
        return dressed(rng, "count", question, count, "count", number=True)
    name, colour = f["items"][0][:2]
    if task == "shape":
        return chosen(rng, "shape", SHAPE_Q, name, SHAPES, "shape", extra=("colour", colour))
    wordings = [w.format(s=name) for w in COLOUR_Q]
    return chosen(rng, "colour", wordings, colour, list(COLOURS), "colour", extra=("shape", name))


def _described(rng: Rng, f: dict) -> Exchange:
    return Exchange("describe", pick(rng, DESCRIBE_Q), [Segment(describe(f))])


def ask_several(rng: Rng, facts: list[dict]) -> Exchange:
    """One question about two or three pictures in one message."""
    count = len(facts)
    kinds = [f["kind"] or NONE for f in facts]
    draw = rng.random()
    nth = int(rng.integers(count))
    which = ORDINALS[nth]
    if draw < 0.2:
        question = pick(rng, HOW_MANY_Q)
        return dressed(rng, "how many pictures", question, str(count), "count", number=True)
    if draw < 0.55:
        question = pick(
            rng, ["What kind is the {} picture?", "What kind of picture is the {} one?"]
        )
        names = [*KINDS, NONE] if NONE in kinds else KINDS
        return chosen(rng, "nth kind", [question.format(which)], kinds[nth], names, "label")
    if draw < 0.75 and kinds.count(kinds[nth]) == 1 and kinds[nth] != NONE:
        thing = kinds[nth] if kinds[nth] == "handwriting" else article(kinds[nth])
        question = pick(rng, ["Which picture shows {}?", "Which one is {}?"]).format(thing)
        return chosen(rng, "which picture", [question], which, ORDINALS[:count], "picture")
    if draw < 0.85:
        question = pick(rng, ["Are the pictures of the same kind?", "Are they the same kind?"])
        same = "yes" if len(set(kinds)) == 1 else "no"
        return Exchange("same kind", question, [Segment(same)])
    if facts[nth]["kind"] == "shape" and len({i[1] for i in facts[nth]["items"]}) == 1:
        question = f"What colour is the shape in the {which} picture?"
        colour = facts[nth]["items"][0][1]
        return chosen(rng, "nth colour", [question], colour, list(COLOURS), "colour")
    question = pick(rng, ["What kinds of pictures are these?", "Name the kind of each picture."])
    if rng.random() < 0.5:
        return Exchange("kinds", question, [Segment(", ".join(kinds))])
    return array(rng, "kinds", question, "labels", kinds)


def ask_nothing(rng: Rng) -> Exchange:
    """A message without a picture."""
    draw = rng.random()
    if draw < 0.45:
        about = KIND_Q + SHAPE_Q + COLOUR_Q[:5] + COUNT_Q + DESCRIBE_Q * 2 + READ_Q + DIRECTION_Q
        question = pick(rng, about)
        if rng.random() < 0.3:
            tail = pick(rng, LIST_TAIL)
            names = options(rng, pick(rng, KINDS), KINDS, EXTRA)
            question += tail.format(separated(rng, names, tail))
        question += pick(rng, SHORT) if rng.random() < 0.3 else ""
        return Exchange("no picture", question, [Segment(NO_PICTURE)])
    if draw < 0.8:
        answer = pick(rng, list(SMALL_TALK))
        return Exchange("small talk", pick(rng, SMALL_TALK[answer].split("|")), [Segment(answer)])
    return Exchange("small talk", pick(rng, UNKNOWN_Q), [Segment(UNKNOWN)])

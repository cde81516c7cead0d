# SPDX-License-Identifier: Apache-2.0
"""What an evaluation asks: pictures of both styles from seeds that training never uses, and
questions with known answers."""

from __future__ import annotations

import dataclasses
import io
import json

import numpy as np
from PIL import Image

import answers
import wordings
from drawing import pictures, second_style
from drawing.basics import CHARTS, COLOURS, DOCUMENTS, KINDS, NONE, SHAPES

SEED = 4242
SIZES = [
    (256, 256),
    (320, 240),
    (384, 288),
    (288, 384),
    (320, 448),
    (512, 384),
    (448, 448),
    (768, 576),
]
SIZE_SHARES = [0.16, 0.16, 0.18, 0.14, 0.12, 0.12, 0.08, 0.04]
MADE = ["shape", "card", "document", "chart", "photo", "screenshot", "handwriting"]
SMALL_KINDS = KINDS[:4]


@dataclasses.dataclass(frozen=True)
class Question:
    """What is asked about some pictures, and what the answer must be."""

    task: str
    text: str
    truth: str
    schema: dict | None = None
    within: bool = False  # the truth need only occur in the answer


@dataclasses.dataclass
class Case:
    """Pictures (PNG or JPEG files) with questions; style says who drew them."""

    style: str
    files: list[bytes]
    asked: list[Question]


def enum_schema(names: list[str], key: str = "label", more: dict | None = None) -> dict:
    """An object with one field out of names, and perhaps further fields."""
    fields = {key: {"type": "string", "enum": names}, **(more or {})}
    return {"type": "object", "properties": fields, "required": list(fields)}


def file_of(img: np.ndarray, rng: np.random.Generator) -> bytes:
    """The picture as PNG or as JPEG of high quality."""
    out = io.BytesIO()
    if rng.random() < 0.5:
        Image.fromarray(img).save(out, "PNG", compress_level=1)
    else:
        Image.fromarray(img).save(out, "JPEG", quality=92, subsampling=0)
    return out.getvalue()


def _kind_questions(rng: np.random.Generator, kind: str) -> list[Question]:
    labels = SMALL_KINDS if kind in SMALL_KINDS and rng.random() < 0.5 else KINDS
    four = [labels[i] for i in rng.permutation(len(labels))]
    some = answers.options(rng, kind, KINDS, wordings.EXTRA)
    asking = "Which one of these labels fits the picture best: {}? Answer as JSON."
    more = {"confidence": {"type": "number", "minimum": 0, "maximum": 1}}
    out = [
        Question("kind, text", f"What kind of picture is this? Options: {', '.join(four)}.", kind),
        Question("kind, schema", asking.format(", ".join(four)), kind, enum_schema(four)),
        Question(
            "kind, schema, other labels", asking.format(", ".join(some)), kind, enum_schema(some)
        ),
        Question("kind, schema, JSON not asked", "Classify this image.", kind, enum_schema(four)),
        Question("kind named by a description", "What is in this picture?", kind, within=True),
        Question(
            "kind, schema with a number",
            "Classify this image. Labels: " + ", ".join(four) + ". Answer as JSON.",
            kind,
            enum_schema(four, more=more),
        ),
    ]
    others = [k for k in KINDS if k != kind]
    without = [others[i] for i in rng.permutation(len(others))[:3]] + [NONE]
    without = [without[i] for i in rng.permutation(4)]
    asking = "Classify this image. Labels: " + ", ".join(without)
    out.append(Question("none of these, schema", asking, NONE, enum_schema(without)))
    return out


def _shape_questions(f: dict) -> list[Question]:
    items, out = f["items"], []
    shapes, colours = {i[0] for i in items}, {i[1] for i in items}
    text = {"type": "object", "properties": {"count": {"type": "integer"}}, "required": ["count"]}
    out.append(Question("count, text", "How many shapes are there?", str(len(items))))
    out.append(Question("count, schema", "Count the shapes.", str(len(items)), text))
    if len(shapes) == 1:
        name = items[0][0]
        asking = "Which shape is this? Options: " + ", ".join(SHAPES) + "."
        out.append(Question("shape, text", "Which shape is this?", name))
        out.append(Question("shape, schema", asking, name, enum_schema(SHAPES)))
    if len(colours) == 1:
        name, names = items[0][1], list(COLOURS)
        out.append(Question("colour, text", "Which colour is it?", name))
        asking = "Which colour is it? Answer as JSON."
        out.append(Question("colour, schema", asking, name, enum_schema(names)))
    if len(items) == 1:
        fields = {
            "shape": {"type": "string", "enum": SHAPES},
            "colour": {"type": "string", "enum": list(COLOURS)},
        }
        both = {"type": "object", "properties": fields, "required": list(fields)}
        asking = "Describe the shape. Answer as JSON."
        out.append(Question("two fields, schema", asking, f"{items[0][0]} {items[0][1]}", both))
    if "direction" in f:
        asking = "Which way does the arrow point?"
        out.append(Question("direction, text", asking, f["direction"]))
    if "sides" in f:
        side = next(iter(f["sides"]))
        name, colour = f["sides"][side]
        out.append(Question("side, text", f"What is on the {side}?", f"{colour} {name}"))
    return out


def questions_about(rng: np.random.Generator, f: dict) -> list[Question]:
    """Everything one picture is asked."""
    out = [] if "type" not in f and f["kind"] == "document" else _kind_questions(rng, f["kind"])
    if f["kind"] == "shape":
        out += _shape_questions(f)
    if f["kind"] == "document" and "type" in f:
        asking = "What kind of document is this?"
        out.append(Question("document type, text", asking, f["type"]))
        out.append(Question("document type, schema", asking, f["type"], enum_schema(DOCUMENTS)))
    if f["kind"] == "chart":
        asking, name = "What kind of chart is this?", CHARTS[f["type"]]
        out.append(Question("chart type, text", asking, name))
        out.append(Question("chart type, schema", asking, name, enum_schema(list(CHARTS.values()))))
    if f.get("turn"):
        out.append(Question("turn, text", "Which way up is the picture?", f["turn"]))
    if "all" in f.get("texts", {}):
        truth = f["texts"]["all"]
        sort = (
            "digits"
            if not any(c.isalpha() for c in truth)
            else "words" if truth.isalpha() or " " in truth else "codes"
        )
        out.append(Question(f"read, {sort}", "What does the text say?", truth))
    return out


def cases(each: int, styles: list[str]) -> list[Case]:
    """The pictures and questions of an evaluation; the same ones for the same arguments."""
    out = []
    for style in styles:
        for m, which in enumerate(MADE):
            # Shapes and cards carry several tasks each.
            for i in range(each * (3 if which in ("shape", "card") else 1)):
                rng = np.random.default_rng([SEED, style == "second", m, i])
                width, height = SIZES[rng.choice(len(SIZES), p=SIZE_SHARES)]
                draw = second_style.make if style == "second" else pictures.make
                img, facts = draw(rng, width, height, which)
                out.append(Case(style, [file_of(img, rng)], questions_about(rng, facts)))
    for i in range(each):
        rng = np.random.default_rng([SEED, 7, i])
        kinds, files = [], []
        for _ in range(int(rng.integers(2, 4))):
            which = MADE[rng.choice([0, 2, 3, 4, 5, 6])]
            img, facts = pictures.make(rng, *SIZES[rng.integers(4)], which)
            kinds.append(facts["kind"])
            files.append(file_of(img, rng))
        nth = int(rng.integers(len(kinds)))
        asking = f"What kind is the {wordings.ORDINALS[nth]} picture?"
        asked = [
            Question("several, how many", "How many pictures are there?", str(len(kinds))),
            Question("several, nth kind", asking, kinds[nth]),
        ]
        out.append(Case("several", files, asked))
    return out + [Case("none", [], _no_picture())]


def _no_picture() -> list[Question]:
    asked = []
    for text in wordings.DESCRIBE_Q + wordings.COUNT_Q + wordings.SHAPE_Q + wordings.READ_Q:
        asked.append(Question("no picture", text, wordings.NO_PICTURE))
    for answer, ways in wordings.SMALL_TALK.items():
        asked += [Question("small talk", w, answer) for w in ways.split("|")]
    return asked


def is_right(q: Question, said: str) -> bool:
    """Whether an answer states the truth; JSON must parse and hold it."""
    if q.within:
        return q.truth in said
    if not q.schema:
        return said == q.truth
    try:
        values = [str(v) for v in json.loads(said).values()]
    except (ValueError, AttributeError):
        return False
    if "confidence" in q.schema["properties"]:
        return values[0] == q.truth and 0 <= float(values[1]) <= 1
    return " ".join(values) == q.truth

# SPDX-License-Identifier: Apache-2.0
"""Asks a running Ollama about pictures with known contents and prints how many answers are right.

    evaluate.py --url http://127.0.0.1:11434 --model tessera-mini

Pictures come from seeds that training never used, in the training style and in a second style that
training never saw. With --against, a second model (say the F16 form) or "torch" (with --weights)
answers the same questions, and the share of equal answers is printed. Needs no GPU.
"""

from __future__ import annotations

import argparse
import base64
import collections
import dataclasses
import io
import json
import math
import pathlib
import time
import urllib.request

import numpy as np
from PIL import Image

import questions
from drawing import pictures, second_style
from drawing.basics import CHARTS, COLOURS, DOCUMENTS, KINDS, SHAPES

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


def wilson(right: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share."""
    if not total:
        return 0.0, 1.0
    z, p = 1.96, right / total
    middle = p + z * z / (2 * total)
    spread = z * math.sqrt(p * (1 - p) / total + z * z / (4 * total * total))
    low, high = (middle - spread) / (1 + z * z / total), (middle + spread) / (1 + z * z / total)
    return max(0.0, low), min(1.0, high)


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
    some = questions.options(rng, kind, KINDS, questions.EXTRA)
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
    without = [others[i] for i in rng.permutation(len(others))[:3]] + [questions.NONE]
    without = [without[i] for i in rng.permutation(4)]
    asking = "Classify this image. Labels: " + ", ".join(without)
    out.append(Question("none of these, schema", asking, questions.NONE, enum_schema(without)))
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
        asking = f"What kind is the {questions.ORDINALS[nth]} picture?"
        asked = [
            Question("several, how many", "How many pictures are there?", str(len(kinds))),
            Question("several, nth kind", asking, kinds[nth]),
        ]
        out.append(Case("several", files, asked))
    return out + [Case("none", [], _no_picture())]


def _no_picture() -> list[Question]:
    asked = []
    for text in questions.DESCRIBE_Q + questions.COUNT_Q + questions.SHAPE_Q + questions.READ_Q:
        asked.append(Question("no picture", text, questions.NO_PICTURE))
    for answer, wordings in questions.SMALL_TALK.items():
        asked += [Question("small talk", w, answer) for w in wordings.split("|")]
    return asked


class OllamaModel:
    """Greedy answers of one model of a running Ollama."""

    def __init__(self, url: str, model: str, threads: int | None = None) -> None:
        self._url, self._model = url.rstrip("/"), model
        self._options: dict = {"temperature": 0, "num_predict": 60, "seed": 1}
        if threads:
            self._options["num_thread"] = threads

    def ask(self, files: list[bytes], q: Question) -> tuple[str, float]:
        """The answer's text and the seconds it took."""
        message: dict = {"role": "user", "content": q.text}
        if files:
            message["images"] = [base64.b64encode(f).decode() for f in files]
        body = {
            "model": self._model,
            "messages": [message],
            "stream": False,
            "options": self._options,
        }
        if q.schema:
            body["format"] = q.schema
        start = time.monotonic()
        request = urllib.request.Request(self._url + "/api/chat", json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=300) as response:
            reply = json.load(response)
        return reply["message"]["content"].strip(), time.monotonic() - start


class TorchModel:
    """Greedy answers of the weights in PyTorch; plain text only, as it has no grammar."""

    def __init__(self, weights: pathlib.Path) -> None:
        import reference
        import tokenizer
        import train

        self._reference, self._net = reference, train.load(weights).eval()
        self._tokenizer = tokenizer.load()

    def ask(self, files: list[bytes], q: Question) -> tuple[str, float]:
        """As OllamaModel.ask; "" for what cannot be compared."""
        if q.schema or len(files) > 1:
            return "", 0.0
        pixels = self._reference.pixels_of(Image.open(io.BytesIO(files[0]))) if files else None
        start = time.monotonic()
        said, _ = self._reference.answer(self._net, self._tokenizer, pixels, q.text, 60)
        return said.strip(), time.monotonic() - start


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


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:11434")
    parser.add_argument("--model", default="tessera-mini")
    parser.add_argument("--pictures", type=int, default=20, help="pictures of a kind and style")
    parser.add_argument("--styles", nargs="+", default=["training", "second"])
    parser.add_argument("--against", help='another model of that Ollama, or "torch"')
    parser.add_argument(
        "--weights", type=pathlib.Path, help="weights.npz or GGUF for --against torch"
    )
    parser.add_argument(
        "--threads", type=int, help="engine threads; 1 is fastest on a busy machine"
    )
    parser.add_argument("--tasks", help="only tasks whose name begins with one of these, by comma")
    parser.add_argument("--json", type=pathlib.Path, help="writes every answer here")
    parser.add_argument("--wrong", type=int, default=0, help="prints that many wrong answers")
    args = parser.parse_args()

    model = OllamaModel(args.url, args.model, args.threads)
    other = None
    if args.against == "torch":
        other = TorchModel(args.weights)
    elif args.against:
        other = OllamaModel(args.url, args.against, args.threads)
    score: dict[tuple[str, str], list[int]] = collections.defaultdict(lambda: [0, 0])
    rows, leaks, plain, equal, compared, first = [], 0, 0, 0, 0, []
    for case in cases(args.pictures, args.styles):
        if args.json:
            args.json.write_text(json.dumps(rows, indent=0))
        for n, q in enumerate(case.asked):
            if args.tasks and not q.task.startswith(tuple(args.tasks.split(","))):
                continue
            said, seconds = model.ask(case.files, q)
            right = is_right(q, said)
            entry = score[q.task, case.style]
            entry[0] += right
            entry[1] += 1
            if not q.schema:
                plain += 1
                leaks += said.startswith(("{", "["))
            if n == 0 and case.files:
                first.append(seconds)
            row = {"task": q.task, "style": case.style, "asked": q.text, "truth": q.truth}
            row |= {"said": said, "right": right}
            if other:
                theirs, _ = other.ask(case.files, q)
                if theirs:
                    compared += 1
                    equal += theirs == said
                    row["other"] = theirs
            rows.append(row)
    if args.json:
        args.json.write_text(json.dumps(rows, indent=0))
    print("| task | style | right | share | 95 % interval |\n|---|---|---|---|---|")
    for (task, style), (right, total) in sorted(score.items()):
        low, high = wilson(right, total)
        print(
            f"| {task} | {style} | {right}/{total} | {right / total:.3f} | {low:.3f}-{high:.3f} |"
        )
    print(f"\nJSON nobody asked for: {leaks} of {plain} plain answers")
    if first:
        print(
            f"first question about a picture: median {np.median(first):.2f} s, worst {max(first):.2f} s"
        )
    if compared:
        print(f"equal answers, {args.model} and {args.against}: {equal} of {compared}")
    for row in [r for r in rows if not r["right"]][: args.wrong]:
        print(f"  {row['style']} {row['task']}: {row['truth']!r} -> {row['said'][:70]!r}")


if __name__ == "__main__":
    main()

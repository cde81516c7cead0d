# SPDX-License-Identifier: Apache-2.0
"""Questions and answers about a picture's facts, about several pictures, and about none.

An answer is a list of segments. A segment that is not learnt stands in the context only: it is what
a grammar will have forced by then, so the model learns how to go on after it but never to begin
with it. That is why JSON nobody asked for does not leak into plain answers.
"""

from __future__ import annotations

import dataclasses
import json

from drawing.basics import (
    CHARTS,
    COLOURS,
    DOCUMENTS,
    KINDS,
    NONE,
    SCENES,
    SCREENS,
    SHAPES,
    TURNS,
    Rng,
    pick,
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


KIND_Q = (
    "What kind of picture is this?|What kind of image is this?|What type of picture is this?|"
    "What type of image is this?|Classify this image.|Classify this picture.|Classify the image.|"
    "Classify.|Which category fits this picture?|Which label fits this image?|"
    "Name the category of this image.|Which of the labels describes the image best?|"
    "Which category does this image belong to?|Sort this picture into a category.|"
    "Decide what kind of picture this is.|Label this image.|Identify the image class.|"
    "What sort of picture is it?|Determine the type of this image.|Categorize this image.|"
    "You are given an image. Which category does it belong to?|"
    "Please look at the attached image and decide which label fits it.|Pick a label for this picture."
).split("|")
# Wordings that only make sense with a list of options after them.
LIST_Q = (
    "Which one of these labels fits the picture best: {}?|Which of these labels fits best: {}?|"
    "Which one of these is it: {}?|Is this {}?|Choose the label that fits the picture best: {}.|"
    "Which of the following fits the picture: {}?|Pick the best label: {}|Classify: {}|"
    "Classify this picture as one of: {}.|Classify the image into one of these categories: {}.|"
    "Sort this scan into one of [{}]|Identify the image class ({})|Labels: {}. Which one fits?|"
    "Categories: {}. Which category does it belong to?|Which label describes this image: {}?|"
    "Choose one label for this image from this list: {}.|Select one of: {}."
).split("|")
LIST_TAIL = (
    " Options: {}.| Choose one of: {}.| Labels: {}.| Answer with one of: {}.| Possible labels: {}|"
    "\nLabels: {}| Categories: {}.| Pick exactly one of these labels: {}.| ({})|"
    " The labels are: {}.| Allowed answers: {}.|\nOptions:\n{}"
).split("|")
SHORT = (
    "||||| Answer with one word.| Answer in one word.| Reply with the label only.| Be brief.|"
    " Answer briefly.| Reply with only the label.| One word only.| Return exactly one label."
).split("|")
AS_JSON = (
    " Answer as JSON.| Reply in JSON.| Respond with JSON only.| Return JSON.| Answer in JSON.|"
    " Give the answer as JSON.| Output JSON.| Use JSON."
).split("|")
AS_JSON_KEY = (
    " Answer in JSON with the key {}.|"
    ' Respond as a JSON object with the field "{}".| Return JSON with the key "{}".'
).split("|")
AS_JSON_KEYS = (
    " Answer as JSON with the fields {}.| Return a JSON object with {}.| JSON keys: {}."
).split("|")
EXTRA = (
    "animal vehicle food map logo person building plant diagram poster drawing icon menu ticket "
    "passport toy tool book flag sign furniture clothing cat dog car tree"
).split()
NONE_NAMES = [NONE, NONE, "other", "none", "something else", "unknown"]
SHAPE_Q = (
    "Which shape is this?|What shape is this?|Which shape is in the picture?|What shape is shown?|"
    "Name the shape.|What shape do you see?|Which geometric shape is in the image?|What shape is it?"
).split("|")
COLOUR_Q = (
    "Which colour is it?|What colour is it?|What color is it?|Which colour is the shape?|"
    "What color is the shape?|What colour is the {s}?|What color is the {s}?|"
    "Which color does the {s} have?|Name the colour of the {s}.|What is the colour of the shape?"
).split("|")
GROUND_Q = (
    "What colour is the background?|What color is the background?|Which colour is the background?|"
    "Name the background colour."
).split("|")
COUNT_Q = (
    "How many shapes are there?|How many shapes are in the picture?|Count the shapes.|"
    "How many shapes do you see?|How many objects are in the image?|Count the objects.|"
    "How many figures are there?|What is the number of shapes?"
).split("|")
COUNT_OF_Q = "How many {p} are there?|How many {p} do you see?|Count the {p}.".split("|")
DESCRIBE_Q = (
    "What is in this picture?|What is in this picture?|What is in this image?|What is this?|"
    "What do you see?|What can you see?|What does the picture show?|What is in the picture?|"
    "Describe the picture.|Describe this image.|Describe the image.|Describe what you see.|"
    "Give a short description.|Describe this picture in one sentence.|Tell me about this picture.|"
    "Write a caption for this image.|Describe the image briefly.|What's in this picture?"
).split("|")
DOCUMENT_Q = (
    "What kind of document is this?|What type of document is this?|"
    "Which type of document is shown?|Classify this document.|Which document type is it?"
).split("|")
CHART_Q = (
    "What kind of chart is this?|What type of chart is this?|Which type of chart is shown?|"
    "Classify this chart.|Which chart type is it?"
).split("|")
SCENE_Q = (
    "What does the photo show?|What is in the photo?|Which scene is this?|What kind of photo is it?"
).split("|")
SCREEN_Q = "What kind of screenshot is this?|What does the screenshot show?".split("|")
READ_Q = (
    "What does the text say?|What does the text say?|Read the text.|What is written here?|"
    "Read the text aloud.|What text is in the picture?|What does it say?|Transcribe the text.|"
    "Which text do you see?|What is the text in this image?|Read this.|Write down the text."
).split("|")
FIELD_Q = (
    "What is the {k}?|Read the {k}.|Which {k} is shown?|Tell me the {k}.|Find the {k}.|{K}?"
).split("|")
DIRECTION_Q = (
    "Which way does the arrow point?|Where does the arrow point?|Which direction does it point?|"
    "In which direction does the arrow point?|What is the direction of the arrow?|"
    "Does the arrow point up, down, left or right?"
).split("|")
SIDE_Q = (
    "What is on the {s}?|Which shape is on the {s}?|What do you see on the {s}?|"
    "What is at the {s} of the picture?"
).split("|")
TURN_Q = (
    "Is the picture upright?|Which way up is the picture?|Is this picture turned?|"
    "How is the picture turned?|What is the orientation of the picture?"
).split("|")
SYSTEMS = (
    "You are a helpful assistant.|You classify images.|Answer with one of the labels.|"
    "You are an image classifier. Reply with the label only.|You describe pictures.|Be brief.|"
    "You answer questions about pictures.|You are a careful assistant that looks at images.|"
    "You are a classifier. Return exactly one label.|Answer truthfully and briefly."
).split("|")
CONFIDENCE_KEYS = ["confidence", "confidence", "score", "probability", "certainty"]

NO_PICTURE = "I see no picture."
SMALL_TALK = {
    "Hello! Send me a picture and ask about it.": (
        "Hello|Hi|Hello!|Hi there|Good morning|Good evening|Hey|Hi!|Good day"
    ),
    "I am tessera-mini, a small model that looks at pictures.": (
        "Who are you?|What are you?|What is your name?|Which model are you?|Introduce yourself.|"
        "Are you a robot?|Tell me about yourself."
    ),
    "You are welcome.": "Thank you|Thanks|Thank you!|Thanks a lot|Great, thanks!|Thank you very much.",
    "I say what is in a picture: kind, shape, colour, number and short text.": (
        "What can you do?|Help|How can you help me?|What do you know?|What are you good at?"
    ),
    "Goodbye!": "Goodbye|Bye|See you|Bye!|Good night",
    "I am well. Send me a picture.": "How are you?|How do you do?|Are you well?|How is it going?",
}
UNKNOWN = "I can only answer questions about pictures."
UNKNOWN_Q = (
    "What is the capital of France?|Write a poem.|Tell me a joke.|What is two plus two?|"
    "Who wrote Hamlet?|Translate this into German.|What time is it?|How old is the universe?|"
    "Write a function that sorts a list.|What is the weather today?|Summarise the news.|"
    "Who is the president?|Explain gravity.|Give me a recipe for bread.|What is 17 times 3?|"
    "Why is the sky blue?|Tell me a story.|Say something.|Write an email to my boss.|Count to ten."
).split("|")
ORDINALS = ["first", "second", "third"]
NUMBERS = "zero one two three four five six".split()


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
        return f"a screenshot of {SCREENS[f['type']]}"
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


def _separated(rng: Rng, names: list[str], form: str) -> str:
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


def _value(text: str, spelled: bool) -> list[Segment]:
    """A JSON string value."""
    return [Segment('"'), Segment(text, spelled=spelled), Segment('"')]


def _dressed(
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
    if draw < 0.55:
        return Exchange(task, question, [Segment(truth, spelled=spelled)])
    body = [Segment(truth)] if number else _value(truth, spelled)
    two = rng.random() < 0.3
    second: list[Segment] = []
    names = [key]
    if two:
        if extra and rng.random() < 0.6:
            names.append(extra[0])
            tail = _value(extra[1], False)
        elif rng.random() < 0.8:
            names.append(pick(rng, CONFIDENCE_KEYS))
            tail = [Segment("0.95")]
        else:
            names.append("count")
            tail = [Segment("1")]
        second = [Segment(f', "{names[1]}": ', learnt=False), *tail]
    if draw < 0.82:
        if two or rng.random() < 0.3:
            listed = " and ".join(names)
            question += pick(rng, AS_JSON_KEYS if two else AS_JSON_KEY).format(listed)
            if two:
                second[0] = Segment(second[0].text)
            head = Segment(f'{{"{key}": ')
        elif key in ("text", "direction"):
            question += pick(rng, AS_JSON_KEY).format(key)
            head = Segment(f'{{"{key}": ')
        else:
            question += pick(rng, AS_JSON)
            # Every plain request for JSON gets the one key; a schema forces any other.
            head = Segment('{"label": ')
        return Exchange(task, question, [head, *body, *second, Segment("}")], "json")
    # A schema asks for JSON with any key; half of the prompts that carry one ask for it in words.
    if rng.random() < 0.5:
        question += pick(rng, AS_JSON)
    if rng.random() < 0.3:
        key = pick(rng, ["label", "kind", "category", "class", "type", "answer", "result", "value"])
    if not two and not number and rng.random() < 0.2:
        head = Segment(f'{{"{key}s": [', learnt=False)
        return Exchange(task, question, [head, *body, Segment("]"), Segment("}")], "forced")
    head = Segment(f'{{"{key}": ', learnt=False)
    return Exchange(task, question, [head, *body, *second, Segment("}")], "forced")


def _chosen(
    rng: Rng, task: str, wordings: list[str], truth: str, universe: list[str], key: str, **more
) -> Exchange:
    """A question whose answer is one of a universe, with or without the options spelled out."""
    if rng.random() < 0.35:
        return _dressed(rng, task, pick(rng, wordings), truth, key, **more)
    names = options(rng, truth, universe, EXTRA if task == "kind" else [])
    form = pick(rng, LIST_Q) if task == "kind" and rng.random() < 0.5 else None
    if form is None:
        tail = pick(rng, LIST_TAIL)
        question = pick(rng, wordings) + tail.format(_separated(rng, names, tail))
    else:
        question = form.format(_separated(rng, names, form))
    return _dressed(rng, task, question, truth, key, **more)


def kind_question(rng: Rng, f: dict) -> Exchange:
    """Which kind of picture it is; sometimes the right answer is that none of the labels fits."""
    truth, extra = f["kind"], ("reason", describe(f)) if "texts" not in f else None
    if truth is None or rng.random() < 0.06:
        none = pick(rng, NONE_NAMES)
        others = [k for k in KINDS + EXTRA[:8] if k != truth]
        if truth is None and rng.random() < 0.25:
            return _dressed(rng, "none", pick(rng, KIND_Q), NONE, "label")
        names = [others[i] for i in rng.permutation(len(others))[: int(rng.integers(1, 6))]]
        names = [*names, none]
        names = [names[i] for i in rng.permutation(len(names))]
        tail = pick(rng, LIST_TAIL)
        question = pick(rng, KIND_Q) + tail.format(_separated(rng, names, tail))
        return _dressed(rng, "none", question, none, "label")
    universe = KINDS if rng.random() < 0.6 else KINDS[:4]
    if truth not in universe:
        universe = KINDS
    if rng.random() < 0.2:
        universe = [*universe, pick(rng, NONE_NAMES)]
    return _chosen(rng, "kind", KIND_Q, truth, universe, "label", extra=extra)


def _yes_no(rng: Rng, f: dict) -> Exchange:
    truth = f["kind"] or "pattern"
    asked = truth if rng.random() < 0.5 else pick(rng, KINDS)
    question = pick(rng, ["Is this {}?", "Is it {}?", "Does the picture show {}?"])
    yes = asked == truth
    question = question.format("handwriting" if asked == "handwriting" else article(asked))
    draw = rng.random()
    if draw < 0.6:
        return Exchange("yes or no", question, [Segment("yes" if yes else "no")])
    key = pick(rng, ["answer", f"is_{asked}", "result", "match"])
    head = Segment(f'{{"{key}": ', learnt=False)
    return Exchange(
        "yes or no", question, [head, Segment("true" if yes else "false"), Segment("}")], "forced"
    )


def _array(rng: Rng, task: str, question: str, key: str, values: list[str]) -> Exchange:
    """A list of strings as JSON, asked for or forced."""
    body = [Segment(json.dumps(values))]
    if rng.random() < 0.5:
        question += pick(rng, AS_JSON_KEY).format(key)
        return Exchange(task, question, [Segment(f'{{"{key}": '), *body, Segment("}")], "json")
    head = Segment(f'{{"{key}": ', learnt=False)
    return Exchange(task, question, [head, *body, Segment("}")], "forced")


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
            answer += [Segment(("{" if i == 0 else ", ") + f'"{k}": ', asked), *_value(v, False)]
        return Exchange("fields", question, [*answer, Segment("}")], "json" if asked else "forced")
    if len(items) <= 3 and rng.random() < 0.5:
        ordered = sorted(items, key=lambda i: i[2])
        rows = [{"shape": s, "colour": c} for s, c, *_ in ordered]
        question = "List the shapes from left to right."
        head = Segment('{"items": ', learnt=False)
        return Exchange("list", question, [head, Segment(json.dumps(rows)), Segment("}")], "forced")
    if rng.random() < 0.5:
        seen = [c for c in COLOURS if any(i[1] == c for i in items)]
        return _array(rng, "colours", "Which colours do the shapes have?", "colours", seen)
    seen = [s for s in SHAPES if any(i[0] == s for i in items)]
    return _array(rng, "shapes", "Which shapes are there?", "shapes", seen)


def _read(rng: Rng, f: dict) -> Exchange:
    key = pick(rng, list(f["texts"]))
    text = f["texts"][key]
    if key == "all":
        return _dressed(rng, "read", pick(rng, READ_Q), text, "text", spelled=True)
    question = pick(rng, FIELD_Q).format(k=key, K=key.capitalize())
    return _dressed(rng, "field", question, text, key.split(" ")[-1], spelled=True)


def ask(rng: Rng, f: dict) -> Exchange:
    """One question about one picture."""
    kind = f["kind"]
    if kind is None:
        return kind_question(rng, f) if rng.random() < 0.8 else _described(rng, f)
    tasks = ["kind"] * 3 + ["describe", "yes or no"]
    if kind == "shape":
        shapes, colours = {i[0] for i in f["items"]}, {i[1] for i in f["items"]}
        tasks += ["count"] * 4 + ["ground", "fields"]
        tasks += ["shape"] * 5 if len(shapes) == 1 else ["count of"] * 2
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
            return _chosen(rng, "document type", DOCUMENT_Q, f["type"], DOCUMENTS, "type")
        if kind == "chart":
            names = list(CHARTS.values())
            return _chosen(rng, "chart type", CHART_Q, CHARTS[f["type"]], names, "type")
        if kind == "photo":
            return _chosen(rng, "scene", SCENE_Q, f["type"], list(SCENES), "scene")
        return _chosen(rng, "screen type", SCREEN_Q, f["type"], list(SCREENS), "type")
    if task == "turn":
        return _chosen(rng, "turn", TURN_Q, f["turn"], TURNS, "orientation")
    if task == "side":
        side = pick(rng, list(f["sides"]))
        name, colour = f["sides"][side]
        question = pick(rng, SIDE_Q).format(s=side)
        return _dressed(rng, "side", question, f"{colour} {name}", "label")
    if task == "direction":
        names = ["up", "down", "left", "right"]
        return _chosen(rng, "direction", DIRECTION_Q, f["direction"], names, "direction")
    if task == "ground":
        return _chosen(rng, "background", GROUND_Q, f["background"], list(COLOURS), "colour")
    if task == "fields":
        return _shape_fields(rng, f)
    if task == "count":
        count = str(len(f["items"]))
        return _dressed(rng, "count", pick(rng, COUNT_Q), count, "count", number=True)
    if task == "count of":
        name = pick(rng, f["items"])[0]
        count = str(sum(i[0] == name for i in f["items"]))
        question = pick(rng, COUNT_OF_Q).format(p=plural(name))
        return _dressed(rng, "count", question, count, "count", number=True)
    name, colour = f["items"][0][:2]
    if task == "shape":
        return _chosen(rng, "shape", SHAPE_Q, name, SHAPES, "shape", extra=("colour", colour))
    wordings = [w.format(s=name) for w in COLOUR_Q]
    return _chosen(rng, "colour", wordings, colour, list(COLOURS), "colour", extra=("shape", name))


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
        question = pick(rng, ["How many pictures are there?", "How many pictures do you see?"])
        return _dressed(rng, "how many pictures", question, str(count), "count", number=True)
    if draw < 0.55:
        question = pick(
            rng, ["What kind is the {} picture?", "What kind of picture is the {} one?"]
        )
        names = [*KINDS, NONE] if NONE in kinds else KINDS
        return _chosen(rng, "nth kind", [question.format(which)], kinds[nth], names, "label")
    if draw < 0.75 and kinds.count(kinds[nth]) == 1 and kinds[nth] != NONE:
        thing = kinds[nth] if kinds[nth] == "handwriting" else article(kinds[nth])
        question = pick(rng, ["Which picture shows {}?", "Which one is {}?"]).format(thing)
        return _chosen(rng, "which picture", [question], which, ORDINALS[:count], "picture")
    if draw < 0.85:
        question = pick(rng, ["Are the pictures of the same kind?", "Are they the same kind?"])
        same = "yes" if len(set(kinds)) == 1 else "no"
        return Exchange("same kind", question, [Segment(same)])
    if facts[nth]["kind"] == "shape" and len({i[1] for i in facts[nth]["items"]}) == 1:
        question = f"What colour is the shape in the {which} picture?"
        colour = facts[nth]["items"][0][1]
        return _chosen(rng, "nth colour", [question], colour, list(COLOURS), "colour")
    question = pick(rng, ["What kinds of pictures are these?", "Name the kind of each picture."])
    if rng.random() < 0.5:
        return Exchange("kinds", question, [Segment(", ".join(kinds))])
    return _array(rng, "kinds", question, "labels", kinds)


def ask_nothing(rng: Rng) -> Exchange:
    """A message without a picture."""
    draw = rng.random()
    if draw < 0.45:
        about = KIND_Q + SHAPE_Q + COLOUR_Q[:5] + COUNT_Q + DESCRIBE_Q * 2 + READ_Q + DIRECTION_Q
        question = pick(rng, about)
        if rng.random() < 0.3:
            tail = pick(rng, LIST_TAIL)
            names = options(rng, pick(rng, KINDS), KINDS, EXTRA)
            question += tail.format(_separated(rng, names, tail))
        question += pick(rng, SHORT) if rng.random() < 0.3 else ""
        return Exchange("no picture", question, [Segment(NO_PICTURE)])
    if draw < 0.8:
        answer = pick(rng, list(SMALL_TALK))
        return Exchange("small talk", pick(rng, SMALL_TALK[answer].split("|")), [Segment(answer)])
    return Exchange("small talk", pick(rng, UNKNOWN_Q), [Segment(UNKNOWN)])

# SPDX-License-Identifier: Apache-2.0
"""Shows that the model's answers notice a broken preparation of pictures.

    planted_defects.py --url http://127.0.0.1:11434 --model tessera-mini

Each of the judge's pictures is prepared rightly here with Pillow, then wrongly, and asked about. A
defect counts as caught on a picture when the right preparation gives the truth and the wrong one
does not.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import pathlib
import tempfile
import urllib.request
from collections.abc import Callable

from PIL import Image, ImageCms, ImageOps

import judge_pictures

MAX_SIDE = 768


def _fitted(im: Image.Image) -> Image.Image:
    im.thumbnail((MAX_SIDE, MAX_SIDE), Image.LANCZOS)
    if min(im.size) < 32:
        im = im.resize((max(32, im.width), max(32, im.height)))
    return im


def _on_white(im: Image.Image) -> Image.Image:
    if "A" not in im.getbands() and "transparency" not in im.info:
        return im
    im = im.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", im.size, (255, 255, 255, 255)), im)


def _to_srgb(im: Image.Image) -> Image.Image:
    profile = im.info.get("icc_profile")
    if not profile or im.mode != "RGB":
        return im.convert("RGB")
    return ImageCms.profileToProfile(
        im, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
    )


def right(path: pathlib.Path) -> Image.Image:
    """Upright, on white, in sRGB, within 768 pixels."""
    im = ImageOps.exif_transpose(Image.open(path))
    return _fitted(_to_srgb(_on_white(im)))


def exif_ignored(path: pathlib.Path) -> Image.Image:
    """As stored."""
    return _fitted(_to_srgb(_on_white(Image.open(path))))


def channels_swapped(path: pathlib.Path) -> Image.Image:
    """Red and blue exchanged."""
    r, g, b = right(path).split()
    return Image.merge("RGB", (b, g, r))


def alpha_dropped(path: pathlib.Path) -> Image.Image:
    """Colour channels only: what is transparent turns black."""
    im = ImageOps.exif_transpose(Image.open(path)).convert("RGBA")
    return _fitted(Image.merge("RGB", im.split()[:3]))


def profile_ignored(path: pathlib.Path) -> Image.Image:
    """Stored numbers taken for sRGB."""
    return _fitted(ImageOps.exif_transpose(Image.open(path)).convert("RGB"))


def _turned(j: judge_pictures.Judge) -> bool:
    # Mirroring leaves an arrow along the axis as it is.
    same = ("-1-", "-2-arrow-up", "-4-arrow-right")
    return j.feature == "exif" and not any(s in j.file for s in same)


DEFECTS: list[
    tuple[str, Callable[[pathlib.Path], Image.Image], Callable[[judge_pictures.Judge], bool]]
] = [
    ("EXIF orientation ignored", exif_ignored, _turned),
    (
        "red and blue swapped",
        channels_swapped,
        lambda j: j.question == judge_pictures.COLOUR_QUESTION and j.answer in ("red", "blue"),
    ),
    ("alpha dropped", alpha_dropped, lambda j: j.feature == "alpha"),
    ("colour profile ignored", profile_ignored, lambda j: j.file == "rotated-primaries.png"),
]


class Engine:
    """One model of a running Ollama."""

    def __init__(self, url: str, model: str, threads: int | None) -> None:
        self._url, self._model, self._threads = url.rstrip("/"), model, threads

    def ask(self, *ims: Image.Image, question: str, context: int = 4096) -> tuple[str, int]:
        """The greedy answer and the number of prompt tokens."""
        pictures = []
        for im in ims:
            out = io.BytesIO()
            im.convert("RGB").save(out, "JPEG", quality=92, subsampling=0)
            pictures.append(base64.b64encode(out.getvalue()).decode())
        options = {"temperature": 0, "num_predict": 40, "num_ctx": context}
        if self._threads:
            options["num_thread"] = self._threads
        body = {
            "model": self._model,
            "messages": [{"role": "user", "content": question, "images": pictures}],
            "stream": False,
            "options": options,
        }
        request = urllib.request.Request(self._url + "/api/chat", json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=300) as response:
            reply = json.load(response)
        return reply["message"]["content"].strip(), reply["prompt_eval_count"]


def _dropped_is_noticed(engine: Engine) -> bool:
    """Two pictures of 1,024 tokens do not fit 2,048 with their question: Ollama drops the first
    without an error."""
    ims = [judge_pictures.circle(colour, (1024, 1024)) for colour in ("red", "blue")]
    question = "What colour is the shape in the first picture?"
    whole, tokens = engine.ask(*ims, question=question)
    dropped, fewer = engine.ask(*ims, question=question, context=2048)
    caught = whole == "red" and dropped != "red"
    print(
        f"| picture dropped for num_ctx | 1 | {whole == 'red':d} | {dropped == 'red':d} | {caught:d} |"
    )
    print(
        f"  whole: {whole!r}, {tokens} prompt tokens; dropped: {dropped!r}, {fewer} prompt tokens"
    )
    return caught


def main() -> int:
    """Prints a line for each defect; 0 when every defect was caught."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:11434")
    parser.add_argument("--model", default="tessera-mini")
    parser.add_argument("--threads", type=int)
    args = parser.parse_args()
    engine = Engine(args.url, args.model, args.threads)
    missed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        judges = judge_pictures.write(folder)
        sound: dict[str, bool] = {}
        for j in judges:
            said, _ = engine.ask(right(folder / j.file), question=j.question)
            sound[j.file] = said == j.answer
            if said != j.answer:
                print(f"prepared rightly, yet wrong: {j.file}: {j.answer!r} -> {said!r}")
        print(f"prepared rightly: {sum(sound.values())} of {len(judges)} answers are the truth")
        print(
            "| defect | pictures | right without it | right with it | caught |\n|---|---|---|---|---|"
        )
        for title, prepare, concerns in DEFECTS:
            chosen = [j for j in judges if concerns(j)]
            good = [j for j in chosen if sound[j.file]]
            kept = [
                j
                for j in chosen
                if engine.ask(prepare(folder / j.file), question=j.question)[0] == j.answer
            ]
            caught = [j for j in good if j not in kept]
            missed += not caught
            print(f"| {title} | {len(chosen)} | {len(good)} | {len(kept)} | {len(caught)} |")
            for j in good:
                if j in kept:
                    print(f"  not noticed: {j.file}")
        missed += not _dropped_is_noticed(engine)
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())

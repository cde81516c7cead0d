# SPDX-License-Identifier: Apache-2.0
"""Shows that the model's answers notice a broken preparation of pictures.

    planted_defects.py --url http://127.0.0.1:11434 --model tessera-mini

Each of the judge's files is prepared rightly here with Pillow, then wrongly, and asked about. A
defect counts as caught on a file when the right preparation gives the truth and the wrong one does
not. `make test` does the same through Tessera's services.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import pathlib
import tempfile
import urllib.request

from PIL import Image

from judge import defects, files


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
    ims = defects.two_pictures(1024)
    whole, tokens = engine.ask(*ims, question=defects.FIRST_QUESTION)
    dropped, fewer = engine.ask(*ims, question=defects.FIRST_QUESTION, context=2048)
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
        judges = files.write(folder)
        sound: dict[str, bool] = {}
        for j in judges:
            said, _ = engine.ask(defects.right(folder / j.file), question=j.question)
            sound[j.file] = said == j.answer
            if said != j.answer:
                print(f"prepared rightly, yet wrong: {j.file}: {j.answer!r} -> {said!r}")
        print(f"prepared rightly: {sum(sound.values())} of {len(judges)} answers are the truth")
        print(
            "| defect | pictures | right without it | right with it | caught |\n|---|---|---|---|---|"
        )
        for defect in defects.DEFECTS:
            chosen = [j for j in judges if defect.concerns(j)]
            good = [j for j in chosen if sound[j.file]]
            kept = [
                j
                for j in chosen
                if engine.ask(defect.prepare(folder / j.file), question=j.question)[0] == j.answer
            ]
            caught = [j for j in good if j not in kept]
            missed += not caught
            print(f"| {defect.title} | {len(chosen)} | {len(good)} | {len(kept)} | {len(caught)} |")
            for j in good:
                if j in kept:
                    print(f"  not noticed: {j.file}")
        missed += not _dropped_is_noticed(engine)
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())

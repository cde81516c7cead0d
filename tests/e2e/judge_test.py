# SPDX-License-Identifier: Apache-2.0
"""Pictures with known truth go through the front door to a real Ollama, and the answers must be
that truth. Then defects are planted, and the answers must not be.

judge_test.py BINARIES SCRATCH: folders of the built programs and for logs and pictures. Needs
Pillow, pillow-heif, NumPy and DejaVu Sans.
"""

from __future__ import annotations

import contextlib
import json
import pathlib
import shutil
import subprocess
import sys
import unittest
import urllib.request

import running

sys.path.insert(0, str(running.ROOT / "engine" / "mini"))

import planted_defects  # noqa: E402
from judge import defects, files  # noqa: E402

BINARIES, SCRATCH = (pathlib.Path(a) for a in sys.argv[1:3])
# The shipped weights on one thread: on a busy machine the engine's threads wait for each other, and
# that costs more than it gains.
MODEL = "tessera-mini-judge"
CRAMPED_TOKENS = 2048  # less than two pictures of LARGE_SIDE and a question take
LARGE_SIDE = 1024


def setUpModule() -> None:
    """One engine and one pair of services for every test here."""
    shutil.rmtree(SCRATCH, ignore_errors=True)
    SCRATCH.mkdir(parents=True)
    stack = contextlib.ExitStack()
    unittest.addModuleCleanup(stack.close)
    url = stack.enter_context(running.ollama(SCRATCH / "engine"))
    body = {"model": MODEL, "from": "tessera-mini", "parameters": {"num_thread": 1}}
    request = urllib.request.Request(
        url + "/api/create", json.dumps({**body, "stream": False}).encode()
    )
    urllib.request.urlopen(request, timeout=60).close()
    inference = stack.enter_context(
        running.service(
            BINARIES / "tessera-inference",
            SCRATCH / "inference.log",
            *("--ollama-url", url, "--vision-model", MODEL, "--text-model", MODEL),
        )
    )
    global engine, front
    engine = planted_defects.Engine(url, MODEL, None)
    front = stack.enter_context(
        running.service(
            BINARIES / "tessera-preprocess",
            SCRATCH / "preprocess.log",
            *("--inference-address", inference),
        )
    )


def ask(question: str, *pictures: pathlib.Path) -> str:
    """The answer through the front door, or "error: ..." with the reason."""
    command = [str(BINARIES / "tessera"), "--address", front, "--json", "generate", question]
    for picture in pictures:
        command += ["--picture", str(picture)]
    command += ["--model", MODEL, "--temperature", "0", "--seed", "1", "--max-tokens", "40"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        return f"error: {done.stderr.strip()}"
    return json.loads(done.stdout)["text"].strip()


class JudgeTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = SCRATCH / "pictures"
        cls.judges = files.write(cls.folder)
        cls.said = {j.file: ask(j.question, cls.folder / j.file) for j in cls.judges}

    def wrong(self, judges: list[files.Judge]) -> list[str]:
        """What is not the truth, one line a file."""
        return [
            f"{j.file}: {j.question} {j.answer!r}, not {self.said[j.file]!r}"
            for j in judges
            if self.said[j.file] != j.answer
        ]

    def test_every_accepted_format_is_judged(self) -> None:
        suffixes = {pathlib.Path(j.file).suffix for j in self.judges}
        self.assertEqual(suffixes, {".jpg", ".png", ".gif", ".tif", ".webp", ".avif", ".heic"})

    def test_every_picture_reads_as_its_truth(self) -> None:
        for feature in sorted({j.feature for j in self.judges}):
            with self.subTest(feature):
                self.assertEqual(self.wrong([j for j in self.judges if j.feature == feature]), [])

    def test_each_planted_defect_changes_the_answers(self) -> None:
        # What a defective service would have sent goes to the engine directly.
        for defect in defects.DEFECTS:
            judges = [j for j in self.judges if defect.concerns(j)]
            unnoticed = []
            for j in judges:
                said, _ = engine.ask(defect.prepare(self.folder / j.file), question=j.question)
                if said == j.answer:
                    unnoticed.append(j.file)
            print(
                f"{defect.title}: noticed on {len(judges) - len(unnoticed)} of {len(judges)} files"
            )
            with self.subTest(defect.title):
                self.assertTrue(judges)
                self.assertEqual(unnoticed, [])

    def test_a_picture_that_the_engine_drops_changes_the_answer(self) -> None:
        ims, paths = defects.two_pictures(LARGE_SIDE), []
        for n, im in enumerate(ims):
            paths.append(SCRATCH / f"{n}.png")
            im.save(paths[-1])
        self.assertEqual(ask(defects.FIRST_QUESTION, *paths), "red")
        whole, tokens = engine.ask(*ims, question=defects.FIRST_QUESTION)
        self.assertEqual(whole, "red")
        said, fewer = engine.ask(*ims, question=defects.FIRST_QUESTION, context=CRAMPED_TOKENS)
        print(f"{tokens} prompt tokens: {whole!r}; with room for {CRAMPED_TOKENS}: {said!r}, {fewer}")
        self.assertNotEqual(said, "red")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

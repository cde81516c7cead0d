#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""engine/ with a real Ollama: installs one if need be, asks tessera-mini about drawn pictures.

Exits with 77, which ctest counts as skipped, where the machine cannot get an Ollama.
"""

import base64
import json
import pathlib
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

import drawn_pictures
from engine_command import processes_of, run

INSTALL_LIMIT_S = 3600
NO_OLLAMA = 3
SKIPPED = 77
KINDS = ["document", "photo", "chart", "shape"]


def ask(url, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url + path, data, {"Content-Type": "application/json"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=120) as answer:
        return answer.read().decode()


def question(picture, **more):
    return {"model": "tessera-mini", "stream": False, "messages": [{
        "role": "user",
        "content": f"What kind of picture is this? Choose one of: {', '.join(KINDS)}.",
        "images": [base64.b64encode(picture).decode()]}], **more}


class RealOllamaTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.state = pathlib.Path(folder.name).resolve()
        cls.addClassCleanup(run, "stop", "--dir", cls.state)
        cls.started = run("start", "--dir", cls.state, "--port", "0", limit_s=INSTALL_LIMIT_S)
        if cls.started.code:
            raise AssertionError(f"no engine to test: {cls.started}")
        cls.url = cls.started.values["OLLAMA_URL"]

    def test_a_second_install_takes_less_than_a_second(self):
        took_s = []
        for _ in range(3):  # the best of three: other work on the machine is not what is measured
            began = time.monotonic()
            result = run("install")
            took_s.append(time.monotonic() - began)
            self.assertEqual(result.code, 0, result)
        self.assertLess(min(took_s), 1)
        self.assertTrue(pathlib.Path(result.values["OLLAMA_BINARY"]).is_file())

    def test_the_stand_in_sees_pictures(self):
        shown = json.loads(ask(self.url, "/api/show", {"model": "tessera-mini"}))
        self.assertIn("vision", shown["capabilities"])
        self.assertIn("RENDERER qwen3-vl-instruct", shown["modelfile"])
        self.assertIn("num_ctx", shown["parameters"])

    def test_names_the_kind_of_drawn_pictures(self):
        for kind in ("shape", "chart", "document"):
            with self.subTest(kind=kind):
                picture = getattr(drawn_pictures, kind)()
                answer = json.loads(ask(self.url, "/api/chat", question(picture)))
                self.assertEqual(answer["message"]["content"].strip().lower(), kind)
                self.assertTrue(answer["done"])

    def test_keeps_to_a_schema(self):
        schema = {"type": "object", "required": ["label"],
                  "properties": {"label": {"type": "string", "enum": KINDS}}}
        answer = json.loads(ask(self.url, "/api/chat",
                                question(drawn_pictures.chart(), format=schema)))
        self.assertEqual(json.loads(answer["message"]["content"]), {"label": "chart"})

    def test_streams(self):
        lines = [json.loads(line) for line in ask(
            self.url, "/api/chat", question(drawn_pictures.shape(), stream=True)).splitlines()]
        text = "".join(line["message"]["content"] for line in lines)
        self.assertEqual(text.strip().lower(), "shape")
        self.assertEqual([line["done"] for line in lines], [False] * (len(lines) - 1) + [True])

    def test_a_second_start_keeps_the_model_as_it_is(self):
        before = ask(self.url, "/api/tags")
        result = run("start", "--dir", self.state)
        self.assertEqual(result.code, 0, result)
        self.assertNotIn("creating", result.said)
        self.assertEqual(ask(self.url, "/api/tags"), before)


class DeploymentModelsTest(unittest.TestCase):
    """The deployment's Modelfiles over our own small weights under the library's names."""

    def test_a_real_ollama_accepts_them_and_the_services_would_use_them(self):
        with tempfile.TemporaryDirectory() as folder:
            state = pathlib.Path(folder).resolve()
            self.addCleanup(run, "stop", "--dir", state)
            url = run("start", "--dir", state, "--port", "0").values["OLLAMA_URL"]
            for name in ("llama3.2:3b-instruct-q8_0", "qwen3-vl:4b"):
                ask(url, "/api/copy", {"source": "tessera-mini", "destination": name})
            result = run("start", "--dir", state)
            self.assertEqual(result.code, 0, result)
            self.assertEqual(result.values["TEXT_MODEL"], "llama3.2-custom")
            self.assertEqual(result.values["VISION_MODEL"], "qwen3-vl:4b")
            self.assertEqual(result.values["TEXT_MODEL_STANDS_IN"], "0")
            self.assertEqual(run("create", "qwen3-vl-custom", "--dir", state).code, 0)
            for name in ("llama3.2-custom", "qwen3-vl-custom"):
                shown = json.loads(ask(url, "/api/show", {"model": name}))
                self.assertRegex(shown["parameters"], r"num_ctx +8192")
                self.assertRegex(shown["parameters"], r"temperature +0\.2")
                self.assertIn("RENDERER qwen3-vl-instruct", shown["modelfile"], "inherited")
            self.assertEqual(run("stop", "--dir", state).code, 0)


class StopTest(unittest.TestCase):

    def test_stop_leaves_no_process_and_keeps_the_models(self):
        with tempfile.TemporaryDirectory() as folder:
            state = pathlib.Path(folder).resolve()
            self.addCleanup(run, "stop", "--dir", state)
            url = run("start", "--dir", state, "--port", "0").values["OLLAMA_URL"]
            ask(url, "/api/chat", question(drawn_pictures.shape()))
            self.assertGreaterEqual(len(processes_of(state)), 2, "a server and a loaded model")
            result = run("stop", "--dir", state)
            self.assertEqual(result.code, 0, result)
            self.assertEqual(processes_of(state), [])
            with self.assertRaises(urllib.error.URLError):
                ask(url, "/api/version")
            again = run("start", "--dir", state, "--port", "0")
            self.assertNotIn("creating", again.said)
            self.assertEqual(run("stop", "--dir", state).code, 0)


if __name__ == "__main__":
    if run("install", limit_s=INSTALL_LIMIT_S).code == NO_OLLAMA:
        print("this machine has no Ollama and none could be installed: skipped")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)

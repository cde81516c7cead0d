# SPDX-License-Identifier: Apache-2.0
"""Who answers an evaluation's questions: a model of a running Ollama, or weights in PyTorch."""

from __future__ import annotations

import base64
import io
import json
import pathlib
import time
import urllib.error
import urllib.request

from PIL import Image

from cases import Question


class OllamaModel:
    """Greedy answers of one model of a running Ollama."""

    def __init__(self, url: str, model: str, threads: int | None = None) -> None:
        self._url, self.name = url.rstrip("/"), model
        self._options: dict = {"temperature": 0, "num_predict": 60, "seed": 1}
        if threads:
            self._options["num_thread"] = threads

    def _call(self, path: str, body: dict | None = None) -> dict:
        told = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(
            urllib.request.Request(self._url + path, told), timeout=300
        ) as r:
            return json.load(r)

    def missing(self) -> str:
        """Why it cannot answer, or nothing."""
        try:
            self._call("/api/show", {"model": self.name})
        except urllib.error.HTTPError as error:
            return f"{self._url} has no model {self.name}: {error.read().decode()[:200]}"
        except OSError as error:
            return f"no Ollama at {self._url}: {error}"
        return ""

    def facts(self) -> dict:
        """The engine's version and the bytes this model takes in it once loaded."""
        loaded = [m for m in self._call("/api/ps")["models"] if m["name"].startswith(self.name)]
        return {
            "version": self._call("/api/version")["version"],
            "bytes": loaded[0]["size"] if loaded else 0,
        }

    def ask(self, files: list[bytes], q: Question) -> tuple[str, float]:
        """The answer's text and the seconds it took."""
        message: dict = {"role": "user", "content": q.text}
        if files:
            message["images"] = [base64.b64encode(f).decode() for f in files]
        body = {
            "model": self.name,
            "messages": [message],
            "stream": False,
            "options": self._options,
        }
        if q.schema:
            body["format"] = q.schema
        start = time.monotonic()
        reply = self._call("/api/chat", body)
        return reply["message"]["content"].strip(), time.monotonic() - start


class TorchModel:
    """Greedy answers of the weights in PyTorch, plain or one of a schema's labels."""

    name = "torch"

    def __init__(self, path: pathlib.Path) -> None:
        import torch

        import reference
        import tokenizer
        import weights

        torch.set_num_threads(1)
        self._reference, self._net = reference, weights.load(path).eval()
        self._tokenizer = tokenizer.load()
        self._last: tuple = (None, None, None)

    def missing(self) -> str:
        """As OllamaModel.missing."""
        return ""

    def _seen(self, files: list[bytes]):
        """The picture and what the model sees in it, kept for the next question."""
        if self._last[0] != files:
            pixels = self._reference.pixels_of(Image.open(io.BytesIO(files[0]))) if files else None
            self._last = files, pixels, self._reference.see(self._net, pixels)
        return self._last[1:]

    def ask(self, files: list[bytes], q: Question) -> tuple[str, float]:
        """As OllamaModel.ask; "" for several pictures and for schemas of other than one enum."""
        start, labels = time.monotonic(), None
        if q.schema:
            (key, field), *more = q.schema["properties"].items()
            if more or "enum" not in field:
                return "", 0.0
            labels = key, field["enum"]
        if len(files) > 1:
            return "", 0.0
        pixels, seen = self._seen(files)
        said = self._reference.answer(self._net, self._tokenizer, pixels, seen, q.text, labels)
        return said.strip(), time.monotonic() - start

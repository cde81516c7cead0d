# SPDX-License-Identifier: Apache-2.0
"""Pillow, doing the job of tessera-preprocess: one line of JSON in, one line of JSON out."""

import io
import json
import pathlib
import sys
import time

import PIL
from PIL import Image, ImageOps

Image.MAX_IMAGE_PIXELS = None
FILES: dict[str, bytes] = {}


def load(path: str) -> bytes:
    if path not in FILES:
        FILES[path] = pathlib.Path(path).read_bytes()
    return FILES[path]


def prepare(path: str, size: tuple[int, int] | None = None) -> Image.Image:
    """Full decode, upright, over white, Lanczos."""
    picture = ImageOps.exif_transpose(Image.open(io.BytesIO(load(path))))
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        # Flattening first is what premultiplied resizing comes to.
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    if picture.mode != "L":
        picture = picture.convert("RGB")
    if size is None:
        scale = 768 / max(picture.size)
        size = picture.size
        if scale < 1:
            size = tuple(max(1, int(side * scale + 0.5)) for side in picture.size)
    if size != picture.size:
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    return picture


def once(request: dict) -> dict:
    if "save" in request:
        prepare(request["path"], request.get("size")).convert("RGB").save(
            request["save"], compress_level=1
        )
        return {}
    load(request["path"])
    cpu, start = time.process_time(), time.perf_counter()
    out = io.BytesIO()
    prepare(request["path"]).save(out, "JPEG", quality=92, subsampling=0)
    ms = (time.perf_counter() - start) * 1e3
    return {"ms": ms, "cpu_ms": (time.process_time() - cpu) * 1e3, "bytes": out.tell()}


def main() -> None:
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["op"] == "version":
                answer = {"Pillow": PIL.__version__}
            elif request["op"] == "load":
                answer = {"bytes": len(load(request["path"]))}
            else:
                answer = once(request)
        except Exception as error:  # Whatever it is, it is an answer.
            answer = {"error": str(error)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()

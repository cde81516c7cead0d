# SPDX-License-Identifier: Apache-2.0
"""cost_model.py FOLDER: what a picture costs by format, and what admission predicts of it.

FOLDER has speed/12mp.png, as preprocess-inputs writes it. Its photo is stored by Pillow in every
format, five sizes and two qualities (kept in FOLDER/cost), and prepared on one thread: least squares
of processor time over megapixels and megabytes, and how far the predictions are off, for time
(uncorrected, as after a start) and for memory (the most beyond the process before, without the
file). ROUNDS (default 5) is how often each picture is timed.
"""

import os
import pathlib
import statistics
import sys

import numpy
import workers
from PIL import Image

Image.MAX_IMAGE_PIXELS = None
ROUNDS = int(os.environ.get("ROUNDS", "5"))
SIDES = [(640, 480), (1280, 960), (2048, 1536), (4032, 3024), (5200, 3900)]
MAX_FILE_BYTES = 32 << 20
FORMATS = {
    "jpeg": ("jpg", [{"quality": 75}, {"quality": 92}]),
    "progressive jpeg": ("jpg", [{"quality": q, "progressive": True} for q in (75, 92)]),
    "png": ("png", [{"compress_level": 6}, {"colors": 64, "compress_level": 6}]),
    "webp": ("webp", [{"quality": q, "method": 2} for q in (60, 90)]),
    "gif": ("gif", [{"colors": 32}, {"colors": 256}]),
    "tiff": ("tiff", [{"compression": "tiff_lzw"}, {"compression": "packbits"}]),
    "avif": ("avif", [{"quality": q, "speed": 9} for q in (50, 80)]),
}
SLOW_TO_WRITE = ("avif", "gif")


def draw(folder: pathlib.Path) -> dict:
    """name -> files."""
    photo, made = None, {}
    (folder / "cost").mkdir(exist_ok=True)
    for name, (suffix, kinds) in FORMATS.items():
        for width, height in SIDES[: -1 if name in SLOW_TO_WRITE else None]:
            for number, kind in enumerate(kinds):
                path = folder / "cost" / f"{name.replace(' ', '-')}-{width}-{number}.{suffix}"
                made.setdefault(name, []).append((path, width * height / 1e6))
                if path.exists():
                    continue
                photo = photo or Image.open(folder / "speed" / "12mp.png").convert("RGB")
                picture = photo.resize((width, height), Image.Resampling.LANCZOS)
                options = dict(kind)
                if colors := options.pop("colors", None):
                    picture = picture.quantize(colors)
                picture.save(path, **options)
    return made


def peak_mib(path: pathlib.Path, warm_up: pathlib.Path) -> float:
    worker = workers.tessera_worker()
    worker.ask(op="once", path=str(warm_up), variant="tessera")
    worker.ask(op="load", path=str(path))
    before = worker.memory_mb("VmRSS")
    worker.forget_peak()
    worker.ask(op="once", path=str(path), variant="tessera")
    peak = worker.memory_mb("VmHWM") - before
    worker.close()
    return peak


def measure(files: dict) -> dict:
    """name -> rows of megapixels, megabytes, ms, predicted ms, MiB, predicted MiB."""
    worker = workers.tessera_worker()
    rows: dict = {}
    for name, paths in files.items():
        for path, megapixels in paths:
            if path.stat().st_size > MAX_FILE_BYTES:
                continue
            times = []
            for _ in range(ROUNDS + 1):
                answer = worker.ask(op="once", path=str(path), variant="tessera")
                if "error" in answer:
                    raise RuntimeError(f"{path}: {answer['error']}")
                times.append(answer["cpu_ms"])
            predicted = worker.ask(op="predict", path=str(path))
            rows.setdefault(name, []).append(
                (
                    megapixels,
                    path.stat().st_size / 1e6,
                    statistics.median(times[1:]),
                    predicted["work_ms"],
                    peak_mib(path, paths[0][0]),
                    predicted["memory_mib"],
                )
            )
    worker.close()
    return rows


def main(folder: pathlib.Path) -> None:
    rows = measure(draw(folder))
    print(
        "| format | pictures | fixed ms | ms per megapixel | ms per megabyte | fit, median and "
        "largest error | predicted / actual time | MiB, predicted - actual |"
    )
    print("|---" * 8 + "|")
    for name, found in rows.items():
        data = numpy.array(found)
        cost = data[:, 2]
        terms = numpy.column_stack([numpy.ones(len(data)), data[:, 0], data[:, 1]])
        # Relative errors count, so that the large pictures do not decide alone.
        fit = numpy.linalg.lstsq(terms / cost[:, None], cost / cost, rcond=None)[0]
        errors = abs(terms @ fit - cost) / cost
        # Where megabytes stand for a kind of compression no plane fits.
        if fit.min() < 0:
            cells = ["-"] * 4
        else:
            cells = [f"{value:.2f}" for value in fit]
            cells.append(f"{numpy.median(errors):.0%}, {errors.max():.0%}")
        ratio, spare = data[:, 3] / cost, data[:, 5] - data[:, 4]
        print(
            f"| {name} | {len(data)} | {' | '.join(cells)} "
            f"| {numpy.median(ratio):.2f} [{ratio.min():.2f}, {ratio.max():.2f}] "
            f"| {numpy.median(spare):+.0f} [{spare.min():+.0f}, {spare.max():+.0f}] |"
        )
    if os.environ.get("DETAILS"):
        for name, found in rows.items():
            for row in found:
                print(name, *(f"{value:.2f}" for value in row))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
